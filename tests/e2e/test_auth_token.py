"""The token endpoint (RFC 6749, client credentials) through every front door: what it gives, its errors, how it
slows down guessing, and how tokens end.
"""
import json
import os
import time
import urllib.parse

import pytest

import auth_kit
import fronts
import sign
from auth_kit import BODY, AuthRoute, Load, log_line, proof, visible
from home import side_by_side, wait_until

FORM = "application/x-www-form-urlencoded"
GRANT = "grant_type=client_credentials"


@pytest.fixture(scope="module")
def front_doors(home):
    yield from auth_kit.doors(home)


@pytest.fixture(scope="module")
def route(home, hris_server, front_doors):
    hris_server.bamboo()
    out = AuthRoute(home, "tokens", more="token_ttl: 90s\n")
    # What is tried through one front door would count at the next.
    others = [AuthRoute(home, "tokens-" + kind.replace("_", "-")) for kind in fronts.FRONTS]
    for route in (out, *others):
        route.when_known(front_doors("nginx"))
    yield out
    for route in (out, *others):
        os.unlink(f"{home.dir}/routes.d/{route.name}.yaml")


@pytest.fixture(autouse=True)
def answering(hris):
    return hris


def ask(front, form, route="tokens", method="POST", content_type=FORM, **headers):
    body = form if isinstance(form, bytes) else form.encode()
    sent = {"Content-Type": content_type, **headers}
    return front.request(method, f"/v1/{route}/token", body,
                         {n: v for n, v in sent.items() if v is not None})


def form_of(client_secret, **more):
    return urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "genesys",
                                   "client_secret": client_secret, **more})


def credentials(route, client_secret=None, **more):
    return form_of(client_secret or route.secret("genesys"), **more)


def is_never_kept(answer):
    return answer.headers["cache-control"] == "no-store" and answer.headers["pragma"] == "no-cache" and \
        answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("by", ["basic", "form"])
def test_a_token_is_given_and_let_in(route, front, by):
    headers, form = sign.token_request("genesys", route.secret("genesys"), by)
    answer = front.request("POST", "/v1/tokens/token", form, headers)
    assert answer.status == 200 and is_never_kept(answer), answer
    given = json.loads(answer.body)
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 90)
    for header in ("Authorization", "X-Hris-Authorization"):
        assert route.ask(front, sign.bearer(given["access_token"], header)).status == 200
        assert route.ask(front, sign.bearer(given["access_token"], header)).status == 200
    # By the words of Genesys' template, without "Bearer", in the header that is ours.
    assert route.ask(front, {"Authorization": given["access_token"]}).status == 401


def test_what_genesys_sends(route, nginx):
    """Its custom auth action: a charset, a scope, a secret that nobody has encoded."""
    basic = sign.basic("genesys", route.secret("genesys"))["Authorization"]
    answer = ask(nginx, GRANT + "&scope=", content_type=FORM + "; charset=UTF-8", Authorization=basic)
    assert answer.status == 200, answer


@pytest.mark.parametrize("secret", ["a:b", "100%", "a+b c&d=e", "pässwört%41"])
def test_a_secret_of_odd_characters(own_home, secret):
    """Section 2.3.1 has them encoded before Basic; most clients do not."""
    AuthRoute(own_home, "odd")
    own_home.secret("odd-genesys", secret)
    own_home.start()
    for sent in (secret, urllib.parse.quote_plus(secret)):
        headers = {**sign.basic("genesys", sent), "Content-Type": FORM}
        answer = own_home.fcgi("/v1/odd/token", GRANT.encode(), headers=headers)
        assert answer.status == 200, (sent, answer.body)
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "genesys",
                                   "client_secret": secret})
    assert own_home.fcgi("/v1/odd/token", form.encode(), headers={"Content-Type": FORM}).status == 200


def wrong_requests(secrets):
    """name, form, headers, status, error."""
    right = form_of(secrets["genesys"])
    basic = sign.basic("genesys", secrets["genesys"])
    json_body = json.dumps({"grant_type": "client_credentials"})
    return [
        ("no body", "", basic, 400, "invalid_request"),
        ("no grant", "client_id=genesys", basic, 400, "invalid_request"),
        ("another grant", "grant_type=password&username=a&password=b", basic, 400,
         "unsupported_grant_type"),
        ("a member twice", right + "&client_id=genesys", {}, 400, "invalid_request"),
        ("two ways at once", right, basic, 400, "invalid_request"),
        ("two names", GRANT + "&client_id=other", basic, 400, "invalid_request"),
        ("no form", json_body, {**basic, "content_type": "application/json"}, 400, "invalid_request"),
        ("no type", right, {"content_type": None}, 400, "invalid_request"),
        ("a broken escape", right + "&scope=%zz", {}, 400, "invalid_request"),
        ("a NUL", right + "&scope=a\0b", {}, 400, "invalid_request"),
        ("9 kB", right + "&scope=" + "x" * 9000, {}, 400, "invalid_request"),
        ("no credentials", GRANT, {}, 401, "invalid_client"),
        ("no secret", GRANT + "&client_id=genesys", {}, 401, "invalid_client"),
        ("another client's secret", form_of(secrets["plain"]), {}, 401,
         "invalid_client"),
        ("an unknown client", form_of(secrets["genesys"], client_id="nobody"), {}, 401, "invalid_client"),
        ("a caller without token", GRANT, sign.basic("plain", secrets["plain"]), 401,
         "invalid_client"),
        ("Basic without colon", GRANT, {"Authorization": "Basic Z2VuZXN5cw=="}, 401, "invalid_client"),
        ("another scheme", GRANT, {"Authorization": "Bearer x"}, 401, "invalid_client"),
    ]


def test_errors_are_those_of_the_standard(route, home, front):
    own = "tokens-" + front.kind.replace("_", "-")
    secrets = {who: home.read_secret(f"{own}-{who}") for who in ("genesys", "plain")}
    for name, form, headers, status, error in wrong_requests(secrets):
        answer = ask(front, form, own, **headers)
        assert answer.status == status and json.loads(answer.body) == {"error": error}, (name, answer)
        assert is_never_kept(answer), name
        assert ("www-authenticate" in answer.headers) == (status == 401), name


def test_an_unknown_route_is_an_unknown_client(route, front):
    known = ask(front, credentials(route, client_id="somebody-else"))
    unknown = ask(front, credentials(route, client_id="somebody-else"), route="no-such-route")
    assert visible(known) == visible(unknown) and known.status == 401


def test_only_post(route, front):
    answer = ask(front, b"", method="GET", content_type=None)
    assert answer.status == 405 and answer.headers["allow"] == "POST"


def test_a_query_is_refused(route, nginx):
    answer = nginx.request("POST", "/v1/tokens/token?x=1", credentials(route).encode(),
                           {"Content-Type": FORM})
    assert answer.status == 401


def test_the_log_names_the_client_and_no_secret(route, home, nginx):
    answer = ask(nginx, credentials(route))
    line = log_line(home.log(), answer.headers["x-request-id"])
    assert (line["action"], line["caller"], line["form"]) == ("token", "genesys", "token")
    refused = ask(nginx, credentials(route, client_secret="a-wrong-secret"))
    line = log_line(home.log(), refused.headers["x-request-id"])
    assert (line["http"], line["refused"]) == (401, "unknown client, or another secret")
    token = json.loads(answer.body)["access_token"]
    for value in ("a-wrong-secret", route.secret("genesys"), token, token.split(".")[1]):
        assert value not in home.log()


# Throttling: on homes of their own, as what was tried counts for a minute.

class Guess:
    """Requests for a token straight to the gateway, from whatever address."""

    def __init__(self, home):
        self.home, self.route = home, AuthRoute(home, "tokens")

    def ask(self, secret, address="192.0.2.1", client="genesys", route="tokens"):
        return self.home.fcgi(f"/v1/{route}/token", GRANT.encode(), REMOTE_ADDR=address,
                              headers={**sign.basic(client, secret), "Content-Type": FORM})

    def wear_out(self, **more):
        statuses = [self.ask("wrong", **more).status for _ in range(11)]
        assert statuses == [401] * 10 + [429]


@pytest.fixture
def guess(own_home):
    return Guess(own_home)


def test_who_guesses_is_slowed_down_and_who_knows_is_not(guess, own_home):
    own_home.start()
    guess.wear_out()
    slowed = guess.ask("wrong")
    assert slowed.status == 429 and 1 <= int(slowed.headers["retry-after"]) <= 61
    assert json.loads(slowed.body) == {"error": "temporarily_unavailable"} and is_never_kept(slowed)
    # One address serves a whole region of Genesys: who knows the secret is let in all the same.
    right = guess.route.secret("genesys")
    assert guess.ask(right).status == 200
    assert guess.ask("wrong").status == 429
    # Others at the same address, and the same client from elsewhere, start from zero.
    assert guess.ask("wrong", client="plain").status == 401
    assert guess.ask("wrong", address="192.0.2.2").status == 401
    assert guess.ask("wrong", address="2001:db8::1").status == 401
    # And for an unknown route it is the same.
    guess.wear_out(route="no-such-route")


def test_what_was_tried_counts_across_processes(guess, own_home):
    own_home.start()
    guess.wear_out()
    own_home.stop()
    own_home.start()
    assert guess.ask("wrong").status == 429
    answer = own_home.cgi("/v1/tokens/token", GRANT.encode(), REMOTE_ADDR="192.0.2.1",
                          headers={**sign.basic("genesys", "wrong"), "Content-Type": FORM})
    assert answer.status == 429
    assert guess.ask(guess.route.secret("genesys")).status == 200


def test_an_expired_token_is_no_guess(guess, own_home):
    own_home.start()
    now = int(time.time())
    old = sign.bearer(guess.route.token(issued=now - 7200, expires=now - 3600))
    for _ in range(15):
        answer = own_home.fcgi(guess.route.target(), BODY, headers=old, REMOTE_ADDR="192.0.2.1")
        assert answer.status == 401
    assert guess.ask("wrong").status == 401


def test_through_nginx_and_apache_it_is_the_address_of_the_caller(route, front_doors):
    for kind in ("nginx", "proxy_fcgi"):
        # Nobody else uses this name, so what others tried does not count.
        sent = [ask(front_doors(kind), credentials(route, client_id="guess-" + kind.replace("_", "-")))
                for _ in range(12)]
        assert [a.status for a in sent] == [401] * 10 + [429] * 2
        assert "retry-after" in sent[-1].headers and is_never_kept(sent[-1])
        headers = {"X-Forwarded-For": "203.0.113.9", "X-Real-Ip": "203.0.113.9"}
        assert ask(front_doors(kind), credentials(
            route, client_id="guess-" + kind.replace("_", "-")), **headers).status == 429


# How tokens end.

def test_an_expired_token_is_exactly_401(route, front):
    """So that Genesys fetches another. It has a minute of grace."""
    now = int(time.time())

    def status(expires):
        return route.ask(front, sign.bearer(route.token(issued=now - 3000, expires=expires))).status
    assert status(now - 30) == 200
    assert status(now - 75) == 401
    answer = route.ask(front, sign.bearer(route.token(issued=now - 3000, expires=now - 75)))
    assert visible(answer) == visible(route.ask(front, {})) and answer.status == 401


def test_a_token_outlives_the_process_and_holds_under_plain_cgi(own_home):
    route = AuthRoute(own_home, "tokens")
    own_home.start()
    headers, form = sign.token_request("genesys", route.secret("genesys"))
    token = json.loads(own_home.fcgi("/v1/tokens/token", form, headers=headers).body)["access_token"]
    own_home.stop()
    assert own_home.cgi(route.target(), BODY, headers=sign.bearer(token)).status == 200
    other = json.loads(own_home.cgi("/v1/tokens/token", form, headers=headers).body)["access_token"]
    own_home.start()
    for t in (token, other):
        assert own_home.fcgi(route.target(), BODY, headers=sign.bearer(t)).status == 200


def test_changing_the_secret_revokes_its_tokens_under_load(home, nginx):
    route = AuthRoute(home, "revoked")
    route.when_known(nginx)
    try:
        now = {"token": route.token()}

        def is_in(token):
            status = route.ask(nginx, sign.bearer(token)).status
            assert status in (200, 401)
            return status == 200
        others = Load(lambda: route.ask(nginx, proof(route, nginx, "key")).status == 200, threads=2)
        with others:
            assert is_in(now["token"])
            old_secret = route.secret("genesys")
            home.secret("revoked-genesys")
            wait_until(lambda: not is_in(now["token"]))
            assert ask(nginx, credentials(route, client_secret=old_secret), "revoked").status == 401
            given = ask(nginx, credentials(route), "revoked")
            assert given.status == 200 and is_in(json.loads(given.body)["access_token"])
            others.settle()
        others.check()
    finally:
        os.unlink(f"{home.dir}/routes.d/revoked.yaml")


def test_removing_the_secret_revokes_its_tokens(own_home, hris):
    """Also in a process that starts without it; the others who may call are not touched."""
    route = AuthRoute(own_home, "tokens")
    own_home.start()
    token, secret = sign.bearer(route.token()), route.secret("genesys")
    headers, form = sign.token_request("genesys", secret)
    basic = sign.basic("plain", route.secret("plain"))

    def statuses():
        return [own_home.fcgi(target, body, headers=sent).status for target, body, sent in (
            (route.target(), BODY, token), ("/v1/tokens/token", form, headers),
            (route.target(), BODY, basic))]
    assert statuses() == [200, 200, 200]
    os.unlink(f"{own_home.dir}/secrets/tokens-genesys")
    wait_until(lambda: statuses() == [401, 401, 200])
    own_home.stop()
    own_home.start()
    assert statuses()[:2] == [401, 401]


def test_two_secrets_at_once_for_a_change_without_a_gap(home, nginx):
    """Both give tokens, both count, until one is taken away."""
    route = AuthRoute(home, "twofold")
    path = f"{home.dir}/routes.d/twofold.yaml"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    new = home.secret("twofold-new")
    one = f"    token: file:{home.dir}/secrets/twofold-genesys\n"
    both = (f"    token: {{old: file:{home.dir}/secrets/twofold-genesys, "
            f"new: file:{home.dir}/secrets/twofold-new}}\n")
    try:
        home.write("routes.d/twofold.yaml", text.replace(one, both))
        route.when_known(nginx)
        old = route.secret("genesys")
        given = [ask(nginx, credentials(route, client_secret=s), "twofold") for s in (old, new)]
        assert [g.status for g in given] == [200, 200]
        tokens = [json.loads(g.body)["access_token"] for g in given]
        used = [route.ask(nginx, sign.bearer(t)).headers["x-request-id"] for t in tokens]
        assert [log_line(home.log(), request)["key_id"] for request in used] == ["old", "new"]
        home.write("routes.d/twofold.yaml", text.replace("twofold-genesys", "twofold-new"))
        wait_until(lambda: route.ask(nginx, sign.bearer(tokens[0])).status == 401)
        assert route.ask(nginx, sign.bearer(tokens[1])).status == 200
    finally:
        os.unlink(path)


def test_many_fetch_and_use_tokens_at_once(route, nginx):
    headers, form = sign.token_request("genesys", route.secret("genesys"))

    def run(_):
        answer = nginx.request("POST", "/v1/tokens/token", form, headers)
        return answer.status, route.ask(
            nginx, sign.bearer(json.loads(answer.body)["access_token"])).status
    assert set(side_by_side(run, 16)) == {(200, 200)}
