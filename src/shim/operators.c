/*
 * operators.c: looking up operator new and delete.
 */
#include "shim/operators.h"

#include <stddef.h>

#include "base/atomics.h"
#include "base/text.h"
#include "os/module.h"
#include "os/next.h"
#include "track/caller.h"
#include "track/thread.h"

#define DEFINITION(name, count, aligned) [OPERATOR##name] = {.words = count, .is_aligned = aligned},
#define NAME(name, count, aligned)       [OPERATOR##name] = #name,

static struct operator_definition definitions[OPERATOR_COUNT] = {OPERATORS_NEW(DEFINITION)
                                                                     OPERATORS_DELETE(DEFINITION)};
static const char *const names[OPERATOR_COUNT] = {OPERATORS_NEW(NAME) OPERATORS_DELETE(NAME)};

uint32_t operators_plain = 0;

struct operator_definition operators_definition(enum operator_variant variant) {
  struct operator_definition definition = definitions[variant];
  definition.function = load_acquire(&definitions[variant].function); /* pairs with operators_find */
  return definition;
}

static int is_of_runtime(const void *function) {
  static const char *const runtimes[] = {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"};
  struct module module;
  if (module_find(function, &module) < 0 || !module.soname) return 0;
  for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
    if (text_is_equal(module.soname, runtimes[i])) return 1;
  return 0;
}

/* Where both the allocator and the runtime have an operator new, what either calls is their caller's. */
static void find_news(struct operator_definition *definition, const char *name, const void *found) {
  caller_add_to_runtime(&caller_runtime, found, next_function_bytes(found));
  if (!definition->is_allocators) return;
  definition->runtimes = next_find_after(found, name);
  if (definition->runtimes && !is_of_runtime(definition->runtimes)) definition->runtimes = NULL;
  if (!definition->runtimes) return;
  caller_add_to_runtime(&caller_second_runtime, definition->runtimes,
                        next_function_bytes(definition->runtimes));
}

void operators_find(void) {
  struct record *record = thread_go_inside();
  const void *allocators_module = module_handle(next_find("malloc"));
  uint32_t plain = 1;
  caller_set_shim();
  for (size_t i = 0; i < OPERATOR_COUNT; i++) {
    void *found = next_find(names[i]);
    if (!found) continue;
    plain &= (uint32_t)is_of_runtime(found);
    definitions[i].is_allocators = module_handle(found) == allocators_module;
    if (i < OPERATOR_FIRST_DELETE) find_news(&definitions[i], names[i], found);
    store_release(&definitions[i].function, found); /* pairs with operators_definition */
  }
  store_relaxed(&operators_plain, plain);
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
