/*
 * site_reader.h: the sites of a category, read and named by a thread of its own: a program's symbols may take seconds, and
 * longer where a server is asked for them.
 *
 * One question at a time: a new one takes the place of one that waits.
 */
#ifndef RATION_TOOL_TOP_SITE_READER_H
#define RATION_TOOL_TOP_SITE_READER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "reader/snapshot.h"
#include "sites/interval.h"

#define SITE_LINES_MOST  64
#define SITE_LINE_FRAMES 24 /* of a stack */
#define SITE_CALLS_BYTES 2048

struct site_question {
  char path[PATH_MAX]; /* of the segment */
  bool is_memfd;
  struct place_name name; /* of the process */
  uint32_t id;            /* of the category, with those below it */
};

struct site_line {
  double live_bytes;
  struct interval live;
  double live_blocks;
  char category[RATION_CATEGORY_NAME_BYTES];
  char calls[SITE_CALLS_BYTES]; /* functions, the innermost first, a line each; escaped */
};

struct site_answer {
  struct site_question question;
  struct fault fault; /* why there is none; else no words */
  size_t count;
  struct site_line *line; /* by live bytes, those that have any; allocated */
  size_t others;          /* more sites that have any */
  double live_bytes;      /* of all */
  uint64_t samples;
  uint64_t sample_mean;
};

struct site_reader;

/* Returns 0; -ENOMEM; or what eventfd(2) and pthread_create(3) return. */
int site_reader_begin(struct site_reader **ret_reader);

/* Does not wait for an answer that takes long: what belongs to it is left, for the process is about to end. */
void site_reader_end(struct site_reader *reader);

/* A descriptor that can be read when there is an answer. */
int site_reader_fd(const struct site_reader *reader);

void site_reader_ask(struct site_reader *reader, const struct site_question *question);

/* Gives the newest answer, to be freed by site_answer_free(). False: there is no new one. */
bool site_reader_take(struct site_reader *reader, struct site_answer *ret_answer);
void site_answer_free(struct site_answer *answer);

bool site_question_is_same(const struct site_question *a, const struct site_question *b);

#endif
