/*
 * snapshot.c: see snapshot.h. state_dir/agents-ROUTE.json has two lines: of what it is, and the
 * agents. The first has the second's digest and the key of the settings, so that neither half a
 * list nor another company's is ever answered. It is written beside and renamed, under a lock on
 * agents-ROUTE.lock that ends with its process.
 */
#include "adapter/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapter/run.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/text.h"
#include "format/json.h"
#include "hris/policy.h"

enum { SNAPSHOT_VERSION = 1, AHEAD_S = 300, STAMP_MAX = 32 };

static const char *
snapshot_path(struct arena *a, const char *state_dir, const char *route, const char *suffix)
{
	return arena_printf(a, "%s/agents-%s.%s", state_dir, route, suffix);
}

static enum gw_err
store_failed(struct hris *h, const char *what, const char *path)
{
	return fail(h->failure, CODE_GATEWAY_STORE, "%s of the list of agents, %s: %s", what,
	    path == NULL ? "" : path, strerror(errno));
}

/* [[id, email], ...]; an agent without e-mail is [id]. */
static bool
put_agents(struct buf *b, const struct agent *agents, size_t n)
{
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		buf_puts(b, i == 0 ? "[" : ",[");
		json_string(b, agents[i].id);
		if (agents[i].email != NULL) {
			buf_putc(b, ',');
			json_string(b, agents[i].email);
		}
		buf_putc(b, ']');
	}
	buf_puts(b, "]\n");
	return b->err == GW_OK;
}

static bool
digest_hex(const char *data, size_t len, struct buf *out)
{
	unsigned char digest[CRYPTO_SHA256_LEN];

	if (!crypto_sha256(data, len, digest))
		return false;
	hex_encode(out, digest, sizeof(digest));
	return out->err == GW_OK;
}

/* The whole file. */
static bool
put_file(struct hris *h, const struct agent *agents, size_t n, struct buf *out)
{
	struct value *head = value_object(h->arena);
	const char *key = hris_settings_key(h->arena, h->route);
	struct buf list, hex;
	bool good;

	buf_init(&list, LIMIT_ANSWER_STREAMED);
	buf_init(&hex, 2 * CRYPTO_SHA256_LEN);
	good = put_agents(&list, agents, n) && digest_hex(list.data, list.len, &hex) &&
	       value_set(h->arena, head, "version", value_integer(h->arena, SNAPSHOT_VERSION)) &&
	       value_set(h->arena, head, "key", value_text(h->arena, key == NULL ? "" : key)) &&
	       value_set(h->arena, head, "at", value_integer(h->arena, clock_wall_s(h->clock))) &&
	       value_set(h->arena, head, "n", value_integer(h->arena, (int64_t)n)) &&
	       value_set(h->arena, head, "sha256", value_text(h->arena, hex.data));
	if (good) {
		json_value(out, head);
		buf_putc(out, '\n');
		buf_put(out, list.data, list.len);
	}
	buf_clear(&list);
	buf_clear(&hex);
	return good && key != NULL && out->err == GW_OK;
}

/* A name that was made, or renamed, is there after a crash only if its folder is on the disk. */
static bool
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return good;
}

static enum gw_err
write_file(struct hris *h, const struct buf *data)
{
	const char *path = snapshot_path(h->arena, h->state_dir, h->route->name, "json");
	const char *beside = snapshot_path(h->arena, h->state_dir, h->route->name, "new");
	bool good;
	int fd;

	if (path == NULL || beside == NULL)
		return fail_memory(h->failure);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return store_failed(h, "writing", beside);
	good = fchmod(fd, S_IRUSR | S_IWUSR) == 0 && text_write(fd, data->data, data->len) &&
	       fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (good && rename(beside, path) == 0 && sync_folder(h->state_dir))
		return GW_OK;
	return store_failed(h, "writing", beside);
}

static enum gw_err
take_locked(struct hris *h, size_t *n)
{
	struct operation_in in = {0};
	struct operation_out out = {0};
	enum gw_err err = run_asked(h, OPERATION_AGENTS, &in, &out);
	struct buf data;

	*n = out.n_agents;
	if (err == GW_OK && out.n_agents == 0)
		err = fail(h->failure, CODE_HRIS_EMPTY, "the HRIS answered no employee at all");
	if (err != GW_OK)
		return err;
	buf_init(&data, LIMIT_ANSWER_STREAMED);
	err = put_file(h, out.agents, out.n_agents, &data) ? write_file(h, &data)
							   : fail_memory(h->failure);
	buf_clear(&data);
	return err;
}

enum gw_err
snapshot_take(struct hris *h, size_t *n, bool *busy)
{
	const char *path = snapshot_path(h->arena, h->state_dir, h->route->name, "lock");
	enum gw_err err = GW_OK;
	int fd;

	*n = 0;
	*busy = false;
	if (path == NULL)
		return fail_memory(h->failure);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return store_failed(h, "locking", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		err = take_locked(h, n);
	else if (errno == EWOULDBLOCK)
		*busy = true;
	else
		err = store_failed(h, "locking", path);
	(void)close(fd);
	return err;
}

bool
snapshot_due(const char *state_dir, const char *route, int64_t wall_s)
{
	struct arena a;
	struct stat st;
	const char *path;
	bool due;

	arena_init(&a, LIMIT_FILE);
	path = snapshot_path(&a, state_dir, route, "json");
	due = path == NULL || stat(path, &st) != 0 || wall_s - st.st_mtime >= SNAPSHOT_DUE_S;
	arena_clear(&a);
	return due;
}

static enum gw_err
damaged(struct hris *h)
{
	return fail(h->failure, CODE_GATEWAY_STORE,
	    "the list of agents in state_dir is damaged: hrisgw snapshot %s reads it anew",
	    h->route->name);
}

/* What the first line says, of a list that is whole. */
static enum gw_err
check_head(struct hris *h, const struct value *head, const char *list, size_t len)
{
	const char *key = hris_settings_key(h->arena, h->route),
		   *at = value_str(value_get(head, "at"));
	int64_t age_s;
	unsigned long s = 0;
	struct buf hex;
	bool whole;

	buf_init(&hex, 2 * CRYPTO_SHA256_LEN);
	whole = digest_hex(list, len, &hex) && text_equal(value_get_text(head, "sha256"), hex.data);
	buf_clear(&hex);
	if (!whole || at == NULL || !text_unsigned(at, (unsigned long)INT64_MAX, &s))
		return damaged(h);
	if (key == NULL)
		return fail_memory(h->failure);
	if (!text_equal(value_get_text(head, "key"), key))
		return fail(h->failure, CODE_HRIS_UNAVAILABLE,
		    "the settings have changed since the list of agents was read: hrisgw snapshot %s reads it anew",
		    h->route->name);
	age_s = clock_wall_s(h->clock) - (int64_t)s;
	if (age_s > SNAPSHOT_OLD_S || age_s < -AHEAD_S)
		return fail(h->failure, CODE_HRIS_UNAVAILABLE,
		    "the list of agents was read %lld hours ago, and may be %d old at most: hrisgw snapshot %s reads it anew",
		    (long long)age_s / 3600, SNAPSHOT_OLD_S / 3600, h->route->name);
	return GW_OK;
}

static bool
take_agents(struct hris *h, const struct value *list, struct operation_out *out)
{
	const struct value *row;
	size_t i;

	if (!value_is(list, VALUE_LIST))
		return false;
	out->agents = arena_array(h->arena, list->n + 1, sizeof(*out->agents));
	for (i = 0; out->agents != NULL && i < list->n; i++) {
		row = value_at(list, i);
		if (!value_is(row, VALUE_LIST) || row->n < 1 || row->n > 2)
			return false;
		out->agents[i].id = value_str(value_at(row, 0));
		out->agents[i].email = row->n < 2 ? NULL : value_str(value_at(row, 1));
	}
	out->n_agents = list->n;
	return out->agents != NULL;
}

enum gw_err
snapshot_read(struct hris *h, struct operation_out *out)
{
	const char *path = snapshot_path(h->arena, h->state_dir, h->route->name, "json"), *list;
	struct value *head, *agents;
	char why[160], *text;
	enum gw_err err;
	size_t len = 0;

	text = path == NULL ? NULL : text_read_file(h->arena, path, LIMIT_ANSWER_STREAMED, &len);
	if (text == NULL && path != NULL && errno == ENOENT)
		return fail(h->failure, CODE_HRIS_UNAVAILABLE,
		    "no list of agents was read yet: hrisgw snapshot %s reads it", h->route->name);
	if (text == NULL)
		return store_failed(h, "reading", path);
	list = memchr(text, '\n', len);
	if (list == NULL)
		return damaged(h);
	list++;
	head = json_parse(h->arena, text, (size_t)(list - text), &json_answer, why, sizeof(why));
	len -= (size_t)(list - text);
	err = check_head(h, head, list, len);
	if (err != GW_OK)
		return err;
	agents = json_parse(h->arena, list, len, &json_answer, why, sizeof(why));
	return take_agents(h, agents, out) ? GW_OK : damaged(h);
}
