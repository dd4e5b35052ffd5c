"""The BambooHR face over the local HRIS, through the front doors: its calls, its failures, its answers against
BambooHR's own description, and the five actions of a route that takes it for its HRIS.
"""
import json
import os

import pytest
import yaml

import face_home
import face_schema
import fronts

YEAR = "start=2027-01-01&end=2027-12-31"


@pytest.fixture(scope="module")
def face(hris_server):
    out = face_home.FaceHome(hris_server)
    yield out
    out.stop()


def request(days, kind=78, status="requested", **more):
    return {"status": status, "start": min(days), "end": max(days), "timeOffTypeId": kind,
            "dates": [{"ymd": day, "amount": amount} for day, amount in days.items()], **more}


@pytest.mark.parametrize("kind", fronts.FRONTS)
def test_lists_through_every_front(face, kind):
    assert face.get("/employees/directory", kind)["employees"] == [
        {"id": "12", "workEmail": "émile@example.com"}, {"id": "4", "workEmail": "cabbott@example.com"}]
    types = face.get("/meta/time_off/types?mode=request", kind)
    assert [(t["id"], t["name"], t["units"]) for t in types["timeOffTypes"]] == [
        ("78", "Vacation", "hours"), ("79", "Personal", "days"), ("80", "Unpaid", "hours")]
    assert types["defaultHours"] == [{"name": "default", "amount": "8"}]
    balances = face.get("/employees/12/time_off/calculator?end=2027-06-30&precision=4", kind)
    assert [(b["timeOffType"], b["balance"], b["policyType"]) for b in balances] == [
        ("78", "160.0000", "accruing"), ("79", "3.0000", "accruing"), ("80", "0.0000", "discretionary")]
    made = face.put("/employees/12/time_off/request", request({"2028-01-03": 1}), kind)
    listed = face.get("/time_off/requests?employeeId=12&start=2028-01-03&end=2028-01-03", kind)
    assert made["id"] in [row["id"] for row in listed]
    done = face.ask("PUT", f"/time_off/requests/{made['id']}/status", {"status": "canceled"}, kind)
    assert (done.status, done.body) == (200, b""), done


def test_a_request_from_asked_to_taken_back(face):
    before = face.balances(4, "2027-03-31")
    note = "[hrisgw 0123456789abcdef] spring \u2600 \"break\""
    answer = face.ask("PUT", "/employees/4/time_off/request", request(
        {"2027-03-02": "7.5833", "2027-03-01": 8}, notes=[{"from": "employee", "note": note}]))
    assert answer.status == 201, answer
    made = json.loads(answer.body)
    assert answer.headers["location"] == (
        f"{face.front().origin}/api/gateway.php/genesystest/v1/employees/4/time_off/request/{made['id']}")
    assert made["status"] == {"status": "requested"} and made["employeeId"] == "4"
    assert made["amount"] == {"unit": "hours", "amount": "15.5833"}
    assert made["dates"] == {"2027-03-01": "8", "2027-03-02": "7.5833"}
    # As in BambooHR, what is only asked for is not in the balance.
    assert face.balances(4, "2027-03-31") == before

    rows = face.get(f"/time_off/requests?employeeId=4&{YEAR}&status=requested")
    row = [r for r in rows if r["id"] == made["id"]][0]
    assert row["notes"] == {"employee": note} and row["type"] == {"id": "78", "name": "Vacation"}
    assert (row["start"], row["end"]) == ("2027-03-01", "2027-03-02")

    done = face.ask("PUT", f"/time_off/requests/{made['id']}/status", {"status": "approved"})
    assert (done.status, done.body) == (200, b""), (done, done.headers)
    assert done.headers["content-type"].startswith("text/html")
    assert face.balances(4, "2027-03-31", "&precision=2")["78"] == "144.42"

    changed = face.put("/employees/4/time_off/request", request(
        {"2027-03-01": 4}, status="approved", previousRequest=int(made["id"])))
    assert face.balances(4, "2027-03-31")["78"] == "156.00"
    back = face.put("/employees/4/time_off/request",
                    {"status": "denied", "previousRequest": changed["id"]})
    assert back["status"] == {"status": "canceled"}
    assert face.balances(4, "2027-03-31") == before


def test_days_and_amounts_without_dates(face):
    made = face.put("/employees/4/time_off/request", {
        "status": "approved", "start": "2027-05-03", "end": "2027-05-05", "timeOffTypeId": "79",
        "amount": "2.5"})
    assert made["dates"] == {"2027-05-03": "2.5", "2027-05-04": "0", "2027-05-05": "0"}
    assert made["amount"] == {"unit": "days", "amount": "2.5"}
    assert face.balances(4, "2027-05-31", "&precision=1")["79"] == "0.5"


def test_more_than_there_is_is_written(face):
    """A client that speaks BambooHR has looked at the balance; BambooHR does not."""
    days = {f"2027-07-{day:02}": 24 for day in range(1, 9)}
    made = face.put("/employees/4/time_off/request", request(days, status="approved"))
    assert face.balances(4, "2027-07-31", "&precision=0")["78"] == "-32"
    face.put("/employees/4/time_off/request", {"status": "denied", "previousRequest": made["id"]})


@pytest.mark.parametrize("method, path, body, status, says", [
    ("GET", "/nothing", None, 404, "no such resource"),
    ("GET", "/employees/99/time_off/calculator?end=2027-01-01", None, 404, "employee"),
    ("GET", "/employees/%2e%2e/time_off/calculator?end=2027-01-01", None, 404, "id"),
    ("GET", "/employees/4%2f5/time_off/calculator?end=2027-01-01", None, 404, ""),
    ("GET", "/employees/4/time_off/calculator?end=2027-02-30", None, 400, "end is no date"),
    ("GET", f"/time_off/requests?{YEAR}", None, 400, "employeeId or id"),
    ("GET", "/time_off/requests?employeeId=4", None, 400, "start is required"),
    ("POST", "/employees/directory", b"", 405, "method"),
    ("PUT", "/employees/4/time_off/request", b"<request/>", 400, "JSON"),
    ("PUT", "/employees/4/time_off/request", request({"2027-03-01": 8}, kind=1), 400, "type"),
    ("PUT", "/employees/4/time_off/request", request({"2027-03-01": 7.51}), 400, "whole minutes"),
    ("PUT", "/employees/99/time_off/request", request({"2027-03-01": 8}), 404, "employee"),
    ("PUT", "/employees/13/time_off/request", request({"2027-03-01": 8}), 422, "active"),
    ("PUT", "/employees/4/time_off/request", request({"2027-03-01": 8}, previousRequest=999), 404, "999"),
    ("PUT", "/time_off/requests/999/status", {"status": "approved"}, 404, "request"),
    ("PUT", "/time_off/requests/999/status", {"status": "canceled"}, 404, "999"),
    ("PUT", "/time_off/requests/999/status", {"status": "requested"}, 400, "status is"),
])
def test_refused(face, method, path, body, status, says):
    answer = face.ask(method, path, body)
    assert (answer.status, answer.body) == (status, b""), answer
    assert says in answer.headers["x-bamboohr-error-message"], answer.headers


def test_nobody_unknown_passes(face):
    refused = [face.ask("GET", "/employees/directory", route=route, key=key)
               for route in ("genesystest", "faceless", "no-such-company", "acme")
               for key in ("", "wrong", face.key + "x")]
    refused.append(face.ask("GET", "/employees/directory", route="faceless"))
    refused.append(face.ask("GET", "/no/such/call", key="wrong"))
    assert {(r.status, r.headers["content-type"]) for r in refused} == {(401, "application/json")}
    assert len({len(r.body) for r in refused}) == 1


def described():
    folder = face_schema.folder("openapi", "bamboohr.yaml")
    with open(os.path.join(folder, "bamboohr.yaml"), encoding="utf-8") as file:
        return yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def as_on_the_wire(value, kind):
    """The description says integers and numbers; the wire has texts of them (as recorded in May 2026)."""
    if kind in ("integer", "number") and isinstance(value, str):
        return value.lstrip("-").replace(".", "", 1).isdigit()
    return face_schema.is_kind(value, kind)


def test_answers_are_as_bamboohr_describes_them(face):
    spec = described()

    def check(path, answer, left_out=()):
        schema = spec["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        found = face_schema.faults(answer, schema, spec, kinds=as_on_the_wire)
        assert [f for f in found if not f.endswith(left_out)] == [], found

    face.put("/employees/4/time_off/request", request({"2027-09-01": 8, "2027-09-02": 1},
                                                      notes=[{"from": "employee", "note": "x"}]))
    check("/api/v1/employees/directory", face.get("/employees/directory"))
    # color and icon have no source, so they are left out.
    check("/api/v1/meta/time_off/types", face.get("/meta/time_off/types"),
          (".color is missing", ".icon is missing"))
    check("/api/v1/employees/{employeeId}/time_off/calculator",
          face.get("/employees/4/time_off/calculator?end=2027-09-30"))
    rows = face.get(f"/time_off/requests?employeeId=4&{YEAR}")
    assert rows
    check("/api/v1/time_off/requests", rows)


def test_null_is_nowhere(face):
    for path in ("/employees/directory", "/meta/time_off/types",
                 "/employees/4/time_off/calculator?end=2027-09-30",
                 f"/time_off/requests?employeeId=4&{YEAR}"):
        assert b"null" not in face.ask("GET", path).body


def test_the_actions_over_the_face(face):
    agents = face.call("get-agents", {})
    assert sorted(agents["externalIds"]) == ["12", "4"]
    assert face.call("get-timeoff-types", {})["ids"] == ["78", "79", "80"]
    ask = {"agentId": "12", "inputDates": ["2027-10-31"], "inputTimeOffTypeIds": ["78", "79", "80"]}
    assert face.call("get-balance", ask)["balanceMinutesPerDay"] == ["9600", "1440", "525600"]
    insert = {"agentId": "12", "timeOffTypeId": "78", "timeOffStatus": "PENDING", "notes": "Ruhe, bitte: ☀",
              "dates": ["2027-10-04", "2027-10-05"], "payableMinutes": "455,31"}
    made = face.call("insert-timeoff", insert)
    assert made["status"] == "Complete", made
    assert face.call("get-balance", ask)["balanceMinutesPerDay"][0] == "9600"
    update = {**insert, "inputTimeOffRequestId": made["timeOffRequestId"], "timeOffStatus": "APPROVED"}
    assert face.call("update-timeoff", update)["status"] == "Complete"
    assert face.call("get-balance", ask)["balanceMinutesPerDay"][0] == str(9600 - 486)
    changed = face.call("update-timeoff", {**update, "payableMinutes": "60,0"})
    assert changed["status"] == "Complete", changed
    assert face.call("get-balance", ask)["balanceMinutesPerDay"][0] == str(9600 - 60)
    notes = [row["notes"]["employee"] for row in face.get(f"/time_off/requests?employeeId=12&{YEAR}")
             if row["id"] == changed["timeOffRequestId"]]
    assert notes and notes[0].startswith("[hrisgw ") and notes[0].endswith("] Ruhe, bitte: ☀")
    ended = face.call("update-timeoff", {
        "agentId": "12", "inputTimeOffRequestId": changed["timeOffRequestId"], "timeOffStatus": "CANCELED"})
    assert ended["status"] == "Complete", ended
    assert face.call("get-balance", ask)["balanceMinutesPerDay"][0] == "9600"
    much = face.call("insert-timeoff", {**insert, "dates": [f"2027-11-{d:02}" for d in range(1, 9)],
                                        "payableMinutes": ",".join(["1440"] * 8)})
    assert (much["statusCode"], much["status"]) == (200, "InsufficientBalance"), much


@pytest.mark.parametrize("status", ["CANCELED", "DENIED", "PENDING", "APPROVED"])
def test_another_agents_request_is_not_changed(face, status):
    """BambooHR goes by the request's id alone."""
    made = face.call("insert-timeoff", {
        "agentId": "12", "timeOffTypeId": "80", "timeOffStatus": "PENDING", "dates": ["2027-12-13"],
        "payableMinutes": "60"})
    asked = "/time_off/requests?id=" + made["timeOffRequestId"] + "&start=1900-01-01&end=2100-12-31"
    before = face.get(asked)
    assert [row["employeeId"] for row in before] == ["12"]
    out = face.call("update-timeoff", {
        "agentId": "4", "inputTimeOffRequestId": made["timeOffRequestId"], "timeOffStatus": status,
        "timeOffTypeId": "80", "dates": ["2027-12-14"], "payableMinutes": "30"})
    assert (out["errorCode"], out["timeOffRequestId"]) == ("HRIS.NOT_FOUND", made["timeOffRequestId"]), out
    assert "nothing was written" in out["errorMsg"]
    assert face.get(asked) == before
    assert face.get(asked + "&employeeId=12") == before and face.get(asked + "&employeeId=4") == []
    mine = face.call("update-timeoff", {
        "agentId": "12", "inputTimeOffRequestId": made["timeOffRequestId"], "timeOffStatus": "CANCELED"})
    assert mine["status"] == "Complete", mine


def test_days_that_change_places_are_a_change(face):
    """First day, last day and total agree; the days do not."""
    days = ["2027-12-20", "2027-12-21", "2027-12-22"]
    insert = {"agentId": "12", "timeOffTypeId": "80", "timeOffStatus": "PENDING", "dates": days,
              "payableMinutes": "480,240,0"}
    made = face.call("insert-timeoff", insert)["timeOffRequestId"]
    for status, minutes, amounts in (("PENDING", "240,480,0", ["4", "8", "0"]),
                                     ("APPROVED", "0,480,240", ["0", "8", "4"]),
                                     ("APPROVED", "480,0,240", ["8", "0", "4"])):
        out = face.call("update-timeoff", {**insert, "inputTimeOffRequestId": made, "timeOffStatus": status,
                                           "payableMinutes": minutes})
        assert out["status"] == "Complete", out
        made = out["timeOffRequestId"]
        row = face.get(f"/time_off/requests?id={made}&start=1900-01-01&end=2100-12-31")[0]
        assert row["dates"] == dict(zip(days, amounts))
        assert row["status"]["status"] == {"PENDING": "requested", "APPROVED": "approved"}[status]


def test_notes_of_full_length_pass_both_gateways(face):
    note = "ß" * 4000
    made = face.call("insert-timeoff", {
        "agentId": "12", "timeOffTypeId": "80", "timeOffStatus": "APPROVED", "notes": note,
        "dates": ["2027-12-06"], "payableMinutes": "60"})
    assert made["status"] == "Complete", made
    rows = face.get("/time_off/requests?id=" + made["timeOffRequestId"] + "&start=1900-01-01&end=2100-12-31")
    assert rows[0]["notes"]["employee"].endswith("] " + note)
