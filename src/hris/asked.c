/*
 * asked.c: the days of a request as they were asked, before they are bent to what an HRIS takes: as
 * the text that the ledger keeps ("2026-12-01 none 480;2026-12-02 540 240": date, minute of the
 * start, minutes), and back. Days of zero minutes are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hris/journal.h"

/* A day that was given without its spans: one span. */
static struct span
day_span(const struct day *d)
{
	struct span s = {.date = d->date, .minute = -1, .minutes = d->minutes};
	int hours, minutes;

	if (d->from != NULL && sscanf(d->from, "%2d:%2d", &hours, &minutes) == 2)
		s.minute = hours * 60 + minutes;
	return s;
}

static void
span_print(struct buf *b, const struct span *s)
{
	char date[DATE_TEXT_MAX];

	if (s->minutes == 0)
		return;
	date_format(s->date, date);
	buf_printf(b, "%s%s ", b->len == 0 ? "" : ";", date);
	if (s->minute < 0)
		buf_puts(b, "none");
	else
		buf_printf(b, "%d", s->minute);
	buf_printf(b, " %d", s->minutes);
}

const char *
asked_text(struct arena *a, const struct timeoff *t)
{
	const char *text = NULL;
	struct span s;
	struct buf b;
	size_t i;

	buf_init(&b, LIMIT_BODY);
	for (i = 0; i < t->n_spans; i++)
		span_print(&b, &t->spans[i]);
	for (i = 0; t->n_spans == 0 && i < t->n_days; i++) {
		s = day_span(&t->days[i]);
		span_print(&b, &s);
	}
	if (b.err == GW_OK)
		text = arena_strndup(a, b.len == 0 ? "" : b.data, b.len);
	buf_clear(&b);
	return text;
}

/* One span, and *s past it. */
static bool
span_read(const char **s, struct span *out)
{
	char date[DATE_TEXT_MAX], start[8];
	unsigned long minute = 0;
	int read = 0;

	*out = (struct span){.minute = -1};
	if (sscanf(*s, "%10s %7s %d%n", date, start, &out->minutes, &read) != 3 ||
	    !date_parse(date, &out->date) ||
	    (strcmp(start, "none") != 0 && !text_unsigned(start, LIMIT_MINUTES, &minute)))
		return false;
	if (strcmp(start, "none") != 0)
		out->minute = (int)minute;
	*s += read;
	*s += **s == ';';
	return true;
}

bool
asked_spans(struct arena *a, const char *text, struct span **out, size_t *n)
{
	const char *p;
	size_t room = 1;

	for (p = text; *p != '\0'; p++)
		room += *p == ';';
	*n = 0;
	*out = arena_array(a, room, sizeof(**out));
	if (*out == NULL)
		return false;
	while (*text != '\0') {
		if (!span_read(&text, &(*out)[*n]))
			return false;
		(*n)++;
	}
	return true;
}

/* A span without a start has all of its date. */
static bool
spans_touch(const struct span *a, const struct span *b)
{
	return a->date.day == b->date.day &&
	       (a->minute < 0 || b->minute < 0 ||
		   (a->minute < b->minute + b->minutes && b->minute < a->minute + a->minutes));
}

bool
asked_touch(const char *a, const char *b)
{
	struct span x, y;
	const char *p;

	while (*a != '\0' && span_read(&a, &x)) {
		p = b;
		while (*p != '\0' && span_read(&p, &y)) {
			if (spans_touch(&x, &y))
				return true;
		}
	}
	return false;
}
