/*
 * expr.h: EXPR of the adapter language: SOURCE[PATH] | filter ARG ...
 * Compiled and checked when the adapter is loaded, into env's arena. Evaluated against a scope: it
 * has no loops of its own and sees only what the scope holds; values are borrowed from the scope or
 * live in its arena. A value that does not fit fails with the scope's blame as code.
 */
#ifndef EXPR_H
#define EXPR_H

#include "base/fail.h"
#include "config/reader.h"
#include "http/http.h"
#include "format/jsonpath.h"
#include "hris/records.h"
#include "base/value.h"

enum source {
	SOURCE_IN,
	SOURCE_SETTINGS,
	SOURCE_STEPS,
	SOURCE_STATUS, /* of the HTTP answer */
	SOURCE_HEADER, /* header.NAME of the answer */
	SOURCE_ANSWER, /* $ */
	SOURCE_RECORD, /* .member */
	SOURCE_TEXT,   /* text: the raw answer, in failures */
	SOURCE_BOUND,  /* a name of `for` */
	SOURCE_LITERAL,
	SOURCE_MAX
};

struct expr;

/* What is known about the members of a value while compiling, see in.h. NULL: anything. */
struct shape;

struct bound_name {
	const char *name;
	const struct shape *shape;
	const struct bound_name *next;
};

/* What an expression names that the checks of a whole file ask about. */
enum expr_use_kind {
	USE_MAP,
	USE_SETTING,
	USE_STEP,
	USE_IN,       /* a member of in that a request holds; not one that a condition tests */
	USE_WHOLE_ID, /* request_id in a request, not split */
	USE_UNIT,     /* an amount in a fixed unit, outside of conditions on in.type */
	USE_SPAN      /* from, to or part of days */
};

struct expr_use {
	enum expr_use_kind kind;
	const char *name;
	const struct value *at; /* in the file; NULL: nowhere */
};

struct expr_uses {
	struct expr_use *items;
	size_t n, cap;
};

/* Which parts of an answer are named. */
struct expr_looks {
	const struct jsonpath **paths; /* after $ */
	size_t n, cap;
	bool call; /* status, header or text */
};

/* What an expression may name where it is. */
struct expr_env {
	struct reader r;
	const struct value *settings; /* declarations, OBJECT or NULL */
	const struct value *maps;     /* OBJECT or NULL */
	const struct value *steps;    /* the steps before: OBJECT of what each sets, a LIST */
	const struct bound_name *bound;
	bool answer_side;            /* $, header, status, text */
	bool record;                 /* .member */
	bool secrets;                /* secret settings may be named here */
	bool tests;                  /* in a condition: what it names is not sent */
	bool chooses;                /* in a condition on records: it decides what is sent */
	bool unit_known;             /* inside a condition on the type's unit */
	const char *const *statuses; /* of in.status; NULL: PENDING, APPROVED */
	const char *const *words;    /* bare words that are texts here */
	size_t n_words;
	struct expr_uses *used;   /* NULL: not noted */
	struct expr_looks *looks; /* NULL: not noted */
};

/* NULL with a fault at `at`. The expression lives in env's arena and borrows from env. */
struct expr *
expr_compile(const struct expr_env *env, const char *text, size_t len, const struct value *at);
struct expr *expr_compile_value(const struct expr_env *env, const struct value *v);
/* The member `name` of v, if it is there: *out. False with a fault. */
bool
expr_member(const struct expr_env *env, const struct value *v, const char *name, struct expr **out);

bool expr_is_source(const char *word); /* in, settings, status ... */

struct binding {
	const char *name;
	struct value *value;
	const struct binding *next;
};

struct lookup;

struct scope {
	struct arena *arena;
	struct failure *failure;
	enum fail_code blame; /* of a value that does not fit: INPUT_ID, HRIS_ANSWER */
	struct value *in, *settings, *steps, *answer, *record;
	struct value *auth;           /* {token}; NULL: there is none */
	const struct http_call *call; /* status, header, text */
	const struct binding *bound;
	const struct traits *traits; /* steps of `as UNIT` */
	int day_minutes;             /* of the type at hand, else the route's */
	struct lookup **lookups;     /* of `find`, by list; NULL: none is kept */
	bool query;                  /* templates make a query: see template.h */
};

/* *out is NULL where absent. A path that can select many gives a list, always. */
enum gw_err expr_eval(const struct expr *e, const struct scope *s, struct value **out);
/* One scalar as text; a list of one gives that one. *out NULL where absent or null. */
enum gw_err expr_text(const struct expr *e, const struct scope *s, const char **out);

/*
 * The one text that it selects, before any filters: the HRIS's own word. NULL: none. Cannot fail.
 */
const char *expr_word(const struct expr *e, const struct scope *s);

const char *expr_source_text(const struct expr *e); /* as written; for faults */
enum source expr_source(const struct expr *e);
/* The path after its source, before any filters; NULL: none. */
const struct jsonpath *expr_path(const struct expr *e);
bool expr_has_filters(const struct expr *e);
/* The member of `in` it starts with ("days"), or NULL. */
const char *expr_in_member(const struct expr *e);
const char *expr_setting(const struct expr *e); /* of settings, likewise */
bool expr_is_literal(const struct expr *e);
/* Certainly one value or none; false if it is a list, or may be one. */
bool expr_is_one(const struct expr *e);
/* The shape of one item of what it selects, for `for`. */
const struct shape *expr_item_shape(const struct expr *e);

const char *expr_map_name(const struct expr *e); /* of its last map filter; NULL: a setting */
bool expr_ends_in(const struct expr *e, const char *filter); /* is that its last filter? */
bool expr_has_filter(const struct expr *e, const char *filter);

#endif
