/*
 * serve.c: see serve.h. Each worker turns a loop that holds the listener (one wake-up, one worker:
 * EPOLLEXCLUSIVE) and its connections. The main thread waits for signals and for the second.
 *
 * Stopping loses nothing: an inherited listener is left alone, with what waits in its backlog, for
 * its next owner (shutdown() on it would break that one too); of our own the name is taken away
 * first, so that nobody new connects, and what waits is served before the workers leave.
 */
#include <errno.h>
#include <limits.h>
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

#include "engine/stack.h"
#include "server/notify.h"
#include "server/serve.h"

enum {
	LAST_CALL_MS = 50, /* a connect() that found the name before it went may arrive after */
	NO_DESCRIPTOR_MS = 100,
	ACCEPT_MOST = 16,         /* in one go, before the other connections get their turn */
	STOP_IDLE_MS = 10 * 1000, /* for a kept connection that stays silent */
	TICK_MS = 1000,
	/* Descriptors: of the process (the store, logs, files being read), of a worker (its loop,
	 * libcurl's, connections that come and go), of a call (the HRIS and the caller). */
	FILES_PROCESS = 64,
	FILES_WORKER = 16,
	FILES_CALL = 2,
	BLOCKS_KEPT = 32, /* by a worker: the large ones of a dozen requests */
	SIGNALLED = 128
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_SIZE = 4 * 1024 * 1024 };
#else
enum { STACK_SIZE = 512 * 1024 };
#endif

struct worker {
	struct loop_job stop; /* first */
	struct loop_fd door;
	struct timer door_time;
	struct fcgi_home home;
	struct crew *crew;
	pthread_t thread;
	bool accepting, stopping;
	unsigned char scratch[FCGI_SCRATCH];
};

struct crew {
	struct serve *serve;
	struct worker *workers;
	unsigned n;
	int gone; /* readable when the last worker has left */
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

void
serve_prepare(void)
{
	struct rlimit files;
	sigset_t signals;

	stop_signals(&signals);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* What is left for callers, where each worker keeps the connections of as many calls; at least as
 * many as there are calls. */
static unsigned
connections_of_worker(rlim_t files, unsigned workers, unsigned calls)
{
	rlim_t kept = FILES_PROCESS + (FILES_WORKER + (rlim_t)calls) * workers, most = calls;

	if (files > kept + calls)
		most = files - kept;
	most /= workers;
	return most < 1 ? 1 : most > UINT_MAX ? UINT_MAX : (unsigned)most;
}

bool
serve_has_room(struct serve *s, unsigned calls, char *why, size_t why_max)
{
	unsigned workers = s->workers;
	rlim_t need = FILES_PROCESS + FILES_WORKER * (rlim_t)workers + FILES_CALL * (rlim_t)calls;
	struct rlimit files = {.rlim_cur = RLIM_INFINITY};

	(void)getrlimit(RLIMIT_NOFILE, &files);
	s->connections = connections_of_worker(files.rlim_cur, workers, calls);
	if (files.rlim_cur >= need)
		return true;
	snprintf(why, why_max,
	    "at most %llu files may be open (ulimit -n, LimitNOFILE= of systemd), but %u workers and %u calls at once need %llu: raise that limit, or lower workers or the limits.in_flight of the routes",
	    (unsigned long long)files.rlim_cur, workers, calls, (unsigned long long)need);
	return false;
}

/* An eventfd takes any write of ours: only one that blocks at 2^64 - 1 could fail. */
static void
raise_event(int fd)
{
	const uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}

/* --- a worker --- */

static void
door_open(struct worker *w)
{
	w->accepting = loop_watch(w->home.loop, &w->door, EPOLLIN | EPOLLEXCLUSIVE);
}

static void
door_shut(struct worker *w)
{
	loop_unwatch(w->home.loop, &w->door);
	w->accepting = false;
}

/* Nobody is let in for a while. */
static void
door_pause(struct worker *w, const char *why)
{
	log_event(&w->home.fcgi->gateway->log, LOG_ERROR, "accept", why);
	door_shut(w);
	loop_timer_set(w->home.loop, &w->door_time, loop_now_ms() + NO_DESCRIPTOR_MS);
}

/* Those who are in need descriptors too: to call an HRIS, to take a lock. */
static void
door_ready(struct loop_fd *f, uint32_t events)
{
	struct worker *w = (struct worker *)(void *)((char *)f - offsetof(struct worker, door));
	int fd, i;

	(void)events;
	for (i = 0; i < ACCEPT_MOST; i++) {
		if (w->home.n >= w->crew->serve->connections) {
			door_pause(
			    w, "as many connections as the limit of open files leaves room for");
			return;
		}
		fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
				door_pause(w, strerror(errno));
			return;
		}
		fcgi_open(&w->home, fd);
	}
}

/*
 * After a lack of descriptors the door opens again. The last call is over when nobody waits any
 * more: the name is gone, so those who do get fewer.
 */
static void
door_time_over(struct timer *t)
{
	struct worker *w =
	    (struct worker *)(void *)((char *)t - offsetof(struct worker, door_time));
	struct pollfd door = {.fd = w->door.fd, .events = POLLIN};

	if (!w->accepting)
		door_open(w);
	else if (poll(&door, 1, 0) <= 0) {
		door_shut(w);
		return;
	}
	if (w->stopping)
		loop_timer_set(w->home.loop, &w->door_time, loop_now_ms() + LAST_CALL_MS);
}

static void
worker_stop(struct loop_job *job)
{
	struct worker *w = (struct worker *)job;

	w->stopping = true;
	fcgi_stop(&w->home, STOP_IDLE_MS);
	if (w->crew->serve->listener.inherited) {
		loop_timer_cancel(w->home.loop, &w->door_time);
		door_shut(w);
		return;
	}
	if (!w->accepting)
		door_open(w);
	loop_timer_set(w->home.loop, &w->door_time, loop_now_ms() + LAST_CALL_MS);
}

static void *
work(void *context)
{
	struct worker *w = context;

	loop_adopt(w->home.loop);
	arena_keep(BLOCKS_KEPT);
	door_open(w);
	if (!w->accepting)
		log_event(&w->home.fcgi->gateway->log, LOG_ERROR, "worker", strerror(errno));
	while (!w->stopping || w->door_time.set || w->home.n > 0)
		loop_turn(w->home.loop, INT64_MAX);
	loop_adopt(NULL);
	loop_free(w->home.loop);
	arena_keep(0);
	if (atomic_fetch_sub(&w->crew->running, 1) == 1)
		raise_event(w->crew->gone);
	return NULL;
}

static bool
worker_start(struct crew *c, struct worker *w, const pthread_attr_t *attributes)
{
	w->stop.run = worker_stop;
	w->door = (struct loop_fd){.fd = c->serve->listener.fd, .ready = door_ready};
	w->door_time.fire = door_time_over;
	w->crew = c;
	w->home.fcgi = &c->serve->fcgi;
	w->home.loop = loop_new();
	w->home.scratch = w->scratch;
	if (w->home.loop != NULL && pthread_create(&w->thread, attributes, work, w) == 0)
		return true;
	loop_free(w->home.loop);
	return false;
}

/* --- the crew --- */

static void
start(struct crew *c)
{
	pthread_attr_t attributes;

	if (pthread_attr_init(&attributes) != 0)
		return;
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	/* One is counted for this function, so that an early worker's end is not the last. */
	atomic_init(&c->running, 1);
	while (c->n < c->serve->workers) {
		atomic_fetch_add(&c->running, 1);
		if (!worker_start(c, &c->workers[c->n], &attributes)) {
			atomic_fetch_sub(&c->running, 1);
			break;
		}
		c->n++;
	}
	pthread_attr_destroy(&attributes);
	if (atomic_fetch_sub(&c->running, 1) == 1)
		raise_event(c->gone);
}

/* Waits until a signal says stop (true; a second one ends all) or all workers have left. */
static bool
wait_signal(const struct crew *c, int signals, bool stopping)
{
	struct pollfd wait[2] = {
	    {.fd = signals, .events = POLLIN}, {.fd = c->gone, .events = POLLIN}};
	const struct serve *s = c->serve;
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(wait, 2, TICK_MS) < 0)
			continue;
		if (wait[0].revents != 0 && read(signals, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo == SIGHUP) {
				notify_reloading();
				s->tick(s->context, true);
				notify_ready();
				continue;
			}
			if (stopping)
				_exit(SIGNALLED + (int)info.ssi_signo);
			return true;
		}
		if (wait[1].revents != 0)
			return false;
		s->tick(s->context, false);
	}
}

static void
serve_until_stopped(struct crew *c, int signals)
{
	const struct log *log = &c->serve->fcgi.gateway->log;
	struct log_line line;
	sigset_t set;
	unsigned i;

	log_event(log, LOG_INFO, "started", NULL);
	notify_ready();
	if (wait_signal(c, signals, false)) {
		log_event(log, LOG_INFO, "stopping", NULL);
		notify_stopping();
		listen_unlink(&c->serve->listener);
		for (i = 0; i < c->n; i++)
			loop_hand(c->workers[i].home.loop, &c->workers[i].stop);
		wait_signal(c, signals, true);
		stop_signals(&set);
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	}
	for (i = 0; i < c->n; i++)
		pthread_join(c->workers[i].thread, NULL);
	log_begin(&line, log, LOG_INFO, "stopped");
	log_number(&line, "stack_most", (int64_t)stack_peak());
	log_end(&line);
}

bool
serve_run(struct serve *s, char *why, size_t why_max)
{
	struct crew c = {.serve = s};
	sigset_t set;
	int signals;

	stop_signals(&set);
	sigaddset(&set, SIGHUP);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	c.gone = eventfd(0, EFD_CLOEXEC);
	c.workers = calloc(s->workers, sizeof(*c.workers));
	if (signals >= 0 && c.gone >= 0 && c.workers != NULL)
		start(&c);
	if (c.n > 0)
		serve_until_stopped(&c, signals);
	else
		snprintf(why, why_max, "no worker could be made: %s", strerror(errno));
	stack_clear();
	listen_unlink(&s->listener);
	listen_close(&s->listener);
	free(c.workers);
	close(c.gone);
	close(signals);
	return c.n > 0;
}
