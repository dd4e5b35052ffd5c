"""
designs.py: the designs that are sound, those that are broken, and the small worlds in which that shows.
The letters are those of the first model of this ledger; what a design leaves out is in its fields.
"""
from dataclasses import replace

from design import Call, Design, Row
from explore import Scenario
from hris import APPROVED, PENDING, Record

F = Design("F", "journal, quiet period, consistent look, resend by the caller alone, kernel lock")
J = replace(F, name="J", text="as F, looks may be stale: absent stays unknown, a person decides",
            consistent=False, stale=True)
K = replace(F, name="K", text="no look-up: never resent, unknown goes to a person", look=False, consistent=False)
L = replace(F, name="L", text="the HRIS takes an idempotency key: the same key is sent again", takes_key=True,
            look=False, consistent=False)
SOUND = (F, J, K, L)


def insert(n, content="A", status=APPROVED):
    return Call(n, "insert", content, status, 0)


def update(n, content="B", status=APPROVED, request_id=1):
    return Call(n, "update", content, status, request_id)


def end(n, request_id=1):
    return Call(n, "end", "", "", request_id)


def standing(status=PENDING, content="A"):
    """Request 1 stands; an insert of ours made it, more than a minute ago."""
    key = ("insert", content)
    return {"stands": (Record(1, content, status, key + (1, 1), None, (), 0),),
            "rows": (Row(1, "insert", key, "done", 1, 1, 1, 0, (content, status), seen=(), steps=1, said="Complete",
                         shown=content),)}


# One request's life.
INSERT = Scenario("an insert and two repeats", (insert(1), insert(2), insert(3)), deaths=2)
CANCEL = Scenario("insert, cancel, insert again", (insert(1), end(2), insert(3)), deaths=2)
PERSON = Scenario("an insert and a repeat; a person acts", (insert(1, status=PENDING), insert(2)),
                  deeds=("approves", "changes", "deletes"))
MEANWHILE = Scenario("the same is entered by hand meanwhile", (insert(1), insert(2)), deeds=("enters", "cancels"))
UPDATES = Scenario("a change, again, another", (update(1), update(2), update(3, "A")), at_once=1, **standing())
UPDATE = Scenario("a change and its repeat; a person acts", (update(1), update(2)),
                  deeds=("approves", "changes"), **standing())
MOVED = Scenario("insert, change, insert again", (insert(1, status=PENDING), update(2), insert(3, status=PENDING)),
                 at_once=1, waits=True, faults=("refused", "after"))
ENDS = Scenario("cancel, again, insert", (end(1), end(2), insert(3, status=PENDING)), deaths=2, **standing())
APPROVAL = Scenario("an insert in two steps and its repeat", (insert(1), insert(2)), two_steps=True, waits=True,
                    deaths=2, deeds=("approves", "cancels"))
OTHER = Scenario("the HRIS records something else", (insert(1), insert(2)), becomes=("fewer", "other"),
                 deaths=2, deeds=("corrects",))
TAKEN_BACK = replace(OTHER, name="the same, fewer days are taken back", how=(("on_fewer", "take_back"),))
ACCEPTED = replace(OTHER, name="the same, fewer days are accepted", how=(("on_fewer", "accept"),))
CHANGED = Scenario("a change becomes something else", (update(1), update(2)), becomes=("fewer", "other", "stays"),
                   deaths=2, **standing())
REPLACE = Scenario("approved leave is replaced", (update(1), update(2)), how=(("replaces", True),),
                   becomes=("other",), **standing(APPROVED))
REPLACE_THEN = Scenario("approved leave is replaced, then entered again", (update(1), insert(2), update(3)),
                        how=(("replaces", True),), faults=("refused", "after"), at_once=1, **standing(APPROVED))
REPLACE_OVER = replace(REPLACE, name="the same, the new one first",
                       how=(("replaces", True), ("create_first", True)))
OVER_THEN = Scenario("the same, then cancelled, then once more", (update(1), end(2), update(3)),
                     how=REPLACE_OVER.how, at_once=1, deeds=("cancels",), **standing(APPROVED))
BALANCE = Scenario("two pending requests, balance for one", (insert(1, "C", PENDING), insert(2, "D", PENDING)),
                   limit=1)
BUSY = Scenario("a repeat while another request of the agent runs", (insert(1), insert(2, "C"), insert(3)))
RESOLVED = Scenario("a person resolves what is unknown", (insert(1), insert(2), end(3)), at_once=1,
                    deeds=("resolves", "resolves"))
BLIND = Scenario("looks that cannot be read", (insert(1), insert(2), end(3)), blind=2)

SCENARIOS = (INSERT, CANCEL, PERSON, MEANWHILE, UPDATES, UPDATE, MOVED, ENDS, APPROVAL, OTHER, TAKEN_BACK, ACCEPTED,
             CHANGED, REPLACE, REPLACE_THEN, REPLACE_OVER, OVER_THEN, BALANCE, BUSY, RESOLVED,
             BLIND)

H = replace(F, stale=True)
# (design, the world in which it breaks)
BROKEN = (
    (replace(F, name="B", text="journal, sent again after a crash or time-out, no look", resend=True), INSERT),
    (replace(F, name="C", text="journal, looked up at once, sent again if absent", quiet=False), INSERT),
    (replace(F, name="D", text="journal, quiet period, look; no lock", lock="none"), INSERT),
    (replace(F, name="E", text="as D; the lock is a lease that can expire under its holder", lock="lease"),
     INSERT),
    (replace(H, name="H", text="as F; the look may be stale, absent is sent again"), INSERT),
    (replace(H, name="I", text="as H; absent is \"not written\"", absent="failed"), INSERT),
    (replace(L, name="M", text="as L; a later refusal erases an earlier unknown", sticky=False), INSERT),
    (replace(F, name="N", text="as F; the transport sends again by itself", curl_repeats=True), INSERT),
    (replace(F, name="lock-after-balance", text="the balance is read before the lock is taken",
             balance_first=True), BALANCE),
    (replace(J, name="one-marker-per-key", text="all writes of a key carry the same marker", one_marker=True),
     CANCEL),
    (replace(F, name="absent-by-likeness", text="absent: no record looks like what was asked", likeness=True),
     OTHER),
    (replace(F, name="undo-by-later-call", text="a later call takes back what an earlier one wrote",
             undo_later=True), OTHER),
    (replace(F, name="moved-but-done", text="a change that is not approved leaves the insert that it moved as done",
             ends_done=True), MOVED),
    (replace(F, name="cancel-apart", text="an open cancel of a request of unknown days hinders no insert",
             cancel_apart=True), CANCEL),
    (replace(F, name="undo-unwritten", text="a taking back is not committed before it is sent",
             undo_unwritten=True), OTHER),
    (replace(F, name="undo-of-a-change", text="a change that became something else is taken back",
             undo_change=True), CHANGED),
    (replace(F, name="both-linked", text="of a create-first the new one is the request before the old one has ended",
             both_linked=True), OVER_THEN),
    (replace(F, name="busy-without-ledger", text="who does not get the lock says \"not written\" unread",
             busy_blind=True), BUSY),
)
