/* hris_kit.h: an HRIS for tests of policy: a driver whose answers a test scripts, and a clock that
 * moves only when somebody sleeps. */
#ifndef HRIS_KIT_H
#define HRIS_KIT_H

#include "hris/hris.h"

enum { KIT_CALLS_MAX = 32, KIT_ANSWERS_MAX = 6 };

/* What one operation answers; err first, unless it is GW_OK. */
struct kit_answer {
	enum fail_code code; /* CODE_NONE: success */
	const char *text;
	struct operation_out out;
};

struct kit {
	struct arena arena;
	struct failure failure;
	struct clock clock;
	int64_t mono_ms, wall_ms;
	struct route route;
	struct traits traits;
	struct driver driver;
	struct store *store;
	char folder[64];
	struct hris hris;
	/* The n-th call of an operation takes its n-th answer; the last one stays. */
	struct kit_answer answers[OPERATION_MAX][KIT_ANSWERS_MAX];
	size_t n_answers[OPERATION_MAX];
	size_t called[OPERATION_MAX];
	enum operation calls[KIT_CALLS_MAX]; /* in order */
	struct operation_in ins[KIT_CALLS_MAX];
	struct date asked[KIT_CALLS_MAX]; /* the first of its dates, which do not outlive it */
	size_t n_calls;
};

/* A kit where every operation exists, types 1 (hours) and 2 (days), and balances are 0. */
void kit_open(struct kit *k);
void kit_close(struct kit *k);
/* Forgets the failure, the calls and all answers but the types. */
void kit_again(struct kit *k);
void kit_answer(struct kit *k, enum operation op, struct operation_out out);
void kit_fail(struct kit *k, enum operation op, enum fail_code code, const char *text);
/* How often an operation was called. */
size_t kit_count(const struct kit *k, enum operation op);
/* The last call of an operation, in calls and ins. */
size_t kit_last(const struct kit *k, enum operation op);
struct date kit_date(const char *s);

#endif
