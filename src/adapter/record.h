/* adapter_read.h: one record out of an answer; for adapter_read*.c only. */
#ifndef ADAPTER_READ_H
#define ADAPTER_READ_H

#include "adapter/run.h"

struct row {
	struct run *run;
	const struct step *step;
	struct scope scope; /* record is the one at hand */
	struct arena *keep; /* where records live; scope.arena may go with the row */
};

/* adapter_read_member.c: what all records are made of. *out NULL, *has false: absent. */
enum gw_err read_fail(const struct row *rd, const char *what);
enum gw_err read_expr(const struct row *rd, const struct expr *e, const char **out);
enum gw_err read_member(const struct row *rd, int member, const char **out);
enum gw_err read_id(const struct row *rd, int member, const char **out);
enum gw_err read_unit(const struct row *rd, const struct expr *e, bool *has, enum unit *out);
enum gw_err read_date(const struct row *rd, const struct expr *e, bool *has, struct date *out);
enum gw_err read_truth(const struct row *rd, int member, bool *out);
/* A text of the row comes to live as long as the record; false with the failure: no memory. */
bool read_keep(const struct row *rd, const char **text);
/* Room for one more record of `size` bytes in a list of out; NULL with the failure. */
void *read_room(const struct row *rd, void *list, size_t n, size_t size);

/* adapter_read_records.c, adapter_read_found.c: appended to the operation's output. */
enum gw_err read_agent(const struct row *rd);
enum gw_err read_type(const struct row *rd);
enum gw_err read_balance(const struct row *rd);
enum gw_err read_found(const struct row *rd);

#endif
