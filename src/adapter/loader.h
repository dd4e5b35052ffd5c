/* adapter_parts.h: what the files that load and check adapters share. */
#ifndef ADAPTER_PARTS_H
#define ADAPTER_PARTS_H

#include "adapter/adapter.h"
#include "config/reader.h"

struct loader { /* of one file */
	struct reader r;
	struct adapter *adapter;
	const struct value *root;
	struct value *used;           /* what is named, see expr_used(); NULL: not noted */
	struct expr_looks *looks;     /* likewise, of answers */
	struct expr_looks file_looks; /* by message and failures of the file */
	struct value
	    *uses[OPERATION_MAX]; /* of each operation; NULL where it has no steps of its own */
};

/* An environment for request side (false) or answer side (true) expressions. */
struct expr_env loader_env(const struct loader *l, bool answer_side);
/* Every member of v is one of the NULL-terminated names, else a fault with a hint. */
bool loader_known(
    const struct loader *l, const struct value *v, const char *const *names, const char *what);
bool loader_pairs(const struct loader *l, const struct expr_env *env, const struct value *v,
    const char *what, struct pairs *out);
bool loader_failures(const struct loader *l, const struct value *v, struct failure_rules *out);
struct expr *loader_expr(const struct loader *l, const struct expr_env *env, const struct value *v);

/* adapter_declare.c: settings and maps; adapter_auth.c: auth. */
bool adapter_load_declared(struct loader *l);
bool adapter_load_auth(struct loader *l);
/* adapter_step.c: the steps of one operation. */
bool
adapter_load_steps(struct loader *l, enum operation op, const struct value *v, struct steps *out);
/* What is looked at by `each`, by its records (`where` among them), and by the rest of a step. */
struct step_looks {
	struct expr_looks each, record, rest;
};

/* adapter_step_streams.c: whether the step streams. */
void adapter_step_streams(
    const struct loader *l, enum operation op, const struct step_looks *looks, struct step *s);
/* adapter_record.c: record mappings of a step; page in adapter_page.c. */
bool adapter_load_record(struct loader *l, const struct expr_env *env, enum record_kind kind,
    const struct value *v, struct record *out);
bool adapter_load_page(
    struct loader *l, const struct expr_env *env, const struct value *v, struct page *out);
/* adapter_traits.c: amounts and lost_write. */
bool adapter_load_traits(struct loader *l, struct traits *out);
/* What in.status can be in op, NULL-terminated; NULL: PENDING and APPROVED. */
const char *const *loader_statuses(const struct loader *l, enum operation op);
/* adapter_check.c: the mistakes that each part alone does not show. */
bool adapter_check(struct loader *l);
/* Was it named, in the whole file (op OPERATION_MAX) or by one operation? Where, or NULL. */
const struct value *adapter_use(const struct loader *l, enum operation op, const char *what);
/* adapter_check_steps.c: the steps of one operation. */
bool adapter_check_operation(const struct loader *l, enum operation op);
/* adapter_check_rules.c: failures whose rules hide one another. */
bool adapter_check_failures(
    const struct loader *l, const struct value *v, const struct failure_rules *rules);

#endif
