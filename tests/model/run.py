"""
run.py: the whole model. Every sound design in every small world must keep the invariants, and each broken one
must be found, with a shortest counter-example. Exit 1 otherwise.

    run.py              everything; about fifteen seconds of CPU
    run.py LETTER ...   those designs alone

The bounds are those of designs.py: at most three calls, two of them at once, two deaths of a process, two acts
of persons, two writes under way, two unreadable looks, one late arrival of each write. Invariants, in every
world, or where nothing runs or is under way:
  one intent never has two live records;
  Complete is answered only if the HRIS has it, or had it until a person acted (where no look is possible, by
  the HRIS's own word);
  "not written" is answered, and a row is refused or taken back, only if it is not there;
  no leave that stood before a call is ended by it, unless that was asked or the answer or the row says so;
  two pending requests at once do not overdraw a balance.
"""
import gc
import sys
import time

import table
import worlds
from designs import BROKEN, SCENARIOS, SOUND
from explore import Explorer

# Events that are steps of the world, not of a call.
WORLD = ("crash",) + table.PERSON


def sound(design):
    """Returns the faults found, the states, and the cells of the table that were used."""
    faults, states, cells = [], 0, set()
    for scenario in SCENARIOS + tuple(worlds.scenarios(design)):
        explorer = Explorer(design, scenario)
        found = explorer.search()
        states += explorer.states
        cells |= explorer.cells
        if found:
            faults.append((scenario, found))
    return faults, states, cells


def not_met(cells):
    """Cells of the table that no world met."""
    return [(state, event) for state, events in table.ONLY.items() for event in events
            if (state, event) not in cells and event not in WORLD]


def show(scenario, found):
    print(f"    {found[0]}, in: {scenario.name}")
    for number, step in enumerate(found[1], 1):
        print(f"    {number:3} {step}")


def main(letters):
    gc.disable()                        # nothing here is circular, and there is much of it
    failed, used, started = 0, set(), time.process_time()
    for design in SOUND:
        if letters and design.name not in letters:
            continue
        faults, states, cells = sound(design)
        used |= cells
        print(f"{design.name:20} {'SOUND' if not faults else 'BROKEN':7} {states:7} states  {design.text}")
        for fault in faults:
            show(*fault)
            failed += 1
    for design, scenario in BROKEN:
        if letters and design.name not in letters:
            continue
        explorer = Explorer(design, scenario)
        found = explorer.search()
        print(f"{design.name:20} {'found' if found else 'MISSED':7} {explorer.states:7} states  {design.text}")
        if found:
            show(scenario, found)
        failed += not found
    if not letters:
        for cell in not_met(used):
            print("no world meets the cell", cell)
            failed += 1
    print(f"{failed} faults, {time.process_time() - started:.1f} s of CPU")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
