/*
 * http_server.h: an HTTP server in a thread of the test, over raw sockets and where wanted TLS,
 * that misbehaves as the path of the request says. Each connection has a thread. It listens on
 * loopback, on a port the system chose.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct http_server;

/* What a certificate is made for: subjectAltName as OpenSSL writes it, and its validity in days. */
struct http_certificate {
	const char *names;    /* "DNS:localhost,IP:127.0.0.1" */
	const char *password; /* of the key; NULL: none */
	int days;             /* negative: it has been expired for so many */
};

/* Makes a self-signed certificate and its key; writes both as PEM to the two files. */
bool http_certificate_make(
    const struct http_certificate *c, const char *certificate_file, const char *key_file);

struct http_server_options {
	const char *certificate, *key; /* files; NULL: no TLS */
	const char *client_ca;         /* a client certificate of this is wanted */
	bool old_tls;                  /* TLS 1.1 at most */
};

struct http_server *http_server_start(const struct http_server_options *options);
void http_server_stop(struct http_server *s);
int http_server_port(const struct http_server *s);

/* What it has seen so far. */
struct http_server_counts {
	unsigned connections, requests; /* requests: read as a whole */
	unsigned at_once, most_at_once; /* being answered */
	size_t body_len;                /* of the last request */
	unsigned long body_sum;         /* of its bytes */
};
struct http_server_counts http_server_counts(struct http_server *s);
/* Waits until so many requests have come. */
void http_server_await(struct http_server *s, unsigned requests);
/* Says that on all connections, unasked. Not with TLS. */
void http_server_say(struct http_server *s, const char *text);
/* Requests for /gate are answered once so many of them wait; 0: from now on at once. */
void http_server_gate(struct http_server *s, unsigned size);

#endif
