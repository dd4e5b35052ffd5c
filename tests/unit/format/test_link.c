/* test_link.c: where a Link header says next, and what a reference means from a URL. */
#include "format/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *header, *target; /* NULL: none */
} links[] = {
    {"<https://a.example/p?page=2>; rel=\"next\"", "https://a.example/p?page=2"},
    {"<?page=2>; rel=next", "?page=2"},
    {"</1>; rel=\"prev\", </3>; rel=\"next\", </9>; rel=\"last\"", "/3"},
    {"</3>;title=\"a, <b>; rel=\\\"next\\\"\";rel=\"first\",</4>; title=x; REL=\"last Next\"",
	"/4"},
    {"</3?a=1,2;3>; rel=\"next\"", "/3?a=1,2;3"},
    {"</3> ; rel = \"next\"", "/3"},
    {"</3>; next; rel=\"nextish\"", NULL},
    {"</3>; rel=\"prev\"", NULL},
    {"</3; rel=\"next\"", NULL},
    {"rel=\"next\"", NULL},
    {"", NULL},
    {"<>; rel=\"next\"", ""},
    {"</3>; rel=\"next", "/3"},
};

static void
next_links(void **state)
{
	struct buf b;
	size_t i;
	bool found;

	(void)state;
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		buf_init(&b, 1000);
		found = link_next(links[i].header, &b);
		if (found != (links[i].target != NULL) ||
		    (found && strcmp(b.data, links[i].target) != 0))
			fail_msg("%s: %s", links[i].header, found ? b.data : "none");
		buf_clear(&b);
	}
}

/* RFC 3986 section 5.4, and what servers send. */
static const struct {
	const char *base, *reference, *url;
} references[] = {
    {"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
    {"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
    {"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
    {"http://a/b/c/d;p?q", "/g", "http://a/g"},
    {"http://a/b/c/d;p?q", "//g", "http://g"},
    {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
    {"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
    {"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q"},
    {"http://a/b/c/d;p?q", "g#s", "http://a/b/c/g"},
    {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
    {"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
    {"http://a/b/c/d;p?q", "..", "http://a/b/"},
    {"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
    {"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
    {"http://a/b/c/d;p?q", "/./g", "http://a/g"},
    {"http://a/b/c/d;p?q", "/../g", "http://a/g"},
    {"http://a/b/c/d;p?q", "g..", "http://a/b/c/g.."},
    {"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/"},
    {"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
    {"http://a/b/c/d;p?q", "g:h", "g:h"},
    {"https://a.example", "p?x=1", "https://a.example/p?x=1"},
    {"https://a.example:8443/v1/people?page=1", "?page=2",
	"https://a.example:8443/v1/people?page=2"},
    {"https://a.example/v1?u=http://b", "next", "https://a.example/next"},
    {"https://a.example/v1", "https://b.example/x#y", "https://b.example/x"},
    {"https://a.example/v1", "x?u=a:b", "https://a.example/x?u=a:b"},
};

static void
references_resolve(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
		buf_init(&b, 1000);
		link_resolve(references[i].base, references[i].reference, &b);
		if (strcmp(b.data, references[i].url) != 0)
			fail_msg(
			    "%s from %s: %s", references[i].reference, references[i].base, b.data);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(next_links),
	    cmocka_unit_test(references_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
