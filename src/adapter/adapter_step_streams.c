/* adapter_step_streams.c: which answers are read while they come. */
#include "adapter/loader.h"

static bool
looks_meet_list(const struct expr_looks *looks, const struct jsonpath *list)
{
	size_t i;

	for (i = 0; i < looks->n; i++) {
		if (jsonpath_meets_list(looks->paths[i], list))
			return true;
	}
	return false;
}

/*
 * A directory may be larger than its tree should be in memory. Its records can be read one by one,
 * as they come, where each shows all that is asked of it and nothing else looks at their list.
 */
void
adapter_step_streams(
    const struct loader *l, enum operation op, const struct step_looks *looks, struct step *s)
{
	const struct jsonpath *list =
	    s->each == NULL || expr_has_filters(s->each) ? NULL : expr_path(s->each);

	if (op != OPERATION_AGENTS || s->record.kind != RECORD_AGENT || list == NULL ||
	    expr_source(s->each) != SOURCE_ANSWER || s->each_for != NULL || s->pick != NULL)
		return;
	s->streams =
	    jsonpath_names_list(list, s->list_names, ADAPTER_LIST_NAMES, &s->n_list_names) &&
	    looks->record.n == 0 && !looks->record.call && !looks_meet_list(&looks->rest, list) &&
	    !looks_meet_list(&l->file_looks, list);
}
