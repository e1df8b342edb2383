/*
 * serving.c: see serving.h.
 */
#include "serve/serving.h"

#include <stddef.h>
#include <string.h>

const unsigned serving_statuses[SERVING_STATUSES] = {200, 400, 401, 403, 404, 405, 413, 500, 503};

void serving_count_answer(struct serving *serving, unsigned status) {
  pthread_mutex_lock(&serving->mutex);
  for (size_t i = 0; i < SERVING_STATUSES; i++)
    if (serving_statuses[i] == status) serving->answers[i]++;
  pthread_mutex_unlock(&serving->mutex);
}

void serving_count(struct serving *serving, enum serving_counter counter, uint64_t more) {
  pthread_mutex_lock(&serving->mutex);
  serving->counted[counter] += more;
  pthread_mutex_unlock(&serving->mutex);
}

struct serving_counts serving_counts(struct serving *serving) {
  struct serving_counts counts;
  pthread_mutex_lock(&serving->mutex);
  memcpy(counts.answers, serving->answers, sizeof counts.answers);
  memcpy(counts.counted, serving->counted, sizeof counts.counted);
  pthread_mutex_unlock(&serving->mutex);
  return counts;
}
