/*
 * pages.c: the least that reading a paged list can cost: each URL of a file, one after the other
 * over one connection, its JSON through yajl. Prints how many strings there were.
 *	pages URLS
 */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

static size_t strings;

static int
on_string(void *context, const unsigned char *text, size_t len)
{
	(void)context;
	(void)text;
	(void)len;
	strings++;
	return 1;
}

static size_t
on_data(char *data, size_t size, size_t n, void *parser)
{
	return yajl_parse(parser, (const unsigned char *)data, size * n) == yajl_status_ok
		   ? size * n
		   : 0;
}

int
main(int argc, char **argv)
{
	const yajl_callbacks callbacks = {.yajl_string = on_string};
	FILE *urls = argc == 2 ? fopen(argv[1], "r") : NULL;
	CURL *easy = curl_easy_init();
	char url[1024];
	yajl_handle parser;
	int failed = 0;

	if (urls == NULL || easy == NULL)
		return 2;
	while (!failed && fgets(url, sizeof(url), urls) != NULL) {
		url[strcspn(url, "\n")] = '\0';
		parser = yajl_alloc(&callbacks, NULL, NULL);
		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, parser);
		failed = curl_easy_perform(easy) != CURLE_OK ||
			 yajl_complete_parse(parser) != yajl_status_ok;
		yajl_free(parser);
	}
	printf("%zu\n", strings);
	curl_easy_cleanup(easy);
	fclose(urls);
	return failed;
}
