/*
 * bench_auth.c: signed requests a second: RFC 9421 over a small body, each with its own nonce,
 * spent in the store; and without a store (all other work is done, then the request is refused).
 * With as many threads as a server has.
 *
 *	bench_auth [REQUESTS]
 * exits 1 if fewer than 2,000 a second were let in by 64 threads.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auth/form.h"

#include "base/encode.h"

enum { BENCH_REQUESTS = 20000, BENCH_THREADS = 64, BENCH_FLOOR = 2000, BENCH_ARENA = 1 << 20 };

#define BENCH_KEY "0123456789abcdef0123456789abcdef"
#define BENCH_BODY                                                                             \
	"{\"agentId\":\"7\",\"inputDates\":\"2026-12-24,2026-12-25\",\"inputTimeOffTypeIds\":" \
	"\"1\"}"

static struct caller_key key = {.id = "k",
    .secret = {(const unsigned char *)BENCH_KEY, sizeof(BENCH_KEY) - 1},
    .not_before_s = INT64_MIN,
    .not_after_s = INT64_MAX};
static struct caller caller = {.name = "signer", .keys = {[CALLER_RFC9421] = {&key, 1}}};
static const struct callers callers = {.items = &caller, .n = 1};

struct worker {
	pthread_t thread;
	struct store *store;
	int64_t created_s;
	size_t id, n, good;
};

static void
add_base64(struct buf *out, const char *before, const void *bytes, size_t len)
{
	buf_puts(out, before);
	base64_encode(out, bytes, len);
	buf_putc(out, ':');
}

/* One request: signed, then checked. False where it was not as it should be. */
static bool
one(struct worker *w, size_t i, struct arena *a, struct buf texts[static 3])
{
	const struct auth_env env = {.clock = &clock_real, .store = w->store, .arena = a};
	struct request_header headers[3] = {
	    {.name = "content-digest"}, {.name = "signature-input"}, {.name = "signature"}};
	struct request r = {.method = "POST",
	    .uri = "/v1/acme/get-balance",
	    .path_info = "",
	    .scheme = "https",
	    .authority = "gw.example",
	    .remote = "",
	    .client_subject = "",
	    .headers = headers,
	    .n_headers = 3,
	    .body = BENCH_BODY,
	    .body_len = strlen(BENCH_BODY)};
	unsigned char bytes[CRYPTO_SHA256_LEN];
	struct auth_source source = {.request = &r, .arena = a};
	struct sfv_dictionary d;
	struct auth_who who;
	struct crypto_part part;
	struct buf base;
	const char *why;
	size_t t;
	bool ok;

	for (t = 0; t < 3; t++)
		buf_reset(&texts[t]);
	ok = crypto_sha256(r.body, r.body_len, bytes);
	add_base64(&texts[0], "sha-256=:", bytes, sizeof(bytes));
	buf_printf(&texts[1],
	    "s=(\"@method\" \"@path\" \"content-digest\");created=%" PRId64
	    ";nonce=\"%zu-%zu\";keyid=\"k\"",
	    w->created_s, w->id, i);
	headers[0].value = texts[0].data;
	headers[1].value = texts[1].data;
	buf_init(&base, AUTH_BASE_MAX);
	ok = ok && sfv_parse_dictionary(a, texts[1].data, texts[1].len, &d) &&
	     auth_base(&source, &d.members[0], &base, &why);
	part = (struct crypto_part){.bytes = base.data, .len = base.len};
	ok = ok && crypto_hmac(key.secret.bytes, key.secret.len, &part, 1, bytes);
	buf_clear(&base);
	add_base64(&texts[2], "s=:", bytes, sizeof(bytes));
	headers[2].value = texts[2].data;
	return ok && auth_check(&env, "acme", &callers, &r, &who) ==
			 (w->store == NULL ? GW_EINTERNAL : GW_OK);
}

static void *
work(void *p)
{
	struct worker *w = p;
	struct buf texts[3];
	struct arena a;
	size_t i, t;

	for (t = 0; t < 3; t++)
		buf_init(&texts[t], 4096);
	arena_init(&a, BENCH_ARENA);
	for (i = 0; i < w->n; i++) {
		w->good += one(w, i, &a, texts);
		arena_clear(&a);
	}
	for (t = 0; t < 3; t++)
		buf_clear(&texts[t]);
	return NULL;
}

/* Requests a second, signing included; -1 where one went wrong. */
static double
measure(struct store *store, size_t threads, size_t n)
{
	static size_t runs;
	struct worker workers[BENCH_THREADS];
	int64_t start = clock_mono_ms(&clock_real), took;
	size_t i, good = 0;

	runs++;
	for (i = 0; i < threads; i++) {
		workers[i] = (struct worker){.store = store,
		    .id = runs * BENCH_THREADS + i,
		    .n = n / threads,
		    .created_s = clock_wall_s(&clock_real)};
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			return -1;
	}
	for (i = 0; i < threads; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		good += workers[i].good;
	}
	took = clock_mono_ms(&clock_real) - start;
	if (good != n / threads * threads)
		return -1;
	return (double)good * 1000 / (double)(took > 0 ? took : 1);
}

static void
remove_folder(const char *folder)
{
	static const char *const names[] = {"state.db", "state.db-wal", "state.db-shm"};
	char path[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

int
main(int argc, char **argv)
{
	static const size_t threads[] = {1, 8, BENCH_THREADS};
	size_t n = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : BENCH_REQUESTS, i;
	char folder[] = "/var/tmp/hrisgw-bench-XXXXXX", why[300] = "no folder";
	struct store *store = NULL;
	double with = 0, without;

	if (mkdtemp(folder) != NULL)
		store = store_open(folder, false, why, sizeof(why));
	if (store == NULL || n < BENCH_THREADS) {
		fprintf(stderr, "bench_auth: %s\n", store == NULL ? why : "too few requests");
		return 2;
	}
	for (i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		with = measure(store, threads[i], n);
		without = measure(NULL, threads[i], n);
		printf("%2zu threads: %7.0f signed requests a second, %7.0f without the store\n",
		    threads[i], with, without);
	}
	store_close(store);
	remove_folder(folder);
	return with >= BENCH_FLOOR ? 0 : 1;
}
