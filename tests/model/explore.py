"""
explore.py: every order of events of a small world, breadth first. Finds a shortest counter-example, if any.

A world is the HRIS's records, writes still on their way, the ledger's rows and the calls that run, at most
two at once. A step is one of: a call begins; it takes its next step, with each result that its environment can
give; its process dies; a late write arrives or is lost; a person acts; a minute passes.
"""
from collections import namedtuple
from dataclasses import dataclass, replace

import table
from design import Answer, key_of
from gateway import Program
from hris import (APPROVED, ENDED, GONE, NONE, PENDING, REFUSED, Balance, Commit, Effect, Look, Quiet, Said, Send,
                  Take, apply, find, is_live, put, shows)

# records; before: as they were before the latest write (stale look-ups only); flying: writes under way; rows;
# runs: calls that run; begun: calls begun; deaths, deeds: how many may still come; denied: keys whose callers were
# told "not written"; said: keys whose callers were told that a request was cancelled.
World = namedtuple("World", "records before flying rows runs begun deaths deeds blind denied said")
# heard: the number of the results so far.
Run = namedtuple("Run", "call holds heard")


@dataclass(frozen=True)
class Scenario:
    """A bounded world. Where stands is set, the first records are there before the first call."""
    name: str
    calls: tuple
    deaths: int = 1
    deeds: tuple = ()               # what persons do, at most once each
    faults: tuple = ("refused", "after", "before", "late")
    becomes: tuple = ()             # what the HRIS may make of a content: "fewer", "other"
    waits: bool = False             # an approval may wait, or be refused
    two_steps: bool = False         # approved requests are created pending and then approved
    stands: tuple = ()              # records of the beginning
    rows: tuple = ()                # and their rows
    limit: int = 0                  # the balance; 0: unlimited
    blind: int = 0                  # unreadable looks
    how: tuple = ()                 # fields of the design that this world needs
    passes: bool = True             # a minute may pass
    at_once: int = 2


class Broken(Exception):
    """An invariant does not hold: its name and why."""


class Explorer:
    """One design in one scenario."""

    def __init__(self, design, scenario, most=2_000_000):
        self.design, self.scenario, self.most = replace(design, **dict(scenario.how)), scenario, most
        self.numbers, self.heard = {}, []
        self.known, self.cells, self.answers, self.ends = {}, set(), {}, {}

    # A call's program, run from its beginning each time; what it asks for next is remembered.

    def next_of(self, call, heard):
        found = self.known.get(heard)
        if found is None:
            program = Program(self.design, call, self.scenario.limit, self.scenario.two_steps)
            steps = program.run()
            try:
                asks = next(steps)
                for result in self.results_of(heard):
                    asks = steps.send(result)
            except StopIteration as stop:
                asks = stop.value
            self.cells.update(program.used)
            found = self.known[heard] = asks
        return found

    def hear(self, heard, result):
        """The number of what was heard, with one more result."""
        number = self.numbers.setdefault((heard, result), len(self.heard))
        if number == len(self.heard):
            self.heard.append((heard, result))
        return number

    def results_of(self, heard):
        out = []
        while isinstance(heard, int):
            heard, result = self.heard[heard]
            out.append(result)
        return out[::-1][1:]

    def first(self):
        s = self.scenario
        return World(s.stands, s.stands if self.design.stale else None, (), s.rows, (), 0, s.deaths, s.deeds,
                     s.blind, frozenset(), frozenset())

    def search(self):
        """Returns None, or (what is broken, the steps that lead there)."""
        start = self.first()
        came, layer = {start: None}, [start]
        while layer:
            following = []
            for world in layer:
                text = ""
                try:
                    steps = self.steps(world)
                    for text, after in steps:
                        if after not in came:
                            self.check(after)
                except Broken as broken:
                    self.states = len(came)
                    return str(broken), self.path(came, world) + [broken.step or text]
                for text, after in steps:
                    if after not in came:
                        came[after] = (world, text)
                        following.append(after)
                        if len(came) > self.most:
                            raise MemoryError(f"{self.design.name}/{self.scenario.name}: over {self.most} states")
            layer = following
        self.states = len(came)
        return None

    def path(self, came, world):
        steps = []
        while came[world]:
            world, text = came[world]
            steps.append(text)
        return steps[::-1]

    # Steps.

    def steps(self, world):
        out = []
        self.step_begin(world, out)
        for run in world.runs:
            self.step_run(world, run, out)
        for effect in dict.fromkeys(world.flying):
            left = list(world.flying)
            left.remove(effect)
            lost = world._replace(flying=tuple(left))
            out.append((f"the late {effect.kind} is lost", lost))
            for content in self.makes(effect):
                after, _ = self.applied(lost, effect, content)
                out.append((f"the late {effect.kind} arrives{self.as_what(content)}", after))
        self.step_person(world, out)
        if self.scenario.passes and not world.runs and not world.flying:
            rows = tuple(r._replace(fresh=False) for r in world.rows)
            records = world.records
            if not self.design.stale and not self.design.takes_key:
                records = tuple(r._replace(was=()) for r in records)
            if rows != world.rows or records != world.records:
                out.append(("a minute passes", world._replace(rows=rows, records=records)))
        return out

    def step_begin(self, world, out):
        calls = self.scenario.calls
        if world.begun < len(calls) and len(world.runs) < self.scenario.at_once:
            call = calls[world.begun]
            run = Run(call, False, self.hear(None, call))
            words = " ".join(str(w) for w in (call.content, call.status, call.id) if w)
            out.append((f"call {call.n} begins: {call.op} {words}",
                        world._replace(begun=world.begun + 1, runs=world.runs + (run,))))

    def step_person(self, world, out):
        for deed in world.deeds:
            rest = list(world.deeds)
            rest.remove(deed)
            if deed == "resolves":
                self.step_resolve(world, rest, out)
                continue
            if deed == "enters":
                made = apply(world.records, Effect("create", 0, "A", APPROVED, None, 0))[0]
                out.append(("a person enters A by hand", self.moved(world, made)._replace(deeds=tuple(rest))))
                continue
            for record in world.records:
                if not is_live(record) or (deed == "approves" and record.status == APPROVED):
                    continue
                was = record.was + ((record.content, record.status),)
                changed = {"approves": {"status": APPROVED}, "changes": {"content": "P"},
                           "corrects": {"content": "A"}, "cancels": {"status": ENDED, "by": None},
                           "deletes": {"status": GONE, "by": None}}[deed]
                touched = record._replace(was=was, **changed)
                if touched._replace(was=()) == record._replace(was=()):
                    continue
                out.append((f"a person {deed} request {record.id}",
                            self.moved(world, put(world.records, touched))._replace(deeds=tuple(rest))))

    def step_resolve(self, world, rest, out):
        """ledger resolve: a person has looked, once nothing can arrive any more."""
        for row in world.rows:
            if "resolve written" not in table.TABLE[row.state] or world.runs or world.flying:
                continue
            mark = row.key + (row.generation, row.serial)
            there = [r for r in world.records if is_live(r) and (
                r.mark == mark or (row.state == "half-replaced" and r.content == row.wanted[0]))]
            word = "written" if there else "not written"
            if there and there[0].content != row.wanted[0]:
                continue                # neither is true
            old = find(world.records, row.before)
            if there and row.op == "create-first" and old and is_live(old):
                continue                # one of them has to end first
            self.cells.add((row.state, "resolve " + word))
            state = table.TABLE[row.state]["resolve " + word].row
            settled = row._replace(state=state, id=there[0].id if there else row.id, unsure=False, fresh=False,
                                   op="replace" if there and row.op == "create-first" else row.op)
            rows = tuple(settled if r.n == row.n else r for r in world.rows)
            out.append((f"a person resolves row {row.n}: {word}", world._replace(rows=rows, deeds=tuple(rest))))

    def moved(self, world, records):
        before = world.records if self.design.stale else None
        return world._replace(records=records, before=before)

    def step_run(self, world, run, out):
        asks = self.next_of(run.call, run.heard)
        others = tuple(r for r in world.runs if r.call.n != run.call.n)
        for text, after, result in self.results(world, run, asks, others):
            holds = run.holds or (isinstance(asks, Take) and result[0])
            heard = self.hear(run.heard, result)
            following = self.next_of(run.call, heard)
            text = f"call {run.call.n} {text}"
            if isinstance(following, Answer):
                after = after._replace(runs=others)
                after = self.answered(world, after, run, following, text)
                text += f" and answers {following.code}" + (f" {following.id}" if following.id else "")
                out.append((text, after))
                continue
            runs = tuple(sorted(others + (Run(run.call, holds, heard),), key=lambda r: r.call.n))
            out.append((text, after._replace(runs=runs)))
            if world.deaths and isinstance(asks, (Commit, Send)):
                out.append((text + " and its process dies", after._replace(runs=others, deaths=world.deaths - 1)))

    def results(self, world, run, asks, others):
        """(text, world, result) for all that the environment may answer."""
        if isinstance(asks, Take):
            held = any(o.holds for o in others)
            if not held or self.design.lock != "kernel":
                yield "takes the lock", world, (True, world.rows)
            if held and self.design.lock != "none":
                yield "does not get the lock", world, (False, world.rows)
        elif isinstance(asks, Commit):
            number = asks.row.n or len(world.rows) + 1
            rows = {r.n: r for r in world.rows}
            rows.update((r.n, r) for r in (asks.row._replace(n=number),) + asks.more)
            yield (f"commits row {number}: {asks.row.state}",
                   world._replace(rows=tuple(rows[n] for n in sorted(rows))), number)
        elif isinstance(asks, Send):
            yield from self.sent(world, run, asks.effect)
        elif isinstance(asks, Look):
            yield "looks", world, shows(world.records)
            if world.before is not None and shows(world.before) != shows(world.records):
                yield "looks and sees what was", world, shows(world.before)
            if world.blind:
                yield "looks and cannot read", world._replace(blind=world.blind - 1), None
        elif isinstance(asks, Quiet):
            if not world.flying:
                yield "waits until nothing can arrive", world, True
            if "late" in self.scenario.faults:
                yield "has no time to wait", world, False
        elif isinstance(asks, Balance):
            taken = len([r for r in world.records if is_live(r)])
            yield "reads the balance", world, self.scenario.limit - taken

    def makes(self, effect):
        """What the HRIS may make of this write's content."""
        yield None
        if effect.kind in ("create", "change"):
            if "fewer" in self.scenario.becomes:
                yield effect.content.lower()
            if "other" in self.scenario.becomes:
                yield "X"
            if "stays" in self.scenario.becomes and effect.kind == "change":
                yield "stays"

    def as_what(self, content):
        return f" as {content}" if content else ""

    def applied(self, world, effect, content=None):
        if content == "stays":
            return world, Said("ok", effect.id, find(world.records, effect.id).status)
        records, said = apply(world.records, effect, content, self.design.takes_key)
        if records != world.records and effect.kind == "cancel":
            self.check_cancel(world, effect)
        return (self.moved(world, records) if records != world.records else world), said

    def sent(self, world, run, effect):
        faults, name = self.scenario.faults, f"sends {effect.kind}"
        world = world._replace(denied=world.denied - {key_of(run.call)})
        for content in self.makes(effect):
            after, said = self.applied(world, effect, content)
            if said == REFUSED:
                yield name + ": refused", world, REFUSED
                continue
            what = self.as_what(content)
            yield name + f": success{what}", after, said
            if "after" in faults:
                yield name + f": applied{what}, no answer", after, NONE
            if self.design.curl_repeats and effect.kind == "create":
                twice, said = self.applied(after, effect, content)
                yield name + ": applied twice", twice, said
        if "refused" in faults:
            yield name + ": refused", world, REFUSED
        if "before" in faults:
            yield name + ": lost", world, NONE
        if "late" in faults and len(world.flying) < 2:
            late = tuple(sorted(world.flying + (effect,), key=repr))
            yield name + ": under way, no answer", world._replace(flying=late), NONE
        if self.scenario.waits and effect.kind == "approve":
            yield name + ": success, and it waits", world, Said("ok", effect.id, PENDING)

    # Invariants. What breaks one raises, with the step that did.

    def broken(self, why, step=None):
        broken = Broken(why)
        broken.step = step
        raise broken

    def check_cancel(self, world, effect):
        call = self.scenario.calls[effect.call - 1]
        if call.op == "insert" and find(world.records, effect.id).born != call.n:
            self.broken("leave that stood before the call is ended by an insert", "it is cancelled")

    def check(self, after):
        """In every world, and more where nothing runs or flies."""
        marks = [r.mark for r in after.records if r.mark and is_live(r)]
        keys = [key_of_mark(m) for m in marks]
        if len(set(keys)) < len(keys):
            self.broken("one intent has two live records")
        if self.scenario.limit and len([r for r in after.records if is_live(r)]) > self.scenario.limit:
            self.broken("the balance is overdrawn")
        if after.runs or after.flying:
            return
        for row in after.rows:
            self.ends[row.state] = self.ends.get(row.state, 0) + 1
            if row.state in ("refused", "taken-back") and row.op in ("insert", "change", "replace", "create-first") and \
                    any(is_live(r) and r.mark == row.key + (row.generation, row.serial) and
                        r.content != "P" for r in after.records) and row.said != "the HRIS's refusal":
                self.broken(f"row {row.n} is {row.state}, and its record is there")
        kept = {key_of_mark(r.mark) for r in after.records if r.mark and is_live(r) and r.content != "P"}
        for key in after.denied & kept:
            self.broken("a caller was told \"not written\", and it is there")
        for record in after.records:
            key = key_of_mark(record.by) if record.by and record.by[-1] != record.born else None
            if key and key[0] == "undo" and key[1] == "update":
                key = key[1:]
            if key and key[0] == "update" and key not in after.said and key not in keys and \
                    ("again",) + key not in keys and not any(
                    r.key == key and r.state in ("sending", "unknown", "half-replaced") for r in after.rows):
                if not any(r.key == key and r.state in ("done", "ended") for r in after.rows):
                    self.broken("leave was cancelled, nothing stands in its place, and no text says so")

    def answered(self, world, after, run, answer, step):
        self.answers[answer.code] = self.answers.get(answer.code, 0) + 1
        key = key_of(run.call)
        if answer.says:
            after = after._replace(said=after.said | {key})
        if answer.code in (table.NOT_WRITTEN, "HRIS.REFUSED", "GATEWAY.BUSY", "InsufficientBalance"):
            after = after._replace(denied=after.denied | {key})
        if answer.code == table.COMPLETE and not self.holds(after, run.call, answer):
            self.broken("Complete, and the HRIS does not have it", step + " and answers Complete")
        if answer.code == table.COMPLETE and self.beside(after, run.call, answer.id):
            self.broken("Complete, and two requests stand", step + " and answers Complete")
        return after

    def beside(self, world, call, answered):
        """Does another than the one that is named stand: the old one, or the one that was to take its place?"""
        if not (self.design.create_first or any(row.op == "create-first" for row in world.rows)):
            return False
        return any(is_live(r) and r.id != (answered or call.id) and r.content != "P" and
                   (r.id == call.id or (r.mark and key_of_mark(r.mark)[:2] == ("update", call.id)))
                   for r in world.records)

    def holds(self, world, call, answer):
        """Has the HRIS what this Complete says, or had it until a person acted?"""
        records = [r for r in world.records if r.id == answer.id] if answer.id else world.records
        if call.op == "end":
            return not any(is_live(r) for r in records)
        for record in records:
            if not answer.verified and (is_live(record) or record.was):
                return True
            for content, status in ((record.content, record.status),) + record.was:
                same = content == call.content or (self.design.on_fewer == "accept" and
                                                   content == call.content.lower())
                if same and status in (PENDING, APPROVED) and (status == APPROVED or call.status == PENDING):
                    return True
        return False


def key_of_mark(mark):
    """The key in a mark, whether or not generation and serial follow."""
    if mark[0] in ("undo", "again"):
        return (mark[0],) + key_of_mark(mark[1:])
    return mark[:{"insert": 2, "update": 4, "end": 2}[mark[0]]]
