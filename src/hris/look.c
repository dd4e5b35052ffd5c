/*
 * look.c: what the HRIS shows around a write: before it, after it, and whether a row is what was
 * asked. A marker proves by itself; likeness only where the adapter says so, and only of a row that
 * was not there before.
 */
#include "hris/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hris/journal.h"

enum {
	MARKER_KEY_MAX = 64,
	IDS_SHOWN_MAX = 200, /* bytes of a list of ids in a message */
	LOOK_MS = 200        /* what a last look needs at least */
};

bool
look_wait_quiet(struct hris *h)
{
	int64_t now = clock_mono_ms(h->clock), wait = h->quiet_ms - now;

	if (wait > h->deadline_ms - now - LOOK_MS)
		return false;
	if (wait > 0)
		clock_sleep_ms(h->clock, wait);
	return true;
}

bool
look_wait_visible(struct hris *h)
{
	int64_t settle = h->driver->traits(h)->settle_ms;
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock);

	if (settle > 0 && left > 0)
		clock_sleep_ms(h->clock, settle < left / 2 ? settle : left / 2);
	return settle <= 0 || settle <= left / 2;
}

bool
found_is_live(const struct found *f)
{
	return f->status == STATUS_PENDING || f->status == STATUS_APPROVED;
}

bool
found_has_marker(const struct found *f, const char *marker)
{
	const char *key = marker == NULL ? NULL : strchr(marker, ' ');
	char bare[MARKER_KEY_MAX];
	size_t i;

	if (key == NULL)
		return false;
	/* An HRIS that takes an id of ours has it without the brackets. */
	(void)snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(key + 1, "]"), key + 1);
	if (bare[0] == '\0')
		return false;
	if (f->marker != NULL && strstr(f->marker, bare) != NULL)
		return true;
	for (i = 0; i < f->n_notes; i++) {
		if (strstr(f->notes[i], bare) != NULL)
			return true;
	}
	return false;
}

/* The minutes that are asked for that date. */
static int
minutes_on(const struct day *days, size_t n, struct date date)
{
	size_t i;

	for (i = 0; i < n && days[i].date.day != date.day; i++)
		continue;
	return i < n ? days[i].minutes : 0;
}

static bool
same_days(struct hris *h, const struct found *f, const struct operation_in *in)
{
	int64_t minutes, total;
	size_t i;

	/* Listed days count only where they add up (BambooHR may show the first alone). */
	if (!found_days_minutes(h, f, in->type, &total))
		return f->n_days == 0;
	if (total != days_minutes(in->days, in->n_days))
		return true;
	for (i = 0; i < f->n_days; i++) {
		if (!hris_found_day(h, f, in->type, i, &minutes) ||
		    minutes != minutes_on(in->days, in->n_days, f->days[i].date))
			return false;
	}
	return true;
}

/* When the request begins on that date; NULL: not known. */
static const char *
found_from(const struct found *f, struct date date)
{
	size_t i;

	for (i = 0; i < f->n_days; i++) {
		if (f->days[i].date.day == date.day && f->days[i].from != NULL)
			return f->days[i].from;
	}
	return f->from;
}

/* A part of a day may be another part, where the HRIS gets to know which. */
static bool
same_times(const struct traits *t, const struct found *f, const struct operation_in *in)
{
	const struct day *d;
	const char *from;
	int64_t asked, held;
	size_t i;

	for (i = 0; t->spans && i < in->n_days; i++) {
		d = &in->days[i];
		if (d->minutes == 0 || strcmp(d->part, "day") == 0)
			continue;
		from = found_from(f, d->date);
		if (from == NULL)
			return false;
		if (strcmp(from, d->part) != 0 &&
		    (!amount_read(from, UNIT_CLOCK, 0, &held) ||
			!amount_read(d->from, UNIT_CLOCK, 0, &asked) || held != asked))
			return false;
	}
	return true;
}

bool
found_counts_as_asked(const struct operation_in *in, const struct found *f)
{
	int64_t counted;
	size_t i;

	for (i = 0; i < in->n_days; i++) {
		if (in->days[i].minutes > 0 && !in->days[i].whole)
			return false;
	}
	return in->n_days > 0 && f->minutes != NULL && f->ranged &&
	       f->start.day >= in->min_date.day && f->end.day <= in->max_date.day &&
	       amount_read(f->minutes, UNIT_MINUTES, 0, &counted) &&
	       counted == days_minutes(in->days, in->n_days);
}

bool
content_same(struct hris *h, const struct operation_in *in, const struct found *f)
{
	size_t first = 0, last = in->n_days;
	int64_t minutes;

	if (in->type == NULL || !text_equal(f->type_id, in->type->id) || !f->ranged ||
	    in->n_days == 0 ||
	    (!found_counts_as_asked(in, f) &&
		(!found_minutes(h, f, &minutes) || minutes != days_minutes(in->days, in->n_days))))
		return false;
	while (first + 1 < last && in->days[first].minutes == 0)
		first++;
	while (last > first + 1 && in->days[last - 1].minutes == 0)
		last--;
	if ((f->start.day != in->min_date.day && f->start.day != in->days[0].date.day &&
		f->start.day != in->days[first].date.day) ||
	    (f->end.day != in->max_date.day && f->end.day != in->days[in->n_days - 1].date.day &&
		f->end.day != in->days[last - 1].date.day))
		return false;
	return same_days(h, f, in) && same_times(h->driver->traits(h), f, in);
}

static bool
found_has_day(const struct found *f, int32_t day)
{
	size_t i;

	for (i = 0; i < f->n_days; i++) {
		if (f->days[i].date.day == day)
			return true;
	}
	/* One that lists no days has all from first to last; one that has neither may have any. */
	return f->n_days == 0 && (!f->ranged || (f->start.day <= day && day <= f->end.day));
}

bool
found_touches(const struct found *f, const struct operation_in *in)
{
	size_t i;

	for (i = 0; i < in->n_days; i++) {
		if (found_has_day(f, in->days[i].date.day))
			return true;
	}
	return false;
}

bool
result_take(struct hris *h, const struct found *f, struct result *out)
{
	if (out->id == NULL || !h->driver->traits(h)->many) {
		out->id = f->id;
		out->status = f->status;
		out->status_word = f->status_word;
		out->shown = f;
		return true;
	}
	out->id = arena_printf(h->arena, "%s,%s", out->id, f->id);
	out->shown = found_together(h, out->shown, f);
	if (out->status != f->status)
		out->status = STATUS_NONE;
	return out->id != NULL && out->shown != NULL;
}

bool
look_is_request(struct hris *h, const char *id, const char *whole)
{
	const struct traits *t = h->driver->traits(h);

	return text_equal(id, whole) ||
	       (whole != NULL && (t->many || t->by_run) && ids_meet(id, whole));
}

void
ids_add(struct hris *h, const char **ids, const char *id)
{
	const char *more = NULL;

	if (strlen(*ids) + strlen(id) + 2 <= IDS_SHOWN_MAX)
		more = arena_printf(h->arena, "%s%s%s", *ids, **ids == '\0' ? "" : ", ", id);
	/* One that cannot be named is there nevertheless. */
	if (more != NULL || **ids == '\0')
		*ids = more != NULL ? more : "...";
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->id, ((const struct found *)b)->id);
}

enum gw_err
look_rows(struct hris *h, const struct operation_in *in, struct found **rows, size_t *n)
{
	struct failure ignored = {0}, *mine = h->failure;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_find(h, in->agent_id, NULL, in->look_from, in->look_to, rows, n);
	h->failure = mine;
	return err;
}

void
look_before(struct hris *h, const struct operation_in *in, struct standing *out)
{
	const struct traits *t = h->driver->traits(h);

	*out = (struct standing){0};
	if (!t->has[OPERATION_FIND] || t->find == LOST_NONE ||
	    (t->find != LOST_NATURAL && !t->consistent))
		return;
	out->known = look_rows(h, in, &out->rows, &out->n) == GW_OK;
	if (out->known && out->n > 0)
		qsort(out->rows, out->n, sizeof(*out->rows), compare_ids);
}

const char *
standing_ids(struct hris *h, const struct standing *s)
{
	const char *text = NULL;
	struct buf b;
	size_t i;

	buf_init(&b, LIMIT_BODY);
	for (i = 0; i < s->n; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : "\n", s->rows[i].id);
	if (b.err == GW_OK)
		text = arena_strndup(h->arena, b.len == 0 ? "" : b.data, b.len);
	buf_clear(&b);
	return text;
}

bool
standing_from(struct hris *h, bool known, const char *ids, struct standing *out)
{
	size_t room = 1, len;
	const char *p;

	*out = (struct standing){.known = known, .ids_only = true};
	for (p = ids; *p != '\0'; p++)
		room += *p == '\n';
	out->rows = arena_array(h->arena, room, sizeof(*out->rows));
	if (out->rows == NULL)
		return false;
	while (*ids != '\0') {
		len = strcspn(ids, "\n");
		out->rows[out->n].id = arena_strndup(h->arena, ids, len);
		if (out->rows[out->n++].id == NULL)
			return false;
		ids += len + (ids[len] == '\n');
	}
	return true;
}

/* The request of that id as it was before the write; NULL: there was none. */
static const struct found *
standing_row(const struct standing *before, const struct found *row)
{
	return before->n == 0 ? NULL
			      : bsearch(row, before->rows, before->n, sizeof(*row), compare_ids);
}

/*
 * What is new since the write, or not as it was, goes into *ids. The one of them that looks as
 * asked is the write, where likeness counts as proof; a request that was there before never is,
 * unless it is the one that was to change.
 */
static enum look
look_compare(struct hris *h, const struct operation_in *in, const struct standing *before,
    const struct found *rows, size_t n, struct result *result, const char **ids)
{
	bool likeness = h->driver->traits(h)->find == LOST_NATURAL;
	const struct found *was, *ours = NULL;
	size_t i, fresh = 0, alike = 0;

	for (i = 0; i < n; i++) {
		was = standing_row(before, &rows[i]);
		if ((was != NULL && (before->ids_only || found_same(was, &rows[i]))) ||
		    !found_touches(&rows[i], in))
			continue;
		fresh++;
		ids_add(h, ids, rows[i].id);
		if (!likeness || in->alike_before || !found_is_live(&rows[i]) ||
		    !content_same(h, in, &rows[i]) ||
		    (was != NULL && !text_equal(rows[i].id, in->request_id)))
			continue;
		ours = &rows[i];
		alike++;
	}
	/* Two that look the same: which is it? */
	if (alike == 1)
		return result_take(h, ours, result) ? LOOK_THERE : LOOK_UNCLEAR;
	/* A change to what the request looked like before leaves no trace, made or not. */
	if (fresh > 0 || (likeness && in->alike_before))
		return LOOK_UNCLEAR;
	return LOOK_ABSENT;
}

enum look
look_after(struct hris *h, const struct operation_in *in, const struct standing *before,
    struct result *result, const char **ids)
{
	const struct traits *t = h->driver->traits(h);
	struct found *rows;
	size_t n, i, live = 0;

	*result = (struct result){0};
	*ids = "";
	if (!t->has[OPERATION_FIND] || t->find == LOST_NONE || look_rows(h, in, &rows, &n) != GW_OK)
		return LOOK_UNCLEAR;
	for (i = 0; i < n; i++) {
		if (!found_has_marker(&rows[i], in->marker))
			continue;
		ids_add(h, ids, rows[i].id);
		live += found_is_live(&rows[i]);
		if (!result_take(h, &rows[i], result))
			return LOOK_UNCLEAR;
	}
	/* Two of one write: it was applied twice. */
	if (result->id != NULL)
		return live > 1 && !t->many ? LOOK_UNCLEAR : LOOK_THERE;
	return before->known ? look_compare(h, in, before, rows, n, result, ids) : LOOK_UNCLEAR;
}

enum state
state_look(struct hris *h, enum operation op, const struct operation_in *in, bool said,
    struct found *shown)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct current now;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_current(h, in->agent_id, in->request_id, &now);
	h->failure = mine;
	*shown = now.found;
	if (err != GW_OK)
		return STATE_UNCLEAR;
	if (!now.there && op == OPERATION_APPROVE)
		return now.gone || h->driver->traits(h)->consistent ? STATE_GONE : STATE_UNCLEAR;
	if (!now.there)
		return said ? STATE_REACHED : STATE_UNCLEAR;
	/* A word that the adapter does not know is no approval: the HRIS may want another one. */
	if (shown->status == STATUS_NONE && (op != OPERATION_APPROVE || shown->status_word == NULL))
		return STATE_UNCLEAR;
	if (op == OPERATION_APPROVE)
		return shown->status == STATUS_APPROVED ? STATE_REACHED : STATE_MISSED;
	return status_ended(shown->status) ? STATE_REACHED : STATE_MISSED;
}
