/* config.h: hrisgw.yaml, checked by the table in config.c, which hrisgw.yaml(5) is made from too.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/faults.h"
#include "format/log.h"

struct config {
	const char *file;          /* absolute; "" where none was found and the defaults hold */
	const char *listen_socket; /* NULL: only inherited sockets */
	const char *listen_group;  /* NULL: the process's own */
	int64_t workers;           /* 0: not given */
	int64_t memory_mib;
	const char *base_path;                             /* "" or "/hris"; no slash at the end */
	const char *state_dir, *routes_dir, *adapters_dir; /* absolute */
	const char *adapters_shared; /* of the installed program: PREFIX/share/...; NULL: none */
	const char *anchor;          /* absolute; NULL: none */
	int64_t deadline_ms;
	const char *log_file; /* NULL: standard error */
	enum log_level log_level;
};

/*
 * Reads file, or, where NULL, the first of: hrisgw.yaml beside the program (program_dir), that
 * folder's
 * ../conf, /etc/hrisgw/hrisgw.yaml. Relative paths are relative to the file. False with faults.
 */
bool config_load(struct arena *a, const char *file, const char *program_dir, struct config *out,
    struct faults *faults);

#endif
