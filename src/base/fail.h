/*
 * fail.h: how a request fails. The function that first knows why calls fail(); everybody above
 * passes the enum up. One table (fail.c) says for each code what the caller may do about it.
 */
#ifndef FAIL_H
#define FAIL_H

#include <stdbool.h>

#include "base/bounds.h"

/* What the caller may do. */
enum gw_err {
	GW_OK,
	GW_EINPUT,    /* correct the request */
	GW_EAUTH,     /* prove who you are */
	GW_ECONFIG,   /* an administrator corrects route, adapter or rights */
	GW_EREFUSED,  /* the HRIS said no; nothing was applied */
	GW_ENOTFOUND, /* what it is about is not there */
	GW_ERETRY,    /* nothing was applied; later it may work */
	GW_EUNKNOWN,  /* a write that may or may not have been applied */
	GW_EINTERNAL, /* memory, disk, a fault of ours */
	GW_ERR_MAX
};

/* The stable codes callers see as errorCode: X(symbol, text, error, what it means). */
#define FAIL_CODES(X)                                                                             \
	X(NONE, "", GW_OK, "success")                                                             \
	X(INPUT_BODY, "INPUT.BODY", GW_EINPUT, "the body is shorter or longer than it says")      \
	X(INPUT_JSON, "INPUT.JSON", GW_EINPUT, "the body is not one strict JSON object")          \
	X(INPUT_REQUIRED, "INPUT.REQUIRED", GW_EINPUT, "a required member is absent")             \
	X(INPUT_FORM, "INPUT.FORM", GW_EINPUT, "a member has the wrong form")                     \
	X(INPUT_DATE, "INPUT.DATE", GW_EINPUT, "not a calendar date or local date-time")          \
	X(INPUT_RANGE, "INPUT.RANGE", GW_EINPUT, "a date lies outside minDate to maxDate")        \
	X(INPUT_ALIGN, "INPUT.ALIGN", GW_EINPUT, "two lists do not have the same length")         \
	X(INPUT_LIMIT, "INPUT.LIMIT", GW_EINPUT, "more than a stated limit")                      \
	X(INPUT_MINUTES, "INPUT.MINUTES", GW_EINPUT, "not whole minutes from 0 to 1440 a day")    \
	X(INPUT_NOTHING_PAYABLE, "INPUT.NOTHING_PAYABLE", GW_EINPUT, "every day has 0 minutes")   \
	X(INPUT_STATUS, "INPUT.STATUS", GW_EINPUT, "a status this action does not know")          \
	X(INPUT_TYPE, "INPUT.TYPE", GW_EINPUT, "a time-off type the HRIS does not know")          \
	X(INPUT_ID, "INPUT.ID", GW_EINPUT, "an id that cannot be sent to the HRIS")               \
	X(INPUT_AMOUNT, "INPUT.AMOUNT", GW_EINPUT, "an amount the HRIS cannot express")           \
	X(INPUT_IDEMPOTENCY, "INPUT.IDEMPOTENCY", GW_EINPUT,                                      \
	    "this idempotencyKey was used for another request")                                   \
	X(ROUTE_BROKEN, "ROUTE.BROKEN", GW_ECONFIG, "the route or its adapter has a fault")       \
	X(ROUTE_SETTING, "ROUTE.SETTING", GW_ECONFIG, "a setting does not work out")              \
	X(HRIS_ANSWER, "HRIS.ANSWER", GW_EREFUSED, "the HRIS answered something unreadable")      \
	X(HRIS_BUSY, "HRIS.BUSY", GW_ERETRY, "the HRIS asks to come later")                       \
	X(HRIS_CREDENTIALS, "HRIS.CREDENTIALS", GW_ECONFIG, "the HRIS refuses the credentials")   \
	X(HRIS_FORBIDDEN, "HRIS.FORBIDDEN", GW_ECONFIG, "the credentials lack a right there")     \
	X(HRIS_NOT_FOUND, "HRIS.NOT_FOUND", GW_ENOTFOUND, "the HRIS does not know that id")       \
	X(HRIS_CONFLICT, "HRIS.CONFLICT", GW_EREFUSED, "the HRIS sees a conflict; not written")   \
	X(HRIS_REFUSED, "HRIS.REFUSED", GW_EREFUSED, "the HRIS refused; nothing was written")     \
	X(HRIS_INSUFFICIENT_BALANCE, "HRIS.INSUFFICIENT_BALANCE", GW_EREFUSED,                    \
	    "the balance does not cover the request; nothing was written")                        \
	X(HRIS_UNAVAILABLE, "HRIS.UNAVAILABLE", GW_ERETRY, "the HRIS cannot be reached or fails") \
	X(HRIS_TIMEOUT, "HRIS.TIMEOUT", GW_ERETRY, "the HRIS did not answer in time")             \
	X(HRIS_OUTCOME_UNKNOWN, "HRIS.OUTCOME_UNKNOWN", GW_EUNKNOWN,                              \
	    "a write left and its fate is not known; search the HRIS for the marker")             \
	X(HRIS_UNSUPPORTED, "HRIS.UNSUPPORTED", GW_EREFUSED, "this HRIS cannot do that")          \
	X(HRIS_NOT_APPROVED, "HRIS.NOT_APPROVED", GW_EREFUSED, "written, but it is not approved") \
	X(HRIS_DIFFERENT, "HRIS.DIFFERENT", GW_EREFUSED,                                          \
	    "the HRIS holds something else than was asked; the text says what stands")            \
	X(HRIS_EMPTY, "HRIS.EMPTY", GW_EREFUSED, "the HRIS answered an empty list")               \
	X(HRIS_BALANCE, "HRIS.BALANCE", GW_EREFUSED, "the HRIS does not report this balance")     \
	X(HRIS_TOO_MANY, "HRIS.TOO_MANY", GW_EREFUSED, "more records than can be taken")          \
	X(HRIS_DUPLICATE_EMAIL, "HRIS.DUPLICATE_EMAIL", GW_EREFUSED,                              \
	    "two employees share an e-mail")                                                      \
	X(HRIS_NO_EMAIL, "HRIS.NO_EMAIL", GW_EREFUSED, "too many employees without e-mail")       \
	X(HRIS_FEWER_AGENTS, "HRIS.FEWER_AGENTS", GW_EREFUSED, "far fewer employees than before") \
	X(GATEWAY_BUSY, "GATEWAY.BUSY", GW_ERETRY, "too many requests at once")                   \
	X(GATEWAY_IN_PROGRESS, "GATEWAY.IN_PROGRESS", GW_EUNKNOWN,                                \
	    "the same request is being written; its outcome is not known yet")                    \
	X(GATEWAY_ABANDONED, "GATEWAY.ABANDONED", GW_ERETRY, "the caller hung up; not written")   \
	X(GATEWAY_MEMORY, "GATEWAY.MEMORY", GW_EINTERNAL, "out of memory")                        \
	X(GATEWAY_STORE, "GATEWAY.STORE", GW_EINTERNAL, "state_dir cannot be read or written")    \
	X(GATEWAY_SNAPSHOT_EXPIRED, "GATEWAY.SNAPSHOT_EXPIRED", GW_EINPUT,                        \
	    "ask for bucket 0 first; its snapshot lives 15 minutes")                              \
	X(GATEWAY_INTERNAL, "GATEWAY.INTERNAL", GW_EINTERNAL, "a fault of the gateway")           \
	X(AUTH, "AUTH", GW_EAUTH, "not authenticated; never shown beside HTTP 200")

enum fail_code {
#define FAIL_ENUM(symbol, text, err, help) CODE_##symbol,
	FAIL_CODES(FAIL_ENUM)
#undef FAIL_ENUM
	    CODE_MAX
};

struct failure {
	enum gw_err err;
	enum fail_code code;
	bool memory; /* there was GATEWAY.MEMORY, the first or not; fail_clear() leaves it */
	char text[LIMIT_FAILURE_TEXT + 1]; /* for an administrator; no secret, no body */
};

/*
 * Writes code and reason unless there is an earlier one (first writer wins), and returns the
 * error of the reason kept. A longer text ends in "...", on a whole character.
 */
enum gw_err fail(struct failure *f, enum fail_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
enum gw_err fail_memory(struct failure *f);

/*
 * What is answered where memory ran out on the way (ran_out, or f->memory): GATEWAY.MEMORY in place
 * of what then seems to be wrong. What was written, or may be, is said as before.
 */
void fail_for_memory(struct failure *f, bool ran_out);

/* Forgets a failure that was dealt with. */
void fail_clear(struct failure *f);

const char *fail_code_text(enum fail_code code); /* static */
const char *fail_code_help(enum fail_code code); /* static */
enum gw_err fail_code_err(enum fail_code code);

#endif
