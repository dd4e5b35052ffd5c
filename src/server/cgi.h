/*
 * cgi.h: one request as CGI variables and a body, through the gateway, to an answer as a CGI script
 * writes it ("Status: 200", headers, blank line, body; RFC 3875). What plain CGI and FastCGI have
 * in common, and plain CGI itself.
 */
#ifndef CGI_H
#define CGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "gateway/gateway.h"

/* What came in, by whatever way. Borrowed. */
struct cgi_input {
	const char *const *params; /* NAME=value, NULL-terminated; NULL: no memory for them */
	bool too_many_params;
	const char *body; /* NUL-terminated; NULL: no memory for it */
	size_t body_len;
	bool body_whole;     /* its end was seen */
	bool body_too_large; /* there was more than LIMIT_BODY */
	int64_t began_ms;    /* monotonic, when its first byte came; 0: now */
	/* Whether the caller has hung up; NULL: that cannot be seen. */
	bool (*gone)(void *context);
	void *gone_context;
};

/* The value of a variable, NULL when absent. Borrowed. */
const char *cgi_param(const char *const *params, const char *name);

/* How the body that arrived compares with CONTENT_LENGTH and LIMIT_BODY. */
enum body_state cgi_body_state(const struct cgi_input *in);

/*
 * Asks the gateway. only_action: the program's one action, or NULL. out, initialised by the caller,
 * is an answer in any case; its body is empty where the request was HEAD. What is made of the
 * request lives in out's arena. Everything up to the blank line is appended to head.
 */
void cgi_answer(struct gateway *g, const char *only_action, const struct cgi_input *in,
    struct response *out, struct buf *head);

/*
 * Plain CGI: the body from descriptor in, the answer to descriptor out, each within client_ms.
 * False: the answer could not be written.
 */
bool cgi_serve(struct gateway *g, const char *only_action, const char *const *params, int in,
    int out, int64_t client_ms);

#endif
