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
	const char *guess;  /* for auth_throttle(): whom a wrong secret named; NULL: it was none */
	const char *reason; /* on failure: for the log; never a value that was sent, but a
	                                   key id that is known */
};

/*
 * GW_OK, or GW_EAUTH (who->reason says why), or GW_EINTERNAL when the nonce cannot be stored (then
 * the request is refused like any other).
 */
enum gw_err auth_check(const struct auth_env *env, const char *route, const struct callers *callers,
    const struct request *request, struct auth_who *who);

/*
 * throttle.c: counts a wrong secret. 0, or, after too many from that address for that caller within
 * a minute, the seconds until the count begins anew. Knows nothing of right ones, which are never
 * held up. Waits for the disk for STORE_KEEP_MS at most; what cannot be written does not count.
 */
int64_t
auth_throttle(const struct auth_env *env, const char *route, const char *remote, const char *id);

/* The one 401, or, with wait_s, 429: the same for every cause. id: the request's. */
void auth_refuse(struct response *response, const char *id, int64_t wait_s);

#endif
