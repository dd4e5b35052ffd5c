"""Many writes at the same moment, signed, over TLS, through a web server to several processes that share a state_dir:
identical ones are one record, and of different ones of an agent each is decided by what the others have written.
`make test` has one round; `make torture` plays all front doors, in rounds.
"""
import http.client
import threading

import pytest

import fronts
import home as homes
from ledger_home import AGENTS, WHOLE, LedgerHome, body
from mock_hris import answer
from stateful_hris import Generic, Refusal

IDENTICAL = 200
PROCESSES = 4
MEETING_S = 0.3         # how long the HRIS waits for a second one that could overtake the first
NOT_NOW = ("GATEWAY.IN_PROGRESS", "GATEWAY.BUSY")


class Meeting:
    """Where the HRIS holds requests up until others have come, or a while has passed."""

    def __init__(self, n, seconds=MEETING_S):
        self.n, self.seconds, self.came = n, seconds, threading.Condition()

    def wait(self):
        with self.came:
            self.n -= 1
            self.came.notify_all()
            self.came.wait_for(lambda: self.n <= 0, self.seconds)


class Hasty(Generic):
    """It looks whether there is room first, and records then, as Odoo does: of two that come together each finds
    room. `sent` is waited for before it records anything."""
    sent, meeting, balance = None, None, 48000

    def serve(self, asked, path):
        if path.startswith("/balance"):
            left = self.balance - sum(r.minutes for r in self.world.live())
            self.meet()
            return answer([{"type": "78", "minutes": left}])
        if (asked.method, path) != ("POST", "/leave"):
            return super().serve(asked, path)
        new = self.asked(asked)
        if self.overlaps and any(set(r.days) & set(new.days) for r in self.world.live()):
            return self.refuse(Refusal(409, "already there"))
        if self.sent is not None:
            assert self.sent.wait(60)
        self.meet()
        return super().serve(asked, path)

    overlaps = True

    def meet(self):
        if self.meeting is not None:
            self.meeting.wait()


class Site:
    """A home of several processes, and a web server before them."""

    def __init__(self, home, kind):
        self.home = home
        home.add("site")
        self.sockets = [home.serve(str(n)) for n in range(PROCESSES if kind == "nginx" else 0)]
        self.front = fronts.Front(kind, home, edit=self.all_sockets).start()
        self.caller = homes.Caller(home, self.front, route="site")

    def all_sockets(self, text):
        line = f"server unix:{self.home.socket};"
        assert not self.sockets or line in text
        return text.replace(line, "\n".join(f"server unix:{socket};" for socket in self.sockets))

    def logs(self):
        for n in range(len(self.sockets)):
            with open(f"{self.home.dir}/run/{n}.log", encoding="utf-8") as file:
                yield file.read()

    def together(self, bodies):
        """Sends all, each on a connection of its own, before the HRIS answers one; returns the answers."""
        world = self.home.hris.worlds["site"]
        target, left, lock = "/v1/site/insert-timeoff", len(bodies), threading.Lock()
        world.dialect.sent = threading.Event()

        def one(i):
            nonlocal left
            sent = {"Host": f"{fronts.HOST}:{self.front.port}", "Content-Type": "application/json",
                    "Content-Length": str(len(bodies[i])),
                    **self.caller.proof("POST", self.front.origin + target, bodies[i])}
            head = f"POST {target} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in sent.items()) + "\r\n"
            with self.front.connect() as connection:
                connection.sendall(head.encode() + bodies[i])
                with lock:
                    left -= 1
                    if left == 0:
                        world.dialect.sent.set()
                out = http.client.HTTPResponse(connection)
                out.begin()
                data = fronts.Response(out.status, {n.lower(): v for n, v in out.getheaders()}, out.read())
            assert data.status == 200, (data, self.front.logs()[-2000:])
            return homes.check_declared("insert-timeoff", homes.parse(data))
        out = homes.side_by_side(one, len(bodies))
        for result in out:
            if isinstance(result, Exception):
                raise result
        return out


@pytest.fixture(scope="module", params=("nginx", "fcgid", "cgi") if WHOLE else ("nginx",))
def site(request):
    with LedgerHome(deadline=30) as home:
        out = Site(home, request.param)
        try:
            yield out
        finally:
            out.front.stop()


def new_world(site, **more):
    world = site.home.world("site", Hasty, approves=False)
    for name, value in more.items():
        setattr(world.dialect, name, value)
    return world


@pytest.mark.parametrize("number", range(10 if WHOLE else 1))
@pytest.mark.parametrize("status", ["APPROVED", "PENDING"] if WHOLE else ["APPROVED"])
def test_identical_ones_are_one_record(site, status, number):
    world = new_world(site, overlaps=False)
    # Plain CGI is a process for each: so many at once are too many for a small machine.
    n = 40 if site.front.kind == "cgi" else IDENTICAL
    outs = site.together([body(world.agent, status=status)] * n)
    assert [kind for kind, _ in world.wrote] == ["create"], number
    assert len(world.live()) == 1
    made = world.live()[0]
    assert {out["timeOffRequestId"] for out in outs if out["status"] == "Complete"} == {made.id}
    assert {out["errorCode"] for out in outs} <= {"", *NOT_NOW}
    # Nobody is told that nothing was written: the same request is.
    assert not [out for out in outs if "nothing was written" in out["errorMsg"]]
    first = [out for out in outs if out["status"] == "Complete" and not out["replayed"]]
    assert len(first) == 1
    assert all('"action":"insert-timeoff"' in log for log in site.logs()), "each process has had some"


def test_overlapping_ones_are_one_record(site):
    for _ in range(20 if WHOLE else 2):
        world = new_world(site, meeting=Meeting(2))
        days = [{"2027-03-01": 480, "2027-03-02": 450}, {"2027-03-02": 240, "2027-03-03": 480}]
        outs = site.together([body(world.agent, d) for d in days])
        assert len(world.live()) == 1, [r.days for r in world.live()]
        made = world.live()[0]
        done, other = sorted(outs, key=lambda out: out["status"] != "Complete")
        assert done["timeOffRequestId"] == made.id
        assert other["errorCode"] == "HRIS.CONFLICT" and made.id in other["errorMsg"], other


def test_the_balance_is_spent_once(site):
    """What is asked for one after the other would be more than there is."""
    for _ in range(20 if WHOLE else 2):
        world = new_world(site, meeting=Meeting(2), balance=1000)
        days = [{"2027-03-01": 480, "2027-03-02": 450}, {"2027-03-08": 480, "2027-03-09": 450}]
        outs = site.together([body(world.agent, d, overrideBalanceCheck=False) for d in days])
        assert len(world.live()) == 1, [r.days for r in world.live()]
        assert sorted(out["status"] for out in outs) == ["Complete", "InsufficientBalance"], outs


def test_agents_do_not_wait_for_each_other(site):
    """The HRIS answers only once the writes of all have come to it."""
    world = new_world(site, meeting=Meeting(8, seconds=60))
    outs = site.together([body(str(next(AGENTS))) for _ in range(8)])
    assert [out["status"] for out in outs] == ["Complete"] * 8, outs
