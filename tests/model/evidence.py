"""
evidence.py: what a look proves. Present needs a proof, absent needs a consistent look-up, the quiet period
and no new row on these days; anything else proves nothing.
"""
import table
from design import STANDS, covers, holds, mark_of
from hris import APPROVED, PENDING, find, is_live, touches


def of_write(design, row, view, quiet):
    """Of a write whose fate is open: (event, record). quiet: nothing of it can arrive any more."""
    if view is None:
        return "unreadable", None
    if row.step == "undo":
        made = find(view, row.id)
        if made is None and design.consistent and quiet:
            return "over", None
        if made and not is_live(made):
            return "undone", made
        if not quiet:
            return "early", None
        if not design.consistent:
            return "else", None
    believed = (design.consistent and quiet) or design.absent != "proof"
    if row.op in ("approve", "end"):
        return of_status(row, find(view, row.before), believed)
    mark = (("again",) if row.step == "again" else ()) + mark_of(design, row)
    ours = [r for r in view if r.mark == mark]
    record = next((r for r in ours if is_live(r)), ours[0] if ours else None)
    if record and row.op == "create-first":
        return beside(design, row, record, view, believed), record
    if record and not old_is_gone(design, row, view):
        return "else", record
    if record:
        return ("present" if is_live(record) else "over"), record
    if row.op == "change":
        return of_change(row, find(view, row.before), believed)
    return of_insert(design, row, view, believed)


def old_is_gone(design, row, view):
    """Of a replace: has the old request ended? Where the new one is created first, both may stand."""
    if row.op not in ("replace", "create-first"):
        return True
    old = find(view, row.before)
    return not is_live(old) if old else design.consistent


def beside(design, row, made, view, believed):
    """The new one of a create-first was entered. Does it stand, and the old one?"""
    if old_is_gone(design, row, view):
        return "present" if is_live(made) else "else"
    if not is_live(made):
        return "undone" if believed else "else"     # the cancel of the old one may still arrive
    return "both" if find(view, row.before) else "else"


def of_status(row, target, believed):
    if target is None:
        return ("present" if row.op == "end" and believed else "else"), None
    if row.op == "end" and not is_live(target):
        return "present", target
    if row.op == "approve" and target.status == APPROVED:
        return "present", target
    if not is_live(target):
        return "over", target
    return ("absent", target) if believed else ("early", None)


def of_change(row, target, believed):
    if target and not is_live(target):
        return ("absent" if believed else "early"), None
    return unchanged(row, target, believed) if target else ("else", None)


def unchanged(row, target, believed):
    """The request as it stood before."""
    if target.content != row.stood[0]:
        return "else", None
    return ("absent", target) if believed else ("early", None)


def of_insert(design, row, view, believed):
    target = find(view, row.before)
    if row.op == "replace" and not row.steps and target:
        if not is_live(target) and not design.create_first:
            return "half", target       # the cancel's success is in the ledger before the new one leaves
        if is_live(target):
            return ("absent" if believed else "early"), None
    there = [r for r in view if touches(r.content, row.wanted[0])]
    if design.likeness:
        alike = [r for r in there if is_live(r) and r.content == row.wanted[0]]
        return ("present", alike[0]) if alike else ("absent", None)
    if row.seen is not None and [r for r in there if r.id not in row.seen]:
        return "else", None
    if not believed or (row.seen is None and design.absent == "proof"):
        return "early", None
    return "absent", None


# The look at what the ledger knows, as an event of the table.

def of_known(design, row, view, request_id, status):
    """For a repeated insert that asks for this status: what the look shows of the row's request."""
    record = find(view or (), request_id)
    if view is None:
        return "unreadable", None
    if record is None:
        return ("gone" if design.consistent else "hidden"), None
    if not is_live(record):
        return "ended", record
    if not holds(design, record, row.wanted[0]):
        return "changed", record
    return ("to approve" if status == APPROVED and record.status == PENDING else "live"), record


def of_end(design, state, again, view, record):
    """For a cancel or deny; again: it was the last write of that request."""
    if view is None:
        return "end unreadable" if design.look else "end hidden" if again else "end blind"
    if is_hidden(design, state, record):
        return "end gone" if design.consistent else "end hidden"
    return "end live" if is_live(record) else "end ended"


def is_hidden(design, state, record):
    """A request that the ledger ended, and that a look-up which is not consistent shows live, counts as not shown."""
    return record is None or (state in table.OVER and is_live(record) and not design.consistent)


def of_update(design, state, row, key, view, record):
    """For an update; row: the newest of that request."""
    wanted = key[2:]
    same_again = row is not None and row.key == key
    differs = state == "different" and row.op != "approve" and row.wanted[0] == wanted[0]
    then = find(view or (), row.id) if differs else None
    if then and is_live(then) and then.content == row.shown and (same_again or then.content != wanted[0]):
        return "update as before"
    pending = record is not None and covers(design, record, (wanted[0], PENDING))
    if view is None and design.look:
        return "update unreadable"
    if same_again and state in STANDS and not design.consistent and not pending and (view or state == "done"):
        return "update hidden"
    if view is None:
        return "update blind"
    if is_hidden(design, state, record):
        return "update gone" if design.consistent else "update hidden"
    if not is_live(record):
        return "update ended"
    written = row is not None and state != "refused"
    if written and not design.consistent and record.content not in (row.wanted[0], row.shown):
        return "update other"           # it may be what stood before
    if covers(design, record, wanted):
        return "update same"
    return "update approve" if pending else "update other"


def without_id(word, view):
    """For an update without an id, of which the ledger has no row: is there anything on these days?"""
    if view is None:
        return word + " without id unread"
    live = [r for r in view if is_live(r)]
    return word + (" without id taken" if live else " without id")
