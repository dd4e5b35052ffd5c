"""The budget of memory (memory in hrisgw.yaml): who gets what where it is used up, and that nothing is said as
something else, or lost.
"""
import functools
import json

import pytest

import fcgi_client as fcgi
import mock_hris
import sign
from home import CONFIG, parse

DAY = "2027-03-01"
BALANCE = {"agentId": "7", "inputDates": [DAY], "inputTimeOffTypeIds": ["78"]}
INSERT = {"agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "dates": [DAY],
          "payableMinutes": [480]}
CALCULATOR = r"/employees/7/time_off/calculator"
KEY = "see memory in hrisgw.yaml"
LIVE = fcgi.variables("GET", "/-/live")


@pytest.fixture
def small(own_home):
    """A gateway with the least that memory can be: 64 MiB."""
    own_home.write("lib/hrisgw.yaml", CONFIG.format(dir=own_home.dir, deadline=25) + "memory: 64\n")
    own_home.client_timeout = 30
    own_home.start()
    return own_home


def variables(home, action, body, **more):
    return fcgi.variables("POST", f"/v1/acme/{action}", body,
                          sign.basic("plain", home.read_secret("acme-plain")), **more)


def ask(home, action, value):
    body = json.dumps(value).encode()
    answer = fcgi.request(home.socket, variables(home, action, body), body)
    assert answer.status == 200, answer.stdout
    return parse(answer)


@functools.lru_cache
def pairs():
    return b",".join(b"[%d,%d]" % (i + 10000, 99999 - i % 80000) for i in range(950 * 1000))


def too_much():
    """14 MB, a tree of more than 64 MiB."""
    return mock_hris.Answer(200, b"[" + pairs() + b"]", {"Content-Type": "application/json"})


def test_an_answer_that_is_too_large_is_an_error_that_names_the_key(small, hris):
    hris.on("GET", CALCULATOR, too_much())
    for _ in range(2):
        out = ask(small, "get-balance", BALANCE)
        assert out["errorCode"] == "GATEWAY.MEMORY" and KEY in out["errorMsg"], out
    hris.bamboo()
    assert ask(small, "get-balance", BALANCE)["status"] == "Complete"


def test_a_write_whose_answer_is_too_large_is_not_called_unwritten(small, hris):
    large = too_much()
    large.status = 201
    hris.on("PUT", r"/employees/7/time_off/request", large)
    out = ask(small, "insert-timeoff", INSERT)
    assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and KEY in out["errorMsg"], out
    assert len(hris.writes) == 1


def begin(home, body, whole):
    c = fcgi.Connection(home.socket)
    c.begin()
    c.params(variables(home, "get-balance", body))
    for at in range(0, len(body), 60000):
        c.stdin(body[at:at + 60000], end=False)
    if whole:
        c.stdin(b"")
    return c


def test_where_little_is_left_nothing_new_begins(small, hris):
    """Bodies that never end take the memory of the others, up to the time for a request."""
    rest = b" " * (250 * 1000)
    held = [begin(small, rest, False) for _ in range(210)]
    out = ask(small, "get-balance", BALANCE)
    assert out["errorCode"] == "GATEWAY.BUSY" and KEY in out["errorMsg"], out
    assert fcgi.request(small.socket, LIVE).status == 200
    # Used up: a request that cannot be kept is refused, and none is cut off.
    held += [begin(small, rest, False) for _ in range(60)]
    with begin(small, rest, True) as c:
        assert c.answer().status == 503
    assert fcgi.request(small.socket, LIVE).status == 200
    for c in held:
        c.close()
    while ask(small, "get-balance", BALANCE)["status"] != "Complete":
        pass
    assert small.stop() == 0
