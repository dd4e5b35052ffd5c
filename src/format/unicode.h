/* unicode.h: the general categories of Unicode 14. */
#ifndef UNICODE_H
#define UNICODE_H

#include <stddef.h>
#include <stdint.h>

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

enum unicode_category unicode_category(uint32_t code_point);
/* The bits of "Lu", or of all that start with "L"; 0 for an unknown name. */
uint32_t unicode_mask(const char *name, size_t len);

#endif
