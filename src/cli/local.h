/* cli_local.h: what the files of `hrisgw local` share. */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include <stdio.h>

#include "cli/cli.h"
#include "base/fail.h"
#include "base/faults.h"
#include "store/db.h"
#include "base/value.h"

/*
 * The database of the local route of that name, or, where NULL, of the only one there is. NULL with
 * faults; the folder of the server's state and the routes are those of hrisgw.yaml.
 */
const char *cli_local_database(
    const struct cli_call *call, struct arena *a, const char *route, struct faults *faults);

/* One call of the command. */
struct local_session {
	const struct cli_call *call;
	char **args; /* behind the verb */
	size_t n;
	struct arena arena;
	struct faults faults;
	struct failure failure;
	struct db *db;
	bool json;
};

struct local_verb {
	const char *name;
	size_t min, max; /* operands behind it */
	const char *usage;
	int (*run)(struct local_session *s);
};

/* cli_local_verbs.c: ends with a row whose name is NULL. */
extern const struct local_verb cli_local_verbs[];
/* The session's faults, or its failure, on standard error; CLI_FAILED. */
int cli_local_failed(struct local_session *s);

/* A list of objects as a table: minutes as hours and minutes, control characters as '?'. */
void cli_local_table(FILE *out, const struct value *list);

#endif
