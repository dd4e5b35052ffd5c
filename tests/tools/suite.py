"""
suite.py: runs the parts of `make test` (unit, adapter, e2e, fuzz) and of `make torture`, shows what failed
in full, and ends on one line of counts. It builds nothing; the Makefile did.

    suite.py --build build/release unit adapter e2e fuzz

A program that crashes, hangs, or runs no test counts as one failure. What a test skips it says
aloud, in a line with the word SKIPPED, and those lines are shown.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

# Of a release build; three times as long in a build with sanitizers or coverage.
PROGRAM_S = 180         # one test program
E2E_S = 1500            # pytest as a whole
TORTURE_S = 7200        # what is played in part by make test, whole
TORTURE = [f"tests/e2e/test_ledger_{name}.py" for name in ("matrix", "concurrency", "kill", "disk", "memory")]
TORTURE.append("tests/e2e/test_openapi.py")     # from the network, and minutes
TORTURE_UNIT = "hris/test_simulation"
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Counts:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(command, seconds, env=None):
    """Returns exit code and output; kills the process group at the time-out."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, start_new_session=True,
                               env=dict(os.environ, **SANITIZERS, **(env or {})))
    try:
        output = process.communicate(timeout=seconds)[0]
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output = process.communicate()[0] + f"\nstopped after {seconds} s\n".encode()
        code = -signal.SIGKILL
    return code, output.decode("utf-8", "replace")


def report(name, code, output, counts, started):
    """Prints one line for a program, and its output if it failed."""
    if code != 0 and counts.failed == 0:
        counts.failed += 1
    if counts.passed + counts.failed + counts.skipped == 0:
        output += "\nit ran no test\n"
        counts.failed += 1
    print(f"  {name:32} {counts}  ({time.monotonic() - started:.1f} s)", flush=True)
    if counts.failed:
        print(f"----- {name}: exit {code}\n{output.rstrip()}\n-----", flush=True)
    else:
        for line in dict.fromkeys(re.findall(r".*\bSKIPPED\b.*", output)):
            if "TEST(S)" not in line and not line.startswith("[  SKIPPED ]"):
                print(f"    {line.strip()}")
    return counts


def count_cmocka(output):
    total = Counts()
    for line in output.splitlines():
        found = re.match(r"\[  (PASSED|SKIPPED|FAILED) *\] (\d+) test\(s\)", line)
        if found:
            word = found.group(1).lower()
            setattr(total, word, getattr(total, word) + int(found.group(2)))
    return total


def limit_s(build, seconds):
    return seconds if os.path.basename(build) == "release" else 3 * seconds


def unit_one(program):
    started = time.monotonic()
    build, name = program.split("/unit/")
    code, output = run([program], limit_s(build, PROGRAM_S))
    return name, code, output, count_cmocka(output), started


def fuzz_one(program):
    """The corpus, then a bounded number of inputs made from it; new ones are thrown away."""
    name = os.path.basename(program)
    corpus = os.path.join("tests/fuzz/corpus", name[len("fuzz_"):])
    started = time.monotonic()
    scratch = tempfile.mkdtemp(prefix="hrisgw-fuzz-")
    dictionary = corpus + ".dict"
    try:
        command = [os.path.abspath(program), "-runs=" + os.environ.get("FUZZ_RUNS", "20000"),
                   "-seed=1", "-timeout=10", "-rss_limit_mb=2048", "-max_total_time=20",
                   "-print_final_stats=1", "-artifact_prefix=build/fuzz/"]
        command += ["-dict=" + dictionary] if os.path.exists(dictionary) else []
        command += [scratch] + ([corpus] if os.path.isdir(corpus) else [])
        code, output = run(command, PROGRAM_S)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    done = re.search(r"number_of_executed_units: *(\d+)", output)
    good = code == 0 and done is not None and int(done.group(1)) > 0
    return name, code, output, Counts(passed=int(good), failed=int(not good)), started


def side_by_side(one, programs):
    total = Counts()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for future in concurrent.futures.as_completed([pool.submit(one, p) for p in programs]):
            total.add(report(*future.result()))
    return total


def sources(folder, prefix):
    """Names of its programs, below the folder."""
    names = sorted(glob.glob(f"tests/{folder}/**/{prefix}_*.c", recursive=True))
    return [os.path.relpath(os.path.splitext(n)[0], f"tests/{folder}") for n in names]


def unit(build):
    return side_by_side(unit_one, [f"{build}/unit/{n}" for n in sources("unit", "test")])


def fuzz(build):
    return side_by_side(fuzz_one, [f"build/fuzz/{n}" for n in sources("fuzz", "fuzz")])


def adapter(build):
    """Each adapter file with the cases beside it; the program counts them in its last line."""
    total = Counts()
    for path in sorted(glob.glob("conf/adapters/*.yaml")):
        if path.endswith(".test.yaml"):
            continue
        started = time.monotonic()
        code, output = run([f"{build}/hrisgw", "adapter", "test", path], PROGRAM_S)
        found = re.search(r"(\d+) passed, (\d+) failed", output)
        counts = Counts(*map(int, found.groups())) if found else Counts()
        total.add(report(path, code, output, counts, started))
    return total


def count_pytest(code, last):
    words = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error|skipped)", last)}
    counts = Counts(words.get("passed", 0), words.get("failed", 0) + words.get("error", 0),
                    words.get("skipped", 0))
    if code != 0 and counts.failed == 0:
        counts.failed = 1
    return counts


def pytest(build, paths, seconds, **env):
    """pytest's own output, live; the counts are in its last line."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-rfEs", "-p", "no:cacheprovider", *paths]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, text=True, errors="replace",
                               env=dict(os.environ, **SANITIZERS, **env,
                                        HRISGW=os.path.abspath(f"{build}/hrisgw")),
                               start_new_session=True)
    watchdog = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    last = ""
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line if re.search(r" in [0-9.]+s", line) else last
        return count_pytest(process.wait(), last)
    finally:
        watchdog.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)       # so that its fixtures clean up
            process.wait()


def e2e(build):
    return pytest(build, ["tests/e2e"], limit_s(build, E2E_S))


def torture(build):
    started = time.monotonic()
    code, output = run([f"{build}/unit/{TORTURE_UNIT}"], TORTURE_S, {"HRISGW_TORTURE": "1"})
    total = report(TORTURE_UNIT, code, output, count_cmocka(output), started)
    total.add(pytest(build, TORTURE, TORTURE_S, HRISGW_TORTURE="1"))
    return total


PARTS = {"unit": unit, "adapter": adapter, "e2e": e2e, "fuzz": fuzz, "torture": torture}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    options = parser.parse_args()

    if not os.environ.get("CORPORA"):
        print("SKIPPED aloud: CORPORA is not set; tests on foreign suites are left out")
    total, lines, started = Counts(), [], time.monotonic()
    for part in options.parts:
        begun = time.monotonic()
        print(f"== {part}", flush=True)
        counts = PARTS[part](options.build)
        lines.append(f"{part:8} {counts}, {time.monotonic() - begun:.0f} s")
        total.add(counts)
    print(f"== all in {time.monotonic() - started:.0f} s")
    print("\n".join(lines))
    print(f"total: {total}")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
