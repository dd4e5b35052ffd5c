"""The fate of writes over real HTTP: never twice, never lost, never reported as failed when it may be there."""
import json
import os
import re
import threading

import pytest

import home as homes
import mock_hris
from home import Caller, parse
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
    assert re.fullmatch(r"\[hrisgw [0-9a-f]{16}\] the lake", sent["notes"][0]["note"])
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


@pytest.mark.parametrize("then", [
    mock_hris.close(), mock_hris.silent(), answer({}, 500), answer({}, 409),
    mock_hris.redirect("/elsewhere", 307)],
    ids=["closed", "silent", "500", "409", "redirect"])
def test_a_write_that_is_not_found_stays_unknown(caller, hris, then):
    hris.on("PUT", REQUEST, then)
    hris.on("GET", "/time_off/requests", answer([found("entered by hand")]))
    out = caller.call("insert-timeoff", INSERT)
    assert (out["statusCode"], out["status"]) == (408, "Error")
    assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN"
    assert hris.writes[0].json["notes"][0]["note"].removesuffix(" the lake") in out["errorMsg"]
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


def test_the_same_request_many_times_at_once_is_written_once(caller, hris):
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
    assert {a["timeOffRequestId"] for a in answers} == {"1"} and len(seen) == 1
    assert [a["replayed"] for a in answers].count(False) == 1


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


def test_what_no_look_has_shown_is_complete_and_said_so(caller, hris, home):
    """The HRIS answered by success, with an id; its list cannot be read afterwards."""
    hris.on("PUT", REQUEST, answer(found(""), 201))
    hris.on("GET", "/time_off/requests", answer({}, 500))
    out = caller.call("insert-timeoff", INSERT)
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", "1348"), out
    line = [json.loads(x) for x in home.log().splitlines() if out["requestId"] in x][-1]
    assert line["verified"] is False
    hris.on("GET", "/time_off/requests", answer([found("")]))
    out = caller.call("insert-timeoff", INSERT)
    assert out["replayed"] is True


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


# An HRIS that keeps no marker, or whose list shows every write at once.

ADAPTER = """\
title: Declared
settings:
  base_url: {{required: true}}
  api_key: {{required: true, secret: true}}
base_url: ${{settings.base_url}}
auth: {{bearer: '${{settings.api_key}}'}}
message: $.error
failures: [{{status: 409, is: conflict}}]
maps:
  status: {{APPROVED: approved, PENDING: requested}}
  state: {{approved: APPROVED, requested: PENDING, canceled: CANCELED}}
amounts: {{hours: 0.0001}}
lost_write: {{find: {find}, settle: 0s, consistent: true}}
operations:
  get-agents:
    - {{request: GET /agents, each: '$[*]', agent: {{id: .id, email: .email}}}}
  get-timeoff-types:
    - {{request: GET /types, each: '$[*]', type: {{id: .id, name: .name, unit: .unit}}}}
  get-balance:
    - for: {{date: in.dates}}
      request: GET /balances
      query: {{agent: '${{in.agent_id}}', at: '${{date}}'}}
      each: $[*]
      balance: {{date: date, type_id: .type, amount: .hours, unit: hours}}
  insert-timeoff: &write
    - request: POST /requests
      body:
        agent: ${{in.agent_id}}
        type: ${{in.type_id}}
        status: ${{in.status | map status}}
        changes: ${{in.request_id}}
        note: ${{in.marker}} ${{in.notes}}
        days: {{for: {{day: in.days}}, item: {{on: '${{day.date}}', hours: '${{day.minutes | as in.type.unit}}'}}}}
      result: {{id: $.id, status: $.status | map state}}
  change-timeoff: *write
  cancel-timeoff:
    - {{request: 'PUT /requests/${{in.request_id}}/cancel', writes: again}}
  find-timeoff:
    - request: GET /requests
      query: {{agent: '${{in.agent_id}}', id: '${{in.request_id}}'}}
      each: $[*]
      found: {{id: .id, type_id: .type, status: .status | map state, notes: .note, start: .start, end: .end, amount: .hours,
        unit: hours}}
"""
FOUR = ["2027-04-30", "2027-05-01", "2027-05-02", "2027-05-03"]
NATURAL = {"agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "dates": FOUR,
           "payableMinutes": [480] * 4, "minDate": FOUR[0], "maxDate": FOUR[-1]}


class Declared:
    """It records what `records` makes of a request, and answers with `then`, where that is not None."""

    def __init__(self, hris):
        self.rows, self.then, self.word = [], None, "approved"
        self.records, self.says = lambda row: row, lambda row: {}
        hris.on("GET", "/types", answer([{"id": "78", "name": "Vacation", "unit": "hours"}]))
        hris.on("POST", "/requests", self.write)
        hris.on("GET", "/requests", lambda asked: answer(
            [r for r in self.rows if asked.query.get("id") in (None, r["id"])]))

    def holds(self, request_id, days, hours, status="approved", note=None):
        row = {"id": request_id, "type": "78", "status": status, "start": days[0], "end": days[-1], "hours": hours,
               "note": note}
        self.rows.append(row)
        return row

    def write(self, asked):
        body = asked.json
        row = {"id": str(100 + len(self.rows)), "type": body["type"], "status": self.word, "note": body["note"],
               "start": body["days"][0]["on"], "end": body["days"][-1]["on"],
               "hours": sum(d["hours"] for d in body["days"])}
        row = self.records(row)
        if row is not None:
            self.rows = [r for r in self.rows if r["id"] not in (row["id"], body.get("changes"))] + [row]
        return self.then or answer({"id": row["id"], "status": row["status"]} | self.says(row), 201)


@pytest.fixture(scope="module")
def routes(home, hris_server):
    for find in ("natural", "marker", "said"):
        text = ADAPTER.format(find="marker" if find == "said" else find)
        if find == "said":
            text = text.replace("state}\n  change", "state, type_id: $.type, start: $.start, end: $.end, "
                                                    "amount: $.hours, unit: hours}\n  change")
        home.write(f"adapters/{find}.yaml", text)
        home.route(find, url=hris_server.url)
        with open(f"{home.dir}/routes.d/{find}.yaml", encoding="utf-8") as file:
            text = file.read()
        home.write(f"routes.d/{find}.yaml", text.replace("adapter: bamboohr", f"adapter: {find}")
                   .replace("  company: acme\n", ""))
    yield
    for find in ("natural", "marker", "said"):
        os.unlink(f"{home.dir}/routes.d/{find}.yaml")
        os.unlink(f"{home.dir}/adapters/{find}.yaml")


@pytest.fixture
def declared(hris, routes):
    return Declared(hris)


@pytest.fixture(params=["natural", "marker"])
def asks(request, home, nginx, declared):
    return Caller(home, nginx, route=request.param).when_known()


@pytest.fixture
def natural(home, nginx, declared):
    return Caller(home, nginx, route="natural").when_known()


def test_a_conflict_with_another_request_is_one(asks, declared, hris):
    """9:00 to 11:00 is taken, 10:00 to 12:00 is asked: alike in type, day and minutes."""
    declared.holds("120", ["2027-09-01"], 2, note="dentist")
    declared.then, declared.records = answer({"error": "overlaps another request"}, 409), lambda row: None
    ask = {**NATURAL, "dates": [], "startDateTimes": ["2027-09-01T10:00:00"], "payableMinutes": [120],
           "minDate": "2027-09-01", "maxDate": "2027-09-01"}
    out = asks.call("insert-timeoff", ask)
    assert (out["status"], out["errorCode"], out["timeOffRequestId"]) == ("Error", "HRIS.CONFLICT", "")
    assert "overlaps another request; nothing was written" in out["errorMsg"] and out["errorMsg"].endswith(": 120")
    declared.holds("121", ["2027-09-02"], 2)
    out = asks.call("update-timeoff", {**ask, "inputTimeOffRequestId": "121"})
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.CONFLICT", "121")
    assert out["errorMsg"].endswith(": 120") and len(hris.writes) == 2


def test_a_lost_write_that_was_recorded_otherwise_is_not_known(natural, declared):
    """The calendar of this HRIS has a weekend: two of the four days are recorded."""
    declared.then = answer({"error": "boom"}, 500)
    declared.records = lambda row: {**row, "hours": 16, "note": None}
    for text in ("new or changed on these days: 100:", "nothing was written now"):
        out = natural.call("insert-timeoff", NATURAL)
        assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and text in out["errorMsg"], out
        assert re.search(r"\[hrisgw [0-9a-f]{16}\]", out["errorMsg"])
    assert len(declared.rows) == 1
    homes.forget()
    declared.rows = []
    declared.holds("90", FOUR, 8)
    declared.records = lambda row: {**row, "id": "90", "hours": 24, "note": None}
    out = natural.call("update-timeoff", {**NATURAL, "inputTimeOffRequestId": "90"})
    assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and "days: 90:" in out["errorMsg"]


def test_a_lost_write_whose_marker_was_not_kept_is_not_known(asks, declared):
    declared.then, declared.records = answer({"error": "boom"}, 500), lambda row: {**row, "note": None, "hours": 16}
    out = asks.call("insert-timeoff", NATURAL)
    assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and "days: 100:" in out["errorMsg"]


def test_a_lost_write_that_left_no_trace_was_not_made(asks, declared):
    declared.then, declared.records = answer({"error": "boom"}, 500), lambda row: None
    for status in ("approved", "canceled"):
        declared.holds("90", FOUR, 32, status)      # what stands there is somebody else's, however alike
        out = asks.call("insert-timeoff", NATURAL)
        assert out["errorCode"] == "HRIS.UNAVAILABLE" and "nothing was written" in out["errorMsg"], out


def test_a_lost_write_is_told_from_what_looks_the_same(natural, declared):
    declared.holds("90", FOUR, 32)
    declared.then, declared.records = answer({"error": "boom"}, 500), lambda row: {**row, "note": None}
    out = natural.call("insert-timeoff", NATURAL)
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", "101")


def only_after_its_write(declared, hris):
    """One look shows what was written, and then none can be made."""
    left = []

    def look(asked):
        if declared.rows and left:
            return answer({"error": "boom"}, 500)
        left.extend(declared.rows)
        return answer(declared.rows)
    hris.on("GET", "/requests", look)


@pytest.mark.parametrize("asks", ["marker"], indirect=True)
def test_a_difference_that_was_seen_once_stays_one(asks, declared, hris):
    only_after_its_write(declared, hris)
    declared.then, declared.records = answer({"error": "boom"}, 500), lambda row: {**row, "hours": 16}
    out = asks.call("insert-timeoff", NATURAL)
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.DIFFERENT", "100"), out
    assert out["errorMsg"] == ("request 100 stands differently: 1920 minutes were asked and the HRIS holds 960 minutes "
                               "from 2027-04-30 to 2027-05-03; it could not be looked at again")
    assert [r["id"] for r in declared.rows] == ["100"] and len(hris.writes) == 1
    # Until it is looked at again: somebody has mended it meanwhile.
    hris.on("GET", "/requests", answer([{**declared.rows[0], "hours": 32}]))
    out = asks.call("insert-timeoff", NATURAL)
    assert (out["status"], out["timeOffRequestId"], out["replayed"]) == ("Complete", "100", True) and \
        len(hris.writes) == 1, out


@pytest.mark.parametrize("shown, code", [("approved", ""), ("in review", "HRIS.NOT_APPROVED"),
                                         ("requested", "HRIS.NOT_APPROVED"), ("canceled", "HRIS.NOT_APPROVED")])
def test_the_status_of_what_was_written_is_not_assumed(natural, declared, shown, code):
    """The answer has a word that no map knows, and nobody could approve: what the list shows counts."""
    declared.word = shown
    declared.then = answer({"id": "100", "status": "accepted for processing"}, 201)
    out = natural.call("insert-timeoff", NATURAL)
    assert (out["errorCode"], out["timeOffRequestId"]) == (code, "100")
    assert shown == "approved" or "request 100" in out["errorMsg"]
    assert shown != "in review" or '"in review"' in out["errorMsg"]


@pytest.mark.parametrize("said, held, code, looked", [
    ({}, {}, "", 0), ({"hours": 16}, {}, "", 1), ({"hours": 16}, {"hours": 16}, "HRIS.DIFFERENT", 1),
    ({"hours": None}, {}, "", 1), ({"type": "79"}, {}, "", 1),
], ids=["as asked", "differs, and shows as asked", "fewer", "says too little", "another type, and shows as asked"])
def test_what_the_answer_of_a_write_shows_is_its_first_look(home, nginx, declared, hris, said, held, code, looked):
    declared.records, declared.says = lambda row: row | held, lambda row: row | said
    asks = Caller(home, nginx, route="said").when_known()
    out = asks.call("insert-timeoff", NATURAL)
    assert (out["errorCode"], out["timeOffRequestId"]) == (code, "100"), out
    # Before a write to an HRIS whose list is consistent, a look is made too.
    assert len(hris.calls("GET", "/requests")) == looked + 1 and len(hris.writes) == 1


def test_a_shift_over_midnight_is_two_days(natural, declared, hris):
    out = natural.call("insert-timeoff", {
        "agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "payableMinutes": [360],
        "startDateTimes": ["2027-09-01T20:00:00"], "minDate": "2027-09-01", "maxDate": "2027-09-01"})
    assert out["status"] == "Complete"
    assert hris.writes[0].json["days"] == [{"on": "2027-09-01", "hours": 4}, {"on": "2027-09-02", "hours": 2}]
