"""The Genesys function, run by node against a listener of our own: its signatures are checked by
another implementation of the standard, sign.py. Skipped aloud if there is no node."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import sign  # noqa: E402

FUNCTION = os.path.join(TOP, "conf", "genesys", "function", "index.js")
KEY = b"0123456789abcdef0123456789abcdef"
RUN = """
const f = require(process.argv[1]);
const [event, context] = JSON.parse(process.argv[2]);
f.handler(event, {clientContext: context}).then(
  (answer) => console.log(JSON.stringify({answer})),
  (error) => console.log(JSON.stringify({error: error.message})));
"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None,
                                reason="SKIPPED aloud: no node, the Genesys function is not tried")


class Listener:
    """Records one request as it came and sends the given answer."""

    def __init__(self, answer):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answer = answer
        self.request = b""
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection, _ = self.socket.accept()
        with connection:
            length = None
            while length is None or len(self.request) < length:
                part = connection.recv(65536)
                if not part:
                    return
                self.request += part
                head, found, _ = self.request.partition(b"\r\n\r\n")
                if found:
                    body = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
                    length = len(head) + 4 + body
            connection.sendall(self.answer)

    def parts(self):
        self.thread.join(30)
        self.socket.close()
        head, _, body = self.request.partition(b"\r\n\r\n")
        line, *headers = head.decode().split("\r\n")
        pairs = (header.split(": ", 1) for header in headers)
        return line, {name.lower(): value for name, value in pairs}, body


def call(event, context):
    out = subprocess.run(["node", "-e", RUN, FUNCTION, json.dumps([event, context])], timeout=60,
                         capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def http(status, body):
    return (f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
            ).encode()


def context(port, key="base64:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="):
    return {"Gateway-Url": f"http://127.0.0.1:{port}/v1/acme/", "KEY-ID": "2026a", "key": key}


@pytest.mark.parametrize("key", ["base64:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                                 "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                                 "hex:" + KEY.hex(), KEY.decode()])
def test_signs_and_forwards(key):
    listener = Listener(http(200, '{"statusCode":200}'))
    out = call({"action": "get-balance", "input": {"agentId": "7", "name": "Zo\u00eb"}},
                context(listener.port, key))
    line, headers, body = listener.parts()
    assert out == {"answer": {"statusCode": 200}}
    assert line == "POST /v1/acme/get-balance HTTP/1.1"
    assert json.loads(body) == {"agentId": "7", "name": "Zo\u00eb"}
    sent = re.fullmatch(r'sig1=\(.*\);created=(\d+);nonce="([^"]+)";keyid="2026a";'
                        'alg="hmac-sha256"', headers["signature-input"])
    url = f"http://127.0.0.1:{listener.port}/v1/acme/get-balance"
    expected = sign.rfc9421(KEY, "2026a", "POST", url, body, created=int(sent.group(1)),
                            nonce=sent.group(2), order=("created", "nonce", "keyid", "alg"))
    assert {name: headers[name.lower()] for name in expected} == expected


@pytest.mark.parametrize("status", [204, 302, 401, 404, 503])
def test_anything_else_throws(status):
    listener = Listener(http(status, "{}" if status != 204 else ""))
    out = call({"action": "get-agents"}, context(listener.port))
    assert out == {"error": f"the gateway answered HTTP {status}"}
    assert listener.parts()[2] == b"{}"


def test_nonces_differ():
    nonces = set()
    for _ in range(2):
        listener = Listener(http(200, "{}"))
        call({"action": "get-agents"}, context(listener.port))
        nonces.add(re.search('nonce="([^"]+)"', listener.parts()[1]["signature-input"]).group(1))
    assert len(nonces) == 2


@pytest.mark.parametrize("event, changed, says", [
    ({"action": "drop-tables"}, {}, "known action"),
    ({}, {}, "known action"),
    ({"action": "get-agents"}, {"key": ""}, "lacks the header key"),
    ({"action": "get-agents"}, {"KEY-ID": 'a"b'}, "key-id is"),
    ({"action": "get-agents"}, {"Gateway-Url": "http://gw.example/v1/acme"}, "must be https://"),
    ({"action": "get-agents"}, {"Gateway-Url": "https://gw.example/v1/acme?x="}, "path alone"),
    ({"action": "get-agents"}, {"Gateway-Url": "https://u:p@gw.example/v1/acme"}, "path alone"),
])
def test_wrong_settings(event, changed, says):
    out = call(event, {**context(9), **changed})
    assert says in out["error"]
    assert "MDEyMzQ1" not in out["error"]
