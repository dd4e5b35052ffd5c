"""An HRIS that keeps the truth: what it was sent, what it applied, when, and what people did in it meanwhile. What
it answers, and when it applies, a script says call by call, so that a checker who believes neither the gateway
nor the answers can compare what was said with what is so.

    hris = StatefulHris(); world = World(Generic, "1007", {"create": Fault(answers=LOST["closed"])})
    hris.worlds["lane-1"] = world           # whatever comes below /lane-1 is its
    world.live(), world.wrote, world.applied                        # the truth

It speaks the small REST of the generic adapter (Generic), BambooHR (BambooHr) and Odoo (Odoo).
"""
import copy
import dataclasses
import datetime
import itertools
import socket
import struct
import threading
import time

import mock_hris
from mock_hris import Drop, answer

LIVE = ("PENDING", "APPROVED")
DAYS = {"2027-03-01": 480, "2027-03-02": 450}
WHOLE_DAYS = {"2027-03-01": 480, "2027-03-02": 480}
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
NUMBERS = itertools.count(10000)


class Reset:
    """The connection is reset without a byte."""

    def send(self, handler):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True
        raise ConnectionResetError


# What comes instead of the answer to a write, once the HRIS has applied it, or has not.
LOST = {
    "closed": mock_hris.close(), "reset": Reset(), "silent": mock_hris.silent(), "500": answer({"error": "x"}, 500),
    "302": mock_hris.redirect("/elsewhere"), "200 HTML": mock_hris.html(), "200 half": mock_hris.half(),
    "409": answer({}, 409), "408": answer({}, 408), "garbage": mock_hris.garbage(), "headers cut": Drop(JSON),
    "307": mock_hris.redirect("/elsewhere", 307), "502": answer({}, 502), "503": answer({}, 503),
    "504": mock_hris.html(status=504), "slow": Drop(JSON + b"Content-Length: 9\r\n\r\n{", silent=True),
    "too large": Drop(JSON + b"Content-Length: 99999999\r\n\r\n["), "status 999": Drop(b"HTTP/1.1 999 X\r\n\r\n"),
}
# A body of success that does not say the id. Where nobody reads it, it is a success.
NAMELESS = {
    "204": answer("", 204), "200 without id": answer({"ok": 1}), "200 empty list": answer([]),
    "201 empty": answer("", 201), "200 null": answer(None), "200 true": answer(True),
    "200 id null": answer({"id": None}), "200 id an object": answer({"id": {}}), "202": answer({"queued": True}, 202),
    "200 list of false": answer([False]), "200 error inside": answer({"error": {"code": 17, "message": "no"}}),
    "200 truncated": Drop(JSON + b'\r\n{"id": "13'), "200 text": answer("ok"),
    "200 two byte order marks": answer(b'\xef\xbb\xbf\xef\xbb\xbf{"id": "13"}'),
}
# The HRIS's word that it did not apply it, and the code that this is.
REFUSED = {"400": "HRIS.REFUSED", "401": "HRIS.CREDENTIALS", "403": "HRIS.FORBIDDEN", "404": "HRIS.NOT_FOUND",
           "412": "HRIS.REFUSED", "422": "HRIS.REFUSED", "429": "HRIS.BUSY", "429 later": "HRIS.BUSY"}
# What a look is answered by, in place of the truth.
LOOKS = {"500": answer({}, 500), "silent": mock_hris.silent(), "HTML": mock_hris.html(), "404": answer({}, 404),
         "closed": mock_hris.close()}


def refusal(name):
    more = {"Retry-After": "1"} if name.endswith("later") else {}
    return answer({"message": "no"}, int(name.split()[0]), **more)


def answer_named(name):
    if name in REFUSED:
        return refusal(name)
    return {**LOST, **NAMELESS}[name]


@dataclasses.dataclass
class Fault:
    """What happens to a call in place of the right thing.

    applies: True, False, or how else: "fewer", "other" (a day later), "elsewhere" (a month later), "other type",
    "more", "zero", "twice", "waiting" (an approval that another one has to follow), "hidden word".
    after_s: applied only then. answers: what comes instead of the right answer; None: that. shows, of looks:
    "nothing", "another's", "stale" (as it was before the first write), "late" (as it was a while ago).
    before, after: what a person does. every: each such call, else the first alone. lies: the answer says that
    nothing was applied, and it was."""
    applies: object = True
    answers: object = None
    after_s: float = 0
    shows: str = None
    before: str = None
    after: str = None
    every: bool = False
    lies: bool = False


@dataclasses.dataclass
class Record:
    id: str
    agent: str
    type: str
    days: dict          # date: minutes
    status: str
    note: str = ""
    key: str = ""       # of the client's choice
    by: str = "gateway"
    made: int = 0       # the number of the write that made it; 0: a person did
    call: int = 0       # of the last that did something to it
    word: str = None    # its status, where it is none of ours

    @property
    def live(self):
        return self.status in LIVE

    @property
    def minutes(self):
        return sum(self.days.values())


class Refusal(Exception):
    """The HRIS itself refuses."""

    def __init__(self, status, text="no"):
        super().__init__(text)
        self.status, self.text = status, text


class World:
    """The HRIS as one cell meets it: its records, what it was sent, and the script."""
    LATE_S = 0.3

    def __init__(self, dialect, agent, script=None, unique=False, approves=True):
        """script: {kind of write, "create 2", "writes", "before", "look", "look again" or "look at undo": Fault}.
        "create 2" is the second of that kind, where it is another one; the last four are looks before the first
        write, after it, and, where it says so apart, all but the first of these, and those after the first undo.
        unique: it refuses what overlaps. approves: what is made waits for an approval."""
        self.dialect, self.agent, self.script = dialect(self), agent, script or {}
        self.unique, self.approves = unique, approves
        self.lock, self.records, self.deleted, self.history = threading.RLock(), {}, set(), []
        self.wrote = []                 # every write that arrived: (kind, what it says)
        self.applied = []               # the numbers (from 1) of those that were applied
        self.used, self.timers = set(), []
        self.base = None                # what stood before the first write
        self.looked = 0                 # so often after it
        self.until, self.late = [], []  # of each write; the numbers of those that were applied later
        self.called(float("inf"))

    # What people do.

    def put(self, by="person", **more):
        with self.lock:
            made = Record(str(next(NUMBERS)), self.agent, more.pop("type", "78"),
                          dict(more.pop("days", self.dialect.days)), more.pop("status", "PENDING"), by=by, **more)
            self.records[made.id] = made
            self.note()
            return made

    def newest(self):
        """What the gateway wrote last, or what stood before."""
        rows = list(self.records.values())
        return max(rows, key=lambda r: (r.call, int(r.id))) if rows else None

    def person(self, what):
        """A person does something, with the newest record."""
        if what == "enters":
            self.put(note="by hand", status="APPROVED")
            return
        with self.lock:
            row = self.newest()
            if row is None:
                return
            if what == "deletes":
                self.deleted.add(row.id)
                del self.records[row.id]
            elif what == "changes":
                row.days = {"2027-03-01": 240}
            else:
                row.status = {"approves": "APPROVED", "denies": "DENIED"}[what]
            self.note()

    def called(self, patience_s, settle_s=0):
        """The gateway is called, and has that long. Half of what is left when it begins a write, and settle, is how long
        it waits at least for what may still arrive; what is applied after that is late. It began after `answered`."""
        self.answered, self.settle_s = time.monotonic(), settle_s
        self.deadline = self.answered + patience_s

    # The truth.

    def live(self):
        with self.lock:
            return [copy.copy(r) for r in self.records.values() if r.live]

    def get(self, request_id):
        with self.lock:
            return copy.copy(self.records.get(request_id))

    def note(self):
        self.history.append((time.monotonic(), copy.deepcopy(self.records)))

    def settle(self):
        """Waits until nothing can be applied late any more."""
        for timer in self.timers:
            timer.join()

    def calm(self):
        """From now on nothing goes wrong."""
        with self.lock:
            self.script = {}

    # What it is asked.

    def fault_of(self, place):
        fault = self.script.get(place)
        if fault is None or (not fault.every and place in self.used):
            return None
        self.used.add(place)
        return fault

    def look(self, pick):
        """The records that a look shows, or the answer in their place."""
        with self.lock:
            undone = "look at undo" in self.script and any(kind in ("undo", "cancel") for kind, _ in self.wrote)
            self.looked += self.base is not None
            again = "look again" in self.script and self.looked > 1
            place = "before" if self.base is None else "look at undo" if undone else "look again" if again else "look"
            fault = self.fault_of(place) or Fault()
            if fault.answers is not None:
                return fault.answers
            if fault.before is not None:
                self.person(fault.before)
            self.answered = time.monotonic()
            return [r for r in self.shown(fault.shows) if pick(r)]

    def shown(self, how):
        if how == "nothing":
            return []
        if how == "another's":
            return [r for r in self.records.values() if r.by != "gateway"]
        if how == "stale":
            return list((self.records if self.base is None else self.base).values())
        if how == "late":
            then = time.monotonic() - self.LATE_S
            past = [state for at, state in self.history if at <= then]
            return list((past[-1] if past else self.base or {}).values())
        return list(self.records.values())

    def write(self, kind, says, does):
        """does(how) applies it. Returns what it made, and the answer in place of the right one."""
        with self.lock:
            if self.base is None:
                self.base = copy.deepcopy(self.records)
                self.note()
            self.wrote.append((kind, says))
            self.until.append((self.answered + self.deadline) / 2 + self.settle_s)
            self.answered = time.monotonic()
            number = len(self.wrote)
            nth = f"{kind} {len([k for k, _ in self.wrote if k == kind])}"
            place = "writes" if "writes" in self.script else nth if nth in self.script else kind
            fault = self.fault_of(place) or Fault()
            if fault.before is not None:
                self.person(fault.before)
            made = None
            if fault.after_s:
                self.timers.append(threading.Timer(fault.after_s, self.apply_late, (number, does, fault.applies)))
                self.timers[-1].daemon = True
                self.timers[-1].start()
            elif fault.applies:
                try:
                    made = self.apply(number, does, fault.applies)
                except Refusal as e:
                    return None, fault.answers or self.dialect.refuse(e)
            if fault.after is not None:
                self.person(fault.after)
            return made, fault.answers

    def apply(self, number, does, how):
        made = does(number, how)
        self.applied.append(number)
        if time.monotonic() > self.until[number - 1]:
            self.late.append(number)
        self.note()
        return copy.copy(made)

    def apply_late(self, number, does, how):
        with self.lock:
            try:
                self.apply(number, does, how)
            except Refusal:
                pass

    def create(self, asked):
        """asked: a record without id."""
        def does(number, how):
            if self.unique and any(r.live and set(r.days) & set(asked.days) for r in self.records.values()):
                raise Refusal(409, "there is one already")
            for _ in range(2 if how == "twice" else 1):
                made = dataclasses.replace(bent(asked, how), id=str(next(NUMBERS)), made=number, call=number)
                if self.approves and made.status == "APPROVED":
                    made.status = "PENDING"
                self.records[made.id] = made
            return made
        return self.write("create", asked, does)

    def change(self, request_id, asked):
        def does(number, how):
            row = self.mine(request_id)
            new = bent(asked, how)
            status = "PENDING" if self.approves else asked.status
            if self.dialect.supersedes:
                row.status = "CANCELED"
                row = dataclasses.replace(new, id=str(next(NUMBERS)), made=number)
                self.records[row.id] = row
            row.days, row.type, row.note, row.key = new.days, new.type, new.note, new.key
            row.status, row.call = status, number
            return row
        return self.write("change", asked, does)

    def end(self, kind, request_id):
        """Approves, cancels, denies, takes back."""
        def does(number, how):
            row = self.mine(request_id)
            row.call = number
            if how == "hidden word":
                row.word = "second approval"
            elif how != "waiting":
                row.status = {"approve": "APPROVED", "deny": "DENIED"}.get(kind, "CANCELED")
            return row
        return self.write(kind, request_id, does)

    def mine(self, request_id):
        row = self.records.get(request_id)
        if row is None:
            raise Refusal(404, "no such request")
        if not row.live:
            raise Refusal(422, "it has ended")
        return row


def bent(asked, how):
    """What is applied in place of what is asked."""
    days = dict(asked.days)
    if how == "fewer":
        days = {min(days): days[min(days)]}
    elif how == "more":
        days[later(max(days), 1)] = 480
    elif how == "other":
        days = {later(d, 1): m for d, m in days.items()}
    elif how == "elsewhere":
        days = {later(d, 30): m for d, m in days.items()}
    elif how == "zero":
        days = {d: 0 for d in days}
    return dataclasses.replace(asked, days=days, type="79" if how == "other type" else asked.type)


def later(day, n):
    return (datetime.date.fromisoformat(day) + datetime.timedelta(n)).isoformat()


def days_between(first, last):
    n = (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days
    return [later(first, i) for i in range(n + 1)]


def touches(record, first, last):
    return min(record.days) <= last and max(record.days) >= first


class Generic:
    """A REST of a person's leave, with minutes a day."""
    days, supersedes, person = DAYS, False, "person"

    def __init__(self, world):
        self.world = world

    @staticmethod
    def refuse(e):
        return answer({"message": e.text}, e.status)

    @staticmethod
    def kind(write):
        return write

    @staticmethod
    def row(r):
        return {"id": r.id, "person": r.agent, "type": r.type, "status": r.word or r.status, "note": r.note,
                "key": r.key, "days": [{"date": d, "minutes": m} for d, m in sorted(r.days.items())]}

    @staticmethod
    def asked(asked):
        body = asked.json
        return Record("", body["person"], str(body["type"]), {d["date"]: d["minutes"] for d in body["days"]},
                      body["status"], body.get("note", ""), body.get("key", ""))

    def serve(self, asked, path):
        parts = path.strip("/").split("/")
        if parts[0] == "types":
            return answer([{"id": "78", "name": "Vacation"}, {"id": "79", "name": "Sick"}])
        if parts[0] == "balance":
            return answer([{"type": "78", "minutes": 48000}])
        if asked.method == "GET":
            return self.looked(asked)
        if len(parts) == 1:
            made, instead = self.world.create(self.asked(asked))
        elif len(parts) == 2:
            made, instead = self.world.change(parts[1], self.asked(asked))
        else:
            made, instead = self.world.end(parts[2], parts[1])
        return instead or answer({"id": made.id, "status": made.word or made.status})

    def looked(self, asked):
        request_id = asked.query.get("id")
        rows = self.world.look(lambda r: r.id == request_id if request_id else
                               r.agent == asked.query["person"] and touches(r, asked.query["from"], asked.query["to"]))
        if not isinstance(rows, list):
            return rows
        if not rows and request_id in self.world.deleted:
            return answer({}, 404)
        return answer([self.row(r) for r in rows])


class Runs(Generic):
    """One range of days that have the same minutes is a request; it is changed by cancel and create."""
    days, supersedes = {"2027-03-01": 480, "2027-03-05": 450}, True

    @staticmethod
    def kind(write):
        return "create" if write == "change" else write

    @staticmethod
    def asked(asked):
        body = asked.json
        days = days_between(body["first"], body["last"])
        return Record("", body["person"], str(body["type"]), {d: body["minutes"] // len(days) for d in days},
                      body["status"], body["note"])


class BambooHr(Generic):
    """A change supersedes; the status is set by a call of its own, and can be set at once."""
    words = {"PENDING": "requested", "APPROVED": "approved", "CANCELED": "canceled", "DENIED": "denied"}
    supersedes = True

    def refuse(self, e):
        return answer("", e.status)

    def row(self, r):
        return {"id": r.id, "employeeId": r.agent, "status": {"status": r.word or self.words[r.status]},
                "start": min(r.days), "end": max(r.days), "type": {"id": r.type}, "notes": {"employee": r.note},
                "amount": {"unit": "hours", "amount": str(r.minutes / 60)},
                "dates": {d: str(m / 60) for d, m in r.days.items()}}

    def status(self, word):
        return {v: k for k, v in self.words.items()}[word]

    def serve(self, asked, path):
        if path == "/meta/time_off/types":
            return answer({"timeOffTypes": [{"id": "78", "name": "Vacation", "units": "hours"}], "defaultHours": []})
        if path.endswith("/calculator"):
            return answer([{"timeOffType": "78", "units": "hours", "balance": "800", "policyType": "accruing"}])
        if asked.method == "GET":
            wanted = asked.query
            rows = self.world.look(lambda r: wanted.get("id") in (None, r.id)
                                   and wanted.get("employeeId") in (None, r.agent)
                                   and touches(r, wanted["start"], wanted["end"]))
            return answer([self.row(r) for r in rows]) if isinstance(rows, list) else rows
        body = asked.json
        if path.endswith("/status"):
            kind = {"approved": "approve", "canceled": "cancel", "denied": "deny"}[body["status"]]
            _, instead = self.world.end(kind, path.split("/")[3])
            return instead or answer("", 200)
        new = Record("", path.split("/")[2], str(body["timeOffTypeId"]),
                     {d["ymd"]: round(float(d["amount"]) * 60) for d in body["dates"]},
                     self.status(body["status"]), body["notes"][0]["note"])
        if "previousRequest" in body:
            made, instead = self.world.change(str(body["previousRequest"]), new)
        else:
            made, instead = self.world.create(new)
        return instead or answer({"id": made.id, "status": {"status": self.words[made.status]}}, 201)


class Odoo(Generic):
    """Whole days; what is made waits for an approval; cancelling is refusing."""
    words = {"PENDING": "confirm", "APPROVED": "validate", "DENIED": "refuse", "CANCELED": "cancel"}
    days = WHOLE_DAYS

    @staticmethod
    def kind(write):
        return "deny" if write == "cancel" else write

    def row(self, r):
        return {"id": int(r.id), "name": r.note, "state": r.word or self.words[r.status],
                "employee_id": [int(r.agent), "x"], "holiday_status_id": [int(r.type), "x"],
                "request_date_from": min(r.days), "request_date_to": max(r.days),
                "number_of_days": r.minutes / 480, "number_of_hours": r.minutes / 60}

    def serve(self, asked, path):
        model, method = path.split("/")[-2:]
        body = asked.json
        if model == "hr.leave.type":
            return answer([{"id": 78, "name": "Vacation", "request_unit": "day", "requires_allocation": False,
                            "virtual_remaining_leaves": 100.0}])
        if model == "hr.employee":
            return answer([{"id": body["ids"][0], "resource_calendar_id": False}] if method == "read" else True)
        if method in ("search_read", "read"):
            return self.looked_for(body)
        if method == "create":
            new = body["vals_list"][0]
            made, instead = self.world.create(self.new(new, str(new["employee_id"])))
            return instead or answer([int(made.id)])
        request_id = str(body["ids"][0])
        if method == "write":
            _, instead = self.world.change(request_id, self.new(body["vals"], self.world.agent))
        else:
            _, instead = self.world.end("approve" if method == "action_approve" else "deny", request_id)
        return instead or answer(True)

    @staticmethod
    def new(vals, agent):
        days = days_between(vals["request_date_from"], vals["request_date_to"])
        return Record("", agent, str(vals["holiday_status_id"]), {d: 480 for d in days}, "APPROVED", vals["name"])

    def looked_for(self, body):
        domain = {c[0]: c for c in body.get("domain", ())}
        if domain.get("holiday_status_id.request_unit", (0, ""))[1] == "=":
            return answer([])
        ids = domain["id"][2] if "id" in domain else body.get("ids")
        rows = self.world.look(lambda r: int(r.id) in ids if ids else
                               touches(r, domain["request_date_to"][2], domain["request_date_from"][2]))
        return answer([self.row(r) for r in rows]) if isinstance(rows, list) else rows


class StatefulHris(mock_hris.MockHris):
    """Serves worlds, each below a path of its own, on several ports; keeps no list of what it was asked."""

    def __init__(self, ports=16):
        super().__init__()
        self.worlds = {}
        self.others = [mock_hris.Server(("127.0.0.1", 0), mock_hris.Handler) for _ in range(ports - 1)]
        self.ports = [server.server_address[1] for server in (self.server, *self.others)]
        for server in self.others:
            server.mock = self
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        super().stop()
        for server in self.others:
            server.shutdown()
            server.server_close()

    def answer_to(self, asked):
        _, name, path = asked.path.split("/", 2)
        world = self.worlds.get(name)
        if world is None:
            return answer({"error": "no such path"}, 404)
        return world.dialect.serve(asked, "/" + path)
