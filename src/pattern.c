/* pattern.c: see pattern.h. */
#include "pattern.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MAX = 500, PATTERN_COUNT_MAX = 1000 };

/* The larger number of {m,n}, with p behind the brace; at least 1. */
static unsigned long
count_of(const char *p)
{
	unsigned long largest = 1, n;
	char *end;

	while (isdigit((unsigned char)*p) || *p == ',') {
		if (*p == ',') {
			p++;
			continue;
		}
		n = strtoul(p, &end, 10);
		largest = n > largest ? n : largest;
		p = end;
	}
	return largest;
}

static const char *
shape_fault(const char *p)
{
	unsigned long counts = 1, n;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			if (isdigit((unsigned char)p[1]))
				return "back references are not allowed";
			p++;
		} else if (*p == '{') {
			n = count_of(p + 1);
			if (n > PATTERN_COUNT_MAX || counts * n > PATTERN_COUNT_MAX)
				return "its counts multiply to more than 1000";
			counts *= n;
		}
	}
	return NULL;
}

const char *
pattern_fault(const char *pattern)
{
	const char *fault;
	regex_t re;

	if (strlen(pattern) > PATTERN_MAX)
		return "it is longer than 500 bytes";
	fault = shape_fault(pattern);
	if (fault != NULL)
		return fault;
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return "it is no POSIX extended regular expression";
	regfree(&re);
	return NULL;
}

bool
pattern_matches(const char *pattern, const char *text)
{
	regex_t re;
	bool found;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	found = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return found;
}

bool
pattern_matches_whole(const char *pattern, const char *text)
{
	char whole[PATTERN_MAX + 8];

	if (strlen(pattern) > PATTERN_MAX)
		return false;
	(void)snprintf(whole, sizeof(whole), "^(%s)$", pattern);
	return pattern_matches(whole, text);
}
