/*
 * test_simulation.c: the policy itself, in two processes of tasks that are interleaved at every
 * call, lock, commit and sleep; a process dies and goes on from what was last committed; what was
 * sent arrives late; looks show what was; people act meanwhile. The seed decides all of it, so a
 * life that went wrong is lived again: HRISGW_SEED=N. `make test` lives some, `make torture` many.
 *
 * It proves itself: the linker puts itself between the policy and ledger, locks and looks, and
 * each design that is known to be broken, made so there, must be found out.
 */
#include "tests/unit/hris/sim.h"
#include "engine/task.h"
#include "base/text.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's name for something else. */
#undef fail

static const struct design sound[] = {
    {.name = "F: marker, consistent", .find = LOST_MARKER, .consistent = true},
    {.name = "J: marker, looks may be stale",
	.find = LOST_MARKER,
	.stale = true,
	.unbounded = true},
    {.name = "K: nothing to look with", .find = LOST_NONE, .blind = true, .unbounded = true},
    {.name = "F: by content, consistent", .find = LOST_NATURAL, .consistent = true},
    {.name = "L: honours a key", .find = LOST_KEY, .consistent = true, .honours_key = true},
    {.name = "F: replaces what is approved",
	.find = LOST_MARKER,
	.consistent = true,
	.replaces = true},
    {.name = "J: replaces what is approved, looks may be stale",
	.find = LOST_MARKER,
	.stale = true,
	.unbounded = true,
	.replaces = true},
};

static const struct design broken[] = {
    {"B: resends without a look", RESENDS, LOST_MARKER, .consistent = true},
    {"C: looks at once", LOOKS_AT_ONCE, LOST_MARKER, .consistent = true},
    {"D: no lock", NO_LOCK, LOST_MARKER, .consistent = true},
    {"E: a lease for a lock", LEASE, LOST_MARKER, .consistent = true},
    {"H, I: absent is believed of a stale look", STALE_BELIEVED, LOST_MARKER, .consistent = true,
	.stale = true},
    {"M: a later refusal erases what is unknown", FORGETS, LOST_KEY, .consistent = true,
	.honours_key = true},
    {"N: sent twice below", SENT_TWICE, LOST_MARKER, .consistent = true},
    {"the lock after the balance", LOCK_LATE_TAKEN, LOST_MARKER, .consistent = true},
    {"one marker a key", ONE_MARKER, LOST_MARKER, .consistent = true},
    {"absent by likeness", ABSENT_LIKELY, LOST_NATURAL, .consistent = true},
    {"undo by a later call", UNDO_LATER, LOST_MARKER, .consistent = true},
    {"undo of a change", UNDO_CHANGE, LOST_MARKER, .consistent = true},
    {"a replace that forgets its half", HALF_FORGOTTEN, LOST_MARKER, .consistent = true,
	.replaces = true},
};

/* --- calls, and what they were answered --- */

static bool
was_lately(const struct record *r, enum content content, enum timeoff_status status, int64_t since)
{
	return (r->content == content && r->status == status) ||
	       r->was_ms[content][status] >= since;
}

/* Could it not be looked at, so that the HRIS's own success is believed? */
static bool
is_believed(const struct actor *a, const struct timeoff_done *done)
{
	const struct intent *last = NULL;
	size_t i;

	for (i = 0; i < sim_life.n_rows; i++) {
		if (text_equal(sim_life.rows[i].request, done->request_id))
			last = &sim_life.rows[i];
	}
	return a->look_failed || (last != NULL && !last->verified);
}

static void
check_complete(const struct actor *a, const struct call *call, const struct timeoff_done *done)
{
	/* A stored answer is of a while ago, counted from its call's end, and what a stale look
	 * shows of any time. */
	int64_t since = call->begun_ms - REPEAT_MS - DEADLINE_MS;
	int number = sim_number(done->request_id);
	const struct record *r;

	if (number < 0 || number >= (int)sim_life.n_records) {
		sim_wrong("Complete, of no request");
		return;
	}
	if (since < 1 || sim_life.design->stale)
		since = 1;
	r = &sim_life.records[number];
	if (call->op == OPERATION_CANCEL) {
		if (sim_is_live(r))
			sim_wrong("Complete, and it stands");
		return;
	}
	if (is_believed(a, done))
		return;
	if (!was_lately(r, call->content, STATUS_APPROVED, since) &&
	    (call->status == STATUS_APPROVED ||
		!was_lately(r, call->content, STATUS_PENDING, since)))
		sim_wrong("Complete, and it is not so");
}

/* Is there what a call has written? A person may have removed it again. */
static bool
stands(int number)
{
	const struct call *call = &sim_life.calls[number];
	const struct record *r;
	bool there = false;
	size_t i;

	for (i = 0; call->op == OPERATION_INSERT && i < sim_life.n_records; i++)
		there = there ||
			(sim_life.records[i].call == number && sim_is_live(&sim_life.records[i]));
	if (call->op == OPERATION_INSERT || !call->applied)
		return there;
	if (call->ended)
		return true;
	r = &sim_life.records[call->record];
	return call->op == OPERATION_CANCEL ? !sim_is_live(r)
					    : sim_is_live(r) && r->content == call->content;
}

static void
check_answer(struct actor *a, struct call *call, const struct timeoff_done *done)
{
	sim_say("call %d is answered: %s, id %s%s: %s", a->call, fail_code_text(a->failure.code),
	    done->request_id, done->replayed ? ", replayed" : "", a->failure.text);
	switch (a->failure.code) {
	case CODE_NONE:
		check_complete(a, call, done);
		break;
	case CODE_HRIS_OUTCOME_UNKNOWN:
	case CODE_HRIS_DIFFERENT:
	case CODE_HRIS_NOT_APPROVED:
	case CODE_GATEWAY_IN_PROGRESS:
		break;
	default:
		call->denied = true;
		call->believed = call->op == OPERATION_INSERT &&
				 text_starts(fail_code_text(a->failure.code), "HRIS.");
		if (stands(a->call))
			sim_wrong("said not written, and it was");
	}
}

static void
run_call(struct actor *a, struct call *call)
{
	struct day days[DAYS] = {{.minutes = 0}};
	struct timeoff ask = {.agent_id = "4",
	    .type_id = "1",
	    .status = call->status,
	    .days = days,
	    .skip_balance = call->content != C && call->content != A,
	    .min_date = {FIRST_DAY},
	    .max_date = {FIRST_DAY + DAYS - 1}};
	struct timeoff_done done = {.request_id = ""};
	int i;

	for (i = 0; i < DAYS; i++) {
		if (sim_minutes[call->content][i] > 0)
			days[ask.n_days++] = (struct day){
			    .date = {FIRST_DAY + i}, .minutes = sim_minutes[call->content][i]};
	}
	ask.min_date = days[0].date;
	ask.max_date = days[ask.n_days - 1].date;
	call->begun_ms = sim_life.now_ms;
	sim_say("call %d of process %d: %s, content %d, %s, record %d", a->call, a->number % 2,
	    operation_name(call->op), call->content, status_name(call->status), call->record + 1);
	a->hris.deadline_ms = sim_life.now_ms + DEADLINE_MS;
	if (call->op == OPERATION_CANCEL)
		ask.type_id = NULL;
	if (call->op == OPERATION_CANCEL)
		ask.n_days = 0;
	ask.request_id = arena_printf(&a->arena, "%d", call->record + 1);
	if (call->op == OPERATION_INSERT)
		(void)hris_insert(&a->hris, &ask, &done);
	else
		(void)hris_update(&a->hris, &ask, &done);
	if (!a->crashed)
		check_answer(a, call, &done);
}

/* One that somebody makes now. */
static void
choose_call(struct call *call)
{
	unsigned how = sim_pick(10);

	*call = (struct call){
	    .op = OPERATION_INSERT, .content = sim_pick(sim_life.ways.other) == 0 ? C : A};
	call->status = sim_pick(sim_life.ways.pending) == 0 ? STATUS_PENDING : STATUS_APPROVED;
	if (how >= 4 || sim_life.n_records == 0)
		return;
	call->record = (int)sim_pick((unsigned)sim_life.n_records);
	call->op = how < 2 ? OPERATION_CHANGE : OPERATION_CANCEL;
	call->content = B;
	if (call->op == OPERATION_CANCEL)
		call->status = STATUS_CANCELED;
}

static void
act(void *context)
{
	struct actor *a = context;
	int i;

	sim_self = a;
	for (i = 0; i < CALLS; i++) {
		(void)sim_pause(
		    sim_life.now_ms + (int64_t)sim_pick(3) * 40000 * (sim_pick(3) == 0));
		a->crashed = a->look_failed = false;
		a->call = a->number * CALLS + i;
		choose_call(&sim_life.calls[a->call]);
		arena_init(&a->arena, 16 * 1024 * 1024);
		a->failure = (struct failure){.err = GW_OK};
		a->route = (struct route){
		    .name = "sim", .day_minutes = 480, .day_start_minute = 540, .timezone = "UTC"};
		a->hris = (struct hris){.route = &a->route,
		    .driver = &sim_driver,
		    .arena = &a->arena,
		    .clock = &sim_clock,
		    .ledger = (struct ledger *)&sim_life,
		    .failure = &a->failure,
		    .marker = ""};
		run_call(a, &sim_life.calls[a->call]);
		arena_clear(&a->arena);
	}
	a->ended = true;
}

/* --- what happens --- */

static void
give_turn(struct actor *a)
{
	a->waiting = false;
	event_set(&a->turn);
	while (!a->waiting && !a->ended)
		loop_turn(loop_current(), 0);
}

/* All its tasks end where they are; nothing of theirs leaves any more. */
static void
crash(int process)
{
	struct actor *a;
	int i;

	for (i = 0; i < TASKS; i++) {
		a = &sim_life.actors[i];
		if (i % 2 != process || a->ended)
			continue;
		a->crashed = true;
		if (sim_life.holder == a)
			sim_life.holder = NULL;
	}
	sim_say("process %d dies", process);
	sim_life.crashes++;
}

static void
person(void)
{
	struct record *r;

	if (sim_life.n_records == RECORDS_MAX)
		return;
	if (sim_life.n_records == 0 || sim_pick(5) == 0) {
		/* By its content alone nobody can tell it from ours. */
		if (sim_life.design->find == LOST_NATURAL)
			return;
		sim_keep_before();
		sim_life.records[sim_life.n_records] = (struct record){.content = A,
		    .status = STATUS_APPROVED,
		    .call = -1,
		    .family = (int)sim_life.n_records};
		sim_life.n_records++;
		return;
	}
	r = &sim_life.records[sim_pick((unsigned)sim_life.n_records)];
	sim_life.people++;
	if (!sim_is_live(r))
		return;
	sim_keep_before();
	sim_say("a person has to do with record %d", (int)(r - sim_life.records) + 1);
	switch (sim_pick(4)) {
	case 0:
		sim_become(r, r->content, STATUS_APPROVED);
		break;
	case 1:
		/* Nor is it found where nobody asked for it. */
		if (sim_life.design->find != LOST_NATURAL || r->content != C)
			sim_become(r, BY_HAND, r->status);
		break;
	case 2:
		sim_become(r, r->content, STATUS_CANCELED);
		break;
	default:
		sim_become(r, r->content, STATUS_NONE);
	}
}

static void
arrive(size_t i)
{
	struct effect e = sim_life.flying[i];

	sim_life.flying[i] = sim_life.flying[--sim_life.n_flying];
	if (sim_pick(4) != 0)
		(void)sim_apply(&e);
}

/* What has to be there by now. */
static void
arrive_all(void)
{
	size_t i;

	for (i = sim_life.n_flying; i-- > 0;) {
		if (sim_life.flying[i].at_ms <= sim_life.now_ms)
			arrive(i);
	}
}

static bool
is_ready(const struct actor *a)
{
	if (a->ended || !a->waiting)
		return false;
	if (a->crashed)
		return true;
	if (a->asks_lock)
		return sim_lock_is_free() || sim_life.now_ms >= a->asks_until_ms;
	return sim_life.now_ms >= a->wake_ms;
}

/* To the next moment at which something can happen. False: all have ended. */
static bool
pass_time(void)
{
	int64_t next = INT64_MAX, at;
	size_t i;

	for (i = 0; i < TASKS; i++) {
		at = sim_life.actors[i].asks_lock ? sim_life.actors[i].asks_until_ms
						  : sim_life.actors[i].wake_ms;
		if (!sim_life.actors[i].ended && at > sim_life.now_ms && at < next)
			next = at;
	}
	if (next == INT64_MAX)
		return false;
	for (i = 0; i < sim_life.n_flying; i++) {
		if (sim_life.flying[i].at_ms > sim_life.now_ms && sim_life.flying[i].at_ms < next)
			next = sim_life.flying[i].at_ms;
	}
	sim_life.now_ms = next;
	return true;
}

static bool
step(void)
{
	struct actor *ready[TASKS];
	unsigned n = 0, what = sim_pick(100);
	int i;

	arrive_all();
	if (what < 2 && sim_life.crashes < CRASHES_MAX)
		crash((int)sim_pick(2));
	else if (what < 4 && sim_life.people < PEOPLE_MAX)
		person();
	else if (what < 8 && sim_life.n_flying > 0)
		arrive(sim_pick((unsigned)sim_life.n_flying));
	else if (what < 14)
		sim_life.now_ms += sim_pick(2000);
	for (i = 0; i < TASKS; i++) {
		if (is_ready(&sim_life.actors[i]))
			ready[n++] = &sim_life.actors[i];
	}
	if (n == 0)
		return pass_time();
	give_turn(ready[sim_pick(n)]);
	return true;
}

/* NULL: nothing false was said or done. */
static const char *
live(const struct design *design, uint64_t seed, bool aloud)
{
	int i, steps = 0;

	memset(&sim_life, 0, sizeof(sim_life));
	sim_life.design = design;
	sim_life.aloud = aloud;
	sim_life.random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	sim_life.now_ms = 1000;
	sim_life.ways.pending = 1 + sim_pick(3);
	sim_life.ways.other = 2 + 3 * sim_pick(2);
	sim_life.ways.refused = 4 + 8 * sim_pick(2);
	sim_life.ways.late = 3 + 4 * sim_pick(2);
	sim_life.ways.unshown = 4 + 16 * sim_pick(2);
	arena_init(&sim_life.kept, 64 * 1024 * 1024);
	for (i = 0; i < TASKS; i++) {
		sim_life.actors[i].number = i;
		assert_true(task_spawn(loop_current(), act, &sim_life.actors[i]));
		while (!sim_life.actors[i].waiting)
			loop_turn(loop_current(), 0);
	}
	while (step())
		assert_true(++steps < STEPS_MAX);
	while (sim_life.n_flying > 0)
		arrive(sim_life.n_flying - 1);
	arena_clear(&sim_life.kept);
	return sim_life.wrong;
}

/* --- the tests --- */

static uint64_t
first_seed(void)
{
	const char *text = getenv("HRISGW_SEED");

	/* Those of another HRISGW_SEED are others. */
	return (text == NULL ? 1 : strtoull(text, NULL, 10)) * 1000000;
}

static void
test_sound(void **state)
{
	const char *torture = getenv("HRISGW_TORTURE"), *what;
	uint64_t n = torture != NULL && strcmp(torture, "1") == 0 ? 200000 : 4000, i;
	size_t k;

	(void)state;
	for (k = 0; k < ARRAY_LEN(sound); k++) {
		for (i = 0; i < n; i++) {
			what = live(&sound[k], first_seed() + i, false);
			if (what == NULL)
				continue;
			(void)live(&sound[k], first_seed() + i, true);
			print_error(
			    "%s, seed %" PRIu64 ": %s\n", sound[k].name, first_seed() + i, what);
			assert_null(what);
		}
	}
}

static void
test_broken(void **state)
{
	const char *what;
	uint64_t i;
	size_t k;

	(void)state;
	for (k = 0; k < ARRAY_LEN(broken); k++) {
		for (i = 0, what = NULL; i < 10000 && what == NULL; i++)
			what = live(&broken[k], first_seed() + i, false);
		if (what == NULL)
			print_error("%s was not found out\n", broken[k].name);
		assert_non_null(what);
		print_message(
		    "%s: found at the %lluth: %s\n", broken[k].name, (unsigned long long)i, what);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
