/*
 * fit.c: see fit.h.
 */
#include "common/fit.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/escape.h"

static void refuse(const char *why, const char *bytes, size_t size) {
  fprintf(stderr, "unfit: %s\n%.*s\n", why, (int)(size < 2000 ? size : 2000), bytes);
  abort();
}

/* Words may be of bytes that were read: complain() escapes them, so that any may stand there, but not none. */
void fit_fault(const struct fault *fault) {
  if (!fault->words[0]) refuse("a failure without words", "", 0);
}

void fit_json(const char *bytes, size_t size) {
  json_error_t error;
  json_t *json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
  if (!json) refuse(error.text, bytes, size);
  json_decref(json);
}

void fit_text(const char *bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    size_t plain = escape_plain(bytes + at, size - at);
    bool is_sign = bytes[at] == '\n' || bytes[at] == '\t' || bytes[at] == '\\' || bytes[at] == '\r';
    if (plain == 0 && !is_sign) refuse("a control byte", bytes + at, size - at);
    at += plain ? plain : 1;
  }
}
