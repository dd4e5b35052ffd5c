"""`hrisgw genesys` as the tests run it: files exported for a route, played, and what was printed.

    export(home); out = rehearse(home, "--agent", "7", ...)
    out.one("Insert", "timeOffRequestId"), out.breaches, out.code
"""
import os
import re
import subprocess

import fronts

TEMPLATES = ("--templates", os.path.join(fronts.TOP, "conf", "genesys", "templates"))


class Played:
    """What was printed: workflows by title, each with its outputs."""

    def __init__(self, done):
        self.code, self.text, self.err = done.returncode, done.stdout, done.stderr
        self.breaches = re.findall(r"^  BREACH: (.*)", self.text, re.M)
        self.parts = re.findall(r"^(\S+): \d+ actions.*\n((?:  .*\n)*)", self.text, re.M)
        last = re.search(r"^(\d+) played, (\d+) breaches of the contract, (\d+) ended in Error$", self.text, re.M)
        self.played, self.errors = (int(last.group(1)), int(last.group(3))) if last else (0, 0)
        assert not last or int(last.group(2)) == len(self.breaches)

    def of(self, title):
        """The outputs of each time that the workflow was played."""
        return [dict((line + " " * 26).strip().partition(" ")[::2] for line in lines.splitlines())
                for name, lines in self.parts if title in name]

    def one(self, title, name, which=0):
        return self.of(title)[which][name].strip()

    def ended(self, title, which=0):
        return self.one(title, "statusCode", which), self.one(title, "status", which)


def hrisgw(home, *arguments):
    return subprocess.run([home.lib + "/hrisgw", *arguments], capture_output=True, text=True, check=False, timeout=60,
                          stdin=subprocess.DEVNULL)


def export(home, *more):
    """Into home.out."""
    home.out = home.dir + "/run/out"
    done = hrisgw(home, "genesys", "export", "acme", *TEMPLATES, "--config", home.config, "--url",
                  "https://gw.example.com", "--out", home.out, *more)
    assert done.returncode == 0, done


def rehearse(home, *more, operands=None):
    """Of the route acme; operands: by default the folder of the export."""
    return Played(hrisgw(home, "genesys", "rehearse", *TEMPLATES, "--config", home.config, "--route", "acme", *more,
                         *(operands or [home.out])))
