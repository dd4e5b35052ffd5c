/* query.c: paths and queries of the BambooHR face, decoded strictly. */
#include "cgi-bin/bamboohr/face.h"

#include <string.h>

#include "base/text.h"
#include "format/url.h"

static enum gw_err
path_id(struct hris *h, const char *s, size_t len, const char **id)
{
	*id = url_decoded(h->arena, s, len, false, LIMIT_PARAM_BYTES);
	if (*id == NULL && h->arena->failed)
		return fail_memory(h->failure);
	if (*id == NULL || strlen(*id) > LIMIT_ID || text_has_control(*id) ||
	    strcmp(*id, ".") == 0 || strcmp(*id, "..") == 0)
		return fail(h->failure, CODE_INPUT_ID, "nothing has the id that the path names");
	if (contract_has_unset(*id))
		return fail(h->failure, CODE_INPUT_ID,
		    "the path holds the name of a variable that has no value in place of an id");
	return GW_OK;
}

enum gw_err
bamboohr_path(struct hris *h, const char *path, const char *pattern, const char **id)
{
	const char *s = NULL;
	size_t len = 0;

	if (id != NULL)
		*id = NULL;
	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '*') {
			if (*path != *pattern)
				return GW_ENOTFOUND;
			path++;
			continue;
		}
		s = path;
		len = strcspn(path, "/");
		if (len == 0)
			return GW_ENOTFOUND;
		path += len;
	}
	if (*path != '\0')
		return GW_ENOTFOUND;
	return s == NULL || id == NULL ? GW_OK : path_id(h, s, len, id);
}

static enum gw_err
query_add(struct bamboohr_call *c, const struct url_pair *pair)
{
	struct failure *f = c->h->failure;
	const char *name, *value = "";
	size_t i;

	name = url_decoded(c->h->arena, pair->name, pair->name_len, true, LIMIT_PARAM_BYTES);
	if (pair->value != NULL)
		value =
		    url_decoded(c->h->arena, pair->value, pair->value_len, true, LIMIT_PARAM_BYTES);
	if ((name == NULL || value == NULL) && c->h->arena->failed)
		return fail_memory(f);
	if (name == NULL || value == NULL)
		return fail(f, CODE_INPUT_FORM, "the query is not percent-encoded UTF-8");
	for (i = 0; i < c->n_params; i++) {
		if (strcmp(c->params[i].name, name) == 0)
			return fail(f, CODE_INPUT_FORM, "the query has a parameter twice");
	}
	if (c->n_params == BAMBOOHR_PARAMS_MAX)
		return fail(f, CODE_INPUT_LIMIT, "the query has more than %d parameters",
		    BAMBOOHR_PARAMS_MAX);
	c->params[c->n_params++] = (struct bamboohr_param){name, value};
	return GW_OK;
}

enum gw_err
bamboohr_query(struct bamboohr_call *c)
{
	const char *s = strchr(c->request->uri, '?');
	enum gw_err err = GW_OK;
	struct url_pair pair;

	s = s == NULL ? "" : s + 1;
	while (err == GW_OK && url_pair(&s, &pair))
		err = query_add(c, &pair);
	return err;
}

const char *
bamboohr_param(const struct bamboohr_call *c, const char *name)
{
	const char *value;
	size_t i;

	for (i = 0; i < c->n_params; i++) {
		value = c->params[i].value;
		if (strcmp(c->params[i].name, name) == 0)
			return value[0] == '\0' || contract_unset(value) ? NULL : value;
	}
	return NULL;
}

bool
bamboohr_listed(const char *list, const char *word)
{
	size_t len, n = strlen(word);

	for (;;) {
		len = strcspn(list, ",");
		if (len == n && strncmp(list, word, n) == 0)
			return true;
		if (list[len] == '\0')
			return false;
		list += len + 1;
	}
}

enum gw_err
bamboohr_param_date(struct bamboohr_call *c, const char *name, struct date *out)
{
	const char *s = bamboohr_param(c, name);

	if (s == NULL)
		return fail(c->h->failure, CODE_INPUT_REQUIRED, "%s is required: YYYY-MM-DD", name);
	if (!date_parse(s, out))
		return fail(c->h->failure, CODE_INPUT_DATE, "%s is no date: YYYY-MM-DD", name);
	return GW_OK;
}
