/*
 * textfile.c: the collector reads the older format, and whatever ends in .prom, as it stands.
 */
#include "serve/textfile.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "serve/scrape.h"
#include "view/output.h"

int textfile_write(const char *folder, struct serving *serving, struct fault *ret_fault) {
  char path[PATH_MAX];
  struct output output;
  int length = snprintf(path, sizeof path, "%s/" TEXTFILE_NAME, folder);
  if (length < 0 || (size_t)length >= sizeof path)
    return fault_set(ret_fault, -ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
  if (output_begin(&output) != 0) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = scrape_write(output.to, serving, METRIC_TEXT, ret_fault);
  int of_output = output_end(&output, path, !error);
  if (error || !of_output) return error;
  return fault_set(ret_fault, of_output, TEXTFILE_NAME " cannot be written: %s", strerror(-of_output));
}
