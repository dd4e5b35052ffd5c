"""`make run` as a newcomer meets it: the tour, its exit code, run.json, the curl line, and an end that leaves
nothing running."""
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys

import pytest

import fronts
import home as homes

ODD = "it's a $folder, #1: x"       # special in YAML, nginx or a shell
ACTIONS = ("get-agents", "get-timeoff-types", "get-balance", "insert-timeoff", "update-timeoff")


def start(folder, top=fronts.TOP, **more):
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(folder), **more}
    return subprocess.Popen(
        [sys.executable, "-B", os.path.join(top, "tests", "tools", "run.py"), "--binary", homes.BINARY],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment, start_new_session=True)


def run(folder, **more):
    process = start(folder, **more)
    output = process.communicate()[0]
    return process.returncode, output


@pytest.fixture
def up(tmp_path):
    """A run that stays up: (process, what it printed, run.json)."""
    process = start(tmp_path / ODD)
    output = ""
    try:
        for line in process.stdout:
            output += line
            if "Ctrl-C ends it" in line:
                break
        assert "Ctrl-C ends it" in output, output
        yield process, output, json.loads((tmp_path / ODD / "run.json").read_text())
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate()


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_tour_shows_who_called_what_was_asked_and_what_came_back(tmp_path):
    code, output = run(tmp_path / ODD, TOUR_ONLY="1")
    assert code == 0, output
    steps = dict(re.findall(r"^\d\. (\S+)   (caller .*(?:\n .*)*)", output, re.M))
    assert set(ACTIONS) < set(steps), output
    for action in ACTIONS:
        assert re.search(rf"^   asked     POST /v1/demo/{action} \{{", steps[action], re.M)
        assert re.search(r"^   HRIS      (GET|PUT) /\S+ -> 20[01] ", steps[action], re.M)
        assert "   answered  HTTP 200, statusCode 200, Complete" in steps[action]
    assert not (tmp_path / ODD / "run.json").exists()


def test_a_step_that_fails_sets_the_exit_code(tmp_path):
    top = tmp_path / "top"
    for part in ("tests/tools", "conf"):
        shutil.copytree(os.path.join(fronts.TOP, part), top / part)
    adapter = top / "conf" / "adapters" / "bamboohr.yaml"
    adapter.write_text(adapter.read_text().replace("/time_off/calculator", "/time_off/abacus"))
    code, output = run(tmp_path / "run", top=str(top), TOUR_ONLY="1")
    assert code == 1 and "The tour failed at: get-balance" in output, output


def test_run_json_names_what_scripts_need(up):
    process, _, run_json = up
    assert run_json["pids"]["run"] == process.pid and all(map(is_running, run_json["pids"].values()))
    assert set(run_json["routes"]) == {"demo", "sandbox"}
    for route in run_json["routes"].values():
        for caller in route["callers"].values():
            assert os.stat(caller["secret_file"]).st_mode & 0o777 == 0o600


def test_the_curl_line_works_as_it_is_printed(up):
    _, output, run_json = up
    line = re.search(r"^Try:\n  (curl .*)$", output, re.M).group(1)
    assert line.endswith(run_json["base_url"] + "/v1/demo/get-agents")
    assert f"'{run_json['headers_file']}'" not in line and shlex.split(line)[3] == "@" + run_json["headers_file"]
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["status"] == "Complete"


def test_a_second_run_needs_a_folder_of_its_own(up, tmp_path):
    _, _, run_json = up
    code, output = run(tmp_path / ODD, TOUR_ONLY="1")
    assert code == 1 and f"a run is up in {tmp_path / ODD} already ({run_json['base_url']}" in output
    code, output = run(tmp_path / "another", TOUR_ONLY="1")
    assert code == 0, output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_end_leaves_nothing_running(up, number):
    process, _, run_json = up
    if number == signal.SIGINT:
        os.killpg(process.pid, number)      # as Ctrl-C does
    else:
        process.send_signal(number)
    assert process.wait() == 0
    assert not any(map(is_running, run_json["pids"].values()))
    assert not os.path.exists(os.path.dirname(run_json["sockets"]["gateway"]))


def test_a_port_that_is_taken_is_reported(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, output = run(tmp_path / "run", PORT=str(taken.getsockname()[1]), TOUR_ONLY="1")
    assert code == 1 and "cannot listen on port" in output and "Traceback" not in output


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("precious")
    code, output = run(tmp_path, TOUR_ONLY="1")
    assert code == 1 and "set RUN_DIR to another folder" in output
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
