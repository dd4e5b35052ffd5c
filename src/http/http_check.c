/*
 * http_check.c: what is looked at before a call may go near the network: its URL, its headers, and
 * whether http:// is allowed. Texts from outside are encoded long before; this is the last gate.
 */
#include "http/pool.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "format/url.h"

/* Those by which the message is framed and addressed: a second opinion there smuggles requests. */
static bool
check_is_ours(const char *name)
{
	static const char *const ours[] = {"Connection", "Content-Length", "Expect", "Host",
	    "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (strcasecmp(name, ours[i]) == 0)
			return true;
	}
	return false;
}

static bool
check_headers(struct http_call *call)
{
	const struct http_header *h;
	size_t i;

	for (i = 0; i < call->n_headers; i++) {
		h = &call->headers[i];
		if (h->name == NULL || h->value == NULL ||
		    !text_is_token(h->name, strlen(h->name))) {
			http_call_refuse(call, CODE_GATEWAY_INTERNAL,
			    "header %zu of the call to the HRIS has no valid name", i + 1);
			return false;
		}
		if (text_has_control(h->value)) {
			http_call_refuse(call, CODE_GATEWAY_INTERNAL,
			    "the value of header %s holds a control character", h->name);
			return false;
		}
		if (check_is_ours(h->name)) {
			http_call_refuse(call, CODE_GATEWAY_INTERNAL,
			    "header %s is the gateway's own to send", h->name);
			return false;
		}
	}
	return true;
}

static bool
check_url(struct http_call *call, const struct http_peer *peer, struct buf *out)
{
	const char *p;

	for (p = call->url; *p != '\0'; p++) {
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7F) {
			http_call_refuse(call, CODE_GATEWAY_INTERNAL,
			    "the URL of the HRIS holds a character that is not encoded");
			return false;
		}
	}
	if ((size_t)(p - call->url) > HTTP_URL_MAX) {
		http_call_refuse(
		    call, CODE_INPUT_LIMIT, "the URL of the HRIS is over %d bytes", HTTP_URL_MAX);
		return false;
	}
	if (!url_origin(call->url, out)) {
		http_call_refuse(call, CODE_ROUTE_SETTING,
		    "the URL of the HRIS is not an absolute https:// URL without user info");
		return false;
	}
	if (text_starts(out->data, "http://") && !peer->insecure_http) {
		http_call_refuse(call, CODE_ROUTE_SETTING,
		    "%s is not https, and the route does not say insecure_http", out->data);
		return false;
	}
	return true;
}

bool
http_check_call(struct http_call *call, const struct http_peer *peer, struct buf *out)
{
	if (call->method >= HTTP_METHOD_MAX || call->url == NULL ||
	    (call->body == NULL && call->body_len > 0)) {
		http_call_refuse(call, CODE_GATEWAY_INTERNAL, "the call to the HRIS is incomplete");
		return false;
	}
	return check_url(call, peer, out) && check_headers(call);
}
