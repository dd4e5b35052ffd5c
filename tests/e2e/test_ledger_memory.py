"""Each allocation of a write fails, once and from there on: no process crashes, and what the HRIS has taken is never
called not written; afterwards the same request, of a process that has memory, is answered by what the HRIS holds, and
it holds what was asked once. Where there is no memory to look after a write, the HRIS's success is believed, as
where the HRIS cannot be asked.

`make test` plays a part of the allocations, chosen by HRISGW_SEED; `make torture` plays all. shim.c fails.
"""
import functools
import random

import pytest

import home as homes
from ledger_home import SEED, WHOLE
from ledger_write import REPLACE, WRITES, Attempt, lanes_of, play

LANES = 2
PART = 12       # allocations of each write
# What is said where memory ran out: nothing, what the HRIS holds, or that memory ran out.
HONEST = ("", "no answer", "GATEWAY.MEMORY", "HRIS.OUTCOME_UNKNOWN", "HRIS.DIFFERENT", "HRIS.NOT_APPROVED")
MEMORY = [w for w in [*WRITES, REPLACE] if not w.alone]


def starved(write, n, how, lane):
    """One whose n-th allocation fails; -1: none."""
    tried = Attempt(lane, write)
    code, out = tried.first(**lane.home.shim(SHIM_ALLOC=f"{n} {how}", SHIM_REPORT=lane.report))
    left, said = tried.state(), out["errorCode"] if out else "no answer"
    wrong = [] if code in (0, 1) else [f"ended with {code}"]
    if not out and tried.world.wrote:
        wrong.append("something has left, and there is no answer")
    if left.startswith("no row") and tried.world.wrote:
        wrong.append(f"it has left, and no ledger knows of it: {tried.world.wrote}")
    wrong += tried.faults_of(out, believed=True) if out else []
    wrong += [f"called something else: {out}"] if said not in HONEST else []
    may = [said] if said in ("HRIS.NOT_APPROVED", "HRIS.DIFFERENT") or (said == "" and tried.is_believed()) else []
    wrong += tried.faults_later(*may, believed=True)
    return [f"{write.name}, allocation {n} {how} ({left}, {said}): {w}" for w in wrong], (left, said)


@pytest.fixture(scope="module")
def lanes():
    with lanes_of(LANES) as out:
        yield out


@pytest.mark.skipif(homes.is_sanitized(), reason="a sanitizer allocates by itself")
@pytest.mark.parametrize("how", ["once", "on"])
@pytest.mark.parametrize("write", MEMORY, ids=lambda w: w.name)
def test_every_allocation_fails(lanes, write, how):
    mine = lanes[:LANES]
    assert not starved(write, -1, how, mine[0])[0]
    n = mine[0].reported()
    assert n > 100, "there are more than that"
    points = list(range(1, n + 1))
    if not WHOLE:
        points = random.Random(f"{SEED} {write.name} {how}").sample(points, PART)
    wrong, left = play(mine, [functools.partial(starved, write, i, how) for i in points])
    print(f"{write.name}, {how}: {len(points)} of {n}; that left and said", dict(left))
    assert not wrong, f"{len(wrong)} of {len(points)}:\n" + "\n".join(wrong[:20])
