"""hrisgw snapshot: the agents of an HRIS that is asked for each of them, kept whole or not at all."""
import json
import os
import re
import signal
import subprocess
import threading
import time

import pytest

from home import mode_of, sign, wait_until
from mock_hris import answer

ADAPTER = """\
title: Each
agents: snapshot
settings:
  base_url: {required: true}
  key: {required: true, secret: true}
base_url: ${settings.base_url}
auth: {bearer: '${settings.key}'}
operations:
  get-agents:
    - {name: list, request: GET /ids, each: '$[*]', set: {ids: '@'}}
    - for: {id: steps.list.ids}
      request: GET /people/${id}
      agent: {id: $.id, email: $.mail}
"""

ROUTE = """\
adapter: each
settings: {{base_url: {url}, key: 'file:{dir}/secrets/hris'}}
insecure_http: true
timezone: UTC
limits: {{in_flight: 4}}
callers:
  plain: {{basic: 'file:{dir}/secrets/acme-plain'}}
"""


class People:
    """Says the ids of all, and the e-mail of one at a time."""

    def __init__(self, home, hris, n):
        self.home, self.hris, self.n, self.asked, self.stop_at = home, hris, n, 0, None
        self.lock, self.reached, self.go = threading.Lock(), threading.Event(), threading.Event()
        hris.reset()
        hris.on("GET", "/ids", lambda _: answer(list(range(1, self.n + 1))))
        hris.on("GET", r"/people/\d+", self.one)
        home.write("adapters/each.yaml", ADAPTER)
        home.write("routes.d/acme.yaml", ROUTE.format(url=hris.url, dir=home.dir))
        self.file = home.dir + "/state/agents-acme.json"

    def one(self, asked):
        with self.lock:
            self.asked += 1
            stops = self.asked == self.stop_at
        if stops:
            self.reached.set()
            self.go.wait(60)
        who = asked.path.rsplit("/", 1)[1]
        return answer({"id": who, "mail": f"secret{who}@example.com"})

    def command(self, *words):
        return [self.home.lib + "/hrisgw", "snapshot", "--config", self.home.config, *words]

    def take(self, *words, code=0):
        done = subprocess.run(self.command(*(words or ("acme",))), capture_output=True, text=True, timeout=60,
                              check=False)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    def head(self, change=None):
        """The file's first line; changed, where change is given."""
        with open(self.file, encoding="utf-8") as file:
            first, rest = file.read().split("\n", 1)
        head = json.loads(first)
        if change:
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(json.dumps({**head, **change}) + "\n" + rest)
        return head

    def agents(self):
        out = json.loads(self.home.cgi(
            "/v1/acme/get-agents", b"{}", headers={
                "Content-Type": "application/json",
                **sign.basic("plain", self.home.read_secret("acme-plain"))}).body)
        return out["errorCode"] or out["count"], out["errorMsg"]


@pytest.fixture
def people(own_home, hris_server):
    out = People(own_home, hris_server, 20)
    yield out
    out.go.set()


def test_a_whole_list_is_answered_from_and_the_hris_is_not_asked(people):
    code, text = people.agents()
    assert code == "HRIS.UNAVAILABLE" and "no list of agents was read yet: hrisgw snapshot acme" in text
    people.n = 2100             # more than a step may call side by side
    said = people.take()
    assert said == "acme: 2100 agents\n" and people.asked == 2100
    assert people.agents() == (2100, "") and people.asked == 2100
    assert mode_of(people.file) == 0o600 and mode_of(people.file.replace("json", "lock")) == 0o600
    assert not os.path.exists(people.file.replace("json", "new"))


def test_a_crash_in_the_middle_leaves_the_list_before(people):
    people.take()
    before = people.head()
    people.n, people.stop_at = 30, people.asked + 15
    with subprocess.Popen(people.command("acme")) as running:
        assert people.reached.wait(30)
        running.send_signal(signal.SIGKILL)
    people.go.set()
    assert people.head() == before and people.agents() == (20, "")
    assert people.take() == "acme: 30 agents\n" and people.agents() == (30, "")


def test_an_hris_that_fails_in_the_middle_leaves_the_list_before(people):
    people.take()
    people.hris.on("GET", "/people/13", answer({}, 403))
    said = people.take(code=1)
    assert "HRIS.FORBIDDEN" in said and people.agents() == (20, "")


@pytest.mark.parametrize("spoil,code,text", [
    (lambda p: p.head({"at": int(time.time()) - 25 * 3600}), "HRIS.UNAVAILABLE", "was read 25 hours ago"),
    (lambda p: p.head({"at": int(time.time()) + 3600}), "HRIS.UNAVAILABLE", "hrisgw snapshot acme reads it anew"),
    (lambda p: os.truncate(p.file, os.path.getsize(p.file) - 40), "GATEWAY.STORE", "is damaged"),
    (lambda p: os.truncate(p.file, 20), "GATEWAY.STORE", "is damaged"),
    (lambda p: os.truncate(p.file, 0), "GATEWAY.STORE", "is damaged"),
    (lambda p: p.home.write("routes.d/acme.yaml", ROUTE.format(url=p.hris.url + "/other", dir=p.home.dir)),
     "HRIS.UNAVAILABLE", "the settings have changed"),
], ids=["old", "future", "cut", "head cut", "empty", "another HRIS"])
def test_what_is_old_damaged_or_anothers_is_no_answer(people, spoil, code, text):
    people.take()
    people.head({"at": int(time.time()) - 23 * 3600})
    assert people.agents() == (20, "")
    spoil(people)
    said = people.agents()
    assert said[0] == code and text in said[1]


def test_of_two_processes_one_reads(people):
    people.stop_at = 5
    with subprocess.Popen(people.command("acme"), stdout=subprocess.PIPE, text=True) as first:
        assert people.reached.wait(30)
        assert people.take() == "acme: another process is reading the agents\n"
        people.go.set()
        assert first.communicate(timeout=60)[0] == "acme: 20 agents\n"
    assert people.asked == 20


def test_a_gateway_that_serves_reads_by_itself(people):
    people.home.start()
    wait_until(lambda: os.path.exists(people.file))
    assert people.agents() == (20, "")
    wait_until(lambda: "acme: 20 agents" in people.home.log())
    assert people.home.stop() == 0
    assert people.asked == 20 and not re.search("secret|example.com", people.home.log())


def test_a_gateway_that_ends_takes_its_reader_with_it(people):
    people.stop_at = 5
    people.home.start()
    assert people.reached.wait(30)
    assert people.home.stop() == 0
    people.go.set()
    assert not os.path.exists(people.file) and people.take() == "acme: 20 agents\n"


def test_usage(people):
    people.home.write("adapters/each.yaml", ADAPTER.replace("agents: snapshot\n", ""))
    assert "is asked for all agents at once" in people.take("acme", code=1)
    assert "there is no route nobody" in people.take("nobody", code=1)
    assert people.take("--due") == ""
    assert "--due" in people.take("--due", "acme", code=2)
