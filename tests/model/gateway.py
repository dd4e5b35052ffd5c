"""
gateway.py: the program of one call, in the order in which the gateway does it: lock, ledger, what is open, look,
write, look. A generator: it yields what it asks of its environment (hris.py), is sent the result, and returns
an Answer. What it does in which state of the ledger's row is table.py's.
"""
import table
from design import STANDS, Answer, Row, covers, holds, key_of, mark_of, newest
from evidence import of_end, of_known, of_update, of_write, without_id
from hris import APPROVED, PENDING, Balance, Look, Quiet, Take, find, is_live, touches
from writes import Writes, guess


# What a look says of an open write, for sure.
SETTLED = ("present", "absent", "undone", "over", "half")


class Program(Writes):
    """One call. limit: the balance, 0: unlimited. two_steps: approved requests are created pending."""

    def run(self):
        left = None
        if self.design.balance_first and self.call.op == "insert" and self.limit:
            left = yield Balance()
        held, self.rows = yield Take()
        if not held:
            return self.not_held()
        if self.call.id:
            self.key = key_of(self.call._replace(id=self.oldest(self.call.id)))
        if self.call.op == "insert":
            clash = self.other_content()
            if clash:
                return Answer(self.cell(clash.state, "other content").answer)
        answer = yield from self.settle_others()
        if answer:
            return answer
        if self.call.op == "insert":
            return (yield from self.insert(left))
        if not self.call.id:
            return (yield from self.update_without_id(left))
        return (yield from self.update())

    def not_held(self):
        """The lock was not to be had. "Not written" is said only where no row speaks against it."""
        own = [r for r in self.rows if r.key == self.key and r.state not in ("refused", "ended", "taken-back")]
        if own and not self.design.busy_blind:
            return Answer(self.cell("sending", "running").answer)
        return Answer("GATEWAY.BUSY")

    def other_content(self):
        idem = self.call.idem
        return next((r for r in self.rows if idem and r.op == "insert" and r.idem == idem and r.key != self.key and
                     r.state not in ("refused", "ended")), None)

    # Settling what is open.

    def settle_others(self):
        """Before a write: what is open of this request, and for an insert all that touches its days."""
        word = {"insert": None, "update": "update", "end": "end"}[self.call.op]
        for row in self.rows:
            if not self.is_open(row) or row.key == self.key or not self.concerns(row):
                continue
            state = row.state
            event, row, _ = yield from self.settle(row)
            settled = event in SETTLED
            cell = self.cell(state, f"{word} {'settled' if settled else 'open'}") if word else None
            if not settled and word:
                return (yield from self.keep(row, cell))
            if not settled:
                return Answer(table.UNKNOWN)
        return None

    def is_open(self, row):
        """Is it to be settled first? For an update also where both requests of a create-first may stand."""
        two = row.op == "create-first" and row.state == "different" and self.call.op != "insert"
        return row.state in table.OPEN or two

    def concerns(self, row):
        """May this row's write be of the same request, or touch the days of this insert?"""
        if self.call.op == "insert" or not self.call.id:
            return any(touches(content, self.call.content) for content in self.contents(row))
        ids = self.chain(self.call.id)
        if not row.id + row.before:     # the HRIS may have it under an id that was never learned
            known = any(r.id in ids or r.before in ids for r in self.rows)
            return touches(row.wanted[0], self.call.content) if self.call.content else self.design.stale and not known
        return row.before in ids or row.id in ids

    def contents(self, row):
        """What a row is about: a cancel, what the ledger knows of its request, else anything."""
        if row.op != "end":
            return [row.wanted[0]]
        known = [r.wanted[0] for r in self.rows if r.op == "insert" and r.id == row.before]
        return known or [self.call.content] * (not self.design.cancel_apart)

    def settle(self, row):
        """Looks for a write whose fate is open. Returns the event, its row and the record."""
        if not self.design.look:
            return "unreadable", row, None
        quiet = (yield Quiet()) if self.design.quiet else True
        event, record = of_write(self.design, row, (yield Look()), quiet)
        ended = {"replace": "half-replaced", "create-first": "taken-back"}
        if event == "present" and row.step == "again":
            row = yield from self.save(row, state="different", id=record.id, step="", unsure=False,
                                       shown=record.content)
        elif event == "both":
            row = row._replace(id=record.id)
        elif event == "present":
            row = yield from self.settle_present(row, record)
        elif event in ("undone", "over"):
            state = ended.get(row.op, "taken-back" if event == "undone" else "ended")
            made = row.before if row.op == "create-first" else record.id if record else row.id
            row = yield from self.save(row, *self.ended_by(row, state), state=state, unsure=False, step="",
                                       fresh=state == "taken-back", id=made)
        elif event in ("absent", "half"):
            half = row.op == "replace" and (row.steps or event == "half")
            state = "half-replaced" if half else "refused"
            row = yield from self.save(row, *self.ended_by(row, state), state=state, unsure=False, step="")
        return event, row, record

    def settle_present(self, row, record):
        state = "done"
        if row.op == "create-first":
            row = row._replace(op="replace")
        if row.op != "end" and not covers(self.design, record, row.wanted):
            state = "not-approved" if holds(self.design, record, row.wanted[0]) else "different"
        return (yield from self.save(row, *self.ended_by(row, "done"), state=state, unsure=False,
                                     fresh=state == "done", steps=max(row.steps, 1),
                                     id=record.id if record else row.id,
                                     shown=record.content if record else ""))

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
            return (yield from self.insert_again(row, left))
        state = row.state
        event, row, record = yield from self.settle(row)
        if event in ("absent", "early") and self.design.absent == "failed":
            yield from self.save(row, state="refused", unsure=False)
            return Answer(table.NOT_WRITTEN)
        if event == "early" and self.design.absent == "stale":
            event = "absent"
        cell = self.cell(state, event)
        if event != "present":
            return (yield from self.do_insert(row, cell, left))
        if covers(self.design, record, self.wanted):
            return (yield from self.keep(row, cell))
        if holds(self.design, record, row.wanted[0]):
            return (yield from self.raised(row, self.write_update("approve", record)))
        return (yield from self.judge(row, record, later=True))

    def insert_again(self, row, left):
        """The same bytes under the same key: the HRIS answers for the first one."""
        answer = yield from self.write_insert(row, left)
        if answer.code == table.COMPLETE and self.wanted[1] == APPROVED and row.wanted[1] == PENDING:
            answer = yield from self.write_update("approve", guess(answer.id, (self.call.content, PENDING)))
        return answer

    def insert_known(self, row, left):
        same = self.wanted[1] in (PENDING, row.wanted[1])
        if row.state == "done" and row.fresh and same:
            return (yield from self.keep(row, self.cell("done", "soon")))
        view = yield from self.look()
        event, record = of_known(self.design, row, view, self.chain(row.id)[-1], self.wanted[1])
        if event == "unreadable" and not self.design.look:
            event = "blind" if same else "to approve blind"
        if event == "changed":
            row = row._replace(shown=record.content)
        cell = self.cell(row.state, event)
        raised = newest(self.rows, ("update", row.id) + self.wanted)
        if cell.does in (table.APPROVE, table.CHANGE) and raised and \
                raised == max((r for r in self.rows if row.id in (r.id, r.before)), key=lambda r: r.n):
            if raised.state == "done" and raised.fresh:
                return (yield from self.raised(row, self.keep(raised, self.cell("done", "update soon"))))
            if raised.state == "done" and not self.design.look:
                return (yield from self.keep(raised, self.cell(raised.state, "update hidden")))
        if cell.does == table.CHANGE:
            stands = guess(row.id, (row.wanted[0], PENDING))
            return (yield from self.raised(row, self.write_update("change", stands)))
        if event == "changed" and self.design.undo_later and row.state == "different":
            return (yield from self.take_back(row, record))
        if cell.does == table.APPROVE:
            return (yield from self.raised(row, self.write_update("approve", record)))
        return (yield from self.do_insert(row, cell, left))

    def raised(self, row, steps):
        """What approves an insert that stands is a Complete of that insert, too."""
        answer = yield from steps
        if answer.code == table.COMPLETE:
            yield from self.save(row, state="done", fresh=row.op == "insert" and self.call.op == "insert")
        return answer

    def do_insert(self, row, cell, left):
        if cell.does == table.NOTHING:
            return (yield from self.keep(row, cell))
        if row and row.state != cell.row:
            row = yield from self.save(row, state=cell.row, fresh=False)
        if row and row.state in ("ended", "taken-back") and self.design.look:
            event = self.beside(row, (yield Look()))
            if event:
                return (yield from self.keep(row, self.cell(row.state, event)))
        return (yield from self.write_insert(row, left))

    def beside(self, row, view):
        """Does something stand in place of what has ended: entered by a person, or again by a replace?"""
        if view is None:
            return "insert unread"
        known = {i for r in self.rows for i in (r.id, r.before)}
        other = {r.id for r in self.rows if r.state == "different"}
        there = [r for r in view if is_live(r) and touches(r.content, row.wanted[0]) and
                 (r.id not in known or r.id in other or holds(self.design, r, row.wanted[0]))]
        return "insert taken" if there else ""

    def write_insert(self, row, left):
        """A new generation, or another attempt of a write that certainly was not applied."""
        view = (yield Look()) if self.design.looks_before else None
        if self.limit and self.call.status == PENDING:
            left = left if left is not None else (yield Balance())
            if left < 1 + len([r for r in self.rows if r.state in table.OPEN and r.op == "insert"]):
                return Answer("InsufficientBalance")
        if row and row.state == "refused":
            row = row._replace(wanted=self.wanted, step="", id=0)
        elif row and row.state in table.OPEN:
            row = row._replace(unsure=True)
        else:
            key = ("insert", self.call.content)
            row = Row(0, "insert", key, "", row.generation + 1 if row else 1, 1, 0, 0, self.wanted)
        seen = None if view is None else tuple(r.id for r in view)
        row = yield from self.save(row, state="sending", seen=seen, steps=0, idem=self.call.idem)
        status = PENDING if self.two_steps else row.wanted[1]
        said = yield from self.send("create", 0, (self.call.content, status), mark_of(self.design, row))
        return (yield from self.written(row, said))

    # Update and end.

    def update_without_id(self, left):
        """The ledger's row of these days names the request, else the HRIS does."""
        row = newest(self.rows, ("insert", self.call.content))
        if row and row.state not in ("refused",) and row.id:
            self.call = self.call._replace(id=self.chain(row.id)[-1])
            self.key = key_of(self.call)
            return (yield from self.update())
        event = without_id(self.call.op, (yield from self.look()))
        cell = self.cell(row.state if row else "(none)", event)
        if cell.does == table.INSERT:
            return (yield from self.write_insert(row, left))
        return Answer(cell.answer)

    def update(self):
        ids = self.chain(self.call.id)
        row = max((r for r in self.rows if r.id in ids or r.before in ids),
                  key=lambda r: (r.state != "refused", r.n), default=None)
        own = newest(self.rows, self.key)
        if own and self.is_open(own):
            state, word = own.state, self.call.op
            event, own, record = yield from self.settle(own)
            if event == "both" and holds(self.design, record, own.wanted[0]):
                cell = self.cell(state, "update both")
                if cell.does != table.END_OLD:
                    return (yield from self.keep(own, cell))
                old = find((yield from self.look()) or (), own.before) or guess(own.before, own.stood)
                return (yield from self.end_old(own, old, record, ours=False))
            if event not in SETTLED:
                return (yield from self.keep(own, self.cell(state, word + " open")))
            cell, row, ids = self.cell(state, word + " settled"), own, self.chain(self.call.id)
            if event == "present" and word == "update" and covers(self.design, record, self.wanted):
                return (yield from self.keep(row, cell._replace(answer=table.COMPLETE, row=row.state)))
        state = row.state if row else "(none)"
        newest_is_own = own is not None and row is not None and own.n == row.n
        if newest_is_own and state == "half-replaced":
            return (yield from self.go_on(row))
        if newest_is_own and state == "done" and row.fresh:
            return (yield from self.keep(row, self.cell(state, self.call.op + " soon")))
        if state == "done" and row.op == "end":
            state = "ended"
        view = yield from self.look()
        record = find(view or (), ids[-1])
        if self.call.op == "end":
            event = of_end(self.design, state, newest_is_own and row.state == "done", view, record)
        else:
            event = of_update(self.design, state, row, self.key, view, record)
        return (yield from self.do_update(row, self.cell(state, event), record))

    def go_on(self, row):
        """A replace that stopped half-way: a person may have made the old request live again."""
        view = yield from self.look()
        if view is None and self.design.look:
            return (yield from self.keep(row, self.cell(row.state, "update unreadable")))
        old = find(view or (), row.before)
        if old and is_live(old):
            return (yield from self.keep(row, self.cell(row.state, "update hidden")))
        self.cell(row.state, "update again")
        return (yield from self.replace_create(row._replace(serial=row.serial + 1)))

    def do_update(self, row, cell, record):
        met = row and record and row.wanted[0] == self.call.content and (
            row.wanted[1] == self.call.status or record.status == APPROVED)
        if cell.does == table.NOTHING and row:
            return (yield from self.keep(row, cell if met or cell.row != "done" else cell._replace(row=row.state)))
        if cell.does == table.NOTHING:
            return Answer(cell.answer, self.call.id)
        record = record or guess(self.call.id, (self.call.content, PENDING))
        unmet = row and row.state in ("different", "not-approved") and row.wanted[0] == self.call.content
        if cell.does == table.APPROVE and unmet:
            return (yield from self.raised(row, self.write_update("approve", record)))
        if cell.does == table.CHANGE and self.design.replaces and record.status == APPROVED:
            return (yield from self.replace(record))
        op = {table.APPROVE: "approve", table.END: "end", table.CHANGE: "change"}[cell.does]
        return (yield from self.write_update(op, record))
