/* write.h: what insert.c and update.c share; for src/hris alone. */
#ifndef WRITE_H
#define WRITE_H

#include "hris/verify.h"

/* All of *in that t says: the type, and the days as the HRIS takes them. */
enum gw_err write_prepare(struct hris *h, const struct timeoff *t, struct operation_in *in);
/* The same for the ledger, with the keys of an insert of it. type NULL: none is named. */
enum gw_err write_content(
    struct hris *h, const struct timeoff *t, const struct timeoff_type *type, struct intent *out);
/* A refusal of its approval says that what was written before stands: it is no "not written". */
enum gw_err write_stands(struct hris *h, const char *request_id, enum gw_err err);
/* How many requests the days are, in an HRIS that takes a run of them as one; else 1. */
size_t runs_count(struct hris *h, const struct operation_in *in);
/* Is there enough for a pending request? held: the one that changes; NULL: a new one. */
enum gw_err
write_check_balance(struct hris *h, const struct operation_in *in, const struct current *held);

/*
 * insert.c: the newest row of a request with that content, or that idempotencyKey; NULL: none. An
 * open row is looked at first.
 */
enum gw_err insert_row(struct hris *h, const struct intent *content, struct intent **out);
/* An insert of one run of days under the lock that the caller holds. */
enum gw_err insert_one(struct hris *h, const struct timeoff *t, struct operation_in *in,
    struct intent *content, struct timeoff_done *done);
/* update.c: an update of that request, under the lock. */
enum gw_err update_locked(struct hris *h, const struct timeoff *t, const struct intent *content,
    struct timeoff_done *done);

/* runs.c */
/*
 * An insert under the lock that the caller holds. done->request_id: of several, the ids of those
 * that stand, with commas.
 */
enum gw_err insert_locked(struct hris *h, const struct timeoff *t, struct operation_in *in,
    struct intent *content, struct timeoff_done *done);
/*
 * Enters the runs of t as parts of the write that is under way, which has ended what stood; the row
 * of each is of that write and use alone. As insert_locked(); done->half: not all of them stand, or
 * that is not known.
 */
enum gw_err
runs_enter(struct hris *h, const struct timeoff *t, const char *use, struct timeoff_done *done);
/* The key of the first run, by which the request is known while it is being written. */
enum gw_err runs_first_key(struct hris *h, const struct timeoff *t, const struct operation_in *in,
    unsigned char key[LEDGER_HMAC]);
/* The ids of all of them, as the ledger knows them by their days; "": it knows none. */
enum gw_err runs_known(struct hris *h, const struct timeoff *t, const char **ids);
/*
 * The inserts that brought these ids, as one write of content; NULL: they are of no such write.
 * now: what the HRIS shows of them together, which is ->shown where each is as it was shown then;
 * NULL: that is not asked.
 */
const struct intent *runs_written(
    struct hris *h, const char *ids, const struct intent *content, const struct found *now);

/*
 * replace.c: cancels the request that is there and enters it anew, as this HRIS cannot change it.
 * What stood is in the ledger before; it is entered again where the new one is refused.
 */
enum gw_err replace_write(struct hris *h, const struct timeoff *t, const struct current *now,
    struct intent *content, struct operation_in *in, struct timeoff_done *done);
/* For people: the request with its days and minutes, where they are known. NULL: no memory. */
const char *replace_shown(struct hris *h, const struct found *f, const char *id);
/* HRIS.UNSUPPORTED: a request that is there cannot be replaced. */
enum gw_err replace_may(struct hris *h, const struct current *now);
/* What stands before a replace. */
struct replaced {
	const char *shown; /* as replace_shown() */
	const char *ids;   /* where ids are joined, those of the parts that are still open */
	bool whole;        /* it can be entered again as was says */
	struct timeoff was;
};
enum gw_err replaced_look(
    struct hris *h, const struct current *now, const struct operation_in *in, struct replaced *old);
/* The new one stands, and not as asked: its failure says what it is in the place of. */
enum gw_err replace_said(struct hris *h, const char *shown);
/* What cancels the request that is there, and what enters the new one. */
void replace_steps(struct hris *h, const struct current *now, const struct operation_in *in,
    struct operation_in *cancel, struct operation_in *anew);
/* Goes on where a replace stopped: the old one is cancelled, and nothing stands in its place. */
enum gw_err replace_go_on(struct hris *h, const struct timeoff *t, struct intent *row,
    struct operation_in *in, struct timeoff_done *done);
/* Is the request that is there several, or are the days? Then only a replace changes it. */
bool replace_by_runs(struct hris *h, const struct operation_in *in);

/*
 * beside.c: enters the new request, in an HRIS that takes it while the old one stands, and cancels
 * the old one only then. Where that cannot be done, the new one is taken back.
 */
enum gw_err beside_write(struct hris *h, const struct current *now, struct intent *content,
    struct operation_in *in, struct timeoff_done *done);
/*
 * Goes on where that stopped: both stand, the new one in that state (as asked, or it waits for an
 * approval). GW_OK: the old one has ended.
 */
enum gw_err beside_end_old(struct hris *h, struct intent *row, enum intent_state made);

/* Of an update: of what is asked of that request. days: asked_text(). */
void update_key(const struct hris *h, const struct timeoff *t, const char *id, const char *days,
    unsigned char out[LEDGER_HMAC]);

#endif
