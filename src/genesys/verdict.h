/*
 * verdict.h: what a workflow ended with, printed, and held against what WFM takes. A breach is what
 * would mislead WFM, whatever the HRIS did; an error that is reported as one is none.
 */
#ifndef GENESYS_VERDICT_H
#define GENESYS_VERDICT_H

#include <stdio.h>

#include "genesys/flow.h"

/* Which of WFM's five a workflow is: by its variables, for its name is the administrator's. */
enum part { PART_AGENTS, PART_TYPES, PART_BALANCE, PART_INSERT, PART_UPDATE, PART_MAX };

struct verdict {
	FILE *out;
	struct arena *arena;    /* of json; NULL: it is not asked for */
	struct value *json;     /* what was played: a list; NULL: memory was short */
	struct value *breached; /* of the one at hand */
	bool ours;              /* exported by this program: one call, no output left unset */
	size_t flows, breaches, errors;
};

/* PART_MAX: none of them. */
enum part verdict_part(const struct flow *f);

/* Prints the outputs and every breach; inputs are those that were passed. */
void verdict_give(struct verdict *v, enum part part, const struct flow *f,
    const struct value *inputs, const struct flow_result *r);

/* statusCode 200 and status Complete. */
bool verdict_complete(const struct flow_result *r);

#endif
