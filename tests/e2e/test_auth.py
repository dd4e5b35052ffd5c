"""Who may call: every form of proof through every front door, and every refusal the same 401. Replay, rotation
and revocation while the gateway serves. Signatures of other people's programs are in test_auth_npm.py, the
token endpoint in test_auth_token.py.
"""
import json
import os
import re
import resource
import shutil
import signal
import ssl
import subprocess
import time

import pytest

import auth_kit
import fronts
import sign
from auth_kit import BODY, FORMS, REFUSALS, AuthRoute, Load, Wrong, log_line, proof, visible
from home import parse, side_by_side, wait_until


@pytest.fixture(scope="module")
def front_doors(home):
    yield from auth_kit.doors(home)


@pytest.fixture(scope="module")
def routes(home, hris_server, front_doors):
    yield from auth_kit.known_routes(home, hris_server, front_doors, "forms", "others")


@pytest.fixture
def route(routes, hris):
    return routes[0]


def is_in(answer):
    return answer.status == 200 and parse(answer)["balanceMinutesPerDay"] == ["2400", "2400"]


# Let in, and refused.

@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_let_in(route, front, form):
    assert is_in(route.ask(front, proof(route, front, form)))


@pytest.mark.parametrize("form", FORMS)
def test_each_form_works_beside_the_proofs_of_others(route, nginx, form):
    """What a proxy adds, or a caller that tries everything: one good proof is enough."""
    wrong = {"X-Api-Key": "wrong", "Authorization": "Basic d3Jvbmc6d3Jvbmc=",
             "X-Hris-Authorization": "x.y", "webhook-signature": "v1,AAAA"}
    right = proof(route, nginx, form)
    if form == "svix":
        del wrong["webhook-signature"]
    if form == "token":
        # Of the two headers of a token the own one counts.
        del wrong["X-Hris-Authorization"]
    assert is_in(route.ask(nginx, {**wrong, **right}))


@pytest.mark.parametrize("form", REFUSALS)
def test_each_refusal_is_the_same_401(routes, hris, front, form):
    route, other = routes
    wrong = Wrong(route, other, front)
    nobody = route.ask(front, {}, "/v1/there-is-no-such-route/get-balance")
    assert nobody.status == 401
    assert json.loads(nobody.body) == {"error": "unauthorized", "requestId": nobody.headers["x-request-id"]}
    assert nobody.headers["cache-control"] == "no-store" and "www-authenticate" in nobody.headers
    for name, make, _, _ in REFUSALS[form]:
        assert visible(wrong.send(make)) == visible(nobody), name
    # The right proof of this route is worth nothing at one that is not there.
    for name in FORMS:
        target = "/v1/there-is-no-such-route/get-balance"
        assert visible(route.ask(front, proof(route, front, name, target), target)) == visible(nobody), name


@pytest.mark.parametrize("kind", ["nginx", "proxy_fcgi"])
@pytest.mark.parametrize("form", REFUSALS)
def test_the_log_tells_causes_apart_by_form_and_key_id(routes, hris, home, front_doors, kind, form):
    wrong = Wrong(*routes, front_doors(kind))
    for name, make, reason, key_id in REFUSALS[form]:
        answer = wrong.send(make)
        line = log_line(home.log(), answer.headers["x-request-id"])
        assert (line["http"], line["refused"]) == (401, reason), name
        assert line.get("key_id") == key_id, name
        assert line["route"] == "forms" and "caller" not in line, name
        assert line.get("form") == (None if reason.startswith("no proof") else form), name


@pytest.mark.parametrize("form", FORMS)
def test_the_log_names_caller_form_and_key_id(route, nginx, home, form):
    answer = route.ask(nginx, proof(route, nginx, form))
    line = log_line(home.log(), answer.headers["x-request-id"])
    caller = {"rfc9421": "signer", "standard-webhooks": "hooks", "token": "genesys", "key": "fixed",
              "basic": "plain"}[FORMS[form][0]]
    assert (line["caller"], line["form"], line.get("key_id")) == (caller, *FORMS[form][:2])
    assert "refused" not in line


def test_no_value_that_proves_anything_is_logged(routes, hris, home, nginx):
    route, other = routes
    values = set()
    for form in FORMS:
        headers = proof(route, nginx, form)
        route.ask(nginx, headers)
        values |= set(headers.values())
    wrong = Wrong(route, other, nginx)
    for form, cases in REFUSALS.items():
        for _, make, _, _ in cases:
            made = make(wrong)
            headers = made[0] if isinstance(made, tuple) else made
            route.ask(nginx, headers, *(made[1:] if isinstance(made, tuple) else ()))
            values |= set(headers.values())
    for name in os.listdir(home.dir + "/secrets"):
        values.add(home.read_secret(name))
    # What headers hold: MACs, tokens, nonces, secrets.
    parts = {p for v in values for p in re.findall(r"[A-Za-z0-9+/_.=-]{16,}", v)}
    parts -= {"@request-target"}
    assert len(parts) > 100
    log = home.log()
    assert [p for p in parts if p in log and not p.startswith("hmac-")] == []


def test_a_refused_caller_learns_nothing_of_its_body(route, nginx):
    """Nothing but the path is read before the caller is known."""
    answers = [route.ask(nginx, {}, body=body) for body in (BODY, b"", b"not JSON", b"{" * 1000, b"\0")]
    answers += [nginx.request("POST", route.target(), BODY, {"Content-Type": "text/plain"})]
    assert len({visible(a) for a in answers}) == 1 and answers[0].status == 401


# Client certificates: only beside another proof.

SUBJECT = "CN=dataactions.example,O=Genesys"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A CA and certificates it made: {name: (certificate, key)}; "ca" is the CA's text."""
    folder = tmp_path_factory.mktemp("ca")

    def run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("req", "-x509", *curve, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    out = {"ca": (folder / "ca.pem").read_text()}
    for name, subject in (("right", "/O=Genesys/CN=dataactions.example"),
                          ("wrong", "/O=Genesys/CN=another.example")):
        run("req", *curve, "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-out", f"{name}.pem")
        out[name] = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
    return out


@pytest.mark.parametrize("kind", fronts.FRONTS)
def test_a_client_certificate_counts_only_beside_another_proof(home, hris, kind, certificates):
    ca = home.write("forms-ca.pem", certificates["ca"])
    route = AuthRoute(home, "mutual-" + kind.replace("_", "-"),
                      mutual=f"    client_certificate: ['{SUBJECT}', 'CN=spare.example']\n")

    def uncomment(text):
        for name in ("ssl_verify_client", "ssl_client_certificate", "SSLVerifyClient",
                     "SSLCACertificateFile"):
            text = text.replace("#" + name, name)
        return text.replace("/etc/hrisgw/client-ca.pem", ca)

    def context(who):
        out = ssl.create_default_context(cafile=home.certificate)
        if who:
            out.load_cert_chain(*certificates[who])
        return out
    front = fronts.Front(kind, home, edit=uncomment).start()
    try:
        ask = {who: context(who) for who in (None, "right", "wrong")}
        basic = sign.basic("plain", route.secret("plain"))
        wait_until(lambda: is_in(route.ask(front, basic, context=ask["right"])))
        refused = visible(route.ask(front, {}, context=ask["right"]))
        assert refused[0] == 401
        claims = {"SSL-Client-S-DN": SUBJECT, "SSL-Client-Verify": "SUCCESS",
                  "X-SSL-Client-S-DN": SUBJECT, "X-Forwarded-Client-Cert": f'Subject="{SUBJECT}"'}
        for form in FORMS:
            assert is_in(route.ask(front, proof(route, front, form), context=ask["right"])), form
            for who in (None, "wrong"):
                headers = {**claims, **proof(route, front, form)}
                assert visible(route.ask(front, headers, context=ask[who])) == refused, (form, who)
    finally:
        front.stop()
        os.unlink(f"{home.dir}/routes.d/{route.name}.yaml")


# Replay.

REPLAYABLE = ["rfc9421", "standard-webhooks", "svix"]


@pytest.mark.parametrize("form", REPLAYABLE)
def test_of_many_at_once_one_is_let_in(route, front, form):
    n = 6 if front.kind == "cgi" else 12
    headers = proof(route, front, form)
    answers = side_by_side(lambda _: route.ask(front, headers), n)
    assert sorted(a.status for a in answers) == [200] + [401] * (n - 1), answers


@pytest.mark.parametrize("form", REPLAYABLE)
def test_a_proof_is_spent_for_all_processes(own_home, hris, form):
    """For one that starts later, and for plain CGI beside it."""
    route = AuthRoute(own_home, "forms")
    url = "https://gateway.example" + route.target()
    headers = FORMS[form][2](route, url, BODY)
    own_home.start()
    assert own_home.fcgi(route.target(), BODY, headers=headers).status == 200
    assert own_home.fcgi(route.target(), BODY, headers=headers).status == 401
    assert own_home.cgi(route.target(), BODY, headers=headers).status == 401
    own_home.stop()
    own_home.start()
    assert own_home.fcgi(route.target(), BODY, headers=headers).status == 401
    headers = FORMS[form][2](route, url, BODY)
    assert own_home.cgi(route.target(), BODY, headers=headers).status == 200
    assert own_home.cgi(route.target(), BODY, headers=headers).status == 401
    assert own_home.fcgi(route.target(), BODY, headers=headers).status == 401


def test_a_proof_is_not_spent_before_its_mac_has_verified(route, nginx):
    """Otherwise anyone who sees a nonce could spend it for its owner."""
    headers = proof(route, nginx, "rfc9421")
    broken = {**headers, "Signature": "sig1=:" + "A" * 43 + "=:"}
    assert [route.ask(nginx, h).status for h in (broken, broken, headers)] == [401, 401, 200]
    headers = proof(route, nginx, "standard-webhooks")
    broken = {**headers, "webhook-signature": "v1," + "A" * 43 + "="}
    assert [route.ask(nginx, h).status for h in (broken, broken, headers)] == [401, 401, 200]


def test_a_nonce_of_one_route_is_free_at_another(routes, hris, nginx):
    for route in routes:
        headers = sign.rfc9421(route.key("k1"), "k1", "POST", nginx.origin + route.target(), BODY,
                               nonce="both-routes-" + str(os.getpid()))
        assert route.ask(nginx, headers).status == 200


def test_where_a_nonce_cannot_be_stored_the_request_is_refused(own_home, hris):
    """As on a full disk."""
    route = AuthRoute(own_home, "forms")
    url = "https://gateway.example" + route.target()

    def ask(form):
        return own_home.fcgi(route.target(), BODY, headers=FORMS[form][2](route, url, BODY))

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (36 * 1024, resource.RLIM_INFINITY))
    own_home.start()
    own_home.stop()
    own_home.start(before=small_disk)
    answers = [ask(form) for form in REPLAYABLE * 12]
    assert {a.status for a in answers} == {200, 401} and answers[-1].status == 401
    refused = [log_line(own_home.log(), a.headers["x-request-id"])["refused"] for a in answers
               if a.status == 401]
    assert set(refused) == {"the nonce cannot be stored"}
    # What spends nothing is let in all the same.
    assert ask("token").status == 200
    own_home.stop()
    own_home.start()
    assert ask("rfc9421").status == 200


def two_signatures(route, front, second):
    """A request that carries two good proofs, as signers do while keys change."""
    first = proof(route, front, "rfc9421")
    if second == "standard-webhooks":
        return {**first, **proof(route, front, second)}
    more = sign.rfc9421(route.key("k2"), "k2", "POST", front.origin + route.target(), BODY, label="sig2")
    return {**first, **{n: f"{first[n]}, {more[n]}" for n in ("Signature", "Signature-Input")}}


@pytest.mark.parametrize("second", ["rfc9421", "standard-webhooks"])
def test_a_request_with_two_proofs_is_let_in_once(route, nginx, second):
    headers = two_signatures(route, nginx, second)
    assert [route.ask(nginx, headers).status for _ in range(3)] == [200, 401, 401]


@pytest.mark.parametrize("second", ["rfc9421", "standard-webhooks"])
def test_what_was_signed_twice_cannot_be_taken_apart(route, nginx, second):
    headers = two_signatures(route, nginx, second)
    assert route.ask(nginx, headers).status == 200
    if second == "rfc9421":
        part = {n: v.split(", ")[1] if n.startswith("Signature") else v for n, v in headers.items()}
    else:
        part = {n: v for n, v in headers.items() if n.startswith("webhook-")}
    assert route.ask(nginx, part).status == 401


@pytest.mark.parametrize("wrong", ["first", "second"])
def test_one_good_signature_of_several_suffices(route, nginx, wrong):
    headers = two_signatures(route, nginx, "rfc9421")
    macs = headers["Signature"].split(", ")
    macs[wrong == "second"] = macs[wrong == "second"][:5] + ":" + "A" * 43 + "=:"
    assert is_in(route.ask(nginx, {**headers, "Signature": ", ".join(macs)}))
    hook = proof(route, nginx, "standard-webhooks")
    good = hook["webhook-signature"]
    listed = ["v1," + "A" * 43 + "=", good] if wrong == "first" else [good, "v1a,xyz"]
    assert is_in(route.ask(nginx, {**hook, "webhook-signature": " ".join(listed)}))


# Keys that change while the gateway serves.

class Turn:
    """A route whose one caller signs; its keys as a test wants."""

    def __init__(self, home, front, name):
        self.home, self.front, self.name = home, front, name
        self.target = f"/v1/{name}/get-timeoff-types"
        self.file = f"{name}.yaml"

    def write(self, keys, more=""):
        listed = ", ".join(f"{k}: {v if v.startswith('{') else 'file:' + v}" for k, v in keys.items())
        self.home.write("routes.d/" + self.file, "\n".join([
            "adapter: bamboohr", "insecure_http: true", "settings:", "  company: acme",
            f"  api_key: file:{self.home.dir}/secrets/hris", f"  base_url: {self.home.hris.url}",
            "callers:", "  signer:", "    signature: [rfc9421]", f"    keys: {{{listed}}}", more]))

    def key(self, key_id, text=None):
        """Its file, with a new key."""
        self.home.secret(f"{self.name}-{key_id}", text or auth_kit.base64_key())
        return f"{self.home.dir}/secrets/{self.name}-{key_id}"

    def copy(self, path):
        with open(path, encoding="ascii") as file:
            return self.key("copy", file.read().strip())

    def is_in(self, path, key_id):
        headers = sign.rfc9421(auth_kit.read_key(path), key_id, "POST", self.front.origin + self.target,
                               b"{}")
        status = self.front.request("POST", self.target, b"{}",
                                    {"Content-Type": "application/json", **headers}).status
        assert status in (200, 401)
        return status == 200

    def faults(self):
        faults = json.loads(self.front.request("GET", "/-/ready").body)["faults"]
        return [f for f in faults if self.file in f]


@pytest.fixture
def turn(home, hris, nginx, request):
    out = Turn(home, nginx, re.sub("[^a-z0-9]+", "-", request.node.name)[-20:].strip("-"))
    yield out
    os.unlink(f"{home.dir}/routes.d/{out.file}")


def test_keys_are_rotated_under_load_without_losing_a_request(turn):
    old, new = turn.key("old"), turn.key("new")
    turn.write({"old": old})
    wait_until(lambda: turn.is_in(old, "old"))
    signer = {"now": (old, "old")}
    with Load(lambda: turn.is_in(*signer["now"]), threads=3) as load:
        assert not turn.is_in(new, "new")
        turn.write({"new": new, "old": old})
        wait_until(lambda: turn.is_in(new, "new"))
        load.settle()
        signer["now"] = (new, "new")
        load.settle()
        assert turn.is_in(old, "old")
        turn.write({"new": new})
        wait_until(lambda: not turn.is_in(old, "old"))
        load.settle()
    load.check()


def test_secrets_are_read_anew_though_the_yaml_beside_them_has_a_fault(turn):
    path = turn.key("k")
    turn.write({"k": path})
    wait_until(lambda: turn.is_in(path, "k"))
    before = turn.copy(path)
    turn.key("k")
    wait_until(lambda: turn.is_in(path, "k"))
    assert not turn.is_in(before, "k")
    turn.write({"k": path}, more="callrs: {}")
    wait_until(turn.faults)
    assert f"{turn.file}:11:1" in turn.faults()[0] and "callers" in turn.faults()[0]
    assert turn.is_in(path, "k")
    before = turn.copy(path)
    turn.key("k")
    wait_until(lambda: turn.is_in(path, "k"))
    assert not turn.is_in(before, "k") and turn.faults()
    # And once more: the fault does not wear out.
    turn.key("k")
    wait_until(lambda: turn.is_in(path, "k"))
    assert turn.faults()


def test_a_key_file_that_others_can_read_leaves_the_last_good_key(turn):
    path = turn.key("k")
    turn.write({"k": path})
    wait_until(lambda: turn.is_in(path, "k"))
    os.chmod(path, 0o644)
    wait_until(turn.faults)
    assert turn.is_in(path, "k")
    os.chmod(path, 0o600)
    wait_until(lambda: not turn.faults())
    assert turn.is_in(path, "k")


def test_a_key_counts_from_and_until_its_days(turn, home):
    def day(days):
        return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400))
    paths = {name: turn.key(name) for name in ("later", "over", "now")}
    turn.write({"later": f"{{file: 'file:{paths['later']}', not_before: {day(2)}}}",
                "over": f"{{file: 'file:{paths['over']}', not_after: '{day(-2)}T12:00:00Z'}}",
                "now": f"{{file: 'file:{paths['now']}', not_before: {day(-1)}, not_after: {day(1)}}}"})
    wait_until(lambda: turn.is_in(paths["now"], "now"))
    assert not turn.is_in(paths["later"], "later")
    assert not turn.is_in(paths["over"], "over")
    mark = f'"route":"{turn.name}"'
    lines = [json.loads(line) for line in home.log().splitlines() if mark in line][-2:]
    assert [(x["key_id"], x["refused"]) for x in lines] == [
        ("later", "the key does not count yet"), ("over", "the key no longer counts")]


def test_a_key_is_taken_in_each_spelling(turn):
    paths = {name: turn.key(name, text) for name, text in (
        ("raw", "at least twenty-four bytes, \u00e4: as they stand"), ("hex", "hex:" + "0a" * 24),
        ("base64", None), ("whsec", auth_kit.webhook_key()))}
    turn.write(paths)
    wait_until(lambda: turn.is_in(paths["base64"], "base64"))
    assert [name for name, path in paths.items() if turn.is_in(path, name)] == list(paths)


def hrisgw(home, *arguments):
    return subprocess.run([home.lib + "/hrisgw", *arguments, "--config", home.config], check=False,
                          capture_output=True, text=True, timeout=60, **fronts.as_worker())


def test_uses_are_counted_for_each_key(own_home, hris):
    route = AuthRoute(own_home, "forms")
    url = "https://gateway.example" + route.target()
    own_home.start()
    for form, times in (("rfc9421", 3), ("rfc9421, another key", 2), ("svix", 1), ("basic", 2)):
        for _ in range(times):
            headers = FORMS[form][2](route, url, BODY)
            assert own_home.fcgi(route.target(), BODY, headers=headers).status == 200
    assert own_home.fcgi(route.target(), BODY, headers=headers | {"Authorization": "Basic x"}).status == 401
    own_home.stop()
    shown = hrisgw(own_home, "key", "list", "forms", "--json")
    assert shown.returncode == 0, shown.stderr
    uses = {(r["form"], r["key"]): (r["uses"], r["last"] is not None) for r in json.loads(shown.stdout)}
    assert uses == {("token", None): (0, False), ("rfc9421", "k1"): (3, True),
                    ("rfc9421", "k2"): (2, True), ("standard-webhooks", "w1"): (0, False),
                    ("standard-webhooks", "w2"): (1, True), ("key", None): (0, False),
                    ("basic", None): (2, True)}
    for name in os.listdir(own_home.dir + "/secrets"):
        assert own_home.read_secret(name) not in shown.stdout


# What `check` keeps from being served.

@pytest.mark.parametrize("callers, said", [
    ("  x:\n    client_certificate: 'CN=a'", "a client certificate counts only beside"),
    ("  {}", "callers names 1 to"),
    ("  x: {}", "proves itself by nothing"),
    ("  x:\n    signature: [rfc9421]\n    keys: {k: file:DIR/secrets/short}", "at least 24 bytes"),
    ("  x:\n    signature: [ed25519]\n    keys: {k: file:DIR/secrets/acme-k1}",
     "a signature is rfc9421 or standard-webhooks"),
    ("  x:\n    basic: in-the-open", "file:"),
    ("  x:\n    key: {header: Authorization, secret: file:DIR/secrets/acme-plain}",
     "has a meaning already"),
], ids=["certificate alone", "nobody", "no proof", "short key", "unknown form", "a secret in the file",
        "a header that is taken"])
def test_check_refuses_a_route_that_is_not_well_guarded(own_home, callers, said):
    own_home.secret("short", "hex:" + "00" * 23)
    own_home.write("routes.d/bad.yaml", "adapter: bamboohr\nsettings: {company: a, api_key: "
                   f"file:{own_home.dir}/secrets/hris}}\ncallers:\n{callers}\n".replace(
                       "DIR", own_home.dir))
    shown = hrisgw(own_home, "check")
    assert shown.returncode == 1 and "bad.yaml:" in shown.stdout and said in shown.stdout, shown.stdout
    assert "in-the-open" not in shown.stdout
    answer = own_home.cgi("/v1/bad/get-agents", b"{}")
    assert answer.status == 401 and json.loads(answer.body)["error"] == "unauthorized"


def test_a_webhook_key_belongs_to_one_route_and_one_form(own_home):
    """Its signature covers no path: what is meant for one route would open the other."""
    first, second = AuthRoute(own_home, "first"), AuthRoute(own_home, "second")
    own_home.secret("second-w1", own_home.read_secret("first-w1"))
    shown = hrisgw(own_home, "check")
    assert shown.returncode == 1 and "such a key belongs to one route alone" in shown.stdout
    own_home.secret("second-w1", auth_kit.webhook_key())
    assert hrisgw(own_home, "check").returncode == 0
    own_home.secret("second-k1", own_home.read_secret("second-w2"))
    shown = hrisgw(own_home, "check")
    assert shown.returncode == 1 and "its key must serve nothing else" in shown.stdout
    assert first.key("w1") and second.key("w2")


# `hrisgw sign` makes what is let in.

@pytest.mark.parametrize("kind", ["nginx", "proxy_fcgi"])
@pytest.mark.parametrize("form", ["rfc9421", "standard-webhooks", "token", "key", "basic"])
def test_the_command_of_hrisgw_sign_is_let_in(route, home, front_doors, kind, form):
    front = front_doors(kind)
    if shutil.which("curl") is None:
        pytest.skip("SKIPPED aloud: curl is not installed")
    caller = {"rfc9421": "signer", "standard-webhooks": "hooks", "token": "genesys", "key": "fixed",
              "basic": "plain"}[form]
    made = hrisgw(home, "sign", "--route", route.name, "--caller", caller, "--form", form, "--action",
                  "get-balance", "--base", front.origin, "--data", BODY.decode())
    assert made.returncode == 0 and "curl -" in made.stdout, made.stderr
    for name in ("k1", "k2", "w1", "w2", "genesys", "fixed", "plain"):
        assert route.secret(name) not in made.stdout, name
    run = subprocess.run(["sh", "-c", made.stdout], env={**os.environ, "CURL_CA_BUNDLE": home.certificate},
                         capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, (made.stdout, run.stderr)
    assert json.loads(run.stdout)["balanceMinutesPerDay"] == ["2400", "2400"], run.stdout
