/*
 * declare.h: an action's contract as Genesys Cloud wants it declared: JSON Schemas made from the
 * endpoint's own tables, and which of its members WFM sends and takes. Values are in the arena;
 * NULL or false: memory was short.
 */
#ifndef GENESYS_DECLARE_H
#define GENESYS_DECLARE_H

#include "gateway/exchange.h"

/* The five workflows of the WFM Time-off HRIS integration, each over one action. */
struct genesys_task {
	const char *title;   /* "Get-Balance": part of the workflow's name */
	const char *action;  /* "get-balance" */
	const char *setting; /* its property in the integration */
	const char *does;
};

enum { GENESYS_TASKS = 5 };
extern const struct genesys_task genesys_tasks[GENESYS_TASKS];

/* NULL: there is no such action. */
const struct endpoint *genesys_task_endpoint(const struct genesys_task *task);
/* Names in Genesys Cloud; an action's has its version, for a published contract cannot change. */
const char *genesys_action_name(struct arena *a, const char *route, const char *action);
const char *genesys_flow_name(struct arena *a, const char *route, const struct genesys_task *task);

/*
 * What a data action takes: one flat object, for Genesys takes neither lists nor objects. Nothing
 * is required: a missing member is the gateway's to name, in an answer that a workflow can read.
 */
struct value *declare_input(struct arena *a, const struct endpoint *e);
/* What an action always answers: every member is required, lists are lists of strings. */
struct value *declare_output(struct arena *a, const struct endpoint *e);

/* Whether WFM has that input to give. */
bool declare_wfm_sends(const char *member);
/* Whether WFM takes the output of that name and schema. */
bool declare_wfm_takes(const char *member, const struct value *schema);
bool declare_is_list(enum field_kind kind);
bool declare_is_array(const struct value *schema);
const char *declare_form(enum field_kind kind); /* "YYYY-MM-DD"; static */

#endif
