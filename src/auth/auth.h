/*
 * auth.h: is this request from a caller of this route? One function, one way to fail: for an
 * unknown route pass callers NULL, and the same work is done before the same answer.
 */
#ifndef AUTH_H
#define AUTH_H

#include "config/callers.h"
#include "base/clock.h"
#include "base/fail.h"
#include "format/request.h"
#include "store/store.h"

struct auth_env {
	const struct clock *clock;
	struct store *store;
	struct arena *arena;
	bool bamboohr_basic; /* the BambooHR face: Basic user = a secret, any password */
};

struct auth_who {
	const char *caller; /* NULL: none */
	const char *form;   /* "rfc9421", "standard-webhooks", "token", "key", "basic" */
	const char *key_id; /* NULL where the form has none */
	const char *reason; /* on failure: for the log; never a value that was sent, but a
	                                   key id that is known */
};

/*
 * GW_OK, or GW_EAUTH (who->reason says why), or GW_EINTERNAL when the nonce cannot be stored (then
 * the request is refused like any other).
 */
enum gw_err auth_check(const struct auth_env *env, const char *route, const struct callers *callers,
    const struct request *request, struct auth_who *who);

/* The one 401: same body, same headers, for every cause. */
void auth_refuse(struct response *response);

#endif
