/* chain.c: see chain.h. */
#include "ledger/chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char removed_event[] = "removed";

struct link {
	int64_t n, at_ms, intent;
	const char *event;
	unsigned char content[LEDGER_HMAC], hash[LEDGER_HMAC];
};

bool
chain_seal(const struct ledger_key *k, const struct ledger_base *base,
    unsigned char out[static LEDGER_HMAC])
{
	struct key_mac m;

	m.n = 0;
	key_mac_text(&m, "seal");
	key_mac_number(&m, base->look_until);
	key_mac_number(&m, base->head.n);
	key_mac_bytes(&m, base->head.hash, LEDGER_HMAC);
	return key_mac_end(&m, k->chain, out);
}

/* What the link's hash must be after one with that hash. */
static bool
link_hash(const struct ledger_key *k, const struct link *l,
    const unsigned char before[static LEDGER_HMAC], unsigned char out[static LEDGER_HMAC])
{
	struct key_mac m;

	m.n = 0;
	key_mac_text(&m, "link");
	key_mac_bytes(&m, before, LEDGER_HMAC);
	key_mac_number(&m, l->n);
	key_mac_number(&m, l->at_ms);
	key_mac_text(&m, l->event);
	key_mac_number(&m, l->intent);
	key_mac_bytes(&m, l->content, LEDGER_HMAC);
	return key_mac_end(&m, k->chain, out);
}

bool
chain_head(struct db *db, struct chain_head *out)
{
	struct db_rows *rows =
	    db_query(db, "SELECT n, hash FROM links ORDER BY n DESC LIMIT 1", NULL, 0);
	struct ledger_base base;
	bool there = db_rows_next(rows);

	if (there) {
		out->n = db_rows_integer(rows, 0);
		ledger_db_hmac(db, rows, 1, out->hash);
	}
	if (!db_rows_end(rows))
		return false;
	if (!there) {
		if (!ledger_db_base(db, &base))
			return false;
		*out = base.head;
	}
	return true;
}

bool
chain_at(struct db *db, int64_t n, unsigned char hash[static LEDGER_HMAC], bool *there)
{
	struct db_rows *rows = db_query(db,
	    "SELECT hash FROM links WHERE n = ?1 UNION ALL SELECT hash FROM ledger WHERE base = ?1",
	    DB_ARGS(db_integer(n)));

	*there = db_rows_next(rows);
	if (*there)
		ledger_db_hmac(db, rows, 0, hash);
	return db_rows_end(rows);
}

bool
chain_add(struct db *db, const struct ledger_key *k, const struct intent *i, const char *event,
    int64_t at_ms, bool gone)
{
	struct link l = {.at_ms = at_ms, .intent = i->n, .event = gone ? removed_event : event};
	struct chain_head head;

	if (!chain_head(db, &head))
		return false;
	l.n = head.n + 1;
	if ((!gone && !ledger_key_content(k, i, l.content)) ||
	    !link_hash(k, &l, head.hash, l.hash)) {
		db_set_fault(db, DB_MEMORY);
		return false;
	}
	return db_run(db,
	    "INSERT INTO links (n, at_ms, event, intent, content, hash)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	    DB_ARGS(db_integer(l.n), db_integer(l.at_ms), db_text(l.event), db_integer(l.intent),
		db_blob(l.content, LEDGER_HMAC), db_blob(l.hash, LEDGER_HMAC)));
}

static int64_t
number_of(struct db *db, const char *sql)
{
	struct db_rows *rows = db_query(db, sql, NULL, 0);
	int64_t n = db_rows_next(rows) && !db_rows_null(rows, 0) ? db_rows_integer(rows, 0) : -1;

	(void)db_rows_end(rows);
	return n;
}

/* The first link of any row that is there yet; -1: there is no row. */
static int64_t
first_needed(struct db *db)
{
	return number_of(db,
	    "SELECT min(n) FROM"
	    " (SELECT max(links.n) AS n FROM intents JOIN links ON links.intent = intents.n"
	    "  GROUP BY intents.n)");
}

bool
chain_forget(struct db *db, const struct ledger_key *k, int64_t n)
{
	int64_t needed = first_needed(db);
	struct ledger_base base;
	bool there;

	if (needed > 0 && n >= needed)
		n = needed - 1;
	if (!ledger_db_base(db, &base) || n <= base.head.n)
		return db_fault(db) == DB_FINE;
	base.head.n = n;
	if (!chain_at(db, n, base.head.hash, &there) || !there)
		return false;
	if (!chain_seal(k, &base, base.seal)) {
		db_set_fault(db, DB_MEMORY);
		return false;
	}
	return ledger_db_set_base(db, &base) &&
	       db_run(db, "DELETE FROM links WHERE n <= ?1", DB_ARGS(db_integer(n)));
}

/* --- verifying --- */

static void __attribute__((format(printf, 3, 4)))
differs(struct chain_report *r, struct arena *a, const char *fmt, ...)
{
	char text[200];
	const char *kept;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kept = r->n_faults < CHAIN_FAULTS ? arena_strdup(a, text) : NULL;
	if (r->n_faults < CHAIN_FAULTS)
		r->faults[r->n_faults] = kept == NULL ? "out of memory" : kept;
	r->n_faults++;
}

static void
link_read(struct db *db, struct db_rows *rows, struct arena *a, struct link *out)
{
	struct buf event;

	*out = (struct link){.n = db_rows_integer(rows, 0),
	    .at_ms = db_rows_integer(rows, 1),
	    .intent = db_rows_integer(rows, 3)};
	buf_init(&event, 4096);
	db_rows_blob(rows, 2, &event);
	out->event = arena_strdup(a, event.data);
	if (!buf_whole(&event, a) || out->event == NULL || strlen(event.data) != event.len)
		db_set_fault(db, a->failed ? DB_MEMORY : DB_BROKEN);
	buf_clear(&event);
	ledger_db_hmac(db, rows, 4, out->content);
	ledger_db_hmac(db, rows, 5, out->hash);
}

/* It follows from the one before it. */
static void
verify_link(struct db *db, const struct ledger_key *k, struct arena *a, const struct link *l,
    struct chain_report *r)
{
	unsigned char hash[LEDGER_HMAC];

	if (db_fault(db) != DB_FINE) {
		db_forgive(db);
		differs(r, a, "link %lld is damaged", (long long)l->n);
	} else if (l->n != r->head.n + 1)
		differs(r, a, "links %lld to %lld are gone", (long long)r->head.n + 1,
		    (long long)l->n - 1);
	else if (!link_hash(k, l, r->head.hash, hash))
		db_set_fault(db, DB_MEMORY);
	else if (!crypto_equal(hash, l->hash, LEDGER_HMAC))
		differs(r, a, "link %lld was changed, or the one before it", (long long)l->n);
	r->head.n = l->n;
	memcpy(r->head.hash, l->hash, LEDGER_HMAC);
}

/* Short memory is no damage: it ends the pass. */
static void
verify_links(struct db *db, const struct ledger_key *k, struct arena *a, struct chain_report *r)
{
	struct db_rows *rows = db_query(
	    db, "SELECT n, at_ms, event, intent, content, hash FROM links ORDER BY n", NULL, 0);
	struct arena line;
	struct link l;

	while (db_fault(db) != DB_MEMORY && db_rows_next(rows)) {
		arena_init(&line, 64 * 1024);
		link_read(db, rows, &line, &l);
		r->links++;
		if (db_fault(db) != DB_MEMORY)
			verify_link(db, k, a, &l, r);
		arena_clear(&line);
	}
	(void)db_rows_end(rows);
}

/* The last link of a row says how the row must be. */
static void
verify_row(struct db *db, const struct ledger_key *k, struct arena *a, const struct intent *i,
    struct chain_report *r)
{
	unsigned char content[LEDGER_HMAC], linked[LEDGER_HMAC];
	struct db_rows *rows =
	    db_query(db, "SELECT content FROM links WHERE intent = ?1 ORDER BY n DESC LIMIT 1",
		DB_ARGS(db_integer(i->n)));
	bool there = db_rows_next(rows);

	if (there)
		ledger_db_hmac(db, rows, 0, linked);
	if (!db_rows_end(rows) && db_fault(db) != DB_MEMORY) {
		db_forgive(db);
		there = false;
	}
	if (db_fault(db) != DB_FINE)
		return;
	if (!there)
		differs(r, a, "row %lld was never written by the gateway", (long long)i->n);
	else if (!ledger_key_content(k, i, content))
		db_set_fault(db, DB_MEMORY);
	else if (!crypto_equal(content, linked, LEDGER_HMAC))
		differs(r, a, "row %lld was changed", (long long)i->n);
}

static void
verify_rows(struct db *db, const struct ledger_key *k, struct arena *a, struct chain_report *r)
{
	struct intent i = {.n = INT64_MIN};
	bool there = true;
	struct arena line;
	int64_t after;

	while (there && db_fault(db) == DB_FINE) {
		after = i.n;
		arena_init(&line, 64 * 1024 * 1024);
		if (ledger_db_next(db, after, &line, &i, &there) && there) {
			r->rows++;
			verify_row(db, k, a, &i, r);
		} else if (there && i.n > after && db_fault(db) != DB_MEMORY) {
			/* One that cannot be read does not hide the others. */
			db_forgive(db);
			r->rows++;
			differs(r, a, "row %lld is damaged", (long long)i.n);
		}
		arena_clear(&line);
	}
}

/* Rows that the chain knows, and that nobody removed by the gateway's hand. */
static void
verify_removed(struct db *db, struct arena *a, struct chain_report *r)
{
	struct db_rows *rows = db_query(db,
	    "SELECT intent FROM links AS last"
	    " WHERE n = (SELECT max(n) FROM links WHERE intent = last.intent)"
	    " AND event <> ?1 AND intent NOT IN (SELECT n FROM intents)",
	    DB_ARGS(db_text(removed_event)));

	while (db_rows_next(rows))
		differs(r, a, "row %lld is gone", (long long)db_rows_integer(rows, 0));
	(void)db_rows_end(rows);
}

/* What SQLite itself finds, and what could act on rows by itself. */
static void
verify_file(struct db *db, struct arena *a, struct chain_report *r)
{
	struct db_rows *rows = db_query(db, "PRAGMA integrity_check(5)", NULL, 0);
	const char *words;

	while (db_rows_next(rows)) {
		words = db_rows_text(rows, 0, a);
		if (words != NULL && strcmp(words, "ok") != 0)
			differs(r, a, "ledger.db: %s", words);
	}
	(void)db_rows_end(rows);
	if (number_of(
		db, "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')") > 0)
		differs(r, a, "ledger.db has triggers or views that are not the gateway's");
}

bool
chain_verify(struct db *db, const struct ledger_key *k, struct arena *a, struct chain_report *out)
{
	unsigned char seal[LEDGER_HMAC];
	struct ledger_base base;

	*out = (struct chain_report){.links = 0};
	verify_file(db, a, out);
	if (!ledger_db_base(db, &base) || !chain_seal(k, &base, seal))
		return false;
	if (!crypto_equal(seal, base.seal, LEDGER_HMAC))
		differs(out, a, "the ledger's beginning was changed");
	out->head = base.head;
	verify_links(db, k, a, out);
	verify_rows(db, k, a, out);
	verify_removed(db, a, out);
	return db_fault(db) == DB_FINE;
}
