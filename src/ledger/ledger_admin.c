/* ledger_admin.c: see ledger_admin.h. Removing is done in pieces, so that a write that comes
 * meanwhile waits for one of them alone. */
#include "ledger/ledger_admin.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/anchor.h"
#include "ledger/ledger_files.h"
#include "ledger/ledger_job.h"

enum { PRUNE_PIECE = 500, DAY_MS = 24 * 60 * 60 * 1000 };

bool
ledger_check(const struct ledger_where *where, char *why, size_t why_max)
{
	struct ledger_files files;
	enum ledger_found found;

	if (access(where->state_dir, F_OK) != 0 && errno == ENOENT)
		return true;
	found = ledger_files_open(where, false, &files, why, why_max);
	if (found == LEDGER_OPENED)
		ledger_files_close(&files);
	return found != LEDGER_UNFIT;
}

static bool
run_verify(struct ledger_job *j, struct db *db)
{
	return chain_verify(db, j->key, &j->arena, j->own);
}

enum gw_err
ledger_verify(struct ledger *l, struct arena *a, struct chain_report *out, struct failure *failure)
{
	struct ledger_job *j = ledger_job_new(l, run_verify, false, failure);
	enum gw_err err;
	size_t i;

	*out = (struct chain_report){.links = 0};
	if (j == NULL)
		return failure->err;
	j->own = arena_alloc(&j->arena, sizeof(*out));
	if (j->own == NULL) {
		ledger_job_free(j);
		return fail_memory(failure);
	}
	err = ledger_job_do(j, failure);
	if (err != GW_OK)
		return err;
	*out = *(struct chain_report *)j->own;
	for (i = 0; i < out->n_faults && i < CHAIN_FAULTS; i++) {
		out->faults[i] = arena_strdup(a, out->faults[i]);
		if (out->faults[i] == NULL)
			err = fail_memory(failure);
	}
	ledger_job_free(j);
	return err;
}

/* --- removing --- */

struct prune {
	const char *agent; /* NULL: what is old */
	int64_t removed, kept;
};

static struct db_rows *
prune_query(const struct ledger_job *j, struct db *db)
{
	const struct prune *p = j->own;

	if (p->agent != NULL)
		return db_query(db,
		    "SELECT n FROM intents WHERE agent = ?1 AND state <> 'sending' LIMIT ?2",
		    DB_ARGS(db_text(p->agent), db_integer(PRUNE_PIECE)));
	return db_query(db,
	    "SELECT n FROM intents"
	    " WHERE state NOT IN ('sending', 'unknown') AND last_day < ?1 AND begun_ms < ?2"
	    " LIMIT ?3",
	    DB_ARGS(db_integer(j->now_ms / DAY_MS - LEDGER_LEAVE_DAYS),
		db_integer(j->now_ms - (int64_t)LEDGER_AGE_DAYS * DAY_MS),
		db_integer(PRUNE_PIECE)));
}

static int64_t
agent_left(struct db *db, const char *agent)
{
	struct db_rows *rows =
	    db_query(db, "SELECT count(*) FROM intents WHERE agent = ?1", DB_ARGS(db_text(agent)));
	int64_t n = db_rows_next(rows) ? db_rows_integer(rows, 0) : 0;

	(void)db_rows_end(rows);
	return n;
}

/* A piece of it; the freed pages are overwritten. */
static bool
run_prune(struct ledger_job *j, struct db *db)
{
	int64_t gone[PRUNE_PIECE];
	struct prune *p = j->own;
	struct db_rows *rows;
	size_t i, n = 0;

	(void)db_run(db, "PRAGMA secure_delete = ON", NULL, 0);
	rows = prune_query(j, db);
	while (n < PRUNE_PIECE && db_rows_next(rows))
		gone[n++] = db_rows_integer(rows, 0);
	(void)db_rows_end(rows);
	for (i = 0; i < n; i++)
		(void)(chain_add(
			   db, j->key, &(struct intent){.n = gone[i]}, NULL, j->now_ms, true) &&
		       ledger_db_remove(db, gone[i]));
	p->removed = (int64_t)n;
	p->kept = p->agent == NULL ? 0 : agent_left(db, p->agent);
	return db_fault(db) == DB_FINE;
}

/* The anchor must always know a link that is still there. */
static bool
run_forget(struct ledger_job *j, struct db *db)
{
	struct chain_head head, anchor;
	bool there = false;
	char why[300];

	if (!chain_head(db, &head))
		return false;
	if (j->where->anchor != NULL) {
		if (!anchor_read(j->where->anchor, &anchor, &there, why, sizeof(why)))
			return true;
		if (!there || anchor.n < head.n)
			head.n = there ? anchor.n : 0;
	}
	return chain_forget(db, j->key, head.n);
}

static enum gw_err
prune_piece(struct ledger *l, bool (*run)(struct ledger_job *job, struct db *db),
    struct prune *prune, struct failure *failure)
{
	struct ledger_job *j = ledger_job_new(l, run, true, failure);
	struct prune *own;
	enum gw_err err;

	if (j == NULL)
		return failure->err;
	own = arena_alloc(&j->arena, sizeof(*own));
	j->own = own;
	if (own != NULL && prune->agent != NULL)
		own->agent = arena_strdup(&j->arena, prune->agent);
	if (own == NULL || (prune->agent != NULL && own->agent == NULL)) {
		ledger_job_free(j);
		return fail_memory(failure);
	}
	err = ledger_job_do(j, failure);
	if (err != GW_OK)
		return err;
	prune->removed = own->removed;
	prune->kept = own->kept;
	ledger_job_free(j);
	return GW_OK;
}

enum gw_err
ledger_prune(
    struct ledger *l, const char *agent, int64_t *removed, int64_t *kept, struct failure *failure)
{
	struct prune prune = {.agent = agent};
	enum gw_err err;

	*removed = *kept = 0;
	do {
		err = prune_piece(l, run_prune, &prune, failure);
		if (err == GW_OK) {
			*removed += prune.removed;
			*kept = prune.kept;
		}
	} while (err == GW_OK && prune.removed > 0);
	return err == GW_OK ? prune_piece(l, run_forget, &prune, failure) : err;
}
