"""All five actions on Odoo 19 by conf/adapters/odoo.yaml, through nginx, against a fake that keeps what it is sent
and refuses in Odoo's own words.
"""
import contextlib
import datetime
import json
import os
import re
import threading

import pytest

import fronts
import home as homes
import mock_hris
import sign
from fake_odoo import FakeOdoo, Refused
from home import Caller, side_by_side, wait_until

ROUTE = """\
adapter: odoo
settings: {{base_url: '{url}', api_key: 'file:{dir}/secrets/hris'}}
insecure_http: true
timezone: Europe/Brussels
day_minutes: 456
day_start: '08:00'
on_fewer: {fewer}
callers:
  signer:
    signature: [rfc9421]
    keys: {{k1: file:{dir}/secrets/odoo-k1}}
"""
FEWER = {"odoo-keep": "keep", "odoo-accept": "accept", "odoo-take-back": "take_back"}
ROUTES = ("odoo", "odoo-large", *FEWER)
DAYS = ["2026-12-07", "2026-12-08", "2026-12-09"]
INSERT = {"agentId": "2", "timeOffTypeId": "1", "timeOffStatus": "PENDING", "dates": DAYS,
          "payableMinutes": [456, 456, 456], "minDate": DAYS[0], "maxDate": DAYS[-1], "notes": "the lake"}
CREATE, APPROVE, REFUSE, WRITE = (("hr.leave", m) for m in (
    "create", "action_approve", "action_refuse", "write"))


@pytest.fixture(scope="module")
def served(home, hris_server, front_doors):
    home.adapter("odoo")
    home.secret("odoo-k1", "hex:" + "5a" * 32)
    for name in ROUTES:
        fewer = FEWER.get(name, "keep")
        home.write(f"routes.d/{name}.yaml", ROUTE.format(url=hris_server.url, dir=home.dir, fewer=fewer))
    yield Signer(home, front_doors("nginx"), route="odoo")
    for name in ROUTES:
        os.unlink(f"{home.dir}/routes.d/{name}.yaml")
    os.unlink(home.dir + "/adapters/odoo.yaml")


class Signer(Caller):
    def proof(self, method, url, body):
        return sign.rfc9421(b"\x5a" * 32, "k1", method, url, body)


@pytest.fixture
def odoo(hris, served):
    out = FakeOdoo(hris)
    wait_until(lambda: served.send("get-timeoff-types", {}).status == 200)
    out.asked.clear()
    return out


@pytest.fixture
def call(served, odoo):
    return served.call


def methods(odoo):
    return [w[:2] for w in odoo.wrote]


def complete(out, **more):
    assert (out["statusCode"], out["status"], out["errorCode"]) == (200, "Complete", ""), out
    assert {n: out[n] for n in more} == more, out
    return out


def failed(out, code, status_code=500, status="Error"):
    assert (out["errorCode"], out["statusCode"], out["status"]) == (code, status_code, status), out
    assert "Traceback" not in out["errorMsg"]
    return out


def update(request_id, **more):
    return {**INSERT, "inputTimeOffRequestId": request_id, **more}


def balances(call, days=("2026-12-31",), types="1,4,5,6"):
    out = complete(call("get-balance", {"agentId": "2", "inputDates": list(days),
                                        "inputTimeOffTypeIds": types}))
    keys = zip(out["dates"], out["timeOffTypeIds"])
    return dict(zip(keys, out["balanceMinutesPerDay"]))


# What is read.

def test_agents_and_what_is_false(call, odoo):
    out = complete(call("get-agents", {}), count=19, skipped=1)
    assert dict(zip(out["externalIds"], out["emails"])) == {
        str(i): f"demo{i}@example.com" for i in range(1, 21) if i != 7}
    assert odoo.asked[-1][2]["order"] == "id" and odoo.wrote == []


def test_a_large_directory_is_one_answer(served, odoo):
    # On a route of its own: afterwards twenty would be far fewer than before.
    call = Signer(served.home, served.front, route="odoo-large").call
    odoo.employees = [{"id": i, "name": "x", "work_email": f"demo{i}@example.com"} for i in range(1, 1102)]
    out = complete(call("get-agents", {}), count=1101)
    assert sum(len(out[f"externalIds{n}"]) for n in range(1, 25)) + len(out["externalIds"]) == 1101
    # One answer, which nobody's leaving can push about.
    assert [a[1:] for a in odoo.asked if a[0] == "hr.employee"] == [
        ("search_read", {"domain": [], "fields": ["id", "work_email"], "order": "id"})]


def test_types_in_days_half_days_and_hours(call):
    complete(call("get-timeoff-types", {}), ids=["1", "4", "5", "6"], id2s=[],
             names=["Paid Time Off", "Unpaid", "Extra Time Off", "Overtime"])


def test_balances_of_each_date_in_each_unit(call, odoo):
    days = ["2026-12-07", "2026-12-31", "2028-01-03"]
    found = balances(call, days)
    assert len(found) == 12
    for day, of_paid in zip(days, ("9120", "9120", "0")):
        # 20 days of 456 minutes until the end of 2027; no allocation needed; 5 days;
        # 22.799999999999997 hours, which are 22.8.
        assert [found[day, t] for t in "1456"] == [of_paid, "525600", "2280", "1368"]
    asked = [a[2] for a in odoo.asked if a[:2] == ("hr.leave.type", "read")]
    assert sorted(a["context"]["leave_date_from"] for a in asked) == days
    assert all(a["context"]["employee_id"] == 2 for a in asked)


def test_balances_after_a_request(call, odoo):
    complete(call("insert-timeoff", INSERT))
    assert balances(call)["2026-12-31", "1"] == str(17 * 456)


# What is entered.

def test_a_pending_request_is_one_call(call, odoo):
    complete(call("insert-timeoff", INSERT), timeOffRequestId="14")
    assert methods(odoo) == [CREATE]
    sent = odoo.wrote[0][2]["vals_list"]
    assert sent == [{"employee_id": 2, "holiday_status_id": 1, "request_date_from": DAYS[0],
                     "request_date_to": DAYS[-1], "name": sent[0]["name"]}]
    assert re.fullmatch(r"\[hrisgw [0-9a-f]{16}\] the lake", sent[0]["name"])
    row = odoo.leaves[14]
    assert (row["state"], row["number_of_hours"]) == ("confirm", 22.799999999999997)


def test_an_approved_request_is_two_calls(call, odoo):
    complete(call("insert-timeoff", {**INSERT, "timeOffStatus": "APPROVED"}), timeOffRequestId="14")
    assert methods(odoo) == [CREATE, APPROVE]
    assert odoo.wrote[1][2] == {"ids": [14]} and odoo.leaves[14]["state"] == "validate"


def test_a_request_that_wants_a_second_approval_is_told(call, odoo):
    odoo.types[0]["leave_validation_type"] = "both"
    out = failed(call("insert-timeoff", {**INSERT, "timeOffStatus": "APPROVED"}), "HRIS.NOT_APPROVED")
    assert out["timeOffRequestId"] == "14" and odoo.leaves[14]["state"] == "validate1"


def test_a_type_that_odoo_approves_by_itself(call, odoo):
    for status, days in (("APPROVED", ["2026-12-14"]), ("PENDING", ["2026-12-15"])):
        out = complete(call("insert-timeoff", {**INSERT, "timeOffTypeId": "5", "timeOffStatus": status,
                                               "dates": days, "payableMinutes": [456], "minDate": days[0],
                                               "maxDate": days[0]}))
        assert odoo.leaves[int(out["timeOffRequestId"])]["state"] == "validate"


def test_days_apart_are_several_requests_and_one_id(call, odoo):
    days = ["2026-12-07", "2026-12-08", "2026-12-10"]
    out = complete(call("insert-timeoff", {**INSERT, "dates": days, "maxDate": days[-1],
                                           "timeOffStatus": "APPROVED"}), timeOffRequestId="14,15")
    assert [(r["request_date_from"], r["request_date_to"], r["state"]) for r in odoo.leaves.values()] == [
        ("2026-12-07", "2026-12-08", "validate"), ("2026-12-10", "2026-12-10", "validate")]
    assert methods(odoo) == [CREATE, APPROVE]
    complete(call("update-timeoff", {"agentId": "2", "timeOffStatus": "CANCELED",
                                     "inputTimeOffRequestId": out["timeOffRequestId"]}))
    assert {r["state"] for r in odoo.leaves.values()} == {"refuse"}


def test_a_half_day(call, odoo):
    complete(call("insert-timeoff", {**INSERT, "timeOffTypeId": "5", "dates": ["2026-12-15"],
                                     "startDateTimes": ["2026-12-15T08:00:00"], "payableMinutes": [228],
                                     "minDate": "2026-12-15", "maxDate": "2026-12-15"}))
    row = odoo.leaves[14]
    assert (row["request_date_from_period"], row["number_of_days"]) == ("am", 0.5)
    assert balances(call)["2026-12-31", "5"] == str(int(4.5 * 456))


def test_hours(call, odoo):
    complete(call("insert-timeoff", {**INSERT, "timeOffTypeId": "4", "dates": ["2026-12-14"],
                                     "startDateTimes": ["2026-12-14T09:00:00"], "payableMinutes": [150],
                                     "minDate": "2026-12-14", "maxDate": "2026-12-14"}))
    sent = odoo.wrote[0][2]["vals_list"][0]
    assert (sent["request_hour_from"], sent["request_hour_to"], sent["request_unit_hours"]) == (9, 11.5, True)
    assert odoo.leaves[14]["number_of_hours"] == 2.5


def test_a_shift_over_midnight_is_two_requests(call, odoo):
    """The schedule ends at 17:00: Odoo records no hours of it, and what holds nothing is taken back."""
    night = {**INSERT, "timeOffTypeId": "4", "dates": [], "startDateTimes": ["2026-12-14T20:00:00"],
             "payableMinutes": [360], "minDate": "2026-12-14", "maxDate": "2026-12-14"}
    out = failed(call("insert-timeoff", night), "HRIS.DIFFERENT")
    assert "holds 0 minutes" in out["errorMsg"] and out["errorMsg"].endswith("request 14,15 and nothing stands")
    assert {row["state"] for row in odoo.leaves.values()} == {"refuse"}
    assert [(v["request_date_from"], v["request_hour_from"], v["request_hour_to"])
            for v in odoo.wrote[0][2]["vals_list"]] == [("2026-12-14", 20, 24), ("2026-12-15", 0, 2)]
    odoo.leaves.clear()
    odoo.wrote.clear()
    # 22:00 to 06:00 is no whole day of that date, and no half of one either.
    whole = {**night, "startDateTimes": ["2026-12-14T22:00:00"], "payableMinutes": [456]}
    failed(call("insert-timeoff", whole), "HRIS.DIFFERENT")
    assert [v["request_unit_hours"] for v in odoo.wrote[0][2]["vals_list"]] == [True, True]
    odoo.wrote.clear()
    for kind in ("1", "5"):
        failed(call("insert-timeoff", {**whole, "timeOffTypeId": kind}), "INPUT.AMOUNT")
    # Two nights meet on the date in between: that is no span of time.
    two = {**whole, "startDateTimes": ["2026-12-14T22:00:00", "2026-12-15T22:00:00"],
           "payableMinutes": [456, 456], "maxDate": "2026-12-15"}
    assert "nothing was written" in failed(call("insert-timeoff", two), "INPUT.AMOUNT")["errorMsg"]
    assert odoo.wrote == []


def test_what_odoo_cannot_express_is_refused_before_it_is_sent(call, odoo):
    for minutes, code in ((240, "INPUT.AMOUNT"), (228, "HRIS.UNSUPPORTED"), (912, "HRIS.UNSUPPORTED")):
        out = failed(call("insert-timeoff", {**INSERT, "payableMinutes": [456, 456, minutes]}), code)
        assert "nothing was written" in out["errorMsg"]
    assert odoo.wrote == []


def test_an_overlap_is_a_conflict(call, odoo):
    complete(call("insert-timeoff", INSERT))
    days = ["2026-12-09", "2026-12-10"]
    out = failed(call("insert-timeoff", {**INSERT, "dates": days, "payableMinutes": [456, 456],
                                         "minDate": days[0], "maxDate": days[1]}), "HRIS.CONFLICT")
    assert "Jeffrey Kelly from 12/07/2026 to 12/09/2026 - To Approve" in out["errorMsg"]
    assert out["errorMsg"].endswith("nothing was written; on these days the HRIS holds already: 14")
    assert len(odoo.leaves) == 1 and out["timeOffRequestId"] == ""


@pytest.mark.parametrize("hour", [9, 10])
def test_what_is_there_is_never_taken_for_what_was_asked(call, odoo, hour):
    """10:00 to 12:00 asked, 9:00 to 11:00 taken: alike in type, day and minutes, and somebody's dentist."""
    day = {**INSERT, "timeOffTypeId": "4", "dates": [], "payableMinutes": [120], "minDate": "2026-12-14",
           "maxDate": "2026-12-14"}
    complete(call("insert-timeoff", {**day, "startDateTimes": ["2026-12-14T09:00:00"]}), timeOffRequestId="14")
    again = {**day, "startDateTimes": [f"2026-12-14T{hour:02}:00:00"]}
    if hour == 9:       # the same request
        assert complete(call("insert-timeoff", again), timeOffRequestId="14")["replayed"]
        homes.forget()
        odoo.leaves[14]["name"] = "dentist"
    out = failed(call("insert-timeoff", again), "HRIS.CONFLICT")
    assert out["errorMsg"].endswith("the HRIS holds already: 14") and out["timeOffRequestId"] == ""
    assert len(odoo.leaves) == 1


def test_a_change_into_another_request_is_a_conflict(call, odoo):
    complete(call("insert-timeoff", INSERT), timeOffRequestId="14")
    later = ["2026-12-14", "2026-12-15", "2026-12-16"]
    there = {"dates": later, "minDate": later[0], "maxDate": later[-1]}
    complete(call("insert-timeoff", {**INSERT, **there}), timeOffRequestId="15")
    before = json.dumps(odoo.leaves)
    out = failed(call("update-timeoff", update("15", payableMinutes=[456, 456, 0])), "HRIS.CONFLICT")
    assert out["errorMsg"].endswith("the HRIS holds already: 14") and out["timeOffRequestId"] == "15"
    assert json.dumps(odoo.leaves) == before


def test_over_the_balance(call, odoo):
    odoo.allocations[2, 1] = (2.0, "2027-12-31")
    out = failed(call("insert-timeoff", INSERT), "HRIS.INSUFFICIENT_BALANCE", 200, "InsufficientBalance")
    assert odoo.wrote == [] and "912" in out["errorMsg"]
    # Where the balance is not asked first, Odoo says so.
    for more in ({"timeOffStatus": "APPROVED"}, {"overrideBalanceCheck": True}):
        out = failed(call("insert-timeoff", {**INSERT, **more}), "HRIS.INSUFFICIENT_BALANCE", 200,
                     "InsufficientBalance")
        assert "no valid allocation" in out["errorMsg"]
    assert odoo.leaves == {} and methods(odoo) == [CREATE, CREATE]


def test_a_user_of_another_language(call, odoo):
    """Odoo's refusals differ by their words alone, so they are asked for in English."""
    odoo.foreign = True
    made = complete(call("insert-timeoff", INSERT))["timeOffRequestId"]
    homes.forget()
    odoo.leaves[14]["name"] = "somebody's"
    failed(call("insert-timeoff", INSERT), "HRIS.CONFLICT")
    odoo.allocations[2, 1] = (4.0, "2027-12-31")
    more = {"dates": [*DAYS, "2026-12-10", "2026-12-11"], "payableMinutes": [456] * 5,
            "maxDate": "2026-12-11", "overrideBalanceCheck": True}
    failed(call("insert-timeoff", {**INSERT, **more}), "HRIS.CONFLICT")
    for body in (("insert-timeoff", {**INSERT, "dates": ["2026-12-14", "2026-12-15"], "minDate": "2026-12-14",
                                     "maxDate": "2026-12-15", "payableMinutes": [456] * 2,
                                     "overrideBalanceCheck": True}),
                 ("update-timeoff", update(made, **more))):
        failed(call(*body), "HRIS.INSUFFICIENT_BALANCE", 200, "InsufficientBalance")
    assert len(odoo.leaves) == 1


@pytest.mark.parametrize("how", ["closed", "HTML with 502"])
def test_a_request_that_was_kept_and_not_confirmed_is_found(call, odoo, hris, how):
    then = {"closed": mock_hris.close(), "HTML with 502": mock_hris.html("<h1>Bad Gateway</h1>", 502)}[how]

    def once(asked):
        odoo.handle(asked)
        hris.on("POST", "/json/2/hr.leave/create", odoo.handle)
        return then
    hris.on("POST", "/json/2/hr.leave/create", once)
    complete(call("insert-timeoff", INSERT), timeOffRequestId="14")
    assert len(odoo.leaves) == 1 and methods(odoo) == [CREATE]


def test_an_unknown_employee(call, odoo):
    for status in ("APPROVED", "PENDING"):
        out = failed(call("insert-timeoff", {**INSERT, "agentId": "99999", "timeOffStatus": status}), "HRIS.NOT_FOUND")
        assert "no employee 99999" in out["errorMsg"]
    failed(call("get-balance", {"agentId": "99999", "inputDates": DAYS, "inputTimeOffTypeIds": "1"}), "HRIS.NOT_FOUND")
    assert odoo.leaves == {} and odoo.wrote == []


def test_a_key_without_the_right_is_not_told_zeros(call, odoo):
    odoo.officer = False
    out = failed(call("get-balance", {"agentId": "2", "inputDates": DAYS, "inputTimeOffTypeIds": "1"}), "HRIS.FORBIDDEN")
    assert "Time Off officer" in out["errorMsg"]


def test_a_year_of_balances_is_asked_for_by_eights(call, odoo, hris):
    """One call a date, for all types; one after the other they took Odoo longer than the deadline."""
    together = threading.Barrier(8, timeout=20)

    def read(asked):
        if "leave_date_from" in json.loads(asked.body).get("context", {}):
            together.wait()
        return odoo.handle(asked)
    hris.on("POST", "/json/2/hr.leave.type/read", read)
    dates = [str(datetime.date(2026, 12, 1) + datetime.timedelta(days=i)) for i in range(400)]
    out = complete(call("get-balance", {"agentId": "2", "inputDates": dates, "inputTimeOffTypeIds": ["1", "5"]}))
    assert len(out["balanceMinutesPerDay"]) == 800
    assert sum(a[:2] == ("hr.leave.type", "read") for a in odoo.asked) == 400


def test_a_day_of_ones_own(call, odoo):
    """Four hours, where the route's day is 7.6."""
    odoo.employees[4]["resource_calendar_id"] = [2, "Part time"]
    odoo.allocations[5, 1] = odoo.allocations[5, 5] = (10.0, False)
    body = {"agentId": "5", "inputDates": "2026-12-31", "inputTimeOffTypeIds": "1,5"}
    assert complete(call("get-balance", body))["balanceMinutesPerDay"] == ["2400", "2400"]
    asked = len(odoo.asked)
    assert complete(call("get-balance", body))["balanceMinutesPerDay"] == ["2400", "2400"]
    # It is kept for an hour.
    assert not [a for a in odoo.asked[asked:] if a[:2] in (("hr.employee", "read"), ("resource.calendar", "read"))]
    his = {**INSERT, "agentId": "5", "payableMinutes": [240, 240, 240]}
    made = complete(call("insert-timeoff", his))["timeOffRequestId"]
    assert odoo.leaves[int(made)]["number_of_days"] == 3.0
    odoo.wrote.clear()
    complete(call("update-timeoff", {**his, "inputTimeOffRequestId": made}))
    assert odoo.wrote == []
    half = {**his, "timeOffTypeId": "5", "dates": ["2026-12-15"], "payableMinutes": [120], "minDate": "2026-12-15",
            "maxDate": "2026-12-15"}
    complete(call("insert-timeoff", half))
    assert odoo.wrote[0][2]["vals_list"][0]["request_date_from_period"] == "am"
    failed(call("insert-timeoff", {**his, "payableMinutes": [456, 456, 456]}), "INPUT.AMOUNT")
    assert balances(call)["2026-12-31", "1"] == str(20 * 456)


def test_a_type_that_may_go_below_zero(call, odoo):
    odoo.allocations[2, 1] = (1.0, "2027-12-31")
    failed(call("insert-timeoff", INSERT), "HRIS.INSUFFICIENT_BALANCE", 200, "InsufficientBalance")
    odoo.types[0].update(allows_negative=True, max_allowed_negative=2)
    complete(call("get-timeoff-types", {}))
    complete(call("insert-timeoff", INSERT))
    # What he has is what he has.
    assert balances(call)["2026-12-31", "1"] == str(-2 * 456)
    day = {**INSERT, "dates": ["2026-12-14"], "payableMinutes": [456], "minDate": "2026-12-14", "maxDate": "2026-12-14"}
    failed(call("insert-timeoff", day), "HRIS.INSUFFICIENT_BALANCE", 200, "InsufficientBalance")
    odoo.types[0].update(allows_negative=False)
    complete(call("get-timeoff-types", {}))


def test_a_key_that_is_not_right(call, odoo, served):
    odoo.key = "another"
    for action, body in (("get-agents", {}), ("insert-timeoff", {**INSERT, "timeOffStatus": "APPROVED"})):
        out = failed(call(action, body), "HRIS.CREDENTIALS")
        assert "Invalid apikey" in out["errorMsg"]
    assert "Traceback" not in served.home.log() and "hris-key" not in served.home.log()


def test_odoo_18_has_no_such_api(call, odoo, hris):
    hris.on("POST", "/json/2/.*", mock_hris.html("<!doctype html><title>404 Not Found</title>", 404))
    assert "look at settings database" in failed(call("get-agents", {}), "HRIS.REFUSED")["errorMsg"]


# What is changed.

def test_cancel_and_deny(call, odoo):
    for status in ("CANCELED", "DENIED"):
        made = complete(call("insert-timeoff", INSERT))["timeOffRequestId"]
        odoo.wrote.clear()
        body = {"agentId": "2", "inputTimeOffRequestId": made, "timeOffStatus": status}
        complete(call("update-timeoff", body), timeOffRequestId=made)
        assert methods(odoo) == [REFUSE] and odoo.wrote[0][2] == {"ids": [int(made)]}
        assert odoo.leaves[int(made)]["state"] == "refuse"
        # Already so: nothing is sent.
        complete(call("update-timeoff", body), timeOffRequestId=made)
        assert methods(odoo) == [REFUSE]
    assert balances(call)["2026-12-31", "1"] == str(20 * 456)


def test_cancel_an_approved_one(call, odoo):
    made = complete(call("insert-timeoff", {**INSERT, "timeOffStatus": "APPROVED"}))["timeOffRequestId"]
    complete(call("update-timeoff", {"agentId": "2", "inputTimeOffRequestId": made,
                                     "timeOffStatus": "CANCELED"}))
    assert odoo.leaves[14]["state"] == "refuse"


@pytest.mark.parametrize("status", ["CANCELED", "DENIED", "PENDING", "APPROVED"])
def test_what_is_not_there_is_not_changed(call, odoo, status):
    out = failed(call("update-timeoff", update("777", timeOffStatus=status)), "HRIS.NOT_FOUND")
    assert out["timeOffRequestId"] == "777" and odoo.wrote == []


@pytest.mark.parametrize("status", ["CANCELED", "DENIED", "PENDING", "APPROVED"])
@pytest.mark.parametrize("days", [DAYS, [DAYS[0], DAYS[2]]], ids=["one", "several"])
def test_another_agents_request_is_not_changed(call, odoo, days, status):
    """Odoo goes by the request's id alone."""
    made = complete(call("insert-timeoff", {**INSERT, "dates": days, "payableMinutes": [456] * len(days)}))
    assert len(odoo.leaves) == (1 if days == DAYS else 2)
    odoo.wrote.clear()
    before = json.dumps(odoo.leaves)
    theirs = update(made["timeOffRequestId"], timeOffStatus=status, agentId="3", overrideBalanceCheck=True)
    out = failed(call("update-timeoff", theirs), "HRIS.NOT_FOUND")
    assert "nothing was written" in out["errorMsg"] and "Jeffrey" not in out["errorMsg"]
    # Two of whom one is another's is nobody's.
    if "," in made["timeOffRequestId"]:
        odoo.leaves[15]["employee_id"] = [3, "Demo 3"]
        before = json.dumps(odoo.leaves)
        for agent in ("2", "3"):
            failed(call("update-timeoff", {**theirs, "agentId": agent}), "HRIS.NOT_FOUND")
    assert odoo.wrote == [] and json.dumps(odoo.leaves) == before


def test_a_pending_request_moves(call, odoo):
    made = complete(call("insert-timeoff", INSERT))["timeOffRequestId"]
    odoo.wrote.clear()
    days = ["2026-12-08", "2026-12-09", "2026-12-10", "2026-12-11"]
    complete(call("update-timeoff", update(made, dates=days, payableMinutes=[456] * 4, minDate=days[0],
                                           maxDate=days[-1])), timeOffRequestId=made)
    assert methods(odoo) == [WRITE]
    row = odoo.leaves[14]
    assert (row["state"], row["request_date_from"], row["request_date_to"], row["number_of_days"]) == (
        "confirm", days[0], days[-1], 4.0)
    assert list(odoo.leaves) == [14]


def test_hours_become_the_whole_day(call, odoo):
    hours = {**INSERT, "timeOffTypeId": "4", "dates": [], "startDateTimes": ["2026-12-14T13:00:00"],
             "payableMinutes": [180], "minDate": "2026-12-14", "maxDate": "2026-12-14"}
    made = complete(call("insert-timeoff", hours))["timeOffRequestId"]
    day = {**hours, "dates": ["2026-12-14"], "startDateTimes": [], "payableMinutes": [456]}
    complete(call("update-timeoff", {**day, "inputTimeOffRequestId": made}), timeOffRequestId=made)
    row = odoo.leaves[int(made)]
    assert (row["request_unit_hours"], row["number_of_hours"]) == (False, 7.6)
    # And back.
    complete(call("update-timeoff", {**hours, "inputTimeOffRequestId": made}), timeOffRequestId=made)
    row = odoo.leaves[int(made)]
    assert (row["request_hour_from"], row["request_hour_to"], row["number_of_hours"]) == (13, 16, 3.0)


@pytest.mark.parametrize("kind, minutes, first, second", [("4", 180, "13:00", "08:30"), ("5", 228, "08:00", "13:00")],
                         ids=["hours", "half a day"])
def test_a_part_of_a_day_moves_within_the_day(call, odoo, kind, minutes, first, second):
    """Alike in type, day and minutes, and not the same time."""
    part = {**INSERT, "timeOffTypeId": kind, "dates": [], "payableMinutes": [minutes], "minDate": "2026-12-14",
            "maxDate": "2026-12-14"}
    odoo.types[2]["leave_validation_type"] = "hr"
    made = complete(call("insert-timeoff", {**part, "startDateTimes": [f"2026-12-14T{first}:00"]}))["timeOffRequestId"]
    odoo.wrote.clear()
    there = update(made, **{**part, "startDateTimes": [f"2026-12-14T{first}:00"]})
    complete(call("update-timeoff", there))
    assert odoo.wrote == []
    moved = {**there, "startDateTimes": [f"2026-12-14T{second}:00"]}
    complete(call("update-timeoff", moved))
    row = odoo.leaves[int(made)]
    assert methods(odoo) == [WRITE]
    assert row["request_hour_from"] == 8.5 if kind == "4" else row["request_date_from_period"] == "pm"
    complete(call("update-timeoff", {**moved, "timeOffStatus": "APPROVED"}))
    assert methods(odoo) == [WRITE, APPROVE]
    # Approved: Odoo moves it no more, so it is cancelled and entered anew.
    out = complete(call("update-timeoff", {**there, "timeOffStatus": "APPROVED"}))
    assert out["timeOffRequestId"] == "15" and methods(odoo) == [WRITE, APPROVE, REFUSE, CREATE, APPROVE]
    assert (odoo.leaves[14]["state"], odoo.leaves[15]["state"]) == ("refuse", "validate")


def test_what_a_pending_request_holds_counts_as_available(call, odoo):
    """Odoo has taken it off already."""
    odoo.allocations[2, 1] = (4.0, "2027-12-31")
    made = complete(call("insert-timeoff", INSERT))["timeOffRequestId"]
    days = [*DAYS, "2026-12-10"]
    complete(call("update-timeoff", update(made, dates=days, payableMinutes=[456] * 4, maxDate=days[-1])))
    days.append("2026-12-11")
    failed(call("update-timeoff", update(made, dates=days, payableMinutes=[456] * 5, maxDate=days[-1])),
           "HRIS.INSUFFICIENT_BALANCE", 200, "InsufficientBalance")
    assert odoo.leaves[14]["number_of_days"] == 4.0


def test_a_pending_request_is_approved(call, odoo):
    made = complete(call("insert-timeoff", INSERT))["timeOffRequestId"]
    odoo.wrote.clear()
    complete(call("update-timeoff", update(made, timeOffStatus="APPROVED")), timeOffRequestId=made)
    assert methods(odoo) == [APPROVE] and odoo.leaves[14]["state"] == "validate"


def test_a_pending_request_moves_and_is_approved(call, odoo):
    made = complete(call("insert-timeoff", INSERT))["timeOffRequestId"]
    odoo.wrote.clear()
    complete(call("update-timeoff", update(made, timeOffStatus="APPROVED", dates=DAYS[:2],
                                           payableMinutes=[456, 456], maxDate=DAYS[1])))
    assert methods(odoo) == [WRITE, APPROVE]
    assert (odoo.leaves[14]["state"], odoo.leaves[14]["number_of_days"]) == ("validate", 2.0)


def test_nothing_that_differs_is_nothing_to_write(call, odoo):
    for status in ("PENDING", "APPROVED"):
        made = complete(call("insert-timeoff", {**INSERT, "timeOffStatus": status}))["timeOffRequestId"]
        odoo.wrote.clear()
        # 22.799999999999997 hours are not what Odoo is asked for here, but three days.
        complete(call("update-timeoff", update(made, timeOffStatus=status)), timeOffRequestId=made)
        assert odoo.wrote == []
        odoo.leaves.clear()
        homes.forget()


def test_an_approved_request_is_replaced(call, odoo):
    """Odoo changes none: it is cancelled and entered anew, and its new id is the answer's."""
    made = complete(call("insert-timeoff", {**INSERT, "timeOffStatus": "APPROVED"}))["timeOffRequestId"]
    odoo.wrote.clear()
    out = complete(call("update-timeoff", update(made, timeOffStatus="APPROVED", dates=DAYS[:2],
                                                 payableMinutes=[456, 456], maxDate=DAYS[1])))
    assert out["timeOffRequestId"] == "15" and methods(odoo) == [REFUSE, CREATE, APPROVE]
    assert (odoo.leaves[14]["state"], odoo.leaves[15]["state"]) == ("refuse", "validate")
    # An update of the old id goes to the new one.
    out = complete(call("update-timeoff", {"agentId": "2", "inputTimeOffRequestId": made, "timeOffStatus": "CANCELED"}))
    assert out["timeOffRequestId"] == "15" and odoo.leaves[15]["state"] == "refuse"


def test_a_denied_request_is_not_brought_back(call, odoo):
    made = complete(call("insert-timeoff", INSERT))["timeOffRequestId"]
    odoo.leaves[14]["state"] = "refuse"
    odoo.wrote.clear()
    failed(call("update-timeoff", update(made, timeOffStatus="APPROVED")), "HRIS.CONFLICT")
    assert odoo.wrote == []


def test_another_database_of_the_same_server(call, odoo, served, home):
    path = home.dir + "/routes.d/odoo.yaml"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    odoo.database = "hr19"
    home.write("routes.d/odoo.yaml", text.replace("settings: {", "settings: {database: hr19, "))
    try:
        wait_until(lambda: served.call("get-balance", {
            "agentId": "2", "inputDates": DAYS[0], "inputTimeOffTypeIds": "1"})["status"] == "Complete")
    finally:
        home.write("routes.d/odoo.yaml", text)
    assert any(a[1] == "read" for a in odoo.asked)
    odoo.database = None
    wait_until(lambda: served.call("get-agents", {})["status"] == "Complete")


def test_an_answer_of_the_fake_is_odoos_own(odoo):
    """The fake refuses what Odoo refused when it was asked."""
    vals = {"employee_id": 2, "holiday_status_id": 1, "request_date_from": "2027-03-01",
            "request_date_to": "2027-03-02", "name": "WFM direct", "state": "validate"}
    with pytest.raises(Refused, match="not allowed in the current state"):
        odoo.create("hr.leave", [vals])
    del vals["state"]
    assert odoo.create("hr.leave", [vals]) == [14]
    assert odoo.action_approve("hr.leave", [14]) is True
    with pytest.raises(Refused, match="You cannot approve this leave."):
        odoo.action_approve("hr.leave", [14])
    with pytest.raises(Refused, match="not allowed in the current state"):
        odoo.write("hr.leave", [14], {"request_date_from": "2027-03-02"})
    with pytest.raises(Refused, match="no valid allocation"):
        odoo.create("hr.leave", [{**vals, "request_date_from": "2027-01-04",
                                  "request_date_to": "2027-02-26"}])
    assert odoo.read("hr.leave", [99999], ["state"]) == [] and odoo.unlink("hr.leave", []) is True


# What Odoo makes of a request by its own calendar: 7.6 hours from Monday to Friday, with lunch from 12 to 13.

CALENDAR = {
    "a weekend between": ("1", ["2026-12-11", "2026-12-12", "2026-12-13", "2026-12-14"], [], [456] * 4, 912),
    "a holiday between": ("1", ["2026-12-09", "2026-12-10", "2026-12-11"], [], [456] * 3, 912),
    "lunch": ("4", [], ["2026-12-14T10:00:00"], [240], 180),
    "past the end of the day": ("4", [], ["2026-12-14T15:00:00"], [240], 96),
    "a weekend alone": ("1", ["2026-12-12", "2026-12-13"], [], [456] * 2, 0),
}


def calendar_ask(name, **more):
    kind, dates, starts, minutes, recorded = CALENDAR[name]
    days = dates or [start[:10] for start in starts]
    return {**INSERT, "timeOffTypeId": kind, "dates": dates, "startDateTimes": starts, "payableMinutes": minutes,
            "minDate": days[0], "maxDate": days[-1], **more}, sum(minutes), recorded


@pytest.fixture
def calendar(served, odoo, request):
    odoo.holidays.add("2026-12-10")
    caller = Signer(served.home, served.front, route=request.param)
    wait_until(lambda: caller.send("get-timeoff-types", {}).status == 200)
    return caller.call


def states(odoo):
    return [row["state"] for row in odoo.leaves.values()]


@pytest.mark.parametrize("calendar", ["odoo-keep"], indirect=True)
@pytest.mark.parametrize("name", list(CALENDAR)[:-1])
def test_fewer_minutes_stand_and_are_told(calendar, odoo, name):
    ask, asked, recorded = calendar_ask(name)
    for _ in range(2):
        out = failed(calendar("insert-timeoff", ask), "HRIS.DIFFERENT")
        assert f"{asked} minutes were asked and the HRIS holds {recorded} minutes" in out["errorMsg"], out
        assert out["timeOffRequestId"] == "14" and states(odoo) == ["confirm"]
    # Nor is what differs approved.
    update_ask = {**ask, "inputTimeOffRequestId": "14", "timeOffStatus": "APPROVED"}
    failed(calendar("update-timeoff", update_ask), "HRIS.DIFFERENT")
    assert states(odoo) == ["confirm"] and methods(odoo) == [CREATE]


@pytest.mark.parametrize("calendar", ["odoo-accept"], indirect=True)
@pytest.mark.parametrize("name", list(CALENDAR)[:-1])
def test_fewer_minutes_that_are_accepted_are_told_and_approved_later(calendar, odoo, served, name):
    ask, _, recorded = calendar_ask(name)
    out = complete(calendar("insert-timeoff", ask), timeOffRequestId="14", recordedMinutes=str(recorded))
    line = [json.loads(x) for x in served.home.log().splitlines() if out["requestId"] in x][-1]
    assert (line["level"], line["recorded_minutes"]) == ("warning", recorded)
    approve = {**ask, "inputTimeOffRequestId": "14", "timeOffStatus": "APPROVED"}
    for replayed in (False, True):
        complete(calendar("update-timeoff", approve), recordedMinutes=str(recorded), replayed=replayed)
    assert states(odoo) == ["validate"] and methods(odoo) == [CREATE, APPROVE]


@pytest.mark.parametrize("calendar", ["odoo-take-back"], indirect=True)
@pytest.mark.parametrize("name", CALENDAR)
def test_fewer_minutes_are_taken_back_where_the_route_says_so(calendar, odoo, name):
    ask, _, recorded = calendar_ask(name)
    for _ in range(2):
        out = failed(calendar("insert-timeoff", ask), "HRIS.DIFFERENT")
        assert f"holds {recorded} minutes" in out["errorMsg"] and out["errorMsg"].endswith("nothing stands")
        assert states(odoo) == ["refuse"] and out["timeOffRequestId"] == ""


@pytest.mark.parametrize("calendar", FEWER, indirect=True)
@pytest.mark.parametrize("status", ["PENDING", "APPROVED"])
def test_what_holds_no_minutes_does_not_block_the_day(calendar, odoo, status):
    """Odoo records it with no hours, and approves none of them."""
    ask, _, _ = calendar_ask("a weekend alone", timeOffStatus=status)
    out = failed(calendar("insert-timeoff", ask), "HRIS.DIFFERENT")
    assert "holds 0 minutes" in out["errorMsg"] and states(odoo) == ["refuse"]


def test_two_that_come_together_are_one(call, odoo):
    """Odoo would record both: it looks for overlaps, and locks nothing."""
    both = threading.Barrier(2)

    def gap():
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.5)
    odoo.gap = gap
    vals = {"employee_id": 3, "holiday_status_id": 4, "request_date_from": "2026-12-07", "request_date_to": "2026-12-07"}
    side_by_side(lambda i: odoo.create("hr.leave", [vals]), 2)
    assert len(odoo.leaves) == 2
    odoo.leaves.clear()
    out = side_by_side(lambda i: call("insert-timeoff", INSERT), 2)
    assert len(odoo.leaves) == 1 and {o["status"] for o in out} == {"Complete"}
    assert {o["timeOffRequestId"] for o in out} == {str(i) for i in odoo.leaves}
    assert methods(odoo) == [CREATE]


@pytest.mark.parametrize("status", ["CANCELED", "DENIED"])
def test_parts_that_somebody_has_ended_do_not_keep_the_others(call, odoo, status):
    days = ["2026-12-07", "2026-12-08", "2026-12-10"]
    complete(call("insert-timeoff", {**INSERT, "dates": days, "maxDate": days[-1]}), timeOffRequestId="14,15")
    odoo.leaves[14]["state"] = "refuse"
    complete(call("update-timeoff", {"agentId": "2", "timeOffStatus": status, "inputTimeOffRequestId": "14,15"}))
    assert states(odoo) == ["refuse", "refuse"] and odoo.wrote[-1][2]["ids"] == [15]


SHORT = {**INSERT, "dates": ["2026-12-10", "2026-12-11"], "payableMinutes": [456, 330], "minDate": "2026-12-10",
         "maxDate": "2026-12-11", "timeOffStatus": "APPROVED"}


def test_days_of_unequal_length_are_whole_days_where_odoo_counts_them_so(call, odoo):
    odoo.friday = 5.5
    complete(call("insert-timeoff", SHORT), timeOffRequestId="14", recordedMinutes="")
    assert [(r["request_date_from"], r["request_date_to"], r["number_of_hours"]) for r in odoo.leaves.values()] == [
        ("2026-12-10", "2026-12-11", pytest.approx(13.1))]
    # Nothing differs, so nothing is written.
    complete(call("update-timeoff", {**SHORT, "inputTimeOffRequestId": "14"}))
    assert methods(odoo) == [CREATE, APPROVE]


def test_a_short_day_that_odoo_counts_as_a_long_one_is_taken_back(call, odoo):
    out = failed(call("insert-timeoff", SHORT), "HRIS.DIFFERENT")
    assert "786 minutes were asked" in out["errorMsg"] and out["errorMsg"].endswith("nothing stands")
    assert states(odoo) == ["refuse"]


def test_less_than_half_a_day_is_no_short_day(call, odoo):
    ask = {**SHORT, "payableMinutes": [456, 100]}
    assert "nothing was written" in failed(call("insert-timeoff", ask), "INPUT.AMOUNT")["errorMsg"]
    assert odoo.wrote == []
