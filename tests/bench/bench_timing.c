/*
 * bench_timing.c: does the time of a comparison depend on the secret? Dudect's test
 * (Reparaz, Balasch, Verbauwhede 2017): two classes of input in random order, times above a
 * percentile dropped, Welch's t. Beyond 4.5 a difference is likely, beyond 10 it is there. memcmp
 * is measured too, as a control that must be found: a bench that misses it is blind.
 *
 * A million comparisons find a difference of a nanosecond, and where in memory a route lies makes
 * some: the last row compares two known routes. So the difference is printed too, in nanoseconds.
 * The number of instructions does not depend on memory: bench_instructions.py counts them.
 *	bench_timing [COMPARISONS]
 * exits 1 if one of ours is beyond 10 and differs by 20 ns or more, or if memcmp is not found.
 *	bench_timing --list
 *	bench_timing --only NUMBER CLASS COMPARISONS
 * is for bench_instructions.py.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/form.h"

enum {
	TIMING_DEFAULT = 1000000,
	TIMING_LEN = 32,
	TIMING_LONG = 4096,
	TIMING_CROPS = 9,
	TIMING_CROP_NS = 4,  /* which of them: 0.9 */
	TIMING_PLACE_NS = 20 /* what the place in memory may make */
};

struct bench {
	const char *name;
	/* Prepares the input of a class (0 or 1), outside of what is measured. */
	void (*prepare)(int class);
	bool (*compare)(void);
	bool control;
};

static unsigned char ours[TIMING_LONG], theirs[TIMING_LONG];
static struct auth_blind blind;
static char given[TIMING_LEN + 1];
static const struct caller_key *key;
static struct caller_key known, second;
static const struct crypto_part message = {"id.1700000000.{\"agentId\":\"7\"}", 29};
static uint64_t seed = 88172645463325252u;

/* xorshift64: order and inputs, no secrets. */
static uint64_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void
fill(unsigned char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (unsigned char)next_random();
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/*
 * Class 0 is equal, class 1 differs from the first byte on; made by the same work in the same
 * place.
 */
static void
prepare_bytes(int class)
{
	unsigned char mask = (unsigned char)-class;
	size_t i;

	fill(theirs, TIMING_LONG);
	theirs[0] = (unsigned char)(ours[0] ^ 1);
	for (i = 0; i < TIMING_LONG; i++)
		theirs[i] = (unsigned char)((theirs[i] & mask) | (ours[i] & ~mask));
}

static bool
compare_memcmp(void)
{
	return memcmp(ours, theirs, TIMING_LONG) == 0;
}

static bool
compare_crypto(void)
{
	return crypto_equal(ours, theirs, TIMING_LONG);
}

static bool
compare_mac(void)
{
	return auth_mac_is(&known, &message, 1, theirs, TIMING_LEN);
}

/* Class 0: the key is there; class 1: it is not. */
static void
prepare_key(int class)
{
	static const struct caller_key *const keys[] = {&known, NULL};

	fill(theirs, TIMING_LEN);
	key = keys[class];
}

static bool
compare_key(void)
{
	return auth_mac_is(key, &message, 1, theirs, TIMING_LEN);
}

/* Class 0: the secret but for its last character; class 1: none of it. */
static void
prepare_secret(int class)
{
	size_t i;

	unsigned char mask = (unsigned char)-class, random;

	for (i = 0; i < TIMING_LEN; i++) {
		random = (unsigned char)('a' + next_random() % 26);
		given[i] = (char)((random & mask) | (known.secret.bytes[i] & ~mask));
	}
	given[TIMING_LEN - 1] = '-';
}

static bool
compare_secret(void)
{
	return auth_blind_equal(&blind, &known, given);
}

/* Class 0: the secret is there, class 1: it is not; what is given is wrong for both. */
static const struct caller_key *wanted;

static void
prepare_wanted(int class)
{
	static const struct caller_key *const keys[] = {&known, NULL};

	prepare_secret(1);
	wanted = keys[class];
}

static bool
compare_wanted(void)
{
	return auth_blind_equal(&blind, wanted, given);
}

/*
 * Whole requests with a wrong proof. Class 0: the route and its caller are there, class 1: no
 * route. The key's id is as long as the one that stands in for it: ids of another length take a
 * nanosecond more or less to copy, which reveals their length and nothing else.
 */
static struct arena arena;
static struct caller caller = {.name = "genesys",
    .key_header = "x-api-key",
    .keys = {[CALLER_RFC9421] = {&known, 1},
	[CALLER_WEBHOOKS] = {&known, 1},
	[CALLER_TOKEN] = {&known, 1},
	[CALLER_KEY] = {&known, 1},
	[CALLER_BASIC] = {&known, 1}}};
static const struct callers route = {.items = &caller, .n = 1};
static struct caller other_caller;
static const struct callers other = {.items = &other_caller, .n = 1};
static const struct callers *callers;
static struct request_header headers[3];
static struct request request = {.method = "POST",
    .uri = "/v1/acme/get-balance",
    .path_info = "",
    .scheme = "https",
    .authority = "gw.example",
    .remote = "192.0.2.1",
    .client_subject = "",
    .headers = headers,
    .body = "{\"agentId\":\"7\"}",
    .body_len = 15};

static void
prepare_request(int class)
{
	static const struct callers *const routes[] = {&route, NULL};

	arena_clear(&arena);
	callers = routes[class];
}

static void
prepare_rfc9421(int class)
{
	headers[0] = (struct request_header){"signature-input",
	    "s=(\"@method\" \"@path\" \"content-digest\");created=1;nonce=\"n\";keyid=\"2026-a\""};
	headers[1] = (struct request_header){
	    "signature", "s=:ODqBkFjJHmcbF3EGebKmdSWqT+bDf4lW52UbluUWgPU=:"};
	headers[2] = (struct request_header){
	    "content-digest", "sha-256=:crF88/+Tv3BPKzEOd0JcgqLRFw+ywPf/WUjHnQEZgdM=:"};
	request.n_headers = 3;
	prepare_request(class);
}

static void
prepare_webhooks(int class)
{
	headers[0] = (struct request_header){"webhook-id", "msg_1"};
	headers[1] = (struct request_header){"webhook-timestamp", "1700000000"};
	headers[2] = (struct request_header){
	    "webhook-signature", "v1,ODqBkFjJHmcbF3EGebKmdSWqT+bDf4lW52UbluUWgPU="};
	request.n_headers = 3;
	prepare_request(class);
}

static void
prepare_token(int class)
{
	headers[0] = (struct request_header){"authorization",
	    "Bearer MSBhY21lIGdlbmVzeXMgMTc5NTQ2ODQ2OCAxNzk1NDcyMDY4."
	    "dtpLdDoQlZmwytFkRFMth3vOfFK3TPCVMXkwMcA6dLg"};
	request.n_headers = 1;
	prepare_request(class);
}

static void
prepare_basic(int class)
{
	headers[0] = (struct request_header){"authorization", "Basic Z2VuZXN5czp3cm9uZyBzZWNyZXQ="};
	request.n_headers = 1;
	prepare_request(class);
}

/* Class 0: one route, class 1: another, whose secret is another too. */
static void
prepare_other(int class)
{
	static const struct callers *const routes[] = {&route, &other};

	prepare_basic(class);
	callers = routes[class];
}

static bool
compare_request(void)
{
	const struct auth_env env = {.clock = &clock_real, .arena = &arena};
	struct auth_who who;

	return auth_check(&env, "acme", callers, &request, &who) == GW_OK;
}

static const struct bench benches[] = {
    {"memcmp (the control)", prepare_bytes, compare_memcmp, true},
    {"crypto_equal", prepare_bytes, compare_crypto, false},
    {"a MAC: right, or wrong", prepare_bytes, compare_mac, false},
    {"a MAC: key known, or not", prepare_key, compare_key, false},
    {"a secret: nearly right, or wrong", prepare_secret, compare_secret, false},
    {"a secret: there, or not", prepare_wanted, compare_wanted, false},
    {"rfc9421: route known, or not", prepare_rfc9421, compare_request, false},
    {"standard-webhooks: the same", prepare_webhooks, compare_request, false},
    {"token: the same", prepare_token, compare_request, false},
    {"basic: the same", prepare_basic, compare_request, false},
    {"basic: one known route, or another", prepare_other, compare_request, false},
};

struct sums {
	double n, mean, m2;
};

static void
sums_add(struct sums *s, double x)
{
	double d = x - s->mean;

	s->n++;
	s->mean += d / s->n;
	s->m2 += d * (x - s->mean);
}

/* Newton's square root of x >= 0. */
static double
root(double x)
{
	double r = x > 1 ? x : 1;
	int i;

	for (i = 0; i < 200; i++)
		r = (r + x / r) / 2;
	return r;
}

/* Welch's |t|. */
static double
welch(const struct sums *a, const struct sums *b)
{
	double error;

	if (a->n < 2 || b->n < 2)
		return 0;
	error = root(a->m2 / (a->n - 1) / a->n + b->m2 / (b->n - 1) / b->n);
	if (error <= 0)
		return 0;
	return (a->mean > b->mean ? a->mean - b->mean : b->mean - a->mean) / error;
}

static int
by_size(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct found {
	double t, ns; /* t -1: out of memory; ns: class 1 less class 0, of the faster nine tenths */
};

/* The largest |t| over all times, and over those below each of some percentiles. */
static struct found
find(const uint32_t *times, const unsigned char *classes, size_t n)
{
	static const double crops[TIMING_CROPS] = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0};
	uint32_t *sorted = malloc(n * sizeof(*sorted)), limit;
	struct found found = {-1, 0};
	double t;
	size_t i, c;

	if (sorted == NULL)
		return found;
	memcpy(sorted, times, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_size);
	for (c = 0; c < TIMING_CROPS; c++) {
		struct sums sums[2] = {{0, 0, 0}, {0, 0, 0}};

		limit = sorted[(size_t)((double)(n - 1) * crops[c])];
		for (i = 0; i < n; i++) {
			if (times[i] <= limit)
				sums_add(&sums[classes[i]], times[i]);
		}
		t = welch(&sums[0], &sums[1]);
		if (t > found.t)
			found.t = t;
		if (c == TIMING_CROP_NS)
			found.ns = sums[1].mean - sums[0].mean;
	}
	free(sorted);
	return found;
}

static struct found
measure(const struct bench *b, size_t n)
{
	uint32_t *times = malloc(n * sizeof(*times));
	unsigned char *classes = malloc(n);
	struct found found = {-1, 0};
	uint64_t start;
	volatile bool sink = false;
	size_t i;

	for (i = 0; times != NULL && classes != NULL && i < n; i++) {
		classes[i] = (unsigned char)(next_random() >> 32 & 1);
		b->prepare(classes[i]);
		start = now_ns();
		sink = b->compare();
		times[i] = (uint32_t)(now_ns() - start);
	}
	(void)sink;
	if (times != NULL && classes != NULL)
		found = find(times, classes, n);
	free(times);
	free(classes);
	return found;
}

/* One class alone. */
static int
repeat(size_t i, int class, size_t n)
{
	volatile bool sink = false;

	if (i >= sizeof(benches) / sizeof(benches[0]))
		return 2;
	for (; n > 0; n--) {
		benches[i].prepare(class);
		sink = benches[i].compare();
	}
	(void)sink;
	return 0;
}

static int
list(void)
{
	size_t i;

	for (i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
		puts(benches[i].name);
	return 0;
}

static int
measure_all(size_t n)
{
	bool good = true, same;
	struct found f;
	size_t i;

	for (i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
		f = measure(&benches[i], n);
		same = f.t < 10 || (f.ns < TIMING_PLACE_NS && f.ns > -TIMING_PLACE_NS);
		good = good && f.t >= 0 && (benches[i].control ? f.t > 10 : same);
		printf("%-34s %9zu comparisons  |t| = %7.2f  %+.1f ns%s\n", benches[i].name, n, f.t,
		    f.ns, benches[i].control ? "  (must be beyond 10)" : "");
	}
	return good ? 0 : 1;
}

int
main(int argc, char **argv)
{
	static _Alignas(16) unsigned char secret[TIMING_LEN + 1] =
	    "abcdefghijklmnopqrstuvwxyzabcdef";
	static _Alignas(16) unsigned char other_secret[TIMING_LEN] =
	    "fedcbazyxwvutsrqponmlkjihgfedcb";
	bool only = argc == 5 && strcmp(argv[1], "--only") == 0;
	size_t n = argc > 1 ? (size_t)strtoul(argv[argc - 1], NULL, 10) : TIMING_DEFAULT;
	size_t f;
	int code;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if ((!only && argc > 2) || n < (only ? 1 : 1000)) {
		fprintf(stderr, "usage: bench_timing [COMPARISONS, 1000 at least]\n");
		return 2;
	}
	known = (struct caller_key){.id = "2026-a",
	    .secret = {secret, TIMING_LEN},
	    .not_before_s = INT64_MIN,
	    .not_after_s = INT64_MAX};
	second = known;
	second.secret = (struct secret){other_secret, TIMING_LEN};
	other_caller = caller;
	for (f = 0; f < CALLER_FORM_MAX; f++) {
		if (caller.keys[f].n > 0)
			other_caller.keys[f].items = &second;
	}
	arena_init(&arena, 1 << 20);
	fill(ours, sizeof(ours));
	fill(blind.key, sizeof(blind.key));
	if (!crypto_hmac(secret, TIMING_LEN, &message, 1, ours))
		return 1;
	code = only ? repeat((size_t)strtoul(argv[2], NULL, 10), argv[3][0] == '1', n)
		    : measure_all(n);
	arena_clear(&arena);
	return code;
}
