/* http_server.c: see http_server.h. One function for each way to misbehave, in one table. */
#include "tests/unit/kit/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_CONNECTIONS = 1024, SERVER_HEAD = 256 * 1024, SERVER_PIECE = 64 * 1024 };

struct connection {
	struct http_server *server;
	pthread_t thread;
	int fd; /* -1: closed */
	SSL *tls;
	unsigned served; /* requests answered on it */
	char *head;      /* of the request being answered */
	size_t len;      /* bytes read and not yet used, in head */
};

struct http_server {
	int fd, port;
	SSL_CTX *tls;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct connection *connections[SERVER_CONNECTIONS];
	size_t n;
	struct http_server_counts counts;
	unsigned gate_size, gate_waiting, gate_round;
	bool stopping;
};

static bool
connection_write(struct connection *c, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		if (c->tls != NULL)
			n = SSL_write(c->tls, p, (int)len);
		else
			n = send(c->fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
connection_puts(struct connection *c, const char *s)
{
	return connection_write(c, s, strlen(s));
}

static ssize_t
connection_read(struct connection *c, void *data, size_t len)
{
	if (c->tls != NULL)
		return SSL_read(c->tls, data, (int)len);
	return recv(c->fd, data, len, 0);
}

static bool
answer(struct connection *c, int status, const char *headers, const char *body)
{
	char head[512];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 %d Reason\r\n%sContent-Length: %zu\r\n\r\n",
	    status, headers, strlen(body));
	return connection_puts(c, head) && connection_puts(c, body);
}

static void
connection_count(struct http_server *s, size_t body_len, unsigned long total)
{
	(void)pthread_mutex_lock(&s->mutex);
	s->counts.requests++;
	s->counts.body_len = body_len;
	s->counts.body_sum = total;
	s->counts.at_once++;
	if (s->counts.at_once > s->counts.most_at_once)
		s->counts.most_at_once = s->counts.at_once;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->mutex);
}

static void
connection_uncount(struct http_server *s)
{
	(void)pthread_mutex_lock(&s->mutex);
	s->counts.at_once--;
	(void)pthread_mutex_unlock(&s->mutex);
}

/* Each answers one request, rest is what follows its name in the path; false closes. */

static bool
serve_ok(struct connection *c, const char *rest)
{
	(void)rest;
	return answer(c, 200, "X-Test: yes\r\nx-twice: one\r\nX-Twice: two\r\n", "{\"ok\":true}");
}

static bool
serve_echo(struct connection *c, const char *rest)
{
	(void)rest;
	return answer(c, 200, "", c->head);
}

static bool
serve_close(struct connection *c, const char *rest)
{
	(void)c;
	(void)rest;
	return false;
}

static bool
serve_silent(struct connection *c, const char *rest)
{
	char byte;

	(void)rest;
	while (connection_read(c, &byte, 1) > 0)
		continue;
	return false;
}

static bool
serve_redirect(struct connection *c, const char *rest)
{
	(void)rest;
	return answer(c, 307, "Location: /ok\r\n", "");
}

static bool
serve_status(struct connection *c, const char *rest)
{
	return answer(c, (int)strtol(rest, NULL, 10), "Retry-After: 7\r\n", "{}");
}

static bool
serve_size(struct connection *c, const char *rest)
{
	static const char piece[SERVER_PIECE];
	size_t left = strtoul(rest, NULL, 10), len;
	char head[128];

	(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", left);
	if (!connection_puts(c, head))
		return false;
	for (; left > 0; left -= len) {
		len = left < sizeof(piece) ? left : sizeof(piece);
		if (!connection_write(c, piece, len))
			return false;
	}
	return true;
}

static bool
serve_endless(struct connection *c, const char *rest)
{
	char chunk[0x1000 + 8];

	(void)rest;
	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "1000\r\n", 6);
	memcpy(chunk + 6 + 0x1000, "\r\n", 2);
	if (!connection_puts(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
		return false;
	while (connection_write(c, chunk, sizeof(chunk)))
		continue;
	return false;
}

static bool
serve_short(struct connection *c, const char *rest)
{
	(void)rest;
	(void)connection_puts(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true}");
	return false;
}

static bool
serve_half_silent(struct connection *c, const char *rest)
{
	return connection_puts(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true}") &&
	       serve_silent(c, rest);
}

static bool
serve_half_head(struct connection *c, const char *rest)
{
	(void)rest;
	(void)connection_puts(c, "HTTP/1.1 200 OK\r\nContent-Le");
	return false;
}

static bool
serve_chunk_cut(struct connection *c, const char *rest)
{
	(void)rest;
	(void)connection_puts(
	    c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ok\"");
	return false;
}

static bool
serve_chunk_bad(struct connection *c, const char *rest)
{
	(void)rest;
	(void)connection_puts(
	    c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n");
	return false;
}

static bool
serve_chunked(struct connection *c, const char *rest)
{
	(void)rest;
	return connection_puts(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				  "5;x=y\r\n{\"ok\"\r\n6\r\n:true}\r\n0\r\nX-Trailer: no\r\n\r\n");
}

static bool
serve_early(struct connection *c, const char *rest)
{
	(void)rest;
	return connection_puts(c, "HTTP/1.1 100 Continue\r\nX-Hundred: 1\r\n\r\n"
				  "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") &&
	       serve_ok(c, "");
}

static bool
serve_switch(struct connection *c, const char *rest)
{
	(void)rest;
	(void)connection_puts(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n{}");
	return false;
}

static bool
serve_headers(struct connection *c, const char *rest)
{
	size_t left = strtoul(rest, NULL, 10);
	char line[128];

	(void)connection_puts(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
	memset(line, 'v', sizeof(line));
	memcpy(line, "X-Many: ", 8);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	for (; left >= sizeof(line); left -= sizeof(line)) {
		if (!connection_write(c, line, sizeof(line)))
			return false;
	}
	return connection_puts(c, "\r\n{}");
}

static bool
serve_folds(struct connection *c, const char *rest)
{
	bool good = connection_puts(c, "HTTP/1.1 200 OK\r\nX-Long: x\r\n");
	int i;

	(void)rest;
	for (i = 0; good && i < 10000; i++)
		good = connection_puts(c, "\ty\r\n");
	return good && connection_puts(c, "Content-Length: 0\r\n\r\n");
}

static bool
serve_odd_headers(struct connection *c, const char *rest)
{
	(void)rest;
	return connection_puts(c, "HTTP/1.1 200 OK\r\nX-Latin: caf\xe9\r\nX-Utf8: caf\xc3\xa9\r\n"
				  "X-Folded: one\r\n  two\r\nX-Bell: a\ab\r\nX-Empty:\r\n"
				  ": no name\r\nX-Space: \t a b \t \r\n"
				  "Content-Length: 0\r\n\r\n");
}

static bool
serve_no_colon(struct connection *c, const char *rest)
{
	(void)rest;
	return connection_puts(c, "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n");
}

/* What gzip makes of {"ok":true}, or of that twice, and of 1,000 blanks; the rest of the path is
 * the name of the coding. */
static bool
serve_coded(struct connection *c, const char *rest)
{
	static const unsigned char ok[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
	    0x03, 0xab, 0x56, 0xca, 0xcf, 0x56, 0xb2, 0x2a, 0x29, 0x2a, 0x4d, 0xad, 0x05, 0x00,
	    0x90, 0x5f, 0xd4, 0xa7, 0x0b, 0x00, 0x00, 0x00};
	static const unsigned char blanks[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
	    0x03, 0x53, 0x50, 0x18, 0x05, 0xa3, 0x60, 0x14, 0x0c, 0x77, 0x00, 0x00, 0x82, 0xe3,
	    0x93, 0xcd, 0xe8, 0x03, 0x00, 0x00};
	bool large = strncmp(rest, "gzip-large", 10) == 0;
	bool twice = strncmp(rest, "gzip-twice", 10) == 0;
	size_t len = large ? sizeof(blanks) : sizeof(ok);
	char head[160];

	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Encoding: %.*s\r\nContent-Length: %zu\r\n\r\n",
	    (int)strcspn(rest, "- "), rest, twice ? 2 * len : len);
	return connection_puts(c, head) && connection_write(c, large ? blanks : ok, len) &&
	       (!twice || connection_write(c, ok, len));
}

static bool
serve_old(struct connection *c, const char *rest)
{
	(void)rest;
	(void)connection_puts(c, "this is not HTTP\n");
	return false;
}

static bool
serve_until_end(struct connection *c, const char *rest)
{
	(void)rest;
	(void)connection_puts(c, "HTTP/1.0 200 OK\r\n\r\n{\"ok\":true}");
	return false;
}

/* The first request of a connection is answered; the second finds it dead. */
static bool
serve_once(struct connection *c, const char *rest)
{
	return c->served == 0 && serve_ok(c, rest);
}

static bool
serve_gate(struct connection *c, const char *rest)
{
	struct http_server *s = c->server;
	unsigned round;

	(void)pthread_mutex_lock(&s->mutex);
	round = s->gate_round;
	s->gate_waiting++;
	if (s->gate_waiting >= s->gate_size) {
		s->gate_waiting = 0;
		s->gate_round++;
		(void)pthread_cond_broadcast(&s->changed);
	}
	while (round == s->gate_round && !s->stopping)
		(void)pthread_cond_wait(&s->changed, &s->mutex);
	(void)pthread_mutex_unlock(&s->mutex);
	connection_uncount(s);
	return serve_ok(c, rest);
}

static const struct {
	const char *path;
	bool (*serve)(struct connection *c, const char *rest);
} ways[] = {
    {"/ok", serve_ok},
    {"/echo", serve_echo},
    {"/close", serve_close},
    {"/silent", serve_silent},
    {"/redirect", serve_redirect},
    {"/status/", serve_status},
    {"/size/", serve_size},
    {"/endless", serve_endless},
    {"/short", serve_short},
    {"/half-silent", serve_half_silent},
    {"/half-head", serve_half_head},
    {"/chunk-cut", serve_chunk_cut},
    {"/chunk-bad", serve_chunk_bad},
    {"/chunked", serve_chunked},
    {"/early", serve_early},
    {"/switch", serve_switch},
    {"/headers/", serve_headers},
    {"/odd-headers", serve_odd_headers},
    {"/folds", serve_folds},
    {"/no-colon", serve_no_colon},
    {"/coded/", serve_coded},
    {"/old", serve_old},
    {"/until-end", serve_until_end},
    {"/once", serve_once},
    {"/gate", serve_gate},
};

/* Reads up to the end of the next request's head, which it cuts off there; its body's length. */
static bool
connection_read_head(struct connection *c, size_t *head_len, size_t *body_len)
{
	const char *end, *line;
	ssize_t n;

	while ((end = memmem(c->head, c->len, "\r\n\r\n", 4)) == NULL) {
		if (c->len >= SERVER_HEAD - 1)
			return false;
		n = connection_read(c, c->head + c->len, SERVER_HEAD - 1 - c->len);
		if (n <= 0)
			return false;
		c->len += (size_t)n;
	}
	*head_len = (size_t)(end - c->head) + 4;
	*body_len = 0;
	for (line = c->head; line < end; line = strstr(line, "\r\n") + 2) {
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			*body_len = strtoul(line + 15, NULL, 10);
	}
	return true;
}

static unsigned long
sum(const char *data, size_t len)
{
	unsigned long total = 0;
	size_t i;

	for (i = 0; i < len; i++)
		total += (unsigned char)data[i];
	return total;
}

/* Reads the body; what follows it stays in rest. */
static bool
connection_read_body(struct connection *c, size_t head_len, size_t body_len, unsigned long *total)
{
	size_t have = c->len - head_len, used = have < body_len ? have : body_len, left;
	char piece[4096];
	ssize_t n;

	*total = sum(c->head + head_len, used);
	for (left = body_len - used; left > 0; left -= (size_t)n) {
		n = connection_read(c, piece, left < sizeof(piece) ? left : sizeof(piece));
		if (n <= 0)
			return false;
		*total += sum(piece, (size_t)n);
	}
	c->head[head_len - 2] = '\0';
	c->len = 0;
	return true;
}

static bool
connection_serve(struct connection *c)
{
	const char *path = strchr(c->head, ' ');
	size_t i, n = sizeof(ways) / sizeof(ways[0]), len = 0;

	if (path == NULL)
		return false;
	for (i = 0; i < n; i++) {
		len = strlen(ways[i].path);
		if (strncmp(path + 1, ways[i].path, len) == 0)
			break;
	}
	/* It is over for the client before it is for us: not at once with the client's next. */
	if (i == n || ways[i].serve != serve_gate)
		connection_uncount(c->server);
	return i == n ? answer(c, 404, "", "{}") : ways[i].serve(c, path + 1 + len);
}

static void
connection_loop(struct connection *c)
{
	size_t head_len, body_len;
	unsigned long total;
	bool more = true;

	while (more && connection_read_head(c, &head_len, &body_len)) {
		if (!connection_read_body(c, head_len, body_len, &total))
			return;
		connection_count(c->server, body_len, total);
		more = connection_serve(c);
		c->served++;
	}
}

static void *
connection_run(void *context)
{
	struct connection *c = context;

	if (c->server->tls != NULL) {
		c->tls = SSL_new(c->server->tls);
		if (c->tls == NULL || SSL_set_fd(c->tls, c->fd) != 1 || SSL_accept(c->tls) != 1)
			goto out;
	}
	c->head = calloc(1, SERVER_HEAD);
	if (c->head != NULL)
		connection_loop(c);
	if (c->tls != NULL)
		(void)SSL_shutdown(c->tls);
out:
	(void)pthread_mutex_lock(&c->server->mutex);
	SSL_free(c->tls);
	(void)close(c->fd);
	c->fd = -1;
	(void)pthread_mutex_unlock(&c->server->mutex);
	free(c->head);
	return NULL;
}

void
http_server_say(struct http_server *s, const char *text)
{
	size_t i;

	(void)pthread_mutex_lock(&s->mutex);
	for (i = 0; i < s->n; i++) {
		if (s->connections[i]->fd >= 0)
			(void)connection_puts(s->connections[i], text);
	}
	(void)pthread_mutex_unlock(&s->mutex);
}

static void
server_take(struct http_server *s, int fd)
{
	struct connection *c = calloc(1, sizeof(*c));

	(void)pthread_mutex_lock(&s->mutex);
	if (c == NULL || s->n == SERVER_CONNECTIONS || s->stopping) {
		free(c);
		(void)close(fd);
	} else {
		c->server = s;
		c->fd = fd;
		s->counts.connections++;
		if (pthread_create(&c->thread, NULL, connection_run, c) == 0)
			s->connections[s->n++] = c;
	}
	(void)pthread_mutex_unlock(&s->mutex);
}

static void *
server_run(void *context)
{
	struct http_server *s = context;
	int fd, on = 1;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		server_take(s, fd);
	}
	return NULL;
}

static bool
server_listen(struct http_server *s)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(s->fd, 256) != 0 || getsockname(s->fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	s->port = ntohs(address.sin_port);
	return true;
}

static bool
server_load_tls(struct http_server *s, const struct http_server_options *o)
{
	if (o == NULL || o->certificate == NULL)
		return true;
	s->tls = SSL_CTX_new(TLS_server_method());
	if (s->tls == NULL ||
	    SSL_CTX_use_certificate_file(s->tls, o->certificate, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(s->tls, o->key, SSL_FILETYPE_PEM) != 1)
		return false;
	if (o->old_tls) {
		SSL_CTX_set_security_level(s->tls, 0);
		if (SSL_CTX_set_min_proto_version(s->tls, TLS1_VERSION) != 1 ||
		    SSL_CTX_set_max_proto_version(s->tls, TLS1_1_VERSION) != 1)
			return false;
	}
	if (o->client_ca != NULL) {
		if (SSL_CTX_load_verify_locations(s->tls, o->client_ca, NULL) != 1)
			return false;
		SSL_CTX_set_verify(s->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return true;
}

struct http_server *
http_server_start(const struct http_server_options *options)
{
	struct http_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	(void)pthread_mutex_init(&s->mutex, NULL);
	(void)pthread_cond_init(&s->changed, NULL);
	if (!server_listen(s) || !server_load_tls(s, options) ||
	    pthread_create(&s->thread, NULL, server_run, s) != 0) {
		if (s->fd >= 0)
			(void)close(s->fd);
		SSL_CTX_free(s->tls);
		free(s);
		return NULL;
	}
	return s;
}

void
http_server_stop(struct http_server *s)
{
	size_t i;

	(void)pthread_mutex_lock(&s->mutex);
	s->stopping = true;
	(void)pthread_cond_broadcast(&s->changed);
	(void)shutdown(s->fd, SHUT_RDWR);
	for (i = 0; i < s->n; i++) {
		if (s->connections[i]->fd >= 0)
			(void)shutdown(s->connections[i]->fd, SHUT_RDWR);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	(void)pthread_join(s->thread, NULL);
	for (i = 0; i < s->n; i++) {
		(void)pthread_join(s->connections[i]->thread, NULL);
		free(s->connections[i]);
	}
	(void)close(s->fd);
	SSL_CTX_free(s->tls);
	(void)pthread_cond_destroy(&s->changed);
	(void)pthread_mutex_destroy(&s->mutex);
	free(s);
}

int
http_server_port(const struct http_server *s)
{
	return s->port;
}

struct http_server_counts
http_server_counts(struct http_server *s)
{
	struct http_server_counts counts;

	(void)pthread_mutex_lock(&s->mutex);
	counts = s->counts;
	(void)pthread_mutex_unlock(&s->mutex);
	return counts;
}

void
http_server_await(struct http_server *s, unsigned requests)
{
	(void)pthread_mutex_lock(&s->mutex);
	while (s->counts.requests < requests)
		(void)pthread_cond_wait(&s->changed, &s->mutex);
	(void)pthread_mutex_unlock(&s->mutex);
}

void
http_server_gate(struct http_server *s, unsigned size)
{
	(void)pthread_mutex_lock(&s->mutex);
	s->gate_size = size;
	s->gate_waiting = 0;
	s->gate_round++;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->mutex);
}

static bool
certificate_fill(X509 *x, EVP_PKEY *key, const struct http_certificate *c)
{
	X509_NAME *name = X509_get_subject_name(x);
	X509_EXTENSION *names, *ca;
	long from = -60L * 60, to = 60L * 60 * 24 * c->days;
	bool made;

	names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, c->names);
	ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
	if (to < 0)
		from += to;
	made = names != NULL && ca != NULL && X509_set_version(x, 2) == 1 &&
	       ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
	       X509_gmtime_adj(X509_getm_notBefore(x), from) != NULL &&
	       X509_gmtime_adj(X509_getm_notAfter(x), to) != NULL &&
	       X509_NAME_add_entry_by_txt(
		   name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
	       X509_add_ext(x, names, -1) == 1 && X509_add_ext(x, ca, -1) == 1 &&
	       X509_sign(x, key, EVP_sha256()) > 0;
	X509_EXTENSION_free(names);
	X509_EXTENSION_free(ca);
	return made;
}

bool
http_certificate_make(
    const struct http_certificate *c, const char *certificate_file, const char *key_file)
{
	FILE *certificate = fopen(certificate_file, "w"), *private = fopen(key_file, "w");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	bool made;

	made = certificate != NULL && private != NULL && key != NULL && x != NULL &&
	       certificate_fill(x, key, c) && PEM_write_X509(certificate, x) == 1 &&
	       PEM_write_PrivateKey(private, key, c->password == NULL ? NULL : EVP_aes_128_cbc(),
		   (const unsigned char *)c->password,
		   c->password == NULL ? 0 : (int)strlen(c->password), NULL, NULL) == 1;
	if (certificate != NULL)
		(void)fclose(certificate);
	if (private != NULL)
		(void)fclose(private);
	X509_free(x);
	EVP_PKEY_free(key);
	return made;
}
