/* player.h: a test file while it is played; for play*.c only. All lives in the arena of r. */
#ifndef CLI_PLAYER_H
#define CLI_PLAYER_H

#include "adapter/adapter.h"
#include "cli/play.h"
#include "config/reader.h"
#include "hris/policy.h"

struct player {
	struct reader r;            /* the test file */
	const struct value *tokens; /* a text, or by name of auth; NULL: none */
	struct route route;
	struct clock clock;
	int64_t now_ms;
	const char *base_url;    /* put before requests that are only a path; "" */
	const char **type_names; /* of types, parallel */
	struct timeoff_type *types;
	size_t n_types;
	const struct value *calls; /* of the case at hand: LIST or NULL */
	size_t next;
	struct play_case *now;
};

/* play_compare.c: notes a difference; NULL is "nothing". */
void play_differ(struct player *p, const char *what, const char *expected, const char *got);
/* Notes one where two trees differ. by_text: scalars are equal when their texts are. */
void play_compare(struct player *p, const char *what, const struct value *expected,
    const struct value *got, bool by_text);
const char *play_json(struct player *p, const struct value *v);

/* play_in.c: types and input of a case. False with faults. */
bool play_load_types(struct player *p, const struct value *v);
bool play_input(struct player *p, const struct value *v, struct operation_in *in);
/* play_script.c: the HRIS that the script plays. */
struct transport play_transport(struct player *p);
bool play_check_calls(struct player *p, const struct value *calls);
/* play_out.c: the output of an operation as it is written in `out`. NULL: out of memory. */
struct value *play_output(struct arena *a, enum operation op, const struct operation_out *out);

#endif
