"""The program lives the model's lives (tests/model/traces.py): random calls for one agent's leave, against an HRIS that
does with each write and look what the life says, with people in it, late writes, and processes that are killed. After
each event the answer, what was sent, the ledger's rows and what the HRIS holds are what the model says. Where the
program knows less, says so and has sent nothing, that is as good, and the life ends; there are few of those.

`make test` plays a tenth of the lives, chosen by HRISGW_SEED; `make torture` plays all. Those in which the program once
did something else are played always.
"""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

import fronts
import home as homes
import mock_hris
from mock_hris import answer

sys.path.insert(0, os.path.join(fronts.TOP, "tests", "model"))
import table        # noqa: E402
import traces       # noqa: E402

SEED = int(os.environ.get("HRISGW_SEED", "1"))
COUNT = 1200 if os.environ.get("HRISGW_TORTURE") == "1" else 120
LANES = 24
OTHERWISE_MOST = COUNT // 20
UNSURE = ("HRIS.OUTCOME_UNKNOWN", "HRIS.DIFFERENT", "HRIS.NOT_APPROVED", "GATEWAY.IN_PROGRESS")
DEADLINE_S = 10
KILLED = "killed"
DAY_MS = 25 * 60 * 60 * 1000
# What the contents of the model are in days and minutes; a and b: what the HRIS makes of A and B.
CONTENTS = {"A": {"2027-03-01": 480, "2027-03-02": 450}, "B": {"2027-03-01": 480, "2027-03-02": 240},
            "a": {"2027-03-01": 480}, "b": {"2027-03-02": 240},
            "X": {"2027-03-02": 480, "2027-03-03": 450}, "P": {"2027-03-01": 600}}
WORDS = {"pending": "PENDING", "approved": "APPROVED", "cancelled": "CANCELED"}
ADAPTER = """\
title: Traces
settings:
  base_url: {required: true}
base_url: ${settings.base_url}
auth: {none: true}
message: $.message
maps:
  state: {APPROVED: APPROVED, PENDING: PENDING, DENIED: DENIED, CANCELED: CANCELED}
amounts: {minutes: 1}
lost_write: {find: FIND, settle: 0s, consistent: CONSISTENT}
operations:
  get-agents:
    - request: GET /people
      each: $[*]
      agent: {id: .id, email: .email}
  get-timeoff-types:
    - request: GET /types
      each: $[*]
      type: {id: .id, name: .name, unit: hours}
  get-balance:
    - for: {date: in.dates}
      request: GET /balance/${date}
      query: {person: '${in.agent_id}'}
      each: $[*]
      balance: {date: date, type_id: .type, amount: .minutes, unit: minutes}
  insert-timeoff:
    - request: POST /leave
      body: &request
        person: ${in.agent_id}
        type: ${in.type_id}
        status: ${in.status}
        note: '${in.marker}'
        days: {for: {day: in.days}, item: {date: '${day.date}', minutes: '${day.minutes}'}}
      result: &result {id: $.id, status: $.status | map state}
  change-timeoff:
    - request: PUT /leave/${in.request_id}
      body: *request
      result: *result
  approve-timeoff:
    - request: POST /leave/${in.request_id}/approve
  cancel-timeoff:
    - request: POST /leave/${in.request_id}/cancel
  find-timeoff:
    - when: {in.request_id: present}
      request: GET /leave
      query: {id: '${in.request_id}'}
      each: $[*]
      found: &row
        id: .id
        agent_id: .person
        type_id: .type
        status: .status | map state
        notes: .note
        days: {for: {day: '.days[*]'}, date: day.date, amount: day.minutes}
        unit: minutes
    - when: {in.request_id: absent}
      request: GET /leave
      query: {person: '${in.agent_id}', from: '${in.min_date}', to: '${in.max_date}'}
      each: $[*]
      found: *row
"""


def content_of(days):
    return next(name for name, its in CONTENTS.items() if its == days)


class World:
    """One agent's requests in the HRIS, by their numbers from 1."""

    def __init__(self, agent):
        self.agent, self.records, self.before = agent, [], []
        self.lock = threading.RLock()
        self.plan, self.looks, self.two_steps, self.sent = [], "now", False, []
        self.flying, self.process = [], None

    # The model's world: records are (content, status, marker).

    def move(self, records):
        if records != self.records:
            self.records, self.before = records, self.records

    def person(self, event):
        content, status, marker = self.records[event["id"] - 1] if event["deed"] != "enters" else ("A", "approved", "")
        changed = {"approves": (content, "approved", marker), "changes": ("P", status, marker),
                   "cancels": (content, "cancelled", marker), "deletes": (content, "gone", marker)}
        if event["deed"] == "enters":
            self.move(self.records + [("A", "approved", "")])
        else:
            self.put(event["id"], changed[event["deed"]])

    def put(self, number, record):
        self.move(self.records[:number - 1] + [record] + self.records[number:])

    def apply(self, write, content=None):
        """The number of the request, or None: refused."""
        kind, number, asked, status, marker = write
        if kind == "create":
            self.move(self.records + [(content or asked, status, marker)])
            return len(self.records)
        if not 0 < number <= len(self.records):
            return None
        was, now, old = self.records[number - 1]
        if now not in ("pending", "approved"):
            return None
        self.put(number, {"change": (content or asked, now, marker), "approve": (was, "approved", old),
                          "cancel": (was, "cancelled", old)}[kind])
        return number

    def write(self, write):
        """What the HRIS answers to a write, by the plan."""
        with self.lock:
            self.sent.append(write[0])
            becomes = self.plan.pop(0) if self.plan else "refused"
            if becomes in ("refused", "waits"):
                return self.refused() if becomes == "refused" else self.success(write, write[1])
            number = write[1]
            if becomes == "late":
                self.flying.append(write)
            elif becomes not in ("before", "dies before", "dies late"):
                number = self.apply(write, {"fewer": write[2].lower() if write[2] else None, "other": "X"}.get(becomes))
                if number is None:
                    return self.refused()
            if becomes.startswith("dies"):
                if becomes == "dies late":
                    self.flying.append(write)
                os.kill(self.process.pid, signal.SIGKILL)
            if becomes in ("after", "before", "late") or becomes.startswith("dies"):
                return mock_hris.redirect("/elsewhere")     # no answer that says anything, and no outage
            return self.success(write, number)

    @staticmethod
    def refused():
        return answer({"message": "no"}, 422)

    def success(self, write, number):
        return answer({"id": self.name(number), "status": WORDS[self.records[number - 1][1]]})

    def name(self, number):
        return f"{self.agent}{number:02}"

    def look(self, request_id):
        with self.lock:
            if self.looks == "unreadable":
                return mock_hris.html()
            records = self.before if self.looks == "was" else self.records
            return answer([self.row(n, *r) for n, r in enumerate(records, 1) if r[1] != "gone" and
                           request_id in (None, self.name(n))])

    def row(self, number, content, status, marker):
        return {"id": self.name(number), "person": self.agent, "type": "78", "status": WORDS[status], "note": marker,
                "days": [{"date": d, "minutes": m} for d, m in CONTENTS[content].items()]}


class TraceHris(mock_hris.MockHris):
    """Many worlds on one port: the agent's name is in every call."""

    def __init__(self):
        super().__init__()
        self.worlds = {}

    def answer_to(self, asked):
        parts = asked.path.strip("/").split("/")
        if parts[0] == "types":
            return answer([{"id": "78", "name": "Vacation"}])
        if parts[0] == "balance":
            return answer([{"type": "78", "minutes": 48000}])
        if asked.method == "GET":
            request_id = asked.query.get("id")
            agent = request_id[:6] if request_id else asked.query["person"]
            return self.worlds[agent].look(request_id)
        body = asked.json if asked.body else {}
        agent = body.get("person") or parts[1][:6]
        number = int(parts[1][6:]) if len(parts) > 1 else 0
        kind = "create" if len(parts) == 1 else "change" if len(parts) == 2 else parts[2]
        content = content_of({d["date"]: d["minutes"] for d in body["days"]}) if body else ""
        world = self.worlds[agent]
        status = "pending" if world.two_steps or body.get("status") == "PENDING" else "approved"
        return world.write((kind, number, content, status, body.get("note", "")))


def kind_name(hris):
    words = ("look" if hris["find"] else "blind", "true" if hris["consistent"] else "false", hris["on_fewer"],
             "replaces" if hris["replaces"] else "changes")
    return "-".join(words).replace("_", "-")


def adapter_text(hris):
    text = ADAPTER.replace("FIND", "marker" if hris["find"] else "none")
    text = text.replace("CONSISTENT", str(hris["consistent"]).lower())
    if hris["replaces"]:
        change = "  change-timeoff:\n"
        text = text.replace(change, change + "    - {when: {in.was: APPROVED}, replace: true}\n")
    return text if hris["find"] else text[:text.index("  find-timeoff:")]


class Player:
    """Plays one life: what its HRIS offers, and its events."""

    def __init__(self, home, agent, trace):
        self.home, self.trace = home, trace
        self.agent, self.route = agent, kind_name(trace["hris"])
        self.world = home.hris.worlds[agent] = World(agent)
        self.world.two_steps = trace["hris"]["two_steps"]
        self.proof = homes.sign.basic("plain", home.read_secret(self.route + "-plain"))
        self.wrong, self.otherwise = "", ""

    def play(self):
        for number, event in enumerate(self.trace["events"]):
            self.compare(number, event, self.do(event))
            if self.wrong or self.otherwise:
                break
        return self.wrong, self.otherwise

    def do(self, event):
        """What the program answers to it, if it is a call."""
        said = getattr(self, "do_" + ("call" if event["do"] in ("insert", "update", "end") else event["do"]))(event)
        self.change_rows("quiet_ms = 0" if event["quiet"] else f"quiet_ms = quiet_ms + {DAY_MS}")
        return said

    def do_person(self, event):
        self.world.person(event)

    def do_late(self, event):
        for write in self.world.flying:
            if event["arrive"]:
                self.world.apply(write)
        self.world.flying = []

    def do_wait(self, _):
        """The row's quiet_ms says it."""

    def do_day(self, _):
        self.change_rows(f"settled_ms = settled_ms - {DAY_MS}")

    def change_rows(self, what):
        with contextlib.closing(sqlite3.connect(self.home.dir + "/state/ledger.db", timeout=100)) as db, db:
            db.execute(f"UPDATE intents SET {what} WHERE ledger = ? AND agent = ?", (self.route, self.agent))

    def rows(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.home.dir}/state/ledger.db?mode=ro", uri=True,
                                                timeout=100)) as db:
            return db.execute("SELECT op, state FROM intents WHERE ledger = ? AND agent = ? ORDER BY n",
                              (self.route, self.agent)).fetchall()

    def do_call(self, event):
        self.world.plan, self.world.looks, self.world.sent = list(event["writes"]), event["looks"], []
        action = "insert-timeoff" if event["do"] == "insert" else "update-timeoff"
        body = {"agentId": self.agent, "timeOffStatus": event["status"].upper() or "CANCELED"}
        if event["id"]:
            body["inputTimeOffRequestId"] = self.world.name(event["id"])
        if event["content"]:
            days = CONTENTS[event["content"]]
            body.update(timeOffTypeId="78", dates=list(days), payableMinutes=list(days.values()),
                        overrideBalanceCheck=True)
        target, sent = f"/v1/{self.route}/{action}", json.dumps(body).encode()
        if not event["answer"]:
            return self.call_and_die(target, sent)
        out = self.home.fcgi(target, sent, headers=self.proof)
        assert out.status == 200, out.body
        return homes.check_declared(action, homes.parse(out))

    def call_and_die(self, target, sent):
        """A process of its own, which the HRIS kills; what it answers where it was not."""
        env = homes.fcgi_client.variables("POST", target, sent, self.proof, GATEWAY_INTERFACE="CGI/1.1")
        process = subprocess.Popen([f"{self.home.lib}/hrisgw.cgi"], env={**homes.SANITIZERS, **env}, cwd=self.home.lib,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   **fronts.as_worker())
        self.world.process = process
        out, err = process.communicate(sent, timeout=60)
        if process.returncode == -signal.SIGKILL:
            return {"errorCode": KILLED, "errorMsg": ""}
        assert process.returncode == 0, (process.returncode, err)
        return json.loads(out.partition(b"\r\n\r\n")[2])

    def compare(self, number, event, said):
        expected = {"records": [(r["content"], r["status"]) for r in event["records"]],
                    "rows": self.kept([(r["op"].replace("end", "cancel"), r["state"]) for r in event["rows"]])}
        found = {"records": [r[:2] for r in self.world.records if r[1] != "gone"], "rows": self.kept(self.rows())}
        if said:
            answer = event["answer"] or {"code": KILLED}
            expected["code"], found["code"] = self.codes(answer["code"], said["errorCode"] or "Complete")
            expected["sent"], found["sent"] = event["sent"], self.world.sent
            if answer["code"] == "Complete" and answer["id"]:
                expected["id"], found["id"] = self.world.name(answer["id"]), said["timeOffRequestId"]
        differs = [name for name, value in expected.items() if value != found[name]]
        if not differs:
            return
        what = "; ".join(f"{name} {found[name]}, expected {expected[name]}" for name in differs)
        what = (f"seed {self.trace['seed']} ({self.route}{', two steps' * self.world.two_steps}), event {number}: "
                f"{what}; {said and said['errorMsg']}")
        if self.is_as_good(said, differs):
            self.otherwise = what
        else:
            self.wrong = f"{what}; {json.dumps(self.trace['events'][:number + 1])}"

    def is_as_good(self, said, differs):
        """Is what differs not worse than what the model says?"""
        if self.world.sent or not said:
            return False
        # A slow machine has no time left for the write.
        return said["errorCode"] == "HRIS.TIMEOUT" or ("records" not in differs and said["errorCode"] in UNSURE)

    @staticmethod
    def kept(rows):
        """Those of inserts, and the newest: what an older update's row says decides nothing. Who finds a row
        that nobody writes any more calls it unknown."""
        return [(op, "unknown" if state == "sending" else state) for n, (op, state) in enumerate(rows, 1)
                if op == "insert" or n == len(rows)]

    @staticmethod
    def codes(expected, found):
        if expected == table.UNKNOWN and found == table.NOT_FOUND:
            return found, found         # of what the ledger knows and a look does not show
        if expected == table.LOOK_FAILED:
            return True, found not in ("Complete", table.UNKNOWN, table.DIFFERENT)
        return expected, found


@pytest.fixture(scope="module")
def home():
    server = TraceHris()
    mine = homes.Home(server, deadline=DEADLINE_S)
    try:
        for kind in traces.KINDS:
            hris = {"find": kind["look"], "consistent": kind["consistent"], "on_fewer": kind["on_fewer"],
                    "replaces": kind["replaces"]}
            name = kind_name(hris)
            mine.write(f"adapters/{name}.yaml", adapter_text(hris))
            mine.route(name)
            path = f"routes.d/{name}.yaml"
            with open(f"{mine.dir}/{path}", encoding="utf-8") as file:
                text = file.read()
            text = text.replace("adapter: bamboohr", f"adapter: {name}").replace("  company: acme\n", "")
            text = re.sub(r"on_fewer: .*", f"on_fewer: {kind['on_fewer']}", text)
            mine.write(path, re.sub(r"  api_key: .*\n", "", text))
        mine.start()
        yield mine
    finally:
        server.stop()
        code = mine.stop()
        mine.check_reports()
        mine.remove()
    assert code == 0


def traced(home, seed):
    return Player(home, str(100000 + seed), traces.Play(seed).trace(seed))


def played(home, seeds):
    """What is wrong, and how many ended otherwise than the model says."""
    left, wrong, others = list(seeds), [], []

    def lane(_):
        while left:
            false, otherwise = traced(home, left.pop()).play()
            wrong.extend([false] if false else [])
            others.extend([otherwise] if otherwise else [])
    for result in homes.side_by_side(lane, LANES):
        if isinstance(result, Exception):
            raise result
    return wrong, others


def test_the_program_does_as_the_model_says(home):
    wrong, others = played(home, range(SEED * 10000, SEED * 10000 + COUNT))
    assert not wrong, f"{len(wrong)} of {COUNT}:\n" + "\n".join(wrong[:5])
    assert len(others) <= OTHERWISE_MOST, others


def call(do, content, status, request_id, writes, sent, code, looks="now"):
    return {"do": do, "content": content, "status": status, "id": request_id, "writes": writes, "looks": looks,
            "sent": sent, "answer": None if code == KILLED else {"code": code}, "quiet": True}


def insert(content, status, *rest, **more):
    return call("insert", content, status, 0, *rest, **more)


def update(content, *rest, **more):
    return call("update", content, "approved", 1, *rest, **more)


def end(*rest, **more):
    return call("end", "", "", 1, *rest, **more)


def person(deed):
    return {"do": "person", "deed": deed, "id": 1, "quiet": True}


BLIND, STALE, CONSISTENT = (next(kind for kind in traces.KINDS if (kind["look"], kind["consistent"]) == offers)
                            for offers in ((False, False), (True, False), (True, True)))
DAY = {"do": "day", "quiet": True}
LATE = {"do": "late", "arrive": True, "quiet": True}
OK, UNKNOWN, NOT_APPROVED = table.COMPLETE, table.UNKNOWN, table.NOT_APPROVED
MADE = insert("A", "approved", ["ok"], ["create"], OK)
# Lives in which the program did something else once.
LIVES = {
    "an approval that was lost, and nothing to look with": (BLIND, [
        insert("A", "pending", ["ok"], ["create"], OK), DAY,
        update("A", ["ok", "after"], ["change", "approve"], NOT_APPROVED), DAY,
        update("A", ["refused"], ["change"], NOT_APPROVED)]),
    "a cancel beside an insert that is not known, and nothing to look with": (BLIND, [
        insert("B", "approved", ["dies after"], ["create"], KILLED), end(["ok"], ["cancel"], OK)]),
    "an insert that came late is approved": (STALE | {"two_steps": True}, [
        insert("B", "approved", ["late"], ["create"], UNKNOWN), LATE,
        insert("B", "approved", ["ok"], ["approve"], OK)]),
    "a cancel of what was taken back, and is shown as it was": (STALE | {"on_fewer": "take_back"}, [
        insert("B", "approved", ["fewer", "ok"], ["create", "cancel"], table.DIFFERENT), DAY,
        end([], [], UNKNOWN, looks="was")]),
    "an update of what a look has shown as ended, and another shows as it was": (STALE, [
        MADE, person("cancels"), DAY, insert("A", "approved", ["refused"], ["create"], "HRIS.REFUSED"),
        update("A", [], [], UNKNOWN, looks="was")]),
    "an update in two calls, of which the process died over the second, and that is refused then": (CONSISTENT, [
        insert("B", "pending", ["ok"], ["create"], OK),
        update("A", ["ok", "dies before"], ["change", "approve"], KILLED),
        update("A", ["refused"], ["approve"], NOT_APPROVED)]),
    "an update that is not approved, then asked as pending, then approved again": (CONSISTENT, [
        insert("B", "pending", ["ok"], ["create"], OK),
        update("A", ["ok", "refused"], ["change", "approve"], NOT_APPROVED),
        call("update", "A", "pending", 1, [], [], OK), update("A", ["refused"], ["approve"], NOT_APPROVED)]),
    "an update that is not approved, again, and the look shows what was": (STALE, [
        insert("B", "pending", ["ok"], ["create"], OK),
        update("A", ["ok", "refused"], ["change", "approve"], NOT_APPROVED),
        update("A", [], [], UNKNOWN, looks="was")]),
    "a taking back that the process died over, and a look that may be late": (STALE, [
        insert("A", "approved", ["other", "dies after"], ["create", "cancel"], KILLED),
        insert("A", "approved", [], [], UNKNOWN, looks="was")]),
}


@pytest.mark.parametrize("life", LIVES)
def test_lives_that_went_wrong_once(home, life):
    hris, events = LIVES[life]
    hris = {"find": hris["look"], **{k: hris[k] for k in ("consistent", "on_fewer", "replaces", "two_steps")}}
    player = Player(home, str(900001 + list(LIVES).index(life)), {"hris": hris, "events": events})
    for event in events:
        said = player.do(event)
        if said:
            assert (said["errorCode"] or OK, player.world.sent) == (
                event["answer"]["code"] if event["answer"] else KILLED, event["sent"]), said
