/*
 * log.c: see log.h. A line is built in memory and leaves by one write(2), so that lines of threads
 * and processes do not mix. Every byte that could steer a terminal or end the line is escaped, and
 * what is not UTF-8 becomes U+FFFD.
 */
#include "format/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "format/json.h"
#include "base/text.h"

enum {
	LOG_VALUE_MAX = 256, /* bytes of a value, with the dots that say it was longer */
	LOG_LINE_MAX = 256 * 1024,
	LOG_MODE = 0640,
	LOG_DAY_MS = 24 * 60 * 60 * 1000
};

static const char log_dots[] = "...";

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARNING] = "warning",
    [LOG_INFO] = "info",
};
_Static_assert(ARRAY_LEN(level_names) == LOG_LEVEL_MAX, "a name each");

/* As syslog(3) counts, and journald. */
static const int level_priorities[] = {
    [LOG_ERROR] = 3,
    [LOG_WARNING] = 4,
    [LOG_INFO] = 6,
};
_Static_assert(ARRAY_LEN(level_priorities) == LOG_LEVEL_MAX, "one each");

/* How many bytes at s are one character of UTF-8; 0: none. */
static size_t
log_character(const char *s)
{
	size_t n;

	for (n = 1; n <= 4 && s[n - 1] != '\0'; n++) {
		if (text_utf8(s, n))
			return n;
	}
	return 0;
}

static void
log_put_character(struct buf *b, const char *s, size_t n)
{
	unsigned long c = (unsigned char)*s;

	if (n > 1) {
		const char *p = s;

		c = text_next(&p);
	}
	if (c == '"' || c == '\\')
		buf_printf(b, "\\%c", (char)c);
	else if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029)
		buf_printf(b, "\\u%04lx", c);
	else
		buf_put(b, s, n);
}

/* How many bytes of a value are written before the dots; all of them where it is short enough. */
static size_t
log_cut(const char *s, bool *cut)
{
	size_t len = strnlen(s, LOG_VALUE_MAX + 1), at = 0, n;

	*cut = len > LOG_VALUE_MAX;
	if (!*cut)
		return len;
	while (at < LOG_VALUE_MAX - (sizeof(log_dots) - 1)) {
		n = log_character(s + at);
		n = n == 0 ? 1 : n;
		if (n > LOG_VALUE_MAX - (sizeof(log_dots) - 1) - at)
			break;
		at += n;
	}
	return at;
}

static void
log_value(struct buf *b, const char *s)
{
	size_t at, n, end;
	bool cut;

	end = log_cut(s, &cut);
	buf_putc(b, '"');
	for (at = 0; at < end; at += n) {
		n = log_character(s + at);
		if (n == 0) {
			buf_puts(b, "\\ufffd");
			n = 1;
		} else
			log_put_character(b, s + at, n);
	}
	if (cut)
		buf_puts(b, log_dots);
	buf_putc(b, '"');
}

static void
log_name(struct log_line *l, const char *name)
{
	buf_putc(&l->buf, ',');
	log_value(&l->buf, name);
	buf_putc(&l->buf, ':');
}

/* RFC 3339 with milliseconds, UTC. */
static void
log_time(struct buf *b, int64_t wall_ms)
{
	int64_t day = wall_ms / LOG_DAY_MS;
	int rest = (int)(wall_ms % LOG_DAY_MS);
	char text[DATE_TEXT_MAX];

	if (rest < 0) {
		rest += LOG_DAY_MS;
		day--;
	}
	if (day > INT32_MAX || day < INT32_MIN)
		day = 0;
	date_format((struct date){(int32_t)day}, text);
	buf_printf(b, "%sT%02d:%02d:%02d.%03dZ", text, rest / 3600000, rest / 60000 % 60,
	    rest / 1000 % 60, rest % 1000);
}

void
log_begin(struct log_line *l, const struct log *log, enum log_level level, const char *event)
{
	l->log = log;
	buf_init(&l->buf, LOG_LINE_MAX);
	l->dropped = log == NULL || log->fd < 0 || level > log->level;
	if (l->dropped)
		return;
	if (log->to_journal)
		buf_printf(&l->buf, "<%d>", level_priorities[level]);
	buf_puts(&l->buf, "{\"ts\":\"");
	log_time(&l->buf, clock_wall_ms(log->clock));
	buf_printf(&l->buf, "\",\"level\":\"%s\"", level_names[level]);
	log_text(l, "event", event);
}

void
log_text(struct log_line *l, const char *name, const char *value)
{
	if (l->dropped || value == NULL)
		return;
	log_name(l, name);
	log_value(&l->buf, value);
}

void
log_number(struct log_line *l, const char *name, int64_t value)
{
	if (l->dropped)
		return;
	log_name(l, name);
	buf_printf(&l->buf, "%" PRId64, value);
}

void
log_bool(struct log_line *l, const char *name, bool value)
{
	if (l->dropped)
		return;
	log_name(l, name);
	buf_puts(&l->buf, value ? "true" : "false");
}

void
log_json(struct log_line *l, const char *name, const struct value *value)
{
	if (l->dropped || value == NULL)
		return;
	log_name(l, name);
	json_value(&l->buf, value);
}

/* Is it the stream that systemd gave us, as JOURNAL_STREAM of systemd.exec(5) says? */
static bool
log_is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];

	(void)snprintf(ours, sizeof(ours), "%" PRIuMAX ":%" PRIuMAX, (uintmax_t)st->st_dev,
	    (uintmax_t)st->st_ino);
	return stream != NULL && strcmp(stream, ours) == 0;
}

void
log_take(struct log *log, int fd)
{
	int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	struct stat st;
	char path[32];
	int ours;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	log->fd = fd;
	if (fstat(fd, &st) != 0)
		st = (struct stat){.st_mode = 0};
	log->is_socket = S_ISSOCK(st.st_mode);
	log->to_journal = log_is_journal(&st);
	ours = log->is_socket ? -1 : open(path, flags);
	log->is_ours = ours >= 0;
	if (ours >= 0)
		log->fd = ours;
}

void
log_drop(struct log *log)
{
	if (log->is_ours)
		(void)close(log->fd);
	log->fd = -1;
	log->is_ours = false;
}

bool
log_reopen(struct log *log, const char *file)
{
	int fd =
	    open(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, LOG_MODE);
	bool done;

	if (fd < 0)
		return false;
	if (log->fd < 0) {
		log->fd = fd;
		log->is_ours = true;
		return true;
	}
	/* In its place, so that a thread which is writing needs no lock. */
	done = dup3(fd, log->fd, O_CLOEXEC) >= 0;
	(void)close(fd);
	return done;
}

/* Lines for which there was no room, and whether of the last one a part has gone. */
static atomic_uint lost_lines;
static atomic_bool torn;

/* False: it was not written, or not as a whole. */
static bool
log_write(const struct log *log, const char *data, size_t len)
{
	struct pollfd p = {.fd = log->fd, .events = POLLOUT};
	ssize_t n = -1;

	if (log->is_socket)
		n = send(log->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (log->is_ours || poll(&p, 1, 0) > 0)
		n = write(log->fd, data, len);
	if (n > 0 && n < (ssize_t)len)
		atomic_store(&torn, true);
	return n == (ssize_t)len;
}

/* False: there is no room yet for the line that counts the lost ones. */
static bool
log_write_lost(const struct log *log)
{
	unsigned n = atomic_exchange(&lost_lines, 0);
	const char *end = atomic_exchange(&torn, false) ? "\n" : "";
	char text[96];
	int len;

	if (n == 0)
		return true;
	len = snprintf(text, sizeof(text),
	    "%s%s{\"level\":\"error\",\"event\":\"log-lines-lost\",\"n\":%u}\n", end,
	    log->to_journal ? "<3>" : "", n);
	if (log_write(log, text, (size_t)len))
		return true;
	atomic_fetch_add(&lost_lines, n);
	if (end[0] != '\0')
		atomic_store(&torn, true);
	return false;
}

void
log_end(struct log_line *l)
{
	if (l->dropped)
		return;
	buf_puts(&l->buf, "}\n");
	if (l->buf.err != GW_OK) {
		atomic_fetch_add(&lost_lines, 1);
		(void)log_write_lost(l->log);
	} else if (!log_write_lost(l->log) || !log_write(l->log, l->buf.data, l->buf.len))
		atomic_fetch_add(&lost_lines, 1);
	buf_clear(&l->buf);
}

void
log_event(const struct log *log, enum log_level level, const char *event, const char *text)
{
	struct log_line l;

	log_begin(&l, log, level, event);
	log_text(&l, "text", text);
	log_end(&l);
}
