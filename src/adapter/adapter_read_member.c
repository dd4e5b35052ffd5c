/* adapter_read_member.c: members of records: texts, units, dates, truths. */
#include <string.h>

#include "adapter/record.h"
#include "base/text.h"

enum gw_err
read_fail(const struct row *rd, const char *what)
{
	return fail(rd->scope.failure, CODE_HRIS_ANSWER, "%s: a %s record %s", rd->step->request,
	    record_kind_name(rd->step->record.kind), what);
}

/* JSON false, null and "" are absent: what several HRIS send for "not set" (Odoo: false). */
enum gw_err
read_expr(const struct row *rd, const struct expr *e, const char **out)
{
	struct value *v;
	enum gw_err err;

	*out = NULL;
	if (e == NULL)
		return GW_OK;
	err = expr_eval(e, &rd->scope, &v);
	if (err != GW_OK || v == NULL || (v->kind == VALUE_BOOL && !v->truth))
		return err;
	err = expr_text(e, &rd->scope, out);
	if (err == GW_OK && text_is_empty(*out))
		*out = NULL;
	return err;
}

enum gw_err
read_member(const struct row *rd, int member, const char **out)
{
	return read_expr(rd, rd->step->record.members[member], out);
}

/* An id goes to Genesys and comes back from there. */
enum gw_err
read_id(const struct row *rd, int member, const char **out)
{
	enum gw_err err = read_member(rd, member, out);

	if (err == GW_OK && *out != NULL && strlen(*out) > LIMIT_ID)
		return read_fail(rd, "has an id that is too long");
	return err;
}

enum gw_err
read_unit(const struct row *rd, const struct expr *e, bool *has, enum unit *out)
{
	const char *s;
	enum gw_err err = read_expr(rd, e, &s);

	*has = false;
	if (err != GW_OK || s == NULL)
		return err;
	if (!unit_parse(s, out))
		return read_fail(rd, "has a unit that is not known; map it");
	*has = true;
	return GW_OK;
}

enum gw_err
read_date(const struct row *rd, const struct expr *e, bool *has, struct date *out)
{
	const char *s;
	enum gw_err err = read_expr(rd, e, &s);

	*has = false;
	if (err != GW_OK || s == NULL)
		return err;
	if (!date_read(s, out))
		return read_fail(rd, "has a date that cannot be read");
	*has = true;
	return GW_OK;
}

enum gw_err
read_truth(const struct row *rd, int member, bool *out)
{
	const char *s;
	enum gw_err err = read_member(rd, member, &s);

	*out = false;
	if (err != GW_OK || s == NULL)
		return err;
	if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
		return read_fail(rd, "says neither true nor false for unlimited");
	*out = strcmp(s, "true") == 0;
	return GW_OK;
}

bool
read_keep(const struct row *rd, const char **text)
{
	if (*text == NULL || rd->keep == rd->scope.arena)
		return true;
	*text = arena_strdup(rd->keep, *text);
	if (*text == NULL)
		(void)fail_memory(rd->scope.failure);
	return *text != NULL;
}

void *
read_room(const struct row *rd, void *list, size_t n, size_t size)
{
	size_t *cap = &rd->run->caps[rd->step->record.kind - RECORD_AGENT];
	void *p;

	if (n >= LIMIT_RECORDS) {
		(void)fail(
		    rd->scope.failure, CODE_HRIS_TOO_MANY, "more than %d records", LIMIT_RECORDS);
		return NULL;
	}
	p = arena_grow(rd->keep, list, n, cap, size);
	if (p == NULL)
		(void)fail_memory(rd->scope.failure);
	return p;
}
