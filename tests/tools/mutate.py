#!/usr/bin/env python3
"""Changes the program one operator at a time and sees which changes no test notices: make mutate.

    make mutate                             MUTANTS=60 of them, by HRISGW_SEED, in a few minutes
    tests/tools/mutate.py --files src/hris/days.c --all      every change of a file, for its owner
    tests/tools/mutate.py --at src/hris/days.c:69            every change of a line

It works on a copy of the tree in the folder for temporary files, which is built once. A mutant is one changed file: it is compiled,
compared with the object it was made from (no difference: equivalent), put into a copy of the library, and met by the
unit programs that lie in the folder of its name first, then by the others, then by the adapters' tests. A program that
fails, crashes, or takes longer than LONG seconds has killed it. End-to-end tests are not run: they take minutes each
time, so a survivor is one that the quick tests let live. It prints each survivor as FILE:LINE with both lines, and the
rate by folder. It exits with 1 where the rate is below --least percent.
"""
import argparse
import filecmp
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
COPY = os.path.join(tempfile.gettempdir(), f"hrisgw-mutants-{os.getuid()}")
FOLDERS = ("hris", "http", "adapter", "auth", "ledger", "lang")
LONG = 60
COMPILER = ["CC=ccache gcc"] if shutil.which("ccache") else []
# What stands in place of what. Longer operators first, so that none is found inside another.
SWAPS = [(r"(?<![<>=!])==(?!=)", ["!="]), (r"!=", ["=="]), (r"<=", ["<", ">"]), (r"(?<!-)>=", [">", "<"]),
         (r"(?<= )<(?= )", ["<=", ">"]), (r"(?<= )>(?= )", [">=", "<"]), (r"&&", ["||"]), (r"\|\|", ["&&"]),
         (r"(?<= )\+(?= )", ["-"]), (r"(?<= )-(?= )", ["+"]), (r"(?<= )\*(?= \w)", ["/"]), (r"\+\+", ["--"]),
         (r"\btrue\b", ["false"]), (r"\bfalse\b", ["true"]), (r"\bbreak;", [";"]), (r"\bcontinue;", [";"]),
         (r"(?<=[ (\[])0(?=[;),\]])", ["1"]), (r"(?<=[ (\[])1(?=[;),\]])", ["0", "2"]),
         (r"!(?=[a-z(])", [""])]
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#[^\n]*', re.S | re.M)
# What ends the life of a process's memory is seen by sanitizers, not here.
QUIET = re.compile(r"\b(\w*_free|free|\w*_clear|memset|crypto_wipe|assert)\(|_Static_assert|^\s*(static )?const ")


def blanked(text):
    return TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def changes(path):
    """(line, text before, text after) of every change of a file; in the order of the file."""
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        text = file.read()
    code, body = blanked(text), re.search(r"^\{", text, re.M)
    for pattern, others in SWAPS:
        for found in re.finditer(pattern, code):
            start = code.rfind("\n", 0, found.start()) + 1
            line = text[start:text.find("\n", start)]
            # Only inside of functions: tables and types are data.
            if not line.startswith("\t") or QUIET.search(line) or body is None or found.start() < body.start():
                continue
            for other in others:
                yield (code.count("\n", 0, start) + 1, found.start(),
                       text[:found.start()] + other + text[found.end():])


def line_of(text, number):
    return text.split("\n")[number - 1].strip()


def copy_tree():
    """What changed since the last time, so that little is built anew."""
    there = set()
    for folder, folders, files in os.walk(TOP):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in (os.path.join(TOP, "build"),
                                                                            os.path.join(TOP, ".git"))]
        to = os.path.join(COPY, os.path.relpath(folder, TOP))
        os.makedirs(to, exist_ok=True)
        for name in files:
            source, target = os.path.join(folder, name), os.path.normpath(os.path.join(to, name))
            there.add(target)
            if name != ".git" and not (os.path.exists(target) and filecmp.cmp(source, target)):
                shutil.copy2(source, target)
    for folder, folders, files in os.walk(COPY):
        folders[:] = [f for f in folders if os.path.join(folder, f) != os.path.join(COPY, "build")]
        for name in files:
            if os.path.join(folder, name) not in there:
                os.unlink(os.path.join(folder, name))


class Tree:
    """The copy, built."""

    def __init__(self, jobs):
        copy_tree()
        self.run("make", f"-j{jobs}", *COMPILER, "unit-programs", "all", stdout=subprocess.DEVNULL)
        self.build = os.path.join(COPY, "build", "release")
        self.archive = os.path.join(self.build, "libhrisgw.a")
        self.whole = self.archive + ".whole"
        shutil.copy(self.archive, self.whole)
        self.programs = {}
        for source in glob.glob(COPY + "/tests/unit/*/test_*.c") + glob.glob(COPY + "/tests/unit/*/*/test_*.c"):
            name = os.path.relpath(source, COPY + "/tests/unit")[:-2]
            self.programs[name] = self.seconds(name)

    def run(self, *command, **more):
        return subprocess.run(command, cwd=COPY, check=True, **more)

    def seconds(self, name):
        """How long a program takes while nothing is wrong; those that fail by themselves judge nobody."""
        began = time.monotonic()
        return time.monotonic() - began if self.passes(os.path.join(self.build, "unit", name)) else None

    def passes(self, *command):
        try:
            return subprocess.run(command, cwd=COPY, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=LONG, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            return False


class Mutant:
    def __init__(self, path, line, text):
        self.path, self.line, self.text = path, line, text


def compiled(path):
    """The object of a source, as make compiles it; None: it does not compile."""
    target = os.path.join("build", "release", "obj", path[:-2] + ".o")
    made = subprocess.run(["make", *COMPILER, target], cwd=COPY, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False)
    return os.path.join(COPY, target) if made.returncode == 0 else None


def stripped(path):
    """Its bytes without what names lines."""
    subprocess.run(["strip", "--strip-debug", path, "-o", path + ".bare"], check=True)
    with open(path + ".bare", "rb") as file:
        return file.read()


def judged(tree, mutant, before):
    """killed by NAME, equivalent, invalid or survived."""
    source = os.path.join(COPY, mutant.path)
    with open(source, encoding="utf-8") as file:
        text = file.read()
    try:
        with open(source, "w", encoding="utf-8") as file:
            file.write(mutant.text)
        obj = compiled(mutant.path)
        if obj is None:
            return "invalid"
        if stripped(obj) == before:
            return "equivalent"
        return met(tree, mutant, obj)
    finally:
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)


def met(tree, mutant, obj):
    """Links and runs the programs, those of its folder first."""
    folder = mutant.path.split("/")[1] if mutant.path.startswith("src/") else "cgi-bin"
    known = {n: s for n, s in tree.programs.items() if s is not None}
    order = sorted(known, key=lambda n: (not n.startswith(folder + "/"), known[n]))
    shutil.copy(tree.whole, tree.archive)
    subprocess.run(["ar", "r", tree.archive, obj], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for name in order:
        program = os.path.join(tree.build, "unit", name)
        if not link(tree, name, program):
            return "invalid"
        if not tree.passes(program):
            return "killed by " + name
    if folder in ("adapter", "lang", "format", "base", "hris") and not adapters_pass(tree):
        return "killed by the adapters' tests"
    return "survived"


def link(tree, name, program):
    objects = [os.path.join(tree.build, "obj", "tests", "unit", name + ".o"),
               *glob.glob(tree.build + "/obj/tests/unit/kit/*.o"), tree.archive]
    wrap = [f"-Wl,--wrap={w}" for w in WRAPS.get(name, ())]
    return subprocess.run(["gcc", *wrap, "-o", program, *objects, *LIBS, "-lcmocka"], cwd=COPY, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def adapters_pass(tree):
    program = os.path.join(tree.build, "hrisgw-mutant")
    linked = subprocess.run(["gcc", "-o", program, os.path.join(tree.build, "obj", "src", "main.o"), tree.archive, *LIBS],
                            cwd=COPY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    return linked and tree.passes(program, "adapter", "test", "--partial", "--adapters", "conf/adapters")


def libraries():
    packages = ["libcurl", "yajl", "openssl", "yaml-0.1", "sqlite3"]
    out = subprocess.run(["pkg-config", "--libs", *packages], capture_output=True, text=True, check=True).stdout
    return [*out.split(), "-lpthread"]


def wraps():
    """Functions that a test has in its own hands, as the Makefile says."""
    with open(os.path.join(TOP, "Makefile"), encoding="utf-8") as file:
        return {name: re.findall(r"--wrap=(\w+)", flags) for name, flags in re.findall(
            r"^\$\(BUILD\)/unit/(\S+): WRAP := (.*)$", file.read(), re.M)}


LIBS, WRAPS = [], {}


def chosen(args):
    """The mutants to try, by seed."""
    paths = args.files or sorted(p for f in FOLDERS for p in glob.glob(f"src/{f}/*.c", root_dir=TOP))
    at = None
    if args.at:
        paths, at = [args.at.rpartition(":")[0]], int(args.at.rpartition(":")[2])
    everything = [Mutant(p, line, text) for p in paths for line, _, text in changes(p) if at in (None, line)]
    if args.all or at:
        return everything
    dice = random.Random(args.seed)
    by_folder = {}
    for mutant in everything:
        by_folder.setdefault(os.path.dirname(mutant.path), []).append(mutant)
    each = max(1, args.n // len(by_folder))
    return [m for folder in sorted(by_folder) for m in dice.sample(by_folder[folder], min(each, len(by_folder[folder])))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("HRISGW_SEED", "1")))
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--files", nargs="*")
    parser.add_argument("--at")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--least", type=float, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    LIBS.extend(libraries())
    WRAPS.update(wraps())
    tree = Tree(args.jobs)
    mutants = chosen(args)
    before, counts = {}, {}
    for i, mutant in enumerate(mutants, 1):
        if mutant.path not in before:
            os.utime(os.path.join(COPY, mutant.path))
            before[mutant.path] = stripped(compiled(mutant.path))
        said = judged(tree, mutant, before[mutant.path])
        os.utime(os.path.join(COPY, mutant.path))
        kind = said.split(" ")[0]
        count = counts.setdefault(os.path.dirname(mutant.path), {})
        count[kind] = count.get(kind, 0) + 1
        with open(os.path.join(TOP, mutant.path), encoding="utf-8") as file:
            old = line_of(file.read(), mutant.line)
        print(f"{i}/{len(mutants)} {mutant.path}:{mutant.line}: {said}", flush=True)
        if kind == "survived":
            print(f"    - {old}\n    + {line_of(mutant.text, mutant.line)}", flush=True)
    return report(counts, args.least)


def report(counts, least):
    killed = survived = 0
    for folder, count in sorted(counts.items()):
        k, s = count.get("killed", 0), count.get("survived", 0)
        killed, survived = killed + k, survived + s
        print(f"{folder:14} {k} killed, {s} survived, {count.get('equivalent', 0)} equivalent")
    rate = 100 * killed / max(1, killed + survived)
    print(f"all: {killed} of {killed + survived} killed by the quick tests, {rate:.0f} %")
    return 0 if rate >= least else 1


if __name__ == "__main__":
    sys.exit(main())
