/*
 * start.c: see start.h. Only what the whole process needs is an error here: a fault in a route or
 * an adapter is the registry's, and leaves the others serving.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bounds.h"
#include "base/memory.h"
#include "engine/event.h"
#include "cgi-bin/endpoints.h"
#include "gateway/metrics.h"
#include "server/start.h"

enum { FCGID_DEADLINE_MS = 38000 };

/* A gateway and what it borrows. */
struct home {
	struct gateway gateway; /* first: a home is found by its gateway */
	struct arena arena;
	struct config config;
	bool store_failed; /* as it was logged last */
};

static bool
load_config(struct home *h, const struct start_options *start, char *why, size_t why_max)
{
	struct faults faults;

	faults_init(&faults, &h->arena);
	if (config_load(&h->arena, start->config_file, start->program_dir, &h->config, &faults)) {
		if (start->under_fcgid && h->config.deadline_ms > FCGID_DEADLINE_MS)
			h->config.deadline_ms = FCGID_DEADLINE_MS;
		memory_set_max((size_t)h->config.memory_mib * 1024 * 1024);
		return true;
	}
	if (faults.n + faults.lost > 1)
		snprintf(why, why_max, "%s (and %zu more; see hrisgw check)", faults.texts[0],
		    faults.n + faults.lost - 1);
	else
		snprintf(why, why_max, "%s",
		    faults.n == 1 ? faults.texts[0] : "the configuration cannot be read");
	return false;
}

static bool
open_log(struct home *h, char *why, size_t why_max)
{
	struct log *log = &h->gateway.log;
	const char *file = h->config.log_file;

	*log = (struct log){.fd = -1, .level = h->config.log_level, .clock = &clock_real};
	if (file == NULL) {
		log_take(log, STDERR_FILENO);
		return true;
	}
	if (log_reopen(log, file))
		return true;
	snprintf(why, why_max, "log %s: %s", file, strerror(errno));
	return false;
}

/* Logs once what is wrong with state.db, and once that it works again. */
static void
tick_store(struct gateway *g)
{
	struct home *h = (struct home *)g;
	char why[256];
	bool works = store_works(g->store, why, sizeof(why));

	if (works == h->store_failed)
		log_event(
		    &g->log, works ? LOG_INFO : LOG_ERROR, "store", works ? "it works again" : why);
	h->store_failed = !works;
}

void
gateway_tick(struct gateway *g, bool hang_up)
{
	if (hang_up && g->config->log_file != NULL && !log_reopen(&g->log, g->config->log_file))
		log_event(&g->log, LOG_ERROR, "log", "the log file cannot be opened anew");
	registry_refresh(g->registry);
	tick_store(g);
}

static bool
open_parts(struct home *h, const struct start_options *start, char *why, size_t why_max)
{
	struct gateway *g = &h->gateway;

	if (!load_config(h, start, why, why_max) || !open_log(h, why, why_max))
		return false;
	g->endpoints = endpoints;
	g->config = &h->config;
	g->clock = &event_clock;
	g->one_shot = start->one_shot;
	g->store = store_open(h->config.state_dir, !start->one_shot, why, why_max);
	if (g->store == NULL)
		return false;
	if (why[0] != '\0')
		log_event(&g->log, LOG_ERROR, "store", why);
	snprintf(why, why_max, "out of memory");
	g->ledger = ledger_open(&(struct ledger_where){.state_dir = h->config.state_dir,
	    .anchor = h->config.anchor,
	    .clock = g->clock,
	    .log = &g->log});
	if (g->ledger == NULL)
		return false;
	g->metrics = metrics_new();
	g->http = http_new(g->clock);
	if (g->metrics == NULL || g->http == NULL)
		return false;
	g->transport = http_transport(g->http);
	g->registry = registry_new(&h->config, g->clock, &g->log);
	return g->registry != NULL;
}

struct gateway *
gateway_open(const struct start_options *start, char *why, size_t why_max)
{
	struct home *h = calloc(1, sizeof(*h));

	snprintf(why, why_max, "out of memory");
	if (h == NULL)
		return NULL;
	arena_init(&h->arena, LIMIT_ARENA);
	h->gateway.log.fd = -1;
	if (open_parts(h, start, why, why_max))
		return &h->gateway;
	gateway_close(&h->gateway);
	return NULL;
}

void
gateway_close(struct gateway *g)
{
	struct home *h = (struct home *)g;

	if (h == NULL)
		return;
	if (g->registry != NULL)
		registry_free(g->registry);
	http_free(g->http);
	metrics_free(g->metrics);
	ledger_close(g->ledger);
	if (g->store != NULL)
		store_close(g->store);
	log_drop(&g->log);
	arena_clear(&h->arena);
	free(h);
}
