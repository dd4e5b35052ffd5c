/* cli_verify.h: one captured request that `hrisgw verify` explains. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "auth/form.h"
#include "cli/keyring.h"

struct verify {
	struct cli_auth *auth;
	const struct request *request;
	const char *route;
	int64_t now_s;
};

/*
 * cli_verify_read.c: a request as it went over the wire; CR may be missing. False with why
 * (static).
 */
struct verify_file {
	const char *path, *scheme, *subject;
};
bool cli_verify_read(
    struct arena *a, const struct verify_file *file, struct request *out, const char **why);

/* cli_verify_explain.c: each proof that the request carries, step by step, on standard output. */
void cli_verify_explain(const struct verify *v);

#endif
