/*
 * shown.c: see shown.h.
 */
#include "view/shown.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct emitter *shown_begin(struct shown *shown, bool is_json) {
  shown->to = open_memstream(&shown->text, &shown->size);
  shown->emitter = emitter_new(is_json);
  return shown->emitter;
}

char *shown_end(struct shown *shown) {
  cr_assert_eq(emitter_finish(shown->emitter, shown->to), 0);
  emitter_free(shown->emitter);
  fclose(shown->to);
  return shown->text;
}

void shown_is(char *text, const char *expected) {
  cr_expect_str_eq(text, expected, "expected:\n%s\ngot:\n%s", expected, text);
  free(text);
}

void shown_has(char *text, const char *words) {
  cr_expect(strstr(text, words), "%s is not in:\n%s", words, text);
  free(text);
}

void shown_lacks(char *text, const char *words) {
  cr_expect_not(strstr(text, words), "%s is in:\n%s", words, text);
  free(text);
}

json_t *shown_root(char *text) {
  json_t *root = json_loads(text, 0, NULL);
  cr_assert(root, "no JSON:\n%s", text);
  free(text);
  return root;
}

json_t *shown_process(char *text, json_t **ret_root) {
  *ret_root = shown_root(text);
  return json_array_get(json_object_get(*ret_root, "processes"), 0);
}

void shown_number_is(const json_t *object, const char *key, double expected) {
  const json_t *value = json_object_get(object, key);
  cr_assert(json_is_number(value), "%s", key);
  cr_assert_eq(json_number_value(value), expected, "%s: %f", key, json_number_value(value));
}
