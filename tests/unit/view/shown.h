/*
 * shown.h: what a view shows, in text or in JSON, for the tests of views.
 *
 *   struct shown shown;
 *   size_view_tables(shown_begin(&shown, is_json), ...);
 *   char *text = shown_end(&shown);
 */
#ifndef RATION_TESTS_VIEW_SHOWN_H
#define RATION_TESTS_VIEW_SHOWN_H

#include <jansson.h>
#include <stdio.h>

#include "view/emitter.h"

struct shown {
  struct emitter *emitter;
  FILE *to;
  char *text;
  size_t size;
};

/* The emitter to show it by. */
struct emitter *shown_begin(struct shown *shown, bool is_json);

/* What came, to be freed. */
char *shown_end(struct shown *shown);

/* Tests of a text, which they free. */
void shown_is(char *text, const char *expected);
void shown_has(char *text, const char *words);
void shown_lacks(char *text, const char *words);

/* The root of JSON, to be given back by json_decref; frees the text. */
json_t *shown_root(char *text);

/* The one process of a report; *ret_root is the report's root. */
json_t *shown_process(char *text, json_t **ret_root);

/* Tests of a field. */
void shown_number_is(const json_t *object, const char *key, double expected);

#endif
