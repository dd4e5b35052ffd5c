/*
 * page.c: how an HRIS pages: what the adapter file says of it, and reading page after page. Half a
 * list of agents would unlink the other half, so a page that fails, or an empty one while more is
 * promised, fails the whole. A list that changed while it was read is read once more from the
 * start, because somebody may have been missed between two pages; so are agents whose pages are
 * counted without a total, until two readings agree.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapter/record.h"
#include "base/text.h"
#include "format/link.h"
#include "format/url.h"

static bool
page_until(struct loader *l, const struct expr_env *env, const struct value *v, struct page *out)
{
	const char *s = value_str(v);
	unsigned long status;

	if (v == NULL)
		return true;
	if (value_is(v, VALUE_OBJECT)) {
		out->until = UNTIL_COND;
		out->until_cond = cond_compile(env, v, NULL);
		return out->until_cond != NULL;
	}
	if (text_equal(s, "short"))
		out->until = UNTIL_SHORT;
	else if (text_equal(s, "empty"))
		out->until = UNTIL_EMPTY;
	else if (s != NULL && text_starts(s, "status ") && text_unsigned(s + 7, 599, &status) &&
		 status >= 100) {
		out->until = UNTIL_STATUS;
		out->until_status = (int)status;
	} else
		return reader_fault(&l->r, v, "until is short, empty, \"status N\" or a condition");
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
	if (!reader_integer(&l->r, value_at(v, 0), 1, LIMIT_RECORDS, &n))
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
	    "url", "link", "total", "more", "until", NULL};
	static const struct {
		const char *name;
		enum page_kind kind;
	} kinds[] = {{"page", PAGE_PAGE}, {"offset", PAGE_OFFSET}, {"cursor", PAGE_CURSOR},
	    {"url", PAGE_URL}, {"link", PAGE_LINK}};
	bool link = false;
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
	if (!reader_flag(&l->r, v, "link", &link))
		return false;
	if (n != 1 || out->param == NULL || (out->kind == PAGE_LINK && !link))
		return reader_fault(
		    &l->r, v, "one of page, offset, cursor, url, link: true was expected");
	out->first = out->kind == PAGE_PAGE;
	if (value_get(v, "first") != NULL &&
	    !reader_integer(&l->r, value_get(v, "first"), 0, 1, &first))
		return false;
	if (value_get(v, "first") != NULL)
		out->first = first;
	if (!page_size(l, value_get(v, "size"), out) || !page_ends(env, v, out) ||
	    !page_until(l, env, value_get(v, "until"), out))
		return false;
	if (out->kind == PAGE_CURSOR && out->next == NULL)
		return reader_fault(&l->r, v, "cursor needs next: where the next cursor is");
	if (out->next == NULL && out->total == NULL && out->more == NULL &&
	    out->until == UNTIL_NOTHING && !link)
		return reader_fault(&l->r, v, "page needs an end: next, total, more or until");
	if (out->until == UNTIL_SHORT && out->size == 0)
		return reader_fault(&l->r, v, "until: short needs size");
	return true;
}

/* A record, by a hash of what identifies it, and the page it came on. */
struct mark {
	uint64_t key;
	size_t page;
};

struct reading {
	struct mark *items;
	size_t n, cap;
};

struct pager {
	struct op *op;
	const struct step *step;
	struct scope scope;
	int64_t position;     /* page number or offset */
	int64_t received;     /* records so far, before `each` takes them apart */
	size_t rows;          /* after it did */
	const char *next;     /* cursor or URL; NULL at first */
	struct value *seen;   /* cursors, LIST of TEXT */
	size_t pages, filled; /* read; of them, with records */
	unsigned long total;  /* of the first page */
	bool renewed;         /* its token, once */
	struct reading reading;
	const char *moved; /* the sign that the list changed between two pages; NULL: none */
};

#define KEY_BASIS UINT64_C(14695981039346656037)

/* FNV-1a, and the end of the text. A collision costs a second reading, no more. */
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

static uint64_t
record_key(const struct operation_out *out, enum record_kind kind, size_t i)
{
	uint64_t key = KEY_BASIS;

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

static uint64_t
key_value(uint64_t key, const struct value *v)
{
	size_t i;

	key = key_text(key + v->kind, value_str(v));
	for (i = 0; i < v->n; i++)
		key = key_value(key_text(key, value_name(v, i)), value_at(v, i));
	return key;
}

/* How much of the step's output there is: records, then what each list of `set` holds. */
struct extent {
	size_t records, *lists;
};

static enum gw_err
extent_take(const struct op *op, const struct step *s, struct extent *out)
{
	size_t i, n = op->gathered == NULL ? 0 : op->gathered->n;

	out->records = s->record.kind == RECORD_NONE ? 0 : *record_count(op->out, s->record.kind);
	out->lists = arena_array(op->hris->arena, n + 1, sizeof(*out->lists));
	for (i = 0; out->lists != NULL && i < n; i++)
		out->lists[i] = value_at(op->gathered, i)->n;
	return out->lists == NULL ? fail_memory(op->hris->failure) : GW_OK;
}

/* Forgets what came after it was taken. */
static enum gw_err
extent_restore(const struct op *op, const struct step *s, const struct extent *extent)
{
	struct arena *a = op->hris->arena;
	struct value *list, *was;
	size_t i, j;

	if (s->record.kind != RECORD_NONE)
		*record_count(op->out, s->record.kind) = extent->records;
	for (i = 0; op->gathered != NULL && i < op->gathered->n; i++) {
		was = value_at(op->gathered, i);
		list = value_list(a);
		for (j = 0; j < extent->lists[i]; j++) {
			if (!value_add(a, list, value_at(was, j)))
				return fail_memory(op->hris->failure);
		}
		op->gathered->items[i].value = list;
		if (list == NULL)
			return fail_memory(op->hris->failure);
	}
	return GW_OK;
}

static enum gw_err
reading_mark(struct pager *p, uint64_t key)
{
	struct reading *reading = &p->reading;
	struct mark *items =
	    arena_grow(p->scope.arena, reading->items, reading->n, &reading->cap, sizeof(*items));

	if (items == NULL)
		return fail_memory(p->scope.failure);
	reading->items = items;
	items[reading->n++] = (struct mark){key, p->pages};
	return GW_OK;
}

/* The longest of the lists that `set` made of one page. */
static size_t
gathered_rows(const struct value *gathered, const struct extent *first)
{
	size_t i, n, most = 0;

	for (i = 0; gathered != NULL && i < gathered->n; i++) {
		n = value_at(gathered, i)->n - first->lists[i];
		most = n > most ? n : most;
	}
	return most;
}

/* Of the i-th value that the page gave each list. */
static uint64_t
gathered_key(const struct value *gathered, const struct extent *first, size_t i)
{
	uint64_t key = KEY_BASIS;
	const struct value *list;
	size_t j;

	for (j = 0; j < gathered->n; j++) {
		list = value_at(gathered, j);
		if (first->lists[j] + i < list->n)
			key = key_value(key, value_at(list, first->lists[j] + i));
	}
	return key;
}

/* Notes as those of one page the records that came after `first`, and the values of `set`. */
static enum gw_err
reading_note(struct pager *p, const struct extent *first)
{
	struct operation_out *out = p->op->out;
	enum record_kind kind = p->step->record.kind;
	const struct value *gathered = p->op->gathered;
	enum gw_err err = GW_OK;
	size_t i;

	for (i = first->records; kind != RECORD_NONE && i < *record_count(out, kind); i++) {
		err = reading_mark(p, record_key(out, kind, i));
		if (err != GW_OK)
			return err;
	}
	for (i = 0; kind == RECORD_NONE && i < gathered_rows(gathered, first) && err == GW_OK; i++)
		err = reading_mark(p, gathered_key(gathered, first, i));
	return err;
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
 * Did a record come on two pages, and not twice in the other reading too? Both are sorted. Some
 * directories always list a person twice.
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

/* Are the same records in both? Both are sorted. */
static bool
reading_agrees(const struct reading *a, const struct reading *b)
{
	size_t i = 0, j = 0;
	uint64_t key;

	while (i < a->n && j < b->n && a->items[i].key == b->items[j].key) {
		key = a->items[i].key;
		for (; i < a->n && a->items[i].key == key; i++)
			continue;
		for (; j < b->n && b->items[j].key == key; j++)
			continue;
	}
	return i == a->n && j == b->n;
}

/*
 * May somebody have moved to a page that was read before, unseen? Where pages are counted and no
 * total is, nothing shows it but another reading.
 */
static bool
pager_unsure(const struct pager *p)
{
	const struct page *page = &p->step->page;

	return p->op->kind == OPERATION_AGENTS && page->total == NULL &&
	       (page->kind == PAGE_PAGE || page->kind == PAGE_OFFSET) &&
	       (p->filled > 1 || (page->size > 0 && p->received >= page->size));
}

static enum gw_err
pager_fail(const struct pager *p, const char *what)
{
	return fail(p->scope.failure, CODE_HRIS_ANSWER, "%s: %s", p->step->shown, what);
}

static bool
pager_by_url(const struct page *page)
{
	return page->kind == PAGE_URL || page->kind == PAGE_LINK;
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
	do {
		p->scope.auth = p->op->scope.auth;
		err = build_call(p->op, p->step, &p->scope, params, n,
		    pager_by_url(page) ? p->next : NULL, call);
		if (err == GW_OK)
			err = call_send(p->op, p->step, &p->scope, call, 1,
			    page->until == UNTIL_STATUS ? page->until_status : 0, answer);
	} while (err != GW_OK && token_renew(p->op, p->step, &p->renewed));
	err = p->scope.failure->err;
	p->scope.answer = *answer;
	p->scope.call = call;
	p->scope.blame = CODE_HRIS_ANSWER;
	return err;
}

/* The next URL must be on the same host: the credentials go there. */
static enum gw_err
pager_check_url(const struct pager *p, const char *url)
{
	struct buf mine, theirs;
	struct http_call call;
	enum gw_err err;
	bool same;

	err = build_call(p->op, p->step, &p->scope, NULL, 0, NULL, &call);
	if (err != GW_OK)
		return err;
	buf_init(&mine, LIMIT_PARAM_BYTES);
	buf_init(&theirs, LIMIT_PARAM_BYTES);
	same = url_origin(call.url, &mine) && url_origin(url, &theirs) &&
	       strcmp(mine.data, theirs.data) == 0;
	(void)(buf_whole(&mine, p->scope.arena) && buf_whole(&theirs, p->scope.arena));
	buf_clear(&mine);
	buf_clear(&theirs);
	return same ? GW_OK : pager_fail(p, "the next page would be on another host");
}

/* What the answer names as the next page: a cursor, or a URL, which may be relative to its own. */
static enum gw_err
pager_named(struct pager *p)
{
	const struct http_call *call = p->scope.call;
	const char *named = NULL;
	struct buf url, link;
	enum gw_err err = GW_OK;
	size_t i;

	buf_init(&url, LIMIT_PARAM_BYTES);
	buf_init(&link, LIMIT_PARAM_BYTES);
	if (p->step->page.kind != PAGE_LINK)
		err = expr_text(p->step->page.next, &p->scope, &named);
	for (i = 0; p->step->page.kind == PAGE_LINK && named == NULL && i < call->n_answer_headers;
	     i++) {
		if (strcasecmp(call->answer_headers[i].name, "Link") == 0 &&
		    link_next(call->answer_headers[i].value, &link))
			named = link.data;
	}
	p->next = named;
	if (!buf_whole(&link, p->scope.arena))
		err = pager_fail(p, "the next page's URL is too long");
	else if (!text_is_empty(named) && pager_by_url(&p->step->page)) {
		link_resolve(call->url, named, &url);
		p->next =
		    buf_whole(&url, p->scope.arena) ? arena_strdup(p->scope.arena, url.data) : NULL;
		if (p->next == NULL)
			err = pager_fail(p, "the next page's URL is too long");
	} else if (named != NULL && named == link.data)
		p->next = NULL;
	buf_clear(&url);
	buf_clear(&link);
	return err;
}

static enum gw_err
pager_next(struct pager *p, bool *more)
{
	struct arena *a = p->scope.arena;
	enum gw_err err;
	size_t i;

	err = pager_named(p);
	*more = err == GW_OK && p->next != NULL && p->next[0] != '\0';
	if (!*more)
		return err;
	for (i = 0; i < p->seen->n; i++) {
		if (strcmp(value_at(p->seen, i)->text, p->next) == 0) {
			p->moved = "the same page was promised twice";
			return GW_OK;
		}
	}
	if (!value_add(a, p->seen, value_text(a, p->next)))
		return fail_memory(p->scope.failure);
	return pager_by_url(&p->step->page) ? pager_check_url(p, p->next) : GW_OK;
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

/* Is there another page? */
static enum gw_err
pager_more(struct pager *p, size_t n, bool *more)
{
	const struct page *page = &p->step->page;
	bool counted = page->total != NULL || page->more != NULL;
	enum gw_err err = GW_OK;

	*more = true;
	if (!counted && page->next == NULL && page->kind != PAGE_LINK) {
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
	if (page->next == NULL && page->kind != PAGE_LINK)
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

static enum gw_err
pager_rows(struct pager *p, size_t *n)
{
	enum gw_err err = read_answer(p->op, p->step, &p->scope, n);

	p->rows += *n;
	p->scope.record = p->scope.answer;
	if (err == GW_OK && p->step->set.gathers && p->step->each == NULL &&
	    p->step->each_bind == NULL)
		err = set_gather(p->op, p->step, &p->scope);
	return err;
}

/* One page, read; *more: is there another? */
static enum gw_err
pager_page(struct pager *p, bool *more)
{
	const struct step *s = p->step;
	struct value *answer = NULL;
	struct extent first;
	size_t n;
	enum gw_err err = extent_take(p->op, s, &first);

	if (err != GW_OK)
		return err;
	if (p->pages >= LIMIT_PAGES)
		return pager_fail(p, "more pages than can be read");
	err = pager_send(p, &answer);
	*more = answer != NULL;
	if (err != GW_OK || answer == NULL)
		return err;
	p->pages++;
	p->op->last_page = false;
	if (s->page.until == UNTIL_COND)
		err = cond_holds(s->page.until_cond, &p->scope, &p->op->last_page);
	if (err == GW_OK)
		err = pager_rows(p, &n);
	/* Servers count records, not the items inside them. */
	if (err == GW_OK && s->each_bind != NULL)
		err = bind_first(s->each_bind, &p->scope, &n);
	if (err == GW_OK)
		err = reading_note(p, &first);
	if (err == GW_OK)
		p->filled += n > 0;
	*more = err == GW_OK && !p->op->last_page;
	if (!*more)
		return err;
	p->received += (int64_t)n;
	/* By what was received, not by what was asked for: servers limit their pages. */
	p->position = s->page.kind == PAGE_OFFSET ? s->page.first + p->received : p->position + 1;
	return pager_more(p, n, more);
}

/* All pages, up to the last or to a sign that the list changed. */
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
page_read_all(struct op *op, const struct step *s, const struct scope *scope)
{
	struct reading other = {0};
	struct extent first;
	struct pager p;
	enum gw_err err = extent_take(op, s, &first);
	bool unsure = false;
	int readings;

	if (err != GW_OK)
		return err;
	for (readings = 0; readings < (unsure ? 3 : 2); readings++) {
		p = (struct pager){.op = op, .step = s, .scope = *scope, .position = s->page.first};
		p.seen = value_list(scope->arena);
		if (p.seen == NULL)
			return fail_memory(scope->failure);
		err = extent_restore(op, s, &first);
		if (err == GW_OK)
			err = pager_read(&p, &other);
		op->last_page = false;
		unsure = unsure || pager_unsure(&p);
		if (unsure && p.moved == NULL && !reading_agrees(&p.reading, &other))
			p.moved = "another reading had other records";
		if (err == GW_OK && p.moved == NULL)
			err = read_some_balance(op, s, p.rows);
		if (err != GW_OK || p.moved == NULL)
			return err;
		other = p.reading;
	}
	return fail(scope->failure, CODE_HRIS_ANSWER,
	    "%s: the list changed while its pages were read, twice: %s", s->shown, p.moved);
}
