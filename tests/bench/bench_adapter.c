/*
 * bench_adapter.c: how long loading and checking adapter files takes: 25 of them, as a gateway does
 * when it starts, and one, as a plain CGI call does. They are those of conf/adapters, one after the
 * other, found from the folder that it is run in.
 *	bench_adapter
 * exits 1 where 25 take more than 50 ms of the processor, or the slowest one more than 5 ms. The
 * fastest round counts.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "adapter/adapter.h"
#include "base/text.h"

enum { ROUNDS = 20, ADAPTERS = 25, FILES_MAX = 64 };

static const double all_ms = 50, one_ms = 5;

static double
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The time it takes; the text is read each time, as it would be. */
static double
load(const char *file)
{
	double began = now_ms();
	struct faults faults;
	struct arena a;
	size_t len = 0;
	char *text;

	arena_init(&a, LIMIT_ARENA);
	faults_init(&faults, &a);
	text = text_read_file(&a, file, LIMIT_FILE, &len);
	if (text == NULL || adapter_load(&a, "bench", file, text, len, &faults) == NULL) {
		(void)fprintf(stderr, "%s cannot be loaded\n", file);
		exit(2);
	}
	arena_clear(&a);
	return now_ms() - began;
}

static size_t
find_files(const char *files[static FILES_MAX], glob_t *found)
{
	size_t i, n = 0;

	if (glob("conf/adapters/*.yaml", 0, NULL, found) != 0)
		return 0;
	for (i = 0; i < found->gl_pathc && n < FILES_MAX; i++) {
		if (!text_ends(found->gl_pathv[i], ".test.yaml"))
			files[n++] = found->gl_pathv[i];
	}
	return n;
}

int
main(void)
{
	const char *files[FILES_MAX];
	double best_all = 1e9, best_one[FILES_MAX], all, one, slowest = 0;
	int r;
	glob_t found;
	size_t n = find_files(files, &found), i;

	if (n == 0) {
		(void)fprintf(stderr, "there is no adapter in conf/adapters\n");
		return 2;
	}
	for (i = 0; i < n; i++)
		best_one[i] = 1e9;
	for (r = 0; r < ROUNDS; r++) {
		all = 0;
		for (i = 0; i < ADAPTERS; i++) {
			one = load(files[i % n]);
			best_one[i % n] = one < best_one[i % n] ? one : best_one[i % n];
			all += one;
		}
		best_all = all < best_all ? all : best_all;
	}
	for (i = 0; i < n; i++) {
		printf("%-32s %6.2f ms\n", files[i], best_one[i]);
		slowest = best_one[i] > slowest ? best_one[i] : slowest;
	}
	printf("%d adapters %27.2f ms, at most %.0f; one at most %.0f\n", ADAPTERS, best_all,
	    all_ms, one_ms);
	globfree(&found);
	return best_all <= all_ms && slowest <= one_ms ? 0 : 1;
}
