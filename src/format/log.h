/*
 * log.h: JSON lines to standard error (or a file given in hrisgw.yaml). One line per request, and
 * one per event of the process. Values are escaped and capped at 256 bytes; no names, notes,
 * bodies, secrets.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/value.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_LEVEL_MAX };

struct log {
	int fd;                       /* -1: nowhere */
	_Atomic enum log_level level; /* what is more detailed is dropped */
	const struct clock *clock;
	/* Of fd, by log_take(); the second: a write that finds no room returns. */
	bool is_socket, is_ours;
	bool to_journal; /* lines begin with <3>, <4> or <6> (sd-daemon(3)) */
};

/* A line under construction; lives on the writer's stack. */
struct log_line {
	const struct log *log;
	struct buf buf;
	bool dropped;
};

/*
 * Lets lines go to fd, by a description of our own where there can be one, so that one which nobody
 * reads holds up nobody: lines that find no room are dropped, and counted in a later line.
 */
void log_take(struct log *log, int fd);
/* Closes what log_take() opened. */
void log_drop(struct log *log);
/* Goes on in that file, at its present name; false: it cannot be opened, and nothing has
 * changed. */
bool log_reopen(struct log *log, const char *file);

void log_begin(struct log_line *l, const struct log *log, enum log_level level, const char *event);
void log_text(struct log_line *l, const char *name, const char *value); /* NULL: left out */
void log_number(struct log_line *l, const char *name, int64_t value);
void log_bool(struct log_line *l, const char *name, bool value);
/* A small tree that the gateway built; NULL: left out. */
void log_json(struct log_line *l, const char *name, const struct value *value);
void log_end(struct log_line *l); /* one write(2), which waits for nobody; frees */

/* An event with one text. */
void log_event(const struct log *log, enum log_level level, const char *event, const char *text);

#endif
