/*
 * lane.c: see lane.h. The loop watches curl's sockets and keeps its time; curl does its work when
 * the loop calls, and every transfer that is over is handed to its sender. A lane that carried
 * nothing for HTTP_CONNECTION_S goes, with its connections; one that curl broke goes when its last
 * transfer is over, and another takes its place.
 */
#include "http/lane.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/text.h"

/* Handles without a call that are kept; connections kept for later. */
enum { LANE_HANDLES = 256, LANE_CONNECTIONS = 1024 };

struct http_lane {
	struct loop_guest guest; /* first */
	struct http *http;
	struct http_lane *next; /* in http */
	struct loop *loop;
	CURLM *multi;
	struct timer curl_time, idle_time;
	struct http_turn turn;
	struct loop_job resume; /* of what is paused */
	bool resuming;          /* the job is ready */
	struct http_handle *idle, *running;
	unsigned n_idle, n_taken; /* taken: until it is given back, which is after its transfer */
	bool broken;              /* curl failed: takes no call any more */
	struct http_trust trust;  /* copies */
	int sockets[HTTP_PORTS];  /* of connections, by our own port: pages that nobody touched */
};

/* A socket of curl's in the loop. */
struct lane_socket {
	struct loop_fd watch; /* first */
	struct http_lane *lane;
};

static void lane_collect(struct http_lane *lane);

static void
running_add(struct http_handle *handle)
{
	struct http_lane *lane = handle->lane;

	handle->before = NULL;
	handle->next = lane->running;
	if (lane->running != NULL)
		lane->running->before = handle;
	lane->running = handle;
}

static void
running_remove(struct http_handle *handle)
{
	struct http_lane *lane = handle->lane;

	if (handle->before == NULL)
		lane->running = handle->next;
	else
		handle->before->next = handle->next;
	if (handle->next != NULL)
		handle->next->before = handle->before;
}

/* curl says which socket it was only now. */
static void
lane_note_socket(struct http_handle *handle)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	long port = -1;

	if (curl_easy_getinfo(handle->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd >= 0 &&
	    curl_easy_getinfo(handle->easy, CURLINFO_LOCAL_PORT, &port) == CURLE_OK && port > 0 &&
	    port < HTTP_PORTS)
		handle->lane->sockets[port] = fd;
}

static void
lane_finish(struct http_handle *handle, CURLcode result)
{
	struct http_sender *sender = handle->sender;

	running_remove(handle);
	loop_timer_cancel(handle->lane->loop, &handle->stall_time);
	lane_note_socket(handle);
	(void)curl_multi_remove_handle(handle->lane->multi, handle->easy);
	handle->result = result;
	handle->next = sender->finished;
	sender->finished = handle;
	event_set(&sender->over);
}

/* curl's own limit (CURLOPT_LOW_SPEED_TIME) goes by the average of five seconds: after half an
 * answer it is five seconds late. */
static void
stall_time_over(struct timer *t)
{
	struct http_handle *handle =
	    (struct http_handle *)((char *)t - offsetof(struct http_handle, stall_time));
	int64_t until_ms = handle->heard_ms + handle->call->stall_ms;

	if (until_ms > loop_now_ms())
		loop_timer_set(handle->lane->loop, t, until_ms);
	else
		lane_finish(handle, CURLE_OPERATION_TIMEDOUT);
}

/* It runs before the lane can go: what is paused is under way. */
static void
lane_resume_soon(struct http_lane *lane)
{
	if (lane->turn.paused && !lane->resuming)
		loop_ready(lane->loop, &lane->resume);
	lane->resuming = lane->turn.paused;
}

/* curl brings what it kept at once, and reads on with its next time, which it sets to now. */
static void
lane_resume(struct loop_job *job)
{
	struct http_lane *lane =
	    (struct http_lane *)((char *)job - offsetof(struct http_lane, resume));
	struct http_handle *handle, *next;
	CURLcode rc;

	lane->turn = (struct http_turn){.n = lane->turn.n + 1};
	lane->resuming = false;
	for (handle = lane->running; handle != NULL; handle = next) {
		next = handle->next;
		if (!handle->paused)
			continue;
		handle->paused = false;
		rc = curl_easy_pause(handle->easy, CURLPAUSE_CONT);
		/* curl would go on without what it brought. */
		if (rc != CURLE_OK)
			lane_finish(handle, rc);
	}
	lane_resume_soon(lane);
}

/* curl's work, and what came of it. */
static void
lane_act(struct http_lane *lane, curl_socket_t fd, int mask)
{
	int running;

	lane->turn.n++;
	if (curl_multi_socket_action(lane->multi, fd, mask, &running) != CURLM_OK)
		lane->broken = true;
	lane_resume_soon(lane);
	lane_collect(lane);
}

static void
socket_ready(struct loop_fd *f, uint32_t events)
{
	struct http_lane *lane = ((struct lane_socket *)f)->lane;
	int mask = 0;

	if ((events & (EPOLLIN | EPOLLHUP)) != 0)
		mask |= CURL_CSELECT_IN;
	if ((events & EPOLLOUT) != 0)
		mask |= CURL_CSELECT_OUT;
	if ((events & EPOLLERR) != 0)
		mask |= CURL_CSELECT_ERR;
	lane_act(lane, f->fd, mask);
}

static int
socket_drop(struct http_lane *lane, struct lane_socket *s)
{
	if (s != NULL) {
		loop_unwatch(lane->loop, &s->watch);
		free(s);
	}
	return 0;
}

/* CURLMOPT_SOCKETFUNCTION: what curl waits for at a socket. */
static int
socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context, void *per_socket)
{
	struct http_lane *lane = context;
	struct lane_socket *s = per_socket;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE)
		return socket_drop(lane, s);
	if (what != CURL_POLL_OUT)
		events |= EPOLLIN;
	if (what != CURL_POLL_IN)
		events |= EPOLLOUT;
	if (s != NULL)
		return loop_watch(lane->loop, &s->watch, events) ? 0 : -1;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -1;
	*s = (struct lane_socket){.watch = {.fd = fd, .ready = socket_ready}, .lane = lane};
	if (curl_multi_assign(lane->multi, fd, s) == CURLM_OK &&
	    loop_watch(lane->loop, &s->watch, events))
		return 0;
	(void)curl_multi_assign(lane->multi, fd, NULL);
	free(s);
	return -1;
}

static void
curl_time_over(struct timer *t)
{
	lane_act((struct http_lane *)((char *)t - offsetof(struct http_lane, curl_time)),
	    CURL_SOCKET_TIMEOUT, 0);
}

/* CURLMOPT_TIMERFUNCTION. */
static int
time_wanted(CURLM *multi, long timeout_ms, void *context)
{
	struct http_lane *lane = context;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_cancel(lane->loop, &lane->curl_time);
	else
		loop_timer_set(lane->loop, &lane->curl_time, loop_now_ms() + timeout_ms);
	return 0;
}

static void
handle_free(struct http_handle *handle)
{
	curl_easy_cleanup(handle->easy);
	curl_slist_free_all(handle->headers);
	buf_clear(&handle->body);
	free(handle);
}

/* Its transfers are over: nothing of it is in use. */
static void
lane_free(struct http_lane *lane)
{
	struct http_handle *handle;

	while ((handle = lane->idle) != NULL) {
		lane->idle = handle->next;
		handle_free(handle);
	}
	if (lane->multi != NULL)
		(void)curl_multi_cleanup(lane->multi);
	loop_timer_cancel(lane->loop, &lane->curl_time);
	loop_timer_cancel(lane->loop, &lane->idle_time);
	free((char *)(uintptr_t)lane->trust.ca_file);
	free((char *)(uintptr_t)lane->trust.certificate);
	free((char *)(uintptr_t)lane->trust.key);
	free(lane);
}

/* Nobody finds it any more. */
static void
lane_unlink(struct http_lane *lane)
{
	struct http *h = lane->http;
	struct http_lane **link;

	(void)pthread_mutex_lock(&h->mutex);
	for (link = &h->lanes; *link != lane; link = &(*link)->next)
		continue;
	*link = lane->next;
	(void)pthread_mutex_unlock(&h->mutex);
	loop_guest_remove(lane->loop, &lane->guest);
}

static void
lane_leave(struct http_lane *lane)
{
	lane_unlink(lane);
	lane_free(lane);
}

/* The loop goes; its tasks have ended before, and their calls with them. */
static void
lane_close(struct loop_guest *guest)
{
	lane_leave((struct http_lane *)guest);
}

static void
idle_time_over(struct timer *t)
{
	struct http_lane *lane =
	    (struct http_lane *)((char *)t - offsetof(struct http_lane, idle_time));

	if (lane->n_taken == 0)
		lane_leave(lane);
}

static void
lane_collect(struct http_lane *lane)
{
	struct http_handle *handle;
	CURLMsg *message;
	char *private;
	int left;

	while ((message = curl_multi_info_read(lane->multi, &left)) != NULL) {
		private = NULL;
		if (message->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) == CURLE_OK)
			lane_finish((struct http_handle *)(void *)private, message->data.result);
	}
	while (lane->broken && (handle = lane->running) != NULL)
		lane_finish(handle, CURLE_FAILED_INIT);
}

static bool
lane_set_up(struct http_lane *lane)
{
	lane->multi = curl_multi_init();
	if (lane->multi == NULL)
		return false;
	return curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted) == CURLM_OK &&
	       curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane) == CURLM_OK &&
	       curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, time_wanted) == CURLM_OK &&
	       curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane) == CURLM_OK &&
	       curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)LANE_CONNECTIONS) ==
		   CURLM_OK;
}

/* Copies a text that may be absent; false: no memory. */
static bool
copy_text(const char **to, const char *from)
{
	*to = from == NULL ? NULL : strdup(from);
	return from == NULL || *to != NULL;
}

static struct http_lane *
lane_new(struct http *h, struct loop *loop, const struct http_peer *peer)
{
	struct http_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->guest.close = lane_close;
	lane->http = h;
	lane->loop = loop;
	lane->curl_time.fire = curl_time_over;
	lane->idle_time.fire = idle_time_over;
	lane->resume.run = lane_resume;
	if (copy_text(&lane->trust.ca_file, peer->ca_file) &&
	    copy_text(&lane->trust.certificate, peer->certificate) &&
	    copy_text(&lane->trust.key, peer->key) && lane_set_up(lane)) {
		loop_guest_add(loop, &lane->guest);
		return lane;
	}
	lane_free(lane);
	return NULL;
}

static bool
lane_fits(const struct http_lane *lane, const struct loop *loop, const struct http_peer *peer)
{
	return lane->loop == loop && !lane->broken &&
	       text_equal(lane->trust.ca_file, peer->ca_file) &&
	       text_equal(lane->trust.certificate, peer->certificate) &&
	       text_equal(lane->trust.key, peer->key);
}

struct http_lane *
http_lane_of(struct http *h, const struct http_peer *peer)
{
	struct loop *loop = loop_current();
	struct http_lane *lane;

	if (loop == NULL)
		return NULL;
	(void)pthread_mutex_lock(&h->mutex);
	for (lane = h->lanes; lane != NULL && !lane_fits(lane, loop, peer); lane = lane->next)
		continue;
	(void)pthread_mutex_unlock(&h->mutex);
	if (lane != NULL)
		return lane;
	lane = lane_new(h, loop, peer);
	if (lane == NULL)
		return NULL;
	(void)pthread_mutex_lock(&h->mutex);
	lane->next = h->lanes;
	h->lanes = lane;
	(void)pthread_mutex_unlock(&h->mutex);
	return lane;
}

void
http_lanes_free(struct http *h)
{
	while (h->lanes != NULL)
		lane_leave(h->lanes);
}

static struct http_handle *
handle_new(struct http_lane *lane)
{
	struct http_handle *handle = calloc(1, sizeof(*handle));

	if (handle == NULL)
		return NULL;
	handle->lane = lane;
	handle->trust = &lane->trust;
	handle->sockets = lane->sockets;
	handle->turn = &lane->turn;
	handle->stall_time.fire = stall_time_over;
	buf_init(&handle->body, 0);
	handle->easy = curl_easy_init();
	if (handle->easy != NULL && http_option_once(handle) == CURLE_OK)
		return handle;
	handle_free(handle);
	return NULL;
}

struct http_handle *
http_lane_take(struct http_lane *lane)
{
	struct http_handle *handle = lane->idle;

	if (handle != NULL) {
		lane->idle = handle->next;
		lane->n_idle--;
	} else
		handle = handle_new(lane);
	lane->n_taken += handle != NULL;
	return handle;
}

void
http_lane_give(struct http_handle *handle)
{
	struct http_lane *lane = handle->lane;

	if (lane->n_idle < LANE_HANDLES && !lane->broken) {
		handle->next = lane->idle;
		lane->idle = handle;
		lane->n_idle++;
	} else
		handle_free(handle);
	if (--lane->n_taken > 0)
		return;
	if (lane->broken)
		lane_leave(lane);
	else
		loop_timer_set(lane->loop, &lane->idle_time,
		    loop_now_ms() + HTTP_CONNECTION_S * INT64_C(1000));
}

bool
http_lane_start(struct http_handle *handle)
{
	struct http_lane *lane = handle->lane;

	loop_timer_cancel(lane->loop, &lane->idle_time);
	if (lane->broken || curl_multi_add_handle(lane->multi, handle->easy) != CURLM_OK) {
		lane->broken = true;
		return false;
	}
	running_add(handle);
	handle->heard_ms = loop_now_ms();
	if (handle->call->stall_ms > 0)
		loop_timer_set(
		    lane->loop, &handle->stall_time, handle->heard_ms + handle->call->stall_ms);
	return true;
}

bool
http_lane_again(struct http_handle *handle)
{
	handle->stop = HTTP_STOP_NONE;
	handle->error[0] = '\0';
	return curl_easy_setopt(handle->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
	       http_lane_start(handle);
}
