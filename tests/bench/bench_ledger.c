/*
 * bench_ledger.c: what a write to the ledger costs, alone and when many tasks write at once, beside
 * what the disk takes for one fdatasync(2): alone a write is about one of them, together they share
 * it. Two rows are one insert: as it is decided, and its fate.
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

#include "engine/event.h"
#include "engine/task.h"
#include "ledger/ledger.h"

enum {
	SYNCS = 200,
	ALONE = 200,
	TASKS = 128,
	EACH = 20,
	FOLDER_LEN = 200,
	PATH_LEN = 600,
	BLOCK = 4096
};

struct writer {
	struct ledger *ledger;
	int number;
	bool ok, over;
};

static double
seconds(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A write that is decided, then done. */
static bool
write_both(struct ledger *l, const char *agent)
{
	struct intent row = {.ledger = "bench",
	    .agent = agent,
	    .type = "78",
	    .days = "2026-12-01 none 480",
	    .wanted = "APPROVED",
	    .route = "bench",
	    .request_log_id = "6f0c6f0c6f0c6f0c"};
	struct intent *rows = &row;
	struct failure failure = {.err = GW_OK};

	if (ledger_write(l, &rows, 1, "sending", &failure) != GW_OK)
		return false;
	row.state = INTENT_DONE;
	row.request = "1348";
	return ledger_write(l, &rows, 1, "done", &failure) == GW_OK;
}

static void
write_many(void *context)
{
	struct writer *w = context;
	char agent[16];
	int i;

	(void)snprintf(agent, sizeof(agent), "%d", w->number);
	w->ok = true;
	for (i = 0; i < EACH && w->ok; i++)
		w->ok = write_both(w->ledger, agent);
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
	double began = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	bool ok = true;
	int i;

	for (i = 0; i < ALONE && ok; i++)
		ok = write_both(l, "4");
	printf("%-34s %9.3f ms each, of it %.3f ms processor\n", "one after the other: an insert",
	    (seconds(CLOCK_MONOTONIC) - began) * 1e3 / ALONE,
	    (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3 / ALONE);
	return ok;
}

static bool
bench_together(struct ledger *l)
{
	struct writer *writers = calloc(TASKS, sizeof(*writers));
	double began = seconds(CLOCK_MONOTONIC);
	bool ok = writers != NULL;
	int i;

	for (i = 0; i < TASKS && ok; i++) {
		writers[i] = (struct writer){.ledger = l, .number = i};
		ok = task_spawn(loop_current(), write_many, &writers[i]);
	}
	for (i = 0; i < TASKS && ok; i++) {
		while (!writers[i].over)
			loop_turn(loop_current(), loop_now_ms() + 1000);
		ok = writers[i].ok;
	}
	printf("%-34s %9.0f inserts/s\n", "128 tasks at once",
	    TASKS * EACH / (seconds(CLOCK_MONOTONIC) - began));
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

int
main(int argc, char **argv)
{
	char folder[FOLDER_LEN];
	struct ledger_where where = {.state_dir = folder, .clock = &event_clock};
	struct ledger *l;
	bool ok;

	(void)snprintf(
	    folder, sizeof(folder), "%s/bench_ledger.XXXXXX", argc > 1 ? argv[1] : "/var/tmp");
	if (mkdtemp(folder) == NULL) {
		perror(folder);
		return 1;
	}
	l = ledger_open(&where);
	ok = l != NULL && bench_disk(folder) && bench_alone(l) && bench_together(l);
	ledger_close(l);
	empty(folder);
	if (!ok)
		(void)fprintf(stderr, "bench_ledger: the ledger could not be written\n");
	return ok ? 0 : 1;
}
