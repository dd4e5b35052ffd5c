/* verdict.c: see verdict.h. The pairs of statusCode and status are hrisgw(8)'s. */
#include "genesys/verdict.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

enum { SHOWN_ITEMS = 4, BREACH_MAX = 4096 };

enum part
verdict_part(const struct flow *f)
{
	static const struct {
		const char *variable;
		enum part part;
	} marks[] = {{"Flow.emails", PART_AGENTS}, {"Flow.ids", PART_TYPES},
	    {"Flow.balanceMinutesPerDay", PART_BALANCE},
	    {"Flow.inputTimeOffRequestId", PART_UPDATE}, {"Flow.timeOffRequestId", PART_INSERT}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(marks); i++) {
		if (flow_variable_find(f, marks[i].variable) != NULL)
			return marks[i].part;
	}
	return PART_MAX;
}

static void __attribute__((format(printf, 2, 3))) breach(struct verdict *v, const char *fmt, ...)
{
	va_list ap;

	char text[BREACH_MAX];

	v->breaches++;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(v->out, "  BREACH: %s\n", text);
	if (v->arena != NULL && !value_add(v->arena, v->breached, value_text(v->arena, text)))
		v->json = NULL;
}

static const char *
text_of(const struct flow_result *r, const char *name)
{
	const char *s = value_str(value_get(r->variables, name));

	return s == NULL ? "" : s;
}

static size_t
count_of(const struct flow_result *r, const char *name)
{
	const struct value *v = value_get(r->variables, name);

	return value_is(v, VALUE_LIST) ? v->n : 0;
}

bool
verdict_complete(const struct flow_result *r)
{
	return strcmp(text_of(r, "Flow.statusCode"), "200") == 0 &&
	       strcmp(text_of(r, "Flow.status"), "Complete") == 0;
}

/* Text as it can be shown on a terminal. */
static void
print_text(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		fputc((unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s, out);
}

/* Without "Flow." before it. */
static const char *
short_name(const char *name)
{
	return name + strcspn(name, ".") + 1;
}

static void
print_output(struct verdict *v, const char *name, const struct value *value)
{
	size_t i;

	fprintf(v->out, "  %-22s ", short_name(name));
	if (value->kind != VALUE_LIST)
		print_text(v->out, value_str(value) == NULL ? "?" : value_str(value));
	else {
		fprintf(v->out, "%zu:", (size_t)value->n);
		for (i = 0; i < value->n && i < SHOWN_ITEMS; i++) {
			fputs(i == 0 ? " " : ", ", v->out);
			print_text(v->out, value_str(value_at(value, i)) == NULL
					       ? "?"
					       : value_str(value_at(value, i)));
		}
		fputs(value->n > SHOWN_ITEMS ? ", ..." : "", v->out);
	}
	fputc('\n', v->out);
}

static void
print_outputs(struct verdict *v, const struct flow *f, const struct flow_result *r)
{
	const struct value *value;
	size_t i, empty = 0, unset = 0;

	for (i = 0; i < f->n_variables; i++) {
		value = value_get(r->variables, f->variables[i].name);
		if (!f->variables[i].is_output || value == NULL)
			continue;
		if (value->kind == VALUE_NULL)
			unset++;
		else if (value->kind == VALUE_LIST && value->n == 0)
			empty++;
		else
			print_output(v, f->variables[i].name, value);
	}
	if (empty > 0)
		fprintf(v->out, "  (%zu empty lists)\n", empty);
	if (unset > 0)
		fprintf(v->out, "  (%zu outputs not set)\n", unset);
}

static void
check_status(struct verdict *v, const struct flow_result *r)
{
	static const struct {
		const char *code, *status;
	} pairs[] = {{"200", "Complete"}, {"200", "InsufficientBalance"}, {"200", "NotAllowed"},
	    {"500", "Error"}, {"408", "Error"}};
	const char *code = text_of(r, "Flow.statusCode"), *status = text_of(r, "Flow.status");
	size_t i;

	for (i = 0; i < ARRAY_LEN(pairs); i++) {
		if (strcmp(pairs[i].code, code) == 0 && strcmp(pairs[i].status, status) == 0)
			break;
	}
	if (i == ARRAY_LEN(pairs))
		breach(
		    v, "statusCode %s with status %s: WFM does not know this pair", code, status);
	if (strcmp(status, "Complete") != 0 && text_of(r, "Flow.errorMsg")[0] == '\0')
		breach(v, "status %s without an errorMsg", status);
	if (strcmp(status, "Error") == 0)
		v->errors++;
}

/* A workflow that dies ends with its initial values, which must not read as a success. */
static void
check_initial(struct verdict *v, const struct flow *f)
{
	const struct flow_variable *code = flow_variable_find(f, "Flow.statusCode");
	const char *initial = code == NULL ? NULL : value_str(code->initial);

	if (!text_equal(initial, "200"))
		return;
	if (v->ours)
		breach(v, "if it dies it ends with statusCode 200: its initial value");
	else
		fputs(
		    "  note: if it dies it ends with statusCode 200, its initial value\n", v->out);
}

/* Outputs that are not set; of others' workflows only those that WFM decides by. */
static void
check_set(struct verdict *v, const struct flow *f, const struct flow_result *r)
{
	static const char *const always[] = {"Flow.statusCode", "Flow.status"};
	const struct value *value;
	size_t i;

	for (i = 0; i < f->n_variables; i++) {
		value = value_get(r->variables, f->variables[i].name);
		if (!f->variables[i].is_output || value == NULL || value->kind != VALUE_NULL)
			continue;
		if (v->ours || strcmp(f->variables[i].name, always[0]) == 0 ||
		    strcmp(f->variables[i].name, always[1]) == 0)
			breach(v, "%s is not set", f->variables[i].name);
	}
}

static void
check_lengths(struct verdict *v, const struct flow_result *r, const char *first, const char *second,
    bool or_none)
{
	size_t a = count_of(r, first), b = count_of(r, second);

	if (a != b && !(or_none && b == 0))
		breach(v, "%s has %zu items and %s has %zu", first, a, second, b);
}

static void
check_agents(struct verdict *v, const struct flow_result *r)
{
	char emails[32] = "Flow.emails", ids[32] = "Flow.externalIds";
	size_t i, total = 0;

	for (i = 0; i < LIMIT_BUCKETS; i++) {
		if (i > 0) {
			(void)snprintf(emails, sizeof(emails), "Flow.emails%zu", i);
			(void)snprintf(ids, sizeof(ids), "Flow.externalIds%zu", i);
		}
		check_lengths(v, r, emails, ids, false);
		total += count_of(r, emails);
	}
	if (verdict_complete(r) && total == 0)
		breach(v, "Complete without an agent: WFM would unlink everybody");
}

/* How often a row of the answer has that date and type. */
static size_t
rows_of(const struct flow_result *r, const struct value *date, const struct value *type)
{
	const struct value *dates = value_get(r->variables, "Flow.dates");
	const struct value *types = value_get(r->variables, "Flow.timeOffTypeIds");
	size_t i, n = 0;

	for (i = 0; i < dates->n && i < types->n; i++) {
		if (value_equal(value_at(dates, i), date) && value_equal(value_at(types, i), type))
			n++;
	}
	return n;
}

static void
check_balance(struct verdict *v, const struct value *inputs, const struct flow_result *r)
{
	const struct value *dates = value_get(inputs, "Flow.inputDates");
	const struct value *types = value_get(inputs, "Flow.inputTimeOffTypeIds");
	size_t i, j, rows;

	check_lengths(v, r, "Flow.dates", "Flow.timeOffTypeIds", false);
	check_lengths(v, r, "Flow.dates", "Flow.balanceMinutesPerDay", false);
	check_lengths(v, r, "Flow.dates", "Flow.timeOffTypeId2s", true);
	if (!verdict_complete(r) || !value_is(value_get(r->variables, "Flow.dates"), VALUE_LIST) ||
	    !value_is(value_get(r->variables, "Flow.timeOffTypeIds"), VALUE_LIST))
		return;
	for (i = 0; i < dates->n; i++) {
		for (j = 0; j < types->n; j++) {
			rows = rows_of(r, value_at(dates, i), value_at(types, j));
			if (rows != 1)
				breach(v, "%s of type %s: %zu balances where one was asked for",
				    value_str(value_at(dates, i)), value_str(value_at(types, j)),
				    rows);
		}
	}
	if (count_of(r, "Flow.dates") != (size_t)dates->n * types->n)
		breach(v, "%zu balances for %zu dates and %zu types", count_of(r, "Flow.dates"),
		    (size_t)dates->n, (size_t)types->n);
}

static void
check_write(
    struct verdict *v, enum part part, const struct value *inputs, const struct flow_result *r)
{
	const char *given = value_get_text(inputs, "Flow.inputTimeOffRequestId");
	const char *id = text_of(r, "Flow.timeOffRequestId");

	if (verdict_complete(r) && id[0] == '\0')
		breach(v, "Complete without a timeOffRequestId");
	if (v->ours && part == PART_UPDATE && !verdict_complete(r) && id[0] == '\0' &&
	    !text_is_empty(given))
		breach(v, "the id that WFM sent is not answered, so WFM would lose it");
}

static void
check_part(
    struct verdict *v, enum part part, const struct value *inputs, const struct flow_result *r)
{
	switch (part) {
	case PART_AGENTS:
		check_agents(v, r);
		break;
	case PART_TYPES:
		check_lengths(v, r, "Flow.ids", "Flow.names", false);
		check_lengths(v, r, "Flow.ids", "Flow.id2s", true);
		break;
	case PART_BALANCE:
		check_balance(v, inputs, r);
		break;
	case PART_INSERT:
	case PART_UPDATE:
		check_write(v, part, inputs, r);
		break;
	case PART_MAX:
		break;
	}
}

/* One that was played; inputs and outputs by WFM's names. */
static void
give_json(struct verdict *v, const struct flow *f, const struct value *inputs,
    const struct flow_result *r)
{
	struct arena *a = v->arena;
	struct value *o = value_object(a), *in = value_object(a), *out = value_object(a);
	const struct value *value;
	bool good = true;
	size_t i;

	for (i = 0; i < inputs->n; i++)
		good = good &&
		       value_set(a, in, short_name(inputs->items[i].name), value_at(inputs, i));
	for (i = 0; i < f->n_variables; i++) {
		value = value_get(r->variables, f->variables[i].name);
		if (f->variables[i].is_output && value != NULL)
			good = good && value_set(a, out, short_name(f->variables[i].name),
					   (struct value *)value);
	}
	good = good && value_set(a, o, "workflow", value_text(a, f->name)) &&
	       value_set(a, o, "inputs", in) && value_set(a, o, "outputs", out) &&
	       value_set(a, o, "failure",
		   r->last.why == NULL ? value_null(a) : value_text(a, r->last.why)) &&
	       value_set(a, o, "breaches", v->breached) && value_add(a, v->json, o);
	if (!good)
		v->json = NULL;
}

void
verdict_give(struct verdict *v, enum part part, const struct flow *f, const struct value *inputs,
    const struct flow_result *r)
{
	size_t before = v->breaches;

	v->flows++;
	if (v->arena != NULL)
		v->breached = value_list(v->arena);
	fprintf(v->out, "%s: %zu actions, %zu data actions\n", f->name, r->actions, r->calls);
	print_outputs(v, f, r);
	if (r->last.why != NULL)
		fprintf(v->out, "  the data action: %s: %s\n", outcome_name(r->last.outcome),
		    r->last.why);
	if (r->died != NULL)
		breach(v, "it ended by an error: %s", r->died);
	if (r->calls > 0 && r->last.outcome == OUTCOME_FAILURE)
		breach(v, "the data action failed, and not because of the HRIS");
	if (v->ours && r->calls > 1)
		breach(v, "%zu calls of the gateway where one is enough", r->calls);
	check_status(v, r);
	check_initial(v, f);
	check_set(v, f, r);
	check_part(v, part, inputs, r);
	if (v->breaches == before)
		fputs("  holds\n", v->out);
	fputc('\n', v->out);
	if (v->arena != NULL)
		give_json(v, f, inputs, r);
}
