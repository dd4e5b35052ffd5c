/* text.h: checks and small helpers on text that came from outside. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* U+FFFD: a character was here that could not be read. */
#define TEXT_REPLACEMENT "\xEF\xBF\xBD"

/* RFC 3629: shortest forms only, no surrogates, nothing past U+10FFFF, no NUL. */
bool text_utf8(const char *s, size_t len);
/* Bytes of the sequence that starts with c, and what its second byte may be; 0: none starts so. */
size_t text_sequence(unsigned char c, unsigned char *low, unsigned char *high);
size_t text_characters(const char *s); /* code points of valid UTF-8 */
/* Decodes one code point at *s and moves *s past it; s is valid UTF-8 and not at its end. */
unsigned long text_next(const char **s);
/* Writes a code point as UTF-8, at most 4 bytes; returns how many. */
size_t text_encode(unsigned long code_point, char out[4]);
char text_lower(char c);    /* of ASCII's letters */
bool text_is_alpha(char c); /* of ASCII */
bool text_is_alnum(char c);
bool text_is_token(const char *s, size_t len); /* RFC 9110 section 5.6.2: of a header's name */
bool text_has_control(const char *s);          /* a byte below 0x20, or 0x7F */
bool text_is_empty(const char *s);             /* NULL or "" */
/* A control, white space, or of no width at all (a direction mark, a soft hyphen). */
enum text_blank { TEXT_INK, TEXT_SPACE, TEXT_NO_WIDTH };
enum text_blank text_blank(unsigned long code_point);
/* What is left of valid UTF-8 without blanks around it, and how many bytes that is. Borrowed. */
const char *text_trim(const char *s, size_t *len);
bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
/* Digits only, no sign, at most max; false otherwise. */
bool text_unsigned(const char *s, unsigned long max, unsigned long *out);

/* A text that was cut to size bytes, NUL included, ends in "..." then, on a whole character. */
void text_ellipsis(char *s, size_t size);

/*
 * The name of the list (n pointers) nearest to s, for "did you mean": about a third of its
 * letters differ at most. NULL where none is near. Borrowed from the list.
 */
const char *text_nearest(const char *s, const char *const *names, size_t n);

/*
 * Whole regular file of at most max bytes, NUL-terminated, its length in *len. On NULL errno is
 * set: EFBIG for a larger one, EISDIR or EINVAL for what is no file.
 */
char *text_read_file(struct arena *a, const char *path, size_t max, size_t *len);
/* Whole, however many calls that takes. False: errno says why. */
bool text_write(int fd, const void *data, size_t len);

#endif
