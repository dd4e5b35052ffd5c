"""Signs requests in every form that the gateway takes, with Python's standard library alone.

Each function returns the headers as a dict. Written from the standards and not from the gateway's own
code, so that the two check each other. As a program: `sign.py FORM KEYFILE KEYID METHOD URL [BODYFILE]`
prints the headers.
"""

import base64
import hashlib
import hmac
import secrets
import sys
import time
import urllib.parse
import urllib.request
import json


def read_key(path):
    """The bytes of a signature key's file: base64:, hex:, whsec_, or raw less one newline."""
    with open(path, "rb") as f:
        data = f.read()
    if data.endswith(b"\n"):
        data = data[:-1]
    for prefix, decode in ((b"base64:", base64.b64decode), (b"whsec_", base64.b64decode),
                           (b"hex:", bytes.fromhex)):
        if data.startswith(prefix):
            rest = data[len(prefix):]
            return decode(rest.decode()) if decode is bytes.fromhex else decode(rest)
    return data


def read_secret(path):
    """A literal secret (token, basic, key): text less one newline."""
    with open(path, encoding="utf-8", newline="") as f:
        data = f.read()
    return data[:-1] if data.endswith("\n") else data


def mac(key, data):
    return base64.b64encode(hmac.new(key, data, hashlib.sha256).digest()).decode()


def content_digest(body, algorithm="sha-256"):
    """RFC 9530."""
    digest = hashlib.new(algorithm.replace("-", ""), body).digest()
    return f"{algorithm}=:{base64.b64encode(digest).decode()}:"


def _component(name, method, url, headers):
    parts = urllib.parse.urlsplit(url)
    query = "?" + parts.query
    target = (parts.path or "/") + ("?" + parts.query if "?" in url else "")
    port = {"http": 80, "https": 443}[parts.scheme]
    authority = parts.hostname if parts.port in (None, port) else f"{parts.hostname}:{parts.port}"
    derived = {
        "@method": method,
        "@target-uri": f"{parts.scheme}://{authority}{target}",
        "@authority": authority,
        "@scheme": parts.scheme,
        "@request-target": target,
        "@path": parts.path or "/",
        "@query": query,
    }
    if name in derived:
        return derived[name]
    return headers[name].strip()


def rfc9421_base(method, url, headers, components, params):
    """The signature base and the signature parameters; headers' names are in lower case."""
    inner = "(" + " ".join(f'"{c}"' for c in components) + ")"
    for name, value in params:
        inner += f";{name}=" + (str(value) if isinstance(value, int) else f'"{value}"')
    lines = [f'"{c}": {_component(c, method, url, headers)}' for c in components]
    lines.append(f'"@signature-params": {inner}')
    return "\n".join(lines), inner


def rfc9421(key, key_id, method, url, body=b"", created=None, nonce=None, components=None,
            label="sig1", expires=None, alg="hmac-sha256", tag=None, digest="sha-256", headers=None,
            order=("created", "expires", "nonce", "alg", "keyid", "tag")):
    """HTTP Message Signatures. headers: others of the request, which may be covered too."""
    sent = {k.lower(): v for k, v in (headers or {}).items()}
    added = {"Content-Digest": content_digest(body, digest)}
    sent["content-digest"] = added["Content-Digest"]
    if components is None:
        components = ["@method", "@authority", "@path"]
        if "?" in url:
            components.append("@query")
        components.append("content-digest")
    values = {
        "created": int(time.time()) if created is None else created,
        "expires": expires,
        "nonce": secrets.token_urlsafe(16) if nonce is None else nonce,
        "alg": alg,
        "keyid": key_id,
        "tag": tag,
    }
    params = [(name, values[name]) for name in order if values[name] is not None]
    base, inner = rfc9421_base(method, url, sent, components, params)
    added["Signature-Input"] = f"{label}={inner}"
    added["Signature"] = f"{label}=:{mac(key, base.encode())}:"
    return added


def standard_webhooks(key, body=b"", msg_id=None, timestamp=None, family="webhook"):
    """Standard Webhooks; family "svix" gives the older names."""
    msg_id = "msg_" + secrets.token_urlsafe(16) if msg_id is None else msg_id
    timestamp = int(time.time()) if timestamp is None else timestamp
    content = f"{msg_id}.{timestamp}.".encode() + body
    return {
        f"{family}-id": msg_id,
        f"{family}-timestamp": str(timestamp),
        f"{family}-signature": "v1," + mac(key, content),
    }


def basic(name, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def bearer(token, header="Authorization"):
    return {header: token if header.lower() == "x-hris-authorization" else "Bearer " + token}


def token_request(client_id, secret, by="basic"):
    """Headers and body of a request to the token endpoint."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form = {"grant_type": "client_credentials"}
    if by == "basic":
        headers.update(basic(client_id, secret))
    else:
        form.update(client_id=client_id, client_secret=secret)
    return headers, urllib.parse.urlencode(form).encode()


def fetch_token(url, client_id, secret, by="basic", context=None, timeout=30):
    """url: .../v1/ROUTE/token. Returns the token; raises urllib.error.HTTPError."""
    headers, body = token_request(client_id, secret, by)
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=timeout, context=context) as answer:
        return json.load(answer)["access_token"]


def mint_token(client_secret, route, caller, issued, expires):
    """A token as the gateway makes it, for tests of forged, old and future ones."""
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims = encode(f"1 {route} {caller} {issued} {expires}".encode())
    mac = hmac.new(client_secret.encode(), b"token-v1\0" + claims, hashlib.sha256).digest()
    return (claims + b"." + encode(mac)).decode()


def main(argv):
    if len(argv) not in (6, 7):
        sys.exit(__doc__)
    form, path, key_id, method, url = argv[1:6]
    body = b""
    if len(argv) == 7:
        with open(argv[6], "rb") as f:
            body = f.read()
    if form == "rfc9421":
        headers = rfc9421(read_key(path), key_id, method, url, body)
    elif form == "standard-webhooks":
        headers = standard_webhooks(read_key(path), body)
    elif form == "basic":
        headers = basic(key_id, read_secret(path))
    elif form == "token":
        headers = bearer(fetch_token(url, key_id, read_secret(path)))
    else:
        sys.exit(__doc__)
    for name, value in headers.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main(sys.argv)
