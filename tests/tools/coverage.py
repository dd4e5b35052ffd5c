"""
coverage.py: which lines and branches of the verifier its unit tests reach, by gcov. It builds nothing;
`make coverage` did.

    coverage.py --build build/coverage

Fails where a line of the verifier is not reached, or a branch that coverage.txt does not list with its
reason, or where coverage.txt lists a branch that is reached.
"""
import argparse
import glob
import json
import os
import subprocess
import sys

FILES = ("src/auth/*.c", "cgi-bin/token.c", "src/format/sfv*.c")
PROGRAMS = ("unit/auth/test_*", "unit/format/test_sfv")
LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "coverage.txt")


class Listed:
    """A line of coverage.txt: FILE FUNCTION | part of the source line | branches | reason."""

    def __init__(self, number, text):
        fields = [f.strip() for f in text.split(" | ")]
        if len(fields) != 4 or len(fields[0].split()) != 2 or not fields[2].isdigit() or not fields[3]:
            sys.exit(f"{LIST}:{number}: write FILE FUNCTION | PART OF THE LINE | BRANCHES | REASON")
        self.number, self.where = number, tuple(fields[0].split())
        self.part, self.branches, self.reason = fields[1], int(fields[2]), fields[3]
        self.used = 0

    def takes(self, file, function, text):
        return self.where == (os.path.basename(file), function) and self.part in text


def read_list():
    with open(LIST, encoding="utf-8") as lines:
        return [Listed(number, line) for number, line in enumerate(lines, 1)
                if line.strip() and not line.startswith("#")]


def run_tests(build):
    """Starts afresh: what an earlier run reached does not count."""
    for path in glob.glob(f"{build}/obj/**/*.gcda", recursive=True):
        os.unlink(path)
    for program in sorted(p for pattern in PROGRAMS for p in glob.glob(f"{build}/{pattern}")):
        run = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if run.returncode != 0:
            sys.exit(f"{program}: exit {run.returncode}\n{run.stdout.decode('utf-8', 'replace')}")
        if b"SKIPPED aloud" in run.stdout:
            print(f"  {os.path.basename(program)}: without foreign test suites (CORPORA is not set)")


def read_gcov(build, file):
    """Its lines, as gcov reports them: [{line_number, count, function_name, branches}]."""
    notes = f"{build}/obj/{os.path.splitext(file)[0]}.gcda"
    done = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", notes],
                          capture_output=True, check=False)
    for line in done.stdout.splitlines():
        for unit in json.loads(line)["files"]:
            if unit["file"] == file:
                return unit["lines"]
    sys.exit(f"{file}: gcov reports nothing on it: {done.stderr.decode('utf-8', 'replace')}")


def check(build, file, listed):
    """Prints the file's counts; returns its faults."""
    with open(file, encoding="utf-8") as text:
        source = text.read().splitlines()
    faults, lines, reached, branches, taken, excused = [], 0, 0, 0, 0, 0
    for line in read_gcov(build, file):
        number, function = line["line_number"], line.get("function_name", "")
        text = source[number - 1].strip()
        lines += 1
        reached += line["count"] > 0
        if line["count"] == 0:
            faults.append(f"{file}:{number}: {function}: not reached: {text}")
            continue
        missed = sum(b["count"] == 0 for b in line["branches"])
        branches += len(line["branches"])
        taken += len(line["branches"]) - missed
        entry = next((e for e in listed if e.takes(file, function, text)), None)
        if missed and entry:
            entry.used += missed
            excused += missed
        elif missed:
            faults.append(f"{file}:{number}: {function}: {missed} of {len(line['branches'])} branches "
                          f"not taken: {text}")
    print(f"  {file:24} lines {reached}/{lines}  branches {taken}/{branches}, {excused} listed")
    return faults


def check_list(listed):
    """Each entry must hold: some of its branches are missed, and no more than it lists."""
    for entry in listed:
        if entry.used == 0:
            yield f"{LIST}:{entry.number}: is reached, or is no longer there: {entry.part}"
        elif entry.used > entry.branches:
            yield (f"{LIST}:{entry.number}: {entry.used} branches are not taken, {entry.branches} are "
                   f"listed: {entry.part}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    listed, faults = read_list(), []
    run_tests(options.build)
    for file in sorted(f for pattern in FILES for f in glob.glob(pattern)):
        faults += check(options.build, file, listed)
    faults += check_list(listed)
    print("\n".join(faults) if faults else
          "coverage: every line, and every branch but those that coverage.txt lists")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
