/*
 * json.c: everything, as JSON.
 */
#include "export/everything.h"

int export_json(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                struct fault *ret_fault) {
  return everything_write(to, subject, wishes, EVERYTHING, ret_fault);
}
