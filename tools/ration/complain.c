/*
 * complain.c: one line on stderr, in one write, whatever bytes the name holds.
 */
#include "complain.h"

#include <stdarg.h>
#include <stdio.h>

#include "view/escape.h"

void complain(const char *name, const char *format, ...) {
  char words[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);

  char safe_name[512];
  char safe_words[2048];
  escape(name, safe_name, sizeof safe_name);
  escape_words(words, safe_words, sizeof safe_words);
  fprintf(stderr, "ration: %s: %s\n", safe_name, safe_words);
}

void complain_at(const char *file, unsigned line, const char *words) {
  char place[512];
  snprintf(place, sizeof place, "%s:%u", file, line);
  complain(place, "%s", words);
}
