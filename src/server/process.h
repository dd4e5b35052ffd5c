/*
 * process.h: what a process does about itself before anything else: how it was called, what it lets
 * into its environment, what it leaves behind when it dies.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>

/* Names a web server calls by end in .fcgi or .cgi: their arguments are never read. */
bool process_is_web_name(const char *program);

/*
 * "get-balance" for /x/get-balance.fcgi: the one action such a name serves. NULL for hrisgw.fcgi
 * (or .cgi), which serves all, and for other names. Written to out.
 */
const char *process_only_action(const char *program, char *out, size_t max);

/*
 * No core dumps and no reading of our memory by others of the same user; few heaps; SIGPIPE is
 * ignored; libcurl, OpenSSL and others find only the variables that are listed in process.c, so no
 * proxy, key log or engine comes in by the environment. Returns the environment as it was: a CGI's
 * variables.
 */
const char *const *process_prepare(void);

/*
 * The folder of the program under the name it was called by (a link's folder, not its target's),
 * for the search of hrisgw.yaml. script: SCRIPT_FILENAME of a CGI, or NULL. Written to out.
 */
const char *process_dir(const char *program, const char *script, char *out, size_t max);

#endif
