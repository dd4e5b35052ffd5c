"""Fixtures: one scripted HRIS, one gateway and one of each front door for the whole run."""
import sys

import pytest

sys.dont_write_bytecode = True
import fronts       # noqa: E402
import home as homes    # noqa: E402
import mock_hris    # noqa: E402


def pytest_sessionstart(session):
    """Without what the tests need there is nothing to run: said once."""
    missing = fronts.missing() + homes.missing()
    if missing:
        pytest.exit("missing: " + "; ".join(missing), returncode=3)


@pytest.fixture(scope="session")
def hris_server():
    server = mock_hris.MockHris()
    yield server
    server.stop()


@pytest.fixture
def hris(hris_server):
    """The HRIS, answering as BambooHR does until a test says otherwise."""
    hris_server.reset()
    hris_server.bamboo()
    homes.forget()
    yield hris_server
    hris_server.reset()


@pytest.fixture(scope="session")
def home(hris_server):
    """A gateway that serves during the whole run and ends well."""
    out = homes.Home(hris_server, client_timeout=2)
    out.start()
    yield out
    code = out.stop()
    try:
        assert code == 0, (code, out.log()[-3000:])
        out.check_reports()
    finally:
        out.remove()


@pytest.fixture(scope="session")
def front_doors(home):
    """kind -> running Front, started when first asked for."""
    running = {}

    def get(kind):
        if kind not in running:
            running[kind] = fronts.Front(kind, home).start()
        return running[kind]
    yield get
    for front in running.values():
        front.stop()


@pytest.fixture
def nginx(front_doors):
    return front_doors("nginx")


@pytest.fixture(params=fronts.FRONTS)
def front(request, front_doors):
    """Every front door in turn."""
    return front_doors(request.param)


@pytest.fixture
def caller(home, nginx):
    return homes.Caller(home, nginx)


@pytest.fixture
def own_home(hris_server):
    """A gateway of a test's own, which starts and stops it."""
    out = homes.Home(hris_server, client_timeout=1)
    yield out
    out.stop()
    try:
        out.check_reports()
    finally:
        out.remove()
