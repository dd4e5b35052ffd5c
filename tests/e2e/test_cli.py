"""The command line, as people and scripts use it: exit codes, faults with file, line and column, --json."""
import json
import re
import sqlite3
import subprocess

import pytest

import mock_hris
import sign
from home import Home

GOOD, FAILED, USAGE = 0, 1, 2


@pytest.fixture
def run(own_home, hris):
    def go(*arguments, stdin=None, code=GOOD):
        out = subprocess.run([own_home.lib + "/hrisgw", *arguments], capture_output=True, text=True,
                             input=stdin, timeout=60, check=False)
        assert out.returncode == code, (arguments, out)
        return out
    go.home, go.hris = own_home, hris
    go.config = ("--config", own_home.config)
    return go


def test_usage(run):
    assert re.match(r"hrisgw \d+\.\d+", run("--version").stdout)
    overview = run("--help").stdout
    for command in re.findall(r"^  ([a-z]+) ", overview, re.M):
        text = run(command, "--help").stdout
        assert text.startswith(f"usage: hrisgw {command}"), text
    assert "did you mean" in run("check", "--cofnig", "x", code=USAGE).stderr
    run("nothing", code=USAGE)
    run("call", code=USAGE)


def test_check_tells_every_fault_at_once(run):
    home = run.home
    assert "1 route, 0 faults" in run("check", *run.config).stdout
    home.write("routes.d/two.yaml", "adaptor: bamboohr\ncallers: {c: {basic: file:../secrets/no}}\n")
    home.write("routes.d/three.yaml", "adapter: bamboohr\nadapter: odoo\n")
    home.write("adapters/bad.yaml", "title: Bad\nbase_url: https://x\noperations:\n"
               "  get-agents:\n    - request: GET /a\n      each: $.e[*\n      agent: {id: .id, email: .e}\n")
    out = run("check", *run.config, code=FAILED).stdout
    assert re.search(r"two\.yaml:1:1: unknown key \"adaptor\" \(did you mean \"adapter\"\?\)", out)
    assert re.search(r"two\.yaml:2:\d+: .*secrets/no", out)
    assert re.search(r"three\.yaml:2:1: ", out)
    assert re.search(r"bad\.yaml:6:\d+: ", out)
    printed = json.loads(run("check", *run.config, "--json", code=FAILED).stdout)
    assert len(printed["faults"]) >= 4 and printed["routes"] == ["acme", "three", "two"]


def test_secrets_that_others_can_read_are_refused(run):
    run.home.write("secrets/acme-plain", "readable by all\n", 0o644)
    out = run("check", *run.config, code=FAILED).stdout
    assert "acme-plain" in out and "readable by all" not in out


def test_routes(run):
    assert "acme" in run("routes", *run.config).stdout
    printed = json.loads(run("routes", *run.config, "--json").stdout)
    assert printed[0]["name"] == "acme" and printed[0]["adapter"] == "bamboohr"
    assert "genesys" in printed[0]["callers"] and not printed[0]["broken"]


def test_call_is_the_real_thing(run):
    out = run("call", *run.config, "acme", "get-balance", "agentId=7", "inputDates=2027-03-01",
              "inputTimeOffTypeIds=78,79", "--json")
    assert json.loads(out.stdout)["balanceMinutesPerDay"] == ["2400", "2400"]
    assert "2400, 2400" in run("call", *run.config, "acme", "get-balance", "agentId=7",
                               "inputDates=2027-03-01", "inputTimeOffTypeIds=78,79").stdout
    out = run("call", *run.config, "acme", "get-balance", "agentId=7", code=FAILED)
    assert "INPUT.REQUIRED" in out.stdout
    assert "no route nowhere; hrisgw routes" in run("call", *run.config, "nowhere", "get-agents", code=FAILED).stderr
    assert "did you mean get-agents?" in run("call", *run.config, "acme", "get-agent", code=USAGE).stderr
    run("call", *run.config, "acme", "get-agents", "bucket", code=USAGE)


def test_dry_run_prints_and_writes_nothing(run):
    out = run("call", *run.config, "--dry-run", "acme", "insert-timeoff", "agentId=7",
              "timeOffTypeId=78", "timeOffStatus=APPROVED", "dates=2027-03-01", "payableMinutes=480").stdout
    assert f"PUT {run.hris.url}/employees/7/time_off/request\n" in out
    assert '"amount":8' in out and "hris-key" not in out and "Authorization: (not shown)" in out
    assert "it was not sent" in out and "Error" not in out
    out = run("call", *run.config, "--dry-run", "acme", "insert-timeoff", "agentId=7", "timeOffTypeId=78",
              "timeOffStatus=APPROVED", "dates=2027-03-01", "payableMinutes=480000", code=FAILED).stdout
    assert "INPUT.MINUTES" in out
    assert run.hris.writes == []


@pytest.mark.parametrize("auth, url, headers", [
    ("header: {X-Api-Key: '${settings.api_key}'}", "", {"X-Api-Key": "(not shown)"}),
    ("query: {api_key: '${settings.api_key}', v: '1'}", "?(not shown)", {}),
])
def test_dry_run_shows_no_secret_wherever_the_adapter_puts_it(run, auth, url, headers):
    with open(run.home.dir + "/adapters/bamboohr.yaml", encoding="utf-8") as file:
        text = file.read()
    assert "\nauth: {basic: " in text
    run.home.write("adapters/bamboohr.yaml", re.sub(r"\nauth: .*", "\nauth: {" + auth + "}", text))
    words = ("call", *run.config, "--dry-run", "acme", "insert-timeoff", "agentId=7", "timeOffTypeId=78",
             "timeOffStatus=APPROVED", "dates=2027-03-01", "payableMinutes=480")
    printed = json.loads(run(*words, "--json").stdout)
    assert printed["method"] == "PUT" and json.loads(printed["body"])["dates"]
    assert printed["url"] == f"{run.hris.url}/employees/7/time_off/request{url}"
    assert headers.items() <= printed["headers"].items()
    out = run(*words).stdout
    assert "(not shown)" in out and "hris-key" not in out and "=1" not in out
    assert run.hris.writes == []


def test_an_hris_that_is_down(run):
    run.hris.on("*", ".*", mock_hris.close())
    out = run("call", *run.config, "acme", "get-timeoff-types", code=FAILED).stdout
    assert "HRIS.UNAVAILABLE" in out


def test_an_hris_that_answers_with_a_page(run):
    run.hris.on("*", ".*", mock_hris.html())
    for action in ("get-timeoff-types", "get-agents"):
        out = run("call", *run.config, "acme", action, code=FAILED).stdout
        assert "it begins with <, as a page for people does; look at what base_url leads to" in out


def test_jsonpath(run):
    doc = '{"a":[{"b":1.50,"c":"x"},{"b":2}]}'
    assert json.loads(run("jsonpath", "$.a[?@.b>1.6].b", stdin=doc).stdout) == [2]
    assert "1.50" in run("jsonpath", "$.a[0].b", stdin=doc).stdout
    assert json.loads(run("jsonpath", "$.z", stdin=doc).stdout) == []
    assert run("jsonpath", "$.a[", stdin=doc, code=USAGE).stderr
    assert run("jsonpath", "$.a", stdin="{", code=FAILED).stderr


def test_adapter_check_and_test(run):
    assert "bamboohr" in run("adapter", "list", *run.config).stdout
    run("adapter", "check", *run.config, "bamboohr")
    run.home.write("adapters/bad.yaml", "title: Bad\n")
    assert "bad.yaml:1:1" in run("adapter", "check", *run.config, "bad", code=FAILED).stdout + run(
        "adapter", "check", *run.config, "bad", code=FAILED).stderr


def test_arguments_are_not_read_by_a_cgi_program(own_home):
    assert isinstance(own_home, Home)
    answer = own_home.cgi("/-/live", method="GET", program="hrisgw.cgi", arguments=("--version",))
    assert answer.status == 200


def test_an_adapter_is_found_where_one_is(run, tmp_path):
    """README's first step writes into conf/adapters of the folder one is in."""
    folder = tmp_path / "conf" / "adapters"
    folder.mkdir(parents=True)
    with open(run.home.dir + "/adapters/bamboohr.yaml", encoding="utf-8") as file:
        text = file.read()
    (folder / "mine.yaml").write_text(text)

    def check(*operands, code=GOOD, cwd=tmp_path):
        out = subprocess.run([run.home.lib + "/hrisgw", "adapter", "check", *operands], capture_output=True,
                             text=True, timeout=60, cwd=cwd, check=False)
        assert out.returncode == code, out
        return out.stdout + out.stderr
    assert "conf/adapters/mine.yaml: good" in check("mine")
    assert "conf/adapters/mine.yaml: good" in check("conf/adapters")
    assert str(folder / "mine.yaml") in check(str(folder / "mine.yaml"))
    assert "mine.yaml: good" in check("mine", cwd=folder)
    assert "mine.yaml: good" in check("mine.test.yaml", cwd=folder)
    for operand in ("mine.yaml", "mine.test.yaml", "./conf/adapters/mine"):
        assert "conf/adapters/mine.yaml: good" in check(operand)
    assert run.home.dir + "/adapters/bamboohr.yaml: good" in check(*run.config, "bamboohr.yaml")
    said = check("nobody", code=FAILED)
    assert "mine" not in said and "nobody.yaml: it cannot be read: No such file or directory; it is not in" in said
    said = check("./nobody", code=FAILED)
    assert said == "./nobody.yaml: it cannot be read: No such file or directory\n"


def test_a_call_shows_its_exchange_without_secrets(run):
    secret = run.home.read_secret("hris")
    out = run("call", *run.config, "-v", "acme", "get-timeoff-types")
    assert "> GET " in out.stderr and "/meta/time_off/types" in out.stderr and "< 200 after" in out.stderr
    assert "timeOffTypes" in out.stderr and "> Authorization: (not shown)" in out.stderr
    assert secret not in out.stderr and "Vacation" in out.stdout
    assert "> GET" not in run("call", *run.config, "acme", "get-timeoff-types").stderr


def repeats(asked):
    """The HRIS's answer has the whole request in it."""
    return mock_hris.answer({"timeOffTypes": [], **({"access_token": "a-token"} if asked.body else {}), "head": asked.headers,
                             "body": asked.body.decode()}, X_Echo=asked.headers.get("Authorization", ""))


@pytest.mark.parametrize("auth", [
    "basic: {username: '${settings.api_key}', password: x}",
    "bearer: '${settings.api_key}'",
    "oauth2: {grant: client_credentials, url: 'BASE/token', client_id: me, client_secret: '${settings.api_key}'}",
    "login: {request: POST /session, form: {key: '${settings.api_key}'}, token: $.access_token}",
])
def test_a_call_shows_no_proof_that_is_made_or_repeated(run, auth):
    secret = run.home.secret("hris", "a/secret+key")
    with open(run.home.dir + "/adapters/bamboohr.yaml", encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"\nauth: .*", lambda _: "\nauth: {" + auth.replace("BASE", run.hris.url) + "}", text)
    run.home.write("adapters/bamboohr.yaml", text)
    run.hris.on("*", ".*", repeats)
    told = run("call", *run.config, "-v", "acme", "get-timeoff-types", code=FAILED).stderr
    assert "(not shown)" in told and "timeOffTypes" in told, told
    sent = [v for a in run.hris.asked for n, v in a.headers.items() if n == "Authorization"]
    for proof in (secret, "a%2Fsecret%2Bkey", "a-token", sent[-1].partition(" ")[2]):
        assert proof not in told, (proof, told)


def test_a_dry_run_that_is_shown_keeps_nothing_either(run):
    out = run("call", *run.config, "--dry-run", "-v", "acme", "insert-timeoff", "agentId=7", "timeOffTypeId=78",
              "timeOffStatus=APPROVED", "dates=2027-03-01", "payableMinutes=480")
    assert "it was not sent" in out.stdout and "> PUT " in out.stderr
    with sqlite3.connect(run.home.dir + "/state/ledger.db") as db:
        assert db.execute("SELECT count(*) FROM intents").fetchone() == (0,)


def test_a_call_takes_no_input_that_the_action_does_not_have(run):
    out = run("call", *run.config, "acme", "get-balance", "agentID=4", code=USAGE)
    assert "unknown input agentID; did you mean agentId?" in out.stderr
    out = run("call", *run.config, "acme", "get-balance", "agentId=4", "inputDates=2027-01-01", "agentId=5", code=USAGE)
    assert out.stderr == "hrisgw call: agentId is given twice\n"
    text = run("call", "--help").stdout
    assert "get-balance\n    agentId *\n" in text and "inputTimeOffTypeIds" in text


def test_json_of_every_other_command_too(run, tmp_path):
    version = json.loads(run("--version", "--json").stdout)
    assert set(version) == {"version", "build", "libcurl", "openssl", "sqlite", "libyaml", "yajl"}
    assert all(text in run("--version").stdout for text in version.values())
    made = json.loads(run("adapter", "new", "--json", "--adapters", str(tmp_path), "mine").stdout)
    assert made == [f"{tmp_path}/mine.yaml", f"{tmp_path}/mine.test.yaml"]
    assert json.loads(run("ledger", "new", "--json", *run.config).stdout) == {
        "state_dir": run.home.dir + "/state", "look_until": None}
    taken = json.loads(run("snapshot", "--json", *run.config, "acme", code=FAILED).stdout)
    assert [(t["route"], t["agents"], t["errorCode"]) for t in taken] == [("acme", 0, "HRIS.UNSUPPORTED")]
    assert json.loads(run("snapshot", "--json", "--due", *run.config).stdout) == []


def test_json_of_what_a_command_made_or_found(run):
    """key new and rotate, sign, verify and the list of all keys."""
    home = run.home
    made = json.loads(run("key", "new", *run.config, "--json", home.dir + "/secrets/new").stdout)
    assert made["file"] == home.dir + "/secrets/new" and made["user"]
    rotated = json.loads(run("key", "rotate", *run.config, "--json", "--caller", "signer", "acme").stdout)
    assert (rotated["route"], rotated["caller"], rotated["form"]) == ("acme", "signer", "rfc9421")
    with open(rotated["file"], encoding="utf-8") as file:
        key = file.read().strip()
    assert key.startswith("base64:") and key not in json.dumps(rotated)
    words = ("--route", "acme", "--caller", "plain", "--action", "get-balance", "--base", "https://gw.example")
    signed = json.loads(run("sign", *run.config, *words, "--json").stdout)
    assert signed["url"] == "https://gw.example/v1/acme/get-balance" and signed["form"] == "basic"
    assert signed["command"] == run("sign", *run.config, *words).stdout.rstrip("\n")
    keys = json.loads(run("check", "--keys", "--json").stdout)
    assert {"name": "workers", "type": "integer", "required": False, "default": None, "min": 1, "max": 256,
            "choices": [], "help": "threads that serve requests; one for each core by default"} in keys["hrisgw.yaml"]
    assert any(k["name"] == "adapter" and k["required"] for k in keys["routes.d/NAME.yaml"])
    token = sign.basic("plain", home.read_secret("acme-plain"))["Authorization"]
    for sent, code, caller, reason in ((token, GOOD, "plain", None),
                                       ("Basic cGxhaW46eA==", FAILED, None, "unknown name, or another secret")):
        home.write("run/request", f"POST /v1/acme/get-balance HTTP/1.1\nHost: gw.example\nAuthorization: {sent}\n\n{{}}")
        said = json.loads(run("verify", *run.config, "--route", "acme", "--json", home.dir + "/run/request", code=code).stdout)
        assert (said["accepted"], said["caller"], said["form"], said["reason"]) == (not code, caller, "basic", reason)
        assert "       Basic, for the caller plain" in said["steps"]
