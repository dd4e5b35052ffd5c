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
