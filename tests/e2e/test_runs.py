"""An HRIS that takes one range without gaps a request: Friday and Monday are two. What is said of a request that is
several there, when all, some or none of them come to stand."""
import os

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
  state: {APPROVED: APPROVED, PENDING: PENDING, CANCELED: CANCELED}
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
        self.rows, self.then, self.cancels = {}, lambda row: None, lambda row: None
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
        self.rows[row["id"]] = row
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
    names = {"ranges": "true", "ranges-late": "false"}
    for name, consistent in names.items():
        home.write(f"adapters/{name}.yaml", ADAPTER.replace("CONSISTENT", consistent))
        home.route(name, url=hris_server.url)
        with open(f"{home.dir}/routes.d/{name}.yaml", encoding="utf-8") as file:
            text = file.read()
        home.write(f"routes.d/{name}.yaml", text.replace("adapter: bamboohr", f"adapter: {name}")
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


def test_a_change_never_goes_by_runs(call, ranges, hris):
    out = call("insert-timeoff", {**ASK, "dates": [FRIDAY], "payableMinutes": [480], "maxDate": FRIDAY})
    assert out["timeOffRequestId"] == "100"
    out = call("update-timeoff", {**ASK, "inputTimeOffRequestId": "100"})
    assert out["errorCode"] == "HRIS.UNSUPPORTED" and "nothing was written" in out["errorMsg"]
    assert ranges.live() == ["100"] and len(hris.writes) == 1
