/*
 * listen.h: the socket on which a web server reaches us: our own on a path, or one that was
 * inherited (descriptor 0 as FastCGI has it, or systemd's LISTEN_FDS).
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct listener {
	int fd;           /* non-blocking; -1: none */
	bool inherited;   /* its next owner has the backlog: never drained */
	bool systemd;     /* by LISTEN_FDS */
	const char *path; /* of our own; borrowed */
	dev_t device;     /* of our own: what we made at path */
	ino_t inode;
};

/* Is there an inherited listening socket? out is filled then. Reads LISTEN_FDS and LISTEN_PID. */
bool listen_inherited(struct listener *out);

/*
 * Our own: a unix socket at path, mode 0660, of that group (NULL: the process's own). A socket left
 * there by a process that is gone is removed; one that somebody serves, or any other file, is an
 * error. False: why says what did not work out.
 */
bool
listen_open(struct listener *out, const char *path, const char *group, char *why, size_t why_max);

/* Takes our own socket's name away, if it is still ours, so that nobody new connects. */
void listen_unlink(struct listener *l);
void listen_close(struct listener *l);

#endif
