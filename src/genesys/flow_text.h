/*
 * flow_text.h: the parts of a workflow's YAML that follow from its action's contract. Each is a
 * block for fill.h, in the arena; NULL with faults.
 */
#ifndef GENESYS_FLOW_TEXT_H
#define GENESYS_FLOW_TEXT_H

#include "base/faults.h"
#include "genesys/declare.h"

struct flow_text {
	struct arena *arena;
	struct faults *faults;
	const struct endpoint *endpoint;
	const struct value *output;  /* its schema */
	const char *variable, *join; /* the templates flow-variable.yaml, flow-join.yaml */
};

const char *flow_text_variables(const struct flow_text *t);
const char *flow_text_state(const struct flow_text *t);
const char *flow_text_joins(const struct flow_text *t);
const char *flow_text_inputs(const struct flow_text *t);
const char *flow_text_outputs(const struct flow_text *t);
/* The expression that tells somebody what went wrong, as YAML within quotation marks. */
const char *flow_text_notice(const struct flow_text *t);
bool flow_text_has(const struct flow_text *t, const char *input);

#endif
