"""The model of the ledger (tests/model): what is sound holds in every order of events of its small worlds, and
what is broken is found."""
import gc
import os
import sys

import pytest

import fronts

sys.path.insert(0, os.path.join(fronts.TOP, "tests", "model"))
import designs      # noqa: E402
import explore      # noqa: E402
import table        # noqa: E402


@pytest.fixture(autouse=True)
def no_collections():
    """Nothing in the model is circular, and there is much of it."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("scenario", designs.SCENARIOS, ids=lambda s: s.name)
@pytest.mark.parametrize("design", designs.SOUND, ids=lambda d: d.name)
def test_a_sound_design_keeps_the_invariants(design, scenario):
    explorer = explore.Explorer(design, scenario)
    assert explorer.search() is None
    assert explorer.states > 50 and explorer.answers


@pytest.mark.parametrize("design, scenario", designs.BROKEN, ids=[d.name for d, _ in designs.BROKEN])
def test_a_broken_design_is_found(design, scenario):
    found = explore.Explorer(design, scenario).search()
    assert found is not None
    assert len(found[1]) > 3


@pytest.mark.parametrize("state", table.STATES)
def test_a_state_has_a_cell_for_each_of_its_events(state):
    assert set(table.TABLE[state]) == set(table.ONLY[state])
    assert set(table.ONLY[state]) <= set(table.EVENTS)
    after = {row for cell in table.TABLE[state].values() for row in cell.row.split(" or ")}
    assert after <= set(table.STATES)
