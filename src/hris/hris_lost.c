/*
 * hris_lost.c: the fate of a write that did not come back with its id: looked for once, by the
 * marker that was written with it, else by what is new since. What is not found stays unknown:
 * absence is proof only where an HRIS's look-up is consistent and shows nothing new on those days.
 */
#include <string.h>

#include "hris/hris_lost.h"
#include "base/text.h"

enum { LOST_RESERVE_MS = 5000, LOST_IDS_MAX = 200 };

static bool
lost_marked(const struct found *f, const char *marker)
{
	size_t i;

	if (f->marker != NULL && strstr(f->marker, marker) != NULL)
		return true;
	for (i = 0; i < f->n_notes; i++) {
		if (strstr(f->notes[i], marker) != NULL)
			return true;
	}
	return false;
}

static bool
lost_alive(const struct found *f)
{
	return f->status == STATUS_PENDING || f->status == STATUS_APPROVED;
}

bool
hris_alike(struct hris *h, const struct operation_in *in, const struct found *f)
{
	int64_t minutes, total = 0;
	size_t i;

	if (!lost_alive(f) || in->type == NULL || strcmp(f->type_id, in->type->id) != 0)
		return false;
	if (!f->ranged || in->n_days == 0 ||
	    (f->start.day != in->days[0].date.day && f->start.day != in->min_date.day) ||
	    (f->end.day != in->days[in->n_days - 1].date.day && f->end.day != in->max_date.day))
		return false;
	for (i = 0; i < in->n_days; i++)
		total += in->days[i].minutes;
	return hris_found_minutes(h, f, &minutes) && minutes == total;
}

/* Several records of one write are one request here: their ids, joined. */
static enum gw_err
lost_take(struct hris *h, const struct found *f, struct result *out)
{
	if (out->id == NULL || !h->driver->traits(h)->many) {
		out->id = f->id;
		out->status = f->status;
		out->status_word = f->status_word;
		return GW_OK;
	}
	out->id = arena_printf(h->arena, "%s,%s", out->id, f->id);
	if (out->status != f->status)
		out->status = STATUS_NONE;
	return out->id == NULL ? fail_memory(h->failure) : GW_OK;
}

static enum gw_err
lost_look(struct hris *h, const struct operation_in *in, struct found **rows, size_t *n)
{
	struct failure ignored = {0}, *mine = h->failure;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_find(h, in->agent_id, NULL, in->look_from, in->look_to, rows, n);
	h->failure = mine;
	return err;
}

/* Is one of the asked days among those of the row? One that does not say its days may have it. */
static bool
lost_touches(const struct operation_in *in, const struct found *f)
{
	int32_t day;
	size_t i, j;

	for (i = 0; i < in->n_days; i++) {
		day = in->days[i].date.day;
		for (j = 0; j < f->n_days; j++) {
			if (f->days[j].date.day == day)
				return true;
		}
		if (f->n_days == 0 && (!f->ranged || (f->start.day <= day && day <= f->end.day)))
			return true;
	}
	return false;
}

/* One more id in a list for people. Out of memory it stays as it is. */
static void
lost_name(struct hris *h, const char **ids, const char *id)
{
	const char *more = arena_printf(h->arena, "%s%s%s", *ids, **ids == '\0' ? "" : ", ", id);

	if (more != NULL && strlen(more) <= LOST_IDS_MAX)
		*ids = more;
}

void
hris_look_before(struct hris *h, const struct operation_in *in, struct standing *out)
{
	const struct traits *t = h->driver->traits(h);

	*out = (struct standing){0};
	/* Where a marker alone proves that a write was made, and nothing that it was not. */
	if (!t->has[OPERATION_FIND] || t->find == LOST_NONE ||
	    (t->find == LOST_MARKER && !t->consistent))
		return;
	out->known = lost_look(h, in, &out->rows, &out->n) == GW_OK;
}

/* The row of that id as it stood before the write; NULL: there was none. */
static const struct found *
standing_row(const struct standing *before, const char *id)
{
	size_t i;

	for (i = 0; i < before->n; i++) {
		if (strcmp(before->rows[i].id, id) == 0)
			return &before->rows[i];
	}
	return NULL;
}

/*
 * What is new since the write, or not as it was: the one that looks as asked is taken where that is
 * proof, which is not so of a row that others made before.
 */
static enum lost
lost_compare(struct hris *h, const struct operation_in *in, const struct standing *before,
    const struct found *rows, size_t n, struct lost_found *out)
{
	bool likeness = h->driver->traits(h)->find != LOST_MARKER && !in->alike_before;
	const struct found *was, *ours = NULL;
	size_t i, fresh = 0, alike = 0;

	for (i = 0; i < n; i++) {
		was = standing_row(before, rows[i].id);
		if ((was != NULL && hris_found_same(was, &rows[i])) || !lost_touches(in, &rows[i]))
			continue;
		fresh++;
		lost_name(h, &out->ids, rows[i].id);
		if (!likeness || !hris_alike(h, in, &rows[i]) ||
		    (was != NULL && !text_equal(rows[i].id, in->request_id)))
			continue;
		ours = &rows[i];
		alike++;
	}
	/* Two that look the same: which is it? */
	if (alike == 1)
		return lost_take(h, ours, &out->result) == GW_OK ? LOST_THERE : LOST_UNTOLD;
	/* A change to what it looked like before leaves no trace, whether it was made or not. */
	if (fresh > 0 || (in->alike_before && h->driver->traits(h)->find != LOST_MARKER))
		return LOST_UNTOLD;
	return LOST_ABSENT;
}

enum lost
hris_look_after(struct hris *h, const struct operation_in *in, const struct standing *before,
    struct lost_found *out)
{
	struct found *rows;
	size_t n, i;

	*out = (struct lost_found){.ids = ""};
	if (!h->driver->traits(h)->has[OPERATION_FIND] || h->driver->traits(h)->find == LOST_NONE ||
	    lost_look(h, in, &rows, &n) != GW_OK)
		return LOST_UNTOLD;
	for (i = 0; i < n; i++) {
		if (in->marker != NULL && lost_marked(&rows[i], in->marker) &&
		    lost_take(h, &rows[i], &out->result) != GW_OK)
			return LOST_UNTOLD;
	}
	if (out->result.id != NULL)
		return LOST_THERE;
	return before->known ? lost_compare(h, in, before, rows, n, out) : LOST_UNTOLD;
}

void
hris_look_conflict(struct hris *h, const struct operation_in *in, struct lost_found *out)
{
	struct found *rows;
	size_t n, i;

	*out = (struct lost_found){.ids = ""};
	if (!h->driver->traits(h)->has[OPERATION_FIND] || lost_look(h, in, &rows, &n) != GW_OK)
		return;
	for (i = 0; i < n; i++) {
		if (in->marker != NULL && lost_marked(&rows[i], in->marker))
			(void)lost_take(h, &rows[i], &out->result);
		else if (lost_alive(&rows[i]) && lost_touches(in, &rows[i]) &&
			 !text_equal(rows[i].id, in->request_id))
			lost_name(h, &out->ids, rows[i].id);
	}
}

bool
hris_settle(struct hris *h)
{
	int64_t settle = h->driver->traits(h)->settle_ms;
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock);

	if (settle > 0 && left > 0)
		clock_sleep_ms(h->clock, settle < left / 2 ? settle : left / 2);
	return settle <= 0 || settle <= left / 2;
}

int64_t
hris_reserve(const struct hris *h)
{
	return LOST_RESERVE_MS + h->driver->traits(h)->settle_ms;
}
