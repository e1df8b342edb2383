/*
 * textfile.c: the collector reads the older format, and whatever ends in .prom, as it stands.
 */
#include "serve/textfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "serve/scrape.h"
#include "view/output.h"

static int write_text(const char *path, const struct metric_text *text, struct fault *ret_fault);

int textfile_write(const char *folder, struct serving *serving, struct fault *ret_fault) {
  char path[PATH_MAX];
  struct metric_text text = {.bytes = NULL};
  int length = snprintf(path, sizeof path, "%s/" TEXTFILE_NAME, folder);
  if (length < 0 || (size_t)length >= sizeof path)
    return fault_set(ret_fault, -ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
  int error = scrape_write(serving, METRIC_TEXT, &text, ret_fault);
  if (!error) error = write_text(path, &text, ret_fault);
  metric_text_free(&text);
  return error;
}

static int write_text(const char *path, const struct metric_text *text, struct fault *ret_fault) {
  struct output output;
  if (output_begin(&output) != 0) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  fwrite(text->bytes, 1, text->used, output.to);
  int error = output_end(&output, path, true);
  return error ? fault_set(ret_fault, error, TEXTFILE_NAME " cannot be written: %s", strerror(-error)) : 0;
}
