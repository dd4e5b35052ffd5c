/* ledger_list.c: `hrisgw ledger list` and `show`: the writes that want somebody, or one of them. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/encode.h"
#include "base/text.h"
#include "cli/ledger.h"
#include "hris/hris.h"
#include "ledger/intent.h"

enum {
	KEY_PREFIX = 8,
	MARKER_HEX = 16,
	KEY_HEX = 2 * LEDGER_HMAC,
	SECOND_MS = 1000,
	AGE_MAX = 32,
	TIME_MAX = 32
};

static const char *const todo[INTENT_STATE_MAX] = {
    [INTENT_SENDING] = "wait; where its process died, the next write of the agent settles it",
    [INTENT_UNKNOWN] = "look into the HRIS, then: resolve --written ID, or --not-written",
    [INTENT_DIFFERENT] = "the HRIS holds something else than was asked: correct it there",
    [INTENT_NOT_APPROVED] = "approve it in the HRIS",
    [INTENT_HALF_REPLACED] =
	"the old request is cancelled: say its change again, or enter in the HRIS what is missing",
};

/* A row that is done and has fewer minutes than were asked, which its route accepts. */
static bool
is_accepted(const struct intent *i)
{
	return i->state == INTENT_DONE && i->recorded_minutes >= 0;
}

static const char *
todo_text(struct arena *a, const struct intent *i)
{
	const char *both = NULL;

	/* One was to take the place of the other. */
	if (i->op == INTENT_CREATE_FIRST &&
	    (i->state == INTENT_UNKNOWN || i->state == INTENT_DIFFERENT))
		both = arena_printf(a,
		    "request %s and %s%s may both stand: cancel one of them in the HRIS", i->before,
		    text_equal(i->request, i->before) || i->request[0] == '\0' ? "a new one" : "",
		    text_equal(i->request, i->before) ? "" : i->request);
	if (both != NULL)
		return both;
	if (is_accepted(i))
		return "nothing: the route accepts fewer minutes (on_fewer)";
	return todo[i->state] == NULL ? "" : todo[i->state];
}

int
cli_ledger_failed(const struct ledger_session *s)
{
	return cli_failed(s->call, "%s: %s", fail_code_text(s->failure.code), s->failure.text);
}

static bool
hex_text(struct arena *a, const unsigned char *bytes, const char **out)
{
	struct buf b;

	buf_init(&b, KEY_HEX);
	hex_encode(&b, bytes, LEDGER_HMAC);
	*out = arena_strdup(a, b.data);
	buf_clear(&b);
	return *out != NULL;
}

/* The same as a time of day, in UTC. */
static const char *
time_text(struct arena *a, int64_t at_ms)
{
	time_t at_s = (time_t)(at_ms / SECOND_MS);
	char text[TIME_MAX];
	struct tm tm;

	if (at_ms == 0 || gmtime_r(&at_s, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return "";
	return arena_strdup(a, text);
}

static struct value *
column_value(struct arena *a, const struct intent *i, const struct intent_column *c)
{
	const char *text;

	switch (c->kind) {
	case INTENT_TEXT:
	case INTENT_OP:
	case INTENT_STATE:
		return value_text(a, intent_text(i, c));
	case INTENT_HMAC:
		return hex_text(a, intent_hmac(i, c), &text) ? value_text(a, text) : NULL;
	case INTENT_BOOL:
		return value_bool(a, intent_number(i, c) != 0);
	default:
		break;
	}
	if (text_ends(c->name, "_ms")) {
		text = time_text(a, intent_number(i, c));
		return text == NULL ? NULL : value_text(a, text);
	}
	return value_integer(a, intent_number(i, c));
}

/* Every column, and the marker; times as text, so without the unit in their names. */
static struct value *
intent_value(struct ledger_session *s, const struct intent *i)
{
	struct arena *a = &s->arena;
	const char *marker = hris_marker(s->ledger, a, i);
	struct value *o = value_object(a);
	const struct intent_column *c;
	const char *name;

	for (c = intent_columns; c < intent_columns + INTENT_COLUMNS; c++) {
		name = c->name;
		if (text_ends(name, "_ms"))
			name = arena_strndup(a, name, strlen(name) - 3);
		if (name == NULL || !value_set(a, o, name, column_value(a, i, c)))
			return NULL;
	}
	return marker != NULL && value_set(a, o, "marker", value_text(a, marker)) &&
		       value_set(a, o, "todo", value_text(a, todo_text(a, i)))
		   ? o
		   : NULL;
}

/* --- list --- */

static const char *
age_text(struct arena *a, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {0, "s"}};
	size_t i = 0;

	while (ms < 2 * units[i].ms)
		i++;
	return arena_printf(a, "%lld%s",
	    (long long)(ms / (units[i].ms == 0 ? SECOND_MS : units[i].ms)), units[i].unit);
}

/* "15m" and the like; -1: it is none. */
static int64_t
older_ms(const char *s)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {{'s', SECOND_MS}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
	char digits[AGE_MAX];
	unsigned long n;
	size_t len = strlen(s), i;

	if (len < 2 || len >= sizeof(digits))
		return -1;
	memcpy(digits, s, len - 1);
	digits[len - 1] = '\0';
	for (i = 0; i < ARRAY_LEN(units); i++) {
		if (s[len - 1] == units[i].unit && text_unsigned(digits, 1000000, &n))
			return (int64_t)n * units[i].ms;
	}
	return -1;
}

static unsigned
wanted_states(const struct cli_call *call)
{
	bool open = cli_value(call, "open") != NULL,
	     different = cli_value(call, "different") != NULL;
	unsigned states = 0;

	if (open || !different)
		states |= 1U << INTENT_SENDING | 1U << INTENT_UNKNOWN;
	if (different || !open)
		states |= 1U << INTENT_DIFFERENT;
	if (different)
		states |= 1U << INTENT_DONE;
	if (!open && !different)
		states |= 1U << INTENT_NOT_APPROVED | 1U << INTENT_HALF_REPLACED;
	return states;
}

static struct value *
list_row(struct arena *a, const struct intent *i, int64_t now_ms)
{
	struct value *o = value_object(a);
	const char *key, *age = age_text(a, now_ms - i->begun_ms);

	if (age == NULL || !hex_text(a, i->key, &key))
		return NULL;
	return value_set(a, o, "n", value_integer(a, i->n)) &&
		       value_set(a, o, "key", value_text_len(a, key, KEY_PREFIX)) &&
		       value_set(a, o, "state", value_text(a, intent_state_name(i->state))) &&
		       value_set(a, o, "op", value_text(a, intent_op_name(i->op))) &&
		       value_set(a, o, "age", value_text(a, age)) &&
		       value_set(a, o, "route", value_text(a, i->route)) &&
		       value_set(a, o, "agent", value_text(a, i->agent)) &&
		       value_set(a, o, "request", value_text(a, i->request)) &&
		       value_set(a, o, "days", value_text(a, i->days)) &&
		       value_set(a, o, "todo", value_text(a, todo_text(a, i)))
		   ? o
		   : NULL;
}

int
cli_ledger_list(struct ledger_session *s)
{
	const char *older = cli_value(s->call, "older");
	int64_t now_ms = clock_wall_ms(s->where.clock),
		least_ms = older == NULL ? 0 : older_ms(older);
	struct value *list = value_list(&s->arena), *row;
	struct intent *rows;
	size_t n, i;

	if (least_ms < 0)
		return cli_usage(s->call, "--older needs a time: 90s, 15m, 2h, 1d");
	if (ledger_list(s->ledger, wanted_states(s->call), NULL, NULL, &s->arena, &rows, &n,
		&s->failure) != GW_OK)
		return cli_ledger_failed(s);
	for (i = 0; i < n; i++) {
		if (now_ms - rows[i].begun_ms < least_ms ||
		    (rows[i].state == INTENT_DONE && !is_accepted(&rows[i])))
			continue;
		row = s->json ? intent_value(s, &rows[i]) : list_row(&s->arena, &rows[i], now_ms);
		if (!value_add(&s->arena, list, row))
			return cli_failed(s->call, "out of memory");
	}
	if (!s->json)
		cli_table(list);
	else if (cli_json(s->call, list, false) != CLI_OK)
		return CLI_FAILED;
	return older != NULL && list->n > 0 ? CLI_FAILED : CLI_OK;
}

/* --- one --- */

/* The marker counts with its brackets and without. */
static bool
is_named(struct ledger *l, struct arena *a, const struct intent *i, const char *key)
{
	const char *hex, *marker = hris_marker(l, a, i);

	return (hex_text(a, i->key, &hex) && text_starts(hex, key)) ||
	       (marker != NULL && strlen(key) >= MARKER_HEX && strstr(marker, key) != NULL);
}

struct intent *
cli_ledger_find(struct ledger_session *s, struct ledger *ledger, const char *key, int *code)
{
	struct intent *rows, *found = NULL;
	bool number = strlen(key) < KEY_PREFIX;
	unsigned long wanted = 0;
	size_t n, i, several = 0;

	if (number && !text_unsigned(key, INT32_MAX, &wanted)) {
		*code = cli_usage(s->call,
		    "a row is named by its number, its marker, or 8 digits of its key at least; see hrisgw ledger list");
		return NULL;
	}
	if (ledger_list(ledger, 0, NULL, NULL, &s->arena, &rows, &n, &s->failure) != GW_OK) {
		*code = cli_ledger_failed(s);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		if (number ? rows[i].n == (int64_t)wanted
			   : is_named(ledger, &s->arena, &rows[i], key)) {
			found = &rows[i];
			several++;
		}
	}
	if (several == 1)
		return found;
	if (several == 0)
		*code = cli_failed(s->call, "the ledger has no row %s", key);
	else
		*code = cli_failed(
		    s->call, "%zu rows have the key %s: name one by its number", several, key);
	return NULL;
}

int
cli_ledger_show(struct ledger_session *s)
{
	int code = CLI_FAILED;
	const struct intent *i = cli_ledger_find(s, s->ledger, s->args[0], &code);
	struct value *o;
	size_t k;

	if (i == NULL)
		return code;
	o = intent_value(s, i);
	if (o == NULL || s->json)
		return cli_json(s->call, o, false);
	for (k = 0; k < o->n; k++) {
		if (o->items[k].value->kind == VALUE_BOOL)
			(void)printf("%-18s %s\n", o->items[k].name,
			    o->items[k].value->truth ? "yes" : "no");
		else
			(void)printf("%-18s %s\n", o->items[k].name, value_str(o->items[k].value));
	}
	return CLI_OK;
}
