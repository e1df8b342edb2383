/*
 * scope_api.c: the functions of ration/ration.h that open and close scopes.
 *
 * Each of the first tells the scope where its caller's frame ends, so that a longjmp over the scope can be seen later.
 */
#include <ration/ration.h>
#include <string.h>

#include "shim/surface.h"
#include "track/scope.h"

_Static_assert(sizeof(struct ration_scopes) == sizeof(struct scope_copy) &&
                   offsetof(struct ration_scopes, floor) == offsetof(struct scope_copy, floor) &&
                   offsetof(struct ration_scopes, categories) == offsetof(struct scope_copy, categories),
               "the public struct is the one that is filled");

/* Its frame: the word below what is its own, where the call has put the address that it returns to, else its own lowest. */
#if defined(__x86_64__)
#define SCOPE_CALL_PUSHES sizeof(void *)
#else
#define SCOPE_CALL_PUSHES 0
#endif
#define SCOPE_CALLER                                                                                         \
  ((struct scope_caller){.frame = (uintptr_t)__builtin_dwarf_cfa() - SCOPE_CALL_PUSHES, .address = CALLER})

/* Each begins a cache line: they are short, and called in pairs. */
#define SCOPE_EXPORT EXPORT __attribute__((aligned(64)))

SCOPE_EXPORT void ration_enter(ration_category_id category) {
  scope_open(category, SCOPE_CALLER);
}

SCOPE_EXPORT void ration_leave(void) {
  scope_close(SCOPE_CALLER);
}

SCOPE_EXPORT void ration_enter_at(ration_category_id category, const void *anchor) {
  scope_open_at(category, (uintptr_t)anchor, SCOPE_CALLER);
}

SCOPE_EXPORT void ration_leave_at(const void *anchor) {
  scope_close_at((uintptr_t)anchor, SCOPE_CALLER);
}

EXPORT void ration_scope_capture(struct ration_scopes *ret_scopes) {
  struct scope_copy copy;
  scope_capture(&copy);
  memcpy(ret_scopes, &copy, sizeof copy);
}

EXPORT void ration_scope_resume(const struct ration_scopes *scopes) {
  struct scope_copy copy;
  memcpy(&copy, scopes, sizeof copy);
  scope_resume(&copy);
}

EXPORT ration_category_id ration_current(void) {
  return thread.scope;
}
