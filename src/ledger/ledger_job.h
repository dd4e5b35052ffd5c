/*
 * ledger_job.h: what a call asks of the thread that uses ledger.db, for the files of this folder.
 */
#ifndef LEDGER_JOB_H
#define LEDGER_JOB_H

#include "ledger/ledger_key.h"
#include "ledger/ledger_sql.h"
#include "store/queue.h"

/* An opened ledger. One whose ledger.db was replaced is kept until the end: calls may be in it. */
struct ledger_part;

struct ledger_job {
	struct queue_job job; /* first */
	struct ledger_part *part;
	/* False: the connection has an error, and nothing of it is kept. */
	bool (*run)(struct ledger_job *job, struct db *db);
	struct arena arena; /* of what is asked and answered */
	const struct ledger_key *key;
	const struct ledger_where *where;
	int64_t now_ms;
	char words[200]; /* what failed */

	struct intent **rows; /* read, list: answered; write: asked */
	size_t n_rows;
	const char *event;
	struct ledger_want want;
	const char *request, *agent; /* owner: asked, answered */
	int64_t counts[INTENT_STATE_MAX], oldest_ms;
	void *own; /* of ledger_admin.c, in the arena */
};

/* NULL with a failure: it does not work, or out of memory. */
struct ledger_job *ledger_job_new(struct ledger *l,
    bool (*run)(struct ledger_job *job, struct db *db), bool writes, struct failure *failure);
/*
 * Does it, and frees it unless it was done (GW_OK): then ledger_job_free() does. The failure is
 * GATEWAY.STORE, or GATEWAY.MEMORY; GW_EUNKNOWN: it may have been written.
 */
enum gw_err ledger_job_do(struct ledger_job *j, struct failure *failure);
void ledger_job_free(struct ledger_job *j);

#endif
