/* fail.c: the table of codes, and the one way to fill a failure. */
#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"

static const struct {
	const char *text;
	enum gw_err err;
	const char *help;
} codes[] = {
#define FAIL_ROW(symbol, text, err, help) [CODE_##symbol] = {text, err, help},
    FAIL_CODES(FAIL_ROW)
#undef FAIL_ROW
};
_Static_assert(ARRAY_LEN(codes) == CODE_MAX, "a row for every code");

enum gw_err
fail(struct failure *f, enum fail_code code, const char *fmt, ...)
{
	va_list ap;
	int n;

	f->memory = f->memory || code == CODE_GATEWAY_MEMORY;
	if (f->err != GW_OK)
		return f->err;
	va_start(ap, fmt);
	n = vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	f->code = code;
	f->err = codes[code].err;
	if (n < 0)
		f->text[0] = '\0';
	else if ((size_t)n >= sizeof(f->text))
		text_ellipsis(f->text, sizeof(f->text));
	return f->err;
}

enum gw_err
fail_memory(struct failure *f)
{
	return fail(f, CODE_GATEWAY_MEMORY, "out of memory for this request: " MEMORY_KEY);
}

void
fail_for_memory(struct failure *f, bool ran_out)
{
	static const enum fail_code kept[] = {
	    CODE_HRIS_DIFFERENT, CODE_HRIS_NOT_APPROVED, CODE_GATEWAY_BUSY, CODE_GATEWAY_MEMORY};
	size_t i;

	if (f->err == GW_OK || f->err == GW_EUNKNOWN || !(ran_out || f->memory))
		return;
	for (i = 0; i < ARRAY_LEN(kept); i++) {
		if (f->code == kept[i])
			return;
	}
	fail_clear(f);
	(void)fail_memory(f);
}

void
fail_clear(struct failure *f)
{
	f->err = GW_OK;
	f->code = CODE_NONE;
	f->text[0] = '\0';
}

const char *
fail_code_text(enum fail_code code)
{
	return codes[code].text;
}

const char *
fail_code_help(enum fail_code code)
{
	return codes[code].help;
}

enum gw_err
fail_code_err(enum fail_code code)
{
	return codes[code].err;
}
