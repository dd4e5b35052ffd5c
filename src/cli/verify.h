/* verify.h: the captured request that `hrisgw verify` explains. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "base/arena.h"
#include "format/request.h"

/* A request as it went over the wire; CR may be missing. */
struct verify_file {
	const char *path, *scheme, *subject; /* subject: of the client certificate */
};
/* out points into the arena. False with why (static). */
bool cli_verify_read(
    struct arena *a, const struct verify_file *file, struct request *out, const char **why);

#endif
