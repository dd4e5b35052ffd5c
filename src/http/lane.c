/*
 * http_lane.c: transfers side by side over one curl multi handle. One call alone goes the same way,
 * so that connections stay in one place: a multi handle takes over those of its easy handles.
 */
#include "http/lane.h"

#include <stdlib.h>

struct http_lane *
http_lane_new(void)
{
	struct http_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->multi = curl_multi_init();
	if (lane->multi == NULL) {
		free(lane);
		return NULL;
	}
	return lane;
}

void
http_lane_limit(struct http_lane *lane, unsigned connections)
{
	(void)curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)connections);
}

static void
lane_free_handle(struct http_handle *handle)
{
	curl_easy_cleanup(handle->easy);
	curl_slist_free_all(handle->headers);
	buf_clear(&handle->body);
	free(handle);
}

void
http_lane_free(struct http_lane *lane)
{
	size_t i;

	if (lane == NULL)
		return;
	for (i = 0; i < lane->n; i++) {
		(void)curl_multi_remove_handle(lane->multi, lane->handles[i]->easy);
		lane_free_handle(lane->handles[i]);
	}
	(void)curl_multi_cleanup(lane->multi);
	free(lane->handles);
	free(lane);
}

static struct http_handle *
lane_add_handle(struct http_lane *lane)
{
	struct http_handle **handles, *handle;

	handles = realloc(lane->handles, (lane->n + 1) * sizeof(*handles));
	if (handles == NULL)
		return NULL;
	lane->handles = handles;
	handle = calloc(1, sizeof(*handle));
	if (handle == NULL)
		return NULL;
	handle->easy = curl_easy_init();
	if (handle->easy == NULL) {
		free(handle);
		return NULL;
	}
	handle->lane = lane;
	buf_init(&handle->body, 0);
	lane->handles[lane->n++] = handle;
	return handle;
}

struct http_handle *
http_lane_handle(struct http_lane *lane)
{
	size_t i;

	for (i = 0; i < lane->n; i++) {
		if (lane->handles[i]->call == NULL)
			return lane->handles[i];
	}
	return lane_add_handle(lane);
}

bool
http_lane_start(struct http_handle *handle)
{
	struct http_lane *lane = handle->lane;

	if (curl_multi_add_handle(lane->multi, handle->easy) != CURLM_OK) {
		lane->broken = true;
		return false;
	}
	return true;
}

static size_t
lane_calls(const struct http_lane *lane)
{
	size_t i, n = 0;

	for (i = 0; i < lane->n; i++)
		n += lane->handles[i]->call != NULL;
	return n;
}

void
http_lane_run(struct http_lane *lane, int timeout_ms)
{
	int running = 0;
	CURLMcode rc;

	if (lane->broken)
		return;
	rc = curl_multi_perform(lane->multi, &running);
	/* Fewer are running than have a call: one is over, and there is nothing to wait for. */
	if (rc == CURLM_OK && (size_t)running == lane_calls(lane))
		rc = curl_multi_poll(lane->multi, NULL, 0, timeout_ms, NULL);
	lane->broken = rc != CURLM_OK;
}

struct http_handle *
http_lane_done(struct http_lane *lane, CURLcode *rc)
{
	struct http_handle *handle = NULL;
	CURLMsg *message;
	char *private = NULL;
	size_t i;
	int left;

	while ((message = curl_multi_info_read(lane->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		*rc = message->data.result;
		if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) == CURLE_OK)
			handle = (struct http_handle *)(void *)private;
		break;
	}
	/* A lane that broke ends whatever it carries. */
	for (i = 0; handle == NULL && lane->broken && i < lane->n; i++) {
		if (lane->handles[i]->call != NULL) {
			handle = lane->handles[i];
			*rc = CURLE_FAILED_INIT;
		}
	}
	if (handle != NULL)
		(void)curl_multi_remove_handle(lane->multi, handle->easy);
	return handle;
}
