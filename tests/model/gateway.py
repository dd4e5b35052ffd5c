"""
gateway.py: the program of one call, in the order in which the gateway does it: lock, ledger, look, write,
look. A generator: it yields what it asks of its environment (hris.py), is sent the result, and returns an
Answer. What it does in which state of the ledger's row is table.py's.

A Design leaves rules out; designs.py says which of them are sound.
"""
from collections import namedtuple
from dataclasses import dataclass

import table
from hris import (APPROVED, ENDED, PENDING, Balance, Commit, Effect, Look, Quiet, Record, Send, Take, find,
                  is_live, touches)

# A caller's call. op: insert, update, end (cancel or deny). id: the request's, for update and end.
Call = namedtuple("Call", "n op content status id")
# says: words of the text that a rule asks for. verified: False where no look showed it.
Answer = namedtuple("Answer", "code id says verified", defaults=(0, "", True))

# A row of the ledger. wanted and stood: (content, status). id: the HRIS's, before: that of the request that it
# updates. seen: ids that the look before it showed, None: there was no such look. unsure: an attempt of it may
# have been applied. fresh: its answer may still be given again. steps: writing calls that the HRIS answered by
# success. step: what else may have been sent, "undo" (its taking back) or "again" (what it replaced, entered
# again). said, verified: of its last answer. shown: the content that the HRIS showed then.
Row = namedtuple("Row", "n op key state generation serial id before wanted stood seen unsure fresh steps step "
                        "said verified shown",
                 defaults=(None, None, False, False, 0, "", "", True, ""))
STANDS = ("done", "different", "not-approved")


@dataclass(frozen=True)
class Design:
    """What an HRIS offers, and which rules the gateway keeps."""
    name: str
    text: str
    # The HRIS.
    look: bool = True               # there is a look-up
    consistent: bool = True         # it is declared consistent
    stale: bool = False             # it may show what was, declared or not
    takes_key: bool = False         # it takes an idempotency key
    replaces: bool = False          # it changes approved requests only by cancel and create
    create_first: bool = False      # and takes the new one before the old one is cancelled
    on_fewer: str = "keep"
    curl_repeats: bool = False      # the transport sends a write twice by itself
    # The rules.
    quiet: bool = True              # absent is believed only after the quiet period
    resend: bool = False            # a write whose fate is open is sent again without a look
    lock: str = "kernel"            # none, lease (it can expire while its holder lives)
    absent: str = "proof"           # stale: believed anyway and sent again; failed: called "not written"
    likeness: bool = False          # absent: no record looks alike
    sticky: bool = True             # a refused attempt does not erase an earlier unknown one
    balance_first: bool = False     # the balance is read before the lock is taken
    one_marker: bool = False        # one marker for all writes of a key
    undo_later: bool = False        # a later call takes back, too
    undo_change: bool = False       # a change is taken back, too
    busy_blind: bool = False        # who does not get the lock does not read the ledger


def key_of(call):
    if call.op == "insert":
        return ("insert", call.content)
    if call.op == "update":
        return ("update", call.id, call.content, call.status)
    return ("end", call.id)


def mark_of(design, row):
    return row.key if design.one_marker else row.key + (row.generation, row.serial)


def newest(rows, key):
    return max((r for r in rows if r.key == key), key=lambda r: r.n, default=None)


def covers(record, wanted, design):
    """Does the record hold what was asked, fewer days included where the route accepts them?"""
    content, status = wanted
    same = record.content == content or (design.on_fewer == "accept" and record.content == content.lower())
    return same and is_live(record) and (status == PENDING or record.status == APPROVED)


class Program:
    """One call. Its methods are generators; each commits the states that it decides on."""

    def __init__(self, design, call, limit=0, two_steps=False):
        self.design, self.call, self.limit, self.two_steps = design, call, limit, two_steps
        self.key, self.wanted = key_of(call), (call.content, call.status)
        self.rows, self.used = (), []

    def cell(self, state, event):
        self.used.append((state, event))
        return table.TABLE[state][event]

    def run(self):
        left = None
        if self.design.balance_first and self.call.op == "insert" and self.limit:
            left = yield Balance()
        held, self.rows = yield Take()
        if not held:
            return self.not_held()
        answer = yield from self.settle_others()
        if answer:
            return answer
        if self.call.op == "insert":
            return (yield from self.insert(left))
        return (yield from self.update())

    def not_held(self):
        """The lock was not to be had. "Not written" is said only where no row speaks against it."""
        own = [r for r in self.rows if r.key == self.key and r.state not in ("refused", "ended", "taken-back")]
        if own and not self.design.busy_blind:
            return Answer(table.IN_PROGRESS)
        return Answer("GATEWAY.BUSY")

    # Rows.

    def chain(self, request_id):
        """The request's ids, oldest first: each replaced the one before it, which has ended."""
        ids = [request_id]
        for row in self.rows:
            over = not self.design.create_first or row.state in ("done", "ended", "not-approved")
            if row.before == ids[-1] and row.id not in (0, row.before) and over:
                ids.append(row.id)
        return ids

    def save(self, row, *more, **changes):
        """Commits the row, changed. Returns it with its number."""
        row = row._replace(**changes)
        number = yield Commit(row, more)
        row = row._replace(n=number)
        self.rows = tuple(r for r in self.rows if r.n not in [row.n] + [m.n for m in more]) + more + (row,)
        self.rows = tuple(sorted(self.rows, key=lambda r: r.n))
        return row

    def close(self, row, event, text="", record=None, **changes):
        """Ends a write by its outcome: the row's state and the answer are the table's."""
        cell = self.cell("sending", event)
        changes.setdefault("step", row.step if cell.row == "unknown" else "")
        changes.setdefault("unsure", row.unsure if event == "rejected later" else cell.row == "unknown")
        row = yield from self.save(row, *self.ends_with(row, cell), state=cell.row,
                                   fresh=cell.answer == table.COMPLETE or cell.row == "taken-back",
                                   said=cell.answer, verified=event != "ok unseen",
                                   shown=record.content if record else "", **changes)
        code = "HRIS.REFUSED" if cell.answer == table.REFUSED else cell.answer
        return Answer(code, row.id, text, row.verified)

    def ends_with(self, row, cell):
        """What we ended or moved is done no more: the rows of that request before this one."""
        if row.op in ("insert", "approve") or cell.row not in STANDS + ("half-replaced",):
            return ()
        if row.op == "replace" and self.design.create_first and cell.row == "different":
            return ()                   # both stand
        return tuple(r._replace(state="ended", fresh=False) for r in self.rows
                     if r.n != row.n and row.before in self.chain(r.id) and r.state in STANDS)

    def keep(self, row, cell):
        """Answers without a write."""
        code = row.said if row.state == "taken-back" else cell.answer
        if cell.row != row.state:
            row = yield from self.save(row, state=cell.row, unsure=cell.row == "unknown", fresh=False)
        return Answer(code, self.chain(row.id)[-1], "", row.verified)

    # Settling what is open.

    def settle_others(self):
        """Before a write: what is open of this request, and for an insert all that touches its days."""
        ids = self.chain(self.call.id)
        for row in self.rows:
            mine = row.key == self.key
            if self.call.op == "insert":
                concerns = row.op != "insert" or touches(row.wanted[0], self.call.content)
            elif not row.id + row.before:
                concerns = True         # it may be this request, whose id was never learned
            else:
                concerns = row.before in ids or row.id in ids
            if row.state not in table.OPEN or mine or not concerns:
                continue
            event, row, _ = yield from self.settle(row)
            if event in ("present", "absent", "undone"):
                if self.call.op != "insert":
                    self.cell("unknown", "update settled" if self.call.op == "update" else "end settled")
                continue
            if self.call.op != "insert":
                cell = self.cell("unknown", "update open" if self.call.op == "update" else "end open")
                return (yield from self.keep(row, cell))
            return Answer(table.UNKNOWN)
        return None

    def settle(self, row):
        """Looks for a write whose fate is open. Returns the event, its row and the record."""
        if not self.design.look:
            return "unreadable", row, None
        quiet = (yield Quiet()) if self.design.quiet else True
        view = yield Look()
        event, record = self.evidence(row, view, quiet)
        if event == "present" and row.step == "again":
            row = yield from self.save(row, state="refused", id=record.id, step="", unsure=False)
        elif event == "present":
            state = "done"
            if row.op in ("insert", "change", "replace") and not covers(record, row.wanted, self.design):
                state = "not-approved" if record.content == row.wanted[0] else "different"
            row = yield from self.save(row, *self.ends_with(row, table.Cell(0, 0, "done", 0)), state=state,
                                       id=record.id if record else row.id, unsure=False, fresh=False,
                                       steps=max(row.steps, 1), shown=record.content if record else "")
        elif event == "undone":
            half = row.op == "replace" and not self.design.create_first
            row = yield from self.save(row, state="half-replaced" if half else "taken-back", fresh=True,
                                       unsure=False, step="", said=table.DIFFERENT)
        elif event == "absent":
            half = row.op == "replace" and row.steps
            row = yield from self.save(row, state="half-replaced" if half else "refused", unsure=False, step="")
        return event, row, record

    def evidence(self, row, view, quiet):
        """What a look proves of a write: (event, record)."""
        design, mark = self.design, mark_of(self.design, row)
        if view is None:
            return "unreadable", None
        if row.step == "undo":
            made = find(view, row.id)
            if not quiet:
                return "early", None
            if (made is None and design.consistent) or (made and not is_live(made)):
                return "undone", made
            if not design.consistent:
                return "else", None
        if row.step == "again":
            mark = ("again",) + mark
        record = next((r for r in view if r.mark == mark and is_live(r)), None)
        if record and row.op not in ("approve", "end"):
            old = find(view, row.before) if row.op == "replace" else None
            gone = old is None and (row.op != "replace" or design.consistent)
            return ("present" if gone or (old and not is_live(old)) else "else"), record
        believed = (design.consistent and quiet) or design.absent != "proof"
        target = find(view, row.before)
        if row.op in ("change", "end", "approve"):
            return self.evidence_of_update(row, target, believed)
        if row.op == "replace" and not row.steps and target and is_live(target):
            return ("absent" if believed else "early"), None
        alike = [r for r in view if touches(r.content, row.wanted[0]) and is_live(r)]
        if design.likeness:
            return ("present", alike[0]) if [r for r in alike if r.content == row.wanted[0]] else ("absent", None)
        new = [r for r in view if row.seen is not None and r.id not in row.seen and
               touches(r.content, row.wanted[0])]
        if new:
            return "else", None
        if not believed or (row.seen is None and design.absent == "proof"):
            return "early", None
        return "absent", None

    def evidence_of_update(self, row, target, believed):
        if target is None:
            return ("present", None) if row.op == "end" and believed else ("else", None)
        if row.op == "end":
            reached = not is_live(target)
        elif row.op == "approve":
            reached = target.status == APPROVED
        else:
            reached = False
        if reached:
            return "present", target
        stands = is_live(target) and (target.content == row.stood[0])
        return ("absent", target) if believed and stands else ("else" if not stands else "early", None)

    # Insert.

    def insert(self, left):
        row = newest(self.rows, self.key)
        state = row.state if row else "(none)"
        if state in table.OPEN:
            return (yield from self.insert_open(row, left))
        if state in STANDS:
            return (yield from self.insert_known(row, left))
        if state == "taken-back" and row.fresh:
            return (yield from self.keep(row, self.cell(state, "soon")))
        return (yield from self.do_insert(row, self.cell(state, "insert"), left))

    def insert_open(self, row, left):
        if self.design.resend or self.design.takes_key:
            answer = yield from self.write_insert(row, left)
            if answer.code == table.COMPLETE and self.wanted[1] == APPROVED and row.wanted[1] == PENDING:
                record = Record(answer.id, self.call.content, PENDING, None, None, (), 0)
                answer = yield from self.write_update("approve", record)
            return answer
        event, row, record = yield from self.settle(row)
        if event in ("absent", "early") and self.design.absent == "failed":
            row = yield from self.save(row, state="refused", unsure=False)
            return Answer("HRIS.NOT_WRITTEN")
        if event == "early" and self.design.absent == "stale":
            event = "absent"
        cell = self.cell(row.state if row.state in table.OPEN else "unknown", event)
        if event != "present":
            return (yield from self.do_insert(row, cell, left))
        if covers(record, self.wanted, self.design):
            return (yield from self.keep(row, cell))
        if covers(record, row.wanted, self.design):
            return (yield from self.write_update("approve", record))
        return (yield from self.judge(row, record, later=True))

    def insert_known(self, row, left):
        same = self.wanted[1] in (PENDING, row.wanted[1])
        if row.state == "done" and row.fresh and same:
            return (yield from self.keep(row, self.cell("done", "soon")))
        view = (yield Look()) if self.design.look else None
        request_id = self.chain(row.id)[-1]
        record = find(view or (), request_id)
        if view is None:
            event = "unreadable"
        elif record is None:
            event = "gone" if self.design.consistent else "hidden"
        elif not is_live(record):
            event = "ended"
        elif record.content != row.wanted[0] and not covers(record, (self.wanted[0], PENDING), self.design):
            event = "changed"
        elif self.wanted[1] == APPROVED and record.status == PENDING:
            event = "to approve"
        else:
            event = "live"
        cell = self.cell(row.state, event)
        if event == "changed" and self.design.undo_later and row.state == "different":
            return (yield from self.take_back(row, record))
        if cell.does == table.APPROVE:
            return (yield from self.write_update("approve", record))
        return (yield from self.do_insert(row, cell, left))

    def do_insert(self, row, cell, left):
        if cell.does == table.NOTHING:
            return (yield from self.keep(row, cell))
        if row and row.state != cell.row:
            row = yield from self.save(row, state=cell.row, fresh=False)
        return (yield from self.write_insert(row, left))

    def write_insert(self, row, left):
        """A new generation, or another attempt of a write that certainly was not applied."""
        call, design = self.call, self.design
        view = (yield Look()) if design.look and design.consistent and not design.stale else None
        if self.limit and call.status == PENDING:
            left = left if left is not None else (yield Balance())
            if left < 1 + len([r for r in self.rows if r.state in table.OPEN and r.op == "insert"]):
                return Answer("InsufficientBalance")
        if row and row.state == "refused":
            row = row._replace(wanted=self.wanted)
        elif row and row.state in table.OPEN:
            row = row._replace(unsure=True)
        else:
            generation = row.generation + 1 if row else 1
            row = Row(0, "insert", self.key, "", generation, 1, 0, 0, self.wanted)
        seen = None if view is None else tuple(r.id for r in view)
        row = yield from self.save(row, state="sending", seen=seen, steps=0)
        first = PENDING if self.two_steps else row.wanted[1]
        said = yield Send(Effect("create", 0, call.content, first, mark_of(design, row), call.n))
        return (yield from self.written(row, said))

    # What became of a write of content.

    def written(self, row, said):
        if said.what == "refused":
            later = row.unsure and self.design.sticky
            return (yield from self.close(row, "rejected later" if later else "rejected"))
        if said.what == "none":
            return (yield from self.lost(row))
        row = yield from self.save(row, id=said.id, steps=row.steps + 1)
        return (yield from self.compare(row))

    def lost(self, row):
        if not self.design.look or self.design.resend or self.design.takes_key:
            return (yield from self.close(row, "lost"))
        quiet = (yield Quiet()) if self.design.quiet else True
        if not quiet:
            return (yield from self.close(row, "lost"))
        view = yield Look()
        event, record = self.evidence(row, view, quiet)
        if event == "present":
            if record:
                row = row._replace(id=record.id, steps=row.steps + 1)
            if row.op in ("insert", "change", "replace") and not covers(record, row.wanted, self.design):
                return (yield from self.judge(row, record))
            if row.op == "approve":
                return (yield from self.approved(row, record))
            return (yield from self.close(row, "lost present"))
        if event == "absent" and row.op == "approve" and self.call.op == "insert":
            return (yield from self.close(row, "waits"))
        if event == "absent" and not (row.op == "replace" and row.steps):
            return (yield from self.close(row, "lost absent"))
        return (yield from self.close(row, "lost"))

    def compare(self, row):
        """The look at the result. Only what two equal looks show leads to an action."""
        view = (yield Look()) if self.design.look else None
        record = find(view or (), row.id)
        if view is None or (record is None and not self.design.consistent):
            before = PENDING if self.two_steps else row.wanted[1]
            if row.wanted[1] == APPROVED and (row.stood[1] if row.op == "change" else before) == PENDING:
                return (yield from self.approve(row, Record(row.id, row.wanted[0], PENDING, None, None, (), 0)))
            return (yield from self.close(row, "ok unseen"))
        if record is None:
            return (yield from self.close(row, "ok missing"))
        return (yield from self.judge(row, record))

    def judge(self, row, record, later=False):
        """The record that this row wrote, against what was asked."""
        design = self.design
        content, status = row.wanted
        if covers(record, row.wanted, design):
            return (yield from self.close(row, "ok" if record.content == content else "fewer accepted",
                                          record=record))
        if not is_live(record):
            return (yield from self.close(row, "ok ended"))
        if record.content == content or (design.on_fewer == "accept" and record.content == content.lower()):
            return (yield from self.approve(row, record))
        if later and not design.undo_later:
            return (yield from self.close(row, "other stays", record=record))
        again = (yield Look()) if not later else (record,)
        if again is None or find(again, record.id) != record:
            return (yield from self.close(row, "other once", record=record))
        if row.op == "change" and record.content == row.stood[0]:
            return (yield from self.close(row, "stood" if design.consistent else "stood unproven",
                                          record=record))
        if record.content == content.lower() and (design.on_fewer == "keep" or row.op != "insert"):
            return (yield from self.close(row, "fewer kept", record=record))
        if row.op == "change" and not design.undo_change:
            return (yield from self.close(row, "other changed", record=record))
        return (yield from self.take_back(row, record))

    def take_back(self, row, record):
        """Ends what this call has just written. Of a replace, what stood is entered again, if that is sure."""
        event = yield from self.undo(row, record)
        row = row._replace(step="undo")
        if row.op == "replace" and event == "other undone" and not self.design.create_first:
            return (yield from self.enter_again(row))
        text = "was cancelled" if row.op == "replace" and not self.design.create_first else ""
        return (yield from self.close(row, event, text, record))

    def undo(self, row, record):
        row = yield from self.save(row, step="undo")
        mark = ("undo",) + mark_of(self.design, row)
        said = yield Send(Effect("cancel", record.id, None, ENDED, mark, self.call.n))
        if said.what == "ok":
            return "other undone"
        view = yield Look()
        now = find(view or (), record.id)
        if now is not None and not is_live(now):
            return "other undone"
        refused = now is not None and self.design.consistent and said.what == "refused"
        return "other stays" if refused else "other open"

    def approve(self, row, record):
        """The second step of an insert: its record is there and pending."""
        said = yield Send(Effect("approve", record.id, None, APPROVED, mark_of(self.design, row), self.call.n))
        view = (yield Look()) if self.design.look else None
        now = find(view or (), record.id)
        if said.what == "ok" and (view is None or now is None):
            return (yield from self.close(row, "ok unseen"))
        if now is not None and (now.status == APPROVED or not is_live(now)):
            return (yield from self.approved(row, now))
        if said.what == "none" or now is None:
            return (yield from self.close(row, "approval open"))
        return (yield from self.close(row, "waits"))

    # Update and end.

    def update(self):
        call = self.call
        ids = self.chain(call.id)
        row = max((r for r in self.rows if r.id in ids or r.before in ids),
                  key=lambda r: (r.state != "refused", r.n), default=None)
        state = row.state if row else "(none)"
        own = newest(self.rows, self.key)
        if own and own.state in table.OPEN:
            event, own, record = yield from self.settle(own)
            if event not in ("present", "absent", "undone"):
                return (yield from self.keep(own, self.cell("unknown", "update open" if call.op == "update"
                                                            else "end open")))
            row, state = own, own.state
            ids = self.chain(call.id)
            if event == "present" and call.op == "update" and covers(record, self.wanted, self.design):
                return (yield from self.keep(row, self.cell(state, "update same")))
        if own and row and own.n == row.n and state == "half-replaced":
            self.cell(state, "update again")
            return (yield from self.replace_create(row))
        if own and row and own.n == row.n and state == "done" and row.fresh and call.op == "update":
            return (yield from self.keep(row, self.cell(state, "update soon")))
        view = (yield Look()) if self.design.look else None
        record = find(view or (), ids[-1])
        event = self.update_event(view, record, row, state)
        return (yield from self.do_update(row, state, event, record))

    def update_event(self, view, record, row, state):
        word = "update " if self.call.op == "update" else "end "
        again = row and row.key == self.key
        known = find(view or (), row.id) if again and state == "different" else None
        if known and is_live(known) and known.content == row.shown:
            return "update as before"
        if again and state in STANDS and word == "update " and \
                not self.design.consistent and not (
                    record and covers(record, (self.call.content, PENDING), self.design)):
            return "update hidden"
        if view is None:
            return word + ("unreadable" if self.design.look else "blind")
        over = state in ("ended", "taken-back", "half-replaced")
        if record is None or (over and is_live(record) and not self.design.consistent):
            return word + ("gone" if self.design.consistent else "hidden")
        if not is_live(record):
            return word + "ended"
        if row and not self.design.consistent and record.content != row.wanted[0] and self.call.op == "update":
            return "update other"       # it may be what stood before
        if self.call.op == "end":
            return "end live"
        if covers(record, self.wanted, self.design):
            return "update same"
        if covers(record, (self.call.content, PENDING), self.design):
            return "update approve"
        return "update other"

    def do_update(self, row, state, event, record):
        cell = self.cell(state, event)
        if cell.does == table.NOTHING:
            if row:
                return (yield from self.keep(row, cell))
            return Answer(cell.answer, self.call.id)
        op = {table.APPROVE: "approve", table.END: "end", table.CHANGE: "change"}[cell.does]
        if record is None:
            record = Record(self.call.id, self.call.content, PENDING, None, None, (), 0)
        if op == "approve" and row and row.key == self.key and row.steps:
            row = yield from self.save(row, state="sending")
            return (yield from self.approve(row, record))
        if op == "change" and self.design.replaces and record.status == APPROVED:
            return (yield from self.replace(record))
        return (yield from self.write_update(op, record))

    def new_row(self, op, record):
        key = ("update", record.id) + self.wanted if self.call.op == "insert" else self.key
        own = newest(self.rows, key)
        serial = 1 + len([r for r in self.rows if record.id in (r.id, r.before)])
        return Row(0, op, key, "sending", own.generation + 1 if own else 1, serial, record.id, record.id,
                   self.wanted, (record.content, record.status))

    def write_update(self, op, record):
        row = yield from self.save(self.new_row(op, record))
        mark = mark_of(self.design, row)
        kind = "cancel" if op == "end" else op
        said = yield Send(Effect(kind, record.id, self.call.content, self.call.status, mark, self.call.n))
        if op == "change":
            return (yield from self.written(row, said))
        if said.what == "refused":
            stands = op == "approve" and self.call.op == "insert"
            return (yield from self.close(row, "waits" if stands else "rejected"))
        if said.what == "none":
            return (yield from self.lost(row))
        if op == "end":
            return (yield from self.close(row, "ok"))
        view = (yield Look()) if self.design.look else None
        now = find(view or (), row.id)
        if now is None:
            return (yield from self.close(row, "ok unseen"))
        return (yield from self.approved(row, now))

    def approved(self, row, now):
        """What an approval led to: somebody may have changed the request meanwhile."""
        if not is_live(now):
            return (yield from self.close(row, "ok ended"))
        if now.status != APPROVED:
            return (yield from self.close(row, "waits", record=now))
        event = "ok" if covers(now, row.wanted, self.design) else "other changed"
        return (yield from self.close(row, event, record=now))

    # Replace: cancel, and enter anew.

    def replace(self, record):
        row = yield from self.save(self.new_row("replace", record), id=0)
        if self.design.create_first:
            return (yield from self.replace_over(row, record))
        mark = mark_of(self.design, row)
        said = yield Send(Effect("cancel", record.id, None, ENDED, mark, self.call.n))
        if said.what == "refused":
            return (yield from self.close(row, "rejected", id=record.id))
        if said.what == "none":
            return (yield from self.close(row, "replaced open", "was cancelled"))
        row = yield from self.save(row, steps=1)
        return (yield from self.replace_create(row))

    def replace_create(self, row):
        """The old request is cancelled: the new one in its place, else the old one again."""
        design = self.design
        view = (yield Look()) if design.look and design.consistent and not design.stale else None
        seen = None if view is None else tuple(r.id for r in view)
        row = yield from self.save(row, state="sending", seen=seen)
        said = yield Send(Effect("create", 0, row.wanted[0], row.wanted[1], mark_of(design, row), self.call.n))
        if said.what == "none":
            answer = yield from self.lost(row)
            return answer._replace(says="was cancelled")
        if said.what == "ok":
            row = yield from self.save(row, id=said.id, steps=2)
            return (yield from self.compare(row))
        return (yield from self.enter_again(row))

    def enter_again(self, row):
        again = row._replace(serial=row.serial + 1)
        mark = ("again",) + mark_of(self.design, again)
        again = yield from self.save(again, state="sending", step="again")
        said = yield Send(Effect("create", 0, row.stood[0], row.stood[1], mark, self.call.n))
        if said.what == "ok":
            return (yield from self.close(again, "replaced back", "entered again", id=said.id))
        if said.what == "refused":
            return (yield from self.close(again, "replaced half", "was cancelled"))
        return (yield from self.close(again, "replaced open", "was cancelled"))

    def replace_over(self, row, record):
        """The new one first; then the old one is cancelled, or else the new one is taken back."""
        mark = mark_of(self.design, row)
        said = yield Send(Effect("create", 0, row.wanted[0], row.wanted[1], mark, self.call.n))
        if said.what == "refused":
            return (yield from self.close(row, "rejected", id=record.id))
        if said.what == "none":
            return (yield from self.close(row, "replaced open"))
        row = yield from self.save(row, id=said.id, steps=1)
        view = (yield Look()) if self.design.look else None
        made = find(view or (), row.id)
        if made is not None and not covers(made, row.wanted, self.design):
            return (yield from self.judge(row, made))
        said = yield Send(Effect("cancel", record.id, None, ENDED, mark, self.call.n))
        if said.what == "ok":
            return (yield from self.close(row, "ok" if made else "ok unseen", record=made))
        if said.what == "none":
            return (yield from self.close(row, "replaced open", "both may stand"))
        made = Record(row.id, row.wanted[0], row.wanted[1], mark, None, (), 0)
        event = yield from self.undo(row, made)
        if event == "other undone":
            return (yield from self.close(row, "rejected", id=record.id))
        return (yield from self.close(row, event, "both stand", made))
