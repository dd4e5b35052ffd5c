/*
 * cli_key_list.c: `hrisgw key list ROUTE`: every key of a route's callers, from when until when it
 * counts, how often it was used and when last, so that one sees when the old one is dead.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/key.h"
#include "format/json.h"
#include "store/store.h"

enum { WHY_MAX = 300 };

struct row {
	const struct caller *caller;
	enum caller_form form;
	const struct caller_key *key;
	int64_t uses, last_s;
};

const char *
cli_key_time(int64_t seconds, const char *none, char out[static KEY_TIME_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds == 0 || seconds == INT64_MIN || seconds == INT64_MAX ||
	    gmtime_r(&t, &tm) == NULL ||
	    strftime(out, KEY_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return none;
	return out;
}

static void
print_text(const struct row *r, bool first)
{
	char from[KEY_TIME_MAX], until[KEY_TIME_MAX], last[KEY_TIME_MAX];

	if (first)
		printf("%-16s %-18s %-16s %-20s %-20s %8s  %s\n", "CALLER", "FORM", "KEY", "FROM",
		    "UNTIL", "USES", "LAST USE");
	printf("%-16s %-18s %-16s %-20s %-20s %8" PRId64 "  %s\n", r->caller->name,
	    caller_form_name(r->form), r->key->id == NULL ? "-" : r->key->id,
	    cli_key_time(r->key->not_before_s, "-", from),
	    cli_key_time(r->key->not_after_s, "-", until), r->uses,
	    cli_key_time(r->last_s, "never", last));
}

static void
put_json(struct buf *b, const char *name, const char *value)
{
	json_string(b, name);
	buf_putc(b, ':');
	if (value == NULL)
		buf_puts(b, "null");
	else
		json_string(b, value);
	buf_putc(b, ',');
}

static void
print_json(struct buf *b, const struct row *r, bool first)
{
	char when[KEY_TIME_MAX];

	buf_puts(b, first ? "[{" : ",{");
	put_json(b, "caller", r->caller->name);
	put_json(b, "form", caller_form_name(r->form));
	put_json(b, "key", r->key->id);
	put_json(b, "not_before", cli_key_time(r->key->not_before_s, NULL, when));
	put_json(b, "not_after", cli_key_time(r->key->not_after_s, NULL, when));
	put_json(b, "last", cli_key_time(r->last_s, NULL, when));
	buf_printf(b, "\"uses\":%" PRId64 "}", r->uses);
}

static bool
read_uses(struct cli_auth *s, struct store *store, struct row *r)
{
	const char *space = caller_key_space(&s->arena, s->route);
	const char *name = caller_key_counter(&s->arena, r->caller, r->form, r->key);

	return space != NULL && name != NULL &&
	       store_counted(store, space, name, &r->uses, &r->last_s) == GW_OK;
}

/* All keys in order; false where the store cannot be read. */
static bool
list_keys(const struct cli_call *call, struct cli_auth *s, struct store *store)
{
	bool json = cli_value(call, "json") != NULL, ok = true;
	size_t i, f, k, n = 0;
	struct row row;
	struct buf b;

	buf_init(&b, LIMIT_ANSWER);
	for (i = 0; i < s->callers->n; i++) {
		for (f = 0; f < CALLER_FORM_MAX; f++) {
			for (k = 0; k < s->callers->items[i].keys[f].n; k++) {
				row = (struct row){.caller = &s->callers->items[i],
				    .form = (enum caller_form)f,
				    .key = &s->callers->items[i].keys[f].items[k]};
				ok = read_uses(s, store, &row) && ok;
				if (json)
					print_json(&b, &row, n++ == 0);
				else
					print_text(&row, n++ == 0);
			}
		}
	}
	if (json)
		printf("%s]\n", b.data);
	buf_clear(&b);
	return ok;
}

int
cli_key_list(const struct cli_call *call)
{
	struct store *store = NULL;
	struct cli_auth s;
	char why[WHY_MAX];
	int code = CLI_OK;

	if (call->n_operands != 2)
		return cli_usage(call, "key list ROUTE");
	cli_auth_init(&s);
	if (!cli_auth_route(call, &s, call->operands[1]))
		code = cli_auth_faults(call, &s);
	if (code == CLI_OK) {
		store = store_open(s.config.state_dir, why, sizeof(why));
		if (store == NULL)
			code = cli_failed(call, "%s", why);
	}
	if (store != NULL && !list_keys(call, &s, store))
		code = cli_failed(call, "the counters in %s cannot be read", s.config.state_dir);
	if (store != NULL && s.faults.n > 0)
		code = cli_auth_faults(call, &s);
	store_close(store);
	cli_auth_clear(&s);
	return code;
}
