/*
 * fate.c: what became of a write. One that came back without its id is looked for once: by the
 * marker that was written with it, else by what is new on its days since a look before it. A
 * failure that reads "not written" is certain; what is not known is said to be unknown.
 *
 * Approving, cancelling and denying make nothing, so their fate is the state in which the request
 * is afterwards. That is looked at after a success too: some HRISs answer success and want another
 * approval, or do nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hris/policy.h"

enum {
	RESERVE_MS = 5000,   /* kept of the deadline to look for a write */
	IDS_SHOWN_MAX = 200, /* bytes of a list of ids in a message */
	WORD_SHOWN_MAX = 60  /* bytes of an HRIS's own word in a message */
};

enum fate {
	FATE_WRITTEN,  /* done, and its id is known */
	FATE_NAMELESS, /* done, without an id */
	FATE_LOST,     /* sent; whether it was applied is not known */
	FATE_BROKEN,   /* done, and then a later step failed */
	FATE_CONFLICT, /* refused: something is in the way */
	FATE_REFUSED   /* certainly not written */
};

/* What the agent has on the days of a write before it is made. */
struct standing {
	bool known;
	struct found *rows; /* by id */
	size_t n;
};

/* What a look after a write shows. */
enum look {
	LOOK_THERE,  /* the result is what was written */
	LOOK_ABSENT, /* nothing on those days that was not there before */
	LOOK_UNCLEAR
};

/* Waits as long as the HRIS needs until a write shows, or half of what is left of the deadline:
 * then false. */
static bool
fate_wait_visible(struct hris *h)
{
	int64_t settle = h->driver->traits(h)->settle_ms;
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock);

	if (settle > 0 && left > 0)
		clock_sleep_ms(h->clock, settle < left / 2 ? settle : left / 2);
	return settle <= 0 || settle <= left / 2;
}

static int64_t
fate_reserve(const struct hris *h)
{
	return RESERVE_MS + h->driver->traits(h)->settle_ms;
}

static const char *
agent_shown(const struct operation_in *in)
{
	return in->agent_id == NULL ? "(not given)" : in->agent_id;
}

static bool
found_is_live(const struct found *f)
{
	return f->status == STATUS_PENDING || f->status == STATUS_APPROVED;
}

static bool
found_has_marker(const struct found *f, const char *marker)
{
	size_t i;

	if (marker == NULL)
		return false;
	if (f->marker != NULL && strstr(f->marker, marker) != NULL)
		return true;
	for (i = 0; i < f->n_notes; i++) {
		if (strstr(f->notes[i], marker) != NULL)
			return true;
	}
	return false;
}

bool
fate_alike(struct hris *h, const struct operation_in *in, const struct found *f)
{
	int64_t minutes;

	if (!found_is_live(f) || in->type == NULL || strcmp(f->type_id, in->type->id) != 0)
		return false;
	if (!f->ranged || in->n_days == 0 ||
	    (f->start.day != in->days[0].date.day && f->start.day != in->min_date.day) ||
	    (f->end.day != in->days[in->n_days - 1].date.day && f->end.day != in->max_date.day))
		return false;
	return found_minutes(h, f, &minutes) && minutes == days_minutes(in->days, in->n_days);
}

static bool
found_has_day(const struct found *f, int32_t day)
{
	size_t i;

	for (i = 0; i < f->n_days; i++) {
		if (f->days[i].date.day == day)
			return true;
	}
	/* One that lists no days has all from first to last; one that has neither may have any. */
	return f->n_days == 0 && (!f->ranged || (f->start.day <= day && day <= f->end.day));
}

static bool
found_touches(const struct found *f, const struct operation_in *in)
{
	size_t i;

	for (i = 0; i < in->n_days; i++) {
		if (found_has_day(f, in->days[i].date.day))
			return true;
	}
	return false;
}

/* Several records of one write are one request here, with their ids joined. False: no memory. */
static bool
result_take(struct hris *h, const struct found *f, struct result *out)
{
	if (out->id == NULL || !h->driver->traits(h)->many) {
		out->id = f->id;
		out->status = f->status;
		out->status_word = f->status_word;
		return true;
	}
	out->id = arena_printf(h->arena, "%s,%s", out->id, f->id);
	if (out->status != f->status)
		out->status = STATUS_NONE;
	return out->id != NULL;
}

/* One more id in a list for people, as long as there is room. */
static void
ids_add(struct hris *h, const char **ids, const char *id)
{
	const char *more;

	if (strlen(*ids) + strlen(id) + 2 > IDS_SHOWN_MAX)
		return;
	more = arena_printf(h->arena, "%s%s%s", *ids, **ids == '\0' ? "" : ", ", id);
	if (more != NULL)
		*ids = more;
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->id, ((const struct found *)b)->id);
}

/* What the agent has where the write is. A look that fails leaves the failure as it is. */
static enum gw_err
look(struct hris *h, const struct operation_in *in, struct found **rows, size_t *n)
{
	struct failure ignored = {0}, *mine = h->failure;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_find(h, in->agent_id, NULL, in->look_from, in->look_to, rows, n);
	h->failure = mine;
	return err;
}

/* Looks only where the difference could prove something: a marker proves by itself. */
static void
look_before(struct hris *h, const struct operation_in *in, struct standing *out)
{
	const struct traits *t = h->driver->traits(h);

	*out = (struct standing){0};
	if (!t->has[OPERATION_FIND] || t->find == LOST_NONE ||
	    (t->find == LOST_MARKER && !t->consistent))
		return;
	out->known = look(h, in, &out->rows, &out->n) == GW_OK;
	if (out->known && out->n > 0)
		qsort(out->rows, out->n, sizeof(*out->rows), compare_ids);
}

/* The request of that id as it was before the write; NULL: there was none. */
static const struct found *
standing_row(const struct standing *before, const struct found *row)
{
	return before->n == 0 ? NULL
			      : bsearch(row, before->rows, before->n, sizeof(*row), compare_ids);
}

/*
 * What is new since the write, or not as it was, goes into *ids. The one of them that looks as
 * asked is the write, where likeness counts as proof; a request that was there before never is,
 * unless it is the one that was to change.
 */
static enum look
look_compare(struct hris *h, const struct operation_in *in, const struct standing *before,
    const struct found *rows, size_t n, struct result *result, const char **ids)
{
	bool likeness = h->driver->traits(h)->find != LOST_MARKER;
	const struct found *was, *ours = NULL;
	size_t i, fresh = 0, alike = 0;

	for (i = 0; i < n; i++) {
		was = standing_row(before, &rows[i]);
		if ((was != NULL && found_same(was, &rows[i])) || !found_touches(&rows[i], in))
			continue;
		fresh++;
		ids_add(h, ids, rows[i].id);
		if (!likeness || in->alike_before || !fate_alike(h, in, &rows[i]) ||
		    (was != NULL && !text_equal(rows[i].id, in->request_id)))
			continue;
		ours = &rows[i];
		alike++;
	}
	/* Two that look the same: which is it? */
	if (alike == 1)
		return result_take(h, ours, result) ? LOOK_THERE : LOOK_UNCLEAR;
	/* A change to what the request looked like before leaves no trace, made or not. */
	if (fresh > 0 || (likeness && in->alike_before))
		return LOOK_UNCLEAR;
	return LOOK_ABSENT;
}

static enum look
look_after(struct hris *h, const struct operation_in *in, const struct standing *before,
    struct result *result, const char **ids)
{
	const struct traits *t = h->driver->traits(h);
	struct found *rows;
	size_t n, i;

	*result = (struct result){0};
	*ids = "";
	if (!t->has[OPERATION_FIND] || t->find == LOST_NONE || look(h, in, &rows, &n) != GW_OK)
		return LOOK_UNCLEAR;
	for (i = 0; i < n; i++) {
		if (found_has_marker(&rows[i], in->marker) && !result_take(h, &rows[i], result))
			return LOOK_UNCLEAR;
	}
	if (result->id != NULL)
		return LOOK_THERE;
	return before->known ? look_compare(h, in, before, rows, n, result, ids) : LOOK_UNCLEAR;
}

static enum gw_err
write_unknown(struct hris *h, const struct operation_in *in, const char *what, const char *ids)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "%s; it may or may not be in the HRIS: search the requests of agent %s for %s before entering it by hand%s%s%s%s",
	    what, agent_shown(in), in->marker,
	    ids[0] == '\0' ? "" : "; new or changed on these days: ", ids,
	    earlier.text[0] == '\0' ? "" : ": ", earlier.text);
}

/* The look-up of this HRIS shows every write at once: what it does not show is not there. */
static enum gw_err
write_absent(struct hris *h)
{
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_UNAVAILABLE,
	    "the HRIS gave no answer, and its list, which is always up to date, shows nothing new on these days: nothing was written");
}

/* Finds the id of a write that was lost, or answered without it. written: it was made for sure. */
static enum gw_err
write_look(struct hris *h, const struct operation_in *in, const struct standing *before,
    bool written, const char *what, struct result *result)
{
	bool waited = fate_wait_visible(h);
	const char *ids;
	enum look found = look_after(h, in, before, result, &ids);

	if (found == LOOK_THERE) {
		fail_clear(h->failure);
		return GW_OK;
	}
	/* Too early it proves nothing: the write may still be on its way. */
	if (found == LOOK_ABSENT && !written && waited && h->driver->traits(h)->consistent)
		return write_absent(h);
	return write_unknown(h, in, what, ids);
}

/* Nothing was written: what looks as asked is another request, unless it has our own marker. */
static enum gw_err
write_conflict(struct hris *h, const struct operation_in *in, struct result *result)
{
	struct failure earlier = *h->failure;
	const char *ids = "";
	struct found *rows;
	size_t n = 0, i;

	*result = (struct result){0};
	if (!h->driver->traits(h)->has[OPERATION_FIND] || look(h, in, &rows, &n) != GW_OK)
		n = 0;
	for (i = 0; i < n; i++) {
		if (found_has_marker(&rows[i], in->marker))
			(void)result_take(h, &rows[i], result);
		else if (found_is_live(&rows[i]) && found_touches(&rows[i], in) &&
			 !text_equal(rows[i].id, in->request_id))
			ids_add(h, &ids, rows[i].id);
	}
	fail_clear(h->failure);
	if (result->id != NULL)
		return GW_OK;
	return fail(h->failure, CODE_HRIS_CONFLICT, "%s; nothing was written%s%s", earlier.text,
	    ids[0] == '\0' ? "" : "; on these days the HRIS holds already: ", ids);
}

static enum gw_err
write_not_approved(struct hris *h, const struct timeoff_done *done)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_NOT_APPROVED, "request %s was written and %s%s%s",
	    done->request_id,
	    earlier.err != GW_EUNKNOWN && done->status == STATUS_PENDING
		? "stands as pending; approve it in the HRIS"
		: "may stand as pending: look at it in the HRIS, and approve it where it does",
	    earlier.text[0] == '\0' ? "" : ": ", earlier.text);
}

/* Written, and turned down at once: by a rule of the HRIS, or by somebody quick. */
static enum gw_err
write_ended(struct hris *h, const struct timeoff_done *done)
{
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_NOT_APPROVED,
	    "request %s was written and the HRIS shows it as %s", done->request_id,
	    status_name(done->status));
}

/* Written, and whether it is approved is not known. */
static enum gw_err
write_status_unknown(struct hris *h, const struct timeoff_done *done, const char *word)
{
	fail_clear(h->failure);
	if (word == NULL)
		return fail(h->failure, CODE_HRIS_NOT_APPROVED,
		    "request %s was written and the HRIS does not say whether it is approved: look at it there",
		    done->request_id);
	return fail(h->failure, CODE_HRIS_NOT_APPROVED,
	    "request %s was written and its status in the HRIS is \"%.*s\", which the adapter does not know: look there whether it is approved",
	    done->request_id, WORD_SHOWN_MAX, word);
}

/* Without approve-timeoff, what the HRIS shows decides. */
static enum gw_err
write_look_status(
    struct hris *h, const struct operation_in *in, const char *word, struct timeoff_done *done)
{
	struct current now;

	if (done->status == STATUS_NONE && h->driver->traits(h)->has[OPERATION_FIND]) {
		if (hris_current(h, in->agent_id, done->request_id, &now) == GW_OK && now.there) {
			done->status = now.found.status;
			word = now.found.status_word;
		}
		fail_clear(h->failure);
	}
	if (done->status == STATUS_APPROVED)
		return GW_OK;
	if (status_ended(done->status))
		return write_ended(h, done);
	return done->status == STATUS_PENDING ? write_not_approved(h, done)
					      : write_status_unknown(h, done, word);
}

/* Approving was refused: some HRISs approve by themselves, and do not do it again. */
static enum gw_err
write_refused_approval(struct hris *h, const struct operation_in *in, struct timeoff_done *done)
{
	struct failure refused = *h->failure;
	struct current now;

	if (!h->driver->traits(h)->has[OPERATION_FIND])
		return write_not_approved(h, done);
	fail_clear(h->failure);
	if (hris_current(h, in->agent_id, in->request_id, &now) == GW_OK && now.there) {
		done->status = now.found.status;
		if (done->status == STATUS_APPROVED)
			return GW_OK;
		if (status_ended(done->status))
			return write_ended(h, done);
	}
	*h->failure = refused;
	return write_not_approved(h, done);
}

/* Written, but not as approved as it should be. */
static enum gw_err
write_approve(
    struct hris *h, const struct operation_in *written, const char *word, struct timeoff_done *done)
{
	struct operation_in in = *written;
	enum gw_err err;

	in.request_id = done->request_id;
	in.was = STATUS_PENDING;
	if (!h->driver->traits(h)->has[OPERATION_APPROVE])
		return write_look_status(h, &in, word, done);
	err = fate_state(h, OPERATION_APPROVE, &in);
	if (err == GW_OK) {
		done->status = STATUS_APPROVED;
		return GW_OK;
	}
	return err == GW_EUNKNOWN ? write_not_approved(h, done)
				  : write_refused_approval(h, &in, done);
}

/* It is there, with an id. Is it what was asked for? */
static enum gw_err
write_status(struct hris *h, const struct operation_in *in, const struct result *result,
    struct timeoff_done *done)
{
	done->request_id = result->id;
	done->status = result->status;
	if (status_ended(done->status))
		return write_ended(h, done);
	if (in->status == STATUS_APPROVED && done->status != STATUS_APPROVED)
		return write_approve(h, in, result->status_word, done);
	return GW_OK;
}

static enum fate
fate_of(const struct hris *h, enum gw_err err, const struct operation_out *out)
{
	if (err == GW_OK)
		return out->result.id == NULL ? FATE_NAMELESS : FATE_WRITTEN;
	if (err == GW_EUNKNOWN)
		return FATE_LOST;
	if (out->written)
		return FATE_BROKEN;
	return h->failure->code == CODE_HRIS_CONFLICT ? FATE_CONFLICT : FATE_REFUSED;
}

enum gw_err
fate_write(struct hris *h, enum operation op, struct operation_in *in, struct timeoff_done *done)
{
	struct operation_out out = {0};
	struct standing before;
	struct result *result = &out.result;
	enum gw_err err;

	h->reserve_ms = fate_reserve(h);
	look_before(h, in, &before);
	err = h->driver->run(h, op, in, &out);
	if (err == GW_OK && out.replace)
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "this HRIS cannot change such a request: cancel it and enter it anew; nothing was written");
	switch (fate_of(h, err, &out)) {
	case FATE_NAMELESS:
		err = write_look(h, in, &before, true,
		    "it was written, but the HRIS did not give its id", result);
		break;
	case FATE_LOST:
		err = write_look(h, in, &before, out.written,
		    "the HRIS did not say whether it was written", result);
		break;
	case FATE_BROKEN:
		err = write_look(
		    h, in, &before, true, "it was written, and then something failed", result);
		break;
	case FATE_CONFLICT:
		err = write_conflict(h, in, result);
		break;
	case FATE_WRITTEN:
	case FATE_REFUSED:
		break;
	}
	return err == GW_OK ? write_status(h, in, result, done) : err;
}

enum state {
	STATE_REACHED,
	STATE_MISSED, /* the request is there, in another state */
	STATE_UNCLEAR
};

/*
 * said: the HRIS itself answered that it is done. Only then a request that is gone counts as ended.
 * The row goes into *shown.
 */
static enum state
state_look(struct hris *h, enum operation op, const struct operation_in *in, bool said,
    struct found *shown)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct current now;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_current(h, in->agent_id, in->request_id, &now);
	h->failure = mine;
	*shown = now.found;
	if (err != GW_OK)
		return STATE_UNCLEAR;
	if (!now.there)
		return op != OPERATION_APPROVE && said ? STATE_REACHED : STATE_UNCLEAR;
	/* A word that the adapter does not know is no approval: the HRIS may want another one. */
	if (shown->status == STATUS_NONE && (op != OPERATION_APPROVE || shown->status_word == NULL))
		return STATE_UNCLEAR;
	if (op == OPERATION_APPROVE)
		return shown->status == STATUS_APPROVED ? STATE_REACHED : STATE_MISSED;
	return status_ended(shown->status) ? STATE_REACHED : STATE_MISSED;
}

static enum gw_err
state_unknown(struct hris *h, enum operation op, const struct operation_in *in)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "it is not known what became of request %s of agent %s (%s); look at it in the HRIS before doing it by hand: %s",
	    in->request_id, agent_shown(in), operation_name(op), earlier.text);
}

/* The HRIS said that it is done, and shows otherwise. */
static enum gw_err
state_missed(
    struct hris *h, enum operation op, const struct operation_in *in, const struct found *shown)
{
	const char *word =
	    shown->status == STATUS_NONE ? shown->status_word : status_name(shown->status);

	fail_clear(h->failure);
	if (op == OPERATION_APPROVE)
		return fail(h->failure, CODE_HRIS_NOT_APPROVED,
		    "the HRIS answered the approval of request %s by success and shows it as \"%.*s\": it may want another approval",
		    in->request_id, WORD_SHOWN_MAX, word);
	(void)fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "the HRIS answered by success and shows it as %s", word);
	return state_unknown(h, op, in);
}

enum gw_err
fate_state(struct hris *h, enum operation op, const struct operation_in *in)
{
	struct operation_out out = {0};
	struct found shown = {0};
	enum state state;
	enum gw_err err;
	bool said;

	h->reserve_ms = fate_reserve(h);
	err = h->driver->run(h, op, in, &out);
	said = err == GW_OK || out.written;
	if (!said && err != GW_EUNKNOWN)
		return err;
	if (!h->driver->traits(h)->has[OPERATION_FIND])
		return err == GW_OK ? GW_OK : state_unknown(h, op, in);
	if (err == GW_EUNKNOWN)
		(void)fate_wait_visible(h);
	state = state_look(h, op, in, said, &shown);
	if (state == STATE_MISSED && said) {
		/* It may not show yet. */
		(void)fate_wait_visible(h);
		state = state_look(h, op, in, said, &shown);
	}
	if (state == STATE_REACHED || (state == STATE_UNCLEAR && err == GW_OK)) {
		fail_clear(h->failure);
		return GW_OK;
	}
	if (state != STATE_MISSED || !said)
		return state_unknown(h, op, in);
	/* A step of the adapter knows best why it was not enough. */
	return h->failure->code == CODE_HRIS_UNSUPPORTED ? err : state_missed(h, op, in, &shown);
}
