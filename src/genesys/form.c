/*
 * form.c: see form.h. Velocity in a web services action can send a token, a password or a fixed
 * header; it cannot compute a signature, so there a function does.
 */
#include "genesys/form.h"

#include <string.h>

#include "base/text.h"

#define JSON_HEADER "\"Content-Type\": \"application/json\""

static const struct genesys_form forms[] = {
    {"HRIS Gateway", "custom-rest-actions",
	"\"Authorization\": \"Bearer ${authResponse.token}\",\n" JSON_HEADER, "${input.rawRequest}",
	"token", CALLER_TOKEN, true, false},
    {"HRIS Function Data Actions", "function-data-actions",
	"\"gateway-url\": \"${credentials.gatewayUrl}\",\n\"key-id\": \"${credentials.keyId}\",\n"
	"\"key\": \"${credentials.key}\"",
	"{\\\"action\\\": \\\"@(endpoint)\\\", \\\"input\\\": ${input.rawRequest}}", "function",
	CALLER_RFC9421, false, true},
    {"HRIS Gateway", "custom-rest-actions", JSON_HEADER, "${input.rawRequest}", "basic",
	CALLER_BASIC, false, false},
    {"HRIS Gateway", "custom-rest-actions",
	"\"@(key_header)\": \"${credentials.key}\",\n" JSON_HEADER, "${input.rawRequest}", "key",
	CALLER_KEY, false, false},
};

const struct genesys_form *
form_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(forms); i++) {
		if (text_equal(caller_form_name(forms[i].form), name))
			return &forms[i];
	}
	return NULL;
}

static const struct genesys_form *
form_of(const struct caller *caller, const char *form)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(forms); i++) {
		if (caller->keys[forms[i].form].n > 0 &&
		    (form == NULL || strcmp(form, caller_form_name(forms[i].form)) == 0))
			return &forms[i];
	}
	return NULL;
}

bool
form_choose(const struct callers *callers, const char *caller, const char *form, const char *file,
    struct genesys_choice *out, struct faults *faults)
{
	const struct genesys_form *best = NULL, *one;
	size_t i;

	for (i = 0; i < callers->n; i++) {
		if (caller != NULL && strcmp(callers->items[i].name, caller) != 0)
			continue;
		one = form_of(&callers->items[i], form);
		if (one == NULL || (best != NULL && best <= one))
			continue;
		best = one;
		*out = (struct genesys_choice){one, &callers->items[i]};
	}
	return best != NULL ||
	       fault_at(faults, file, NULL,
		   "no caller%s%s proves itself by %s: Genesys Cloud can send token, basic, key, and by a function rfc9421",
		   caller == NULL ? "" : " ", caller == NULL ? "" : caller,
		   form == NULL ? "a form that Genesys Cloud knows" : form);
}
