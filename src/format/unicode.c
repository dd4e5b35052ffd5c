/* unicode.c: general categories by binary search in a table of runs (see its maker). */
#include "format/unicode.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { RUN_UPPER_LOWER = UNICODE_MAX, RUN_LOWER_UPPER };

static const uint32_t runs[] = {
#include "format/unicode_table.h"
};

static const char names[UNICODE_MAX][3] = {
    [UNICODE_LU] = "Lu",
    [UNICODE_LL] = "Ll",
    [UNICODE_LT] = "Lt",
    [UNICODE_LM] = "Lm",
    [UNICODE_LO] = "Lo",
    [UNICODE_MN] = "Mn",
    [UNICODE_MC] = "Mc",
    [UNICODE_ME] = "Me",
    [UNICODE_ND] = "Nd",
    [UNICODE_NL] = "Nl",
    [UNICODE_NO] = "No",
    [UNICODE_PC] = "Pc",
    [UNICODE_PD] = "Pd",
    [UNICODE_PS] = "Ps",
    [UNICODE_PE] = "Pe",
    [UNICODE_PI] = "Pi",
    [UNICODE_PF] = "Pf",
    [UNICODE_PO] = "Po",
    [UNICODE_SM] = "Sm",
    [UNICODE_SC] = "Sc",
    [UNICODE_SK] = "Sk",
    [UNICODE_SO] = "So",
    [UNICODE_ZS] = "Zs",
    [UNICODE_ZL] = "Zl",
    [UNICODE_ZP] = "Zp",
    [UNICODE_CC] = "Cc",
    [UNICODE_CF] = "Cf",
    [UNICODE_CO] = "Co",
    [UNICODE_CN] = "Cn",
};

enum unicode_category
unicode_category(uint32_t c)
{
	size_t low = 0, high = ARRAY_LEN(runs), middle;
	uint32_t first, kind;
	bool odd;

	/* runs[low] begins at or before c, runs[high] after it. */
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (runs[middle] >> 5 <= c)
			low = middle;
		else
			high = middle;
	}
	first = runs[low] >> 5;
	kind = runs[low] & 31;
	odd = ((c - first) & 1) != 0;
	if (kind == RUN_UPPER_LOWER)
		return odd ? UNICODE_LL : UNICODE_LU;
	if (kind == RUN_LOWER_UPPER)
		return odd ? UNICODE_LU : UNICODE_LL;
	return (enum unicode_category)kind;
}

uint32_t
unicode_mask(const char *name, size_t len)
{
	uint32_t mask = 0;
	size_t i;

	if (len != 1 && len != 2)
		return 0;
	for (i = 0; i < UNICODE_MAX; i++) {
		if (memcmp(names[i], name, len) == 0)
			mask |= 1u << i;
	}
	return mask;
}
