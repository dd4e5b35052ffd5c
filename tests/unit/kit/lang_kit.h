/*
 * lang_kit.h: what the tests of the adapter language share: values from JSON, a scope to evaluate
 * in.
 */
#ifndef LANG_KIT_H
#define LANG_KIT_H

#include "lang/cond.h"
#include "lang/expr.h"
#include "lang/template.h"

struct lang {
	struct arena arena;
	struct faults faults;
	struct failure failure;
	struct traits traits;
	struct expr_uses uses;
	struct expr_env env;
	struct scope scope;
	struct http_call call;
};

/*
 * Settings plain, url (text), table, none (map) and key (secret); maps m {a: x, gone: null} and
 * e {a: x, else: y}.
 */
void lang_open(struct lang *l);
void lang_close(struct lang *l);

struct value *lang_json(struct lang *l, const char *json); /* fails the test when it is none */
struct value *lang_yaml(struct lang *l, const char *yaml);
const char *lang_text(struct lang *l, const struct value *v); /* JSON; "(absent)" for NULL */
/* The first fault with that in it; fails the test, showing all, when there is none. */
void lang_assert_fault(const struct lang *l, const char *name, const char *part);
void lang_assert_no_fault(const struct lang *l, const char *name);
void lang_forget(struct lang *l); /* faults and failure */

#endif
