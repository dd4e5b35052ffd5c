/*
 * export.h: what Genesys Cloud needs to know of a route, as files that it reads: data actions,
 * workflows, Terraform, and a sheet for its administrator. No secret is in them, and the same route
 * makes the same bytes.
 */
#ifndef GENESYS_EXPORT_H
#define GENESYS_EXPORT_H

#include "config/config.h"
#include "genesys/bundle.h"
#include "hris/route.h"

struct genesys_export {
	const struct config *config;
	const struct route *route;
	const char *url;    /* of the gateway, without / at the end: "https://host/hris" */
	const char *caller; /* NULL: the first that Genesys can be */
	const char *form;   /* as callers have it; NULL: the first of form.c that the caller has */
	const char *templates; /* folder */
};

/* Makes all files in memory; they live in the arena. False with faults. */
bool genesys_export(
    struct arena *a, const struct genesys_export *e, struct bundle *out, struct faults *faults);

#endif
