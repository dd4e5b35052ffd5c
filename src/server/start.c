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
#include "base/text.h"
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
	bool under_fcgid;
	bool store_failed; /* as it was logged last */
};

static bool
load_config(struct home *h, const struct start_options *start, char *why, size_t why_max)
{
	struct faults faults;

	faults_init(&faults, &h->arena);
	if (config_load(&h->arena, start->config_file, start->program_dir, &h->config, &faults)) {
		h->under_fcgid = start->under_fcgid;
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

/* The ledger logs by itself what is wrong with its files. */
static void
tick_ledger(struct gateway *g)
{
	char why[1024];

	if (ledger_works(g->ledger, why, sizeof(why)))
		(void)ledger_lasts(g->ledger, why, sizeof(why));
}

/* Says which keys of hrisgw.yaml changed that a running process cannot take up. */
static void
say_restart(struct gateway *g, const struct config *now)
{
	const struct config *was = g->config;
	const struct {
		const char *key;
		bool same;
	} keys[] = {
	    {"listen.socket", text_equal(was->listen_socket, now->listen_socket)},
	    {"listen.group", text_equal(was->listen_group, now->listen_group)},
	    {"workers", was->workers == now->workers},
	    {"base_path", text_equal(was->base_path, now->base_path)},
	    {"state_dir", text_equal(was->state_dir, now->state_dir)},
	    {"routes", text_equal(was->routes_dir, now->routes_dir)},
	    {"adapters", text_equal(was->adapters_dir, now->adapters_dir)},
	    {"anchor", text_equal(was->anchor, now->anchor)},
	    {"deadline", was->deadline_ms == now->deadline_ms},
	    {"log.file", (was->log_file == NULL) == (now->log_file == NULL)},
	};
	char text[64];
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++) {
		(void)snprintf(
		    text, sizeof(text), "%s changed: it counts after a restart", keys[i].key);
		if (!keys[i].same)
			log_event(&g->log, LOG_WARNING, "config", text);
	}
}

/* What of hrisgw.yaml can be taken up. The configuration that was loaded stays: threads read it. */
static void
reread_config(struct gateway *g)
{
	struct home *h = (struct home *)g;
	const char *file = g->config->log_file;
	struct faults faults;
	struct config now;
	struct arena a;
	bool good;

	arena_init(&a, LIMIT_ARENA);
	faults_init(&faults, &a);
	good = config_load(&a, g->config->file, NULL, &now, &faults);
	if (h->under_fcgid && now.deadline_ms > FCGID_DEADLINE_MS)
		now.deadline_ms = FCGID_DEADLINE_MS;
	if (good && file != NULL && now.log_file != NULL)
		file = now.log_file;
	if (file != NULL && !log_reopen(&g->log, file))
		log_event(&g->log, LOG_ERROR, "log", "the log file cannot be opened anew");
	if (good) {
		g->log.level = now.log_level;
		memory_set_max((size_t)now.memory_mib * 1024 * 1024);
		say_restart(g, &now);
	} else if (faults.n > 0)
		log_event(&g->log, LOG_ERROR, "config", faults.texts[0]);
	arena_clear(&a);
}

void
gateway_tick(struct gateway *g, bool hang_up)
{
	if (hang_up) {
		reread_config(g);
		registry_reread(g->registry);
	} else
		registry_refresh(g->registry);
	tick_store(g);
	tick_ledger(g);
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
	    .log = &g->log,
	    .late = start->one_shot});
	if (g->ledger == NULL)
		return false;
	g->metrics = metrics_new();
	g->http = http_new(g->clock);
	if (g->metrics == NULL || g->http == NULL)
		return false;
	g->transport = http_transport(g->http);
	g->registry =
	    (start->one_shot ? registry_new_once : registry_new)(&h->config, g->clock, &g->log);
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
