"""The ledger as an administrator meets it: its files, what /-/ready, the log and `check` say when they do not agree,
how that heals, and `hrisgw ledger`.
"""
import json
import os
import sqlite3
import stat
import subprocess
import time

import pytest

import fronts
import ledger_kit
import sign
from home import Home, wait_until
from mock_hris import answer

LISTED = r"/time_off/requests"
DAY_MS = 86_400_000


class Place(Home):
    """A gateway without a web server before it."""

    def ready(self):
        out = self.fcgi("/-/ready", method="GET")
        assert out.status == 200
        return json.loads(out.body)

    def run(self, *arguments):
        done = subprocess.run([self.lib + "/hrisgw", *arguments, "--config", self.config], capture_output=True,
                              text=True, timeout=60, check=False, **fronts.as_worker())
        return done.returncode, done.stdout, done.stderr

    def ledger(self, *arguments):
        return self.run("ledger", *arguments)

    def put(self, **row):
        if not os.path.exists(self.state("ledger.key")):
            self.ledger("list")
        return ledger_kit.put(self.dir + "/state", **row)

    def types(self):
        return self.run("call", "acme", "get-timeoff-types")

    def state(self, name):
        return os.path.join(self.dir, "state", name)


@pytest.fixture
def place(hris):
    out = Place(hris)
    yield out
    out.stop()
    try:
        out.check_reports()
    finally:
        out.remove()


def signed(place):
    body = b"{}"
    proof = sign.rfc9421(place.key(), "k1", "POST", "https://gateway.example/v1/acme/get-timeoff-types", body)
    return place.fcgi("/v1/acme/get-timeoff-types", body, headers=proof).status


@pytest.mark.parametrize("verb, status", [
    (["list"], 200), (["new"], 200), (["verify"], 200), (["new", "--look-until", "2027-12-31"], 401)],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_a_verb_before_the_first_start_loses_no_nonce(place, verb, status):
    """None was spent, unless it says that there was a ledger: then nobody knows."""
    assert place.ledger(*verb)[0] == 0
    place.start()
    assert signed(place) == status
    assert ("ten minutes" in place.log()) == (status == 401)


def test_plain_cgi_alone_knows_that_there_was_a_state_db(place):
    """As the ledger's key is there since its first call."""
    target, body = "/v1/acme/get-timeoff-types", b"{}"

    def status():
        proof = sign.rfc9421(place.key(), "k1", "POST", "https://gateway.example" + target, body)
        return place.cgi(target, body, headers=proof).status

    assert status() == 200
    os.unlink(place.state("state.db"))
    assert status() == 401


def test_the_first_start_makes_both(place):
    assert place.run("check")[0] == 0 and not os.path.exists(place.state("ledger.db"))
    place.start()
    for name in ("ledger.db", "ledger.key"):
        assert stat.S_IMODE(os.stat(place.state(name)).st_mode) == 0o600
    ready = place.ready()
    assert ready["status"] == "ready" and ready["ledger"]["unknown"] == 0
    assert ready["ledger"]["oldestOpenSeconds"] == 0
    place.put(agent="4", begun_ms=time.time_ns() // 1_000_000 - 3_600_000)
    ready = place.ready()
    assert ready["ledger"]["unknown"] == 1 and 3600 <= ready["ledger"]["oldestOpenSeconds"] < 4000
    assert place.run("check")[0] == 0


@pytest.mark.parametrize("name, said", [("ledger.db", "ledger.key is there, but"),
                                        ("ledger.key", "after a restart every write is refused")])
def test_one_that_goes_while_the_gateway_runs(place, name, said):
    """It is said while what is open can still be copied, and before anybody writes."""
    place.start()
    assert place.ready()["faults"] == []
    os.rename(place.state(name), place.state("away"))
    assert [f for f in place.ready()["faults"] if said in f]
    wait_until(lambda: said in place.log())
    os.rename(place.state("away"), place.state(name))
    wait_until(lambda: place.ready()["faults"] == [])


@pytest.mark.parametrize("name", ["ledger.db", "ledger.key"])
def test_one_without_the_other_is_told_and_healed(place, name):
    place.start()
    place.stop()
    os.unlink(place.state(name))
    place.start()
    ready = place.ready()
    assert ready["status"] == "faults" and "ledger" not in ready
    assert [f for f in ready["faults"] if "hrisgw ledger new --look-until DATE" in f] == ready["faults"]
    assert "hrisgw ledger new --look-until DATE" in place.log() and '"event":"ledger"' in place.log()
    code, out, _ = place.run("check")
    assert code == 1 and "hrisgw ledger new --look-until DATE" in out
    assert place.types()[0] == 0, "reads go on"
    code, _, err = place.ledger("list")
    assert code == 1 and "hrisgw ledger new" in err
    assert place.ledger("new")[0] == 2, "it must be said how far its requests may reach"
    assert place.ledger("new", "--look-until", "2027-12-31")[0] == 0
    wait_until(lambda: place.ready()["status"] == "ready")
    assert place.run("check")[0] == 0


def test_a_restored_backup_is_noticed_by_the_anchor(place):
    place.write("lib/hrisgw.yaml", open(place.config, encoding="utf-8").read() + f"anchor: {place.dir}/run/anchor\n")
    place.start()
    place.put(agent="4")
    place.stop()
    with open(place.state("ledger.db"), "rb") as file:
        backup = file.read()
    n = place.put(agent="5", type="78", days="2026-12-01 none 480")
    # A write of the gateway's own, after which the anchor knows of both.
    assert place.ledger("resolve", str(n), "--not-written", "--force")[0] == 0
    with open(place.state("ledger.db"), "wb") as file:
        file.write(backup)
    place.start()
    assert any("the last writes are missing" in fault for fault in place.ready()["faults"])
    assert "the last writes are missing" in place.ledger("verify")[2]


def test_an_anchor_within_state_dir_is_a_fault(place):
    place.write("lib/hrisgw.yaml", open(place.config, encoding="utf-8").read() + f"anchor: {place.dir}/state/anchor\n")
    code, out, err = place.run("check")
    assert code == 1 and "anchor must lie outside of state_dir" in out + err


def test_list_and_show(place):
    now_ms = time.time_ns() // 1_000_000
    assert place.ledger("list") == (0, "none\n", "")
    open_row = place.put(agent="4", days="2026-12-01 none 480", begun_ms=now_ms - 3_600_000)
    place.put(agent="5", state="done")
    different = place.put(agent="6", state="different", key=b"\xab" * 32)
    code, out, _ = place.ledger("list", "--json")
    assert code == 0 and [row["n"] for row in json.loads(out)] == [open_row, different]
    code, out, _ = place.ledger("list")
    assert code == 0 and "resolve --written ID" in out and "2026-12-01 none 480" in out
    assert [row["n"] for row in json.loads(place.ledger("list", "--open", "--json")[1])] == [open_row]
    assert [row["n"] for row in json.loads(place.ledger("list", "--different", "--json")[1])] == [different]
    code, out, _ = place.ledger("list", "--older", "15m", "--json")
    assert code == 1 and [row["n"] for row in json.loads(out)] == [open_row]
    assert place.ledger("list", "--older", "2h")[0] == 0
    assert place.ledger("list", "--older", "soon")[0] == 2
    code, out, _ = place.ledger("show", "abababab", "--json")
    assert code == 0 and json.loads(out)["n"] == different and json.loads(out)["agent"] == "6"
    assert "state              unknown" in place.ledger("show", str(open_row))[1]
    assert place.ledger("show", "99")[0] == 1 and place.ledger("show", "abc")[0] == 2
    assert place.ledger("show", "00010203")[0] == 1, "two rows have that key"


def row_of(place, n):
    return json.loads(place.ledger("show", str(n), "--json")[1])


HELD = {"id": "1348", "employeeId": "4", "status": {"status": "approved"}, "start": "2026-12-01", "end": "2026-12-02",
        "type": {"id": "78"}, "amount": {"unit": "hours", "amount": "16"},
        "dates": {"2026-12-01": "8", "2026-12-02": "8"}, "notes": []}
TWO_DAYS = {"agent": "4", "type": "78", "days": "2026-12-01 none 480;2026-12-02 none 480", "minutes": 960,
            "first_day": 20788, "last_day": 99999, "wanted": "APPROVED"}


def test_resolve_looks_the_id_up(place, hris):
    n = place.put(agent="4", type="78", days="2026-12-01 none 480;2026-12-02 none 480", first_day=20788, last_day=20789)
    for change, word in (({"id": "7"}, "shows no request 1348"), ({"employeeId": "5"}, "is not agent 4's"),
                         ({"type": {"id": "79"}}, "is of type 79"),
                         ({"end": "2026-12-01", "dates": {"2026-12-01": "8"}}, "for other days"),
                         ({"status": {"status": "canceled"}}, "is CANCELED")):
        hris.on("GET", LISTED, answer([HELD | change]))
        code, _, err = place.ledger("resolve", str(n), "--written", "1348")
        assert code == 1 and word in err, (change, err)
        assert row_of(place, n)["state"] == "unknown"
    hris.on("GET", LISTED, answer([HELD]))
    assert place.ledger("resolve", str(n), "--written", "1348")[0] == 0
    row = row_of(place, n)
    assert (row["state"], row["request"], row["verified"]) == ("done", "1348", True)
    # A done one too, when a person knows better.
    assert place.ledger("resolve", str(n), "--not-written")[0] == 0
    assert row_of(place, n)["state"] == "refused"
    assert place.ledger("resolve", str(n), "--written", "77", "--force")[0] == 0
    row = row_of(place, n)
    assert (row["state"], row["request"], row["verified"]) == ("done", "77", False)
    assert place.ledger("verify")[0] == 0 and hris.writes == []


@pytest.mark.parametrize("row, held, state", [
    ({"state": "unknown", "request": "1348"}, {}, "done"),
    ({"state": "done", "request": "1348"}, {}, "done"),
    ({"state": "different", "request": "1348"}, {}, "done"),
    ({"state": "not-approved", "request": "1348"}, {}, "done"),
    ({"state": "not-approved", "request": "1348"}, {"status": {"status": "denied"}}, "ended"),
    ({"state": "done", "request": "1348"}, {"dates": {"2026-12-01": "8", "2026-12-02": "4"},
                                            "amount": {"unit": "hours", "amount": "12"}}, "different"),
    ({"state": "done", "request": "7"}, {}, "done"),        # not shown, and the look-up is not consistent
    ({"op": "cancel", "state": "done", "before": "1348", "request": "1348", "wanted": "CANCELED"},
     {"status": {"status": "canceled"}}, "done"),
], ids=str)
def test_reconcile_looks_and_writes_nothing(place, hris, row, held, state):
    hris.on("GET", LISTED, answer([HELD | held]))
    n = place.put(**TWO_DAYS | row)
    assert place.ledger("reconcile")[0] == 0
    after = row_of(place, n)
    assert after["state"] == state and after["verified"] == (state == "done" and row["request"] == "1348")
    assert hris.writes == [] and place.ledger("verify")[0] == 0


def test_reconcile_finds_a_lost_insert_by_its_marker(place, hris):
    n = place.put(**TWO_DAYS)
    marker = row_of(place, n)["marker"]
    hris.on("GET", LISTED, answer([HELD | {"notes": {"employee": marker}}]))
    code, out, _ = place.ledger("reconcile", "--json")
    assert code == 0
    assert [(row["state"], row["now"], row["request"]) for row in json.loads(out)] == [("unknown", "done", "1348")]
    assert place.ledger("reconcile") == (0, "none\n", "")
    for name in (marker, marker[len("[hrisgw "):-1]):
        assert json.loads(place.ledger("show", name, "--json")[1])["n"] == n


def test_reconcile_says_what_it_could_not_look_at(place, hris):
    hris.on("GET", LISTED, answer({}, 500))
    n, gone = place.put(**TWO_DAYS, request="1348"), place.put(**TWO_DAYS | {"agent": "9"}, request="2", route="gone")
    code, _, err = place.ledger("reconcile")
    assert code == 1 and f"row {n}: HRIS.UNAVAILABLE" in err and f"row {gone}: ROUTE.BROKEN" in err
    assert row_of(place, n)["state"] == "unknown"


def test_what_ended_in_the_hris_is_listed_until_wfm_follows(place, hris):
    held = HELD | {"status": {"status": "denied"}}
    hris.on("GET", LISTED, answer([held]))
    n = place.put(**TWO_DAYS, state="done", request="1348")
    place.put(**TWO_DAYS | {"last_day": 20789 - 400}, state="done", request="1349")     # that leave is past
    code, out, _ = place.ledger("list", "--ended", "--json")
    assert code == 0 and [(row["n"], row["now"], row["request"]) for row in json.loads(out)] == [(n, "DENIED", "1348")]
    hris.on("GET", LISTED, answer([]))
    assert "not shown" in place.ledger("list", "--ended")[1]
    assert row_of(place, n)["state"] == "done" and hris.writes == []
    hris.on("GET", LISTED, answer([held]))
    place.put(**TWO_DAYS | {"op": "cancel", "wanted": "CANCELED", "days": ""}, state="done", before="1348",
              request="1348")
    assert place.ledger("list", "--ended") == (0, "none\n", "")


def test_accepted_differences_are_listed_as_different(place):
    n = place.put(agent="4", state="done", recorded_minutes=480)
    place.put(agent="4", state="done")
    assert [row["n"] for row in json.loads(place.ledger("list", "--different", "--json")[1])] == [n]
    assert "the route accepts" in place.ledger("list", "--different")[1]


def test_resolve_waits_for_what_may_still_arrive(place):
    n = place.put(agent="4", quiet_ms=time.time_ns() // 1_000_000 + 3_600_000)
    code, _, err = place.ledger("resolve", str(n), "--not-written")
    assert code == 1 and "may still arrive" in err
    assert place.ledger("resolve", str(n), "--not-written", "--force")[0] == 0
    assert place.ledger("resolve", str(n))[0] == 2
    assert place.ledger("resolve", str(n), "--written", "1", "--not-written")[0] == 2


def test_verify_and_prune(place):
    now_ms = time.time_ns() // 1_000_000
    place.ledger("list")
    old = place.put(agent="4", state="done", begun_ms=now_ms - 401 * DAY_MS, last_day=now_ms // DAY_MS - 91)
    young = place.put(agent="5", state="done", last_day=now_ms // DAY_MS)
    code, out, _ = place.ledger("verify")
    assert code == 0 and "2 rows, 2 links" in out and "no anchor" in out
    assert place.ledger("prune") == (0, "1 rows removed\n", "")
    assert place.ledger("show", str(old))[0] == 1 and place.ledger("show", str(young))[0] == 0
    assert place.ledger("verify")[0] == 0
    assert place.ledger("prune", "--agent", "5")[1] == "1 rows removed\n"
    assert place.ledger("prune", "--json") == (0, '{"removed":0,"kept":0}\n', "")
    assert place.ledger("verify")[0] == 0
    n = place.put(agent="6")
    db = sqlite3.connect(place.state("ledger.db"))
    with db:
        db.execute("UPDATE intents SET agent = '7' WHERE n = ?", (n,))
    db.close()
    code, out, _ = place.ledger("verify", "--json")
    assert code == 1 and json.loads(out)["faults"] == [f"row {n} was changed"]
