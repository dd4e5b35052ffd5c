/* notes.c: see notes.h. */
#include "cli/notes.h"

static bool
says_forbidden(const struct failure_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->n; i++) {
		if (rules->items[i].is == CLASS_FORBIDDEN)
			return true;
	}
	return false;
}

/* An HRIS that shows a key without rights nothing, or 0, is believed unless the adapter asks. */
const char *
cli_right_note(const struct adapter *adapter)
{
	const struct steps *steps;
	size_t i;

	if (adapter == NULL || !adapter->traits.has[OPERATION_BALANCE] ||
	    says_forbidden(&adapter->failures))
		return NULL;
	steps = &adapter->operations[OPERATION_BALANCE];
	for (i = 0; i < steps->n; i++) {
		if (says_forbidden(&steps->items[i].failures))
			return NULL;
	}
	return "get-balance: where the key lacks the right, does the HRIS answer an error, or an empty list or 0? Say so by a failure `is: forbidden`, of its answer or of a step that asks for the right first";
}

/* A first page of ids would be taken for all agents. */
const char *
cli_ids_note(const struct adapter *adapter)
{
	const struct step *s, *end;
	bool unpaged = false;

	if (adapter == NULL)
		return NULL;
	s = adapter->operations[OPERATION_AGENTS].items;
	for (end = s + adapter->operations[OPERATION_AGENTS].n; s < end; s++) {
		if (unpaged && s->each_for != NULL && s->record.kind == RECORD_AGENT)
			return "get-agents: the ids come from a list without page; is that list always whole?";
		unpaged = unpaged || (s->set.n > 0 && s->path != NULL && s->each_for == NULL &&
					 s->page.kind == PAGE_NONE);
	}
	return NULL;
}
