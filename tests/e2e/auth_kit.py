"""What the tests of authentication share: a route that accepts every form of proof, right proofs of each form,
wrong ones with what the log says of them, and load that runs while something changes.
"""
import base64
import json
import os
import re
import secrets
import threading
import time

import fronts
import sign
from home import wait_until

BODY = b'{"agentId":"7","inputDates":"2027-03-01","inputTimeOffTypeIds":"78,79"}'
ACTION = "get-balance"
WEBHOOK_KEYS, SIGNATURE_KEYS = ("w1", "w2"), ("k1", "k2")

ROUTE = """\
adapter: bamboohr
settings:
  company: acme
  api_key: file:{dir}/secrets/hris
  base_url: {url}
insecure_http: true
callers:
  genesys:
    token: file:{dir}/secrets/{name}-genesys
{mutual}  signer:
    signature: [rfc9421]
    keys:
      k1: file:{dir}/secrets/{name}-k1
      k2: file:{dir}/secrets/{name}-k2
{mutual}  hooks:
    signature: standard-webhooks
    keys:
      w1: file:{dir}/secrets/{name}-w1
      w2: file:{dir}/secrets/{name}-w2
{mutual}  fixed:
    key: {{header: X-Api-Key, secret: file:{dir}/secrets/{name}-fixed}}
{mutual}  plain:
    basic: file:{dir}/secrets/{name}-plain
{mutual}{more}"""


def base64_key():
    return "base64:" + base64.b64encode(secrets.token_bytes(32)).decode()


def webhook_key():
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def read_key(path):
    """The bytes of a signature key's file."""
    with open(path, "rb") as file:
        data = file.read().removesuffix(b"\n")
    return bytes.fromhex(data[4:].decode()) if data.startswith(b"hex:") else sign.read_key(path)


class AuthRoute:
    """A route of a home. mutual: lines that go to each caller; more: to the end."""

    def __init__(self, home, name, mutual="", more=""):
        self.home, self.name = home, name
        for who in ("genesys", "fixed", "plain"):
            home.secret(f"{name}-{who}")
        home.secret(f"{name}-k1", base64_key())
        home.secret(f"{name}-k2", "hex:" + secrets.token_hex(32))
        for key in WEBHOOK_KEYS:
            home.secret(f"{name}-{key}", webhook_key())
        home.write(f"routes.d/{name}.yaml", ROUTE.format(
            dir=home.dir, name=name, url=home.hris.url, mutual=mutual, more=more))

    def key(self, key_id):
        return read_key(f"{self.home.dir}/secrets/{self.name}-{key_id}")

    def secret(self, who):
        return self.home.read_secret(f"{self.name}-{who}")

    def target(self, action=ACTION):
        return f"/v1/{self.name}/{action}"

    def ask(self, front, headers, target=None, body=BODY, context=None):
        return front.request("POST", target or self.target(), body,
                             {"Content-Type": "application/json", **headers}, context=context)

    def token(self, **more):
        """One that is good now, made without the endpoint."""
        now = int(time.time())
        given = {"secret": self.secret("genesys"), "route": self.name, "caller": "genesys",
                 "issued": now, "expires": now + 3600, **more}
        return sign.mint_token(given["secret"], given["route"], given["caller"], given["issued"],
                               given["expires"])

    def when_known(self, front):
        wait_until(lambda: self.ask(front, sign.basic("plain", self.secret("plain"))).status == 200)
        return self


# Right proofs: form -> its name in the log, the key id, and a function from (route, url, body) to headers.

FORMS = {
    "rfc9421": ("rfc9421", "k1", lambda r, url, body: sign.rfc9421(
        r.key("k1"), "k1", "POST", url, body)),
    "rfc9421, another key": ("rfc9421", "k2", lambda r, url, body: sign.rfc9421(
        r.key("k2"), "k2", "POST", url, body, digest="sha-512", alg=None,
        components=["@method", "@target-uri", "content-digest"])),
    "standard-webhooks": ("standard-webhooks", "w1", lambda r, url, body: sign.standard_webhooks(
        r.key("w1"), body)),
    "svix": ("standard-webhooks", "w2", lambda r, url, body: sign.standard_webhooks(
        r.key("w2"), body, family="svix")),
    "token": ("token", None, lambda r, url, body: sign.bearer(r.token())),
    "token, own header": ("token", None, lambda r, url, body: sign.bearer(
        r.token(), "X-Hris-Authorization")),
    "key": ("key", None, lambda r, url, body: {"X-Api-Key": r.secret("fixed")}),
    "basic": ("basic", None, lambda r, url, body: sign.basic("plain", r.secret("plain"))),
}


def proof(route, front, form, target=None, body=BODY):
    return FORMS[form][2](route, front.origin + (target or route.target()), body)


# Wrong ones: (name, what is sent, what the log says, key id in the log). What is sent: a function from
# Wrong to (headers) or (headers, target) or (headers, target, body).

class Wrong:
    """What a case is made from: route, front, another route, url; signatures of each kind."""

    def __init__(self, route, other, front):
        self.route, self.other, self.front = route, other, front
        self.target, self.url = route.target(), front.origin + route.target()
        self.now = int(time.time())

    def rfc(self, key="k1", key_id="k1", url=None, body=BODY, **more):
        return sign.rfc9421(self.route.key(key), key_id, "POST", url or self.url, body, **more)

    def covering(self, identifier, value):
        """A valid signature whose last covered component has this identifier."""
        digest = sign.content_digest(BODY)
        params = (f'("@method" "@path" "content-digest" {identifier});created={self.now};'
                  f'nonce="{secrets.token_urlsafe(16)}";keyid="k1"')
        base = "\n".join(['"@method": POST', f'"@path": {self.target}', f'"content-digest": {digest}',
                          f"{identifier}: {value}", f'"@signature-params": {params}'])
        return {"Content-Digest": digest, "Signature-Input": "sig1=" + params,
                "Signature": f"sig1=:{sign.mac(self.route.key('k1'), base.encode())}:"}

    def hook(self, key="w1", body=BODY, **more):
        return sign.standard_webhooks(self.route.key(key), body, **more)

    def spent(self, headers, target=None):
        """Sends the headers once, which is accepted; returns them."""
        assert self.route.ask(self.front, headers, target).status == 200
        return headers

    def nonce_spent(self):
        nonce = secrets.token_urlsafe(16)
        self.spent(self.rfc(nonce=nonce))
        return nonce

    def send(self, make):
        made = make(self)
        headers, target, body = made if isinstance(made, tuple) else (made, self.target, BODY)
        return self.route.ask(self.front, headers, target, body)


def edited(headers, name, change):
    return {**headers, name: change(headers[name])}


def query(w):
    return w.target + "?debug=1"


COVER = ["@method", "@path", "content-digest"]
RFC9421 = [
    ("unknown key id", lambda w: w.rfc(key_id="k9"), "unknown key id", None),
    ("another key", lambda w: w.rfc(key="k2"), "the signature does not match", "k1"),
    ("a MAC that is cut", lambda w: edited(
        w.rfc(), "Signature", lambda s: s[:5] + ":" + base64.b64encode(
            base64.b64decode(s[6:-1])[:16]).decode() + ":"), "the signature does not match", "k1"),
    ("no MAC", lambda w: {**w.rfc(), "Signature": "sig1=::"}, "the signature does not match", "k1"),
    ("another label", lambda w: edited(w.rfc(), "Signature", lambda s: s.replace("sig1", "sig2")),
     "Signature has nothing for that label", "k1"),
    ("old", lambda w: w.rfc(created=w.now - 302), "created is too far in the past", "k1"),
    ("from the future", lambda w: w.rfc(created=w.now + 400), "created is in the future", "k1"),
    ("expired by its own word", lambda w: w.rfc(created=w.now - 60, expires=w.now - 2),
     "the signature has expired", "k1"),
    ("replayed", lambda w: w.spent(w.rfc()), "replayed: this nonce was spent before", "k1"),
    ("a nonce used again", lambda w: w.rfc(created=w.now - 1, nonce=w.nonce_spent()),
     "replayed: this nonce was spent before", "k1"),
    ("without nonce", lambda w: w.rfc(order=("created", "alg", "keyid")),
     "nonce is absent or not text", "k1"),
    ("without created", lambda w: w.rfc(order=("nonce", "alg", "keyid")),
     "created is absent or not a time", "k1"),
    ("without keyid", lambda w: w.rfc(order=("created", "nonce", "alg")), "unknown key id", None),
    ("another algorithm", lambda w: w.rfc(alg="hmac-sha512"), "alg is not hmac-sha256", "k1"),
    ("a parameter added", lambda w: edited(w.rfc(), "Signature-Input", lambda s: s + ";more=1"),
     "the signature does not match", "k1"),
    ("method not covered", lambda w: w.rfc(components=COVER[1:]), "@method is not covered", "k1"),
    ("path not covered", lambda w: w.rfc(components=["@method", "@authority", "content-digest"]),
     "neither @path, @target-uri nor @request-target is covered", "k1"),
    ("body not covered", lambda w: w.rfc(components=COVER[:2]), "content-digest is not covered", "k1"),
    ("query not covered", lambda w: (w.rfc(url=w.front.origin + query(w), components=COVER), query(w),
                                     BODY), "a query string that the proof does not cover", "k1"),
    ("query changed", lambda w: (w.rfc(url=w.url + "?debug=1"), w.target + "?debug=2", BODY),
     "the signature does not match", "k1"),
    ("query added", lambda w: (w.rfc(), query(w), BODY), "a query string that the proof does not cover",
     "k1"),
    ("another action's", lambda w: w.rfc(url=w.front.origin + w.route.target("get-agents")),
     "the signature does not match", "k1"),
    ("another route's", lambda w: sign.rfc9421(
        w.other.key("k1"), "k1", "POST", w.front.origin + w.other.target(), BODY),
     "the signature does not match", "k1"),
    ("another host's", lambda w: w.rfc(url="https://elsewhere.example" + w.target),
     "the signature does not match", "k1"),
    ("another method's", lambda w: sign.rfc9421(w.route.key("k1"), "k1", "PUT", w.url, BODY),
     "the signature does not match", "k1"),
    ("another body", lambda w: (w.rfc(), w.target, BODY.replace(b"7", b"8")),
     "Content-Digest is not the body's", "k1"),
    ("Signature alone", lambda w: {"Signature": w.rfc()["Signature"]},
     "Signature-Input is absent, not well-formed, or too long", None),
    ("Signature-Input alone", lambda w: {n: v for n, v in w.rfc().items() if n != "Signature"},
     "Signature is absent, not well-formed, or too long", None),
    ("no structured field", lambda w: {**w.rfc(), "Signature-Input": "sig1=(@method)"},
     "Signature-Input is absent, not well-formed, or too long", None),
]

# Parameters of RFC 9421, section 2.1, and what is no component of a request: refused despite a valid signature.
_PARAMETER = "a covered component has a parameter that is not supported"
_UNKNOWN = "a covered component is unknown"
RFC9421 += [(f"covers {identifier}", lambda w, i=identifier, v=value: w.covering(i, v), said, "k1")
            for identifier, value, said in (
    ('"content-type";sf', "application/json", _PARAMETER),
    ('"content-type";bs', ":" + base64.b64encode(b"application/json").decode() + ":", _PARAMETER),
    ('"content-digest";key="sha-256"', sign.content_digest(BODY)[8:], _PARAMETER),
    ('"content-type";req', "application/json", _PARAMETER),
    ('"content-type";tr', "application/json", _PARAMETER),
    ('"@authority";req', "localhost", _PARAMETER),
    ('"@query-param";name="a";req', "b", _PARAMETER),
    ('"@query-param"', "b", "@query-param lacks its name"),
    ('"@query-param";name="a"', "b", "a covered query parameter is absent"),
    ('"@status"', "200", _UNKNOWN),
    ('"@signature-params"', "()", _UNKNOWN),
    ('"@no-such"', "x", _UNKNOWN),
    ('"Content-Type"', "application/json", _UNKNOWN),
    ('"x-absent"', "", "a covered header is absent"),
    ('"@method"', "POST", "a component is covered twice"),
    ('"content-digest"', sign.content_digest(BODY), "a component is covered twice"),
    ("content-type", "application/json", "a covered component is not text"),
)]

WEBHOOKS = [
    ("another route's key", lambda w: sign.standard_webhooks(w.other.key("w1"), BODY),
     "the signature matches no key", None),
    ("a key of another form", lambda w: w.hook(key="k1"), "the signature matches no key", None),
    ("old", lambda w: w.hook(timestamp=w.now - 302), "webhook-timestamp is too far in the past", "w1"),
    ("from the future", lambda w: w.hook(timestamp=w.now + 400), "webhook-timestamp is in the future",
     "w1"),
    ("replayed", lambda w: w.spent(w.hook()), "replayed: this nonce was spent before", "w1"),
    ("replayed under the other names", lambda w: {n.replace("webhook-", "svix-"): v for n, v in w.spent(
        w.hook()).items()}, "replayed: this nonce was spent before", "w1"),
    ("an id used again, other key", lambda w: w.hook(key="w2", msg_id=w.spent(w.hook())["webhook-id"]),
     "replayed: this nonce was spent before", "w2"),
    ("another body", lambda w: (w.hook(), w.target, BODY + b" "), "the signature matches no key", None),
    ("another id", lambda w: {**w.hook(), "webhook-id": "msg_other"}, "the signature matches no key", None),
    ("another time", lambda w: {**w.hook(timestamp=w.now), "webhook-timestamp": str(w.now - 1)},
     "the signature matches no key", None),
    ("an id with a full stop", lambda w: w.hook(msg_id="a.b"), "webhook-id is not well-formed", "w1"),
    ("another version", lambda w: edited(w.hook(), "webhook-signature", lambda s: s.replace("v1", "v1a")),
     "webhook-signature has no v1 signature, too many, or a broken one", None),
    ("a MAC that is cut", lambda w: edited(
        w.hook(), "webhook-signature", lambda s: "v1," + base64.b64encode(
            base64.b64decode(s[3:])[:16]).decode()),
     "webhook-signature has no v1 signature, too many, or a broken one", None),
    ("no time", lambda w: {n: v for n, v in w.hook().items() if n != "webhook-timestamp"},
     "webhook-id, webhook-timestamp or webhook-signature is absent", None),
    ("a query", lambda w: (w.hook(), query(w), BODY), "a query string that the proof does not cover", "w1"),
]

TOKEN = [
    ("no token at all", lambda w: sign.bearer("x.y"), "the token is not well-formed", None),
    ("an empty one", lambda w: {"Authorization": "Bearer"}, "no proof that this route takes", None),
    ("expired", lambda w: sign.bearer(w.route.token(issued=w.now - 3662, expires=w.now - 62)),
     "the token has expired", None),
    ("issued in the future", lambda w: sign.bearer(w.route.token(issued=w.now + 400)),
     "the token was issued in the future", None),
    ("of two days", lambda w: sign.bearer(w.route.token(expires=w.now + 2 * 86400)),
     "the token lives longer than tokens do", None),
    ("another route's", lambda w: sign.bearer(w.other.token()),
     "the token is not of this route, or its secret is gone", None),
    ("another route's name", lambda w: sign.bearer(w.route.token(route=w.other.name)),
     "the token is not of this route, or its secret is gone", None),
    ("another caller's name", lambda w: sign.bearer(w.route.token(caller="plain")),
     "the token is not of this route, or its secret is gone", None),
    ("another secret", lambda w: sign.bearer(w.route.token(secret="wrong")),
     "the token is not of this route, or its secret is gone", None),
    ("another's MAC", lambda w: sign.bearer(
        w.route.token(expires=w.now + 7200).split(".")[0] + "." + w.route.token().split(".")[1]),
     "the token is not of this route, or its secret is gone", None),
    ("a query", lambda w: (sign.bearer(w.route.token()), query(w), BODY),
     "a query string that the proof does not cover", None),
]

KEY = [
    ("another secret", lambda w: {"X-Api-Key": "wrong"}, "the key header holds another secret", None),
    ("another route's", lambda w: {"X-Api-Key": w.other.secret("fixed")},
     "the key header holds another secret", None),
    ("less one character", lambda w: {"X-Api-Key": w.route.secret("fixed")[:-1]},
     "the key header holds another secret", None),
    ("one character more", lambda w: {"X-Api-Key": w.route.secret("fixed") + "x"},
     "the key header holds another secret", None),
    ("another header", lambda w: {"X-Key": w.route.secret("fixed")}, "no proof that this route takes", None),
    ("twice", lambda w: {"X-Api-Key": w.route.secret("fixed") + ", " + w.route.secret("fixed")},
     "the key header holds another secret", None),
    ("another form's", lambda w: {"X-Api-Key": w.route.secret("plain")},
     "the key header holds another secret", None),
    ("a query", lambda w: ({"X-Api-Key": w.route.secret("fixed")}, query(w), BODY),
     "a query string that the proof does not cover", None),
]

BASIC = [
    ("another secret", lambda w: sign.basic("plain", "wrong"), "unknown name, or another secret", None),
    ("another name", lambda w: sign.basic("nobody", w.route.secret("plain")),
     "unknown name, or another secret", None),
    ("the client secret of the token", lambda w: sign.basic("genesys", w.route.secret("genesys")),
     "unknown name, or another secret", None),
    ("another route's", lambda w: sign.basic("plain", w.other.secret("plain")),
     "unknown name, or another secret", None),
    ("without a colon", lambda w: {"Authorization": "Basic " + base64.b64encode(b"plain").decode()},
     "Authorization: Basic is not well-formed", None),
    ("no base64", lambda w: {"Authorization": "Basic !!!"}, "Authorization: Basic is not well-formed", None),
    ("the secret as user, as BambooHR has it", lambda w: sign.basic(w.route.secret("plain"), "x"),
     "unknown name, or another secret", None),
    ("a query", lambda w: (sign.basic("plain", w.route.secret("plain")), query(w), BODY),
     "a query string that the proof does not cover", None),
]

REFUSALS = {"rfc9421": RFC9421, "standard-webhooks": WEBHOOKS, "token": TOKEN, "key": KEY,
            "basic": BASIC}


def log_line(text, request_id):
    """The one line of a log about a request."""
    lines = [json.loads(line) for line in text.splitlines() if f'"id":"{request_id}"' in line]
    assert len(lines) == 1, (request_id, lines)
    return lines[0]


def visible(answer):
    """Everything in an answer that could tell a caller the cause. Under plain CGI Apache counts the bytes or sends
    chunks, depending on when the process ends."""
    ours = {n: v for n, v in answer.headers.items() if n not in (
        "date", "x-request-id", "content-length", "transfer-encoding")}
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    return (answer.status, tuple(sorted(ours.items())),
            answer.body.replace(answer.headers["x-request-id"].encode(), b"(id)"))


def doors(home):
    """kind -> running Front, for one module: mod_fcgid's processes that already run would learn of a new route
    later, each at its own time."""
    running = {}

    def get(kind):
        if kind not in running:
            running[kind] = fronts.Front(kind, home).start()
        return running[kind]
    yield get
    for front in running.values():
        front.stop()


def known_routes(home, hris_server, front_doors, *names):
    """Routes that accept every form, loaded by the running gateway; removed at the end of the module."""
    hris_server.bamboo()
    out = tuple(AuthRoute(home, name) for name in names)
    for route in out:
        route.when_known(front_doors("nginx"))
    yield out
    for route in out:
        os.unlink(f"{home.dir}/routes.d/{route.name}.yaml")


class Load:
    """Threads that repeat the same thing until the block ends. what() returns True if it went well."""

    def __init__(self, *what, threads=1):
        self.what = [w for w in what for _ in range(threads)]
        self.over, self.lock = threading.Event(), threading.Lock()
        self.good, self.bad = [0] * len(self.what), []
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(len(self.what))]

    def run(self, i):
        while not self.over.is_set():
            try:
                answer = self.what[i]()
            except Exception as e:          # pylint: disable=broad-except
                answer = e
            if answer is True:
                self.good[i] += 1
            else:
                with self.lock:
                    self.bad.append(answer)
            # A pause, or the load would take all of a small machine.
            self.over.wait(0.005)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def settle(self):
        """Waits until every thread has been answered twice more."""
        before = list(self.good)
        wait_until(lambda: self.bad or all(g >= b + 2 for g, b in zip(self.good, before)))

    def check(self, least=4):
        assert not self.bad, (len(self.bad), self.bad[:3])
        assert min(self.good) >= least, self.good
