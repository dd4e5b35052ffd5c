/*
 * sim_store.c: ledger and locks in memory, by the promises of ledger.h and lock.h, and between them
 * and the policy what is broken on purpose. The linker puts these functions in the place of the
 * real ones.
 */
#include "tests/unit/hris/sim.h"
#include "ledger/intent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's name for something else. */
#undef fail

static struct timeoff_type vacation = {
    .id = "1", .id2 = "", .name = "Vacation", .unit = UNIT_MINUTES};

/* --- in the place of ledger and locks --- */

enum gw_err __wrap_ledger_read(struct ledger *l, const char *name, const char *agent,
    struct arena *a, struct intent **rows, size_t *n, struct failure *failure);
enum gw_err __wrap_ledger_write(struct ledger *l, struct intent *const *rows, size_t n,
    const char *event, struct failure *failure);
bool __wrap_ledger_hmac(struct ledger *l, const char *use, const char *const *parts, size_t n,
    unsigned char out[LEDGER_HMAC]);
struct locks *__wrap_ledger_locks(struct ledger *l);
int32_t __wrap_ledger_look_until(struct ledger *l);
enum lock_got __wrap_lock_take(struct locks *l, const char *name, const char *agent,
    const unsigned char key[static LOCK_KEY_LEN], int64_t until_ms, struct lock **out, bool *same);
void __wrap_lock_release(struct lock *lock);
enum gw_err
__wrap_hris_type(struct hris *h, const char *id, const char *id2, const struct timeoff_type **out);

static enum gw_err
store_failed(struct failure *failure)
{
	return fail(failure, CODE_GATEWAY_STORE, "the process has died");
}

enum gw_err
__wrap_ledger_read(struct ledger *l, const char *name, const char *agent, struct arena *a,
    struct intent **rows, size_t *n, struct failure *failure)
{
	size_t i;

	(void)l;
	(void)name;
	(void)agent;
	*n = 0;
	if (!sim_pause(sim_life.now_ms))
		return store_failed(failure);
	*rows = arena_array(a, ROWS_MAX, sizeof(**rows));
	for (i = 0; i < sim_life.n_rows; i++)
		assert_true(intent_copy(a, &sim_life.rows[i], &(*rows)[(*n)++]));
	return GW_OK;
}

enum gw_err
__wrap_ledger_write(struct ledger *l, struct intent *const *rows, size_t n, const char *event,
    struct failure *failure)
{
	size_t i;

	(void)l;
	(void)event;
	if (sim_self->crashed || !sim_pause(sim_life.now_ms))
		return store_failed(failure);
	for (i = 0; i < n; i++) {
		assert_true(sim_life.n_rows < ROWS_MAX);
		sim_say("    call %d commits row %lld: %s of %s%s is %s", sim_self->call,
		    (long long)rows[i]->n, intent_op_name(rows[i]->op), rows[i]->before,
		    rows[i]->request, intent_state_name(rows[i]->state));
		if (rows[i]->n == 0)
			rows[i]->n = (int64_t)++sim_life.n_rows;
		assert_true(intent_copy(&sim_life.kept, rows[i], &sim_life.rows[rows[i]->n - 1]));
		if (sim_life.design->broken == HALF_FORGOTTEN && rows[i]->op == INTENT_REPLACE)
			sim_life.rows[rows[i]->n - 1].steps = 0;
		if (sim_life.design->broken == LOOKS_AT_ONCE)
			sim_life.rows[rows[i]->n - 1].quiet_ms = 0;
	}
	return sim_pause(sim_life.now_ms) ? GW_OK : store_failed(failure);
}

/* No secret: what differs, differs here. */
bool
__wrap_ledger_hmac(struct ledger *l, const char *use, const char *const *parts, size_t n,
    unsigned char out[LEDGER_HMAC])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i, k;

	(void)l;
	/* Of a marker: the key, its generation, the number of the write. */
	if (sim_life.design->broken == ONE_MARKER && strcmp(use, "marker") == 0)
		n = 1;
	for (i = 0; i <= n; i++) {
		const char *text = i == n ? use : parts[i];

		for (k = 0; k <= strlen(text); k++)
			hash = (hash ^ (unsigned char)text[k]) * UINT64_C(0x100000001b3);
	}
	memset(out, 0, LEDGER_HMAC);
	memcpy(out, &hash, sizeof(hash));
	return true;
}

struct locks *
__wrap_ledger_locks(struct ledger *l)
{
	return (struct locks *)l;
}

int32_t
__wrap_ledger_look_until(struct ledger *l)
{
	(void)l;
	return 0;
}

bool
sim_lock_is_free(void)
{
	return sim_life.holder == NULL || sim_life.design->broken == NO_LOCK ||
	       (sim_life.design->broken == LEASE &&
		   sim_life.now_ms - sim_life.lock_since_ms > LEASE_MS);
}

static bool
lock_get(void)
{
	struct actor *me = sim_self;

	me->asks_lock = true;
	me->asks_until_ms = me->hris.deadline_ms;
	(void)sim_pause(sim_life.now_ms);
	me->asks_lock = false;
	if (me->crashed || !sim_lock_is_free())
		return false;
	sim_life.holder = me;
	sim_life.lock_since_ms = sim_life.now_ms;
	return true;
}

enum lock_got
__wrap_lock_take(struct locks *l, const char *name, const char *agent,
    const unsigned char key[static LOCK_KEY_LEN], int64_t until_ms, struct lock **out, bool *same)
{
	(void)l;
	(void)name;
	(void)agent;
	(void)key;
	(void)until_ms;
	*same = false;
	*out = (struct lock *)sim_self;
	return sim_life.design->broken == LOCK_LATE_TAKEN || lock_get() ? LOCK_HELD : LOCK_LATE;
}

void
__wrap_lock_release(struct lock *lock)
{
	if (lock != NULL && sim_life.holder == (struct actor *)lock)
		sim_life.holder = NULL;
}

enum gw_err
__wrap_hris_type(struct hris *h, const char *id, const char *id2, const struct timeoff_type **out)
{
	(void)h;
	(void)id;
	(void)id2;
	*out = &vacation;
	return GW_OK;
}

/* --- what is broken on purpose --- */

enum gw_err __real_settle_row(struct hris *h, struct intent *row);
enum gw_err __wrap_settle_row(struct hris *h, struct intent *row);
bool __real_look_wait_quiet(struct hris *h);
bool __wrap_look_wait_quiet(struct hris *h);
enum look __real_look_after(struct hris *h, const struct operation_in *in,
    const struct standing *before, struct result *result, const char **ids);
enum look __wrap_look_after(struct hris *h, const struct operation_in *in,
    const struct standing *before, struct result *result, const char **ids);
enum gw_err __real_verify_write(struct hris *h, enum operation op, struct operation_in *in,
    const struct found *said, const struct found *seen, struct timeoff_done *done);
enum gw_err __wrap_verify_write(struct hris *h, enum operation op, struct operation_in *in,
    const struct found *said, const struct found *seen, struct timeoff_done *done);
enum gw_err __real_verify_standing(struct hris *h, const struct operation_in *in,
    const struct found *f, struct timeoff_done *done);
enum gw_err __wrap_verify_standing(struct hris *h, const struct operation_in *in,
    const struct found *f, struct timeoff_done *done);
enum gw_err __real_journal_intend(struct hris *h, enum intent_op op, const struct intent *content,
    struct intent *again, struct operation_in *in);
enum gw_err __wrap_journal_intend(struct hris *h, enum intent_op op, const struct intent *content,
    struct intent *again, struct operation_in *in);

enum gw_err
__wrap_settle_row(struct hris *h, struct intent *row)
{
	if (sim_life.design->broken != RESENDS && sim_life.design->broken != FORGETS)
		return __real_settle_row(h, row);
	return journal_update(h, row, INTENT_REFUSED, "refused");
}

bool
__wrap_look_wait_quiet(struct hris *h)
{
	return sim_life.design->broken == LOOKS_AT_ONCE || __real_look_wait_quiet(h);
}

enum look
__wrap_look_after(struct hris *h, const struct operation_in *in, const struct standing *before,
    struct result *result, const char **ids)
{
	enum look found = __real_look_after(h, in, before, result, ids);

	/* Nothing that looks like it: what is new there is another's, or something else. */
	if (sim_life.design->broken == ABSENT_LIKELY && found == LOOK_UNCLEAR && *ids[0] != '\0')
		return LOOK_ABSENT;
	return found;
}

enum gw_err
__wrap_verify_write(struct hris *h, enum operation op, struct operation_in *in,
    const struct found *said, const struct found *seen, struct timeoff_done *done)
{
	if (sim_life.design->broken == UNDO_CHANGE && op == OPERATION_CHANGE)
		op = OPERATION_INSERT;
	return __real_verify_write(h, op, in, said, seen, done);
}

enum gw_err
__wrap_verify_standing(
    struct hris *h, const struct operation_in *in, const struct found *f, struct timeoff_done *done)
{
	enum gw_err err = __real_verify_standing(h, in, f, done);
	struct operation_in undo = {.agent_id = in->agent_id, .request_id = f->id};

	if (sim_life.design->broken == UNDO_LATER && h->failure->code == CODE_HRIS_DIFFERENT) {
		struct failure mine = *h->failure;

		fail_clear(h->failure);
		(void)fate_state(h, OPERATION_UNDO, &undo, NULL);
		*h->failure = mine;
	}
	return err;
}

enum gw_err
__wrap_journal_intend(struct hris *h, enum intent_op op, const struct intent *content,
    struct intent *again, struct operation_in *in)
{
	if (sim_life.design->broken == LOCK_LATE_TAKEN && sim_life.holder != sim_self &&
	    !lock_get())
		return fail(h->failure, CODE_GATEWAY_BUSY, "busy");
	return __real_journal_intend(h, op, content, again, in);
}
