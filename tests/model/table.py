"""
table.py: what a call does, by the state of the ledger's row that it meets. gateway.py decides by it, so that
the model checks it; page.py makes the table of hrisgw(8) from it.

The states are those of enum intent_state. A cell is one event in one state: what is written to the HRIS,
the answer, and the state of the row afterwards. The next call meets that state.
"""
from collections import namedtuple

STATES = {
    "(none)": "The ledger has no row of this request.",
    "sending": "Decided, and perhaps sent. Once no process holds the agent's lock, its writer has died.",
    "done": "The HRIS has it.",
    "refused": "Certainly not applied.",
    "unknown": "It may or may not have been applied.",
    "different": "The HRIS holds something else than was asked; it stands there.",
    "not-approved": "Written; it waits for an approval in the HRIS.",
    "taken-back": "Written and taken back by the same call: nothing stands.",
    "half-replaced": "The old request was cancelled, and nothing, or of several runs a part, stands in its place.",
    "ended": "It was done. Later the gateway cancelled, denied or moved it, or it ended in the HRIS.",
}
OPEN = ("sending", "unknown")
OVER = ("ended", "taken-back", "half-replaced")

COMPLETE, OUTCOME = "Complete", "by its outcome"
IN_PROGRESS, IDEMPOTENCY = "GATEWAY.IN_PROGRESS", "INPUT.IDEMPOTENCY"
UNKNOWN, DIFFERENT = "HRIS.OUTCOME_UNKNOWN", "HRIS.DIFFERENT"
NOT_APPROVED, NOT_WRITTEN = "HRIS.NOT_APPROVED", "HRIS.UNAVAILABLE"
CONFLICT, NOT_FOUND = "HRIS.CONFLICT", "HRIS.NOT_FOUND"
REFUSED = "the HRIS's refusal"
LOOK_FAILED = "the look's error"
NOBODY = ""

NOTHING, INSERT, APPROVE, CHANGE, CREATE, END = "nothing", "insert", "approve", "change", "create", "cancel"
END_OLD = "cancel the old one"

# does: what the call writes. row: the state of the row that it met, afterwards; a write has a row of its
# own, or that of the refused write which it tries anew, which is "sending" first and then as an outcome says.
Cell = namedtuple("Cell", "does answer row replayed")


def cell(does, answer, row, replayed=False):
    return Cell(does, answer, row, replayed)


def keeps(answer, row, replayed=False):
    return Cell(NOTHING, answer, row, replayed)


OUTCOME_GROUP = "The outcome of a write"

# Groups of events. In each state either all events of a group can happen or none; the exceptions are in ONLY.
GROUPS = {
    "An insert of the same content": {
        "insert": "nothing of it stands",
        "insert taken": "it has ended, and the look shows a live request on these days that may have taken its place",
        "insert unread": "it has ended, and the look cannot be read",
        "soon": "within 60 seconds of Complete, or 24 hours of a taking back",
        "running": "its writer still runs",
        "live": "the look shows it as recorded, also approved where PENDING is asked",
        "to approve": "APPROVED is asked, the look shows it pending",
        "changed": "the look shows it live with another content",
        "ended": "the look shows it cancelled or denied",
        "gone": "not shown, and the look-up is consistent or says 404 or 410",
        "hidden": "not shown, and the look-up is not consistent",
        "unreadable": "no look, or an unreadable one",
        "blind": "there is no look-up",
        "to approve blind": "APPROVED is asked of what was asked as PENDING, and there is no look-up",
        "present": "the look proves it",
        "absent": "the look proves that it is not there",
        "else": "anything else is shown",
        "early": "not shown, and it may still arrive",
        "undone": "its taking back was sent, the look shows it ended",
        "over": "the look proves it, and shows it ended",
        "other content": "an insert of its idempotencyKey with another content",
    },
    "An update to APPROVED or PENDING": {
        "update soon": "the same within 60 seconds of its Complete, no write since",
        "update again": "the same once more",
        "update both": "the same once more, and the look shows the old and, as asked, the new request of a create-first",
        "update same": "the look shows all that is asked",
        "update as before": "what was asked last, and shown as it was then",
        "update approve": "only the approval is missing",
        "update other": "the look shows another content",
        "update ended": "the look shows it ended",
        "update gone": "not shown, proven as above",
        "update hidden": "not shown, or not as recorded, not proven",
        "update unreadable": "the look cannot be read",
        "update blind": "there is no look-up",
        "update open": "the write before it stays unknown, or both requests of a create-first stand",
        "update settled": "the look settles the write before it",
        "update without id": "without an id, none shown on these days",
        "update without id taken": "without an id, and a live request touches them",
        "update without id unread": "without an id, and no look, or an unreadable one",
    },
    "An update to CANCELED or DENIED": {
        "end soon": "the same within 60 seconds of its Complete, no write since",
        "end live": "the look shows it live",
        "end ended": "the look shows it ended",
        "end gone": "not shown, proven as above",
        "end hidden": "not shown, not proven",
        "end unreadable": "the look cannot be read",
        "end blind": "there is no look-up",
        "end open": "the write before it stays unknown, or both requests of a create-first stand",
        "end settled": "the look settles the write before it",
        "end without id": "without an id, none shown on these days",
        "end without id taken": "without an id, and a live request touches them",
        "end without id unread": "without an id, and no look, or an unreadable one",
    },
    OUTCOME_GROUP: {
        "ok": "success, and the look shows what was asked",
        "ok unseen": "success with an id, the look shows nothing that judges it",
        "ok missing": "success, and the look proves that it is not there",
        "ok ended": "success, and the look shows it ended",
        "rejected": "a refusal, every attempt proven not applied",
        "rejected later": "a refusal, an earlier attempt unknown",
        "lost present": "no answer, the look proves it",
        "lost absent": "no answer, the look proves that it is not there",
        "lost": "no answer, anything else is shown",
        "fewer accepted": "fewer days by the HRIS's calendar, on_fewer: accept",
        "fewer kept": "fewer days, on_fewer: keep",
        "other once": "something else, and no second look that shows the same",
        "other undone": "something else after an insert, taken back",
        "other stays": "something else after an insert, and it cannot be taken back",
        "other open": "something else after an insert, and its taking back is not known",
        "other changed": "something else after a change, which stays",
        "stood": "a change, and two consistent looks show what stood before",
        "stood unproven": "a change, and two looks that are not consistent show what stood before",
        "end missed": "a cancel answered by success, and two looks show it live, or one and then none",
        "waits": "the approval waits, or was refused",
        "raise refused": "an earlier call has written it, and approving it was refused",
        "approval open": "the approval's outcome is not known",
        "replaced back": "a replace, the new one refused, the old one entered again",
        "replaced half": "a replace, the new one refused, the old one refused, too",
        "replaced open": "a replace, one of its steps not known: of a create-first both may stand",
        "crash": "the process dies",
    },
    "By hand": {
        "resolve written": "ledger resolve --written",
        "resolve not written": "ledger resolve --not-written",
        "person approves": "a person approves it in the HRIS",
        "person changes": "a person changes it there",
        "person deletes": "a person cancels or deletes it there",
    },
}
EVENTS = {event: text for group in GROUPS.values() for event, text in group.items()}

SHOWN = ("live", "to approve", "changed", "ended", "gone", "hidden", "unreadable", "blind")
LOOKED = ("present", "absent", "else", "early", "undone", "over", "unreadable")
ANEW = ("insert", "insert taken", "insert unread")
UPDATE = ("update same", "update approve", "update other", "update ended", "update gone", "update hidden",
          "update unreadable", "update blind")
ENDS = ("end live", "end ended", "end gone", "end hidden", "end unreadable", "end blind")
WITHOUT_ID = tuple(f"{word} without id{rest}" for word in ("update", "end") for rest in ("", " taken", " unread"))
SETTLED = ("update both", "update open", "update settled", "end open", "end settled")
BY_HAND = tuple(GROUPS["By hand"])
PERSON = BY_HAND[2:]

# Which events a state has.
ONLY = {
    "(none)": ("insert",) + UPDATE + ENDS + WITHOUT_ID,
    "sending": ("running",) + LOOKED + ("other content",) + SETTLED + tuple(GROUPS[OUTCOME_GROUP]) + BY_HAND,
    "done": ("soon", "to approve blind", "other content", "update soon", "end soon") + SHOWN + UPDATE + ENDS + BY_HAND,
    "refused": ("insert",) + UPDATE + ENDS + WITHOUT_ID,
    "unknown": LOOKED + ("other content",) + SETTLED + BY_HAND,
    "different": SHOWN + ("other content", "update as before") + SETTLED + UPDATE + ENDS + BY_HAND,
    "not-approved": SHOWN + ("other content",) + UPDATE + ENDS + BY_HAND,
    "taken-back": ("soon", "other content") + ANEW + UPDATE + ENDS,
    "half-replaced": ("update again",) + UPDATE + ENDS + BY_HAND[:2],
    "ended": ANEW + UPDATE + ENDS,
}


def shown(state):
    """A repeated insert of what is recorded, and what the look by its id shows."""
    return {
        "live": keeps(COMPLETE, "done", state == "done"),
        "to approve": cell(APPROVE, OUTCOME, "done") if state != "not-approved" else
        keeps(NOT_APPROVED, "not-approved"),
        "changed": keeps(DIFFERENT, "different"),
        "ended": cell(INSERT, OUTCOME, "ended") if state == "done" else keeps(NOT_APPROVED, "ended"),
        "gone": cell(INSERT, OUTCOME, "ended") if state == "done" else keeps(NOT_APPROVED, "ended"),
        "hidden": keeps(UNKNOWN, state),
        "unreadable": keeps(UNKNOWN, state),
        "blind": keeps(NOT_APPROVED if state == "not-approved" else UNKNOWN, state),
    }


def looked():
    """A repeated insert after a write whose fate is open."""
    return {
        "present": keeps(COMPLETE, "done", True),
        "absent": cell(INSERT, OUTCOME, "refused"),
        "else": keeps(UNKNOWN, "unknown"),
        "early": keeps(UNKNOWN, "unknown"),
        "undone": keeps(DIFFERENT, "taken-back", True),
        "over": cell(INSERT, OUTCOME, "ended"),
        "unreadable": keeps(UNKNOWN, "unknown"),
        **settled(UNKNOWN, "unknown"),
    }


def settled(answer, state):
    """An update after a write that a look may settle."""
    after = "done or refused or ended or half-replaced or taken-back" if state == "unknown" else \
        "done or different or taken-back"
    return {
        "update both": cell(END_OLD, OUTCOME, "done"),
        "update open": keeps(answer, state),
        "update settled": keeps("as in that state", after),
        "end open": keeps(answer, state),
        "end settled": keeps("as in that state", after),
    }


def anew(state):
    """An insert of what has ended: a person may have entered it again."""
    return {
        "insert": cell(INSERT, OUTCOME, state),
        "insert taken": keeps(CONFLICT, state),
        "insert unread": keeps(LOOK_FAILED, state),
    }


def updates(state):
    """An update by id: what the HRIS shows decides. Where the ledger says that the request has ended, and a
    look-up that is not consistent shows it live, that counts as not shown."""
    known = state not in ("(none)", "refused")
    over = "half-replaced" if state == "half-replaced" else "ended" if known else state
    seen_over = "ended" if state == "done" else state
    unseen = UNKNOWN if known else NOT_FOUND
    return {
        "update same": keeps(COMPLETE, "done" if known else state),
        "update approve": cell(APPROVE, OUTCOME, "done" if state in ("different", "not-approved") else state),
        "update other": cell(CHANGE, OUTCOME, over),
        "update ended": keeps(CONFLICT, seen_over),
        "update gone": keeps(NOT_FOUND, seen_over),
        "update hidden": keeps(unseen, state),
        "update unreadable": keeps(LOOK_FAILED, state),
        "update blind": keeps(UNKNOWN, state) if state in OVER else cell(CHANGE, OUTCOME, over),
        "end live": cell(END, OUTCOME, over),
        "end ended": keeps(COMPLETE, "ended" if state in ("different", "not-approved", "half-replaced") else seen_over),
        "end gone": keeps(NOT_FOUND, seen_over),
        "end hidden": keeps(unseen, state),
        "end unreadable": keeps(LOOK_FAILED, state),
        "end blind": cell(END, OUTCOME, over),
    }


def without_id(state):
    return {
        "update without id": cell(INSERT, OUTCOME, state),
        "update without id taken": keeps(CONFLICT, state),
        "update without id unread": keeps(LOOK_FAILED, state),
        "end without id": keeps(COMPLETE, state),
        "end without id taken": keeps(CONFLICT, state),
        "end without id unread": keeps(LOOK_FAILED, state),
    }


def by_hand(state, not_written):
    return {
        "resolve written": keeps(NOBODY, "done"),
        "resolve not written": keeps(NOBODY, not_written),
        **{event: keeps(NOBODY, state) for event in PERSON},
    }


def other_content(state):
    return {"other content": keeps(IDEMPOTENCY, state)}


OUTCOMES = {
    "ok": keeps(COMPLETE, "done"),
    "ok unseen": keeps(COMPLETE, "done"),
    "ok missing": keeps(UNKNOWN, "unknown"),
    "ok ended": keeps(NOT_APPROVED, "ended"),
    "rejected": keeps(REFUSED, "refused"),
    "rejected later": keeps(UNKNOWN, "unknown"),
    "lost present": keeps(COMPLETE, "done"),
    "lost absent": keeps(NOT_WRITTEN, "refused"),
    "lost": keeps(UNKNOWN, "unknown"),
    "fewer accepted": keeps(COMPLETE, "done"),
    "fewer kept": keeps(DIFFERENT, "different"),
    "other once": keeps(DIFFERENT, "different"),
    "other undone": keeps(DIFFERENT, "taken-back"),
    "other stays": keeps(DIFFERENT, "different"),
    "other open": keeps(UNKNOWN, "unknown"),
    "other changed": keeps(DIFFERENT, "different"),
    "stood": keeps(DIFFERENT, "different"),
    "stood unproven": keeps(UNKNOWN, "unknown"),
    "end missed": keeps(UNKNOWN, "unknown"),
    "waits": keeps(NOT_APPROVED, "not-approved"),
    "raise refused": keeps(NOT_APPROVED, "refused"),
    "approval open": keeps(NOT_APPROVED, "not-approved"),
    "replaced back": keeps(DIFFERENT, "different"),
    "replaced half": keeps(DIFFERENT, "half-replaced"),
    "replaced open": keeps(UNKNOWN, "unknown"),
    "crash": keeps(NOBODY, "sending"),
}

TABLE = {
    "(none)": {"insert": cell(INSERT, OUTCOME, "(none)"), **updates("(none)"), **without_id("(none)")},
    "sending": {"running": keeps(IN_PROGRESS, "sending"), **looked(), **other_content("sending"), **OUTCOMES,
                **by_hand("sending", "refused")},
    "done": {"soon": keeps(COMPLETE, "done", True), "to approve blind": cell(CHANGE, OUTCOME, "done"),
             "update soon": keeps(COMPLETE, "done", True), "end soon": keeps(COMPLETE, "done", True),
             **shown("done"), **other_content("done"), **updates("done"), **by_hand("done", "ended")},
    "refused": {"insert": cell(INSERT, OUTCOME, "refused"), **updates("refused"),
                **without_id("refused")},
    "unknown": {**looked(), **other_content("unknown"), **by_hand("unknown", "refused")},
    "different": {**shown("different"), **other_content("different"), **updates("different"),
                  "update as before": keeps(DIFFERENT, "different"), **settled(DIFFERENT, "different"),
                  **by_hand("different", "ended")},
    "not-approved": {**shown("not-approved"), **other_content("not-approved"), **updates("not-approved"),
                     **by_hand("not-approved", "ended")},
    "taken-back": {"soon": keeps(DIFFERENT, "taken-back", True),
                   **anew("taken-back"), **other_content("taken-back"),
                   **updates("taken-back")},
    "half-replaced": {"update again": cell(CREATE, OUTCOME, "half-replaced"), **updates("half-replaced"),
                      "resolve written": keeps(NOBODY, "done"), "resolve not written": keeps(NOBODY, "ended")},
    "ended": {**anew("ended"), **updates("ended")},
}
