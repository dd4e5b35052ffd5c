"""kill -9 at each system call of a write: afterwards the same request, once at once and once when nothing can arrive
any more, is answered by what the HRIS holds, and it holds what was asked once. The chain of the ledger still verifies.
Who repeats it is a process that runs all the while; for some it is a new one, so that nobody else has the
ledger open.

`make test` plays a tenth of the calls, at most PART_MAX of each write, chosen by HRISGW_SEED; `make torture` plays
all. tracer.c kills.
"""
import collections
import functools
import random

import pytest

from ledger_home import SEED, WHOLE
from ledger_write import CREATE_FIRST, REPLACE, WRITES, Attempt, lanes_of, play

LANES = 2
KILLED = 128 + 9
PART_MAX = 30
POINTS_MIN = 1000       # the calls of all writes together, at least


def killed(write, n, lane):
    """One that is killed at its n-th call; 0: at none."""
    if write.alone == "blank":
        lane.forget()
    tried = Attempt(lane, write)
    from_where = "exec" if write.alone == "blank" else "input"
    code, out = tried.first([f"{lane.home.lib}/tracer", str(n), from_where, lane.report])
    left = tried.state()
    wrong = [] if code in (0, KILLED if n else 0) else [f"ended with {code}"]
    # One that had answered before it was killed is held to its word.
    wrong += tried.faults_of(out) if out else []
    wrong += tried.faults_later()
    return [f"{write.name}, killed at {n} ({left}): {what}" for what in wrong], left


@pytest.fixture(scope="module")
def lanes():
    with lanes_of(LANES) as out:
        yield out


TOTAL = collections.Counter()


@pytest.mark.parametrize("write", [*WRITES, REPLACE, CREATE_FIRST], ids=lambda w: w.name)
def test_it_is_killed_at_every_call(lanes, write):
    mine = lanes[LANES:] if write.alone else lanes[:LANES]
    assert not killed(write, 0, mine[0])[0]
    calls = mine[0].reported()
    assert calls > 100, "there are more than that"
    points = list(range(1, calls + 1))
    if not WHOLE:
        points = sorted(random.Random(SEED + write.name).sample(points, min(calls // 10, PART_MAX)))
    wrong, left = play(mine, [functools.partial(killed, write, n) for n in points])
    TOTAL[write.name] = len(points)
    print(f"{write.name}: killed at {len(points)} calls of {calls}; that left", dict(left))
    assert not wrong, f"{len(wrong)} of {len(points)}:\n" + "\n".join(wrong[:20])
    if WHOLE:
        assert {"no row", "sending", "done"} <= {state.split(",")[0] for state in left} or write.again, left


@pytest.mark.skipif(not WHOLE, reason="a part of them only")
def test_they_were_many():
    assert len(TOTAL) <= len(WRITES) or TOTAL.total() >= POINTS_MIN, TOTAL
