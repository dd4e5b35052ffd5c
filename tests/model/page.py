"""
page.py: the table of states and events in hrisgw(8), made from table.py, so that page and model cannot disagree.

    page.py             writes it into src/hrisgw.8
    page.py --check     writes nothing; exit 1 where they differ

In the page it stands between a line `.\\" states of the ledger ...` and a line `.\\" end of states`.
"""
import argparse
import os
import re
import sys
import textwrap

import table

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(TOP, "src", "hrisgw.8")
PLACE = re.compile(r'(^\.\\" states of the ledger[^\n]*\n).*?(^\.\\" end of states\n)', re.M | re.S)
COLUMNS = 79
DOES = {table.INSERT: "inserted", table.APPROVE: "approved", table.CHANGE: "changed",
        table.CREATE: "the new one is entered", table.END_OLD: "the old one is cancelled", table.END: "cancelled or denied"}


def words(cell):
    """What is written or answered, in short."""
    if cell.does != table.NOTHING:
        return DOES[cell.does]
    if cell.answer == table.NOBODY:
        return ""
    return cell.answer + (", replayed" if cell.replayed else "")


def lines_of(event):
    """What the states do that have this event, those together that do the same."""
    cells = {state: cells[event] for state, cells in table.TABLE.items() if event in cells}
    moved = {(words(cell), cell.row) for state, cell in cells.items() if cell.row != state}
    out = {}
    for state, cell in cells.items():
        after = cell.row if (words(cell), cell.row) in moved else ""
        out.setdefault((words(cell), after), []).append(state)
    return tuple((", ".join(states), "; ".join(filter(None, (text, after and f"row {after}"))) or "nothing")
                 for (text, after), states in out.items())


def entries(group, events):
    """(events in words, lines): events that follow each other and do the same are one entry."""
    out = []
    for event, text in events.items():
        lines = lines_of(event)
        if group == table.OUTCOME_GROUP:
            lines = tuple(("", does) for _, does in lines)
        if out and out[-1][1] == lines:
            out[-1][0].append(text)
        else:
            out.append(([text], lines))
    return out


def wrapped(text):
    return textwrap.wrap(text, COLUMNS, break_long_words=False, break_on_hyphens=False)


def roff():
    out = [".Bl -tag -width half-replaced"]
    for state, text in table.STATES.items():
        out.append(f".It Cm {state}")
        for sentence in re.split(r"(?<=\.) ", text):
            out += wrapped(sentence)
    out.append(".El")
    for group, events in table.GROUPS.items():
        out += [".Pp", f"{group}:", ".Bl -tag -width Ds -compact"]
        for texts, lines in entries(group, events):
            out.append(".It " + "; or: ".join(texts))
            for states, does in lines:
                out += wrapped(f"{states}: {does}." if states else f"{does}.") + [".br"]
            out.pop()
        out.append(".El")
    return "\n".join(out) + "\n"


def rewrite(page):
    if len(PLACE.findall(page)) != 1:
        raise ValueError(f"{PAGE} has no place for the table, or several")
    return PLACE.sub(lambda m: m.group(1) + roff() + m.group(2), page)


def difference():
    """The page as it is and as it should be."""
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    return page, rewrite(page)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    before, after = difference()
    if check:
        if before != after:
            print("src/hrisgw.8 differs from the model's table: remake it with tests/model/page.py")
        return int(before != after)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
