/*
 * adapter_pages.c: asks page after page. Half a list of agents would unlink the other half, so a
 * page that fails, or an empty one while more is promised, fails the whole; and a list that changed
 * while it was read is read once more from the start, because somebody may have slipped through
 * between two pages.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter/run.h"
#include "base/text.h"
#include "format/url.h"

/* A record by what makes it this one and no other, and the page it came on. */
struct mark {
	uint64_t key;
	size_t page;
};

struct reading {
	struct mark *items;
	size_t n, cap;
};

struct pager {
	struct run *run;
	const struct step *step;
	struct scope scope;
	int64_t position;   /* page number or offset */
	int64_t received;   /* records so far, before `each` takes them apart */
	size_t rows;        /* what it made of them */
	const char *next;   /* cursor or URL; NULL at first */
	struct value *seen; /* cursors, LIST of TEXT */
	size_t pages;
	unsigned long total; /* of the first page */
	struct reading reading;
	const char *moved; /* what shows that the list changed between two pages; NULL: nothing */
};

/* FNV-1a, and the end of the text. Two records that meet by chance are read twice, no more. */
static uint64_t
key_text(uint64_t key, const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		key = (key ^ (unsigned char)*s) * 1099511628211U;
	return (key ^ 256) * 1099511628211U;
}

static uint64_t
key_date(uint64_t key, struct date d)
{
	char text[DATE_TEXT_MAX];

	date_format(d, text);
	return key_text(key, text);
}

static uint64_t
key_found(uint64_t key, const struct found *f)
{
	size_t i;

	key = key_text(key_text(key_text(key, f->id), f->type_id), f->amount);
	key = key_date(key_date(key, f->start), f->end);
	for (i = 0; i < f->n_days; i++) {
		key = key_date(key, f->days[i].date);
		key = key_text(key_text(key, f->days[i].amount), f->days[i].entry);
	}
	return key;
}

static uint64_t
key_balance(uint64_t key, const struct balance *b)
{
	key = key_text(key_text(key_text(key, b->type_id), b->type_id2), b->plan);
	return key_date(key_text(key, b->amount), b->date);
}

/* How many records of its kind the operation has so far. */
static size_t *
records_count(struct operation_out *out, enum record_kind kind)
{
	switch (kind) {
	case RECORD_AGENT:
		return &out->n_agents;
	case RECORD_TYPE:
		return &out->n_types;
	case RECORD_BALANCE:
		return &out->n_balances;
	default:
		return &out->n_found;
	}
}

static uint64_t
record_key(const struct operation_out *out, enum record_kind kind, size_t i)
{
	uint64_t key = 14695981039346656037U;

	switch (kind) {
	case RECORD_AGENT:
		return key_text(key, out->agents[i].id);
	case RECORD_TYPE:
		return key_text(key_text(key, out->types[i].id), out->types[i].id2);
	case RECORD_BALANCE:
		return key_balance(key, &out->balances[i]);
	default:
		return key_found(key, &out->found[i]);
	}
}

/* Notes the records from the first-th on as those of one page. */
static enum gw_err
reading_note(struct pager *p, size_t first)
{
	struct operation_out *out = p->run->out;
	enum record_kind kind = p->step->record.kind;
	struct reading *r = &p->reading;
	struct mark *items;
	size_t i;

	for (i = first; i < *records_count(out, kind); i++) {
		items = arena_grow(p->scope.arena, r->items, r->n, &r->cap, sizeof(*items));
		if (items == NULL)
			return fail_memory(p->scope.failure);
		r->items = items;
		items[r->n++] = (struct mark){record_key(out, kind, i), p->pages};
	}
	return GW_OK;
}

static int
compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->page < y->page ? -1 : x->page > y->page;
}

/*
 * Did a record come on two pages that is not twice in the other reading too? Both are sorted. Some
 * directories list one person twice, always.
 */
static bool
reading_repeats(const struct reading *now, const struct reading *other)
{
	size_t i, j = 0, end;

	for (i = 0; i < now->n; i = end) {
		for (end = i + 1; end < now->n && now->items[end].key == now->items[i].key; end++)
			continue;
		if (now->items[i].page == now->items[end - 1].page)
			continue;
		while (j < other->n && other->items[j].key < now->items[i].key)
			j++;
		if (j + 1 >= other->n || other->items[j + 1].key != now->items[i].key ||
		    other->items[j].key != now->items[i].key)
			return true;
	}
	return false;
}

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
		if (strcmp(p->seen->items[i].value->text, p->next) == 0) {
			p->moved = "the same page was promised twice";
			return GW_OK;
		}
	}
	if (!value_add(a, p->seen, value_text(a, p->next)))
		return fail_memory(p->scope.failure);
	return p->step->page.kind == PAGE_URL ? pager_check_url(p, p->next) : GW_OK;
}

static enum gw_err
pager_total(struct pager *p, bool *more)
{
	unsigned long total;
	const char *s;
	enum gw_err err = expr_text(p->step->page.total, &p->scope, &s);

	if (err != GW_OK)
		return err;
	if (s == NULL || !text_unsigned(s, LIMIT_RECORDS * 10UL, &total))
		return pager_fail(p, "the total is no number");
	if (p->pages == 1)
		p->total = total;
	else if (p->total != total)
		p->moved = "the total was another one on a later page";
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
	if (err == GW_OK && *more && p->moved == NULL && page->more != NULL)
		err = cond_holds(page->more, &p->scope, more);
	if (err != GW_OK || !*more || p->moved != NULL)
		return err;
	if (n == 0 && counted)
		return pager_fail(p, "an empty page that promises another");
	if (page->next == NULL)
		return GW_OK;
	err = pager_next(p, more);
	if (p->moved != NULL)
		return err;
	if (err == GW_OK && *more && n == 0)
		return pager_fail(p, "an empty page that promises another");
	if (err == GW_OK && !*more && counted)
		return pager_fail(p, "more is promised, and not where it goes on");
	return err;
}

/* One page, read; *more: is there another? */
static enum gw_err
pager_page(struct pager *p, bool *more)
{
	const struct step *s = p->step;
	struct value *answer = NULL;
	size_t n, first = *records_count(p->run->out, s->record.kind);
	enum gw_err err;

	if (p->pages >= LIMIT_PAGES)
		return pager_fail(p, "more pages than can be read");
	err = pager_send(p, &answer);
	*more = answer != NULL;
	if (err != GW_OK || answer == NULL)
		return err;
	p->pages++;
	err = adapter_read(p->run, s, &p->scope, &n);
	p->rows += n;
	/* A server counts its records, whatever they hold. */
	if (err == GW_OK && s->each_bind != NULL)
		err = bind_first(s->each_bind, &p->scope, &n);
	if (err == GW_OK)
		err = reading_note(p, first);
	if (err != GW_OK)
		return err;
	p->received += (int64_t)n;
	/* By what was received, not by what was asked for: servers cap their pages. */
	p->position = s->page.kind == PAGE_OFFSET ? s->page.first + p->received : p->position + 1;
	return pager_more(p, n, more);
}

/* All pages, from the first to the last or to where it shows that the list changed. */
static enum gw_err
pager_read(struct pager *p, const struct reading *other)
{
	enum gw_err err = GW_OK;
	bool more = true;

	while (more && err == GW_OK && p->moved == NULL)
		err = pager_page(p, &more);
	if (err != GW_OK || p->reading.n == 0)
		return err;
	qsort(p->reading.items, p->reading.n, sizeof(*p->reading.items), compare_marks);
	if (p->moved == NULL && reading_repeats(&p->reading, other))
		p->moved = "a record came on two pages";
	return GW_OK;
}

enum gw_err
adapter_pages(struct run *r, const struct step *s, const struct scope *scope)
{
	size_t *n = records_count(r->out, s->record.kind), first = *n;
	struct reading other = {0};
	struct pager p;
	enum gw_err err;
	int readings;

	for (readings = 0; readings < 2; readings++) {
		p = (struct pager){.run = r, .step = s, .scope = *scope, .position = s->page.first};
		p.seen = value_list(scope->arena);
		if (p.seen == NULL)
			return fail_memory(scope->failure);
		*n = first;
		err = pager_read(&p, &other);
		if (err == GW_OK && p.moved == NULL)
			err = adapter_some_balance(r, s, p.rows);
		if (err != GW_OK || p.moved == NULL)
			return err;
		other = p.reading;
	}
	return fail(scope->failure, CODE_HRIS_ANSWER,
	    "%s: the list changed while its pages were read, twice: %s", s->request, p.moved);
}
