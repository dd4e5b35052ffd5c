/*
 * upstream.c: an HRIS that costs next to nothing, for the benches: HTTP/1.1 with keep-alive, every
 * request answered with 200 and a fixed JSON text chosen by its path. Each thread has an epoll and
 * a listening socket of its own. It reads no more of HTTP than it needs, and is good for nothing
 * else.
 *
 *     upstream [--port N] [--threads N] [--delay-ms N] [--answer PART=FILE ...]
 *
 * Prints its port, then serves until it is killed, and prints on SIGUSR1 how many requests it has
 * had. PART is looked for in the request's path, in the order given, before the built-in answers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWERS = 32, EVENTS = 256, HEAD_MAX = 16 * 1024, THREADS_MAX = 64 };

struct answer {
	const char *part;
	char *text; /* with its head */
	size_t len;
};

struct connection {
	int fd;
	char in[HEAD_MAX + 1];
	size_t len, skip;            /* bytes read; bytes of a body still to come */
	const struct answer *answer; /* being sent, or waiting for its time */
	size_t sent;
	bool dead; /* closed while its answer waited */
	int64_t due_us;
	struct connection *next; /* the next due */
};

struct server {
	int listener, epoll;
	struct connection *first, **last; /* answers that wait, by time */
};

static struct answer answers[ANSWERS];
static size_t n_answers;
static int64_t delay_us;
static atomic_ulong n_requests;

static const char *const built_in[][2] = {
    {"/calculator",
	"[{\"timeOffType\":\"78\",\"name\":\"Vacation\",\"units\":\"hours\",\"balance\":\"40.00\","
	"\"end\":\"2026-12-01\",\"policyType\":\"accruing\"}]"},
    {"/meta/time_off/types",
	"{\"timeOffTypes\":[{\"id\":\"78\",\"name\":\"Vacation\",\"units\":\"hours\","
	"\"color\":null,\"icon\":\"palm-trees\"}],\"defaultHours\":[{\"name\":\"Saturday\","
	"\"amount\":\"0\"}]}"},
    {"", "{}"},
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
add_answer(const char *part, const char *body, size_t len)
{
	struct answer *a = &answers[n_answers];
	int head;

	if (n_answers == ANSWERS)
		die("too many answers");
	a->part = part;
	a->text = malloc(len + 256);
	if (a->text == NULL)
		die("answer");
	head = snprintf(a->text, 256,
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    len);
	memcpy(a->text + head, body, len);
	a->len = (size_t)head + len;
	n_answers++;
}

static void
add_answer_file(char *option)
{
	char *file = strchr(option, '='), *body = NULL;
	size_t len = 0, n = 1;
	FILE *f;

	if (file == NULL)
		die(option);
	*file++ = '\0';
	f = fopen(file, "r");
	if (f == NULL)
		die(file);
	while (n > 0) {
		body = realloc(body, len + 65536);
		if (body == NULL)
			die(file);
		n = fread(body + len, 1, 65536, f);
		len += n;
	}
	(void)fclose(f);
	add_answer(option, body, len);
	free(body);
}

static void
watch(struct server *s, int what, struct connection *c, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	if (epoll_ctl(s->epoll, what, c->fd, &e) != 0)
		die("epoll_ctl");
}

static void
drop(struct connection *c)
{
	(void)close(c->fd);
	free(c);
}

/* Bytes of the body that the head at in announces. */
static size_t
body_length(const char *in, const char *end)
{
	const char *line;

	for (line = in; line < end; line = strstr(line, "\r\n") + 2) {
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			return strtoul(line + 15, NULL, 10);
	}
	return 0;
}

static const struct answer *
choose(const char *in)
{
	const char *end = strpbrk(in, "\r\n"), *found;
	size_t i;

	for (i = 0; i + 1 < n_answers; i++) {
		found = strstr(in, answers[i].part);
		if (found != NULL && found < end)
			break;
	}
	return &answers[i];
}

/* Takes the next request out of what was read; false: it is not whole yet, or too long. */
static bool
take_request(struct connection *c)
{
	char *end;
	size_t used;

	used = c->skip < c->len ? c->skip : c->len;
	memmove(c->in, c->in + used, c->len - used);
	c->len -= used;
	c->skip -= used;
	c->in[c->len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (c->skip > 0 || end == NULL)
		return false;
	n_requests++;
	c->answer = choose(c->in);
	c->sent = 0;
	c->skip = (size_t)(end - c->in) + 4 + body_length(c->in, end);
	return true;
}

/* Sends what can be sent; false: the connection is over. */
static bool
send_answer(struct server *s, struct connection *c)
{
	ssize_t n;

	while (c->sent < c->answer->len) {
		n = send(c->fd, c->answer->text + c->sent, c->answer->len - c->sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			watch(s, EPOLL_CTL_MOD, c, EPOLLOUT);
			return true;
		}
		if (n < 0)
			return false;
		c->sent += (size_t)n;
	}
	c->answer = NULL;
	return true;
}

/* Answers what was read, one request after the other; false: the connection is over. */
static bool
serve(struct server *s, struct connection *c)
{
	while (c->answer == NULL && take_request(c)) {
		if (delay_us == 0) {
			if (!send_answer(s, c))
				return false;
			continue;
		}
		c->due_us = now_us() + delay_us;
		c->next = NULL;
		*s->last = c;
		s->last = &c->next;
	}
	return c->answer != NULL || c->len < HEAD_MAX;
}

static void
receive(struct server *s, struct connection *c)
{
	ssize_t n = recv(c->fd, c->in + c->len, HEAD_MAX - c->len, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		c->len += (size_t)n;
		/* While an answer waits, what comes is kept for later. */
		if (c->answer == NULL && serve(s, c))
			return;
		if (c->answer != NULL && c->len < HEAD_MAX)
			return;
	}
	if (c->answer != NULL && delay_us > 0 && !c->dead) {
		(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, c->fd, NULL);
		c->dead = true;
		return;
	}
	drop(c);
}

static void
send_due(struct server *s)
{
	struct connection *c;

	while ((c = s->first) != NULL && c->due_us <= now_us()) {
		s->first = c->next;
		if (s->first == NULL)
			s->last = &s->first;
		if (c->dead || !send_answer(s, c) || (c->answer == NULL && !serve(s, c)))
			drop(c);
	}
}

static void
take_connections(struct server *s)
{
	struct connection *c;
	int fd, on = 1;

	while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		c = calloc(1, sizeof(*c));
		if (c == NULL)
			die("connection");
		c->fd = fd;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		watch(s, EPOLL_CTL_ADD, c, EPOLLIN);
	}
}

static int
patience_ms(const struct server *s)
{
	int64_t left;

	if (s->first == NULL)
		return -1;
	left = s->first->due_us - now_us();
	return left <= 0 ? 0 : (int)((left + 999) / 1000);
}

static void *
run(void *context)
{
	struct server *s = context;
	struct epoll_event events[EVENTS];
	struct connection *c;
	int i, n;

	for (;;) {
		n = epoll_wait(s->epoll, events, EVENTS, patience_ms(s));
		for (i = 0; i < n; i++) {
			c = events[i].data.ptr;
			if (c == NULL)
				take_connections(s);
			else if ((events[i].events & EPOLLOUT) != 0) {
				watch(s, EPOLL_CTL_MOD, c, EPOLLIN);
				if (!send_answer(s, c) || (c->answer == NULL && !serve(s, c)))
					drop(c);
			} else
				receive(s, c);
		}
		send_due(s);
	}
	return NULL;
}

/* Threads listen on one port; the kernel shares the connections out. */
static int
server_open(struct server *s, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct epoll_event e = {.events = EPOLLIN};
	socklen_t len = sizeof(a);
	int on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->last = &s->first;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->epoll < 0 || s->listener < 0 ||
	    setsockopt(s->listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
	    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(s->listener, (struct sockaddr *)&a, len) != 0 || listen(s->listener, 4096) != 0 ||
	    getsockname(s->listener, (struct sockaddr *)&a, &len) != 0 ||
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &e) != 0)
		die("listen");
	return ntohs(a.sin_port);
}

static long
number(const char *text, long max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 0 || n > max) {
		(void)fprintf(stderr, "upstream: %s is not a number from 0 to %ld\n", text, max);
		exit(2);
	}
	return n;
}

int
main(int argc, char **argv)
{
	static struct server servers[THREADS_MAX];
	long port = 0, threads = 1, i;
	pthread_t thread;
	sigset_t asked;
	int signo;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&asked);
	(void)sigaddset(&asked, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &asked, NULL);
	for (i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--port") == 0)
			port = number(argv[i + 1], 65535);
		else if (strcmp(argv[i], "--threads") == 0)
			threads = number(argv[i + 1], THREADS_MAX);
		else if (strcmp(argv[i], "--delay-ms") == 0)
			delay_us = number(argv[i + 1], 60000) * 1000;
		else if (strcmp(argv[i], "--answer") == 0)
			add_answer_file(argv[i + 1]);
		else
			break;
	}
	if (i < argc || threads == 0) {
		(void)fprintf(stderr, "usage: upstream [--port N] [--threads N] [--delay-ms N] "
				      "[--answer PART=FILE ...]\n");
		return 2;
	}
	for (i = 0; i < (long)(sizeof(built_in) / sizeof(built_in[0])); i++)
		add_answer(built_in[i][0], built_in[i][1], strlen(built_in[i][1]));
	for (i = 0; i < threads; i++)
		port = server_open(&servers[i], (int)port);
	(void)printf("%ld\n", port);
	(void)fflush(stdout);
	for (i = 0; i < threads; i++) {
		if (pthread_create(&thread, NULL, run, &servers[i]) != 0)
			die("thread");
	}
	while (sigwait(&asked, &signo) == 0) {
		(void)printf("%lu\n", n_requests);
		(void)fflush(stdout);
	}
	return 0;
}
