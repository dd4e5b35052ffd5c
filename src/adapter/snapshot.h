/*
 * snapshot.h: the list of agents of an HRIS that has to be asked for each one (`agents: snapshot`),
 * kept in state_dir: read whole by `hrisgw snapshot`, far from anybody's deadline, and answered
 * from. It is replaced as a whole or not at all.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "hris/hris.h"

enum {
	SNAPSHOT_OLD_S = 24 * 3600,      /* older, it is no answer */
	SNAPSHOT_DUE_S = 12 * 3600,      /* older, a gateway that serves reads anew */
	SNAPSHOT_READ_MS = 12 * 3600000, /* how long reading may take */
};

/*
 * Asks the HRIS, within h's deadline, and replaces the list. *busy: another process is doing that,
 * and nothing was done. *n: how many agents there are.
 */
enum gw_err snapshot_take(struct hris *h, size_t *n, bool *busy);
/* The list that is kept, as get-agents. Failing: none yet, another HRIS's, damaged, or too old. */
enum gw_err snapshot_read(struct hris *h, struct operation_out *out);
/* Is there none of that route, or an old one? */
bool snapshot_due(const char *state_dir, const char *route, int64_t wall_s);

#endif
