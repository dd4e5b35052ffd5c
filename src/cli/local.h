/* local.h: one call of `hrisgw local`, and its verbs. */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include <stdio.h>

#include "base/fail.h"
#include "base/value.h"
#include "cli/cli.h"
#include "store/db.h"

struct local_session {
	const struct cli_call *call;
	char **args; /* after the verb */
	size_t n;
	struct arena arena; /* of everything in the call */
	struct faults faults;
	struct failure failure;
	struct db *db;
	bool json;
};

struct local_verb {
	const char *name;
	size_t min, max; /* operands after it */
	const char *usage;
	int (*run)(struct local_session *s);
};

/* local_verbs.c */
enum { LOCAL_VERBS = 10 };
extern const struct local_verb cli_local_verbs[LOCAL_VERBS];
/* The session's faults, or its failure, on standard error; CLI_FAILED. */
int cli_local_failed(struct local_session *s);

#endif
