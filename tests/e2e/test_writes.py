"""The fate of writes over real HTTP: never twice, never lost, never told as failed when it may be there."""
import json
import threading

import pytest

import mock_hris
from home import parse
from mock_hris import answer

DAYS = ["2027-03-01", "2027-03-02"]
INSERT = {"agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "dates": DAYS,
          "payableMinutes": "480,450", "minDate": DAYS[0], "maxDate": DAYS[1], "notes": "the lake"}
CANCEL = {"agentId": "7", "inputTimeOffRequestId": "1348", "timeOffStatus": "CANCELED"}
REQUEST = r"/employees/7/time_off/request"


def found(note, status="approved", request_id="1348"):
    return {"id": request_id, "employeeId": "7", "status": {"status": status}, "start": DAYS[0],
            "end": DAYS[1], "type": {"id": "78"}, "amount": {"unit": "hours", "amount": "15.5"},
            "dates": {DAYS[0]: "8", DAYS[1]: "7.5"}, "notes": {"employee": note}}


class Kept:
    """An HRIS that keeps what it is sent, and then answers as a test wants."""

    def __init__(self, hris, then):
        self.rows, self.then = [], then
        hris.on("PUT", REQUEST, self.put)
        hris.on("GET", "/time_off/requests", lambda _: answer(self.rows))

    def put(self, asked):
        self.rows.append(found(asked.json["notes"][0]["note"], asked.json["status"]))
        return self.then


def test_insert_says_each_day_and_the_marker_first(caller, hris):
    out = caller.call("insert-timeoff", INSERT)
    assert (out["statusCode"], out["timeOffRequestId"], out["replayed"]) == (200, "1348", False)
    sent = hris.writes[0].json
    assert sent["dates"] == [{"ymd": DAYS[0], "amount": 8}, {"ymd": DAYS[1], "amount": 7.5}]
    assert sent["status"] == "approved" and sent["timeOffTypeId"] == 78
    assert sent["notes"][0]["note"] == f"[hrisgw {out['requestId']}] the lake"
    assert len(hris.writes) == 1


@pytest.mark.parametrize("then", [
    mock_hris.close(), mock_hris.silent(), mock_hris.half(), mock_hris.garbage(),
    mock_hris.html(), answer({"error": "boom"}, 500), answer({}, 503), answer({}, 504)],
    ids=["closed", "silent", "half an answer", "garbage", "HTML with 200", "500", "503", "504"])
def test_a_write_that_was_kept_is_found_by_its_marker(caller, hris, then):
    kept = Kept(hris, then)
    out = caller.call("insert-timeoff", INSERT)
    assert (out["statusCode"], out["status"], out["timeOffRequestId"]) == (200, "Complete", "1348")
    assert len(hris.writes) == 1 and len(kept.rows) == 1


@pytest.mark.parametrize("then, code", [
    (mock_hris.close(), 500), (mock_hris.silent(), 408), (answer({}, 500), 500),
    (answer({}, 409), 500), (mock_hris.redirect("/elsewhere", 307), 500)],
    ids=["closed", "silent", "500", "409", "redirect"])
def test_a_write_that_is_not_found_stays_unknown(caller, hris, then, code):
    hris.on("PUT", REQUEST, then)
    hris.on("GET", "/time_off/requests", answer([found("entered by hand")]))
    out = caller.call("insert-timeoff", INSERT)
    assert (out["statusCode"], out["status"]) == (code, "Error")
    assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN"
    assert f"[hrisgw {out['requestId']}]" in out["errorMsg"]
    assert out["timeOffRequestId"] == ""
    assert len(hris.writes) == 1


@pytest.mark.parametrize("status, code", [
    (400, "HRIS.REFUSED"), (401, "HRIS.CREDENTIALS"), (403, "HRIS.FORBIDDEN"), (404, "HRIS.NOT_FOUND"),
    (422, "HRIS.REFUSED"), (429, "HRIS.BUSY")])
def test_what_the_hris_refuses_is_certainly_not_written(caller, hris, status, code):
    hris.on("PUT", REQUEST, answer("", status, **{"X-BambooHR-Error-Message": "Not for you"}))
    out = caller.call("insert-timeoff", INSERT)
    assert (out["statusCode"], out["errorCode"]) == (500, code)
    assert "Not for you" in out["errorMsg"]
    assert len(hris.writes) == 1 and not hris.calls("GET", "/time_off/requests")


def test_a_lost_cancel_is_judged_by_the_state(caller, hris):
    row = found("x")
    hris.on("GET", "/time_off/requests", lambda _: answer([row]))

    def cancel(asked):
        row["status"]["status"] = asked.json["status"]
        return mock_hris.close()
    hris.on("PUT", "/time_off/requests/1348/status", cancel)
    out = caller.call("update-timeoff", CANCEL)
    assert (out["statusCode"], out["timeOffRequestId"]) == (200, "1348")
    assert len(hris.writes) == 1
    # Already so: nothing is sent.
    assert caller.call("update-timeoff", CANCEL)["statusCode"] == 200
    assert len(hris.writes) == 1


def test_a_cancel_of_what_is_not_there_is_an_error(caller, hris):
    out = caller.call("update-timeoff", CANCEL)
    assert (out["statusCode"], out["errorCode"]) == (500, "HRIS.NOT_FOUND")
    assert out["timeOffRequestId"] == "1348" and hris.writes == []


def test_only_the_status_changes_by_the_status_endpoint(caller, hris):
    hris.holds()
    out = caller.call("update-timeoff", {**INSERT, "payableMinutes": "480,480",
                                         "inputTimeOffRequestId": "1348"})
    assert (out["statusCode"], out["timeOffRequestId"]) == (200, "1348")
    assert [w.path for w in hris.writes] == ["/time_off/requests/1348/status"]


def test_changed_days_supersede_the_request(caller, hris):
    hris.holds()
    hris.on("PUT", REQUEST, answer({"id": "1400", "status": {"status": "approved"}}, 201))
    out = caller.call("update-timeoff", {**INSERT, "inputTimeOffRequestId": "1348"})
    assert (out["statusCode"], out["timeOffRequestId"]) == (200, "1400")
    assert hris.writes[0].json["previousRequest"] == 1348


def test_pending_without_balance_writes_nothing(caller, hris):
    hris.bamboo(balances={"78": "15.4"})
    out = caller.call("insert-timeoff", {**INSERT, "timeOffStatus": "PENDING"})
    assert (out["statusCode"], out["status"]) == (200, "InsufficientBalance")
    assert out["errorCode"] == "HRIS.INSUFFICIENT_BALANCE" and hris.writes == []
    assert "930" in out["errorMsg"] and "924" in out["errorMsg"]
    out = caller.call("insert-timeoff", {**INSERT, "timeOffStatus": "PENDING",
                                         "overrideBalanceCheck": "true"})
    assert out["statusCode"] == 200 and hris.writes[0].json["status"] == "requested"


def test_many_at_once_are_each_written_once(caller, hris):
    lock, seen = threading.Lock(), []

    def put(asked):
        with lock:
            seen.append(asked.json["notes"][0]["note"])
            n = len(seen)
        return answer({"id": str(n), "status": {"status": "approved"}}, 201)
    hris.on("PUT", REQUEST, put)
    answers = []

    def run():
        answers.append(caller.call("insert-timeoff", INSERT))
    threads = [threading.Thread(target=run) for _ in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(answers) == 24
    written = [a["timeOffRequestId"] for a in answers if a["status"] == "Complete"]
    busy = [a for a in answers if a["errorCode"] == "GATEWAY.BUSY"]
    assert len(written) + len(busy) == 24 and len(set(written)) == len(written) == len(seen)
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("came, goes", [
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", False),
    ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", False),
    ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", False),
    ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", False), (None, False)])
def test_a_trace_goes_on_to_the_hris(caller, hris, home, came, goes):
    out = parse(caller.send("insert-timeoff", INSERT, headers={"traceparent": came}))
    sent = {asked.headers.get("traceparent") for asked in hris.asked}
    assert sent == {came[:36] + out["requestId"] + came[52:] if goes else None}
    line = next(json.loads(x) for x in home.log().splitlines() if out["requestId"] in x)
    assert line.get("traceparent") == (came if goes else None)


def test_nothing_that_came_in_a_member_is_logged(caller, hris, home):
    members = [*INSERT, "timeOffTypeId2", "startDateTimes", "averageMinutesPerDay", "durationMinutes",
               "overrideBalanceCheck", "idempotencyKey", "inputTimeOffRequestId"]
    ids = set()
    for name in members:
        for value in ("CANARY@example.com", ["CANARY"], {"CANARY": 1}, "CANARY\u001b[31m\n", "../CANARY"):
            body = {"inputTimeOffRequestId": "1348", **INSERT, name: value}
            for action in ("insert-timeoff", "update-timeoff"):
                ids.add(caller.call(action, body)["requestId"])
    lines = [json.loads(x) for x in home.log().splitlines()]
    mine = [x for x in lines if x.get("id") in ids]
    assert len(mine) == len(ids) == 10 * len(members)
    assert not [x for x in mine if "CANARY" in json.dumps(x)]


def test_why_an_hris_did_not_answer_is_logged(caller, hris, home):
    hris.on("GET", r"/employees/7/time_off/calculator", mock_hris.close())
    out = caller.call("get-balance", {"agentId": "7", "inputDates": "2027-03-01",
                                      "inputTimeOffTypeIds": "78"})
    assert out["errorCode"] == "HRIS.UNAVAILABLE"
    line = [json.loads(x) for x in home.log().splitlines() if out["requestId"] in x][-1]
    assert line["unanswered"].startswith(hris.url + ": ") and "employees" not in line["unanswered"]
    out = caller.call("get-timeoff-types", {})
    line = [json.loads(x) for x in home.log().splitlines() if out["requestId"] in x][-1]
    assert "unanswered" not in line


def test_no_name_note_or_secret_is_logged(caller, hris, home):
    hris.on("PUT", REQUEST, answer("", 403, **{"X-BambooHR-Error-Message": "Ann Example may not"}))
    out = caller.call("insert-timeoff", {**INSERT, "notes": "SECRETNOTE"})
    log = home.log()
    line = [json.loads(x) for x in log.splitlines() if out["requestId"] in x][-1]
    assert line["action"] == "insert-timeoff" and line["code"] == "HRIS.FORBIDDEN"
    assert line["route"] == "acme" and line["calls"][-1]["status"] == 403
    for word in ("SECRETNOTE", "Ann Example", "ann@example.com", "hris-key",
                 home.read_secret("acme-plain"), home.read_secret("acme-genesys")):
        assert word not in log
