/*
 * cli_auth.h: what `sign`, `verify` and `key` share: finding a route's callers, and one key among
 * them.
 */
#ifndef CLI_AUTH_H
#define CLI_AUTH_H

#include "base/arena.h"
#include "config/callers.h"
#include "cli/cli.h"
#include "config/config.h"
#include "base/faults.h"

struct cli_auth {
	struct arena arena;
	struct faults faults;
	struct config config; /* where a route was named */
	const char *route;    /* NULL: none was */
	struct callers *callers;
};

void cli_auth_init(struct cli_auth *s);
void cli_auth_clear(struct cli_auth *s);

/* Every fault on standard error; CLI_FAILED. */
int cli_auth_faults(const struct cli_call *call, const struct cli_auth *s);

/* Reads the callers of that route's file; other faults of the file are passed over. */
bool cli_auth_route(const struct cli_call *call, struct cli_auth *s, const char *route);

/*
 * Callers made of one key file: form, id and header as given (form NULL: both signatures). The
 * caller is named as the key where the form has names, so that Basic and tokens find it.
 */
bool cli_auth_file(
    struct cli_auth *s, const char *form, const char *path, const char *id, const char *header);

/*
 * One caller, form and key: those named, or the only one, or the first that counts now. NULL names
 * are not given. False with why.
 */
struct cli_auth_choice {
	const struct caller *caller;
	enum caller_form form;
	const struct caller_key *key;
};
bool cli_auth_choose(const struct cli_auth *s, const char *caller, const char *form,
    const char *key_id, int64_t now_s, struct cli_auth_choice *out, const char **why);

/* CALLER_FORM_MAX: no such form. */
enum caller_form cli_auth_form(const char *name);

/* Appends s as one word of a POSIX shell. */
void cli_auth_quote(struct buf *b, const char *s);

#endif
