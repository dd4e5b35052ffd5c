"""
design.py: what a call, an answer and a row of the ledger are in this model, and what a design may leave out.
"""
from collections import namedtuple
from dataclasses import dataclass

from hris import APPROVED, PENDING, is_live

# A caller's call. op: insert, update, end (cancel or deny). id: the request's, for update and end; 0: not given.
# idem: the caller's idempotencyKey, 0: none.
Call = namedtuple("Call", "n op content status id idem", defaults=(0, 0))

# says: words of the text that a rule asks for. verified: False where no look showed it.
Answer = namedtuple("Answer", "code id says verified replayed", defaults=(0, "", True, False))

# A row of the ledger. wanted and stood: (content, status). id: the HRIS's, before: that of the request that it
# updates. seen: ids that the look before it showed, None: there was no such look. unsure: an attempt of it may
# have been applied. fresh: its answer may still be given again. steps: writing calls that the HRIS answered by
# success. step: what else may have been sent, "undo" (its taking back) or "again" (what it replaced, entered
# again). said, verified: of its last answer. shown: the content that the HRIS showed then.
Row = namedtuple("Row", "n op key state generation serial id before wanted stood seen unsure fresh steps step "
                        "said verified shown idem",
                 defaults=(None, None, False, False, 0, "", "", True, "", 0))
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
    ends_done: bool = False         # only a change that is done ends the insert that it moved
    cancel_apart: bool = False      # an open cancel of a request of unknown days hinders no insert
    undo_unwritten: bool = False    # a taking back is not committed before it is sent
    both_linked: bool = False       # the new one of a create-first takes the old one's place at once
    busy_blind: bool = False        # who does not get the lock does not read the ledger

    @property
    def looks_before(self):
        """Is a look made before a write, so that new rows can be told from old ones?"""
        return self.look and self.consistent and not self.stale


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


def holds(design, record, content):
    """Does the record hold that content, fewer days included where the route accepts them?"""
    return record.content == content or (design.on_fewer == "accept" and record.content == content.lower())


def covers(design, record, wanted):
    """Is it live, and has it the content and the status?"""
    content, status = wanted
    return holds(design, record, content) and is_live(record) and (status == PENDING or
                                                                   record.status == APPROVED)
