"""Tokens over real HTTP: one request for many callers and processes, a refresh token that is replaced and kept, what
a lost answer and a crash cost, assertions as openssl sees them, client certificates."""
import base64
import contextlib
import hashlib
import json
import os
import re
import sqlite3
import ssl
import subprocess
import threading
import time
import urllib.parse
import xml.etree.ElementTree as et

import pytest

import mock_hris
from home import SANITIZERS, fcgi_client, fronts, is_sanitized, side_by_side, sign
from mock_hris import answer

ADAPTER = """\
title: Tokens
settings:
  base_url: {required: true}
  refresh: {required: true, secret: true}
base_url: ${settings.base_url}
auth: {oauth2: {grant: refresh_token, url: '${settings.base_url}', client_id: c, refresh_token: '${settings.refresh}'}}
operations:
  get-timeoff-types:
    - request: GET /types
      each: $[*]
      type: {id: .id, name: .name, unit: hours}
"""

ROUTE = """\
adapter: tokens
settings: {{base_url: {url}, refresh: 'file:{dir}/secrets/refresh'}}
insecure_http: true
timezone: UTC
day_minutes: 480
callers:
  plain: {{basic: 'file:{dir}/secrets/acme-plain'}}
"""


class TokenServer:
    """Replaces the refresh token at every use; one that is spent is refused."""

    def __init__(self, hris):
        self.lock, self.uses, self.spent, self.good = threading.Lock(), 0, [], None
        hris.on("POST", "/", self.post)
        hris.on("GET", "/types", self.types)

    def post(self, asked):
        sent = dict(pair.split("=") for pair in asked.body.decode().split("&"))["refresh_token"]
        with self.lock:
            self.spent.append(sent)
            if sent != f"r{self.uses}":
                return answer({"error": "invalid_grant"}, 400)
            self.uses += 1
            self.good = f"t{self.uses}"
            return answer({"access_token": self.good, "refresh_token": f"r{self.uses}",
                           "expires_in": 3600})

    def types(self, asked):
        if asked.headers.get("Authorization") != f"Bearer {self.good}":
            return answer({}, 401)
        return answer([{"id": "1", "name": "Vacation"}])


def test_a_replaced_refresh_token_is_kept_for_the_next_process(own_home, hris_server):
    hris_server.reset()
    server = TokenServer(hris_server)
    own_home.secret("refresh", "r0")
    own_home.write("adapters/tokens.yaml", ADAPTER)
    own_home.write("routes.d/acme.yaml", ROUTE.format(url=hris_server.url, dir=own_home.dir))

    def ask(_):
        proof = sign.basic("plain", own_home.read_secret("acme-plain"))
        return own_home.fcgi("/v1/acme/get-timeoff-types", b"{}",
                             headers={"Content-Type": "application/json", **proof})
    # The third process finds that the HRIS has forgotten the token.
    for n, spent in enumerate((["r0"], ["r0"], ["r0", "r1"])):
        server.good = None if n == 2 else server.good
        own_home.start()
        for got in side_by_side(ask, 20):
            out = json.loads(got.body)
            assert out.get("status") == "Complete", (out, own_home.log()[-1500:])
        own_home.stop()
        assert server.spent == spent


# A token server that knows every grant.

GRANTS = """\
title: Grants
settings:
  base_url: {required: true, pattern: 'https?://[0-9.:]+'}
  user: {default: wfm}
  secret: {required: true, secret: true}
base_url: ${settings.base_url}
auth: AUTH
operations:
  get-timeoff-types:
    - request: GET /types
      each: $[*]
      type: {id: .id, name: .name, unit: hours}
"""
CLIENT = ("{oauth2: {grant: client_credentials, url: '${settings.base_url}/token', client_id: '${settings.user}', "
          "client_secret: '${settings.secret}'}}")
REFRESH = ("{oauth2: {grant: refresh_token, url: '${settings.base_url}/token', client_id: '${settings.user}', "
           "refresh_token: '${settings.secret}'}}")
GRANTS_ROUTE = """\
adapter: grants
settings: {{base_url: {url}, secret: 'file:{dir}/secrets/grant'}}
insecure_http: true
timezone: UTC
callers:
  plain: {{basic: 'file:{dir}/secrets/acme-plain'}}
{more}"""


class Tokens:
    """Gives t1, t2, ...: the last one is good. `before(n)` runs before the n-th answer leaves, and may replace it."""

    def __init__(self, home, hris, auth, secret="s3cret", url=None, more=""):
        self.home, self.hris, self.lock = home, hris, threading.Lock()
        self.asked, self.life, self.good, self.types_asked = [], 3600, None, 0
        self.refresh, self.before = None, lambda n: None
        hris.reset()
        hris.on("POST", "/token", self.token)
        hris.on("GET", "/types", self.types)
        home.secret("grant", secret)
        home.write("adapters/grants.yaml", GRANTS.replace("AUTH", auth))
        home.write("routes.d/acme.yaml", GRANTS_ROUTE.format(url=url or hris.url, dir=home.dir, more=more))

    def token(self, asked):
        sent = dict(urllib.parse.parse_qsl(asked.body.decode()))
        with self.lock:
            self.asked.append(sent)
            n = len(self.asked)
            if self.refresh is not None and sent.get("refresh_token") != self.refresh:
                return answer({"error": "invalid_grant", "error_description": "it was used"}, 400)
            if self.refresh is not None:
                self.refresh = f"r{n}"
            self.good = f"t{n}"
            out = answer({"access_token": self.good, "token_type": "Bearer", "expires_in": self.life,
                          **({"refresh_token": self.refresh} if self.refresh else {})})
        return self.before(n) or out

    def types(self, asked):
        with self.lock:
            self.types_asked += 1
            good = asked.headers.get("Authorization") == f"Bearer {self.good}"
        return answer([{"id": "1", "name": "Vacation"}]) if good else answer({}, 401)

    def sent(self):
        proof = sign.basic("plain", self.home.read_secret("acme-plain"))
        return {"headers": {"Content-Type": "application/json", **proof}}

    def ask(self, serving=False):
        """By a process of its own, or the one that serves."""
        how = self.home.fcgi if serving else self.home.cgi
        return json.loads(how("/v1/acme/get-timeoff-types", b"{}", **self.sent()).body)

    def kept(self, change=None):
        """What state.db keeps of the token; changed, where change is given."""
        with contextlib.closing(sqlite3.connect(self.home.dir + "/state/state.db", timeout=10)) as db, db:
            row = json.loads(db.execute("SELECT data FROM texts WHERE space = 'token'").fetchone()[0])
            if change:
                db.execute("UPDATE texts SET data = ? WHERE space = 'token'", (json.dumps({**row, **change}),))
        return row


@pytest.fixture
def tokens(own_home, hris_server):
    return lambda *args, **more: Tokens(own_home, hris_server, *args, **more)


def test_two_hundred_callers_at_once_are_one_fetch(tokens):
    server = tokens(CLIENT)
    server.home.start()
    # A sanitizer's build is not as quick as the deadline asks of it.
    got = side_by_side(lambda _: server.ask(serving=True), 40 if is_sanitized() else 200)
    assert {out["status"] for out in got} == {"Complete"} and len(server.asked) == 1
    assert server.asked[0] == {"grant_type": "client_credentials", "client_id": "wfm", "client_secret": "s3cret"}
    # All of them refused at once are one more.
    server.good = None
    got = side_by_side(lambda _: server.ask(serving=True), 100)
    assert {out["status"] for out in got} == {"Complete"} and len(server.asked) == 2


def test_processes_share_one_fetch(tokens):
    server = tokens(CLIENT)
    got = side_by_side(lambda _: server.ask(), 6)
    assert [out["status"] for out in got] == ["Complete"] * 6 and len(server.asked) == 1


def test_a_token_that_has_ended_is_got_anew_before_it_is_used(tokens):
    server = tokens(CLIENT)
    assert server.ask()["status"] == "Complete"
    assert 3600 - 70 < server.kept()["until"] - time.time() < 3600 - 50      # a minute early
    server.kept({"until": int(time.time()) - 1})
    assert server.ask()["status"] == "Complete"
    assert len(server.asked) == 2 and server.types_asked == 2 and server.kept()["token"] == "t2"


def test_credentials_are_renewed_once_and_then_named(tokens):
    server = tokens(CLIENT)
    server.hris.on("GET", "/types", answer({}, 401))
    out = server.ask()
    assert out["errorCode"] == "HRIS.CREDENTIALS" and len(server.asked) == 2
    assert "correct the route's settings:" in out["errorMsg"] and "secret" in out["errorMsg"]
    assert "s3cret" not in out["errorMsg"]


def test_other_settings_forget_the_token(tokens):
    server = tokens(CLIENT)
    assert server.ask()["status"] == "Complete"
    server.home.secret("grant", "another")
    assert server.ask()["status"] == "Complete"
    assert [sent["client_secret"] for sent in server.asked] == ["s3cret", "another"]


def test_a_lost_answer_costs_a_refresh_token_and_says_so(tokens):
    """The server has replaced it, and nobody knows the new one."""
    server = tokens(REFRESH, secret="r0")
    server.refresh = "r0"
    server.before = lambda n: mock_hris.close()
    out = server.ask()
    assert out["status"] == "Error" and server.types_asked == 0
    server.before = lambda n: None
    out = server.ask()
    assert out["errorCode"] == "HRIS.CREDENTIALS" and "invalid_grant: it was used" in out["errorMsg"]
    assert re.search("correct the route's settings: .*secret", out["errorMsg"])
    assert {sent["refresh_token"] for sent in server.asked} == {"r0"} and server.types_asked == 0
    # Given anew, it goes on.
    server.refresh = "r9"
    server.home.secret("grant", "r9")
    assert server.ask()["status"] == "Complete"


def test_what_a_lost_refresh_token_costs_is_said_before(tokens):
    server = tokens(REFRESH, secret="r0")
    server.refresh = "r0"
    for words in (["check", server.home.dir + "/adapters/grants.yaml"],
                  ["try", "--config", server.home.config, "acme"]):
        done = subprocess.run([server.home.lib + "/hrisgw", "adapter", *words], capture_output=True, text=True,
                              check=False)
        assert "the setting has to be given anew" in done.stdout, done
    server.home.write("adapters/grants.yaml", GRANTS.replace("AUTH", CLIENT))
    done = subprocess.run([server.home.lib + "/hrisgw", "adapter", "check", server.home.dir + "/adapters/grants.yaml"],
                          capture_output=True, text=True, check=True)
    assert "note" not in done.stdout


def test_a_lost_answer_costs_nothing_where_the_client_s_own_secret_counts(tokens):
    server = tokens(CLIENT)
    server.before = lambda n: mock_hris.close() if n == 1 else None
    assert server.ask()["status"] == "Complete"
    assert len(server.asked) == 2 and server.kept()["token"] == "t2"


def test_killed_between_the_answer_and_the_commit(tokens):
    """The access token is not used before what replaced the refresh token is on the disk."""
    server = tokens(REFRESH, secret="r0")
    server.refresh = "r0"
    assert server.ask()["status"] == "Complete"         # r1 is kept
    server.kept({"until": int(time.time()) - 1})
    done = threading.Event()
    with contextlib.closing(sqlite3.connect(server.home.dir + "/state/state.db", timeout=10)) as db:
        db.isolation_level = None
        server.before = lambda n: done.set()            # the answer leaves, and nothing can be committed
        db.execute("BEGIN IMMEDIATE")
        env = {**SANITIZERS, **fcgi_client.variables(
            "POST", "/v1/acme/get-timeoff-types", b"", server.sent()["headers"], GATEWAY_INTERFACE="CGI/1.1")}
        with subprocess.Popen([server.home.lib + "/hrisgw.cgi"], stdin=subprocess.DEVNULL, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=server.home.lib) as run:
            assert done.wait(20)
            assert run.poll() is None
            run.kill()
            assert run.stdout.read() == b""
        db.execute("ROLLBACK")
    server.before = lambda n: None
    assert server.types_asked == 1 and server.kept()["refresh"] == "r1"
    # r1 is spent, r2 is lost: the error names the setting, and the next one goes on.
    out = server.ask()
    assert out["errorCode"] == "HRIS.CREDENTIALS" and "secret" in out["errorMsg"]
    server.refresh = "r9"
    server.home.secret("grant", "r9")
    assert server.ask()["status"] == "Complete" and server.kept()["refresh"] == server.refresh


def test_password(tokens):
    server = tokens("{oauth2: {grant: password, url: '${settings.base_url}/token', in: header, client_id: c, "
                    "client_secret: d, username: '${settings.user}', password: '${settings.secret}', scope: a b, "
                    "extra: {tenant: t}}}")
    assert server.ask()["status"] == "Complete"
    assert server.asked == [{"grant_type": "password", "username": "wfm", "password": "s3cret", "scope": "a b",
                             "tenant": "t"}]
    headers = server.hris.calls("POST", "/token")[0].headers
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"c:d").decode()


# Assertions

@pytest.fixture(scope="module")
def rsa(tmp_path_factory):
    """(private key in PEM, verify(data, signature) by openssl)."""
    folder = tmp_path_factory.mktemp("rsa")
    key, public = folder / "key.pem", folder / "public.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(key)],
                   check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(public)], check=True,
                   capture_output=True)

    def verify(data, signature):
        (folder / "data").write_bytes(data)
        (folder / "signature").write_bytes(signature)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(public), "-signature",
                               str(folder / "signature"), str(folder / "data")], capture_output=True, check=False)
        return done.returncode == 0
    return key.read_text(), verify


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


ASSERTION = ("{oauth2: {grant: %s, url: '${settings.base_url}/token', client_id: c, assertion: "
             "{key: '${settings.secret}', subject: '${settings.user}', issuer: 'us & <them>', "
             "audience: 'https://hr.example/\"a\"', lifetime: 10m%s}}}")


def test_jwt_bearer(tokens, rsa):
    key, verify = rsa
    server = tokens(ASSERTION % ("jwt_bearer", ", claims: {role: [a, b], user: '${settings.user}'}"), secret=key)
    assert server.ask()["status"] == "Complete"
    assert server.asked[0]["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert server.asked[0]["client_id"] == "c"
    head, claims, signature = server.asked[0]["assertion"].split(".")
    signed = f"{head}.{claims}".encode()
    assert verify(signed, unpadded(signature)) and not verify(signed + b"x", unpadded(signature))
    assert json.loads(unpadded(head)) == {"alg": "RS256", "typ": "JWT"}
    said = json.loads(unpadded(claims))
    assert (said["iss"], said["sub"], said["role"], said["user"]) == ("us & <them>", "wfm", ["a", "b"], "wfm")
    assert said["exp"] - said["iat"] == 600 and abs(said["iat"] - time.time()) < 60 and len(said["jti"]) == 32


SAML, DS = "{urn:oasis:names:tc:SAML:2.0:assertion}", "{http://www.w3.org/2000/09/xmldsig#}"


def test_saml_bearer(tokens, rsa):
    """By another's canonical XML: the digest is that of the assertion less its signature, and SignedInfo is signed."""
    key, verify = rsa
    server = tokens(ASSERTION % ("saml_bearer", ""), secret=key)
    assert server.ask()["status"] == "Complete"
    assert server.asked[0]["grant_type"] == "urn:ietf:params:oauth:grant-type:saml2-bearer"
    text = unpadded(server.asked[0]["assertion"]).decode()
    root = et.fromstring(text)
    signature = root.find(DS + "Signature")
    info = signature.find(DS + "SignedInfo")
    whole = et.canonicalize(text)
    canonical_info = re.search("<ds:SignedInfo.*</ds:SignedInfo>", whole).group()
    if "xmlns:ds" not in canonical_info:        # said by the element around it
        canonical_info = canonical_info.replace("<ds:SignedInfo", f'<ds:SignedInfo xmlns:ds="{DS[1:-1]}"', 1)
    assert verify(canonical_info.encode(), base64.b64decode(signature.find(DS + "SignatureValue").text))
    plain = re.sub("<ds:Signature .*</ds:Signature>", "", whole)
    assert "Signature" not in plain
    assert base64.b64decode(info.find(f".//{DS}DigestValue").text) == hashlib.sha256(plain.encode()).digest()
    assert info.find(DS + "Reference").get("URI") == "#" + root.get("ID")
    assert root.find(SAML + "Issuer").text == "us & <them>"
    assert root.find(f"{SAML}Subject/{SAML}NameID").text == "wfm"
    assert root.find(f".//{SAML}Audience").text == 'https://hr.example/"a"'
    data = root.find(f".//{SAML}SubjectConfirmationData")
    assert data.get("Recipient") == server.hris.url + "/token"
    conditions = root.find(SAML + "Conditions")
    assert conditions.get("NotBefore") < root.get("IssueInstant") < conditions.get("NotOnOrAfter")


def test_a_key_that_signs_nothing_is_said(tokens):
    server = tokens(ASSERTION % ("jwt_bearer", ""), secret="no key")
    out = server.ask()
    assert out["errorCode"] == "ROUTE.SETTING" and "no RSA private key in PEM" in out["errorMsg"]
    assert server.asked == [] and "no key" not in out["errorMsg"].replace("its key is no RSA", "")


# A client certificate

@pytest.fixture
def certified(own_home):
    """An HRIS that wants a client certificate; its CA, and that of the client."""
    live = own_home.dir + "/tls"
    os.mkdir(live)
    for name, more in (("server", ["-addext", "subjectAltName=IP:127.0.0.1"]), ("client", []), ("stranger", [])):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", f"/CN={name}", *more, "-keyout", f"{live}/{name}.key",
                        "-out", f"{live}/{name}.pem"], check=True, capture_output=True)
        with open(f"{live}/{name}.key", encoding="utf-8") as file:
            own_home.secret(name + "-key", file.read().strip())
    fronts.give(own_home.dir)
    hris = mock_hris.MockHris()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(live + "/server.pem", live + "/server.key")
    context.load_verify_locations(live + "/client.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    hris.server.socket = context.wrap_socket(hris.server.socket, server_side=True, do_handshake_on_connect=False)
    hris.url = hris.url.replace("http:", "https:")
    yield hris, live
    hris.stop()


def test_a_client_certificate_proves_who_asks(own_home, certified):
    hris, live = certified
    auth = CLIENT[:-1] + ", client_certificate: {cert: '%s', key: '${settings.secret}'}}" % (live + "/client.pem")
    server = Tokens(own_home, hris, auth, more=f"ca_file: {live}/server.pem\n")
    server.home.write("routes.d/acme.yaml", GRANTS_ROUTE.format(
        url=hris.url, dir=own_home.dir, more=f"ca_file: {live}/server.pem\n").replace(
            "insecure_http: true\n", "").replace("secrets/grant", "secrets/client-key"))
    out = server.ask()
    assert out["status"] == "Complete", out
    assert len(server.asked) == 1 and server.types_asked == 1
    # Another's key does not fit, and another's certificate is not let in.
    server.home.write("routes.d/acme.yaml", GRANTS_ROUTE.format(
        url=hris.url, dir=own_home.dir, more=f"ca_file: {live}/server.pem\n").replace(
            "insecure_http: true\n", "").replace("secrets/grant", "secrets/stranger-key"))
    with contextlib.closing(sqlite3.connect(own_home.dir + "/state/state.db", timeout=10)) as db, db:
        db.execute("DELETE FROM texts WHERE space = 'types'")       # what is answered while an HRIS is away
    out = server.ask()
    assert out["status"] == "Error" and server.types_asked == 1
    server.home.write("adapters/grants.yaml", GRANTS.replace("AUTH", auth.replace("client.pem", "stranger.pem")))
    out = server.ask()
    assert out["status"] == "Error" and server.types_asked == 1
