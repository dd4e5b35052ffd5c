/* test_records.c: every word goes out and comes back; others do not. */
#include "hris/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
test_operations(void **state)
{
	static const struct {
		const char *name;
		enum operation op;
		bool writes;
	} rows[] = {
	    {"get-agents", OPERATION_AGENTS, false},
	    {"get-timeoff-types", OPERATION_TYPES, false},
	    {"get-balance", OPERATION_BALANCE, false},
	    {"insert-timeoff", OPERATION_INSERT, true},
	    {"change-timeoff", OPERATION_CHANGE, true},
	    {"approve-timeoff", OPERATION_APPROVE, true},
	    {"cancel-timeoff", OPERATION_CANCEL, true},
	    {"deny-timeoff", OPERATION_DENY, true},
	    {"undo-timeoff", OPERATION_UNDO, true},
	    {"get-agent", OPERATION_AGENT, false},
	    {"find-timeoff", OPERATION_FIND, false},
	};
	static const char *const wrong[] = {"", "update-timeoff", "Get-Agents", "get-agents "};
	enum operation op;
	size_t i;

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), OPERATION_MAX);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(operation_name(rows[i].op), rows[i].name);
		op = OPERATION_MAX;
		assert_true(operation_parse(rows[i].name, &op));
		assert_int_equal(op, rows[i].op);
		assert_int_equal(operation_writes(rows[i].op), rows[i].writes);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(operation_parse(wrong[i], &op));
}

static void
test_statuses(void **state)
{
	static const struct {
		const char *name;
		enum timeoff_status status;
	} rows[] = {
	    {"PENDING", STATUS_PENDING},
	    {"APPROVED", STATUS_APPROVED},
	    {"DENIED", STATUS_DENIED},
	    {"CANCELED", STATUS_CANCELED},
	};
	static const char *const wrong[] = {"", "CANCELLED", "DECLINED", "pending", "PENDING "};
	enum timeoff_status s;
	size_t i;

	(void)state;
	assert_string_equal(status_name(STATUS_NONE), "");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(status_name(rows[i].status), rows[i].name);
		s = STATUS_NONE;
		assert_true(status_parse(rows[i].name, &s));
		assert_int_equal(s, rows[i].status);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(status_parse(wrong[i], &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_operations),
	    cmocka_unit_test(test_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
