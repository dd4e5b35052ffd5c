"""Keys in their owner's hands: `hrisgw key` beside a gateway that serves, secrets that systemd hands over, and
what `hrisgw verify` says of requests that went through a front door.
"""
import base64
import json
import os
import re
import subprocess
import time

import pytest

import auth_kit
import fronts
import sign
from auth_kit import BODY, FORMS, REFUSALS, Wrong, log_line, proof
from home import mode_of, wait_until

KINDS = ["nginx", "proxy_fcgi"]


def hrisgw(home, *arguments, config=True, **env):
    return subprocess.run(
        [home.lib + "/hrisgw", *arguments, *(["--config", home.config] if config else [])], check=False,
        capture_output=True, text=True, timeout=60, env={**os.environ, **env}, **fronts.as_worker())


def uses(home, route):
    """(form, key id) -> uses, and when last."""
    shown = hrisgw(home, "key", "list", route, "--json")
    assert shown.returncode == 0, shown.stderr
    return {(r["form"], r["key"]): (r["uses"], r["last"]) for r in json.loads(shown.stdout)}


@pytest.fixture(params=KINDS)
def served(own_home, hris, request):
    """A front door for a gateway that each test starts."""
    front = fronts.Front(request.param, own_home).start()
    yield front
    front.stop()


# hrisgw key.

@pytest.mark.parametrize("spelling", ["base64", "whsec", "hex", "text"])
def test_a_new_key_is_its_owners_alone(own_home, spelling):
    path = own_home.dir + "/secrets/fresh"
    made = hrisgw(own_home, "key", "new", path, "--spelling", spelling, config=False)
    assert made.returncode == 0, made.stderr
    assert mode_of(path) == 0o600
    with open(path, encoding="ascii") as file:
        text = file.read()
    assert re.fullmatch({"base64": r"base64:[A-Za-z0-9+/]{43}=\n", "whsec": r"whsec_[A-Za-z0-9+/]{43}=\n",
                         "hex": r"hex:[0-9a-f]{64}\n", "text": r"[A-Za-z0-9_-]{43}\n"}[spelling], text)
    assert text.strip() not in made.stdout + made.stderr
    again = hrisgw(own_home, "key", "new", path, "--spelling", spelling, config=False)
    with open(path, encoding="ascii") as file:
        assert again.returncode == 1 and file.read() == text


def signer_route(home, keys, more=""):
    home.write("routes.d/turn.yaml", "\n".join([
        "adapter: bamboohr", "insecure_http: true", "settings:", "  company: acme",
        f"  api_key: file:{home.dir}/secrets/hris", f"  base_url: {home.hris.url}",
        "callers:", "  signer:", "    signature: [rfc9421]", keys, more]))


def ask(front, path, key_id):
    target = "/v1/turn/get-timeoff-types"
    headers = sign.rfc9421(auth_kit.read_key(path), key_id, "POST", front.origin + target, b"{}")
    return front.request("POST", target, b"{}", {"Content-Type": "application/json", **headers})


def test_a_key_is_rotated_as_rotate_says(own_home, served):
    """From the first key to the end of the old one, by what the commands print."""
    old = own_home.dir + "/secrets/turn-old"
    assert hrisgw(own_home, "key", "new", old, config=False).returncode == 0
    signer_route(own_home, f"    keys: {{old: file:{old}}}")
    own_home.start()
    assert ask(served, old, "old").status == 200
    # A use shows while the gateway runs, even if it is the last one.
    count, last = uses(own_home, "turn")["rfc9421", "old"]
    assert count == 1 and abs(time.time() - to_seconds(last)) < 60

    done = hrisgw(own_home, "key", "rotate", "turn")
    assert done.returncode == 0, done.stderr
    new = done.stdout.partition(": a new key, mode 0600")[0]
    assert mode_of(new) == 0o600 and os.path.dirname(new) == os.path.dirname(old)
    with open(new, encoding="ascii") as file:
        assert file.read().strip() not in done.stdout
    lines = re.search(r"\n( +keys:\n(?: {8}.*\n)+)", done.stdout).group(1)
    key_id = re.search(r"^ +(\S+): file:" + re.escape(new) + "$", lines, re.M).group(1)
    assert ask(served, new, key_id).status == 401

    # Loaded while it serves; the old one is valid until its day is over.
    day = {n: time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * 86400)) for n in (-1, 1)}
    lines = lines.replace("      keys:", "    keys:", 1)
    ending = f"old: {{file: 'file:{old}', not_after: %s}}"
    assert f"old: file:{old}\n" in lines
    signer_route(own_home, lines.replace(f"old: file:{old}", ending % day[1]))
    wait_until(lambda: ask(served, new, key_id).status == 200)
    assert ask(served, old, "old").status == 200
    # Rotating once more keeps that day.
    again = hrisgw(own_home, "key", "rotate", "turn").stdout
    assert f"not_after: {day[1]}T23:59:59Z}}" in again

    signer_route(own_home, lines.replace(f"old: file:{old}", ending % day[-1]))
    wait_until(lambda: ask(served, old, "old").status == 401)
    refused = ask(served, old, "old")
    line = log_line(own_home.log(), refused.headers["x-request-id"])
    assert (line["refused"], line["key_id"]) == ("the key no longer counts", "old")
    # And the counters show which one is no longer used.
    assert ask(served, new, key_id).status == 200     # its nonce takes along the uses that wait
    before = uses(own_home, "turn")["rfc9421", "old"]
    assert ask(served, new, key_id).status == 200 and ask(served, old, "old").status == 401
    own_home.stop()
    after = uses(own_home, "turn")
    assert after["rfc9421", "old"] == before and after["rfc9421", key_id][0] >= 2


def to_seconds(text):
    return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone


# credential:NAME.

def test_secrets_that_systemd_hands_over(own_home, served):
    """As LoadCredential= leaves them: in a folder of the unit's, readable by its group."""
    folder = own_home.dir + "/credentials"
    os.mkdir(folder)
    own_home.write("credentials/api-key", "hris-key\n", 0o440)
    own_home.write("credentials/k1", auth_kit.base64_key() + "\n", 0o440)
    own_home.write("credentials/client", "client-secret\n", 0o440)
    own_home.write("routes.d/turn.yaml", "\n".join([
        "adapter: bamboohr", "insecure_http: true",
        f"settings: {{company: acme, api_key: credential:api-key, base_url: '{own_home.hris.url}'}}",
        "callers:", "  signer: {signature: [rfc9421], keys: {k1: credential:k1}}",
        "  genesys: {token: credential:client}", ""]))
    fronts.give(folder)
    own_home.start(env={"CREDENTIALS_DIRECTORY": folder})
    assert ask(served, folder + "/k1", "k1").status == 200
    token = json.loads(served.request("POST", "/v1/turn/token", *reversed(sign.token_request(
        "genesys", "client-secret"))).body)["access_token"]
    answer = served.request("POST", "/v1/turn/get-timeoff-types", b"{}", {
        "Content-Type": "application/json", **sign.bearer(token)})
    assert answer.status == 200
    # New content is loaded; the commands read credentials if systemd's variable is set.
    own_home.write("credentials/k1", auth_kit.base64_key() + "\n", 0o440)
    wait_until(lambda: ask(served, folder + "/k1", "k1").status == 200)
    assert hrisgw(own_home, "check", CREDENTIALS_DIRECTORY=folder).returncode == 0
    rotated = hrisgw(own_home, "key", "rotate", "turn", "--caller", "signer", CREDENTIALS_DIRECTORY=folder)
    assert rotated.returncode == 1 and "credential:k1 is systemd's" in rotated.stderr
    assert sorted(os.listdir(folder)) == ["api-key", "client", "k1"]
    without = hrisgw(own_home, "check")
    assert without.returncode == 1 and "CREDENTIALS_DIRECTORY is not set" in without.stdout
    assert "client-secret" not in without.stdout + own_home.log()


@pytest.mark.parametrize("name, mode, said", [
    ("../secrets/hris", 0o440, "takes a plain name"), ("absent", 0o440, "No such file"),
    ("open", 0o444, "can be read or changed by others"), ("group", 0o460, "can be read or changed by others"),
])
def test_a_credential_that_is_none(own_home, name, mode, said):
    folder = own_home.dir + "/credentials"
    os.mkdir(folder)
    if name in ("open", "group"):
        own_home.write("credentials/" + name, "a-long-enough-secret\n", mode)
    fronts.give(folder)
    own_home.write("routes.d/turn.yaml", "adapter: bamboohr\nsettings: {company: a, api_key: "
                   f"file:{own_home.dir}/secrets/hris}}\ncallers: {{x: {{basic: credential:{name}}}}}\n")
    shown = hrisgw(own_home, "check", CREDENTIALS_DIRECTORY=folder)
    assert shown.returncode == 1 and said in shown.stdout and "turn.yaml:3:" in shown.stdout, shown.stdout
    assert "a-long-enough-secret" not in shown.stdout


# hrisgw verify.

@pytest.fixture(scope="module")
def front_doors(home):
    yield from auth_kit.doors(home)


@pytest.fixture(scope="module")
def routes(home, hris_server, front_doors):
    yield from auth_kit.known_routes(home, hris_server, front_doors, "verify", "verify-other")


def verify(home, front, target, headers, body=BODY):
    """The request as a file, as it was seen on the wire."""
    sent = {"Host": f"{fronts.HOST}:{front.port}", "Content-Type": "application/json",
            "Content-Length": str(len(body)), **headers}
    lines = [f"POST {target} HTTP/1.1", *(f"{n}: {v}" for n, v in sent.items()), "", ""]
    path = home.write("run/captured", "\r\n".join(lines) + body.decode())
    return hrisgw(home, "verify", path, "--route", "verify")


def no_key_is_shown(home, text):
    for name in os.listdir(home.dir + "/secrets"):
        if not name.startswith("verify"):
            continue
        secret = home.read_secret(name)
        assert secret not in text, name
        if re.match("(base64:|hex:|whsec_)", secret):
            key = auth_kit.read_key(f"{home.dir}/secrets/{name}")
            for spelled in (key.hex(), base64.b64encode(key).decode(), secret.partition(":")[2] or secret[6:]):
                assert spelled not in text, name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_verify_accepts_what_is_let_in(routes, hris, home, front_doors, kind, form):
    route, front = routes[0], front_doors(kind)
    headers = proof(route, front, form)
    assert route.ask(front, headers).status == 200
    done = verify(home, front, route.target(), headers)
    assert done.returncode == 0 and "ACCEPTED: caller " in done.stdout, done
    line = re.search("ACCEPTED: caller (.*?) by (.*?)(?:, key (.*?))?, unless", done.stdout).groups()
    caller = {"rfc9421": "signer", "standard-webhooks": "hooks", "token": "genesys", "key": "fixed",
              "basic": "plain"}[FORMS[form][0]]
    assert line == (caller, *FORMS[form][:2])
    assert "  NO " not in done.stdout
    no_key_is_shown(home, done.stdout + done.stderr)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", REFUSALS)
def test_verify_says_what_the_log_says(routes, hris, home, front_doors, kind, form):
    """Every cause is named as in the log; a replay is not seen, because spent nonces are ignored."""
    front = front_doors(kind)
    wrong = Wrong(*routes, front)
    causes = {reason: (name, make) for name, make, reason, _ in REFUSALS[form]}
    assert len(causes) >= 3
    for reason, (name, make) in causes.items():
        made = make(wrong)
        headers, target, body = made if isinstance(made, tuple) else (made, wrong.target, BODY)
        answer = routes[0].ask(front, headers, target, body)
        assert log_line(home.log(), answer.headers["x-request-id"])["refused"] == reason, name
        done = verify(home, front, target, headers, body)
        if reason.startswith("replayed"):
            assert done.returncode == 0 and "unless its nonce is spent already" in done.stdout, name
        else:
            assert done.returncode == 1 and f"REFUSED: {reason}\n" in done.stdout, (name, done)
        no_key_is_shown(home, done.stdout + done.stderr)


def test_verify_shows_what_was_compared(routes, hris, home, front_doors):
    route, front = routes[0], front_doors("nginx")
    wrong = Wrong(*routes, front)
    headers = wrong.rfc(created=wrong.now - 400)
    shown = verify(home, front, route.target(), headers, BODY + b" ").stdout
    base, _ = sign.rfc9421_base(
        "POST", wrong.url, {"content-digest": headers["Content-Digest"]},
        ["@method", "@authority", "@path", "content-digest"],
        [(n, int(v) if v.isdigit() else v.strip('"')) for n, _, v in (
            p.partition("=") for p in headers["Signature-Input"].split(";")[1:])])
    assert "".join(f"       | {line}\n" for line in base.split("\n")) in shown
    assert f"sent:     {headers['Content-Digest']}\n" in shown
    assert f"computed: {sign.content_digest(BODY + b' ')} over {len(BODY) + 1} bytes" in shown
    assert "NO   Content-Digest is the body's" in shown
    assert "ok   they are the key's HMAC-SHA256 of the base" in shown
    assert re.search(r"created \d+, the clock says \d+: 4\d\d seconds apart, 300 allowed", shown)
    hook = wrong.hook()
    shown = verify(home, front, route.target(), hook).stdout
    assert f"| {hook['webhook-id']}\n       | .{hook['webhook-timestamp']}\n" in shown
    # The MAC that would have been right is never shown.
    other = wrong.rfc(key="k2", nonce="the-same", created=wrong.now)
    right = wrong.rfc(nonce="the-same", created=wrong.now)
    shown = verify(home, front, route.target(), other).stdout
    assert "NO   they are the key's HMAC-SHA256" in shown and right["Signature"][6:-1] not in shown


def test_verify_takes_a_token_apart(routes, hris, home, front_doors):
    route, front, now = routes[0], front_doors("nginx"), int(time.time())
    secret = route.secret("genesys")

    def explained(token, header="Authorization"):
        shown = verify(home, front, route.target(), sign.bearer(token, header))
        no_key_is_shown(home, shown.stdout + shown.stderr)
        return shown.returncode, re.findall(r"^  (ok|NO)   ?(it|its)[^\n]*? (\S+)$", shown.stdout, re.M), shown.stdout
    steps = {"well-formed": "ok", "route": "ok", "route's": "ok", "secret": "ok", "now": "ok", "expired": "ok"}
    good = sign.mint_token(secret, "verify", "genesys", now, now + 600)
    for header in ("Authorization", "X-Hris-Authorization"):
        code, shown, text = explained(good, header)
        assert (code, {step: mark for mark, _, step in shown}) == (0, steps), text
        assert f"issued {now}, " in text and f"expires {now + 600}, " in text
    for change, token in {
            "route": sign.mint_token(secret, "elsewhere", "genesys", now, now + 600),
            "secret": sign.mint_token("x" * 43, "verify", "genesys", now, now + 600),
            "expired": sign.mint_token(secret, "verify", "genesys", now - 900, now - 300),
            "now": sign.mint_token(secret, "verify", "genesys", now + 900, now + 1200)}.items():
        code, shown, text = explained(token)
        assert (code, {step: mark for mark, _, step in shown}) == (1, {**steps, change: "NO"}), text
    code, shown, text = explained(sign.mint_token(secret, "verify", "nobody", now, now + 600))
    assert code == 1 and {"route's": "NO", "secret": "NO"}.items() <= {s: m for m, _, s in shown}.items()
    # Text that is no token may be the secret itself.
    code, shown, text = explained(secret)
    assert (code, [s for m, _, s in shown if m == "NO"], secret in text) == (1, ["well-formed"], False)


def test_verify_says_whose_header_it_is(routes, hris, home, front_doors):
    route, front = routes[0], front_doors("nginx")
    headers = proof(route, front, "key")
    name, = (n for n in headers if n.lower() not in ("content-type",))
    for value, code, mark in ((headers[name], 0, "ok"), ("wrong", 1, "NO")):
        done = verify(home, front, route.target(), {**headers, name: value})
        assert done.returncode == code, done
        assert f"{name.lower()}, of the caller fixed\n  {mark}   it holds that caller's secret" in done.stdout
        no_key_is_shown(home, done.stdout + done.stderr)


def test_verify_does_not_show_the_user_that_is_a_secret(routes, hris, home, front_doors):
    """On the BambooHR face it is, whether or not it is let in there."""
    route, front = routes[0], front_doors("nginx")
    headers = sign.basic(route.secret("plain"), "x")
    done = verify(home, front, route.target(), headers)
    assert done.returncode == 1 and "no caller's name" in done.stdout
    no_key_is_shown(home, done.stdout + done.stderr)
    done = hrisgw(home, "verify", home.dir + "/run/captured", "--route", "verify", "--face")
    assert done.returncode == 0 and "ACCEPTED: caller plain by basic" in done.stdout, done
    no_key_is_shown(home, done.stdout + done.stderr)


def test_verify_with_a_key_file_alone(routes, hris, home, front_doors):
    """Without the route file: what callers can do by themselves."""
    route, front = routes[0], front_doors("nginx")
    headers = proof(route, front, "rfc9421")
    verify(home, front, route.target(), headers)
    for key, code in (("k1", 0), ("k2", 1)):
        done = hrisgw(home, "verify", home.dir + "/run/captured", "--key-file",
                      f"{home.dir}/secrets/verify-{key}", "--key-id", "k1", config=False)
        assert done.returncode == code, done
        no_key_is_shown(home, done.stdout + done.stderr)
