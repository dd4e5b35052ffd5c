"""
lint_style.py: what clang-format cannot hold of the house style, by reading lines.

    lint_style.py       from the top of the tree; prints file:line: what; exit 1 where it found any

C (src, cgi-bin; length of lines and calls in tests too): functions of at most 60 lines and three
levels of nesting, files of at most 700 lines, lines of at most 100 columns with tabs of 8 unless one
string literal makes them longer, messages in one literal each, so that grep finds them, a comment at the
top, no calls that overflow or end the process. Everything: no words of work left open, nothing new at
the top level, scripts that parse.
"""
import glob
import os
import re
import subprocess
import sys

FUNCTION_LINES = 60
FILE_LINES = 700
COLUMNS = 100
NESTING = 3

FORBIDDEN = {
    "strcpy strcat sprintf vsprintf gets": "has no bound",
    "alloca": "has no failure",
    "strtok localtime gmtime ctime asctime rand srand": "is not for threads",
    "atoi atol atoll atof": "hides its errors",
    "tmpnam tempnam mktemp": "races",
    "system popen": "runs a shell",
    "exit _exit quick_exit abort": "ends the process",
}
# Who may nevertheless: serve.c leaves at once at a second SIGTERM.
ALLOWED = {"src/main.c": "exit _exit", "src/server/serve.c": "_exit", "tests/": "exit _exit abort system"}

# Spelled so that this file does not find itself.
OPEN_WORDS = re.compile("TO" r"DO|FIX" r"ME|\bXX" r"X\b|not (yet )?imple" r"mented|place" r"holder|"
                        r"\bst" r"ub\b")
OPEN_WORDS_IN = ("src/**/*", "cgi-bin/**/*", "conf/**/*", "nginx/*", "tests/**/*", "Makefile", "README.md")
TOP_LEVEL = {"cgi-bin", "src", "conf", "tests", "nginx", "Makefile", "README.md", "LICENSE", ".ci",
             ".gitignore", ".clang-format", ".clang-tidy", ".editorconfig", ".git", "build", "run"}

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"')
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|PRAGMA|VALUES)\b")


def blanked(text):
    """C text with comments, strings and character constants blanked, lines kept."""
    return TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def columns(line):
    return len(line.expandtabs(8))


def check_functions(path, lines, complain):
    """A function's body opens and closes with a brace in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start - 1 > FUNCTION_LINES:
                complain(path, start, f"a function of {number - start - 1} lines; {FUNCTION_LINES} "
                                      "at most")
            start = None
        elif start:
            tabs = len(line) - len(line.lstrip("\t"))
            if tabs > NESTING + 1 and re.match(r"\t+(if|for|while|do|switch)\b", line):
                complain(path, number, f"nested deeper than {NESTING} levels")


def check_calls(path, code, complain):
    allowed = " ".join(names for start, names in ALLOWED.items() if path.startswith(start)).split()
    for names, why in FORBIDDEN.items():
        for found in re.finditer(r"\b(" + "|".join(names.split()) + r")\s*\(", code):
            if found.group(1) not in allowed:
                complain(path, code.count("\n", 0, found.start()) + 1, f"{found.group(1)}() {why}")


def check_messages(path, text, complain):
    """Literals in a row are one text, which may be cut at the ends of its lines, or where it is SQL."""
    runs, end = [], None
    for found in TOKEN.finditer(text):
        if not found.group().startswith('"'):
            continue
        if end is None or text[end:found.start()].strip():
            runs.append([])
        runs[-1].append(found)
        end = found.end()
    for run in runs:
        whole = "".join(piece.group() for piece in run)
        cut = [piece for piece in run[:-1] if not piece.group().endswith('\\n"')]
        if cut and " " in whole and not SQL.search(whole):
            complain(path, text.count("\n", 0, cut[0].start()) + 1,
                     f"a message cut in two: {cut[0].group()}")


def check_c(path, complain):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    code = blanked(text)
    for number, line in enumerate(text.splitlines(), 1):
        longest = max((found.group() for found in LITERAL.finditer(line)), key=len, default="")
        if columns(line.replace(longest, "", 1)) > COLUMNS:
            complain(path, number, f"{columns(line)} columns; {COLUMNS} at most")
    check_calls(path, code, complain)
    if path.startswith("tests/"):
        return
    check_messages(path, text, complain)
    if not text.startswith("/*"):
        complain(path, 1, "no comment at the top that says what the file does")
    check_functions(path, code.splitlines(), complain)
    if path.endswith(".c") and text.count("\n") > FILE_LINES:
        complain(path, 1, f"{text.count(chr(10))} lines; {FILE_LINES} at most")
    for found in re.finditer(r"^typedef\s+(struct|union)\b", code, re.M):
        complain(path, code.count("\n", 0, found.start()) + 1, "a typedef hides a struct")


def check_open_words(complain):
    for pattern in OPEN_WORDS_IN:
        for path in glob.glob(pattern, recursive=True):
            if not os.path.isfile(path) or "/corpus/" in path or "__pycache__" in path:
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    found = OPEN_WORDS.search(line)
                    if found:
                        complain(path, number, f'"{found.group()}": finish it or say it otherwise')


def check_scripts(complain):
    for path in glob.glob("tests/**/*.py", recursive=True) + glob.glob("conf/**/*.py", recursive=True):
        with open(path, encoding="utf-8") as file:
            try:
                compile(file.read(), path, "exec")
            except SyntaxError as error:
                complain(path, error.lineno or 1, f"{error.msg}")
    for path in glob.glob("tests/**/*.sh", recursive=True) + [".ci/run"]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                shell = "bash" if "bash" in file.readline() else "sh"
            parsed = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
            if parsed.returncode != 0:
                complain(path, 1, parsed.stderr.strip())


def check_top_level(complain):
    for name in sorted(set(os.listdir(".")) - TOP_LEVEL):
        complain(name, 1, "does not belong at the top level")


def main():
    faults = []

    def complain(*fault):
        faults.append(fault)

    paths = sorted(p for pattern in ("src/**", "cgi-bin/**", "tests/unit/**", "tests/fuzz", "tests/bench")
                   for p in glob.glob(pattern + "/*.[ch]", recursive=True))
    for path in paths:
        check_c(path, complain)
    check_open_words(complain)
    check_scripts(complain)
    check_top_level(complain)
    for path, number, text in faults:
        print(f"{path}:{number}: {text}")
    print(f"style: {len(paths)} C files, {len(faults)} faults")
    return 1 if faults or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
