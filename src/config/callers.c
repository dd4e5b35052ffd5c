/*
 * callers.c: the `callers` mapping of a route file, and which keys may not be shared. Every fault
 * is reported at its place, all at once; the callers without a fault can call.
 */
#include "config/callers.h"

#include <string.h>

#include "config/key.h"
#include "base/bounds.h"
#include "base/text.h"

static const char *const caller_members[] = {
    "token",
    "basic",
    "key",
    "signature",
    "keys",
    "client_certificate",
    NULL,
};
static const char *const key_form_members[] = {"header", "secret", NULL};

static const char *const form_names[] = {
    [CALLER_RFC9421] = "rfc9421",
    [CALLER_WEBHOOKS] = "standard-webhooks",
    [CALLER_TOKEN] = "token",
    [CALLER_KEY] = "key",
    [CALLER_BASIC] = "basic",
};
_Static_assert(ARRAY_LEN(form_names) == CALLER_FORM_MAX, "a name for each");

const char *
caller_form_name(enum caller_form form)
{
	return form_names[form];
}

bool
callers_header_is_taken(const char *name)
{
	static const char *const taken[] = {"authorization", "cache-control", "connection",
	    "content-digest", "content-length", "content-type", "cookie", "date", "dnt", "expect",
	    "forwarded", "from", "host", "if-modified-since", "if-none-match", "origin", "pragma",
	    "priority", "range", "referer", "signature", "signature-input", "te", "traceparent",
	    "tracestate", "transfer-encoding", "upgrade", "user-agent", "via", "x-amzn-trace-id",
	    "x-correlation-id", "x-hris-authorization", "x-real-ip", "x-request-id"};
	static const char *const begins[] = {
	    "accept", "cf-", "inin-", "proxy-", "sec-", "svix-", "webhook-", "x-forwarded-"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(taken); i++) {
		if (strcmp(name, taken[i]) == 0)
			return true;
	}
	for (i = 0; i < ARRAY_LEN(begins); i++) {
		if (text_starts(name, begins[i]))
			return true;
	}
	return false;
}

/* Letters, digits and dashes: others do not survive CGI's names. */
static bool
load_key_header(struct key_loader *l, const struct value *v, struct caller *caller)
{
	char *name, *p;
	bool ok;

	if (!value_is(v, VALUE_TEXT))
		return reader_fault(&l->reader, v, "write key: {header: X-Api-Key, secret: ...}");
	name = arena_strdup(l->reader.arena, v->text);
	if (name == NULL)
		return key_memory(l);
	for (p = name; *p != '\0'; p++)
		*p = text_lower(*p);
	ok = v->len > 0 && v->len <= 64 &&
	     name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
	if (!ok || callers_header_is_taken(name)) {
		return reader_fault(&l->reader, v,
		    ok ? "this header has a meaning already; choose one like X-Api-Key"
		       : "a header's name is letters, digits and dashes");
	}
	caller->key_header = name;
	return true;
}

static bool
load_key_form(struct key_loader *l, const struct value *v, struct caller *caller)
{
	const struct value *secret = value_get(v, "secret");
	bool ok;

	if (!value_is(v, VALUE_OBJECT) || secret == NULL)
		return reader_fault(&l->reader, v, "write key: {header: X-Api-Key, secret: ...}");
	ok = reader_known(&l->reader, v, key_form_members, "`key`");
	ok = load_key_header(
		 l, value_get(v, "header") == NULL ? v : value_get(v, "header"), caller) &&
	     ok;
	(void)keys_load(l, secret, CALLER_LITERAL, &caller->keys[CALLER_KEY]);
	return ok;
}

/* Item i of one text or a list of texts; NULL past the end, and for what is no text. */
static const struct value *
one_or_list(const struct value *v, size_t i)
{
	if (value_is(v, VALUE_TEXT))
		return i == 0 ? v : NULL;
	if (!value_is(v, VALUE_LIST) || i >= v->n || !value_is(value_at(v, i), VALUE_TEXT))
		return NULL;
	return value_at(v, i);
}

static bool
load_signature(
    struct key_loader *l, const struct value *v, const struct value *keys, struct caller *caller)
{
	struct caller_keys loaded = {.n = 0};
	const struct value *form;
	bool ok = true;
	size_t i;

	if (keys == NULL)
		return reader_fault(
		    &l->reader, v, "`signature` needs `keys: {ID: file:PATH}` beside it");
	(void)keys_load(l, keys, CALLER_SIGNATURE, &loaded);
	if (v->n == 0 && !value_is(v, VALUE_TEXT))
		return reader_fault(&l->reader, v, "write signature: [rfc9421, standard-webhooks]");
	for (i = 0; i < (v->n == 0 ? 1 : v->n); i++) {
		form = one_or_list(v, i);
		if (form != NULL && strcmp(form->text, form_names[CALLER_RFC9421]) == 0)
			caller->keys[CALLER_RFC9421] = loaded;
		else if (form != NULL && strcmp(form->text, form_names[CALLER_WEBHOOKS]) == 0)
			caller->keys[CALLER_WEBHOOKS] = loaded;
		else
			ok = reader_fault(&l->reader, form == NULL ? v : form,
			    "a signature is rfc9421 or standard-webhooks");
	}
	return ok;
}

static bool
load_subjects(struct key_loader *l, const struct value *v, struct caller *caller)
{
	size_t n = value_is(v, VALUE_LIST) ? v->n : 1, i;
	const struct value *subject;

	caller->subjects = arena_array(l->reader.arena, n, sizeof(*caller->subjects));
	if (caller->subjects == NULL)
		return key_memory(l);
	for (i = 0; i < n; i++) {
		subject = one_or_list(v, i);
		if (subject == NULL || subject->len == 0) {
			return reader_fault(&l->reader, v,
			    "client_certificate is a subject as the web server writes it, like 'CN=caller.example,O=Example'");
		}
		caller->subjects[caller->n_subjects++] = subject->text;
	}
	if (n == 0)
		return reader_fault(&l->reader, v, "client_certificate names no subject");
	return true;
}

static bool
caller_has_proof(const struct caller *caller)
{
	size_t f;

	for (f = 0; f < CALLER_FORM_MAX; f++) {
		if (caller->keys[f].n > 0)
			return true;
	}
	return false;
}

static bool
load_caller(struct key_loader *l, const struct value *v, struct caller *caller)
{
	const struct value *token = value_get(v, "token"), *basic = value_get(v, "basic");
	const struct value *key = value_get(v, "key"), *signature = value_get(v, "signature");
	const struct value *keys = value_get(v, "keys"),
			   *subject = value_get(v, "client_certificate");
	bool ok;

	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(
		    &l->reader, v, "a caller is a mapping, like {token: file:PATH}");
	ok = reader_known(&l->reader, v, caller_members, "a caller");
	if (token != NULL)
		(void)keys_load(l, token, CALLER_LITERAL, &caller->keys[CALLER_TOKEN]);
	if (basic != NULL)
		(void)keys_load(l, basic, CALLER_LITERAL, &caller->keys[CALLER_BASIC]);
	if (key != NULL)
		ok = load_key_form(l, key, caller) && ok;
	if (signature != NULL)
		ok = load_signature(l, signature, keys, caller) && ok;
	else if (keys != NULL)
		ok =
		    reader_fault(&l->reader, keys, "`keys` needs `signature: [rfc9421]` beside it");
	if (subject != NULL)
		ok = load_subjects(l, subject, caller) && ok;
	if (token == NULL && basic == NULL && key == NULL && signature == NULL) {
		return reader_fault(&l->reader, v,
		    subject == NULL
			? "caller %s proves itself by nothing; give it token, signature, key or basic"
			: "caller %s: a client certificate counts only beside token, signature, key or basic",
		    caller->name);
	}
	return ok;
}

static bool
caller_name_valid(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len <= CALLER_NAME_MAX && s[len] == '\0';
}

/* Drops the callers that have no proof left. */
static void
callers_thin(struct callers *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->n; i++) {
		if (caller_has_proof(&c->items[i]))
			c->items[n++] = c->items[i];
	}
	c->n = n;
}

static bool
key_same(const struct caller_key *a, const struct caller_key *b)
{
	return secret_equal(a->secret.bytes, a->secret.len, b->secret.bytes, b->secret.len);
}

/* Is the key anywhere in c but among the signature keys of its owner? */
static bool
key_is_shared(const struct callers *c, const struct caller *owner, const struct caller_key *key)
{
	const struct caller_keys *keys;
	size_t i, f, k;

	for (i = 0; i < c->n; i++) {
		for (f = 0; f < CALLER_FORM_MAX; f++) {
			keys = &c->items[i].keys[f];
			if (&c->items[i] == owner && (f == CALLER_WEBHOOKS || f == CALLER_RFC9421))
				continue;
			for (k = 0; k < keys->n; k++) {
				if (key_same(&keys->items[k], key))
					return true;
			}
		}
	}
	return false;
}

static bool
key_id_taken(const struct callers *c, const struct caller *owner, const char *id)
{
	const struct caller_keys *keys;
	size_t i, k;

	for (i = 0; i < c->n && &c->items[i] != owner; i++) {
		keys = &c->items[i].keys[CALLER_RFC9421];
		for (k = 0; k < keys->n; k++) {
			if (strcmp(keys->items[k].id, id) == 0)
				return true;
		}
	}
	return false;
}

/* All are checked before any is removed, so that of two that share a key neither stays. */
static void
check_webhooks(struct key_loader *l, const struct value *node, struct callers *c)
{
	bool shared[LIMIT_CALLERS] = {false};
	const struct caller_keys *keys;
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		keys = &c->items[i].keys[CALLER_WEBHOOKS];
		for (k = 0; k < keys->n; k++) {
			if (!key_is_shared(c, &c->items[i], &keys->items[k]))
				continue;
			shared[i] = true;
			(void)reader_fault(&l->reader, value_get(node, c->items[i].name),
			    "key %s of caller %s is used elsewhere; a Standard Webhooks signature covers no path, so its key must serve nothing else",
			    keys->items[k].id, c->items[i].name);
		}
	}
	for (i = 0; i < c->n; i++) {
		if (shared[i])
			c->items[i].keys[CALLER_WEBHOOKS].n = 0;
	}
}

/* A signature names its key by id alone. */
static void
check_key_ids(struct key_loader *l, const struct value *node, struct callers *c)
{
	struct caller_keys *keys;
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		keys = &c->items[i].keys[CALLER_RFC9421];
		for (k = 0; k < keys->n; k++) {
			if (!key_id_taken(c, &c->items[i], keys->items[k].id))
				continue;
			(void)reader_fault(&l->reader, value_get(node, c->items[i].name),
			    "key id %s of caller %s is another caller's; a signature names its key by id alone",
			    keys->items[k].id, c->items[i].name);
			keys->n = 0;
		}
	}
}

struct callers *
callers_load(struct arena *a, const char *file, const struct value *node, struct secrets *secrets,
    struct faults *faults)
{
	struct key_loader l = {
	    .reader = {.arena = a, .file = file, .faults = faults}, .secrets = secrets};
	struct callers *c = arena_alloc(a, sizeof(*c));
	const struct member *m;
	struct caller *caller;
	size_t i;

	if (!value_is(node, VALUE_OBJECT) || node->n == 0 || node->n > LIMIT_CALLERS) {
		(void)reader_fault(&l.reader, node,
		    "callers names 1 to %d callers: no route is open to all", LIMIT_CALLERS);
		return NULL;
	}
	if (c == NULL || (c->items = arena_array(a, node->n, sizeof(*c->items))) == NULL) {
		(void)key_memory(&l);
		return NULL;
	}
	for (i = 0; i < node->n; i++) {
		m = &node->items[i];
		caller = &c->items[c->n];
		*caller = (struct caller){.name = m->name};
		if (!caller_name_valid(m->name)) {
			(void)reader_fault_key(&l.reader, m,
			    "a caller's name is 1 to %d of a-z 0-9 -", CALLER_NAME_MAX);
		} else if (load_caller(&l, m->value, caller)) {
			c->n++;
		}
	}
	callers_thin(c);
	check_webhooks(&l, node, c);
	check_key_ids(&l, node, c);
	callers_thin(c);
	return c->n > 0 ? c : NULL;
}

bool
caller_key_counts(const struct caller_key *key, int64_t now_s)
{
	return key->not_before_s <= now_s && now_s <= key->not_after_s;
}

size_t
callers_count(const struct callers *c)
{
	return c == NULL ? 0 : c->n;
}

const char *
caller_key_space(struct arena *a, const char *route)
{
	return arena_printf(a, "uses %s", route);
}

const char *
caller_key_counter(struct arena *a, const struct caller *caller, enum caller_form form,
    const struct caller_key *key)
{
	return arena_printf(
	    a, "%s %s %s", caller->name, form_names[form], key->id == NULL ? "" : key->id);
}

bool
callers_key_digests(struct arena *a, const struct callers *c, struct caller_digest **out, size_t *n)
{
	const struct caller_keys *keys;
	struct caller_digest *d;
	size_t i, f, k, cap = 0;

	*out = NULL;
	*n = 0;
	for (i = 0; c != NULL && i < c->n; i++) {
		for (f = 0; f < CALLER_FORM_MAX; f++) {
			keys = &c->items[i].keys[f];
			for (k = 0; k < keys->n; k++) {
				d = arena_grow(a, *out, *n, &cap, sizeof(*d));
				if (d == NULL)
					return false;
				*out = d;
				d += (*n)++;
				d->caller = c->items[i].name;
				d->form = (enum caller_form)f;
				if (!crypto_sha256(keys->items[k].secret.bytes,
					keys->items[k].secret.len, d->bytes))
					return false;
			}
		}
	}
	return true;
}
