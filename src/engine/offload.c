/*
 * offload.c: see offload.h. A thread is made when there is work and none is idle, and ends after it
 * was idle for a while, so that a process which never needs one has none.
 */
#include "engine/offload.h"

#include <pthread.h>
#include <time.h>

#include "engine/event.h"
#include "engine/task.h"

enum { IDLE_S = 10 };

struct work {
	struct work *next;
	void (*run)(void *context);
	void *context;
	struct event done;
};

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t more;
	struct work *first, **last;
	unsigned threads, idle, waiting; /* waiting: pieces of work that nobody has taken */
} crew = {
    .mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .last = &crew.first};

/* The next piece of work, or NULL where there was none for a while. The mutex is held. */
static struct work *
next_work(void)
{
	struct timespec until;
	struct work *w;
	int rc = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += IDLE_S;
	crew.idle++;
	while (crew.first == NULL && rc == 0)
		rc = pthread_cond_timedwait(&crew.more, &crew.mutex, &until);
	crew.idle--;
	w = crew.first;
	if (w != NULL) {
		crew.first = w->next;
		crew.waiting--;
		if (crew.first == NULL)
			crew.last = &crew.first;
	}
	return w;
}

static void *
serve(void *unused)
{
	struct work *w;

	(void)unused;
	(void)pthread_mutex_lock(&crew.mutex);
	while ((w = next_work()) != NULL) {
		(void)pthread_mutex_unlock(&crew.mutex);
		w->run(w->context);
		event_set(&w->done);
		(void)pthread_mutex_lock(&crew.mutex);
	}
	crew.threads--;
	(void)pthread_mutex_unlock(&crew.mutex);
	return NULL;
}

/* False: no thread is there, and none can be made. The mutex is held. */
static bool
have_thread(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	if (crew.idle > crew.waiting || crew.threads == OFFLOAD_THREADS)
		return true;
	if (pthread_attr_init(&attributes) != 0)
		return crew.threads > 0;
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, serve, NULL) == 0)
		crew.threads++;
	(void)pthread_attr_destroy(&attributes);
	return crew.threads > 0;
}

void
offload(void (*run)(void *context), void *context)
{
	struct work w = {.run = run, .context = context};
	bool there;

	if (task_self() == NULL) {
		run(context);
		return;
	}
	(void)pthread_mutex_lock(&crew.mutex);
	there = have_thread();
	if (there) {
		*crew.last = &w;
		crew.last = &w.next;
		crew.waiting++;
		(void)pthread_cond_signal(&crew.more);
	}
	(void)pthread_mutex_unlock(&crew.mutex);
	if (there)
		(void)event_wait(&w.done, EVENT_FOREVER);
	else
		run(context);
}
