"""Genesys' own WFM HRIS blueprint: its four data actions for BambooHR, run from their files with only the
host changed, against a route named like the company.
"""
import json
import os
import re

import pytest

import face_home
import face_schema

FILES = {name: f"Bamboo-{name}.custom.json"
         for name in ("Get-Agents", "Get-Balance", "Get-TimeOff-Types", "Put-TimeOff-Request")}
HOST = "https://api.bamboohr.com/"


@pytest.fixture(scope="module")
def actions():
    folder = face_schema.folder("blueprint", *FILES.values())
    out = {}
    for name, file in FILES.items():
        with open(os.path.join(folder, file), encoding="utf-8") as f:
            out[name] = json.load(f)
    return out


@pytest.fixture(scope="module")
def face(hris_server):
    out = face_home.FaceHome(hris_server)
    yield out
    out.stop()


def filled(template, values):
    """${a.b}, as the template engine of data actions fills it in; what is not given is empty."""
    def value(match):
        found = values
        for part in match.group(1).split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return found if isinstance(found, str) else json.dumps(found)
    return re.sub(r"\$\{([A-Za-z.]+)\}", value, template)


def play(face, action, given):
    """What a flow gets from the data action."""
    request, response = action["config"]["request"], action["config"]["response"]
    contract = action["contract"]
    assert face_schema.faults(given, contract["input"]["inputSchema"]) == []
    given = {"input": {**given, "rawRequest": given}}
    url = filled(request["requestUrlTemplate"], given)
    assert url.startswith(HOST)
    body = filled(request["requestTemplate"], given).encode()
    headers = {**face.headers(), **request["headers"]}
    answer = face.front().request(request["requestType"], url[len(HOST) - 1:],
                                  None if request["requestType"] == "GET" else body, headers)
    assert answer.status // 100 == 2, (answer, answer.headers)
    assert response["translationMap"] == {}
    out = json.loads(filled(response["successTemplate"], {"rawResult": answer.body.decode()}))
    assert face_schema.faults(out, contract["output"]["successSchema"]) == []
    return out


def test_agents(face, actions):
    employees = play(face, actions["Get-Agents"], {})["employees"]
    assert {(e["id"], e["workEmail"]) for e in employees} == {
        ("4", "cabbott@example.com"), ("12", "émile@example.com")}


def test_types(face, actions):
    out = play(face, actions["Get-TimeOff-Types"], {})
    assert [(t["id"], t["name"]) for t in out["timeOffTypes"]] == [
        ("78", "Vacation"), ("79", "Personal"), ("80", "Unpaid")]
    assert {"name": "default", "amount": "8"} in out["defaultHours"]


def balance(face, actions, end):
    values = play(face, actions["Get-Balance"], {"employeeId": "4", "end": end})["values"]
    assert {v["end"] for v in values} == {end}
    return {v["timeOffType"]: (v["balance"], v["units"]) for v in values}


def test_balance(face, actions):
    assert balance(face, actions, "2027-02-28") == {
        "78": ("160.00", "hours"), "79": ("3.00", "days"), "80": ("0.00", "hours")}


def test_a_request_is_put_changed_and_taken_back(face, actions):
    put = actions["Put-TimeOff-Request"]

    def send(**payload):
        return play(face, put, {"employeeId": "4", "payload": json.dumps(payload)})["id"]

    days = {"start": "2027-02-01", "end": "2027-02-02", "timeOffTypeId": "78"}
    first = send(status="approved", **days, amount="12", notes=[{"from": "employee", "note": "Genesys WFM"}],
                 dates=[{"ymd": "2027-02-01", "amount": "8"}, {"ymd": "2027-02-02", "amount": "4"}])
    assert balance(face, actions, "2027-02-01")["78"][0] == "152.00"
    assert balance(face, actions, "2027-02-28")["78"][0] == "148.00"
    second = send(status="approved", **days, amount="6", previousRequest=first)
    assert balance(face, actions, "2027-02-28")["78"][0] == "154.00"
    send(status="denied", **days, amount="6", previousRequest=second)
    assert balance(face, actions, "2027-02-28")["78"][0] == "160.00"
    pending = send(status="requested", **days, amount="16")
    assert balance(face, actions, "2027-02-28")["78"][0] == "160.00"
    send(status="denied", **days, amount="16", previousRequest=pending)
