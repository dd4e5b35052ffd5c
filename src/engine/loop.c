/*
 * loop.c: see loop.h. Jobs run between two batches of events, never inside one, and what a callback
 * removes is struck out of the batch at hand, so that nothing is called after it is gone.
 */
#include "engine/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_MAX = 128 };

struct loop {
	int epoll;
	struct loop_fd waker;
	struct timers timers;
	struct loop_job *first, **last; /* ready, in the order they became it */
	struct loop_guest *guests;
	struct epoll_event events[EVENTS_MAX];
	int n_events;
	pthread_mutex_t mutex; /* of what other threads hand in: */
	struct loop_job *handed, **handed_last;
};

static const struct clock *loop_clock = &clock_real;
static _Thread_local struct loop *mine;
static pthread_key_t owned; /* its destructor frees a loop that loop_current() made */
static pthread_once_t owned_once = PTHREAD_ONCE_INIT;

static void
free_owned(void *loop)
{
	mine = loop;
	loop_free(loop);
	mine = NULL;
}

static void
owned_init(void)
{
	(void)pthread_key_create(&owned, free_owned);
}

void
loop_use_clock(const struct clock *clock)
{
	loop_clock = clock == NULL ? &clock_real : clock;
}

int64_t
loop_now_ms(void)
{
	return clock_mono_ms(loop_clock);
}

/* Empties the descriptor that ended the wait. */
static void
waker_ready(struct loop_fd *f, uint32_t events)
{
	uint64_t n;

	(void)events;
	(void)!read(f->fd, &n, sizeof(n));
}

/* Appends what other threads handed in to what is ready. */
static void
take_handed(struct loop *l)
{
	(void)pthread_mutex_lock(&l->mutex);
	if (l->handed != NULL) {
		*l->last = l->handed;
		l->last = l->handed_last;
		l->handed = NULL;
		l->handed_last = &l->handed;
	}
	(void)pthread_mutex_unlock(&l->mutex);
}

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->last = &l->first;
	l->handed_last = &l->handed;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->waker =
	    (struct loop_fd){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .ready = waker_ready};
	if (l->epoll >= 0 && l->waker.fd >= 0 && pthread_mutex_init(&l->mutex, NULL) == 0) {
		if (loop_watch(l, &l->waker, EPOLLIN))
			return l;
		(void)pthread_mutex_destroy(&l->mutex);
	}
	if (l->epoll >= 0)
		(void)close(l->epoll);
	if (l->waker.fd >= 0)
		(void)close(l->waker.fd);
	free(l);
	return NULL;
}

void
loop_free(struct loop *l)
{
	struct loop_guest *g;

	if (l == NULL)
		return;
	while ((g = l->guests) != NULL) {
		l->guests = g->next;
		g->close(g);
	}
	(void)close(l->waker.fd);
	(void)close(l->epoll);
	(void)pthread_mutex_destroy(&l->mutex);
	free(l);
}

struct loop *
loop_current(void)
{
	if (mine != NULL)
		return mine;
	(void)pthread_once(&owned_once, owned_init);
	mine = loop_new();
	if (mine != NULL)
		(void)pthread_setspecific(owned, mine);
	return mine;
}

void
loop_adopt(struct loop *l)
{
	mine = l;
}

static bool
control(struct loop *l, int how, struct loop_fd *f, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.ptr = f}};

	return epoll_ctl(l->epoll, how, f->fd, &event) == 0;
}

bool
loop_watch(struct loop *l, struct loop_fd *f, uint32_t events)
{
	if (f->events == events)
		return true;
	if (!control(l, f->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, f, events))
		return false;
	f->events = events;
	return true;
}

void
loop_unwatch(struct loop *l, struct loop_fd *f)
{
	int i;

	if (f->events == 0)
		return;
	f->events = 0;
	(void)control(l, EPOLL_CTL_DEL, f, 0);
	for (i = 0; i < l->n_events; i++) {
		if (l->events[i].data.ptr == f)
			l->events[i].data.ptr = NULL;
	}
}

void
loop_timer_set(struct loop *l, struct timer *t, int64_t at_ms)
{
	timers_set(&l->timers, t, at_ms);
}

void
loop_timer_cancel(struct loop *l, struct timer *t)
{
	timers_cancel(&l->timers, t);
}

void
loop_guest_add(struct loop *l, struct loop_guest *g)
{
	g->next = l->guests;
	l->guests = g;
}

void
loop_guest_remove(struct loop *l, struct loop_guest *g)
{
	struct loop_guest **link;

	for (link = &l->guests; *link != NULL; link = &(*link)->next) {
		if (*link == g) {
			*link = g->next;
			return;
		}
	}
}

void
loop_ready(struct loop *l, struct loop_job *job)
{
	job->next = NULL;
	*l->last = job;
	l->last = &job->next;
}

/* Those that are ready now; what they make ready waits for the next turn, after the events. */
static void
run_ready(struct loop *l)
{
	struct loop_job *job = l->first, *next;

	l->first = NULL;
	l->last = &l->first;
	for (; job != NULL; job = next) {
		next = job->next;
		job->run(job);
	}
}

static int
patience_ms(const struct loop *l, int64_t until_ms)
{
	int64_t left;

	if (l->first != NULL)
		return 0;
	if (l->timers.first != NULL && l->timers.first->at_ms < until_ms)
		until_ms = l->timers.first->at_ms;
	if (until_ms == INT64_MAX)
		return -1;
	left = until_ms - loop_now_ms();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void
loop_turn(struct loop *l, int64_t until_ms)
{
	struct loop_fd *f;
	struct timer *t;
	int64_t now;
	int i;

	l->n_events = epoll_wait(l->epoll, l->events, EVENTS_MAX, patience_ms(l, until_ms));
	for (i = 0; i < l->n_events; i++) {
		f = l->events[i].data.ptr;
		if (f != NULL)
			f->ready(f, l->events[i].events);
	}
	l->n_events = 0;
	take_handed(l);
	now = loop_now_ms();
	while ((t = timers_due(&l->timers, now)) != NULL)
		t->fire(t);
	run_ready(l);
}

void
loop_hand(struct loop *l, struct loop_job *job)
{
	const uint64_t one = 1;

	if (l == mine) {
		loop_ready(l, job);
		return;
	}
	(void)pthread_mutex_lock(&l->mutex);
	job->next = NULL;
	if (l->handed == NULL)
		(void)!write(l->waker.fd, &one, sizeof(one));
	*l->handed_last = job;
	l->handed_last = &job->next;
	(void)pthread_mutex_unlock(&l->mutex);
}
