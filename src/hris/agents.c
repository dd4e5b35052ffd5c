/*
 * agents.c: the whole list or an error. Genesys unlinks every agent that is missing, so
 * whatever smells of half a list is refused, with the route's limit that lets it pass. E-mails are
 * typed by people: what is no address is none.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "engine/task.h"
#include "hris/policy.h"

enum { AGENTS_BREATH = 256 }; /* agents between two breaths */

static const char count_space[] = "agents";

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct agent *)a)->id, ((const struct agent *)b)->id);
}

static int
compare_emails(const void *a, const void *b)
{
	return strcasecmp(((const struct agent *)a)->email, ((const struct agent *)b)->email);
}

/* Labels between dots (RFC 5321 section 2.3.5; 6531: or beyond ASCII). */
static bool
address_domain(const char *s)
{
	char before = '.';

	for (; *s != '\0'; before = *s++) {
		if (*s == '.' || *s == '-') {
			if (before == '.' || (before == '-' && *s == '.'))
				return false;
		} else if (!text_is_alnum(*s) && (unsigned char)*s < 0x80)
			return false;
	}
	return before != '.' && before != '-';
}

/*
 * The address that a person typed, without what nobody sees in it (Genesys wants it exact); NULL
 * where it is none: "n/a", "-@-", two addresses, a character lost. False: out of memory.
 */
static bool
agent_address(struct arena *a, const char *typed, const char **out)
{
	const char *s, *next, *end, *at;
	bool plain = true;
	char *address, *p;
	enum text_blank blank;
	size_t len;

	*out = NULL;
	if (typed == NULL)
		return true;
	s = text_trim(typed, &len);
	address = p = arena_alloc(a, len + 1);
	if (address == NULL)
		return false;
	for (next = s, end = s + len; next < end; s = next) {
		blank = text_blank(text_next(&next));
		if (blank != TEXT_NO_WIDTH)
			p = mempcpy(p, s, (size_t)(next - s));
		plain = plain && blank != TEXT_SPACE;
	}
	*p = '\0';
	at = strchr(address, '@');
	if (plain && at != NULL && at != address && address_domain(at + 1) &&
	    strpbrk(address, "<>()[]:;,\\\"") == NULL && strstr(address, TEXT_REPLACEMENT) == NULL)
		*out = address;
	return true;
}

/* A long list is sorted in one go, after others had their turn. */
static void
agents_sort(struct agent *agents, size_t n, int (*compare)(const void *, const void *))
{
	task_breathe();
	if (n > 1)
		qsort(agents, n, sizeof(*agents), compare);
	task_breathe();
}

/* Equal records count once; one id with different content is a fault. */
static enum gw_err
agents_unique(struct hris *h, struct agent *agents, size_t *n)
{
	size_t i, kept = 0;

	agents_sort(agents, *n, compare_ids);
	for (i = 0; i < *n; i++) {
		if (kept == 0 || strcmp(agents[kept - 1].id, agents[i].id) != 0) {
			agents[kept++] = agents[i];
			continue;
		}
		if (!text_equal(agents[kept - 1].email, agents[i].email))
			return fail(h->failure, CODE_HRIS_ANSWER,
			    "employee %s is listed twice, with different e-mails", agents[i].id);
	}
	*n = kept;
	return GW_OK;
}

static bool
agent_excluded(const struct route *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->n_agents_exclude; i++) {
		if (strcmp(r->agents_exclude[i], id) == 0)
			return true;
	}
	return false;
}

static int
compare_overrides(const void *id, const void *override)
{
	return strcmp(id, ((const struct email_override *) override)->id);
}

/* E-mails become addresses. */
static enum gw_err
agents_addresses(struct hris *h, struct agent *agents, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!agent_address(h->arena, agents[i].email, &agents[i].email))
			return fail_memory(h->failure);
		if (i % AGENTS_BREATH == 0)
			task_breathe();
	}
	return GW_OK;
}

/* Excluded ones leave; overridden e-mails are put in. */
static enum gw_err
agents_by_route(struct hris *h, struct agent *agents, size_t *n)
{
	const struct route *r = h->route;
	const struct email_override *o;
	size_t i, kept = 0;

	for (i = 0; i < *n; i++) {
		if (agent_excluded(r, agents[i].id))
			continue;
		o = r->n_email_overrides == 0
			? NULL
			: bsearch(agents[i].id, r->email_overrides, r->n_email_overrides,
			      sizeof(*o), compare_overrides);
		if (o != NULL && !agent_address(h->arena, o->email, &agents[i].email))
			return fail_memory(h->failure);
		agents[kept++] = agents[i];
	}
	*n = kept;
	return GW_OK;
}

static enum gw_err
agents_with_email(struct hris *h, struct agent *agents, size_t *n, size_t *skipped)
{
	const struct route *r = h->route;
	size_t i, kept = 0, all = *n;

	for (i = 0; i < all; i++) {
		if (strlen(agents[i].id) > LIMIT_ID)
			return fail(h->failure, CODE_HRIS_ANSWER,
			    "an employee's id is longer than %d bytes", LIMIT_ID);
		if (agents[i].email != NULL)
			agents[kept++] = agents[i];
	}
	*skipped = all - kept;
	*n = kept;
	if (kept == 0)
		return fail(h->failure, CODE_HRIS_NO_EMAIL,
		    "none of the %zu employees has an e-mail address: may the credentials see it?",
		    all);
	if (*skipped * 100 > all * (size_t)r->agents_no_email_percent)
		return fail(h->failure, CODE_HRIS_NO_EMAIL,
		    "%zu of %zu employees have no e-mail, more than %lld %% (agents: no_email_percent raises this)",
		    *skipped, all, (long long)r->agents_no_email_percent);
	return GW_OK;
}

static enum gw_err
agents_distinct_emails(struct hris *h, struct agent *agents, size_t n)
{
	size_t i;

	agents_sort(agents, n, compare_emails);
	for (i = 1; i < n; i++) {
		if (strcasecmp(agents[i - 1].email, agents[i].email) == 0)
			return fail(h->failure, CODE_HRIS_DUPLICATE_EMAIL,
			    "employees %s and %s have the same e-mail; agents: exclude or email_overrides keeps them apart",
			    agents[i - 1].id, agents[i].id);
	}
	agents_sort(agents, n, compare_ids);
	return GW_OK;
}

/* Against the last answer that was good. */
static enum gw_err
agents_compare_last(struct hris *h, size_t n)
{
	unsigned long last = 0;
	bool found = false;
	struct buf b;
	enum gw_err err;

	if (h->store == NULL)
		return GW_OK;
	buf_init(&b, 64);
	err = store_get(h->store, count_space, h->route->name, clock_wall_s(h->clock), &b, &found);
	if (err == GW_OK && found && !text_unsigned(b.data, LIMIT_AGENTS * 10UL, &last))
		last = 0;
	buf_clear(&b);
	if (err != GW_OK)
		return fail(h->failure, store_fault(), "the last number of agents cannot be read");
	if (n * 100 < last * (unsigned long)(100 - h->route->agents_fewer_percent))
		return fail(h->failure, CODE_HRIS_FEWER_AGENTS,
		    "%zu agents after %lu last time, a loss of more than %lld %% (agents: fewer_percent raises this)",
		    n, last, (long long)h->route->agents_fewer_percent);
	return GW_OK;
}

static enum gw_err
agents_keep_count(struct hris *h, size_t n)
{
	char digits[24];
	struct buf b;
	enum gw_err err;

	if (h->store == NULL)
		return GW_OK;
	buf_init(&b, sizeof(digits));
	buf_printf(&b, "%zu", n);
	err = b.err;
	if (err == GW_OK)
		err = store_put(h->store, count_space, h->route->name, b.data, b.len, 0);
	buf_clear(&b);
	return err == GW_OK
		   ? GW_OK
		   : fail(h->failure, store_fault(), "the number of agents cannot be written");
}

enum gw_err
hris_agents(struct hris *h, struct agents_result *out)
{
	struct operation_in in = {0};
	struct operation_out answer = {0};
	enum gw_err err = h->driver->run(h, OPERATION_AGENTS, &in, &answer);
	size_t n = answer.n_agents;

	*out = (struct agents_result){0};
	if (err == GW_OK && n == 0)
		err = fail(h->failure, CODE_HRIS_EMPTY, "the HRIS answered no employee at all");
	if (err == GW_OK)
		err = agents_addresses(h, answer.agents, n);
	if (err == GW_OK)
		err = agents_unique(h, answer.agents, &n);
	if (err == GW_OK)
		err = agents_by_route(h, answer.agents, &n);
	if (err != GW_OK)
		return err;
	if (n == 0)
		return fail(h->failure, CODE_HRIS_EMPTY, "agents: exclude leaves no employee");
	if (n > (size_t)h->route->agents_max)
		return fail(h->failure, CODE_HRIS_TOO_MANY,
		    "%zu employees, more than %lld (agents: max; Genesys takes 50,000)", n,
		    (long long)h->route->agents_max);
	err = agents_with_email(h, answer.agents, &n, &out->skipped);
	if (err == GW_OK)
		err = agents_distinct_emails(h, answer.agents, n);
	if (err == GW_OK)
		err = agents_compare_last(h, n);
	if (err == GW_OK)
		err = agents_keep_count(h, n);
	if (err != GW_OK)
		return err;
	out->items = answer.agents;
	out->n = n;
	return GW_OK;
}
