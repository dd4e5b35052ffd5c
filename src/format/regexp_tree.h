/* jsonpath_regexp_parts.h: a compiled I-Regexp. Private to jsonpath_regexp*.c and _unicode.c. */
#ifndef JSONPATH_REGEXP_PARTS_H
#define JSONPATH_REGEXP_PARTS_H

#include <stdint.h>

#include "format/regexp.h"

enum {
	REGEXP_PATTERN = 4096, /* bytes of a pattern */
	REGEXP_STATES = 5000,  /* with what {n,m} repeats */
	REGEXP_GROUPS = 100    /* in one another */
};

enum regexp_kind {
	REGEXP_CHARACTER,
	REGEXP_CLASS,
	REGEXP_BEGIN,
	REGEXP_END,
	REGEXP_SPLIT,
	REGEXP_JUMP,
	REGEXP_MATCH
};

struct regexp_state {
	enum regexp_kind kind;
	uint32_t number; /* the character, or the class's index */
	int32_t x, y;    /* SPLIT, JUMP (x): steps from here */
};

struct regexp_range {
	uint32_t low, high;
};

struct regexp_class {
	struct regexp_range *ranges;
	size_t n, cap;
	uint32_t categories; /* bits by enum unicode_category */
	bool negated;
};

struct jsonpath_regexp {
	struct regexp_state *states;
	size_t n, cap;
	struct regexp_class *classes;
	size_t n_classes, classes_cap;
};

/* The general categories a code point of text can have (no surrogates). */
enum unicode_category {
	UNICODE_LU,
	UNICODE_LL,
	UNICODE_LT,
	UNICODE_LM,
	UNICODE_LO,
	UNICODE_MN,
	UNICODE_MC,
	UNICODE_ME,
	UNICODE_ND,
	UNICODE_NL,
	UNICODE_NO,
	UNICODE_PC,
	UNICODE_PD,
	UNICODE_PS,
	UNICODE_PE,
	UNICODE_PI,
	UNICODE_PF,
	UNICODE_PO,
	UNICODE_SM,
	UNICODE_SC,
	UNICODE_SK,
	UNICODE_SO,
	UNICODE_ZS,
	UNICODE_ZL,
	UNICODE_ZP,
	UNICODE_CC,
	UNICODE_CF,
	UNICODE_CO,
	UNICODE_CN,
	UNICODE_MAX
};

enum unicode_category jsonpath_unicode_category(uint32_t code_point);
/* The bits of "Lu", or of all that start with "L"; 0 for an unknown name. */
uint32_t jsonpath_unicode_mask(const char *name, size_t len);

/* The class at *p, which is [...], or an escape like \p{Lu}; one less than 0 on failure (why). */
bool jsonpath_regexp_class(
    struct arena *a, const char **p, const char *end, struct regexp_class *out, const char **why);
/* The character that \ at *p escapes; *p moves behind it. */
bool jsonpath_regexp_escape(const char **p, const char *end, uint32_t *out, const char **why);
bool jsonpath_regexp_class_has(const struct regexp_class *class, uint32_t c);

#endif
