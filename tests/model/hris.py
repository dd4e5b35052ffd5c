"""
hris.py: the modelled HRIS: one agent's requests, what a write does to them, and the calls by which a
program (gateway.py) asks its environment for something.

A content is a letter. Capitals are what callers ask; the lower-case letter is the same with fewer days by the
HRIS's own calendar, "X" something else, "P" what a person made of it. A and B touch the same days; C and D
touch neither each other nor those.
"""
from collections import namedtuple

PENDING, APPROVED, ENDED, GONE = "pending", "approved", "cancelled", "gone"
LIVE = (PENDING, APPROVED)

# A request as the HRIS holds it. id counts from 1. mark: of the write that made its content, None: a person's.
# by: the mark of the write that ended it, and its call. was: contents and statuses before persons touched it, as
# long as they may still be shown or answered from memory. born: the number of the call that made it, 0: none.
Record = namedtuple("Record", "id content status mark by was born")

# A write. call: the number of the caller's call that sends it.
Effect = namedtuple("Effect", "kind id content status mark call")

# What a program can ask for. Each is answered by one value.
Take = namedtuple("Take", "")               # the agent's lock, and its rows: (held, rows)
Commit = namedtuple("Commit", "row more")   # the row's number; more: other rows, in the same transaction
Send = namedtuple("Send", "effect")         # Said
Look = namedtuple("Look", "")               # the records that are shown; None: unreadable
Quiet = namedtuple("Quiet", "")             # True: nothing that was sent can arrive any more
Balance = namedtuple("Balance", "")         # what the HRIS's balance leaves to a pending request

# What the HRIS answers to a write: ok (with id and status), refused, or none.
Said = namedtuple("Said", "what id status")
REFUSED, NONE = Said("refused", 0, ""), Said("none", 0, "")


def is_live(record):
    return record.status in LIVE


def touches(a, b):
    """Do these contents share a day?"""
    place = {"a": "A", "b": "A", "B": "A", "X": "A", "P": "A", "c": "C", "d": "D"}
    return place.get(a, a) == place.get(b, b)


def shows(records):
    """What a look shows; who reads it sees neither was nor by."""
    return tuple(r._replace(by=None, was=()) for r in records if r.status != GONE)


def find(records, request_id):
    return next((r for r in records if r.id == request_id), None)


def put(records, record):
    return tuple(record if r.id == record.id else r for r in records)


def apply(records, effect, content=None, same_key=False):
    """The records after the write and its answer. content: what the HRIS makes of it, where that is
    something else than asked. same_key: it takes an idempotency key."""
    if effect.kind == "create":
        known = [r for r in records if same_key and r.mark == effect.mark]
        if known:
            return records, Said("ok", known[0].id, known[0].status)
        made = Record(len(records) + 1, content or effect.content, effect.status, effect.mark, None, (),
                      effect.call)
        return records + (made,), Said("ok", made.id, made.status)
    record = find(records, effect.id)
    if record is None or not is_live(record):
        return records, REFUSED
    if effect.kind == "change":
        record = record._replace(content=content or effect.content, mark=effect.mark)
    elif effect.kind == "approve":
        record = record._replace(status=content or APPROVED)
    else:
        record = record._replace(status=ENDED, by=effect.mark + (effect.call,))
    return put(records, record), Said("ok", record.id, record.status)
