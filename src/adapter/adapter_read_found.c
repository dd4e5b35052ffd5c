/* adapter_read_found.c: requests that the HRIS holds. */
#include <string.h>

#include "adapter/record.h"
#include "base/text.h"

/* The members, in the order of the table in adapter_record.c. */
enum {
	FOUND_ID,
	FOUND_ENTRY,
	FOUND_STATUS,
	FOUND_TYPE,
	FOUND_AGENT,
	FOUND_MARKER,
	FOUND_NOTES,
	FOUND_DATE,
	FOUND_START,
	FOUND_END,
	FOUND_AMOUNT,
	FOUND_UNIT
};

static enum gw_err
read_notes(const struct row *rd, struct found *f)
{
	const struct expr *e = rd->step->record.members[FOUND_NOTES];
	struct value *v = NULL, *item;
	enum gw_err err = e == NULL ? GW_OK : expr_eval(e, &rd->scope, &v);
	size_t i, n;

	if (err != GW_OK || v == NULL)
		return err;
	n = v->kind == VALUE_LIST ? v->n : 1;
	f->notes = arena_array(rd->scope.arena, n + 1, sizeof(*f->notes));
	if (f->notes == NULL)
		return fail_memory(rd->scope.failure);
	for (i = 0; i < n; i++) {
		item = v->kind == VALUE_LIST ? v->items[i].value : v;
		if (value_is(item, VALUE_TEXT))
			f->notes[f->n_notes++] = item->text;
	}
	return GW_OK;
}

static enum gw_err
read_found_day(const struct row *rd, struct found *f)
{
	const struct record *rec = &rd->step->record;
	struct found_day *d = &f->days[f->n_days];
	bool has_date, has_unit;
	enum gw_err err;

	*d = (struct found_day){.unit = UNIT_MAX};
	err = read_date(rd, rec->day_date, &has_date, &d->date);
	if (err == GW_OK)
		err = read_expr(rd, rec->day_amount, &d->amount);
	if (err == GW_OK)
		err = read_expr(rd, rec->day_entry, &d->entry);
	if (err == GW_OK)
		err = read_unit(rd, rec->day_unit, &has_unit, &d->unit);
	if (err != GW_OK)
		return err;
	if (!has_date)
		return read_fail(rd, "has a day without a date");
	if (!has_unit && f->has_unit)
		d->unit = f->unit;
	f->n_days++;
	return GW_OK;
}

static enum gw_err
read_found_days(const struct row *rd, struct found *f)
{
	struct row inner = *rd;
	const struct binding **rows;
	enum gw_err err;
	size_t i, n;

	if (rd->step->record.days == NULL)
		return GW_OK;
	err = bind_rows(rd->step->record.days, &rd->scope, &rows, &n);
	if (err != GW_OK)
		return err;
	f->days = arena_array(rd->scope.arena, n + 1, sizeof(*f->days));
	if (f->days == NULL)
		return fail_memory(rd->scope.failure);
	for (i = 0; i < n && err == GW_OK; i++) {
		inner.scope.bound = rows[i];
		inner.scope.record = rows[i]->value;
		err = read_found_day(&inner, f);
	}
	return err;
}

/* Days say where they begin and end. */
static void
found_span(struct found *f)
{
	size_t i;

	for (i = 0; !f->ranged && i < f->n_days; i++) {
		if (i == 0 || f->days[i].date.day < f->start.day)
			f->start = f->days[i].date;
		if (i == 0 || f->days[i].date.day > f->end.day)
			f->end = f->days[i].date;
	}
	f->ranged = f->ranged || f->n_days > 0;
}

/* A record of one day is that day. */
static enum gw_err
read_found_entry(const struct row *rd, struct found *f)
{
	const char *entry;
	enum gw_err err = read_member(rd, FOUND_ENTRY, &entry);

	if (err != GW_OK || entry == NULL || rd->step->record.days != NULL || !f->ranged ||
	    f->start.day != f->end.day)
		return err;
	f->days = arena_alloc(rd->scope.arena, sizeof(*f->days));
	if (f->days == NULL)
		return fail_memory(rd->scope.failure);
	f->days[f->n_days++] =
	    (struct found_day){f->start, f->amount, f->has_unit ? f->unit : UNIT_MAX, entry};
	return GW_OK;
}

/* A status that no map knows leaves the request where it is: unknown, never absent. */
static enum timeoff_status
read_status(const struct row *rd)
{
	struct failure ignored = {0};
	struct row inner = *rd;
	enum timeoff_status status;
	const char *s;

	inner.scope.failure = &ignored;
	if (read_member(&inner, FOUND_STATUS, &s) != GW_OK || s == NULL ||
	    !status_parse(s, &status))
		return STATUS_NONE;
	return status;
}

static enum gw_err
read_found_range(const struct row *rd, struct found *f)
{
	const struct record *rec = &rd->step->record;
	bool has_date, has_start, has_end;
	struct date date;
	enum gw_err err;

	err = read_date(rd, rec->members[FOUND_DATE], &has_date, &date);
	if (err == GW_OK)
		err = read_date(rd, rec->members[FOUND_START], &has_start, &f->start);
	if (err == GW_OK)
		err = read_date(rd, rec->members[FOUND_END], &has_end, &f->end);
	if (err != GW_OK)
		return err;
	if (has_date)
		f->start = f->end = date;
	f->ranged = has_date || (has_start && has_end);
	return GW_OK;
}

enum gw_err
read_found(const struct row *rd)
{
	static const int texts[] = {FOUND_ID, FOUND_TYPE, FOUND_AGENT, FOUND_MARKER, FOUND_AMOUNT};
	struct operation_out *out = rd->run->out;
	struct found *items, f = {0};
	const char **members[] = {&f.id, &f.type_id, &f.agent_id, &f.marker, &f.amount};
	enum gw_err err = GW_OK;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]) && err == GW_OK; i++)
		err = read_member(rd, texts[i], members[i]);
	if (err == GW_OK)
		err = read_unit(rd, rd->step->record.members[FOUND_UNIT], &f.has_unit, &f.unit);
	if (err == GW_OK)
		err = read_notes(rd, &f);
	if (err == GW_OK)
		err = read_found_range(rd, &f);
	if (err == GW_OK)
		err = read_found_days(rd, &f);
	found_span(&f);
	if (err == GW_OK)
		err = read_found_entry(rd, &f);
	if (err != GW_OK)
		return err;
	if (f.id == NULL || f.type_id == NULL)
		return read_fail(rd, "has no id or no type");
	f.status = read_status(rd);
	items = read_room(rd, out->found, out->n_found, sizeof(*items));
	if (items == NULL)
		return rd->scope.failure->err;
	out->found = items;
	items[out->n_found++] = f;
	return GW_OK;
}
