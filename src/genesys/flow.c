/* flow.c: building a workflow's steps. */
#include "genesys/flow.h"

#include <string.h>

bool
flow_fault(struct flow_reader *r, const struct value *at, const char *fmt, ...)
{
	struct value_place place = {0, 0};
	va_list ap;

	if (at != NULL)
		place = value_place(at);
	va_start(ap, fmt);
	fault_list(r->faults, r->file, place.line, place.column, fmt, ap);
	va_end(ap);
	return false;
}

bool
flow_read_end(struct flow_reader *r, bool good, size_t before)
{
	if (good || r->faults->n > before)
		return r->faults->n == before;
	return flow_fault(r, NULL, "the workflow cannot be read whole, or memory is short");
}

struct flow_step *
flow_step_new(struct flow_reader *r, enum flow_step_kind kind, const char *name, size_t n_paths)
{
	struct flow_step *s = arena_alloc(r->arena, sizeof(*s));
	struct flow_path *paths = arena_array(r->arena, n_paths + 1, sizeof(*paths));

	if (s == NULL || paths == NULL) {
		(void)flow_fault(r, NULL, "out of memory");
		return NULL;
	}
	*s = (struct flow_step){
	    .kind = kind, .name = name == NULL ? "" : name, .paths = paths, .n_paths = n_paths};
	return s;
}

bool
flow_bind(struct flow_reader *r, struct flow_bindings *to, struct flow_binding binding)
{
	struct flow_binding *items =
	    arena_grow(r->arena, to->items, to->n, &to->cap, sizeof(*items));

	if (items == NULL)
		return flow_fault(r, NULL, "out of memory");
	to->items = items;
	items[to->n++] = binding;
	return true;
}

bool
flow_declare(struct flow_reader *r, struct flow_variable variable)
{
	struct flow *f = r->flow;
	struct flow_variable *items =
	    arena_grow(r->arena, f->variables, f->n_variables, &f->cap, sizeof(*items));

	if (items == NULL)
		return flow_fault(r, NULL, "out of memory");
	f->variables = items;
	items[f->n_variables++] = variable;
	return true;
}

const struct flow_variable *
flow_variable_find(const struct flow *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n_variables; i++) {
		if (strcmp(f->variables[i].name, name) == 0)
			return &f->variables[i];
	}
	return NULL;
}
