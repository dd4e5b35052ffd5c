/*
 * sim.h: a life of the policy in a simulated world (test_simulation.c): what there is in it, and
 * what its files share.
 */
#ifndef SIM_H
#define SIM_H

#include "hris/write.h"
#include "engine/event.h"

enum {
	TASKS = 3,
	CALLS = 3, /* of a task */
	CALLS_MAX = TASKS * CALLS,
	RECORDS_MAX = 64,
	EFFECTS_MAX = 32, /* under way */
	ROWS_MAX = 64,
	CRASHES_MAX = 2,
	PEOPLE_MAX = 2,
	STEPS_MAX = 20000,
	DAYS = 5,
	FIRST_DAY = 20900,
	BALANCE_MINUTES = 1000,
	DEADLINE_MS = 25000,
	SETTLE_MS = 1000,
	LEASE_MS = 3000,
	LATE_MS = 90000, /* where nothing bounds it */
	REPEAT_MS = 60000
};

enum content { A, B, C, FEWER, OTHER, BY_HAND, CONTENTS };
enum broken {
	NOTHING,
	RESENDS,
	LOOKS_AT_ONCE,
	NO_LOCK,
	LEASE,
	STALE_BELIEVED,
	FORGETS,
	SENT_TWICE,
	LOCK_LATE_TAKEN,
	ONE_MARKER,
	ABSENT_LIKELY,
	UNDO_LATER,
	UNDO_CHANGE,
	HALF_FORGOTTEN
};

/* What a design is and what its HRIS does. */
struct design {
	const char *name;
	enum broken broken;
	enum lost_find find;
	bool consistent, stale, blind, honours_key, unbounded;
	bool replaces; /* what is approved is changed by cancel and insert */
};

struct call {
	enum operation op;
	enum content content;
	enum timeoff_status status;
	int record; /* of an update; from 0 */
	int64_t begun_ms;
	bool denied;         /* it was said that nothing was written */
	bool believed;       /* by the HRIS, and the same was not sent since */
	bool applied, ended; /* ended: it has ended what it replaces */
};

struct record {
	char note[64];
	enum content content, asked;
	enum timeoff_status status; /* STATUS_NONE: deleted */
	int call;                   /* that made it; -1: a person did */
	int family;                 /* the number of the first, which this one replaces */
	bool moved;                 /* by a change of ours: no more what its insert asked */
	int64_t was_ms[CONTENTS][STATUS_MAX]; /* when it was that last */
};

struct effect {
	enum operation op;
	int call, record;
	enum content content, asked;
	enum timeoff_status status;
	char note[64];
	int64_t at_ms; /* at the latest */
};

struct actor {
	struct event turn;
	struct hris hris;
	struct failure failure;
	struct route route;
	struct arena arena;
	int number, call;
	int64_t wake_ms, asks_until_ms; /* of a sleep; of a wait for the lock */
	bool waiting, ended, crashed, asks_lock, took_late, look_failed;
};

/* Lives differ: in some of them, things happen often that are rare in others. One of so many: */
struct ways {
	unsigned pending; /* inserts ask for that */
	unsigned other;   /* inserts are of other days */
	unsigned refused; /* writes are */
	unsigned late;    /* writes arrive so */
	unsigned unshown; /* looks fail */
};

struct life {
	const struct design *design;
	struct ways ways;
	uint64_t random;
	int64_t now_ms, lock_since_ms;
	struct actor actors[TASKS];
	struct call calls[CALLS_MAX];
	struct record records[RECORDS_MAX], before[RECORDS_MAX];
	struct effect flying[EFFECTS_MAX];
	struct intent rows[ROWS_MAX];
	struct arena kept;
	struct actor *holder;
	size_t n_records, n_before, n_flying, n_rows;
	int crashes, people;
	const char *wrong;
	bool aloud; /* it says what happens */
};

extern struct life sim_life;
extern struct actor *sim_self; /* whose turn it is */
extern const struct clock sim_clock;
extern const struct driver sim_driver;
extern const int sim_minutes[CONTENTS][DAYS];

/* The next number of the life, below n. */
unsigned sim_pick(unsigned n);
/* Gives the others their turn. False: its process has died meanwhile. */
bool sim_pause(int64_t wake_ms);
/* A line of what happens, where the life is lived aloud. */
void sim_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The first thing that is false is what the life comes to. */
void sim_wrong(const char *what);

/* The number of a record, from 0, of its id. */
int sim_number(const char *id);
bool sim_is_live(const struct record *r);
void sim_become(struct record *r, enum content content, enum timeoff_status status);
/* What a look may still show after what comes now. */
void sim_keep_before(void);
/* The number of the record, from 0; -1: refused. */
int sim_apply(const struct effect *e);

bool sim_lock_is_free(void);

#endif
