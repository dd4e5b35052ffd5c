/*
 * json.c: strict JSON into values, over yajl's callbacks: a document in pieces or whole. What yajl
 * 2.1.0 lets pass is looked for before it sees the text (json_check.c); the values are made in
 * json_tree.c. Writing is json_write.c's.
 */
#include "format/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "format/json_reader.h"

const struct json_limits json_input = {
    .depth = LIMIT_INPUT_DEPTH, .values = LIMIT_INPUT_VALUES, .text = 64 * 1024};
const struct json_limits json_answer = {
    .depth = LIMIT_ANSWER_DEPTH, .values = LIMIT_VALUES, .text = LIMIT_TEXT};

static void
json_reader_init(struct json_reader *r, struct arena *a, const struct json_limits *limits,
    const struct json_list *list)
{
	*r = (struct json_reader){.arena = a, .kept = a, .limits = limits, .list = list};
	arena_init(&r->scratch, LIMIT_ITEM);
	r->raw.nul = limits->duplicates;
	r->yajl = yajl_alloc(&json_callbacks, NULL, r);
	if (r->yajl == NULL)
		(void)json_refuse(r, 0, "out of memory");
}

static void
json_reader_clear(struct json_reader *r)
{
	if (r->yajl != NULL)
		yajl_free(r->yajl);
	free(r->items);
	free(r->open);
	arena_clear(&r->scratch);
}

struct json_reader *
json_reader_new(struct arena *a, const struct json_limits *limits, const struct json_list *list)
{
	struct json_reader *r = calloc(1, sizeof(*r));

	if (r != NULL)
		json_reader_init(r, a, limits, list);
	return r;
}

void
json_reader_free(struct json_reader *r)
{
	if (r != NULL)
		json_reader_clear(r);
	free(r);
}

void
json_reader_feed(struct json_reader *r, const char *text, size_t len)
{
	if (r->reason != NULL)
		return;
	if (!json_raw_feed(&r->raw, text, len))
		(void)json_refuse(r, r->raw.at, r->raw.reason);
	/* yajl goes through a text from its beginning again at every piece; \uXXXX is one byte. */
	else if (r->raw.token / 6 > r->limits->text)
		(void)json_refuse(r, r->raw.read, "a text or number is too long");
	else if (yajl_parse(r->yajl, (const unsigned char *)text, len) != yajl_status_ok &&
		 r->reason == NULL)
		(void)json_refuse_here(r, "not JSON");
	r->before += len;
}

struct value *
json_reader_end(struct json_reader *r, char *why, size_t why_max)
{
	if (r->reason == NULL && !json_raw_end(&r->raw))
		(void)json_refuse(r, r->raw.at, r->raw.reason);
	if (r->reason == NULL && yajl_complete_parse(r->yajl) != yajl_status_ok &&
	    r->reason == NULL)
		(void)json_refuse(r, r->before, "the document ends too early");
	if (r->reason == NULL && r->root == NULL)
		(void)json_refuse(r, 0, "no JSON document");
	if (r->reason == NULL)
		return r->root;
	if (why_max > 0 && r->at > 0)
		(void)snprintf(why, why_max, "%s at byte %zu", r->reason, r->at);
	else if (why_max > 0)
		(void)snprintf(why, why_max, "%s", r->reason);
	return NULL;
}

struct value *
json_parse(struct arena *a, const char *text, size_t len, const struct json_limits *limits,
    char *why, size_t why_max)
{
	struct json_reader r;
	struct value *root;

	json_reader_init(&r, a, limits, NULL);
	json_reader_feed(&r, text, len);
	root = json_reader_end(&r, why, why_max);
	json_reader_clear(&r);
	return root;
}
