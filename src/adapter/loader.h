/*
 * loader.h: what the files that load and check an adapter file share. A function that returns false
 * or NULL has reported a fault, or is out of memory; the other parts are loaded all the same, so
 * that all faults are reported at once.
 */
#ifndef LOADER_H
#define LOADER_H

#include "adapter/adapter.h"
#include "config/reader.h"

/* One file while it is loaded. Everything lives in r.arena. */
struct loader {
	struct reader r;
	struct adapter *adapter;
	const struct value *root;
	struct expr_uses *used;       /* where names are noted; NULL: nowhere */
	struct expr_looks *looks;     /* the same for parts of answers */
	struct expr_looks file_looks; /* by message and failures of the file */
	struct expr_uses uses[OPERATION_MAX], file_uses;
};

/* loader.c. An environment for request side (false) or answer side (true) expressions. */
struct expr_env loader_env(const struct loader *l, bool answer_side);
/* reader_known(), for what may be no mapping at all. */
bool loader_known(
    const struct loader *l, const struct value *v, const char *const *names, const char *what);
/* Optional members of v: {NAME: TEMPLATE, ...} and [{TEST: MATCH, is: CLASS}, ...]. */
bool loader_pairs(const struct loader *l, const struct expr_env *env, const struct value *v,
    const char *name, struct pairs *out);
bool loader_failures(const struct loader *l, const struct value *v, struct failure_rules *out);
/* Where the whole file (op OPERATION_MAX) or one operation names something; NULL: nowhere. */
const struct expr_use *
loader_use(const struct loader *l, enum operation op, enum expr_use_kind kind, const char *name);

/* v itself is {HEADER: TEMPLATE, ...}. */
bool loader_headers(const struct loader *l, const struct expr_env *env, const struct value *v,
    const char *name, struct pairs *out);
/* blame.c: a request as people read it: "${in.agent_id | x}" as "{agent_id}". NULL: no memory. */
const char *blame_shown(struct arena *a, const char *request);
/* auth.c */
bool auth_load(struct loader *l);
/* traits.c: amounts and lost_write. */
bool traits_load(struct loader *l, struct traits *out);
/* What in.status can be in op, NULL-terminated; NULL: PENDING and APPROVED. */
const char *const *traits_statuses(const struct loader *l, enum operation op);
/* page.c */
bool
page_load(struct loader *l, const struct expr_env *env, const struct value *v, struct page *out);
/* step.c: what v says of a request: request, base_url, query, headers, body, form, xml. */
bool
step_sends(struct loader *l, const struct expr_env *env, const struct value *v, struct step *s);
/* The steps of one operation. */
bool steps_load(struct loader *l, enum operation op, const struct value *v, struct steps *out);

/* check.c: mistakes that no part of a file shows alone. Called where all parts are good. */
bool adapter_check(const struct loader *l);
/* check_steps.c: those of one operation's steps, and of failures (v: as written). */
bool check_operation(const struct loader *l, enum operation op);
bool
check_failures(const struct loader *l, const struct value *v, const struct failure_rules *rules);

#endif
