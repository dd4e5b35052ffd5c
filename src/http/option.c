/*
 * option.c: everything curl gets to know: once what is the same for all calls of a handle, and for
 * each call all that differs, so that nothing of an earlier call or of another peer stays.
 */
#include "http/lane.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct option_number {
	CURLoption option;
	long value;
};

struct option_text {
	CURLoption option;
	const char *value;
};

static const struct option_number always[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_MAXREDIRS, 0},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_CA_CACHE_TIMEOUT, HTTP_CONNECTION_S},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_MAXLIFETIME_CONN, HTTP_CONNECTION_S},
    {CURLOPT_TCP_KEEPALIVE, 1},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_PATH_AS_IS, 1},
    /* Of curl's 16 and 64 KiB a waiting call uses little; it copies a request to TLS there. */
    {CURLOPT_BUFFERSIZE, 8 * 1024},
    {CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1024},
    /* A resolver that hangs must not hold the call past its time: its thread is let go. */
    {CURLOPT_QUICK_EXIT, 1},
};

static CURLcode
option_numbers(CURL *easy, const struct option_number *numbers, size_t n)
{
	CURLcode rc = CURLE_OK;
	size_t i;

	for (i = 0; rc == CURLE_OK && i < n; i++)
		rc = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
	return rc;
}

static CURLcode
option_texts(CURL *easy, const struct option_text *texts, size_t n)
{
	CURLcode rc = CURLE_OK;
	size_t i;

	for (i = 0; rc == CURLE_OK && i < n; i++)
		rc = curl_easy_setopt(easy, texts[i].option, texts[i].value);
	return rc;
}

/* The system's bundle is curl's default. Its CAPATH costs 47 ms of CPU per connection, and
 * stands in the way of the CA cache. An empty password keeps OpenSSL from asking. */
static const struct option_text always_texts[] = {
    {CURLOPT_PROXY, ""},
    {CURLOPT_USERAGENT, "hrisgw"},
    {CURLOPT_KEYPASSWD, ""},
    /* All codings that curl can take off; limits hold for what comes out of them. */
    {CURLOPT_ACCEPT_ENCODING, ""},
    {CURLOPT_CAPATH, NULL},
};

static CURLcode
option_peer(CURL *easy, const struct http_call *call, const struct http_peer *peer)
{
	const struct option_text texts[] = {
	    {CURLOPT_URL, call->url},
	    {CURLOPT_PROTOCOLS_STR, peer->insecure_http ? "http,https" : "https"},
	};

	return option_texts(easy, texts, sizeof(texts) / sizeof(texts[0]));
}

static CURLcode
option_body(CURL *easy, const struct http_call *call)
{
	bool empty = call->body == NULL;
	bool none = empty && (call->method == HTTP_GET || call->method == HTTP_DELETE);
	CURLcode rc;

	/* Each of the three sets a method: the last one counts, and its name is sent. */
	rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, empty ? "" : call->body);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(easy, none ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, http_method_name(call->method));
	return rc;
}

static CURLcode
option_add_header(struct http_handle *handle, const char *line)
{
	struct curl_slist *list = curl_slist_append(handle->headers, line);

	if (list == NULL)
		return CURLE_OUT_OF_MEMORY;
	handle->headers = list;
	return CURLE_OK;
}

static CURLcode
option_headers(struct http_handle *handle)
{
	const struct http_call *call = handle->call;
	struct buf line;
	bool typed = false;
	CURLcode rc;
	size_t i;

	/* curl's own additions: a pause before the body, and a form's content type. */
	rc = option_add_header(handle, "Expect:");
	buf_init(&line, LIMIT_REQUEST_BYTES);
	for (i = 0; rc == CURLE_OK && i < call->n_headers; i++) {
		typed |= strcasecmp(call->headers[i].name, "Content-Type") == 0;
		buf_reset(&line);
		buf_puts(&line, call->headers[i].name);
		/* "Name:" would mean to curl that the header is not to be sent. */
		buf_puts(&line, call->headers[i].value[0] == '\0' ? ";" : ": ");
		buf_puts(&line, call->headers[i].value);
		rc = line.err == GW_OK ? option_add_header(handle, line.data) : CURLE_OUT_OF_MEMORY;
	}
	buf_clear(&line);
	if (rc == CURLE_OK && !typed)
		rc = option_add_header(handle, "Content-Type:");
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER, handle->headers);
	return rc;
}

/* A write goes over a connection of its own: on one that was used before and is found dead curl
 * sends the request again by itself. */
static CURLcode
option_limits(struct http_handle *handle, int64_t left_ms)
{
	long left = left_ms < 1 ? 1 : (long)left_ms;
	long fresh = handle->call->write;
	const struct option_number limits[] = {
	    {CURLOPT_TIMEOUT_MS, left},
	    {CURLOPT_CONNECTTIMEOUT_MS, left < HTTP_CONNECT_MS ? left : HTTP_CONNECT_MS},
	    {CURLOPT_FRESH_CONNECT, fresh},
	    {CURLOPT_FORBID_REUSE, fresh},
	};
	CURLcode rc = option_numbers(handle->easy, limits, sizeof(limits) / sizeof(limits[0]));

	if (rc == CURLE_OK)
		rc = curl_easy_setopt(
		    handle->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)handle->body.max);
	return rc;
}

static CURLcode
option_callbacks(struct http_handle *handle)
{
	CURL *easy = handle->easy;
	bool set = true;

	set &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_receive_body) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_receive_header) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, http_receive_prereq) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_PREREQDATA, handle) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_receive_open) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, handle) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_PRIVATE, handle) == CURLE_OK;
	set &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->error) == CURLE_OK;
	return set ? CURLE_OK : CURLE_FAILED_INIT;
}

/* A file's name, or the PEM itself. */
static CURLcode
option_pem(CURL *easy, CURLoption file, CURLoption blob, const char *s)
{
	struct curl_blob pem = {.flags = CURL_BLOB_COPY};

	if (s == NULL || !text_starts(s, "-----BEGIN"))
		return curl_easy_setopt(easy, file, s);
	pem.data = (void *)(uintptr_t)s;
	pem.len = strlen(s);
	return curl_easy_setopt(easy, blob, &pem);
}

CURLcode
http_option_once(struct http_handle *handle)
{
	const struct http_trust *trust = handle->trust;
	CURLcode rc;

	rc = option_numbers(handle->easy, always, sizeof(always) / sizeof(always[0]));
	if (rc == CURLE_OK)
		rc = option_texts(
		    handle->easy, always_texts, sizeof(always_texts) / sizeof(always_texts[0]));
	if (rc == CURLE_OK && trust->ca_file != NULL)
		rc = curl_easy_setopt(handle->easy, CURLOPT_CAINFO, trust->ca_file);
	if (rc == CURLE_OK)
		rc = option_pem(
		    handle->easy, CURLOPT_SSLCERT, CURLOPT_SSLCERT_BLOB, trust->certificate);
	if (rc == CURLE_OK)
		rc = option_pem(handle->easy, CURLOPT_SSLKEY, CURLOPT_SSLKEY_BLOB, trust->key);
	if (rc == CURLE_OK)
		rc = option_callbacks(handle);
	return rc;
}

CURLcode
http_option_call(struct http_handle *handle, const struct http_peer *peer, int64_t left_ms)
{
	CURLcode rc = option_body(handle->easy, handle->call);

	if (rc == CURLE_OK)
		rc = option_peer(handle->easy, handle->call, peer);
	if (rc == CURLE_OK)
		rc = option_headers(handle);
	if (rc == CURLE_OK)
		rc = option_limits(handle, left_ms);
	return rc;
}
