"""SIGHUP, which `systemctl reload` sends: what can be read again is in force at once, and the log says what is not."""
import json
import os
import signal

import sign
from home import CONFIG, wait_until


def hang_up(home):
    home.process.send_signal(signal.SIGHUP)


def events(home, event):
    lines = [json.loads(line) for line in home.log().splitlines() if line.startswith("{")]
    return [line.get("text") for line in lines if line["event"] == event]


def ask(home, secret):
    return home.fcgi("/v1/acme/get-timeoff-types", b"{}", headers=sign.basic("plain", secret)).status


def test_a_secret_and_a_route_count_at_once(own_home, hris):
    """Files that are younger than the second for which others are waited for."""
    own_home.start()
    before = own_home.read_secret("acme-plain")
    assert ask(own_home, before) == 200
    after = own_home.secret("acme-plain")
    own_home.write("routes.d/late.yaml", open(own_home.dir + "/routes.d/acme.yaml", encoding="utf-8").read())
    hang_up(own_home)
    wait_until(lambda: "late" in events(own_home, "route loaded"))
    assert ask(own_home, after) == 200 and ask(own_home, before) == 401
    os.unlink(own_home.dir + "/routes.d/late.yaml")
    hang_up(own_home)
    wait_until(lambda: events(own_home, "route removed") == ["late"])


def test_the_main_file(own_home, hris):
    text = CONFIG.format(dir=own_home.dir, deadline=5)
    own_home.start()
    secret = own_home.read_secret("acme-plain")
    own_home.write("lib/hrisgw.yaml", text + "log: {level: warning}\nmemory: 128\n")
    hang_up(own_home)

    def is_quiet():
        n = len(events(own_home, "request"))
        assert ask(own_home, secret) == 200
        return len(events(own_home, "request")) == n
    wait_until(is_quiet)
    assert events(own_home, "config") == []
    # What needs a restart is said.
    own_home.write("lib/hrisgw.yaml", text.replace("workers: 2", "workers: 3").replace("deadline: 5s", "deadline: 6s"))
    hang_up(own_home)
    wait_until(lambda: len(events(own_home, "config")) == 2)
    assert events(own_home, "config") == [f"{key} changed: it counts after a restart" for key in ("workers", "deadline")]
    assert not is_quiet()
    # A fault is said, and what was read before stays.
    own_home.write("lib/hrisgw.yaml", text + "log: {level: error}\ncolour: red\n")
    hang_up(own_home)
    wait_until(lambda: len(events(own_home, "config")) == 3)
    assert "colour" in events(own_home, "config")[-1] and not is_quiet()


def test_the_log_file_of_another_name(own_home, hris):
    text = CONFIG.format(dir=own_home.dir, deadline=5)
    first, second = (f"{own_home.dir}/run/{n}.jsonl" for n in ("first", "second"))
    own_home.write("lib/hrisgw.yaml", text + f"log: {{file: {first}}}\n")
    own_home.start()
    secret = own_home.read_secret("acme-plain")
    assert ask(own_home, secret) == 200 and os.path.getsize(first) > 0
    own_home.write("lib/hrisgw.yaml", text + f"log: {{file: {second}}}\n")
    hang_up(own_home)
    wait_until(lambda: os.path.exists(second))
    size = os.path.getsize(first)
    assert ask(own_home, secret) == 200
    wait_until(lambda: os.path.getsize(second) > 0)
    assert os.path.getsize(first) == size
