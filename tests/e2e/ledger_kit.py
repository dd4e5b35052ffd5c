"""Rows for a ledger, written without the gateway: its chain again, from what ledger_key.h and chain.h promise."""
import hashlib
import hmac
import sqlite3
import time

COLUMNS = ("n", "ledger", "agent", "op", "state", "key", "idempotency", "generation", "serial", "attempts", "steps",
           "request", "before", "type", "days", "first_day", "last_day", "minutes", "wanted", "stood", "shown", "seen",
           "looked", "verified", "recorded_minutes", "code", "text", "route", "request_log_id", "begun_ms", "quiet_ms",
           "settled_ms")
NUMBERS = ("n", "generation", "serial", "attempts", "steps", "first_day", "last_day", "minutes", "looked", "verified",
           "recorded_minutes", "begun_ms", "quiet_ms", "settled_ms")


def mac(key, *parts):
    """Each part with its length before it; numbers have eight bytes."""
    out = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        if isinstance(part, int):
            part = part.to_bytes(8, "little", signed=True)
        elif isinstance(part, str):
            part = part.encode()
        out.update(len(part).to_bytes(8, "little") + part)
    return out.digest()


def put(state_dir, **given):
    """Adds a row with its link; returns its number."""
    with open(state_dir + "/ledger.key", encoding="ascii") as file:
        key = bytes.fromhex(file.read())
    content_key, chain_key = (hmac.digest(key, use, "sha256") for use in (b"ledger content 1", b"ledger chain 1"))
    now_ms = time.time_ns() // 1_000_000
    row = {name: 0 if name in NUMBERS else "" for name in COLUMNS}
    row |= {"ledger": "acme", "route": "acme", "op": "insert", "state": "unknown", "generation": 1, "serial": 1,
            "recorded_minutes": -1, "key": bytes(range(32)), "idempotency": bytes(32), "begun_ms": now_ms,
            "settled_ms": now_ms} | given
    db = sqlite3.connect(state_dir + "/ledger.db", timeout=20, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        row["n"] = db.execute("SELECT coalesce(max(n), 0) + 1 FROM intents").fetchone()[0]
        n, before = db.execute("SELECT n, hash FROM links UNION ALL SELECT base, hash FROM ledger"
                               " ORDER BY n DESC LIMIT 1").fetchone()
        content = mac(content_key, *(row[name] for name in COLUMNS))
        link = mac(chain_key, "link", before, n + 1, now_ms, "test", row["n"], content)
        db.execute(f"INSERT INTO intents ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",
                   [row[name] for name in COLUMNS])
        db.execute("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?)", (n + 1, now_ms, "test", row["n"], content, link))
        db.execute("COMMIT")
    finally:
        db.close()
    return row["n"]
