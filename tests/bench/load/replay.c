/*
 * replay.c: sends requests that were made before, as fast as they are answered, and counts. Reads a
 * file of requests, each as `LENGTH\n` and that many bytes, and deals them out to its connections,
 * which are kept alive. Without --seconds each is sent once; with it they are sent over and over
 * until the time is up or SIGTERM comes, and what is then under way has --grace seconds to end.
 *
 *     replay --port N [--connections N] [--seconds N] [--grace N] [--expect TEXT] FILE
 *
 * An answer needs a Content-Length; it is good if TEXT is in it. Prints one line of JSON: requests,
 * good answers, those within the time ("in_time"), requests without an answer, seconds, the median
 * and the 99th percentile of good answers in ms (a request without an answer counts by how long it
 * waited), and how often each status came; 0 is a connection that closed early.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
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

enum {
	CONNECTIONS_MAX = 16384,
	EVENTS = 256,
	FIRST_CAP = 4096,
	STATUS_MAX = 600,
	TIMES_MAX = 4 * 1024 * 1024
};

struct message {
	char *data;
	size_t len;
};

struct client {
	int fd;
	char *in;
	size_t len, cap;
	int64_t started_us; /* 0: nothing is under way */
};

static struct message *messages;
static size_t n_messages, next_message;
static struct client clients[CONNECTIONS_MAX];
static size_t n_clients = 64, n_under_way;
static int port, epoll;
static int64_t seconds_us, grace_us = 5000000, started_us;
static const char *expected = "";
static volatile sig_atomic_t stopped;

static size_t statuses[STATUS_MAX];
static size_t n_good, n_in_time, n_unanswered;
static uint32_t *times_us;
static size_t n_times;

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
stop(int signo)
{
	(void)signo;
	stopped = 1;
}

static bool
is_over(int64_t now)
{
	return stopped || (seconds_us > 0 && now - started_us >= seconds_us);
}

static void
dial(struct client *c)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	int one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0 ||
	    fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) != 0)
		die("connect");
	c->len = 0;
}

static void
redial(struct client *c)
{
	(void)close(c->fd);
	dial(c);
}

static const struct message *
take(int64_t now)
{
	if (is_over(now))
		return NULL;
	if (seconds_us > 0 && next_message == n_messages)
		next_message = 0;
	return next_message < n_messages ? &messages[next_message++] : NULL;
}

/* A request is small, and the buffer of a socket that waits for its answer is empty. */
static void
send_next(struct client *c)
{
	const struct message *m;
	ssize_t n;

	c->started_us = now_us();
	m = take(c->started_us);
	if (m == NULL) {
		c->started_us = 0;
		n_under_way--;
		return;
	}
	n = send(c->fd, m->data, m->len, MSG_NOSIGNAL);
	if (n >= 0 && (size_t)n != m->len)
		die("send");
	/* A connection that is closed already is read, and found so, like one that closes. */
}

static void
note_time(int64_t us)
{
	if (n_times < TIMES_MAX)
		times_us[n_times++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static void
note(struct client *c, int status, bool good)
{
	int64_t now = now_us();

	statuses[status > 0 && status < STATUS_MAX ? status : 0]++;
	n_good += good;
	n_in_time += good && !is_over(now);
	if (good)
		note_time(now - c->started_us);
	c->len = 0;
}

/* Length of a whole answer at the start of in, or 0: more is needed. */
static size_t
answer_len(const char *in)
{
	const char *end = strstr(in, "\r\n\r\n"), *length;

	if (end == NULL)
		return 0;
	length = strcasestr(in, "\r\nContent-Length:");
	if (length == NULL || length > end) {
		(void)fprintf(stderr, "replay: an answer without Content-Length: %s\n", in);
		exit(1);
	}
	return (size_t)(end - in) + 4 + strtoul(length + 17, NULL, 10);
}

static ssize_t
fill(struct client *c)
{
	ssize_t n;

	if (c->cap - c->len < 2) {
		c->cap = c->cap == 0 ? FIRST_CAP : c->cap * 2;
		c->in = realloc(c->in, c->cap);
		if (c->in == NULL)
			die("answer");
	}
	n = recv(c->fd, c->in + c->len, c->cap - c->len - 1, 0);
	if (n > 0) {
		c->len += (size_t)n;
		c->in[c->len] = '\0';
	}
	return n;
}

static void
receive(struct client *c)
{
	bool closes;
	ssize_t n;
	size_t len;

	n = fill(c);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		if (c->started_us == 0) {
			(void)epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
			return;
		}
		note(c, 0, false);
		redial(c);
		send_next(c);
		return;
	}
	len = answer_len(c->in);
	if (len == 0 || c->len < len)
		return;
	closes = strcasestr(c->in, "\r\nConnection: close") != NULL;
	note(c, atoi(c->in + 9), strstr(c->in, expected) != NULL);
	if (closes)
		redial(c);
	send_next(c);
}

static void
load(const char *path)
{
	FILE *f = fopen(path, "r");
	struct message *m;
	size_t len, cap = 0;

	if (f == NULL)
		die(path);
	while (fscanf(f, "%zu\n", &len) == 1) {
		if (n_messages == cap) {
			cap = cap == 0 ? 1024 : cap * 2;
			messages = realloc(messages, cap * sizeof(*messages));
		}
		if (messages == NULL)
			die("requests");
		m = &messages[n_messages++];
		m->len = len;
		m->data = malloc(len + 1);
		if (m->data == NULL || fread(m->data, 1, len, f) != len)
			die(path);
	}
	(void)fclose(f);
}

static void
run(void)
{
	struct epoll_event events[EVENTS];
	int64_t over_us = 0, now;
	size_t k;
	int i, n;

	for (k = 0; k < n_clients; k++)
		dial(&clients[k]);
	started_us = now_us();
	n_under_way = n_clients;
	for (k = 0; k < n_clients; k++)
		send_next(&clients[k]);
	while (n_under_way > 0) {
		n = epoll_wait(epoll, events, EVENTS, 50);
		for (i = 0; i < n; i++)
			receive(events[i].data.ptr);
		now = now_us();
		if (over_us == 0 && is_over(now))
			over_us = now;
		if (over_us != 0 && now - over_us >= grace_us)
			break;
	}
	for (k = 0; k < n_clients; k++) {
		if (clients[k].started_us == 0)
			continue;
		n_unanswered++;
		note_time(now_us() - clients[k].started_us);
	}
	if (over_us == 0)
		over_us = now_us();
	seconds_us = over_us - started_us;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double
percentile_ms(size_t percent)
{
	return n_times == 0 ? 0 : times_us[n_times * percent / 100] / 1e3;
}

static void
report(void)
{
	size_t i, total = n_unanswered;
	const char *comma = "";

	for (i = 0; i < STATUS_MAX; i++)
		total += statuses[i];
	qsort(times_us, n_times, sizeof(*times_us), compare);
	(void)printf("{\"requests\":%zu,\"good\":%zu,\"in_time\":%zu,\"unanswered\":%zu,"
		     "\"seconds\":%.3f,\"median_ms\":%.2f,\"p99_ms\":%.2f,\"statuses\":{",
	    total, n_good, n_in_time, n_unanswered, (double)seconds_us / 1e6, percentile_ms(50),
	    percentile_ms(99));
	for (i = 0; i < STATUS_MAX; i++) {
		if (statuses[i] == 0)
			continue;
		(void)printf("%s\"%zu\":%zu", comma, i, statuses[i]);
		comma = ",";
	}
	(void)printf("}}\n");
}

static bool
read_option(const char *name, const char *value)
{
	if (strcmp(name, "--port") == 0)
		port = atoi(value);
	else if (strcmp(name, "--connections") == 0)
		n_clients = strtoul(value, NULL, 10);
	else if (strcmp(name, "--seconds") == 0)
		seconds_us = (int64_t)(atof(value) * 1e6);
	else if (strcmp(name, "--grace") == 0)
		grace_us = (int64_t)(atof(value) * 1e6);
	else if (strcmp(name, "--expect") == 0)
		expected = value;
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	int a = 1;

	while (a + 1 < argc && read_option(argv[a], argv[a + 1]))
		a += 2;
	if (a != argc - 1 || port == 0 || n_clients == 0 || n_clients > CONNECTIONS_MAX) {
		(void)fprintf(stderr, "usage: replay --port N [--connections N] [--seconds N] "
				      "[--grace N] [--expect TEXT] FILE\n");
		return 2;
	}
	load(argv[a]);
	times_us = malloc(TIMES_MAX * sizeof(*times_us));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (times_us == NULL || epoll < 0)
		die("start");
	(void)signal(SIGTERM, stop);
	run();
	report();
	return 0;
}
