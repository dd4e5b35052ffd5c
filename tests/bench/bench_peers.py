"""The gateway beside nginx+Lua and Node.js with undici, in one run and doing the same work: verify an HMAC
token, parse JSON, one GET to an HRIS over a kept connection, map, answer. Only answers whose body says Complete
are counted, and calls are counted at the HRIS. Each line says what was measured, what is to be reached, and
whether it is. Nothing is asserted: real time is not a test.

    HRISGW=build/release/hrisgw [HRISGW_BEFORE=OLD] /usr/bin/python3 tests/bench/bench_peers.py [ROW ...]

HRISGW_BEFORE: another binary, measured beside the first. BENCH_SECONDS: of one measurement (2). A peer that is
not installed is skipped aloud; tests/tools/deps.sh bench installs the Debian ones.
"""
import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import stand
from stand import Stand, Strangers, home, memory_mb, sign

SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
ROUNDS = 5
WARM = 10000        # requests until Node.js has compiled what it runs
CONNECTIONS = 64
STRANGERS = min(10000, stand.FILES - 1000)
BINARIES = {"before": os.environ.get("HRISGW_BEFORE"), "now": home.BINARY}
BINARIES = {label: binary for label, binary in BINARIES.items() if binary}
SKIPPED = set()


def say(what, who, measured, limit="", reached=None):
    """One line. reached: measured against limit, where there is one."""
    verdict = "" if reached is None else "reached" if reached else "NOT REACHED"
    print(f"{what:42} {who:6} {measured:70} {limit:10} {verdict}", flush=True)


def skip(peer, why):
    if peer not in SKIPPED:
        SKIPPED.add(peer)
        print(f"SKIPPED aloud: {peer}: {why}", flush=True)


def counts(out):
    """What is not as it should be, in words."""
    words = [f"{n} times status {status}" for status, n in out["statuses"].items() if status != "200"]
    busy = out["statuses"].get("200", 0) - out["good"]
    words += [f"{busy} not Complete"] if busy else []
    words += [f"{out['unanswered']} unanswered"] if out["unanswered"] else []
    return "; ".join(words)


def each():
    return BINARIES.items()


# CPU of one request.

def measure_rounds(s, wanted):
    """name -> the best of the rounds: other work on the machine adds CPU and never takes any away."""
    for messages, more in wanted.values():
        s.load(messages * WARM, connections=CONNECTIONS, **more)
    found = {name: [] for name in wanted}
    for _ in range(ROUNDS):
        for name, (messages, more) in wanted.items():
            found[name].append(s.load(messages, connections=CONNECTIONS, seconds=SECONDS, **more))
    return {name: min(outs, key=lambda o: sum(o["cpu_us"].values())) for name, outs in found.items()}


def row_cpu():
    modules, why = stand.node_modules()
    # Of a binary with threads a route gets half.
    with Stand(BINARIES, threads=2 * CONNECTIONS) as s:
        wanted = {"direct": ([s.request("direct", method="GET", body=b"")], {"expect": "timeOffType"})}
        for label, gateway in s.gateways.items():
            for keep in ("off", "on"):
                wanted[f"{label} {keep}"] = ([s.by_token(f"{label}-{keep}", gateway)], {})
        if stand.missing_lua():
            skip("nginx+Lua", stand.missing_lua())
        else:
            wanted["lua"] = ([s.by_token("lua")], {})
        if why:
            skip("Node.js with undici", why)
        else:
            s.start_node(modules)
            wanted["node"] = ([s.by_token("node")], {})
        found = measure_rounds(s, wanted)
    total = {name: sum(out["cpu_us"].values()) for name, out in found.items()}
    for name, out in found.items():
        parts = " + ".join(f"{part} {us:.0f}" for part, us in out["cpu_us"].items() if us >= 1)
        say("cpu of a request", name.split()[0], f"{total[name]:.0f} us ({parts}), {out['per_second']:.0f}/s, "
            f"{out['calls']:.2f} calls {counts(out)}" + (f" [keep_conn {name.split()[1]}]" if " " in name else ""))
    for label, _ in each():
        for keep, limit in (("on", 2.4), ("off", 3.0)):
            if "lua" in total:
                ratio = total[f"{label} {keep}"] / total["lua"]
                say(f"cpu against nginx+Lua, keep_conn {keep}", label, f"{ratio:.2f}x", f"<= {limit}x",
                    ratio <= limit)
        if "node" in total:
            ratio = total[f"{label} {s.gateways[label].keep}"] / total["node"]
            say("cpu against Node.js with undici", label, f"{ratio:.2f}x", "<= 0.8x", ratio <= 0.8)


def row_signed():
    with Stand(BINARIES, threads=2 * CONNECTIONS) as s:
        for label, gateway in s.gateways.items():
            say("memory at rest", label, f"{memory_mb(gateway.process.pid):.1f} MB")
            host, key = gateway.host, gateway.key("r0")
            messages = [s.request(host, sign.rfc9421(key, "k1", "POST", f"http://{host}/v1/r0/get-balance",
                                                     stand.BODY)) for _ in range(20000)]
            s.load(messages[:500])
            for name, sent, seconds in (("by RFC 9421, with the replay store", messages[500:], None),
                                        ("by token", [s.by_token(host, gateway)], SECONDS)):
                out = s.load(sent, seconds=seconds)
                say("cpu " + name, label, f"{out['cpu_us'][label]:.0f} us in the gateway, "
                    f"{out['good'] / out['seconds']:.0f}/s, p99 {out['p99_ms']:.1f} ms {counts(out)}")


# Many at once.

def load_in_flight(s, host, routes):
    messages = [s.by_token(host, route=f"r{i}") for i in range(routes)]
    return s.load(messages, connections=1000, seconds=2 * SECONDS)


def row_inflight():
    for label, binary in each():
        for scheme, limit in (("http", 80), ("https", 140)):
            with Stand({label: binary}, delay_ms=200, routes=8, threads=1024,
                       tls="kept" if scheme == "https" else None) as s:
                # By turns, and the better of two: other work on the machine slows down either.
                pairs = [(load_in_flight(s, s.first.host, 8),
                          None if stand.missing_lua() else load_in_flight(s, "lua", 1)) for _ in range(2)]
                peak = memory_mb(s.first.process.pid, "VmHWM")
            ours = max((pair[0] for pair in pairs), key=lambda out: out["per_second"])
            measured = f"{ours['per_second']:.0f}/s, {ours['calls']:.2f} calls {counts(ours)}"
            if stand.missing_lua():
                skip("nginx+Lua", stand.missing_lua())
                say(f"1,000 in flight, HRIS of 200 ms, {scheme}", label, measured)
            else:
                lua = max(pair[1]["per_second"] for pair in pairs)
                # Lua speaks http to the HRIS.
                share = ours["per_second"] / max(lua, 1)
                say(f"1,000 in flight, HRIS of 200 ms, {scheme}", label, f"{share:.0%} of Lua's {lua:.0f}/s: "
                    + measured, ">= 95 %", share >= 0.95)
            say(f"memory then, {scheme}", label, f"{peak:.1f} MB", f"<= {limit} MB", peak <= limit)


def load_others(s):
    """A light load, so that p99 says how long others wait and not how busy the cores are; then the same through
    nginx alone, which its own work holds up too."""
    light = {"connections": 8, "seconds": 2 * SECONDS, "grace": 2}
    out = s.load([s.by_token(s.first.host)], **light)
    out["nginx_p99_ms"] = s.load([s.request("direct", method="GET", body=b"")], expect="timeOffType", **light)["p99_ms"]
    return out


def say_p99(what, label, quiet, loaded, more):
    """Within noise: half as much again, and 2 ms."""
    limit = 1.5 * quiet["p99_ms"] + 2
    good = loaded["p99_ms"] <= limit and not counts(loaded)
    p99 = f"p99 {loaded['p99_ms']:.1f} ms" if loaded["good"] else "no good answer"
    say(what, label, f"{p99}, quiet {quiet['p99_ms']:.1f}; nginx alone {loaded['nginx_p99_ms']:.1f}, quiet "
        f"{quiet['nginx_p99_ms']:.1f} {more} {counts(loaded)}", f"<= {limit:.1f} ms", good)


class BigAnswers:
    """Files with answers of about 7 MB, for Stand's answers: kind -> what asks for it."""

    KINDS = {"employees, read as they come": ("/directory", "get-agents", {}),
             "balances": ("/many/", "get-balance", {"agentId": "many"}),
             "one balance and 3.5 million zeros": ("/zeros/", "get-balance", {"agentId": "zeros"})}

    def __init__(self):
        n, row = 60000, {"timeOffType": "78", "name": "Vacation", "units": "hours", "balance": "40.00",
                         "end": "2026-12-01", "policyType": "accruing"}
        contents = ({"employees": [{"id": str(i), "workEmail": f"{i}@acme.example", "jobTitle": "x" * 90}
                                   for i in range(100000, 100000 + 45000)]},
                    [row] + [{**row, "timeOffType": str(i)} for i in range(100000, 100000 + n)],
                    [{**row, "history": [0] * 3500000}])
        self.dir = tempfile.mkdtemp(prefix="hrisgw-bench-", dir="/tmp")
        self.files = {}
        for content, (part, _, _) in zip(contents, self.KINDS.values()):
            self.files[part] = f"{self.dir}/{len(self.files)}.json"
            with open(self.files[part], "w", encoding="ascii") as file:
                json.dump(content, file, separators=(",", ":"))

    def megabytes(self, kind):
        return os.path.getsize(self.files[self.KINDS[kind][0]]) / 1e6

    def request(self, s, host, kind, route="r0"):
        _, action, asked = self.KINDS[kind]
        return s.by_token(host, route=route, action=action,
                          body=json.dumps({**json.loads(stand.BODY), **asked}).encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)


def strangers_of(kind, s, label):
    if kind == "slow bodies through nginx":
        head = s.request(f"{label}-streamed", body=b"x" * 200)
        return Strangers(STRANGERS, stand.to_tcp(s.port), head[:-199], b"x" * 100)
    unix = stand.to_unix(s.first.socket)
    return Strangers(STRANGERS, unix, *(stand.half_fcgi() if kind == "slow on the socket" else ()))


def row_strangers():
    if STRANGERS < 10000:
        print(f"only {STRANGERS} connections: ulimit -n is {stand.FILES}")
    for label, binary in each():
        for kind in ("idle on the socket", "slow on the socket", "slow bodies through nginx"):
            with Stand({label: binary}, delay_ms=20) as s:
                pid = s.first.process.pid
                quiet = load_others(s)
                rest = memory_mb(pid)
                strangers = strangers_of(kind, s, label)
                s.ends.append(strangers.close)
                wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) >= STRANGERS)
                loaded = load_others(s)
                more, n_open = memory_mb(pid, "VmHWM") - rest, strangers.n_open()
                strangers.close()
            say_p99(f"{STRANGERS} {kind}", label, quiet, loaded, f"({n_open} open at the end)")
            say("memory then", label, f"{more:.1f} MB more", "<= 60 MB", more <= 60 and not counts(loaded))
        big_answer_beside_strangers(label, binary)


def big_answer_beside_strangers(label, binary):
    with BigAnswers() as big, Stand({label: binary}, delay_ms=20, answers=big.files, routes=2) as s:
        quiet = load_others(s)
        strangers = strangers_of("idle on the socket", s, label)
        s.ends.append(strangers.close)
        load = s.start_load([big.request(s, s.first.host, "balances", "r1")], connections=1, seconds=2 * SECONDS)
        loaded = load_others(s)
        out = json.loads(load.communicate()[0])
    say_p99(f"{STRANGERS} idle, and 7 MB answers", label, quiet, loaded,
            f"({out['good']} such answers {counts(out)})")


def row_stalled():
    for label, binary in each():
        with Stand({label: binary}, delay_ms=20, deadline=25, start=False) as s:
            stalled = s.another_hris(60000)
            for i in range(50):
                s.first.route(f"s{i}", url=stalled.url)
            s.first.start()
            quiet = load_others(s)
            load = s.start_load([s.by_token(s.first.host, route=f"s{i}") for i in range(50)],
                                connections=5000, seconds=60, grace=0)
            calls = wait_for_calls(stalled, 50 * 8)
            wait_until(lambda: inside(s) >= 5000)
            loaded = load_others(s)
            load.send_signal(signal.SIGTERM)
            out = json.loads(load.communicate()[0])
            stalled.stop()
        say_p99("50 stalled HRIS, 100 calls each", label, quiet, loaded,
                f"({calls} at the HRIS, {out['unanswered']} waiting)")


# One at a time.

def of_children(function):
    """What function returns, and the CPU in ms of the processes that it started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = function()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def call_by_cgi(gateway):
    """CPU in ms of one call, or None where it was not Complete."""
    proof = gateway.proof()
    answer, ms = of_children(lambda: gateway.cgi("/v1/r0/get-balance", stand.BODY, headers=proof))
    return ms if b'"Complete"' in answer.body else None


def row_cgi():
    # The yardstick: loading libcurl and its libraries costs most of a call, and more on a busy machine.
    curl = [of_children(lambda: subprocess.run(["curl", "--version"], check=True, capture_output=True))[1]
            for _ in range(50)]
    for label, binary in each():
        with Stand({label: binary}, start=False) as s:
            found = [ms for ms in (call_by_cgi(s.first) for _ in range(50)) if ms is not None]
        say("cpu of a plain CGI call", label, f"{min(found, default=0):.1f} ms, median "
            f"{statistics.median(found or [0]):.1f}; {len(found)} of 50 Complete; curl --version {min(curl):.1f}",
            "<= 12 ms", len(found) == 50 and min(found) <= 12)


def row_tls():
    for label, binary in each():
        us = {}
        for kind in ("http", "kept", "fresh"):
            with Stand({label: binary}, tls=None if kind == "http" else kind) as s:
                message, connections = s.by_token(s.first.host), 0
                s.load([message], connections=16, seconds=0.5)
                if s.tls:
                    connections = -s.tls_connections() - 1
                out = s.load([message], connections=16, seconds=SECONDS)
                if s.tls:
                    connections += s.tls_connections()
            us[kind] = out["cpu_us"][label]
            say(f"cpu with an HRIS by {kind}", label, f"{us[kind]:.0f} us in the gateway, "
                f"{connections / max(out['good'], 1):.3f} new TLS connections a call {counts(out)}")
        new = (us["fresh"] - us["kept"]) / 1e3
        say("cpu of a new TLS connection", label, f"{new:.2f} ms", "<= 4 ms", new <= 4)


def row_answer():
    with BigAnswers() as big:
        for label, binary in each():
            for kind in big.KINDS:
                with Stand({label: binary}, answers=big.files) as s:
                    pid = s.first.process.pid
                    s.load([s.by_token(s.first.host)], connections=1)
                    rest = memory_mb(pid)
                    out = s.load([big.request(s, s.first.host, kind)], connections=1)
                    more, size = memory_mb(pid, "VmHWM") - rest, big.megabytes(kind)
                say(f"{size:.1f} MB: {kind}", label, f"{more:.0f} MB, {more / size:.1f}x, "
                    f"{out['cpu_us'][label] / 1e3:.0f} ms of CPU {counts(out)}", "<= 8x",
                    more <= 8 * size and out["good"] == 1)


# Restarts.

def wait_until(is_so):
    """For 10 s at most."""
    deadline = time.monotonic() + 10
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)


def wait_for_calls(hris, n):
    """Until the HRIS has had n more; returns how many it has had."""
    calls = hris.calls() + n
    wait_until(lambda: hris.calls() >= calls)
    return hris.calls()


def inside(s):
    """How many requests the gateway has."""
    body = s.first.fcgi("/-/metrics", method="GET").body.decode()
    return int(re.search(r"^hrisgw_requests_in_flight (\d+)", body, re.M).group(1))


def restart(gateway, listener, hris):
    """Ends the process, starts the next on the same socket, and waits until that has served some."""
    code = gateway.stop()
    gateway.start(stdin=listener, program="hrisgw.fcgi", wait=False)
    wait_for_calls(hris, 300)
    return code


def measure_restarts(label, binary, keep, times=20):
    with Stand({label: binary}, start=False, threads=2 * CONNECTIONS) as s:
        gateway = s.gateways[label]
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(gateway.socket)
            listener.listen(4096)
            os.chmod(gateway.socket, 0o666)
            gateway.start(stdin=listener, program="hrisgw.fcgi", wait=False)
            load = s.start_load([s.by_token(f"{label}-{keep}")], seconds=300)
            wait_for_calls(s.hris, 300)
            started, longest, codes, n = time.monotonic(), 0, set(), 0
            while n < times and time.monotonic() - started < 120:
                before, n = time.monotonic(), n + 1
                codes.add(restart(gateway, listener, s.hris))
                longest = max(longest, time.monotonic() - before)
            load.send_signal(signal.SIGTERM)
            out = json.loads(load.communicate()[0])
            gateway.stop()
    bad = out["requests"] - out["good"]
    say(f"{n} restarts under load, keep_conn {keep}", label, f"{bad} of {out['requests']} lost "
        f"({counts(out) or 'none'}), exit {codes}, at most {longest:.1f} s", "0", bad == 0 and n == times)


def row_restart():
    for label, binary in each():
        for keep in ("off", "on"):
            measure_restarts(label, binary, keep)


ROWS = {"cpu": row_cpu, "inflight": row_inflight, "strangers": row_strangers, "stalled": row_stalled,
        "cgi": row_cgi, "restart": row_restart, "tls": row_tls, "answer": row_answer, "signed": row_signed}


def main(names):
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.exit(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    print(f"{', '.join(BINARIES.values())}; {os.cpu_count()} cores, {stand.FILES} files")
    for name in names or ROWS:
        started = time.monotonic()
        ROWS[name]()
        print(f"-- {name}: {time.monotonic() - started:.0f} s, load average {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1:])
