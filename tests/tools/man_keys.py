"""
man_keys.py: the lists of keys in hrisgw.yaml(5), made from what `hrisgw check --keys` prints, so that page
and program cannot disagree.

    man_keys.py --binary build/release/hrisgw           writes them into src/hrisgw.yaml.5
    man_keys.py --binary build/release/hrisgw --check   writes nothing; exit 1 where they differ

In the page each list stands between a line `.\\" keys of FILE ...` and a line `.\\" end of keys`.
"""
import argparse
import os
import re
import subprocess
import sys
import textwrap

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(TOP, "src", "hrisgw.yaml.5")
COLUMNS = 79
LIST = re.compile(r'(^\.\\" keys of (\S+)[^\n]*\n).*?(^\.\\" end of keys\n)', re.M | re.S)
FILE, KEY, HELP = re.compile(r"(\S+)$"), re.compile(r"  (\S+) +(\S+) +default (\S+) *(.*)$"), " " * 6


class Unreadable(Exception):
    """The program prints its keys in an unknown form."""


def parse(text):
    """{file: [(name, type, default, limits, help)]}"""
    files, keys = {}, None
    for line in text.splitlines():
        if line.startswith(HELP) and keys:
            keys[-1] = keys[-1][:4] + (line.strip(),)
        elif KEY.match(line) and keys is not None:
            keys.append(KEY.match(line).groups() + ("",))
        elif FILE.match(line):
            keys = files.setdefault(line, [])
        else:
            raise Unreadable(f"unexpected line: {line!r}")
    if not files or any(not key[4] for keys in files.values() for key in keys):
        raise Unreadable("a key without a text, or no key at all")
    return files


def describe(kind, default, limits):
    """(integer, 1 to 1024; default 64)"""
    words = []
    if kind == "choice":
        words.append(("one of " if "," in limits else "") + limits)
    elif kind != "mapping":                             # its text says what it holds
        words.append(kind)
        words.append(re.sub(r"(\d+)", r"\1 s", limits) if kind == "duration" else limits)
    first = ", ".join(word for word in words if word)
    last = {"(required)": "required", "none": "", "empty": "default empty"}.get(
        default, "default " + default)
    inside = "; ".join(word for word in (first, last) if word)
    return f"({inside}) " if inside else ""


def escape(text):
    text = text.replace("\\", r"\e")
    return re.sub(r"`([^`]*)`", r"\\(lq\1\\(rq", text)


def roff(keys):
    out = [".Bl -tag -width Ds"]
    for name, kind, default, limits, text in keys:
        out.append(f".It Cm {name}")
        for line in textwrap.wrap(escape(describe(kind, default, limits) + text + "."), COLUMNS,
                                  break_long_words=False, break_on_hyphens=False):
            out.append(r"\&" + line if line[0] in ".'" else line)
    return "\n".join(out + [".El", ""])


def rewrite(page, files):
    found = {match.group(2) for match in LIST.finditer(page)}
    if found != set(files):
        raise Unreadable(f"{PAGE} has lists for {sorted(found)}, the program for {sorted(files)}")
    return LIST.sub(lambda m: m.group(1) + roff(files[m.group(2)]) + m.group(3), page)


def difference(binary):
    """The page as it is and as it should be."""
    done = subprocess.run([binary, "check", "--keys"], capture_output=True, text=True, check=True)
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    return page, rewrite(page, parse(done.stdout))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    try:
        before, after = difference(options.binary)
    except (Unreadable, OSError, subprocess.CalledProcessError) as error:
        print(f"man_keys: {error}", file=sys.stderr)
        return 2
    if options.check:
        if before != after:
            print(f"{os.path.relpath(PAGE, TOP)} differs from the program's keys: "
                  f"remake it with tests/tools/man_keys.py --binary {options.binary}")
        return int(before != after)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
