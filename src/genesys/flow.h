/*
 * flow.h: one workflow of Architect as a tree of steps, whichever file it was read from: Archy's
 * YAML or an export (.i3WorkFlow). Everything lives in the arena. What is not known is a fault: a
 * rehearsal that passed a step over would prove nothing.
 */
#ifndef GENESYS_FLOW_H
#define GENESYS_FLOW_H

#include "base/faults.h"
#include "genesys/expression.h"
#include "genesys/invoke.h"

enum { FLOW_DEPTH_MAX = 16, FLOW_ACTIONS_MAX = 10000, FLOW_LIST_MAX = 2000 };

enum flow_type {
	FLOW_STRING,
	FLOW_INTEGER,
	FLOW_DECIMAL,
	FLOW_BOOLEAN,
	FLOW_STRINGS,
	FLOW_TYPE_MAX
};

struct flow_variable {
	const char *name; /* "Flow.agentId" */
	enum flow_type type;
	const struct value *initial; /* null: NOT_SET */
	bool is_input, is_output;
};

/* A variable, or a data action's input or output, and its value or variable. */
struct flow_binding {
	const char *name;
	const struct expression *value; /* of an input, or what a variable is set to */
	const char *variable;           /* of an output; NULL: it is not bound */
};

struct flow_bindings {
	struct flow_binding *items;
	size_t n, cap;
};

enum flow_step_kind {
	STEP_SET,
	STEP_LOOP,
	STEP_CALL,
	STEP_DECISION,
	STEP_SWITCH,
	STEP_EXIT_LOOP,
	STEP_END,
	STEP_KIND_MAX
};

struct flow_step;

/* A path out of a step: what is done on it before the step's own next. */
struct flow_path {
	const struct expression *when; /* of a switch's case; NULL: otherwise */
	struct flow_step *first;       /* NULL: nothing */
};

struct flow_step {
	enum flow_step_kind kind;
	const char *name;
	struct flow_step *next;
	const struct expression *expression; /* loop: how often; decision: which path */
	const char *index;                   /* loop: its variable; NULL: none */
	/*
	 * loop: [0]; decision: yes, no; call: by enum outcome; switch: cases, the last otherwise.
	 */
	struct flow_path *paths;
	size_t n_paths;
	struct flow_bindings sets, inputs, outputs, failures;
	const char *action; /* call: the data action's name */
};

struct flow {
	const char *name, *file;
	struct flow_variable *variables;
	size_t n_variables, cap;
	struct flow_step *first;
};

/* What both readers fill a workflow with; flow.c. False or NULL: a fault was added. */
struct flow_reader {
	struct arena *arena;
	struct faults *faults;
	const char *file;
	struct flow *flow;
	size_t depth;
};

struct flow_step *
flow_step_new(struct flow_reader *r, enum flow_step_kind kind, const char *name, size_t n_paths);
bool flow_bind(struct flow_reader *r, struct flow_bindings *to, struct flow_binding binding);
bool flow_declare(struct flow_reader *r, struct flow_variable variable);
const struct flow_variable *flow_variable_find(const struct flow *f, const char *name);
bool flow_fault(struct flow_reader *r, const struct value *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What a reader returns: a workflow is read where nothing is at fault, and where it is not, a fault
 * says so. before: the faults that were there before it. */
bool flow_read_end(struct flow_reader *r, bool good, size_t before);

/* flow_archy.c, flow_export.c. False with faults. */
bool flow_read_archy(struct arena *a, const char *file, const char *text, size_t len,
    struct flow *out, struct faults *faults);
bool flow_read_export(struct arena *a, const char *file, const char *text, size_t len,
    struct flow *out, struct faults *faults);

/* Plays a data action by name. */
struct flow_world {
	bool (*call)(void *context, struct arena *a, const char *action, const struct value *inputs,
	    struct result *out); /* false: there is no such action */
	void *context;
};

struct flow_result {
	const struct value *variables; /* all of them, at the end */
	size_t actions, calls;
	const char *died;   /* why it ended in its error handling; NULL: it did not */
	struct result last; /* of the last call */
};

/* inputs: {variable: value}. False: no memory. flow_play.c */
bool flow_play(struct arena *a, const struct flow *f, const struct value *inputs,
    const struct flow_world *world, struct flow_result *out);

#endif
