/*
 * serving.h: what `ration serve` was told, and what it counts of itself, in whatever thread.
 */
#ifndef RATION_TOOL_SERVE_SERVING_H
#define RATION_TOOL_SERVE_SERVING_H

#include <pthread.h>
#include <stdint.h>

/* Statuses of answers, each with a counter. */
#define SERVING_STATUSES 9
extern const unsigned serving_statuses[SERVING_STATUSES];

/* What else is counted. */
enum serving_counter {
  SERVING_CUT_OFF,     /* connections that took too long */
  SERVING_PUSHED,      /* profiles that have arrived */
  SERVING_PUSH_FAILED, /* tries that failed */
  SERVING_PUSH_DROPPED,
  SERVING_COUNTERS
};

struct scraper;

struct serving {
  /* As it was told. */
  uint32_t most_rows;      /* of categories, of each process, in metrics */
  uint32_t most_processes; /* in metrics */
  uint64_t timeout_ns;     /* for a request to come, and for its answer to go */

  struct scraper *scraper; /* serve/scrape.h */

  pthread_mutex_t mutex; /* over what follows */
  uint64_t answers[SERVING_STATUSES];
  uint64_t counted[SERVING_COUNTERS];
};

void serving_count_answer(struct serving *serving, unsigned status);
void serving_count(struct serving *serving, enum serving_counter counter, uint64_t more);

struct serving_counts {
  uint64_t answers[SERVING_STATUSES];
  uint64_t counted[SERVING_COUNTERS];
};
struct serving_counts serving_counts(struct serving *serving);

#endif
