"""
traces.py: random lives of requests, one call after the other, and what the model says of each: for driving the
program against an HRIS that does as a trace says.

    traces.py --seed 1 --count 100      prints a trace a line, as JSON: seed, hris, events

hris is what the HRIS offers: find (there is a look-up), consistent, two_steps (what is made waits for an
approval), replaces (approved requests are changed by cancel and create), on_fewer of the route.
An event has `do`, and afterwards `quiet` (nothing that was sent can arrive any more), `records` (what the HRIS
holds: id, content, status; ids count from 1 in the order in which they were made) and `rows` (of the ledger: op,
id, state). `do` is one of
  insert, update, end   a call: content, status (of end: none), id. `writes` says for each writing call that the
                        HRIS gets what becomes of it, `looks` what all its looks show: now, was (as it was
                        before the latest change), unreadable. `sent` are the kinds of those writes, `answer`
                        has code, id, replayed; null: the process died;
  person                deed, id: approves, changes (content P), cancels, deletes, enters (A, approved);
  late                  the late writes arrive (arrive: true) or are lost;
  wait                  until nothing can arrive any more;
  day                   so long that no stored answer is given any more.
A write becomes: ok; refused; after (applied, no answer); before (lost, no answer); late (under way, no answer: where
the look-up is consistent a call waits for that); fewer or other (applied as such); waits (an approval that changes
nothing); dies after, dies before, dies late (the same, and the process is killed).
A code that is "the HRIS's refusal" stands for any that says so; "the look's error" likewise.
"""
import argparse
import dataclasses
import json
import random

from design import Call, Design
from gateway import Program
from hris import (APPROVED, ENDED, GONE, NONE, PENDING, REFUSED, Balance, Commit, Effect, Look, Quiet, Said, Send,
                  Take, apply, is_live, put, shows)

EVENTS_MAX = 9
KINDS = [dataclasses.asdict(Design("", "", look=look, consistent=consistent, stale=look and not consistent,
                                   replaces=replaces, on_fewer=on_fewer)) | {"two_steps": two_steps}
         for look, consistent in ((True, True), (True, False), (False, False))
         for replaces in (False, True) for two_steps in (False, True)
         for on_fewer in ("keep", "accept", "take_back") if not (replaces and two_steps)]


class Died(Exception):
    """The process was killed."""


class Play:
    """One trace: the HRIS and the ledger between the calls."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kind = dict(self.random.choice(KINDS))
        self.two_steps = self.kind.pop("two_steps")
        self.design = Design(**self.kind)
        self.records, self.before, self.flying, self.rows = (), (), [], ()
        self.quiet, self.calls = True, 0

    def trace(self, seed):
        events = [self.event() for _ in range(self.random.randint(3, EVENTS_MAX))]
        d = self.design
        return {"seed": seed, "hris": {"find": d.look, "consistent": d.consistent, "two_steps": self.two_steps,
                                       "replaces": d.replaces, "on_fewer": d.on_fewer}, "events": events}

    def event(self):
        pick = self.random.random()
        if pick < 0.12 and self.records:
            event = self.person()
        elif pick < 0.35 and not self.quiet:
            event = self.arrive() if self.flying else self.wait()
        elif pick < 0.42 and self.rows:
            event = self.day()
        else:
            event = self.call()
        event["quiet"] = self.quiet
        event["records"] = [{"id": r.id, "content": r.content, "status": r.status} for r in self.records
                            if r.status != GONE]
        event["rows"] = [{"op": r.op, "id": r.id, "state": r.state} for r in self.rows]
        return event

    def move(self, records):
        if records != self.records:
            self.records, self.before = records, self.records

    # What happens beside calls.

    def person(self):
        live = [r for r in self.records if is_live(r)]
        deed = self.random.choice(("approves", "changes", "cancels", "deletes", "enters"))
        if deed == "enters" or not live:
            self.move(apply(self.records, Effect("create", 0, "A", APPROVED, None, 0))[0])
            return {"do": "person", "deed": "enters", "id": len(self.records)}
        record = self.random.choice(live)
        changed = {"approves": {"status": APPROVED}, "changes": {"content": "P"}, "cancels": {"status": ENDED},
                   "deletes": {"status": GONE}}[deed]
        self.move(put(self.records, record._replace(**changed)))
        return {"do": "person", "deed": deed, "id": record.id}

    def arrive(self):
        arrive = self.random.random() < 0.6
        for effect in self.flying:
            self.move(apply(self.records, effect)[0] if arrive else self.records)
        self.flying = []
        return {"do": "late", "arrive": arrive}

    def wait(self):
        self.quiet = True
        return {"do": "wait"}

    def day(self):
        self.rows = tuple(r._replace(fresh=False) for r in self.rows)
        return {"do": "day"}

    # A call.

    def call(self):
        self.calls += 1
        op = self.random.choice(("insert", "insert", "insert", "update", "update", "end"))
        request_id = self.random.choice(self.records).id if self.records and op != "insert" else 0
        op = op if request_id else "insert"
        content = "" if op == "end" else self.random.choice("AAAB")
        status = "" if op == "end" else self.random.choice((APPROVED, APPROVED, PENDING)) if op == "insert" else \
            APPROVED
        looks = self.random.choice(("now",) * 5 + (("was",) if self.design.stale else ()) + ("unreadable",))
        event = {"do": op, "content": content, "status": status, "id": request_id, "writes": [], "looks": looks,
                 "sent": []}
        steps = Program(self.design, Call(self.calls, op, content, status, request_id),
                        two_steps=self.two_steps).run()
        quiet, result = self.quiet, None
        try:
            while True:
                result = self.result(steps.send(result), event, quiet)
        except StopIteration as stop:
            answer = stop.value
            event["answer"] = {"code": answer.code, "id": answer.id, "replayed": answer.replayed}
        except Died:
            event["answer"] = None
        return event

    def result(self, asks, event, quiet):
        if isinstance(asks, Take):
            return True, self.rows
        if isinstance(asks, Commit):
            number = asks.row.n or len(self.rows) + 1
            rows = {r.n: r for r in self.rows + asks.more} | {number: asks.row._replace(n=number)}
            self.rows = tuple(rows[n] for n in sorted(rows))
            return number
        if isinstance(asks, Look):
            if event["looks"] == "unreadable":
                return None
            return shows(self.before if event["looks"] == "was" else self.records)
        if isinstance(asks, Quiet):
            # This call's own writes: it waits for them.
            return quiet or (bool(event["sent"]) and self.design.consistent)
        if isinstance(asks, Balance):
            return 1
        return self.send(asks.effect, event)

    def send(self, effect, event):
        choices = ["ok"] * 9 + ["refused", "refused", "after", "after", "before", "dies after", "dies before",
                                "dies late"] + ["late"] * (not self.design.consistent)
        if effect.kind in ("create", "change") and effect.mark[0] != "again":
            choices += ["fewer", "other"]
        if effect.kind == "create" and effect.mark[0] != "insert":
            choices += ["refused"] * 9          # of a replace, which is rare
        if effect.kind == "approve":
            choices += ["waits", "waits"]
        becomes = self.random.choice(choices)
        event["writes"].append(becomes)
        event["sent"].append(effect.kind)
        return self.become(becomes, effect)

    def become(self, becomes, effect):
        if becomes in ("refused", "waits"):
            return REFUSED if becomes == "refused" else Said("ok", effect.id, PENDING)
        if becomes in ("late", "dies late"):
            self.flying.append(effect)
        if becomes in ("before", "dies before", "late", "dies late"):
            said = NONE
        else:
            content = {"fewer": (effect.content or "").lower(), "other": "X"}.get(becomes)
            records, said = apply(self.records, effect, content)
            self.move(records)
        if said == REFUSED:
            return said                 # it cannot be applied any more
        if becomes in ("after", "before", "late") or becomes.startswith("dies"):
            self.quiet, said = self.design.consistent and not becomes.startswith("dies"), NONE
        if becomes.startswith("dies"):
            raise Died
        return said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1)
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.count):
        print(json.dumps(Play(seed).trace(seed)))


if __name__ == "__main__":
    main()
