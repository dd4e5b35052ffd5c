"""
run.py: `make run`. Starts nginx on a loopback port, the gateway behind it, and a second hrisgw that is
the HRIS, shows the five actions (tour.py), and stays up until Ctrl-C. Nothing is left running.

    Genesys Cloud (tour.py) -> nginx -> gateway, route demo, adapter bamboohr
                            -> nginx -> HRIS, route sandbox, adapter local with a BambooHR face

PORT, RUN_DIR and TOUR_ONLY=1 are read from the environment. RUN_DIR/run.json says where
everything is, for scripts, while it is up.
"""
import argparse
import base64
import ctypes
import fcntl
import glob
import grp
import http.client
import json
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import tour     # noqa: E402 (after the line above, which keeps the tree clean)

READY_S = 20
STOP_S = 10
POLL_S = 0.02
PORT_TRIES = 5
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WATCHED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}
OWN_FOLDERS = ("conf", "secrets", "state", "log")

GATEWAY = """\
listen: {{socket: {socket}{group}}}
base_path: ''
state_dir: {state}
routes: routes.d
adapters: {adapters}
"""

DEMO = """\
# The customer's side: what Genesys Cloud calls. The HRIS is anything that speaks BambooHR's API.
adapter: bamboohr
settings:
  company: sandbox
  api_key: {hris_key}
  base_url: '{base_url}/api/gateway.php/sandbox/v1'
insecure_http: true                 # the HRIS is on this machine's loopback
timezone: America/Chicago
day_minutes: 480
token_ttl: 24h
callers:
  genesys:
    token: {genesys}
  signer:
    signature: [rfc9421]
    keys: {{demo-1: {signer}}}
"""

SANDBOX = """\
# The HRIS's side: employees, balances and requests in SQLite, answering as BambooHR would.
adapter: local
face: bamboohr
timezone: America/Chicago
day_minutes: 480
callers:
  gateway:
    basic: {hris_key}
"""

NGINX = """\
daemon off;
{user}worker_processes 2;
pid "{temp}/nginx.pid";
error_log log/nginx-error.log;          # below RUN_DIR, which is nginx' prefix
events {{ worker_connections 512; }}
http {{
	access_log log/nginx-access.log;
	client_body_temp_path "{temp}/body";
	fastcgi_temp_path "{temp}/fastcgi";
	proxy_temp_path "{temp}/proxy";
	uwsgi_temp_path "{temp}/uwsgi";
	scgi_temp_path "{temp}/scgi";
	default_type application/json;
	client_max_body_size 256k;
	fastcgi_read_timeout 60s;
	fastcgi_next_upstream off;      # the HRIS's PUT creates: it must not be sent twice
	fastcgi_param REQUEST_METHOD $request_method;
	fastcgi_param REQUEST_URI $request_uri;
	fastcgi_param SERVER_PROTOCOL $server_protocol;
	fastcgi_param REQUEST_SCHEME $scheme;
	fastcgi_param HTTP_HOST $http_host;
	fastcgi_param REMOTE_ADDR $remote_addr;
	fastcgi_param CONTENT_TYPE $content_type;
	fastcgi_param CONTENT_LENGTH $content_length;
	fastcgi_param HTTP_PROXY "";
	server {{
		listen 127.0.0.1:{port};
		error_page 400 413 414 500 502 503 504 @error;
		location @error {{
			internal;
			return 200 '{{"statusCode":500,"status":"Error","errorMsg":"the web server answered for the gateway: it is down, or the request is malformed or too large","errorCode":"GATEWAY.INTERNAL","requestId":""}}';
		}}
		location / {{ fastcgi_pass "unix:{gateway}"; }}
		location /api/gateway.php/ {{ fastcgi_pass "unix:{hris}"; }}
		location = /-/hris-ready {{
			fastcgi_param REQUEST_URI /-/ready;
			fastcgi_param REQUEST_METHOD GET;
			fastcgi_param REMOTE_ADDR $remote_addr;
			fastcgi_param HTTP_HOST $http_host;
			fastcgi_pass "unix:{hris}";
		}}
	}}
}}
"""


class Failed(Exception):
    """What stops `make run`, in words for its user."""


class Stopped(Exception):
    """A signal asked to leave."""


def write(path, text, mode=0o644):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with open(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(text)


def quoted(text):
    """A text as YAML: folders may have any name."""
    return "'" + text.replace("'", "''") + "'"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def become_child():
    """In the child, before exec: signals as usual, and an end with the parent, however it goes."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)          # PR_SET_PDEATHSIG


class Run:
    def __init__(self, program, folder, port):
        self.program, self.folder, self.fixed_port = program, folder, port
        self.port, self.temp, self.lock = port, None, None
        self.processes = {}                             # name: Popen, in the order of their start
        self.is_root = os.geteuid() == 0

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.port}"

    # The folder

    def take_folder(self):
        """Takes the folder for this run alone: refuses a second run in it, leaves foreign files alone."""
        lock = self.path(".lock")
        if os.path.isdir(self.folder) and os.listdir(self.folder) and not os.path.exists(lock):
            raise Failed(f"{self.folder} is not empty and not of an earlier run; "
                         "set RUN_DIR to another folder")
        os.makedirs(self.folder, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Failed(f"a run is up in {self.folder} already ({self.who_is_up()}); "
                         "stop it, or set RUN_DIR to another folder") from None
        self.lock = descriptor
        self.remove_leftovers()
        for name in OWN_FOLDERS:
            os.makedirs(self.path(name), mode=0o700)
        os.makedirs(self.path("state", "gateway"), mode=0o700)
        os.makedirs(self.path("state", "hris"), mode=0o700)

    def read_run_json(self):
        try:
            with open(self.path("run.json"), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def remove_leftovers(self):
        """An earlier run's files; run.json and its sockets are there only if it was killed."""
        left = self.read_run_json()
        if left is not None:
            shutil.rmtree(os.path.dirname(left["sockets"]["gateway"]), ignore_errors=True)
            os.unlink(self.path("run.json"))
        for name in OWN_FOLDERS:
            shutil.rmtree(self.path(name), ignore_errors=True)

    def who_is_up(self):
        left = self.read_run_json()
        if left is None:
            return "just starting"
        return f"{left['base_url']}, process {left['pids']['run']}"

    # What is written

    def write_secrets(self):
        write(self.path("secrets", "hris-key"), secrets.token_hex(24) + "\n", 0o600)
        write(self.path("secrets", "genesys"), secrets.token_urlsafe(32) + "\n", 0o600)
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        write(self.path("secrets", "signer-demo-1"), f"base64:{key}\n", 0o600)

    def write_configs(self):
        """Two configurations, each with a routes.d of its own."""
        group = ", group: www-data" if self.is_root else ""
        for name, route, text in (("gateway", "demo", DEMO), ("hris", "sandbox", SANDBOX)):
            os.makedirs(self.path("conf", name, "routes.d"), exist_ok=True)
            write(self.path("conf", name, "hrisgw.yaml"), GATEWAY.format(
                socket=quoted(os.path.join(self.temp, name + ".sock")), group=group,
                state=quoted(self.path("state", name)),
                adapters=quoted(os.path.join(TOP, "conf", "adapters"))))
            write(self.path("conf", name, "routes.d", route + ".yaml"), text.format(
                base_url=self.base_url, **{
                    word: quoted("file:" + self.path("secrets", file)) for word, file in (
                        ("hris_key", "hris-key"), ("genesys", "genesys"),
                        ("signer", "signer-demo-1"))}))

    def write_nginx(self):
        write(self.path("conf", "nginx.conf"), NGINX.format(
            user="user www-data;\n" if self.is_root else "", temp=self.temp, port=self.port,
            gateway=os.path.join(self.temp, "gateway.sock"),
            hris=os.path.join(self.temp, "hris.sock")))

    def make_temp(self):
        """Sockets and nginx' own files: short paths that nginx' workers can reach."""
        self.temp = tempfile.mkdtemp(prefix="hrisgw-run-")
        if self.is_root:
            os.chown(self.temp, 0, grp.getgrnam("www-data").gr_gid)
        os.chmod(self.temp, 0o750)

    def write_run_json(self):
        routes = {
            "demo": {"process": "gateway", "actions": f"{self.base_url}/v1/demo/",
                     "callers": {
                         "genesys": {"form": "token", "secret_file": self.path("secrets", "genesys"),
                                     "token_url": f"{self.base_url}/v1/demo/token"},
                         "signer": {"form": "rfc9421", "key_id": "demo-1",
                                    "secret_file": self.path("secrets", "signer-demo-1")}}},
            "sandbox": {"process": "hris", "face": "bamboohr",
                        "face_url": f"{self.base_url}/api/gateway.php/sandbox/v1",
                        "callers": {"gateway": {"form": "basic",
                                                "secret_file": self.path("secrets", "hris-key")}}},
        }
        content = {"base_url": self.base_url, "run_dir": self.folder, "routes": routes,
                "pids": dict({n: p.pid for n, p in self.processes.items()}, run=os.getpid()),
                "configs": {n: self.path("conf", n, "hrisgw.yaml") for n in ("gateway", "hris")},
                "logs": {n: self.path("log", n + ".log") for n in ("gateway", "hris")},
                "sockets": {n: os.path.join(self.temp, n + ".sock") for n in ("gateway", "hris")},
                "headers_file": self.path("secrets", "try.headers")}
        temporary = self.path("run.json.new")
        write(temporary, json.dumps(content, indent=2) + "\n")
        os.rename(temporary, self.path("run.json"))

    # What is started

    def start(self, name, command):
        with open(self.path("log", name + ".log"), "ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                start_new_session=True, preexec_fn=become_child)

    def tail(self, name):
        text = ""
        for path in (self.path("log", name + ".log"), self.path("log", name + "-error.log")):
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return "\n".join(text.splitlines()[-10:])

    def check_alive(self):
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise Failed(f"{name} ended by itself (exit {process.returncode}); it said:\n"
                             f"{self.tail(name)}")

    def wait_for(self, path, name):
        deadline = time.monotonic() + READY_S
        answer = "nothing"
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_S)
                connection.request("GET", path)
                response = connection.getresponse()
                body = response.read()
                answer = f"{response.status} {body[:500].decode('utf-8', 'replace')}"
                connection.close()
                # nginx' own page for a socket that is not there yet has no member `ready`.
                if response.status == 200 and b'"statusCode":500' not in body:
                    return
            except OSError as error:
                answer = str(error)
            time.sleep(POLL_S)
        raise Failed(f"{name} is not ready after {READY_S} s: {answer}\n{self.tail(name)}")

    def command(self, *words):
        done = subprocess.run([self.program, *words], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed(f"hrisgw {' '.join(words)}: exit {done.returncode}\n"
                         f"{done.stdout}{done.stderr}".rstrip())

    def import_sample(self):
        """What the HRIS holds from the start: three tables, each file named after its own."""
        for table in ("types", "employees", "grants"):
            self.command("local", "sandbox", "import", "--config",
                         self.path("conf", "hris", "hrisgw.yaml"),
                         os.path.join(TOP, "conf", "local", table + ".csv"))

    def start_nginx(self):
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:" + os.environ.get("PATH", ""))
        if nginx is None:
            raise Failed("nginx is not installed")
        self.start("nginx", [nginx, "-e", "log/nginx-error.log", "-p", self.folder + "/",
                             "-c", "conf/nginx.conf"])

    def start_on_port(self):
        """nginx first: its port is in the gateway's configuration. A free port may be taken by then: try again."""
        for attempt in range(PORT_TRIES):
            self.port = self.fixed_port or free_port()
            self.write_nginx()
            self.start_nginx()
            deadline = time.monotonic() + READY_S
            while time.monotonic() < deadline and self.processes["nginx"].poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", self.port)) == 0 and \
                            os.path.exists(os.path.join(self.temp, "nginx.pid")):
                        return
                time.sleep(POLL_S)
            said = self.tail("nginx")
            self.processes.pop("nginx").wait()
            if "in use" not in said or self.fixed_port or attempt == PORT_TRIES - 1:
                raise Failed(f"nginx cannot listen on port {self.port}:\n{said}")
            os.unlink(self.path("log", "nginx-error.log"))

    def up(self):
        self.take_folder()
        self.make_temp()
        self.write_secrets()
        self.start_on_port()
        self.write_configs()
        self.import_sample()
        for name in ("hris", "gateway"):
            self.start(name, [self.program, "serve", "--config",
                              self.path("conf", name, "hrisgw.yaml")])
        self.wait_for("/-/hris-ready", "hris")
        self.wait_for("/-/ready", "gateway")
        self.write_run_json()

    def stay(self):
        """Until a signal, or until one of the processes is gone. WATCHED is blocked already."""
        while True:
            self.check_alive()
            if signal.sigwait(WATCHED) != signal.SIGCHLD:
                return

    def down(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for process in reversed(list(self.processes.values())):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_S
        for process in self.processes.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if self.temp:
            shutil.rmtree(self.temp, ignore_errors=True)
        if self.lock is not None:
            for name in glob.glob(self.path("run.json*")):
                os.unlink(name)
            os.close(self.lock)


def print_summary(run):
    print(f"""
It is up:        {run.base_url}
actions          POST {run.base_url}/v1/demo/ get-agents, get-timeoff-types, get-balance,
                 insert-timeoff, update-timeoff
configuration    {run.path('conf', 'gateway')}   (the HRIS: {run.path('conf', 'hris')})
logs             {run.path('log')}
secrets          {run.path('secrets')}
for scripts      {run.path('run.json')}

Try:
  curl -s -H {shlex.quote('@' + run.path('secrets', 'try.headers'))} -d '{{}}' {run.base_url}/v1/demo/get-agents

Ctrl-C ends it.""", flush=True)


def leave(*_):
    raise Stopped


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    port = os.environ.get("PORT") or "0"
    if not port.isdecimal() or int(port) > 65535:
        print(f"run: PORT={port} is no port", file=sys.stderr)
        return 2
    run = Run(os.path.abspath(options.binary),
              os.path.abspath(os.environ.get("RUN_DIR") or os.path.join(TOP, "run")), int(port))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        run.up()
        good = tour.take(run)
        if os.environ.get("TOUR_ONLY") == "1":
            return 0 if good else 1
        # Blocked before the summary, so that Ctrl-C works from the moment it is offered.
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        print_summary(run)
        run.stay()
        print("\nrun: stopped")
        return 0 if good else 1
    except Stopped:
        print("\nrun: stopped")
        return 130
    except (Failed, tour.Failed, OSError) as error:
        print(f"run: {error}", file=sys.stderr)
        return 1
    finally:
        run.down()


if __name__ == "__main__":
    sys.exit(main())
