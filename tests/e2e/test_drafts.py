"""Adapters of twelve vendors that were written from their pages, with test files, as a test of the language: each
loads with its own auth, and its cases pass. They are foreign files, beside CORPORA or in DRAFTS. What is wrong in
one of them is mended here, on a copy, and says why; what was wrong in the language was mended there.
"""
import json
import os
import subprocess

import pytest

import home as homes
from face_schema import folder

# NAME: settings that its test file lacks, as it was written with a bearer token in the place of the auth; and its
# token, where that is not "tk".
SETTINGS = {
    "adp-wfn": "client_id: c, certificate: c, key: k",
    "dayforce": "username: u",
    "gusto": "client_id: c, client_secret: s",
    "personio": "client_id: c",
    "successfactors": "company: c, client_id: c, user: u",
    "ukg-pro-wfm": "organization: o, client_id: c",
    "workday": "client_id: c, client_secret: s",
    "zoho-people": "client_id: c, client_secret: s",
}
NOW = "the balance is today's, whatever date is asked, and the draft does not say so"

OLD = "its test file was written for a draft before this one"

# NAME: (which of its files, why it was wrong there, from, to)
MENDED = {
    "adp-wfn": [
        ("yaml", NOW, "balance: {type_id: .paidTime", "balance: {as_of: now, type_id: .paidTime"),
        ("test.yaml", NOW, "amount: '40'}", "amount: '40', as_of: now}"),
    ],
    "dayforce": [
        ("test.yaml", OLD + ": it lost the second page of a list whose items are asked for each",
         "      - request: GET /Employees/42199/Contacts\n",
         "      - request: GET /Employees\n        query: {page: '2'}\n        answer: {json: {Data: []}}\n"
         "      - request: GET /Employees/42199/Contacts\n"),
        ("test.yaml", OLD + ": types come from settings, and nobody is asked",
         "    calls:\n      - request: GET /ClientMetadata\n        answer: {json: {}}\n", ""),
    ],
    "gusto": [
        ("yaml", NOW, "balance: {type_id: .policy_uuid", "balance: {as_of: now, type_id: .policy_uuid"),
        ("test.yaml", NOW, "amount: '32.0', unit: hours}", "amount: '32.0', unit: hours, as_of: now}"),
    ],
    "hibob": [
        ("test.yaml", OLD + ": it reads each request that the list of absences names",
         "startDate: 2026-10-20, endDate: 2026-10-20}]}}\n    out: {found: [{id: '5', agent_id: '33', ",
         "startDate: 2026-10-20, endDate: 2026-10-20}]}}\n"
         "      - request: GET /timeoff/employees/33/requests/5\n"
         "        answer: {json: {requestId: 5, policyTypeDisplayName: Holiday, status: pending,"
         " startDate: 2026-10-20, endDate: 2026-10-20}}\n    out: {found: [{id: '5', "),
    ],
    "oracle": [
        ("test.yaml", OLD + ": a type's name in a finder would break it by a comma, and pick finds the type",
         "findByWord;PersonId=300,SearchTerms=Vacation", "findByWord;PersonId=300"),
    ],
    "personio": [
        ("yaml", NOW, "balance: {plan: .name", "balance: {as_of: now, plan: .name"),
        ("test.yaml", NOW, "amount: '14'}", "amount: '14', as_of: now}"),
        ("test.yaml", "two kinds of auth have a token each", "token: tk\n", "token: {v2: s3, v1: v1-s3}\n"),
    ],
    "workday": [
        ("yaml", "two writes that must not be repeated: days that were added would be lost between them, or twice; a "
         "change that adds days is a cancel and an insert",
         "    - need: {in.entries: ", "    - {when: {in.added: present}, replace: true}\n    - need: {in.entries: "),
        ("yaml", "the second of them", """    - when: {in.added: present}
      request: POST /workers/${in.agent_id}/requestTimeOff
      writes: once
      body:
        businessProcessParameters: *process
        days: {for: {day: in.added}, item: {date: '${day.date}', dailyQuantity: '${day.minutes | as in.type.unit}', \
timeOffType: {id: '${in.type_id}'}, comment: '${in.marker}'}}
""", ""),
        ("test.yaml", OLD + ": rows without an id are of the request that their marker names",
         "{found: [{id: E1, ", "{found: [{id: M1, "),
        ("test.yaml", "the same", "{id: E2, type_id", "{id: M1, type_id"),
    ],
    "zoho-people": [
        ("yaml", "a server may give fewer than asked: the list ends by the error that says so",
         "size: {limit: 200}, until: short}\n      each: {row",
         "size: {limit: 200}, until: {$.response.errors.code: '7024'}}\n      each: {row"),
        ("test.yaml", OLD + ": a query takes a tree now, as JSON text",
         "        body: {Employee_ID: '315002', Leavetype: '972601000000306562', From: 07-Jan-2021, To: 07-Jan-2021, "
         "days: {07-Jan-2021: {LeaveCount: 0.5, Session: 2}}}\n",
         """        query: {inputData: '{"Employee_ID":"315002","Leavetype":"972601000000306562","From":"07-Jan-2021",\
"To":"07-Jan-2021","days":{"07-Jan-2021":{"LeaveCount":0.5,"Session":2}}}'}\n"""),
        ("test.yaml", "the same",
         "        body: {Employee_ID: '315002', Leavetype: '972601000000306563', From: 07-Jan-2021, To: 07-Jan-2021, "
         "days: {07-Jan-2021: {LeaveCount: '1:00', StartTime: '17:00', EndTime: '18:00'}}}\n",
         """        query: {inputData: '{"Employee_ID":"315002","Leavetype":"972601000000306563","From":"07-Jan-2021",\
"To":"07-Jan-2021","days":{"07-Jan-2021":{"LeaveCount":"1:00","StartTime":"17:00","EndTime":"18:00"}}}'}\n"""),
    ],
}


def mended(path, name, where):
    """Copies a draft and its test file, mended; returns the copy of the draft."""
    for ending in ("yaml", "test.yaml"):
        file = os.path.join(where, f"{name}.{ending}")
        if not os.path.exists(file):
            continue
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
        if ending == "test.yaml" and name in SETTINGS:
            assert text.startswith("settings: {")
            text = "token: tk\n" + text.replace("settings: {", f"settings: {{{SETTINGS[name]}, ", 1)
        for kind, why, was, now in MENDED.get(name, []):
            assert kind != ending or was in text, (name, why)
            text = text.replace(was, now) if kind == ending else text
        (path / f"{name}.{ending}").write_text(text)
    return str(path / f"{name}.yaml")


NAMES = ("adp-wfn", "dayforce", "factorial", "gusto", "hibob", "odoo-17", "oracle", "personio", "successfactors",
         "ukg-pro-wfm", "workday", "zoho-people")


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_loads_with_its_own_auth_and_its_cases_pass(name, tmp_path):
    file = mended(tmp_path, name, folder("drafts", f"{name}.yaml"))
    done = subprocess.run([homes.BINARY, "adapter", "check", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    if not os.path.exists(file.replace(".yaml", ".test.yaml")):
        return
    done = subprocess.run([homes.BINARY, "adapter", "test", "--json", file], capture_output=True, text=True,
                          check=False)
    played = json.loads(done.stdout)[0]
    assert played["faults"] == []
    assert len(played["cases"]) >= 5
    assert {case["name"]: case["differences"] for case in played["cases"] if not case["passed"]} == {}
