"""A raw FastCGI client (FastCGI 1.0): what a web server sends, and what a stalled or lying one could.

request() behaves; Connection sends records one by one. Standard library only. Not a web server.
"""
import socket
import struct

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES = 1, 2, 3, 4, 5, 6, 7, 8, 9
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
CONTENT_MAX = 65528


def record(kind, content=b"", request_id=1, version=1, padding=0):
    head = struct.pack("!BBHHBB", version, kind, request_id, len(content), padding, 0)
    return head + content + b"\0" * padding


def length(n):
    return struct.pack("!B", n) if n < 128 else struct.pack("!I", n | 0x80000000)


def pair(name, value):
    name = name.encode() if isinstance(name, str) else name
    value = value.encode() if isinstance(value, str) else value
    return length(len(name)) + length(len(value)) + name + value


def pairs(params):
    items = params.items() if isinstance(params, dict) else params
    return b"".join(pair(name, value) for name, value in items)


def variables(method="POST", uri="/", body=None, headers=None, **more):
    """What nginx sends for such a request; more replaces (a value of None removes)."""
    out = {"REQUEST_METHOD": method, "REQUEST_URI": uri, "QUERY_STRING": uri.partition("?")[2],
           "REMOTE_ADDR": "127.0.0.1", "HTTPS": "on", "REQUEST_SCHEME": "https",
           "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "gateway.example"}
    if body is not None:
        out["CONTENT_LENGTH"] = str(len(body))
        out["CONTENT_TYPE"] = "application/json"
    for name, value in (headers or {}).items():
        name = name.upper().replace("-", "_")
        out[name if name == "CONTENT_TYPE" else "HTTP_" + name] = value
    out.update(more)
    return {name: value for name, value in out.items() if value is not None}


class Answer:
    """The records of one answer, put together."""

    def __init__(self, stdout, stderr, app_status, protocol_status):
        self.stdout, self.stderr = stdout, stderr
        self.app_status, self.protocol_status = app_status, protocol_status
        head, _, self.body = stdout.partition(b"\r\n\r\n")
        self.headers = {}
        for line in head.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.status = int(self.headers.get("status", "0").split()[0] or 0)

    @property
    def ended(self):
        return self.protocol_status is not None


class Connection:
    def __init__(self, path, timeout=20):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.others = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *records):
        """False when the peer has closed."""
        try:
            self.socket.sendall(b"".join(records))
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def begin(self, role=RESPONDER, keep=False, request_id=1):
        return self.send(record(BEGIN, struct.pack("!HB5x", role, int(keep)), request_id))

    def stream(self, kind, content, end=True):
        for at in range(0, len(content), CONTENT_MAX):
            if not self.send(record(kind, content[at:at + CONTENT_MAX])):
                return False
        return self.send(record(kind)) if end else True

    def params(self, params, end=True):
        return self.stream(PARAMS, pairs(params), end)

    def stdin(self, body, end=True):
        return self.stream(STDIN, body, end)

    def _read(self, n):
        out = b""
        while len(out) < n:
            part = self.socket.recv(n - len(out))
            if not part:
                return None
            out += part
        return out

    def record(self):
        """The next one: (kind, request id, content); None: the peer has closed."""
        head = self._read(8)
        if head is None:
            return None
        _, kind, request_id, size, padding, _ = struct.unpack("!BBHHBB", head)
        content = self._read(size + padding)
        return None if content is None else (kind, request_id, content[:size])

    def answer(self, request_id=1):
        """The records of that request up to END_REQUEST or the end of the connection; those of the
        connection itself and of other requests are left in others."""
        streams = {STDOUT: b"", STDERR: b""}
        try:
            while True:
                found = self.record()
                if found is None:
                    return Answer(streams[STDOUT], streams[STDERR], None, None)
                kind, of, content = found
                if of != request_id:
                    self.others.append(found)
                    continue
                if kind == END:
                    app, protocol = struct.unpack("!IB3x", content[:8])
                    return Answer(streams[STDOUT], streams[STDERR], app, protocol)
                streams[kind] += content
        except ConnectionResetError:
            return Answer(streams[STDOUT], streams[STDERR], None, None)

    def closed(self):
        """True when the peer closes without a byte."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def request(path, params, body=b"", timeout=20):
    with Connection(path, timeout) as c:
        c.begin()
        c.params(params)
        c.stdin(body)
        return c.answer()
