/* notes.c: see notes.h. */
#include "cli/notes.h"

#include "base/text.h"
#include "cli/try.h"

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
static const char *
right_note(const struct adapter *adapter)
{
	const struct steps *steps;
	size_t i;

	if (!adapter->traits.has[OPERATION_BALANCE] || says_forbidden(&adapter->failures))
		return NULL;
	steps = &adapter->operations[OPERATION_BALANCE];
	for (i = 0; i < steps->n; i++) {
		if (says_forbidden(&steps->items[i].failures))
			return NULL;
	}
	return "get-balance: where the key lacks the right, does the HRIS answer an error, or an empty list or 0? Say so by a failure `is: forbidden`, of its answer or of a step that asks for the right first";
}

/* A first page of ids would be taken for all agents. */
static const char *
ids_note(const struct adapter *adapter)
{
	const struct step *s, *end;
	bool unpaged = false;

	s = adapter->operations[OPERATION_AGENTS].items;
	for (end = s + adapter->operations[OPERATION_AGENTS].n; s < end; s++) {
		if (unpaged && s->record.kind == RECORD_AGENT &&
		    (s->each_for != NULL || s->page.kind == PAGE_NONE))
			return "get-agents: the ids come from a list without page; is that list always whole?";
		unpaged = unpaged || (s->set.n > 0 && s->path != NULL && s->each_for == NULL &&
					 s->page.kind == PAGE_NONE);
	}
	return NULL;
}

size_t
cli_notes(const struct adapter *adapter, const char *notes[CLI_NOTES])
{
	static const char *(*const questions[])(const struct adapter *adapter) = {
	    cli_token_note, right_note, ids_note};
	_Static_assert(ARRAY_LEN(questions) == CLI_NOTES, "room for each");
	size_t i, n = 0;

	for (i = 0; adapter != NULL && i < ARRAY_LEN(questions); i++) {
		notes[n] = questions[i](adapter);
		n += notes[n] != NULL;
	}
	return n;
}
