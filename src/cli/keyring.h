/*
 * keyring.h: what `sign`, `verify` and `key` share: finding a route's callers, and one key among
 * them.
 */
#ifndef CLI_KEYRING_H
#define CLI_KEYRING_H

#include "base/arena.h"
#include "cli/cli.h"
#include "config/callers.h"

struct keyring {
	struct arena arena; /* of all that is below */
	struct faults faults;
	struct config config; /* where a route was named */
	const char *route;    /* NULL: none was */
	struct callers *callers;
};

void keyring_init(struct keyring *s);
void keyring_clear(struct keyring *s);

/* Reads the callers of that route's file; other faults of the file are passed over. CLI_OK, or why
 * not on standard error. */
int keyring_route(const struct cli_call *call, struct keyring *s, const char *route);
/*
 * The same by the options --route NAME, or --key-file FILE with --form, --key-id and --header: then
 * there is one caller with that key (without --form: of both signatures), named as its id, so that
 * Basic and tokens find it.
 */
int keyring_options(const struct cli_call *call, struct keyring *s);

/*
 * One caller, form and key: those named, or the only one, or the first that counts now. NULL names
 * are not given. False with why.
 */
struct keyring_choice {
	const struct caller *caller;
	enum caller_form form;
	const struct caller_key *key;
};
bool keyring_choose(const struct keyring *s, const char *caller, const char *form,
    const char *key_id, int64_t now_s, struct keyring_choice *out, const char **why);

/* Is the option --form, where given, a form? CLI_OK, or why not on standard error. */
int keyring_form(const struct cli_call *call);

#endif
