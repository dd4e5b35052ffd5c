/* sim_hris.c: time, and an HRIS that loses, delays and bends what it is sent; see sim.h. */
#include "tests/unit/hris/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's name for something else. */
#undef fail

struct life sim_life;
struct actor *sim_self;

const int sim_minutes[CONTENTS][DAYS] = {[A] = {480, 450},
    [B] = {480, 240},
    [C] = {0, 0, 0, 480, 450},
    [FEWER] = {480},
    [OTHER] = {0, 480, 450},
    [BY_HAND] = {600}};

/* --- chance and time --- */

unsigned
sim_pick(unsigned n)
{
	sim_life.random ^= sim_life.random << 13;
	sim_life.random ^= sim_life.random >> 7;
	sim_life.random ^= sim_life.random << 17;
	return (unsigned)((sim_life.random * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

static int64_t
sim_wall_ms(void *context)
{
	(void)context;
	return INT64_C(1800000000000) + sim_life.now_ms;
}

static int64_t
sim_mono_ms(void *context)
{
	(void)context;
	return sim_life.now_ms;
}

bool
sim_pause(int64_t wake_ms)
{
	struct actor *me = sim_self;

	me->wake_ms = wake_ms;
	me->waiting = true;
	(void)event_wait(&me->turn, EVENT_FOREVER);
	event_reset(&me->turn);
	me->waiting = false;
	sim_self = me;
	return !me->crashed;
}

static void
sim_sleep_ms(void *context, int64_t ms)
{
	(void)context;
	if (!sim_self->crashed)
		(void)sim_pause(sim_life.now_ms + ms);
}

static bool
sim_random(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 7, len);
	return true;
}

const struct clock sim_clock = {sim_wall_ms, sim_mono_ms, sim_sleep_ms, sim_random, NULL};

void
sim_say(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!sim_life.aloud)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_message("%7lld %s\n", (long long)sim_life.now_ms, text);
}

void
sim_wrong(const char *what)
{
	if (sim_life.wrong == NULL)
		sim_life.wrong = what;
}

/* --- the HRIS --- */

int
sim_number(const char *id)
{
	return (int)strtol(id, NULL, 10) - 1;
}

bool
sim_is_live(const struct record *r)
{
	return r->status == STATUS_PENDING || r->status == STATUS_APPROVED;
}

static int
sim_minutes_together(enum content c)
{
	int i, sum = 0;

	for (i = 0; i < DAYS; i++)
		sum += sim_minutes[c][i];
	return sum;
}

void
sim_keep_before(void)
{
	memcpy(sim_life.before, sim_life.records, sizeof(sim_life.before));
	sim_life.n_before = sim_life.n_records;
}

void
sim_become(struct record *r, enum content content, enum timeoff_status status)
{
	r->was_ms[r->content][r->status] = sim_life.now_ms;
	r->content = content;
	r->status = status;
}

/* Never two of one request; never more than there is. */
static void
check_records(void)
{
	int of_content[CONTENTS] = {0}, of_family[RECORDS_MAX] = {0}, pending = 0;
	const struct record *r;
	size_t i;

	for (i = 0; i < sim_life.n_records; i++) {
		r = &sim_life.records[i];
		if (r->call < 0 || !sim_is_live(r))
			continue;
		if (++of_family[r->family] > 1)
			sim_wrong("replaced, and two stand");
		if (!r->moved && ++of_content[r->asked] > 1)
			sim_wrong("recorded twice");
		if (r->status == STATUS_PENDING && r->content == r->asked && !r->moved)
			pending += sim_minutes_together(r->content);
	}
	if (pending > BALANCE_MINUTES && of_content[A] > 0 && of_content[C] > 0)
		sim_wrong("more was taken than there is");
}

/* The record; -1: refused. */
static int
apply_create(const struct effect *e)
{
	struct record *r;
	size_t i;

	for (i = 0; sim_life.design->honours_key && i < sim_life.n_records; i++) {
		if (strcmp(sim_life.records[i].note, e->note) != 0)
			continue;
		sim_life.records[i].call = e->call;
		return (int)i;
	}
	if (sim_life.n_records == RECORDS_MAX)
		return -1;
	r = &sim_life.records[sim_life.n_records++];
	*r = (struct record){.content = e->content,
	    .asked = e->asked,
	    .status = e->status,
	    .call = e->call,
	    .family = (int)sim_life.n_records - 1};
	if (sim_life.calls[e->call].op == OPERATION_CHANGE) {
		r->family = sim_life.records[sim_life.calls[e->call].record].family;
		r->moved = true;
	}
	memcpy(r->note, e->note, sizeof(r->note));
	return (int)sim_life.n_records - 1;
}

/* Who asked for the same, and was told that it is not written, enters it by hand. */
static void
check_repeats(const struct call *call)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		if (sim_life.calls[i].believed && sim_life.calls[i].content == call->content)
			sim_wrong("said not written, and an earlier write of the same was");
	}
}

int
sim_apply(const struct effect *e)
{
	struct call *call = &sim_life.calls[e->call];
	struct record *r = e->op == OPERATION_INSERT ? NULL : &sim_life.records[e->record];
	bool replaces = sim_life.design->replaces && call->op == OPERATION_CHANGE;
	int made = e->record;

	if (r != NULL && !sim_is_live(r))
		return -1;
	sim_keep_before();
	if (r == NULL)
		made = apply_create(e);
	else if (e->op == OPERATION_CHANGE) {
		sim_become(r, e->content, r->status);
		r->moved = true;
		memcpy(r->note, e->note, sizeof(r->note));
	} else if (e->op == OPERATION_APPROVE)
		sim_become(r, r->content, STATUS_APPROVED);
	else {
		if (r->call != e->call && !sim_life.design->honours_key &&
		    call->op != OPERATION_CANCEL &&
		    !(replaces && r->family == sim_life.records[call->record].family))
			sim_wrong("what stood before was ended");
		call->ended = call->ended || (replaces && r->call != e->call);
		sim_become(r, r->content, STATUS_CANCELED);
	}
	if (made >= 0 && e->op != OPERATION_UNDO)
		call->applied = true;
	sim_say("    %s of call %d is applied: record %d, content %d", operation_name(e->op),
	    e->call, made + 1, e->content);
	if (call->denied && call->applied)
		sim_wrong("said not written, and it was, later");
	if (made >= 0 && e->op == OPERATION_INSERT && call->op == OPERATION_INSERT)
		check_repeats(call);
	check_records();
	return made;
}

static enum content
content_of(const struct operation_in *in)
{
	int c, i;
	size_t k;

	for (c = A; c < CONTENTS; c++) {
		for (i = 0; i < DAYS; i++) {
			for (k = 0; k < in->n_days && in->days[k].date.day != FIRST_DAY + i; k++)
				continue;
			if (sim_minutes[c][i] != (k < in->n_days ? in->days[k].minutes : 0))
				break;
		}
		if (i == DAYS)
			break;
	}
	assert_true(c < CONTENTS);
	return (enum content)c;
}

static struct effect
effect_of(enum operation op, const struct operation_in *in)
{
	struct effect e = {.op = op, .call = sim_self->call, .record = -1};

	if (in->request_id != NULL)
		e.record = sim_number(in->request_id);
	if (op == OPERATION_INSERT || op == OPERATION_CHANGE) {
		e.content = e.asked = content_of(in);
		e.status = in->status;
		(void)snprintf(e.note, sizeof(e.note), "%s", in->marker == NULL ? "" : in->marker);
	}
	return e;
}

static enum gw_err
lost(struct hris *h)
{
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN, "no answer");
}

/* What becomes of one that was sent. */
static enum gw_err
sent(struct hris *h, struct effect *e, struct operation_out *out)
{
	/* Not to days that nobody asked for: no look-up would find that. */
	bool bends = e->content != C && !sim_life.design->blind && !sim_life.design->stale &&
		     (e->op == OPERATION_INSERT || e->op == OPERATION_CHANGE);
	unsigned how = sim_pick(20);
	int made, i;

	if (bends && sim_pick(10) == 0)
		e->content = sim_pick(2) == 0 ? FEWER : OTHER;

	sim_say("    call %d sends %s (%u)", e->call, operation_name(e->op), how);
	for (i = 0; e->op == OPERATION_INSERT && i < CALLS_MAX; i++)
		sim_life.calls[i].believed &= sim_life.calls[i].content != e->asked;
	if (sim_pick(sim_life.ways.refused) == 0)
		return fail(h->failure, CODE_HRIS_REFUSED, "no");
	if (how == 2)
		return lost(h);
	e->at_ms = sim_life.design->unbounded ? sim_life.now_ms + LATE_MS : h->quiet_ms;
	if (sim_pick(sim_life.ways.late) == 0 && sim_life.n_flying < EFFECTS_MAX) {
		sim_life.flying[sim_life.n_flying++] = *e;
		return lost(h);
	}
	made = sim_apply(e);
	if (sim_life.design->broken == SENT_TWICE && how == 7)
		(void)sim_apply(e);
	if (!sim_pause(sim_life.now_ms) || (how >= 7 && how < 11))
		return lost(h);
	if (made < 0)
		return fail(h->failure, CODE_HRIS_REFUSED, "no");
	out->written = true;
	out->result.id = arena_printf(h->arena, "%d", made + 1);
	out->result.status = sim_life.records[made].status;
	return GW_OK;
}

static void
show(struct hris *h, const struct record *r, int number, struct found *f)
{
	struct found_day *days = arena_array(h->arena, DAYS, sizeof(*days));
	const char **notes = arena_array(h->arena, 1, sizeof(*notes));
	int i, last = 0;

	*f = (struct found){.id = arena_printf(h->arena, "%d", number + 1),
	    .type_id = "1",
	    .agent_id = "4",
	    .status = r->status,
	    .notes = notes,
	    .n_notes = sim_life.design->find != LOST_NATURAL,
	    .ranged = true,
	    .has_unit = true,
	    .unit = UNIT_MINUTES,
	    .days = days};
	if (sim_life.design->find != LOST_NATURAL)
		notes[0] = f->marker = arena_strdup(h->arena, r->note);
	f->start.day = FIRST_DAY + DAYS;
	for (i = 0; i < DAYS; i++) {
		if (sim_minutes[r->content][i] == 0)
			continue;
		last = i;
		if (f->start.day > FIRST_DAY + i)
			f->start.day = FIRST_DAY + i;
		days[f->n_days++] = (struct found_day){.date = {FIRST_DAY + i},
		    .unit = UNIT_MAX,
		    .amount = arena_printf(h->arena, "%d", sim_minutes[r->content][i])};
	}
	f->end.day = FIRST_DAY + last;
}

static enum gw_err
look(struct hris *h, const struct operation_in *in, struct operation_out *out)
{
	bool was = sim_life.design->stale && sim_pick(3) == 0;
	const struct record *records = was ? sim_life.before : sim_life.records;
	size_t n = was ? sim_life.n_before : sim_life.n_records, i;

	sim_say("    call %d looks%s", sim_self->call, was ? ", at what was" : "");
	if (sim_pick(sim_life.ways.unshown) == 0) {
		sim_self->look_failed = true;
		return fail(h->failure, CODE_HRIS_UNAVAILABLE, "the look failed");
	}
	out->found = arena_array(h->arena, n + 1, sizeof(*out->found));
	for (i = 0; i < n; i++) {
		if (records[i].status != STATUS_NONE &&
		    (in->request_id == NULL || sim_number(in->request_id) == (int)i))
			show(h, &records[i], (int)i, &out->found[out->n_found++]);
	}
	return GW_OK;
}

static enum gw_err
balance(struct hris *h, struct operation_out *out)
{
	int left = BALANCE_MINUTES;
	size_t i;

	for (i = 0; i < sim_life.n_records; i++)
		left -= sim_is_live(&sim_life.records[i])
			    ? sim_minutes_together(sim_life.records[i].content)
			    : 0;
	out->balances = arena_alloc(h->arena, sizeof(*out->balances));
	out->n_balances = 1;
	*out->balances = (struct balance){.type_id = "1",
	    .has_amount = true,
	    .amount = arena_printf(h->arena, "%d", left),
	    .includes_pending = true};
	return GW_OK;
}

static enum gw_err
sim_run(struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	struct effect e;
	enum gw_err err;

	*out = (struct operation_out){0};
	if (sim_self->crashed)
		return lost(h);
	if (op == OPERATION_CHANGE && sim_life.design->replaces && in->was == STATUS_APPROVED) {
		out->replace = REPLACE_CANCEL_FIRST;
		return GW_OK;
	}
	if (operation_writes(op)) {
		err = hris_begin_write(h, NULL);
		if (err != GW_OK)
			return err;
		e = effect_of(op, in);
		return sim_pause(sim_life.now_ms) ? sent(h, &e, out) : lost(h);
	}
	if (!sim_pause(sim_life.now_ms))
		return lost(h);
	err = op == OPERATION_FIND ? look(h, in, out) : balance(h, out);
	return sim_pause(sim_life.now_ms) ? err : lost(h);
}

static const struct traits *
sim_traits(const struct hris *h)
{
	static struct traits t;
	int op;

	(void)h;
	t = (struct traits){.find = sim_life.design->find,
	    .consistent = sim_life.design->consistent,
	    .settle_ms = sim_life.design->consistent ? SETTLE_MS : 0};
	for (op = 0; op < OPERATION_MAX; op++)
		t.has[op] = op != OPERATION_AGENT && op != OPERATION_DENY &&
			    (op != OPERATION_FIND || !sim_life.design->blind);
	return &t;
}

const struct driver sim_driver = {sim_run, sim_traits};
