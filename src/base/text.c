/* text.c: UTF-8, ASCII, "did you mean", whole files. */
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_NEAR_MAX = 64 };

size_t
text_sequence(unsigned char c, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (c >= 0x01 && c <= 0x7F)
		return 1;
	if (c >= 0xC2 && c <= 0xDF)
		return 2;
	if (c >= 0xE0 && c <= 0xEF) {
		if (c == 0xE0)
			*low = 0xA0;
		if (c == 0xED)
			*high = 0x9F;
		return 3;
	}
	if (c >= 0xF0 && c <= 0xF4) {
		if (c == 0xF0)
			*low = 0x90;
		if (c == 0xF4)
			*high = 0x8F;
		return 4;
	}
	return 0;
}

bool
text_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char low, high;
	size_t n, i;

	while (len > 0) {
		n = text_sequence(*p, &low, &high);
		if (n == 0 || n > len)
			return false;
		if (n > 1 && (p[1] < low || p[1] > high))
			return false;
		for (i = 2; i < n; i++) {
			if ((p[i] & 0xC0) != 0x80)
				return false;
		}
		p += n;
		len -= n;
	}
	return true;
}

size_t
text_characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++) {
		if (((unsigned char)*s & 0xC0) != 0x80)
			n++;
	}
	return n;
}

unsigned long
text_next(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	unsigned char low, high;
	size_t n = text_sequence(*p, &low, &high), i;
	unsigned long c;

	if (n <= 1) {
		*s += 1;
		return *p;
	}
	c = *p & (0xFFu >> (n + 1));
	for (i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3F);
	*s += n;
	return c;
}

size_t
text_encode(unsigned long c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

char
text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_is_alpha(char c)
{
	return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

bool
text_is_alnum(char c)
{
	return text_is_alpha(c) || (c >= '0' && c <= '9');
}

bool
text_is_token(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!text_is_alnum(s[i]) &&
		    (s[i] == '\0' || strchr("!#$%&'*+-.^_`|~", s[i]) == NULL))
			return false;
	}
	return len > 0;
}

bool
text_has_control(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7F)
			return true;
	}
	return false;
}

bool
text_is_empty(const char *s)
{
	return s == NULL || *s == '\0';
}

enum text_blank
text_blank(unsigned long c)
{
	static const struct {
		unsigned long first, last;
		enum text_blank is;
	} rows[] = {
	    {0x0000, 0x0020, TEXT_SPACE},    /* C0, blank */
	    {0x007F, 0x00A0, TEXT_SPACE},    /* DEL, C1, no-break space */
	    {0x00AD, 0x00AD, TEXT_NO_WIDTH}, /* soft hyphen */
	    {0x061C, 0x061C, TEXT_NO_WIDTH}, /* Arabic letter mark */
	    {0x1680, 0x1680, TEXT_SPACE},    /* Ogham space */
	    {0x180E, 0x180E, TEXT_NO_WIDTH}, /* Mongolian vowel separator */
	    {0x2000, 0x200A, TEXT_SPACE},
	    {0x200B, 0x200F, TEXT_NO_WIDTH}, /* zero-width ones, direction marks */
	    {0x2028, 0x2029, TEXT_SPACE},    /* line ends */
	    {0x202A, 0x202E, TEXT_NO_WIDTH}, /* embeddings */
	    {0x202F, 0x202F, TEXT_SPACE},    /* narrow no-break space */
	    {0x205F, 0x205F, TEXT_SPACE},    /* mathematical space */
	    {0x2060, 0x206F, TEXT_NO_WIDTH}, /* word joiner, isolates */
	    {0x3000, 0x3000, TEXT_SPACE},    /* ideographic space */
	    {0xFEFF, 0xFEFF, TEXT_NO_WIDTH}, /* byte order mark */
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (c >= rows[i].first && c <= rows[i].last)
			return rows[i].is;
	}
	return TEXT_INK;
}

const char *
text_trim(const char *s, size_t *len)
{
	const char *start = NULL, *end = s, *next;

	for (next = s; *next != '\0';) {
		const char *at = next;

		if (text_blank(text_next(&next)) != TEXT_INK)
			continue;
		if (start == NULL)
			start = at;
		end = next;
	}
	if (start == NULL)
		start = end;
	*len = (size_t)(end - start);
	return start;
}

bool
text_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), end = strlen(suffix);

	return len >= end && strcmp(s + len - end, suffix) == 0;
}

bool
text_unsigned(const char *s, unsigned long max, unsigned long *out)
{
	unsigned long n = 0, digit;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		digit = (unsigned long)(*s - '0');
		if (n > max / 10 || digit > max - n * 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

void
text_ellipsis(char *s, size_t size)
{
	static const char dots[] = "...";
	size_t end;

	if (size < sizeof(dots))
		return;
	end = size - sizeof(dots);
	while (end > 0 && ((unsigned char)s[end] & 0xC0) == 0x80)
		end--;
	memcpy(s + end, dots, sizeof(dots));
}

/* Levenshtein's distance with one row; both at most TEXT_NEAR_MAX bytes. */
static size_t
text_distance(const char *a, const char *b)
{
	size_t row[TEXT_NEAR_MAX + 1], la = strlen(a), lb = strlen(b), i, j, diagonal, above, best;

	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[lb];
}

const char *
text_nearest(const char *s, const char *const *names, size_t n)
{
	size_t i, d, best = SIZE_MAX, len = strlen(s);
	const char *nearest = NULL;

	if (len > TEXT_NEAR_MAX)
		return NULL;
	for (i = 0; i < n; i++) {
		if (strlen(names[i]) > TEXT_NEAR_MAX)
			continue;
		d = text_distance(s, names[i]);
		if (d < best) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest != NULL && best < len && best <= (len + 2) / 3 ? nearest : NULL;
}

static char *
text_read_fd(struct arena *a, int fd, size_t max, size_t *len)
{
	struct stat st;
	size_t size, n = 0;
	ssize_t got;
	char *p;

	if (fstat(fd, &st) != 0)
		return NULL;
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (size_t)st.st_size > max) {
		errno = S_ISREG(st.st_mode) ? EFBIG : S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return NULL;
	}
	size = (size_t)st.st_size;
	p = arena_alloc(a, size + 1);
	if (p == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	while (n < size) {
		got = read(fd, p + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	p[n] = '\0';
	*len = n;
	return p;
}

char *
text_read_file(struct arena *a, const char *path, size_t max, size_t *len)
{
	/* A named pipe would keep open() waiting for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), saved;
	char *p;

	if (fd < 0)
		return NULL;
	p = text_read_fd(a, fd, max, len);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return p;
}

bool
text_write(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}
