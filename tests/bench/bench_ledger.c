/*
 * bench_ledger.c: what an insert costs by the policy and its ledger, alone and when many tasks
 * insert at once, with an HRIS that answers at once; beside it what the disk takes for one
 * fdatasync(2). Alone an insert is about as many of them as it has commits, together they share
 * them.
 *	bench_ledger [FOLDER]
 * works in a folder of its own below FOLDER (/var/tmp), which says whose disk is measured.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/event.h"
#include "engine/task.h"
#include "hris/hris.h"
#include "ledger/ledger_admin.h"

enum {
	SYNCS = 200,
	ALONE = 200,
	TASKS = 128,
	EACH = 20,
	FIRST_DAY = 20900,
	DEADLINE_MS = 60000,
	FOLDER_LEN = 200,
	PATH_LEN = 600,
	BLOCK = 4096,
	BEFORE_MOST = 2, /* commits */
	AFTER_MOST = 1
};

struct writer {
	struct hris hris; /* first */
	struct ledger *ledger;
	const char *agent;
	int number, inserts;
	struct operation_in last; /* what the HRIS holds */
	uint64_t looked;          /* commits of the ledger until then */
	uint64_t before, after;   /* commits of an insert around the look at it, at most */
	bool ok, over;
};

static double
seconds(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- the HRIS --- */

static void
answer_found(struct writer *w, struct operation_out *out)
{
	struct found *f = arena_alloc(w->hris.arena, sizeof(*f));

	if (f == NULL || w->last.n_days == 0)
		return;
	*f = (struct found){.id = "1348",
	    .type_id = "78",
	    .status = STATUS_APPROVED,
	    .marker = w->last.marker,
	    .ranged = true,
	    .start = w->last.days[0].date,
	    .end = w->last.days[0].date,
	    .amount = "480",
	    .has_unit = true,
	    .unit = UNIT_MINUTES};
	out->found = f;
	out->n_found = 1;
}

static enum gw_err
answer(struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	static struct timeoff_type types[1] = {
	    {.id = "78", .name = "Vacation", .unit = UNIT_MINUTES}};
	struct writer *w = (struct writer *)h;
	enum gw_err err = GW_OK;

	*out = (struct operation_out){0};
	if (op == OPERATION_TYPES)
		*out = (struct operation_out){.types = types, .n_types = 1};
	if (op == OPERATION_FIND && w->last.n_days > 0 && w->looked == 0)
		w->looked = ledger_commits(w->ledger);
	if (op == OPERATION_FIND)
		answer_found(w, out);
	if (op != OPERATION_INSERT)
		return GW_OK;
	err = hris_begin_write(h, NULL);
	w->last = *in;
	out->written = err == GW_OK;
	out->result = (struct result){.id = "1348", .status = STATUS_APPROVED};
	return err;
}

static const struct traits *
traits(const struct hris *h)
{
	static const struct traits t = {.has = {[OPERATION_TYPES] = true,
					    [OPERATION_INSERT] = true,
					    [OPERATION_FIND] = true,
					    [OPERATION_CANCEL] = true},
	    .find = LOST_MARKER,
	    .consistent = true};

	(void)h;
	return &t;
}

/* --- inserts --- */

/* One of another day than the ones before. */
static bool
insert(struct writer *w)
{
	static const struct route route = {.name = "bench",
	    .adapter_name = "bench",
	    .timezone = "UTC",
	    .day_minutes = 480,
	    .day_start_minute = 540};
	static const struct driver driver = {answer, traits};
	struct day day = {.date = {FIRST_DAY + w->inserts++}, .minutes = 480};
	struct timeoff ask = {.agent_id = w->agent,
	    .type_id = "78",
	    .status = STATUS_APPROVED,
	    .days = &day,
	    .n_days = 1,
	    .min_date = day.date,
	    .max_date = day.date};
	struct failure failure = {.err = GW_OK};
	struct timeoff_done done;
	struct arena arena;
	uint64_t began = ledger_commits(w->ledger), ended;
	bool ok;

	arena_init(&arena, LIMIT_ARENA);
	w->last = (struct operation_in){0};
	w->looked = 0;
	w->hris = (struct hris){.route = &route,
	    .driver = &driver,
	    .arena = &arena,
	    .clock = &event_clock,
	    .ledger = w->ledger,
	    .deadline_ms = clock_mono_ms(&event_clock) + DEADLINE_MS,
	    .failure = &failure};
	ok = hris_insert(&w->hris, &ask, &done) == GW_OK && !done.replayed;
	if (!ok)
		(void)fprintf(stderr, "bench_ledger: %s\n", failure.text);
	ended = ledger_commits(w->ledger);
	if (w->looked - began > w->before)
		w->before = w->looked - began;
	if (ended - w->looked > w->after)
		w->after = ended - w->looked;
	arena_clear(&arena);
	return ok;
}

static void
insert_many(void *context)
{
	struct writer *w = context;
	char agent[16];
	int i;

	(void)snprintf(agent, sizeof(agent), "%d", w->number);
	w->agent = agent;
	w->ok = true;
	for (i = 0; i < EACH && w->ok; i++)
		w->ok = insert(w);
	w->over = true;
}

static bool
bench_disk(const char folder[static FOLDER_LEN])
{
	static const char block[BLOCK] = "x";
	char path[PATH_LEN];
	double began;
	bool ok = true;
	int fd, i;

	(void)snprintf(path, sizeof(path), "%.*s/sync", FOLDER_LEN, folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	began = seconds(CLOCK_MONOTONIC);
	for (i = 0; i < SYNCS && ok; i++)
		ok = pwrite(fd, block, BLOCK, 0) == BLOCK && fdatasync(fd) == 0;
	printf("%-34s %9.3f ms each\n", "the disk: write and fdatasync",
	    (seconds(CLOCK_MONOTONIC) - began) * 1e3 / SYNCS);
	(void)close(fd);
	return ok;
}

static bool
bench_alone(struct ledger *l)
{
	struct writer w = {.ledger = l, .agent = "alone"};
	double began = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), after;
	bool ok = true, reached;
	int i;

	for (i = 0; i < ALONE && ok; i++)
		ok = insert(&w);
	after = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	reached = w.before <= BEFORE_MOST && w.after <= AFTER_MOST;
	printf("%-34s %9.3f ms each, of it %.3f ms processor\n", "one after the other: an insert",
	    (after - began) * 1e3 / ALONE, cpu * 1e3 / ALONE);
	printf("%-34s %9" PRIu64 " before the look, %" PRIu64 " after it; goal %d and %d%s\n",
	    "its commits, at most", w.before, w.after, BEFORE_MOST, AFTER_MOST,
	    reached ? "" : ": NOT REACHED");
	return ok;
}

static bool
bench_together(struct ledger *l)
{
	struct writer *writers = calloc(TASKS, sizeof(*writers));
	double began = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	bool ok = writers != NULL;
	int i;

	for (i = 0; i < TASKS && ok; i++) {
		writers[i] = (struct writer){.ledger = l, .number = i};
		ok = task_spawn(loop_current(), insert_many, &writers[i]);
	}
	for (i = 0; i < TASKS && ok; i++) {
		while (!writers[i].over)
			loop_turn(loop_current(), loop_now_ms() + 1000);
		ok = writers[i].ok;
	}
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%-34s %9.0f inserts/s, %.3f ms processor each\n", "128 tasks at once",
	    TASKS * EACH / (seconds(CLOCK_MONOTONIC) - began), cpu * 1e3 / (TASKS * EACH));
	free(writers);
	return ok;
}

static void
empty(const char folder[static FOLDER_LEN])
{
	DIR *d = opendir(folder);
	char path[PATH_LEN];
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%.*s/%s", FOLDER_LEN, folder, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(path);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(folder);
}

static bool
bench_in(const char *parent)
{
	char folder[FOLDER_LEN];
	struct ledger_where where = {.state_dir = folder, .clock = &event_clock};
	struct ledger *l;
	bool ok;

	(void)snprintf(folder, sizeof(folder), "%s/bench_ledger.XXXXXX", parent);
	if (mkdtemp(folder) == NULL) {
		perror(folder);
		return false;
	}
	printf("%s\n", parent);
	l = ledger_open(&where);
	ok = l != NULL && bench_disk(folder) && bench_alone(l) && bench_together(l);
	ledger_close(l);
	empty(folder);
	if (!ok)
		(void)fprintf(stderr, "bench_ledger: the ledger could not be written\n");
	return ok;
}

int
main(int argc, char **argv)
{
	/* In memory a sync costs nothing: what is left is our own. */
	return bench_in(argc > 1 ? argv[1] : "/var/tmp") && bench_in("/dev/shm") ? 0 : 1;
}
