/*
 * fuzz_bamboohr.c: one call on the BambooHR face over an HRIS that takes all: "METHOD target" on
 * the first line, then the body. An answer of 2xx is strict JSON or nothing, any other is empty
 * with one line of text; a write that arrived is in order, and is never reported as if it had not
 * arrived: below 500 are only the codes whose text says what stands.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cgi-bin/bamboohr/face.h"
#include "format/json.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 2048 };

static struct timeoff_type types[] = {
    {.id = "78", .name = "Vacation", .unit = UNIT_HOURS},
    {.id = "79", .name = "Sick", .unit = UNIT_DAYS},
};
static struct found_day days[] = {
    {{20619}, "8", UNIT_HOURS, NULL, NULL}, {{20620}, "4", UNIT_MAX, NULL, NULL}};
static const char *notes[] = {"[hrisgw 00] a", "b"};
static struct found rows[] = {
    {.id = "5",
	.type_id = "78",
	.status = STATUS_PENDING,
	.notes = notes,
	.n_notes = 2,
	.ranged = true,
	.start = {20619},
	.end = {20620},
	.days = days,
	.n_days = 2},
    {.id = "6", .type_id = "80", .status = STATUS_APPROVED, .amount = "x", .days = days},
    {.id = "7",
	.type_id = "79",
	.status = STATUS_PENDING,
	.ranged = true,
	.start = {20000},
	.end = {21000},
	.amount = "2.5"},
};
static const struct balance balances[] = {
    {.type_id = "78", .includes_pending = true, .has_amount = true, .amount = "-7.5833"},
    {.type_id = "79", .unlimited = true},
};
static const struct agent agents[] = {{.id = "4", .email = "a@example.com"}};
static struct traits traits;
static int writes;

static void
check_write(const struct operation_in *in)
{
	size_t i;

	writes++;
	for (i = 0; i < in->n_days; i++) {
		if (in->days[i].minutes < 0 || in->days[i].date.day < in->min_date.day ||
		    in->days[i].date.day > in->max_date.day ||
		    (i > 0 && in->days[i].date.day <= in->days[i - 1].date.day))
			abort();
	}
}

static enum gw_err
run(struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	if (operation_writes(op)) {
		check_write(in);
		out->written = true;
		out->result = (struct result){.id = "9", .status = in->status};
	} else if (op == OPERATION_AGENTS || op == OPERATION_AGENT) {
		out->agents = arena_alloc(h->arena, sizeof(agents));
		if (out->agents == NULL)
			return fail_memory(h->failure);
		memcpy(out->agents, agents, sizeof(agents));
		out->n_agents = 1;
	} else if (op == OPERATION_TYPES) {
		out->types = types;
		out->n_types = 2;
	} else if (op == OPERATION_BALANCE) {
		out->balances = arena_alloc(h->arena, sizeof(balances));
		if (out->balances == NULL)
			return fail_memory(h->failure);
		memcpy(out->balances, balances, sizeof(balances));
		out->n_balances = 2;
	} else {
		out->found = arena_alloc(h->arena, sizeof(rows));
		if (out->found == NULL)
			return fail_memory(h->failure);
		memcpy(out->found, rows, sizeof(rows));
		out->n_found = sizeof(rows) / sizeof(rows[0]);
	}
	return GW_OK;
}

static const struct traits *
all_traits(const struct hris *h)
{
	int i;

	(void)h;
	for (i = 0; i < OPERATION_MAX; i++)
		traits.has[i] = true;
	traits.find = LOST_MARKER;
	return &traits;
}

static const struct driver driver = {.run = run, .traits = all_traits};

static const struct route route = {.name = "f",
    .adapter_name = "f",
    .day_minutes = 480,
    .unlimited_minutes = 525600,
    .agents_max = 50000,
    .agents_no_email_percent = 10,
    .agents_fewer_percent = 20};

static void
check_json(struct arena *a, const struct response *r)
{
	char why[160];

	if (json_parse(a, r->body.data, r->body.len, &json_answer, why, sizeof(why)) == NULL)
		abort();
}

static void
check_answer(struct arena *a, const struct response *r, enum fail_code code)
{
	bool stands = code == CODE_HRIS_DIFFERENT || code == CODE_HRIS_NOT_APPROVED;
	bool ok = r->status == 200 || r->status == 201;
	const char *message = NULL;
	size_t i;

	for (i = 0; i < r->n_headers; i++) {
		if (text_has_control(r->headers[i].value))
			abort();
		if (strcmp(r->headers[i].name, "X-BambooHR-Error-Message") == 0)
			message = r->headers[i].value;
	}
	if (r->status < 200 || r->status > 599 || (!ok && (message == NULL || r->body.len > 0)))
		abort();
	if (writes > 0 && !ok && !stands && r->status < 500)
		abort();
	if (ok && r->body.len > 0)
		check_json(a, r);
}

static void
play(const char *method, const char *target, const char *body, size_t len)
{
	struct failure failure = {0};
	struct response response;
	struct arena arena;
	struct request request = {.method = method,
	    .uri = target,
	    .path_info = "",
	    .scheme = "https",
	    .authority = "f.example",
	    .remote = "",
	    .client_subject = "",
	    .body = body,
	    .body_len = len,
	    .body_state = BODY_WHOLE};
	struct hris h = {.route = &route,
	    .driver = &driver,
	    .arena = &arena,
	    .clock = &clock_real,
	    .deadline_ms = INT64_MAX,
	    .failure = &failure,
	    .marker = "[hrisgw 01]"};
	char *path;

	arena_init(&arena, LIMIT_ARENA);
	response_init(&response);
	writes = 0;
	path = arena_strndup(&arena, target, strcspn(target, "?"));
	if (path == NULL)
		abort();
	bamboohr_handle(&h, &request, path, &response);
	check_answer(&arena, &response, failure.code);
	response_clear(&response);
	arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
	size_t line = end == NULL ? size : (size_t)(end - data);
	char text[LINE_MAX_BYTES], *target, *body;

	if (line >= sizeof(text) || (size > 0 && memchr(data, '\0', line) != NULL))
		return 0;
	if (line > 0)
		memcpy(text, data, line);
	text[line] = '\0';
	target = strchr(text, ' ');
	if (target == NULL)
		return 0;
	*target++ = '\0';
	body = calloc(1, size - line + 1);
	if (body == NULL)
		return 0;
	if (end != NULL)
		memcpy(body, end + 1, size - line - 1);
	play(text, target, body, end == NULL ? 0 : size - line - 1);
	free(body);
	return 0;
}
