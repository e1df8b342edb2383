/*
 * lane.c: a ring of work under a mutex.
 */
#include "serve/lane.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

/* A process is read on the stack of whoever reads it, and there is much of one. */
#define STACK_BYTES ((size_t)16 << 20)

struct task {
  lane_work *work;
  void *context;
};

struct lane {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_t thread;
  struct task ring[LANE_MOST];
  size_t first, count;
  bool is_stopped;
};

static void *run(void *context);
static bool take(struct lane *lane, struct task *ret_task, bool *ret_is_refused);

struct lane *lane_start(void) {
  struct lane *lane = calloc(1, sizeof *lane);
  pthread_attr_t attributes;
  if (!lane) return NULL;
  pthread_mutex_init(&lane->mutex, NULL);
  pthread_cond_init(&lane->changed, NULL);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  int error = pthread_create(&lane->thread, &attributes, run, lane);
  pthread_attr_destroy(&attributes);
  if (!error) return lane;
  free(lane);
  return NULL;
}

int lane_put(struct lane *lane, lane_work *work, void *context) {
  pthread_mutex_lock(&lane->mutex);
  bool has_room = !lane->is_stopped && lane->count < LANE_MOST;
  if (has_room) {
    lane->ring[(lane->first + lane->count++) % LANE_MOST] = (struct task){work, context};
    pthread_cond_signal(&lane->changed);
  }
  pthread_mutex_unlock(&lane->mutex);
  return has_room ? 0 : -EBUSY;
}

void lane_stop(struct lane *lane) {
  if (!lane) return;
  pthread_mutex_lock(&lane->mutex);
  bool is_running = !lane->is_stopped;
  lane->is_stopped = true;
  pthread_cond_signal(&lane->changed);
  pthread_mutex_unlock(&lane->mutex);
  if (is_running) pthread_join(lane->thread, NULL);
}

void lane_free(struct lane *lane) {
  if (!lane) return;
  pthread_cond_destroy(&lane->changed);
  pthread_mutex_destroy(&lane->mutex);
  free(lane);
}

static void *run(void *context) {
  struct lane *lane = context;
  struct task task;
  bool is_refused;
  while (take(lane, &task, &is_refused)) task.work(task.context, is_refused);
  return NULL;
}

/* Waits for it. False: there is none, and there will be none. */
static bool take(struct lane *lane, struct task *ret_task, bool *ret_is_refused) {
  pthread_mutex_lock(&lane->mutex);
  while (lane->count == 0 && !lane->is_stopped) pthread_cond_wait(&lane->changed, &lane->mutex);
  bool is_there = lane->count > 0;
  if (is_there) {
    *ret_task = lane->ring[lane->first];
    lane->first = (lane->first + 1) % LANE_MOST;
    lane->count--;
  }
  *ret_is_refused = lane->is_stopped;
  pthread_mutex_unlock(&lane->mutex);
  return is_there;
}
