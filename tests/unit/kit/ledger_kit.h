/*
 * ledger_kit.h: what the tests of the ledger share: a folder that is removed afterwards, a ledger
 * in it, rows to write, and SQL on its file by the side.
 */
#ifndef LEDGER_KIT_H
#define LEDGER_KIT_H

#include "ledger/ledger.h"

struct ledger_kit {
	char folder[64], anchor[96];
	struct ledger_where where;
	struct ledger *ledger;
	struct arena arena;
	struct failure failure;
	int64_t wall_ms;
	struct clock clock;
};

void ledger_kit_open(struct ledger_kit *k, bool anchored);
void ledger_kit_close(struct ledger_kit *k);
void ledger_kit_reopen(struct ledger_kit *k); /* closes it where it is open */

/* A row of that agent with every column filled, not yet written. */
struct intent ledger_kit_row(const char *agent, enum intent_state state);
/* Writes it; fails the test where that fails. */
void ledger_kit_write(struct ledger_kit *k, struct intent *i, const char *event);

/* A path in the folder, in the arena. */
const char *ledger_kit_path(struct ledger_kit *k, const char *name);
/* Runs SQL on ledger.db by a connection of its own. */
void ledger_kit_sql(struct ledger_kit *k, const char *sql);

/* Fails the test unless the ledger does not work and says that. */
void ledger_kit_broken(struct ledger_kit *k, const char *part);
void ledger_kit_works(struct ledger_kit *k);

#endif
