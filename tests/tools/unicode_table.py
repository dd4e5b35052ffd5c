#!/usr/bin/python3
"""Writes src/format/unicode_table.h: the general category of every code point, from Python's
unicodedata (Debian 12: Unicode 14.0). With --check: compares instead, and says so by its exit code.

An entry is the first code point of a run, shifted left by 5, and its category (the order of enum
unicode_category). The two numbers after the last category are runs in which every other code point
is Lu and Ll: 29 begins with Lu, 30 with Ll. Surrogates count as Cn: no text holds any."""
import pathlib
import sys
import unicodedata

CATEGORIES = ("Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp "
              "Cc Cf Co Cn").split()
TARGET = pathlib.Path(__file__).resolve().parents[2] / "src" / "format" / "unicode_table.h"


def runs():
    found = []
    for code in range(0x110000):
        category = unicodedata.category(chr(code)).replace("Cs", "Cn")
        if not found or found[-1][1] != category:
            found.append((code, category))
    return found


def entries():
    plain = runs()
    at = 0
    while at < len(plain):
        end = at
        while (end + 1 < len(plain) and plain[end + 1][0] == plain[end][0] + 1
               and {plain[end][1], plain[end + 1][1]} == {"Lu", "Ll"}):
            end += 1
        first, category = plain[at]
        if end - at >= 3:
            yield first << 5 | (29 if category == "Lu" else 30)
            at = end
        else:
            yield first << 5 | CATEGORIES.index(category)
            at += 1


def text():
    cells = [f"{entry:#x}," for entry in entries()]
    lines = [""]
    for cell in cells:
        if len(lines[-1]) + len(cell) > 92:
            lines.append("")
        lines[-1] += cell
    return ("/* unicode_table.h: by tests/tools/unicode_table.py from Unicode "
            f"{unicodedata.unidata_version}; not edited. */\n"
            "/* clang-format off */\n" + "\n".join("\t" + line for line in lines) + "\n")


def main():
    if "--check" not in sys.argv:
        TARGET.write_text(text())
        return 0
    return 0 if TARGET.read_text() == text() else 1


if __name__ == "__main__":
    sys.exit(main())
