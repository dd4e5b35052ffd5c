"""The engine without a web server: what a stalled or lying FastCGI client gets, how the process stops and
starts, plain CGI and the names of one action.
"""
import json
import os
import re
import resource
import signal
import socket
import subprocess
import time

import pytest

import fcgi_client as fcgi
import fronts
import mock_hris
import sign
from home import ACTIONS, BINARY, CONFIG, is_sanitized, mode_of, parse, side_by_side, wait_until

def named(value):
    """Cases are called by their first value."""
    return value if isinstance(value, str) else ""


UNKNOWN = 11
LIVE = fcgi.variables("GET", "/-/live")
AGENTS = "/v1/acme/get-agents"


def basic(home):
    return sign.basic("plain", home.read_secret("acme-plain"))


def variables(home, body=b"{}", **more):
    return fcgi.variables("POST", AGENTS, body, basic(home), **more)


def is_alive(home):
    answer = fcgi.request(home.socket, LIVE)
    return answer.status == 200 and answer.ended and json.loads(answer.body)["status"] == "live"


def members(answer):
    assert answer.status == 200 and answer.ended, (answer.stdout, answer.stderr)
    return parse(answer)


# Well-behaved.

def test_an_answer_is_whole_and_ends(home, hris):
    out = members(fcgi.request(home.socket, variables(home), b"{}"))
    assert out["status"] == "Complete" and out["emails"] == ["ann@example.com", "bob@example.com"]


def test_stdin_in_many_small_records_is_one_body(home, hris):
    body = json.dumps({"more": "x" * 300}).encode()
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.params(variables(home, body))
        for at in range(len(body)):
            c.send(fcgi.record(fcgi.STDIN, body[at:at + 1], padding=at % 256))
        c.send(fcgi.record(fcgi.STDIN))
        assert members(c.answer())["status"] == "Complete"


def test_parameters_cut_anywhere_between_records(home):
    data = fcgi.pairs(LIVE)
    with fcgi.Connection(home.socket) as c:
        c.begin()
        for at in range(len(data)):
            c.send(fcgi.record(fcgi.PARAMS, data[at:at + 1]))
        c.send(fcgi.record(fcgi.PARAMS), fcgi.record(fcgi.STDIN))
        assert c.answer().status == 200


def test_head_has_no_body(home):
    answer = fcgi.request(home.socket, fcgi.variables("HEAD", "/-/live"))
    assert answer.status == 200 and answer.body == b"" and int(answer.headers["content-length"]) > 0


def test_a_connection_stays_after_its_answer_where_the_client_keeps_it(home):
    with fcgi.Connection(home.socket) as c:
        for keep in (True, True, False):
            c.begin(keep=keep)
            c.params(LIVE)
            c.stdin(b"")
            answer = c.answer()
            assert answer.ended and answer.status == 200 and c.others == []
        assert c.closed()


def test_the_next_request_waits_for_the_end_of_the_last(home):
    """A client that does not is served once, and its connection closed."""
    one = fcgi.record(fcgi.BEGIN, b"\0\1\1\0\0\0\0\0") + fcgi.record(
        fcgi.PARAMS, fcgi.pairs(LIVE)) + fcgi.record(fcgi.PARAMS) + fcgi.record(fcgi.STDIN)
    with fcgi.Connection(home.socket) as c:
        c.send(one + one)
        assert c.answer().status == 200 and c.closed()
    assert is_alive(home)


def cgi_fcgi(home, params, body=b""):
    """Another client, of the fcgi package: its environment are the parameters."""
    run = subprocess.run([fronts.program("cgi-fcgi"), "-bind", "-connect", home.socket], env=params,
                         input=body, capture_output=True, timeout=20, check=True)
    return fcgi.Answer(run.stdout, run.stderr, 0, 0)


def test_a_foreign_client(home, hris):
    answer = cgi_fcgi(home, LIVE)
    assert answer.status == 200 and json.loads(answer.body) == {"status": "live"}
    body = json.dumps({"more": ["x" * 1000] * 100}).encode()
    out = members(cgi_fcgi(home, variables(home, body), body))
    assert out["status"] == "Complete" and out["emails"] == ["ann@example.com", "bob@example.com"]
    answer = cgi_fcgi(home, {**variables(home, body), "HTTP_X": "x" * 65536}, body)
    assert answer.status == 413


# Bodies and what CONTENT_LENGTH says of them.

@pytest.mark.parametrize("name, body, declared", [
    ("shorter than it says", b"{}", "5"),
    ("longer than it says", b"{}    ", "2"),
    ("a length that is no number", b"{}", "two"),
    ("a negative length", b"{}", "-2"),
    ("a length of 0 and a body", b"{}", "0"),
])
def test_a_body_of_another_length_is_refused(home, hris, name, body, declared):
    out = members(fcgi.request(home.socket, variables(home, body, CONTENT_LENGTH=declared), body))
    assert (out["status"], out["errorCode"]) == ("Error", "INPUT.BODY"), name
    assert hris.asked == []


@pytest.mark.parametrize("declared", ["", None])
def test_a_body_without_a_length_is_read_to_its_end(home, hris, declared):
    answer = fcgi.request(home.socket, variables(home, b"{}", CONTENT_LENGTH=declared), b"{}")
    assert members(answer)["status"] == "Complete"


def padded(size):
    return b"{" + b" " * (size - 2) + b"}"


def test_a_body_of_256_kb_is_read(home, hris):
    body = padded(256 * 1024)
    out = members(fcgi.request(home.socket, variables(home, body), body))
    assert out["status"] == "Complete"


@pytest.mark.parametrize("size, declared", [(256 * 1024 + 1, True), (257 * 1024, False),
                                            (5 * 1024 * 1024, True)])
def test_a_larger_body_is_413_for_everybody(home, hris, size, declared):
    body = padded(size)
    more = {} if declared else {"CONTENT_LENGTH": None}
    for target in (AGENTS, "/v1/no-such-route/get-agents"):
        params = fcgi.variables("POST", target, body, basic(home), **more)
        answer = fcgi.request(home.socket, params, body)
        assert answer.status == 413 and answer.ended
        assert answer.headers["content-type"] == "application/json" and json.loads(answer.body)
    assert hris.asked == []


# The first fault decides the answer.

LARGE = padded(257 * 1024)


@pytest.mark.parametrize("status, method, target, body, known, kind", [
    (404, "GET", "/v1/acme/no-such-action", LARGE, False, "text/plain"),
    (405, "GET", AGENTS, LARGE, False, "text/plain"),
    (413, "POST", AGENTS, LARGE, False, "text/plain"),
    (401, "POST", AGENTS, b"{}", False, "text/plain"),
    (415, "POST", AGENTS, b"{}", True, "text/plain"),
    (200, "POST", AGENTS, b"{}", True, "application/json"),
])
def test_the_order_of_refusals(home, hris, status, method, target, body, known, kind):
    """Each has all the faults of those after it, and a body of another length than it says."""
    declared = "5" if len(body) < 5 else str(len(body))
    params = fcgi.variables(method, target, body, basic(home) if known else {}, CONTENT_TYPE=kind,
                            CONTENT_LENGTH=declared)
    answer = fcgi.request(home.socket, params, body)
    assert answer.status == status and answer.headers["content-type"] == "application/json", answer.stdout
    out = json.loads(answer.body)
    assert out["errorCode"] == "INPUT.BODY" if status == 200 else out["error"]
    assert hris.asked == []


@pytest.mark.parametrize("declared", ["1", "3", "0", "x"])
def test_a_signed_body_of_another_length_is_no_proof(home, hris, declared):
    def ask(length):
        proof = sign.rfc9421(home.key(), "k1", "POST", "https://gateway.example" + AGENTS, b"{}")
        params = fcgi.variables("POST", AGENTS, b"{}", proof, CONTENT_LENGTH=length)
        return fcgi.request(home.socket, params, b"{}")
    assert ask(declared).status == 401 and hris.asked == []
    assert members(ask("2"))["status"] == "Complete"


# Parameters.

def test_256_parameters_are_taken_and_257_are_not(home, hris):
    def ask(n):
        params = variables(home)
        for i in range(n - len(params)):
            params[f"HTTP_X_{i}"] = "1"
        return fcgi.request(home.socket, params, b"{}")
    assert members(ask(256))["status"] == "Complete"
    hris.asked.clear()
    for n in (257, 5000):
        answer = ask(n)
        assert answer.status == 413 and answer.ended and json.loads(answer.body)
    assert hris.asked == []


@pytest.mark.parametrize("size, status", [(60 * 1024, 200), (65 * 1024, 413), (1024 * 1024, 413)])
def test_64_kb_of_parameters(home, hris, size, status):
    answer = fcgi.request(home.socket, {**variables(home), "HTTP_X": "x" * size}, b"{}")
    assert answer.status == status and answer.ended


@pytest.mark.parametrize("name, content", [
    ("a value of 2 GB that never comes", b"\x01\xff\xff\xff\xffX"),
    ("two lengths whose sum wraps an int", b"\xff\xff\xff\xfe\xff\xff\xff\xfe"),
    ("a length that is cut off", b"\x01\xff\xff"),
    ("a value that is cut off", b"\x01\x09Xabc"),
    ("an empty name", b"\x00\x01x"),
    ("a name with =", b"\x03\x01a=bx"),
    ("NUL in a name", b"\x03\x01a\0bx"),
    ("NUL in a value", b"\x01\x03Xa\0b"),
], ids=named)
def test_malformed_parameters_end_the_connection(home, name, content):
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.send(fcgi.record(fcgi.PARAMS, fcgi.pairs(LIVE) + content), fcgi.record(fcgi.PARAMS),
               fcgi.record(fcgi.STDIN))
        answer = c.answer()
        assert answer.stdout == b"" and not answer.ended, name
    assert is_alive(home)


# Records in wrong order, of wrong kinds.

@pytest.mark.parametrize("name, records", [
    ("another version", fcgi.record(fcgi.BEGIN, b"\0\1\0\0\0\0\0\0", version=2)),
    ("no BEGIN_REQUEST", fcgi.record(fcgi.PARAMS, b"")),
    ("a short BEGIN_REQUEST", fcgi.record(fcgi.BEGIN, b"\0\1")),
    ("STDIN before PARAMS", fcgi.record(fcgi.BEGIN, b"\0\1\0\0\0\0\0\0") + fcgi.record(fcgi.STDIN)),
    ("HTTP", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("nothing", b""),
    ("half a header", b"\1\1\0"),
], ids=named)
def test_what_is_no_request_ends_the_connection(home, name, records):
    with fcgi.Connection(home.socket) as c:
        c.send(records)
        c.socket.shutdown(socket.SHUT_WR)
        assert c.closed(), name
    assert is_alive(home)


def test_management_records_are_answered(home):
    """FastCGI 1.0, sections 4.1 and 4.2."""
    asked = fcgi.pairs([("FCGI_MPXS_CONNS", ""), ("FCGI_MAX_REQS", ""), ("X", "")])
    values = fcgi.record(fcgi.GET_VALUES, asked, request_id=0)
    values_answer = (10, 0, fcgi.pairs([("FCGI_MPXS_CONNS", "0"), ("FCGI_MAX_REQS", "10000")]))
    with fcgi.Connection(home.socket) as c:
        c.send(values)
        c.begin()
        c.send(fcgi.record(77, b"what?", request_id=0))
        c.params(LIVE)
        c.send(values)
        c.stdin(b"")
        assert c.answer().status == 200
        assert c.others == [values_answer, (11, 0, b"\x4d" + b"\0" * 7), values_answer]
    assert is_alive(home)


def test_a_client_that_only_asks_is_left(home):
    values = fcgi.record(fcgi.GET_VALUES, fcgi.pairs([("FCGI_MPXS_CONNS", "")] * 25), request_id=0)
    with fcgi.Connection(home.socket) as c:
        while c.send(values * 100):
            pass
    assert is_alive(home)


def test_a_second_request_at_the_same_time_is_refused(home):
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.begin(request_id=2)
        c.params(LIVE)
        c.send(fcgi.record(fcgi.STDIN, b"of another", request_id=2))
        c.stdin(b"")
        assert c.answer().status == 200
        assert c.others == [(fcgi.END, 2, b"\0\0\0\0\1\0\0\0")]     # FCGI_CANT_MPX_CONN


@pytest.mark.parametrize("role", [fcgi.AUTHORIZER, fcgi.FILTER, 9])
def test_other_roles_are_refused(home, role):
    with fcgi.Connection(home.socket) as c:
        c.begin(role)
        c.params(LIVE)
        answer = c.answer()
    assert answer.stdout == b"" and answer.protocol_status == 3     # FCGI_UNKNOWN_ROLE


# Clients that stall, vanish or sip: home's client time-out is 2 s.

def test_stalled_parameters_cost_the_time_out_only(home):
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.params(LIVE, end=False)
        assert c.closed()
    assert is_alive(home)


def test_dripping_parameters_cost_the_time_out_only(home):
    data = fcgi.record(fcgi.PARAMS, fcgi.pairs({"HTTP_X": "x" * 60000}))
    with fcgi.Connection(home.socket) as c:
        c.begin()
        sent = 0
        while sent < len(data) and c.send(data[sent:sent + 1]):
            sent += 1
            time.sleep(0.02)
        assert 0 < sent < len(data)
    assert is_alive(home)


def test_a_stalled_body_is_answered_as_cut_off(home, hris):
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.params(variables(home, b"{}   "))
        c.stdin(b"{}", end=False)
        assert members(c.answer())["errorCode"] == "INPUT.BODY"
    assert hris.asked == []


def test_the_rest_of_a_body_that_was_cut_off_is_no_request(home, hris):
    """The client keeps the connection, and sends what looks like a request of its own as the rest of the body."""
    inner = (fcgi.record(fcgi.BEGIN, b"\0\1\0\0\0\0\0\0") + fcgi.record(fcgi.PARAMS, fcgi.pairs(LIVE)) +
             fcgi.record(fcgi.PARAMS) + fcgi.record(fcgi.STDIN))
    with fcgi.Connection(home.socket) as c:
        c.begin(keep=True)
        c.params(variables(home, inner))
        c.send(fcgi.record(fcgi.STDIN, inner)[:8])
        assert members(c.answer())["errorCode"] == "INPUT.BODY"
        c.send(inner)
        assert c.closed()
    assert hris.asked == []


def test_a_body_that_is_whole_but_not_ended_is_cut_off(home, hris):
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.params(variables(home, b"{}"))
        c.stdin(b"{}", end=False)
        assert members(c.answer())["errorCode"] == "INPUT.BODY"
    assert hris.asked == []


def test_an_aborted_request_is_answered_and_does_nothing(home, hris):
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.params(variables(home, b"{}"))
        c.stdin(b"{}", end=False)
        c.send(fcgi.record(fcgi.ABORT))
        answer = c.answer()
    assert members(answer)["errorCode"] == "INPUT.BODY"
    assert hris.asked == []


def test_a_request_aborted_in_its_parameters_is_dropped(home):
    with fcgi.Connection(home.socket) as c:
        c.begin()
        c.params(LIVE, end=False)
        c.send(fcgi.record(fcgi.ABORT))
        assert c.closed()


def test_a_client_that_leaves_before_the_answer(home, hris):
    def served():
        return home.log().count('"event":"request"')
    before = served()
    for _ in range(50):
        with fcgi.Connection(home.socket) as c:
            c.begin()
            c.params(variables(home))
            c.stdin(b"{}")
    # What nobody waits for is served all the same, and must not meet the next test's people.
    wait_until(lambda: served() >= before + 50)
    assert is_alive(home)


def test_a_client_that_does_not_take_its_answer_costs_the_time_out(own_home, hris):
    people = [{"id": str(i), "workEmail": f"{i}@{'x' * 60}.example"} for i in range(6000)]
    hris.on("GET", "/employees/directory", mock_hris.answer({"employees": people}))
    own_home.start()
    sipping = []
    for _ in range(4):
        c = fcgi.Connection(own_home.socket)
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.begin()
        c.params(variables(own_home))
        c.stdin(b"{}")
        sipping.append(c)
    wait_until(lambda: own_home.log().count("the answer was not taken") == 4)
    assert is_alive(own_home)
    for c in sipping:
        c.close()


def test_clients_that_stall_delay_nobody(own_home):
    """Some say nothing, some begin, some send half a body: none of them costs a worker."""
    own_home.client_timeout = 30
    own_home.start()
    stalled = []
    for i in range(600):
        c = fcgi.Connection(own_home.socket)
        if i % 3 > 0:
            c.begin()
        if i % 3 > 1:
            c.params(LIVE)
            c.stdin(b"{", end=False)
        stalled.append(c)
    assert is_alive(own_home)
    for c in stalled:
        # Nobody was left for the sake of the others.
        c.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            c.socket.recv(1)
        c.close()


# Starting and stopping.

def slow_directory(hris, seconds=0.2):
    ordinary = mock_hris.answer({"employees": [{"id": "7", "workEmail": "ann@example.com"}]})

    def rule(_):
        time.sleep(seconds)
        return ordinary
    hris.on("GET", "/employees/directory", rule)


def test_sigterm_under_load_loses_nothing(own_home, hris):
    slow_directory(hris)
    process = own_home.start()

    def ask(_):
        out = []
        while True:
            try:
                c = fcgi.Connection(own_home.socket)
            except (FileNotFoundError, ConnectionRefusedError):
                return out
            with c:
                c.begin()
                c.params(variables(own_home))
                c.stdin(b"{}")
                out.append(c.answer())

    def stop(_):
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
    results = side_by_side(lambda i: stop(i) if i == 0 else ask(i), 25)[1:]
    for result in results:
        assert not isinstance(result, Exception), result
    answers = [answer for result in results for answer in result]
    assert len(answers) >= 24
    assert {members(a)["errorCode"] for a in answers} == {""}
    assert process.wait(20) == 0
    assert not os.path.exists(own_home.socket)


def is_marked(c):
    """Asks once more, and is answered, unless the answer before said that nobody should."""
    c.begin(keep=True)
    c.params(LIVE)
    c.stdin(b"")
    kind, of, _ = c.record()
    if (kind, of) == (UNKNOWN, 0):
        return True
    assert (kind, of) == (fcgi.STDOUT, 1) and c.answer().ended
    return False


def test_an_answer_that_ended_before_the_stop_keeps_its_connection(own_home, hris):
    """Clients that have not taken their answers yet: some of their ends were written before the stop."""
    own_home.write("lib/hrisgw.yaml", CONFIG.format(dir=own_home.dir, deadline=20).replace(
        "workers: 2", "workers: 1"))
    own_home.client_timeout = 30
    process = own_home.start()
    untaken = []
    for n in range(1500, 6000, 300):
        people = [{"id": str(i), "workEmail": f"{i}@{'x' * 60}.example"} for i in range(n)]
        hris.on("GET", "/employees/directory", mock_hris.answer({"employees": people}))
        c = fcgi.Connection(own_home.socket)
        c.begin(keep=True)
        c.params(variables(own_home))
        c.stdin(b"{}")
        untaken.append(c)
        wait_until(lambda: own_home.log().count('"event":"request"') == len(untaken))
    with fcgi.Connection(own_home.socket) as c:
        c.begin(keep=True)
        c.params(LIVE)
        c.stdin(b"")
        assert c.answer().ended
        process.send_signal(signal.SIGTERM)
        while not is_marked(c):
            pass
    for c in untaken:
        assert members(c.answer())["status"] == "Complete"
    assert {is_marked(c) for c in untaken} == {True, False}
    for c in untaken:
        c.close()
    assert process.wait(20) == 0


def test_who_waits_for_a_descriptor_is_served_before_the_end(own_home, hris):
    """The process is told to stop while it has no descriptor left to take those in who have connected."""
    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    def lacks():
        return own_home.log().partition('"event":"stopping"')[2].count('"event":"accept"')
    own_home.client_timeout = 30
    process = own_home.start(before=few_files)
    stalled = []
    while '"event":"accept"' not in own_home.log():
        stalled.append(fcgi.Connection(own_home.socket))
        stalled[-1].begin()
    # One worker has none left; as many again and the other has none either.
    stalled += [fcgi.Connection(own_home.socket) for _ in range(len(stalled))]
    with fcgi.Connection(own_home.socket) as late:
        late.begin()
        late.params(variables(own_home))
        late.stdin(b"{}")
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: lacks() > 0)
        for c in stalled:
            c.close()
        assert members(late.answer())["status"] == "Complete"
    assert process.wait(20) == 0


def test_long_work_that_begins_after_sigterm_is_answered(own_home, hris):
    """A long answer of the HRIS comes when the process has been told to stop: its caller gets all of it, and the
    process ends at once, not when a time is over."""
    people = [{"id": str(i), "workEmail": f"{i}@acme.example"} for i in range(30000)]
    hris.hold("GET", "/employees/directory", mock_hris.answer({"employees": people}))
    process = own_home.start()
    with fcgi.Connection(own_home.socket) as c:
        c.begin()
        c.params(variables(own_home))
        c.stdin(b"{}")
        wait_until(lambda: hris.asked)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: '"event":"stopping"' in own_home.log())
        assert process.poll() is None
        hris.released.set()
        assert members(c.answer())["count"] == len(people)
    assert process.wait(20) == 0


def test_an_inherited_socket_survives_with_what_waits_in_it(own_home, hris):
    slow_directory(hris)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(own_home.socket)
        listener.listen(64)
        process = own_home.start(stdin=listener, program="hrisgw.fcgi")
        with fcgi.Connection(own_home.socket) as running:
            running.begin()
            running.params(variables(own_home))
            running.stdin(b"{}")
            # Under way: what nobody has accepted yet would wait for the next owner.
            wait_until(lambda: hris.asked)
            process.send_signal(signal.SIGTERM)
            assert members(running.answer())["status"] == "Complete"
        assert process.wait(20) == 0
        assert os.path.exists(own_home.socket)
        with fcgi.Connection(own_home.socket) as waiting:
            waiting.begin()
            waiting.params(LIVE)
            waiting.stdin(b"")
            own_home.start(stdin=listener, program="hrisgw.fcgi", wait=False)
            assert waiting.answer().status == 200
        own_home.stop()


def test_systemd_hands_over_a_socket(own_home):
    """LISTEN_FDS counts only for the process that LISTEN_PID names."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(own_home.socket)
        listener.listen(64)
        os.chmod(own_home.socket, 0o666)
        script = ('exec 3<&{fd}; LISTEN_PID={pid} LISTEN_FDS=1 exec {program} serve '
                  '--config {config}')
        for pid, served in (("$$", True), ("1", False)):
            own_home.process = subprocess.Popen(
                ["/bin/bash", "-c", script.format(fd=listener.fileno(), pid=pid,
                                                  program=own_home.lib + "/hrisgw",
                                                  config=own_home.config)],
                pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True, **fronts.as_worker())
            if served:
                assert is_alive(own_home)
                assert own_home.stop() == 0
            else:
                _, errors = own_home.process.communicate(timeout=20)
                assert own_home.process.returncode == 1 and b"no socket to serve" in errors
                own_home.process = None


def test_a_second_sigterm_leaves_at_once(own_home, hris):
    hris.on("GET", "/employees/directory", mock_hris.silent())
    process = own_home.start()
    with fcgi.Connection(own_home.socket) as c:
        c.begin()
        c.params(variables(own_home))
        c.stdin(b"{}")
        while not hris.asked:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        while os.path.exists(own_home.socket):
            time.sleep(0.01)
        assert process.poll() is None
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM
        # The deadline, until which the first one would have waited, is 5 s.
        assert is_sanitized() or time.monotonic() - started < 2


def test_the_socket_is_for_owner_and_group_only(home):
    assert mode_of(home.socket) == 0o660


def test_the_group_of_the_socket_is_the_configured_one(own_home):
    if os.geteuid() != 0:
        pytest.skip("SKIPPED aloud: only root can give a socket to another group")
    # "mail" is not a group of the process; an outsider cannot give files to it.
    with open(own_home.config, encoding="utf-8") as file:
        text = file.read()
    own_home.write("lib/hrisgw.yaml", text + "listen: {group: mail}\n")
    run = subprocess.run([own_home.lib + "/hrisgw", "serve", "--config", own_home.config, "--listen",
                          own_home.socket], capture_output=True, check=False, timeout=20,
                         **fronts.as_worker())
    assert run.returncode == 1 and run.stderr.count(b"\n") == 1 and not os.path.exists(own_home.socket)
    own_home.write("lib/hrisgw.yaml", text + "listen: {group: no-such-group}\n")
    run = subprocess.run([own_home.lib + "/hrisgw", "serve", "--config", own_home.config, "--listen",
                          own_home.socket], capture_output=True, check=False, timeout=20,
                         **fronts.as_worker())
    assert run.returncode == 1 and b"there is no group no-such-group" in run.stderr
    own_home.write("lib/hrisgw.yaml", text + f"listen: {{group: {fronts.worker()}}}\n")
    own_home.start()
    assert is_alive(own_home)


def test_a_stale_socket_is_replaced_and_a_living_one_is_not(own_home):
    process = own_home.start()
    second = subprocess.run([own_home.lib + "/hrisgw", "serve", "--config", own_home.config,
                             "--listen", own_home.socket], capture_output=True, timeout=20,
                            check=False, **fronts.as_worker())
    assert second.returncode == 1 and b"is served by another process" in second.stderr
    assert second.stderr.count(b"\n") == 1
    assert is_alive(own_home)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert os.path.exists(own_home.socket)
    own_home.start()
    assert is_alive(own_home)


def test_too_few_descriptors_are_refused_at_the_start(own_home):
    """64, 16 for each of 2 workers, and 2 for each of the 8 calls of a route."""
    def limit(n):
        return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))
    process = own_home.start(before=limit(111), wait=False)
    assert process.wait(20) == 1 and not os.path.exists(own_home.socket)
    assert own_home.log().count("\n") == 1
    assert all(words in own_home.log() for words in (
        "at most 111 files", "2 workers", "8 calls", "need 112", "ulimit -n", "LimitNOFILE=",
        "limits.in_flight"))
    own_home.start(before=limit(112))
    assert is_alive(own_home)


def test_strangers_leave_descriptors_for_calls(own_home, hris):
    """As many connect as are let in; who is inside is served, over a connection to the HRIS of its own."""
    own_home.client_timeout = 30
    own_home.start(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120)))
    with fcgi.Connection(own_home.socket) as inside:
        inside.begin(keep=True)
        inside.params(LIVE)
        inside.stdin(b"")
        assert inside.answer().status == 200
        strangers = [fcgi.Connection(own_home.socket) for _ in range(150)]
        wait_until(lambda: '"event":"accept"' in own_home.log())
        inside.begin()
        inside.params(variables(own_home))
        inside.stdin(b"{}")
        assert members(inside.answer())["status"] == "Complete"
        for c in strangers:
            c.close()


def test_a_soft_limit_of_descriptors_is_raised(own_home):
    own_home.start(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 200)))
    assert is_alive(own_home)


def test_a_file_in_the_place_of_the_socket_stays(own_home):
    path = own_home.write("run/hrisgw.sock", "dear")
    run = subprocess.run([own_home.lib + "/hrisgw", "serve", "--config", own_home.config,
                          "--listen", path], capture_output=True, timeout=20, check=False,
                         **fronts.as_worker())
    assert run.returncode == 1 and b"is there and is no socket" in run.stderr
    with open(path, encoding="utf-8") as file:
        assert file.read() == "dear"


@pytest.mark.parametrize("path, reason", [
    ("/no/such/folder/x.sock", b"/no/such/folder/x.sock: No such file"),
    ("/tmp/" + "x" * 120, b"1 to 107 bytes"), ("", b"1 to 107 bytes")])
def test_a_socket_that_cannot_be_made_is_one_line(own_home, path, reason):
    run = subprocess.run([own_home.lib + "/hrisgw", "serve", "--config", own_home.config,
                          f"--listen={path}"], capture_output=True, timeout=20, check=False,
                         **fronts.as_worker())
    assert run.returncode == 1 and reason in run.stderr and run.stderr.count(b"\n") == 1


def test_requests_side_by_side(home, hris):
    """More clients than workers, all served."""
    answers = side_by_side(lambda _: fcgi.request(home.socket, LIVE), 64)
    assert all(a.status == 200 for a in answers)


# The environment.

def test_variables_of_others_do_not_reach_libcurl(own_home, hris):
    """A proxy that nobody runs, and a file that would betray the keys of TLS."""
    keys = own_home.dir + "/keys"
    env = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
           "ALL_PROXY": "http://127.0.0.1:9", "SSLKEYLOGFILE": keys,
           "OPENSSL_CONF": "/no/such/file", "SSL_CERT_FILE": "/no/such/file"}
    own_home.start(env=env)
    out = members(fcgi.request(own_home.socket, variables(own_home), b"{}"))
    assert out["status"] == "Complete" and not os.path.exists(keys)
    with open(f"/proc/{own_home.process.pid}/limits", encoding="ascii") as file:
        core = [line for line in file if line.startswith("Max core file size")]
    assert core[0].split()[4:6] == ["0", "0"]


# Plain CGI.

def test_plain_cgi_answers(home, hris):
    answer = home.cgi(AGENTS, b"{}", headers=basic(home))
    out = parse(answer)
    assert answer.status == 200 and out["status"] == "Complete" and out["count"] is not None
    assert home.cgi("/-/live", b"", "GET").status == 200


def test_plain_cgi_opens_the_ledger_where_it_is_needed(own_home, hris):
    """The first call makes it, as a start does; a read that opened it would pay for what it does not use."""
    ledger = own_home.dir + "/state/ledger.db"
    own_home.cgi(AGENTS, b"{}", headers=basic(own_home))
    with open(ledger, "r+b") as file:
        file.write(b"no database")
    read = own_home.cgi(AGENTS, b"{}", headers=basic(own_home))
    assert members(read)["status"] == "Complete" and b"ledger.db" not in read.stderr
    assert b"ledger.db" in own_home.cgi("/-/ready", b"", "GET").body


def test_plain_cgi_without_a_standard_output_answers_nobody(home, hris):
    """Least of all the log."""
    env = fcgi.variables("POST", AGENTS, b"{}", basic(home), GATEWAY_INTERFACE="CGI/1.1")
    run = subprocess.run([f"{home.lib}/hrisgw.cgi"], input=b"{}", env=env, stderr=subprocess.PIPE, timeout=60,
                         check=False, preexec_fn=lambda: os.close(1), **fronts.as_worker())
    assert b'"action":"get-agents"' in run.stderr and b"ann@example.com" not in run.stderr


def test_plain_cgi_without_a_standard_input_has_no_body(home, hris):
    env = fcgi.variables("POST", AGENTS, b"{}", basic(home), GATEWAY_INTERFACE="CGI/1.1")
    run = subprocess.run([f"{home.lib}/hrisgw.cgi"], env=env, capture_output=True, timeout=10, check=False,
                         preexec_fn=lambda: os.close(0), **fronts.as_worker())
    assert b'"errorCode":"INPUT.BODY"' in run.stdout


def test_plain_cgi_never_reads_arguments(home, hris):
    for arguments in (["--help"], ["--version"], ["ledger", "resolve"], ["serve"], ["check"]):
        answer = home.cgi(AGENTS, b"{}", headers=basic(home), arguments=arguments,
                          program="hrisgw")
        assert answer.status == 200 and parse(answer)["status"] == "Complete", arguments


def test_a_web_name_never_reads_arguments(own_home):
    """Neither as FastCGI ..."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(own_home.socket)
        listener.listen(64)
        for arguments in (["--help"], ["serve", "--listen", "/tmp/never"]):
            own_home.start(*arguments, stdin=listener, program="hrisgw.fcgi")
            assert is_alive(own_home)
            assert own_home.stop() == 0
    # ... nor without a socket: then there is nothing it could do.
    for name in ("hrisgw.fcgi", "get-balance.cgi"):
        run = subprocess.run([f"{own_home.lib}/{name}", "--version"], stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=20, check=False, **fronts.as_worker())
        assert run.returncode == 1 and b"no socket to serve" in run.stderr and run.stdout == b""


@pytest.mark.parametrize("name, body, feed, declared, code", [
    ("shorter than it says", b"{}", b"{", None, "INPUT.BODY"),
    ("no length: read to the end", b"{}", b"{}", "", ""),
    ("longer: no byte more is read", b"{}", b"{}garbage", None, ""),
    ("no number", b"{}", b"{}", "x", "INPUT.BODY"),
])
def test_plain_cgi_reads_as_far_as_it_is_told(home, hris, name, body, feed, declared, code):
    more = {} if declared is None else {"CONTENT_LENGTH": declared}
    answer = home.cgi(AGENTS, body, headers=basic(home), feed=feed, **more)
    assert parse(answer)["errorCode"] == code, name


@pytest.mark.parametrize("more", [{}, {"CONTENT_LENGTH": ""}])
def test_plain_cgi_refuses_257_kb(home, hris, more):
    answer = home.cgi(AGENTS, padded(257 * 1024), headers=basic(home), **more)
    assert answer.status == 413 and hris.asked == []


def test_plain_cgi_that_cannot_start_still_answers(own_home):
    own_home.write("lib/hrisgw.yaml", "thread: 3\n")
    answer = own_home.cgi(AGENTS, b"{}")
    assert answer.status == 503 and "error log" in json.loads(answer.body)["error"]
    assert answer.stderr.count(b"\n") == 1 and b"hrisgw.yaml:1:1" in answer.stderr
    assert b"hrisgw.yaml" not in answer.body


# Names that serve one action.

@pytest.mark.parametrize("action", ACTIONS)
def test_a_program_named_after_an_action_serves_that_one(home, hris, action):
    env = basic(home)
    answer = home.cgi("/acme", b"{}", headers=env, program=action + ".cgi")
    out = parse(answer)
    # Two of them take an empty object; the others say which of their members is missing.
    wanted = "" if action in ("get-agents", "get-timeoff-types") else "INPUT.REQUIRED"
    assert answer.status == 200 and out["errorCode"] == wanted
    for other in ("/v1/acme/" + action, "/acme/" + action, "/", "", "/acme/x"):
        assert home.cgi(other, b"{}", headers=env, program=action + ".cgi").status == 404


def test_a_one_action_name_behind_fastcgi(own_home, hris):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(own_home.socket)
        listener.listen(64)
        own_home.start(stdin=listener, program="get-agents.fcgi")
        params = fcgi.variables("POST", "/acme", b"{}", basic(own_home))
        assert members(fcgi.request(own_home.socket, params, b"{}"))["status"] == "Complete"
        params = fcgi.variables("POST", "/v1/acme/get-agents", b"{}", basic(own_home))
        assert fcgi.request(own_home.socket, params, b"{}").status == 404
        assert own_home.stop() == 0


# The command line around it.

COMMANDS = ("check", "routes", "call", "sign", "serve", "jsonpath", "adapter", "local")


def command(*arguments):
    run = subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                         timeout=20, check=False)
    return run.returncode, run.stdout.decode(), run.stderr.decode()


def test_version_and_help():
    code, out, err = command("--version")
    assert code == 0 and err == "" and re.fullmatch(
        r"hrisgw \d+\.\d+\.\d+ \(build [0-9a-z-]+\)\n"
        r"libcurl \d+\S*, OpenSSL \d+\S*, SQLite \d+\S*, libyaml \d+\S*, yajl \d+\.\d+\.\d+\n", out), out
    code, out, err = command("--help")
    assert code == 0 and err == "" and all(f"\n  {name} " in out for name in COMMANDS)
    for name in COMMANDS:
        code, out, err = command(name, "--help")
        assert code == 0 and err == "" and out.startswith(f"usage: hrisgw {name} "), name
        assert "--help" in out


@pytest.mark.parametrize("arguments, words", [
    ([], "usage: hrisgw COMMAND"),
    (["serv"], "unknown command serv; did you mean serve?"),
    (["frobnicate"], "unknown command frobnicate; see hrisgw --help"),
    (["serve", "--confg", "x"], "unknown option --confg; did you mean --config?"),
    (["serve", "--xyzzy"], "unknown option --xyzzy; see hrisgw serve --help"),
    (["serve", "--config"], "--config needs FILE"),
    (["serve", "--config=a", "--config", "b"], "--config is given twice"),
    (["serve", "now"], "too many operands"),
    (["serve", "--", "--config"], "too many operands"),
    (["serve", "--client-timeout", "31"], "--client-timeout has to be 1 to 30"),
    (["serve", "--client-timeout=0"], "--client-timeout has to be 1 to 30"),
])
def test_wrong_usage_is_exit_code_2(arguments, words):
    code, out, err = command(*arguments)
    assert code == 2 and out == "" and words in err


def test_serve_without_configuration_is_one_line():
    code, out, err = command("serve", "--config", "/no/such/file.yaml")
    assert code == 1 and out == "" and err.count("\n") == 1 and "/no/such/file.yaml" in err


# systemd is told.

@pytest.mark.parametrize("abstract", [False, True], ids=["a file", "a name of Linux's own"])
def test_systemd_learns_how_far_it_is(own_home, hris, abstract):
    path = own_home.dir + "/run/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind("\0" + path if abstract else path)
        if not abstract:
            os.chmod(path, 0o666)
        told.settimeout(30)
        process = own_home.start(env={"NOTIFY_SOCKET": "@" + path if abstract else path})
        assert told.recv(1000) == b"READY=1" and is_alive(own_home)
        process.send_signal(signal.SIGHUP)
        assert re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=[0-9]+", told.recv(1000))
        assert told.recv(1000) == b"READY=1"
        assert own_home.stop() == 0
        assert told.recv(1000) == b"STOPPING=1"


def test_systemd_is_not_told_of_a_start_that_failed(own_home):
    path = own_home.dir + "/run/notify"
    own_home.write("lib/hrisgw.yaml", "colour: red\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(path)
        os.chmod(path, 0o666)
        told.setblocking(False)
        process = own_home.start(wait=False, env={"NOTIFY_SOCKET": path})
        assert process.wait(30) == 1
        with pytest.raises(BlockingIOError):
            told.recv(1000)
