"""Requests that wait: what they do not cost the others, callers that hang up meanwhile, a store that is locked,
restarts, a log that nobody reads, a lack of memory. The HRIS answers when the test says so.
"""
import collections
import http.client
import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import threading

import pytest

import fcgi_client as fcgi
import fronts
import mock_hris
import sign
from home import Caller, Home, is_sanitized, parse, side_by_side, wait_until

BALANCE = {"agentId": "7", "inputDates": "2027-03-01", "inputTimeOffTypeIds": ["78"]}
CALCULATOR = r"/employees/7/time_off/calculator"
HOURS = mock_hris.answer([{"timeOffType": "78", "name": "Vacation", "units": "hours", "balance": "40",
                           "end": "2027-03-01", "policyType": "accruing", "usedYearToDate": "0"}])
INSERT = {"agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "PENDING",
          "dates": ["2027-03-01", "2027-03-02"], "payableMinutes": "480,480"}
CANCEL = {"agentId": "7", "inputTimeOffRequestId": "1348", "timeOffStatus": "CANCELED"}
RESTARTS = int(os.environ.get("RESTARTS", "3"))     # 20 before a release


@pytest.fixture
def patient(hris_server):
    """A gateway of its own, with time enough for everything that this test holds up."""
    out = Home(hris_server, deadline=50, client_timeout=30)
    yield out
    hris_server.released.set()
    out.stop()
    try:
        out.check_reports()
    finally:
        out.remove()


@pytest.fixture
def open_front(patient):
    """Starts a web server before the patient gateway."""
    running = []

    def get(kind="nginx", edit=None):
        running.append(fronts.Front(kind, patient, edit=edit).start())
        return running[-1]
    yield get
    for front in running:
        front.stop()


@pytest.fixture
def second_hris():
    """Another HRIS, which a route can stall alone."""
    out = mock_hris.MockHris().bamboo()
    yield out
    out.stop()


class Pending:
    """A request that was sent, and whose answer is taken later or never."""

    def __init__(self, caller, action, body, headers=None, sent=None):
        """headers: in place of the proof. sent: how much of the body."""
        front, target = caller.front, f"/v1/{caller.route}/{action}"
        body = json.dumps(body).encode()
        if headers is None:
            headers = caller.proof("POST", front.origin + target, body)
        headers = {"Host": f"{fronts.HOST}:{front.port}", "Content-Type": "application/json",
                   "Content-Length": str(len(body)), **headers}
        head = f"POST {target} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items())
        self.connection = front.connect()
        self.connection.sendall(head.encode() + b"\r\n" + body[:sent])

    def waits(self):
        """Nothing has come, not even the end of the connection."""
        self.connection.settimeout(0)
        try:
            self.connection.recv(1)
            return False
        except (BlockingIOError, fronts.ssl.SSLWantReadError):
            return True
        finally:
            self.connection.settimeout(70)

    def answer(self):
        answer = http.client.HTTPResponse(self.connection)
        answer.begin()
        out = fronts.Response(answer.status, {n.lower(): v for n, v in answer.getheaders()},
                              answer.read())
        self.connection.close()
        return out

    def members(self):
        out = self.answer()
        assert out.status == 200, out
        return parse(out)

    def leave(self):
        self.connection.close()


def requests_of(home):
    return [line for line in map(json.loads, home.log().splitlines())
            if line["event"] == "request" and line.get("action")]


def statuses(pending):
    return collections.Counter(p.members()["status"] for p in pending)


# Fair shares.

class Most:
    """How many calls were at an HRIS at once."""

    def __init__(self):
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def step(self, n):
        with self.lock:
            self.now += n
            self.most = max(self.most, self.now)


def test_fifty_side_by_side_wait_for_eight_calls_and_are_all_answered(patient, hris, open_front):
    at_once = Most()

    def rule(_):
        at_once.step(1)
        hris.released.wait(120)
        at_once.step(-1)
        return HOURS
    hris.on("GET", CALCULATOR, rule)
    patient.start()
    caller = Caller(patient, open_front())
    caller.call("get-timeoff-types", {})
    pending = [Pending(caller, "get-balance", BALANCE) for _ in range(50)]
    wait_until(lambda: at_once.now == 8)
    assert all(p.waits() for p in pending)
    hris.released.set()
    assert statuses(pending) == {"Complete": 50}
    assert at_once.most == 8 and len(hris.calls("GET", CALCULATOR)) == 50


def test_a_stalled_hris_with_200_requests_delays_no_other_route(patient, hris, second_hris,
                                                                open_front):
    patient.route("stalled", url=second_hris.url)
    patient.start()
    front = open_front()
    stalled, caller = Caller(patient, front, "token", "stalled"), Caller(patient, front, "token")
    stalled.call("get-timeoff-types", {})
    second_hris.hold("GET", CALCULATOR, HOURS)
    pending = [Pending(stalled, "get-balance", BALANCE) for _ in range(200)]
    wait_until(lambda: len(second_hris.calls("GET", CALCULATOR)) == 8)
    for _ in range(10):
        assert caller.call("get-balance", BALANCE)["status"] == "Complete"
    assert caller.call("insert-timeoff", INSERT)["status"] == "Complete"
    assert all(p.waits() for p in pending)
    assert len(second_hris.calls("GET", CALCULATOR)) == 8
    second_hris.released.set()
    assert statuses(pending) == {"Complete": 200}


def resident_kb(home):
    with open(f"/proc/{home.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s*(\d+)", file.read())[1])


def test_a_request_that_waits_for_the_hris_holds_little_memory(patient, hris, open_front):
    if is_sanitized():
        pytest.skip("SKIPPED: a sanitizer's own memory counts")
    patient.route("many", more="limits: {in_flight: 256, requests: 256}\n")
    patient.start()
    caller = Caller(patient, open_front(), "token", "many")
    caller.call("get-timeoff-types", {})
    hris.hold("GET", CALCULATOR, HOURS)
    before = resident_kb(patient)
    pending = [Pending(caller, "get-balance", BALANCE) for _ in range(250)]
    wait_until(lambda: len(hris.calls("GET", CALCULATOR)) == 250)
    # Of about 50 KB the stack is 12, and curl's part 20.
    assert (resident_kb(patient) - before) / 250 < 58
    hris.released.set()
    assert statuses(pending) == {"Complete": 250}


def test_past_limits_requests_is_busy_and_strangers_do_not_count(patient, hris, open_front):
    patient.route("small", more="limits: {requests: 5}\n")
    patient.start()
    front = open_front()
    caller = Caller(patient, front, route="small")
    caller.call("get-timeoff-types", {})
    hris.hold("GET", CALCULATOR, HOURS)
    pending = [Pending(caller, "get-balance", BALANCE) for _ in range(4)]
    wait_until(lambda: len(hris.calls("GET", CALCULATOR)) == 4)
    proof = sign.basic("plain", "wrong")
    strangers = [Pending(caller, "get-balance", BALANCE, proof) for _ in range(40)]
    unfinished = [Pending(caller, "get-balance", BALANCE, proof, sent=5) for _ in range(40)]
    pending.append(Pending(caller, "get-balance", BALANCE))
    wait_until(lambda: len(hris.calls("GET", CALCULATOR)) == 5)
    # Past ten guesses a minute they get 429.
    assert {p.answer().status for p in strangers} <= {401, 429}
    out = caller.call("get-balance", BALANCE)
    assert out["errorCode"] == "GATEWAY.BUSY" and "limits.requests" in out["errorMsg"]
    assert Caller(patient, front).call("get-timeoff-types", {})["status"] == "Complete"
    hris.released.set()
    assert statuses(pending) == {"Complete": 5}
    assert caller.call("get-balance", BALANCE)["status"] == "Complete"
    for p in unfinished:
        p.leave()


def connections_of(home):
    """How many connections the gateway's socket has, taken or not."""
    with open("/proc/net/unix", encoding="ascii", errors="replace") as file:
        return sum(line.split()[5] == "03" and line.rstrip().endswith(" " + home.socket)
                   for line in file if not line.startswith("Num"))


def test_three_hundred_strangers_cost_nobody_anything(patient, hris, open_front):
    """Idle, in the middle of a request, and in the middle of a body that Apache passes on as it comes."""
    patient.start()
    apache, nginx = open_front("proxy_fcgi"), open_front()
    caller = Caller(patient, apache)
    params = fcgi.variables("POST", "/v1/acme/get-balance", b"x" * 1000)
    direct = [fcgi.Connection(patient.socket) for _ in range(200)]
    for c in direct[100:]:
        c.begin()
        c.params(params)
        c.stdin(b"half of it", end=False)
    proof = sign.basic("plain", "wrong")
    slow = [Pending(caller, "get-balance", BALANCE, proof, sent=20) for _ in range(100)]
    wait_until(lambda: connections_of(patient) >= 300)
    for front in (apache, nginx):
        assert Caller(patient, front).call("get-balance", BALANCE)["status"] == "Complete"
    made = Caller(patient, nginx).call("insert-timeoff", INSERT)
    assert made["status"] == "Complete" and len(hris.writes) == 1
    # They are all still there.
    assert connections_of(patient) >= 300 and all(p.waits() for p in slow)
    for c in direct + slow:
        (c.close if c in direct else c.leave)()


def test_wrong_signatures_at_the_same_time_change_nothing(patient, hris, open_front):
    patient.start()
    caller = Caller(patient, open_front())
    url = caller.front.origin + "/v1/acme/get-balance"
    wrong = sign.rfc9421(b"k" * 32, "k1", "POST", url, b"{}")

    def ask(i):
        if i % 4 == 0:
            return caller.call("get-balance", BALANCE)["status"]
        return [Pending(caller, "get-balance", {}, wrong).answer().status for _ in range(8)]
    results = side_by_side(ask, 40)
    assert all(r == ("Complete" if i % 4 == 0 else [401] * 8) for i, r in enumerate(results)), results


# The caller that hung up.

@pytest.fixture
def noting_nginx(patient, open_front):
    """nginx, and a function that waits until it has dropped n requests whose callers left."""
    notes = patient.dir + "/run/access.log"

    def edit(text):
        return text.replace("server_name", f"access_log {notes};\n\tserver_name", 1)

    def dropped():
        with open(notes, encoding="utf-8") as file:
            return sum('" 499 ' in line for line in file)
    front = open_front(edit=edit)
    return front, lambda n: wait_until(lambda: dropped() == n)


@pytest.mark.parametrize("action, body, look_up, answer, write", [
    ("insert-timeoff", INSERT, CALCULATOR, HOURS, "/employees/7/time_off/request"),
    ("update-timeoff", CANCEL, "/time_off/requests", None, "/time_off/requests/1348/status"),
], ids=["insert", "update"])
def test_nothing_is_written_for_a_caller_that_left(patient, hris, noting_nginx, action, body, look_up,
                                                   answer, write):
    hris.holds()
    # The look-up's own rule, held up.
    rule = answer or next(what for method, pattern, what in hris.rules
                          if method == "GET" and pattern.pattern == look_up)
    hris.hold("GET", look_up, rule)
    patient.start()
    front, wait_dropped = noting_nginx
    caller = Caller(patient, front)
    caller.call("get-timeoff-types", {})
    left = Pending(caller, action, body)
    wait_until(lambda: len(hris.calls("GET", look_up)) == 1)
    # It waits for the one before it.
    stays = Pending(caller, action, body)
    left.leave()
    wait_dropped(1)
    assert hris.writes == []
    hris.released.set()
    out = stays.members()
    assert (out["status"], out["timeOffRequestId"]) == ("Complete", "1348"), out
    wait_until(lambda: len(requests_of(patient)) == 3)
    assert [w.path for w in hris.writes] == [write]
    lines = [line for line in requests_of(patient) if line["action"] == action]
    assert [(line.get("code"), line.get("abandoned")) for line in lines].count(
        ("GATEWAY.ABANDONED", True)) == 1
    assert [line.get("abandoned") for line in lines].count(None) == 1


def test_a_caller_that_tries_again_gets_one_write(patient, hris, noting_nginx):
    """Both tries wait for the only call of the route; the first gives up."""
    patient.route("narrow", more="limits: {in_flight: 1}\n")
    patient.start()
    front, wait_dropped = noting_nginx
    caller = Caller(patient, front, route="narrow")
    caller.call("get-timeoff-types", {})
    hris.hold("GET", CALCULATOR, HOURS)
    before = Pending(caller, "get-balance", BALANCE)
    wait_until(lambda: hris.calls("GET", CALCULATOR))
    first = Pending(caller, "insert-timeoff", INSERT)
    first.leave()
    wait_dropped(1)
    second = Pending(caller, "insert-timeoff", INSERT)
    hris.released.set()
    assert before.members()["status"] == second.members()["status"] == "Complete"
    wait_until(lambda: len(requests_of(patient)) >= 3)
    assert len(hris.writes) == 1


def test_a_write_that_has_begun_is_finished_for_nobody(patient, hris, noting_nginx):
    hris.hold("PUT", "/employees/7/time_off/request", mock_hris.answer(
        {"id": "1348", "employeeId": "7", "status": {"status": "requested"}, "start": "2027-03-01",
         "end": "2027-03-02", "type": {"id": "78"}}, 201))
    patient.start()
    front, wait_dropped = noting_nginx
    left = Pending(Caller(patient, front), "insert-timeoff", INSERT)
    wait_until(lambda: hris.writes)
    left.leave()
    wait_dropped(1)
    hris.released.set()
    wait_until(lambda: requests_of(patient))
    line = requests_of(patient)[0]
    assert "code" not in line and "abandoned" not in line and len(hris.writes) == 1


# A store that another process keeps locked.

class Locked:
    """state.db, locked for writing by somebody else."""

    def __init__(self, home):
        self.db = sqlite3.connect(home.dir + "/state/state.db", isolation_level=None)

    def __enter__(self):
        self.db.execute("BEGIN IMMEDIATE")
        return self

    def release(self):
        self.db.execute("ROLLBACK")

    def __exit__(self, *_):
        self.db.close()


def ready(front):
    out = front.request("GET", "/-/ready")
    assert out.status == 200
    return json.loads(out.body)


def test_a_locked_store_holds_up_only_what_writes_to_it(patient, hris, open_front):
    patient.start()
    front = open_front()
    reader, signer = Caller(patient, front, "token"), Caller(patient, front)
    reader.call("get-balance", BALANCE)
    with Locked(patient) as lock:
        waiting = [Pending(signer, "get-balance", BALANCE), Pending(reader, "get-agents", {})]
        for _ in range(5):
            assert reader.call("get-balance", BALANCE)["status"] == "Complete"
            assert reader.call("get-timeoff-types", {})["status"] == "Complete"
        wait_until(lambda: ready(front)["status"] == "faults")
        faults = ready(front)["faults"]
        assert faults == [f"{patient.dir}/state: another process keeps state.db locked"]
        assert reader.call("get-balance", BALANCE)["status"] == "Complete"
        assert all(p.waits() for p in waiting)
        lock.release()
        assert statuses(waiting) == {"Complete": 2}
    wait_until(lambda: ready(front)["status"] == "ready")
    out = ready(front)
    assert (out["routes"], out["faults"], out["warnings"]) == (["acme"], [], [])


# Restarts.

def hasty(text):
    """What nginx keeps idle is what a restart waits for."""
    return text.replace("keepalive_timeout 5s", "keepalive_timeout 1s")


@pytest.mark.parametrize("keep", ["on", "off"])
def test_restarts_under_load_lose_no_request(patient, hris, open_front, keep):
    """RESTARTS in a row on an inherited socket, each once the last has been seen to serve."""
    def edit(text):
        return hasty(text).replace("fastcgi_keep_conn on", f"fastcgi_keep_conn {keep}")
    enough, counts = threading.Event(), [0] * 8
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(patient.socket)
        os.chmod(patient.socket, 0o666)
        listener.listen(1024)
        patient.start(stdin=listener, program="hrisgw.fcgi")
        caller = Caller(patient, open_front(edit=edit), "token")
        caller.call("get-timeoff-types", {})

        def ask(i):
            while not enough.is_set():
                assert caller.call("get-balance", BALANCE)["status"] == "Complete"
                counts[i] += 1

        def restart():
            for _ in range(RESTARTS):
                served = list(counts)
                wait_until(lambda served=served: all(n > m for n, m in zip(counts, served)))
                patient.process.send_signal(signal.SIGTERM)
                assert patient.process.wait(20) == 0
                patient.start(stdin=listener, program="hrisgw.fcgi", wait=False)

        def run(i):
            try:
                return restart() if i == 8 else ask(i)
            finally:
                enough.set()
        results = side_by_side(run, 9)
        assert results == [None] * 9, results
        assert min(counts) >= RESTARTS
        assert patient.stop() == 0


# The log.

def test_sighup_opens_the_log_anew_and_ends_nothing(patient, hris, open_front):
    log = patient.dir + "/run/hrisgw.log"
    with open(patient.config, encoding="utf-8") as file:
        patient.write("lib/hrisgw.yaml", file.read() + f"log: {{file: {log}}}\n")
    process = patient.start()
    caller = Caller(patient, open_front())

    def events(path):
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [json.loads(line)["event"] for line in file]
    caller.call("get-timeoff-types", {})
    wait_until(lambda: "request" in events(log))
    for i in range(3):
        os.rename(log, f"{log}.{i}")
        fronts.give(patient.dir + "/run")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: os.path.exists(log))
        assert caller.call("get-timeoff-types", {})["status"] == "Complete"
        wait_until(lambda: "request" in events(log))
        assert events(f"{log}.{i}").count("request") == 1
    # Nor while it stops.
    hris.hold("GET", CALCULATOR, HOURS)
    pending = Pending(caller, "get-balance", BALANCE)
    wait_until(lambda: hris.calls("GET", CALCULATOR))
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in events(log))
    process.send_signal(signal.SIGHUP)
    hris.released.set()
    assert pending.members()["status"] == "Complete" and process.wait(20) == 0


def test_sighup_without_a_log_file_ends_nothing(patient, hris):
    process = patient.start()
    for _ in range(3):
        process.send_signal(signal.SIGHUP)
        assert patient.fcgi("/-/live", method="GET").status == 200
    assert process.poll() is None and patient.stop() == 0


@pytest.mark.parametrize("own", [True, False], ids=["its user's", "another user's"])
def test_a_log_that_nobody_reads_holds_up_nobody(patient, hris, own):
    """A full pipe, which the gateway may open anew, or not."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"\n" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    if own and fronts.worker():
        os.fchown(writing, fronts.as_worker()["user"], -1)
    # AddressSanitizer's line at the first task goes elsewhere: it would wait for room.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + f":log_path={patient.dir}/run/asan.log"
    patient.start(before=lambda: os.dup2(writing, 2), env={"ASAN_OPTIONS": sanitizer})
    os.close(writing)
    proof = sign.basic("plain", patient.read_secret("acme-plain"))

    def ask(_=None):
        headers = {"Content-Type": "application/json", **proof}
        return parse(patient.fcgi("/v1/acme/get-balance", json.dumps(BALANCE).encode(),
                                  headers=headers))["status"]
    assert side_by_side(ask, 40) == ["Complete"] * 40
    while os.read(reading, 65536).strip(b"\n") == b"" and not has_nothing(reading):
        pass
    assert ask() == "Complete"
    lines = [json.loads(line) for line in os.read(reading, 65536).splitlines() if line]
    assert lines[0]["event"] == "log-lines-lost" and lines[0]["n"] >= 40
    assert lines[1]["event"] == "request"
    # Full again, and nobody reads: it still stops.
    os.set_blocking(reading, False)
    patient.process.send_signal(signal.SIGTERM)
    assert patient.process.wait(20) == 0
    os.close(reading)


def has_nothing(fd):
    return not select.select([fd], [], [], 0)[0]


# A lack of memory.

def test_a_lack_of_memory_is_said_and_ends_nothing(patient, hris, open_front):
    """More requests at once than there is room for their stacks."""
    if is_sanitized():
        pytest.skip("SKIPPED aloud: a sanitizer's own memory leaves none to limit")
    caller = Caller(patient, open_front(edit=hasty))
    process = patient.start()
    for _ in range(4):
        caller.call("get-balance", BALANCE)
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        size = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmSize:"))

    def limit(text):
        subprocess.run(["prlimit", f"--pid={process.pid}", f"--as={text}:"], check=True, timeout=20,
                       **fronts.as_worker())
    limit(size + (6 << 20))
    hris.hold("GET", CALCULATOR, HOURS)
    pending = [Pending(caller, "get-balance", BALANCE) for _ in range(200)]
    wait_until(lambda: "no stack or memory" in patient.log())
    hris.released.set()
    answers = [p.answer() for p in pending]
    codes = collections.Counter(parse(a)["errorCode"] if a.status == 200 else a.status
                                for a in answers)
    # What is left for one answer is a matter of luck; most are refused for want of a stack, or good.
    assert codes[""] > 0 and codes[503] > 0 and codes[""] + codes[503] > 100, codes
    assert process.poll() is None
    limit("unlimited")
    assert caller.call("get-balance", BALANCE)["status"] == "Complete"
    assert patient.stop() == 0
