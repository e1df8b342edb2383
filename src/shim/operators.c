/*
 * operators.c: looking up operator new and delete.
 */
#include "shim/operators.h"

#include <stddef.h>

#include "base/atomics.h"
#include "os/module.h"
#include "os/next.h"
#include "track/caller.h"
#include "track/thread.h"

#define DEFINITION(name, count, aligned) [OPERATOR##name] = {.words = count, .is_aligned = aligned},
#define NAME(name, count, aligned)       [OPERATOR##name] = #name,

static struct operator_definition definitions[OPERATOR_COUNT] = {OPERATORS_NEW(DEFINITION)
                                                                     OPERATORS_DELETE(DEFINITION)};
static const char *const names[OPERATOR_COUNT] = {OPERATORS_NEW(NAME) OPERATORS_DELETE(NAME)};

struct operator_definition operators_definition(enum operator_variant variant) {
  struct operator_definition definition = definitions[variant];
  definition.function = load_acquire(&definitions[variant].function); /* pairs with operators_find */
  return definition;
}

/* Where both the allocator and the runtime have an operator new, what either calls is their caller's. */
static void find_news(struct operator_definition *definition, const char *name, const void *found) {
  caller_add_to_runtime(&caller_runtime, found, next_function_bytes(found));
  if (!definition->is_allocators) return;
  definition->runtimes = next_find_after(found, name);
  if (!definition->runtimes) return;
  caller_add_to_runtime(&caller_second_runtime, definition->runtimes,
                        next_function_bytes(definition->runtimes));
}

void operators_find(void) {
  struct record *record = thread_go_inside();
  const void *allocators_module = module_handle(next_find("malloc"));
  caller_set_shim();
  for (size_t i = 0; i < OPERATOR_COUNT; i++) {
    void *found = next_find(names[i]);
    if (!found) continue;
    definitions[i].is_allocators = module_handle(found) == allocators_module;
    if (i < OPERATOR_FIRST_DELETE) find_news(&definitions[i], names[i], found);
    store_release(&definitions[i].function, found); /* pairs with operators_definition */
  }
  next_forget_error();
  thread_come_out(record);
}

struct operator_definition operators_find_late(enum operator_variant variant, uintptr_t caller) {
  struct operator_definition definition = definitions[variant];
  struct record *record = thread_go_inside();
  definition.function = next_find_in_runtime(names[variant]);
  if (!definition.function) definition.function = next_find_in_module((const void *)caller, names[variant]);
  thread_come_out(record);
  return definition;
}
