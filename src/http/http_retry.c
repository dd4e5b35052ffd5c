/*
 * http_retry.c: reads Retry-After: seconds, or a date in one of the three forms of RFC 9110 section
 * 5.6.7. What is in the past is no wait, what is far off is the longest wait, what is neither form
 * is as if it were not there.
 */
#include "http/pool.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* The longest: "Wednesday, 06-Nov-94 08:49:37 GMT". */
enum { RETRY_DATE_MAX = 33 };

/* All three forms start with a day's name; curl_getdate() takes far more than these forms. */
static bool
retry_is_date(const char *value)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	size_t i;

	if (strlen(value) > RETRY_DATE_MAX)
		return false;
	for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		if (strncasecmp(value, days[i], 3) == 0)
			return strchr(value, ':') != NULL;
	}
	return false;
}

int64_t
http_retry_after_ms(const char *value, int64_t wall_ms)
{
	size_t digits = strspn(value, "0123456789");
	unsigned long seconds;
	int64_t ms;
	time_t at;

	if (digits > 0 && value[digits] == '\0') {
		/* More than fits is a long wait, not an unreadable one. */
		if (!text_unsigned(value, HTTP_RETRY_AFTER_MAX_MS / 1000, &seconds))
			return HTTP_RETRY_AFTER_MAX_MS;
		return (int64_t)seconds * 1000;
	}
	if (!retry_is_date(value))
		return -1;
	at = curl_getdate(value, NULL);
	if (at == -1)
		return -1;
	if ((int64_t)at <= wall_ms / 1000)
		return 0;
	ms = (int64_t)at - wall_ms / 1000 > HTTP_RETRY_AFTER_MAX_MS / 1000
		 ? HTTP_RETRY_AFTER_MAX_MS
		 : (int64_t)at * 1000 - wall_ms;
	return ms > HTTP_RETRY_AFTER_MAX_MS ? HTTP_RETRY_AFTER_MAX_MS : ms;
}
