"""An HRIS that takes one range without gaps a request: Friday and Monday are two. What is said of a request that is
several there, when all, some or none of them come to stand."""
import contextlib
import os
import sqlite3

import pytest

from home import Caller, wait_until
from mock_hris import answer, close

ADAPTER = """\
title: Ranges
settings: {base_url: {required: true}}
base_url: ${settings.base_url}
auth: {none: true}
message: $.error
failures: [{status: 409, is: conflict}]
maps:
  state: {APPROVED: APPROVED, PENDING: PENDING, CANCELED: CANCELED, DENIED: DENIED}
amounts: {minutes: 1, runs: equal}
lost_write: {find: marker, settle: 0s, consistent: CONSISTENT}
operations:
  get-agents:
    - {request: GET /people, each: '$[*]', agent: {id: .id, email: .email}}
  get-timeoff-types:
    - {request: GET /types, each: '$[*]', type: {id: .id, name: .name, unit: minutes}}
  get-balance:
    - for: {date: in.dates}
      request: GET /balance
      query: {person: '${in.agent_id}', at: '${date}'}
      each: $[*]
      balance: {date: date, type_id: .type, amount: .minutes, unit: minutes, includes: pending}
  insert-timeoff:
    - for: {run: in.runs}
      request: POST /ranges
      body: {person: '${in.agent_id}', type: '${in.type_id}', status: '${in.status}', note: '${in.marker}',
        first: '${run.first}', last: '${run.last}', minutes: '${run.minutes}'}
      result: {id: $.id, status: $.status | map state}
  change-timeoff: replace
  cancel-timeoff:
    - for: {id: "in.request_id | split ','"}
      request: PUT /ranges/${id}/cancel
      writes: again
  find-timeoff:
    - when: {in.request_id: present}
      for: {id: "in.request_id | split ','"}
      request: GET /ranges
      query: {id: '${id}'}
      each: $[*]
      found: &row
        id: in.request_id | default .id
        agent_id: .person
        type_id: .type
        status: .status | map state
        notes: .note
        start: .first
        end: .last
        amount: .minutes
        unit: minutes
    - when: {in.request_id: absent}
      request: GET /ranges
      query: {person: '${in.agent_id}', from: '${in.min_date}', to: '${in.max_date}'}
      each: $[*]
      found: *row
"""
FRIDAY, MONDAY, TUESDAY = "2027-03-05", "2027-03-08", "2027-03-09"
ASK = {"agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "dates": [FRIDAY, MONDAY, TUESDAY],
       "payableMinutes": [480, 480, 480], "minDate": FRIDAY, "maxDate": TUESDAY}


class Ranges:
    """It keeps what it is sent; then(row): what it answers in place of recording the row."""

    def __init__(self, hris):
        self.rows, self.then, self.cancels, self.records = {}, lambda row: None, lambda row: None, lambda row: row
        self.left = 99999
        hris.on("GET", "/types", answer([{"id": "78", "name": "Vacation", "unit": "minutes"}]))
        hris.on("GET", "/balance", lambda asked: answer([{"type": "78", "minutes": self.left}]))
        hris.on("POST", "/ranges", self.write)
        hris.on("PUT", r"/ranges/\d+/cancel", self.cancel)
        hris.on("GET", "/ranges", lambda asked: answer([
            row for row in self.rows.values() if asked.query.get("id", row["id"]) == row["id"]]))

    def write(self, asked):
        row = asked.json | {"id": str(100 + len(self.rows))}
        then = self.then(row)
        if then is not None:
            return then
        self.rows[row["id"]] = self.records(row)
        return answer({"id": row["id"], "status": row["status"]}, 201)

    def cancel(self, asked):
        row = self.rows[asked.path.split("/")[2]]
        then = self.cancels(row)
        if then is None:
            row["status"] = "CANCELED"
        return then or answer({})

    def live(self):
        return [i for i, row in self.rows.items() if row["status"] != "CANCELED"]


@pytest.fixture(scope="module")
def routes(home, hris_server):
    names = {"ranges": "true", "ranges-late": "false", "ranges-accept": "true"}
    for name, consistent in names.items():
        home.write(f"adapters/{name}.yaml", ADAPTER.replace("CONSISTENT", consistent))
        home.route(name, url=hris_server.url)
        with open(f"{home.dir}/routes.d/{name}.yaml", encoding="utf-8") as file:
            text = file.read()
        accepts = "on_fewer: accept" if name == "ranges-accept" else "on_fewer: keep"
        home.write(f"routes.d/{name}.yaml", text.replace("adapter: bamboohr", f"adapter: {name}")
                   .replace("on_fewer: keep", accepts)
                   .replace("  company: acme\n", "").replace("  api_key: file:" + home.dir + "/secrets/hris\n", ""))
    yield
    for name in names:
        os.unlink(f"{home.dir}/routes.d/{name}.yaml")
        os.unlink(f"{home.dir}/adapters/{name}.yaml")


@pytest.fixture
def ranges(hris, routes):
    return Ranges(hris)


@pytest.fixture(params=["ranges"])
def call(request, home, nginx, ranges):
    caller = Caller(home, nginx, route=request.param)
    wait_until(lambda: caller.send("get-timeoff-types", {}).status == 200)
    return caller.call


def second_is(what):
    return lambda row: what if row["first"] == MONDAY else None


def test_each_run_is_a_request_of_its_own(call, ranges, hris):
    out = call("insert-timeoff", ASK)
    assert (out["status"], out["timeOffRequestId"], out["replayed"]) == ("Complete", "100,101", False), out
    assert [(w.json["first"], w.json["last"], w.json["minutes"]) for w in hris.writes] == [
        (FRIDAY, FRIDAY, 480), (MONDAY, TUESDAY, 960)]
    assert len({w.json["note"] for w in hris.writes}) == 2, "each has a marker of its own"
    out = call("insert-timeoff", ASK)
    assert (out["status"], out["timeOffRequestId"], out["replayed"]) == ("Complete", "100,101", True)
    assert len(hris.writes) == 2
    out = call("update-timeoff", {"agentId": "7", "timeOffStatus": "CANCELED", "inputTimeOffRequestId": "100,101"})
    assert out["status"] == "Complete" and ranges.live() == []
    # What was cancelled is no answer to a new request.
    out = call("insert-timeoff", ASK)
    assert (out["status"], out["timeOffRequestId"], out["replayed"]) == ("Complete", "102,103", False)
    # Without its id the ledger finds all of it.
    out = call("update-timeoff", {**ASK, "timeOffStatus": "CANCELED"})
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", "102,103") and ranges.live() == []


def test_a_run_that_is_refused_takes_the_ones_before_with_it(call, ranges, hris):
    ranges.then = second_is(answer({"error": "overlaps another request"}, 409))
    out = call("insert-timeoff", ASK)
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.CONFLICT", "")
    assert "overlaps another request" in out["errorMsg"] and out["errorMsg"].endswith("nothing stands")
    assert ranges.live() == [] and list(ranges.rows) == ["100"]
    ranges.then = lambda row: None
    out = call("insert-timeoff", ASK)
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", "101,102") and ranges.live() == ["101", "102"]


@pytest.mark.parametrize("cancels", [lambda row: answer({"error": "no"}, 422), lambda row: close()],
                         ids=["refused", "lost"])
def test_what_cannot_be_taken_back_is_named(call, ranges, cancels):
    ranges.then, ranges.cancels = second_is(answer({"error": "overlaps another request"}, 409)), cancels
    out = call("insert-timeoff", ASK)
    assert out["errorCode"] == "HRIS.DIFFERENT" and out["timeOffRequestId"] == "100", out
    assert "100 of it stands" in out["errorMsg"] and ranges.live() == ["100"]
    # Said again, the next one is tried again, and what an earlier call wrote stays.
    out = call("insert-timeoff", ASK)
    assert out["errorCode"] == "HRIS.DIFFERENT" and ranges.live() == ["100"]
    ranges.then = lambda row: None
    out = call("insert-timeoff", ASK)
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", "100,101")


def test_what_somebody_has_changed_meanwhile_is_not_taken_back(call, ranges):
    def then(row):
        if row["first"] == FRIDAY:
            return None
        ranges.rows["100"]["minutes"] = 240
        return answer({"error": "overlaps another request"}, 409)
    ranges.then = then
    out = call("insert-timeoff", ASK)
    assert out["errorCode"] == "HRIS.DIFFERENT" and ranges.live() == ["100"]


@pytest.mark.parametrize("call", ["ranges-late"], indirect=True)
def test_a_run_that_is_not_known_keeps_the_ones_before(call, ranges, hris):
    ranges.then = second_is(close())
    for _ in range(2):
        out = call("insert-timeoff", ASK)
        assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and out["timeOffRequestId"].split(",")[0] == "100", out
        assert "100 of the request stands" in out["errorMsg"] and "[hrisgw " in out["errorMsg"]
    assert ranges.live() == ["100"] and len(hris.writes) == 2


def test_a_run_that_was_not_made_is_made_by_the_next_call(call, ranges, hris):
    ranges.then = second_is(close())
    out = call("insert-timeoff", ASK)
    # Its list is always up to date: the second run is known not to be there, and so the first one goes.
    assert out["errorCode"] == "HRIS.UNAVAILABLE" and ranges.live() == []
    ranges.then = lambda row: None
    out = call("insert-timeoff", ASK)
    assert (out["status"], len(ranges.live())) == ("Complete", 2)


def test_the_balance_is_that_of_the_whole(call, ranges, hris):
    ranges.left = 1000
    out = call("insert-timeoff", {**ASK, "timeOffStatus": "PENDING"})
    assert out["status"] == "InsufficientBalance" and hris.writes == []
    ranges.left = 1440
    assert call("insert-timeoff", {**ASK, "timeOffStatus": "PENDING"})["status"] == "Complete"
    ranges.left = 0
    assert call("insert-timeoff", {**ASK, "timeOffStatus": "PENDING"})["replayed"] is True


NO = answer({"error": "overlaps another request"}, 409)
ONE = {**ASK, "dates": [FRIDAY], "payableMinutes": [480], "maxDate": FRIDAY}
APART = {**ASK, "dates": [FRIDAY, TUESDAY], "payableMinutes": [480, 480]}


def days(ranges):
    return [(row["first"], row["last"]) for row in ranges.rows.values() if row["status"] != "CANCELED"]


@pytest.mark.parametrize("before, after, ids", [(ONE, ASK, "101,102"), (ASK, ONE, "102"), (ASK, APART, "102,103")],
                         ids=["one to two", "two to one", "two to two"])
def test_a_change_of_several_runs_is_entered_anew(call, ranges, hris, before, after, ids):
    old, wrote = call("insert-timeoff", before)["timeOffRequestId"], 0
    for named in (old, old, ids):
        out = call("update-timeoff", {**after, "inputTimeOffRequestId": named})
        assert (out["status"], out["timeOffRequestId"]) == ("Complete", ids), out
        assert out["replayed"] == (wrote > 0), "by whichever of its ids it is named"
        assert ranges.live() == ids.split(",")
        wrote = len(hris.writes)
    assert wrote == len(old.split(",")) * 2 + len(ids.split(",")), "the second time nothing is written"
    # All of it is known by its id, and by each of the ids before it.
    out = call("update-timeoff", {"agentId": "7", "timeOffStatus": "CANCELED", "inputTimeOffRequestId": old})
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", ids) and ranges.live() == []
    out = call("insert-timeoff", before)
    assert out["status"] == "Complete" and not out["replayed"], "what was replaced is no answer to a new request"


@pytest.mark.parametrize("before, after, again", [(ONE, ASK, "102"), (ASK, APART, "103,104")], ids=["one", "two"])
def test_what_stood_is_entered_again_where_a_part_is_refused(call, ranges, before, after, again):
    old, stood = call("insert-timeoff", before)["timeOffRequestId"], days(ranges)
    ranges.then = lambda row: NO if row["first"] == (MONDAY if after is ASK else TUESDAY) else None
    out = call("update-timeoff", {**after, "inputTimeOffRequestId": old})
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.DIFFERENT", again), out
    assert f"was cancelled and entered again as {again} (" in out["errorMsg"] and "overlaps" in out["errorMsg"]
    assert f"request {old} (2027-03-05 to " in out["errorMsg"]
    assert days(ranges) == stood and ranges.live() == again.split(",")
    out = call("update-timeoff", {**after, "inputTimeOffRequestId": old})
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.DIFFERENT", again), out
    assert days(ranges) == stood and "stands differently" in out["errorMsg"]
    # What was entered again is what the first insert asked for: its repeat is no reason for another.
    out = call("insert-timeoff", before)
    assert out["errorCode"] == "HRIS.CONFLICT" and again.split(",")[0] in out["errorMsg"], out
    assert ranges.live() == again.split(",")


def test_a_change_of_several_runs_that_is_known_to_be_over_is_no_stored_answer(call, ranges):
    change = {**ASK, "inputTimeOffRequestId": call("insert-timeoff", ONE)["timeOffRequestId"]}
    assert call("update-timeoff", change)["status"] == "Complete"
    for row in ranges.rows.values():
        row["status"] = "CANCELED"
    assert call("update-timeoff", {**change, "timeOffStatus": "PENDING"})["errorCode"] == "HRIS.CONFLICT"
    assert call("update-timeoff", change)["errorCode"] == "HRIS.CONFLICT"
    assert ranges.live() == []


@pytest.mark.parametrize("before, after", [(ONE, ASK), (ASK, APART)], ids=["one", "two"])
def test_what_is_entered_again_with_fewer_minutes_stops_its_insert(call, ranges, before, after):
    old = call("insert-timeoff", before)["timeOffRequestId"]
    ranges.then = lambda row: NO if row["first"] == (MONDAY if after is ASK else TUESDAY) else None
    ranges.records = lambda row: row | {"minutes": "300"}
    out = call("update-timeoff", {**after, "inputTimeOffRequestId": old})
    assert out["errorCode"] == "HRIS.DIFFERENT" and "which is not as it was" in out["errorMsg"], out
    stood = ranges.live()
    out = call("insert-timeoff", before)
    assert out["errorCode"] == "HRIS.CONFLICT" and stood[0] in out["errorMsg"] and ranges.live() == stood, out


def test_the_same_change_goes_on_where_nothing_stands(call, ranges):
    call("insert-timeoff", ONE)
    ranges.then = lambda row: NO if len(ranges.rows) > 1 else None
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})
    assert out["errorCode"] == "HRIS.DIFFERENT" and ranges.live() == [], out
    assert "was cancelled and nothing stands in its place: enter it by hand" in out["errorMsg"]
    ranges.then = lambda row: None
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", ",".join(ranges.live())), out
    assert len(ranges.live()) == 2


def test_what_somebody_made_live_again_is_replaced_anew(call, ranges):
    call("insert-timeoff", ONE)
    ranges.then = lambda row: NO if len(ranges.rows) > 1 else None
    assert call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})["errorCode"] == "HRIS.DIFFERENT"
    ranges.then = lambda row: None
    ranges.rows["100"]["status"] = "APPROVED"
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", ",".join(ranges.live())), out
    assert len(ranges.live()) == 2 and "100" not in ranges.live()


def test_a_part_that_cannot_be_taken_back_stays_and_the_rest_follows(call, ranges, home):
    call("insert-timeoff", ONE)
    ranges.then = second_is(NO)
    ranges.cancels = lambda row: answer({"error": "no"}, 422) if row["id"] == "101" else None
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})
    assert (out["errorCode"], out["timeOffRequestId"], ranges.live()) == ("HRIS.DIFFERENT", "100", ["101"]), out
    assert "only a part stands in its place: a part of the request was refused" in out["errorMsg"]
    ranges.then = lambda row: None
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})
    assert (out["status"], out["timeOffRequestId"], ranges.live()) == ("Complete", "101,102", ["101", "102"]), out
    with contextlib.closing(sqlite3.connect(f"file:{home.dir}/state/ledger.db?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT op, state, request FROM intents ORDER BY n DESC LIMIT 3").fetchall()
    assert rows == [("insert", "done", "102"), ("insert", "done", "101"), ("replace", "done", "101,102")]


@pytest.mark.parametrize("call", ["ranges-late"], indirect=True)
def test_a_part_of_a_change_that_is_not_known(call, ranges, hris):
    call("insert-timeoff", ONE)
    ranges.then = second_is(close())
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})
    assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN" and out["timeOffRequestId"] == "100", out
    assert "was cancelled, and what was to take its place is not known: 101 of the request stands" in out["errorMsg"]
    wrote = len(hris.writes)
    for ask in ({**ASK, "inputTimeOffRequestId": "100"}, {**APART, "inputTimeOffRequestId": "100"}, ASK):
        out = call("update-timeoff" if "inputTimeOffRequestId" in ask else "insert-timeoff", ask)
        assert out["errorCode"] == "HRIS.OUTCOME_UNKNOWN", out
        assert "[hrisgw " in out["errorMsg"]
    assert ranges.live() == ["101"] and len(hris.writes) == wrote


def test_parts_that_have_ended_are_left_alone(call, ranges, hris):
    call("insert-timeoff", ASK)
    ranges.rows["101"]["status"] = "CANCELED"
    ranges.cancels = lambda row: answer({"error": "it has ended"}, 422) if row["status"] == "CANCELED" else None
    out = call("update-timeoff", {**APART, "inputTimeOffRequestId": "100,101"})
    assert (out["status"], ranges.live()) == ("Complete", ["102", "103"]), out
    assert [w.path for w in hris.writes if w.method == "PUT"] == ["/ranges/100/cancel"]
    ranges.rows["102"]["status"] = "CANCELED"
    out = call("update-timeoff", {"agentId": "7", "timeOffStatus": "CANCELED", "inputTimeOffRequestId": "102,103"})
    assert (out["status"], out["timeOffRequestId"], ranges.live()) == ("Complete", "102,103", []), out
    assert [w.path for w in hris.writes if w.method == "PUT"][1:] == ["/ranges/103/cancel"]


def test_parts_that_have_ended_each_in_its_way_are_nothing_to_cancel(call, ranges, hris):
    call("insert-timeoff", ASK)
    ranges.rows["100"]["status"], ranges.rows["101"]["status"] = "DENIED", "CANCELED"
    wrote = len(hris.writes)
    out = call("update-timeoff", {"agentId": "7", "timeOffStatus": "CANCELED", "inputTimeOffRequestId": "100,101"})
    assert out["status"] == "Complete" and len(hris.writes) == wrote, out
    out = call("update-timeoff", {**APART, "inputTimeOffRequestId": "100,101"})
    assert out["errorCode"] == "HRIS.CONFLICT" and len(hris.writes) == wrote, out


@pytest.mark.parametrize("call", ["ranges-late"], indirect=True)
def test_a_part_that_is_not_shown_is_cancelled_too(call, ranges, hris):
    call("insert-timeoff", ASK)
    hidden = ranges.rows["101"]
    hris.on("GET", "/ranges", lambda asked: answer([
        row for row in ranges.rows.values() if asked.query.get("id", row["id"]) == row["id"] and row is not hidden]))
    call("update-timeoff", {"agentId": "7", "timeOffStatus": "CANCELED", "inputTimeOffRequestId": "100,101"})
    assert ranges.live() == []


def test_what_another_request_holds_is_not_taken_for_a_part(call, ranges):
    """Monday and Tuesday stand, of another request: the change does not make them its own."""
    rest = {**ASK, "dates": [MONDAY, TUESDAY], "payableMinutes": [480, 480], "minDate": MONDAY}
    assert call("insert-timeoff", rest)["timeOffRequestId"] == "100"
    assert call("insert-timeoff", ONE)["timeOffRequestId"] == "101"
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "101"})
    assert out["timeOffRequestId"] == "102,103" and ranges.live() == ["100", "102", "103"], out


def fewer(row):
    """Its calendar has a holiday on Tuesday."""
    return row | {"minutes": row["minutes"] // 2} if row["first"] == MONDAY else row


@pytest.mark.parametrize("call", ["ranges-accept"], indirect=True)
@pytest.mark.parametrize("named", [True, False], ids=["by its id", "by its days"])
def test_fewer_that_are_accepted_of_a_run_are_no_reason_to_enter_it_anew(call, ranges, hris, named):
    ranges.records = fewer
    out = call("insert-timeoff", ASK)
    assert (out["status"], out["recordedMinutes"], out["timeOffRequestId"]) == ("Complete", "960", "100,101"), out
    ask = ASK | ({"inputTimeOffRequestId": "100,101"} if named else {})
    for _ in range(2):
        out = call("update-timeoff", ask)
        assert (out["status"], out["recordedMinutes"], out["timeOffRequestId"]) == ("Complete", "960", "100,101"), out
    assert len(hris.writes) == 2
    # An edit by hand is not overlooked: of the whole it would be as much.
    ranges.rows["100"]["minutes"], ranges.rows["101"]["minutes"] = 240, 720
    out = call("update-timeoff", ask)
    assert (out["status"], out["timeOffRequestId"], ranges.live()) == ("Complete", "102,103", ["102", "103"]), out


def test_what_differs_of_a_run_and_is_kept_stays(call, ranges, hris):
    ranges.records = fewer
    for action, ask in (("insert-timeoff", ASK), ("update-timeoff", ASK | {"inputTimeOffRequestId": "100,101"})):
        out = call(action, ask)
        assert (out["errorCode"], out["timeOffRequestId"], len(hris.writes)) == ("HRIS.DIFFERENT", "100,101", 2), out


def test_runs_that_somebody_approved_stay_approved(call, ranges, hris):
    ask = ASK | {"timeOffStatus": "PENDING"}
    assert call("insert-timeoff", ask)["status"] == "Complete"
    ranges.rows["100"]["status"] = ranges.rows["101"]["status"] = "APPROVED"
    out = call("update-timeoff", ask | {"inputTimeOffRequestId": "100,101"})
    assert (out["status"], out["timeOffRequestId"], len(hris.writes)) == ("Complete", "100,101", 2), out


@pytest.mark.parametrize("status, live", [("APPROVED", ["101", "102"]), ("CANCELED", [])])
def test_runs_that_a_replace_entered_are_known_by_their_days(call, ranges, hris, status, live):
    call("insert-timeoff", ONE)
    assert call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})["timeOffRequestId"] == "101,102"
    wrote = len(hris.writes)
    out = call("update-timeoff", {**ASK, "timeOffStatus": status})
    assert (out["status"], out["timeOffRequestId"], ranges.live()) == ("Complete", "101,102", live), out
    assert len(hris.writes) - wrote == 2 - len(live)


def test_a_part_on_these_days_is_the_whole_of_it(call, ranges):
    call("insert-timeoff", ONE)
    assert call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})["timeOffRequestId"] == "101,102"
    rest = {**ASK, "dates": [TUESDAY], "payableMinutes": [480], "minDate": TUESDAY}
    out = call("update-timeoff", {**rest, "timeOffStatus": "CANCELED"})
    assert (out["status"], out["timeOffRequestId"], ranges.live()) == ("Complete", "101,102", []), out


def test_what_was_taken_back_of_a_run_is_not_written_again_soon(call, ranges, hris):
    """Nor is the part before it, which went with it."""
    ranges.records = lambda row: row | {"minutes": 1440} if row["first"] == MONDAY else row
    out = call("insert-timeoff", ASK)
    assert (out["errorCode"], out["timeOffRequestId"], ranges.live()) == ("HRIS.DIFFERENT", "", []), out
    wrote, said = len(hris.writes), out["errorMsg"]
    out = call("insert-timeoff", ASK)
    assert (out["errorCode"], out["timeOffRequestId"], ranges.live()) == ("HRIS.DIFFERENT", "", []), out
    assert len(hris.writes) == wrote and said.startswith(out["errorMsg"]), out


def test_a_part_that_differs_is_not_complete_because_another_was_refused(call, ranges):
    """What is not taken back stays what it was said to be."""
    ranges.records = lambda row: row | {"minutes": 240} if row["first"] == FRIDAY else row
    ranges.then, ranges.cancels = second_is(answer({"error": "no"}, 422)), lambda row: answer({"error": "no"}, 422)
    out = call("insert-timeoff", ASK)
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.DIFFERENT", "100"), out
    ranges.then = lambda row: None
    out = call("insert-timeoff", ASK)
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.DIFFERENT", "100,101"), out


def test_a_part_that_somebody_changed_meanwhile_is_not_complete(call, ranges):
    def then(row):
        if row["first"] == MONDAY:
            ranges.rows["100"]["minutes"] = 240
            return answer({"error": "no"}, 422)
        return None
    ranges.then = then
    out = call("insert-timeoff", ASK)
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.DIFFERENT", "100"), out
    ranges.then = lambda row: None
    out = call("insert-timeoff", ASK)
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.DIFFERENT", "100,101"), out
