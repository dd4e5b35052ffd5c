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

enum auth_kind {
	AUTH_NONE,
	AUTH_BASIC,
	AUTH_BEARER,
	AUTH_HEADER,
	AUTH_QUERY,
	AUTH_OAUTH2,
	AUTH_LOGIN,
	AUTH_CERTIFICATE,
	AUTH_KIND_MAX
};

/* A header's value is a template; one of a query or a form is a tree: a list repeats the name. */
struct pair {
	const char *name;
	struct template *value;
	struct tree *tree;
};

struct pairs {
	struct pair *items;
	size_t n;
};

struct token_source;

struct adapter_auth {
	const char *name; /* NULL: the only one */
	enum auth_kind kind;
	struct template *username, *password, *token;
	struct pairs headers, query;        /* on top; of a token: what carries it */
	const struct token_source *source;  /* oauth2 and login; NULL: none */
	struct template *certificate, *key; /* of the client; NULL: none */
	struct value *settings;             /* LIST: names of those it uses */
};

enum step_writes { WRITES_NO, WRITES_ONCE, WRITES_AGAIN };
enum page_kind { PAGE_NONE, PAGE_PAGE, PAGE_OFFSET, PAGE_CURSOR, PAGE_URL, PAGE_LINK };
enum page_until { UNTIL_NOTHING, UNTIL_SHORT, UNTIL_EMPTY, UNTIL_STATUS, UNTIL_COND };

struct page {
	enum page_kind kind;
	const char *param, *size_param;
	int64_t size, first;
	struct expr *next, *total; /* next: cursor or URL */
	struct cond *more;
	enum page_until until;
	int until_status;
	struct cond *until_cond;
};

enum record_kind {
	RECORD_NONE,
	RECORD_AGENT,
	RECORD_TYPE,
	RECORD_BALANCE,
	RECORD_FOUND,
	RECORD_MAX
};
enum { RECORD_MEMBERS_MAX = 16, RECORD_DAY_MEMBERS = 5 };

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
	enum replace replace;
	struct bind *each_for;
	struct template *base_url;
	const struct adapter_auth *auth;
	const char *request; /* as written: for the log; NULL: it only refuses or replaces */
	const char *shown;   /* the same for people: {agent_id} */
	enum http_method method;
	struct template *path; /* NULL: it asks nobody */
	struct pairs query, headers, form;
	struct tree *body;
	struct template *xml;
	bool answer_json, answer_none, answer_optional;
	enum step_writes writes;
	bool by_run; /* a write for each of in.runs, of which it is given one */
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
		bool gathers; /* lists, over all records, calls and pages */
	} set;
	struct expr *result_id, *result_entries, *result_status;
	struct record result_shown; /* kind NONE: the answer does not show the request */
	bool has_result;
	bool reads; /* its answer is parsed */
	bool *ran;  /* set where it runs, for tests; NULL */
	bool bare;  /* outside of wrap, answer and the file's query: a request for a token */
	/* Its answer's list `each` is read while it comes (read.c): the names on the way to it. */
	bool streams;
	const char *list_names[ADAPTER_LIST_NAMES];
	size_t n_list_names;
};

enum assertion_kind { ASSERTION_NONE, ASSERTION_SAML, ASSERTION_JWT };

/* What signs for who asks for a token (RFC 7521). */
struct assertion {
	enum assertion_kind kind;
	struct template *key, *subject, *issuer, *audience;
	struct tree *claims; /* NULL: none more */
	int64_t lifetime_s;
};

struct token_source {
	struct step step;
	struct expr *token, *expires;   /* expires: seconds from now; NULL: not said */
	struct template *refresh_token; /* the first; NULL: there is none */
	struct expr *refresh;           /* the next */
	struct assertion assertion;
};

struct steps {
	struct step *items;
	size_t n;
	enum replace replace; /* change-timeoff: nothing else; NO: it has steps to run */
};

struct adapter {
	const char *name, *file, *title, *docs;
	const char *proven; /* "live", "description", "pages"; NULL: not said */
	const char **gotchas;
	size_t n_gotchas;
	const struct value *settings, *maps; /* as declared */
	struct template *base_url;
	struct pairs query, headers;
	struct tree *wrap;        /* what every JSON body goes into; NULL: nothing */
	struct expr *answer;      /* what $ is in steps; NULL: the whole answer */
	unsigned pace_per_minute; /* 0: none */
	struct adapter_auth *auths;
	size_t n_auths;
	struct expr **messages;
	size_t n_messages;
	struct failure_rules failures;
	struct steps operations[OPERATION_MAX];
	struct traits traits;
	bool agents_snapshot;     /* get-agents answers from what `hrisgw snapshot` has read */
	bool lists_days, by_runs; /* an insert names each day, or each stretch of alike ones */
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

/*
 * proofs.c: what a call and its answer may hold that proves who calls: the secret settings, and
 * what the call's headers make of them. Everything is borrowed, or in the arena.
 */
struct proofs {
	const char **texts;
	size_t n;
};
/* adapter NULL: of the headers alone. False: out of memory. */
bool proofs_of(struct proofs *p, const struct adapter *adapter, const struct value *settings,
    const struct http_call *call, struct arena *a);
/* The text, at most max bytes of it, with PROOF_HIDDEN for each; NULL counts as "". NULL: out of
 * memory. */
const char *proofs_hide(const struct proofs *p, const char *text, size_t max, struct arena *a);
#define PROOF_HIDDEN "(not shown)"

/* Do all base URLs that the settings make lead where the route may send requests? */
bool adapter_settings_reach(struct arena *a, const struct adapter *adapter, struct value *settings,
    bool insecure_http, const char *file, const struct value *given, const struct value *at,
    struct faults *faults);

extern const struct driver adapter_driver;

#endif
