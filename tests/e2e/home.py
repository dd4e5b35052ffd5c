"""A gateway of its own in a temporary folder: program, configuration, routes, secrets, state, and the process
that serves. The web servers of fronts.py go in front of it; tests/tools/sign.py signs requests.
"""
import base64
import contextlib
import glob
import json
import os
import secrets
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time

import fronts

sys.path.insert(0, os.path.join(fronts.TOP, "tests", "tools"))
import fcgi_client      # noqa: E402
import sign             # noqa: E402

TOP_FOLDER = fronts.TOP
BINARY = os.environ.get("HRISGW") or os.path.join(fronts.TOP, "build", "release", "hrisgw")
ACTIONS = ("get-agents", "get-timeoff-types", "get-balance", "insert-timeoff", "update-timeoff")
COMMON = ("statusCode", "status", "errorMsg", "errorCode", "requestId")
PAIRS = [("emails" + n, "externalIds" + n) for n in ["", *map(str, range(1, 25))]]
# Besides the common five: lists of equal length, then the other members of every answer.
DECLARED = {
    "get-agents": (PAIRS, ("count", "skipped")),
    "get-timeoff-types": ([("ids", "names")], ("id2s",)),
    "get-balance": ([("dates", "timeOffTypeIds", "balanceMinutesPerDay")], ("timeOffTypeId2s",)),
    "insert-timeoff": ([], ("timeOffRequestId", "replayed", "recordedMinutes")),
    "update-timeoff": ([], ("timeOffRequestId", "replayed", "recordedMinutes")),
}
SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=0:exitcode=99",
              "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
              "TSAN_OPTIONS": "report_thread_leaks=0:exitcode=99:second_deadlock_stack=1"}
REPORTS = (b"ERROR: AddressSanitizer", b"ERROR: LeakSanitizer", b"WARNING: ThreadSanitizer",
           b"runtime error:")

CONFIG = """\
workers: 2
state_dir: {dir}/state
routes: {dir}/routes.d
adapters: {dir}/adapters
deadline: {deadline}s
"""

ROUTE = """\
adapter: bamboohr
settings:
  company: acme
  api_key: file:{dir}/secrets/hris
  base_url: {url}
insecure_http: true
timezone: America/Chicago
day_minutes: 480
on_fewer: keep
callers:
  genesys:
    token: file:{dir}/secrets/{name}-genesys
  signer:
    signature: [rfc9421]
    keys: {{k1: file:{dir}/secrets/{name}-k1}}
  plain:
    basic: file:{dir}/secrets/{name}-plain
{more}"""


def missing():
    return [] if os.access(BINARY, os.X_OK) else [f"{BINARY} (make, or name it in HRISGW)"]


def is_sanitized():
    with open(BINARY, "rb") as file:
        data = file.read()
    return b"__asan_init" in data or b"__tsan_init" in data


LIVING = set()


def forget():
    """Another HRIS begins: what the ledgers know of the one before does not count for it, nor do the attempts at
    secrets of the test before."""
    for home in LIVING:
        for name, table in (("ledger.db", "intents"), ("state.db", "tallies")):
            if os.path.exists(f"{home.dir}/state/{name}"):
                with contextlib.closing(sqlite3.connect(f"{home.dir}/state/{name}", timeout=10)) as db, db:
                    db.execute("DELETE FROM " + table)


class Home:
    """deadline: of hrisgw.yaml. client_timeout: of `serve`."""

    def __init__(self, hris, deadline=5, client_timeout=None):
        self.hris = hris
        self.dir = tempfile.mkdtemp(prefix="hrisgw-", dir="/tmp")
        LIVING.add(self)
        os.chmod(self.dir, 0o755)
        for name in ("routes.d", "adapters", "secrets", "state", "lib", "run"):
            os.mkdir(os.path.join(self.dir, name))
        os.chmod(self.dir + "/state", 0o700)
        self.lib = self.dir + "/lib"
        self.socket = self.dir + "/run/hrisgw.sock"
        self.config = self.lib + "/hrisgw.yaml"
        self.client_timeout = client_timeout
        self.process, self.log_path = None, self.dir + "/run/serve.log"
        self.certificate = fronts.certificate(self.dir)
        self.install()
        self.configure(deadline)
        self.adapter("bamboohr")
        self.secret("hris", "hris-key")
        self.route("acme")
        fronts.give(self.dir)

    def install(self):
        shutil.copy(BINARY, self.lib + "/hrisgw")
        for name in ("hrisgw", *ACTIONS):
            for ending in (".fcgi", ".cgi"):
                os.symlink("hrisgw", f"{self.lib}/{name}{ending}")

    def adapter(self, name, settle=0):
        """One that is shipped; what was written shows soon here."""
        with open(os.path.join(fronts.TOP, "conf", "adapters", name + ".yaml"), encoding="utf-8") as file:
            text = file.read()
        assert "settle: 5s" in text
        self.write(f"adapters/{name}.yaml", text.replace("settle: 5s", f"settle: {settle}s"))

    def configure(self, deadline):
        self.write("lib/hrisgw.yaml", CONFIG.format(dir=self.dir, deadline=deadline))

    def write(self, name, text, mode=0o644):
        """Replaces the file in one step, as a careful editor does."""
        path = os.path.join(self.dir, name)
        with open(path + "~", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path + "~", mode)
        if fronts.worker():
            shutil.chown(path + "~", fronts.worker(), fronts.worker())
        os.rename(path + "~", path)
        return path

    def secret(self, name, text=None):
        text = secrets.token_urlsafe(32) if text is None else text
        self.write("secrets/" + name, text + "\n", 0o600)
        return text

    def route(self, name, more="", url=None):
        self.secret(name + "-genesys")
        self.secret(name + "-plain")
        self.secret(name + "-k1", "base64:" + base64.b64encode(secrets.token_bytes(32)).decode())
        self.write(f"routes.d/{name}.yaml", ROUTE.format(
            dir=self.dir, name=name, url=url or self.hris.url, more=more))

    def key(self, route="acme"):
        return sign.read_key(f"{self.dir}/secrets/{route}-k1")

    def read_secret(self, name):
        return sign.read_secret(f"{self.dir}/secrets/{name}")

    # The process.

    def start(self, *arguments, stdin=subprocess.DEVNULL, program="hrisgw", wait=True, env=None,
              pass_fds=(), before=None):
        """`hrisgw serve` on our socket, unless arguments say otherwise."""
        command = [f"{self.lib}/{program}"]
        if program == "hrisgw" and not arguments:
            arguments = ["serve", "--config", self.config, "--listen", self.socket]
            if self.client_timeout:
                arguments += ["--client-timeout", str(self.client_timeout)]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*command, *arguments], stdin=stdin, stdout=log, stderr=log, preexec_fn=before,
                start_new_session=True, pass_fds=pass_fds, cwd="/",
                env={"PATH": "/usr/bin:/bin", **SANITIZERS, **(env or {})}, **fronts.as_worker())
        if wait:
            self.wait_for(self.socket)
        return self.process

    def wait_for(self, path, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                fcgi_client.Connection(path).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        raise RuntimeError("hrisgw did not start:\n" + self.log())

    def stop(self):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(70)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        code, self.process = self.process.returncode, None
        return code

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines(keepends=True)
        # AddressSanitizer says so at the first task, and cannot be kept from it.
        return "".join(line for line in lines if "ASan doesn't fully support makecontext" not in line)

    def check_reports(self):
        """Fails if a sanitizer has reported anything."""
        for path in glob.glob(self.dir + "/**/*.log", recursive=True):
            with open(path, "rb") as file:
                data = file.read()
            for mark in REPORTS:
                assert mark not in data, data[data.index(mark):][:6000].decode("utf-8", "replace")

    def remove(self):
        LIVING.discard(self)
        shutil.rmtree(self.dir, ignore_errors=True)

    def fcgi(self, target, body=b"", method="POST", headers=None, **more):
        """A request straight to the socket."""
        sent = body if method != "GET" or body else None
        return fcgi_client.request(self.socket, fcgi_client.variables(
            method, target, sent, headers, **more), body, timeout=70)

    def cgi(self, target, body=b"", method="POST", headers=None, program="hrisgw.cgi",
            arguments=(), feed=None, **more):
        """Plain CGI without a web server: the process, its answer parsed."""
        env = fcgi_client.variables(method, target, body, headers,
                                    GATEWAY_INTERFACE="CGI/1.1", **more)
        run = subprocess.run([f"{self.lib}/{program}", *arguments], input=body if feed is None else feed,
                             env={**SANITIZERS, **env}, capture_output=True, cwd=self.lib,
                             timeout=70, check=False, **fronts.as_worker())
        answer = fcgi_client.Answer(run.stdout, run.stderr, run.returncode, 0)
        return answer


class Caller:
    """A caller of a route, through a front, with one form of proof."""

    def __init__(self, home, front, form="rfc9421", route="acme", prefix=""):
        self.home, self.front, self.form, self.route, self.prefix = home, front, form, route, prefix
        self.token = None

    def proof(self, method, url, body):
        if self.form == "rfc9421":
            return sign.rfc9421(self.home.key(self.route), "k1", method, url, body)
        if self.form == "basic":
            return sign.basic("plain", self.home.read_secret(self.route + "-plain"))
        if self.token is None:
            self.token = sign.fetch_token(
                f"{self.front.origin}{self.prefix}/v1/{self.route}/token", "genesys",
                self.home.read_secret(self.route + "-genesys"), context=self.front.context)
        return sign.bearer(self.token)

    def send(self, action, body, headers=None, target=None, content_type="application/json"):
        """Returns the HTTP answer. body: bytes, or a value that is sent as JSON."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = target or f"{self.prefix}/v1/{self.route}/{action}"
        sent = {"Content-Type": content_type,
                **self.proof("POST", self.front.origin + target, body), **(headers or {})}
        return self.front.request("POST", target, body,
                                  {n: v for n, v in sent.items() if v is not None})

    def when_known(self):
        """Waits until the gateway has loaded a new route."""
        wait_until(lambda: self.send("get-timeoff-types", {}).status == 200)
        return self

    def call(self, action, body):
        """Returns the answer's members, after checking those that every answer has."""
        answer = self.send(action, body)
        assert answer.status == 200, (answer, self.home.log()[-2000:], self.front.logs()[-2000:])
        return check_declared(action, parse(answer))


def wait_until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def parse(answer):
    assert answer.headers["content-type"].split(";")[0] == "application/json", answer
    out = json.loads(answer.body)
    for name in COMMON:
        assert name in out, (name, out)
    return out


def check_declared(action, out):
    """Every answer has every member that its action declares."""
    lists, others = DECLARED[action]
    if action == "get-agents" and "emails1" not in out:
        lists = PAIRS[:1]       # one bucket
    for names in lists:
        assert len({len(out[name]) for name in names}) == 1, (names, out)
    named = [name for names in lists for name in names]
    assert set(out) == {*COMMON, *named, *others}, out
    for second, first in (("id2s", "ids"), ("timeOffTypeId2s", "dates")):
        assert second not in out or out[second] == [] or len(out[second]) == len(out[first]), out
    failed = out["status"] != "Complete"
    assert failed == bool(out["errorCode"]) == bool(out["errorMsg"]), out
    assert out["statusCode"] in ((200, 408, 500) if failed else (200,)), out
    assert not failed or not any(out[name] for name in named), out
    return out


def side_by_side(function, n):
    """Runs function(0) to function(n - 1) at the same time; returns their results or exceptions."""
    results = [None] * n

    def run(i):
        try:
            results[i] = function(i)
        except Exception as e:          # pylint: disable=broad-except
            results[i] = e
    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)
