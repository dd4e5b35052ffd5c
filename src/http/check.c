/*
 * check.c: what is looked at before a call may go near the network: its URL, its headers, whether
 * http:// is allowed, and which addresses an HRIS can have (loopback and private, or public). Names
 * are not resolved here; IPv4 addresses inside IPv6 ones are judged as what they are.
 */
#include "http/pool.h"

#include <arpa/inet.h>
#include <netinet/in.h>
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
		if (out->err == GW_EINTERNAL)
			http_call_refuse(
			    call, CODE_GATEWAY_MEMORY, "out of memory for the calls to the HRIS");
		else
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

struct block {
	const char *prefix; /* bytes */
	unsigned bits;
	enum http_address class;
};

/* IANA's special-purpose address registries, RFC 6890 and its updates. What is left is public. */
static const struct block blocks4[] = {
    {"\x00", 8, HTTP_ADDRESS_FORBIDDEN},      /* "this network"; connects to ourselves */
    {"\x0a", 8, HTTP_ADDRESS_PRIVATE},        /* 10/8 */
    {"\x7f", 8, HTTP_ADDRESS_PRIVATE},        /* 127/8 */
    {"\xa9\xfe", 16, HTTP_ADDRESS_FORBIDDEN}, /* 169.254/16: link-local, clouds' metadata */
    {"\xac\x10", 12, HTTP_ADDRESS_PRIVATE},   /* 172.16/12 */
    {"\xc0\xa8", 16, HTTP_ADDRESS_PRIVATE},   /* 192.168/16 */
    {"\xe0", 4, HTTP_ADDRESS_FORBIDDEN},      /* 224/4: multicast */
    {"\xf0", 4, HTTP_ADDRESS_FORBIDDEN},      /* 240/4: reserved, broadcast */
};

static const struct block blocks6[] = {
    {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 128, HTTP_ADDRESS_PRIVATE},   /* ::1 */
    {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 128, HTTP_ADDRESS_FORBIDDEN}, /* :: */
    {"\xfc", 7, HTTP_ADDRESS_PRIVATE},                                 /* fc00::/7 */
    {"\xfe\x80", 10, HTTP_ADDRESS_FORBIDDEN},                          /* fe80::/10 */
    {"\xff", 8, HTTP_ADDRESS_FORBIDDEN},                               /* multicast */
};

static bool
block_holds(const struct block *block, const unsigned char *address)
{
	size_t whole = block->bits / 8;
	unsigned char mask = (unsigned char)(0xFFu << (8 - block->bits % 8));

	if (memcmp(block->prefix, address, whole) != 0)
		return false;
	return block->bits % 8 == 0 ||
	       ((unsigned char)block->prefix[whole] & mask) == (address[whole] & mask);
}

static enum http_address
address_class(const struct block *blocks, size_t n, const unsigned char *address)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (block_holds(&blocks[i], address))
			return blocks[i].class;
	}
	return HTTP_ADDRESS_PUBLIC;
}

static enum http_address
address_class4(const unsigned char *address)
{
	return address_class(blocks4, sizeof(blocks4) / sizeof(blocks4[0]), address);
}

static enum http_address
address_class6(const unsigned char *address)
{
	/* Where an IPv4 address stands in an IPv6 one: RFC 4291 mapped, RFC 6052, RFC 3056. */
	static const struct {
		struct block block;
		size_t offset;
	} embedded[] = {
	    {{"\0\0\0\0\0\0\0\0\0\0\xff\xff", 96, HTTP_ADDRESS_PUBLIC}, 12},
	    {{"\x00\x64\xff\x9b\0\0\0\0\0\0\0\0", 96, HTTP_ADDRESS_PUBLIC}, 12},
	    {{"\x20\x02", 16, HTTP_ADDRESS_PUBLIC}, 2},
	};
	size_t i;

	for (i = 0; i < sizeof(embedded) / sizeof(embedded[0]); i++) {
		if (block_holds(&embedded[i].block, address))
			return address_class4(address + embedded[i].offset);
	}
	return address_class(blocks6, sizeof(blocks6) / sizeof(blocks6[0]), address);
}

enum http_address
http_address_class(const struct sockaddr *address)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (address->sa_family == AF_INET) {
		memcpy(&in4, address, sizeof(in4));
		return address_class4((const unsigned char *)&in4.sin_addr);
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		return address_class6(in6.sin6_addr.s6_addr);
	}
	return HTTP_ADDRESS_FORBIDDEN;
}

enum http_address
http_address_class_text(const char *ip)
{
	struct in6_addr in6;
	struct in_addr in4;

	if (inet_pton(AF_INET, ip, &in4) == 1)
		return address_class4((const unsigned char *)&in4);
	if (inet_pton(AF_INET6, ip, &in6) == 1)
		return address_class6(in6.s6_addr);
	return HTTP_ADDRESS_FORBIDDEN;
}
