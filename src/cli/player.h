/* cli_play_parts.h: one case while it is played; for cli_play*.c only. */
#ifndef CLI_PLAY_PARTS_H
#define CLI_PLAY_PARTS_H

#include "adapter/adapter.h"
#include "cli/play.h"
#include "config/reader.h"
#include "hris/hris_parts.h"

struct player {
	struct reader r; /* the test file */
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

/* Notes a difference; memory that is short is one too. */
void play_differ(struct player *p, const char *what, const char *expected, const char *got);
/* The same for trees. by_text: scalars are equal when their texts are. */
void play_compare(struct player *p, const char *what, const struct value *expected,
    const struct value *got, bool by_text);
const char *play_json(struct player *p, const struct value *v);

/* cli_play_in.c: false with faults. */
bool play_load_types(struct player *p, const struct value *v);
bool play_input(struct player *p, const struct value *v, struct operation_in *in);
/* cli_play_script.c */
struct transport play_transport(struct player *p);
bool play_check_calls(struct player *p, const struct value *calls);
/* cli_play_out.c: what came out as it is written in `out`. NULL: out of memory. */
struct value *play_output(struct arena *a, enum operation op, const struct operation_out *out);

#endif
