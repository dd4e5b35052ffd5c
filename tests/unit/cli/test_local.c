/*
 * test_local.c: `hrisgw local` on a database of its own: import all or nothing, with the place of
 * every fault; an export can be imported; lists for people and machines; deciding on requests.
 */
#include "cli/cli.h"
#include "local/admin.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { TEXT_MAX = 65536, WORD_MAX = 9000, WORDS_MAX = 12 };

static char folder[64], out[TEXT_MAX], err[TEXT_MAX];

static const char *
in_folder(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *p = paths[next++ % 4];

	(void)snprintf(p, sizeof(paths[0]), "%s/%s", folder, name);
	return p;
}

static void
put_file(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
get_file(const char *name, char *text)
{
	FILE *f = fopen(in_folder(name), "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	(void)fclose(f);
}

/* Sends one of the standard streams into a file; returns the old one. */
static int
capture(FILE *stream, const char *name)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0600), old;

	(void)fflush(stream);
	old = dup(fileno(stream));
	assert_true(fd >= 0 && old >= 0);
	assert_true(dup2(fd, fileno(stream)) >= 0);
	(void)close(fd);
	return old;
}

static void
release(FILE *stream, int old)
{
	(void)fflush(stream);
	assert_true(dup2(old, fileno(stream)) >= 0);
	(void)close(old);
}

/* Runs the command with these words: --name=value or operands. Outputs are in out and err. */
static int
run(const char *const *words)
{
	struct cli_call call = {.command = &cli_local, .program_dir = folder};
	static char copies[WORDS_MAX][WORD_MAX];
	char *operands[WORDS_MAX];
	const struct cli_option *o = cli_local.options;
	int i, k, code, old_out, old_err;
	size_t len;

	call.operands = operands;
	for (i = 0; i < WORDS_MAX && words[i] != NULL; i++) {
		(void)snprintf(copies[i], sizeof(copies[i]), "%s", words[i]);
		if (strncmp(words[i], "--", 2) != 0) {
			operands[call.n_operands++] = copies[i];
			continue;
		}
		len = strcspn(words[i] + 2, "=");
		for (k = 0; o[k].name != NULL; k++) {
			if (strlen(o[k].name) == len && strncmp(o[k].name, words[i] + 2, len) == 0)
				break;
		}
		assert_non_null(o[k].name);
		call.values[k] = o[k].value == NULL ? o[k].name : copies[i] + 2 + len + 1;
	}
	old_out = capture(stdout, "out");
	old_err = capture(stderr, "err");
	code = cli_local.run(&call);
	release(stdout, old_out);
	release(stderr, old_err);
	get_file("out", out);
	get_file("err", err);
	return code;
}

#define RUN(...) run((const char *const[]){in_database, __VA_ARGS__, NULL})
static char in_database[128];

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/test_cli_local.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(in_database, sizeof(in_database), "--database=%s/state/local/x.db", folder);
	return mkdir(in_folder("state"), 0700) + mkdir(in_folder("routes.d"), 0700);
}

static int
teardown(void **state)
{
	static const char *const names[] = {"state/local/x.db", "state/local/shop.db",
	    "state/local/books.db", "state/local", "state", "routes.d/shop.yaml",
	    "routes.d/mill.yaml", "routes.d/acme.yaml", "routes.d/odd.yaml", "routes.d",
	    "hrisgw.yaml", "out", "err", "employees.csv", "types.csv", "grants.csv", "requests.csv",
	    "again.csv", "bad.csv"};
	size_t i;

	(void)state;
	for (i = 0; i < N(names); i++)
		(void)remove(in_folder(names[i]));
	return rmdir(folder);
}

static const char employees_csv[] = "id,email,name,hired,active\r\n"
				    "1,ann@example.com,Ann,2020-03-01,yes\r\n"
				    "2,,\"Bob \"\"B\"\", Jr\",,yes\r\n"
				    "3,cleo@example.com,Cleo,,no\r\n";
static const char types_csv[] =
    "id,name,unit,unlimited,yearly,monthly,carry_over,day_minutes,starts\r\n"
    "1,Vacation,hours,no,120.5,0,40,480,2025-01-01\r\n"
    "2,Sick leave,hours,no,0,7:35,,480,2025-01-01\r\n"
    "3,Personal days,days,no,3,0,0,450,2025-01-01\r\n"
    "4,Unpaid,days,yes,0,0,,480,2025-01-01\r\n";
static const char grants_csv[] = "employee,type,date,amount,note\r\n"
				 "1,1,2026-01-01,7.5833,opening\r\n"
				 "1,3,2026-01-01,0.5,\"moved, house\"\r\n"
				 "2,1,2026-01-01,-8,\r\n";
static const char requests_csv[] = "request,employee,type,status,date,amount,notes\r\n"
				   "7,1,1,APPROVED,2026-12-01,8,\"two\nlines\"\r\n"
				   "7,1,1,APPROVED,2026-12-02,4.5,\"two\nlines\"\r\n"
				   "9,2,3,PENDING,2026-12-01,0.5,\r\n";

static void
import_all(void)
{
	put_file("employees.csv", employees_csv);
	put_file("types.csv", types_csv);
	put_file("grants.csv", grants_csv);
	put_file("requests.csv", requests_csv);
	assert_int_equal(RUN("import", in_folder("employees.csv")), CLI_OK);
	assert_string_equal(out, "3 lines of employees imported\n");
	assert_int_equal(RUN("import", "types", in_folder("types.csv")), CLI_OK);
	assert_int_equal(RUN("--kind=grants", "import", in_folder("grants.csv")), CLI_OK);
	assert_int_equal(RUN("--json", "import", in_folder("requests.csv")), CLI_OK);
	assert_string_equal(out, "{\"imported\":3}\n");
}

/* An export equals what was imported, and importing it again changes nothing. */
static void
test_round_trip(void **state)
{
	static const struct {
		const char *kind, *text;
	} rows[] = {
	    {"employees", employees_csv},
	    {"types", "id,name,unit,unlimited,yearly,monthly,carry_over,day_minutes,starts\r\n"
		      "1,Vacation,hours,no,120.5,0,40,480,2025-01-01\r\n"
		      "2,Sick leave,hours,no,0,7.5833,,480,2025-01-01\r\n"
		      "3,Personal days,days,no,3,0,0,450,2025-01-01\r\n"
		      "4,Unpaid,days,yes,0,0,,480,2025-01-01\r\n"},
	    {"grants", grants_csv},
	    {"requests", requests_csv},
	};
	size_t i, round;

	(void)state;
	import_all();
	for (round = 0; round < 2; round++) {
		for (i = 0; i < N(rows); i++) {
			assert_int_equal(RUN("export", rows[i].kind), CLI_OK);
			/* A line end inside quotes is written as it is stored: LF. */
			assert_string_equal(out, rows[i].text);
			put_file("again.csv", out);
			assert_int_equal(
			    RUN("import", rows[i].kind, in_folder("again.csv")), CLI_OK);
		}
	}
}

/* The longest notes, several of one request, with characters that CSV cannot have. */
static void
test_notes_round_trip(void **state)
{
	enum { LONG = 4400 }; /* LIMIT_FACE_NOTES */
	static char note[2 * LONG + 1], whole[TEXT_MAX];
	size_t i;

	(void)state;
	import_all();
	for (i = 0; i < LONG; i++)
		memcpy(note + 2 * i, "\xC3\x9F", 2);
	assert_int_equal(RUN("deny", "9", note), CLI_OK);
	assert_int_equal(RUN("cancel", "9", note), CLI_OK);
	assert_int_equal(RUN("deny", "7", "a\x01 bell\rand\r\na line"), CLI_OK);
	assert_int_equal(RUN("export", "requests"), CLI_OK);
	assert_non_null(strstr(out, "a  bell and\r\na line\"\r\n"));
	put_file("again.csv", out);
	assert_int_equal(RUN("import", "requests", in_folder("again.csv")), CLI_OK);
	assert_int_equal(RUN("export", "requests"), CLI_OK);
	memcpy(whole, out, sizeof(whole));
	put_file("again.csv", out);
	assert_int_equal(RUN("import", "requests", in_folder("again.csv")), CLI_OK);
	assert_int_equal(RUN("export", "requests"), CLI_OK);
	assert_string_equal(out, whole);
	assert_non_null(strstr(whole, note));
}

static void
test_update(void **state)
{
	(void)state;
	import_all();
	/* Only the columns and rows that the file has. */
	put_file("again.csv", "id,name\n1,Anna\n4,Dan\n");
	assert_int_equal(RUN("import", "employees", in_folder("again.csv")), CLI_OK);
	assert_int_equal(RUN("export", "employees"), CLI_OK);
	assert_non_null(strstr(out, "1,ann@example.com,Anna,2020-03-01,yes\r\n"));
	assert_non_null(strstr(out, "3,cleo@example.com,Cleo,,no\r\n"));
	assert_non_null(strstr(out, "4,,Dan,,yes\r\n"));
	/* Amounts in days if the books say days and the file says nothing. */
	put_file("again.csv", "id,name,yearly\n3,Personal days,2\n");
	assert_int_equal(RUN("import", "types", in_folder("again.csv")), CLI_OK);
	assert_int_equal(RUN("export", "types"), CLI_OK);
	assert_non_null(strstr(out, "3,Personal days,days,no,2,0,0,450,2025-01-01\r\n"));
	/* A request as a whole. */
	put_file(
	    "again.csv", "request,employee,type,status,date,amount\n7,1,1,DENIED,2026-12-05,1\n");
	assert_int_equal(RUN("import", "requests", in_folder("again.csv")), CLI_OK);
	assert_int_equal(RUN("export", "requests"), CLI_OK);
	assert_non_null(strstr(out, "7,1,1,DENIED,2026-12-05,1,\r\n9,2,3"));
	assert_null(strstr(out, "2026-12-02"));
}

static void
test_import_faults(void **state)
{
	static const struct {
		const char *kind, *text, *fault;
	} rows[] = {
	    {"employees", "id,emial\n1,x\n", "bad.csv:1:4: unknown column 'emial'; did you mean"},
	    {"employees", "email\nx@example.com\n", "bad.csv:1:1: no column 'id'"},
	    {"employees", "id\n0\n", "bad.csv:2:1: id: an id is a whole number"},
	    {"employees", "id\n01\n", "bad.csv:2:1: id: an id is"},
	    {"employees", "id\n-1\n", "bad.csv:2:1: id: an id is"},
	    {"employees", "id\n1234567890123456789\n", "bad.csv:2:1: id: an id is"},
	    {"employees", "id,name\n,x\n", "bad.csv:2:1: id: must not be empty"},
	    {"employees", "id,email\n1,nobody\n", "bad.csv:2:3: email: an e-mail address"},
	    {"employees", "id,email\n1,a@b@c\n", "bad.csv:2:3: email: an e-mail"},
	    {"employees", "id,email\n1,a b@example.com\n", "bad.csv:2:3: email: an e-mail"},
	    {"employees", "id,hired\n1,2026-02-30\n", "bad.csv:2:3: hired: a date is"},
	    {"employees", "id,active\n1,maybe\n", "bad.csv:2:3: active: yes or no"},
	    {"employees", "id,name\n1,\"a\nb\"\n", "bad.csv:2:3: name: too long"},
	    {"employees", "id,name\n5,x\n5,y\n", "bad.csv:3:1: id: a line before this one"},
	    {"employees", "id,email\n5,ANN@example.com\n",
		"bad.csv:2:3: email: another active employee has that address"},
	    {"types", "id\n1\n", "bad.csv:1:1: no column 'name'"},
	    {"types", "id,name\n9,vacation\n", "bad.csv:2:3: name: another type has that name"},
	    {"types", "id,name,unit\n9,x,weeks\n", "bad.csv:2:5: unit: hours or days"},
	    {"types", "id,name,yearly\n9,x,-1\n", "bad.csv:2:5: yearly: an amount"},
	    {"types", "id,name,yearly\n9,x,9000\n", "bad.csv:2:5: yearly: an amount"},
	    {"types", "id,name,day_minutes\n9,x,0\n", "bad.csv:2:5: day_minutes: a whole"},
	    {"types", "id,name,day_minutes\n9,x,7.5\n", "bad.csv:2:5: day_minutes: a whole"},
	    {"types", "id,name,unit,day_minutes,yearly\n9,x,days,455,0.5\n",
		"bad.csv:2:14: yearly: an amount"}, /* 227.5 minutes */
	    {"grants", "employee,type,date,amount\n8,1,2026-01-01,1\n",
		"bad.csv:2:1: employee: no employee has that id"},
	    {"grants", "employee,type,date,amount\n1,8,2026-01-01,1\n",
		"bad.csv:2:3: type: no type has that id"},
	    {"grants", "employee,type,date,amount\n1,1,2026-01-01,\n",
		"bad.csv:2:16: amount: must not be empty"},
	    {"grants", "employee,type,date,amount\n1,1,2026-01-01,7:75\n",
		"bad.csv:2:16: amount: an amount"},
	    {"grants", "employee,type,date,amount\n1,1,2026-01-01,1\n1,1,2026-01-01,2\n",
		"bad.csv:3:1: employee: a line before this one has the same key"},
	    {"requests", "request,employee,type,status,date,amount\n1,1,1,REQUESTED,2026-01-01,1\n",
		"bad.csv:2:7: status: PENDING, APPROVED"},
	    {"requests", "request,employee,type,status,date,amount\n1,1,1,PENDING,2026-01-01,25\n",
		"bad.csv:2:26: amount: an amount"},
	    {"requests",
		"request,employee,type,status,date,amount\n1,1,1,PENDING,2026-01-01,1\n"
		"1,1,1,PENDING,2026-01-01,2\n",
		"bad.csv:3:15: date: the request has that date already"},
	    {"requests",
		"request,employee,type,status,date,amount\n1,1,1,PENDING,2026-01-01,1\n"
		"1,2,1,PENDING,2026-01-02,2\n",
		"bad.csv:3:3: employee: not as in the request's first line"},
	    {"requests",
		"request,employee,type,status,date,amount\n1,1,1,PENDING,2026-01-01,1\n"
		"2,1,1,PENDING,2026-01-02,2\n1,1,1,PENDING,2026-01-03,2\n",
		"bad.csv:4:1: request: the lines of one request must follow"},
	    {"requests", "request,employee,type,status,date,amount\n1,1,1,PENDING,2026-12-01,20\n",
		"bad.csv: employee 1 has more than 24 hours off on 2026-12-01"},
	    {"balances", "id\n1\n", "bad.csv: balances cannot be imported"},
	};
	static char before[4][TEXT_MAX];
	enum local_kind kind;
	size_t i;

	(void)state;
	import_all();
	for (kind = LOCAL_EMPLOYEES; kind <= LOCAL_REQUESTS; kind++) {
		assert_int_equal(RUN("export", local_kind_name(kind)), CLI_OK);
		memcpy(before[kind], out, sizeof(out));
	}
	for (i = 0; i < N(rows); i++) {
		put_file("bad.csv", rows[i].text);
		if (RUN("import", rows[i].kind, in_folder("bad.csv")) != CLI_FAILED ||
		    strstr(err, rows[i].fault) == NULL)
			fail_msg("row %zu: %s", i, err);
		assert_non_null(strstr(err, "nothing was imported"));
		assert_string_equal(out, "");
	}
	for (kind = LOCAL_EMPLOYEES; kind <= LOCAL_REQUESTS; kind++) {
		assert_int_equal(RUN("export", local_kind_name(kind)), CLI_OK);
		assert_string_equal(out, before[kind]);
	}
}

/* All faults of a file at once; its good lines are not imported either. */
static void
test_import_all_or_nothing(void **state)
{
	(void)state;
	put_file("bad.csv", "id,email,hired\n1,a@example.com,2026-01-01\n2,b,2026-13-01\n"
			    "3,c@example.com,\n3,d@example.com,\n");
	assert_int_equal(RUN("import", "employees", in_folder("bad.csv")), CLI_FAILED);
	assert_non_null(strstr(err, "bad.csv:3:3: email"));
	assert_non_null(strstr(err, "bad.csv:3:5: hired"));
	assert_non_null(strstr(err, "bad.csv:5:1: id"));
	assert_int_equal(RUN("list", "employees"), CLI_OK);
	assert_string_equal(out, "none\n");
}

static void
test_list(void **state)
{
	(void)state;
	import_all();
	assert_int_equal(RUN("list", "requests"), CLI_OK);
	assert_string_equal(out,
	    "id  employee  name         type  type_name      status    first       last        "
	    "hours  notes\n"
	    "7   1         Ann          1     Vacation       APPROVED  2026-12-01  2026-12-02  "
	    "12:30  two?lines\n"
	    "9   2         Bob \"B\", Jr  3     Personal days  PENDING   2026-12-01  2026-12-01  "
	    "3:45   -\n");
	assert_int_equal(RUN("list", "types"), CLI_OK);
	assert_non_null(strstr(out, "id  name           unit   unlimited  yearly  monthly  "
				    "carry_over  day   starts"));
	assert_non_null(strstr(out, "120:30  0:00     40:00       8:00  2025-01-01"));
	assert_int_equal(RUN("--json", "export", "employees"), CLI_OK);
	assert_non_null(strstr(out, "\"id\": \"1\""));
	assert_int_equal(RUN("--json", "--employee=2", "list", "requests"), CLI_OK);
	assert_non_null(strstr(out, "\"id\": \"9\""));
	assert_non_null(strstr(out, "\"minutes\": 225"));
	assert_non_null(strstr(out, "\"notes\": null"));
	assert_null(strstr(out, "\"id\": \"7\""));
	assert_int_equal(RUN("--employee=7x", "list", "requests"), CLI_OK);
	assert_string_equal(out, "none\n");
	assert_int_equal(RUN("--date=2026-12-01", "--employee=1", "list", "balances"), CLI_OK);
	/* 120.5 + 40 carried + 455 min - 8 h */
	assert_non_null(strstr(out, "1         Ann   1     Vacation       no         160:05\n"));
	assert_non_null(strstr(out, "1         Ann   3     Personal days  no         26:15\n"));
	assert_non_null(strstr(out, "1         Ann   4     Unpaid         yes        -\n"));
	assert_int_equal(RUN("list", "balances"), CLI_OK);
	assert_int_equal(RUN("--date=2026-02-30", "list", "balances"), CLI_USAGE);
	assert_int_equal(RUN("list", "everything"), CLI_USAGE);
}

static void
test_add_and_remove(void **state)
{
	(void)state;
	assert_int_equal(RUN("add", "employee", "id=1", "email=ann@example.com"), CLI_OK);
	assert_int_equal(
	    RUN("add", "type", "id=1", "name=Vacation", "yearly=120", "starts=2026-01-01"), CLI_OK);
	assert_int_equal(
	    RUN("add", "grant", "employee=1", "type=1", "date=2026-01-01", "amount=8"), CLI_OK);
	assert_int_equal(RUN("add", "request", "employee=1", "type=1", "status=PENDING",
			     "date=2026-12-01,2026-12-02", "amount=8", "notes=x"),
	    CLI_OK);
	assert_int_equal(RUN("add", "request", "employee=1", "type=1", "status=APPROVED",
			     "date=2026-12-03", "amount=1"),
	    CLI_OK);
	assert_int_equal(RUN("export", "requests"), CLI_OK);
	assert_string_equal(out, "request,employee,type,status,date,amount,notes\r\n"
				 "1,1,1,PENDING,2026-12-01,8,x\r\n"
				 "1,1,1,PENDING,2026-12-02,8,x\r\n"
				 "2,1,1,APPROVED,2026-12-03,1,\r\n");
	assert_int_equal(RUN("add", "employee", "email=x@example.com"), CLI_FAILED);
	assert_int_equal(RUN("add", "employee", "x"), CLI_FAILED);
	assert_int_equal(RUN("add", "balance", "id=1"), CLI_USAGE);

	assert_int_equal(RUN("remove", "employee", "1"), CLI_FAILED); /* has requests */
	assert_int_equal(RUN("remove", "type", "1"), CLI_FAILED);
	assert_int_equal(RUN("remove", "grant", "1"), CLI_OK);
	assert_int_equal(RUN("remove", "grant", "1"), CLI_FAILED); /* gone */
	assert_int_equal(RUN("remove", "request", "1"), CLI_USAGE);
	assert_int_equal(RUN("remove", "employee", "x"), CLI_USAGE);
	assert_int_equal(RUN("deactivate", "1"), CLI_OK);
	assert_int_equal(RUN("export", "employees"), CLI_OK);
	assert_non_null(strstr(out, "1,ann@example.com,,,no\r\n"));
	assert_int_equal(RUN("activate", "1"), CLI_OK);
	assert_int_equal(RUN("activate", "2"), CLI_FAILED);
	assert_int_equal(RUN("add", "employee", "id=2"), CLI_OK);
	assert_int_equal(RUN("remove", "employee", "2"), CLI_OK);
}

static void
test_decide(void **state)
{
	(void)state;
	import_all();
	assert_int_equal(RUN("approve", "9"), CLI_OK);
	assert_string_equal(out, "approved\n");
	assert_int_equal(RUN("approve", "9"), CLI_OK);
	assert_int_equal(RUN("--json", "deny", "9", "short of people"), CLI_OK);
	assert_string_equal(out, "{\"denied\":1}\n");
	assert_int_equal(RUN("approve", "9"), CLI_FAILED);
	assert_int_equal(RUN("cancel", "7"), CLI_OK);
	assert_int_equal(RUN("deny", "7"), CLI_FAILED);
	assert_int_equal(RUN("cancel", "8"), CLI_FAILED);
	assert_int_equal(RUN("export", "requests"), CLI_OK);
	assert_non_null(strstr(out, "7,1,1,CANCELED,2026-12-01"));
	assert_non_null(strstr(out, "9,2,3,DENIED,2026-12-01,0.5,short of people"));
}

static void
test_usage(void **state)
{
	(void)state;
	assert_int_equal(RUN("improt", "x.csv"), CLI_USAGE);
	assert_non_null(strstr(err, "unknown verb improt; did you mean import?"));
	assert_int_equal(RUN("shop", "improt", "x.csv"), CLI_USAGE);
	assert_non_null(strstr(err, "did you mean import?"));
	assert_int_equal(RUN("shop"), CLI_USAGE);
	assert_int_equal(RUN("import"), CLI_USAGE);
	assert_int_equal(RUN("approve"), CLI_USAGE);
	assert_int_equal(RUN("approve", "x"), CLI_FAILED);
	assert_int_equal(RUN("import", "what.csv"), CLI_USAGE);
	assert_int_equal(RUN("import", "employees", in_folder("none.csv")), CLI_FAILED);
	assert_int_equal(RUN("export", "balances"), CLI_USAGE);
}

/* Without --database: the route's, from hrisgw.yaml. */
static void
test_routes(void **state)
{
	char config[160];
	struct stat st;

	(void)state;
	(void)snprintf(config, sizeof(config), "--config=%s/hrisgw.yaml", folder);
	put_file("hrisgw.yaml", "state_dir: state\nroutes: routes.d\n");
	put_file("routes.d/acme.yaml", "adapter: bamboohr\n");
	put_file("routes.d/odd.yaml", "adapter: [\n");
#define IN_CONFIG(...) run((const char *const[]){config, __VA_ARGS__, NULL})
	assert_int_equal(IN_CONFIG("list", "types"), CLI_FAILED);
	assert_non_null(strstr(err, "no route has the adapter local"));
	put_file("routes.d/shop.yaml", "adapter: local\n");
	assert_int_equal(IN_CONFIG("list", "types"), CLI_OK);
	assert_int_equal(stat(in_folder("state/local/shop.db"), &st), 0);
	put_file("routes.d/mill.yaml", "adapter: local\nsettings: {database: books.db}\n");
	assert_int_equal(IN_CONFIG("list", "types"), CLI_FAILED);
	assert_non_null(strstr(err, "several routes"));
	assert_int_equal(IN_CONFIG("mill", "add", "employee", "id=5"), CLI_OK);
	assert_int_equal(stat(in_folder("state/local/books.db"), &st), 0);
	assert_int_equal(IN_CONFIG("--route=mill", "list", "employees"), CLI_OK);
	assert_non_null(strstr(out, "5"));
	assert_int_equal(IN_CONFIG("shop", "list", "employees"), CLI_OK);
	assert_string_equal(out, "none\n");
	assert_int_equal(IN_CONFIG("acme", "list", "employees"), CLI_FAILED);
	assert_int_equal(IN_CONFIG("odd", "list", "employees"), CLI_FAILED);
	assert_int_equal(IN_CONFIG("none", "list", "employees"), CLI_FAILED);
}

/* Which amounts are accepted, and that every written one is read as the same. */
static void
test_amounts(void **state)
{
	static const struct {
		const char *text;
		int day_minutes; /* 0: hours */
		int64_t minutes; /* -1: refused */
	} rows[] = {
	    {"8", 0, 480},
	    {"7.5833", 0, 455},
	    {"7:35", 0, 455},
	    {"0.07", 0, 4},
	    {"0.04", 0, -1},
	    {"0.5", 480, 240},
	    {"0.5", 455, -1},
	    {"1.5", 450, 675},
	    {"3:45", 450, 225},
	    {"x", 0, -1},
	    {"", 0, -1},
	    {"7:60", 0, -1},
	};
	struct local_measure m;
	char text[DECIMAL_TEXT_MAX];
	int64_t minutes;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		m = (struct local_measure){
		    rows[i].day_minutes == 0 ? UNIT_HOURS : UNIT_DAYS, rows[i].day_minutes};
		minutes = -1;
		if (local_amount_parse(rows[i].text, &m, &minutes) != (rows[i].minutes >= 0) ||
		    minutes != rows[i].minutes)
			fail_msg("%s: %lld", rows[i].text, (long long)minutes);
	}
	for (i = 1; i <= 1440; i += 7) {
		m = (struct local_measure){UNIT_DAYS, (int)i};
		for (minutes = -1500; minutes < 3000; minutes += 13) {
			int64_t back = 0;

			local_amount_format(minutes, &m, text);
			assert_true(local_amount_parse(text, &m, &back));
			assert_int_equal(back, minutes);
		}
	}
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH(test_round_trip),
	    WITH(test_notes_round_trip),
	    WITH(test_update),
	    WITH(test_import_faults),
	    WITH(test_import_all_or_nothing),
	    WITH(test_list),
	    WITH(test_add_and_remove),
	    WITH(test_decide),
	    WITH(test_usage),
	    WITH(test_routes),
	    cmocka_unit_test(test_amounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
