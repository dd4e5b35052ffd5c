/* adapter_page.c: how an HRIS pages. */
#include <stdlib.h>
#include <string.h>

#include "adapter/loader.h"
#include "base/text.h"

static bool
page_until(struct loader *l, const struct value *v, struct page *out)
{
	const char *s = value_str(v);
	unsigned long status;

	if (v == NULL)
		return true;
	if (text_equal(s, "short"))
		out->until = UNTIL_SHORT;
	else if (text_equal(s, "empty"))
		out->until = UNTIL_EMPTY;
	else if (s != NULL && text_starts(s, "status ") && text_unsigned(s + 7, 599, &status) &&
		 status >= 100) {
		out->until = UNTIL_STATUS;
		out->until_status = (int)status;
	} else
		return reader_fault(&l->r, v, "until is short, empty or \"status N\"");
	return true;
}

static bool
page_size(struct loader *l, const struct value *v, struct page *out)
{
	long n;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT) || v->n != 1)
		return reader_fault(&l->r, v, "size is {PARAMETER: N}");
	if (!reader_integer(&l->r, v->items[0].value, 1, LIMIT_RECORDS, &n))
		return false;
	out->size_param = v->items[0].name;
	out->size = n;
	return true;
}

static bool
page_ends(const struct expr_env *env, const struct value *v, struct page *out)
{
	const char *next = value_get(v, "url") == NULL ? "next" : "url";

	return expr_member(env, v, next, &out->next) && expr_member(env, v, "total", &out->total) &&
	       cond_member(env, v, "more", &out->more);
}

bool
page_load(struct loader *l, const struct expr_env *env, const struct value *v, struct page *out)
{
	static const char *const keys[] = {"page", "offset", "cursor", "size", "first", "next",
	    "url", "total", "more", "until", NULL};
	static const struct {
		const char *name;
		enum page_kind kind;
	} kinds[] = {{"page", PAGE_PAGE}, {"offset", PAGE_OFFSET}, {"cursor", PAGE_CURSOR},
	    {"url", PAGE_URL}};
	size_t i, n = 0;
	long first = 0;

	if (v == NULL)
		return true;
	if (!loader_known(l, v, keys, "page"))
		return false;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (value_get(v, kinds[i].name) == NULL)
			continue;
		out->kind = kinds[i].kind;
		out->param = value_str(value_get(v, kinds[i].name));
		n++;
	}
	if (n != 1 || out->param == NULL)
		return reader_fault(&l->r, v, "one of page, offset, cursor, url was expected");
	out->first = out->kind == PAGE_PAGE;
	if (value_get(v, "first") != NULL &&
	    !reader_integer(&l->r, value_get(v, "first"), 0, 1, &first))
		return false;
	if (value_get(v, "first") != NULL)
		out->first = first;
	if (!page_size(l, value_get(v, "size"), out) || !page_ends(env, v, out) ||
	    !page_until(l, value_get(v, "until"), out))
		return false;
	if (out->kind == PAGE_CURSOR && out->next == NULL)
		return reader_fault(&l->r, v, "cursor needs next: where the next cursor stands");
	if (out->next == NULL && out->total == NULL && out->more == NULL &&
	    out->until == UNTIL_NOTHING)
		return reader_fault(&l->r, v, "page needs an end: next, total, more or until");
	if (out->until == UNTIL_SHORT && out->size == 0)
		return reader_fault(&l->r, v, "until: short needs size");
	return true;
}
