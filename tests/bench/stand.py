"""What the benches measure with: gateways of one or two binaries, the web server before them, the peers that do
the same work, an HRIS that costs next to nothing, and load. Everything is on loopback, in a temporary folder,
and ends with the Stand. Reuses the Home of the end-to-end tests.
"""
import glob
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(TOP, "tests", "e2e"), os.path.join(TOP, "tests", "tools")]
import fcgi_client  # noqa: E402
import fronts       # noqa: E402
import home         # noqa: E402
import sign         # noqa: E402

PEERS = os.path.join(HERE, "peers")
UNDICI = "undici@6.29.1"
BODY = json.dumps({"agentId": "4", "inputDates": "2026-12-01", "inputTimeOffTypeIds": "78"}).encode()
WANTED_FILES = 65536
NGINX_WORKERS = 2       # as peers/nginx.conf says


def raise_files():
    """Opens as many files as are allowed; returns how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for soft, most in ((WANTED_FILES, max(hard, WANTED_FILES)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
            return soft
        except (OSError, ValueError):
            continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


FILES = raise_files()


# What a process used.

def cpu_s(pids):
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def memory_mb(pid, what="VmRSS"):
    """VmRSS: now; VmHWM: the most so far."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what)) / 1024


# The peers.

def missing_lua():
    """Why there is no nginx+Lua here, or None."""
    if not os.path.exists("/usr/lib/nginx/modules/ngx_http_lua_module.so"):
        return "libnginx-mod-http-lua is not installed (tests/tools/deps.sh bench)"
    if not glob.glob("/usr/lib/*/lua/5.1/cjson.so"):
        return "lua-cjson is not installed (tests/tools/deps.sh bench)"
    return None


def node_modules():
    """The folder that has undici, and why there is none."""
    for name in ("node", "npm"):
        if shutil.which(name) is None:
            return None, f"{name} is not installed"
    folder = os.path.join(TOP, "build", "bench-npm")
    if not os.path.isdir(f"{folder}/node_modules/undici"):
        os.makedirs(folder, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts",
                            "--no-save", "--fetch-retries", "1", UNDICI], timeout=120, check=True,
                           stdin=subprocess.DEVNULL, capture_output=True)
        except (subprocess.SubprocessError, OSError):
            return None, f"npm could not install {UNDICI}"
    return folder, None


def fill(text, words):
    """Replaces @word; a line that begins with @lua goes where there is no Lua."""
    lines = []
    for line in text.splitlines():
        if line.lstrip().startswith("@lua "):
            if missing_lua():
                continue
            line = line.replace("@lua ", "", 1)
        for word in sorted(words, key=len, reverse=True):
            line = line.replace("@" + word, str(words[word]))
        lines.append(line)
    return "\n".join(lines) + "\n"


def is_listening(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


class Hris:
    """upstream.c, which answers after delay_ms. answers: part of a path -> file."""

    def __init__(self, program, delay_ms=0, answers=None):
        more = [word for part, path in (answers or {}).items() for word in ("--answer", f"{part}={path}")]
        self.process = subprocess.Popen([program, "--delay-ms", str(delay_ms), *more], text=True,
                                        stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/api/v1"

    def calls(self):
        self.process.send_signal(signal.SIGUSR1)
        return int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()


class Gateway(home.Home):
    """A Home with any binary. threads is written for a binary that has them; workers are its default."""

    def __init__(self, binary, hris, threads=None, deadline=50):
        self.binary = os.path.abspath(binary)
        keys = subprocess.run([self.binary, "check", "--keys"], capture_output=True, text=True,
                              check=True).stdout
        has_threads = re.search(r"^  threads ", keys, re.M) is not None
        # A binary with threads closes each connection after its answer: nginx must not keep it.
        self.keep = "off" if has_threads else "on"
        self.lines = [f"threads: {threads}"] if threads and has_threads else []
        self.lines += [f"deadline: {deadline}s", "log: {level: warning}"]
        super().__init__(types.SimpleNamespace(url=hris.url), client_timeout=30)

    def install(self):
        shutil.copy(self.binary, self.lib + "/hrisgw")
        for ending in ("fcgi", "cgi"):
            os.symlink("hrisgw", f"{self.lib}/hrisgw.{ending}")

    def configure(self, *_, **__):
        self.write("lib/hrisgw.yaml", "\n".join(
            [f"{key}: {self.dir}/{folder}" for key, folder in (
                ("state_dir", "state"), ("routes", "routes.d"), ("adapters", "adapters"))] + self.lines) + "\n")

    def proof(self, route="r0"):
        now = int(time.time())
        return sign.bearer(sign.mint_token(self.read_secret(route + "-genesys"), route, "genesys", now - 1,
                                           now + 3599))

    def cpu(self):
        return cpu_s([self.process.pid])


class Stand:
    """gateways: label -> binary. more: of Gateway. routes: how many, r0, r1 ..."""

    def __init__(self, gateways, delay_ms=0, routes=1, answers=None, tls=None, start=True, **more):
        self.dir = tempfile.mkdtemp(prefix="hrisgw-bench-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        self.ends, self.parts, self.gateways = [lambda: shutil.rmtree(self.dir)], {}, {}
        try:
            for name in ("upstream", "replay"):
                subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", f"{self.dir}/{name}",
                                f"{HERE}/load/{name}.c", "-lpthread"], check=True)
            self.hris = self.another_hris(delay_ms, answers)
            self.tls = self.start_tls() if tls else None
            for label, binary in gateways.items():
                self.gateways[label] = self.make_gateway(binary, routes, tls, more)
                self.gateways[label].host = f"{label}-{self.gateways[label].keep}"
                if start:
                    self.gateways[label].start()
                    self.parts[label] = self.gateways[label].cpu
            self.first = next(iter(self.gateways.values()))
            self.start_nginx()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        while self.ends:
            self.ends.pop()()

    def another_hris(self, delay_ms=0, answers=None):
        hris = Hris(f"{self.dir}/upstream", delay_ms, answers)
        self.ends.append(hris.stop)
        return hris

    def make_gateway(self, binary, routes, tls, more):
        gateway = Gateway(binary, self.hris, **more)
        self.ends += [gateway.remove, gateway.stop]
        limits = "limits: {in_flight: 256}\n"
        for i in range(routes):
            if tls:
                gateway.route(f"r{i}", limits + f"ca_file: {self.dir}/{fronts.HOST}/fullchain.pem\n",
                              f"https://{fronts.HOST}:{self.tls[tls]}/api/v1")
            else:
                gateway.route(f"r{i}", limits)
        return gateway

    # The web servers.

    def start_server(self, name, words):
        words = {"dir": self.dir, "files": FILES, "hris": self.hris.port, "peers": PEERS,
                 "user": f"user {fronts.worker()};" if fronts.worker() else "", **words}
        self.copy(name, name, words)
        fronts.give(self.dir)
        log = f"{self.dir}/{name}.log"
        nginx = subprocess.Popen([fronts.program("nginx"), "-p", self.dir, "-c", f"{self.dir}/{name}", "-e", log],
                                 stderr=subprocess.DEVNULL)
        self.ends.append(lambda: (nginx.terminate(), nginx.wait(60)))
        deadline = time.monotonic() + 20
        while not is_listening(words["port"]):
            if nginx.poll() is not None or time.monotonic() > deadline:
                with open(log, encoding="utf-8") as file:
                    raise RuntimeError(f"nginx did not start: {file.read()}")
            time.sleep(0.02)
        return nginx

    def copy(self, source, target, words):
        with open(f"{PEERS}/{source}", encoding="ascii") as file:
            text = fill(file.read(), words)
        with open(f"{self.dir}/{target}", "w", encoding="ascii") as file:
            file.write(text)

    def start_tls(self):
        fronts.certificate(self.dir)
        ports = {name: fronts.free_port() for name in ("kept", "fresh", "port")}
        self.start_server("tls.conf", {"certificate": f"{self.dir}/{fronts.HOST}", **ports})
        return ports

    def tls_connections(self):
        with socket.create_connection(("127.0.0.1", self.tls["port"])) as s:
            s.sendall(b"GET / HTTP/1.0\r\n\r\n")
            text = s.makefile().read()
        return int(text.split("requests")[1].split()[0])

    def start_nginx(self):
        self.port, self.node_port = fronts.free_port(), fronts.free_port()
        for label, gateway in self.gateways.items():
            self.copy("gateway.conf", f"gateway-{label}.conf", {
                "label": label, "socket": gateway.socket, "port": self.port})
        nginx = self.start_server("nginx.conf", {"port": self.port, "node": self.node_port,
                                                 "secret": f"{self.first.dir}/secrets/r0-genesys"})
        # nginx listens before it has forked.
        workers = children(nginx.pid)
        while len(workers) < NGINX_WORKERS:
            time.sleep(0.01)
            workers = children(nginx.pid)
        self.parts["nginx"] = lambda: cpu_s(workers)

    def start_node(self, modules):
        node = subprocess.Popen(["node", f"{PEERS}/balance.mjs", modules, str(self.node_port), str(self.hris.port),
                                 f"{self.first.dir}/secrets/r0-genesys"])
        self.ends.append(lambda: (node.kill(), node.wait()))
        self.parts["node"] = lambda: cpu_s([node.pid])
        while not is_listening(self.node_port):
            assert node.poll() is None, "node ended"
            time.sleep(0.02)

    # Load.

    def request(self, host, headers=None, target="/v1/r0/get-balance", body=BODY, method="POST"):
        head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        return (head + "Content-Type: application/json\r\n\r\n").encode() + body

    def by_token(self, host, gateway=None, route="r0", action="get-balance", body=BODY):
        return self.request(host, (gateway or self.first).proof(route), f"/v1/{route}/{action}", body)

    def start_load(self, messages, connections=64, seconds=None, grace=5, expect='"Complete"'):
        descriptor, path = tempfile.mkstemp(dir=self.dir)
        with open(descriptor, "wb") as file:
            for message in messages:
                file.write(str(len(message)).encode() + b"\n" + message)
        load = subprocess.Popen(
            [f"{self.dir}/replay", "--port", str(self.port), "--connections", str(connections),
             *(["--seconds", str(seconds)] if seconds else []), "--grace", str(grace), "--expect", expect, path],
            stdout=subprocess.PIPE, text=True)
        self.ends.append(lambda: (load.kill(), load.wait()))
        return load

    def load(self, messages, **more):
        """Sends and waits; the counts, with CPU per good answer of each part, and calls at the HRIS."""
        before = {name: part() for name, part in self.parts.items()}
        calls = self.hris.calls()
        load = self.start_load(messages, **more)
        out = json.loads(load.communicate()[0])
        good = max(out["good"], 1)
        out["cpu_us"] = {name: (part() - before[name]) * 1e6 / good for name, part in self.parts.items()}
        out["calls"] = (self.hris.calls() - calls) / good
        out["per_second"] = out["in_time"] / max(out["seconds"], 0.001)
        return out


class Strangers:
    """n connections that never send a whole request: `first`, and then a byte of `drip` every 3 seconds, each at
    a time of its own. connect returns a socket, or None where the server has no room; it is asked for 10 s at most.
    """

    def __init__(self, n, connect, first=b"", drip=b""):
        self.sockets, self.ended = [], threading.Event()
        deadline = time.monotonic() + 10
        while len(self.sockets) < n and time.monotonic() < deadline:
            s = connect()
            if s is None:
                time.sleep(0.01)
                continue
            s.setblocking(False)
            s.send(first)
            self.sockets.append(s)
        self.thread = threading.Thread(target=self.send, args=(drip,))
        self.thread.start()

    def send(self, drip):
        for at in range(len(drip)):
            for part in range(100):
                if self.ended.wait(0.03):
                    return
                for s in self.sockets[part::100]:
                    try:
                        s.send(drip[at:at + 1])
                    except OSError:
                        pass

    def n_open(self):
        def is_open(s):
            try:
                return s.recv(1, socket.MSG_PEEK) != b""
            except BlockingIOError:
                return True
            except OSError:
                return False
        return sum(map(is_open, self.sockets))

    def close(self):
        self.ended.set()
        self.thread.join()
        for s in self.sockets:
            s.close()


def to_unix(path):
    def connect():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.setblocking(False)
        if s.connect_ex(path) == 0:
            return s
        s.close()
        return None
    return connect


def to_tcp(port):
    return lambda: socket.create_connection(("127.0.0.1", port))


def half_fcgi():
    """The start of a FastCGI request, and parameters that are announced and never end."""
    begin = fcgi_client.record(fcgi_client.BEGIN, b"\0\1\1\0\0\0\0\0")
    params = fcgi_client.record(fcgi_client.PARAMS, fcgi_client.pairs({"HTTP_X": "x" * 4000}))
    return begin + params[:2000], params[2000:]
