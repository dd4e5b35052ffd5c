/* ledger.h: one call of `hrisgw ledger`, and its verbs. */
#ifndef CLI_LEDGER_H
#define CLI_LEDGER_H

#include "cli/cli.h"
#include "ledger/ledger.h"

struct ledger_session {
	const struct cli_call *call;
	char **args; /* after the verb */
	size_t n;
	struct arena arena; /* of everything in the call */
	struct config config;
	struct ledger_where where;
	struct ledger *ledger; /* NULL: the verb opens none, or a gateway with it */
	struct failure failure;
	bool json;
};

struct ledger_verb {
	const char *name;
	size_t min, max; /* operands after it */
	const char *usage;
	bool opens; /* the ledger, before it runs */
	int (*run)(struct ledger_session *s);
};

/* ledger_list.c */
/* The session's failure on standard error; CLI_FAILED. */
int cli_ledger_failed(const struct ledger_session *s);
int cli_ledger_list(struct ledger_session *s);
int cli_ledger_show(struct ledger_session *s);
/* The row of a number, a marker, or a key or the beginning of one (8 digits at least); NULL:
 * said why, *code is what to return. */
struct intent *
cli_ledger_find(struct ledger_session *s, struct ledger *ledger, const char *key, int *code);
/* ledger_look.c */
int cli_ledger_reconcile(struct ledger_session *s);
int cli_ledger_ended(struct ledger_session *s);
/* ledger_resolve.c */
int cli_ledger_resolve(struct ledger_session *s);

#endif
