/* bounds.h: every maximum in one place. Reaching one is an error, never truncation. */
#ifndef BOUNDS_H
#define BOUNDS_H

enum {
	/* What a caller may send. */
	LIMIT_PARAMS = 256,            /* FastCGI parameters */
	LIMIT_PARAM_BYTES = 64 * 1024, /* all of them together */
	LIMIT_BODY = 256 * 1024,
	LIMIT_INPUT_DEPTH = 32,
	LIMIT_INPUT_VALUES = 8192,
	LIMIT_DATES = 400,
	LIMIT_TYPES = 100,
	LIMIT_COMBINATIONS = 2000, /* dates x types of one get-balance */
	LIMIT_NOTES = 4000,        /* characters */
	LIMIT_FACE_NOTES = 4400,   /* the same on the BambooHR face: with a gateway's marker */
	LIMIT_ID = 256,            /* bytes of an agent's, type's or request's id */
	LIMIT_MINUTES = 24 * 60,   /* of one day */

	/* What an HRIS may answer. */
	LIMIT_ANSWER = 16 * 1024 * 1024,
	LIMIT_ANSWER_STREAMED = 64 * 1024 * 1024,
	LIMIT_ITEM = 32 * 1024 * 1024, /* memory of one record while it is read out of a list */
	LIMIT_ANSWER_DEPTH = 64,
	LIMIT_ANSWER_HEADERS = 64 * 1024,
	LIMIT_VALUES = 4 * 1024 * 1024, /* nodes of one document */
	LIMIT_TEXT = 1024 * 1024,       /* bytes of one text */
	LIMIT_AGENTS = 50000,
	LIMIT_RECORDS = 100000,
	LIMIT_PAGES = 10000,

	/* What Genesys can take back. */
	LIMIT_BUCKET = 2000,
	LIMIT_BUCKETS = 25,

	/* What configuration may hold. */
	LIMIT_FILE = 1024 * 1024,
	LIMIT_YAML_NODES = 20000,
	LIMIT_YAML_DEPTH = 64,
	LIMIT_SECRET = 64 * 1024,
	LIMIT_CALLERS = 64,
	LIMIT_KEYS = 16, /* of one caller */
	LIMIT_STEPS = 32,
	LIMIT_FAULTS = 200,
	LIMIT_CSV_FIELDS = 64,

	/* What one request may cost. */
	LIMIT_ARENA = 512 * 1024 * 1024,
	LIMIT_CALLS = 2000, /* side by side in one step */
	LIMIT_REQUEST_BYTES = 4 * 1024 * 1024,
	LIMIT_TRIES = 3,
	LIMIT_LOCK_WAITERS = 64, /* for the lock of one agent */
	LIMIT_FAILURE_TEXT = 1000,
	LIMIT_CLIENT_S = 30, /* to hand over a request; to take back its answer */
	LIMIT_WORKERS = 256,
	LIMIT_DEADLINE_S = 55
};

#endif
