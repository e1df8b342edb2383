/*
 * json.c: everything, as JSON.
 */
#include <errno.h>

#include "export/everything.h"

int export_json(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                struct fault *ret_fault) {
  struct emitter *emitter = emitter_new(true);
  if (!emitter) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = everything_emit(emitter, subject, wishes, ret_fault);
  if (!error && emitter_finish(emitter, to) != 0)
    error = fault_set(ret_fault, -ENOMEM, "not enough memory for all that it has");
  emitter_free(emitter);
  return error;
}
