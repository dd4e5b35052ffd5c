/* get_timeoff_types.c: the kinds of time off that the HRIS knows. */
#include "cgi-bin/endpoints.h"
#include "gateway/reply.h"

struct types_in {
	char none;
};

struct types_out {
	const struct timeoff_type *items;
	size_t n;
	bool id2s;
};

static const struct field input[] = {FIELD_LAST};

static enum gw_err
run(struct hris *h, const void *in, void *out)
{
	struct types_out *answer = out;
	enum gw_err err = hris_types(h, &answer->items, &answer->n);
	size_t i;

	(void)in;
	for (i = 0; err == GW_OK && i < answer->n; i++)
		answer->id2s = answer->id2s || answer->items[i].id2 != NULL;
	return err;
}

static const char *
id_of(const void *items, size_t i, char *scratch)
{
	(void)scratch;
	return ((const struct timeoff_type *)items)[i].id;
}

static const char *
name_of(const void *items, size_t i, char *scratch)
{
	(void)scratch;
	return ((const struct timeoff_type *)items)[i].name;
}

static const char *
id2_of(const void *items, size_t i, char *scratch)
{
	const char *id2 = ((const struct timeoff_type *)items)[i].id2;

	(void)scratch;
	return id2 == NULL ? "" : id2;
}

static void
reply_types(struct reply *r, const void *in, const void *out, bool failed)
{
	static const struct types_out none;
	const struct types_out *answer = failed || out == NULL ? &none : out;

	(void)in;
	reply_list(r, "ids", answer->items, answer->n, id_of);
	reply_list(r, "names", answer->items, answer->n, name_of);
	/* All empty, or as long as ids. */
	reply_list(r, "id2s", answer->items, answer->id2s ? answer->n : 0, id2_of);
}

const struct endpoint get_timeoff_types = {
    .name = "get-timeoff-types",
    .methods = "POST",
    .serve = gateway_act,
    .input = input,
    .run = run,
    .in_size = sizeof(struct types_in),
    .out_size = sizeof(struct types_out),
    .reply = reply_types,
};
