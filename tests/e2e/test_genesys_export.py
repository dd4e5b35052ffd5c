"""What `hrisgw genesys export` writes: contracts from the endpoint tables, the same bytes each time, nothing
secret, and YAML that every version of YAML reads alike."""
import glob
import json
import os
import re
import subprocess

import pytest

import fronts
import home as homes

URL = "https://gw.example.com"
TEMPLATES = os.path.join(fronts.TOP, "conf", "genesys", "templates")


@pytest.fixture
def export(own_home):
    def go(*more, route="acme", url=URL, code=0, out=None):
        out = out or own_home.dir + "/run/out"
        done = subprocess.run([own_home.lib + "/hrisgw", "genesys", "export", route, "--config", own_home.config,
                               "--templates", TEMPLATES, "--url", url,
                               *(more or ("--out", out))], capture_output=True, text=True, check=False)
        assert done.returncode == code, done
        go.out, go.err = done.stdout, done.stderr
        return out
    go.home = own_home
    return go


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return file.read()


def tree(folder):
    out = {}
    for path in glob.glob(folder + "/**/*", recursive=True):
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                out[os.path.relpath(path, folder)] = file.read()
    return out


def actions_of(files):
    return {re.search("hris-acme-(.*)-v1", name).group(1): json.loads(text)
            for name, text in files.items() if name.startswith("actions/")}


def test_the_same_command_gives_the_same_bytes_and_check_finds_what_drifted(export):
    files = tree(export())
    assert tree(export(out=export.home.dir + "/run/again")) == files
    export("--check", export.home.dir + "/run/out")
    export.home.write("run/out/auth.json", "{}")
    os.unlink(export.home.dir + "/run/out/flows/HRIS-Get-Balance-acme.yaml")
    export("--check", export.home.dir + "/run/out", code=1)
    assert re.search(r"auth\.json: is not what", export.err) and "HRIS-Get-Balance-acme.yaml: No such" in export.err
    assert len(export.err.splitlines()) == 2 and not export.out
    export("--json", "--check", export.home.dir + "/run/out", code=1)
    assert {one["name"] for one in json.loads(export.out) if one["differs"]} == {"auth.json", "flows/HRIS-Get-Balance-acme.yaml"}


@pytest.mark.parametrize("form", ["token", "basic", "rfc9421"])
def test_no_secret_is_in_the_files(export, form):
    export("--form", form, "--out", export.home.dir + "/run/out")
    files = tree(export.home.dir + "/run/out")
    assert files
    for path in glob.glob(export.home.dir + "/secrets/*"):
        with open(path, encoding="utf-8") as file:
            secret = file.read().strip()
        bare = secret.partition(":")[2] or secret       # base64:...
        assert not [name for name, text in files.items() if bare in text], path


def test_what_is_exported_is_imported_as_it_is(export, hris):
    """JSON whose bytes a reader and writer of JSON keep, and that our own reader of an org's files plays alike."""
    out = export()
    for name, text in tree(out).items():
        if name.endswith(".json"):
            assert json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n" == text, name

    def play(*more):
        return subprocess.run([export.home.lib + "/hrisgw", "genesys", "rehearse", "--config", export.home.config,
                               "--templates", TEMPLATES, "--route", "acme", *more],
                              capture_output=True, text=True, check=False)
    as_ours = play(out)
    imported = play("--import", "--form", "token", *sorted(glob.glob(out + "/actions/*") + glob.glob(out + "/flows/*")))
    assert as_ours.returncode == 0 and "3 played, 0 breaches" in as_ours.stdout, as_ours
    assert (imported.returncode, imported.stdout) == (0, as_ours.stdout), imported


def test_contracts_are_what_the_gateway_takes_and_answers(export, hris):
    for name, action in actions_of(tree(export())).items():
        given = action["contract"]["input"]["inputSchema"]
        assert {p["type"] for p in given["properties"].values()} <= {"string", "integer", "boolean"}
        assert "required" not in given
        done = subprocess.run([export.home.lib + "/hrisgw", "call", "--config", export.home.config, "--json", "acme",
                               name], capture_output=True, text=True, check=False)
        taken = action["contract"]["output"]["successSchema"]
        answered = json.loads(done.stdout)
        assert set(answered) == set(taken["properties"]) == set(taken["required"])
        kinds = {list: "array", str: "string", int: "integer", bool: "boolean"}
        assert {n: kinds[type(v)] for n, v in answered.items()} == {
            n: p["type"] for n, p in taken["properties"].items()}
        assert all(p["items"] == {"type": "string"} for p in taken["properties"].values() if "items" in p)


def test_get_agents_has_its_fifty_lists(export):
    taken = actions_of(tree(export()))["get-agents"]["contract"]["output"]["successSchema"]["properties"]
    lists = [name for name, schema in taken.items() if schema["type"] == "array"]
    assert sorted(lists) == sorted(n for pair in homes.PAIRS for n in pair) and len(lists) == 50


def test_an_action_s_time_out_is_past_the_gateway_s_deadline(export):
    assert {a["config"]["timeoutSeconds"] for a in actions_of(tree(export())).values()} == {10}
    export.home.configure(55)
    assert {a["config"]["timeoutSeconds"] for a in actions_of(tree(export())).values()} == {60}


@pytest.mark.parametrize("form, deadline, holds", [("rfc9421", 14, True), ("rfc9421", 25, False), ("token", 55, True)])
def test_the_handover_says_where_the_deadline_is_too_long(export, form, deadline, holds):
    export.home.configure(deadline)
    export("--form", form, "--out", export.home.dir + "/run/out")
    said = re.search("time-out of each data action.*", tree(export.home.dir + "/run/out")["HANDOVER.md"]).group()
    assert ("15 seconds: " in said) == (form == "rfc9421")
    assert ("the gateway that says what happened" in said) == holds
    assert ("deadline of 25 seconds" in said and "12 seconds or less" in said) != holds


# Plain words that YAML 1.1 and 1.2 read differently: booleans, octal, sexagesimal, dates, merge keys.
DIFFERENT = re.compile(r"(?i:y|n|yes|no|on|off)|0\d+|0o\d+|[-+]?[\d_]*_[\d_]*|\d+(:\d+)+|\d{4}-\d\d?-\d\d?.*|<<|=|~"
                       r"|[-+]?\.\d+|[-+]?\d+\.|0b[01]+")


def test_every_version_of_yaml_reads_a_flow_alike(export):
    yaml = pytest.importorskip("yaml", reason="SKIPPED aloud: no python3-yaml")
    flows = {n: t for n, t in tree(export()).items() if n.endswith(".yaml")}
    assert len(flows) == 5
    for name, text in flows.items():
        for event in yaml.parse(text):
            if isinstance(event, yaml.ScalarEvent) and event.style is None:
                assert not DIFFERENT.fullmatch(event.value), (name, event)
        assert yaml.safe_load(text)["workflow"]["name"] == os.path.basename(name)[:-5]


def test_the_handover_has_this_route_s_values_and_calls_that_its_workflows_take(export):
    export.home.write("routes.d/acme.yaml", read(export.home.dir, "routes.d", "acme.yaml").replace("minutes: 480",
                                                                                                  "minutes: 450"))
    files = tree(export())
    sheet = files["HANDOVER.md"]
    assert not [name for name, text in files.items() if "@(" in text]
    for action in homes.ACTIONS:
        assert f"`{URL}/v1/acme/{action}`" in sheet and f"### `hris-acme-{action}-v1`" in sheet
    assert f"`{URL}/v1/acme/token`" in sheet and "secrets/acme-genesys`" in sheet
    calls = re.findall(r"^`HRIS-([\w-]+)-acme`:\n\n((?:    .*\n)+)", sheet, re.M)
    assert len(calls) == 5
    for name, text in calls:
        taken = re.findall(r"name: (Flow\.\w+)\n(?:.*\n){2,3}?\s+isInput: true", files[f"flows/HRIS-{name}-acme.yaml"])
        given = json.loads(text)["inputData"]
        assert set(given) <= set(taken), name
        assert given.get("Flow.payableMinutes", ["450"]) == ["450"]
    for action in actions_of(files).values():
        for member in action["contract"]["output"]["successSchema"]["properties"]:
            assert f"`{member}`" in sheet


def test_the_handover_says_who_mends_every_error_and_who_is_told(export):
    files = tree(export())
    mends, told = re.search(r"^## 9\.(.*?)^## 10\.(.*?)^## 11\.", files["HANDOVER.md"], re.M | re.S).groups()
    codes = re.findall(r'X\(\w+, "([A-Z]+\.[A-Z_]+)"', read(fronts.TOP, "src", "base", "fail.h"))
    groups = {word[:-1] for word in re.findall(r"`([A-Z]+\.\*)`", mends)}
    assert len(codes) > 30 and groups == {"INPUT.", "ROUTE.", "GATEWAY."}
    for code in codes:
        assert f"`{code}`" in mends or (code.partition(".")[0] + "." in groups), code
    # What is quoted of a workflow is in each of them.
    for text in re.findall(r'`Error`, "(.*?)"', mends):
        assert all(text in flow for name, flow in files.items() if name.endswith(".yaml")), text
    for place in ("TELL SOMEBODY", "State.notice", "Does somebody have to know?"):
        assert place in told and all(place in flow for name, flow in files.items() if name.endswith(".yaml")), place
    for words in ("ledger reconcile", "ledger list --open --older 15m", "ledger list --ended", "Nothing flows from the HRIS"):
        assert words in told
    assert "recordedMinutes" in mends and "ledger list --different" in mends


def test_the_blueprint_comes_first_where_the_route_has_the_face(export):
    assert "face:" in tree(export())["HANDOVER.md"].split("## 2")[0]
    export.home.route("acme", more="face: bamboohr\n")
    assert f"`{URL}/api/gateway.php/acme/`" in tree(export())["HANDOVER.md"].split("## 2")[0]


@pytest.mark.parametrize("form, header, types", [
    ("token", "Authorization", {"custom-rest-actions"}), ("basic", None, {"custom-rest-actions"}),
    ("rfc9421", "key-id", {"function-data-actions"})])
def test_each_form_has_its_own_headers_and_terraform(export, form, header, types):
    export("--form", form, "--out", export.home.dir + "/run/" + form)
    files = tree(export.home.dir + "/run/" + form)
    actions = actions_of(files)
    assert {a["integrationType"] for a in actions.values()} == types
    assert all(header is None or header in a["config"]["request"]["headers"] for a in actions.values())
    assert ("auth.json" in files) == (form == "token")
    assert ("function/index.js" in files) == (form == "rfc9421") == ("signature_key" in files["HANDOVER.md"])
    terraform = files["terraform/actions.tf"] + files["terraform/integration.tf"]
    named = set(re.findall(r"genesyscloud_integration\w*\.hris|genesyscloud_flow\.hris", terraform))
    made = {f"{kind}.hris" for kind in re.findall(r'^resource "(\w+)" "hris"', terraform, re.M)}
    assert named <= made and terraform.count("{") == terraform.count("}")


def test_what_cannot_be_exported_is_said(export):
    export("--out", "/nowhere/at/all", url="gw.example.com", code=1)
    assert "--url: https://HOST" in export.err
    export(url=URL + "/hris", code=1)
    assert 'base_path in' in export.err and '"/hris"' in export.err
    export(url=URL + "/", code=1)
    export("--caller", "nobody", "--out", "/tmp", code=1)
    assert "no caller nobody" in export.err
    export("--form", "standard-webhooks", "--out", "/tmp", code=1)
    export(route="nowhere", code=1)
