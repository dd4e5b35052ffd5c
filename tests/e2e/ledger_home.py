"""A gateway whose routes lead to HRISs that keep the truth (stateful_hris.py): what the proofs of the ledger share.

    with LedgerHome() as home:
        home.add("consistent")          # a route of that name; more: see add()
        socket = home.serve("now")      # processes, each with a socket of its own
        world = home.world("consistent")
        code, out = home.ask("consistent", action(None), body(world.agent), socket)
        code, out = home.run("consistent", action(None), body(world.agent))     # the same by plain CGI
"""
import collections
import contextlib
import functools
import itertools
import json
import os
import re
import sqlite3
import subprocess

import fronts
import home as homes
import stateful_hris
from stateful_hris import Generic, World

SEED = os.environ.get("HRISGW_SEED", "1")
WHOLE = os.environ.get("HRISGW_TORTURE") == "1"
AGENTS = itertools.count(5000)
# What an answer that does not know the outcome is called.
UNSURE = ("HRIS.OUTCOME_UNKNOWN", "HRIS.DIFFERENT", "HRIS.NOT_APPROVED", "GATEWAY.IN_PROGRESS")
# The wall clock of a process that is to see the quiet period of an open write over, but not the time in which a
# stored answer is given.
DEADLINE_S = 20
LATER = {"SHIM_CLOCK": "40000"}

Row = collections.namedtuple("Row", "n op state request verified")


# The generic adapter for an HRIS that takes one range a request.
RUNS = ((r"amounts: .*", "amounts: {minutes: 1, runs: equal}"),
        (r"    - request: POST /leave\n", "    - for: {run: in.runs}\n      request: POST /leave\n"),
        (r"        key: .*\n        days: .*\n", "        first: ${run.first}\n        last: ${run.last}\n"
                                                "        minutes: ${run.minutes}\n"),
        (r"  change-timeoff:\n(?:   .*\n)+", "  change-timeoff: replace\n"),
        (r"    - request: POST /leave/\$\{in\.request_id\}/", "    - for: {id: \"in.request_id | split ','\"}\n"
                                                            "      request: POST /leave/${id}/"),
        (r"      request: GET /leave\n      query: \{id: .*",
         "      for: {id: \"in.request_id | split ','\"}\n      request: GET /leave\n      query: {id: '${id}'}"),
        (r"        id: \.id\n        agent_id", "        id: in.request_id | default .id\n        agent_id"))


def adapter_text(find, consistent, without=(), settle="1s", replaces=None):
    """The generic adapter: how it finds a lost write, the operations that it lacks. replaces: it can change what is
    approved only by entering it anew, "true" or "create-first"; or it takes "runs"."""
    with open(os.path.join(os.path.dirname(__file__), "adapters", "stateful.yaml"), encoding="utf-8") as file:
        text = file.read()
    note = "'${in.marker} ${in.notes}'" if find == "marker" else "${in.notes}"
    key = "${in.marker}" if find == "key" else "none"
    shown = {"marker": "notes: .note", "key": "marker: .key"}.get(find, "notes: .note")
    text = text.replace("FIND", find).replace("CONSISTENT", str(consistent).lower()).replace("settle: 1s",
                                                                                            "settle: " + settle)
    text = text.replace(": NOTE", ": " + note).replace(": KEY", ": " + key).replace("SHOWN", shown)
    for pattern, instead in RUNS if replaces == "runs" else ():
        text, n = re.subn(pattern, instead, text)
        assert n, pattern
    if replaces and replaces != "runs":
        text = text.replace("  change-timeoff:\n",
                            "  change-timeoff:\n    - {when: {in.was: APPROVED}, replace: %s}\n" % replaces)
    for op in without:
        text = re.sub(rf"  {op}-timeoff:\n(?:   .*\n)+", "", text)
    return text


class LedgerHome(homes.Home):
    """Without a web server; the HRIS is its own."""

    def __init__(self, deadline=DEADLINE_S, **more):
        self.processes = []
        super().__init__(stateful_hris.StatefulHris(), deadline=deadline, **more)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.hris.stop()
        code = self.stop()
        try:
            if kind is None:
                self.check_reports()
                assert code == 0, (code, self.log()[-3000:])
        finally:
            self.remove()

    def add(self, name, find="marker", consistent=True, without=(), replaces=None):
        """A route of that name, and its adapter."""
        self.write(f"adapters/{name}.yaml", adapter_text(find, consistent, without, "0s", replaces))
        self.route(name, url=f"{self.hris.url}/{name}")
        path = f"routes.d/{name}.yaml"
        with open(f"{self.dir}/{path}", encoding="utf-8") as file:
            text = file.read().replace("adapter: bamboohr", f"adapter: {name}").replace("  company: acme\n", "")
        self.write(path, re.sub(r"  api_key: .*\n", "", text))

    def world(self, route, dialect=Generic, agent=None, **more):
        """Another world for that route, of an agent of its own."""
        self.hris.worlds[route] = out = World(dialect, agent or str(next(AGENTS)), **more)
        return out

    def proof(self, route):
        return homes.sign.basic("plain", self.read_secret(route + "-plain"))

    def serve(self, name, **env):
        """Another process; returns its socket."""
        self.socket, self.log_path = f"{self.dir}/run/{name}.sock", f"{self.dir}/run/{name}.log"
        self.processes.append(self.start(env=env))
        self.process = None
        return self.socket

    def stop(self):
        """Ends all; returns the exit code of one that did not end well, or 0."""
        codes = [super().stop()]
        for self.process in self.processes:
            codes.append(super().stop())
        self.processes = []
        return next((code for code in codes if code), 0)

    def shim(self, **env):
        """The environment of a process that runs with shim.c. A sanitizer's library has to come before it."""
        return {"LD_PRELOAD": " ".join([*sanitizers(), f"{self.lib}/shim"]), "ASAN_OPTIONS": "detect_leaks=0", **env}

    def ask(self, route, what, sent, socket):
        """The answer of a process that serves."""
        out = homes.fcgi_client.request(socket, homes.fcgi_client.variables(
            "POST", f"/v1/{route}/{what}", sent, self.proof(route)), sent, timeout=70)
        assert out.status == 200, (out.status, out.body, self.log()[-2000:])
        return homes.check_declared(what, homes.parse(out))

    def run(self, route, what, sent, before=(), **env):
        """Plain CGI; before: a command that runs the program. Exit code, and the answer where it is whole."""
        env = {**homes.SANITIZERS, "ASAN_OPTIONS": "detect_leaks=0", **env, **homes.fcgi_client.variables(
            "POST", f"/v1/{route}/{what}", sent, self.proof(route), GATEWAY_INTERFACE="CGI/1.1")}
        done = subprocess.run([*before, f"{self.lib}/hrisgw.cgi"], input=sent, capture_output=True, cwd=self.lib,
                              timeout=100, check=False, env=env, **fronts.as_worker())
        out = homes.fcgi_client.Answer(done.stdout, done.stderr, done.returncode, 0)
        if out.status == 200 and len(out.body) == int(out.headers["content-length"]):
            return done.returncode, homes.check_declared(what, homes.parse(out))
        return done.returncode, None

    def rows(self, route, agent):
        """The ledger's rows, beside the gateway."""
        path = self.dir + "/state/ledger.db"
        if not os.path.exists(path):
            return []
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as db:
            return [Row(*r) for r in db.execute("SELECT n, op, state, request, verified FROM intents WHERE ledger = ?"
                                                " AND agent = ? ORDER BY n", (route, agent))]

    def ledger(self, *arguments):
        """A verb of `hrisgw ledger`: exit code and what it prints."""
        done = subprocess.run([f"{self.lib}/hrisgw", "ledger", *arguments, "--config", self.config],
                              capture_output=True, text=True, timeout=60, check=False, **fronts.as_worker())
        return done.returncode, done.stdout + done.stderr

    def verify(self):
        """The ledger's chain."""
        code, out = self.ledger("verify")
        assert code == 0, out


@functools.lru_cache
def sanitizers():
    """The libraries of sanitizers that the gateway is linked with."""
    linked = subprocess.run(["ldd", homes.BINARY], capture_output=True, text=True, check=True).stdout
    return re.findall(r"=> (/\S+/lib[at]san\S+)", linked)


def compiled(folder, name, *flags):
    """A program, or with -shared a library, of a C file beside this one; everybody may run it."""
    out = os.path.join(folder, name)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".c")
    compiler = os.environ.get("CC", "gcc").split()      # "ccache gcc", say
    subprocess.run([*compiler, "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", *flags,
                    "-o", out, source], check=True)
    os.chmod(out, 0o755)
    return out


def body(agent, days=None, status="PENDING", request_id=None, **more):
    """What Genesys sends for an insert, or, with an id, an update."""
    days = Generic.days if days is None else days
    out = {"agentId": agent, "timeOffStatus": status, **more}
    if status not in ("CANCELED", "DENIED"):
        out |= {"timeOffTypeId": "78", "dates": list(days), "payableMinutes": list(days.values())}
        out.setdefault("overrideBalanceCheck", True)
    if request_id:
        out["inputTimeOffRequestId"] = request_id
    return json.dumps(out).encode()


def action(request_id):
    return "update-timeoff" if request_id else "insert-timeoff"
