/*
 * invoke.h: a data action played as Genesys Cloud plays it, its requests handed to the gateway of
 * this process: contract, templates, custom auth action and its cache, time-out, translation,
 * flattening.
 */
#ifndef GENESYS_INVOKE_H
#define GENESYS_INVOKE_H

#include "gateway/gateway.h"
#include "genesys/action.h"
#include "genesys/form.h"

struct invoker {
	struct gateway *gateway;
	const struct route *route;
	struct genesys_choice choice; /* who Genesys is, and by what */
	const struct action *auth;    /* the custom auth action; NULL: none */
	const char *login_url;
	bool bamboohr; /* its key is the name of Basic, and anything the password */
	/* The answer of the auth action, as long as it is kept; set by invoke(). */
	struct arena *arena; /* of all that lives as long as the invoker */
	const struct value *auth_answer;
	size_t tokens_fetched;
};

enum outcome { OUTCOME_SUCCESS, OUTCOME_FAILURE, OUTCOME_TIMEOUT, OUTCOME_MAX };

struct result {
	enum outcome outcome;
	const struct value *outputs; /* of a success: by flattened names */
	const char *code,
	    *message;    /* of a failure: errorCode and userMessage of Genesys' ErrorBody */
	const char *why; /* what no workflow sees: for whoever rehearses */
	int status;      /* HTTP; 0: nothing was sent */
};

/* inputs: {name: value}; what is null is not given. The result lives in a. */
void invoke(struct invoker *v, struct arena *a, const struct action *action,
    const struct value *inputs, struct result *out);

const char *outcome_name(enum outcome outcome); /* "Success", ... */

#endif
