/*
 * hris_lost.c: the fate of a write that did not come back with its id: looked for once, by the
 * marker that was written with it, else by what it is. What is not found stays unknown, because
 * absence is proof only where an HRIS's look-up is consistent.
 */
#include <string.h>

#include "hris/hris_lost.h"
#include "base/text.h"

enum { LOST_RESERVE_MS = 5000 };

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
lost_take(struct hris *h, const struct found *f, bool many, struct result *out)
{
	if (out->id == NULL || !many) {
		out->id = f->id;
		out->status = f->status;
		return GW_OK;
	}
	out->id = arena_printf(h->arena, "%s,%s", out->id, f->id);
	if (out->status != f->status)
		out->status = STATUS_NONE;
	return out->id == NULL ? fail_memory(h->failure) : GW_OK;
}

static enum gw_err
lost_match(struct hris *h, const struct operation_in *in, enum lost_by by, const struct found *rows,
    size_t n, struct result *out)
{
	const struct traits *t = h->driver->traits(h);
	enum gw_err err = GW_OK;
	size_t i, alike = 0;

	*out = (struct result){0};
	for (i = 0; i < n && err == GW_OK; i++) {
		if (in->marker != NULL && lost_marked(&rows[i], in->marker))
			err = lost_take(h, &rows[i], t->many, out);
	}
	if (err != GW_OK || out->id != NULL || (by == LOST_BY_MARKER && t->find == LOST_MARKER))
		return err;
	if (by == LOST_BY_MARKER && in->alike_before)
		return GW_EUNKNOWN;
	for (i = 0; i < n; i++) {
		if (!hris_alike(h, in, &rows[i]))
			continue;
		out->id = rows[i].id;
		out->status = rows[i].status;
		alike++;
	}
	/* Two that look the same: which is it? */
	if (alike > 1)
		*out = (struct result){0};
	return GW_OK;
}

enum gw_err
hris_look_for(struct hris *h, const struct operation_in *in, enum lost_by by, struct result *out)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct found *rows;
	enum gw_err err;
	size_t n;

	*out = (struct result){0};
	if (!h->driver->traits(h)->has[OPERATION_FIND] || h->driver->traits(h)->find == LOST_NONE)
		return GW_EUNKNOWN;
	h->failure = &ignored;
	err = hris_find(h, in->agent_id, NULL, in->look_from, in->look_to, &rows, &n);
	if (err == GW_OK)
		err = lost_match(h, in, by, rows, n, out);
	h->failure = mine;
	return err == GW_OK ? GW_OK : GW_EUNKNOWN;
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
