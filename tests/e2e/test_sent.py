"""What callers send that other gateways stumble over, through each web server."""
import json

import sign


def test_whole_url_as_request_target(home, hris, front):
    """RFC 9112, section 3.2.2: a server must take it."""
    host = f"localhost:{front.port}"
    url = f"https://{host}/v1/acme/get-timeoff-types"
    proof = sign.rfc9421(home.key(), "k1", "POST", url, b"{}")
    lines = [f"POST {url} HTTP/1.1", f"Host: {host}", "Content-Type: application/json", "Content-Length: 2",
             "Connection: close", *(f"{n}: {v}" for n, v in proof.items())]
    answer = front.raw(("\r\n".join(lines) + "\r\n\r\n{}").encode())
    assert answer.status == 200, answer
    assert json.loads(answer.body)["status"] == "Complete"


def test_status_line(home, hris):
    """RFC 3875, section 6.3.3: a code, a blank, a phrase."""
    proof = sign.basic("plain", home.read_secret("acme-plain"))
    target = "/v1/acme/get-timeoff-types"
    for answer in (home.fcgi(target, b"{}", headers=proof), home.cgi(target, b"{}", headers=proof)):
        assert answer.headers["status"] == "200 OK"
    for method, path, line in (("GET", target, "405 Method Not Allowed"), ("POST", "/x", "404 Not Found"),
                               ("POST", target, "401 Unauthorized")):
        assert home.fcgi(path, b"{}", method=method).headers["status"] == line


def test_variable_without_value_is_no_note(home, hris, caller):
    """On an action and on the face it would otherwise be written as somebody's note."""
    out = caller.call("insert-timeoff", {
        "agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "dates": "2026-12-28",
        "payableMinutes": "480", "notes": "${input.notes}", "idempotencyKey": "$!{input.key}"})
    assert out["status"] == "Complete", out
    assert len(hris.writes) == 1 and b"input" not in hris.writes[0].body
    out = caller.call("insert-timeoff", {
        "agentId": "7", "timeOffTypeId": "78", "timeOffStatus": "APPROVED", "dates": "2026-12-28",
        "payableMinutes": "${input.minutes}"})
    assert out["errorMsg"] == ("payableMinutes or averageMinutesPerDay is required; "
                               "the body holds the name of a variable that has no value")
