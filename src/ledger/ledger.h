/*
 * ledger.h: the durable journal of every write to an HRIS: never twice, never lost. One row (struct
 * intent) is one write that was decided, with its fate. ledger.db (SQLite, WAL, synchronous=FULL)
 * and ledger.key (0600) lie in state_dir and belong together. The ledger knows nothing of HRISs:
 * texts and numbers come from the policy (src/hris), which holds the agent's lock (lock.h) from
 * before it reads to after it has written.
 *
 * Calls wait as a task does until the disk has it, at most until the task's deadline; a write for
 * LEDGER_LAST_MS at least, so that what happened is written down. Where they fail, what was
 * written is written wholly or not at all; `why` of ledger_works() names what to do.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fail.h"
#include "format/log.h"

enum intent_op {
	INTENT_INSERT,
	INTENT_CHANGE,
	INTENT_REPLACE, /* a cancel and an insert, or CREATE_FIRST once the old one has ended */
	INTENT_CREATE_FIRST, /* an insert and then a cancel: until that is done both may stand */
	INTENT_APPROVE,
	INTENT_CANCEL,
	INTENT_DENY,
	INTENT_OP_MAX
};

/* The same names as in the model (tests/model) and in hrisgw(8). */
enum intent_state {
	INTENT_SENDING, /* decided, perhaps sent; without a holder of the lock: its process died */
	INTENT_DONE,    /* the HRIS has it */
	INTENT_REFUSED, /* certainly not applied */
	INTENT_UNKNOWN, /* may or may not be applied; a look, or a person, decides */
	INTENT_DIFFERENT,     /* the HRIS holds something else than was asked; it stands there */
	INTENT_NOT_APPROVED,  /* written, and waits for an approval in the HRIS */
	INTENT_TAKEN_BACK,    /* written and taken back by the same call: nothing stands */
	INTENT_HALF_REPLACED, /* the old request was cancelled; nothing, or a part, stands for it */
	INTENT_ENDED, /* was DONE; later cancelled, denied or moved by us, or ended in the HRIS */
	INTENT_STATE_MAX
};
const char *intent_op_name(enum intent_op op);      /* "insert" ... */
const char *intent_state_name(enum intent_state s); /* "sending", "done", "not-approved" ... */
bool intent_is_open(enum intent_state s);           /* SENDING or UNKNOWN */

enum { LEDGER_HMAC = 32, LEDGER_LAST_MS = 1000 };

/* Texts are never NULL ("" is absent), UTF-8, without names, notes or e-mail addresses. */
struct intent {
	int64_t n;          /* its number; 0: not written yet */
	const char *ledger; /* the ledger's name: the route's unless it says otherwise */
	const char *agent;  /* the HRIS's id */
	enum intent_op op;
	enum intent_state state;
	unsigned char key[LEDGER_HMAC];         /* of its content (the policy's choice) */
	unsigned char idempotency[LEDGER_HMAC]; /* of the caller's idempotencyKey; zero: none */
	int64_t generation;                     /* of its key, from 1 */
	int64_t serial;   /* number of the write within its request, from 1: the marker's */
	int64_t attempts; /* how often it was sent */
	int64_t steps;    /* writing calls of it that the HRIS answered by success */

	const char *request; /* the HRIS's id: afterwards; "" not known */
	const char *before;  /* an update: the id before it; "" for inserts */
	const char *type;    /* the HRIS's id of the type */
	/* As asked, each a date, the start minute or none or am/pm, and the minutes:
	 * "2026-12-01 none 480;2026-12-02 540 240". */
	const char *days;
	/* Days since 1970 of all that it touches, asked and stood; 0 0: none known. */
	int32_t first_day, last_day;
	int64_t minutes;    /* of all days together */
	const char *wanted; /* the status asked: "APPROVED" ... */
	const char *stood;  /* a change, replace, cancel: the HRIS's row before it, as JSON */
	const char *shown;  /* the HRIS's row after it, as last seen */
	const char *seen;   /* the agent's requests on these days before it: ids, with commas */
	bool looked;        /* seen is whole: a look was made before it */
	bool verified;      /* DONE: a look showed it */
	int64_t recorded_minutes; /* DONE with fewer minutes that the route accepts; -1: none */

	const char *code, *text;            /* of the last answer; "" and "" for Complete */
	const char *route, *request_log_id; /* who wrote it last, to find it in the log */
	/* Wall clock: of the first attempt; until when a write that was sent may still arrive; of
	 * the last change of its state. */
	int64_t begun_ms, quiet_ms, settled_ms;
};

struct ledger;

/* What a ledger is opened with. */
struct ledger_where {
	const char *state_dir;
	const char *anchor; /* a file outside of it that keeps the head; NULL: none */
	const struct clock *clock;
	const struct log *log; /* NULL: none */
	bool late;             /* files that are there are opened when they are first needed */
};

/*
 * NULL: out of memory. A ledger that cannot be used opens too: ledger_works() says why, every read
 * and write fails with GATEWAY.STORE and that text, and it is tried again from time to time. The
 * first start (neither file) makes both.
 */
struct ledger *ledger_open(const struct ledger_where *where);
void ledger_close(struct ledger *l); /* NULL is fine */
/* May it write? False with why: the thing, the rule, and the command that heals it. */
bool ledger_works(struct ledger *l, char *why, size_t why_max);
/* Would the next start take it up? False with why, which the log says once. */
bool ledger_lasts(struct ledger *l, char *why, size_t why_max);
/* Until this day (days since 1970) inserts look first: an earlier ledger was lost; 0: none was. */
int32_t ledger_look_until(struct ledger *l);
/* Whether the anchor is written; false with why. The ledger works without. */
bool ledger_anchored(struct ledger *l, char *why, size_t why_max);

/* All rows of that agent, in order of n. */
enum gw_err ledger_read(struct ledger *l, const char *name, const char *agent, struct arena *a,
    struct intent **rows, size_t *n, struct failure *failure);
/*
 * Writes rows (n 0: new, and gets its number; else replaces that row) in one transaction, each with
 * its link in the chain (event: what happened, "sending", "done", "resolved --written" ...). GW_OK:
 * on the disk. Else the failure is GATEWAY.STORE, and nothing of it is written; GW_EUNKNOWN: it may
 * be.
 */
enum gw_err ledger_write(struct ledger *l, struct intent *const *rows, size_t n, const char *event,
    struct failure *failure);

/* HMAC by ledger.key of the parts (LEDGER_PARTS at most), each with its length before it. False:
 * the ledger does not work, or out of memory; out is all zero. */
enum { LEDGER_PARTS = 32 };
bool ledger_hmac(struct ledger *l, const char *use, const char *const *parts, size_t n,
    unsigned char out[LEDGER_HMAC]);

/* Rows by state, and the oldest open one's begun_ms (0: none). */
enum gw_err ledger_counts(struct ledger *l, int64_t counts[INTENT_STATE_MAX],
    int64_t *oldest_open_ms, struct failure *failure);

/* Transactions of writes that this process has committed. Never waits. */
uint64_t ledger_commits(struct ledger *l);

/* Every row of those states (a bit each; 0: all) in order of begun_ms; name, agent NULL: of all. */
enum gw_err ledger_list(struct ledger *l, unsigned states, const char *name, const char *agent,
    struct arena *a, struct intent **rows, size_t *n, struct failure *failure);

/* The agent of a request that the ledger knows, by any id of its chain; NULL in *agent: it does
 * not. */
enum gw_err ledger_owner(struct ledger *l, const char *name, const char *request, struct arena *a,
    const char **agent, struct failure *failure);

/* The locks of its agents, opened with it; NULL where it does not work. Borrowed until it is
 * closed. */
struct locks *ledger_locks(struct ledger *l);

#endif
