"""
bench_instructions.py: does the work of a comparison depend on the secret? valgrind counts the
instructions of each class of input of bench_timing, the same on any machine and at any load: none may
differ. memcmp is counted too, as a control that must differ. (Caches are not seen here: bench_timing
measures those.)

    HRISGW=build/release/hrisgw bench_instructions.py

Skipped aloud if valgrind is not installed. Exit 1 if the classes differ in their number of instructions.
"""
import os
import re
import shutil
import subprocess
import sys

FEW, MANY = 100, 600


def count(program, number, group, comparisons):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "--only",
         str(number), str(group), str(comparisons)], capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def main():
    program = os.path.join(os.path.dirname(os.environ["HRISGW"]), "bench", "bench_timing")
    if shutil.which("valgrind") is None:
        print("SKIPPED aloud: valgrind is not installed")
        return 0
    names = subprocess.run([program, "--list"], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    good = True
    for number, name in enumerate(names):
        # The difference leaves out what comes before and after.
        taken = [count(program, number, group, MANY) - count(program, number, group, FEW)
                 for group in (0, 1)]
        differ = taken[1] - taken[0]
        control = "control" in name
        good = good and (differ != 0) == control
        print(f"{name:34} {MANY - FEW} comparisons  {taken[0]} and {taken[1]} instructions"
              + ("  (must differ)" if control else "" if differ == 0 else "  THEY DIFFER"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
