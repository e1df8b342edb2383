/*
 * workers.h: threads that do a step of a frame together: each a range of the creatures, in multiples of 8.
 */
#ifndef CREATURES_WORKERS_H
#define CREATURES_WORKERS_H

#include <stddef.h>

#define WORKERS_MOST 64u

struct workers;

/* first <= i < last; worker: 0 to threads - 1, each at work once at a time. */
typedef void (*workers_step)(void *context, size_t first, size_t last, unsigned worker);

/* threads: 1 to WORKERS_MOST, the caller's own among them. -EINVAL, -EAGAIN, -ENOMEM. */
int workers_start(struct workers **ret_workers, unsigned threads);
void workers_stop(struct workers *workers);

/* Returns when all ranges are done. Who is 0 to count - 1. */
void workers_run(struct workers *workers, size_t count, workers_step step, void *context);

unsigned workers_count(const struct workers *workers);

#endif
