/*
 * bamboohr_status.c: words for a status, as in BambooHR's OpenAPI description of 2026-04-27:
 * which may create a request, which an existing one may move to, and which a list may be filtered
 * by.
 */
#include "face.h"

#include <string.h>

/* The first of a status is the one that is told. */
static const struct {
	const char *word;
	enum timeoff_status status;
	unsigned uses;
} words[] = {
    {"requested", STATUS_PENDING, BAMBOOHR_CREATES | BAMBOOHR_FILTERS},
    {"approved", STATUS_APPROVED, BAMBOOHR_CREATES | BAMBOOHR_MOVES | BAMBOOHR_FILTERS},
    {"denied", STATUS_DENIED, BAMBOOHR_CREATES | BAMBOOHR_MOVES | BAMBOOHR_FILTERS},
    {"declined", STATUS_DENIED, BAMBOOHR_CREATES | BAMBOOHR_MOVES},
    {"canceled", STATUS_CANCELED, BAMBOOHR_MOVES | BAMBOOHR_FILTERS},
    {"cancelled", STATUS_CANCELED, BAMBOOHR_MOVES},
    /* What a change leaves behind in BambooHR; here a change leaves nothing behind. */
    {"superceded", STATUS_NONE, BAMBOOHR_FILTERS},
};

const char *
bamboohr_status_word(enum timeoff_status s)
{
	size_t i;

	for (i = 0; s != STATUS_NONE && i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].status == s)
			return words[i].word;
	}
	return NULL;
}

bool
bamboohr_status_parse(const char *word, enum bamboohr_use use, enum timeoff_status *out)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if ((words[i].uses & (unsigned)use) != 0 && strcmp(words[i].word, word) == 0) {
			*out = words[i].status;
			return true;
		}
	}
	return false;
}
