/*
 * contract.h: what an action may be sent, as a table of members. The check of a member follows from
 * the C type of the struct's member, so table and struct cannot disagree. Unknown members are
 * ignored; null, "" and the name of a variable that had no value are absent; a known member of the
 * wrong form is a failure that names it and the rule.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/fail.h"
#include "hris/records.h"
#include "base/value.h"

/* An id, as text; a JSON number's digits are one too. NULL: absent. */
struct id {
	const char *text;
};

struct id_list {
	const char **items;
	size_t n;
	bool given;
};

struct civil_date {
	struct date date;
	bool given;
};

struct date_list {
	struct date *items;
	size_t n;
	bool given;
};

struct start {
	struct date date;
	int minute; /* of the day */
};

struct start_list {
	struct start *items;
	size_t n;
	bool given;
};

struct minutes_list {
	int *items;
	size_t n;
	bool given;
};

struct whole {
	int64_t number;
	bool given;
};

struct flag {
	bool on;
	bool given;
};

struct notes {
	const char *text; /* NULL: absent; at most LIMIT_NOTES characters */
};

struct key_text {
	const char *text; /* NULL: absent; printable ASCII, at most 255 */
};

struct status_word {
	enum timeoff_status status;
};

enum field_kind {
	FIELD_ID,
	FIELD_ID_LIST,
	FIELD_DATE,
	FIELD_DATES,
	FIELD_STARTS,
	FIELD_MINUTES,
	FIELD_WHOLE,
	FIELD_FLAG,
	FIELD_NOTES,
	FIELD_KEY,
	FIELD_STATUS,
	FIELD_KIND_MAX
};

enum field_need { OPTIONAL, REQUIRED };

struct field {
	const char *name; /* as in the contract; NULL ends a table */
	enum field_kind kind;
	enum field_need need;
	size_t offset;
};

/* Evaluates to the kind of a struct's member. */
#define FIELD_KIND(type, member)                       \
	_Generic(((struct type *)0)->member, struct id \
		 : FIELD_ID, struct id_list            \
		 : FIELD_ID_LIST, struct civil_date    \
		 : FIELD_DATE, struct date_list        \
		 : FIELD_DATES, struct start_list      \
		 : FIELD_STARTS, struct minutes_list   \
		 : FIELD_MINUTES, struct whole         \
		 : FIELD_WHOLE, struct flag            \
		 : FIELD_FLAG, struct notes            \
		 : FIELD_NOTES, struct key_text        \
		 : FIELD_KEY, struct status_word       \
		 : FIELD_STATUS)
#define FIELD(type, member, name, need)                                             \
	{                                                                           \
		name, FIELD_KIND(type, member), need, offsetof(struct type, member) \
	}
#define FIELD_LAST                          \
	{                                   \
		NULL, FIELD_ID, OPTIONAL, 0 \
	}

/*
 * A data action's template prints a variable that has no value as its name, "${input.notes}": is it
 * all of the text, or somewhere in it?
 */
bool contract_unset(const char *s);
bool contract_has_unset(const char *s);
bool contract_absent(const struct value *v);

/* Reads body (an object) into `in`, zeroed by the caller. Texts are borrowed from body. */
enum gw_err contract_read(struct arena *a, const struct field *fields, const struct value *body,
    void *in, struct failure *failure);

#endif
