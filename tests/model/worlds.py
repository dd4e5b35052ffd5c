"""
worlds.py: a row of the ledger in each of its states, what the HRIS may hold then, and each call that may meet
it, once and once more: so that every cell of the table is met by the model.
"""
from design import Call, Row
from explore import Scenario
from hris import APPROVED, ENDED, GONE, PENDING, Record

OURS = ("insert", "A", 1, 1)
CHANGE = ("update", 1, "B", APPROVED)


def record(status=APPROVED, content="A", mark=OURS, by=None, was=()):
    return Record(1, content, status, mark, by, was, 0)


def row(state, **fields):
    row = Row(1, "insert", OURS[:2], state, 1, 1, 1, 0, ("A", APPROVED), seen=(), steps=1, shown="A", idem=7)
    return row._replace(**fields)


def changed(state, **fields):
    """A row of a change of request 1, which is not the ledger's own."""
    return row(state, op="change", key=CHANGE, before=1, wanted=("B", APPROVED), stood=("A", APPROVED), seen=None,
               **fields)


BY_US = record(ENDED, by=("end", 1, 1, 2, 0))
BY_PERSON = (record(ENDED), record(GONE), record(content="P", was=(("A", APPROVED),)))
HALF = row("half-replaced", n=2, op="replace", key=CHANGE, before=1, id=0, serial=2, wanted=("B", APPROVED),
           stood=("A", APPROVED))


def cases(rows, *records):
    """The same rows with each of these records; None: with no record."""
    rows = (rows,) if isinstance(rows, Row) else rows
    return [(rows, (r,) if r else ()) for r in records]


def open_cases(state):
    """A write whose fate is open, and what became of it."""
    lost = row(state, id=0, steps=0, unsure=state == "unknown")
    change = changed(state, id=0, steps=0, unsure=state == "unknown")
    return (cases(lost, None, record(), record(ENDED), record(mark=None)) +
            cases(change, record(mark=None), record(content="B", mark=CHANGE + (1, 1))) +
            cases(row(state, step="undo"), record(content="X"), record(ENDED, "X")))


def both(state):
    """The new one of a create-first was entered: the old one stands, too, or one of them has ended."""
    over = changed(state)._replace(op="create-first", id=2, shown="B" if state == "different" else "")
    old, new = record(mark=None), Record(2, "B", APPROVED, CHANGE + (1, 1), None, (), 0)
    return [((over,), records) for records in ((old, new), (old._replace(status=ENDED), new),
                                               (old, new._replace(status=ENDED)))]


REFUSED = row("refused", id=0, steps=0, said="the HRIS's refusal")
UNDONE = record(ENDED, "X", by=("undo",) + OURS + (0,))
ANOTHERS = Record(2, "A", APPROVED, None, None, (), 0)
NOT_OURS = [record(status, content, None) for content in "AB" for status in (APPROVED, PENDING)]

# state: rows and records that belong together.
MET = {
    "(none)": cases((), None, record(ENDED, mark=None), record(GONE, mark=None), *NOT_OURS),
    "sending": open_cases("sending") + both("sending"),
    "unknown": open_cases("unknown") + both("unknown"),
    "done": (cases(row("done", fresh=True, said="Complete"), record()) +
             cases(row("done"), record(), *BY_PERSON) +
             cases(row("done", wanted=("A", PENDING)), record(), record(PENDING)) +
             cases(changed("done", fresh=True), record(content="B", mark=CHANGE + (1, 1)))),
    "refused": (cases(REFUSED, None, record(mark=None)) +
                cases(changed("refused", said="the HRIS's refusal"), record(ENDED, mark=None),
                      record(GONE, mark=None), *NOT_OURS)),
    "different": (cases(row("different", shown="X"), record(content="X"), record(), record(PENDING),
                        record(ENDED, "X"), record(GONE, "X"), record(content="B"), record(PENDING, "B")) +
                  cases(changed("different", shown="X"), record(content="X", mark=CHANGE + (1, 1))) +
                  both("different")),
    "not-approved": cases(row("not-approved"), record(PENDING), record(), record(ENDED), record(GONE),
                          record(PENDING, "P", was=(("A", PENDING),)), record(PENDING, "B"), record(content="B")),
    "taken-back": (cases(row("taken-back", fresh=True, said="HRIS.DIFFERENT"), UNDONE, record(GONE, "X")) +
                   cases(row("taken-back"), UNDONE, record(GONE, "X"), *NOT_OURS) +
                   [((row("taken-back"),), (UNDONE, ANOTHERS))]),
    "half-replaced": cases((row("ended"), HALF), record(ENDED, by=CHANGE + (1, 2, 0)), record(GONE), *NOT_OURS),
    "ended": cases(row("ended"), BY_US, record(GONE), *NOT_OURS) + [((row("ended"),), (BY_US, ANOTHERS))],
}

CALLS = (("insert", "A", PENDING, 0), ("insert", "A", APPROVED, 0), ("update", "A", APPROVED, 1),
         ("update", "B", APPROVED, 1), ("end", "", "", 1), ("update", "A", APPROVED, 0), ("end", "A", "", 0))


def scenarios(design):
    """Each call, and once more."""
    if design.takes_key:
        return                          # sends the same key again, whatever a look would show
    for state, met in MET.items():
        for number, (rows, records) in enumerate(met):
            for op, content, status, request_id in CALLS:
                calls = tuple(Call(n, op, content, status, request_id, 9) for n in (1, 2))
                name = f"{state} {number}: {op} {content} {status} {request_id or ''}"
                yield Scenario(name, calls, deaths=0, at_once=1, faults=("refused", "after", "before"),
                                      stands=records, rows=rows, blind=1)
            calls = (Call(1, "insert", "A", APPROVED, 0), Call(2, "update", "B", APPROVED, 1))
            yield Scenario(f"{state} {number}: resolved", calls, deaths=0, at_once=1, faults=("refused", "after"),
                           deeds=("resolves",), stands=records, rows=rows)
            calls = (Call(1, "insert", "B", APPROVED, 0, 7),)
            yield Scenario(f"{state} {number}: its key with B", calls, deaths=0, stands=records, rows=rows)
