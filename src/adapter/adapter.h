/*
 * adapter.h: one HRIS's dialect, declared in conf/adapters/NAME.yaml (hrisgw-adapter(7)). A loaded
 * adapter is checked and never changes; many routes and threads may use it at the same time. Its
 * driver reads h->route->adapter and h->route->settings.
 */
#ifndef ADAPTER_H
#define ADAPTER_H

#include "hris/hris.h"
#include "lang/template.h"

enum failure_class {
	CLASS_NONE,
	CLASS_OK,
	CLASS_BUSY,
	CLASS_CREDENTIALS,
	CLASS_FORBIDDEN,
	CLASS_NOT_FOUND,
	CLASS_CONFLICT,
	CLASS_REFUSED,
	CLASS_INSUFFICIENT,
	CLASS_UNAVAILABLE,
	CLASS_MAX
};

struct failure_rule {
	struct cond *cond;
	enum failure_class is;
	const char *say; /* what to look at; NULL: nothing */
};

struct failure_rules {
	struct failure_rule *items;
	size_t n;
};

enum auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_BEARER, AUTH_HEADER, AUTH_QUERY, AUTH_KIND_MAX };

struct pair {
	const char *name;
	struct template *value;
};

struct pairs {
	struct pair *items;
	size_t n;
};

struct adapter_auth {
	const char *name; /* NULL: the only one */
	enum auth_kind kind;
	struct template *username, *password, *token;
	struct pairs pairs; /* headers or query */
};

enum step_writes { WRITES_NO, WRITES_ONCE, WRITES_AGAIN };
enum page_kind { PAGE_NONE, PAGE_PAGE, PAGE_OFFSET, PAGE_CURSOR, PAGE_URL };
enum page_until { UNTIL_NOTHING, UNTIL_SHORT, UNTIL_EMPTY, UNTIL_STATUS };

struct page {
	enum page_kind kind;
	const char *param, *size_param;
	int64_t size, first;
	struct expr *next, *total; /* next: cursor or URL */
	struct cond *more;
	enum page_until until;
	int until_status;
};

enum record_kind {
	RECORD_NONE,
	RECORD_AGENT,
	RECORD_TYPE,
	RECORD_BALANCE,
	RECORD_FOUND,
	RECORD_MAX
};
enum { RECORD_MEMBERS_MAX = 14, RECORD_DAY_MEMBERS = 5 };

struct record {
	enum record_kind kind;
	struct expr *members[RECORD_MEMBERS_MAX]; /* in the order of the tables in record.c */
	struct bind *days;                        /* found.days */
	struct expr *day_members[RECORD_DAY_MEMBERS];
};

enum { ADAPTER_LIST_NAMES = 8 };

struct need {
	struct expr *expr;
	const char *text;
};

struct step {
	const char *name;
	const struct value *at; /* in the file */
	struct cond *when;
	struct need *needs;
	size_t n_needs;
	struct template *refuse;
	bool replace;
	struct bind *each_for;
	struct template *base_url;
	const struct adapter_auth *auth;
	const char *request; /* as written: for the log */
	enum http_method method;
	struct template *path;
	struct pairs query, headers, form;
	struct tree *body;
	bool answer_json, answer_none;
	enum step_writes writes;
	struct failure_rules failures;
	struct page page;
	struct expr *each;
	struct bind *each_bind;
	struct cond *where;
	struct expr *expect;
	struct record record;
	struct expr *pick;
	struct pairs_set {
		const char **names;
		struct expr **exprs;
		size_t n;
	} set;
	struct expr *result_id, *result_entries, *result_status;
	bool has_result;
	bool reads; /* its answer is parsed */
	bool *ran;  /* set where it runs, for tests; NULL */
	/* Its answer's list `each` is read while it comes (read.c): the names on the way to it. */
	bool streams;
	const char *list_names[ADAPTER_LIST_NAMES];
	size_t n_list_names;
};

struct steps {
	struct step *items;
	size_t n;
	bool replace; /* change-timeoff: replace */
};

struct adapter {
	const char *name, *file, *title, *docs;
	const char **gotchas;
	size_t n_gotchas;
	const struct value *settings, *maps; /* as declared */
	struct template *base_url;
	struct pairs query, headers;
	unsigned pace_per_minute; /* 0: none */
	struct adapter_auth *auths;
	size_t n_auths;
	struct expr **messages;
	size_t n_messages;
	struct failure_rules failures;
	struct steps operations[OPERATION_MAX];
	struct traits traits;
};

/*
 * Loads and checks a file's text. NULL with faults. Everything lives in the arena. name is the
 * file's name less .yaml.
 */
struct adapter *adapter_load(struct arena *a, const char *name, const char *file, const char *text,
    size_t len, struct faults *faults);

/*
 * Checks a route's settings against the adapter's declarations and fills in defaults: OBJECT of
 * texts, lists and maps, in the arena. Secrets are read; if secrets is NULL (tests), they stay as
 * given. NULL with faults.
 */
struct value *adapter_settings(struct arena *a, const struct adapter *adapter, const char *file,
    const struct value *given, const struct value *at, struct secrets *secrets,
    struct faults *faults);
/* The settings less the secret ones. NULL: out of memory. */
struct value *adapter_settings_public(
    struct arena *a, const struct adapter *adapter, const struct value *settings);
/* Do all base URLs that the settings make lead where the route may send requests? */
bool adapter_settings_reach(struct arena *a, const struct adapter *adapter, struct value *settings,
    bool insecure_http, const char *file, const struct value *given, const struct value *at,
    struct faults *faults);

extern const struct driver adapter_driver;

#endif
