/*
 * outbox.c: Pyroscope's POST /ingest: what a profile is of stands in the query, and the profile, with the one before of
 * the same process, in a form: so the server can tell what was allocated between the two.
 */
#include "serve/outbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "complain.h"
#include "serve/post.h"

#define TRIES_MOST 4 /* the second after a second, each later one after twice as long */

struct outbox {
  struct serving *serving;
  struct post *post; /* the sender's */
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_t thread;
  struct parcel ring[OUTBOX_MOST];
  size_t first, count, bytes;
  bool is_closed;
  bool is_failing; /* as was said */
};

static void *run(void *context);
static bool take(struct outbox *outbox, struct parcel *ret_parcel);
static void drop_first(struct outbox *outbox);
static size_t bytes_of(const struct parcel *parcel);
static void deliver(struct outbox *outbox, const struct parcel *parcel);
static bool try_again_later(struct outbox *outbox, unsigned seconds);
static void say(struct outbox *outbox, int error, const struct fault *fault);

void parcel_free(struct parcel *parcel) {
  free(parcel->name);
  free(parcel->profile);
  free(parcel->before);
  *parcel = (struct parcel){0};
}

int outbox_open(const char *url, struct serving *serving, struct outbox **ret_outbox,
                struct fault *ret_fault) {
  struct outbox *outbox = calloc(1, sizeof *outbox);
  pthread_condattr_t by_clock;
  if (!outbox) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  outbox->serving = serving;
  int error = post_open(url, &outbox->post, ret_fault);
  if (error) {
    free(outbox);
    return error;
  }
  pthread_mutex_init(&outbox->mutex, NULL);
  pthread_condattr_init(&by_clock);
  pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
  pthread_cond_init(&outbox->changed, &by_clock);
  pthread_condattr_destroy(&by_clock);
  if (pthread_create(&outbox->thread, NULL, run, outbox) == 0) {
    *ret_outbox = outbox;
    return 0;
  }
  post_close(outbox->post);
  free(outbox);
  return fault_set(ret_fault, -ENOMEM, "not enough memory for its thread");
}

void outbox_put(struct outbox *outbox, struct parcel *parcel) {
  size_t dropped = 0;
  pthread_mutex_lock(&outbox->mutex);
  outbox->bytes += bytes_of(parcel);
  while (outbox->count == OUTBOX_MOST || (outbox->count > 0 && outbox->bytes > OUTBOX_BYTES)) {
    drop_first(outbox);
    dropped++;
  }
  outbox->ring[(outbox->first + outbox->count++) % OUTBOX_MOST] = *parcel;
  *parcel = (struct parcel){0};
  pthread_cond_signal(&outbox->changed);
  pthread_mutex_unlock(&outbox->mutex);
  if (dropped > 0) serving_count(outbox->serving, SERVING_PUSH_DROPPED, dropped);
}

size_t outbox_close(struct outbox *outbox) {
  if (!outbox) return 0;
  pthread_mutex_lock(&outbox->mutex);
  outbox->is_closed = true;
  pthread_cond_signal(&outbox->changed);
  pthread_mutex_unlock(&outbox->mutex);
  post_interrupt(outbox->post);
  pthread_join(outbox->thread, NULL);
  size_t left = outbox->count;
  while (outbox->count > 0) drop_first(outbox);
  post_close(outbox->post);
  pthread_cond_destroy(&outbox->changed);
  pthread_mutex_destroy(&outbox->mutex);
  free(outbox);
  return left;
}

static void *run(void *context) {
  struct outbox *outbox = context;
  struct parcel parcel;
  while (take(outbox, &parcel)) {
    deliver(outbox, &parcel);
    parcel_free(&parcel);
  }
  return NULL;
}

/* False: it is closed. */
static bool take(struct outbox *outbox, struct parcel *ret_parcel) {
  pthread_mutex_lock(&outbox->mutex);
  while (outbox->count == 0 && !outbox->is_closed) pthread_cond_wait(&outbox->changed, &outbox->mutex);
  bool is_there = !outbox->is_closed;
  if (is_there) {
    *ret_parcel = outbox->ring[outbox->first];
    outbox->bytes -= bytes_of(ret_parcel);
    outbox->first = (outbox->first + 1) % OUTBOX_MOST;
    outbox->count--;
  }
  pthread_mutex_unlock(&outbox->mutex);
  return is_there;
}

static void drop_first(struct outbox *outbox) {
  struct parcel *oldest = &outbox->ring[outbox->first];
  outbox->bytes -= bytes_of(oldest);
  parcel_free(oldest);
  outbox->first = (outbox->first + 1) % OUTBOX_MOST;
  outbox->count--;
}

static size_t bytes_of(const struct parcel *parcel) {
  return parcel->profile_bytes + parcel->before_bytes;
}

/* What a server refuses it refuses again; where it cannot be reached, or has too much to do, later it may not be so. */
static void deliver(struct outbox *outbox, const struct parcel *parcel) {
  struct fault fault = {0};
  int error = 0;
  for (unsigned try = 0; try < TRIES_MOST; try++) {
    if (try > 0 && !try_again_later(outbox, 1u << (try - 1))) break;
    error = post_send(outbox->post, parcel, &fault);
    say(outbox, error, &fault);
    if (!error) {
      serving_count(outbox->serving, SERVING_PUSHED, 1);
      return;
    }
    serving_count(outbox->serving, SERVING_PUSH_FAILED, 1);
    if (error != -EAGAIN) break;
  }
  serving_count(outbox->serving, SERVING_PUSH_DROPPED, 1);
}

/* False: it is closed meanwhile. */
static bool try_again_later(struct outbox *outbox, unsigned seconds) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += seconds;
  pthread_mutex_lock(&outbox->mutex);
  int error = 0;
  while (!outbox->is_closed && error != ETIMEDOUT)
    error = pthread_cond_timedwait(&outbox->changed, &outbox->mutex, &until);
  bool is_open = !outbox->is_closed;
  pthread_mutex_unlock(&outbox->mutex);
  return is_open;
}

/* When it begins to fail, and when that is over. */
static void say(struct outbox *outbox, int error, const struct fault *fault) {
  if (error && !outbox->is_failing) complain("--push", "%s; it is tried again", fault->words);
  if (!error && outbox->is_failing) complain("--push", "note: profiles arrive again");
  outbox->is_failing = error != 0;
}
