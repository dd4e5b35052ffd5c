/*
 * auth_kit.h: what the tests of authentication share: a folder of secrets that is removed
 * afterwards, callers from YAML, a clock that stands still, a request, and a signer.
 */
#ifndef AUTH_KIT_H
#define AUTH_KIT_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/form.h"
#include "base/encode.h"
#include "cgi-bin/endpoints.h"
#include "format/yaml.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { KIT_HEADERS = 32, KIT_NOW = 1700000000 };

#define KIT_KEY       "0123456789abcdef0123456789abcdef"
#define KIT_OTHER_KEY "fedcba9876543210fedcba9876543210"

struct kit {
	char dir[64], file[96], state[96];
	struct arena arena;
	struct faults faults;
	struct secrets secrets;
	struct callers *callers;
	int64_t wall_ms;
	bool no_random;
	struct clock clock;
	struct auth_env env;
	struct request request;
	struct request_header headers[KIT_HEADERS];
	struct auth_who who;
};

static inline int64_t
kit_wall(void *context)
{
	return ((struct kit *)context)->wall_ms;
}

static inline bool
kit_random(void *context, void *out, size_t len)
{
	if (((struct kit *)context)->no_random)
		return false;
	memset(out, 0x5A, len);
	return true;
}

static inline void
kit_file(const struct kit *k, const char *name, const void *bytes, size_t len, mode_t mode)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", k->dir, name);
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static inline void
kit_text(const struct kit *k, const char *name, const char *text)
{
	kit_file(k, name, text, strlen(text), 0600);
}

/* The callers of that YAML, which is the value of `callers`. */
static inline struct callers *
kit_callers(struct kit *k, const char *yaml)
{
	struct value *node = yaml_parse(&k->arena, k->file, yaml, strlen(yaml), &k->faults);

	assert_non_null(node);
	return callers_load(&k->arena, k->file, node, &k->secrets, &k->faults);
}

static inline void
kit_init(struct kit *k)
{
	*k = (struct kit){.wall_ms = (int64_t)KIT_NOW * 1000};
	snprintf(k->dir, sizeof(k->dir), "/tmp/hrisgw-test-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	snprintf(k->file, sizeof(k->file), "%s/acme.yaml", k->dir);
	snprintf(k->state, sizeof(k->state), "%s/state", k->dir);
	arena_init(&k->arena, 256 * 1024 * 1024);
	faults_init(&k->faults, &k->arena);
	secrets_init(&k->secrets, &k->arena, k->file, &k->faults);
	k->clock = (struct clock){.wall_ms = kit_wall, .random = kit_random};
}

static inline void
kit_init_store(struct kit *k)
{
	char why[200];

	kit_init(k);
	k->clock.context = k;
	k->env = (struct auth_env){.clock = &k->clock, .arena = &k->arena};
	k->env.store = store_open(k->state, false, why, sizeof(why));
	assert_non_null(k->env.store);
}

static inline void
kit_empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char name[512];

	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(name);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(path);
}

static inline void
kit_clear(struct kit *k)
{
	store_close(k->env.store);
	kit_empty(k->state);
	kit_empty(k->dir);
	arena_clear(&k->arena);
}

static inline void
kit_request(struct kit *k, const char *uri, const char *body)
{
	k->request = (struct request){
	    .method = "POST",
	    .uri = uri,
	    .path_info = "",
	    .scheme = "https",
	    .authority = "gw.example",
	    .remote = "192.0.2.1",
	    .client_subject = "",
	    .headers = k->headers,
	    .body = body,
	    .body_len = strlen(body),
	    .body_state = BODY_WHOLE,
	};
}

/* Replaces or adds; value NULL: takes away. The value is copied. */
static inline void
kit_header(struct kit *k, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < k->request.n_headers && strcmp(k->headers[i].name, name) != 0; i++)
		continue;
	if (value == NULL) {
		if (i < k->request.n_headers)
			k->headers[i] = k->headers[--k->request.n_headers];
		return;
	}
	assert_true(i < KIT_HEADERS);
	if (i == k->request.n_headers)
		k->request.n_headers++;
	k->headers[i].name = name;
	k->headers[i].value = arena_strdup(&k->arena, value);
}

static inline enum gw_err
kit_check(struct kit *k)
{
	return auth_check(&k->env, "acme", k->callers, &k->request, &k->who);
}

#define kit_accepted(k)                                           \
	do {                                                      \
		if (kit_check(k) != GW_OK)                        \
			fail_msg("refused: %s", (k)->who.reason); \
	} while (0)

#define kit_refused(k, why)                                \
	do {                                               \
		assert_int_equal(kit_check(k), GW_EAUTH);  \
		assert_null((k)->who.caller);              \
		assert_string_equal((k)->who.reason, why); \
	} while (0)

/* The token endpoint, as the gateway serves it; callers NULL: there is no such route. */
static inline void
kit_token(struct kit *k, const char *name, const struct callers *callers, int64_t ttl_s,
    struct response *response)
{
	struct route route = {
	    .name = name, .callers = (struct callers *)callers, .token_ttl_s = ttl_s};
	struct gateway gateway = {.clock = &k->clock, .store = k->env.store};
	struct exchange x = {.gateway = &gateway,
	    .request = &k->request,
	    .response = response,
	    .arena = *k->env.arena,
	    .route_name = name,
	    .route = callers == NULL ? NULL : &route};

	token_endpoint.serve(&x);
	*k->env.arena = x.arena;
	k->who = x.who;
}

static inline const char *
kit_base64(struct kit *k, const void *bytes, size_t len)
{
	struct buf b;
	char *s;

	buf_init(&b, 1024 * 1024);
	base64_encode(&b, bytes, len);
	s = arena_strdup(&k->arena, b.data);
	buf_clear(&b);
	return s;
}

static inline const char *
kit_mac_bytes(struct kit *k, const void *key, size_t key_len, const void *data, size_t len)
{
	const struct crypto_part part = {.bytes = data, .len = len};
	unsigned char mac[CRYPTO_SHA256_LEN];

	assert_true(crypto_hmac(key, key_len, &part, 1, mac));
	return kit_base64(k, mac, sizeof(mac));
}

static inline const char *
kit_mac(struct kit *k, const char *key, const void *data, size_t len)
{
	return kit_mac_bytes(k, key, strlen(key), data, len);
}

static inline void
kit_digest(struct kit *k)
{
	unsigned char digest[CRYPTO_SHA256_LEN];

	assert_true(crypto_sha256(k->request.body, k->request.body_len, digest));
	kit_header(k, "content-digest",
	    arena_printf(&k->arena, "sha-256=:%s:", kit_base64(k, digest, sizeof(digest))));
}

static inline bool
kit_base(struct kit *k, const struct sfv_member *input, struct buf *out, const char **why)
{
	struct auth_source source = {.request = &k->request, .arena = &k->arena};

	return auth_base(&source, input, out, why);
}

/* Signs what the inner list covers: input is "sig1=(...);created=...". */
static inline void
kit_sign_bytes(struct kit *k, const void *key, size_t key_len, const char *input)
{
	struct sfv_dictionary d;
	struct buf base;
	const char *why = "", *mac;

	assert_true(sfv_parse_dictionary(&k->arena, input, strlen(input), &d));
	buf_init(&base, AUTH_BASE_MAX);
	if (!kit_base(k, &d.members[0], &base, &why))
		fail_msg("no base: %s", why);
	mac = kit_mac_bytes(k, key, key_len, base.data, base.len);
	buf_clear(&base);
	kit_header(k, "signature-input", input);
	kit_header(k, "signature", arena_printf(&k->arena, "%s=:%s:", d.members[0].key, mac));
}

static inline void
kit_sign(struct kit *k, const char *key, const char *input)
{
	kit_sign_bytes(k, key, strlen(key), input);
}

/* CORPORA/name, or NULL after saying so aloud. */
static inline const char *
kit_corpus(struct kit *k, const char *name)
{
	const char *folder = getenv("CORPORA");

	if (folder == NULL) {
		puts("SKIPPED aloud: CORPORA not set");
		return NULL;
	}
	return arena_printf(&k->arena, "%s/%s", folder, name);
}

/* NULL: the answer has no such header. */
static inline const char *
kit_response_value(const struct response *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_headers; i++) {
		if (strcmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	}
	return NULL;
}

#endif
