/* form.h: the ways in which Genesys Cloud can prove itself, and what each needs there. */
#ifndef GENESYS_FORM_H
#define GENESYS_FORM_H

#include "base/faults.h"
#include "config/callers.h"

struct genesys_form {
	const char *integration;      /* its name there begins so */
	const char *integration_type; /* as in the API */
	const char *headers, *body;   /* of every action: JSON without the braces; a JSON string */
	const char *credential;       /* the template that says so: NAME.tf, handover-NAME.md */
	enum caller_form form;
	bool auth;     /* a custom auth action goes first */
	bool function; /* the action runs ours, which signs */
};

struct genesys_choice {
	const struct genesys_form *form;
	const struct caller *caller;
};

/*
 * The caller and the form of those names, or, where NULL, the first that will do, forms in the
 * order in which they are to be preferred. False with a fault at file.
 */
bool form_choose(const struct callers *callers, const char *caller, const char *form,
    const char *file, struct genesys_choice *out, struct faults *faults);
/* The form of that name; NULL: Genesys has none. */
const struct genesys_form *form_find(const char *name);

#endif
