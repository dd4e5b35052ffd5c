/*
 * ledger_sql.c: see ledger_sql.h. Rows are written and read by the table of their columns
 * (intent.h); the names in COLUMNS have its order.
 */
#include "ledger/ledger_sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/text.h"
#include "ledger/intent.h"

enum {
	LEDGER_BUSY_MS =
	    100, /* how long a statement waits for another process; the queue repeats */
	LEDGER_TEXT_MAX = 16 * 1024 * 1024,
	LEDGER_ROWS_MAX = 10 * 1000 * 1000
};

/* clang-format off */
static const char schema[] =
"CREATE TABLE ledger ("
"  one        INTEGER PRIMARY KEY CHECK (one = 1),"
"  look_until INTEGER NOT NULL,"
"  base       INTEGER NOT NULL," /* the link before the first that is kept */
"  hash       BLOB NOT NULL,"
"  seal       BLOB NOT NULL"
") STRICT;"
"CREATE TABLE intents ("
"  n                INTEGER PRIMARY KEY AUTOINCREMENT,"
"  ledger           TEXT NOT NULL,"
"  agent            TEXT NOT NULL,"
"  op               TEXT NOT NULL,"
"  state            TEXT NOT NULL,"
"  key              BLOB NOT NULL,"
"  idempotency      BLOB NOT NULL,"
"  generation       INTEGER NOT NULL,"
"  serial           INTEGER NOT NULL,"
"  attempts         INTEGER NOT NULL,"
"  steps            INTEGER NOT NULL,"
"  request          TEXT NOT NULL,"
"  before           TEXT NOT NULL,"
"  type             TEXT NOT NULL,"
"  days             TEXT NOT NULL,"
"  first_day        INTEGER NOT NULL,"
"  last_day         INTEGER NOT NULL,"
"  minutes          INTEGER NOT NULL,"
"  wanted           TEXT NOT NULL,"
"  stood            TEXT NOT NULL,"
"  shown            TEXT NOT NULL,"
"  seen             TEXT NOT NULL,"
"  looked           INTEGER NOT NULL,"
"  verified         INTEGER NOT NULL,"
"  recorded_minutes INTEGER NOT NULL,"
"  code             TEXT NOT NULL,"
"  text             TEXT NOT NULL,"
"  route            TEXT NOT NULL,"
"  request_log_id   TEXT NOT NULL,"
"  begun_ms         INTEGER NOT NULL,"
"  quiet_ms         INTEGER NOT NULL,"
"  settled_ms       INTEGER NOT NULL"
") STRICT;"
"CREATE INDEX intents_agent ON intents (ledger, agent, n);"
"CREATE INDEX intents_request ON intents (ledger, request);"
"CREATE INDEX intents_before ON intents (ledger, before);"
"CREATE INDEX intents_state ON intents (state, begun_ms);"
"CREATE TABLE links ("
"  n       INTEGER PRIMARY KEY,"
"  at_ms   INTEGER NOT NULL,"
"  event   TEXT NOT NULL,"
"  intent  INTEGER NOT NULL,"
"  content BLOB NOT NULL," /* HMAC of the row as it was then; of a removed one, zeros */
"  hash    BLOB NOT NULL"
") STRICT;"
"CREATE INDEX links_intent ON links (intent, n);";

#define COLUMNS \
"n, ledger, agent, op, state, key, idempotency, generation, serial, attempts, steps," \
" request, before, type, days, first_day, last_day, minutes, wanted, stood, shown, seen," \
" looked, verified, recorded_minutes, code, text, route, request_log_id, begun_ms, quiet_ms," \
" settled_ms"
/* clang-format on */

static const struct db_kind ledger_db = {.owner = "the ledger",
    .schema = schema,
    .application = 0x48524C47, /* HRLG */
    .version = 1,
    .nofollow = true,
    .locked = true};

static void
sql_blob(struct buf *b, const void *bytes, size_t len)
{
	buf_puts(b, "x'");
	hex_encode(b, bytes, len);
	buf_puts(b, "'");
}

bool
ledger_db_make(const char *path, const struct ledger_base *base, char *why, size_t why_max)
{
	struct db_kind kind = ledger_db;
	struct db *db = NULL;
	struct buf b;

	/* The row about itself is part of what makes it: nobody ever opens one without. */
	buf_init(&b, sizeof(schema) + 512);
	buf_puts(&b, schema);
	buf_printf(&b, "INSERT INTO ledger VALUES (1, %d, %lld, ", (int)base->look_until,
	    (long long)base->head.n);
	sql_blob(&b, base->head.hash, LEDGER_HMAC);
	buf_puts(&b, ", ");
	sql_blob(&b, base->seal, LEDGER_HMAC);
	buf_puts(&b, ");");
	kind.schema = b.data;
	if (b.err != GW_OK)
		(void)snprintf(why, why_max, "cannot make %s: out of memory", path);
	else
		(void)db_open(path, &kind, LEDGER_BUSY_MS, &db, why, why_max);
	buf_clear(&b);
	if (db == NULL)
		return false;
	db_close(db);
	return true;
}

struct db *
ledger_db_open(const char *path, bool *gone, char *why, size_t why_max)
{
	struct db *db = NULL;

	*gone = access(path, F_OK) != 0;
	if (*gone)
		(void)snprintf(why, why_max, "%s: %s", path, strerror(errno));
	else
		(void)db_open(path, &ledger_db, LEDGER_BUSY_MS, &db, why, why_max);
	return db;
}

void
ledger_db_hmac(struct db *db, struct db_rows *rows, int column, unsigned char *out)
{
	struct buf b;

	buf_init(&b, LEDGER_HMAC);
	db_rows_blob(rows, column, &b);
	if (b.err != GW_OK || b.len != LEDGER_HMAC)
		db_set_fault(db, b.err == GW_EINTERNAL ? DB_MEMORY : DB_BROKEN);
	else
		memcpy(out, b.data, LEDGER_HMAC);
	buf_clear(&b);
}

bool
ledger_db_base(struct db *db, struct ledger_base *out)
{
	struct db_rows *rows =
	    db_query(db, "SELECT look_until, base, hash, seal FROM ledger", NULL, 0);

	*out = (struct ledger_base){.look_until = 0};
	if (db_rows_next(rows)) {
		out->look_until = (int32_t)db_rows_integer(rows, 0);
		out->head.n = db_rows_integer(rows, 1);
		ledger_db_hmac(db, rows, 2, out->head.hash);
		ledger_db_hmac(db, rows, 3, out->seal);
	} else
		db_set_fault(db, DB_BROKEN);
	return db_rows_end(rows);
}

bool
ledger_db_set_base(struct db *db, const struct ledger_base *base)
{
	return db_run(db, "UPDATE ledger SET look_until = ?1, base = ?2, hash = ?3, seal = ?4",
	    DB_ARGS(db_integer(base->look_until), db_integer(base->head.n),
		db_blob(base->head.hash, LEDGER_HMAC), db_blob(base->seal, LEDGER_HMAC)));
}

/* --- rows --- */

static void
intent_bind(const struct intent *i, struct db_value values[static INTENT_COLUMNS])
{
	const struct intent_column *c;

	for (c = intent_columns; c < intent_columns + INTENT_COLUMNS; c++, values++) {
		if (c->kind == INTENT_HMAC)
			*values = db_blob(intent_hmac(i, c), LEDGER_HMAC);
		else if (c->kind == INTENT_TEXT || c->kind == INTENT_OP || c->kind == INTENT_STATE)
			*values = db_text(intent_text(i, c));
		else
			*values = db_integer(intent_number(i, c));
	}
}

bool
ledger_db_put(struct db *db, struct intent *i)
{
	static const char insert[] =
	    "INSERT INTO intents (" COLUMNS ")"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
	    " ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)";
	static const char update[] =
	    "UPDATE intents SET (" COLUMNS ")"
	    " = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
	    " ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)"
	    " WHERE n = ?1 AND ledger = ?2 AND agent = ?3";
	struct db_value values[INTENT_COLUMNS];

	intent_bind(i, values);
	if (i->n == 0)
		values[0] = db_text(NULL);
	if (!db_run(db, i->n == 0 ? insert : update, values, INTENT_COLUMNS))
		return false;
	if (i->n == 0)
		i->n = db_last_id(db);
	else if (db_changes(db) != 1)
		db_set_fault(db, DB_CONSTRAINT);
	return db_fault(db) == DB_FINE;
}

bool
ledger_db_remove(struct db *db, int64_t n)
{
	return db_run(db, "DELETE FROM intents WHERE n = ?1", DB_ARGS(db_integer(n)));
}

/* One column; a text must be one, without a NUL that would hide what follows. */
static bool
column_read(struct db_rows *rows, int at, const struct intent_column *c, struct arena *a,
    struct intent *out)
{
	void *to = (char *)out + c->at;
	bool ok = true;
	const char *s;
	struct buf b;

	if (c->kind == INTENT_INT64)
		*(int64_t *)to = db_rows_integer(rows, at);
	else if (c->kind == INTENT_INT32)
		*(int32_t *)to = (int32_t)db_rows_integer(rows, at);
	else if (c->kind == INTENT_BOOL)
		*(bool *)to = db_rows_integer(rows, at) != 0;
	if (c->kind == INTENT_INT64 || c->kind == INTENT_INT32 || c->kind == INTENT_BOOL)
		return db_rows_is_integer(rows, at) &&
		       db_rows_integer(rows, at) == intent_number(out, c);
	buf_init(&b, LEDGER_TEXT_MAX);
	db_rows_blob(rows, at, &b);
	if (!buf_whole(&b, a) || (c->kind != INTENT_HMAC && strlen(b.data) != b.len))
		ok = false;
	else if (c->kind == INTENT_HMAC) {
		ok = b.len == LEDGER_HMAC;
		if (ok)
			memcpy(to, b.data, LEDGER_HMAC);
	} else if (c->kind == INTENT_OP)
		ok = intent_op_read(b.data, &out->op);
	else if (c->kind == INTENT_STATE)
		ok = intent_state_read(b.data, &out->state);
	else {
		s = arena_strdup(a, b.data);
		ok = s != NULL;
		memcpy(to, &s, sizeof(s));
	}
	buf_clear(&b);
	return ok;
}

static bool
intent_read(struct db *db, struct db_rows *rows, struct arena *a, struct intent *out)
{
	int i;

	*out = (struct intent){.n = 0};
	for (i = 0; i < INTENT_COLUMNS; i++) {
		if (!column_read(rows, i, &intent_columns[i], a, out)) {
			db_set_fault(db, a->failed ? DB_MEMORY : DB_BROKEN);
			return false;
		}
	}
	return true;
}

/* The names of the wanted states, then nulls. */
static void
states_bind(unsigned states, struct db_value *values)
{
	size_t i;

	for (i = 0; i < INTENT_STATE_MAX; i++) {
		if (states == 0 || (states >> i & 1) != 0)
			values[i] = db_text(intent_state_name((enum intent_state)i));
		else
			values[i] = db_text(NULL);
	}
}

static struct db_rows *
rows_query(struct db *db, const struct ledger_want *want)
{
	struct db_value values[INTENT_STATE_MAX + 2];

	_Static_assert(INTENT_STATE_MAX == 9, "as many places in the query");
	if (want->states == 0 && want->name != NULL && want->agent != NULL)
		return db_query(db,
		    "SELECT " COLUMNS " FROM intents WHERE ledger = ?1 AND agent = ?2 ORDER BY n",
		    DB_ARGS(db_text(want->name), db_text(want->agent)));
	states_bind(want->states, values);
	values[INTENT_STATE_MAX] = db_text(want->name);
	values[INTENT_STATE_MAX + 1] = db_text(want->agent);
	return db_query(db,
	    "SELECT " COLUMNS " FROM intents"
	    " WHERE state IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	    " AND (?10 IS NULL OR ledger = ?10) AND (?11 IS NULL OR agent = ?11)"
	    " ORDER BY begun_ms, n",
	    values, ARRAY_LEN(values));
}

bool
ledger_db_rows(struct db *db, const struct ledger_want *want, struct arena *a,
    struct intent ***rows, size_t *n)
{
	struct db_rows *found = rows_query(db, want);
	size_t cap = 0;
	void *grown;

	*rows = NULL;
	*n = 0;
	while (db_rows_next(found)) {
		grown =
		    *n == LEDGER_ROWS_MAX ? NULL : arena_grow(a, *rows, *n, &cap, sizeof(**rows));
		if (grown != NULL) {
			*rows = grown;
			(*rows)[*n] = arena_alloc(a, sizeof(***rows));
		}
		if (grown == NULL || (*rows)[*n] == NULL) {
			db_set_fault(db, DB_MEMORY);
			break;
		}
		if (!intent_read(db, found, a, (*rows)[*n]))
			break;
		(*n)++;
	}
	return db_rows_end(found);
}

bool
ledger_db_owner(
    struct db *db, const char *name, const char *request, struct arena *a, const char **agent)
{
	struct db_rows *rows = db_query(db,
	    "SELECT agent FROM intents WHERE ledger = ?1 AND request = ?2"
	    " UNION SELECT agent FROM intents WHERE ledger = ?1 AND before = ?2",
	    DB_ARGS(db_text(name), db_text(request)));

	*agent = db_rows_next(rows) ? db_rows_text(rows, 0, a) : NULL;
	return db_rows_end(rows);
}

bool
ledger_db_next(struct db *db, int64_t after, struct arena *a, struct intent *out, bool *there)
{
	struct db_rows *rows =
	    db_query(db, "SELECT " COLUMNS " FROM intents WHERE n > ?1 ORDER BY n LIMIT 1",
		DB_ARGS(db_integer(after)));

	*there = db_rows_next(rows);
	if (*there)
		(void)intent_read(db, rows, a, out);
	return db_rows_end(rows);
}

bool
ledger_db_counts(struct db *db, int64_t counts[INTENT_STATE_MAX], int64_t *oldest_open_ms)
{
	struct db_rows *rows = db_query(
	    db, "SELECT state, count(*), min(begun_ms) FROM intents GROUP BY state", NULL, 0);
	enum intent_state s;
	struct arena a;
	int64_t at_ms;

	memset(counts, 0, INTENT_STATE_MAX * sizeof(*counts));
	*oldest_open_ms = 0;
	arena_init(&a, 64 * 1024);
	while (db_rows_next(rows)) {
		if (!intent_state_read(db_rows_text(rows, 0, &a), &s)) {
			db_set_fault(db, DB_BROKEN);
			break;
		}
		counts[s] = db_rows_integer(rows, 1);
		at_ms = db_rows_integer(rows, 2);
		if (intent_is_open(s) && (*oldest_open_ms == 0 || at_ms < *oldest_open_ms))
			*oldest_open_ms = at_ms;
	}
	arena_clear(&a);
	return db_rows_end(rows);
}
