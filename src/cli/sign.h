/* cli_sign.h: one request being signed by `hrisgw sign`, and the forms it can take. */
#ifndef CLI_SIGN_H
#define CLI_SIGN_H

#include "cli/keyring.h"
#include "format/request.h"

enum { SIGN_TEXT_MAX = 1024 * 1024 };

struct sign {
	const struct cli_call *call;
	struct cli_auth auth;
	struct cli_auth_choice choice;
	const char *route; /* NULL: not known */
	const char *url, *method;
	const char *data_word; /* for curl: "@FILE" or the text itself */
	struct request request;
	int64_t now_s;
	struct buf out; /* the command so far; begins with "curl" */
};

/*
 * cli_sign_forms.c: appends the proof to the command. False after saying why, or for want of
 * memory.
 */
bool cli_sign_form(struct sign *s);
void cli_sign_header(struct sign *s, const char *name, const char *value);

#endif
