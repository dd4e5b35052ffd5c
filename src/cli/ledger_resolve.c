/*
 * ledger_resolve.c: `hrisgw ledger resolve`: a person says what became of a write. The id is looked
 * up through the route first, so that a slip of the finger does not become the truth.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/ledger.h"
#include "engine/loop.h"
#include "gateway/gateway.h"
#include "hris/hris.h"
#include "ledger/lock.h"
#include "server/start.h"

enum { WHY_LEN = 1024, LOCK_WAIT_MS = 10000, LOOK_DAYS = 366 };

struct look {
	const struct intent *row;
	const char *id;
};

/* The first and last of the days that were asked; false: none are known. */
static bool
asked_days(const struct intent *i, struct date *first, struct date *last)
{
	const char *end = strrchr(i->days, ';');
	char text[DATE_TEXT_MAX] = "";

	if (strlen(i->days) < DATE_TEXT_MAX - 1)
		return false;
	memcpy(text, i->days, DATE_TEXT_MAX - 1);
	if (!date_parse(text, first))
		return false;
	end = end == NULL ? i->days : end + 1;
	if (strlen(end) < DATE_TEXT_MAX - 1)
		return false;
	memcpy(text, end, DATE_TEXT_MAX - 1);
	return date_parse(text, last);
}

static bool
found_days(const struct found *f, struct date *first, struct date *last)
{
	if (f->ranged) {
		*first = f->start;
		*last = f->end;
	} else if (f->n_days > 0) {
		*first = f->days[0].date;
		*last = f->days[f->n_days - 1].date;
	}
	return f->ranged || f->n_days > 0;
}

/* Is what the HRIS shows what the row is about? */
static enum gw_err
look_compare(const struct look *l, const struct found *f, struct failure *failure)
{
	bool ends = l->row->op == INTENT_CANCEL || l->row->op == INTENT_DENY;
	struct date first, last, is_first, is_last;

	if (f->agent_id != NULL && strcmp(f->agent_id, l->row->agent) != 0)
		return fail(failure, CODE_HRIS_CONFLICT, "request %s is not agent %s's", l->id,
		    l->row->agent);
	if (l->row->type[0] != '\0' && f->type_id != NULL && strcmp(f->type_id, l->row->type) != 0)
		return fail(failure, CODE_HRIS_CONFLICT, "request %s is of type %s, not %s", l->id,
		    f->type_id, l->row->type);
	if (f->status != STATUS_NONE && status_ended(f->status) != ends)
		return fail(failure, CODE_HRIS_CONFLICT, "request %s is %s in the HRIS", l->id,
		    status_name(f->status));
	if (asked_days(l->row, &first, &last) && found_days(f, &is_first, &is_last) &&
	    (first.day != is_first.day || last.day != is_last.day))
		return fail(failure, CODE_HRIS_CONFLICT, "request %s is for other days than %s",
		    l->id, l->row->days);
	return GW_OK;
}

/* The request of that id; *f NULL: the HRIS shows none. */
static enum gw_err
look_at(struct hris *h, const struct intent *row, const char *id, const struct found **f)
{
	struct date from = {.day = row->first_day}, to = {.day = row->last_day};
	int32_t today = (int32_t)(clock_wall_s(h->clock) / 86400);
	struct found *rows;
	enum gw_err err;
	size_t n, i;

	*f = NULL;
	if (row->first_day == 0) {
		from.day = today - LOOK_DAYS;
		to.day = today + LOOK_DAYS;
	}
	err = hris_find(h, NULL, id, from, to, &rows, &n);
	for (i = 0; err == GW_OK && i < n; i++) {
		if (strcmp(rows[i].id, id) == 0)
			*f = &rows[i];
	}
	return err;
}

/* Nothing takes the place of what stands. */
static enum gw_err
look_at_old(struct hris *h, const struct intent *row)
{
	const struct found *f;
	enum gw_err err = look_at(h, row, row->before, &f);

	if (err == GW_ENOTFOUND) {
		fail_clear(h->failure);
		return GW_OK;
	}
	if (err != GW_OK || f == NULL || status_ended(f->status))
		return err;
	return fail(h->failure, CODE_HRIS_CONFLICT,
	    "request %s, whose place it is to take, still stands: cancel one of the two in the HRIS first",
	    row->before);
}

static enum gw_err
look_up(struct hris *h, void *context)
{
	const struct look *l = context;
	const struct found *f;
	enum gw_err err = look_at(h, l->row, l->id, &f);

	if (err == GW_OK)
		err = f == NULL ? fail(h->failure, CODE_HRIS_NOT_FOUND,
				      "the HRIS shows no request %s", l->id)
				: look_compare(l, f, h->failure);
	return err == GW_OK && l->row->op == INTENT_CREATE_FIRST ? look_at_old(h, l->row) : err;
}

/* The same row as it is now, under the agent's lock. */
static struct intent *
row_again(struct ledger_session *s, struct gateway *g, const struct intent *row)
{
	struct intent *rows;
	size_t n, i;

	if (ledger_read(g->ledger, row->ledger, row->agent, &s->arena, &rows, &n, &s->failure) !=
	    GW_OK) {
		(void)cli_ledger_failed(s);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		if (rows[i].n == row->n)
			return &rows[i];
	}
	(void)cli_failed(s->call, "row %lld is gone", (long long)row->n);
	return NULL;
}

static int
row_write(struct ledger_session *s, struct gateway *g, struct intent *row, const char *id)
{
	static const char *const events[2][2] = {{"resolved --not-written", "resolved --written"},
	    {"resolved --not-written --force", "resolved --written --force"}};
	bool forced = cli_value(s->call, "force") != NULL;

	row->state = id == NULL ? INTENT_REFUSED : INTENT_DONE;
	if (id != NULL && row->op == INTENT_CREATE_FIRST)
		row->op = INTENT_REPLACE;
	row->request = id == NULL ? "" : id;
	row->verified = id != NULL && !forced;
	row->recorded_minutes = -1;
	row->code = id == NULL ? fail_code_text(CODE_HRIS_REFUSED) : "";
	row->text = id == NULL ? "resolved by a person: not written" : "";
	row->settled_ms = clock_wall_ms(g->clock);
	if (ledger_write(g->ledger, &row, 1, events[forced][id != NULL], &s->failure) != GW_OK)
		return cli_ledger_failed(s);
	(void)printf("row %lld is %s\n", (long long)row->n, intent_state_name(row->state));
	return CLI_OK;
}

/* Under the agent's lock. */
static int
row_resolve(struct ledger_session *s, struct gateway *g, struct intent *row)
{
	const char *id = cli_value(s->call, "written");
	bool forced = cli_value(s->call, "force") != NULL;
	struct look look = {.row = row, .id = id};

	if (id == NULL && !forced && row->quiet_ms > clock_wall_ms(g->clock))
		return cli_failed(s->call,
		    "until %llds from now the write may still arrive at the HRIS: wait and look again",
		    (long long)((row->quiet_ms - clock_wall_ms(g->clock) + 999) / 1000));
	if (id != NULL && !forced &&
	    gateway_visit(g, row->route, look_up, &look, &s->failure) != GW_OK)
		return cli_ledger_failed(s);
	return row_write(s, g, row, id);
}

static int
resolve(struct ledger_session *s, struct gateway *g)
{
	struct intent *row;
	struct lock *lock;
	char why[WHY_LEN];
	int code = CLI_FAILED;
	bool same;

	if (!ledger_works(g->ledger, why, sizeof(why)))
		return cli_failed(s->call, "%s", why);
	row = cli_ledger_find(s, g->ledger, s->args[0], &code);
	if (row == NULL)
		return code;
	if (lock_take(ledger_locks(g->ledger), row->ledger, row->agent, row->key,
		loop_now_ms() + LOCK_WAIT_MS, &lock, &same) != LOCK_HELD)
		return cli_failed(s->call, "a write of agent %s is running: try again", row->agent);
	code = CLI_FAILED;
	row = row_again(s, g, row);
	if (row != NULL)
		code = row_resolve(s, g, row);
	lock_release(lock);
	return code;
}

int
cli_ledger_resolve(struct ledger_session *s)
{
	struct start_options start = {.config_file = cli_value(s->call, "config"),
	    .program_dir = s->call->program_dir,
	    .one_shot = true};
	struct gateway *g;
	char why[WHY_LEN];
	int code;

	if ((cli_value(s->call, "written") != NULL) == (cli_value(s->call, "not-written") != NULL))
		return cli_usage(s->call, "either --written ID or --not-written");
	g = gateway_open(&start, why, sizeof(why));
	if (g == NULL)
		return cli_failed(s->call, "%s", why);
	g->log.level = LOG_WARNING;
	code = resolve(s, g);
	gateway_close(g);
	return code;
}
