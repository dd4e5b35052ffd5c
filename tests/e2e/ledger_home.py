"""A gateway whose routes lead to HRISs that keep the truth (stateful_hris.py): what the proofs of the ledger share.

    with LedgerHome() as home:
        home.add("consistent")          # a route of that name; more: see add()
        home.start()
        world = home.world("consistent")
"""
import collections
import contextlib
import itertools
import json
import os
import re
import sqlite3

import home as homes
import stateful_hris
from stateful_hris import Generic, World

SEED = os.environ.get("HRISGW_SEED", "1")
WHOLE = os.environ.get("HRISGW_TORTURE") == "1"
AGENTS = itertools.count(5000)
# What an answer that does not know the outcome is called.
UNSURE = ("HRIS.OUTCOME_UNKNOWN", "HRIS.DIFFERENT", "HRIS.NOT_APPROVED", "GATEWAY.IN_PROGRESS")
OPEN = ("sending", "unknown")

Row = collections.namedtuple("Row", "n op state request quiet_ms")


def adapter_text(find, consistent, without=(), settle="1s"):
    """The generic adapter: how it finds a lost write, and the operations that it lacks."""
    with open(os.path.join(os.path.dirname(__file__), "adapters", "stateful.yaml"), encoding="utf-8") as file:
        text = file.read()
    note = "'${in.marker} ${in.notes}'" if find == "marker" else "${in.notes}"
    key = "${in.marker}" if find == "key" else "none"
    shown = {"marker": "notes: .note", "key": "marker: .key"}.get(find, "notes: .note")
    text = text.replace("FIND", find).replace("CONSISTENT", str(consistent).lower()).replace("settle: 1s",
                                                                                            "settle: " + settle)
    text = text.replace(": NOTE", ": " + note).replace(": KEY", ": " + key).replace("SHOWN", shown)
    for op in without:
        text = re.sub(rf"  {op}-timeoff:\n(?:   .*\n)+", "", text)
    return text


class LedgerHome(homes.Home):
    """Without a web server; the HRIS is its own."""

    def __init__(self, deadline=20, **more):
        super().__init__(stateful_hris.StatefulHris(), deadline=deadline, **more)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.hris.stop()
        code = self.stop()
        try:
            if kind is None:
                self.check_reports()
                assert code in (0, None), (code, self.log()[-3000:])
        finally:
            self.remove()

    def add(self, name, find="marker", consistent=True, without=()):
        """A route of that name, and its adapter."""
        self.write(f"adapters/{name}.yaml", adapter_text(find, consistent, without, settle="0s"))
        self.route(name, url=f"{self.hris.url}/{name}")
        path = f"routes.d/{name}.yaml"
        with open(f"{self.dir}/{path}", encoding="utf-8") as file:
            text = file.read().replace("adapter: bamboohr", f"adapter: {name}").replace("  company: acme\n", "")
        self.write(path, re.sub(r"  api_key: .*\n", "", text))

    def world(self, route, dialect=Generic, agent=None, **more):
        """Another world for that route, of an agent of its own."""
        self.hris.worlds[route] = out = World(dialect, agent or str(next(AGENTS)), **more)
        return out

    def proof(self, route):
        return homes.sign.basic("plain", self.read_secret(route + "-plain"))

    @contextlib.contextmanager
    def ledger(self, writes=False):
        """The ledger beside the gateway."""
        how = "rw" if writes else "ro"
        with contextlib.closing(sqlite3.connect(f"file:{self.dir}/state/ledger.db?mode={how}", uri=True,
                                                timeout=20)) as db, db:
            yield db

    def rows(self, route, agent):
        if not os.path.exists(self.dir + "/state/ledger.db"):
            return []
        with self.ledger() as db:
            return [Row(*r) for r in db.execute("SELECT n, op, state, request, quiet_ms FROM intents WHERE ledger = ?"
                                                " AND agent = ? ORDER BY n", (route, agent))]

    def quiet(self, route, agent):
        """The time passes in which something that was sent may still arrive."""
        with self.ledger(writes=True) as db:
            db.execute("UPDATE intents SET quiet_ms = 0 WHERE ledger = ? AND agent = ?", (route, agent))


def body(agent, days=None, status="PENDING", request_id=None, **more):
    """What Genesys sends for an insert, or, with an id, an update."""
    days = Generic.days if days is None else days
    out = {"agentId": agent, "timeOffStatus": status, **more}
    if status not in ("CANCELED", "DENIED"):
        out |= {"timeOffTypeId": "78", "dates": list(days), "payableMinutes": list(days.values())}
        out.setdefault("overrideBalanceCheck", True)
    if request_id:
        out["inputTimeOffRequestId"] = request_id
    return json.dumps(out).encode()


def action(request_id):
    return "update-timeoff" if request_id else "insert-timeoff"
