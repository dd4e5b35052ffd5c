"""Requests signed by other people's programs, from npm: let in through nginx and Apache, and refused with any byte
changed of what the signature covers. And the function for Genesys Cloud, run by Node.js as is. Skipped
aloud where Node.js, npm or its packages cannot be had.
"""
import base64
import http.client
import json
import os
import secrets
import shutil
import subprocess

import pytest

import auth_kit
import fronts
from auth_kit import BODY, AuthRoute
from home import parse

PACKAGES = ("standardwebhooks@1.1.1", "svix@1.24.0", "http-message-signatures@1.0.6")
SIGNER = os.path.join(fronts.TOP, "tests", "tools", "npm_sign.mjs")
KINDS = ("nginx", "proxy_fcgi")
COVERED = ["@method", "@authority", "@path", "content-digest"]
PARAMS = ["created", "nonce", "keyid", "alg"]


@pytest.fixture(scope="module")
def front_doors(home):
    yield from auth_kit.doors(home)


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """A folder with the packages."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"SKIPPED aloud: {program} is not installed")
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text('{"private": true}')
    try:
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--cache",
             str(folder / "cache"), "--fetch-retries", "1", *PACKAGES], cwd=folder, timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode
    except subprocess.TimeoutExpired:
        done = "no answer"
    if done != 0:
        pytest.skip(f"SKIPPED aloud: npm could not install {', '.join(PACKAGES)} ({done})")
    return folder


@pytest.fixture(scope="module")
def route(home, hris_server, front_doors):
    hris_server.bamboo()
    out = AuthRoute(home, "npm").when_known(front_doors("nginx"))
    yield out
    os.unlink(f"{home.dir}/routes.d/npm.yaml")


@pytest.fixture(autouse=True)
def answering(hris):
    return hris


def sign(modules, *jobs):
    done = subprocess.run(["node", SIGNER, str(modules)], input=json.dumps(jobs), capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def job(route, package, front, target=None, key="k1", **more):
    """What the signer gets. The text of a webhook key is the whsec_ one of the file, as is."""
    if package != "http-message-signatures":
        return {"package": package, "key": route.secret("w1"), "body": BODY.decode()}
    out = {"package": package, "key": route.secret(key), "keyId": key, "body": BODY.decode(),
           "method": "POST", "url": front.origin + (target or route.target()), "fields": COVERED,
           "params": PARAMS, **more}
    out["paramValues"] = {"nonce": secrets.token_urlsafe(12), **out.get("paramValues", {})}
    return out


class Line:
    """One connection for many requests; opened again when the server has closed it."""

    def __init__(self, front):
        self.front, self.connection = front, None

    def ask(self, method, target, host, headers, body):
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPSConnection("localhost")
                    self.connection.sock = self.front.connect()
                self.connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
                for name, value in {"Host": host, "Content-Type": "application/json",
                                    "Content-Length": str(len(body)), **headers}.items():
                    self.connection.putheader(name, value)
                self.connection.endheaders(body)
                answer = self.connection.getresponse()
                out = fronts.Response(answer.status, {n.lower(): v for n, v in answer.getheaders()},
                                      answer.read())
                if answer.will_close:
                    self.close()
                return out
            except (http.client.HTTPException, OSError):
                self.close()
                if attempt == 2:
                    raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def flips(text):
    """text with each byte changed in turn, to another that can be sent there."""
    for at, c in enumerate(text):
        other = chr(ord(c) ^ 1)
        if not 0x21 <= ord(other) <= 0x7E or other in "?#":
            other = "x" if c != "x" else "y"
        yield at, text[:at] + other + text[at + 1:]


def changed(message, parts):
    """Every message that differs from this one by a byte of these parts: (what, message)."""
    for part in parts:
        if part == "body":
            for at in range(len(message["body"])):
                body = bytearray(message["body"])
                body[at] ^= 1
                yield f"body {at}", {**message, "body": bytes(body)}
        elif part.startswith("header "):
            name = part[7:]
            for at, value in flips(message["headers"][name]):
                yield f"{name} {at}", {**message, "headers": {**message["headers"], name: value}}
        else:
            for at, value in flips(message[part]):
                yield f"{part} {at}", {**message, part: value}


def try_all(front, hris, message, parts):
    """Each changed message is refused, then the message itself is let in, and then never again."""
    line = Line(front)
    n, by_gateway, let_in = 0, 0, []
    for what, other in changed(message, parts):
        answer = line.ask(**other)
        n += 1
        by_gateway += answer.status == 401
        if answer.status not in (400, 401, 404, 405, 421, 501):
            let_in.append((what, answer.status))
    assert let_in == [] and hris.asked == []
    assert n == sum(len(message["headers"][p[7:]] if p.startswith("header ") else message[p])
                    for p in parts)
    # What is not for the gateway to say: a method, a host or a path that the web server does not take.
    assert by_gateway >= n - len(message["host"]) - len(message["method"]) - len(message["target"])
    assert parse(line.ask(**message))["balanceMinutesPerDay"] == ["2400", "2400"]
    assert line.ask(**message).status == 401
    line.close()


def message_of(front, target, headers, body=BODY):
    return {"method": "POST", "target": target, "host": f"localhost:{front.port}", "headers": headers,
            "body": body}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("package", ["standardwebhooks", "svix"])
def test_webhooks_of_others(route, modules, front_doors, hris, kind, package):
    front = front_doors(kind)
    headers = sign(modules, job(route, package, front))[0]
    assert sorted(n.split("-")[1] for n in headers) == ["id", "signature", "timestamp"]
    assert all(n.startswith("svix" if package == "svix" else "webhook") for n in headers)
    try_all(front, hris, message_of(front, route.target(), headers),
            ["body", *("header " + n for n in headers)])


SIGNATURES = {
    "as our own signer": ({}, None, ["method", "host", "target"]),
    "target-uri, expires, tag, sha-512": (
        {"fields": ["@method", "@target-uri", "content-digest", "content-type"], "digest": "sha-512",
         "params": [*PARAMS, "expires", "tag"], "paramValues": {"tag": "hrisgw"},
         "headers": {"Content-Type": "application/json"}}, None, ["method", "host", "target"]),
    "a query": ({"fields": [*COVERED, "@query"]}, "?debug=1&x=%C3%A4", ["method", "target"]),
    "request-target, scheme, query-param": (
        {"fields": ["@request-target", "@method", "@scheme", "@authority", '@query-param;name="debug"',
                    "content-digest"], "key": "k2"}, "?debug=a%20b", ["method", "target"]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SIGNATURES)
def test_message_signatures_of_others(route, modules, front_doors, hris, kind, name):
    front = front_doors(kind)
    more, query, parts = SIGNATURES[name]
    target = route.target() + (query or "")
    headers = sign(modules, job(route, "http-message-signatures", front, target, **more))[0]
    assert set(headers) >= {"Content-Digest", "Signature", "Signature-Input"}
    covered = ["body", *parts, *("header " + n for n in headers if n != "Content-Type")]
    try_all(front, hris, message_of(front, target, headers), covered)


@pytest.mark.parametrize("kind", KINDS)
def test_several_signatures_of_others(route, modules, front_doors, hris, kind):
    """Of a key that is gone and of one that is there."""
    front = front_doors(kind)
    strange = "base64:" + base64.b64encode(secrets.token_bytes(32)).decode()
    gone = sign(modules, {**job(route, "http-message-signatures", front), "key": strange,
                          "keyId": "gone"})[0]
    again = job(route, "http-message-signatures", front, headers=gone)
    both = sign(modules, again)[0]
    assert both["Signature"].count(", ") == 1 and "sig0=" in both["Signature-Input"]
    answer = Line(front).ask(**message_of(front, route.target(), both))
    assert parse(answer)["status"] == "Complete"
    assert Line(front).ask(**message_of(front, route.target(), gone)).status == 401


# conf/genesys/function: it signs by itself.

FUNCTION = os.path.join(fronts.TOP, "conf", "genesys", "function", "index.js")
RUN = """
const { handler } = require(process.argv[1]);
const { event, context } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
handler(event, context).then((answer) => console.log(JSON.stringify({ answer })),
    (error) => console.log(JSON.stringify({ error: error.message })));
"""


def call_function(front, context, event):
    if shutil.which("node") is None:
        pytest.skip("SKIPPED aloud: node is not installed")
    done = subprocess.run(
        ["node", "-e", RUN, FUNCTION], capture_output=True, text=True, timeout=60, check=False,
        input=json.dumps({"event": event, "context": {"clientContext": context}}),
        env={**os.environ, "NODE_EXTRA_CA_CERTS": front.home.certificate})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def context_of(route, front, **more):
    """The headers of the data action."""
    return {"gateway-url": f"{front.origin}/v1/{route.name}", "key-id": "k1", "key": route.secret("k1"),
            **more}


BALANCE = {"action": "get-balance", "input": json.loads(BODY)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_function_is_let_in(route, front_doors, kind):
    front = front_doors(kind)
    out = call_function(front, context_of(route, front), BALANCE)["answer"]
    assert (out["status"], out["balanceMinutesPerDay"]) == ("Complete", ["2400", "2400"])
    # Names of headers come in any case; another spelling of a key; an action without input.
    context = {n.title(): v for n, v in context_of(
        route, front, **{"key-id": "k2", "key": route.secret("k2")}).items()}
    out = call_function(front, context, {"action": "get-timeoff-types"})["answer"]
    assert out["ids"] == ["78", "79"]
    # Letters that are no ASCII are signed as they are sent.
    event = {"action": "get-balance", "input": {**BALANCE["input"], "agentId": "\u00fc"}}
    assert call_function(front, context_of(route, front), event)["answer"]["status"] == "Error"


def test_the_function_fails_aloud(route, nginx):
    """Genesys takes it for failed only when it throws."""
    for more, event, said in (
            ({"key": route.secret("k2")}, BALANCE, "HTTP 401"), ({"key-id": "k9"}, BALANCE, "HTTP 401"),
            ({"gateway-url": nginx.origin + "/v1/other"}, BALANCE, "HTTP 401"),
            ({"gateway-url": nginx.origin + "/v2/npm"}, BALANCE, "HTTP 404"),
            ({"gateway-url": "http://gateway.example/v1/npm"}, BALANCE, "must be https"),
            ({"key": ""}, BALANCE, "lacks the header key"), ({}, {"action": "token"}, "known action")):
        out = call_function(nginx, context_of(route, nginx, **more), event)
        assert said in out["error"] and route.secret("k2") not in out["error"], (more, out)
