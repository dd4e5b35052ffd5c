/*
 * metrics.h: what this process has counted since it began, for /-/metrics. Names of routes and
 * actions, codes and reasons are the only labels: no ids, no names of people or callers. A route
 * that is gone is forgotten with its counts. Threads may call everything at the same time.
 */
#ifndef METRICS_H
#define METRICS_H

struct exchange;
struct metrics;

struct metrics *metrics_new(void); /* NULL: out of memory */
void metrics_free(struct metrics *m);

/* A request begins, and is over. m may be NULL. What finds no memory is not counted. */
void metrics_enter(struct metrics *m);
void metrics_leave(struct metrics *m, const struct exchange *x);

/* Answers with all of it as Prometheus' text format, version 0.0.4, or with 503. */
void metrics_reply(struct exchange *x);

#endif
