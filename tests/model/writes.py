"""
writes.py: the rows of the ledger and the writes: what a call commits, sends, looks at, and makes of it.
"""
import table
from design import STANDS, Answer, Row, covers, holds, key_of, mark_of, newest
from evidence import of_write
from hris import APPROVED, ENDED, PENDING, Commit, Effect, Look, Quiet, Record, Send, find, is_live


def guess(request_id, wanted):
    """A record that nobody looked at, by what was written."""
    return Record(request_id, wanted[0], wanted[1], None, None, (), 0)


class Writes:
    """What a call does with the ledger and the HRIS, once it is decided."""

    def __init__(self, design, call, limit=0, two_steps=False):
        self.design, self.call, self.limit, self.two_steps = design, call, limit, two_steps
        self.key, self.wanted = key_of(call), (call.content, call.status)
        self.rows, self.used = (), []

    def cell(self, state, event):
        self.used.append((state, event))
        return table.TABLE[state][event]

    def look(self):
        return (yield Look()) if self.design.look else None

    def send(self, kind, request_id, wanted, mark):
        return (yield Send(Effect(kind, request_id, wanted[0], wanted[1], mark, self.call.n)))

    # Rows.

    def chain(self, request_id):
        """The request's ids, oldest first: each replaced the one before it, which has ended."""
        ids = [request_id]
        for row in self.rows:
            if row.before == ids[-1] and row.id not in (0, row.before) and (
                    row.op != "create-first" or self.design.both_linked):
                ids.append(row.id)
        return ids

    def oldest(self, request_id):
        """The id that the request had before it was replaced for the first time: what keys an update."""
        return next((i for i in range(1, request_id) if request_id in self.chain(i)), request_id)

    def save(self, row, *more, **changes):
        """Commits the row, changed. Returns it with its number."""
        row = row._replace(**changes)
        number = yield Commit(row, more)
        row = row._replace(n=number)
        rows = {r.n: r for r in self.rows + more + (row,)}
        self.rows = tuple(rows[n] for n in sorted(rows))
        return row

    def close(self, row, event, text="", record=None, **changes):
        """Ends a write by its outcome: the row's state and the answer are the table's."""
        cell = self.cell("sending", event)
        changes.setdefault("step", row.step if cell.row == "unknown" else "")
        changes.setdefault("unsure", row.unsure if event == "rejected later" else cell.row == "unknown")
        row = yield from self.save(row, *self.ended_by(row, cell.row), state=cell.row,
                                   fresh=cell.answer == table.COMPLETE or cell.row == "taken-back",
                                   said=cell.answer, verified=event != "ok unseen",
                                   shown=record.content if record else "", **changes)
        if row.op == "create-first" and row.state == "taken-back":
            row = yield from self.save(row, id=row.before)
        code = "HRIS.REFUSED" if cell.answer == table.REFUSED else cell.answer
        return Answer(code, row.id, text, row.verified)

    def ended_by(self, row, state):
        """What we ended or moved is done no more: the rows of that request before this one."""
        over = state in ("ended", "half-replaced")
        if row.op in ("insert", "create-first") or (row.op == "approve" and not over) or \
                (state not in STANDS and not over):
            return ()
        if self.design.ends_done and state in ("different", "not-approved"):
            return ()
        return tuple(r._replace(state="ended", fresh=False) for r in self.rows
                     if r.n != row.n and row.before in self.chain(r.id) and r.state in STANDS and
                     not (row.op == "change" and r.wanted[0] == row.wanted[0] and r.op == "insert"))

    def keep(self, row, cell):
        """Answers without a write."""
        if cell.row != row.state and not (row.op == "end" and row.state == "done"):
            row = yield from self.save(row, state=cell.row, unsure=cell.row == "unknown",
                                       fresh=cell.row == "done")
        return Answer(cell.answer, self.chain(row.id)[-1], "", row.verified, cell.replayed)

    # A write of content, and what became of it.

    def written(self, row, said):
        if said.what == "refused":
            later = row.unsure and self.design.sticky
            if row.op == "change" and (self.call.op == "insert" or self.stands(row)):
                return (yield from self.close(row, "raise refused"))
            return (yield from self.close(row, "rejected later" if later else "rejected"))
        if said.what == "none":
            return (yield from self.lost(row))
        row = yield from self.save(row, id=said.id, steps=row.steps + 1)
        if said.status == ENDED:
            return (yield from self.close(row, "ok ended"))
        if row.wanted[1] == APPROVED and said.status == PENDING:
            return (yield from self.approve(row, guess(row.id, (row.wanted[0], PENDING))))
        return (yield from self.compare(row))

    def lost(self, row):
        """No answer: what a look proves, before the quiet period has passed or after it."""
        if not self.design.look or self.design.resend or self.design.takes_key:
            return (yield from self.close(row, "lost"))
        quiet = (yield Quiet()) if self.design.quiet else True
        event, record = of_write(self.design, row, (yield Look()), quiet)
        if event == "present" and row.op == "approve":
            return (yield from self.approved(row, record))
        if event == "present":
            row = row._replace(id=record.id if record else row.id, steps=row.steps + 1)
            if row.op != "end" and not covers(self.design, record, row.wanted):
                return (yield from self.judge(row, record))
            return (yield from self.close(row, "lost present", record=record))
        if event == "absent" and self.stands(row):
            return (yield from self.close(row, "raise refused"))
        if event == "absent" and row.op == "replace" and row.steps:
            return (yield from self.enter_again(row))
        if event == "absent":
            return (yield from self.close(row, "lost absent"))
        return (yield from self.close(row, "lost"))

    def compare(self, row):
        """The look at the result."""
        view = yield from self.look()
        record = find(view or (), row.id)
        if record is not None:
            return (yield from self.judge(row, record))
        return (yield from self.close(row, self.unseen(view)))

    def unseen(self, view):
        """A success that the look does not show."""
        return "ok missing" if view is not None and self.design.consistent else "ok unseen"

    def judge(self, row, record, later=False, approval=None):
        """The record that this row wrote, against what was asked. Only what two equal looks show leads to an
        action; later: another call wrote it, which rules out any. approval: what the HRIS said to it."""
        design, content = self.design, row.wanted[0]
        if covers(design, record, row.wanted):
            event = "ok" if record.content == content else "fewer accepted"
        elif not is_live(record):
            event = "ok ended"
        elif holds(design, record, content) and approval is None:
            return (yield from self.approve(row, record))
        elif holds(design, record, content):
            event = "approval open" if approval == "none" else "waits"
        elif later and not design.undo_later:
            event = "other stays"
        else:
            again = (yield Look()) if not later else (record,)
            event = self.difference(row, record, find(again or (), record.id))
        if event == "other":
            return (yield from self.take_back(row, record))
        return (yield from self.close(row, event, record=record))

    def difference(self, row, record, again):
        content = row.wanted[0]
        if again != record:
            return "other once"
        if row.op == "change" and record.content == row.stood[0]:
            return "stood" if self.design.consistent else "stood unproven"
        if record.content == content.lower() and (self.design.on_fewer == "keep" or row.op == "change"):
            return "fewer kept"
        return "other changed" if row.op == "change" and not self.design.undo_change else "other"

    def take_back(self, row, record):
        """Ends what this call has just written. Of a replace, what stood is entered again, if that is sure."""
        event, row = yield from self.undo(row, record)
        if row.op != "replace":
            return (yield from self.close(row, event, record=record))
        if event == "other undone":
            return (yield from self.enter_again(row))
        return (yield from self.close(row, event, "was cancelled", record))

    def undo(self, row, record):
        if not self.design.undo_unwritten:
            row = yield from self.save(row, step="undo")
        mark = ("undo",) + mark_of(self.design, row)
        said = yield from self.send("cancel", record.id, (None, ENDED), mark)
        if said.what == "ok":
            return ("other open" if (yield from self.still_live(record.id)) else "other undone"), row
        quiet = said.what == "refused" or (yield Quiet())
        now = find((yield from self.look()) or (), record.id)
        if now is not None and not is_live(now):
            return "other undone", row
        proven = said.what == "refused" or (now is not None and quiet and self.design.consistent)
        return ("other stays" if proven else "other open"), row

    # Approving.

    def approve(self, row, record):
        """The second step of a write: its record is there and pending."""
        said = yield from self.send("approve", record.id, (None, APPROVED), mark_of(self.design, row))
        view = yield from self.look()
        now = find(view or (), record.id)
        if now is None and said.what == "refused":
            return (yield from self.close(row, "waits"))
        if now is None:
            return (yield from self.close(row, self.unseen(view) if said.what == "ok" else "approval open"))
        return (yield from self.judge(row, now, approval=said.what))

    def approved(self, row, now):
        """What an approval led to: somebody may have changed the request meanwhile."""
        if not is_live(now):
            event = "ok ended"
        elif now.status != APPROVED:
            event = "waits"
        else:
            event = "ok" if covers(self.design, now, row.wanted) else "other changed"
        return (yield from self.close(row, event, record=now))

    # Writes to a request that stands.

    def new_row(self, op, record):
        key = ("update", record.id) + self.wanted if self.call.op == "insert" else self.key
        own = newest(self.rows, key)
        serial = 1 + len([r for r in self.rows if record.id in (r.id, r.before)])
        return Row(0, op, key, "sending", own.generation + 1 if own else 1, serial, record.id, record.id,
                   self.wanted, (record.content, record.status), idem=self.call.idem)

    def write_update(self, op, record):
        """op: change, approve, end."""
        row = yield from self.save(self.new_row(op, record))
        kind = "cancel" if op == "end" else op
        said = yield from self.send(kind, record.id, self.wanted, mark_of(self.design, row))
        if op == "change":
            return (yield from self.written(row, said))
        if said.what == "refused":
            return (yield from self.close(row, "raise refused" if self.stands(row) else "rejected"))
        if said.what == "none":
            return (yield from self.lost(row))
        if op == "end":
            return (yield from self.ended(row))
        view = yield from self.look()
        now = find(view or (), row.id)
        if now is None:
            return (yield from self.close(row, self.unseen(view)))
        return (yield from self.approved(row, now))

    def stands(self, row):
        """Does this approve, or where nothing can be looked at repeat, what an earlier call has written?"""
        if row.op == "approve" and self.call.op == "insert":
            return True
        return (row.op == "approve" or not self.design.look) and any(
            r.op == "change" and r.key == row.key and r.n != row.n and r.state != "refused" for r in self.rows)

    def ended(self, row):
        """A cancel answered by success."""
        return (yield from self.close(row, "end missed" if (yield from self.still_live(row.id)) else "ok"))

    def still_live(self, request_id):
        """Two looks that show it live speak against a cancel, or one and then none."""
        for n in range(2):
            view = yield from self.look()
            now = find(view or (), request_id)
            if now is None or not is_live(now):
                return view is None and n > 0
        return True

    # Replace: cancel, and enter anew.

    def replace(self, record):
        if self.design.create_first:
            return (yield from self.replace_over(record))
        row = yield from self.save(self.new_row("replace", record), id=0)
        said = yield from self.send("cancel", record.id, (None, ENDED), mark_of(self.design, row))
        if said.what == "refused":
            return (yield from self.close(row, "rejected", id=record.id))
        if said.what == "none":
            event = yield from self.old_one(record)
            if event:
                stands = record.id if event == "lost absent" else 0
                return (yield from self.close(row, event, "may be cancelled", id=stands))
        elif (yield from self.still_live(record.id)):
            return (yield from self.close(row, "replaced open", "may be cancelled"))
        row = yield from self.save(row, *self.ended_by(row, "half-replaced"), steps=1)
        return (yield from self.replace_create(row))

    def old_one(self, record):
        """A cancel without an answer is judged by the state: None if the look shows that it was applied."""
        if not self.design.look:
            return "replaced open"
        quiet = yield Quiet()
        now = find((yield Look()) or (), record.id)
        if now is not None and not is_live(now):
            return None
        return "lost absent" if now is not None and quiet and self.design.consistent else "replaced open"

    def replace_create(self, row):
        """The old request is cancelled: the new one in its place, else the old one again."""
        view = (yield Look()) if self.design.looks_before else None
        seen = None if view is None else tuple(r.id for r in view)
        row = yield from self.save(row, state="sending", seen=seen)
        said = yield from self.send("create", 0, row.wanted, mark_of(self.design, row))
        if said.what == "none":
            answer = yield from self.lost(row)
            return answer._replace(says="was cancelled")
        if said.what == "refused":
            return (yield from self.enter_again(row))
        row = yield from self.save(row, id=said.id, steps=2)
        return (yield from self.compare(row))

    def enter_again(self, row):
        row = yield from self.save(row, state="sending", serial=row.serial + 1, step="again")
        said = yield from self.send("create", 0, row.stood, ("again",) + mark_of(self.design, row))
        if said.what == "ok":
            made = guess(said.id, row.stood)
            return (yield from self.close(row, "replaced back", "entered again", made, id=said.id))
        event = "absent"
        if said.what == "none":
            quiet = yield Quiet()
            event, made = of_write(self.design, row, (yield from self.look()), quiet)
        if event == "present":
            return (yield from self.close(row, "replaced back", "entered again", made, id=made.id))
        event = "replaced half" if event == "absent" else "replaced open"
        return (yield from self.close(row, event, "was cancelled"))

    # Create first: enter anew, and cancel. Until the old one has ended the row is a create-first.

    def replace_over(self, record):
        view = (yield Look()) if self.design.looks_before else None
        seen = None if view is None else tuple(r.id for r in view)
        row = yield from self.save(self.new_row("create-first", record), id=0, seen=seen)
        status = PENDING if self.two_steps else row.wanted[1]
        said = yield from self.send("create", 0, (row.wanted[0], status), mark_of(self.design, row))
        if said.what == "refused":
            return (yield from self.close(row, "rejected", id=record.id))
        if said.what == "none":
            quiet = (yield Quiet()) if self.design.look else False
            event, made = of_write(self.design, row, (yield from self.look()), quiet)
            if event != "both":
                event = "lost absent" if event == "absent" else "replaced open"
                return (yield from self.close(row, event, "was not cancelled"))
            said = said._replace(id=made.id, status=made.status)
        row = yield from self.save(row, id=said.id, steps=1)
        if row.wanted[1] == APPROVED and said.status == PENDING:
            yield from self.send("approve", row.id, (None, APPROVED), mark_of(self.design, row))
        return (yield from self.judge_over(row, record))

    def judge_over(self, row, record):
        """Only what is as asked, or waits for an approval, takes the old one's place."""
        view = yield from self.look()
        made = find(view or (), row.id)
        if made is None and self.unseen(view) != "ok unseen":
            return (yield from self.close(row, "ok missing"))
        if made is not None and not is_live(made):
            return (yield from self.close(row, "ok ended"))
        if made is not None and not holds(self.design, made, row.wanted[0]):
            return (yield from self.judge(row, made))
        return (yield from self.end_old(row, record, made))

    def end_old(self, row, record, made, ours=True):
        """The new one stands: the old one is cancelled. ours: this call entered the new one, and may take it back."""
        said = yield from self.send("cancel", record.id, (None, ENDED), mark_of(self.design, row))
        old = None if said.what == "ok" else find((yield from self.look()) or (), record.id)
        if said.what == "ok" or (old is not None and not is_live(old)):
            event = "ok unseen" if made is None else "ok" if covers(self.design, made, row.wanted) else "waits"
            return (yield from self.close(row._replace(op="replace"), event, record=made))
        if said.what == "none" or old is None:
            return (yield from self.close(row, "replaced open", "both may stand"))
        again = find((yield from self.look()) or (), row.id) if ours else None
        event = "other stays"
        if made is not None and again == made:
            event, row = yield from self.undo(row, made)
        if event == "other undone":
            return (yield from self.close(row, "rejected", id=record.id))
        return (yield from self.close(row, event, "both stand", made))
