/*
 * fill.h: the templates in conf/genesys/templates, filled in. @(name) is replaced by its value, and
 * that is all: a name without a value is a fault, and so is a value that would need escaping
 * somewhere. The lines of a block go on at the indentation of the line that they are put in; a
 * block of no lines takes the line that it is alone on with it.
 */
#ifndef GENESYS_FILL_H
#define GENESYS_FILL_H

#include "base/buf.h"
#include "base/faults.h"

struct fill_value {
	const char *name, *text;
	/*
	 * Written for where it is put. Other values are letters, digits, blanks and ._:/- alone,
	 * which JSON, YAML, HCL and Markdown all leave as they are.
	 */
	bool block;
};

/* Appends to out. False with faults; file is the template's name in them. */
bool fill_text(const char *file, const char *text, const struct fill_value *values, size_t n,
    struct buf *out, struct faults *faults);

/* Whether a value needs no escaping anywhere. */
bool fill_is_plain(const char *text);

#endif
