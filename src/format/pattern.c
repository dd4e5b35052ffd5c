/* pattern.c: see pattern.h. What a pattern costs is counted before the C library compiles it. */
#include "format/pattern.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MAX = 500, COST_MAX = 1000, DEPTH_MAX = 16 };

/* A pattern as far as it has been read: states of each group that is open, and of the last atom. */
struct cost {
	unsigned long sum[DEPTH_MAX], last[DEPTH_MAX];
	size_t depth;
};

static void
cost_atom(struct cost *c, unsigned long states)
{
	c->last[c->depth] = states;
	c->sum[c->depth] += states;
}

static void
cost_repeat(struct cost *c, unsigned long times)
{
	c->sum[c->depth] += c->last[c->depth] * (times - 1);
	c->last[c->depth] *= times;
}

/* The larger number of {m,n}, with p behind the brace; at least 1. */
static unsigned long
count_of(const char *p)
{
	unsigned long largest = 1, n;
	char *end;

	for (; isdigit((unsigned char)*p) || *p == ','; p = end) {
		end = (char *)p + 1;
		if (*p == ',')
			continue;
		n = strtoul(p, &end, 10);
		largest = n > largest ? n : largest;
	}
	return largest > COST_MAX ? COST_MAX + 1 : largest;
}

/* The last character of [...], with p at its bracket. */
static const char *
bracket_end(const char *p)
{
	char close[3] = {0, ']', 0};

	p += p[1] == '^' ? 2 : 1;
	if (*p == ']')
		p++;
	for (; *p != '\0' && *p != ']'; p++) {
		if (*p != '[' || strchr(":.=", p[1]) == NULL || p[1] == '\0')
			continue;
		close[0] = p[1];
		p = strstr(p + 2, close);
		if (p == NULL)
			return NULL;
		p++;
	}
	return *p == ']' ? p : NULL;
}

static const char *
group_fault(struct cost *c, char bracket)
{
	unsigned long sum;

	if (bracket == '(') {
		if (c->depth + 1 >= DEPTH_MAX)
			return "its groups are nested too deep";
		c->depth++;
		c->sum[c->depth] = c->last[c->depth] = 0;
	} else if (c->depth > 0) {
		sum = c->sum[c->depth--];
		cost_atom(c, sum > 0 ? sum : 1);
	}
	return NULL;
}

static const char *
cost_fault(const char *p)
{
	struct cost c = {0};
	const char *fault = NULL;

	for (; *p != '\0' && fault == NULL; p++) {
		if (*p == '\\' && isdigit((unsigned char)p[1]))
			return "back references are not allowed";
		if (*p == '(' || *p == ')')
			fault = group_fault(&c, *p);
		else if (*p == '+')
			cost_repeat(&c, 2);
		else if (*p == '{')
			cost_repeat(&c, count_of(p + 1));
		else if (*p != '*' && *p != '?')
			cost_atom(&c, 1);
		if (c.sum[c.depth] > COST_MAX)
			return "its repetitions multiply to more than 1000";
		if (*p == '[')
			p = bracket_end(p);
		else if (*p == '{')
			p += strcspn(p, "}") - (strchr(p, '}') == NULL);
		else if (*p == '\\' && p[1] != '\0')
			p++;
		if (p == NULL)
			return "a [ has no ]";
	}
	return fault;
}

const char *
pattern_fault(const char *pattern)
{
	const char *fault;
	regex_t re;

	if (strlen(pattern) > PATTERN_MAX)
		return "it is longer than 500 bytes";
	fault = cost_fault(pattern);
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
