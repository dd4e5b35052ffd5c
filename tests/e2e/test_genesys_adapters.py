"""Exported files rehearsed on every adapter: BambooHR and the generic REST adapter against an HRIS that keeps the
truth (stateful_hris.py), Odoo against fake_odoo.py, and the gateway's own HRIS. What a workflow ends with is held
against what the HRIS has then."""
import contextlib
import json
import os
import sqlite3

import pytest

import fronts
import genesys_kit
import ledger_home
import mock_hris
import stateful_hris
from fake_odoo import FakeOdoo
from mock_hris import answer
from stateful_hris import Fault, World

DAYS = ["2027-03-01", "2027-03-02"]
NOTE = 'a "quoted" \\ back\nslash, a tab\t, \U0001F389 and ${input.agentId} $!x #if'
LOST = Fault(answers=mock_hris.close())
BLIND = Fault(answers=answer({}, 500), every=True)

ROUTE = """\
adapter: {adapter}
{settings}insecure_http: true
timezone: America/Chicago
day_minutes: {minutes}
day_start: '08:00'
on_fewer: {on_fewer}
callers:
  genesys:
    token: file:{dir}/secrets/acme-genesys
"""


class Lane:
    """One adapter with its HRIS. agent, kind, minutes: what is asked for, so much a day."""
    agent, kind, minutes = "7", "78", 480
    part = ("--starts", "2027-03-01T09:00:00,2027-03-02T13:00:00", "--minutes", "120,240")
    parts = [120, 240]
    settings = ""

    def __init__(self, home, hris):
        self.home, self.hris = home, hris
        # A busy machine must not leave a write too little time for its looks.
        home.configure(20)
        self.begin()
        self.route()

    def route(self, on_fewer="keep"):
        self.home.write("routes.d/acme.yaml", ROUTE.format(
            adapter=self.name, settings=self.settings, minutes=self.minutes, on_fewer=on_fewer, dir=self.home.dir))
        genesys_kit.export(self.home)

    def rehearse(self, *more):
        return genesys_kit.rehearse(self.home, *more)

    def ledger(self, *more):
        return genesys_kit.hrisgw(self.home, "ledger", *more, "--config", self.home.config)

    def write(self, *more):
        """Whole days, unless more says otherwise."""
        days = () if "--starts" in more or "--dates" in more else ("--dates", ",".join(DAYS))
        minutes = () if "--minutes" in more else ("--minutes", str(self.minutes))
        kind = () if "--type" in more else ("--type", self.kind)
        return self.rehearse("--agent", self.agent, *kind, *days, *minutes, *more)


class Kept(Lane):
    """An HRIS of stateful_hris.py, of which instead takes the place of every answer."""
    find = "marker"

    def begin(self):
        self.server = stateful_hris.StatefulHris(ports=1)
        self.world = self.server.worlds["lane"] = World(self.dialect, self.agent)
        self.world.instead, self.world.balance = None, 48000
        self.settings = f"settings: {{{self.more.format(dir=self.home.dir)}base_url: '{self.server.url}/lane'}}\n"

    def end(self):
        self.server.stop()

    def has(self):
        return [(r.status, r.minutes) for r in self.world.records.values()]

    def notes(self):
        return [r.note for r in self.world.records.values()]

    def balance(self, minutes):
        self.world.balance = minutes

    def answers(self, what):
        self.world.instead = what

    def script(self, **faults):
        self.world.script = faults

    def fewer(self):
        self.script(create=Fault(applies="fewer"))
        return ()


class Generic(stateful_hris.Generic):
    def serve(self, asked, path):
        if self.world.instead is not None:
            return self.world.instead
        if path.startswith("/people"):
            return answer([{"id": str(i), "email": None if i == 8 else f"a{i}@example.com"} for i in range(20)])
        if path.startswith("/balance"):
            return answer([{"type": kind, "minutes": self.world.balance} for kind in ("78", "79")])
        return super().serve(asked, path)


class BambooHr(stateful_hris.BambooHr):
    def serve(self, asked, path):
        if self.world.instead is not None:
            return self.world.instead
        if path == "/employees/directory":
            return answer({"employees": [{"id": str(i), "workEmail": None if i == 8 else f"a{i}@example.com"}
                                         for i in range(20)]})
        if path.endswith("/calculator"):
            return answer([{"timeOffType": "78", "units": "hours", "balance": str(self.world.balance / 60),
                            "policyType": "accruing"}])
        return super().serve(asked, path)


class OnGeneric(Kept):
    name, dialect, more = "generic", Generic, ""

    def begin(self):
        super().begin()
        self.home.write("adapters/generic.yaml", ledger_home.adapter_text("marker", True, settle="1s"))


class OnBambooHr(Kept):
    name, dialect, more = "bamboohr", BambooHr, "company: acme, api_key: 'file:{dir}/secrets/hris', "


class OnOdoo(Lane):
    name, agent, kind, minutes = "odoo", "2", "1", 456
    part = ("--type", "4", "--starts", "2027-03-01T09:00:00", "--minutes", "150")
    parts = [150]
    words = {"confirm": "PENDING", "validate": "APPROVED", "refuse": "DENIED"}

    def begin(self):
        self.odoo = FakeOdoo(self.hris)
        self.home.adapter("odoo")
        self.settings = f"settings: {{base_url: '{self.hris.url}', api_key: 'file:{self.home.dir}/secrets/hris'}}\n"

    def end(self):
        pass

    def has(self):
        return [(self.words[r["state"]], round(r["number_of_hours"] * 60)) for r in self.odoo.leaves.values()]

    def notes(self):
        return [r["name"] for r in self.odoo.leaves.values()]

    def balance(self, minutes):
        self.odoo.allocations[2, 1] = (minutes / 456, False)

    def answers(self, what):
        self.hris.on("*", ".*", what)

    def lose(self, name, what, applies):
        """Its answer is lost, applied or not."""
        def instead(asked):
            if applies:
                self.odoo.handle(asked)
            return what
        self.hris.on("POST", "/json/2/hr.leave/" + name, instead)

    def fewer(self):
        """From a Friday to a Monday, whose weekend Odoo does not count."""
        return ("--dates", "2027-03-05,2027-03-06,2027-03-07,2027-03-08")


class OnLocal(Lane):
    name, agent, kind = "local", "8", "1"

    def begin(self):
        self.database = self.home.dir + "/state/local/acme.db"
        self.home.write("routes.d/acme.yaml", ROUTE.format(
            adapter="local", settings="", minutes=480, on_fewer="keep", dir=self.home.dir))
        for table in ("employees", "types", "grants"):
            self.local("import", os.path.join(fronts.TOP, "conf", "local", table + ".csv"))

    def end(self):
        pass

    def local(self, *arguments):
        done = genesys_kit.hrisgw(self.home, "local", "acme", "--config", self.home.config, *arguments)
        assert done.returncode == 0, done
        return done.stdout

    def requests(self):
        return json.loads(self.local("--json", "list", "requests"))

    def has(self):
        return [(r["status"], r["minutes"]) for r in self.requests()]

    def notes(self):
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            return [row[0] for row in db.execute("SELECT text FROM notes")]

    def balance(self, minutes):
        self.local("add", "grant", "employee=8", "type=1", "date=2027-01-15", f"amount={minutes // 60 - 200}")

    def answers(self, _):
        os.unlink(self.database)
        self.home.write("state/local/acme.db", "this is no database, and longer than a header\n" * 100)


@pytest.fixture(params=[OnBambooHr, OnOdoo, OnLocal, OnGeneric], ids=lambda lane: lane.name)
def lane(request, own_home, hris):
    out = request.param(own_home, hris)
    yield out
    out.end()


@pytest.fixture(params=[OnBambooHr, OnOdoo, OnGeneric], ids=lambda lane: lane.name)
def remote(request, own_home, hris):
    """Those whose HRIS is another machine."""
    out = request.param(own_home, hris)
    yield out
    out.end()


def test_all_is_read_written_and_cancelled_twice(lane):
    out = lane.write("--notes", NOTE)
    assert (out.code, out.breaches, out.errors, out.played) == (0, [], 0, 6), (out.text, out.err)
    # One of each has no e-mail address, so that nobody can be linked to him.
    assert out.one("Get-Agents", "emails").split(":")[0] == {"odoo": "19", "local": "10"}.get(lane.name, "19")
    assert [out.ended("Update", i) for i in (0, 1)] == [("200", "Complete")] * 2
    (status, minutes), = lane.has()
    assert status in ("CANCELED", "DENIED") and minutes == 2 * lane.minutes
    assert lane.notes() and all(NOTE in note for note in lane.notes()), lane.notes()


def test_parts_of_days(lane):
    out = lane.write(*lane.part)
    assert (out.code, out.breaches) == (0, []), (out.text, out.err)
    assert [minutes for _, minutes in lane.has()] == [sum(lane.parts)]


def test_pending_with_enough_balance_is_approved_later(lane):
    out = lane.write("--status", "PENDING")
    assert (out.code, out.breaches, len(out.of("Update"))) == (0, [], 3), (out.text, out.err)
    assert len(lane.has()) == 1


def test_pending_without_enough_balance_is_not_recorded(lane):
    lane.balance(lane.minutes)
    out = lane.write("--status", "PENDING")
    assert (out.code, out.breaches, out.errors) == (0, [], 0), (out.text, out.err)
    assert out.ended("Insert") == ("200", "InsufficientBalance") and out.one("Insert", "errorMsg")
    assert "no request was made" in out.text and lane.has() == []


def test_an_unknown_type_and_a_stale_id(lane):
    out = lane.write("--type", "4711")
    assert not out.breaches and out.code == 1, (out.text, out.err)
    assert out.ended("Insert") == ("500", "Error") and "4711" in out.one("Insert", "errorMsg")
    out = lane.write("--request", "999")
    assert not out.breaches and (out.code, out.played) == (1, 1), (out.text, out.err)
    assert out.ended("Update") == ("500", "Error") and out.one("Update", "timeOffRequestId") == "999"
    assert lane.has() == []


def test_an_hris_that_is_down(lane):
    lane.answers(mock_hris.html("<h1>Bad Gateway</h1>", 502))
    out = lane.write("--request", "999")
    assert not out.breaches and out.errors == out.played == out.code == 1, (out.text, out.err)
    assert out.one("Update", "timeOffRequestId") == "999"


def test_an_hris_that_is_slow(remote):
    remote.home.configure(1)
    remote.answers(mock_hris.silent())
    out = remote.write("--request", "999")
    assert not out.breaches and out.ended("Update") == ("408", "Error"), (out.text, out.err)
    assert out.one("Update", "timeOffRequestId") == "999"


def test_books_that_are_locked(own_home, hris):
    lane = OnLocal(own_home, hris)
    own_home.configure(1)
    with contextlib.closing(sqlite3.connect(lane.database)) as db:
        db.execute("BEGIN EXCLUSIVE")
        out = lane.write("--request", "999")
    assert not out.breaches and out.errors == 1, (out.text, out.err)
    assert out.one("Update", "timeOffRequestId") == "999"


def test_the_handover_of_books_names_the_commands_that_are_their_hris(own_home, hris):
    OnLocal(own_home, hris)
    with open(own_home.out + "/HANDOVER.md", encoding="utf-8") as file:
        assert "`hrisgw local acme list requests`" in file.read()


def test_fewer_minutes_than_asked_for_are_a_difference(remote):
    out = remote.write(*remote.fewer())
    assert not out.breaches and (out.code, out.errors) == (1, 1), (out.text, out.err)
    assert out.ended("Insert") == ("500", "Error") and out.one("Insert", "timeOffRequestId")
    assert "holds" in out.one("Insert", "errorMsg")
    assert [status in ("CANCELED", "DENIED") for status, _ in remote.has()] == [True]


def test_fewer_minutes_that_the_route_accepts_are_complete(remote):
    remote.route(on_fewer="accept")
    out = remote.write(*remote.fewer())
    assert (out.code, out.breaches, out.errors) == (0, [], 0), (out.text, out.err)
    assert out.one("Insert", "errorMsg") == ""


def test_what_was_recorded_is_in_the_data_action_s_answer(own_home, hris):
    """WFM does not take it; HANDOVER.md says where else it can be read."""
    lane = OnOdoo(own_home, hris)
    lane.route(on_fewer="accept")
    days = lane.fewer()[1]
    done = genesys_kit.hrisgw(own_home, "call", "--config", own_home.config, "--json", "acme", "insert-timeoff",
                              "agentId=2", "timeOffTypeId=1", "timeOffStatus=APPROVED", "dates=" + days,
                              "payableMinutes=456,456,456,456", "minDate=2027-03-05", "maxDate=2027-03-08")
    out = json.loads(done.stdout)
    assert (out["statusCode"], out["status"], out["recordedMinutes"]) == (200, "Complete", "912"), out
    assert " 2 " in lane.ledger("list", "--different").stdout


def test_an_unknown_outcome_is_in_the_ledger(remote):
    if remote.name == "odoo":
        remote.lose("create", mock_hris.close(), applies=True)
        remote.lose("search_read", answer({}, 500), applies=False)
    else:
        remote.script(create=LOST, look=BLIND)
    out = remote.write()
    assert not out.breaches and out.errors == 1, (out.text, out.err)
    assert out.one("Insert", "status") == "Error" and "hrisgw" in out.one("Insert", "errorMsg")
    listed = remote.ledger("list", "--open").stdout
    assert f" {remote.agent} " in listed and "look into the HRIS" in listed, listed
    # By the mark that the errorMsg names.
    mark = out.one("Insert", "errorMsg").split("[hrisgw ")[1].split("]")[0]
    assert "unknown" in remote.ledger("show", mark).stdout and len(remote.has()) == 1
