/*
 * hris.h: the HRIS of a route, for the length of one request: Genesys' policy on one side, an
 * adapter or the local HRIS on the other. The actions and the BambooHR face call only this.
 */
#ifndef HRIS_H
#define HRIS_H

#include "base/clock.h"
#include "base/fail.h"
#include "http/http.h"
#include "format/log.h"
#include "hris/records.h"
#include "hris/route.h"
#include "ledger/ledger.h"
#include "store/store.h"

struct hris;

/* One kind of HRIS: adapter files (adapter_driver) or the local one (local_driver). */
struct driver {
	enum gw_err (*run)(struct hris *h, enum operation op, const struct operation_in *in,
	    struct operation_out *out);
	const struct traits *(*traits)(const struct hris *h);
};

/* One call that was made, for the log and `call --dry-run`. */
struct hris_call {
	const char *request; /* "PUT /employees/${in.agent_id}/time_off/request": the template */
	int status;          /* 0: no answer */
	int64_t took_ms;
};

struct hris {
	const struct route *route;
	const struct driver *driver;
	struct arena *arena;
	const struct clock *clock;
	struct store *store;
	struct ledger *ledger;   /* NULL in `adapter test` and in tests of the policy alone */
	struct journal *journal; /* of the write that is being made; NULL: none */
	const char *request_log_id;
	const struct transport *transport;
	const struct value *tokens; /* tests: a token, or one by name of auth, in place of asking */
	const char *state_dir;      /* where the local HRIS keeps its database */
	int64_t deadline_ms;        /* monotonic */
	struct failure *failure;
	/* Whether the caller has hung up; NULL: that cannot be seen. */
	bool (*gone)(void *context);
	void *gone_context;
	bool abandoned;           /* nothing was written, because it had */
	bool writing;             /* a write was begun: from here on it is carried through */
	bool unverified;          /* what was written is Complete by the HRIS's word alone */
	int64_t accepted_minutes; /* recorded, fewer than asked, and the route accepts it; 0: no */
	const char *marker;       /* what is written without a ledger; else the ledger makes one */
	const char *traceparent;  /* sent with every call; NULL: none */
	int64_t quiet_ms;         /* monotonic; until then what was sent may still arrive */
	unsigned runs_after;      /* inserts that follow this one, of the same request */
	enum replace replaces;    /* the write under way is a step of one */
	int64_t reserve_ms;       /* kept of the deadline after a write, to look for it */
	bool timed_out;           /* a call ran into the deadline */
	struct timeoff_type **types_by_id; /* as known so far; NULL: not yet looked at */
	size_t n_types;
	bool types_asked;      /* by this request: asking again brings nothing new */
	int agent_day_minutes; /* of the agent at hand; 0: not known, or he has none of his own */
	struct hris_call *calls;
	size_t n_calls, cap_calls;
	const char *unanswered; /* of the first call that got no answer: why; it names no person */
};

struct agents_result {
	const struct agent *items;
	size_t n, skipped;
};

struct balance_ask {
	const char *agent_id;
	const struct date *dates;
	size_t n_dates;
	const char *const *type_ids, *const *type_id2s; /* parallel; id2s NULL: not given */
	size_t n_types;
};

struct balance_answer {
	struct date date;
	const char *type_id, *type_id2; /* as asked; id2 "" where not given */
	int64_t minutes;
	bool unlimited;
	bool includes_pending; /* pending requests are already taken off */
};

/* A stretch of time as it was asked. */
struct span {
	struct date date;
	int minute; /* of its start; -1: none was given */
	int minutes;
};

/* A write as Genesys means it. */
struct timeoff {
	const char *agent_id, *type_id, *type_id2; /* type NULL: not given (cancel, deny) */
	enum timeoff_status status;
	const struct day *days; /* in order, one a date; zeros kept */
	size_t n_days;
	const struct span *spans; /* what the days were made of; n 0: they are what was asked */
	size_t n_spans;
	struct date min_date, max_date;
	const char *notes;           /* NULL: none */
	const char *idempotency_key; /* the caller's; NULL: none */
	bool skip_balance;
	const char *request_id; /* update */
};

struct timeoff_done {
	const char *request_id;     /* "" where none */
	enum timeoff_status status; /* as it is in the HRIS; NONE: not known */
	bool replayed;              /* nothing was written: an earlier call has done it */
	bool half;                  /* what was to stand does not, or only in part */
	enum replace replace;       /* nothing was written: it takes a cancel and an insert */
	int64_t recorded_minutes;   /* fewer than asked, and the route accepts that; -1: as asked */
};

/*
 * Before each call that writes. Fails before the first where the caller has hung up: what nobody
 * waits for any more is not written. Puts the write into the ledger as sending, with what the calls
 * before it brought (so_far; NULL: nothing), and fails where that cannot be done.
 */
enum gw_err hris_begin_write(struct hris *h, const struct operation_out *so_far);
/*
 * Keeps so much of the deadline that what follows a write can be done: looking, approving, looking
 * again and taking back. HRIS.TIMEOUT where too little is left before anything was written.
 */
enum gw_err hris_reserve(struct hris *h, enum operation op, enum timeoff_status status);
/* What an insert and all that may follow it take, a call a second: before calls were measured. */
int64_t hris_insert_ms(const struct traits *t);
/*
 * When the call that was begun is given up, so that there is time to look for it: settle before
 * quiet_ms, however long its commit took. Monotonic.
 */
int64_t hris_write_deadline(const struct hris *h);

/* The marker that a write is sent with: what to search the HRIS for. NULL: no memory. */
const char *hris_marker(struct ledger *l, struct arena *a, const struct intent *row);
/*
 * reconcile.c: what the ledger's rows are worth now, without a request; nothing is written to the
 * HRIS. A row that is open, differs, waits for an approval, or was never seen is looked at, and
 * what is known better is kept. *after: the row then, in h's arena.
 */
enum gw_err hris_reconcile(struct hris *h, const struct intent *row, struct intent *after);
/*
 * Has the request of a row ended in the HRIS, without us? *how: its status there, or that it is
 * not shown; NULL: it has not, or a later write of ours is what counts. Keeps nothing.
 */
enum gw_err hris_ended(struct hris *h, const struct intent *row, const char **how);

enum gw_err hris_agents(struct hris *h, struct agents_result *out);
enum gw_err hris_types(struct hris *h, const struct timeoff_type **out, size_t *n);
/* The type of that id (and id2 where given), looked up anew when it is not among the known ones. */
enum gw_err
hris_type(struct hris *h, const char *id, const char *id2, const struct timeoff_type **out);
/*
 * Spans in order of their starts into days, one a date; room for n of them. INPUT.DATE: a date
 * without start is there twice. INPUT.MINUTES: a day has more than 24 hours.
 */
enum gw_err
days_fold(struct hris *h, const struct span *spans, size_t n, struct day *days, size_t *n_days);
int hris_day_minutes(const struct hris *h, const struct timeoff_type *type);
enum gw_err
hris_balance(struct hris *h, const struct balance_ask *ask, struct balance_answer **out, size_t *n);
enum gw_err hris_insert(struct hris *h, const struct timeoff *t, struct timeoff_done *out);
enum gw_err hris_update(struct hris *h, const struct timeoff *t, struct timeoff_done *out);
/*
 * One request by id (request_id), or all of an agent that overlap the range. Where agent_id is
 * given, none that the HRIS says is another agent's.
 */
enum gw_err hris_find(struct hris *h, const char *agent_id, const char *request_id,
    struct date from, struct date to, struct found **out, size_t *n);
/*
 * What a found request amounts to in minutes: as a whole, and its i-th listed day. type may be NULL
 * where the HRIS does not know it any more. False: the HRIS does not say.
 */
bool hris_found_total(
    const struct hris *h, const struct found *f, const struct timeoff_type *type, int64_t *minutes);
bool hris_found_day(const struct hris *h, const struct found *f, const struct timeoff_type *type,
    size_t i, int64_t *minutes);
/* Do the days that it lists add up to the whole? (BambooHR may list the first alone.) */
bool
hris_found_complete(const struct hris *h, const struct found *f, const struct timeoff_type *type);

#endif
