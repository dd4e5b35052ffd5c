/*
 * runs.c: the runs of an insert, and of a change. In an HRIS that takes one range a request each
 * run of days is a request and a row of the ledger of its own, and their ids are joined. Where a
 * later one is refused, this call takes back what it wrote before; where one is not known, nothing
 * more is written.
 */
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "hris/write.h"

/* One run: what is asked of it, and what became of it. */
struct run {
	struct timeoff t;
	struct operation_in in;
	struct intent content;
	struct intent *row; /* written by this call; NULL: not */
	struct timeoff_done done;
};

struct run_list {
	struct run *items;
	size_t n;
};

/* The spans of a run's days. */
static bool
run_spans(struct hris *h, const struct timeoff *t, struct timeoff *run)
{
	struct span *spans = arena_array(h->arena, t->n_spans + 1, sizeof(*spans));
	size_t i;

	run->spans = spans;
	run->n_spans = 0;
	for (i = 0; spans != NULL && i < t->n_spans; i++) {
		if (t->spans[i].date.day >= run->min_date.day &&
		    t->spans[i].date.day <= run->max_date.day)
			spans[run->n_spans++] = t->spans[i];
	}
	return spans != NULL;
}

/* The caller's key names all of the runs: each has it with its number. */
static bool
run_idempotency(struct hris *h, const struct timeoff *t, size_t i, struct timeoff *run)
{
	if (t->idempotency_key == NULL || i == 0)
		return true;
	run->idempotency_key = arena_printf(h->arena, "%s %zu", t->idempotency_key, i);
	return run->idempotency_key != NULL;
}

static enum gw_err
run_cut(struct hris *h, const struct timeoff *t, const struct operation_in *in, size_t at,
    size_t len, size_t i, struct run *run)
{
	run->t = *t;
	run->t.days = &t->days[at];
	run->t.n_days = len;
	run->t.min_date = in->days[at].date;
	run->t.max_date = in->days[at + len - 1].date;
	run->t.skip_balance = true;
	run->in = *in;
	run->in.days = &in->days[at];
	run->in.n_days = len;
	run->in.min_date = run->in.look_from = run->t.min_date;
	run->in.max_date = run->in.look_to = run->t.max_date;
	run->done = (struct timeoff_done){.request_id = "", .recorded_minutes = -1};
	if (!run_spans(h, t, &run->t) || !run_idempotency(h, t, i, &run->t))
		return fail_memory(h->failure);
	return write_content(h, &run->t, in->type, &run->content);
}

static enum gw_err
runs_cut(
    struct hris *h, const struct timeoff *t, const struct operation_in *in, struct run_list *out)
{
	size_t n = runs_count(h, in), at = 0, len;
	enum gw_err err = GW_OK;

	*out = (struct run_list){.items = arena_array(h->arena, n + 1, sizeof(*out->items))};
	if (out->items == NULL)
		return fail_memory(h->failure);
	while (err == GW_OK && out->n < n) {
		len = days_run(in->days, in->n_days, h->driver->traits(h), &at);
		err = run_cut(h, t, in, at, len, out->n, &out->items[out->n]);
		at += len;
		out->n++;
	}
	return err;
}

/* The ids of the first n runs, as one. NULL: no memory. */
static const char *
runs_ids(struct hris *h, const struct run_list *runs, size_t n)
{
	const char *ids = "", *id;
	size_t i;

	for (i = 0; ids != NULL && i < n; i++) {
		id = runs->items[i].done.request_id;
		if (id[0] != '\0')
			ids = arena_printf(h->arena, "%s%s%s", ids, ids[0] == '\0' ? "" : ",", id);
	}
	return ids;
}

/*
 * Takes back one run that this call wrote; see verify_undo(). What was not taken back is what it
 * was before, or somebody has changed it meanwhile.
 */
static enum intent_state
run_take_back(struct hris *h, struct run *run)
{
	struct intent *row = run->row, was;
	struct failure ignored = {0}, *mine = h->failure;
	enum intent_state state;
	struct current now;

	if (row == NULL)
		return INTENT_DONE;
	was = *row;
	h->failure = &ignored;
	if (verify_as_seen(h, run->in.agent_id, run->done.request_id, row, &now)) {
		h->journal->now = row;
		state = verify_undo(h, &run->in, run->done.request_id, &now.found);
	} else {
		state = INTENT_DONE;
		if (now.there && was.state == INTENT_DONE)
			was.state = INTENT_DIFFERENT;
	}
	fail_clear(h->failure);
	/* An open taking back stays one. */
	if (state != INTENT_UNKNOWN) {
		row->code = state == INTENT_DONE ? was.code : "";
		row->text = state == INTENT_DONE ? was.text : "";
	}
	was.state = state == INTENT_DONE ? was.state : state;
	(void)journal_update(h, row, was.state, intent_state_name(was.state));
	h->failure = mine;
	return state;
}

/* A run was refused: what this call wrote before it is taken back, the last first. */
static enum gw_err
runs_take_back(struct hris *h, struct run_list *runs, size_t refused, struct timeoff_done *done)
{
	struct failure why = *h->failure;
	enum intent_state state;
	bool unknown = false;
	const char *ids;
	size_t i;

	for (i = refused; i-- > 0;) {
		fail_clear(h->failure);
		state = run_take_back(h, &runs->items[i]);
		unknown = unknown || state == INTENT_UNKNOWN;
		if (state == INTENT_ENDED)
			runs->items[i].done.request_id = "";
	}
	ids = runs_ids(h, runs, refused);
	if (ids == NULL)
		return fail_memory(h->failure);
	done->request_id = ids;
	done->half = unknown || ids[0] != '\0';
	if (unknown)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "a part of the request was refused (%s), and it is not known whether what was entered of it before was taken back: look at %s in the HRIS",
		    why.text, ids);
	if (ids[0] != '\0')
		return fail(h->failure, CODE_HRIS_DIFFERENT,
		    "a part of the request was refused (%s) and %s of it stands: enter the rest by hand, or cancel it",
		    why.text, ids);
	return fail(h->failure, why.code, "%s%s", why.text,
	    refused == 0
		? ""
		: "; what was entered of the request before was taken back, and nothing stands");
}

/* Nothing more is written, and nothing taken back. */
static enum gw_err
runs_unknown(struct hris *h, const struct run_list *runs, size_t i, struct timeoff_done *done)
{
	struct failure why = *h->failure;
	const char *before = runs_ids(h, runs, i);

	done->request_id = runs_ids(h, runs, i + 1);
	done->half = true;
	if (before == NULL || done->request_id == NULL)
		return fail_memory(h->failure);
	if (before[0] == '\0')
		return why.err;
	fail_clear(h->failure);
	return fail(h->failure, why.code, "%s of the request stands; of the next part: %s", before,
	    why.text);
}

/* Is a request asked for the first time? Then its balance is looked at as a whole. */
static bool
runs_are_new(const struct hris *h, const struct run_list *runs)
{
	const struct journal *j = h->journal;
	size_t i, k;

	for (i = 0; j != NULL && i < runs->n; i++) {
		for (k = 0; k < j->n; k++) {
			if (memcmp(j->rows[k].key, runs->items[i].content.key, LEDGER_HMAC) == 0 &&
			    j->rows[k].state != INTENT_REFUSED && j->rows[k].state != INTENT_ENDED)
				return false;
		}
	}
	return true;
}

static void
runs_add(const struct run *run, bool first, struct timeoff_done *done)
{
	int64_t asked = days_minutes(run->in.days, run->in.n_days);

	done->replayed = (first || done->replayed) && run->done.replayed;
	done->status = first || done->status == run->done.status ? run->done.status : STATUS_NONE;
	done->recorded_minutes +=
	    run->done.recorded_minutes < 0 ? asked : run->done.recorded_minutes;
}

/* What stands of a run otherwise than asked, or not approved, is said when all are written. */
static bool
run_stands(const struct hris *h, const struct run *run)
{
	return run->done.request_id[0] != '\0' && (h->failure->code == CODE_HRIS_NOT_APPROVED ||
						      h->failure->code == CODE_HRIS_DIFFERENT);
}

static enum gw_err
runs_write(struct hris *h, struct run_list *runs, int64_t asked, struct timeoff_done *done)
{
	struct failure first = {0};
	enum gw_err err;
	struct run *run;
	size_t i;

	done->recorded_minutes = 0;
	for (i = 0; i < runs->n; i++) {
		run = &runs->items[i];
		h->runs_after = (unsigned)(runs->n - 1 - i);
		if (h->journal != NULL)
			h->journal->now = NULL;
		err = insert_one(h, &run->t, &run->in, &run->content, &run->done);
		if (h->journal != NULL && h->journal->now != NULL && !run->done.replayed)
			run->row = h->journal->now;
		if (err == GW_EUNKNOWN) {
			done->recorded_minutes = -1;
			return runs_unknown(h, runs, i, done);
		}
		if (err != GW_OK && !run_stands(h, run)) {
			done->recorded_minutes = -1;
			return runs_take_back(h, runs, i, done);
		}
		if (err != GW_OK && first.err == GW_OK)
			first = *h->failure;
		fail_clear(h->failure);
		runs_add(run, i == 0, done);
	}
	done->request_id = runs_ids(h, runs, runs->n);
	if (done->request_id == NULL)
		return fail_memory(h->failure);
	if (done->recorded_minutes >= asked)
		done->recorded_minutes = -1;
	else
		h->accepted_minutes = done->recorded_minutes;
	*h->failure = first;
	return first.err;
}

/* The newest row of a run of that content; NULL: none. */
static const struct intent *
run_newest(const struct journal *j, const struct run *run)
{
	size_t i;

	for (i = j == NULL ? 0 : j->n; i-- > 0;) {
		if (j->rows[i].op == INTENT_INSERT &&
		    memcmp(j->rows[i].key, run->content.key, LEDGER_HMAC) == 0)
			return &j->rows[i];
	}
	return NULL;
}

/* What was recorded otherwise, and taken back, is not written again soon: nor the others of it. */
static enum gw_err
runs_taken_back(struct hris *h, struct run_list *runs, struct timeoff_done *done)
{
	const struct intent *back = NULL, *row;
	int64_t age;
	size_t i;

	for (i = 0; i < runs->n; i++) {
		row = run_newest(h->journal, &runs->items[i]);
		if (row == NULL)
			continue;
		age = clock_wall_ms(h->clock) - row->settled_ms;
		if (row->state == INTENT_TAKEN_BACK && age >= 0 && age < TAKEN_BACK_MS)
			back = row;
		if (row->state == INTENT_DONE || row->state == INTENT_DIFFERENT ||
		    row->state == INTENT_NOT_APPROVED)
			runs->items[i].done.request_id = row->request;
	}
	if (back == NULL)
		return GW_OK;
	done->replayed = true;
	done->request_id = runs_ids(h, runs, runs->n);
	if (done->request_id == NULL)
		return fail_memory(h->failure);
	if (done->request_id[0] == '\0')
		return fail(h->failure, CODE_HRIS_DIFFERENT, "%s", back->text);
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "a part of the request was taken back (%s) and %s of it stands: enter the rest by hand, or cancel it",
	    back->text, done->request_id);
}

static enum gw_err
runs_insert(struct hris *h, const struct timeoff *t, const struct operation_in *in,
    struct timeoff_done *done)
{
	struct run_list runs;
	enum gw_err err = runs_cut(h, t, in, &runs);

	if (err == GW_OK)
		err = runs_taken_back(h, &runs, done);
	if (err == GW_OK && t->status == STATUS_PENDING && !t->skip_balance &&
	    runs_are_new(h, &runs))
		err = write_check_balance(h, in, NULL);
	return err == GW_OK ? runs_write(h, &runs, days_minutes(in->days, in->n_days), done) : err;
}

/* Of a run of that change alone: a change is never compared with inserts. False: no memory. */
static bool
run_key(struct hris *h, const struct intent *of, const char *use, struct intent *content)
{
	const char *parts[2] = {NULL, content->days};
	struct buf hex;

	buf_init(&hex, 2 * LEDGER_HMAC);
	hex_encode(&hex, of->key, LEDGER_HMAC);
	if (hex.err == GW_OK)
		parts[0] = arena_strndup(h->arena, hex.data, hex.len);
	buf_clear(&hex);
	if (parts[0] != NULL)
		journal_key(h, use, of->agent, parts, ARRAY_LEN(parts), content->key);
	return parts[0] != NULL;
}

enum gw_err
runs_enter(struct hris *h, const struct timeoff *t, const char *use, struct timeoff_done *done)
{
	struct journal *j = h->journal;
	struct intent *of = j == NULL ? NULL : j->now;
	struct timeoff anew = *t;
	struct operation_in in;
	struct run_list runs;
	enum gw_err err;
	size_t i;

	*done = (struct timeoff_done){.request_id = "", .recorded_minutes = -1};
	anew.request_id = anew.idempotency_key = NULL;
	if (j != NULL)
		j->whole = of;
	err = write_prepare(h, &anew, &in);
	if (err == GW_OK)
		err = runs_cut(h, &anew, &in, &runs);
	for (i = 0; err == GW_OK && of != NULL && i < runs.n; i++) {
		if (!run_key(h, of, use, &runs.items[i].content))
			err = fail_memory(h->failure);
	}
	if (err == GW_OK)
		err = runs_write(h, &runs, days_minutes(in.days, in.n_days), done);
	if (of == NULL)
		return err;
	of->verified = err == GW_OK;
	for (i = 0; of->verified && i < runs.n; i++)
		of->verified = runs.items[i].row != NULL && runs.items[i].row->verified;
	j->now = of;
	j->whole = NULL;
	j->sent = true;
	return err;
}

enum gw_err
runs_known(struct hris *h, const struct timeoff *t, const char **ids)
{
	struct operation_in in;
	struct run_list runs;
	struct intent *row;
	enum gw_err err = write_prepare(h, t, &in);
	size_t i, n = 0;

	*ids = "";
	if (err != GW_OK || runs_count(h, &in) < 2)
		return err;
	err = runs_cut(h, t, &in, &runs);
	for (i = 0; err == GW_OK && i < runs.n; i++) {
		err = insert_row(h, &runs.items[i].content, &row);
		/* What took its place is another request, though on the same days. */
		if (err != GW_OK || row == NULL || row->request[0] == '\0' ||
		    strcmp(journal_newest(h->journal, row->request), row->request) != 0)
			continue;
		runs.items[i].done.request_id = row->request;
		n++;
	}
	if (err == GW_OK)
		*ids = runs_ids(h, &runs, runs.n);
	if (*ids == NULL)
		return fail_memory(h->failure);
	if (err != GW_OK || n == 0 || n == runs.n)
		return err;
	return fail(h->failure, CODE_HRIS_CONFLICT,
	    "the update names no request, and of the one on these days the gateway has written only %s: name it by its id; nothing was written",
	    *ids);
}

/* The insert of one of several requests, or what became of it. NULL: it is not known, or over. */
static const struct intent *
run_row(const struct journal *j, const char *id)
{
	const struct intent *row = NULL;
	size_t i;

	for (i = j->n; i-- > 0 && row == NULL;) {
		if (j->rows[i].op == INTENT_INSERT && j->rows[i].state != INTENT_REFUSED &&
		    strcmp(j->rows[i].request, id) == 0)
			row = &j->rows[i];
	}
	return row == NULL || (row->state != INTENT_DONE && row->state != INTENT_DIFFERENT &&
				  row->state != INTENT_NOT_APPROVED)
		   ? NULL
		   : row;
}

/* One more of them. False: it is of no such request. */
static bool
run_join(struct hris *h, const struct intent *row, struct intent *whole)
{
	bool first = whole->days == NULL;

	if (row == NULL || (!first && strcmp(row->type, whole->type) != 0))
		return false;
	if (first) {
		*whole = *row;
		whole->request = whole->shown = "";
		return true;
	}
	if (strcmp(row->wanted, whole->wanted) != 0)
		whole->wanted = "";
	if (row->state != INTENT_DONE)
		whole->state = row->state;
	if (row->settled_ms > whole->settled_ms)
		whole->settled_ms = row->settled_ms;
	whole->days = arena_printf(h->arena, "%s;%s", whole->days, row->days);
	return whole->days != NULL;
}

/* Does that one show what it showed when it was written? */
static bool
run_as_shown(struct hris *h, const char *id)
{
	const char *agent = h->journal->agent[0] == '\0' ? NULL : h->journal->agent;
	struct current now;

	return verify_as_seen(h, agent, id, run_row(h->journal, id), &now);
}

const struct intent *
runs_written(struct hris *h, const char *ids, const struct intent *content, const struct found *now)
{
	struct intent *whole = arena_array(h->arena, 1, sizeof(*whole));
	const char *p = ids, *id;
	bool as_shown = now != NULL, known = h->journal != NULL && strchr(ids, ',') != NULL;
	size_t len;

	if (whole == NULL)
		return NULL;
	*whole = (struct intent){.days = NULL};
	for (; known && *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		id = arena_strndup(h->arena, p, len);
		known = id != NULL && run_join(h, run_row(h->journal, id), whole);
	}
	if (!known || whole->days == NULL || strcmp(whole->days, content->days) != 0 ||
	    strcmp(whole->type, content->type) != 0)
		return NULL;
	for (p = ids; as_shown && *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		id = arena_strndup(h->arena, p, len);
		as_shown = id != NULL && run_as_shown(h, id);
	}
	if (as_shown)
		whole->shown = journal_row_text(h, now);
	return whole;
}

enum gw_err
insert_locked(struct hris *h, const struct timeoff *t, struct operation_in *in,
    struct intent *content, struct timeoff_done *done)
{
	return runs_count(h, in) > 1 ? runs_insert(h, t, in, done)
				     : insert_one(h, t, in, content, done);
}

enum gw_err
runs_first_key(struct hris *h, const struct timeoff *t, const struct operation_in *in,
    unsigned char key[LEDGER_HMAC])
{
	size_t at = 0, len = days_run(in->days, in->n_days, h->driver->traits(h), &at);
	struct run first = {.row = NULL};
	enum gw_err err = run_cut(h, t, in, at, len, 0, &first);

	if (err == GW_OK)
		memcpy(key, first.content.key, LEDGER_HMAC);
	return err;
}
