/*
 * local_admin.h: keeping the books of the local HRIS: what `hrisgw local` does, on an open
 * database. Files are CSV: what export writes, import reads. Amounts in files are in the type's
 * unit ("7.5", "0.5") or clock time ("7:30").
 */
#ifndef LOCAL_ADMIN_H
#define LOCAL_ADMIN_H

#include "base/buf.h"
#include "base/clock.h"
#include "format/csv.h"
#include "base/date.h"
#include "store/db.h"
#include "base/value.h"

enum local_kind {
	LOCAL_EMPLOYEES,
	LOCAL_TYPES,
	LOCAL_GRANTS,
	LOCAL_REQUESTS, /* a line a day; those of one request follow each other */
	LOCAL_BALANCES, /* listed only */
	LOCAL_KIND_MAX
};

const char *local_kind_name(enum local_kind kind); /* "employees" */
bool local_kind_parse(const char *s, enum local_kind *out);

/*
 * All rows of csv or none: new ones are added; those that are there by id (grants: by employee,
 * type, date and note) get the columns of the file, requests as a whole. False with faults, or with
 * the failure where the database failed.
 */
bool local_import(struct local_db *db, struct arena *a, enum local_kind kind, const struct csv *csv,
    const struct clock *clock, struct faults *faults, struct failure *f);

/* Only rows of that employee where not NULL; balances are as of date. */
struct local_filter {
	const char *employee;
	struct date date;
};

/* A list of objects, in order of id; ids are text, amounts minutes. NULL with the failure. */
struct value *local_list(struct local_db *db, struct arena *a, enum local_kind kind,
    const struct local_filter *filter, struct failure *f);
/* CSV that local_import() takes, CR LF; not for balances. */
enum gw_err local_export(
    struct local_db *db, struct arena *a, enum local_kind kind, struct buf *out, struct failure *f);

#endif
