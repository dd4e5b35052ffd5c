/*
 * metrics.c: see metrics.h. One mutex, held for moments: a request is counted once, when it is
 * over. The routes' list begins with the one counted last, so that a busy one is found at once.
 */
#include "gateway/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "gateway/exchange.h"
#include "gateway/reply.h"

enum {
	METRICS_BUCKETS = 13,
	METRICS_REASONS = 64, /* texts of ours; those after these are "other" */
	METRICS_CODES = 96,   /* of one route: error codes, and statuses of HTTP */
	METRICS_STATUS = 1000,
	METRICS_ACTIONS = 16,
	METRICS_MS = 1000
};
_Static_assert((int)CODE_MAX < (int)METRICS_STATUS, "codes and statuses are apart");

enum answer_class { ANSWER_NONE, ANSWER_2XX, ANSWER_3XX, ANSWER_4XX, ANSWER_5XX, ANSWER_MAX };

static const char *const answer_classes[] = {
    [ANSWER_NONE] = "none",
    [ANSWER_2XX] = "2xx",
    [ANSWER_3XX] = "3xx",
    [ANSWER_4XX] = "4xx",
    [ANSWER_5XX] = "5xx",
};
_Static_assert(ARRAY_LEN(answer_classes) == ANSWER_MAX, "a word for each");

static const int64_t bounds_ms[METRICS_BUCKETS] = {
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000};

struct histogram {
	uint64_t buckets[METRICS_BUCKETS], n;
	int64_t sum_ms;
};

/* code: an error code, or METRICS_STATUS and a status of HTTP where there is none. */
struct code_count {
	int code;
	uint64_t n;
};

struct metrics_route {
	struct metrics_route *next;
	struct code_count codes[METRICS_CODES];
	size_t n_codes;
	uint64_t answers[ANSWER_MAX];
	char name[]; /* "": requests for no route that there is */
};

struct reason_count {
	const char *reason; /* static */
	uint64_t n;
};

struct action_times {
	const char *name; /* static */
	struct histogram times;
};

struct metrics {
	atomic_uint inside;
	pthread_mutex_t mutex; /* of everything below */
	struct metrics_route *routes;
	struct reason_count reasons[METRICS_REASONS];
	size_t n_reasons;
	uint64_t others; /* of reasons that find no room */
	struct action_times actions[METRICS_ACTIONS];
	size_t n_actions;
	struct histogram calls;
};

struct metrics *
metrics_new(void)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (m != NULL)
		(void)pthread_mutex_init(&m->mutex, NULL);
	return m;
}

void
metrics_free(struct metrics *m)
{
	struct metrics_route *r, *next;

	if (m == NULL)
		return;
	for (r = m->routes; r != NULL; r = next) {
		next = r->next;
		free(r);
	}
	(void)pthread_mutex_destroy(&m->mutex);
	free(m);
}

/* --- counting; the mutex is held --- */

static void
histogram_add(struct histogram *h, int64_t ms)
{
	size_t i;

	for (i = 0; i < METRICS_BUCKETS; i++)
		h->buckets[i] += ms <= bounds_ms[i];
	h->n++;
	h->sum_ms += ms;
}

/* The route of that name, at the head of the list. NULL: out of memory. */
static struct metrics_route *
route_of(struct metrics *m, const char *name)
{
	struct metrics_route **link, *r;

	for (link = &m->routes; (r = *link) != NULL; link = &r->next) {
		if (strcmp(r->name, name) == 0)
			break;
	}
	if (r != NULL)
		*link = r->next;
	else
		r = calloc(1, sizeof(*r) + strlen(name) + 1);
	if (r == NULL)
		return NULL;
	memcpy(r->name, name, strlen(name) + 1);
	r->next = m->routes;
	m->routes = r;
	return r;
}

static void
count_code(struct metrics_route *r, int code)
{
	size_t i;

	for (i = 0; i < r->n_codes && r->codes[i].code != code; i++)
		continue;
	if (i == METRICS_CODES)
		return;
	if (i == r->n_codes)
		r->codes[r->n_codes++] = (struct code_count){.code = code};
	r->codes[i].n++;
}

static void
count_calls(struct metrics *m, struct metrics_route *r, const struct hris *h)
{
	size_t i;
	int class;

	for (i = 0; i < h->n_calls; i++) {
		class = h->calls[i].status / 100 - 1;
		if (class < ANSWER_2XX || class > ANSWER_5XX)
			class = ANSWER_NONE;
		r->answers[class]++;
		histogram_add(&m->calls, h->calls[i].took_ms);
	}
}

static void
count_refusal(struct metrics *m, const char *reason)
{
	size_t i;

	for (i = 0; i < m->n_reasons && strcmp(m->reasons[i].reason, reason) != 0; i++)
		continue;
	if (i >= METRICS_REASONS) {
		m->others++;
		return;
	}
	if (i == m->n_reasons)
		m->reasons[m->n_reasons++].reason = reason;
	m->reasons[i].n++;
}

static void
count_time(struct metrics *m, const char *action, int64_t ms)
{
	size_t i;

	for (i = 0; i < m->n_actions && strcmp(m->actions[i].name, action) != 0; i++)
		continue;
	if (i == METRICS_ACTIONS)
		return;
	if (i == m->n_actions)
		m->actions[m->n_actions++].name = action;
	histogram_add(&m->actions[i].times, ms);
}

void
metrics_enter(struct metrics *m)
{
	if (m != NULL)
		(void)atomic_fetch_add(&m->inside, 1);
}

void
metrics_leave(struct metrics *m, const struct exchange *x)
{
	int status = x->response->status;
	struct metrics_route *r;

	if (m == NULL)
		return;
	(void)atomic_fetch_sub(&m->inside, 1);
	(void)pthread_mutex_lock(&m->mutex);
	r = route_of(m, x->route == NULL ? "" : x->route->name);
	if (r != NULL) {
		count_code(
		    r, x->failure.err != GW_OK ? (int)x->failure.code : METRICS_STATUS + status);
		count_calls(m, r, &x->hris);
	}
	if (x->who.reason != NULL && (status == 401 || status == 429))
		count_refusal(m, x->who.reason);
	count_time(m, x->endpoint == NULL ? "" : x->endpoint->name,
	    clock_mono_ms(x->gateway->clock) - x->began_ms);
	(void)pthread_mutex_unlock(&m->mutex);
}

/* --- the text --- */

static void
write_head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: its quotes, backslashes and line ends escaped. */
static void
write_label(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_putc(b, '\\');
		if (*value == '\n')
			buf_puts(b, "\\n");
		else
			buf_putc(b, *value);
	}
	buf_putc(b, '"');
}

static void
write_one(struct buf *b, const char *name, const char *type, const char *help, uint64_t n)
{
	write_head(b, name, type, help);
	buf_printf(b, "%s %" PRIu64 "\n", name, n);
}

static void
write_seconds(struct buf *b, int64_t ms)
{
	buf_printf(b, "%" PRId64 ".%03d", ms / METRICS_MS, (int)(ms % METRICS_MS));
}

/* label: what comes before le=; "" or with a comma at its end. */
static void
write_histogram(struct buf *b, const char *name, const char *label, const struct histogram *h)
{
	int len = (int)strlen(label);
	size_t i;

	for (i = 0; i < METRICS_BUCKETS; i++) {
		buf_printf(b, "%s_bucket{%sle=\"", name, label);
		write_seconds(b, bounds_ms[i]);
		buf_printf(b, "\"} %" PRIu64 "\n", h->buckets[i]);
	}
	buf_printf(b, "%s_bucket{%sle=\"+Inf\"} %" PRIu64 "\n", name, label, h->n);
	len -= len > 0;
	buf_printf(b, "%s_sum{%.*s} ", name, len, label);
	write_seconds(b, h->sum_ms);
	buf_printf(b, "\n%s_count{%.*s} %" PRIu64 "\n", name, len, label, h->n);
}

static void
write_codes(struct buf *b, const struct metrics *m)
{
	static const char name[] = "hrisgw_requests_total";
	const struct metrics_route *r;
	const struct code_count *c;

	write_head(b, name, "counter",
	    "Requests by route and by error code, or by status of HTTP where there is none.");
	for (r = m->routes; r != NULL; r = r->next) {
		for (c = r->codes; c < r->codes + r->n_codes; c++) {
			buf_printf(b, "%s{", name);
			write_label(b, "route", r->name);
			if (c->code < METRICS_STATUS)
				buf_printf(
				    b, ",code=\"%s\"", fail_code_text((enum fail_code)c->code));
			else
				buf_printf(b, ",code=\"%d\"", c->code - METRICS_STATUS);
			buf_printf(b, "} %" PRIu64 "\n", c->n);
		}
	}
}

static void
write_answers(struct buf *b, const struct metrics *m)
{
	static const char name[] = "hrisgw_hris_calls_total";
	const struct metrics_route *r;
	size_t i;

	write_head(b, name, "counter",
	    "Calls to the HRIS by route and class of its answer; none: no answer.");
	for (r = m->routes; r != NULL; r = r->next) {
		for (i = 0; i < ANSWER_MAX && r->name[0] != '\0'; i++) {
			buf_printf(b, "%s{", name);
			write_label(b, "route", r->name);
			buf_printf(
			    b, ",class=\"%s\"} %" PRIu64 "\n", answer_classes[i], r->answers[i]);
		}
	}
}

static void
write_times(struct buf *b, const struct metrics *m)
{
	static const char name[] = "hrisgw_request_duration_seconds";
	static const char calls[] = "hrisgw_hris_call_duration_seconds";
	char label[128];
	size_t i;

	write_head(b, name, "histogram", "From a request's first byte to its answer, by action.");
	for (i = 0; i < m->n_actions; i++) {
		(void)snprintf(label, sizeof(label), "action=\"%s\",", m->actions[i].name);
		write_histogram(b, name, label, &m->actions[i].times);
	}
	write_head(b, calls, "histogram", "Of calls to an HRIS, of all routes.");
	write_histogram(b, calls, "", &m->calls);
}

static void
write_reasons(struct buf *b, const struct metrics *m)
{
	static const char name[] = "hrisgw_auth_failures_total";
	size_t i;

	write_head(b, name, "counter", "Requests that were not let in, by reason.");
	for (i = 0; i < m->n_reasons; i++) {
		buf_printf(b, "%s{", name);
		write_label(b, "reason", m->reasons[i].reason);
		buf_printf(b, "} %" PRIu64 "\n", m->reasons[i].n);
	}
	if (m->others > 0)
		buf_printf(b, "%s{reason=\"other\"} %" PRIu64 "\n", name, m->others);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
is_among(const char *name, const char **names, size_t n)
{
	return n > 0 && bsearch(&name, names, n, sizeof(*names), compare_names) != NULL;
}

/* Forgets the counts of routes that are gone; "" stays. Names are sorted. */
static void
forget_routes(struct metrics *m, const char **names, size_t n)
{
	struct metrics_route **link = &m->routes, *r;

	while ((r = *link) != NULL) {
		if (r->name[0] == '\0' || is_among(r->name, names, n)) {
			link = &r->next;
			continue;
		}
		*link = r->next;
		free(r);
	}
}

static void
write_counts(struct exchange *x, struct buf *b)
{
	struct metrics *m = x->gateway->metrics;
	const char **names = NULL;
	size_t n = 0;

	if (m == NULL)
		return;

	write_one(b, "hrisgw_requests_in_flight", "gauge", "Requests that are being answered.",
	    atomic_load(&m->inside));
	(void)pthread_mutex_lock(&m->mutex);
	if (registry_routes(x->gateway->registry, &x->arena, &names, &n))
		forget_routes(m, names, n);
	write_codes(b, m);
	write_times(b, m);
	write_reasons(b, m);
	write_answers(b, m);
	(void)pthread_mutex_unlock(&m->mutex);
}

/* What calls there are now, and which breakers stand how. */
static void
write_peers(struct exchange *x, struct buf *b)
{
	static const char calls[] = "hrisgw_hris_calls_in_flight", waits[] = "hrisgw_hris_waiting",
			  breakers[] = "hrisgw_hris_breakers";
	struct http_state *states = NULL;
	size_t n = 0, i;

	if (x->gateway->http != NULL)
		(void)http_states(x->gateway->http, &x->arena, &states, &n);
	write_head(b, calls, "gauge", "Calls to the HRIS that are under way.");
	for (i = 0; i < n; i++)
		buf_printf(b, "%s{route=\"%s\"} %u\n", calls, states[i].route, states[i].in_flight);
	write_head(b, waits, "gauge", "Requests that wait for limits.in_flight of their route.");
	for (i = 0; i < n; i++)
		buf_printf(b, "%s{route=\"%s\"} %u\n", waits, states[i].route, states[i].waiting);
	write_head(b, breakers, "gauge", "Circuit breakers, one for each host called, by state.");
	for (i = 0; i < n; i++) {
		buf_printf(b, "%s{route=\"%s\",state=\"closed\"} %u\n", breakers, states[i].route,
		    states[i].closed);
		buf_printf(b, "%s{route=\"%s\",state=\"half-open\"} %u\n", breakers,
		    states[i].route, states[i].half_open);
		buf_printf(b, "%s{route=\"%s\",state=\"open\"} %u\n", breakers, states[i].route,
		    states[i].open);
	}
}

static void
write_ledger(struct exchange *x, struct buf *b)
{
	static const char name[] = "hrisgw_ledger_intents";
	int64_t counts[INTENT_STATE_MAX], oldest_ms, now_ms = clock_wall_ms(x->gateway->clock);
	struct failure ignored = {.err = GW_OK};
	int64_t age_ms;
	size_t i;

	if (ledger_counts(x->gateway->ledger, counts, &oldest_ms, &ignored) != GW_OK)
		return;
	age_ms = oldest_ms == 0 || oldest_ms > now_ms ? 0 : now_ms - oldest_ms;
	write_head(
	    b, name, "gauge", "Writes in the ledger by state; sending and unknown are open.");
	for (i = 0; i < INTENT_STATE_MAX; i++)
		buf_printf(b, "%s{state=\"%s\"} %" PRId64 "\n", name,
		    intent_state_name((enum intent_state)i), counts[i]);
	write_one(b, "hrisgw_ledger_oldest_open_seconds", "gauge",
	    "Age of the oldest write whose outcome is not known; 0: there is none.",
	    (uint64_t)(age_ms / METRICS_MS));
}

static void
write_build(struct buf *b)
{
	write_head(b, "hrisgw_build_info", "gauge", "The program; always 1.");
	buf_printf(
	    b, "hrisgw_build_info{version=\"%s\",build=\"%s\"} 1\n", HRISGW_VERSION, version_build);
}

void
metrics_reply(struct exchange *x)
{
	struct buf *b = &x->response->body;

	x->response->status = 200;
	response_header(x->response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	write_build(b);
	write_counts(x, b);
	write_peers(x, b);
	write_one(b, "hrisgw_store_commits_total", "counter",
	    "Transactions of state.db that this process wrote.", store_commits(x->gateway->store));
	write_one(b, "hrisgw_ledger_commits_total", "counter",
	    "Transactions of ledger.db that this process wrote.",
	    ledger_commits(x->gateway->ledger));
	write_ledger(x, b);
	if (b->err == GW_OK)
		return;
	buf_reset(b);
	reply_error(x, 503, "out of memory");
}
