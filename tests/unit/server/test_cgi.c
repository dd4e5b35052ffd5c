/* test_cgi.c: how a body compares with what CONTENT_LENGTH says, and which variable is which. */
#include "server/cgi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bounds.h"

static void
test_body_states(void **state)
{
	const struct {
		const char *promise, *param;
		size_t len;
		bool whole, too_large;
		enum body_state wanted;
	} cases[] = {
	    {"as long as it says", "CONTENT_LENGTH=5", 5, true, false, BODY_WHOLE},
	    {"shorter", "CONTENT_LENGTH=5", 4, true, false, BODY_WRONG_LENGTH},
	    {"longer", "CONTENT_LENGTH=5", 6, true, false, BODY_WRONG_LENGTH},
	    {"as long, but its end was not seen", "CONTENT_LENGTH=5", 5, false, false,
		BODY_WRONG_LENGTH},
	    {"no length", "X=1", 5, true, false, BODY_WHOLE},
	    {"no length and no end", "X=1", 5, false, false, BODY_WRONG_LENGTH},
	    {"an empty length says nothing", "CONTENT_LENGTH=", 5, true, false, BODY_WHOLE},
	    {"no number", "CONTENT_LENGTH=5x", 5, true, false, BODY_WRONG_LENGTH},
	    {"a sign", "CONTENT_LENGTH=+5", 5, true, false, BODY_WRONG_LENGTH},
	    {"a number that wraps", "CONTENT_LENGTH=18446744073709551621", 5, true, false,
		BODY_WRONG_LENGTH},
	    {"the largest", "CONTENT_LENGTH=262144", LIMIT_BODY, true, false, BODY_WHOLE},
	    {"more is announced", "CONTENT_LENGTH=262145", 0, false, false, BODY_TOO_LARGE},
	    {"more has come", "X=1", LIMIT_BODY, false, true, BODY_TOO_LARGE},
	    {"more has come than announced", "CONTENT_LENGTH=5", LIMIT_BODY, true, true,
		BODY_TOO_LARGE},
	};
	const char *params[2] = {NULL, NULL};
	struct cgi_input in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		params[0] = cases[i].param;
		in = (struct cgi_input){.params = params,
		    .body = "",
		    .body_len = cases[i].len,
		    .body_whole = cases[i].whole,
		    .body_too_large = cases[i].too_large};
		if (cgi_body_state(&in) != cases[i].wanted)
			fail_msg("broken promise: %s", cases[i].promise);
	}
}

static void
test_params(void **state)
{
	static const char *const params[] = {"AB=1", "A=2", "A=3", "B=", "C", NULL};

	(void)state;
	assert_string_equal(cgi_param(params, "A"), "2");
	assert_string_equal(cgi_param(params, "AB"), "1");
	assert_string_equal(cgi_param(params, "B"), "");
	assert_null(cgi_param(params, "C"));
	assert_null(cgi_param(params, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_body_states),
	    cmocka_unit_test(test_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
