"""Tokens over real HTTP: one request for many callers, and a refresh token that is replaced and kept."""
import json
import threading

from home import side_by_side, sign
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
