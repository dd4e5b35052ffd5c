"""A change that is an insert and then a cancel, in an HRIS that takes the new request while the old one stands: what is
said, what the ledger keeps, what stands, and what the same change said again comes to, for each way in which one of
the steps goes wrong.
"""
import collections

import pytest

from ledger_home import LedgerHome, action, body
from stateful_hris import DAYS, LOST, Fault, refusal

BEFORE = {"2027-03-01": 480, "2027-03-02": 240}
OLD, NEW = "old", "new"
NO = refusal("422")
SAID = "POST /leave/{request_id}/cancel: the HRIS answered 422: no"
# what stands: of OLD and NEW; row: its op and state; says: parts of the text, {old} and {new} are their ids.
Outcome = collections.namedtuple("Outcome", "code stands row says")
DONE = Outcome("", NEW, "replace done", "")
UNDONE = Outcome("HRIS.REFUSED", OLD, "create-first refused",
                 "request {old} (2027-03-01 to 2027-03-02, 720 minutes) could not be cancelled ({no}); request {new}, "
                 "which was entered to take its place, was taken back")
BOTH = Outcome("HRIS.DIFFERENT", OLD + NEW, "create-first different",
               "could not be cancelled ({no}), and request {new}, which was entered to take its place, was not taken "
               "back: both stand, cancel one of them in the HRIS")
STAND = Outcome("HRIS.OUTCOME_UNKNOWN", OLD + NEW, "create-first unknown",
                "request {new} was entered, and whether request {old} (2027-03-01 to 2027-03-02, 720 minutes), whose "
                "place it is to take, was cancelled is not known: both may stand, look at them in the HRIS")
LOST_NEW = Outcome("HRIS.OUTCOME_UNKNOWN", OLD, "create-first unknown",
                   "request {old} (2027-03-01 to 2027-03-02, 720 minutes) was not cancelled, and what was to take its "
                   "place is not known: ")
TAKEN_BACK = Outcome("HRIS.DIFFERENT", OLD, "create-first taken-back",
                     "it was taken back as request {new}, and request {old} was not cancelled")
# What goes wrong, the route, the answer, the answer to the same once more when nothing goes wrong any more.
CELLS = {
    "nothing": ({}, "first", DONE, DONE),
    "refused": ({"create": Fault(False, NO)}, "first", Outcome("HRIS.REFUSED", OLD, "create-first refused", ""), DONE),
    "not known, not applied": ({"create": Fault(False, LOST["closed"])}, "late", LOST_NEW,
                               LOST_NEW._replace(says="request {old} was to be replaced by another one, [hrisgw ")),
    "not known, applied later": ({"create": Fault(True, LOST["closed"], after_s=0.3), "look": Fault(shows="stale")},
                                 "late", LOST_NEW._replace(stands=OLD + NEW), DONE),
    "not known, applied": ({"create": Fault(True, LOST["closed"])}, "first", DONE, DONE),
    "other": ({"create": Fault("other")}, "first", TAKEN_BACK, TAKEN_BACK),
    "other, not taken back": ({"create": Fault("other"), "undo": Fault(False, NO)}, "first",
                              Outcome("HRIS.DIFFERENT", OLD + NEW, "create-first different",
                                      "; request {old} (2027-03-01 to 2027-03-02, 720 minutes), whose place it was to "
                                      "take, stands too: cancel one of them in the HRIS"),
                              Outcome("HRIS.DIFFERENT", OLD + NEW, "create-first different", "both stand: cancel one")),
    "cancel refused": ({"cancel": Fault(False, NO)}, "first", UNDONE, DONE),
    "cancel refused, a person ended it": ({"cancel": Fault(True, NO)}, "first", DONE, DONE),
    "cancel and undo refused": ({"cancel": Fault(False, NO), "undo": Fault(False, NO)}, "first", BOTH, DONE),
    "cancel refused, undo not known": ({"cancel": Fault(False, NO), "undo": Fault(False, LOST["closed"], every=True)}, "late",
                                       Outcome("HRIS.OUTCOME_UNKNOWN", OLD + NEW, "create-first unknown",
                                               "and whether request {new}, which was entered to take its place, was "
                                               "taken back is not known"), None),
    "cancel not known, not applied": ({"cancel": Fault(False, LOST["closed"], every=True)}, "late", STAND, DONE),
    "cancel not known, applied": ({"cancel": Fault(True, LOST["closed"])}, "first", DONE, DONE),
    "approval refused": ({"approve": Fault(False, NO)}, "first",
                         Outcome("HRIS.NOT_APPROVED", NEW, "replace not-approved",
                                 "; it is in the place of request {old} (2027-03-01 to 2027-03-02, 720 minutes), which "
                                 "was cancelled"), Outcome("", NEW, "approve done", "")),
}


@pytest.fixture(scope="module")
def home():
    with LedgerHome() as out:
        out.add("first", replaces="create-first")
        out.add("late", consistent=False, replaces="create-first")
        out.serve("now")
        yield out
        out.verify()


class Change:
    """Approved leave, and its change to one day more."""

    def __init__(self, home, route, script, approves=False):
        self.home, self.route = home, route
        self.world = home.world(route, script=script, approves=approves)
        self.other = self.world.put(days={"2027-05-03": 480}, status="APPROVED", note="another request")
        self.old = self.world.put(days=BEFORE, status="APPROVED", note="as it was")

    def ask(self, status="APPROVED", request_id=None, days=None):
        sent = body(self.world.agent, days, status, request_id or self.old.id)
        return self.home.ask(self.route, action(self.old.id), sent, self.home.socket)

    def new(self):
        made = [r for r in self.world.records.values() if r.by == "gateway"]
        return made[-1] if made else None

    def check(self, out, want):
        new, live = self.new(), self.world.live()
        stands = "".join(word for word, r in ((OLD, self.old), (NEW, new)) if r and r.id in [x.id for x in live])
        row = self.home.rows(self.route, self.world.agent)[-1]
        assert (out["errorCode"], stands, f"{row.op} {row.state}") == want[:3], (out, live)
        assert want.says.format(old=self.old.id, new=new and new.id, no=SAID) in out["errorMsg"], out
        assert self.other.id in [r.id for r in live] and len(live) <= 3
        # Until the new one is in its place, the request has the id that it had.
        assert out["timeOffRequestId"] == (self.old.id if row.op == "create-first" else new.id), out


@pytest.mark.parametrize("name", CELLS)
def test_what_goes_wrong_is_said(home, name):
    script, route, first, then = CELLS[name]
    change = Change(home, route, script, approves="approve" in script)
    out = change.ask()
    change.world.settle()
    change.check(out, first)
    change.world.calm()
    wrote = len(change.world.wrote)
    if then is not None:
        change.check(change.ask(), then)
    if then is not None and then[:3] == first[:3]:
        assert len(change.world.wrote) == wrote, "nothing is written again"
    if then is not None and then.code == "":
        assert change.new().days == DAYS and change.new().status == "APPROVED"


@pytest.fixture
def both(home):
    """The old one and the new one stand: the cancel got lost."""
    change = Change(home, "late", {"cancel": Fault(False, LOST["closed"], every=True)})
    change.check(change.ask(), STAND)
    change.world.calm()
    return change


def test_while_both_stand_nothing_else_is_written(both):
    wrote = len(both.world.wrote)
    said = f"request {both.old.id} and request {both.new().id}, which was entered at "
    for out in (both.ask("CANCELED"), both.ask("CANCELED", both.new().id), both.ask(days={"2027-03-02": 480}),
                both.home.ask("late", "insert-timeoff", body(both.world.agent), both.home.socket)):
        assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and said in out["errorMsg"], out
    assert len(both.world.wrote) == wrote


def test_what_an_earlier_call_entered_is_not_taken_back(both):
    both.world.script, both.world.used = {"cancel": Fault(False, NO)}, set()
    wrote = len(both.world.wrote)
    both.check(both.ask(), BOTH)
    assert [kind for kind, _ in both.world.wrote[wrote:]] == ["cancel"]
    both.world.calm()
    both.check(both.ask(), DONE)


def test_a_person_ends_the_old_one(both):
    new, wrote = both.new(), len(both.world.wrote)
    both.world.records[both.old.id].status = "CANCELED"
    out = both.ask("CANCELED")
    assert (out["errorCode"], out["timeOffRequestId"]) == ("", new.id), out
    assert both.world.wrote[wrote:] == [("cancel", new.id)]


def test_a_person_ends_the_new_one(both):
    """The cancel of the old one may still arrive, and where looks may be late nothing proves that it has not: a person
    says so."""
    new, n = both.new(), str(both.home.rows("late", both.world.agent)[-1].n)
    code, out = both.home.ledger("list")
    assert code == 0 and f"request {both.old.id} and {new.id} may both stand: cancel one" in out
    code, out = both.home.ledger("resolve", n, "--written", new.id)
    assert code and f"request {both.old.id}, whose place it is to take, still stands" in out
    both.world.records[new.id].status = "CANCELED"
    assert both.ask("CANCELED")["errorCode"] == "HRIS.OUTCOME_UNKNOWN"
    code, out = both.home.ledger("resolve", n, "--not-written", "--force")
    assert code == 0, out
    out = both.ask("CANCELED")
    assert (out["errorCode"], out["timeOffRequestId"]) == ("", both.old.id), out


def test_reconcile_looks_and_writes_nothing(both):
    wrote = len(both.world.wrote)
    both.home.ledger("reconcile")
    assert both.home.rows("late", both.world.agent)[-1].state == "unknown"
    both.world.records[both.old.id].status = "CANCELED"
    both.home.ledger("reconcile")
    assert both.home.rows("late", both.world.agent)[-1][1:4] == ("replace", "done", both.new().id)
    assert len(both.world.wrote) == wrote


def test_the_old_one_is_not_in_its_own_way(home):
    """An HRIS that says it takes both, and does not."""
    change = Change(home, "first", {})
    change.world.unique = True
    out = change.ask()
    assert out["errorCode"] == "HRIS.CONFLICT" and change.old.id not in out["errorMsg"], out
    assert change.new() is None
