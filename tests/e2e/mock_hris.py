"""A scripted HRIS on loopback: answers by rules, and remembers what it was asked.

    hris = MockHris(); hris.bamboo()
    hris.on("GET", r"/employees/directory", html("<h1>no</h1>"))    # the newest rule that matches answers
    hris.writes                                                     # requests that may change something

Standard library only. It checks nothing.
"""
import http.server
import decimal
import json
import re
import socket
import threading
import urllib.parse

READS = ("GET", "HEAD")


class Asked:
    """A request as it arrived."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path, _, query = target.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.method} {self.target} {self.body[:200]!r}>"


class Answer:
    def __init__(self, status=200, body=b"", headers=None, length=None):
        self.status, self.headers, self.length = status, headers or {}, length
        self.body = body if isinstance(body, bytes) else body.encode()

    def send(self, handler):
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(self.body) if self.length is None
                                                  else self.length))
        handler.end_headers()
        handler.close_connection = handler.close_connection or self.length is not None
        if handler.command != "HEAD":
            handler.wfile.write(self.body)


def answer(value, status=200, **headers):
    """A value as JSON, or a text sent as if it were."""
    body = value if isinstance(value, (str, bytes)) else json.dumps(value)
    return Answer(status, body, {"Content-Type": "application/json",
                                 **{k.replace("_", "-"): v for k, v in headers.items()}})


def html(text="<!doctype html><h1>Please log in</h1>", status=200):
    return Answer(status, text, {"Content-Type": "text/html"})


def redirect(location, status=302):
    return Answer(status, "", {"Location": location})


def huge(size=20 * 1024 * 1024):
    """A JSON list of that many bytes."""
    return Answer(200, b"[" + b'"0123456789abcde",' * (size // 18) + b"1]",
                  {"Content-Type": "application/json"})


class Drop:
    """Closes without a byte or after a few, or stays silent until released."""

    def __init__(self, first=b"", silent=False):
        self.first, self.silent = first, silent

    def send(self, handler):
        if self.first:
            handler.wfile.write(self.first)
            handler.wfile.flush()
        if self.silent:
            handler.server.mock.released.wait(120)
        handler.close_connection = True
        try:
            handler.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def half():
    """Fewer bytes than announced, then the end."""
    return Answer(200, '{"employees":', {"Content-Type": "application/json"}, length=1000)


def silent():
    return Drop(silent=True)


def close():
    return Drop()


def garbage():
    return Drop(first=b"\x00\xff\x16\x03 not HTTP\r\n\r\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self):
        size = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(size))
        self.server.mock.answer_to(asked).send(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *_):
        pass


class MockHris:
    """A scripted HRIS on a port of its own."""

    def __init__(self):
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.asked, self.rules = [], []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.mock = self
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def reset(self):
        """Forgets rules and requests, and releases those that wait."""
        self.released.set()
        with self.lock:
            self.asked, self.rules = [], []
        self.released = threading.Event()

    def on(self, method, pattern, what):
        """what: an answer, or a function that makes one from Asked. pattern: a regex of the whole path."""
        with self.lock:
            self.rules.insert(0, (method, re.compile(pattern), what))

    def hold(self, method, pattern, what):
        """The same, but it answers only once released is set."""
        def wait(asked):
            self.released.wait(120)
            return what(asked) if callable(what) else what
        self.on(method, pattern, wait)

    def answer_to(self, asked):
        with self.lock:
            self.asked.append(asked)
            rules = list(self.rules)
        for method, pattern, what in rules:
            if method in (asked.method, "*") and pattern.fullmatch(asked.path):
                return what(asked) if callable(what) else what
        return answer({"error": "no such path"}, 404)

    @property
    def writes(self):
        with self.lock:
            return [a for a in self.asked if a.method not in READS]

    def calls(self, method, pattern):
        with self.lock:
            return [a for a in self.asked
                    if a.method == method and re.fullmatch(pattern, a.path)]

    def bamboo(self, employees=None, types=None, balances=None):
        """Answers like BambooHR with a small company. Balances are {type id: amount}."""
        people = employees if employees is not None else [
            {"id": "7", "workEmail": "ann@example.com", "displayName": "Ann"},
            {"id": "8", "workEmail": "bob@example.com", "displayName": "Bob"}]
        kinds = types if types is not None else [
            {"id": "78", "name": "Vacation", "units": "hours", "color": None, "icon": "sun"},
            {"id": "79", "name": "Sick", "units": "days", "color": None, "icon": "med"}]
        amounts = balances if balances is not None else {"78": "40", "79": "5"}
        self.on("GET", r"/employees/directory", answer({"fields": [], "employees": people}))
        self.on("GET", r"/meta/time_off/types", answer({"timeOffTypes": kinds, "defaultHours": []}))
        self.on("GET", r"/employees/(7|8)/time_off/calculator", lambda asked: answer([
            {"timeOffType": kind["id"], "name": kind["name"], "units": kind["units"],
             "balance": amounts[kind["id"]], "end": asked.query.get("end"),
             "policyType": "accruing", "usedYearToDate": "0"}
            for kind in kinds if kind["id"] in amounts]))
        self.rows = {}
        self.on("PUT", r"/employees/(7|8)/time_off/request", self.record)
        self.on("PUT", r"/time_off/requests/[^/]+/status", answer({}, 200))
        self.on("GET", r"/time_off/requests", lambda _: answer(list(self.rows.values())))
        return self

    def record(self, asked):
        """Keeps a request, and shows it as BambooHR does; one that takes another's place ends it."""
        sent = asked.json
        days = {d["ymd"]: str(d["amount"]) for d in sent.get("dates") or []}
        self.rows.pop(str(sent.get("previousRequest")), None)
        row = {"id": "1348", "employeeId": asked.path.split("/")[2], "status": {"status": sent.get("status")},
               "start": sent.get("start"), "end": sent.get("end"), "dates": days,
               "type": {"id": str(sent.get("timeOffTypeId"))},
               "amount": {"unit": "hours", "amount": str(sum(map(decimal.Decimal, days.values())))},
               "notes": {n["from"]: n["note"] for n in sent.get("notes") or []}}
        self.rows["1348"] = row
        return answer({k: row[k] for k in ("id", "employeeId", "status", "start", "end", "type")}, 201)

    def holds(self, request_id="1348", status="requested"):
        """Holds a request of Ann's, two days of vacation, that can be approved, denied or cancelled."""
        self.rows = {request_id: {
            "id": request_id, "employeeId": "7", "status": {"status": status},
            "start": "2027-03-01", "end": "2027-03-02", "type": {"id": "78", "name": "Vacation"},
            "amount": {"unit": "hours", "amount": "16"}, "notes": {"employee": "x"},
            "dates": {"2027-03-01": "8", "2027-03-02": "8"}}}

        def put(asked):
            self.rows[request_id]["status"]["status"] = asked.json["status"]
            return answer("", 200)
        self.on("GET", "/time_off/requests", lambda _: answer(list(self.rows.values())))
        self.on("PUT", f"/time_off/requests/{request_id}/status", put)
