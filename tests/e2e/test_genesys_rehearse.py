"""`hrisgw genesys rehearse`: exported files played as Genesys Cloud plays them, against the scripted HRIS: what
holds, what an HRIS may do to it, and that broken files are found out."""
import base64
import json
import os
import subprocess
import urllib.parse

import pytest

import face_home
import face_schema
import genesys_kit
import mock_hris
from genesys_kit import Played, export

WRITE = ("--agent", "7", "--type", "78", "--dates", "2027-03-01,2027-03-02")


@pytest.fixture
def rehearse(own_home, hris):
    # A busy machine must not leave a write too little time for its looks.
    own_home.configure(20)
    export(own_home)

    def go(*more, operands=None):
        return genesys_kit.rehearse(own_home, *more, operands=operands)
    go.home, go.hris = own_home, hris
    return go


def edit(home, name, before, after, count=1):
    """Changes an exported file as an administrator might."""
    path = os.path.join(home.out, name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert before in text, name
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(before, after, count))


def test_what_was_played_as_json(rehearse):
    rehearse.hris.on("GET", "/meta/time_off/types", mock_hris.html())
    out = rehearse("--json")
    agents, types = json.loads(out.text)
    assert agents["outputs"]["emails"] == ["ann@example.com", "bob@example.com"] and agents["breaches"] == []
    assert (types["outputs"]["statusCode"], types["outputs"]["status"]) == (500, "Error")
    assert out.code == 1 and "Get-TimeOff-Types" in types["workflow"] and types["inputs"] == {}


def test_the_reading_workflows_hold_and_nothing_is_written(rehearse):
    out = rehearse()
    assert (out.code, out.played, out.breaches, out.errors) == (0, 3, [], 0), out.text
    assert out.one("Get-Agents", "emails") == "2: ann@example.com, bob@example.com"
    assert out.one("Get-TimeOff-Types", "ids") == "2: 78, 79"
    assert out.one("Get-Balance", "balanceMinutesPerDay") == "4: 2400, 2400, 2400, 2400"
    assert "were not played" in out.text and not rehearse.hris.writes


@pytest.mark.parametrize("form", ["token", "basic", "rfc9421"])
def test_each_form_is_let_in(rehearse, form):
    export(rehearse.home, "--form", form)
    out = rehearse()
    assert (out.code, out.breaches) == (0, []), out.text


def test_what_is_written_is_cancelled_twice(rehearse):
    rehearse.hris.holds()
    note = 'a "quoted" \\ back\nslash, a tab\t and \U0001F389 ${input.agentId}'
    out = rehearse(*WRITE, "--notes", note)
    assert (out.code, out.breaches) == (0, []), out.text
    assert out.text.index("-- agent 7, type 78") < out.text.index("HRIS-Insert-TimeOff-acme")
    assert out.one("Insert", "timeOffRequestId") == "1348" and len(out.of("Update")) == 2
    sent = [a for a in rehearse.hris.writes if a.path == "/employees/7/time_off/request"][0].json
    assert note in sent["notes"][0]["note"]
    assert [d["amount"] for d in sent["dates"]] == [8, 8]
    assert {a.json["status"] for a in rehearse.hris.calls("PUT", r"/time_off/requests/1348/status")} == {"canceled"}


def test_parts_of_days(rehearse):
    rehearse.hris.holds()
    out = rehearse("--agent", "7", "--type", "78", "--starts", "2027-03-01T09:00:00,2027-03-02T13:00:00",
                   "--minutes", "120,240")
    assert not out.breaches, out.text
    sent = [a for a in rehearse.hris.writes if a.path == "/employees/7/time_off/request"][0].json
    assert [(d["ymd"], d["amount"]) for d in sent["dates"]] == [("2027-03-01", 2), ("2027-03-02", 4)]


def test_pending_asks_for_the_balance_and_is_approved_later(rehearse):
    rehearse.hris.holds()
    out = rehearse(*WRITE, "--status", "PENDING")
    assert (out.code, out.breaches, len(out.of("Update"))) == (0, [], 3), out.text
    out = rehearse(*WRITE, "--status", "PENDING", "--minutes", "1440")
    assert (out.one("Insert", "statusCode"), out.one("Insert", "status")) == ("200", "InsufficientBalance"), out.text
    assert not out.breaches and "no request was made" in out.text


def test_an_unknown_type_and_a_stale_id_are_errors_that_hold(rehearse):
    out = rehearse("--agent", "7", "--type", "4711", "--dates", "2027-03-01")
    assert not out.breaches and out.code == 1, out.text
    assert "4711" in out.one("Insert", "errorMsg") and out.one("Insert", "statusCode") == "500"
    out = rehearse(*WRITE, "--request", "999")
    assert not out.breaches and out.played == 1, out.text
    assert out.one("Update", "timeOffRequestId") == "999"


def test_an_agent_without_e_mail_is_left_out(rehearse):
    rehearse.hris.bamboo(employees=[{"id": str(i), "workEmail": None if i == 3 else f"a{i}@example.com"}
                                    for i in range(20)])
    out = rehearse()
    assert not out.breaches and out.one("Get-Agents", "emails").startswith("19:"), out.text


@pytest.mark.parametrize("n, ends", [(49999, "Complete"), (50001, "Error")])
def test_as_many_agents_as_wfm_takes(rehearse, n, ends):
    rehearse.hris.bamboo(employees=[{"id": str(i), "workEmail": f"a{i}@example.com"} for i in range(n)])
    out = rehearse()
    assert not out.breaches and out.one("Get-Agents", "status") == ends, out.text[:3000]
    if ends == "Complete":
        assert out.one("Get-Agents", "emails24").startswith("1999:")


@pytest.mark.parametrize("how", [mock_hris.close, mock_hris.html])
def test_an_hris_that_fails_is_an_error_that_holds(rehearse, how):
    rehearse.hris.on("*", ".*", how())
    out = rehearse(*WRITE)
    assert not out.breaches and out.errors == out.played > 0 and out.code == 1, out.text


def test_an_hris_that_never_answers_is_a_time_out(rehearse):
    rehearse.home.configure(1)
    rehearse.hris.on("*", "/meta/.*", mock_hris.silent())
    out = rehearse()
    assert not out.breaches, out.text
    assert (out.one("Types", "statusCode"), out.one("Types", "status")) == ("408", "Error")


def test_an_unknown_outcome_keeps_what_is_known(rehearse):
    rehearse.hris.on("PUT", r"/employees/7/time_off/request", mock_hris.close())
    out = rehearse(*WRITE)
    assert not out.breaches and out.one("Insert", "status") == "Error", out.text
    assert "hrisgw" in out.one("Insert", "errorMsg")


def test_an_answer_past_the_action_s_time_out_takes_the_third_path(rehearse):
    edit(rehearse.home, "actions/hris-acme-get-agents-v1.custom.json", '"timeoutSeconds": 25', '"timeoutSeconds": 1')
    rehearse.home.configure(2)
    rehearse.hris.on("GET", "/employees/directory", mock_hris.silent())
    out = rehearse()
    assert (out.one("Get-Agents", "statusCode"), out.one("Get-Agents", "status")) == ("408", "Error"), out.text
    assert not out.breaches and "Timeout" in out.text


@pytest.mark.parametrize("before, after, code", [("/v1/acme/", "/v1/other/", "500"),
                                                 ('"timeoutSeconds": 25', '"timeoutSeconds": 1', "408")])
def test_a_call_that_fails_keeps_the_id_that_wfm_sent(rehearse, before, after, code):
    edit(rehearse.home, "actions/hris-acme-update-timeoff-v1.custom.json", before, after)
    rehearse.home.configure(2)
    rehearse.hris.on("*", ".*", mock_hris.silent())
    out = rehearse(*WRITE, "--request", "999")
    assert out.ended("Update") == (code, "Error") and out.one("Update", "timeOffRequestId") == "999", out.text


AGENTS, TYPES = "Get-Agents-acme.yaml", "Get-TimeOff-Types-acme.yaml"


@pytest.mark.parametrize("file, before, after, found", [
    ("actions/hris-acme-get-timeoff-types-v1.custom.json", "Bearer ", "Bearer x", "HTTP 401"),
    ("actions/hris-acme-get-timeoff-types-v1.custom.json", "/v1/acme/", "/v1/other/", "HTTP 401"),
    ("actions/hris-acme-get-timeoff-types-v1.custom.json", "/get-timeoff-types", "/get-types", "HTTP 404"),
    ("actions/hris-acme-get-timeoff-types-v1.custom.json", '"application/json"', '"text/plain"', "HTTP 415"),
    ("actions/hris-acme-get-timeoff-types-v1.custom.json", '"requestId",', '"trace",', "trace is required"),
    ("actions/hris-acme-get-timeoff-types-v1.custom.json", '"${rawResult}"', '"${other}"', "no JSON"),
    ("auth.json", "$.access_token", "$.token", "custom auth action"),
    ("flows/HRIS-" + TYPES, "lit: 500", "lit: 200", "if it dies it ends with statusCode 200"),
    ("flows/HRIS-" + TYPES, "var: Flow.status\n", "noValue: true\n", "statusCode 200 with status Error"),
    ("flows/HRIS-" + TYPES, "var: Flow.id2s", "var: Flow.names", "Flow.ids has 2 items and Flow.names has 0"),
    ("flows/HRIS-" + TYPES, "var: Flow.errorMsg", "var: Flow.ids", "it ended by an error"),
    ("flows/HRIS-" + AGENTS, "var: Flow.emails1\n", "var: Flow.emails\n", "Flow.emails has 0 items"),
    ("flows/HRIS-" + AGENTS, "hris-acme-get-agents-v1:", "hris-acme-get-agents-v2:", "there is no data action"),
    ("flows/HRIS-Get-Balance-acme.yaml", '"Count(Flow.inputDates)"', '"Count(Flow.inputDates) + 1"',
     "GetAt() is past the list's end"),
    ("flows/HRIS-Get-Balance-acme.yaml", '"Count(Flow.inputDates)"', '"1"', "where one was asked for"),
])
def test_a_broken_file_is_found_out(rehearse, file, before, after, found):
    edit(rehearse.home, file, before, after)
    out = rehearse()
    assert out.code == 1 and out.breaches and found in out.text, out.text


@pytest.mark.parametrize("file, before, after, fault", [
    ("flows/HRIS-" + TYPES, "- decision:", "- playAudio:", "not played: \"playAudio\""),
    ("flows/HRIS-" + TYPES, '"If(Flow', '"Sum(Flow', "Sum with 3 arguments is not played"),
    ("flows/HRIS-" + TYPES, "var: Flow.ids", "var: Flow.idds", "Flow.idds, which is no variable"),
    ("flows/HRIS-Get-Balance-acme.yaml", "var: State.index", "var: State.indx", "State.indx is no variable"),
    ("flows/HRIS-" + TYPES, "  states:", "  states:\n   x", "HRIS-Get-TimeOff-Types-acme.yaml"),
    ("actions/hris-acme-get-agents-v1.custom.json", '"integer"', '"array"', "Genesys takes string"),
    ("auth.json", "{", "[", "auth.json"),
    ("rehearsal.json", '"acme"', '"other"', "was exported for route other"),
])
def test_a_file_that_cannot_be_played_is_a_fault_with_its_place(rehearse, file, before, after, fault):
    edit(rehearse.home, file, before, after)
    out = rehearse()
    assert out.code == 1 and fault in out.err and not out.played, (out.text, out.err)


def test_data_actions_without_a_workflow_prove_nothing(rehearse):
    out = rehearse("--import", "--form", "token",
                   operands=[rehearse.home.out + "/actions/hris-acme-get-timeoff-types-v1.custom.json"])
    assert out.code == 1 and "nothing was played" in out.err, (out.text, out.err)


def test_usage(rehearse):
    assert "--agent, --type, and --dates" in rehearse("--type", "78").err
    assert "there is no route" in rehearse("--route=nowhere").err or "twice" in rehearse("--route=nowhere").err
    assert "No such file" in rehearse(operands=["/nowhere"]).err


# What Architect exports: base64 of percent-encoded JSON.

def lit(text, kind="str"):
    return {"config": {"lit": {"text": text, "type": kind}}, "text": text}


def ref(name):
    return {"config": {"ref": {"text": name}}, "text": name}


def call(op, *operands):
    return {"config": {op: {"operands": [o["config"] for o in operands]}}, "text": op}


NOTHING = {"config": {"emp": {"text": "", "type": "str"}}, "text": ""}


def variable(name, collection=False, out=False, initial=NOTHING, kind="StringVariable"):
    return {"name": name, "__type": kind, "isCollection": collection, "isInput": False, "isOutput": out,
            "initialValue": initial}


def sets(name, **more):
    return {"__type": "UpdateVariableAction", "name": name, **more}


def types_workflow():
    """Asks for the types, goes through them in a loop that it leaves early, and switches."""
    pairs = [{"variable": ref("Flow.statusCode"), "expression": lit("200", "int")},
             {"variable": ref("Flow.status"), "expression": lit("Complete")}]
    actions = [
        {"id": "1", "__type": "DataAction", "name": "ask", "actionName": "hris-acme-get-timeoff-types-v1",
         "inputs": [], "outputs": [{"name": "ids", "value": ref("State.ids")}, {"name": "names", "value": ref("Flow.names")}],
         "errorBindings": [], "nextAction": "3",
         "paths": [{"outputId": "__SUCCESS__", "nextActionId": "2"}, {"outputId": "__FAILURE__"}]},
        {"id": "2", **sets("good"), "variables": pairs},
        {"id": "3", "__type": "LoopAction", "name": "each", "currentIndex": ref("State.i"), "nextAction": "9",
         "loopCount": call("Count", ref("State.ids")), "path": {"nextActionId": "4"}},
        {"id": "4", "__type": "DecisionAction", "name": "second?", "nextAction": "6",
         "expression": call("==", ref("State.i"), lit("1", "int")),
         "paths": [{"outputId": "__YES__", "nextActionId": "5"}, {"outputId": "__NO__"}]},
        {"id": "5", "__type": "ExitLoopAction", "name": "leave"},
        {"id": "6", **sets("take"), "variables": [{"variable": ref("Flow.ids"), "expression": call(
            "AddItem", ref("Flow.ids"), call("GetAt", ref("State.ids"), ref("State.i")))}]},
        {"id": "9", "__type": "SwitchAction", "name": "which", "nextAction": "12",
         "cases": [{"referenceId": "a", "value": call("==", ref("Flow.status"), lit("Other"))},
                   {"referenceId": "b", "value": call("==", ref("Flow.status"), lit("Complete"))}],
         "paths": [{"outputId": "a"}, {"outputId": "b", "nextActionId": "10"}, {"outputId": "__DEFAULT__"}]},
        {"id": "10", **sets("message"), "variables": [{"variable": ref("Flow.errorMsg"), "expression": lit("case b")}]},
        {"id": "12", "__type": "EndWorkflowAction", "name": "end"},
    ]
    variables = [variable("Flow.ids", True, True), variable("Flow.names", True, True), variable("Flow.errorMsg", out=True),
                 variable("Flow.statusCode", out=True, initial=lit("500", "int"), kind="IntegerVariable"),
                 variable("Flow.status", out=True, initial=lit("Error"))]
    state = {"startAction": "1", "actionList": actions,
             "variables": [variable("State.ids", True), variable("State.i", kind="IntegerVariable")]}
    return {"name": "Theirs", "type": "workflow", "variables": variables, "flowSequenceItemList": [state]}


def exported(home, workflow):
    text = urllib.parse.quote(json.dumps(workflow))
    return home.write("run/Theirs.i3WorkFlow", base64.b64encode(text.encode()).decode())


def test_what_architect_exports_is_played(rehearse):
    home = rehearse.home
    files = [home.out + "/actions/hris-acme-get-timeoff-types-v1.custom.json", exported(home, types_workflow())]
    out = rehearse("--import", "--form", "token", operands=files)
    assert out.one("Theirs", "ids") == "1: 78" and out.one("Theirs", "errorMsg") == "case b", out.text
    assert out.breaches == ["Flow.ids has 1 items and Flow.names has 2"], out.text


@pytest.mark.parametrize("change, fault", [
    (lambda w: w["flowSequenceItemList"][0]["actionList"][1].update(nextAction="2"), "reached twice"),
    (lambda w: w["flowSequenceItemList"][0]["actionList"][1].update(nextAction="77"), "77 is not there"),
    (lambda w: w["flowSequenceItemList"][0]["actionList"][1].update(__type="CallModule"), "not played: CallModule"),
    (lambda w: w["variables"][0].update(__type="QueueVariable"), "a variable that is not played"),
    (lambda w: w.update(type="inboundCall"), "a workflow with a name"),
])
def test_an_export_that_cannot_be_played_says_why(rehearse, change, fault):
    workflow = types_workflow()
    change(workflow)
    out = rehearse("--import", "--form", "token", operands=[exported(rehearse.home, workflow)])
    assert out.code == 1 and (fault in out.err or "where tokens are" in out.err), out.err
    assert fault in rehearse("--import", "--form", "basic", operands=[exported(rehearse.home, workflow)]).err


def test_a_loop_around_nothing_ends(rehearse):
    workflow = types_workflow()
    state = workflow["flowSequenceItemList"][0]
    state["startAction"] = "3"
    state["actionList"][2].update(path={}, loopCount=lit("9000000000000000000", "int"))
    out = rehearse("--import", "--form", "basic", operands=[exported(rehearse.home, workflow)])
    assert out.code == 1 and any("more than 10000 turns" in b for b in out.breaches), (out.text, out.err)


BLUEPRINT = ["Bamboo-Get-Agents.custom.json", "Bamboo-Get-Balance.custom.json", "Bamboo-Get-TimeOff-Types.custom.json",
             "Bamboo-Put-TimeOff-Request.custom.json", "HRIS-Get-Agents.i3WorkFlow", "HRIS-Get-Balance.i3WorkFlow",
             "HRIS-Get-TimeOff-Types.i3WorkFlow", "HRIS-Insert-TimeOff.i3WorkFlow", "HRIS-Update-TimeOff.i3WorkFlow"]


@pytest.mark.parametrize("status", ["APPROVED", "PENDING"])
def test_the_blueprint_s_own_files_run_unchanged_on_the_face(hris_server, status):
    folder = face_schema.folder("blueprint", *BLUEPRINT)
    face = face_home.FaceHome(hris_server)
    try:
        done = subprocess.run([face.home.lib + "/hrisgw", "genesys", "rehearse", "--import", "--config",
                               face.home.config, "--route", "genesystest", "--agent", "4", "--type", "78", "--dates",
                               "2027-03-01,2027-03-02", "--status", status,
                               *(os.path.join(folder, name) for name in BLUEPRINT)],
                              capture_output=True, text=True, check=False)
        out = Played(done)
        assert (out.code, out.breaches, out.errors) == (0, [], 0), (out.text, out.err)
        assert out.played == (7 if status == "PENDING" else 6)
    finally:
        face.stop()
