/*
 * adapter_pages.c: asks page after page. A page that fails, a cursor that comes twice, or an empty
 * page while more is promised, fails the whole: half a list of agents would unlink the other half.
 */
#include <string.h>

#include "adapter/run.h"
#include "base/text.h"
#include "format/url.h"

struct pager {
	struct run *run;
	const struct step *step;
	struct scope scope;
	int64_t position;   /* page number or offset */
	int64_t received;   /* records so far, before `each` takes them apart */
	size_t rows;        /* what it made of them */
	const char *next;   /* cursor or URL; NULL at first */
	struct value *seen; /* cursors, LIST of TEXT */
};

static enum gw_err
pager_fail(const struct pager *p, const char *what)
{
	return fail(p->scope.failure, CODE_HRIS_ANSWER, "%s: %s", p->step->request, what);
}

static enum gw_err
pager_send(struct pager *p, struct value **answer)
{
	const struct page *page = &p->step->page;
	struct http_call *call = arena_alloc(p->scope.arena, sizeof(*call));
	struct page_param params[2];
	size_t n = 0;
	enum gw_err err;

	if (call == NULL)
		return fail_memory(p->scope.failure);

	if (page->kind == PAGE_CURSOR && p->next != NULL)
		params[n++] = (struct page_param){page->param, value_text(p->scope.arena, p->next)};
	else if (page->kind == PAGE_PAGE || page->kind == PAGE_OFFSET)
		params[n++] =
		    (struct page_param){page->param, value_integer(p->scope.arena, p->position)};
	if (page->size_param != NULL)
		params[n++] = (struct page_param){
		    page->size_param, value_integer(p->scope.arena, page->size)};
	if ((n > 0 && params[0].value == NULL) || (n > 1 && params[1].value == NULL))
		return fail_memory(p->scope.failure);
	err = adapter_build(
	    p->run, p->step, &p->scope, params, n, page->kind == PAGE_URL ? p->next : NULL, call);
	if (err != GW_OK)
		return err;
	err = adapter_call(p->run, p->step, &p->scope, call, 1,
	    page->until == UNTIL_STATUS ? page->until_status : 0, answer);
	p->scope.answer = *answer;
	p->scope.call = call;
	p->scope.blame = CODE_HRIS_ANSWER;
	return err;
}

/* A next URL goes to nobody but the HRIS: the credentials go with it. */
static enum gw_err
pager_check_url(const struct pager *p, const char *url)
{
	struct buf mine, theirs;
	struct http_call call;
	enum gw_err err;
	bool same;

	err = adapter_build(p->run, p->step, &p->scope, NULL, 0, NULL, &call);
	if (err != GW_OK)
		return err;
	buf_init(&mine, LIMIT_PARAM_BYTES);
	buf_init(&theirs, LIMIT_PARAM_BYTES);
	same = url_origin(call.url, &mine) && url_origin(url, &theirs) &&
	       strcmp(mine.data, theirs.data) == 0;
	buf_clear(&mine);
	buf_clear(&theirs);
	return same ? GW_OK : pager_fail(p, "the next page would be on another host");
}

static enum gw_err
pager_next(struct pager *p, bool *more)
{
	struct arena *a = p->scope.arena;
	enum gw_err err;
	size_t i;

	err = expr_text(p->step->page.next, &p->scope, &p->next);
	*more = err == GW_OK && p->next != NULL && p->next[0] != '\0';
	if (!*more)
		return err;
	for (i = 0; i < p->seen->n; i++) {
		if (strcmp(p->seen->items[i].value->text, p->next) == 0)
			return pager_fail(p, "the same page was promised twice");
	}
	if (!value_add(a, p->seen, value_text(a, p->next)))
		return fail_memory(p->scope.failure);
	return p->step->page.kind == PAGE_URL ? pager_check_url(p, p->next) : GW_OK;
}

static enum gw_err
pager_total(const struct pager *p, bool *more)
{
	unsigned long total;
	const char *s;
	enum gw_err err = expr_text(p->step->page.total, &p->scope, &s);

	if (err != GW_OK)
		return err;
	if (s == NULL || !text_unsigned(s, LIMIT_RECORDS * 10UL, &total))
		return pager_fail(p, "the total is no number");
	*more = (int64_t)total > p->received;
	return GW_OK;
}

/* Is there another page, by all that the file says about it? */
static enum gw_err
pager_more(struct pager *p, size_t n, bool *more)
{
	const struct page *page = &p->step->page;
	bool counted = page->total != NULL || page->more != NULL;
	enum gw_err err = GW_OK;

	*more = true;
	if (!counted && page->next == NULL) {
		*more = n > 0 && (page->until != UNTIL_SHORT || (int64_t)n >= page->size);
		return GW_OK;
	}
	if (page->total != NULL)
		err = pager_total(p, more);
	if (err == GW_OK && *more && page->more != NULL)
		err = cond_holds(page->more, &p->scope, more);
	if (err != GW_OK || !*more)
		return err;
	if (n == 0 && counted)
		return pager_fail(p, "an empty page that promises another");
	if (page->next == NULL)
		return GW_OK;
	err = pager_next(p, more);
	if (err == GW_OK && *more && n == 0)
		return pager_fail(p, "an empty page that promises another");
	if (err == GW_OK && !*more && counted)
		return pager_fail(p, "more is promised, and not where it goes on");
	return err;
}

enum gw_err
adapter_pages(struct run *r, const struct step *s, const struct scope *scope)
{
	struct pager p = {.run = r, .step = s, .scope = *scope, .position = s->page.first};
	struct value *answer = NULL;
	enum gw_err err = GW_OK;
	bool more = true;
	size_t n, pages;

	p.seen = value_list(scope->arena);
	if (p.seen == NULL)
		return fail_memory(scope->failure);
	for (pages = 0; more && err == GW_OK; pages++) {
		if (pages >= LIMIT_PAGES)
			return pager_fail(&p, "more pages than can be read");
		err = pager_send(&p, &answer);
		if (err != GW_OK)
			return err;
		if (answer == NULL)
			break;
		err = adapter_read(r, s, &p.scope, &n);
		p.rows += n;
		/* A server counts its records, whatever they hold. */
		if (err == GW_OK && s->each_bind != NULL)
			err = bind_first(s->each_bind, &p.scope, &n);
		if (err != GW_OK)
			return err;
		p.received += (int64_t)n;
		/* By what was received, not by what was asked for: servers cap their pages. */
		p.position =
		    s->page.kind == PAGE_OFFSET ? s->page.first + p.received : p.position + 1;
		err = pager_more(&p, n, &more);
	}
	return err == GW_OK ? adapter_some_balance(r, s, p.rows) : err;
}
