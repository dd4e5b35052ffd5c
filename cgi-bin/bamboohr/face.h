/*
 * face.h: what the files of the BambooHR face share. Shapes are BambooHR's as recorded on the wire
 * in May 2026 and as in its OpenAPI description of 2026-04-27.
 */
#ifndef FACE_H
#define FACE_H

#include "gateway/exchange.h"

enum { BAMBOOHR_PARAMS_MAX = 16, BAMBOOHR_NOTES_MAX = 16 };

struct bamboohr_param {
	const char *name, *value;
};

/* One call on the face; everything lives as long as the request. */
struct bamboohr_call {
	struct hris *h;
	const struct request *request;
	struct response *response;
	const char *id; /* the one in the path, decoded; NULL where it has none */
	struct bamboohr_param params[BAMBOOHR_PARAMS_MAX];
	size_t n_params;
};

/* bamboohr.c: answers the call that the method and the path (raw, what follows /v1) name. */
void bamboohr_handle(
    struct hris *h, const struct request *request, const char *path, struct response *response);

/* lists.c, balance.c, requests.c, write.c: the calls. */
enum gw_err bamboohr_directory(struct bamboohr_call *c);
enum gw_err bamboohr_types(struct bamboohr_call *c);
/* All types; refused where BambooHR's calls could not distinguish two of them. */
enum gw_err
bamboohr_types_known(struct bamboohr_call *c, const struct timeoff_type **types, size_t *n);
enum gw_err bamboohr_calculator(struct bamboohr_call *c);
enum gw_err bamboohr_requests(struct bamboohr_call *c);
enum gw_err bamboohr_write_request(struct bamboohr_call *c);
enum gw_err bamboohr_write_status(struct bamboohr_call *c);

/*
 * query.c: does the path (raw) fit the pattern, in which * is an id? The id is decoded
 * into *id unless that is NULL; GW_ENOTFOUND where it does not fit, INPUT.ID for an id that can be
 * none.
 */
enum gw_err bamboohr_path(struct hris *h, const char *path, const char *pattern, const char **id);
/* The query of the request's URI into c->params; a name that is there twice is refused. */
enum gw_err bamboohr_query(struct bamboohr_call *c);
/* NULL where absent or empty. Borrowed. */
const char *bamboohr_param(const struct bamboohr_call *c, const char *name);
/* Is word one of a list with commas? */
bool bamboohr_listed(const char *list, const char *word);
/* A date of the query; fails where it is none, or where it is absent. */
enum gw_err bamboohr_param_date(struct bamboohr_call *c, const char *name, struct date *out);

/*
 * answer.c. A failed answer has its text in a header, as BambooHR does, and no
 * body.
 */
enum gw_err bamboohr_answer_json(struct bamboohr_call *c, int status, const struct value *v);
void bamboohr_answer_error(struct bamboohr_call *c, int status, const char *text);
void bamboohr_answer_failure(struct bamboohr_call *c);
void bamboohr_answer_message(struct bamboohr_call *c, const char *text); /* the header alone */
void bamboohr_answer_done(struct bamboohr_call *c); /* 200 without a body, as a status PUT has it */
/* Text, as a member, where there is any: what has no source is left out. False: out of memory. */
bool bamboohr_put(struct arena *a, struct value *object, const char *name, const char *text);

/*
 * words.c: hours or days, which is all that BambooHR has. Days only where a day of the
 * type is as long as the route's, which is the one that the face reports (defaultHours).
 */
enum unit bamboohr_unit(const struct hris *h, const struct timeoff_type *type);
/* Minutes as amount of a request: the shortest decimal. False where it cannot be said. */
bool bamboohr_amount(
    const struct hris *h, enum unit unit, int64_t minutes, char out[static DECIMAL_TEXT_MAX]);
/* Minutes as a balance: rounded half-even to precision digits, all of them written. */
bool bamboohr_balance_amount(const struct hris *h, enum unit unit, int64_t minutes, int precision,
    char out[static DECIMAL_TEXT_MAX]);
/* An amount that was sent. False unless it is whole minutes, as far as its digits can say. */
bool bamboohr_minutes(const struct hris *h, enum unit unit, const char *text, int64_t *minutes);
/* {"unit":"hours","amount":"16"}; NULL: out of memory, or an amount that cannot be said. */
struct value *bamboohr_amount_value(struct hris *h, enum unit unit, int64_t minutes);

/* words.c: what BambooHR calls a status. */
enum bamboohr_use { BAMBOOHR_CREATES = 1, BAMBOOHR_MOVES = 2, BAMBOOHR_FILTERS = 4 };
const char *bamboohr_status_word(enum timeoff_status s); /* NULL for none */
bool bamboohr_status_parse(const char *word, enum bamboohr_use use, enum timeoff_status *out);

/* body.c: what a PUT may be sent. */
struct bamboohr_write {
	enum timeoff_status status;
	const char *previous, *type_id; /* NULL: not given */
	struct civil_date start, end;
	const char *amount;             /* digits; NULL: not given */
	const struct value *dates;      /* list of {ymd, amount}; NULL: not given */
	const struct value *notes_sent; /* as they came, for the answer; NULL: none */
	const char *notes;              /* their texts as one; NULL: none */
};
enum gw_err bamboohr_body(struct bamboohr_call *c, struct value **out);
enum gw_err bamboohr_body_write(struct bamboohr_call *c, struct bamboohr_write *out);
/* The days of the request: from dates, else the whole amount on the first day. */
enum gw_err bamboohr_body_days(struct bamboohr_call *c, const struct bamboohr_write *w,
    enum unit unit, struct day **days, size_t *n);

#endif
