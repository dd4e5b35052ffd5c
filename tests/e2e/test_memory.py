"""The budget of memory (memory in hrisgw.yaml): who gets what where it is used up, and that nothing is said as
something else, or lost. The same where the machine has no more: each allocation of what is not a write fails, once
and from there on (of writes: test_ledger_memory.py). `make test` plays a part of them, chosen by HRISGW_SEED.
"""
import functools
import json
import random

import pytest

import fcgi_client as fcgi
import mock_hris
import sign
from home import CONFIG, is_sanitized, parse
from ledger_home import SEED, WHOLE, compiled

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


PART = 3        # allocations of each request
# What asks, and what it asks: what is answered, and what is refused.
REQUESTS = {
    "agents": ("get-agents", {}, ""),
    "types": ("get-timeoff-types", {}, ""),
    "balance": ("get-balance", BALANCE, ""),
    "a date that is none": ("get-balance", BALANCE | {"inputDates": ["2027-02-30"]}, "INPUT.DATE"),
    "lists as text": ("get-balance", BALANCE | {"inputDates": f'["{DAY}"]', "inputTimeOffTypeIds": "78,79"}, ""),
    "a type of nobody": ("insert-timeoff", INSERT | {"timeOffTypeId": "99"}, "INPUT.TYPE"),
    "an agent of nobody": ("get-balance", BALANCE | {"agentId": "99"}, "HRIS.NOT_FOUND"),
    "a token": ("token", {}, None),
}


def starved(home, name, n, how):
    """HTTP status and answer where the n-th allocation fails; -1: none."""
    action, asked, _ = REQUESTS[name]
    body, report = json.dumps(asked).encode(), f"{home.dir}/run/allocations"
    headers = sign.basic("plain", home.read_secret("acme-plain"))
    if action == "token":
        headers, body = sign.token_request("genesys", home.read_secret("acme-genesys"))
    answer = home.cgi(f"/v1/acme/{action}", body, headers=headers,
                      LD_PRELOAD=f"{home.lib}/shim", SHIM_ALLOC=f"{n} {how}", SHIM_REPORT=report)
    assert answer.app_status in (0, 1), (name, n, answer.app_status, answer.stderr)
    out = {}
    if answer.status == 200 and answer.body:
        out = json.loads(answer.body) if action == "token" else parse(answer)
    for name_of_its_own in ("requestId", "access_token"):
        out.pop(name_of_its_own, None)
    with open(report, encoding="ascii") as file:
        return (answer.status, out), int(file.read())


@pytest.mark.skipif(is_sanitized(), reason="a sanitizer allocates by itself")
@pytest.mark.parametrize("how", ["once", "on"])
def test_no_lack_of_memory_is_called_something_else(own_home, hris, how):
    compiled(own_home.lib, "shim", "-shared", "-fPIC")
    wrong = []
    for name in REQUESTS:
        starved(own_home, name, 0, how)
        right, n = starved(own_home, name, -1, how)
        assert right[1].get("errorCode") == REQUESTS[name][2], right
        points = range(1, n + 1) if WHOLE else random.Random(f"{SEED} {name} {how}").sample(range(1, n + 1), PART)
        for i in points:
            status, out = starved(own_home, name, i, how)[0]
            if status != 503 and out.get("errorCode") != "GATEWAY.MEMORY" and (status, out) != right:
                wrong.append(f"{name}, allocation {i} {how}: {status} {out}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:20])
    assert not hris.writes
