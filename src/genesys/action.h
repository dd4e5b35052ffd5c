/*
 * action.h: one data action, read from a *.custom.json file as Genesys Cloud exports and imports
 * it, and held against what Genesys allows in one.
 */
#ifndef GENESYS_ACTION_H
#define GENESYS_ACTION_H

#include "base/faults.h"

struct action {
	const char *name, *file;
	const char *url, *method, *body;    /* templates */
	const struct value *headers;        /* name: template */
	const struct value *map, *defaults; /* translationMap: name: JSONPath; name: JSON as text */
	const char *success;                /* template */
	const struct value *input, *output; /* schemas */
	long timeout_s;
	bool function; /* of an integration for functions */
};

/* Everything lives in the arena. False with faults: all of them. */
bool action_load(struct arena *a, const char *file, const char *text, size_t len,
    struct action *out, struct faults *faults);

/* The same for the request and response of a custom auth action, which has no contract. */
bool action_load_auth(struct arena *a, const char *file, const char *text, size_t len,
    struct action *out, struct faults *faults);

#endif
