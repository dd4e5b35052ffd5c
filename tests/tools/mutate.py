#!/usr/bin/env python3
"""Changes the program at one place at a time and says which changes no test notices: make mutate.

    make mutate                             MUTANTS=60 of them, by HRISGW_SEED
    tests/tools/mutate.py --files src/hris/days.c --all      every change of a file, for its owner
    tests/tools/mutate.py --at src/hris/days.c:69            every change of a line

build/mutants holds the programs and build/mutants-map the same ones with counters: each unit program is
run there once, and map.json keeps the lines it executes. A mutant is compiled and linked, in front of the
library, into the programs that execute its line, those of its folder first and then the quick ones; then
come the adapters' tests, then the end-to-end files of its folder. The first that fails twice has killed
it. A loop is ended by the processor time it takes, which does not depend on what else the machine does.
Where the compiler makes the same code of a survivor and of its original, it is equivalent; others that
change nothing visible are for a person to sort out. Exits with 1 where the rate is below --least percent.
Nothing in src may be edited meanwhile.
"""
import argparse
import collections
import glob
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD, COUNTED = "build/mutants", "build/mutants-map"
PYTHON = "/usr/bin/python3"     # the one that has pytest, as in the Makefile
ADAPTERS = "the adapters' tests"
E2E_S = 240
FOLDERS = ("hris", "routes", "http", "adapter", "lang", "auth", "ledger")
# The end-to-end files that concern a file, the likeliest first; the first prefix that fits counts.
E2E = {"src/hris/agents": "agents reload", "src/hris/runs": "runs", "src/hris/reconcile": "ledger_files",
       "src/hris/": "writes create_first runs ledger_matrix", "src/routes/": "reload cli waiting", "src/http/": "engine waiting",
       "src/adapter/assertion": "tokens", "src/adapter/token": "tokens", "src/adapter/snapshot": "snapshot agents",
       "src/adapter/c": "adapter_commands engine", "src/adapter/": "engine adapter_commands tokens",
       "src/lang/": "engine adapter_commands", "src/auth/": "auth auth_token throttle",
       "src/ledger/": "ledger_files writes"}
COMPILER = ["CC=ccache gcc"] if shutil.which("ccache") else []
# What stands in place of what. Longer operators first, so that none is found inside another.
SWAPS = [(r"(?<![<>=!])==(?!=)", ["!="]), (r"!=", ["=="]), (r"<=", ["<", ">"]), (r"(?<!-)>=", [">", "<"]),
         (r"(?<= )<(?= )", ["<=", ">"]), (r"(?<= )>(?= )", [">=", "<"]), (r"&&", ["||"]), (r"\|\|", ["&&"]),
         (r"(?<= )\+(?= )", ["-"]), (r"(?<= )-(?= )", ["+"]), (r"(?<= )\*(?= \w)", ["/"]), (r"\+\+", ["--"]),
         (r"\btrue\b", ["false"]), (r"\bfalse\b", ["true"]), (r"\bbreak;", [";"]), (r"\bcontinue;", ["break;"]),
         (r"(?<=[ (\[])0(?=[;),\]])", ["1"]), (r"(?<=[ (\[])1(?=[;),\]])", ["0", "2"]),
         (r"!(?=[a-z(])", [""]), (r"(?<=\t)(?:\(void\))?[a-z]\w*\([^;\n]*\);", [";"])]
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#[^\n]*', re.S | re.M)
# What ends the life of memory, or keeps threads apart, is seen by sanitizers, not here.
QUIET = re.compile(r"\b(\w*_free|free|\w*_clear|\w*_destroy|pthread_mutex_\w+|memset|crypto_wipe|assert)\(|_Static_assert|^\s*(static )?const ")
Mutant = collections.namedtuple("Mutant", "path line old new text")


def changes(path):
    """Every change that can be made in the functions of a file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    code = TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    for body in re.finditer(r"^\{\n.*?^\}", code, re.S | re.M):
        for pattern, others in SWAPS:
            for found in re.compile(pattern, re.M).finditer(code, *body.span()):
                start = code.rfind("\n", 0, found.start()) + 1
                if QUIET.search(text[start:text.find("\n", start)]):
                    continue
                for new in others:
                    yield Mutant(path, code.count("\n", 0, start) + 1, found.group(), new,
                                 text[:found.start()] + new + text[found.end():])


def chosen(args):
    """The mutants to try; by seed, as many of each folder."""
    paths = args.files or [args.at.rpartition(":")[0]] if args.at or args.files else sorted(
        p for f in args.folders for p in glob.glob(f"src/{f}/*.c"))
    by_folder = collections.defaultdict(list)
    for path in paths:
        for mutant in changes(path):
            if not args.at or mutant.line == int(args.at.rpartition(":")[2]):
                by_folder[os.path.dirname(path)].append(mutant)
    if args.all or args.at:
        return [m for mutants in by_folder.values() for m in mutants]
    dice, each = random.Random(args.seed), max(1, args.n // len(by_folder))
    samples = [dice.sample(m, min(each, len(m))) for _, m in sorted(by_folder.items())]
    # In turns, so that a sample cut short still has as many of each.
    return [s[i] for i in range(each) for s in samples if i < len(s)]


def make(build, *words):
    subprocess.run(["make", f"-j{os.cpu_count()}", f"BUILD={build}", *COMPILER, *words, "unit-programs", "all"],
                   check=True, stdout=subprocess.DEVNULL)


def limited(cpu):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return limit


def run(command, seconds, cpu=None, **env):
    """Exit code (None: it took too long) and output; nothing of it is left running."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True,
                               preexec_fn=cpu and limited(cpu), env={**os.environ, **env})
    try:
        output = process.communicate(timeout=seconds)[0]
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)   # so that pytest's fixtures clean up
        code, output = None, b""
        time.sleep(1)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stdout.close()
    return code, output.decode("utf-8", "replace")


def command_of(name, build=BUILD):
    program = f"{build}/{'hrisgw' if name == ADAPTERS else 'unit/' + name}"
    return [program, *(["adapter", "test", "--partial", "--adapters", "conf/adapters"] if name == ADAPTERS else [])]


def executed():
    """{path: [lines]} of what ran since the last call, and forgets it."""
    ran = glob.glob(f"{COUNTED}/obj/src/*/*.gcda")
    done = subprocess.run(["gcov", "--json-format", "--stdout", *ran], capture_output=True, check=bool(ran))
    lines = collections.defaultdict(set)
    for unit in (u for row in done.stdout.splitlines() for u in json.loads(row)["files"]):
        lines[unit["file"]].update(x["line_number"] for x in unit["lines"] if x["count"])
    for path in ran:
        os.unlink(path)
    return {path: sorted(found) for path, found in lines.items()}


def spent_s():
    """The processor time of all that has been run."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def mapped():
    """{program: {"seconds": of clock, "cpu": of processor, "lines": {path: [lines]}}}; anew for the programs newer than the map."""
    make(COUNTED, "CFLAGS=-O0", "HARDENING=--coverage -fprofile-update=atomic", "HARDENING_LINK=--coverage")
    sources = glob.glob("tests/unit/*/test_*.c") + glob.glob("tests/unit/*/*/test_*.c")
    names = sorted(os.path.relpath(s, "tests/unit")[:-2] for s in sources)
    path, table, since = f"{COUNTED}/map.json", {}, 0
    if os.path.exists(path):
        since = os.path.getmtime(path)
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
    # Each commit links the adapters' program anew, so it is not asked for its age.
    stale = [n for n in names if n not in table or os.path.getmtime(command_of(n, COUNTED)[0]) >= since]
    if not stale:
        return {n: x for n, x in table.items() if x}
    for left in glob.glob(f"{COUNTED}/obj/**/*.gcda", recursive=True):
        os.unlink(left)
    for i, name in enumerate([*stale, ADAPTERS], 1):
        print(f"map: {i}/{len(stale) + 1} {name}", flush=True)
        began, spent = time.monotonic(), spent_s()
        if any(run(command_of(name, COUNTED), 300)[0] == 0 for _ in range(2)):
            table[name] = {"seconds": time.monotonic() - began, "cpu": spent_s() - spent, "lines": executed()}
        else:
            table[name] = None
            print(f"{name} fails by itself and judges nobody", flush=True)
    table = {n: table[n] for n in [*names, ADAPTERS]}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(table, file)
    return {n: x for n, x in table.items() if x}


class Lab:
    def __init__(self, e2e):
        self.e2e, self.map, self.bare = e2e, mapped(), {}
        make(BUILD, "CFLAGS=-O1")
        with open(f"{BUILD}/.compile", encoding="utf-8") as file:
            self.compiler = file.read().replace("ccache ", "").split()
        told = subprocess.run(["make", "-n", "V=1", f"BUILD={BUILD}", "CFLAGS=-O1", "-W", f"{BUILD}/libhrisgw.a",
                               "unit-programs", "all"], capture_output=True, text=True, check=True).stdout
        # As make links, with the mutant in front of the library.
        self.links = {words[words.index("-o") + 1]: words for words in map(shlex.split, told.splitlines())
                      if f"{BUILD}/libhrisgw.a" in words and "-o" in words}

    def compiled(self, text, level):
        """The object of a text; None: it does not compile."""
        command = [level if word == "-O1" else word for word in self.compiler]
        done = subprocess.run([*command, "-w", "-x", "c", "-c", "-o", f"{BUILD}/mutant.o", "-"], text=True,
                              input=text, stderr=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            return None
        with open(f"{BUILD}/mutant.o", "rb") as file:
            return file.read()

    def same(self, mutant, level):
        """Compiles it, and says whether it is the original; None: it does not compile."""
        if (mutant.path, level) not in self.bare:
            with open(mutant.path, encoding="utf-8") as file:
                self.bare[mutant.path, level] = self.compiled(file.read(), level)
        made = self.compiled(mutant.text, level)
        return made and made == self.bare[mutant.path, level]

    def link(self, program):
        target = f"{BUILD}/mutant-{os.path.basename(program)}"
        words = list(self.links[program])
        words[words.index("-o") + 1] = target
        words.insert(words.index(f"{BUILD}/libhrisgw.a"), f"{BUILD}/mutant.o")
        subprocess.run(words, check=True)
        return target

    def programs(self, mutant):
        """Those that execute its line, or, for want of any, those of its folder."""
        mine = os.path.basename(os.path.dirname(mutant.path)) + "/"
        ran = {n: set(x["lines"].get(mutant.path, ())) for n, x in self.map.items()}
        # A line of a long statement that is not counted itself counts where the statement begins.
        line = max((n for n in set().union(*ran.values()) if n <= mutant.line), default=0)
        reach = [n for n in ran if line in ran[n]] or [n for n in ran if n.startswith(mine)]
        return sorted(reach, key=lambda n: (n == ADAPTERS, not n.startswith(mine), self.map[n]["cpu"]))

    def judged(self, mutant):
        """killed by NAME, equivalent, invalid or survived."""
        same = self.same(mutant, "-O1")
        if same is None or same:
            return "invalid" if same is None else "equivalent"
        for name in self.programs(mutant):
            command = command_of(name)
            command[0] = self.link(command[0])
            seconds = self.map[name]["seconds"]
            cpu = 3 + int(5 * self.map[name]["cpu"])
            if run(command, 5 + 10 * seconds, cpu)[0] != 0 and run(command, 20 + 20 * seconds, cpu)[0] != 0:
                return "killed by " + name
        if self.same(mutant, "-O2"):
            return "equivalent"
        return self.met(mutant) or "survived"

    def met(self, mutant):
        """The end-to-end files: what fails with the mutant fails again, and not without it."""
        names = next((E2E[p] for p in E2E if mutant.path.startswith(p)), "")
        if not self.e2e or not names:
            return None
        self.compiled(mutant.text, "-O1")
        program = os.path.abspath(self.link(f"{BUILD}/hrisgw"))
        files = [f"tests/e2e/test_{name}.py" for name in names.split()]
        pytest = [PYTHON, "-B", "-m", "pytest", "-qx", "-rfE", "-p", "no:cacheprovider"]
        code, output = run([*pytest, *files], E2E_S, HRISGW=program)
        failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.M)[:1]
        if code != 1 or not failed or run(pytest + failed, E2E_S, HRISGW=program)[0] != 1:
            return None
        if run(pytest + failed, E2E_S, HRISGW=os.path.abspath(f"{BUILD}/hrisgw"))[0] != 0:
            return None
        return "killed by " + failed[0]


def report(counts, least):
    total = collections.Counter()
    for folder, count in sorted(counts.items()):
        total += count
        print_rate(folder, count)
    return 0 if print_rate("all", total) >= least else 1


def print_rate(name, count):
    alive = count["killed"] + count["survived"]
    rate = 100 * count["killed"] / max(1, alive)
    print(f"{name:14} {sum(count.values())} played, {count['invalid']} invalid, {count['equivalent']} equivalent, "
          f"{count['killed']} killed, {count['survived']} survived: {rate:.0f} %")
    return rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("HRISGW_SEED") or "1"))
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--folders", nargs="*", default=FOLDERS)
    parser.add_argument("--files", nargs="*")
    parser.add_argument("--at", help="FILE:LINE")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--no-e2e", action="store_true")
    parser.add_argument("--least", type=float, default=0)
    args = parser.parse_args()
    os.chdir(TOP)
    mutants = chosen(args)
    lab = Lab(not args.no_e2e)
    counts = collections.defaultdict(collections.Counter)
    for i, mutant in enumerate(mutants, 1):
        said = lab.judged(mutant)
        counts[os.path.dirname(mutant.path)][said.split(" ")[0]] += 1
        print(f"{i}/{len(mutants)} {mutant.path}:{mutant.line}: {mutant.old} -> {mutant.new}: "
              f"{said.replace('survived', 'SURVIVED')}", flush=True)
        if said == "survived":
            print(f"    {mutant.text.splitlines()[mutant.line - 1].strip()}", flush=True)
    return report(counts, args.least)


if __name__ == "__main__":
    sys.exit(main())
