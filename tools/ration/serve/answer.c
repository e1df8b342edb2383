/*
 * answer.c: bodies in memory, and words for what went wrong.
 */
#include "serve/answer.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "view/escape.h"

#define WORDS_BYTES 1024

static unsigned status_of(int error);

int answer_begin(struct answer_body *ret_body, struct fault *ret_fault) {
  *ret_body = (struct answer_body){.bytes = NULL};
  ret_body->to = open_memstream(&ret_body->bytes, &ret_body->size);
  if (!ret_body->to) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  __fsetlocking(ret_body->to, FSETLOCKING_BYCALLER); /* one thread writes it, bit by bit */
  return 0;
}

void answer_end(struct answer_body *body, int error, const struct fault *fault, const char *type,
                struct answer *ret_answer) {
  bool is_whole = body->to && !ferror(body->to);
  if (body->to) is_whole = fclose(body->to) == 0 && is_whole;
  if (!error && is_whole) {
    *ret_answer = (struct answer){.status = 200, .type = type, .bytes = body->bytes, .size = body->size};
    return;
  }
  free(body->bytes);
  unsigned status = error ? status_of(error) : 503;
  const char *words = error ? fault->words : "not enough memory";
  if (strcmp(type, ANSWER_JSON) == 0)
    answer_error(ret_answer, status, words);
  else
    answer_words(ret_answer, status, words);
}

void answer_words(struct answer *ret_answer, unsigned status, const char *words) {
  char safe[WORDS_BYTES], *line = NULL;
  escape_words(words, safe, sizeof safe);
  int length = asprintf(&line, "%s\n", safe);
  if (length < 0) line = NULL;
  *ret_answer = (struct answer){
      .status = status, .type = ANSWER_TEXT, .bytes = line, .size = line ? (size_t)length : 0};
}

void answer_error(struct answer *ret_answer, unsigned status, const char *words) {
  char safe[WORDS_BYTES];
  escape_words(words, safe, sizeof safe);
  json_t *object = json_pack("{s:s}", "error", safe);
  char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
  json_decref(object);
  *ret_answer =
      (struct answer){.status = status, .type = ANSWER_JSON, .bytes = text, .size = text ? strlen(text) : 0};
}

/* A process that is not there, or has gone while it was looked at, against what is amiss here. */
static unsigned status_of(int error) {
  switch (error) {
  case -ENOENT:
  case -ESRCH:
    return 404;
  case -ERANGE:
    return 400;
  case -ENOMEM:
    return 503;
  default:
    return 500;
  }
}
