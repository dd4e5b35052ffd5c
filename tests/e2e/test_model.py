"""The model of the ledger (tests/model): what is sound holds in every order of events of its small worlds, what
is broken is found, and the page has the model's table."""
import gc
import os
import re
import sys

import pytest

import fronts

sys.path.insert(0, os.path.join(fronts.TOP, "tests", "model"))
import designs      # noqa: E402
import explore      # noqa: E402
import page         # noqa: E402
import run          # noqa: E402
import table        # noqa: E402
import traces       # noqa: E402
import worlds       # noqa: E402


@pytest.fixture(autouse=True)
def no_collections():
    """Nothing in the model is circular, and there is much of it."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def met():
    """The cells of the table that sound designs met."""
    return set()


@pytest.mark.parametrize("design", designs.SOUND, ids=lambda d: d.name)
def test_a_sound_design_keeps_the_invariants(design, met):
    faults, states, cells = run.sound(design)
    assert not faults
    assert states > 10000
    met |= cells


def test_the_worlds_meet_every_cell_of_the_table(met):
    assert run.not_met(met) == []


@pytest.mark.parametrize("design, scenario", designs.BROKEN, ids=[d.name for d, _ in designs.BROKEN])
def test_a_broken_design_is_found(design, scenario):
    found = explore.Explorer(design, scenario).search()
    assert found is not None
    assert len(found[1]) > 3


INSERTED = table.cell(table.INSERT, table.OUTCOME, "ended")
TRIED_ANEW = table.cell(table.INSERT, table.OUTCOME, "refused")     # without a look at what stands there
COMPLETE = table.keeps(table.COMPLETE, "done", True)
NOT_WRITTEN = table.keeps(table.NOT_WRITTEN, "refused")
# A wrong cell, and where that shows: a design, and a world; None: those that begin in that state.
WRONG = {
    ("unknown", "else"): (INSERTED, designs.J, None),
    ("unknown", "early"): (INSERTED, designs.J, designs.INSERT),
    ("unknown", "present"): (TRIED_ANEW, designs.F, None),
    ("sending", "early"): (INSERTED, designs.J, designs.INSERT),
    ("done", "live"): (TRIED_ANEW, designs.F, None),
    ("done", "hidden"): (INSERTED, designs.J, designs.INSERT),
    ("done", "blind"): (INSERTED, designs.K, None),
    ("done", "gone"): (COMPLETE, designs.F, None),
    ("done", "ended"): (COMPLETE, designs.F, None),
    ("done", "changed"): (INSERTED, designs.F, None),
    ("different", "changed"): (INSERTED, designs.F, None),
    ("different", "live"): (NOT_WRITTEN, designs.F, None),
    ("not-approved", "to approve"): (COMPLETE, designs.F, None),
    ("taken-back", "soon"): (COMPLETE, designs.F, None),
    ("sending", "lost"): (NOT_WRITTEN, designs.F, designs.INSERT),
    ("sending", "rejected later"): (NOT_WRITTEN, designs.L, designs.INSERT),
    ("sending", "other stays"): (COMPLETE, designs.F, designs.OTHER),
    ("sending", "waits"): (COMPLETE, designs.F, designs.APPROVAL),
    ("sending", "stood"): (COMPLETE, designs.F, designs.CHANGED),
    ("sending", "update both"): (table.keeps(table.COMPLETE, "done"), designs.F, designs.REPLACE_OVER),
    ("different", "end open"): (table.keeps(table.COMPLETE, "different"), designs.F, None),
    ("sending", "replaced half"): (COMPLETE, designs.F, designs.REPLACE),
}


@pytest.mark.parametrize("place", WRONG, ids=": ".join)
def test_a_wrong_cell_is_found(place, monkeypatch):
    state, event = place
    wrong, design, world = WRONG[place]
    begin = [s for s in worlds.scenarios(design) if s.name.startswith(state)]
    assert len(begin) > 7 or world
    monkeypatch.setitem(table.TABLE[state], event, wrong)
    assert any(explore.Explorer(design, scenario).search() for scenario in ([world] if world else begin))


@pytest.mark.parametrize("state", table.STATES)
def test_a_state_has_a_cell_for_each_of_its_events(state):
    assert set(table.TABLE[state]) == set(table.ONLY[state])
    assert set(table.ONLY[state]) <= set(table.EVENTS)
    after = {row for cell in table.TABLE[state].values() for row in cell.row.split(" or ")}
    assert after <= set(table.STATES)


def test_traces_reach_every_state_and_no_intent_has_two_records():
    states, codes = set(), set()
    for seed in range(1500):
        play = traces.Play(seed)
        trace = play.trace(seed)
        states |= {row["state"] for event in trace["events"] for row in event["rows"]}
        codes |= {event["answer"]["code"] for event in trace["events"] if event.get("answer")}
        keys = [explore.key_of_mark(r.mark) for r in play.records if r.mark and r.status in ("pending", "approved")]
        assert len(set(keys)) == len(keys), trace
    assert states == set(table.STATES) - {"(none)"}
    assert {table.COMPLETE, table.UNKNOWN, table.DIFFERENT, table.NOT_APPROVED, "HRIS.REFUSED"} <= codes


def test_a_seed_is_always_the_same_trace():
    assert traces.Play(7).trace(7) == traces.Play(7).trace(7) != traces.Play(8).trace(8)


def test_the_states_are_those_of_the_program():
    with open(os.path.join(fronts.TOP, "src", "ledger", "intent.c"), encoding="utf-8") as file:
        names = re.findall(r'\[INTENT_([A-Z_]+)\] = "([a-z-]+)"', file.read())
    states = [name for symbol, name in names if name == symbol.lower().replace("_", "-")]
    assert set(table.STATES) - {"(none)"} <= set(states)


def test_the_page_has_the_table_of_the_model():
    before, after = page.difference()
    assert before == after, "make it again: tests/model/page.py"
