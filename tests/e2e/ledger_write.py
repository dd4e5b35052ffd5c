"""One write of Genesys through a gateway that something happens to, in one of the ways that there are of writing, and what
can be said of it afterwards whatever that was: what the answers say is what the HRIS holds, and once. For the proofs
of the ledger that break the process, its disk and its memory.
"""
import collections
import contextlib
import os
import re

import home as homes
from ledger_home import LATER, UNSURE, LedgerHome, action, body, compiled
from stateful_hris import DAYS, Fault

# A write: its route, the status asked, what stands before, how the HRIS goes wrong. again: what the answer to a
# repeat may be once nothing can arrive any more; None: Complete. alone: no other process has the ledger open, and
# "blank": there is none yet.
Write = collections.namedtuple("Write", "name route status stands script two_steps again alone",
                               defaults=("consistent", "PENDING", None, None, False, None, False))
ROUTES = {"consistent": {}, "stale": {"consistent": False}, "replaces": {"replaces": "true"},
          "first": {"replaces": "create-first"},
          "blind": {"find": "none", "consistent": False, "without": ("find",)}}
TAKEN_BACK = ("HRIS.DIFFERENT",)
WRITES = [
    Write("insert"),
    Write("insert, nobody else is there", alone=True),
    Write("insert, approved by a call of its own", status="APPROVED", two_steps=True),
    Write("insert, looks may be stale", route="stale", again=("", "HRIS.OUTCOME_UNKNOWN")),
    Write("insert, nothing to look with", route="blind", again=("", "HRIS.OUTCOME_UNKNOWN")),
    Write("insert that is taken back", script={"create": Fault("other")}, again=TAKEN_BACK),
    Write("change", stands="PENDING"),
    Write("change, and approved", status="APPROVED", stands="PENDING", two_steps=True),
    Write("cancel", status="CANCELED", stands="APPROVED"),
    Write("the first write of all", alone="blank"),
]

REPLACE = Write("replace", status="APPROVED", route="replaces", stands="APPROVED")
CREATE_FIRST = Write("replace, the new one first", status="APPROVED", route="first", stands="APPROVED")


class Attempt:
    """A write, its HRIS, and what came of it. lane: who plays it."""

    def __init__(self, lane, write):
        self.lane, self.home, self.write = lane, lane.home, write
        self.route = f"{write.route}-{lane.number}"
        self.world = self.home.world(self.route, script=dict(write.script or {}), approves=write.two_steps)
        self.stood = None
        if write.stands:
            days = {"2027-03-01": 480, "2027-03-02": 240} if write.status != "CANCELED" else DAYS
            self.stood = self.world.put(days=days, status=write.stands)
        self.agent = self.world.agent
        self.sent = body(self.agent, status=write.status, request_id=self.stood and self.stood.id)

    def first(self, before=(), **env):
        """By a process of its own: exit code and answer."""
        return self.home.run(self.route, action(self.stood), self.sent, before, **env)

    def faults_later(self, *may, believed=False):
        """The same again: at once, and once nothing can arrive any more. may: what else that may be answered."""
        yield from self.faults_of(self.again(self.lane.now), believed)
        out = self.again(self.lane.later)
        yield from self.faults_of(out, believed)
        may = (*(self.write.again or ("",)), *may)
        if out["errorCode"] not in may:
            yield f"at last: {out}"
        if may == ("",) and not self.is_as_asked():
            yield f"the HRIS holds {self.world.live()}"
        kinds = [kind for kind, _ in self.world.wrote]
        if kinds.count("create") > 1:
            yield f"sent twice: {kinds}"

    def again(self, where):
        """where: a socket, or the environment of a new process."""
        if isinstance(where, str):
            return self.home.ask(self.route, action(self.stood), self.sent, where)
        code, out = self.home.run(self.route, action(self.stood), self.sent, **where)
        assert code == 0 and out, code
        return out

    def state(self):
        """What a kill has left."""
        rows = self.home.rows(self.route, self.agent)
        return f"{rows[-1].state if rows else 'no row'}, {len(self.world.applied)} applied"

    def live(self):
        return [r for r in self.world.live() if r.made or not self.stood or r.id == self.stood.id]

    def is_as_asked(self):
        live = self.live()
        if self.write.status == "CANCELED":
            return not live
        return len(live) == 1 and live[0].days == DAYS and (
            self.write.status == "PENDING" or live[0].status == "APPROVED")

    def is_believed(self):
        """Could nothing be looked at, so that the HRIS's own success is believed?"""
        rows = self.home.rows(self.route, self.agent)
        return bool(rows) and not rows[-1].verified

    def faults_of(self, out, believed=False):
        """What is false in an answer. believed: unless it was not looked whether it is as asked."""
        live = self.live()
        if len(live) > 1 and not (self.write.route == "first" and out["errorCode"] in UNSURE):
            yield f"{len(live)} stand: {live}"
        if out["status"] == "Complete" and not self.is_as_asked() and not (believed and live and self.is_believed()):
            yield f"Complete, and the HRIS holds {live}"
        if out["status"] == "Complete" and live and out["timeOffRequestId"] != live[0].id:
            yield f"another id: {out}, {live}"
        if out["errorCode"] not in ("", *UNSURE) and self.world.applied:
            yield f"said not written, and it is: {out}"
        if out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and not out["timeOffRequestId"]:
            sent = [re.search(r"\[hrisgw \w+\]", s.note) for kind, s in self.world.wrote if kind == "create"]
            names = [m.group() for m in sent if m] + list(self.world.records)
            if any(sent) and not any(name in out["errorMsg"] for name in names):
                yield f"unknown, and neither marker nor id is named: {out}"
        if out["errorCode"] == "HRIS.DIFFERENT" and "nothing stands" in out["errorMsg"] and live:
            yield f"nothing stands, and the HRIS holds {live}"


class Lane:
    """A home with runs one after the other. now, later: who repeats them."""

    def __init__(self, home, number, now, later):
        self.home, self.number, self.now, self.later = home, number, now, later
        self.report = f"{home.dir}/run/{number}.calls"
        for kind, more in ROUTES.items():
            home.add(f"{kind}-{number}", **more)

    def reported(self):
        """How many of them tracer or shim have counted."""
        with open(self.report, encoding="ascii") as file:
            return int(file.read())

    def forget(self):
        """No ledger is there yet."""
        for name in os.listdir(self.home.dir + "/state"):
            if name.startswith("ledger"):
                os.unlink(f"{self.home.dir}/state/{name}")


@contextlib.contextmanager
def lanes_of(n):
    """As many that share a ledger, and a last one that is alone with its own."""
    with LedgerHome() as shared, LedgerHome() as own:
        for home in (shared, own):
            compiled(home.lib, "tracer")
            compiled(home.lib, "shim", "-shared", "-fPIC")
        out = [Lane(shared, i, f"{shared.dir}/run/now.sock", f"{shared.dir}/run/later.sock") for i in range(n)]
        shared.serve("now")
        shared.serve("later", **shared.shim(**LATER))
        yield [*out, Lane(own, 0, {}, own.shim(**LATER))]
        shared.verify()
        own.verify()


def play(lanes, attempts):
    """attempts: functions of a lane, each of which returns what is false and what it has left. They are played on the
    lanes in turn: all that is false, and how often each was left."""
    def one(i):
        wrong, left = [], collections.Counter()
        for attempt in attempts[i::len(lanes)]:
            false, what = attempt(lanes[i])
            wrong += false
            left[what] += 1
        return wrong, left
    results = homes.side_by_side(one, len(lanes))
    for result in results:
        if isinstance(result, Exception):
            raise result
    return sum((result[0] for result in results), []), sum((result[1] for result in results), collections.Counter())
