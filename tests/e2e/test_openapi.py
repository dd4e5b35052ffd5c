"""The requests that adapters make, against the descriptions that vendors publish (OpenAPI): every request of a test
file, whose cases pass, is sent to Prism (https://github.com/stoplightio/prism), which answers by the description and
says what of the request does not fit it. Drafts and descriptions are foreign files: drafts/ and openapi/ beside
CORPORA, or in DRAFTS and OPENAPI. Skipped aloud without them, without Node.js, or where npm cannot have Prism.
Played by `make torture`: Prism is 185 packages, and takes seconds to read a description.
"""
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
import yaml

import fronts
from face_schema import folder
from home import wait_until
from test_drafts import mended

PRISM = "@stoplight/prism-cli@5.14.2"
BASIC, BEARER = "Basic dDp4", "Bearer t"

# NAME: description; the path before its paths; a proof of the kind that it wants; what of it is known not to fit, as
# (path, part of what Prism says), with the reason.
DESCRIBED = {
    "bamboohr": ("bamboohr.yaml", "", BASIC, [
        # a case sends an id with a slash on purpose, and that is no number
        ("/api/v1/employees/..%2F4/time_off/calculator", "employeeid must be integer")]),
    "dayforce": ("dayforce.yaml", "/Api", BEARER, []),
    "gusto": ("gusto.yaml", "", BEARER, []),
    "hibob": ("hibob.yaml", "/v1", BASIC, [
        # the reference pages have differentDayDurations; the description is older than they are
        ("/timeoff/employees/33/requests", "requestRangeType must be equal to one of the allowed values")]),
    "personio": ("personio-v1.yaml", "/v1", BEARER, [
        # described is v1 alone, which the draft uses for balances
        ("/v2/persons", "no path"), ("/v2/absence-types", "no path"), ("/v2/absence-periods", "no path")]),
    "workday": ("workday-absenceManagement-v5.json", "/ccx/api/absenceManagement/v4/acme", BEARER, []),
}


class Json(yaml.SafeLoader):
    """YAML as the gateway has it: dates, yes and 0123 are texts."""


Json.yaml_implicit_resolvers = {}
for tag, pattern, first in (("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
                            ("float", r"-?(0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
                            ("bool", "true|false", "tf"), ("null", "null", "n")):
    Json.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(f"^({pattern})$"), list(first))


@pytest.fixture(scope="module")
def prism(tmp_path_factory):
    """The program."""
    if os.environ.get("HRISGW_TORTURE") != "1":
        pytest.skip("SKIPPED aloud: vendors' descriptions are for make torture")
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"SKIPPED aloud: {program} is not installed")
    where = tmp_path_factory.mktemp("prism")
    (where / "package.json").write_text('{"private": true}')
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save",
                               "--fetch-retries", "1", PRISM], cwd=where, timeout=300, stdin=subprocess.DEVNULL,
                              capture_output=True, check=False).returncode
    except subprocess.TimeoutExpired:
        done = "no answer"
    if done != 0:
        pytest.skip(f"SKIPPED aloud: npm could not install {PRISM} ({done})")
    return str(where / "node_modules" / ".bin" / "prism")


def requests_of(script):
    """(method, path, query, headers, body) of each call that a test file expects."""
    with open(script, encoding="utf-8") as file:
        root = yaml.load(file, Loader=Json)
    for case in root["cases"]:
        for call in case.get("calls") or []:
            method, _, path = call["request"].partition(" ")
            url = path if "://" in path else root["base_url"] + path
            headers = {name: text for name, text in (call.get("headers") or {}).items()
                       if text is not None and name != "Authorization"}
            body = None
            if "body" in call:
                body, headers["Content-Type"] = json.dumps(call["body"]).encode(), "application/json"
            yield method, urllib.parse.urlsplit(url).path, call.get("query") or {}, headers, body


def misfits(port, strip, proof, script):
    """What Prism says of each request, less what it says of its own answer."""
    found = set()
    for method, path, query, headers, body in requests_of(script):
        path = path.removeprefix(strip)
        text = f"http://127.0.0.1:{port}{path}" + ("?" + urllib.parse.urlencode(query, True) if query else "")
        asked = urllib.request.Request(text, body, {"Accept": "application/json", "Authorization": proof, **headers},
                                       method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60):
                continue
        except urllib.error.HTTPError as answer:
            said = answer.read().decode()
        if "stoplight.io/prism/errors" not in said:
            continue
        said = json.loads(said)
        faults = said.get("validation")
        if faults is None:
            found.add((path, said["title"]))
        found |= {(path, fault["message"]) for fault in faults or [] if fault["location"][0] != "response"}
    return found


@pytest.mark.parametrize("name", DESCRIBED)
def test_requests_fit_the_vendor_s_description(name, prism, tmp_path):
    description, strip, proof, known = DESCRIBED[name]
    file = os.path.join(folder("openapi", description), description)
    if name == "bamboohr":
        script = os.path.join(fronts.TOP, "conf", "adapters", "bamboohr.test.yaml")
    else:
        script = mended(tmp_path, name, folder("drafts", f"{name}.yaml")).replace(".yaml", ".test.yaml")
    port, log = fronts.free_port(), tmp_path / "prism.log"
    with open(log, "wb") as out, subprocess.Popen([prism, "mock", "-p", str(port), "--errors", file], stdout=out,
                                                  stderr=out, start_new_session=True) as process:
        try:
            wait_until(lambda: b"is listening" in log.read_bytes() or process.poll() is not None, 120)
            assert process.poll() is None, log.read_text()[-2000:]
            found = misfits(port, strip, proof, script)
        finally:
            process.kill()
    for path, part in known:
        assert any(path == where and part in text for where, text in found), (path, part, found)
    assert not {(where, text) for where, text in found
                if not any(path == where and part in text for path, part in known)}
    assert len(list(requests_of(script))) > 4
