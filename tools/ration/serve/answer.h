/*
 * answer.h: what one request gets: a status, and the bytes of a body that are made whole before any of them is sent.
 */
#ifndef RATION_TOOL_SERVE_ANSWER_H
#define RATION_TOOL_SERVE_ANSWER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "export/metric.h"
#include "reader/fault.h"

/* What a request asks for. */
#define QUESTION_PROGRAM_BYTES 256
struct question {
  uint32_t pid;                         /* 0: none was named */
  char program[QUESTION_PROGRAM_BYTES]; /* empty: none */
  double since_seconds;                 /* of a timeline; 0: all of it */
  enum metric_dialect dialect;
};

struct answer {
  unsigned status; /* of HTTP */
  const char *type;
  char *bytes; /* allocated; NULL: no memory for any */
  size_t size;
};

/* Bodies grow in memory: FILE is to be written to between these two. On the one hand what was written, on the other, where
 * there was an error, its words. */
struct answer_body {
  FILE *to;
  char *bytes;
  size_t size;
};
int answer_begin(struct answer_body *ret_body, struct fault *ret_fault);
void answer_end(struct answer_body *body, int error, const struct fault *fault, const char *type,
                struct answer *ret_answer);

/* One line of words, as text. */
void answer_words(struct answer *ret_answer, unsigned status, const char *words);

/* The same as {"error": words}. */
void answer_error(struct answer *ret_answer, unsigned status, const char *words);

#define ANSWER_TEXT "text/plain; charset=utf-8"
#define ANSWER_HTML "text/html; charset=utf-8"
#define ANSWER_JSON "application/json"

/* Where something is to be found: its path, and what makes the answer. Of a process the path has its pid: ".../PID/...". */
struct serving;
typedef void answer_maker(struct serving *serving, const struct question *question,
                          struct answer *ret_answer);

answer_maker metrics_answer, processes_answer, process_answer, timeline_answer, sites_answer, profile_answer,
    profile_index_answer, page_answer;

#endif
