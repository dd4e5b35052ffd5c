/*
 * intent.h: a row of the ledger as a table of its columns: what is written, read, copied and put
 * into an HMAC are the same rows, in the same order.
 */
#ifndef INTENT_H
#define INTENT_H

#include <stddef.h>

#include "ledger/ledger.h"

enum intent_kind {
	INTENT_TEXT,
	INTENT_INT64,
	INTENT_INT32,
	INTENT_BOOL,
	INTENT_HMAC, /* LEDGER_HMAC bytes */
	INTENT_OP,   /* kept as its name, like the next */
	INTENT_STATE
};

struct intent_column {
	const char *name;
	enum intent_kind kind;
	size_t at; /* in struct intent */
};

/* n is the first, the ledger's name and the agent the next two. */
enum { INTENT_COLUMNS = 32 };
extern const struct intent_column intent_columns[INTENT_COLUMNS];

/* A column of a row; of text and HMAC the bytes, else the number. */
const char *intent_text(const struct intent *i, const struct intent_column *c);
const unsigned char *intent_hmac(const struct intent *i, const struct intent_column *c);
int64_t intent_number(const struct intent *i, const struct intent_column *c);

bool intent_op_read(const char *name, enum intent_op *out);
bool intent_state_read(const char *name, enum intent_state *out);

/* A copy with texts of its own; NULL texts become "". False: out of memory. */
bool intent_copy(struct arena *a, const struct intent *from, struct intent *to);

#endif
