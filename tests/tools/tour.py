"""
tour.py: the five actions, as Genesys Cloud would call them, each shown as who called, what was asked,
what the HRIS was asked (from the gateway's own log), and what came back. Used by run.py.
"""
import datetime
import http.client
import json
import os
import sys
import time

import sign

ANSWER_S = 60
LOG_S = 2
POLL_S = 0.01
WIDTH = 80                      # of a list in an answer; the rest of it is left out
COMMON = ("statusCode", "status", "errorMsg", "errorCode", "requestId")


class Failed(Exception):
    """A step that could not be tried."""


class Tour:
    def __init__(self, run):
        self.run = run
        self.token = None
        self.failed = []
        self.number = 0
        self.log = open(run.path("log", "gateway.log"), encoding="utf-8", errors="replace")
        self.bold = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")

    # HTTP

    def post(self, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.run.port, timeout=ANSWER_S)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except OSError as error:
            raise Failed(f"POST {path}: {error}") from None
        finally:
            connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, {"errorMsg": f"not JSON: {text[:200]!r}"}

    def secret(self, name):
        return self.run.path("secrets", name)

    def signed(self, path, body):
        """Headers of RFC 9421, made by other code than the gateway's."""
        key = sign.read_key(self.secret("signer-demo-1"))
        return sign.rfc9421(key, "demo-1", "POST", self.run.base_url + path, body)

    def hris_calls(self, request_id):
        """The calls to the HRIS in the gateway's log line of this request; None: there is no such line."""
        deadline = time.monotonic() + LOG_S
        while time.monotonic() < deadline:
            line = self.log.readline()
            if not line:
                time.sleep(POLL_S)
                continue
            if request_id and request_id in line:
                try:
                    return json.loads(line).get("calls") or []
                except (ValueError, AttributeError):
                    continue
        return None

    # What is printed

    def head(self, title, who):
        self.number += 1
        print(f"\n{self.bold[0]}{self.number}. {title}{self.bold[1]}   {who}")

    @staticmethod
    def line(label, text):
        print(f"   {label:10}{text}", flush=True)

    def show(self, answer, status, calls):
        if calls is None:
            self.line("HRIS", "(the gateway logged nothing on it)")
        for call in calls or []:
            self.line("HRIS", f"{call.get('request')} -> {call.get('status')} "
                              f"({call.get('ms')} ms)")
        self.line("answered", f"HTTP {status}, statusCode {answer.get('statusCode')}, "
                              f"{answer.get('status')} {answer.get('errorCode') or ''}".rstrip())
        if answer.get("errorMsg"):
            self.line("", answer["errorMsg"])
        for name, value in answer.items():
            if name in COMMON or value in ([], "", None):
                continue
            text = json.dumps(value, ensure_ascii=False)
            self.line("", f"{name}: {text if len(text) <= WIDTH else text[:WIDTH - 3] + '...'}")

    # The steps

    def fetch_token(self):
        self.head("token", "caller genesys, with its client secret")
        headers, body = sign.token_request("genesys", sign.read_secret(self.secret("genesys")))
        status, answer = self.post("/v1/demo/token", body, headers)
        self.line("answered", f"HTTP {status}, {answer.get('token_type')}, "
                              f"expires in {answer.get('expires_in')} s")
        self.token = answer.get("access_token")
        if status != 200 or not self.token:
            raise Failed(f"no token: HTTP {status} {answer}")

    def action(self, name, members, by_signature, expect):
        """One call. expect names the member that must not be empty. Returns the answer."""
        path = "/v1/demo/" + name
        body = json.dumps(members).encode()
        if by_signature:
            who, headers = "caller signer, signed (RFC 9421)", self.signed(path, body)
        else:
            who, headers = "caller genesys, by token", sign.bearer(self.token)
        self.head(name, who)
        self.line("asked", f"POST {path} {json.dumps(members, ensure_ascii=False)}")
        status, answer = self.post(path, body, dict(headers, **{"Content-Type": "application/json"}))
        self.show(answer, status, self.hris_calls(answer.get("requestId")))
        good = (status == 200 and answer.get("statusCode") == 200
                and answer.get("status") == "Complete" and bool(answer.get(expect)))
        if not good:
            self.failed.append(name)
            self.line("FAILED", f"expected Complete, and {expect}")
        return answer

    def refused(self):
        self.head("get-agents", "nobody: no proof at all")
        status, answer = self.post("/v1/demo/get-agents", b"{}",
                                   {"Content-Type": "application/json"})
        self.line("answered", f"HTTP {status} {json.dumps(answer)}")
        if status != 401:
            self.failed.append("refusal")
            self.line("FAILED", "expected HTTP 401")

    def save_headers(self):
        """What the curl line reads, so that the token is on no command line."""
        path = self.secret("try.headers")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(f"Authorization: Bearer {self.token}\nContent-Type: application/json\n")

    def steps(self):
        self.fetch_token()
        self.save_headers()
        agents = self.action("get-agents", {}, False, "externalIds")
        types = self.action("get-timeoff-types", {}, True, "ids")
        if self.failed:
            return
        agent = agents["externalIds"][0]
        days = [day.isoformat() for day in two_days()]
        balance = self.action("get-balance", {
            "agentId": agent, "inputDates": ",".join(days),
            "inputTimeOffTypeIds": ",".join(types["ids"])}, False, "balanceMinutesPerDay")
        kind = enough_of(balance, days[-1])
        if self.failed or kind is None:
            self.failed.append("no type with a balance of two days")
            return
        wish = {"agentId": agent, "timeOffTypeId": kind, "timeOffStatus": "PENDING",
                "dates": ",".join(days), "payableMinutes": "480,480", "minDate": days[0],
                "maxDate": days[-1], "notes": "Two days at the lake"}
        done = self.action("insert-timeoff", wish, True, "timeOffRequestId")
        if self.failed:
            return
        self.action("update-timeoff", dict(
            wish, timeOffStatus="APPROVED", inputTimeOffRequestId=done["timeOffRequestId"]),
            False, "timeOffRequestId")
        self.refused()


def two_days():
    """Monday and Tuesday of the week after next."""
    today = datetime.date.today()
    monday = today + datetime.timedelta(days=14 - today.weekday())
    return [monday, monday + datetime.timedelta(days=1)]


def enough_of(balance, day):
    """The first type that has two days left at that date."""
    rows = zip(balance.get("dates", []), balance.get("timeOffTypeIds", []),
               balance.get("balanceMinutesPerDay", []))
    for date, kind, minutes in rows:
        if date == day and int(minutes) >= 960:
            return kind
    return None


def take(run):
    """True if every step went well."""
    print(f"A tour: Genesys Cloud's five questions to {run.base_url}, route demo; the HRIS is route "
          "sandbox\nof a second hrisgw, asked over HTTP as BambooHR is.")
    tour = Tour(run)
    try:
        tour.steps()
    finally:
        tour.log.close()
    if tour.failed:
        print("\nThe tour failed at: " + ", ".join(tour.failed), flush=True)
    return not tour.failed
