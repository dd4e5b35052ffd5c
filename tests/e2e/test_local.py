"""A route whose HRIS is the gateway's own (adapter local), through nginx: all five actions, balances exact to
the minute, a clerk who uses `hrisgw local` meanwhile, and a restart.
"""
import json
import os
import subprocess

import pytest

import fronts
from home import Caller, Home, side_by_side, wait_until

ROUTE = """\
adapter: local
day_minutes: 480
callers:
  signer:
    signature: [rfc9421]
    keys: {{k1: file:{dir}/secrets/{name}-k1}}
  plain:
    basic: file:{dir}/secrets/{name}-plain
  genesys:
    token: file:{dir}/secrets/{name}-genesys
"""
BOOKS = os.path.join(fronts.TOP, "conf", "local")
DAYS = ["2027-03-01", "2027-03-02"]
VACATION, SICK, PERSONAL, UNPAID = "1234"


class Shop(Home):
    """The books of conf/local behind nginx."""

    def __init__(self, hris):
        super().__init__(hris)
        os.unlink(self.dir + "/routes.d/acme.yaml")
        self.local_route("shop")
        for name in ("employees", "types", "grants"):
            with open(f"{BOOKS}/{name}.csv", encoding="utf-8") as file:
                # A copy, because the workers' user may not be able to read the clone.
                self.local("import", self.write(f"{name}.csv", file.read()))
        self.front = None

    def local_route(self, name):
        self.route(name)
        self.write(f"routes.d/{name}.yaml", ROUTE.format(dir=self.dir, name=name))

    def local(self, *arguments, code=0):
        done = subprocess.run([self.lib + "/hrisgw", "local", "--config", self.config, "--json",
                               *arguments], capture_output=True, text=True, timeout=60, check=False,
                              **fronts.as_worker())
        assert done.returncode == code, done.stderr
        return done.stdout

    def requests(self, employee):
        rows = json.loads(self.local("--employee", employee, "list", "requests"))
        return [(r["id"], r["status"], r["first"], r["last"], r["minutes"]) for r in rows]


@pytest.fixture(scope="module")
def shop(hris_server):
    out = Shop(hris_server)
    out.start()
    out.front = fronts.Front("nginx", out).start()
    yield out
    out.front.stop()
    code = out.stop()
    try:
        assert code == 0, out.log()[-3000:]
        out.check_reports()
    finally:
        out.remove()


@pytest.fixture(params=["rfc9421", "token"])
def each_form(shop, request):
    return Caller(shop, shop.front, request.param, route="shop")


@pytest.fixture
def call(shop, hris):
    """Also checks that no other HRIS is asked."""
    yield Caller(shop, shop.front, "basic", route="shop").call
    assert hris.asked == []


def complete(out, **more):
    assert (out["statusCode"], out["status"], out["errorCode"]) == (200, "Complete", ""), out
    assert {n: out[n] for n in more} == more, out
    return out


def failed(out, code, status_code=500, status="Error"):
    assert (out["errorCode"], out["statusCode"], out["status"]) == (code, status_code, status), out
    return out


def insert(agent, kind=VACATION, status="PENDING", days=DAYS, minutes=480, **more):
    return {"agentId": agent, "timeOffTypeId": kind, "timeOffStatus": status, "dates": days,
            "payableMinutes": [minutes] * len(days), "minDate": days[0], "maxDate": days[-1], **more}


def end(agent, request, status):
    return {"agentId": agent, "inputTimeOffRequestId": request, "timeOffStatus": status}


def balance(call, agent, kind=VACATION, day="2027-12-31"):
    out = complete(call("get-balance", {"agentId": agent, "inputDates": day, "inputTimeOffTypeIds": kind}))
    return int(out["balanceMinutesPerDay"][0])


def test_all_five_actions(shop, hris, each_form):
    call = each_form.call
    out = complete(call("get-agents", {}), count=10, skipped=1)
    assert dict(zip(out["externalIds"], out["emails"]))["5"] == "elif.yilmaz@example.com"
    assert not {"9", "10"} & set(out["externalIds"])
    complete(call("get-timeoff-types", {}), ids=["1", "2", "3", "4"],
             names=["Vacation", "Sick leave", "Personal days", "Unpaid leave"])
    before = balance(call, "8")
    made = complete(call("insert-timeoff", insert("8")), replayed=False)["timeOffRequestId"]
    assert balance(call, "8") == before - 960
    complete(call("update-timeoff", {**insert("8", status="APPROVED"), "inputTimeOffRequestId": made}),
             timeOffRequestId=made)
    assert shop.requests("8")[-1] == (made, "APPROVED", *DAYS, 960)
    complete(call("update-timeoff", end("8", made, "CANCELED")), timeOffRequestId=made)
    assert balance(call, "8") == before and hris.asked == []


def test_balances_by_date_and_type(call):
    out = complete(call("get-balance", {
        "agentId": "1", "inputDates": ["2026-12-31", "2027-01-31", "2027-06-30"],
        "inputTimeOffTypeIds": [VACATION, SICK, PERSONAL, UNPAID]}))
    found = dict(zip(zip(out["dates"], out["timeOffTypeIds"]), out["balanceMinutesPerDay"]))
    assert len(found) == 12 == len(out["dates"])
    # 160 h and 24 h brought forward; of them 40 h are carried, and 160 h granted anew.
    assert [found[d, VACATION] for d in out["dates"][::4]] == ["11040", "12000", "12000"]
    # 8 h a month and 36 h brought forward; at most 80 h are carried.
    assert [found[d, SICK] for d in out["dates"][::4]] == ["7920", str(88 * 60), str(128 * 60)]
    assert [found[d, PERSONAL] for d in out["dates"][::4]] == ["1440"] * 3
    assert [found[d, UNPAID] for d in out["dates"][::4]] == ["525600"] * 3


@pytest.mark.parametrize("status", ["PENDING", "APPROVED"])
def test_a_request_takes_its_minutes_from_its_day_on(call, shop, status):
    agent = {"PENDING": "2", "APPROVED": "3"}[status]
    before = [balance(call, agent, day=d) for d in ("2027-02-28", *DAYS)]
    made = complete(call("insert-timeoff", insert(agent, status=status, minutes=450, notes="the lake")))
    assert [balance(call, agent, day=d) for d in ("2027-02-28", *DAYS)] == [
        before[0], before[1] - 450, before[2] - 900]
    assert shop.requests(agent) == [(made["timeOffRequestId"], status, *DAYS, 900)]


def test_days_types_and_minutes_that_are_no_whole_hours(call, shop):
    before = balance(call, "4", PERSONAL)
    complete(call("insert-timeoff", insert("4", PERSONAL, days=["2027-05-03"], minutes=240)))
    assert balance(call, "4", PERSONAL) == before - 240
    before = balance(call, "4", SICK)
    complete(call("insert-timeoff", insert("4", SICK, days=["2027-05-04"], minutes=7)))
    assert balance(call, "4", SICK) == before - 7
    complete(call("insert-timeoff", insert("4", UNPAID, days=["2027-05-05"])))
    assert balance(call, "4", UNPAID) == 525600
    assert [r[-1] for r in shop.requests("4")] == [240, 7, 480]


def test_over_the_balance(call, shop):
    have = balance(call, "12", PERSONAL, "2027-07-05")
    days = [f"2027-07-{d:02}" for d in range(5, 5 + have // 480 + 1)]
    out = failed(call("insert-timeoff", insert("12", PERSONAL, days=days)), "HRIS.INSUFFICIENT_BALANCE", 200,
                 "InsufficientBalance")
    assert str(have) in out["errorMsg"] and shop.requests("12") == []
    complete(call("insert-timeoff", insert("12", PERSONAL, days=days, overrideBalanceCheck="true")))
    assert balance(call, "12", PERSONAL, "2027-07-31") == have - 480 * len(days) < 0


def test_a_request_changes_its_days_under_one_id(call, shop):
    before = balance(call, "6")
    made = complete(call("insert-timeoff", insert("6")))["timeOffRequestId"]
    for status, days in (("PENDING", ["2027-03-02", "2027-03-03", "2027-03-05"]),
                         ("APPROVED", ["2027-03-08"]), ("APPROVED", DAYS), ("PENDING", DAYS)):
        complete(call("update-timeoff", {**insert("6", status=status, days=days),
                                         "inputTimeOffRequestId": made}), timeOffRequestId=made)
        assert shop.requests("6") == [(made, status, days[0], days[-1], 480 * len(days))]
        assert balance(call, "6") == before - 480 * len(days)


def test_what_is_denied_or_cancelled_stays_so(call, shop):
    for status in ("DENIED", "CANCELED"):
        made = complete(call("insert-timeoff", insert("7")))["timeOffRequestId"]
        for again in (status, "CANCELED", "DENIED"):
            complete(call("update-timeoff", end("7", made, again)), timeOffRequestId=made)
        out = failed(call("update-timeoff", {**insert("7", status="APPROVED"),
                                             "inputTimeOffRequestId": made}), "HRIS.CONFLICT")
        assert out["timeOffRequestId"] == made
        assert shop.requests("7")[-1][:2] == (made, status)


@pytest.mark.parametrize("agent, request_id, code", [
    ("1", "777", "HRIS.NOT_FOUND"), ("1", "abc", "HRIS.NOT_FOUND"), ("99", "1", "HRIS.NOT_FOUND")])
def test_what_is_not_there_is_not_changed(call, agent, request_id, code):
    for body in (end(agent, request_id, "CANCELED"), end(agent, request_id, "DENIED"),
                 {**insert(agent), "inputTimeOffRequestId": request_id}):
        out = failed(call("update-timeoff", body), code)
        assert out["timeOffRequestId"] == request_id


def test_another_agents_request_is_not_touched(call, shop):
    made = complete(call("insert-timeoff", insert("1", days=["2027-09-01"])))["timeOffRequestId"]
    failed(call("update-timeoff", end("2", made, "CANCELED")), "HRIS.NOT_FOUND")
    assert (made, "PENDING") in [r[:2] for r in shop.requests("1")]


def test_unknown_agents_and_types(call):
    for body in (insert("99", status="APPROVED"), insert("10", status="APPROVED"),
                 insert("1", "9", status="APPROVED")):
        out = call("insert-timeoff", body)
        assert out["statusCode"] == 500 and out["errorCode"].startswith(("HRIS.", "INPUT.")), out
        assert out["timeOffRequestId"] == ""
    assert call("get-balance", {"agentId": "99", "inputDates": DAYS[0],
                                "inputTimeOffTypeIds": "1"})["status"] == "Error"


def test_a_day_has_24_hours_whoever_comes_first(call, shop):
    """Eight at once for eight hours of one day: three fit."""
    day = ["2027-10-04"]
    answers = side_by_side(lambda i: call("insert-timeoff", {
        **insert("5", UNPAID, "APPROVED", day), "startDateTimes": [f"2027-10-04T0{i}:00:00"]}), 8)
    good = [a["timeOffRequestId"] for a in answers if a["status"] == "Complete"]
    busy = [a for a in answers if a["errorCode"] == "GATEWAY.BUSY"]
    assert len(set(good)) == len(good) == min(3, 8 - len(busy)), answers
    assert sum(r[-1] for r in shop.requests("5")) == 480 * len(good)


def test_a_clerk_works_on_the_same_books(call, shop):
    made = complete(call("insert-timeoff", insert("11")))["timeOffRequestId"]
    shop.local("approve", made)
    assert shop.requests("11") == [(made, "APPROVED", *DAYS, 960)]
    before = balance(call, "11")
    shop.local("deny", made)
    assert balance(call, "11") == before + 960
    shop.local("add", "employee", "id=13", "email=mia@example.com", "name=Mia", "hired=2026-11-01")
    try:
        assert "13" in complete(call("get-agents", {}))["externalIds"]
        assert balance(call, "13") > 0
    finally:
        shop.local("deactivate", "13")
    assert "13" not in complete(call("get-agents", {}))["externalIds"]


def test_what_was_written_outlives_a_restart(shop, hris):
    caller = Caller(shop, shop.front, "basic", route="shop")
    days = ["2027-11-01", "2027-11-02"]
    made = complete(caller.call("insert-timeoff", insert("3", days=days, status="APPROVED")))[
        "timeOffRequestId"]
    rows, left = shop.requests("3"), balance(caller.call, "3")
    os.killpg(shop.process.pid, 9)
    shop.process.wait()
    shop.start()
    assert shop.requests("3") == rows and (made, "APPROVED", *days, 960) in rows
    assert balance(caller.call, "3") == left
    shop.stop()
    shop.start()
    again = complete(caller.call("insert-timeoff", insert("3", days=["2027-11-08"])))["timeOffRequestId"]
    assert int(again) > int(made)
    complete(caller.call("update-timeoff", end("3", made, "CANCELED")))


def test_a_second_shop_has_books_of_its_own(shop, hris):
    shop.local_route("kiosk")
    caller = Caller(shop, shop.front, "basic", route="kiosk")
    try:
        wait_until(lambda: caller.send("get-timeoff-types", {}).status == 200)
        # An empty list would unlink every agent, so it is an error.
        failed(caller.call("get-agents", {}), "HRIS.EMPTY")
        shop.local("kiosk", "add", "employee", "id=1", "email=kim@example.com")
        complete(caller.call("get-agents", {}), emails=["kim@example.com"])
        assert len(Caller(shop, shop.front, "basic", route="shop").call("get-agents", {})["emails"]) == 10
    finally:
        os.unlink(shop.dir + "/routes.d/kiosk.yaml")


def test_the_books_are_for_their_owner_alone(shop):
    folder = shop.dir + "/state/local"
    for name in os.listdir(folder):
        assert os.stat(f"{folder}/{name}").st_mode & 0o077 == 0, name
    assert os.stat(folder).st_mode & 0o077 == 0
