/*
 * record.h: records (agents, types, balances, requests found): how an adapter file says where their
 * members are in an answer, and how one is read from a row of it.
 */
#ifndef RECORD_H
#define RECORD_H

#include "adapter/loader.h"
#include "adapter/run.h"

/* One row of an answer. */
struct row {
	struct op *op;
	const struct step *step;
	struct scope scope; /* record: the row */
	struct arena *keep; /* where records live; scope.arena may end with the row */
};

const char *record_kind_name(enum record_kind kind); /* "agent" */

/* {MEMBER: EXPR, ...} of a step. False with faults. */
bool record_load(struct loader *l, const struct expr_env *env, enum record_kind kind,
    const struct value *v, struct record *out);
/* NULL: the adapter does not say where the member is, or records of that kind have none. */
const struct expr *record_member(const struct record *r, const char *name);

/*
 * Appends the record of a row to the operation's output. A row that lacks what makes it a record is
 * a failure (CODE_HRIS_ANSWER), and so is one record more than LIMIT_RECORDS (CODE_HRIS_TOO_MANY).
 */
enum gw_err record_read(const struct row *row);
/* How many records of a kind an operation has so far; set lower, it forgets the last. */
size_t *record_count(struct operation_out *out, enum record_kind kind);

#endif
