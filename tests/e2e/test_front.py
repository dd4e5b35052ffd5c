"""The front doors: the samples of nginx/ as they are, through them every action, every proof, and what the
web server itself answers.
"""
import json
import os
import signal
import socket
import ssl
import subprocess
import time

import pytest

import fronts
import mock_hris
import sign
from home import ACTIONS, TOP_FOLDER, Caller, parse, side_by_side, wait_until

REQUEST = {"agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "PENDING",
           "dates": ["2027-03-01", "2027-03-02"], "payableMinutes": "480,480"}
BODIES = {
    "get-agents": {},
    "get-timeoff-types": {},
    "get-balance": {"agentId": "7", "inputDates": "2027-03-01",
                    "inputTimeOffTypeIds": ["78", "79"]},
    "insert-timeoff": REQUEST,
    "update-timeoff": {"agentId": "7", "inputTimeOffRequestId": "1348",
                       "timeOffStatus": "CANCELED"},
}


@pytest.mark.parametrize("form", ["rfc9421", "token", "basic"])
def test_every_action_through_every_front(home, hris, front, form):
    caller = Caller(home, front, form)
    agents = caller.call("get-agents", BODIES["get-agents"])
    assert agents["emails"] == ["ann@example.com", "bob@example.com"]
    assert agents["externalIds"] == ["7", "8"]
    types = caller.call("get-timeoff-types", {})
    assert (types["ids"], types["names"]) == (["78", "79"], ["Vacation", "Sick"])
    balance = caller.call("get-balance", BODIES["get-balance"])
    assert balance["balanceMinutesPerDay"] == ["2400", "2400"], balance
    assert hris.writes == []
    made = caller.call("insert-timeoff", REQUEST)
    assert (made["status"], made["timeOffRequestId"]) == ("Complete", "1348"), made
    assert [(w.method, w.path) for w in hris.writes] == [("PUT", "/employees/7/time_off/request")]
    hris.holds()
    changed = caller.call("update-timeoff", BODIES["update-timeoff"])
    assert (changed["status"], changed["timeOffRequestId"]) == ("Complete", "1348"), changed
    assert len(hris.writes) == 2


@pytest.mark.parametrize("header", ["Authorization", "X-Hris-Authorization"])
def test_a_token_passes_in_either_header(home, hris, front, header):
    caller = Caller(home, front, "token")
    caller.call("get-timeoff-types", {})
    answer = front.request("POST", "/v1/acme/get-timeoff-types", b"{}",
                           {"Content-Type": "application/json", **sign.bearer(caller.token, header)})
    assert parse(answer)["status"] == "Complete"


def test_nobody_unknown_passes(home, hris, front):
    refused = [front.request("POST", f"/v1/{route}/get-agents", b"{}",
                             {"Content-Type": "application/json", **headers})
               for route in ("acme", "no-such-route", "A..%2f")
               for headers in ({}, {"Authorization": "Basic cGxhaW46d3Jvbmc="},
                               {"Authorization": "Bearer x.y"})]
    assert {(a.status, a.headers["content-type"]) for a in refused} == {(401, "application/json")}
    # The request's id, by which its line in the log is found, is all that differs.
    bodies = [json.loads(a.body) for a in refused]
    assert [b.pop("requestId") for b in bodies] == [a.headers["x-request-id"] for a in refused]
    assert bodies == [{"error": "unauthorized"}] * len(refused)
    assert hris.asked == []


def test_the_uri_that_was_signed_is_the_uri_that_was_sent(home, hris, front):
    caller = Caller(home, front)
    answer = caller.send("get-agents", {}, target="/v1/acme/get-agents?x=%41%2f%2F..&y")
    assert parse(answer)["status"] == "Complete"


def test_a_chunked_body_is_whole(home, hris, front):
    """Genesys Cloud sends no Content-Length."""
    caller = Caller(home, front)
    body = json.dumps(BODIES["get-balance"]).encode()
    url = front.origin + "/v1/acme/get-balance"
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked",
               **caller.proof("POST", url, body)}
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 7]), body[at:at + 7])
                      for at in range(0, len(body), 7)) + b"0\r\n\r\n"
    answer = front.request("POST", "/v1/acme/get-balance", chunks, headers)
    assert parse(answer)["balanceMinutesPerDay"] == ["2400", "2400"]


def test_a_connection_is_used_again(home, hris, front):
    with front.connect() as connection:
        for _ in range(3):
            connection.sendall(f"GET /-/live HTTP/1.1\r\nHost: {fronts.HOST}:{front.port}\r\n\r\n"
                               .encode())
            answer = fronts.http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.status == 200 and json.loads(answer.read())["status"] == "live"


def test_a_large_answer_arrives_whole(home, hris, front):
    people = [{"id": str(i), "workEmail": f"agent{i}@a-company-of-some-size.example"}
              for i in range(20000)]
    hris.on("GET", "/employees/directory", mock_hris.answer({"employees": people}))
    # On a route of its own: afterwards two agents would be far fewer than before.
    home.route("large")
    out = Caller(home, front, route="large").when_known().call("get-agents", {})
    assert out["status"] == "Complete", out
    found = out["externalIds"] + [i for n in range(1, 25) for i in out[f"externalIds{n}"]]
    assert sorted(found, key=int) == [str(i) for i in range(20000)]


def is_json_error(answer):
    return answer.headers["content-type"].split(";")[0] == "application/json" and \
        json.loads(answer.body)["error"]


def test_errors_of_the_web_server_are_json(home, front):
    origin = f"Host: {fronts.HOST}:{front.port}\r\n"
    answer = front.raw(f"POST /v1/x HTTP/1.1\r\n{origin}no colon\r\n\r\n".encode())
    assert answer.status == 400 and is_json_error(answer)
    answer = front.raw(f"POST /v1/{'x' * 9000} HTTP/1.1\r\n{origin}\r\n".encode())
    assert answer.status == 414 and is_json_error(answer)
    answer = front.raw(f"POST /v1/x HTTP/1.1\r\n{origin}X: {'x' * 9000}\r\n\r\n".encode())
    assert answer.status in (400, 431) and is_json_error(answer)
    answer = front.raw(f"\x01\x02 HTTP/1.1\r\n{origin}\r\n".encode())
    assert answer.status == 400 and is_json_error(answer)


def test_errors_of_the_gateway_pass_as_they_are(home, hris, front):
    answer = front.request("POST", "/v1/acme/no-such-action", b"{}")
    assert answer.status == 404 and json.loads(answer.body)["requestId"]
    answer = front.request("GET", "/v1/acme/get-agents")
    assert answer.status == 405 and answer.headers["allow"] == "POST" and is_json_error(answer)
    answer = front.request("POST", "/v1/acme/get-agents", b"x" * 263000)
    assert answer.status == 413 and is_json_error(answer)
    answer = Caller(home, front).send("get-agents", b"{}", content_type="text/plain")
    assert answer.status == 415 and is_json_error(answer)
    assert hris.asked == []


def test_a_trace_does_not_send_the_proof_back(front):
    answer = front.request("TRACE", "/v1/acme/get-agents", headers={"Authorization": "Basic c2VjcmV0"})
    assert answer.status == 405 and is_json_error(answer)


def test_live_and_ready_on_the_machine_itself(home, front):
    for name, status in (("live", "live"), ("ready", "ready")):
        answer = front.request("GET", f"/-/{name}")
        assert answer.status == 200 and json.loads(answer.body)["status"] == status


def outer_address():
    """An address of this machine that is not loopback; None where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = s.getsockname()[0]
    return None if address.startswith("127.") else address


@pytest.mark.parametrize("kind", fronts.FRONTS)
def test_live_and_ready_from_elsewhere_are_refused(home, kind):
    address = outer_address()
    if address is None:
        pytest.skip("SKIPPED aloud: this machine has no address but loopback")
    front = fronts.Front(kind, home, address=address).start()
    try:
        for path in ("/-/live", "/-/ready", "/-/metrics", "//-/live", "/v1/../-/live", "/%2d/live"):
            answer = front.request("GET", path)
            assert answer.status in (403, 404) and is_json_error(answer), path
        assert front.request("POST", "/v1/acme/get-agents", b"{}").status == 401
    finally:
        front.stop()


@pytest.mark.parametrize("kind", fronts.FRONTS)
def test_the_web_server_itself_keeps_strangers_from_live_and_ready(home, kind):
    """To one's own address a stranger is hard to find: here everybody is one."""
    def nobody_is_local(text):
        for own in ("allow 127.0.0.1;", "allow ::1;"):
            text = text.replace(own, "")
        return text.replace("Require local", "Require ip 192.0.2.99")
    front = fronts.Front(kind, home, edit=nobody_is_local).start()
    try:
        for path in ("/-/live", "/-/ready", "//-/live", "/v1/../-/live"):
            answer = front.request("GET", path)
            assert answer.status == 403 and is_json_error(answer), path
        assert front.request("POST", "/v1/acme/get-agents", b"{}").status == 401
    finally:
        front.stop()


@pytest.mark.parametrize("kind", ["nginx", "proxy_fcgi"])
def test_a_gateway_that_is_down_is_json(own_home, kind):
    front = fronts.Front(kind, own_home).start()
    try:
        answer = front.request("POST", "/v1/acme/get-agents", b"{}")
        assert answer.status in (502, 503) and is_json_error(answer)
        own_home.start()
        assert front.request("GET", "/-/live").status == 200
        own_home.stop()
        assert front.request("GET", "/-/live").status in (502, 503)
    finally:
        front.stop()


def test_a_gateway_that_dies_under_way_is_json_and_nothing_is_sent_twice(own_home, hris):
    hris.on("PUT", r"/employees/7/time_off/request", mock_hris.silent())
    own_home.start()
    front = fronts.Front("nginx", own_home).start()
    caller = Caller(own_home, front)

    def kill(_):
        while not hris.writes:
            time.sleep(0.01)
        os.killpg(own_home.process.pid, signal.SIGKILL)
        own_home.process.wait()
        own_home.start()
    try:
        answer = side_by_side(
            lambda i: kill(i) if i else caller.send("insert-timeoff", REQUEST), 2)[0]
        assert answer.status == 502 and is_json_error(answer)
        assert len(hris.writes) == 1
    finally:
        front.stop()


def test_a_restart_on_an_inherited_socket_loses_no_request(own_home, hris):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(own_home.socket)
        os.chmod(own_home.socket, 0o666)
        listener.listen(1024)
        first = own_home.start(stdin=listener, program="hrisgw.fcgi")
        front = fronts.Front("nginx", own_home).start()
        until = time.monotonic() + 2.5

        def ask(_):
            statuses = []
            while time.monotonic() < until or len(statuses) < 7:
                statuses.append(front.request("GET", "/-/live").status)
            return statuses

        def restart(_):
            time.sleep(0.5)
            first.send_signal(signal.SIGTERM)
            first.wait()
            time.sleep(0.2)
            own_home.start(stdin=listener, program="hrisgw.fcgi", wait=False)
        try:
            results = side_by_side(lambda i: restart(i) if i == 0 else ask(i), 9)[1:]
            statuses = [status for result in results for status in result]
            assert set(statuses) == {200} and len(statuses) > 50
            own_home.stop()
        finally:
            front.stop()


@pytest.fixture(scope="module")
def client_certificates(tmp_path_factory):
    """A CA, a certificate it made, and one that somebody else made: {name: (certificate, key)}."""
    folder = tmp_path_factory.mktemp("ca")

    def run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    out = {}
    for ca, name in (("ca", "client"), ("other-ca", "stranger")):
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={ca}",
            "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
        run("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=Genesys/CN=dataactions.example",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key",
            "-CAcreateserial", "-days", "2", "-out", f"{name}.pem")
        out[name] = (str(folder / f"{name}.pem"), str(folder / f"{name}.key"))
    out["ca"] = (folder / "ca.pem").read_text()
    return out


@pytest.mark.parametrize("kind", fronts.FRONTS)
def test_a_client_certificate_is_verified_and_its_subject_passed(home, hris, kind,
                                                                 client_certificates):
    ca = home.write("ca.pem", client_certificates["ca"])
    # nginx writes the newest name first (RFC 2253); so does Apache.
    home.route("mutual", "    client_certificate: 'CN=dataactions.example,O=Genesys'\n")

    def uncomment(text):
        for name in ("ssl_verify_client", "ssl_client_certificate", "SSLVerifyClient",
                     "SSLCACertificateFile"):
            text = text.replace("#" + name, name)
        return text.replace("/etc/hrisgw/client-ca.pem", ca)
    front = fronts.Front(kind, home, edit=uncomment).start()
    try:
        def ask(who):
            context = ssl.create_default_context(cafile=home.certificate)
            if who:
                context.load_cert_chain(*client_certificates[who])
            proof = sign.basic("plain", home.read_secret("mutual-plain"))
            try:
                return front.request("POST", "/v1/mutual/get-timeoff-types", b"{}",
                                     {"Content-Type": "application/json", **proof},
                                     context=context).status
            except (ssl.SSLError, OSError):
                return "no connection"
        wait_until(lambda: ask("client") == 200)
        assert ask(None) == 401
        # nginx answers 400, Apache ends the handshake.
        assert ask("stranger") in (400, "no connection")
    finally:
        front.stop()
        os.unlink(home.dir + "/routes.d/mutual.yaml")


@pytest.mark.parametrize("query", ["?--help", "?ledger+resolve", "?serve+--listen+/tmp/never",
                                   "?--version"])
@pytest.mark.parametrize("kind", ["cgi", "fcgid"])
def test_a_query_is_never_a_command_line(home, hris, front_doors, kind, query):
    front = front_doors(kind)
    answer = Caller(home, front).send("get-agents", {}, target="/v1/acme/get-agents" + query)
    assert parse(answer)["status"] == "Complete"
    answer = front.request("GET", "/-/live" + query)
    assert answer.status == 200 and json.loads(answer.body)["status"] == "live"


@pytest.mark.parametrize("kind", ["cgi", "fcgid"])
def test_names_of_one_action_under_apache(home, hris, kind):
    ending = {"cgi": ".cgi", "fcgid": ".fcgi"}[kind]

    def edit(text):
        return text.replace('hrisgw.fcgi/"', f'get-balance{ending}/"')
    front = fronts.Front(kind, home, edit=edit).start()
    try:
        out = parse(Caller(home, front).send("", BODIES["get-balance"], target="/acme"))
        assert out["balanceMinutesPerDay"] == ["2400", "2400"]
        for action in ACTIONS:
            assert Caller(home, front).send(action, {}).status == 404
    finally:
        front.stop()


def shared_hosting(home, text):
    """The sample of .htaccess in a folder of a web site, the program beside it."""
    site = os.path.join(home.dir, "site", "hr")
    os.makedirs(site, exist_ok=True)
    home.write("site/hr/.htaccess", text)
    home.write("site/hr/secret.txt", "no")
    for name in ("hrisgw.fcgi", "hrisgw.cgi"):
        if not os.path.exists(f"{site}/{name}"):
            fronts.shutil.copy(home.lib + "/hrisgw", f"{site}/{name}")
    with open(home.config, encoding="utf-8") as file:
        config = file.read()
    fronts.give(home.dir + "/site")
    return config


@pytest.mark.parametrize("kind, program", [("fcgid", "hrisgw.fcgi"), ("cgi", "hrisgw.cgi")])
def test_shared_hosting(home, hris, kind, program):
    with open(os.path.join(TOP_FOLDER, "nginx", "htaccess.sample"), encoding="utf-8") as file:
        config = shared_hosting(home, file.read())
    home.write("site/hr/hrisgw.yaml", config + f"base_path: /hr/{program}\n", 0o600)

    def edit(text):
        start = text.index("\tScriptAlias")
        return text[:start] + f"""
	DocumentRoot {home.dir}/site
	<Directory {home.dir}/site>
		Require all granted
		AllowOverride All
	</Directory>
</VirtualHost>
"""
    front = fronts.Front(kind, home, edit=edit).start()
    try:
        caller = Caller(home, front, "token", prefix=f"/hr/{program}")
        assert caller.call("get-agents", {})["status"] == "Complete"
        caller = Caller(home, front, "rfc9421", prefix=f"/hr/{program}")
        assert caller.call("get-timeoff-types", {})["status"] == "Complete"
        for name in ("hrisgw.yaml", ".htaccess", "secret.txt", ""):
            answer = front.request("GET", "/hr/" + name)
            assert answer.status == 403 and is_json_error(answer), name
    finally:
        front.stop()
