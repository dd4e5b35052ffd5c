/* key.c: a key's file, its spelling, and the times between which it counts. */
#include "config/key.h"

#include <string.h>

#include "base/bounds.h"
#include "base/crypto.h"
#include "base/date.h"
#include "base/encode.h"
#include "base/text.h"

static const char *const key_members[] = {"file", "not_before", "not_after", NULL};

bool
key_memory(const struct key_loader *l)
{
	return reader_fault(&l->reader, NULL, "out of memory");
}

static const struct {
	const char *prefix;
	bool (*decode)(const char *s, size_t len, unsigned char *out, size_t max, size_t *n);
} key_spellings[] = {
    {"base64:", base64_decode},
    {"hex:", hex_decode},
    {"whsec_", base64_decode},
};

/* A key without a spelling in front counts as it is: what was hardly meant so is a fault. */
static bool
key_is_raw(struct key_loader *l, const struct value *at, const struct secret *s)
{
	const char *text = (const char *)s->bytes, *odd = secret_oddity(s), *found;
	size_t i;

	found = strstr(text, "whsk_");
	if (found == NULL)
		found = strstr(text, "whpk_");
	if (found != NULL)
		return reader_fault(&l->reader, at,
		    "%.5s begins an asymmetric key of Standard Webhooks; the shared one, whsec_..., is needed",
		    found);
	for (i = 0; i < ARRAY_LEN(key_spellings); i++) {
		found = strcasestr(text, key_spellings[i].prefix);
		if (found == text)
			return reader_fault(&l->reader, at,
			    "the key's file begins with %s in other letters: write it so",
			    key_spellings[i].prefix);
		if (found != NULL)
			return reader_fault(&l->reader, at,
			    "the key's file has something before %s (\"v1,\", say): remove it",
			    key_spellings[i].prefix);
	}
	if (odd != NULL)
		return reader_fault(&l->reader, at,
		    "the key's file %s, which would be part of the key: remove that", odd);
	return true;
}

static bool
key_decode(struct key_loader *l, const struct value *at, struct secret *s)
{
	const char *text = (const char *)s->bytes;
	unsigned char *bytes;
	size_t i, skip;

	for (i = 0; i < ARRAY_LEN(key_spellings); i++) {
		if (!text_starts(text, key_spellings[i].prefix))
			continue;
		skip = strlen(key_spellings[i].prefix);
		bytes = arena_alloc(l->reader.arena, s->len);
		if (bytes == NULL)
			return key_memory(l);
		if (!key_spellings[i].decode(text + skip, s->len - skip, bytes, s->len, &s->len)) {
			return reader_fault(&l->reader, at,
			    "the key's file begins with %s, but what follows is not in that spelling",
			    key_spellings[i].prefix);
		}
		s->bytes = bytes;
		break;
	}
	if (i == ARRAY_LEN(key_spellings) && !key_is_raw(l, at, s))
		return false;
	if (s->len < CALLER_SIGNATURE_KEY_MIN) {
		return reader_fault(&l->reader, at,
		    "a signature key has at least %d bytes; `hrisgw key new` makes one",
		    CALLER_SIGNATURE_KEY_MIN);
	}
	return true;
}

/* Two digits at s, at most max. */
static bool
key_two_digits(const char *s, int max, int *out)
{
	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	*out = (s[0] - '0') * 10 + (s[1] - '0');
	return *out <= max;
}

/* The time and zone of RFC 3339 after the date: "T10:00:00Z", "T10:00:00.5+02:00". */
static bool
key_time_of_day(const char *s, int64_t *out)
{
	int hour, minute, second, zone_hour, zone_minute, sign;
	size_t digits;

	if ((s[0] != 'T' && s[0] != 't') || !key_two_digits(s + 1, 23, &hour) || s[3] != ':' ||
	    !key_two_digits(s + 4, 59, &minute) || s[6] != ':' ||
	    !key_two_digits(s + 7, 59, &second))
		return false;
	*out = hour * 3600 + minute * 60 + second;
	s += 9;
	if (*s == '.') {
		digits = strspn(s + 1, "0123456789");
		if (digits == 0)
			return false;
		s += 1 + digits;
	}
	if ((*s == 'Z' || *s == 'z') && s[1] == '\0')
		return true;
	sign = *s == '+' ? 1 : -1;
	if ((*s != '+' && *s != '-') || !key_two_digits(s + 1, 23, &zone_hour) || s[3] != ':' ||
	    !key_two_digits(s + 4, 59, &zone_minute) || s[6] != '\0')
		return false;
	*out -= sign * (zone_hour * 3600 + zone_minute * 60);
	return true;
}

/* A date alone is its first second, or with last its last, in UTC. */
static bool
key_moment(struct key_loader *l, const struct value *v, bool last, int64_t *out)
{
	char day[DATE_TEXT_MAX] = "";
	int64_t of_day = last ? 86399 : 0;
	struct date date;
	bool ok = value_is(v, VALUE_TEXT) && v->len >= DATE_TEXT_MAX - 1;

	if (ok) {
		memcpy(day, v->text, DATE_TEXT_MAX - 1);
		ok = date_parse(day, &date) &&
		     (v->text[DATE_TEXT_MAX - 1] == '\0' ||
			 key_time_of_day(v->text + DATE_TEXT_MAX - 1, &of_day));
	}
	if (!ok) {
		return reader_fault(&l->reader, v,
		    "write a date (2026-01-31) or a time with its zone (2026-01-31T08:00:00Z)");
	}
	*out = (int64_t)date.day * 86400 + of_day;
	return true;
}

static bool
key_window(struct key_loader *l, const struct value *v, struct caller_key *key)
{
	const struct value *before = value_get(v, "not_before"), *after = value_get(v, "not_after");
	bool ok = reader_known(&l->reader, v, key_members, "a key");

	if (before != NULL)
		ok = key_moment(l, before, false, &key->not_before_s) && ok;
	if (after != NULL)
		ok = key_moment(l, after, true, &key->not_after_s) && ok;
	if (ok && key->not_after_s < key->not_before_s)
		ok = reader_fault(&l->reader, v, "not_after is before not_before");
	return ok;
}

/* Of a secret that is sent as text. */
static void
key_warn(const struct key_loader *l, const struct value *at, const struct caller_key *key)
{
	const char *odd = secret_oddity(&key->secret);

	if (odd != NULL)
		fault_warn(l->reader.faults, l->reader.file, at,
		    "%s %s, and the caller has to send it so", key->path, odd);
	if (key->secret.len < CALLER_SECRET_MIN)
		fault_warn(l->reader.faults, l->reader.file, at,
		    "%s has fewer than %d bytes and can be guessed; `hrisgw key new --spelling text` makes a good one",
		    key->path, CALLER_SECRET_MIN);
}

/* v: a reference, or {file, not_before, not_after}. */
static bool
key_load(
    struct key_loader *l, const struct value *v, enum caller_secret kind, struct caller_key *key)
{
	const struct value *reference = v;

	key->not_before_s = INT64_MIN;
	key->not_after_s = INT64_MAX;
	if (value_is(v, VALUE_OBJECT)) {
		if (!key_window(l, v, key))
			return false;
		reference = value_get(v, "file");
		if (reference == NULL)
			return reader_fault(&l->reader, v, "a key lacks its file");
	}
	if (!secret_read(l->secrets, reference, &key->secret))
		return false;
	key->path = l->secrets->watches[l->secrets->n_watches - 1].path;
	key->credential = secret_is_credential(reference->text);
	if (kind == CALLER_SIGNATURE)
		return key_decode(l, reference, &key->secret);
	if (!text_utf8((const char *)key->secret.bytes, key->secret.len) ||
	    text_has_control((const char *)key->secret.bytes)) {
		return reader_fault(&l->reader, reference,
		    "this secret is sent as text; its file holds a control character, a second line, or no UTF-8");
	}
	key_warn(l, reference, key);
	return true;
}

bool
caller_key_read(struct arena *a, const char *path, bool signature, struct caller_key *out,
    struct faults *faults)
{
	struct secrets secrets;
	struct key_loader l = {
	    .reader = {.arena = a, .file = "", .faults = faults}, .secrets = &secrets};
	const char *reference = arena_printf(a, "file:%s", path);
	const struct value *v = reference == NULL ? NULL : value_text(a, reference);

	secrets_init(&secrets, a, l.reader.file, faults);
	*out = (struct caller_key){.id = NULL};
	if (v == NULL)
		return key_memory(&l);
	return key_load(&l, v, signature ? CALLER_SIGNATURE : CALLER_LITERAL, out);
}

static bool
key_id_valid(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	return len > 0 && len <= CALLER_KEY_ID_MAX && s[len] == '\0';
}

/* id NULL: the place in a list counts from 1. */
static bool
key_add(struct key_loader *l, const struct member *m, size_t place, enum caller_secret kind,
    struct caller_keys *out)
{
	struct caller_key *key = &out->items[out->n];

	*key = (struct caller_key){.id = m->name};
	if (m->name == NULL)
		key->id = arena_printf(l->reader.arena, "%zu", place + 1);
	if (key->id == NULL)
		return key_memory(l);
	if (!key_id_valid(key->id)) {
		return reader_fault_key(
		    &l->reader, m, "a key id is 1 to %d of A-Z a-z 0-9 . _ -", CALLER_KEY_ID_MAX);
	}
	if (!key_load(l, m->value, kind, key))
		return false;
	out->n++;
	return true;
}

static bool
key_is_single(const struct value *node)
{
	size_t i;

	for (i = 0; key_members[i] != NULL; i++) {
		if (value_get(node, key_members[i]) != NULL)
			return true;
	}
	return value_is(node, VALUE_TEXT);
}

bool
keys_load(struct key_loader *l, const struct value *node, enum caller_secret kind,
    struct caller_keys *out)
{
	bool ok = true, single = key_is_single(node);
	size_t n = single ? 1 : node->n, i;
	struct member m;

	if (kind == CALLER_SIGNATURE && (single || !value_is(node, VALUE_OBJECT)))
		return reader_fault(&l->reader, node, "write keys: {ID: file:PATH, ...}");
	if (!single && node->kind != VALUE_LIST && node->kind != VALUE_OBJECT) {
		return reader_fault(&l->reader, node,
		    "write file:PATH or credential:NAME, or several as {ID: file:PATH, ...}");
	}
	if (n == 0 || n > LIMIT_KEYS)
		return reader_fault(&l->reader, node, "1 to %d keys", LIMIT_KEYS);
	out->n = 0;
	out->items = arena_array(l->reader.arena, n, sizeof(*out->items));
	if (out->items == NULL)
		return key_memory(l);
	if (single) {
		out->n = key_load(l, node, kind, &out->items[0]) ? 1 : 0;
		return out->n == 1;
	}
	for (i = 0; i < n; i++) {
		m = (struct member){.value = value_at(node, i)};
		if (node->kind == VALUE_OBJECT)
			m = node->items[i];
		ok = key_add(l, &m, i, kind, out) && ok;
	}
	return ok;
}
