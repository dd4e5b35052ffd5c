"""The fault matrix: every way in which an HRIS can answer a write, or not answer it, apply it, or show it afterwards,
against every kind of write and every way to find a lost one. The HRIS keeps the truth (stateful_hris.py), and a
checker who knows nothing else compares with it what was said. What each cell comes to is stated in
ledger_matrix.txt: the answer; the ledger's row; what the HRIS holds; what a repeat is answered.

`make test` plays BambooHR's and Odoo's cells, the ones that were once found broken (FOUND), and a tenth of the others,
chosen by HRISGW_SEED; `make torture` (HRISGW_TORTURE=1) plays all. As a program it plays all and writes the
statement anew, to be read before it is committed.
"""
import collections
import itertools
import json
import os
import random
import re
import sqlite3
import threading
import time

import pytest

import fronts
import home as homes
import stateful_hris
from ledger_home import adapter_text
from stateful_hris import LOOKS, LOST, NAMELESS, REFUSED, BambooHr, Fault, Generic, Odoo, Runs, World, refusal

DEADLINE_S = 12
SETTLE_S = 1
TOO_LATE_S = DEADLINE_S + SETTLE_S
LANES = 16
AGAIN_MAX = 40          # cells that are played once more where they are not as stated
SEED = os.environ.get("HRISGW_SEED", "1")
WHOLE = os.environ.get("HRISGW_TORTURE") == "1" or __name__ == "__main__"
# Cells that were once found broken, in one variant or several.
FOUND = {
    ("insert", "applies twice, closed"), ("insert pending", "applies twice, closed"),
    ("insert", "a person denies before the approval"), ("insert", "approval 422, refused"),
    ("insert", "closed, not applied, a person enters the same"), ("insert", "applies more, undo and nothing"),
    ("change", "applies fewer"), ("change", "well, a person changes"),
    ("approve", "well, a person changes"), ("approve", "closed, applied, a person changes"),
    ("approve", "a person changes before"), ("approve", "well, a person deletes"),
    ("approve", "closed, applied, a person denies"), ("approve", "well, look 404"),
    ("insert", "applies other, undo 500, applied, then no look"),
    ("insert", "applies fewer, undo 500, applied, then no look"),
    ("insert", "applies other, then one look"), ("insert", "applies other, closed, then one look"),
    ("insert", "second 422, a person changes"), ("insert", "second applies more"),
    ("change", "closed, not applied"), ("change", "cancel and nothing, then one look"),
    ("cancel", "success and nothing, then one look"),
}
CALM = [f"2027-04-{day:02}" for day in range(1, 13)]
AGENTS = itertools.count(1000)

Variant = collections.namedtuple("Variant", "name dialect find consistent without on_fewer replaces",
                                 defaults=((), None, None))
VARIANTS = [Variant("bamboohr", BambooHr, "marker", False), Variant("odoo", Odoo, "marker", False)]
VARIANTS += [Variant(f"{find}-{'consistent' if consistent else 'not'}", Generic, find, consistent)
             for find in ("marker", "key", "natural", "none") for consistent in (True, False)]
VARIANTS += [Variant("blind", Generic, "none", False, ("find",))]
VARIANTS += [Variant(f"no-{op}", Generic, "marker", True, (op,))
             for op in ("approve", "change", "cancel", "deny", "undo")]
VARIANTS += [Variant(on_fewer.replace("_", "-"), Generic, "marker", True, (), on_fewer)
             for on_fewer in ("accept", "take_back")]
VARIANTS += [Variant("cancel-first", Generic, "marker", True, replaces="true"),
             Variant("create-first", Generic, "marker", True, replaces="create-first"),
             Variant("runs", Runs, "marker", True, replaces="runs")]
VARIANTS = {v.name: v for v in VARIANTS}

# A write: the kind of call that it is, the status asked.
Op = collections.namedtuple("Op", "name kind status stands")
OPS = {o.name: o for o in (
    Op("insert", "create", "APPROVED", False), Op("insert pending", "create", "PENDING", False),
    Op("change", "change", "PENDING", True), Op("approve", "approve", "APPROVED", True),
    Op("cancel", "cancel", "CANCELED", True), Op("deny", "deny", "DENIED", True))}
OPEN = ("sending", "unknown")
MAKES = ("insert", "insert pending", "change")
STATUS = {"approve": "APPROVED", "cancel": "CANCELED", "deny": "DENIED"}


# One call of Genesys: the answer, the ledger's rows and the HRIS's live records then, and which of the writes that
# the HRIS was sent are its.
Call = collections.namedtuple("Call", "out rows live before after")


class Cell:
    """One write of Genesys, the HRIS that it meets, and what came of it."""

    def __init__(self, variant, op, name, script, **more):
        self.variant, self.op, self.name, self.script, self.more = VARIANTS[variant], OPS[op], name, script, more
        self.calls, self.error, self.world, self.wrong = [], None, None, []

    def __str__(self):
        return f"{self.variant.name}, {self.op.name}: {self.name}"

    def begin(self):
        """The world before the write."""
        self.agent = str(next(AGENTS))
        approves = self.variant.dialect is not BambooHr and "approve" not in self.variant.without
        self.world = World(self.variant.dialect, self.agent, self.script, **{"approves": approves, **self.more})
        self.other = self.world.put(days={"2027-05-03": 480}, status="APPROVED", note="another request")
        self.stood = [self.world.put(days=days, note="as it was", status="APPROVED" if self.replaced() else "PENDING")
                      for days in self.days_before()]
        return self.world

    def days_before(self):
        """Of each request that stands."""
        if not self.op.stands:
            return []
        days = dict(self.world.dialect.days)
        if self.op.name == "change":
            days[max(days)] = 240
            if self.variant.dialect in (Odoo, Runs):
                del days[max(days) if self.variant.dialect is Odoo else min(days)]
        return [{d: m} for d, m in days.items()] if self.variant.dialect is Runs else [days]

    def replaced(self):
        """Is it a change that cancels and enters anew?"""
        return self.op.name == "change" and self.variant.replaces is not None

    def stood_id(self):
        return ",".join(r.id for r in self.stood)

    def body(self):
        days = self.world.dialect.days
        if self.op.name in ("cancel", "deny"):
            return {"agentId": self.agent, "inputTimeOffRequestId": self.stood_id(), "timeOffStatus": self.op.status}
        out = {"agentId": self.agent, "timeOffTypeId": "78", "timeOffStatus": self.op.status, "dates": list(days),
               "payableMinutes": ",".join(map(str, days.values())), "minDate": min(days), "maxDate": max(days),
               "notes": "lake", "overrideBalanceCheck": True}
        if self.op.stands:
            out["inputTimeOffRequestId"] = self.stood_id()
        return out

    def action(self):
        return "update-timeoff" if self.op.stands else "insert-timeoff"


def kind_of(variant, op):
    """Of the write that makes what is asked."""
    v, kind = VARIANTS[variant], OPS[op].kind
    return "create" if v.replaces and kind == "change" else v.dialect.kind(kind)


def cells_of_writes(variant, op):
    """What can happen to the write itself."""
    v, o = VARIANTS[variant], OPS[op]
    kind = kind_of(variant, op)
    generic = v.dialect in (Generic, Runs)
    lost = [n for i, n in enumerate(LOST) if not generic or i < 8]
    lost += [n for i, n in enumerate(NAMELESS) if o.name in MAKES and (not generic or i < 3)]
    yield "nothing", {}
    for name in lost:
        answers = {**LOST, **NAMELESS}[name]
        yield f"{name}, applied", {kind: Fault(True, answers)}
        # True is what Odoo answers to a change: who lies so well is believed.
        if (variant, op, name) != ("odoo", "change", "200 true"):
            yield f"{name}, not applied", {kind: Fault(False, answers)}
    for name in REFUSED:
        yield f"{name}, refused", {kind: Fault(False, refusal(name))}
    yield "429, applied", {kind: Fault(True, refusal("429"), lies=True)}
    for name in ("closed", "500"):
        # Before settle is over; later, but while the call might still have been answered; after all that.
        yield f"{name}, applied soon", {kind: Fault(True, LOST[name], after_s=0.3)}
        yield f"{name}, applied later", {kind: Fault(True, LOST[name], after_s=3)}
        yield f"{name}, applied too late", {kind: Fault(True, LOST[name], after_s=TOO_LATE_S)}
        yield f"{name} after every write", {"writes": Fault(True, LOST[name], every=True)}
        yield f"{name} for every write", {"writes": Fault(False, LOST[name], every=True)}
    once = {"look again": Fault(answers=LOOKS["500"], every=True)}
    if o.name not in MAKES:
        yield "success and nothing", {kind: Fault("waiting")}
        if v.dialect is Generic:
            yield "success and nothing, then one look", {kind: Fault("waiting"), **once}
        return
    # What is cancelled first has that one look.
    for how in ("fewer", "other") if generic and not (op == "change" and v.replaces in ("true", "runs")) else ():
        yield f"applies {how}, then one look", {kind: Fault(how), **once}
        yield f"applies {how}, closed, then one look", {kind: Fault(how, LOST["closed"]), **once}
    for how in ("fewer", "other", "elsewhere", "other type", "more", "zero", "twice"):
        if v.dialect is Odoo and how == "zero":
            continue
        yield f"applies {how}", {kind: Fault(how)}
        yield f"applies {how}, closed", {kind: Fault(how, LOST["closed"])}


def cells_of_looks(variant, op):
    """What can happen to the look afterwards, after a write that went well, or was lost."""
    kind = kind_of(variant, op)
    looks = {name: Fault(answers=a, every=True) for name, a in LOOKS.items()}
    looks.update({name: Fault(shows=name, every=True) for name in ("nothing", "another's", "stale", "late")})
    writes = {"well": Fault(), "500, applied": Fault(True, LOST["500"]),
              "closed, not applied": Fault(False, LOST["closed"])}
    for (write, fault), (look, what) in itertools.product(writes.items(), looks.items()):
        yield f"{write}, look {look}", {kind: fault, "look": what}
    if VARIANTS[variant].dialect is Generic:
        for look in ("500", "nothing") if kind != OPS[op].kind else ("500", "silent", "nothing"):
            yield f"look before {look}", {"before": looks[look]}
            yield f"500, applied, look before {look}", {kind: writes["500, applied"], "before": looks[look]}


def cells_of_people(variant, op):
    """A person does something between write and look, or before the write arrives."""
    kind = kind_of(variant, op)
    for what in ("approves", "changes", "deletes", "denies"):
        yield f"well, a person {what}", {kind: Fault(after=what)}
        yield f"closed, applied, a person {what}", {kind: Fault(True, LOST["closed"], after=what)}
        if OPS[op].stands:
            yield f"a person {what} before", {kind: Fault(before=what)}
    yield "a person enters the same before", {kind: Fault(before="enters")}
    yield "closed, applied, a person enters the same", {kind: Fault(True, LOST["closed"], after="enters")}
    yield "closed, not applied, a person enters the same", {kind: Fault(False, LOST["closed"], after="enters")}


def cells_of_approvals(variant):
    """An insert that is to be approved, by a call of its own."""
    generic = VARIANTS[variant].dialect in (Generic, Runs)
    names = [n for i, n in enumerate(LOST) if not generic or i < 4]
    for name in names:
        yield f"approval {name}, applied", {"approve": Fault(True, LOST[name])}
        yield f"approval {name}, not applied", {"approve": Fault(False, LOST[name])}
    for name in ("403", "422", "429") if generic else REFUSED:
        yield f"approval {name}, refused", {"approve": Fault(False, refusal(name))}
    for how in ("waiting", "hidden word"):
        yield f"approval {how}", {"approve": Fault(how)}
    for look in ("500", "nothing", "stale"):
        what = Fault(answers=LOOKS.get(look), shows=None if look in LOOKS else look, every=True)
        yield f"approval 500, applied, look {look}", {"approve": Fault(True, LOST["500"]), "look": what}
        yield f"approval closed, not applied, look {look}", {"approve": Fault(False, LOST["closed"]), "look": what}
    for what in ("approves", "denies", "deletes"):
        yield f"a person {what} before the approval", {"approve": Fault(before=what)}


def cells_of_undoing():
    """An insert that is something else than was asked, and is taken back."""
    for how in ("other", "more", "other type", "zero", "fewer"):
        yield f"applies {how}, undo refused", {"create": Fault(how), "undo": Fault(False, refusal("422"))}
        yield f"applies {how}, undo 500, applied", {"create": Fault(how), "undo": Fault(True, LOST["500"], every=True)}
        yield f"applies {how}, undo 500", {"create": Fault(how), "undo": Fault(False, LOST["500"], every=True)}
        yield f"applies {how}, undo and nothing", {"create": Fault(how), "undo": Fault("waiting", every=True)}
        for undo, fault in (("500, applied", Fault(True, LOST["500"], every=True)), ("well", Fault())):
            yield f"applies {how}, undo {undo}, then no look", {
                "create": Fault(how), "undo": fault, "cancel": fault,
                "look at undo": Fault(answers=LOOKS["500"], every=True)}


def cells_of_replaces(variant):
    """What can happen to the cancel, and to what is entered again."""
    for name in list(LOST)[:4]:
        yield f"cancel {name}, applied", {"cancel": Fault(True, LOST[name])}
        yield f"cancel {name}, not applied", {"cancel": Fault(False, LOST[name])}
        yield f"cancel {name} each time", {"cancel": Fault(False, LOST[name], every=True)}
    for name in ("403", "422", "429"):
        yield f"cancel {name}, refused", {"cancel": Fault(False, refusal(name))}
    yield "cancel and nothing", {"cancel": Fault("waiting")}
    if VARIANTS[variant].replaces != "create-first":
        yield "cancel and nothing, then one look", {"cancel": Fault("waiting"),
                                                    "look again": Fault(answers=LOOKS["500"], every=True)}
    yield "cancel 422, undo 422", {"cancel": Fault(False, refusal("422")), "undo": Fault(False, refusal("422"))}
    yield "create 422 each time", {"create": Fault(False, refusal("422"), every=True)}
    for name in ("closed", "500"):
        yield f"create 422, then {name}, applied", {"create": Fault(False, refusal("422")),
                                                    "create 2": Fault(True, LOST[name])}
        yield f"create 422, then {name}, not applied", {"create": Fault(False, refusal("422")),
                                                        "create 2": Fault(False, LOST[name])}


def cells_of_runs():
    """What can happen to the second of two."""
    for name in list(LOST)[:4]:
        yield f"second {name}, applied", {"create 2": Fault(True, LOST[name])}
        yield f"second {name}, not applied", {"create 2": Fault(False, LOST[name])}
    for how in ("fewer", "other", "more", "zero"):
        yield f"second applies {how}", {"create 2": Fault(how)}
        yield f"second applies {how}, closed", {"create 2": Fault(how, LOST["closed"])}
    no = {"create 2": Fault(False, refusal("422"))}
    yield "second 422", no
    yield "second 422, undo 422", {**no, "undo": Fault(False, refusal("422"))}
    yield "second 422, undo 500, applied", {**no, "undo": Fault(True, LOST["500"], every=True)}
    yield "second 422, undo 500", {**no, "undo": Fault(False, LOST["500"], every=True)}
    yield "second 422, undo and nothing", {**no, "undo": Fault("waiting", every=True)}
    yield "second 422, a person changes", {"create 2": Fault(False, refusal("422"), before="changes")}


# Of an operation that is missing, what could need it.
NEEDS = {"approve": ("insert", "approve"), "change": ("change",), "cancel": ("cancel", "insert"), "deny": ("deny",),
         "undo": ("insert",)}


def is_about(cell):
    """Can the cell come to something else in this variant than in the one that lacks nothing?"""
    v = cell.variant
    if v.replaces:
        return cell.op.name == "change" or v.dialect is Runs and cell.op.name in ("insert", "insert pending", "cancel")
    if v.on_fewer:
        return "fewer" in cell.name or "a person changes" in cell.name
    missing = [op for op in v.without if op != "find"]
    if not missing:
        return True
    # Without a change, and without a cancel, that is all there is to say; approving and denying have a substitute.
    return cell.op.name in NEEDS[missing[0]] and (
        cell.name == "nothing" if cell.op.name in ("change", "cancel") else
        "applies" in cell.name or missing[0] in ("approve", "deny"))


def cells():
    return filter(is_about, every_cell())


def every_cell():
    for variant, v in VARIANTS.items():
        for op, o in OPS.items():
            makers = [cells_of_writes(variant, op), cells_of_looks(variant, op), cells_of_people(variant, op)]
            if op == "insert" and v.dialect is Generic:
                makers.append(cells_of_undoing())
            if op == "change" and v.replaces:
                makers.append(cells_of_replaces(variant))
            if op in MAKES and v.dialect is Runs:
                makers.append(cells_of_runs())
            for name, script in itertools.chain(*makers):
                yield Cell(variant, op, name, script)
        if "approve" not in v.without:
            for name, script in cells_of_approvals(variant):
                yield Cell(variant, "insert", name, script, approves=True)
        if v.dialect is Generic:
            for name, fault in (("closed, not applied", Fault(False, LOST["closed"])),
                                ("closed, applied", Fault(True, LOST["closed"]))):
                yield Cell(variant, "insert", f"{name}, duplicates refused", {"create": fault}, unique=True)
            yield Cell(variant, "insert", "another's first, duplicates refused",
                       {"create": Fault(before="enters")}, unique=True)


def chosen():
    """Of each group its cells, and those that are played."""
    every = list(cells())
    if WHOLE:
        return every
    some = random.Random(SEED)
    return [c for c in every if some.random() < 0.1 or c.variant.dialect in (BambooHr, Odoo) or
            (c.op.name, c.name) in FOUND]


CELLS = chosen()
GROUPS = sorted({(c.variant.name, c.op.name) for c in CELLS})


class Lane:
    """A route of one variant, and the cells that are played on it one after the other."""

    def __init__(self, home, variant, number):
        self.home, self.variant, self.name = home, variant, f"{variant.name}-{number}"
        self.cells = [c for c in CELLS if c.variant is variant][number::LANES]
        self.ports = itertools.cycle(home.hris.ports)
        home.route(self.name, url="HRIS")
        with open(f"{home.dir}/routes.d/{self.name}.yaml", encoding="utf-8") as file:
            text = file.read()
        if variant.dialect is not BambooHr:
            text = text.replace("adapter: bamboohr", f"adapter: {variant.name}").replace("  company: acme\n", "")
        if variant.dialect not in (BambooHr, Odoo):
            text = re.sub(r"  api_key: .*\n", "", text)
        self.text = text.replace("on_fewer: keep", f"on_fewer: {variant.on_fewer or 'keep'}")
        self.move()
        self.proof = homes.sign.basic("plain", home.read_secret(self.name + "-plain"))

    def move(self):
        """To another address of the HRIS, which no circuit breaker knows."""
        url = f"http://127.0.0.1:{next(self.ports)}/{self.name}"
        self.home.write(f"routes.d/{self.name}.yaml", self.text.replace("HRIS", url))

    def call(self, action, body):
        out = self.home.fcgi(f"/v1/{self.name}/{action}", json.dumps(body).encode(), headers=self.proof)
        assert out.status == 200, out.body
        return homes.check_declared(action, homes.parse(out))

    def works(self):
        return self.call("get-balance", {"agentId": "7", "inputDates": CALM,
                                         "inputTimeOffTypeIds": "78"})["statusCode"] == 200

    def rest(self):
        """A cell ends in some failures: the circuit breaker shall not be open when the next call begins."""
        if not self.works():
            self.move()
            homes.wait_until(self.works, 60)

    def play(self, ledger, cells):
        for cell in cells:
            try:
                cell.error, cell.calls = None, []
                self.play_one(ledger, cell)
                if not too_slow(cell):
                    cell.wrong += [fault for fault in faults_of(cell) if fault not in cell.wrong]
            except Exception as e:          # pylint: disable=broad-except
                cell.error = e

    def play_one(self, ledger, cell):
        world = self.home.hris.worlds[self.name] = cell.begin()
        self.write(ledger, cell)
        if "writes" not in cell.script:
            world.calm()
        self.rest()
        # Before that, what is not shown may still arrive.
        rows = cell.calls[0].rows
        homes.wait_until(lambda: all(r[1] not in OPEN or r[3] < time.time() * 1000 for r in rows), 60)
        self.write(ledger, cell)

    def write(self, ledger, cell):
        world = cell.world
        before = len(world.wrote)
        world.called(DEADLINE_S, SETTLE_S)
        out = self.call(cell.action(), cell.body())
        cell.calls.append(Call(out, ledger(self.name, cell.agent), world.live(), before, len(world.wrote)))
        world.settle()


def ledger_of(home):
    """Reads the ledger's rows of an agent, beside the gateway."""
    mine = threading.local()

    def rows(route, agent):
        if not hasattr(mine, "db"):
            mine.db = sqlite3.connect(f"file:{home.dir}/state/ledger.db?mode=ro", uri=True, timeout=20)
        return mine.db.execute("SELECT op, state, request, quiet_ms FROM intents WHERE ledger = ? AND agent = ? "
                               "ORDER BY n", (route, agent)).fetchall()
    return rows


@pytest.fixture(scope="module")
def played():
    """All cells; most of them wait for time to pass, so many at once."""
    server = stateful_hris.StatefulHris()
    home = homes.Home(server, deadline=DEADLINE_S)
    try:
        for name in ("bamboohr", "odoo"):
            home.adapter(name, SETTLE_S)
        for v in VARIANTS.values():
            if v.dialect not in (BambooHr, Odoo):
                home.write(f"adapters/{v.name}.yaml",
                           adapter_text(v.find, v.consistent, v.without, replaces=v.replaces))
        lanes = [Lane(home, v, i) for v in VARIANTS.values() for i in range(LANES)]
        home.start()
        ledger = ledger_of(home)
        homes.side_by_side(lambda i: lanes[i].play(ledger, lanes[i].cells), len(lanes))
        # Where the machine was busy, time may have decided: some of them once more, with less at once.
        known = stated()
        again = [[c for c in lane.cells if c.error or outcome(c) not in known[place_of(c)]] for lane in lanes]
        if known and sum(map(len, again)) <= AGAIN_MAX:
            homes.side_by_side(lambda i: lanes[i].play(ledger, again[i]), len(lanes))
        yield
    finally:
        server.stop()
        code = home.stop()
        home.check_reports()
        home.remove()
    assert code == 0


# --- the independent checker: what was said, and what is so ---

UNSURE = ("HRIS.OUTCOME_UNKNOWN", "HRIS.DIFFERENT", "HRIS.NOT_APPROVED", "GATEWAY.IN_PROGRESS")


def word_broken(cell):
    """Where the HRIS does not do as its adapter declares, a promise that rests on its word is not the gateway's to
    keep: it answers a class that means "not applied" and has applied it; it applies later than settle after the
    last moment of the call; it is declared consistent and does not show what it holds, or not on the days asked."""
    faults = cell.script.values()
    return (any(f.lies or f.after_s >= TOO_LATE_S for f in faults) or
            cell.variant.consistent and any(
                f.shows or f.applies == "elsewhere" or (
                    f.applies == "other" and f.answers and cell.variant.dialect is Runs) for f in faults))


def word_taken(cell):
    """Where nothing can be looked at, or the look shows nothing and need not, the HRIS's own success is believed."""
    look = cell.script.get("look", Fault())
    deleted = any("deletes" in (f.before, f.after) for f in cell.script.values())
    return ("find" in cell.variant.without or look.answers is not None or
            not cell.variant.consistent and (look.shows or deleted and cell.variant.dialect is not Generic))


def stands(cell, call):
    """What the writes of a call have done, and nobody has undone."""
    world, applied = cell.world, {n for n in cell.world.applied if call.before < n <= call.after}
    rows = [r for r in world.records.values() if r.call in applied]
    if cell.op.status in ("CANCELED", "DENIED"):
        return [r for r in rows if not r.live]
    if cell.op.name == "approve":
        return [r for r in rows if r.status == "APPROVED"]
    return [r for r in rows if r.live]


def refused_for_time(cell):
    """The machine was too slow for the deadline that the looks need: nothing was sent, so nothing is shown."""
    first = cell.calls[0]
    return first.out["errorCode"] == "HRIS.TIMEOUT" and not first.rows and first.before == first.after


def too_slow(cell):
    """The machine was, for the gateway, or for the HRIS, which has applied something later than its script means."""
    return refused_for_time(cell) or bool(cell.world.late) and not any(
        f.after_s >= TOO_LATE_S for f in cell.script.values())


def faults_of(cell):
    """What is false in what was said, and what is not said though it can be known."""
    world = cell.world
    asked = {r.made: set(world.wrote[r.made - 1][1].days) for r in world.live() if r.made}
    if any(a & b for a, b in itertools.combinations(asked.values(), 2)) and not word_broken(cell):
        yield "recorded twice"
    if world.get(cell.other.id) != cell.other:
        yield "another request was touched"
    for call in cell.calls:
        out, code = call.out, call.out["errorCode"]
        sure = code not in ("", *UNSURE) or "nothing was written" in out["errorMsg"]
        if sure and stands(cell, call) and not word_broken(cell):
            yield f"said not written, and it is: {code}"
        kinds = [(kind, tuple(says.days.items()) if kind == "create" else "") for kind, says in
                 world.wrote[call.before:call.after]]
        if any(kind == "create" and kinds.count((kind, days)) > 1 for kind, days in kinds) or \
                kinds.count(("change", "")) > (1 if cell.variant.dialect is BambooHr else 2):
            yield f"sent again: {kinds}"
        if call is cell.calls[0]:
            yield from faults_of_lost(cell, call)
        yield from faults_of_id(cell, out)
        if code == "HRIS.OUTCOME_UNKNOWN" and not out["timeOffRequestId"]:
            sent = [re.search(r"\[hrisgw \w+\]", s.note + s.key) for kind, s in world.wrote if kind == "create"]
            names = [m.group() for m in sent if m] + [*world.records, *world.deleted]
            if any(sent) and not any(name in out["errorMsg"] for name in names):
                yield "unknown, and neither marker nor id is named"
        if out["status"] == "Complete" and not word_taken(cell):
            yield from faults_of_complete(cell, call)
        if out["status"] == "Complete" and call is not cell.calls[0] and call.before == call.after and \
                "find" in cell.variant.without and cell.calls[0].out["status"] != "Complete":
            yield "Complete, and nothing says so"
    first, second = cell.calls
    ended = any(kind in ("undo", "cancel") for kind, _ in world.wrote[first.before:first.after])
    refused = "DIFFERENT" not in first.out["errorCode"] or "was refused" in first.out["errorMsg"]
    if not cell.op.stands and ended and second.before < second.after and not (cell.variant.dialect is Runs and refused):
        yield "taken back, and written anew"
    yield from faults_of_knowledge(cell)


def faults_of_lost(cell, call):
    """What stood before the call, and nobody but the gateway ended: is its end said?"""
    ids = {r.id for r in call.live}
    people = any(f.before or f.after for f in cell.script.values())
    ended = [r for r in cell.stood if r.id not in ids and cell.world.get(r.id) and cell.world.get(r.id).call]
    if cell.op.name == "change" and ended and not any(r.made for r in call.live) and \
            "cancel" not in call.out["errorMsg"].lower() and not people and not word_broken(cell):
        yield f"what stood is lost, and not said: {call.out['errorCode']}"


def faults_of_knowledge(cell):
    """What the HRIS says, or a look that nothing disturbs can show, is known."""
    said = cell.calls[0].out["errorCode"]
    if {"find", cell.op.name} & set(cell.variant.without) or refused_for_time(cell):
        return
    refused = re.fullmatch(r"(\d+(?: later)?), refused", cell.name)
    if cell.replaced() or (cell.variant.dialect is Runs and cell.op.stands):
        return                          # what was cancelled is entered again; one of two was cancelled
    if refused and said != REFUSED[refused.group(1)] and (refused.group(1) != "404" or said == "HRIS.OUTCOME_UNKNOWN"):
        yield f"refused by {refused.group(1)}, and called {said}"
    shows = cell.variant.find in ("marker", "key") or cell.op.name not in MAKES
    if shows and re.fullmatch(r"[^,]*, applied( soon)?", cell.name) and said and \
            not word_broken(cell):
        yield f"it is there, and called {said}"


def faults_of_id(cell, out):
    """Is the id one that this call may name?"""
    mine = {r.id for r in cell.stood}
    for request_id in filter(None, out["timeOffRequestId"].split(",")):
        row = cell.world.get(request_id)
        # By its content alone nobody can tell it from one that a person enters meanwhile.
        alike = cell.variant.find == "natural" and row and row.days == cell.world.dialect.days
        if request_id not in mine and request_id not in cell.world.deleted and not alike and not (row and row.made):
            yield f"the id of another: {row}"


def faults_of_complete(cell, call):
    rows = [r for r in call.live if r.id in call.out["timeOffRequestId"].split(",")]
    if cell.op.status in ("CANCELED", "DENIED"):
        if rows:
            yield "Complete, and it stands"
        return
    if not rows:
        yield "Complete, and it is not there"
    # Of an answer that came nobody would look for a second one.
    if "twice, closed" in cell.name and len([r for r in call.live if r.made == 1]) > len(rows):
        yield "Complete, and it is there twice"
    if cell.replaced() and cell.name != "a person approves before" and \
            any(r.id in {s.id for s in cell.stood} for r in call.live if r not in rows):
        yield "Complete, and what stood before stands, too"
    days = dict(item for r in rows for item in r.days.items())
    fewer = call.out["recordedMinutes"] == str(sum(r.minutes for r in rows))
    if {r.type for r in rows} != {"78"} or days != cell.world.dialect.days and not fewer:
        yield f"Complete, and it is something else: {[(r.days, r.type) for r in rows]}"
    for r in rows:
        if cell.op.status == "APPROVED" and r.status != "APPROVED":
            yield f"Complete, and it is {r.status}"


# --- the statement ---

STATEMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ledger_matrix.txt")
HEAD = """\
The fault matrix as it is stated: written by test_ledger_matrix.py as a program, and read by it as a test.
Below a write and what happens to it: answer; the ledger's row; what the HRIS holds; the repeat: in which variants.
With a star the HRIS does not keep its word: what its adapter declares, or a class that means "not applied". Then it
may be recorded twice, or not as said: applied later than settle, hidden by a list that is declared consistent.
"""


def holds(cell, live):
    """The records of the HRIS that are about the request, in words."""
    days, before, mine = cell.world.dialect.days, cell.days_before(), [r.id for r in cell.stood]
    part = cell.variant.dialect is Runs
    out = []
    for r in live:
        if r.id == cell.other.id:
            continue
        content = "asked" if (r.days, r.type) == (days, "78") else \
            "as it was" if r.id in mine and r.days in before or cell.replaced() and r.made and r.days in before else \
            "a part" if part and r.type == "78" and r.days.items() <= days.items() else "something else"
        by_hand = not r.made and r.id not in mine
        out.append(f"{content} {r.status.lower()}{' by hand' if by_hand else ''}")
    return " + ".join(sorted(out)) or "nothing"


def said(out):
    """The answer, with what it says of the request's id."""
    words = [out["errorCode"] or "Complete"]
    words += ["with an id"] if out["errorCode"] and out["timeOffRequestId"] else []
    words += [f"of {out['recordedMinutes']} minutes"] if out["recordedMinutes"] else []
    return " ".join(words + ["replayed"] * out["replayed"])


def outcome(cell):
    first, second = cell.calls
    row = first.rows[-1][1] if first.rows else "no row"
    return f"{said(first.out)}; {row}; {holds(cell, first.live)}; {said(second.out)}"


def place_of(cell):
    return cell.op.name, cell.name, cell.variant.name


def stated():
    """{(op, name, variant): its outcomes}; where time decides there are several."""
    out = collections.defaultdict(set)
    if not os.path.exists(STATEMENT):
        return out
    with open(STATEMENT, encoding="utf-8") as file:
        for line in file:
            if not line.startswith(" "):
                op, _, name = line.strip().partition(": ")
                continue
            said_there, _, variants = line.strip().rpartition(": ")
            for variant in variants.replace("*", "").split(", "):
                out[op, name, variant].add(said_there)
    return out


def statement(known):
    """The text of all that is stated."""
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    for (op, name, variant), outcomes in known.items():
        for what in outcomes:
            groups[op, name][what].append(variant)
    order = list(VARIANTS)
    broken = {place_of(c) for c in cells() if word_broken(c)}
    lines = [HEAD]
    for op, name in sorted(groups, key=lambda g: (list(OPS).index(g[0]), g[1])):
        lines.append(f"\n{op}: {name}\n")
        for what, variants in sorted(groups[op, name].items(), key=lambda w: min(order.index(v) for v in w[1])):
            names = [v + "*" * ((op, name, v) in broken) for v in sorted(variants, key=order.index)]
            lines.append(f"    {what}: {', '.join(names)}\n")
    return "".join(lines)


@pytest.mark.parametrize("variant, op", GROUPS)
def test_cells(played, variant, op):
    wrong, known = [], stated()
    for cell in CELLS:
        if (cell.variant.name, cell.op.name) != (variant, op):
            continue
        if cell.error:
            raise AssertionError(str(cell)) from cell.error
        if too_slow(cell):
            continue
        wrong += [f"{cell}: {fault}" for fault in cell.wrong]
        if outcome(cell) not in known[place_of(cell)]:
            wrong.append(f"{cell}: {outcome(cell)}, and stated is {sorted(known[place_of(cell)])}")
    assert not wrong, "\n".join(wrong)


def test_few_cells_were_too_slow(played):
    slow = [str(cell) for cell in CELLS if not cell.error and too_slow(cell)]
    assert len(slow) * 20 < len(CELLS), slow


def main():
    """Plays all and states what came of it."""
    known, before = {}, stated()
    playing = played.__wrapped__()
    next(playing)
    for cell in CELLS:
        as_before = before[place_of(cell)]
        known[place_of(cell)] = as_before if outcome(cell) in as_before or too_slow(cell) else {outcome(cell)}
        for fault in cell.wrong:
            print(f"{cell}: {fault}")
    with open(STATEMENT, "w", encoding="utf-8") as file:
        file.write(statement(known))
    next(playing, None)


if __name__ == "__main__":
    main()
