/*
 * replay.c: sends requests that were made before, as fast as they are answered, and counts. Reads a file of
 * requests, each as `LENGTH\n` and that many bytes, and deals them out to its connections, which are kept
 * alive; with --seconds it begins anew until the time is up.
 *
 *     replay --port N [--connections N] [--seconds N] FILE
 *
 * Prints one line: requests, seconds, statuses ("200=4000"), the median and the 99th percentile in ms.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024 * 1024, STATUS_MAX = 600, TIMES_MAX = 4 * 1024 * 1024 };

struct message {
	char *data;
	size_t len;
};

static struct message *messages;
static size_t n_messages, next_message;
static int port;
static double seconds;
static double started;
static size_t statuses[STATUS_MAX];
static uint32_t *times;
static size_t n_times;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
dial(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static const struct message *
take(void)
{
	const struct message *m = NULL;

	pthread_mutex_lock(&lock);
	if (seconds > 0 && next_message == n_messages && now() - started < seconds)
		next_message = 0;
	if (next_message < n_messages && (seconds <= 0 || now() - started < seconds))
		m = &messages[next_message++];
	pthread_mutex_unlock(&lock);
	return m;
}

/* Length of a whole answer at the start of buf, or 0: more is needed. Chunked or with a length. */
static size_t
answer_len(const char *buf)
{
	const char *end = strstr(buf, "\r\n\r\n"), *p;
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end - buf) + 4;
	p = strcasestr(buf, "\r\ncontent-length:");
	if (p != NULL && p < end)
		return head + strtoul(p + 17, NULL, 10);
	p = strstr(end, "\r\n0\r\n\r\n");
	return p == NULL ? 0 : (size_t)(p - buf) + 7;
}

/* One request and its answer; returns the status. */
static int
exchange(int *fd, const struct message *m, char *buf)
{
	size_t len = 0, sent = 0, whole;
	ssize_t n;
	int status;

	while (sent < m->len) {
		n = send(*fd, m->data + sent, m->len - sent, MSG_NOSIGNAL);
		if (n <= 0)
			return 0;
		sent += (size_t)n;
	}
	for (;;) {
		n = recv(*fd, buf + len, ANSWER_MAX - len, 0);
		if (n <= 0)
			return 0;
		len += (size_t)n;
		buf[len] = '\0';
		whole = answer_len(buf);
		if (whole != 0 && len >= whole)
			break;
	}
	status = atoi(buf + 9);
	if (strcasestr(buf, "\r\nconnection: close") != NULL) {
		close(*fd);
		*fd = dial();
	}
	return status > 0 && status < STATUS_MAX ? status : 0;
}

static void *
worker(void *unused)
{
	char *buf = malloc(ANSWER_MAX + 1);
	const struct message *m;
	int fd = dial(), status;
	double t;

	(void)unused;
	if (buf == NULL)
		die("malloc");
	while ((m = take()) != NULL) {
		t = now();
		status = exchange(&fd, m, buf);
		t = now() - t;
		if (status == 0) {
			close(fd);
			fd = dial();
		}
		pthread_mutex_lock(&lock);
		statuses[status]++;
		if (n_times < TIMES_MAX)
			times[n_times++] = (uint32_t)(t * 1e6);
		pthread_mutex_unlock(&lock);
	}
	close(fd);
	free(buf);
	return NULL;
}

static void
load(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t len, cap = 0;

	if (f == NULL)
		die(path);
	while (fscanf(f, "%zu\n", &len) == 1) {
		if (n_messages == cap) {
			cap = cap == 0 ? 1024 : cap * 2;
			messages = realloc(messages, cap * sizeof(*messages));
		}
		if (messages == NULL)
			die("malloc");
		messages[n_messages].data = malloc(len + 1);
		messages[n_messages].len = len;
		if (messages[n_messages].data == NULL ||
		    fread(messages[n_messages].data, 1, len, f) != len)
			die(path);
		n_messages++;
	}
	fclose(f);
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
report(double took)
{
	size_t i, total = 0;

	for (i = 0; i < STATUS_MAX; i++)
		total += statuses[i];
	qsort(times, n_times, sizeof(*times), compare);
	printf(
	    "{\"requests\":%zu,\"seconds\":%.3f,\"median_ms\":%.2f,\"p99_ms\":%.2f,\"statuses\":{",
	    total, took, n_times == 0 ? 0.0 : times[n_times / 2] / 1e3,
	    n_times == 0 ? 0.0 : times[n_times * 99 / 100] / 1e3);
	for (i = total = 0; i < STATUS_MAX; i++) {
		if (statuses[i] > 0)
			printf("%s\"%zu\":%zu", total++ == 0 ? "" : ",", i, statuses[i]);
	}
	printf("}}\n");
}

int
main(int argc, char **argv)
{
	pthread_t threads[2048];
	size_t n = 64, i;
	int a;

	for (a = 1; a + 1 < argc; a += 2) {
		if (strcmp(argv[a], "--port") == 0)
			port = atoi(argv[a + 1]);
		else if (strcmp(argv[a], "--connections") == 0)
			n = strtoul(argv[a + 1], NULL, 10);
		else if (strcmp(argv[a], "--seconds") == 0)
			seconds = atof(argv[a + 1]);
		else
			break;
	}
	if (a != argc - 1 || port == 0 || n == 0 || n > 2048) {
		fprintf(stderr, "usage: replay --port N [--connections N] [--seconds N] FILE\n");
		return 2;
	}
	load(argv[a]);
	times = malloc(TIMES_MAX * sizeof(*times));
	if (times == NULL)
		die("malloc");
	started = now();
	for (i = 0; i < n; i++) {
		if (pthread_create(&threads[i], NULL, worker, NULL) != 0)
			die("pthread_create");
	}
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	report(now() - started);
	return 0;
}
