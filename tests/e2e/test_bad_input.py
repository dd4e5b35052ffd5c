"""Bad input, tried through nginx: each has its stated answer, nothing is written to the HRIS, and the process
lives. Bodies of a wrong length and odd FastCGI clients are in test_engine.py, queries that look like a command
line in test_front.py.
"""
import datetime
import itertools
import json
import time
import urllib.parse

import pytest

import fronts
import home as homes
import mock_hris
import sign
from home import Caller, Home, parse

DAY = "2027-03-01"
INSERT = {"agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "dates": [DAY],
          "payableMinutes": [480]}
UPDATE = {**INSERT, "inputTimeOffRequestId": "1348"}
BALANCE = {"agentId": "7", "inputDates": [DAY], "inputTimeOffTypeIds": ["78"]}
WRITERS = {"insert-timeoff": INSERT, "update-timeoff": UPDATE}


@pytest.fixture(autouse=True)
def nothing_written(home, hris):
    """After each test: no write unless the test took it off the list, and the same process serves."""
    pid = home.process.pid
    yield
    assert hris.writes == []
    assert home.process.pid == pid and home.process.poll() is None
    assert home.fcgi("/-/live", method="GET").status == 200


def dates(n):
    first = datetime.date(2027, 1, 1)
    return [(first + datetime.timedelta(days=i)).isoformat() for i in range(n)]


def refused(caller, action, body, code, member=None):
    out = caller.call(action, body)
    assert (out["statusCode"], out["status"]) == (500, "Error"), out
    assert out["errorCode"] == code, out
    if member:
        assert member in out["errorMsg"], out
    return out


# Bodies that are no strict JSON object.

GOOD = json.dumps(INSERT).encode()
DEEP = b'{"agentId":"7","x":' + b"[" * 32 + b"]" * 32 + b"}"


@pytest.mark.parametrize("name, body", [
    ("not JSON", b"agentId=7"),
    ("truncated", GOOD[:-1]),
    ("truncated in a text", GOOD[:GOOD.index(b"APPR") + 2]),
    ("a list", b"[" + GOOD + b"]"),
    ("a text", b'"x"'),
    ("a number", b"7"),
    ("null", b"null"),
    ("blank", b"   "),
    ("two objects", GOOD + GOOD),
    ("something after it", GOOD + b"x"),
    ("a comment", GOOD[:-1] + b"/* */}"),
    ("a comma at the end", GOOD[:-1] + b",}"),
    ("single quotes", GOOD.replace(b'"', b"'")),
    ("NaN", GOOD[:-1] + b',"x":NaN}'),
    ("a leading zero", GOOD[:-1] + b',"x":01}'),
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD),
    ("UTF-16", GOOD.decode().encode("utf-16")),
    ("depth 33", DEEP),
    ("a member twice", GOOD[:-1] + b',"agentId":"8"}'),
    ("an unknown member twice", GOOD[:-1] + b',"x":1,"x":1}'),
    ("a member twice, once escaped", GOOD[:-1] + b',"agent\\u0049d":"8"}'),
    ("invalid UTF-8", GOOD[:-1] + b',"notes":"\xff"}'),
    ("overlong UTF-8", GOOD[:-1] + b',"notes":"\xc0\xaf"}'),
    ("a surrogate in UTF-8", GOOD[:-1] + b',"notes":"\xed\xa0\x80"}'),
    ("past U+10FFFF", GOOD[:-1] + b',"notes":"\xf4\x90\x80\x80"}'),
    ("cut off UTF-8", GOOD[:-1] + b',"notes":"\xe2\x82"}'),
    ("a lone high surrogate", GOOD[:-1] + b',"notes":"\\ud800"}'),
    ("a lone low surrogate", GOOD[:-1] + b',"notes":"\\udc00x"}'),
    ("surrogates in the wrong order", GOOD[:-1] + b',"notes":"\\udc00\\ud800"}'),
    ("NUL, escaped", GOOD[:-1] + b',"notes":"a\\u0000b"}'),
    ("NUL in an unknown member", GOOD[:-1] + b',"x":"\\u0000"}'),
    ("NUL, raw", GOOD[:-1] + b',"notes":"a\0b"}'),
    ("NUL after it", GOOD + b"\0"),
    ("a control character", GOOD[:-1] + b',"notes":"a\x01b"}'),
])
def test_what_is_no_strict_json_object(caller, name, body):
    for action in WRITERS:
        refused(caller, action, body, "INPUT.JSON")


def test_depth_32_is_taken(caller, hris):
    body = json.dumps({**BALANCE, "x": None}).encode().replace(
        b"null", b"[" * 31 + b"]" * 31)
    assert caller.call("get-balance", body)["status"] == "Complete"


@pytest.mark.parametrize("kind", fronts.FRONTS)
def test_257_kb(front_doors, home, kind):
    front = front_doors(kind)
    body = GOOD[:-1] + b" " * (257 * 1024 - len(GOOD)) + b"}"
    answer = Caller(home, front).send("insert-timeoff", body)
    assert answer.status == 413 and json.loads(answer.body)["error"]


# Members.

@pytest.mark.parametrize("code, member, change", [
    ("INPUT.REQUIRED", "agentId", {"agentId": None}),
    ("INPUT.REQUIRED", "agentId", {"agentId": ""}),
    ("INPUT.REQUIRED", "timeOffTypeId", {"timeOffTypeId": None}),
    ("INPUT.REQUIRED", "timeOffStatus", {"timeOffStatus": None}),
    ("INPUT.REQUIRED", "dates", {"dates": None}),
    ("INPUT.REQUIRED", "dates", {"dates": []}),
    ("INPUT.REQUIRED", "payableMinutes", {"payableMinutes": None}),
    ("INPUT.FORM", "agentId", {"agentId": {"id": 7}}),
    ("INPUT.FORM", "agentId", {"agentId": ["7"]}),
    ("INPUT.FORM", "agentId", {"agentId": True}),
    ("INPUT.FORM", "dates", {"dates": {"a": 1}}),
    ("INPUT.FORM", "overrideBalanceCheck", {"overrideBalanceCheck": "perhaps"}),
    ("INPUT.ALIGN", "payableMinutes", {"dates": [DAY, "2027-03-02"]}),
    ("INPUT.ALIGN", "payableMinutes", {"payableMinutes": "480,480"}),
    ("INPUT.ALIGN", "payableMinutes", {"startDateTimes": f"{DAY}T08:00,{DAY}T13:00"}),
    ("INPUT.ALIGN", "durationMinutes", {"durationMinutes": "480,480"}),
    ("INPUT.DATE", "dates", {"dates": "2026-02-30"}),
    ("INPUT.DATE", "dates", {"dates": "2026-13-01"}),
    ("INPUT.DATE", "dates", {"dates": "2027-02-29"}),
    ("INPUT.DATE", "dates", {"dates": "03/01/2027"}),
    ("INPUT.DATE", "dates", {"dates": ["2027-3-1"]}),
    ("INPUT.DATE", "dates", {"dates": ["2027-03-01x"]}),
    ("INPUT.DATE", "dates", {"dates": [20270301]}),
    ("INPUT.DATE", "dates", {"dates": [DAY, DAY], "payableMinutes": "480,480"}),
    ("INPUT.DATE", "startDateTimes", {"startDateTimes": f"{DAY}T24:30"}),
    ("INPUT.DATE", "startDateTimes", {"startDateTimes": f"{DAY}T08:00+99:00"}),
    ("INPUT.DATE", "minDate", {"minDate": "2026-02-30"}),
    ("INPUT.RANGE", "2027-03-01", {"minDate": "2027-03-02", "maxDate": "2027-03-05"}),
    ("INPUT.RANGE", "2027-03-01", {"maxDate": "2027-02-28", "minDate": "2027-02-01"}),
    ("INPUT.RANGE", "minDate", {"minDate": "2027-03-02", "maxDate": "2027-02-28"}),
    ("INPUT.LIMIT", "dates", {"dates": dates(401), "payableMinutes": [480] * 401}),
    ("INPUT.LIMIT", "notes", {"notes": "x" * 4001}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": "abc"}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": "-5"}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": [-5]}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": "480.5"}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": [480.5]}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": "1441"}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": "99999999999999999999"}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": "0x10"}),
    ("INPUT.MINUTES", "payableMinutes", {"payableMinutes": "1e99"}),
    ("INPUT.FORM", "averageMinutesPerDay",
     {"payableMinutes": None, "averageMinutesPerDay": "lots"}),
    ("INPUT.MINUTES", "averageMinutesPerDay",
     {"payableMinutes": None, "averageMinutesPerDay": 1441}),
    ("INPUT.NOTHING_PAYABLE", "0", {"payableMinutes": "0"}),
    ("INPUT.NOTHING_PAYABLE", "0",
     {"dates": [DAY, "2027-03-02"], "payableMinutes": [0, 0]}),
    ("INPUT.STATUS", "timeOffStatus", {"timeOffStatus": "MAYBE"}),
    ("INPUT.STATUS", "timeOffStatus", {"timeOffStatus": "APPROVEDX"}),
    ("INPUT.FORM", "idempotencyKey", {"idempotencyKey": "x" * 256}),
    ("INPUT.FORM", "idempotencyKey", {"idempotencyKey": "a\tb"}),
])
def test_members_that_break_a_rule(caller, code, member, change):
    for action, good in WRITERS.items():
        body = {k: v for k, v in {**good, **change}.items() if v is not None}
        refused(caller, action, body, code, member)


@pytest.mark.parametrize("code, change", [
    ("INPUT.STATUS", {"timeOffStatus": "CANCELED"}), ("INPUT.STATUS", {"timeOffStatus": "DENIED"})])
def test_an_insert_knows_two_statuses(caller, code, change):
    refused(caller, "insert-timeoff", {**INSERT, **change}, code, "timeOffStatus")


def test_an_update_needs_a_request(caller):
    """By its id, or by its days."""
    for status in ("CANCELED", "DENIED"):
        body = {"agentId": UPDATE["agentId"], "timeOffStatus": status}
        refused(caller, "update-timeoff", body, "INPUT.REQUIRED", "inputTimeOffRequestId")


@pytest.mark.parametrize("change", [{"agentId": None}, {"timeOffStatus": "X"}, {"dates": "never"},
                                    {"timeOffTypeId": "4711"}])
def test_an_update_that_fails_keeps_its_request(caller, hris, change):
    hris.holds()
    out = caller.call("update-timeoff", {**UPDATE, **change})
    assert out["status"] == "Error" and out["timeOffRequestId"] == "1348", out


def test_an_update_on_a_broken_route_keeps_its_request(own_home):
    own_home.route("torn")
    with open(own_home.dir + "/routes.d/torn.yaml", encoding="utf-8") as file:
        text = file.read()
    own_home.write("routes.d/torn.yaml", text.replace("adapter: bamboohr", "adapter: no-such"))
    own_home.start()
    proof = sign.basic("plain", own_home.read_secret("torn-plain"))
    for body, kept in ((json.dumps(UPDATE).encode(), "1348"), (GOOD[:-1], "")):
        out = parse(own_home.fcgi("/v1/torn/update-timeoff", body, headers={
            "content-type": "application/json", **proof}))
        assert (out["status"], out["errorCode"]) == ("Error", "ROUTE.BROKEN"), out
        assert out["timeOffRequestId"] == kept, out


@pytest.mark.parametrize("first, last, code", [("2027-01-01", "2028-02-04", ""),
                                               ("2027-01-01", "2028-02-05", "INPUT.LIMIT"),
                                               ("1900-01-01", "9999-12-31", "INPUT.LIMIT")])
def test_days_that_lie_far_apart(caller, hris, first, last, code):
    """400 days from the first to the last are taken."""
    hris.holds()
    apart = {"dates": [last, first], "payableMinutes": "480,480"}
    for action, good in WRITERS.items():
        out = caller.call(action, {**good, **apart})
        assert out["errorCode"] == code, out
        hris.holds()
    if code == "":
        assert len(hris.writes) == 2
        hris.asked.clear()


@pytest.mark.parametrize("change", [
    {"notes": "\u00e4" * 4000}, {"notes": "\U0001f600" * 4000}, {"idempotencyKey": "x" * 255},
    {"dates": dates(400), "payableMinutes": [480] * 400}, {"payableMinutes": 1440},
], ids=lambda change: next(iter(change)))
def test_what_is_just_within_the_limits_is_taken(caller, hris, change):
    assert caller.call("insert-timeoff", {**INSERT, **change})["errorCode"] == ""
    assert len(hris.writes) == 1
    hris.asked.clear()


def test_just_as_many_balances_as_can_be_asked_for(caller):
    ask = {**BALANCE, "inputDates": ",".join(dates(20)), "inputTimeOffTypeIds": ["78", "79"] * 50}
    out = caller.call("get-balance", ask)
    assert out["errorCode"] == "" and len(out["dates"]) == len(out["balanceMinutesPerDay"]) == 2000
    assert out["timeOffTypeIds"] == ["78", "79"] * 1000 and out["timeOffTypeId2s"] == []


def test_an_id_of_256_bytes_is_asked_for(caller, hris):
    agent = "\u00e4" * 128
    out = caller.call("get-balance", {**BALANCE, "agentId": agent})
    assert out["errorCode"] == "HRIS.NOT_FOUND"
    assert hris.calls("GET", f"/employees/{urllib.parse.quote(agent)}/time_off/calculator")
    refused(caller, "get-balance", {**BALANCE, "agentId": agent + "7"}, "INPUT.ID", "agentId")


@pytest.mark.parametrize("word, written", [("CANCELED", "canceled"), ("CANCELLED", "canceled"),
                                        ("DENIED", "denied"), ("DECLINED", "denied")])
def test_an_end_needs_agent_id_and_status_only(caller, hris, word, written):
    """What else comes with it has to be well-formed, but need not fit together."""
    hris.holds()
    body = {"agentId": 7, "inputTimeOffRequestId": 1348, "timeOffStatus": word,
            "dates": f"{DAY},{DAY}", "payableMinutes": [0], "minDate": "2030-01-01"}
    for more in ({}, body):
        homes.forget()
        hris.holds()
        out = caller.call("update-timeoff", {**dict(list(body.items())[:3]), **more})
        assert (out["errorCode"], out["timeOffRequestId"]) == ("", "1348"), out
    assert [(w.path, w.json) for w in hris.writes] == \
        [("/time_off/requests/1348/status", {"status": written})] * 2
    hris.asked.clear()


@pytest.mark.parametrize("empty", [[], "[]", " [ ] ", "", None])
def test_an_empty_list_is_absent(caller, hris, empty):
    """Flow.durationMinutes may be empty, and then says nothing."""
    body = {**INSERT, "startDateTimes": empty, "durationMinutes": empty}
    assert caller.call("insert-timeoff", body)["status"] == "Complete"
    body.update(payableMinutes=empty, averageMinutesPerDay="240")
    assert caller.call("insert-timeoff", body)["status"] == "Complete"
    assert [w.json["dates"] for w in hris.writes] == [[{"ymd": DAY, "amount": n}] for n in (8, 4)]
    hris.asked.clear()


@pytest.mark.parametrize("code, member, change", [
    ("INPUT.LIMIT", "inputDates", {"inputDates": dates(401)}),
    ("INPUT.LIMIT", "inputTimeOffTypeIds", {"inputTimeOffTypeIds": [str(i) for i in range(101)]}),
    ("INPUT.LIMIT", "2000", {"inputDates": dates(400),
                             "inputTimeOffTypeIds": [str(i) for i in range(6)]}),
    ("INPUT.LIMIT", "2000", {"inputDates": dates(29),
                             "inputTimeOffTypeIds": [str(i) for i in range(69)]}),
    ("INPUT.ALIGN", "inputTimeOffTypeId2s", {"inputTimeOffTypeId2s": "a,b"}),
    ("INPUT.DATE", "inputDates", {"inputDates": "2026-02-30"}),
    ("INPUT.TYPE", "79x", {"inputTimeOffTypeIds": ["78", "79x"]}),
])
def test_balances_that_cannot_be_asked_for(caller, code, member, change):
    assert 29 * 69 == 2001
    out = refused(caller, "get-balance", {**BALANCE, **change}, code, member)
    assert out["balanceMinutesPerDay"] == [] and out["dates"] == []


@pytest.mark.parametrize("bucket, code", [(25, "INPUT.LIMIT"), (-1, "INPUT.FORM"), ("x", "INPUT.FORM"),
                                          (1.5, "INPUT.FORM")])
def test_buckets_that_are_not_there(caller, bucket, code):
    out = caller.call("get-agents", {"bucket": bucket})
    assert out["status"] == "Error" and out["errorCode"].startswith("INPUT."), (code, out)
    assert out["emails"] == []


def test_an_unknown_type_is_refused(caller, hris):
    hris.holds()
    for action, good in WRITERS.items():
        refused(caller, action, {**good, "timeOffTypeId": "4711"}, "INPUT.TYPE", "4711")


# Ids that try to be something else. What can be sent safely goes as one segment and is not found.

@pytest.mark.parametrize("agent, code", [
    ("7/../8", "HRIS.NOT_FOUND"), ("7/time_off", "HRIS.NOT_FOUND"), ("..", "INPUT.ID"), (".", "INPUT.ID"),
    ("%2e%2e", "HRIS.NOT_FOUND"), ("%2e%2e%2f8", "HRIS.NOT_FOUND"), ("7?x=1", "HRIS.NOT_FOUND"),
    ("7#x", "HRIS.NOT_FOUND"), ("7\r\nX-Injected: 1", "INPUT.ID"), ("7\n", "INPUT.ID"), ("7\u007f", "INPUT.ID"),
    ("7 8", "HRIS.NOT_FOUND"), ("7;8", "HRIS.NOT_FOUND"), ("\u00e4", "HRIS.NOT_FOUND"),
    ("7" * 4096, "INPUT.ID"), ("7" * 257, "INPUT.ID"),
], ids=lambda v: v[:20])
def test_agent_ids_that_would_leave_their_place(caller, hris, agent, code):
    pending = {**INSERT, "agentId": agent, "timeOffStatus": "PENDING"}
    for action, body in (("get-balance", {**BALANCE, "agentId": agent}), ("insert-timeoff", pending)):
        out = caller.call(action, body)
        assert (out["status"], out["errorCode"]) == ("Error", code), out
    quoted = urllib.parse.quote(agent, safe="")
    for asked in hris.asked:
        assert asked.path in ("/meta/time_off/types", f"/employees/{quoted}/time_off/calculator"), asked
        assert "X-Injected" not in asked.headers
    if code.startswith("INPUT."):
        assert not hris.calls("GET", "/employees/.*")


@pytest.mark.parametrize("agent, code", [("7/../8", "HRIS.NOT_FOUND"), ("..", "INPUT.ID"),
                                         ("7\r\nX: 1", "INPUT.ID")])
def test_agent_ids_in_a_write(caller, hris, agent, code):
    """An approved request asks for no balance: the id goes straight into the write's path."""
    out = caller.call("insert-timeoff", {**INSERT, "agentId": agent})
    assert (out["status"], out["errorCode"]) == ("Error", code), out
    quoted = urllib.parse.quote(agent, safe="")
    wanted = [] if code == "INPUT.ID" else [f"/employees/{quoted}/time_off/request"]
    # It answered 404: nobody's time off was written.
    assert [w.path for w in hris.writes] == wanted
    hris.asked.clear()


@pytest.mark.parametrize("request_id, code", [("..", "INPUT.ID"), ("1\r\n2", "INPUT.ID"),
                                              ("1" * 257, "INPUT.ID"), ("1/2", "HRIS.NOT_FOUND")],
                         ids=lambda v: v[:20])
def test_request_ids_that_would_leave_their_place(caller, hris, request_id, code):
    body = {"agentId": "7", "inputTimeOffRequestId": request_id, "timeOffStatus": "CANCELED"}
    out = caller.call("update-timeoff", body)
    assert (out["status"], out["errorCode"]) == ("Error", code), out


def test_notes_cannot_inject(caller, hris):
    notes = 'x"}],"status":"approved\r\n\t\\ </script> ${settings.api_key} \u2028'
    assert caller.call("insert-timeoff", {**INSERT, "notes": notes})["status"] == "Complete"
    sent = hris.writes[0].json
    assert sent["notes"][0]["note"].endswith(notes) and sent["status"] == "approved"
    assert "hris-key" not in hris.writes[0].body.decode()
    hris.asked.clear()


# HTTP.

def test_methods_other_than_post(caller, nginx):
    for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"):
        answer = nginx.request(method, "/v1/acme/get-agents")
        assert answer.status == 405 and answer.headers["allow"] == "POST", method


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded",
                                          "application/jsonx", "text/json", "multipart/form-data", "x", None])
def test_content_types(caller, content_type):
    answer = caller.send("insert-timeoff", INSERT, content_type=content_type)
    assert answer.status == 415 and json.loads(answer.body)["error"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON",
                                          "application/json;charset=UTF-8"])
def test_content_types_with_parameters(caller, content_type):
    assert caller.send("get-balance", BALANCE, content_type=content_type).status == 200


@pytest.mark.parametrize("target", ["/", "/v1", "/v1/", "/v1/acme", "/v1/acme/", "/v1/acme/get-agents/",
                                    "/v1//get-agents", "/v2/acme/get-agents", "/v1/acme/get-agents/x",
                                    "/v1/acme/GET-AGENTS", "/v1/acme/get%2Dagents", "/-", "/-x",
                                    "/v1/acme/..", "/v1/../v1/acme/nothing", "//"])
def test_paths_that_are_not_there(caller, target):
    answer = caller.send("", {}, target=target)
    assert answer.status == 404 and json.loads(answer.body)["error"]


@pytest.mark.parametrize("target", ["/-/", "/-/secrets", "/-/live/", "/-/live/x", "/-/LIVE"])
def test_status_that_is_not_there(nginx, target):
    answer = nginx.request("GET", target)
    assert answer.status == 404 and json.loads(answer.body)["error"]


# Proofs. Without one of them everything is the same 401.

def is_401(answer):
    return answer.status == 401 and set(json.loads(answer.body)) == {"error", "requestId"}


def signed(home, nginx, body=GOOD, target="/v1/acme/insert-timeoff", **how):
    url = nginx.origin + target
    return {"Content-Type": "application/json",
            **sign.rfc9421(how.pop("key", home.key()), how.pop("key_id", "k1"),
                           how.pop("method", "POST"), how.pop("url", url), body, **how)}


COVERED = ["@method", "@authority", "@scheme", "@target-uri", "@request-target", "@path", "@query",
           "content-digest", "content-type"]


def test_a_signature_over_everything_is_good(home, nginx, hris):
    target = "/v1/acme/insert-timeoff?x=1"
    headers = signed(home, nginx, target=target, components=COVERED,
                     headers={"content-type": "application/json"})
    assert parse(nginx.request("POST", target, GOOD, headers))["status"] == "Complete"
    hris.asked.clear()


@pytest.mark.parametrize("name", ["method", "path", "query", "authority", "scheme", "body",
                                  "content-digest", "content-type", "signature", "signature-input"])
def test_each_covered_part_changed_in_turn(home, nginx, name):
    target = "/v1/acme/insert-timeoff?x=1"
    url = nginx.origin + target
    how = {"method": {"method": "PUT"}, "path": {"url": url.replace("insert", "update")},
           "query": {"url": url.replace("x=1", "x=2")},
           "authority": {"url": url.replace(fronts.HOST, "elsewhere")},
           "scheme": {"url": url.replace("https", "http")}}.get(name, {})
    headers = signed(home, nginx, target=target, components=COVERED,
                     headers={"content-type": "application/json"}, **how)
    body = GOOD
    if name == "body":
        body = GOOD.replace(b"480", b"481")
    elif name == "content-digest":
        headers["Content-Digest"] = sign.content_digest(GOOD.replace(b"480", b"481"))
        body = GOOD.replace(b"480", b"481")
    elif name == "content-type":
        headers["Content-Type"] = "application/json "[:-1] + ";x=1"
    elif name == "signature":
        at = headers["Signature"].index(":") + 5
        other = "A" if headers["Signature"][at] != "A" else "B"
        headers["Signature"] = headers["Signature"][:at] + other + headers["Signature"][at + 1:]
    elif name == "signature-input":
        headers["Signature-Input"] = headers["Signature-Input"].replace('"@query" ', "")
    assert is_401(nginx.request("POST", target, body, headers))


@pytest.mark.parametrize("parameter", ["created", "nonce", "keyid", "alg", "expires", "tag"])
def test_each_parameter_of_a_signature_changed_or_dropped(home, nginx, parameter):
    now = int(time.time())
    good = signed(home, nginx, expires=now + 60, tag="x")
    text = good["Signature-Input"]
    parts = text.split(";")
    at = next(i for i, p in enumerate(parts) if p.startswith(parameter + "="))
    value = parts[at].partition("=")[2]
    inner = value.strip('"')
    other = "y" if inner[0] == "z" else "z"      # a nonce is random: any letter may be its first
    changed = str(int(value) + 1) if value.isdigit() else f'"{other}{inner[1:]}"'
    for replaced in ([f"{parameter}={changed}"], []):
        headers = {**good, "Signature-Input": ";".join(parts[:at] + replaced + parts[at + 1:])}
        assert is_401(nginx.request("POST", "/v1/acme/insert-timeoff", GOOD, headers)), replaced


@pytest.mark.parametrize("missing", ["@method", "@path", "content-digest"])
def test_a_signature_that_covers_too_little(home, nginx, missing):
    covered = [c for c in ("@method", "@path", "content-digest") if c != missing]
    headers = signed(home, nginx, components=covered)
    assert is_401(nginx.request("POST", "/v1/acme/insert-timeoff", GOOD, headers))


def test_a_query_that_is_not_covered(home, nginx):
    target = "/v1/acme/insert-timeoff?x=1"
    headers = signed(home, nginx, target=target, components=["@method", "@path", "content-digest"])
    assert is_401(nginx.request("POST", target, GOOD, headers))


@pytest.mark.parametrize("name, how", [
    ("old", {"created": -310}), ("from the future", {"created": 310}),
    ("expired", {"created": -20, "expires": -10}), ("another's key", {"key": b"k" * 32}),
    ("unknown key id", {"key_id": "k2"}), ("no nonce", {"nonce": ""}),
])
def test_signatures_that_do_not_count(home, nginx, name, how):
    now = int(time.time())
    for member in ("created", "expires"):
        if member in how:
            how = {**how, member: now + how[member]}
    assert is_401(nginx.request("POST", "/v1/acme/insert-timeoff", GOOD,
                                signed(home, nginx, **how))), name


def test_a_signature_counts_once(home, nginx, hris):
    headers = signed(home, nginx)
    assert parse(nginx.request("POST", "/v1/acme/insert-timeoff", GOOD, headers))["status"] == "Complete"
    hris.asked.clear()
    for _ in range(3):
        assert is_401(nginx.request("POST", "/v1/acme/insert-timeoff", GOOD, headers))


def test_a_signature_counts_on_its_route_only(home, nginx):
    """Where both routes know the same key id, each by its own key."""
    home.route("neighbour")
    Caller(home, nginx, "basic", route="neighbour").when_known()
    headers = signed(home, nginx)
    assert is_401(nginx.request("POST", "/v1/neighbour/insert-timeoff", GOOD, headers))
    headers = signed(home, nginx, target="/v1/neighbour/insert-timeoff")
    assert is_401(nginx.request("POST", "/v1/neighbour/insert-timeoff", GOOD, headers))


@pytest.mark.parametrize("n", [1, 2, 4, 24, 43])
def test_a_signature_that_is_truncated(home, nginx, n):
    headers = signed(home, nginx)
    label, _, value = headers["Signature"].partition("=")
    for cut in (value.strip(":")[:-n], value.strip(":")[:(44 - n) // 4 * 4]):
        headers["Signature"] = f"{label}=:{cut}:"
        assert is_401(nginx.request("POST", "/v1/acme/insert-timeoff", GOOD, headers))


def test_tokens_that_do_not_count(home, nginx):
    secret, now = home.read_secret("acme-genesys"), int(time.time())
    good = sign.mint_token(secret, "acme", "genesys", now, now + 600)
    bad = {
        "empty": "", "no dot": good.replace(".", ""), "a third part": good + ".x",
        "truncated": good[:-1], "lengthened": good + "A", "half": good[:len(good) // 2],
        "expired": sign.mint_token(secret, "acme", "genesys", now - 7200, now - 3600),
        "of the future": sign.mint_token(secret, "acme", "genesys", now + 900, now + 1800),
        "of another route": sign.mint_token(secret, "neighbour", "genesys", now, now + 600),
        "of another caller": sign.mint_token(secret, "acme", "plain", now, now + 600),
        "by another secret": sign.mint_token("x" * 43, "acme", "genesys", now, now + 600),
        "for ten years": sign.mint_token(secret, "acme", "genesys", now, now + 315360000),
    }
    for name, token in bad.items():
        for header in ("Authorization", "X-Hris-Authorization"):
            answer = nginx.request("POST", "/v1/acme/insert-timeoff", GOOD, {
                "Content-Type": "application/json", **sign.bearer(token, header)})
            assert is_401(answer), name
    for at in range(0, len(good), 3):
        if at % 30 == 0:
            homes.forget()      # ten of them in a minute are answered so
        token = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1:]
        answer = nginx.request("POST", "/v1/acme/insert-timeoff", GOOD,
                               {"Content-Type": "application/json", **sign.bearer(token)})
        assert is_401(answer), at


def test_an_unknown_route_looks_like_a_wrong_proof(home, nginx):
    answers = [nginx.request("POST", target, GOOD, signed(home, nginx, key=b"k" * 32))
               for target in ("/v1/acme/insert-timeoff", "/v1/nobody/insert-timeoff",
                              "/v1/UPPER/insert-timeoff", "/v1/%2e%2e/insert-timeoff",
                              "/v1/" + "x" * 300 + "/insert-timeoff")]
    shapes = {(a.status, tuple(sorted(n for n in a.headers if n != "date")), len(a.body),
               json.loads(a.body)["error"]) for a in answers}
    assert len(shapes) == 1 and answers[0].status == 401


# An HRIS that misbehaves. Each case has a route of its own: types may be remembered.

@pytest.fixture(scope="module")
def fresh(hris_server):
    """A gateway with many routes to the HRIS; a function that gives a caller of one not used yet."""
    out = Home(hris_server, deadline=3)
    for i in range(120):
        out.route(f"fresh{i}")
    out.start()
    front = fronts.Front("nginx", out).start()
    numbers = itertools.count()
    yield lambda: Caller(out, front, route=f"fresh{next(numbers)}")
    front.stop()
    code = out.stop()
    try:
        assert code == 0, out.log()[-3000:]
        out.check_reports()
    finally:
        out.remove()


# For each read: what the HRIS says, and the codes that may be returned.
ANSWERS = {
    "HTML": (mock_hris.html, {"HRIS.ANSWER"}),
    "an empty body": (lambda: mock_hris.answer(""), {"HRIS.ANSWER"}),
    "20 MB": (mock_hris.huge, {"HRIS.ANSWER"}),
    # A list that is absent is an empty one, but for agents.
    "200 with an error inside": (lambda: mock_hris.answer({"error": "no"}),
                                 {"HRIS.ANSWER", "HRIS.EMPTY"}),
    "another shape": (lambda: mock_hris.answer({"employees": {}, "timeOffTypes": "x"}),
                      {"HRIS.ANSWER"}),
    "cut off JSON": (lambda: mock_hris.answer('{"employees":['), {"HRIS.ANSWER"}),
    "302": (lambda: mock_hris.redirect("/elsewhere"), {"HRIS.ANSWER"}),
    "302 to elsewhere": (lambda: mock_hris.redirect("http://192.0.2.1/"), {"HRIS.ANSWER"}),
    "garbage": (mock_hris.garbage, {"HRIS.ANSWER"}),
    "a closed connection": (mock_hris.close, {"HRIS.UNAVAILABLE"}),
    "half an answer": (mock_hris.half, {"HRIS.UNAVAILABLE", "HRIS.ANSWER"}),
    "nothing": (mock_hris.silent, {"HRIS.TIMEOUT"}),
    "401": (lambda: mock_hris.answer("", 401), {"HRIS.CREDENTIALS"}),
    "403": (lambda: mock_hris.answer("", 403), {"HRIS.FORBIDDEN"}),
    "404": (lambda: mock_hris.answer("", 404), {"HRIS.NOT_FOUND"}),
    "500": (lambda: mock_hris.html(status=500), {"HRIS.UNAVAILABLE"}),
    "429": (lambda: mock_hris.answer("", 429), {"HRIS.BUSY"}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_reads_from_an_hris_that_misbehaves(fresh, hris, name):
    answer, codes = ANSWERS[name]
    hris.on("GET", "/meta/time_off/types", answer())
    hris.on("GET", "/employees/directory", answer())
    hris.on("GET", "/employees/7/time_off/calculator", answer())
    # Each on a route of its own: after some failures a route is left alone for a while.
    for action, body in (("get-timeoff-types", {}), ("get-agents", {}), ("get-balance", BALANCE),
                         ("insert-timeoff", {**INSERT, "timeOffStatus": "PENDING"})):
        if action == "get-agents" and name == "20 MB":
            continue        # as many bytes as it may have
        out = fresh().call(action, body)
        assert out["status"] == "Error" and out["errorCode"] in codes, (action, out)
        assert out["errorMsg"], (action, out)
        assert out["statusCode"] == (408 if out["errorCode"] == "HRIS.TIMEOUT" else 500), (action, out)
    assert not [a for a in hris.asked if a.path in ("/elsewhere", "/")]


def test_a_silent_hris_is_408_within_the_deadline(fresh, hris):
    hris.on("GET", "/employees/directory", mock_hris.silent())
    out = fresh().call("get-agents", {})
    assert (out["statusCode"], out["status"], out["errorCode"]) == (408, "Error", "HRIS.TIMEOUT")


@pytest.mark.parametrize("name, people, code", [
    ("an empty list", [], "HRIS.EMPTY"),
    ("nobody with e-mail", [{"id": str(i), "workEmail": None} for i in range(20)], "HRIS.NO_EMAIL"),
    ("an employee without id", [{"workEmail": "a@example.com"}], "HRIS.ANSWER"),
    ("two with one e-mail", [{"id": "1", "workEmail": "a@example.com"},
                             {"id": "2", "workEmail": "A@example.com"}], "HRIS.DUPLICATE_EMAIL"),
])
def test_directories_that_cannot_be_taken(fresh, hris, name, people, code):
    hris.on("GET", "/employees/directory", mock_hris.answer({"employees": people}))
    out = fresh().call("get-agents", {})
    assert (out["status"], out["errorCode"]) == ("Error", code), (name, out)
    assert out["emails"] == [] and out["emails24"] == []


def test_a_number_above_2_53_survives(fresh, hris):
    hris.on("GET", "/employees/directory", mock_hris.answer(
        '{"employees":[{"id":9007199254740993,"workEmail":"a@example.com"},'
        '{"id":123456789012345678,"workEmail":"b@example.com"}]}'))
    out = fresh().call("get-agents", {})
    assert dict(zip(out["emails"], out["externalIds"])) == {
        "a@example.com": "9007199254740993", "b@example.com": "123456789012345678"}, out


WRITES = {
    "HTML": mock_hris.html, "an empty body": lambda: mock_hris.answer(""), "302": lambda:
    mock_hris.redirect("/elsewhere"), "500": lambda: mock_hris.html(status=500), "408": lambda:
    mock_hris.answer("", 408), "garbage": mock_hris.garbage, "a closed connection": mock_hris.close,
    "nothing": mock_hris.silent, "200 with an error inside": lambda: mock_hris.answer({"error": "no"}),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_whose_fate_is_not_known_is_said_to_be_so(fresh, hris, name):
    hris.on("PUT", "/employees/7/time_off/request", WRITES[name]())
    out = fresh().call("insert-timeoff", INSERT)
    assert (out["status"], out["errorCode"]) == ("Error", "HRIS.OUTCOME_UNKNOWN"), out
    assert "[hrisgw " in out["errorMsg"] and out["timeOffRequestId"] == ""
    # Once: never a second time.
    assert len(hris.writes) == 1
    hris.asked.clear()


@pytest.mark.parametrize("status, code", [(400, "HRIS.REFUSED"), (401, "HRIS.CREDENTIALS"),
                                          (403, "HRIS.FORBIDDEN"), (404, "HRIS.NOT_FOUND"),
                                          (429, "HRIS.BUSY")])
def test_a_write_that_is_refused_is_certainly_not_written(fresh, hris, status, code):
    hris.on("PUT", "/employees/7/time_off/request", mock_hris.answer("", status))
    out = fresh().call("insert-timeoff", INSERT)
    assert (out["status"], out["errorCode"]) == ("Error", code), out
    hris.asked.clear()
