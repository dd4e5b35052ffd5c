/*
 * ledger_files.c: see ledger_files.h. The first start makes ledger.key.new, then ledger.db, whole,
 * then gives the key its name: after a crash in between the next start finishes it, as the seal in
 * ledger.db shows that the two belong together. Replacing leaves a mark until it is done.
 */
#include "ledger/ledger_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/user.h"
#include "ledger/anchor.h"
#include "ledger/chain.h"
#include "ledger/local_disk.h"

enum { RENEW_TRIES = 20 };

struct paths {
	const struct ledger_where *where;
	char db[PATH_MAX], wal[PATH_MAX], shm[PATH_MAX];
	char key[PATH_MAX], key_new[PATH_MAX];
	char mark[PATH_MAX]; /* there while the two are replaced */
};

static bool
paths_init(struct paths *p, const struct ledger_where *where, char *why, size_t why_max)
{
	const struct {
		char *to;
		const char *name;
	} all[] = {{p->db, "ledger.db"}, {p->wal, "ledger.db-wal"}, {p->shm, "ledger.db-shm"},
	    {p->key, "ledger.key"}, {p->key_new, "ledger.key.new"}, {p->mark, "ledger.replacing"}};
	size_t i;
	int n;

	p->where = where;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		n = snprintf(all[i].to, PATH_MAX, "%s/%s", where->state_dir, all[i].name);
		if (n < 0 || n >= PATH_MAX) {
			(void)snprintf(why, why_max, "state_dir is too long a path");
			return false;
		}
	}
	return true;
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0 || errno != ENOENT;
}

/* An anchor is left of a ledger that was. */
static bool
is_anchored(const struct paths *p)
{
	return p->where->anchor != NULL && is_there(p->where->anchor);
}

/* -1 with why. */
static int
folder_lock(const char *path, char *why, size_t why_max)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = -1;

	if (fd >= 0) {
		do
			rc = flock(fd, LOCK_EX);
		while (rc != 0 && errno == EINTR);
	}
	if (rc == 0)
		return fd;
	(void)snprintf(why, why_max, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* --- opening; the functions return false with why --- */

static bool
damaged(const struct paths *p, const struct db *db, char *why, size_t why_max)
{
	(void)snprintf(why, why_max,
	    "%s is damaged (%s); bring a whole one back, or begin anew with hrisgw ledger new --look-until DATE",
	    p->db, db_words(db));
	return false;
}

static bool
anchor_agrees(const struct paths *p, struct ledger_files *f, char *why, size_t why_max)
{
	unsigned char hash[LEDGER_HMAC];
	bool there = false;

	if (p->where->anchor == NULL)
		return true;
	if (!anchor_read(p->where->anchor, &f->anchored, &there, why, why_max))
		return false;
	if (!there)
		return true;
	if (f->anchored.n > f->head.n) {
		(void)snprintf(why, why_max,
		    "%s ends at link %lld, but %s knows link %lld: the last writes are missing in it; bring the newer one back, or begin anew with hrisgw ledger new --look-until DATE",
		    p->db, (long long)f->head.n, p->where->anchor, (long long)f->anchored.n);
		return false;
	}
	if (!chain_at(f->db, f->anchored.n, hash, &there))
		return damaged(p, f->db, why, why_max);
	if (there && crypto_equal(hash, f->anchored.hash, LEDGER_HMAC))
		return true;
	(void)snprintf(why, why_max,
	    "%s is not the ledger that %s belongs to; bring that one back, or begin anew with hrisgw ledger new --look-until DATE",
	    p->db, p->where->anchor);
	return false;
}

/* Do key and ledger belong together? */
static bool
seal_agrees(const struct paths *p, struct ledger_files *f, char *why, size_t why_max)
{
	unsigned char seal[LEDGER_HMAC];

	if (!ledger_db_base(f->db, &f->base) || !chain_head(f->db, &f->head))
		return damaged(p, f->db, why, why_max);
	if (!chain_seal(&f->key, &f->base, seal)) {
		(void)snprintf(why, why_max, "out of memory");
		return false;
	}
	if (crypto_equal(seal, f->base.seal, LEDGER_HMAC))
		return true;
	(void)snprintf(why, why_max,
	    "ledger.key and %s do not belong together; bring back the two that do, or begin anew with hrisgw ledger new --look-until DATE",
	    p->db);
	return false;
}

/* What is there and another user's is given back, not begun anew. */
static bool
is_ours(const char *path, int mode, char *why, size_t why_max)
{
	char reason[USER_REASON];

	if (access(path, mode) == 0 || errno != EACCES)
		return true;
	user_open_reason(path, EACCES, reason);
	(void)snprintf(why, why_max, "%s: %s", path, reason);
	return false;
}

static bool
pair_open(const struct paths *p, const char *key, struct ledger_files *f, char *why, size_t why_max)
{
	struct stat st;
	char inner[300];
	bool gone;

	if (!is_ours(key, R_OK, why, why_max) || !is_ours(p->db, R_OK | W_OK, why, why_max))
		return false;
	if (!ledger_key_read(key, &f->key, inner, sizeof(inner))) {
		(void)snprintf(why, why_max,
		    "%s; bring it back, or begin anew with hrisgw ledger new --look-until DATE",
		    inner);
		return false;
	}
	if (stat(p->db, &st) != 0) {
		(void)snprintf(why, why_max, "%s: %s", p->db, strerror(errno));
		return false;
	}
	f->device = st.st_dev;
	f->inode = st.st_ino;
	f->db = ledger_db_open(p->db, &gone, inner, sizeof(inner));
	if (f->db == NULL) {
		(void)snprintf(why, why_max,
		    "%s; bring a whole one back, or begin anew with hrisgw ledger new --look-until DATE",
		    inner);
		return false;
	}
	if (ledger_files_same(f, p->where->state_dir))
		return seal_agrees(p, f, why, why_max) && anchor_agrees(p, f, why, why_max);
	(void)snprintf(why, why_max, "%s is being replaced", p->db);
	return false;
}

void
ledger_files_close(struct ledger_files *f)
{
	db_close(f->db);
	ledger_key_wipe(&f->key);
	*f = (struct ledger_files){.db = NULL};
}

bool
ledger_files_same(const struct ledger_files *f, const char *state_dir)
{
	char path[PATH_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/ledger.db", state_dir);
	return stat(path, &st) == 0 && st.st_dev == f->device && st.st_ino == f->inode;
}

bool
ledger_files_keyed(const struct ledger_files *f, const char *state_dir, char *why, size_t why_max)
{
	char path[PATH_MAX], inner[300] = "ledger.key is another one";
	struct ledger_key key;
	bool same;

	(void)snprintf(path, sizeof(path), "%s/ledger.key", state_dir);
	same = ledger_key_read(path, &key, inner, sizeof(inner)) &&
	       crypto_equal(key.chain, f->key.chain, LEDGER_HMAC);
	ledger_key_wipe(&key);
	if (!same)
		(void)snprintf(why, why_max,
		    "%s: this process still writes, but after a restart every write is refused unless the key that belongs to %s/ledger.db is back; where it is lost, begin anew with hrisgw ledger new --look-until DATE",
		    inner, state_dir);
	return same;
}

/* --- making --- */

static bool
folder_sync(const struct paths *p, int folder, char *why, size_t why_max)
{
	if (fsync(folder) == 0)
		return true;
	(void)snprintf(why, why_max, "%s: %s", p->where->state_dir, strerror(errno));
	return false;
}

static bool
file_rename(const char *from, const char *to, char *why, size_t why_max)
{
	if (rename(from, to) == 0 || errno == ENOENT)
		return true;
	(void)snprintf(why, why_max, "%s: %s", to, strerror(errno));
	return false;
}

/* Both, where neither is there. The folder is locked. */
static bool
pair_make(const struct paths *p, int folder, int32_t look_until, char *why, size_t why_max)
{
	struct ledger_base base = {.look_until = look_until};
	struct ledger_key key;
	bool ok;

	if (!ledger_key_make(p->key_new, p->where->clock, &key, why, why_max))
		return false;
	db_give(p->key_new, p->where->state_dir);
	/* The chain begins with chance, so that no two ledgers are taken for each other. */
	ok = clock_random(p->where->clock, base.head.hash, LEDGER_HMAC) &&
	     chain_seal(&key, &base, base.seal);
	ledger_key_wipe(&key);
	if (!ok) {
		(void)snprintf(why, why_max, "cannot make %s: out of memory", p->db);
		return false;
	}
	return ledger_db_make(p->db, &base, why, why_max) && folder_sync(p, folder, why, why_max) &&
	       file_rename(p->key_new, p->key, why, why_max) &&
	       folder_sync(p, folder, why, why_max);
}

/* After a crash between ledger.db and the key's name. */
static bool
pair_finish(const struct paths *p, int folder, struct ledger_files *f, char *why, size_t why_max)
{
	return pair_open(p, p->key_new, f, why, why_max) &&
	       file_rename(p->key_new, p->key, why, why_max) &&
	       folder_sync(p, folder, why, why_max);
}

/* folder -1: it is not locked, and nothing is made. */
static enum ledger_found
files_try(const struct paths *p, int folder, struct ledger_files *f, char *why, size_t why_max)
{
	bool key = is_there(p->key), db = is_there(p->db), ok = true;

	if (is_there(p->mark)) {
		(void)snprintf(why, why_max,
		    "%s is there: hrisgw ledger new was interrupted; run it again", p->mark);
		return LEDGER_UNFIT;
	}
	if (!key && db && folder >= 0 && is_there(p->key_new))
		return pair_finish(p, folder, f, why, why_max) ? LEDGER_OPENED : LEDGER_UNFIT;
	if (!key && !db && is_anchored(p)) {
		(void)snprintf(why, why_max,
		    "%s is there, but the ledger that it belongs to is not; bring ledger.db and ledger.key back, or begin anew with hrisgw ledger new --look-until DATE",
		    p->where->anchor);
		return LEDGER_UNFIT;
	}
	if (!key && !db && folder < 0) {
		(void)snprintf(why, why_max, "there is no ledger yet");
		return LEDGER_NEITHER;
	}
	if (!key && !db)
		ok = pair_make(p, folder, 0, why, why_max);
	else if (!db) {
		(void)snprintf(why, why_max,
		    "ledger.key is there, but %s is not: what was written is not known; bring it back, or begin anew with hrisgw ledger new --look-until DATE",
		    p->db);
		ok = false;
	} else if (!key) {
		(void)snprintf(why, why_max,
		    "%s is there, but ledger.key is not: it cannot be used without; bring it back, or begin anew with hrisgw ledger new --look-until DATE",
		    p->db);
		ok = false;
	}
	return ok && pair_open(p, p->key, f, why, why_max) ? LEDGER_OPENED : LEDGER_UNFIT;
}

enum ledger_found
ledger_files_open(const struct ledger_where *where, bool make, struct ledger_files *out, char *why,
    size_t why_max)
{
	enum ledger_found found;
	struct paths p;
	int folder;

	*out = (struct ledger_files){.db = NULL};
	if (!paths_init(&p, where, why, why_max) || !local_disk(where->state_dir, why, why_max))
		return LEDGER_UNFIT;
	found = files_try(&p, -1, out, why, why_max);
	if (found != LEDGER_OPENED && make) {
		/* Others may be making or replacing it. */
		ledger_files_close(out);
		folder = folder_lock(where->state_dir, why, why_max);
		if (folder < 0)
			return LEDGER_UNFIT;
		found = files_try(&p, folder, out, why, why_max);
		(void)close(folder);
	}
	if (found != LEDGER_OPENED)
		ledger_files_close(out);
	return found;
}

bool
ledger_files_there(const struct ledger_where *where)
{
	struct paths p;
	char why[64];

	return paths_init(&p, where, why, sizeof(why)) &&
	       (is_there(p.key) || is_there(p.db) || is_there(p.mark) || is_anchored(&p));
}

/* --- replacing --- */

/* A write transaction on what is there: nobody writes to it any more. NULL: it does not work
 * anyhow. *busy: somebody does. */
static struct db *
old_hold(const struct paths *p, bool *busy)
{
	char why[300];
	struct db *db;
	bool gone, held = false;
	int i;

	*busy = false;
	db = ledger_db_open(p->db, &gone, why, sizeof(why));
	for (i = 0; i < RENEW_TRIES && db != NULL && !held; i++) {
		held = db_begin(db, true);
		*busy = db_fault(db) == DB_BUSY;
		if (!held && !*busy)
			break;
		db_forgive(db);
	}
	return db;
}

/* Under its name and the time; what is not there is left out. */
static bool
old_rename(
    const char *path, const char *base, const char *end, int64_t at_s, char *why, size_t why_max)
{
	char to[PATH_MAX];

	if (snprintf(to, sizeof(to), "%s.%lld%s", base, (long long)at_s, end) >= PATH_MAX) {
		(void)snprintf(why, why_max, "state_dir is too long a path");
		return false;
	}
	return file_rename(path, to, why, why_max);
}

static bool
old_put_aside(const struct paths *p, char *why, size_t why_max)
{
	int64_t at_s = clock_wall_s(p->where->clock);

	return old_rename(p->db, p->db, "", at_s, why, why_max) &&
	       old_rename(p->wal, p->db, "-wal", at_s, why, why_max) &&
	       (unlink(p->shm) == 0 || errno == ENOENT) &&
	       old_rename(p->key, p->key, "", at_s, why, why_max);
}

static bool
mark_put(const struct paths *p, int folder, char *why, size_t why_max)
{
	int fd = open(p->mark, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)close(fd);
		return folder_sync(p, folder, why, why_max);
	}
	(void)snprintf(why, why_max, "%s: %s", p->mark, strerror(errno));
	return false;
}

static bool
mark_remove(const struct paths *p, int folder, char *why, size_t why_max)
{
	if (unlink(p->mark) == 0)
		return folder_sync(p, folder, why, why_max);
	(void)snprintf(why, why_max, "%s: %s", p->mark, strerror(errno));
	return false;
}

/* The new one's beginning takes the place of what the anchor knew. */
static bool
anchor_renew(const struct paths *p, char *why, size_t why_max)
{
	struct ledger_files f = {.db = NULL};
	struct paths without = *p;
	struct ledger_where where = *p->where;
	bool ok;

	if (where.anchor == NULL)
		return true;
	where.anchor = NULL;
	without.where = &where;
	ok = pair_open(&without, p->key, &f, why, why_max) &&
	     anchor_write(p->where->anchor, p->where->state_dir, &f.base.head, why, why_max);
	ledger_files_close(&f);
	return ok;
}

bool
ledger_files_renew(const struct ledger_where *where, int32_t look_until, char *why, size_t why_max)
{
	struct paths p;
	bool busy, ok;
	struct db *old;
	int folder;

	if (!paths_init(&p, where, why, why_max) || !local_disk(where->state_dir, why, why_max))
		return false;
	folder = folder_lock(where->state_dir, why, why_max);
	if (folder < 0)
		return false;
	old = old_hold(&p, &busy);
	if (busy)
		(void)snprintf(why, why_max, "another process keeps %s locked", p.db);
	ok = !busy && mark_put(&p, folder, why, why_max) && old_put_aside(&p, why, why_max) &&
	     pair_make(&p, folder, look_until, why, why_max) && anchor_renew(&p, why, why_max) &&
	     mark_remove(&p, folder, why, why_max);
	if (old != NULL)
		db_rollback(old);
	db_close(old);
	(void)close(folder);
	return ok;
}
