/*
 * rehearse.h: files of Genesys Cloud, played against the gateway of this process as Genesys Cloud
 * would: those of an export of ours, or what an administrator exported from an org.
 */
#ifndef GENESYS_REHEARSE_H
#define GENESYS_REHEARSE_H

#include "genesys/verdict.h"

struct rehearsal {
	struct gateway *gateway;
	const struct route *route;
	const char *dir; /* of an export of ours; else NULL, and files are named */
	char **files;    /* *.custom.json and *.i3WorkFlow */
	size_t n_files;
	const char *caller, *form; /* with files: who Genesys is; NULL: the first */
	const char *templates;     /* with files, and the form token: where auth.json is */
	/* What is asked, and written; NULL: reads alone, of the first agent. */
	const char *agent, *type, *dates, *starts, *minutes, *notes, *status;
	const char *request; /* only this request is updated */
};

/* False with faults: the files cannot be played. Else v has the counts. */
bool genesys_rehearse(const struct rehearsal *h, struct verdict *v, struct faults *faults);

#endif
