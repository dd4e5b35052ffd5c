/*
 * policy.h: what the files of the policy share; for src/hris alone. All that these functions return
 * lives in the request's arena or in the route. An enum gw_err is never GW_OK while h->failure is
 * set, and where it is not GW_OK h->failure says why.
 */
#ifndef POLICY_H
#define POLICY_H

#include "hris/hris.h"

/*
 * agent.c: from here on the request is about that agent: days of all types are as long as his own,
 * where the HRIS tells it. Nothing where the HRIS has no get-agent, or agent_id is NULL.
 * HRIS.NOT_FOUND: it knows no such agent; HRIS.ANSWER, and what a call can fail with.
 */
enum gw_err hris_agent(struct hris *h, const char *agent_id);

/* balance.c: what an agent has of one type at one date. */
struct balance_at {
	int64_t
	    minutes; /* with what he may overdraw; the route's unlimited_minutes where unlimited */
	bool unlimited;
	bool includes_pending; /* pending requests are already taken off */
};
/* HRIS.BALANCE, HRIS.ANSWER, and what a call can fail with. */
enum gw_err hris_balance_at(struct hris *h, const char *agent_id, const struct timeoff_type *type,
    struct date date, struct balance_at *out);

/* days.c: fills in part, from and to. INPUT.AMOUNT or INPUT.LIMIT: this HRIS cannot express it. */
enum gw_err
days_prepare(struct hris *h, const struct timeoff_type *type, struct day *days, size_t n);

/* find.c: one request by its id, as it is now. */
struct current {
	bool there;
	bool gone; /* not there, by the HRIS's own word for that id (404, 410) */
	struct found found;
	bool has_minutes; /* false: the HRIS does not say what it amounts to */
	int64_t minutes;
};
/* GW_OK with there == false: the HRIS says that this agent has no such request. */
enum gw_err
hris_current(struct hris *h, const char *agent_id, const char *request_id, struct current *out);
/* The total of a found request, with its type looked up. False: the HRIS does not say. */
bool found_minutes(struct hris *h, const struct found *f, int64_t *minutes);
/* Its type. False: the HRIS does not know it any more, or cannot be asked. */
bool found_type(struct hris *h, const struct found *f, const struct timeoff_type **type);
/* Of the days that it lists. False: it lists none, or one without an amount. */
bool found_days_minutes(
    const struct hris *h, const struct found *f, const struct timeoff_type *type, int64_t *minutes);
/* Two records of one request as one row; neither is changed. NULL: no memory. */
const struct found *found_together(struct hris *h, const struct found *a, const struct found *b);
/* Do both rows say the same in every member? */
bool found_same(const struct found *a, const struct found *b);

/*
 * fate.c: runs a write and finds out what became of it. A failure that reads "not written" is
 * certain; what is not known is HRIS.OUTCOME_UNKNOWN, with what a person has to look for.
 *
 * fate_write: insert or change; in->marker is set. GW_OK: *done is complete. HRIS.NOT_APPROVED:
 * written, with its id in *done. HRIS.CONFLICT: not written; the text names what is in the way.
 */
enum gw_err
fate_write(struct hris *h, enum operation op, struct operation_in *in, struct timeoff_done *done);
const char *agent_shown(const struct operation_in *in); /* for messages */

/*
 * state.c: fate_state: approve, cancel or deny. GW_OK: done, by the HRIS's word and by what it
 * shows.
 * HRIS.NOT_APPROVED, HRIS.OUTCOME_UNKNOWN; any other failure: not applied. shown: the row as last
 * seen, its id NULL where there was none; NULL: not wanted.
 */
enum gw_err
fate_state(struct hris *h, enum operation op, const struct operation_in *in, struct found *shown);
#endif
