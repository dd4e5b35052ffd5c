"""What an administrator meets: what root makes, what check says, what the commands exit with."""
import json
import os
import re
import subprocess

import pytest

import auth_kit
import fronts
import mock_hris
import sign
import test_writes

AS_ROOT = pytest.mark.skipif(fronts.worker() is None, reason="needs root")


def hrisgw(home, *arguments):
    """As the user who runs the tests: root, where there is a user for the gateway."""
    return subprocess.run([home.lib + "/hrisgw", *arguments, "--config", home.config], capture_output=True,
                          text=True, timeout=60, check=False)


@AS_ROOT
def test_root_leaves_nothing_behind(own_home, hris):
    """Files that root's commands make are the gateway's user's."""
    owner = os.stat(own_home.dir + "/state").st_uid
    made, anchor = own_home.dir + "/secrets/new", own_home.dir + "/run/anchor"
    with open(own_home.config, "a", encoding="utf-8") as file:
        file.write(f"anchor: {anchor}\n")
    assert hrisgw(own_home, "genesys", "rehearse", own_home.dir, "--route", "acme").returncode == 1    # no export
    assert hrisgw(own_home, "ledger", "reconcile").returncode == 0
    out = hrisgw(own_home, "key", "new", made)
    assert out.returncode == 0 and fronts.worker() in out.stdout, out
    assert hrisgw(own_home, "call", "acme", "get-timeoff-types").returncode == 0
    assert hrisgw(own_home, "check").returncode == 0
    assert hrisgw(own_home, "key", "list", "acme").returncode == 0
    paths = [made, anchor, *(e.path for e in os.scandir(own_home.dir + "/state"))]
    assert {os.stat(p).st_uid for p in paths} == {owner}, paths


@AS_ROOT
def test_check_judges_as_the_gateway(own_home, hris):
    """A secret that root can read and the gateway cannot is a fault that says what to do."""
    path = own_home.dir + "/secrets/acme-plain"
    os.chown(path, 0, 0)
    out = hrisgw(own_home, "check", "--json")
    assert out.returncode == 1
    assert f"chown {fronts.worker()} {path}" in json.loads(out.stdout)["faults"][0]
    os.chmod(path, 0o644)
    fault = json.loads(hrisgw(own_home, "check", "--json").stdout)["faults"][0]
    assert f"chown {fronts.worker()} {path}; chmod 600 {path}" in fault


@AS_ROOT
@pytest.mark.parametrize("name", ["lib/hrisgw.yaml", "routes.d", "routes.d/acme.yaml", "adapters", "adapters/bamboohr.yaml",
                                  "state/state.db", "state/ledger.db", "state/ledger.key", "state/ledger.lock"])
def test_what_is_root_s_is_named_with_what_to_do(own_home, hris, name):
    """Also where a whole ledger is only another's: it is given back, not begun anew."""
    path = f"{own_home.dir}/{name}"
    assert hrisgw(own_home, "call", "acme", "get-timeoff-types").returncode == 0
    os.chmod(path, 0o700)
    os.chown(path, 0, 0)
    faults = json.loads(hrisgw(own_home, "check", "--json").stdout)["faults"]
    assert f"Permission denied; chown {fronts.worker()} {path}" in faults[0], faults
    assert "begin anew" not in "".join(faults)
    if name.startswith("routes.d"):
        out = hrisgw(own_home, "routes")
        assert out.returncode == 1 and ("BROKEN" in out.stdout or "Permission denied" in out.stderr), out


@pytest.mark.parametrize("file, said", [("/none/file", "No such file or directory"), ("/run", "Is a directory"),
                                        ("/run/file", None)])
@pytest.mark.parametrize("key", ["log: {file: FILE}", "anchor: FILE"])
def test_a_file_that_cannot_be_written(own_home, hris, key, file, said):
    """No start gets past its log, and so check does not."""
    with open(own_home.config, "a", encoding="utf-8") as config:
        config.write(key.replace("FILE", own_home.dir + file) + "\n")
    faults = json.loads(hrisgw(own_home, "check", "--json").stdout)["faults"]
    assert faults == ([] if said is None else [f"{own_home.dir}{file}: {said}"])


def test_a_state_dir_that_others_may_read(own_home, hris):
    os.chmod(own_home.dir + "/state", 0o750)
    faults = json.loads(hrisgw(own_home, "check", "--json").stdout)["faults"]
    assert faults == [f"{own_home.dir}/state: it must be a folder of mode 0700"]


def test_fault_of_the_main_file_hides_no_route(own_home, hris):
    with open(own_home.config, "a", encoding="utf-8") as file:
        file.write("wrkers: 3\n")
    own_home.write("routes.d/bad.yaml", "adapter: nothing\n")
    own_home.write("routes.d/acme.yml", "x: y\n")
    out = hrisgw(own_home, "check")
    assert out.returncode == 1
    for part in ("wrkers", 'there is no adapter "nothing"', "warning: ", "acme.yml: it is not read", "bamboohr"):
        assert part in out.stdout, out.stdout


def test_secret_that_the_face_cannot_take(own_home, hris):
    """Its user name is the secret, and ends at a colon."""
    own_home.secret("acme-plain", "base64:0123456789abcdef0123")
    assert "holds a colon" not in hrisgw(own_home, "check").stdout
    own_home.route("acme", more="face: bamboohr\n")
    assert "holds a colon" not in hrisgw(own_home, "check").stdout
    own_home.secret("acme-plain", "base64:0123456789abcdef0123")
    assert f"caller plain: {own_home.dir}/secrets/acme-plain holds a colon" in hrisgw(own_home, "check").stdout


def test_secret_that_a_caller_shares_with_the_hris(own_home, hris):
    assert "settings.api_key" not in hrisgw(own_home, "check").stdout
    own_home.secret("acme-plain", own_home.read_secret("hris"))
    assert "caller plain has the same secret as the HRIS by settings.api_key" in hrisgw(own_home, "check").stdout


def test_key_that_has_ended(own_home, hris):
    own_home.write("routes.d/acme.yaml", f"""\
adapter: local
callers:
  old: {{token: {{file: file:{own_home.dir}/secrets/acme-plain, not_after: 2020-01-01}}}}
  new: {{token: {{file: file:{own_home.dir}/secrets/acme-genesys, not_before: 2999-01-01}}}}
  good: {{token: {own_home.secret("good") and f"file:{own_home.dir}/secrets/good"}}}
""")
    out = hrisgw(own_home, "key", "list", "acme", "--json")
    assert [k["state"] for k in json.loads(out.stdout)] == ["expired", "not yet", "counts"]
    assert "expired" in hrisgw(own_home, "key", "list", "acme").stdout
    faults = json.loads(hrisgw(own_home, "check", "--json").stdout)["faults"]
    assert [f.split(": ", 1)[1].split()[1] for f in faults] == ["old", "new"], faults


def test_routes_that_are_broken(own_home, hris):
    assert hrisgw(own_home, "routes").returncode == 0
    own_home.write("routes.d/bad.yaml", "adapter: nothing\n")
    for arguments in ((), ("--json",)):
        assert hrisgw(own_home, "routes", *arguments).returncode == 1


def line_of(home, answer):
    return auth_kit.log_line(home.log(), answer.headers["x-request-id"])


def test_what_the_log_says(own_home, hris):
    """Levels, and which route, action and call a refused request was for."""
    own_home.route("acme", more="face: bamboohr\n")
    own_home.start()
    proof = sign.basic("plain", own_home.read_secret("acme-plain"))
    face = sign.basic(own_home.read_secret("acme-plain"), "x")
    at = "/api/gateway.php/acme/v1"
    hris.on("GET", "/meta/time_off/types", mock_hris.answer({}, 403))
    rows = (
        ("/v1/acme/get-nothing", "POST", {}, 404, {"route": "acme", "unknown_action": "get-nothing", "level": "info"}),
        ("/v1/none/get-nothing", "POST", {}, 404, {"unknown_route": "none", "unknown_action": "get-nothing"}),
        ("/v1/acme/get-balance/", "POST", {}, 404, {"route": "acme", "unknown_action": "/get-balance/"}),
        ("/v1/acme", "POST", {}, 404, {"route": "acme", "unknown_action": ""}),
        ("/v1/ACME/get-balance", "POST", {}, 401, {"unknown_route": "ACME", "action": "get-balance"}),
        (at.replace("v1", "v2") + "/employees/7", "GET", face, 404, {"route": "acme", "unknown_action": "/v2/employees/7"}),
        ("/v1/acme/get-balance", "GET", {}, 405, {"route": "acme", "action": "get-balance"}),
        ("/v1/acme/get-balance", "POST", {}, 401, {"route": "acme", "level": "warning"}),
        ("/v1/acme/get-balance", "POST", proof, 200, {"code": "INPUT.REQUIRED", "level": "info"}),
        ("/v1/acme/get-timeoff-types", "POST", proof, 200, {"code": "HRIS.FORBIDDEN", "level": "warning"}),
        (at + "/employees/7/time_off/calculator", "GET", face, 400, {"call": "/employees/*/time_off/calculator"}),
        (at + "/employees/7/time_off/calculator", "GET", {}, 401, {"call": "/employees/*/time_off/calculator"}),
        (at + "/employees/7/photo", "GET", {}, 401, {"route": "acme", "unknown_action": "/employees/7/photo"}),
        (at + "/employees/7/photo", "GET", face, 404, {"route": "acme", "unknown_action": "/employees/7/photo"}),
    )
    for target, method, headers, status, wanted in rows:
        answer = own_home.fcgi(target, b"{}" if method == "POST" else b"", method=method, headers=headers)
        line = line_of(own_home, answer)
        assert answer.status == status, (target, answer.status)
        assert {n: line.get(n) for n in wanted} == wanted, line


def test_what_a_person_has_to_look_at_is_a_warning(own_home, hris):
    """Written, and not what was asked: README sends a person there."""
    hris.holds()
    hris.on("PUT", "/time_off/requests/1348/status", mock_hris.answer({}))
    own_home.start()
    ask = {"agentId": "7", "inputTimeOffRequestId": "1348", "timeOffStatus": "APPROVED", "timeOffTypeId": "78",
           "dates": "2027-03-01,2027-03-02", "payableMinutes": "480,480"}
    answer = own_home.fcgi("/v1/acme/update-timeoff", json.dumps(ask).encode(),
                           headers=sign.basic("plain", own_home.read_secret("acme-plain")))
    line = line_of(own_home, answer)
    assert (line["code"], line["level"]) == ("HRIS.NOT_APPROVED", "warning"), line


def test_levels_in_the_journal(own_home, hris):
    """systemd names the stream that its journal reads; each line there has its priority."""
    with open(own_home.log_path, "ab"):
        st = os.stat(own_home.log_path)
    own_home.start(env={"JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"})
    own_home.fcgi("/v1/acme/get-balance", b"{}")
    own_home.fcgi("/-/live", method="GET")
    own_home.stop()
    lines = own_home.log().splitlines()
    assert {line[:3] for line in lines} == {"<6>", "<4>"}, lines
    assert all(json.loads(line[3:])["level"] == {"<6>": "info", "<4>": "warning"}[line[:3]] for line in lines)


def test_one_id_for_web_server_and_gateway(home, nginx):
    answer = home.fcgi("/-/live", method="GET", REQUEST_ID="0123456789abcdef")
    assert answer.headers["x-request-id"] == "0123456789abcdef"
    for sent in ("0123456789ABCDEF", "0123", "x" * 16):
        made = home.fcgi("/-/live", method="GET", REQUEST_ID=sent).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{16}", made) and made != sent


def test_id_of_the_web_servers_own_page(own_home):
    """nginx shows, while there is no gateway, an id of the form that the gateway's log has."""
    front = fronts.Front("nginx", own_home).start()
    try:
        answer = front.request("POST", "/v1/acme/get-balance", b"{}")
        assert answer.status == 502 and re.fullmatch("[0-9a-f]{16}", json.loads(answer.body)["requestId"])
    finally:
        front.stop()


def test_what_an_error_of_the_hris_names(own_home, hris):
    """The setting with its help, and the address called, with names in place of ids; never a secret."""
    url = own_home.hris.url
    balance = ["call", "acme", "get-balance", "agentId=4711", "inputDates=2027-03-01", "inputTimeOffTypeIds=78"]
    for status, texts in ((401, ("correct the route's settings: api_key (made in BambooHR under API Keys", "; called " + url)),
                          (403, ("look at the rights of api_key (made in BambooHR", "; called " + url)),
                          (404, (f"; called {url}/employees/{{agent_id}}/time_off/calculator; if the ids are right, look at "
                                 "base_url (another host", "company (the part before .bamboohr.com)"))):
        hris.on("GET", "/employees/4711/time_off/calculator", mock_hris.answer({}, status))
        said = hrisgw(own_home, *balance)
        assert said.returncode == 1 and all(t in said.stdout for t in texts), (status, said.stdout)
        assert "${" not in said.stdout and "4711" not in said.stdout and "hris-key" not in said.stdout


def test_an_unknown_outcome_says_once_what_to_search_for(own_home, hris):
    hris.on("PUT", test_writes.REQUEST, mock_hris.close())
    hris.on("GET", "/time_off/requests", mock_hris.answer([test_writes.found("entered by hand")]))
    operands = [f"{n}={','.join(v) if isinstance(v, list) else v}" for n, v in test_writes.INSERT.items()]
    said = json.loads(hrisgw(own_home, "call", "acme", "insert-timeoff", "--json", *operands).stdout)
    assert said["errorCode"] == "HRIS.OUTCOME_UNKNOWN"
    assert said["errorMsg"].count("[hrisgw ") == 1 and said["errorMsg"].count("by hand") == 1, said["errorMsg"]


def test_a_list_with_an_adapter_that_is_broken(own_home):
    assert hrisgw(own_home, "adapter", "list").returncode == 0
    own_home.write("adapters/bad.yaml", "nonsense: 1\n")
    for arguments in ((), ("--json",)):
        out = hrisgw(own_home, "adapter", "list", *arguments)
        assert out.returncode == 1 and "bad" in out.stdout and "bamboohr" in out.stdout, out
