/*
 * journal.h: the ledger as one write sees it: the rows of one agent, under his lock, and the one
 * that is being written; for src/hris alone. h->journal is NULL where there is no ledger
 * (`adapter test`, tests of the policy alone): then nothing is kept.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "hris/look.h"
#include "ledger/lock.h"

enum {
	REPLAY_MS = 60 * 1000, /* a repeat within it gets the stored answer without a look */
	TAKEN_BACK_MS = 24 * 60 * 60 * 1000
};

struct journal {
	struct lock *lock;
	const char *ledger, *agent;
	struct intent *rows; /* of the agent, in order */
	size_t n;
	struct intent *now; /* what is being written; NULL: nothing yet */
	bool joins;         /* ids that are joined by commas are several requests */
	bool sent;          /* it is in the ledger as sending, by this call */
	int64_t looked_ms;  /* wall clock: when an open row was last begun to be looked for */
	int64_t resume;     /* calls of an approval that a process died over */
	bool raises;        /* an insert approves what stands, and changes nothing of it */
	/* A look shows both requests of a create-first, the new one in that state; NULL: none. */
	struct intent *both;
	enum intent_state both_as;
	/* update_locked(): an insert that is recorded already is asked as more than that. */
	enum gw_err (*raise)(struct hris *h, const struct timeoff *t, const struct intent *content,
	    struct timeoff_done *done);
	struct intent *whole; /* that of which the runs are being entered */
};

/* asked.c. NULL: no memory. */
const char *asked_text(struct arena *a, const struct timeoff *t);
/* False: no memory, or no such text. */
bool asked_spans(struct arena *a, const char *text, struct span **out, size_t *n);
/* Do two requests have a minute in common? */
bool asked_touch(const char *a, const char *b);

/*
 * Takes the agent's lock (NULL: it is not known whose request it is) and reads his rows. key: of
 * what is asked. GATEWAY.BUSY, GATEWAY.STORE: nothing was written. GATEWAY.IN_PROGRESS: the same
 * request is being written.
 */
enum gw_err journal_open(struct hris *h, struct journal *j, const char *agent,
    const char *request_id, const unsigned char key[LEDGER_HMAC]);
void journal_close(struct hris *h);

/* HMAC by the ledger's key over its name, the agent and the parts (n at most 6). */
void journal_key(const struct hris *h, const char *use, const char *agent, const char *const *parts,
    size_t n, unsigned char out[LEDGER_HMAC]);

/* The id by which the HRIS knows the request now, through all that took its place. */
const char *journal_newest(const struct journal *j, const char *id);
/* The id that it had here before the first of them: what keys an update. */
const char *journal_oldest(const struct journal *j, const char *id);
/* Is the row a write of the request of that (newest) id? */
bool journal_is_of(const struct journal *j, const struct intent *row, const char *id);
/*
 * The ids of the whole request of which that id is a part, where a replace has entered it as
 * several; else the id itself.
 */
const char *journal_whole(const struct journal *j, const char *id);
/* Is the request of that id one that we wrote, or wrote to? */
bool journal_knows(const struct journal *j, const char *id);

/*
 * The row of a write that is about to be made: *again, made before and refused, or a new one. Sets
 * in->marker. It is in the ledger once hris_begin_write() has run.
 */
enum gw_err journal_intend(struct hris *h, enum intent_op op, const struct intent *content,
    struct intent *again, struct operation_in *in);
/* Another write of the same row, with a marker of its own: the one before may still be shown. */
enum gw_err journal_anew(struct hris *h, struct operation_in *in);
/* What follows takes back what this call has inserted: it is in the ledger before it leaves. */
void journal_undoes(struct hris *h);
/* Is an open row one whose last step was such a taking back? */
bool journal_undone(const struct intent *row);
/* What stood on its days before it. */
enum gw_err journal_saw(struct hris *h, const struct standing *before);
/* The HRIS has it, under that id: kept before it is looked at or approved. */
enum gw_err journal_written(struct hris *h, const struct result *result);
/* What a write has brought so far, before more is sent. */
enum gw_err journal_step(struct hris *h, const struct operation_out *so_far);
/*
 * A replace whose cancel is done: from here on nothing stands, until the new one does. parts: that
 * is several requests, of which some may stand.
 */
enum gw_err journal_half(struct hris *h, bool parts);
/* May a part stand of what takes the place of the old one? */
bool journal_has_parts(const struct intent *row);
/* What stood is about to be entered again: from here on nobody goes on with the change. */
enum gw_err journal_restores(struct hris *h);
/* Goes on with a row as it is: what follows is of the same write. */
enum gw_err journal_resume(struct hris *h, struct intent *row, struct operation_in *in);
/* A look shows the write as the HRIS has it. */
void journal_seen(struct hris *h);
/* It was answered by success, though without an id. */
void journal_applied(struct hris *h);
/* What became of it; err and h->failure are the answer. Returns err. */
enum gw_err journal_fate(struct hris *h, enum gw_err err, const struct timeoff_done *done);
/* A row that is known better now. */
enum gw_err
journal_update(struct hris *h, struct intent *row, enum intent_state state, const char *event);
/* The HRIS's row as the ledger keeps it; "" where memory is short. */
const char *journal_row_text(struct hris *h, const struct found *f);

/* Are two of them about the same: type, days, minutes, hours? */
bool journal_same_content(const char *a, const char *b);

/* What an operation on that row was given: for a look after it. False: it cannot be said again. */
bool journal_recall(struct hris *h, const struct intent *row, struct operation_in *in);

/*
 * settle.c: what a look shows of a row; INTENT_UNKNOWN where that cannot be said, and then
 * h->failure may say why.
 */
enum intent_state settle_look(struct hris *h, struct intent *row);
/* Looks what became of an open row, and keeps it. */
enum gw_err settle_row(struct hris *h, struct intent *row);
/* HRIS.OUTCOME_UNKNOWN of a row that stays unknown. */
enum gw_err settle_unknown(struct hris *h, const struct intent *row);

/* "2026-11-28 13:40 UTC". NULL: no memory. */
const char *journal_when(struct arena *a, int64_t wall_ms);

#endif
