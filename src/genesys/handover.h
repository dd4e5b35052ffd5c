/*
 * handover.h: the parts of HANDOVER.md that follow from a route and from the contracts: blocks of
 * Markdown for fill.h, in the arena. NULL: memory was short.
 */
#ifndef GENESYS_HANDOVER_H
#define GENESYS_HANDOVER_H

#include "genesys/declare.h"
#include "genesys/form.h"

struct handover {
	struct arena *arena;
	const struct route *route;
	const char *url; /* of the gateway */
	const struct genesys_choice *choice;
};

const char *handover_values(const struct handover *h);    /* rows: client id, secret, URLs */
const char *handover_secret(const struct handover *h);    /* what Terraform asks for */
const char *handover_contracts(const struct handover *h); /* inputs and outputs of each action */
const char *handover_settings(const struct handover *h);  /* rows: WFM's property, workflow */
const char *handover_calls(const struct handover *h);     /* test calls */

#endif
