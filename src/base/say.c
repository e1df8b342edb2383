/*
 * say.c: one line on stderr. No stdio, which may allocate; one write, so that lines do not mingle.
 */
#include "base/say.h"

#include <errno.h>
#include <unistd.h>

#include "base/text.h"

void say(const char *words) {
  char line[512];
  int kept_errno = errno;
  struct text text = text_in(line, sizeof line - 1); /* room is left for the newline */
  text_add(&text, "ration: ");
  text_add(&text, words);
  line[text.used++] = '\n';
  /* Nobody is left to be told when stderr itself fails. */
  ssize_t written = write(STDERR_FILENO, line, text.used);
  (void)written;
  errno = kept_errno;
}
