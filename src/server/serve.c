/*
 * serve.c: see serve.h. Each thread waits for the listener and for the stop descriptor, accepts,
 * serves one connection, and again. One wake-up, one thread: EPOLLEXCLUSIVE.
 *
 * Stopping loses nothing: an inherited listener is left alone, with what waits in its backlog, for
 * its next owner (shutdown() on it would break that one too); of our own the name is taken away
 * first, so that nobody new connects, and what waits is served before the threads leave.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/serve.h"

/* A connect() that found the name before it went may arrive a moment after. */
enum { LAST_CALL_MS = 50, NO_DESCRIPTOR_MS = 100, SIGNALLED = 128 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_SIZE = 4 * 1024 * 1024 };
#else
enum { STACK_SIZE = 256 * 1024 };
#endif

struct crew {
	struct serve *serve;
	pthread_t *threads;
	unsigned n;
	int stop; /* readable once and for all when the threads are to leave */
	int gone; /* readable when the last thread has left */
	atomic_uint running;
};

static void
stop_signals(sigset_t *out)
{
	sigemptyset(out);
	sigaddset(out, SIGTERM);
	sigaddset(out, SIGINT);
	sigaddset(out, SIGUSR1);
}

bool
serve_prepare(void)
{
	struct rlimit files;
	sigset_t signals;

	if (!fcgi_init())
		return false;
	stop_signals(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	/* libfcgi has put handlers of its own on these. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return true;
}

/* True: accepted and served one. False: nobody was waiting, or accepting failed. */
static bool
serve_one(const struct serve *s, int stop)
{
	struct pollfd wait = {.fd = stop, .events = POLLIN};
	int fd;

	fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0) {
		fcgi_serve(&s->fcgi, fd);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
		log_event(&s->fcgi.gateway->log, LOG_ERROR, "accept", strerror(errno));
		poll(&wait, 1, NO_DESCRIPTOR_MS);
	}
	return false;
}

/* An eventfd takes any write of ours: only one that blocks at 2^64 - 1 could fail. */
static void
raise_event(int fd)
{
	const uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
}

static bool
watch(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.fd = fd}};

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* The loop of a thread, until the stop descriptor says so. */
static void
work_until_stopped(const struct crew *c, int epoll)
{
	struct epoll_event events[2];
	int i, n;

	for (;;) {
		n = epoll_wait(epoll, events, 2, -1);
		if (n < 0 && errno != EINTR)
			return;
		for (i = 0; i < n; i++) {
			if (events[i].data.fd == c->stop)
				return;
		}
		if (n > 0)
			serve_one(c->serve, c->stop);
	}
}

static void *
work(void *context)
{
	struct crew *c = context;
	int epoll;

	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll >= 0 && watch(epoll, c->stop, EPOLLIN) &&
	    watch(epoll, c->serve->listener.fd, EPOLLIN | EPOLLEXCLUSIVE))
		work_until_stopped(c, epoll);
	else
		log_event(&c->serve->fcgi.gateway->log, LOG_ERROR, "thread", strerror(errno));
	if (epoll >= 0)
		close(epoll);
	while (!c->serve->listener.inherited && serve_one(c->serve, c->stop))
		;
	if (atomic_fetch_sub(&c->running, 1) == 1)
		raise_event(c->gone);
	return NULL;
}

static unsigned
start(struct crew *c)
{
	pthread_attr_t attributes;
	unsigned i;

	if (pthread_attr_init(&attributes) != 0)
		return 0;
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	/* One is counted for this function, so that an early thread's end is not the last. */
	atomic_init(&c->running, 1);
	for (i = 0; i < c->serve->threads; i++) {
		atomic_fetch_add(&c->running, 1);
		if (pthread_create(&c->threads[i], &attributes, work, c) != 0) {
			atomic_fetch_sub(&c->running, 1);
			break;
		}
	}
	pthread_attr_destroy(&attributes);
	if (atomic_fetch_sub(&c->running, 1) == 1)
		raise_event(c->gone);
	return i;
}

/* Sleeps until a signal says stop (true; a second one ends all) or all threads have left. */
static bool
wait_signal(const struct crew *c, int signals, bool stopping)
{
	struct pollfd wait[2] = {
	    {.fd = signals, .events = POLLIN}, {.fd = c->gone, .events = POLLIN}};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(wait, 2, -1) < 0)
			continue;
		if (wait[0].revents != 0 && read(signals, &info, sizeof(info)) == sizeof(info)) {
			if (stopping)
				_exit(SIGNALLED + (int)info.ssi_signo);
			return true;
		}
		if (wait[1].revents != 0)
			return false;
	}
}

/* What reached our own listener between the last thread's look and now. */
static void
serve_last(const struct crew *c)
{
	struct pollfd wait = {.fd = c->serve->listener.fd, .events = POLLIN};

	while (!c->serve->listener.inherited && poll(&wait, 1, LAST_CALL_MS) == 1 &&
	       serve_one(c->serve, c->stop))
		;
}

static void
serve_until_stopped(struct crew *c, int signals)
{
	const struct log *log = &c->serve->fcgi.gateway->log;
	sigset_t set;
	unsigned i;

	log_event(log, LOG_INFO, "started", NULL);
	if (wait_signal(c, signals, false)) {
		log_event(log, LOG_INFO, "stopping", NULL);
		listen_unlink(&c->serve->listener);
		raise_event(c->stop);
		wait_signal(c, signals, true);
		stop_signals(&set);
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	}
	for (i = 0; i < c->n; i++)
		pthread_join(c->threads[i], NULL);
	serve_last(c);
	log_event(log, LOG_INFO, "stopped", NULL);
}

bool
serve_run(struct serve *s, char *why, size_t why_max)
{
	struct crew c = {.serve = s};
	sigset_t set;
	int signals;

	stop_signals(&set);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	c.stop = eventfd(0, EFD_CLOEXEC);
	c.gone = eventfd(0, EFD_CLOEXEC);
	c.threads = calloc(s->threads, sizeof(*c.threads));
	if (signals >= 0 && c.stop >= 0 && c.gone >= 0 && c.threads != NULL)
		c.n = start(&c);
	if (c.n > 0)
		serve_until_stopped(&c, signals);
	else
		snprintf(why, why_max, "no thread could be made: %s", strerror(errno));
	listen_unlink(&s->listener);
	listen_close(&s->listener);
	free(c.threads);
	close(c.gone);
	close(c.stop);
	close(signals);
	return c.n > 0;
}
