"""Routes and adapters are added, changed, broken and removed while the gateway serves: no request is lost, and a
fault leaves the last good version in force and is reported where people look.
"""
import json
import os
import subprocess

import pytest

import fronts
import sign
from auth_kit import Load
from home import Home, parse, wait_until
from mock_hris import answer

PEOPLE = r"/employees/directory"


@pytest.fixture(scope="module")
def busy(hris_server):
    """A gateway of this module's own, with nginx before it."""
    home = Home(hris_server)
    home.start()
    front = fronts.Front("nginx", home).start()
    yield Busy(home, front)
    front.stop()
    code = home.stop()
    try:
        assert code == 0, home.log()[-3000:]
        home.check_reports()
    finally:
        home.remove()


class Busy:
    def __init__(self, home, front):
        self.home, self.front = home, front
        with open(os.path.join(fronts.TOP, "conf", "adapters", "bamboohr.yaml"),
                  encoding="utf-8") as file:
            self.adapter = file.read()

    def ask(self, route, action="get-timeoff-types"):
        secret = self.home.read_secret(route + "-plain")
        return self.front.request("POST", f"/v1/{route}/{action}", b"{}", {
            "Content-Type": "application/json", **sign.basic("plain", secret)})

    def works(self, route="acme"):
        out = self.ask(route)
        return out.status == 200 and parse(out)["status"] == "Complete" or out

    def agents(self, route):
        out = self.ask(route, "get-agents")
        return parse(out)["externalIds"] if out.status == 200 else out.status

    def ready(self):
        out = self.front.request("GET", "/-/ready")
        assert out.status == 200
        return json.loads(out.body)

    def faults(self):
        return self.ready()["faults"]

    def check(self):
        """What a new process finds."""
        done = subprocess.run([self.home.lib + "/hrisgw", "check", "--json", "--config",
                               self.home.config], capture_output=True, text=True, timeout=60,
                              check=False, **fronts.as_worker())
        out = json.loads(done.stdout)
        assert (done.returncode == 0) == (out["faults"] == []) and done.returncode in (0, 1)
        return out["faults"]

    def events(self, name):
        lines = [json.loads(x) for x in self.home.log().splitlines() if f'"event":"{name}"' in x]
        return [x["text"] for x in lines]

    def path(self, name):
        return os.path.join(self.home.dir, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()


@pytest.fixture(autouse=True)
def people(hris):
    """Two lists of employees, which show which one the gateway asked for."""
    hris.on("GET", "/staff", answer({"employees": [{"id": "30", "workEmail": "thea@example.com"}]}))
    hris.on("GET", PEOPLE, answer({"employees": [{"id": "7", "workEmail": "ann@example.com"}]}))
    return hris


@pytest.fixture
def load(busy):
    """Runs while a test changes things; every answer must be good."""
    with Load(busy.works, threads=3) as out:
        out.busy = busy
        yield out
        out.settle()
    out.check()


def test_a_route_is_dropped_in_changed_broken_mended_and_removed(busy, load):
    home, file = busy.home, "routes.d/other.yaml"
    home.route("other")
    wait_until(lambda: busy.agents("other") == ["7"])
    assert "other" in busy.ready()["routes"] and busy.events("route loaded")[-1] == "other"
    text = busy.read(file)

    # Changed: all of it counts, or none.
    home.write(file, text + "agents: {email_overrides: 'file:%s'}\n" % home.write(
        "emails.csv", "id,email\n7,other@example.com\n"))
    wait_until(lambda: parse(busy.ask("other", "get-agents"))["emails"] == ["other@example.com"])

    with Load(lambda: busy.works("other")) as second:
        # Broken: the last good version serves; the fault is reported everywhere, with its place.
        home.write(file, text + "day_minuts: 60\n")
        wait_until(busy.faults)
        fault = busy.faults()[0]
        place = f"{busy.path(file)}:{len(text.splitlines()) + 1}:1"
        assert len(busy.faults()) == 1 and fault.startswith(place) and "day_minutes" in fault
        assert busy.ready()["status"] == "faults" and "other" in busy.ready()["routes"]
        assert busy.check() == [fault] and busy.events("route fault")[-1] == fault
        assert parse(busy.ask("other", "get-agents"))["emails"] == ["other@example.com"]
        # A fault is logged once, not at every check.
        second.settle()
        assert busy.events("route fault").count(fault) == 1
        # Broken in other ways: not YAML; a missing secret.
        for broken, said in ((": : {", "other.yaml:"), (text.replace("other-k1", "gone-k1"), "gone-k1")):
            home.write(file, broken)
            wait_until(lambda: any(said in f for f in busy.faults()) and fault not in busy.faults())
            fault = busy.faults()[0]
            assert busy.check() != []
        # Mended.
        home.write(file, text)
        wait_until(lambda: busy.faults() == [])
        wait_until(lambda: busy.agents("other") == ["7"])
        second.settle()
    second.check()
    assert busy.check() == [] and busy.ready()["status"] == "ready"

    # Removed: every caller is refused.
    os.unlink(busy.path(file))
    # While it was not there yet, it was asked for more than ten times.
    wait_until(lambda: busy.ask("other").status in (401, 429))
    assert "other" not in busy.ready()["routes"] and busy.events("route removed")[-1] == "other"


def test_an_adapter_is_dropped_in_changed_broken_mended_and_removed(busy, load):
    home, file = busy.home, "adapters/staff.yaml"
    home.route("staff")
    route = busy.read("routes.d/staff.yaml").replace("adapter: bamboohr", "adapter: staff")
    home.write("routes.d/staff.yaml", route)
    # The route waits for its adapter: its callers are known, and the fault names the adapter.
    wait_until(lambda: busy.ask("staff").status == 200)
    out = parse(busy.ask("staff"))
    assert (out["status"], out["errorCode"]) == ("Error", "ROUTE.BROKEN"), out
    assert any("staff" in f for f in busy.faults())

    home.write(file, busy.adapter)
    wait_until(lambda: busy.agents("staff") == ["7"])
    assert busy.faults() == []
    with Load(lambda: busy.works("staff"), lambda: busy.agents("staff") in (["7"], ["30"])) as second:
        home.write(file, busy.adapter.replace("GET /employees/directory", "GET /staff"))
        wait_until(lambda: busy.agents("staff") == ["30"])
        assert busy.events("adapter loaded")[-1] == "staff"

        bad = busy.adapter.replace("each: $.timeOffTypes[*]", "eech: $.timeOffTypes[*]")
        line = [n for n, x in enumerate(bad.splitlines(), 1) if "eech" in x][0]
        home.write(file, bad)
        wait_until(busy.faults)
        fault = [f for f in busy.faults() if f"staff.yaml:{line}:" in f][0]
        assert "each" in fault and busy.events("adapter fault")
        assert busy.agents("staff") == ["30"]
        assert fault in busy.check()

        home.write(file, busy.adapter)
        wait_until(lambda: busy.agents("staff") == ["7"] and busy.faults() == [])

        # Removed: the loaded adapter stays in use; a new process would not have it.
        os.unlink(busy.path(file))
        wait_until(lambda: "staff" in busy.events("adapter removed"))
        second.settle()
        assert busy.agents("staff") == ["7"]
        wait_until(busy.faults)
        assert any("staff" in f for f in busy.check())
        second.settle()
    second.check()
    os.unlink(busy.path("routes.d/staff.yaml"))
    wait_until(lambda: busy.ask("staff").status in (401, 429) and busy.faults() == [])


def test_many_changes_at_once(busy, load):
    """Thirty routes are added, changed and removed at once, under load."""
    names = [f"many-{i:02}" for i in range(30)]
    for name in names:
        busy.home.route(name)
    wait_until(lambda: all(busy.works(name) is True for name in names))
    for name in names:
        busy.home.write(f"routes.d/{name}.yaml",
                        busy.read(f"routes.d/{name}.yaml") + "agents: {exclude: ['7']}\n")
    wait_until(lambda: all(busy.agents(name) != ["7"] for name in names))
    for name in names:
        os.unlink(busy.path(f"routes.d/{name}.yaml"))
    wait_until(lambda: not set(names) & set(busy.ready()["routes"]))
    assert busy.faults() == []


def test_half_a_file_is_not_taken_up(busy, load):
    """A file that is still being written, as by a slow copy, is not read."""
    busy.home.route("slow")
    text, path = busy.read("routes.d/slow.yaml"), busy.path("routes.d/slow.yaml")
    with open(path, "w", encoding="utf-8") as file:
        for at in range(0, len(text), 24):
            file.write(text[at:at + 24])
            file.flush()
            load.over.wait(0.1)
            assert busy.faults() == []
    wait_until(lambda: busy.works("slow") is True)
    assert not any("slow.yaml" in f for f in busy.events("route fault"))
    os.unlink(path)
    wait_until(lambda: "slow" not in busy.ready()["routes"])


def test_files_that_are_no_routes_are_passed_over(busy, load):
    text = busy.read("routes.d/acme.yaml")
    for name in (".hidden.yaml", "acme.yaml.example", "acme.yaml~", "notes.txt"):
        busy.home.write("routes.d/" + name, "no: [yaml" if "hidden" in name else text)
    busy.home.write("routes.d/Upper.yaml", text)
    wait_until(busy.faults)
    assert len(busy.faults()) == 1 and "Upper.yaml" in busy.faults()[0]
    assert busy.ready()["routes"] == ["acme"]
    for name in (".hidden.yaml", "acme.yaml.example", "acme.yaml~", "notes.txt", "Upper.yaml"):
        os.unlink(busy.path("routes.d/" + name))
    wait_until(lambda: busy.faults() == [])


def test_a_folder_that_is_gone_takes_nothing_away(busy, load):
    os.rename(busy.path("routes.d"), busy.path("elsewhere"))
    try:
        wait_until(busy.faults)
        load.settle()
        assert busy.ready()["routes"] == ["acme"] and "routes.d" in busy.faults()[0]
    finally:
        os.rename(busy.path("elsewhere"), busy.path("routes.d"))
    wait_until(lambda: busy.faults() == [])


def test_a_new_process_has_no_last_good_one(own_home, hris):
    """A new process, like plain CGI, answers ROUTE.BROKEN for that route alone; a running one still serves it."""
    own_home.route("other")
    own_home.start()

    def ask(how, route):
        headers = sign.basic("plain", own_home.read_secret(route + "-plain"))
        out = how(f"/v1/{route}/get-timeoff-types", b"{}", headers=headers)
        return json.loads(out.body)["errorCode"] if out.status == 200 else out.status
    assert ask(own_home.fcgi, "other") == ""
    with open(own_home.dir + "/routes.d/other.yaml", "a", encoding="utf-8") as file:
        file.write("unlimited_minutes: many\n")
    wait_until(lambda: json.loads(own_home.fcgi("/-/ready", method="GET").body)["faults"])
    assert [ask(own_home.fcgi, r) for r in ("acme", "other")] == ["", ""]
    assert [ask(own_home.cgi, r) for r in ("acme", "other")] == ["", "ROUTE.BROKEN"]
    own_home.stop()
    own_home.start()
    assert [ask(own_home.fcgi, r) for r in ("acme", "other")] == ["", "ROUTE.BROKEN"]
    ready = json.loads(own_home.fcgi("/-/ready", method="GET").body)
    assert ready["status"] == "faults" and ready["routes"] == ["acme", "other"]
    # An unknown caller learns nothing of it; if the callers cannot be read, every caller is unknown.
    assert own_home.fcgi("/v1/other/get-timeoff-types", b"{}").status == 401
    own_home.write("routes.d/other.yaml", "callers: {")
    own_home.stop()
    own_home.start()
    assert [ask(own_home.fcgi, r) for r in ("acme", "other")] == ["", 401]
