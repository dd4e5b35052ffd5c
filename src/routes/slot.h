/*
 * slot.h: a registry's inside: each file of a folder in a slot, with what is loaded from it. For
 * the files of routes/ only.
 */
#ifndef SLOT_H
#define SLOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "adapter/adapter.h"
#include "routes/registry.h"

enum { REGISTRY_STILL_MS = 1000 };

struct loaded_adapter {
	unsigned refs; /* under the registry's lock, like all counts here */
	struct arena arena;
	struct adapter *adapter;
};

struct loaded_route {
	unsigned refs;
	atomic_uint inside; /* requests that were admitted */
	struct arena arena;
	struct route *route;
	struct loaded_adapter *adapter; /* held; NULL: local, or none */
	struct watch *watches;          /* secrets and lists it was made of */
	size_t n_watches;
};

/* One file of a folder. */
struct slot {
	struct slot *next;
	char *name, *file;
	struct watch seen;               /* at the last look; its path is file */
	struct watch taken;              /* what was loaded, well or not */
	bool there;                      /* in this look */
	unsigned missing;                /* looks in which it was not there */
	bool changing;                   /* a secret of it changed at the last look */
	const struct adapter *made_with; /* the adapter a route was loaded with */
	char *text;                      /* of the last good version; malloc */
	size_t text_len;
	struct loaded_adapter *adapter;
	struct loaded_route *route; /* last good one, or a broken one at start */
	struct arena faults_arena;
	struct faults faults;
};

struct registry {
	const struct config *config;
	const struct clock *clock;
	const struct log *log;
	pthread_mutex_t lock;       /* lists, counts, pointers in slots */
	pthread_mutex_t refreshing; /* one looks at the folders */
	int64_t looked_ms;
	struct slot *routes, *adapters;
	bool once;           /* adapters are read when they are named */
	bool routes_changed; /* since the keys of all were compared */
	struct arena folder_arena, said_arena, key_arena;
	struct faults folder_faults, said_faults,
	    key_faults; /* said: the folders' of the last look */
};

/* Adds an empty slot for folder/NAME.yaml to the list. NULL: out of memory. */
struct slot *slot_new(struct registry *r, struct slot **list, const char *folder, const char *name);
/* Is its file in that folder? */
bool slot_is_in(const struct slot *s, const char *folder);
/* From now on its file is the one in that folder, of which nothing is known yet. */
void slot_move(struct registry *r, struct slot *s, const char *folder);
struct slot *slot_of(struct slot *list, const char *name); /* NULL: there is none */
void slot_free(struct slot *s);                            /* under the lock, as it lets go */

/* Put into the slot what was loaded, in place of what was there. */
void registry_put_adapter(struct registry *r, struct slot *s, struct loaded_adapter *a);
void registry_put_route(struct registry *r, struct slot *s, struct loaded_route *l);
/* The adapter of that name, held; NULL: there is none. */
struct loaded_adapter *registry_hold_adapter(struct registry *r, const char *name);
void registry_keep_adapter(struct registry *r, struct loaded_adapter *a); /* held once more */
void registry_drop_adapter(struct registry *r, struct loaded_adapter *a); /* held once less */
void registry_drop_route(struct registry *r, struct loaded_route *l);
void loaded_route_unref(struct loaded_route *l); /* the same, under the lock */

/* scan.c: looks at the folders and loads what changed. */
enum registry_look {
	LOOK_FIRST, /* all, at a start */
	LOOK_ASKED, /* what changed, however young it is: somebody says that it is whole */
	LOOK_LATER  /* what changed and is still */
};
void registry_scan(struct registry *r, enum registry_look look);

/* keys.c: faults and warnings for keys that another route, caller or form has too. */
void registry_check_keys(struct registry *r);
/* Adds a fault for each caller none of whose keys counts now, a warning where that is near. Under
 * the lock. */
void registry_key_ages(const struct registry *r, struct faults *out);
/* advice.c: warnings of routes that work and may surprise; under the lock. */
void registry_advice(const struct registry *r, struct faults *out);

/* load.c: logs those faults and warnings that are not among the known. */
void registry_log_faults(const struct registry *r, const struct faults *known,
    const struct faults *f, const char *event);

/* Reads those adapters that nothing has named yet; only of registry_new_once(). */
void registry_load_rest(struct registry *r);

/* load.c: tries to load a slot's file; the last good version stays where that fails. */
void registry_load_adapter(struct registry *r, struct slot *s, bool first);
void registry_load_route(struct registry *r, struct slot *s, bool first);

#endif
