/* journal.c: see journal.h. */
#include "hris/journal.h"

#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "engine/loop.h"
#include "engine/task.h"
#include "format/json.h"

enum {
	LOCK_SPARE_MS = 300, /* kept of the deadline to say why the lock was not had */
	FATE_MS = 2000,      /* a fate is kept even where the deadline has passed */
	ANEW_SERIAL = 1000,  /* far from those of later writes of the request */
	STEPS_PARTS = 2,     /* of a replace: its cancel, and some of what follows it */
	MARKER_BYTES = 8
};

/* A dry run writes nothing, and keeps nothing. */
static bool
is_dry(const struct hris *h)
{
	return h->transport != NULL && h->transport->dry;
}

static const char *
ledger_name(const struct hris *h)
{
	return h->route->ledger == NULL ? h->route->name : h->route->ledger;
}

void
journal_key(const struct hris *h, const char *use, const char *agent, const char *const *parts,
    size_t n, unsigned char out[LEDGER_HMAC])
{
	const char *all[8] = {ledger_name(h), agent == NULL ? "" : agent};
	size_t i;

	memset(out, 0, LEDGER_HMAC);
	for (i = 0; i < n && i + 2 < ARRAY_LEN(all); i++)
		all[i + 2] = parts[i] == NULL ? "" : parts[i];
	/* A ledger that does not work says so when its rows are read. */
	if (h->ledger != NULL)
		(void)ledger_hmac(h->ledger, use, all, i + 2, out);
}

/* Out of memory there is no key: all that has none would be one request. */
static enum gw_err
check_key(struct hris *h, const unsigned char key[LEDGER_HMAC])
{
	static const unsigned char none[LEDGER_HMAC];

	return memcmp(key, none, LEDGER_HMAC) == 0 ? fail_memory(h->failure) : GW_OK;
}

/* Nobody gave the lock up in time. What runs may be the same request. */
static enum gw_err
lock_refused(struct hris *h, enum lock_got got, bool same, const unsigned char key[LEDGER_HMAC])
{
	const struct journal *j = h->journal;
	struct failure ignored = {0};
	struct intent *rows;
	size_t n = 0, i;

	if (got == LOCK_NO_MEMORY)
		return fail_memory(h->failure);
	if (got == LOCK_BROKEN)
		return fail(h->failure, CODE_GATEWAY_STORE,
		    "ledger.lock in state_dir cannot be locked; nothing was written");
	if (check_key(h, key) != GW_OK)
		return fail_memory(h->failure);
	if (!same &&
	    ledger_read(h->ledger, j->ledger, j->agent, h->arena, &rows, &n, &ignored) == GW_OK) {
		for (i = 0; i < n; i++)
			same = same || (memcmp(rows[i].key, key, LEDGER_HMAC) == 0 &&
					   rows[i].state != INTENT_REFUSED &&
					   rows[i].state != INTENT_ENDED &&
					   rows[i].state != INTENT_TAKEN_BACK);
	}
	if (same)
		return fail(h->failure, CODE_GATEWAY_IN_PROGRESS,
		    "the same request is in the ledger, or is being written at this moment, and what it has become is not known yet: look in the HRIS before entering it by hand");
	return fail(h->failure, CODE_GATEWAY_BUSY,
	    "other requests of this agent are being written; nothing was written for this one");
}

/* Of a request that only its id names. */
static enum gw_err
journal_owner(struct hris *h, struct journal *j, const char *request_id)
{
	const char *owner = NULL;
	enum gw_err err;

	j->agent = "";
	if (text_is_empty(request_id))
		return GW_OK;
	err = ledger_owner(h->ledger, j->ledger, request_id, h->arena, &owner, h->failure);
	if (owner != NULL)
		j->agent = owner;
	return err;
}

enum gw_err
journal_open(struct hris *h, struct journal *j, const char *agent, const char *request_id,
    const unsigned char key[LEDGER_HMAC])
{
	int64_t until;
	enum lock_got got;
	enum gw_err err = GW_OK;
	bool same = false;

	*j = (struct journal){.ledger = ledger_name(h),
	    .agent = agent,
	    .joins = h->driver->traits(h)->many || h->driver->traits(h)->by_run};
	if (h->ledger == NULL)
		return GW_OK;
	h->journal = j;
	until = loop_now_ms() + (h->deadline_ms - clock_mono_ms(h->clock) - LOCK_SPARE_MS);
	if (agent == NULL)
		err = journal_owner(h, j, request_id);
	if (err != GW_OK)
		return err;
	got = ledger_locks(h->ledger) == NULL ? LOCK_BROKEN
					      : lock_take(ledger_locks(h->ledger), j->ledger,
						    j->agent, key, until, &j->lock, &same);
	if (got != LOCK_HELD)
		return lock_refused(h, got, same, key);
	err = ledger_read(h->ledger, j->ledger, j->agent, h->arena, &j->rows, &j->n, h->failure);
	return err == GW_OK ? check_key(h, key) : err;
}

void
journal_close(struct hris *h)
{
	if (h->journal == NULL)
		return;
	lock_release(h->journal->lock);
	h->journal = NULL;
}

/* Did a write of ours put it under another id? While both stand it has not. */
static const char *
replaced_by(const struct journal *j, const char *id)
{
	size_t i;

	for (i = j->n; i-- > 0;) {
		if (j->rows[i].op != INTENT_CREATE_FIRST && strcmp(j->rows[i].before, id) == 0 &&
		    j->rows[i].request[0] != '\0' && strcmp(j->rows[i].request, id) != 0)
			return j->rows[i].request;
	}
	return NULL;
}

const char *
journal_newest(const struct journal *j, const char *id)
{
	const char *next;
	size_t i;

	for (i = 0; j != NULL && i < j->n; i++) {
		next = replaced_by(j, id);
		if (next == NULL)
			break;
		id = next;
	}
	return id;
}

const char *
journal_oldest(const struct journal *j, const char *id)
{
	const char *before = id;
	size_t i, k;

	for (k = 0; j != NULL && k < j->n && before != NULL; k++) {
		before = NULL;
		for (i = 0; i < j->n && before == NULL; i++) {
			if (j->rows[i].op != INTENT_CREATE_FIRST && j->rows[i].before[0] != '\0' &&
			    strcmp(j->rows[i].request, id) == 0 &&
			    strcmp(j->rows[i].before, id) != 0)
				id = before = j->rows[i].before;
		}
	}
	return id;
}

static bool
id_is(const struct journal *j, const char *id, const char *other)
{
	const char *newest;

	if (id[0] == '\0')
		return false;
	newest = journal_newest(j, id);
	return strcmp(newest, other) == 0 || (j->joins && ids_meet(newest, other));
}

bool
journal_is_of(const struct journal *j, const struct intent *row, const char *id)
{
	return id_is(j, row->request, id) || id_is(j, row->before, id);
}

const char *
journal_whole(const struct journal *j, const char *id)
{
	const struct intent *row;
	size_t i;

	for (i = j->joins ? j->n : 0; i-- > 0;) {
		row = &j->rows[i];
		if (row->op == INTENT_REPLACE && row->state != INTENT_REFUSED &&
		    ids_meet(row->request, id) &&
		    strcmp(journal_newest(j, row->request), row->request) == 0)
			return row->request;
	}
	return id;
}

bool
journal_knows(const struct journal *j, const char *id)
{
	size_t i;

	for (i = 0; j != NULL && i < j->n; i++) {
		if (journal_is_of(j, &j->rows[i], journal_newest(j, id)))
			return true;
	}
	return false;
}

const char *
hris_marker(struct ledger *l, struct arena *a, const struct intent *row)
{
	unsigned char mac[LEDGER_HMAC];
	const char *parts[3], *marker = NULL;
	struct buf hex;

	buf_init(&hex, 2 * LEDGER_HMAC);
	hex_encode(&hex, row->key, LEDGER_HMAC);
	parts[0] = arena_strndup(a, hex.data, hex.len);
	parts[1] = arena_printf(a, "%lld", (long long)row->generation);
	parts[2] = arena_printf(a, "%lld", (long long)row->serial);
	if (hex.err == GW_OK && parts[0] != NULL && parts[1] != NULL && parts[2] != NULL &&
	    ledger_hmac(l, "marker", parts, 3, mac)) {
		buf_reset(&hex);
		hex_encode(&hex, mac, MARKER_BYTES);
		marker = arena_printf(a, "[hrisgw %.*s]", (int)hex.len, hex.data);
	}
	buf_clear(&hex);
	return marker;
}

/* With it its bare form, for an HRIS that takes an id of ours. */
static bool
marker_set(struct hris *h, const struct intent *row, struct operation_in *in)
{
	in->marker = hris_marker(h->ledger, h->arena, row);
	if (in->marker == NULL)
		return false;
	in->key = arena_strndup(h->arena, in->marker + strlen("[hrisgw "), 2 * MARKER_BYTES);
	return in->key != NULL;
}

/* How many writes of its request came before. */
static int64_t
serial_of(const struct journal *j, const struct intent *row)
{
	int64_t serial = 1;
	size_t i;

	for (i = 0; row->before[0] != '\0' && i < j->n; i++)
		serial += journal_is_of(j, &j->rows[i], journal_newest(j, row->before));
	return serial;
}

enum gw_err
journal_intend(struct hris *h, enum intent_op op, const struct intent *content,
    struct intent *again, struct operation_in *in)
{
	struct journal *j = h->journal;
	struct intent *row = again;

	in->marker = h->marker;
	if (j == NULL)
		return GW_OK;
	if (row == NULL)
		row = arena_alloc(h->arena, sizeof(*row));
	if (row == NULL || check_key(h, content->key) != GW_OK)
		return fail_memory(h->failure);
	if (again == NULL) {
		*row = *content;
		row->op = op;
		row->ledger = j->ledger;
		row->agent = j->agent;
		row->generation = content->generation == 0 ? 1 : content->generation;
		row->serial = serial_of(j, row);
		row->begun_ms = clock_wall_ms(h->clock);
	}
	memcpy(row->idempotency, content->idempotency, LEDGER_HMAC);
	row->wanted = content->wanted;
	row->route = h->route->name;
	row->request_log_id = h->request_log_id == NULL ? "" : h->request_log_id;
	row->request = row->shown = row->code = row->text = row->seen = "";
	row->looked = row->verified = false;
	row->steps = 0;
	row->recorded_minutes = -1;
	if (!marker_set(h, row, in))
		return fail_memory(h->failure);
	j->now = row;
	j->sent = false;
	return GW_OK;
}

/* Has a write in this state cancelled, denied, moved or replaced its request? */
static bool
row_ends(const struct intent *row, const struct intent *insert)
{
	bool ended = row->state == INTENT_ENDED || row->state == INTENT_HALF_REPLACED;

	if (row->op == INTENT_INSERT || row->op == INTENT_CREATE_FIRST ||
	    (row->op == INTENT_APPROVE && !ended) ||
	    (row->state != INTENT_DONE && row->state != INTENT_DIFFERENT &&
		row->state != INTENT_NOT_APPROVED && !ended))
		return false;
	return (row->op != INTENT_CHANGE && row->op != INTENT_REPLACE) || ended ||
	       strcmp(row->days, insert->days) != 0 || strcmp(row->type, insert->type) != 0;
}

/* A row in its new state, and the inserts whose generation it ends, in one transaction. */
static enum gw_err
journal_put(struct hris *h, struct intent *row, const char *event)
{
	struct journal *j = h->journal;
	struct intent **rows = arena_array(h->arena, j->n + 1, sizeof(*rows)), *insert;
	size_t n = 0, i;

	if (rows == NULL)
		return fail_memory(h->failure);
	rows[n++] = row;
	row->settled_ms = clock_wall_ms(h->clock);
	for (i = j->n; i-- > 0;) {
		insert = &j->rows[i];
		/* What is newer may be a part of what the row brought. */
		if (insert == row || (row->n != 0 && insert->n > row->n) ||
		    insert->op != INTENT_INSERT || insert->state == INTENT_ENDED ||
		    insert->state == INTENT_REFUSED ||
		    !journal_is_of(j, insert, journal_newest(j, row->before)))
			continue;
		if (row_ends(row, insert)) {
			insert->state = INTENT_ENDED;
			rows[n++] = insert;
		}
		/* Where a request is one row, the newest is it. */
		if (!j->joins)
			break;
	}
	return ledger_write(h->ledger, rows, n, event, h->failure);
}

enum gw_err
journal_anew(struct hris *h, struct operation_in *in)
{
	struct journal *j = h->journal;

	if (j == NULL || j->now == NULL)
		return GW_OK;
	j->now->serial += ANEW_SERIAL;
	j->now->request = "";
	j->now->steps = 1; /* the cancel */
	return marker_set(h, j->now, in) ? GW_OK : fail_memory(h->failure);
}

/* Kept as the code of an answer that is not given yet. */
void
journal_undoes(struct hris *h)
{
	if (h->journal != NULL && h->journal->now != NULL)
		h->journal->now->code = fail_code_text(CODE_HRIS_DIFFERENT);
}

bool
journal_undone(const struct intent *row)
{
	return intent_is_open(row->state) &&
	       strcmp(row->code, fail_code_text(CODE_HRIS_DIFFERENT)) == 0;
}

enum gw_err
journal_saw(struct hris *h, const struct standing *before)
{
	struct journal *j = h->journal;

	if (j == NULL || j->now == NULL)
		return GW_OK;
	j->now->looked = before->known;
	j->now->seen = standing_ids(h, before);
	return j->now->seen == NULL ? fail_memory(h->failure) : GW_OK;
}

enum gw_err
journal_written(struct hris *h, const struct result *result)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct journal *j = h->journal;

	if (j == NULL || j->now == NULL || !j->sent)
		return GW_OK;
	j->now->request = result->id;
	j->now->steps = 0;
	/* It is in the HRIS: a disk that fails now changes nothing of that. */
	h->failure = &ignored;
	(void)journal_put(h, j->now, "written");
	h->failure = mine;
	return GW_OK;
}

enum gw_err
journal_step(struct hris *h, const struct operation_out *so_far)
{
	struct journal *j = h->journal;

	if (j == NULL || j->now == NULL || is_dry(h))
		return GW_OK;
	if (so_far != NULL && so_far->result.id != NULL)
		j->now->request = so_far->result.id;
	if (so_far != NULL && so_far->written)
		j->now->steps++;
	if (!j->sent)
		j->now->attempts++;
	j->now->state = INTENT_SENDING;
	j->now->quiet_ms = clock_wall_ms(h->clock) + h->quiet_ms - clock_mono_ms(h->clock);
	j->sent = true;
	return journal_put(h, j->now, "sending");
}

enum gw_err
journal_half(struct hris *h, bool parts)
{
	struct journal *j = h->journal;

	if (j == NULL || j->now == NULL || is_dry(h))
		return GW_OK;
	j->now->state = INTENT_HALF_REPLACED;
	j->now->steps = parts ? STEPS_PARTS : 1;
	j->now->verified = false;
	j->sent = true;
	return journal_put(h, j->now, "half-replaced");
}

bool
journal_has_parts(const struct intent *row)
{
	return row->state == INTENT_HALF_REPLACED && row->steps >= STEPS_PARTS;
}

enum gw_err
journal_restores(struct hris *h)
{
	struct journal *j = h->journal;

	if (j == NULL || j->now == NULL)
		return GW_OK;
	j->now->steps = STEPS_PARTS;
	return journal_update(h, j->now, INTENT_UNKNOWN, "restores");
}

enum gw_err
journal_resume(struct hris *h, struct intent *row, struct operation_in *in)
{
	row->code = row->text = "";
	h->journal->now = row;
	h->journal->sent = false;
	return marker_set(h, row, in) ? GW_OK : fail_memory(h->failure);
}

void
journal_seen(struct hris *h)
{
	if (h->journal != NULL && h->journal->now != NULL)
		h->journal->now->verified = true;
}

void
journal_applied(struct hris *h)
{
	if (h->journal != NULL && h->journal->now != NULL && h->journal->now->steps == 0)
		h->journal->now->steps = 1;
}

/* The state in which an answer leaves a write. */
static enum intent_state
state_of(const struct hris *h, enum gw_err err, const struct timeoff_done *done)
{
	const struct intent *row = h->journal->now;

	if (err == GW_OK)
		return INTENT_DONE;
	if (done->half)
		return INTENT_HALF_REPLACED;
	switch (h->failure->code) {
	case CODE_HRIS_NOT_APPROVED:
		return status_ended(done->status) ? INTENT_ENDED : INTENT_NOT_APPROVED;
	case CODE_HRIS_DIFFERENT:
		return text_is_empty(done->request_id) ? INTENT_TAKEN_BACK : INTENT_DIFFERENT;
	default:
		/* What the HRIS answered by success is not refused, whatever failed later. */
		return err == GW_EUNKNOWN || row->request[0] != '\0' ? INTENT_UNKNOWN
								     : INTENT_REFUSED;
	}
}

enum gw_err
journal_fate(struct hris *h, enum gw_err err, const struct timeoff_done *done)
{
	struct failure mine = *h->failure, *kept = h->failure, ignored = {0};
	struct journal *j = h->journal;
	struct intent *row;

	/* What was never sent leaves no row. */
	if (j == NULL || j->now == NULL || !j->sent)
		return err;
	row = j->now;
	row->state = state_of(h, err, done);
	if (!text_is_empty(done->request_id))
		row->request = done->request_id;
	/* An open taking back stays one. */
	if (row->state != INTENT_UNKNOWN || !journal_undone(row))
		row->code = err == GW_OK ? "" : fail_code_text(mine.code);
	row->text = err == GW_OK ? "" : arena_strdup(h->arena, mine.text);
	row->recorded_minutes = done->recorded_minutes;
	h->unverified = err == GW_OK && !row->verified;
	if (err == GW_OK && row->recorded_minutes > 0)
		h->accepted_minutes = row->recorded_minutes;
	if (row->text == NULL)
		row->text = "";
	/* Where it cannot be kept, the row stays as sending, and the next call looks. */
	if (task_left_ms(FATE_MS) < FATE_MS)
		task_set_deadline(loop_now_ms() + FATE_MS);
	h->failure = &ignored;
	(void)journal_put(h, row, intent_state_name(row->state));
	h->failure = kept;
	return err;
}

enum gw_err
journal_update(struct hris *h, struct intent *row, enum intent_state state, const char *event)
{
	if (is_dry(h))
		return GW_OK;
	row->state = state;
	return journal_put(h, row, event);
}

const char *
journal_when(struct arena *a, int64_t wall_ms)
{
	int64_t minute = wall_ms / 60000;
	struct date d = {.day = (int32_t)(minute / (24 * 60))};
	char date[DATE_TEXT_MAX];

	date_format(d, date);
	return arena_printf(
	    a, "%s %02d:%02d UTC", date, (int)(minute / 60 % 24), (int)(minute % 60));
}

bool
journal_recall(struct hris *h, const struct intent *row, struct operation_in *in)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct span *spans;
	struct day *days;
	size_t n;
	bool whole = false;

	*in = (struct operation_in){.agent_id = row->agent[0] == '\0' ? NULL : row->agent,
	    .request_id = row->before[0] == '\0' ? NULL : row->before,
	    .min_date = {row->first_day},
	    .max_date = {row->last_day},
	    .look_from = {row->first_day},
	    .look_to = {row->last_day},
	    .marker = hris_marker(h->ledger, h->arena, row)};
	if (in->marker == NULL || !status_parse(row->wanted, &in->status) ||
	    !asked_spans(h->arena, row->days, &spans, &n))
		return false;
	days = arena_array(h->arena, n + 1, sizeof(*days));
	if (days == NULL)
		return false;
	h->failure = &ignored;
	if (days_fold(h, spans, n, days, &in->n_days) == GW_OK &&
	    (row->type[0] == '\0' || hris_type(h, row->type, NULL, &in->type) == GW_OK))
		whole = in->type == NULL || days_prepare(h, in->type, days, in->n_days) == GW_OK;
	h->failure = mine;
	in->days = days;
	return whole;
}

/* A day: [date, minutes or the HRIS's own amount, when it begins]. */
static struct value *
row_day(struct hris *h, const struct found *f, const struct timeoff_type *type, size_t i)
{
	struct value *day = value_list(h->arena);
	char date[DATE_TEXT_MAX];
	int64_t minutes;

	date_format(f->days[i].date, date);
	if (!value_add(h->arena, day, value_text(h->arena, date)))
		return NULL;
	if (hris_found_day(h, f, type, i, &minutes) &&
	    !value_add(h->arena, day, value_integer(h->arena, minutes)))
		return NULL;
	if (f->days[i].from != NULL &&
	    !value_add(h->arena, day, value_text(h->arena, f->days[i].from)))
		return NULL;
	return day;
}

static bool
row_set(struct hris *h, struct value *v, const char *name, const char *text)
{
	return text == NULL || value_set(h->arena, v, name, value_text(h->arena, text));
}

bool
journal_same_content(const char *a, const char *b)
{
	const char *x = strstr(a, ",\"content\":"), *y = strstr(b, ",\"content\":");

	return x != NULL && y != NULL && strcmp(x, y) == 0;
}

/* Last what the request is about: two rows are about the same where their texts end alike. */
const char *
journal_row_text(struct hris *h, const struct found *f)
{
	struct arena *a = h->arena;
	struct value *v = value_object(a), *content = value_object(a), *days = value_list(a);
	const struct timeoff_type *type = NULL;
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
	const char *text = NULL;
	int64_t minutes;
	struct buf b;
	size_t i;
	bool whole = true;

	(void)found_type(h, f, &type);
	date_format(f->start, from);
	date_format(f->end, to);
	for (i = 0; i < f->n_days; i++)
		whole = whole && value_add(a, days, row_day(h, f, type, i));
	if (hris_found_total(h, f, type, &minutes))
		whole = whole && value_set(a, content, "minutes", value_integer(a, minutes));
	whole =
	    whole && row_set(h, v, "id", f->id) &&
	    row_set(h, v, "status", status_name(f->status)) &&
	    row_set(h, content, "type", f->type_id) &&
	    (!f->ranged || (row_set(h, content, "from", from) && row_set(h, content, "to", to))) &&
	    row_set(h, content, "start", f->from) && value_set(a, content, "days", days) &&
	    value_set(a, v, "content", content);
	buf_init(&b, LIMIT_BODY);
	if (whole)
		json_value(&b, v);
	if (b.err == GW_OK && b.len > 0)
		text = arena_strndup(a, b.data, b.len);
	buf_clear(&b);
	return text == NULL ? "" : text;
}
