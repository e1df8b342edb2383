/*
 * progress.h: one line on stderr, if that is a terminal, for what takes over a second: what is done, and how far it is.
 *
 * It is drawn by a thread of its own, so that a single long step shows, too; and erased at the end, so that what was said
 * meanwhile or is said then does not stand beside it. Of one that goes on within another nothing is shown: what is long
 * then is the outer one.
 */
#ifndef RATION_TOOL_VIEW_PROGRESS_H
#define RATION_TOOL_VIEW_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
  const char *what; /* "reading symbols"; must live as long */
  uint64_t done;
  uint64_t whole; /* 0: nobody knows */
  bool is_on;
  bool is_over;
  bool is_drawn;
  pthread_t thread;
  pthread_mutex_t mutex; /* over all of these while the thread runs */
  pthread_cond_t changed;
};

/* Where there is no terminal, or no thread to be had, nothing is shown. */
void progress_begin(struct progress *progress, const char *what, uint64_t whole);

/* So much is done; more than the whole: then nobody knows. */
void progress_step(struct progress *progress, uint64_t done);

/* The same of a whole that was not known at the beginning. */
void progress_step_of(struct progress *progress, uint64_t done, uint64_t whole);

void progress_end(struct progress *progress);

/* From now on nothing is shown at all: more than one thread may have something to tell. */
void progress_forbid(void);

#endif
