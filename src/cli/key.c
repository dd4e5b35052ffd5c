/*
 * key.c: `hrisgw key new|list|rotate`: new keys in files that nobody else can read; which keys are
 * in use, until when, and whether anybody still uses them; a new key beside the one in use. The
 * keys' own values are never shown, and the route file is its owner's to change.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/text.h"
#include "base/user.h"
#include "cli/keyring.h"
#include "cli/owner.h"
#include "store/store.h"

enum { KEY_BYTES = 32, KEY_FILE_MAX = 200, KEY_TIME_MAX = 24, WHY_MAX = 300 };
enum { DAY_MAX = 16, ROTATE_TRIES = 26 };

enum spelling {
	KEY_BASE64, /* base64:..., for signatures */
	KEY_WHSEC,  /* whsec_..., as Standard Webhooks' libraries want it */
	KEY_HEX,
	KEY_TEXT, /* letters, digits, - and _: for token, key and basic */
	KEY_SPELLING_MAX
};

static const struct spelled {
	const char *name, *prefix;
	void (*write)(struct buf *out, const void *data, size_t len);
} spellings[] = {
    [KEY_BASE64] = {"base64", "base64:", base64_encode},
    [KEY_WHSEC] = {"whsec", "whsec_", base64_encode},
    [KEY_HEX] = {"hex", "hex:", hex_encode},
    [KEY_TEXT] = {"text", "", base64url_encode},
};
_Static_assert(sizeof(spellings) / sizeof(spellings[0]) == KEY_SPELLING_MAX, "one for each");

static bool
write_file(const struct cli_call *call, const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct cli_owner owner;
	bool ok;

	if (fd < 0) {
		(void)cli_failed(call, "%s: %s", path, strerror(errno));
		return false;
	}
	ok = (!cli_owner(cli_value(call, "config"), call->program_dir, &owner) ||
		 fchown(fd, owner.user, owner.group) == 0) &&
	     text_write(fd, text->data, text->len) && fsync(fd) == 0;
	if (close(fd) != 0 || !ok) {
		(void)cli_failed(call, "%s: %s", path, strerror(errno));
		(void)unlink(path);
		return false;
	}
	return true;
}

/*
 * A new file of mode 0600 with random bytes. It must not be there. False with the reason on
 * standard error.
 */
static bool
make_key(const struct cli_call *call, const char *path, const struct spelled *spelling)
{
	unsigned char bytes[KEY_BYTES];
	struct buf text;
	bool ok = false;

	buf_init(&text, KEY_FILE_MAX);
	if (clock_random(&clock_real, bytes, sizeof(bytes))) {
		buf_puts(&text, spelling->prefix);
		spelling->write(&text, bytes, sizeof(bytes));
		buf_putc(&text, '\n');
	}
	if (text.len == 0 || text.err != GW_OK)
		(void)cli_failed(call, "no random bytes");
	else
		ok = write_file(call, path, &text);
	crypto_wipe(bytes, sizeof(bytes));
	crypto_wipe(text.data, text.len);
	buf_clear(&text);
	return ok;
}

/* A new key: its file and owner; of rotate, where it belongs. NULL: out of memory. */
static struct value *
made_json(struct arena *a, const char *path)
{
	struct user user = {.name = ""};
	struct value *o = value_object(a);
	struct stat st;

	if (stat(path, &st) == 0)
		(void)user_find(st.st_uid, &user);
	return value_set(a, o, "file", value_text(a, path)) &&
		       value_set(a, o, "user", value_text(a, user.name))
		   ? o
		   : NULL;
}

static void
print_made(const char *path)
{
	struct user user = {.name = "who made it"};
	struct stat st;

	if (stat(path, &st) == 0)
		(void)user_find(st.st_uid, &user);
	printf("%s: a new key, mode 0600, of the user %s\n", path, user.name);
}

static int
key_new(const struct cli_call *call)
{
	const char *name = cli_value(call, "spelling"), *path = call->operands[1];
	const struct spelled *spelling =
	    cli_find(name == NULL ? "base64" : name, CLI_ROWS(spellings));
	struct arena a;
	int code;

	if (spelling == NULL)
		return cli_usage(call, "--spelling is base64, whsec, hex or text");
	if (!make_key(call, path, spelling))
		return CLI_FAILED;
	if (cli_value(call, "json") == NULL) {
		print_made(path);
		return CLI_OK;
	}
	arena_init(&a, LIMIT_FILE);
	code = cli_json(call, made_json(&a, path), false);
	arena_clear(&a);
	return code;
}

struct row {
	const struct caller *caller;
	enum caller_form form;
	const struct caller_key *key;
	int64_t uses, last_s;
};

/* 2026-01-31T08:00:00Z; none where there is no such moment. */
static const char *
time_text(int64_t seconds, const char *none, char out[static KEY_TIME_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds == 0 || seconds == INT64_MIN || seconds == INT64_MAX ||
	    gmtime_r(&t, &tm) == NULL ||
	    strftime(out, KEY_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return none;
	return out;
}

static const char *
key_state(const struct caller_key *key)
{
	int64_t now_s = clock_wall_s(&clock_real);

	if (caller_key_counts(key, now_s))
		return "counts";
	return key->not_after_s < now_s ? "expired" : "not yet";
}

static void
print_text(const struct row *r)
{
	char from[KEY_TIME_MAX], until[KEY_TIME_MAX], last[KEY_TIME_MAX];

	printf("%-16s %-18s %-16s %-8s %-20s %-20s %8" PRId64 "  %s\n", r->caller->name,
	    caller_form_name(r->form), r->key->id == NULL ? "-" : r->key->id, key_state(r->key),
	    time_text(r->key->not_before_s, "-", from), time_text(r->key->not_after_s, "-", until),
	    r->uses, time_text(r->last_s, "never", last));
}

static bool
put_text(struct arena *a, struct value *o, const char *name, const char *s)
{
	return value_set(a, o, name, s == NULL ? value_null(a) : value_text(a, s));
}

static struct value *
row_json(struct arena *a, const struct row *r)
{
	char from[KEY_TIME_MAX], until[KEY_TIME_MAX], last[KEY_TIME_MAX];
	struct value *o = value_object(a);

	return put_text(a, o, "caller", r->caller->name) &&
		       put_text(a, o, "form", caller_form_name(r->form)) &&
		       put_text(a, o, "key", r->key->id) &&
		       put_text(a, o, "state", key_state(r->key)) &&
		       put_text(a, o, "not_before", time_text(r->key->not_before_s, NULL, from)) &&
		       put_text(a, o, "not_after", time_text(r->key->not_after_s, NULL, until)) &&
		       put_text(a, o, "last", time_text(r->last_s, NULL, last)) &&
		       value_set(a, o, "uses", value_integer(a, r->uses))
		   ? o
		   : NULL;
}

static bool
read_uses(struct keyring *s, struct store *store, struct row *r)
{
	const char *space = caller_key_space(&s->arena, s->route);
	const char *name = caller_key_counter(&s->arena, r->caller, r->form, r->key);

	return space != NULL && name != NULL &&
	       store_counted(store, space, name, &r->uses, &r->last_s) == GW_OK;
}

/* The keys of one form of a caller; false where the store cannot be read. */
static bool
list_form(struct keyring *s, struct store *store, struct row row, struct value *json)
{
	const struct caller_keys *keys = &row.caller->keys[row.form];
	bool ok = true;
	size_t k;

	for (k = 0; k < keys->n; k++) {
		row.key = &keys->items[k];
		ok = read_uses(s, store, &row) && ok;
		if (json == NULL)
			print_text(&row);
		else
			ok = value_add(&s->arena, json, row_json(&s->arena, &row)) && ok;
	}
	return ok;
}

static bool
list_keys(struct keyring *s, struct store *store, struct value *json)
{
	bool ok = true;
	size_t i, f;

	if (json == NULL && s->callers->n > 0)
		printf("%-16s %-18s %-16s %-8s %-20s %-20s %8s  %s\n", "CALLER", "FORM", "KEY",
		    "STATE", "FROM", "UNTIL", "USES", "LAST USE");
	for (i = 0; i < s->callers->n; i++) {
		for (f = 0; f < CALLER_FORM_MAX; f++)
			ok = list_form(s, store,
				 (struct row){
				     .caller = &s->callers->items[i], .form = (enum caller_form)f},
				 json) &&
			     ok;
	}
	return ok;
}

static int
list_route(const struct cli_call *call, struct keyring *s)
{
	struct value *json = cli_value(call, "json") == NULL ? NULL : value_list(&s->arena);
	struct store *store;
	char why[WHY_MAX];
	int code = CLI_OK;

	store = store_open(s->config.state_dir, false, why, sizeof(why));
	if (store == NULL)
		return cli_failed(call, "%s", why);
	if (!list_keys(s, store, json))
		code = cli_failed(call, "the counters in %s cannot be read", s->config.state_dir);
	store_close(store);
	if (json != NULL && cli_json(call, json, false) != CLI_OK)
		return CLI_FAILED;
	return s->faults.n > 0 ? cli_faults(call, &s->faults) : code;
}

/* So that one sees when nobody uses the old key any more. */
static int
key_list(const struct cli_call *call)
{
	struct keyring s;
	int code;

	if (!cli_become_owner(cli_value(call, "config"), call->program_dir))
		return cli_failed(call, "cannot become the owner of state_dir");
	keyring_init(&s);
	code = keyring_route(call, &s, call->operands[1]);
	if (code == CLI_OK)
		code = list_route(call, &s);
	keyring_clear(&s);
	return code;
}

/*
 * NULL: there is a key of that id, so try the next letter. The caller's name is in the id, because
 * a signature names its key by the id alone, among all callers of the route.
 */
static const char *
free_name(struct keyring *s, const struct keyring_choice *c, const char *day, int try)
{
	const struct caller_keys *keys = &c->caller->keys[c->form];
	const char letter[] = {(char)(try == 0 ? '\0' : 'a' + try), '\0'}, *id;
	size_t k;

	id = arena_printf(&s->arena, "%s-%s%s", c->caller->name, day, letter);
	for (k = 0; id != NULL && k < keys->n; k++) {
		if (text_equal(keys->items[k].id, id))
			return NULL;
	}
	return id;
}

/* A key that the route file has already, as it is written there. */
static void
print_key(const struct caller_key *key)
{
	const char *name = strrchr(key->path, '/'), *from, *until;
	char before[KEY_TIME_MAX], after[KEY_TIME_MAX];

	from = time_text(key->not_before_s, NULL, before);
	until = time_text(key->not_after_s, NULL, after);
	printf("        %s: %s", key->id == NULL ? "old" : key->id,
	    from == NULL && until == NULL ? "" : "{file: ");
	if (key->credential)
		printf("credential:%s", name == NULL ? key->path : name + 1);
	else
		printf("file:%s", key->path);
	if (from != NULL)
		printf(", not_before: %s", from);
	if (until != NULL)
		printf(", not_after: %s", until);
	puts(from == NULL && until == NULL ? "" : "}");
}

/* The member of the route file as it should read: the new key first, then those that are there. */
static void
print_line(const struct keyring_choice *c, const char *id, const char *path)
{
	static const char *const members[] = {
	    [CALLER_RFC9421] = "keys",
	    [CALLER_WEBHOOKS] = "keys",
	    [CALLER_TOKEN] = "token",
	    [CALLER_KEY] = "secret",
	    [CALLER_BASIC] = "basic",
	};
	const struct caller_keys *keys = &c->caller->keys[c->form];
	size_t k;

	printf("      %s:\n        %s: file:%s\n", members[c->form], id, path);
	for (k = 0; k < keys->n; k++)
		print_key(&keys->items[k]);
}

static int
print_rotated(const struct cli_call *call, struct keyring *s, const struct keyring_choice *c,
    const char *id, const char *path)
{
	struct arena *a = &s->arena;
	struct value *o = made_json(a, path);
	bool good = o != NULL && put_text(a, o, "route", s->route) &&
		    put_text(a, o, "caller", c->caller->name) &&
		    put_text(a, o, "form", caller_form_name(c->form)) && put_text(a, o, "key", id);

	return cli_json(call, good ? o : NULL, false);
}

static int
rotate(const struct cli_call *call, struct keyring *s, const struct keyring_choice *c)
{
	const char *slash = strrchr(c->key->path, '/'), *id = NULL, *path = NULL;
	enum spelling spelling = c->form == CALLER_RFC9421    ? KEY_BASE64
				 : c->form == CALLER_WEBHOOKS ? KEY_WHSEC
							      : KEY_TEXT;
	int folder = slash == NULL ? 0 : (int)(slash - c->key->path) + 1, i;
	time_t now = (time_t)clock_wall_s(&clock_real);
	char day[DAY_MAX];
	struct tm tm;
	struct watch there = {.size = -1};

	if (c->key->credential)
		return cli_failed(call,
		    "credential:%s is systemd's: make a key with `hrisgw key new`, name it in the unit by a LoadCredential= of its own, and here beside the one in use",
		    slash == NULL ? c->key->path : slash + 1);
	if (gmtime_r(&now, &tm) == NULL || strftime(day, sizeof(day), "%Y-%m-%d", &tm) == 0)
		return cli_failed(call, "the clock is wrong");
	for (i = 0; i < ROTATE_TRIES; i++) {
		id = free_name(s, c, day, i);
		if (id == NULL)
			continue;
		path = arena_printf(&s->arena, "%.*s%s-%s", folder, c->key->path, s->route, id);
		if (path == NULL || (there = watch_look(path)).size == -1)
			break;
	}
	if (path == NULL || there.size != -1)
		return cli_failed(call, "no free name beside %s", c->key->path);
	if (!make_key(call, path, &spellings[spelling]))
		return CLI_FAILED;
	if (cli_value(call, "json") != NULL)
		return print_rotated(call, s, c, id, path);
	print_made(path);
	printf("\n1. Write in the file of route %s, caller %s:\n\n", s->route, c->caller->name);
	print_line(c, id, path);
	printf(
	    "\n2. Hand the new key to the caller.\n"
	    "3. When `hrisgw key list %s` shows no more use of the old one, take its line away.\n",
	    s->route);
	return CLI_OK;
}

static int
key_rotate(const struct cli_call *call)
{
	struct keyring_choice choice;
	struct keyring s;
	const char *why;
	int code;

	if (keyring_form(call) != CLI_OK)
		return CLI_USAGE;
	keyring_init(&s);
	code = keyring_route(call, &s, call->operands[1]);
	if (code == CLI_OK &&
	    !keyring_choose(&s, cli_value(call, "caller"), cli_value(call, "form"), NULL,
		clock_wall_s(&clock_real), &choice, &why))
		code = cli_failed(call, "%s", why);
	if (code == CLI_OK)
		code = rotate(call, &s, &choice);
	keyring_clear(&s);
	return code;
}
static int
run(const struct cli_call *call)
{
	static const struct verb {
		const char *name, *operand;
		int (*run)(const struct cli_call *call);
	} verbs[] = {
	    {"new", "FILE", key_new},
	    {"list", "ROUTE", key_list},
	    {"rotate", "ROUTE", key_rotate},
	};
	const struct verb *verb = cli_find(call->operands[0], CLI_ROWS(verbs));

	if (verb == NULL)
		return cli_unknown(call, "verb", call->operands[0], CLI_ROWS(verbs));
	if (call->n_operands != 2)
		return cli_usage(call, "key %s %s", verb->name, verb->operand);
	return verb->run(call);
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml"},
    {"spelling", "NAME", "of new: base64 (signatures), whsec, hex, or text (token, key, basic)"},
    {"caller", "NAME", "of rotate: whose key; the only caller if not given"},
    {"form", "FORM", "of rotate: which of the caller's forms; the first if not given"},
    {"json", NULL, "for machines"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_key = {
    .name = "key",
    .operands = "new FILE | list ROUTE | rotate ROUTE",
    .help = "make keys, see which are in use, replace one",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
