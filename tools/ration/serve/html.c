/*
 * html.c: see html.h.
 */
#include "serve/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "view/escape.h"

#define SAFE_BYTES 2048

void html_text(FILE *to, const char *bytes) {
  char safe[SAFE_BYTES];
  escape(bytes, safe, sizeof safe);
  for (const char *at = safe; *at; at++) {
    if (strchr("&<>\"'", *at))
      fprintf(to, "&#%d;", *at);
    else
      fputc(*at, to);
  }
}

void html_query(FILE *to, const char *bytes) {
  for (const unsigned char *at = (const unsigned char *)bytes; *at; at++) {
    bool is_plain = *at < 0x80 && (isalnum(*at) || strchr("-._~", *at));
    fprintf(to, is_plain ? "%c" : "%%%02X", *at);
  }
}
