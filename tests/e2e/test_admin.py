"""What an administrator meets: what root makes, what check says, what the commands exit with."""
import json
import os
import subprocess

import pytest

import fronts

AS_ROOT = pytest.mark.skipif(fronts.worker() is None, reason="needs root")


def hrisgw(home, *arguments):
    """As the user who runs the tests: root, where there is a user for the gateway."""
    return subprocess.run([home.lib + "/hrisgw", *arguments, "--config", home.config], capture_output=True,
                          text=True, timeout=60, check=False)


@AS_ROOT
def test_root_leaves_nothing_behind(own_home, hris):
    """Files that root's commands make are the gateway's user's."""
    owner = os.stat(own_home.dir + "/state").st_uid
    made = own_home.dir + "/secrets/new"
    out = hrisgw(own_home, "key", "new", made)
    assert out.returncode == 0 and fronts.worker() in out.stdout, out
    assert hrisgw(own_home, "call", "acme", "get-timeoff-types").returncode == 0
    assert hrisgw(own_home, "check").returncode == 0
    assert hrisgw(own_home, "key", "list", "acme").returncode == 0
    paths = [made, *(e.path for e in os.scandir(own_home.dir + "/state"))]
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


def test_fault_of_the_main_file_hides_no_route(own_home, hris):
    with open(own_home.config, "a", encoding="utf-8") as file:
        file.write("wrkers: 3\n")
    own_home.write("routes.d/bad.yaml", "adapter: nothing\n")
    own_home.write("routes.d/acme.yml", "x: y\n")
    out = hrisgw(own_home, "check")
    assert out.returncode == 1
    for part in ("wrkers", 'there is no adapter "nothing"', "warning: ", "acme.yml: it is not read", "bamboohr"):
        assert part in out.stdout, out.stdout


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
