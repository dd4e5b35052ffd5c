/*
 * records.h: what the actions ask an HRIS, and what it answers: the one language between policy
 * (hris.c) and the two kinds of HRIS (adapter files, the local one). All texts live in the
 * request's arena or in the route; NULL means absent.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hris/amount.h"
#include "base/date.h"

enum operation {
	OPERATION_AGENTS,
	OPERATION_AGENT,
	OPERATION_TYPES,
	OPERATION_BALANCE,
	OPERATION_INSERT,
	OPERATION_CHANGE,
	OPERATION_APPROVE,
	OPERATION_CANCEL,
	OPERATION_DENY,
	OPERATION_UNDO, /* takes an insert back, as quietly as the HRIS can */
	OPERATION_FIND,
	OPERATION_MAX
};

const char *operation_name(enum operation op); /* "get-agents", "insert-timeoff", ... */
bool operation_parse(const char *s, enum operation *out);
bool operation_writes(enum operation op);

enum timeoff_status {
	STATUS_NONE, /* not known */
	STATUS_PENDING,
	STATUS_APPROVED,
	STATUS_DENIED,
	STATUS_CANCELED,
	STATUS_MAX
};

const char *status_name(enum timeoff_status s); /* "PENDING"; "" for none */
bool status_ended(enum timeoff_status s);       /* denied or cancelled */
/* Canonical spellings only ("PENDING"); the callers' spellings are contract.c's. */
bool status_parse(const char *s, enum timeoff_status *out);

struct agent {
	const char *id;
	const char *email;
	int day_minutes; /* of a working day of his own; 0: none. Of OPERATION_AGENT */
};

struct timeoff_type {
	const char *id, *id2, *name, *grain, *plan;
	enum unit unit;
	int day_minutes; /* 0: the route's */
	bool unlimited;
	const char
	    *may_go_to; /* how far below zero a balance may go, in its unit; NULL: not at all */
};

struct balance {
	const char *type_id, *type_id2, *plan; /* one of them is there */
	bool dated;
	struct date date;
	bool unlimited;
	bool has_amount;
	bool includes_pending; /* pending requests are already taken off */
	bool several;          /* rows of one type and date add up */
	bool as_of_now;        /* the HRIS knows no other day's */
	const char *amount;    /* the vendor's digits */
	bool has_unit;
	enum unit unit; /* where absent: the type's */
};

/* Is the row about that type? By type_id, else by type_id2, else by plan. */
bool balance_is_of(const struct balance *b, const struct timeoff_type *t);

struct day {
	struct date date;
	int minutes;
	const char *part;      /* "am", "pm", "day" */
	const char *from, *to; /* local HH:MM, to 24:00; NULL for whole days */
	bool timed;            /* from was asked */
	bool whole;            /* a whole day, which the HRIS counts by its own schedule */
	bool apart;            /* its minutes are more than one span of time */
	const char *entry;     /* the HRIS's id of this day's record */
};

int64_t days_minutes(const struct day *days, size_t n); /* of all days together */
struct traits;
/*
 * The next run from days[*at] on: days that follow one another and have minutes, as the HRIS takes
 * them in one request. Its length, 0: there is none; *at is its first day.
 */
size_t days_run(const struct day *days, size_t n, const struct traits *t, size_t *at);

struct found_day {
	struct date date;
	const char *amount;
	enum unit unit;
	const char *entry;
	const char *from; /* when it begins: H:MM, "am" or "pm"; NULL: not known */
};

/* One request the HRIS holds. */
struct found {
	const char *id, *type_id, *marker;
	const char *agent_id; /* whose it is; NULL: not known, "": several agents' */
	enum timeoff_status status;
	const char *status_word; /* the HRIS's own; NULL: none */
	const char **notes;
	size_t n_notes;
	bool ranged;
	struct date start, end;
	struct found_day *days;
	size_t n_days;
	const char *amount; /* of the whole; NULL: not known */
	bool has_unit;
	enum unit unit;      /* where absent: the type's */
	const char *from;    /* of each of its days, as in found_day */
	const char *minutes; /* of the whole, by the HRIS's own schedule; NULL: not known */
};

struct result {
	const char *id; /* NULL: the HRIS did not give it */
	const char **entries;
	size_t n_entries;
	enum timeoff_status status; /* STATUS_NONE: not given, or a word that no map knows */
	const char *status_word;    /* the HRIS's own; NULL: none */
	const struct found
	    *shown; /* the request as the answer, or a look, has it; NULL: it has not */
};

/* What an operation is given; members an operation has no use for are zero. */
struct operation_in {
	const char *agent_id;
	const struct timeoff_type *type;         /* writes */
	const struct timeoff_type *const *types; /* balance: those asked */
	size_t n_types;
	const struct date *dates; /* balance: those asked, distinct */
	size_t n_dates;
	enum timeoff_status status;     /* to become */
	enum timeoff_status was;        /* STATUS_NONE on insert */
	struct date min_date, max_date; /* find: the range to look at */
	struct date look_from, look_to; /* where a lost write is looked for */
	const struct day *days;         /* in order of date, one a date; zeros kept */
	size_t n_days;
	const struct day *added, *removed; /* against what the request holds now */
	size_t n_added, n_removed;
	const char *const *entries; /* of the request that is there */
	size_t n_entries;
	const char *notes, *marker, *request_id;
	const char *key;     /* of this one write, the same when it is repeated; NULL: none */
	int64_t skip_writes; /* so many of its writing calls were answered by success before */
	bool alike_before;   /* change: without a marker, what was there looks the same */
	const char *beside;  /* insert: the request that stands until this one is in its place */
};

/* A change that is a cancel and an insert: which of them comes first. */
enum replace { REPLACE_NO, REPLACE_CANCEL_FIRST, REPLACE_CREATE_FIRST };

struct operation_out {
	struct agent *agents;
	size_t n_agents;
	struct timeoff_type *types;
	size_t n_types;
	struct balance *balances;
	size_t n_balances;
	struct found *found;
	size_t n_found;
	struct result result;
	bool written;         /* a write was answered by success before any failure */
	enum replace replace; /* change: what the HRIS wants instead */
};

/* What an HRIS can do and how it is to be asked. */
enum lost_find { LOST_NONE, LOST_KEY, LOST_MARKER, LOST_NATURAL, LOST_MAX };
enum runs { RUNS_DAYS, RUNS_WHOLE, RUNS_ENDS, RUNS_EQUAL, RUNS_MAX };

struct traits {
	bool has[OPERATION_MAX];
	bool again[OPERATION_MAX];     /* its writing calls may be repeated */
	unsigned calls[OPERATION_MAX]; /* as a rule; pages, and what `for` repeats, are one */
	enum replace replaces;         /* by what change-timeoff is done, at times or always */
	bool amounts_declared;
	bool can[UNIT_MAX]; /* with the smallest step */
	struct decimal step[UNIT_MAX];
	enum runs runs;
	bool many;   /* a record a day */
	bool counts; /* it says what a request amounts to by its own schedule, in minutes */
	bool by_run; /* an insert is of one run: alike days that follow one another */
	bool spans;  /* it takes from when to when, or which part of the day */
	enum lost_find find;
	int64_t settle_ms;
	bool consistent;
};

/* Is one of the ids in a, joined by commas, also in b? */
bool ids_meet(const char *a, const char *b);

#endif
