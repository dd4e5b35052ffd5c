"""The disk fails at each call that writes to a file of the ledger: once, from there on, or after half of the bytes. What
has not reached the ledger does not leave, and what has left is never called not written; afterwards the same
request, of a process whose disk works, is answered by what the HRIS holds, and it holds what was asked once.

`make test` plays a part of the calls, chosen by HRISGW_SEED; `make torture` plays all. shim.c fails.
"""
import errno
import functools
import random

import pytest

from ledger_home import SEED, WHOLE
from ledger_write import REPLACE, WRITES, Attempt, lanes_of, play

LANES = 2
PART = 3        # calls of each write and fault
FAULTS = [(errno.ENOSPC, "on"), (errno.ENOSPC, "short"), (errno.ENOSPC, "once"), (errno.EIO, "on"), (errno.EIO, "once"),
          (errno.EROFS, "on")]


def failed(write, n, fault, lane):
    """One whose n-th call fails; -1: none."""
    error, how = fault
    env = {"SHIM_DISK": f"{n} {error} {how}", "SHIM_REPORT": lane.report}
    if write.alone == "blank":
        lane.forget()
        env["SHIM_EARLY"] = "1"
    tried = Attempt(lane, write)
    code, out = tried.first(**lane.home.shim(**env))
    left = tried.state()
    wrong = [] if code == 0 and out else [f"ended with {code}, {out}"]
    if left.startswith("no row") and tried.world.wrote:
        wrong.append(f"it has left, and no ledger knows of it: {tried.world.wrote}")
    wrong += tried.faults_of(out) if out else []
    said = (out or {}).get("errorCode")
    # An approval that could not be written down was not sent, and of a replace what stood is entered again.
    wrong += tried.faults_later(*[said] if said in ("HRIS.NOT_APPROVED", "HRIS.DIFFERENT") else [])
    return [f"{write.name}, {errno.errorcode[error]} {how} at {n} ({left}, {said}): {w}" for w in wrong], (left, said)


@pytest.fixture(scope="module")
def lanes():
    with lanes_of(LANES) as out:
        yield out


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{errno.errorcode[f[0]]}-{f[1]}")
@pytest.mark.parametrize("write", [*WRITES, REPLACE], ids=lambda w: w.name)
def test_the_disk_fails_at_every_call(lanes, write, fault):
    mine = lanes[LANES:] if write.alone else lanes[:LANES]
    assert not failed(write, -1, fault, mine[0])[0]
    calls = mine[0].reported()
    assert calls > 5, "there are more than that"
    points = list(range(1, calls + 1))
    if not WHOLE:
        points = random.Random(f"{SEED} {write.name} {fault}").sample(points, PART)
    wrong, left = play(mine, [functools.partial(failed, write, n, fault) for n in points])
    print(f"{write.name}, {fault}: {len(points)} of {calls}; that left and said", dict(left))
    assert not wrong, f"{len(wrong)} of {len(points)}:\n" + "\n".join(wrong[:20])
    if WHOLE and fault[1] == "on":
        assert {"GATEWAY.STORE"} <= {said for _, said in left}, left
