"""/-/metrics: what is counted, in Prometheus' text format, for the machine itself."""
import json
import os
import re

import mock_hris
import sign
import test_writes
from home import wait_until

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\})? (-?\d+(?:\.\d+)?)')
TYPES = {"counter", "gauge", "histogram"}


def parse(text):
    """{(name, labels): value}; fails on what Prometheus would not take."""
    out, types = {}, {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in TYPES and name not in types, line
            types[name] = kind
        elif not line.startswith("# HELP "):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            base = re.sub("_(bucket|sum|count)$", "", name)
            assert types.get(name) or types[base] == "histogram", line
            key = name, tuple(sorted(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', labels or "")))
            assert key not in out, line
            out[key] = float(value)
    return out


def metrics(home):
    answer = home.fcgi("/-/metrics", method="GET")
    assert answer.status == 200 and answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parse(answer.body.decode())


def value(found, name, **labels):
    return found.get((name, tuple(sorted(labels.items()))), 0)


def test_what_is_counted(own_home, hris):
    own_home.start()
    proof = sign.basic("plain", own_home.read_secret("acme-plain"))
    for headers in (proof, proof, {}, sign.basic("plain", "wrong")):
        own_home.fcgi("/v1/acme/get-timeoff-types", b"{}", headers=headers)
    own_home.fcgi("/v1/acme/get-balance", b"{}", headers=proof)
    own_home.fcgi("/v1/none/get-balance", b"{}")
    hris.on("GET", "/meta/time_off/types", mock_hris.answer({}, 403))
    own_home.fcgi("/v1/acme/get-timeoff-types", b"{}", headers=proof)
    found = metrics(own_home)
    for code, n in (("200", 2), ("401", 2), ("INPUT.REQUIRED", 1), ("HRIS.FORBIDDEN", 1)):
        assert value(found, "hrisgw_requests_total", route="acme", code=code) == n, (code, found)
    assert value(found, "hrisgw_requests_total", route="", code="401") == 1
    assert value(found, "hrisgw_hris_calls_total", route="acme", **{"class": "2xx"}) == 2
    assert value(found, "hrisgw_hris_calls_total", route="acme", **{"class": "4xx"}) == 1
    assert value(found, "hrisgw_auth_failures_total", reason="no proof that this route takes") == 2
    assert value(found, "hrisgw_auth_failures_total", reason="unknown name, or another secret") == 1
    assert value(found, "hrisgw_requests_in_flight") == 1          # this one
    assert value(found, "hrisgw_hris_calls_in_flight", route="acme") == 0
    assert value(found, "hrisgw_hris_breakers", route="acme", state="closed") == 1
    assert value(found, "hrisgw_store_commits_total") > 0
    assert sum(n for (name, _), n in found.items() if name == "hrisgw_build_info") == 1


def test_durations(own_home, hris):
    """A bucket holds what those below it hold, and the last one is the count."""
    own_home.start()
    proof = sign.basic("plain", own_home.read_secret("acme-plain"))
    for _ in range(3):
        own_home.fcgi("/v1/acme/get-timeoff-types", b"{}", headers=proof)
    found = metrics(own_home)
    for name, labels in (("hrisgw_request_duration_seconds", (("action", "get-timeoff-types"),)),
                         ("hrisgw_hris_call_duration_seconds", ())):
        buckets = sorted((float(le), n) for (bucket, given), n in found.items() if bucket == name + "_bucket"
                         for key, le in given if key == "le" and tuple(x for x in given if x[0] != "le") == labels)
        assert [n for _, n in buckets] == sorted(n for _, n in buckets) and buckets[-1] == (float("inf"), 3), buckets
        assert found[name + "_count", labels] == 3 and found[name + "_sum", labels] >= 0


def test_breaker_and_calls_without_an_answer(own_home, hris):
    own_home.start()
    proof = sign.basic("plain", own_home.read_secret("acme-plain"))
    hris.on("GET", "/meta/time_off/types", mock_hris.answer({}, 500))
    for _ in range(4):
        own_home.fcgi("/v1/acme/get-timeoff-types", b"{}", headers=proof)
    found = metrics(own_home)
    assert value(found, "hrisgw_hris_breakers", route="acme", state="open") == 1, found
    assert value(found, "hrisgw_hris_calls_total", route="acme", **{"class": "5xx"}) >= 5
    assert value(found, "hrisgw_hris_calls_total", route="acme", **{"class": "none"}) >= 1


def test_writes_of_the_ledger(own_home, hris):
    """A write whose outcome is not known is open, and has an age."""
    own_home.start()
    proof = sign.basic("plain", own_home.read_secret("acme-plain"))
    own_home.fcgi("/v1/acme/get-timeoff-types", b"{}", headers=proof)
    before = metrics(own_home)
    assert value(before, "hrisgw_ledger_intents", state="unknown") == 0
    assert before["hrisgw_ledger_commits_total", ()] == 0
    hris.on("PUT", test_writes.REQUEST, mock_hris.close())
    hris.on("GET", "/time_off/requests", mock_hris.answer([test_writes.found("entered by hand")]))
    own_home.fcgi("/v1/acme/insert-timeoff", json.dumps(test_writes.INSERT).encode(), headers=proof)
    found = metrics(own_home)
    assert value(found, "hrisgw_ledger_intents", state="unknown") == 1, found
    assert ("hrisgw_ledger_oldest_open_seconds", ()) in found
    assert value(found, "hrisgw_ledger_commits_total") >= 2      # what it does, and what became of it


def test_only_for_this_machine(home, nginx):
    for address in ("192.0.2.7", "127.0.0.1, 192.0.2.7", "::ffff:192.0.2.7", "127.example", ""):
        assert home.fcgi("/-/metrics", method="GET", REMOTE_ADDR=address).status == 404, address
    for address in ("127.0.0.2", "::1", "::ffff:127.0.0.1"):
        assert home.fcgi("/-/metrics", method="GET", REMOTE_ADDR=address).status == 200, address
    assert home.fcgi("/-/metrics", b"{}", method="POST").status == 405
    assert nginx.request("GET", "/-/metrics").status == 200


def test_no_names_and_no_end(own_home, hris):
    """Names that callers make up are no labels; a route that is gone is forgotten."""
    own_home.route("shop")
    own_home.start()
    for i in range(40):
        own_home.fcgi(f"/v1/made-up-{i}/get-{i}", b"{}", headers={"Authorization": f"Bearer {i}"})
    proof = sign.basic("plain", own_home.read_secret("shop-plain"))
    own_home.fcgi("/v1/shop/get-balance", b'{"agentId":"agent-of-shop"}', headers=proof)
    found = own_home.fcgi("/-/metrics", method="GET").body.decode()
    assert "made-up" not in found and "agent-of-shop" not in found and "plain" not in found
    assert len(found.splitlines()) < 250 and 'route="shop"' in found
    os.unlink(own_home.dir + "/routes.d/shop.yaml")
    wait_until(lambda: 'route="shop"' not in own_home.fcgi("/-/metrics", method="GET").body.decode())
