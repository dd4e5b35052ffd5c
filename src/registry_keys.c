/*
 * registry_keys.c: Standard Webhooks signs no path, so a message for one route would be good for
 * another that has the same key. Such a key is reported.
 */
#include <string.h>

#include "registry_parts.h"

static void
compare_routes(
    struct registry *r, struct arena *a, const struct route *mine, const struct route *other)
{
	struct caller_digest *webhook, *all;
	size_t n_webhook, n_all, i, j;

	if (!callers_webhook_key_digests(a, mine->callers, &webhook, &n_webhook) ||
	    !callers_key_digests(a, other->callers, &all, &n_all))
		return;
	for (i = 0; i < n_webhook; i++) {
		for (j = 0; j < n_all; j++) {
			if (memcmp(webhook[i].bytes, all[j].bytes, sizeof(all[j].bytes)) != 0)
				continue;
			(void)pthread_mutex_lock(&r->lock);
			(void)fault_line(&r->folder_faults, mine->file, 0, 0,
			    "caller %s has a Standard "
			    "Webhooks key that caller %s of route %s has too: such a key belongs "
			    "to one "
			    "route alone",
			    webhook[i].caller, all[j].caller, other->name);
			(void)pthread_mutex_unlock(&r->lock);
		}
	}
}

void
registry_check_keys(struct registry *r)
{
	const struct slot *s, *t;
	struct arena a;

	arena_init(&a, LIMIT_ARENA);
	for (s = r->routes; s != NULL; s = s->next) {
		for (t = r->routes; t != NULL; t = t->next) {
			if (s != t && s->route != NULL && t->route != NULL &&
			    s->route->route->callers != NULL && t->route->route->callers != NULL)
				compare_routes(r, &a, s->route->route, t->route->route);
		}
	}
	arena_clear(&a);
}
