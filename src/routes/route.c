/* route.c: one route file, checked against hrisgw.yaml(5)'s table and its adapter's settings. */
#include "hris/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "format/csv.h"
#include "config/schema.h"
#include "base/text.h"
#include "format/yaml.h"

enum { ROUTE_NAME_MAX = 32 };

struct route_file {
	const char *adapter, *timezone, *face, *amounts;
	const struct value *settings, *callers, *exclude, *overrides;
	int64_t day_minutes, day_start, token_ttl_s, unlimited_minutes;
	int64_t agents_max, no_email_percent, fewer_percent, in_flight, per_second, requests;
	const char *ca_file, *ledger, *on_fewer;
	bool insecure_http;
};

static const char *const face_words[] = {"bamboohr", NULL};
static const char *const fewer_words[] = {"accept", "keep", "take_back", NULL};
static const char *const amount_words[] = {"payable", "duration", NULL};

#define AT(member) offsetof(struct route_file, member)
const struct schema_key route_keys[] = {
    {"adapter", SCHEMA_TEXT, true, NULL, 0, 0, NULL,
	"the HRIS: a file of the adapters folder, or local", AT(adapter)},
    {"settings", SCHEMA_VALUE, false, NULL, 0, 0, NULL,
	"what the adapter needs to know; secrets as file:PATH or credential:NAME", AT(settings)},
    {"callers", SCHEMA_VALUE, true, NULL, 0, 0, NULL,
	"who may call: NAME: {token, basic, key, signature and keys, client_certificate}",
	AT(callers)},
    {"timezone", SCHEMA_TEXT, false, "UTC", 0, 0, NULL,
	"of startDateTimes, for the record (local times never pass through UTC)", AT(timezone)},
    {"day_minutes", SCHEMA_INTEGER, false, "480", 1, LIMIT_MINUTES, NULL,
	"minutes of one day off, where the type does not say", AT(day_minutes)},
    {"day_start", SCHEMA_CLOCK, false, "09:00", 0, 0, NULL,
	"when a day off begins, for an HRIS that asks for it, where Genesys does not say",
	AT(day_start)},
    {"face", SCHEMA_CHOICE, false, NULL, 0, 0, face_words,
	"also answer as this HRIS would: bamboohr", AT(face)},
    {"insecure_http", SCHEMA_BOOL, false, "false", 0, 0, NULL,
	"allow http:// to a loopback or private address", AT(insecure_http)},
    {"ca_file", SCHEMA_PATH, false, NULL, 0, 0, NULL,
	"certificate authorities to trust instead of the system's, for an HRIS of one's own",
	AT(ca_file)},
    {"token_ttl", SCHEMA_SECONDS, false, "1h", 60, 86400, NULL, "how long a token is good",
	AT(token_ttl_s)},
    {"amounts", SCHEMA_CHOICE, false, "payable", 0, 0, amount_words,
	"what is recorded: payable minutes, or the real duration", AT(amounts)},
    {"unlimited_minutes", SCHEMA_INTEGER, false, "525600", 0, 100000000, NULL,
	"balance that is reported for an unlimited type", AT(unlimited_minutes)},
    {"on_fewer", SCHEMA_CHOICE, false, NULL, 0, 0, fewer_words,
	"what is done where the HRIS records fewer minutes by its own calendar; keep where it is not said",
	AT(on_fewer)},
    {"ledger", SCHEMA_TEXT, false, NULL, 0, 0, NULL,
	"the name under which its writes are kept, where two routes lead to one HRIS or a route is renamed; by default the route's",
	AT(ledger)},
    {"agents.exclude", SCHEMA_LIST, false, NULL, 0, 0, NULL,
	"list of employee ids that are no agents", AT(exclude)},
    {"agents.email_overrides", SCHEMA_FILE, false, NULL, 0, 0, NULL,
	"file:PATH of a CSV file with the columns id,email", AT(overrides)},
    {"agents.max", SCHEMA_INTEGER, false, "50000", 1, LIMIT_AGENTS, NULL,
	"more agents are an error", AT(agents_max)},
    {"agents.no_email_percent", SCHEMA_INTEGER, false, "10", 0, 100, NULL,
	"more employees without e-mail are an error", AT(no_email_percent)},
    {"agents.fewer_percent", SCHEMA_INTEGER, false, "20", 0, 100, NULL,
	"a greater loss since the last good answer is an error", AT(fewer_percent)},
    {"limits.in_flight", SCHEMA_INTEGER, false, "8", 1, 256, NULL,
	"calls to the HRIS at the same time", AT(in_flight)},
    {"limits.per_second", SCHEMA_INTEGER, false, "0", 0, 10000, NULL,
	"calls to the HRIS a second; 0: no limit but the adapter's pace", AT(per_second)},
    {"limits.requests", SCHEMA_INTEGER, false, "256", 1, 10000, NULL,
	"requests of the route at the same time; they wait for its calls", AT(requests)},
    {NULL, SCHEMA_TEXT, false, NULL, 0, 0, NULL, NULL, 0},
};
#undef AT

struct route_loader {
	struct arena *arena;
	struct route *route;
	const char *file;
	struct faults *faults;
	struct secrets *secrets;
	const struct value *root;
	struct route_file raw;
};

bool
route_name_valid(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len <= ROUTE_NAME_MAX && s[len] == '\0';
}

static bool
load_exclude(struct route_loader *l)
{
	const struct value *v = l->raw.exclude;
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_LIST))
		return fault_at(l->faults, l->file, v, "agents.exclude is a list of employee ids");
	l->route->agents_exclude =
	    arena_array(l->arena, v->n + 1, sizeof(*l->route->agents_exclude));
	if (l->route->agents_exclude == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		if (value_str(value_at(v, i)) == NULL)
			return fault_at(
			    l->faults, l->file, value_at(v, i), "an employee id is a text");
		l->route->agents_exclude[l->route->n_agents_exclude++] = value_str(value_at(v, i));
	}
	return true;
}

static int
compare_overrides(const void *a, const void *b)
{
	return strcmp(
	    ((const struct email_override *)a)->id, ((const struct email_override *)b)->id);
}

static bool
load_override_rows(struct route_loader *l, const struct csv *csv)
{
	size_t id = csv_column(csv, "id"), email = csv_column(csv, "email"), i;
	struct email_override *items;

	if (id == SIZE_MAX || email == SIZE_MAX)
		return fault_line(
		    l->faults, csv->file, 1, 1, "the columns id and email were expected");
	items = arena_array(l->arena, csv->n + 1, sizeof(*items));
	if (items == NULL)
		return false;
	for (i = 0; i < csv->n; i++) {
		items[i].id = csv->rows[i].fields[id].text;
		items[i].email = csv->rows[i].fields[email].text;
	}
	if (csv->n > 1)
		qsort(items, csv->n, sizeof(*items), compare_overrides);
	for (i = 1; i < csv->n; i++) {
		if (strcmp(items[i - 1].id, items[i].id) == 0)
			return fault_line(
			    l->faults, csv->file, 0, 0, "employee %s is there twice", items[i].id);
	}
	l->route->email_overrides = items;
	l->route->n_email_overrides = csv->n;
	return true;
}

static bool
load_overrides(struct route_loader *l)
{
	static const char *const columns[] = {"id", "email"};
	const char *reference = value_str(l->raw.overrides);
	struct secret content;
	struct csv csv;

	if (l->raw.overrides == NULL)
		return true;
	if (!secret_read_open(l->secrets, l->raw.overrides, &content))
		return false;
	if (!csv_parse(
		l->arena, reference, (const char *)content.bytes, content.len, l->faults, &csv))
		return false;
	return csv_check_header(&csv, columns, 2, l->faults) && load_override_rows(l, &csv);
}

/* The local HRIS needs no settings; one says where its database is. */
static bool
load_local(struct route_loader *l)
{
	const struct value *database = value_get(l->raw.settings, "database");
	struct value *settings = value_object(l->arena);
	const char *path;

	l->route->local = true;
	l->route->settings = l->route->public_settings = settings;
	if (l->raw.settings != NULL &&
	    (!value_is(l->raw.settings, VALUE_OBJECT) || l->raw.settings->n > (database != NULL)))
		return fault_at(l->faults, l->file, l->raw.settings,
		    "the local HRIS has one setting: database, a path");
	if (database == NULL)
		return settings != NULL;
	path = value_str(database) == NULL ? NULL
					   : schema_path(l->arena, l->file, value_str(database));
	return path != NULL &&
	       value_set(l->arena, settings, "database", value_text(l->arena, path));
}

static bool
load_adapter(struct route_loader *l, adapter_finder *adapters, void *context)
{
	const struct value *at = value_get(l->root, "adapter");
	struct route *r = l->route;
	const char *why = NULL;
	unsigned pace;

	r->adapter_name = l->raw.adapter;
	if (strcmp(l->raw.adapter, "local") == 0)
		return load_local(l);
	r->adapter = adapters(context, l->raw.adapter, l->arena, &why);
	if (r->adapter == NULL)
		return fault_at(l->faults, l->file, at, "%s", why == NULL ? "out of memory" : why);
	r->settings = adapter_settings(
	    l->arena, r->adapter, l->file, l->raw.settings, l->root, l->secrets, l->faults);
	if (r->settings != NULL)
		r->public_settings = adapter_settings_public(l->arena, r->adapter, r->settings);
	if (r->public_settings != NULL)
		r->settings_key = hris_settings_key(l->arena, r);
	pace = r->adapter->pace_per_minute / 60;
	if (r->adapter->pace_per_minute > 0 && pace == 0)
		pace = 1;
	if (pace > 0 && (r->peer.per_second == 0 || pace < r->peer.per_second))
		r->peer.per_second = pace;
	return r->settings_key != NULL &&
	       adapter_settings_reach(l->arena, r->adapter, (struct value *)r->settings,
		   l->raw.insecure_http, l->file, l->raw.settings, l->root, l->faults);
}

/* A name of the time zone database, where this machine has one to ask. */
static bool
load_timezone(struct route_loader *l)
{
	static const char folder[] = "/usr/share/zoneinfo";
	const char *name = l->raw.timezone, *path;

	if (name == NULL || access(folder, F_OK) != 0)
		return true;
	path = arena_printf(l->arena, "%s/%s", folder, name);
	if (path != NULL && name[0] != '/' && strstr(name, "..") == NULL && access(path, F_OK) == 0)
		return true;
	return fault_at(l->faults, l->file, value_get(l->root, "timezone"),
	    "\"%s\" is no time zone: Europe/Berlin or America/Chicago would be one", name);
}

static bool
load_ledger(struct route_loader *l)
{
	l->route->ledger = l->raw.ledger;
	return l->raw.ledger == NULL || route_name_valid(l->raw.ledger) ||
	       fault_at(l->faults, l->file, value_get(l->root, "ledger"),
		   "ledger is a name as a route's: lower-case letters, digits and -, at most %d",
		   ROUTE_NAME_MAX);
}

static void
load_plain(struct route_loader *l)
{
	struct route *r = l->route;

	r->timezone = l->raw.timezone;
	r->day_minutes = (int)l->raw.day_minutes;
	r->day_start_minute = (int)l->raw.day_start;
	r->face = l->raw.face;
	r->token_ttl_s = l->raw.token_ttl_s;
	r->amounts_duration = text_equal(l->raw.amounts, "duration");
	r->on_fewer = l->raw.on_fewer == NULL                    ? FEWER_UNSAID
		      : text_equal(l->raw.on_fewer, "accept")    ? FEWER_ACCEPT
		      : text_equal(l->raw.on_fewer, "take_back") ? FEWER_TAKE_BACK
								 : FEWER_KEEP;
	r->unlimited_minutes = l->raw.unlimited_minutes;
	r->agents_max = l->raw.agents_max;
	r->agents_no_email_percent = l->raw.no_email_percent;
	r->agents_fewer_percent = l->raw.fewer_percent;
	r->requests_max = (unsigned)l->raw.requests;
	r->peer = (struct http_peer){.route = r->name,
	    .in_flight = (unsigned)l->raw.in_flight,
	    .per_second = (unsigned)l->raw.per_second,
	    .insecure_http = l->raw.insecure_http,
	    .ca_file = l->raw.ca_file};
}

/* Callers first: whatever else is broken, only they may call. */
static bool
load_all(struct route_loader *l, adapter_finder *adapters, void *context)
{
	bool good;

	good = schema_read(l->arena, l->file, route_keys, l->root, &l->raw, l->faults);
	if (l->raw.callers != NULL)
		l->route->callers =
		    callers_load(l->arena, l->file, l->raw.callers, l->secrets, l->faults);
	good = good && l->route->callers != NULL;
	load_plain(l);
	good = load_timezone(l) && good;
	good = load_ledger(l) && good;
	good = load_exclude(l) && good;
	good = load_overrides(l) && good;
	return l->raw.adapter != NULL && load_adapter(l, adapters, context) && good;
}

struct route *
route_load(struct arena *a, const char *name, const char *file, const char *text, size_t len,
    adapter_finder *adapters, void *context, struct secrets *secrets, struct faults *faults)
{
	struct route_loader l = {.arena = a, .faults = faults, .secrets = secrets};
	size_t before = faults->n;

	l.route = arena_alloc(a, sizeof(*l.route));
	l.file = arena_strdup(a, file);
	if (l.route == NULL || l.file == NULL)
		return NULL;
	l.route->name = arena_strdup(a, name);
	l.route->file = l.file;
	l.route->peer.route = l.route->name;
	if (l.route->name == NULL)
		return NULL;
	l.root = yaml_parse(a, file, text, len, faults);
	/* With a fault in one key of several, the route still serves the others. */
	l.route->broken = l.root == NULL || !load_all(&l, adapters, context);
	if (l.route->broken)
		l.route->broken_why =
		    faults->n > before ? arena_strdup(a, faults->texts[before]) : "out of memory";
	return l.route;
}
