/*
 * play.h: plays an adapter's NAME.test.yaml offline: the requests that an operation makes of an
 * input are compared with those written there, the canned answers are given, and the outcome is
 * compared. Nothing leaves the process, and time is simulated.
 */
#ifndef CLI_PLAY_H
#define CLI_PLAY_H

#include "adapter/adapter.h"

struct play_difference {
	const char *what; /* "call 2, body" */
	const char *expected, *got;
};

struct play_case {
	const char *name;
	const char *source; /* where its exchange comes from; NULL: not said */
	const char *operation;
	struct play_difference *differences; /* none: it passed */
	size_t n, cap;
};

struct play_result {
	struct play_case *cases;
	size_t n, failed;
	const char *missing[OPERATION_MAX]; /* operations that no case plays */
	size_t n_missing;
	const char *
	    *unplayed; /* "change-timeoff, step 2 of 8 (line 97)": steps that no case plays */
	size_t n_unplayed;
};

/* False with faults where the text is no test file; out lives in the arena. */
bool cli_play(struct arena *a, const struct adapter *adapter, const char *file, const char *text,
    size_t len, struct play_result *out, struct faults *faults);

#endif
