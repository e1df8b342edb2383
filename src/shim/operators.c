/*
 * operators.c: where the next definitions are looked for, in this order:
 *
 *   link order              as for every C++ program; found at the start, and good for ever
 *   a C++ runtime           that a dlopen has brought into no global scope; it is kept loaded from then on
 *   the caller's own module where a plugin has its runtime linked into it: good for that caller, until a dlclose
 */
#include "shim/operators.h"

#include <stddef.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "os/module.h"
#include "os/next.h"
#include "track/caller.h"
#include "track/thread.h"

struct variant {
  const char *name;
  unsigned words;
  int is_aligned;
  int is_allocators;  /* settled before `function` is stored */
  void *function;     /* NULL: none in link order, nor in a runtime, so far */
  const void *module; /* a caller's own module that has one; NULL: none known */
  void *of_module;    /* its definition; settled before `module` is stored */
};

#define VARIANT(mangled, count, aligned)                                                                     \
  [OPERATOR##mangled] = {.name = #mangled, .words = count, .is_aligned = aligned},
static struct variant variants[OPERATOR_COUNT] = {OPERATORS_NEW(VARIANT) OPERATORS_DELETE(VARIANT)};

static SLOW_PATH struct operator_definition look_up(struct variant *variant, uintptr_t caller);

static struct operator_definition definition_of(const struct variant *variant, void *function) {
  return (struct operator_definition){.function = function,
                                      .words = variant->words,
                                      .is_aligned = variant->is_aligned,
                                      .is_allocators = function && variant->is_allocators};
}

struct operator_definition operators_definition(enum operator_variant variant, uintptr_t caller) {
  struct variant *wanted = &variants[variant];
  void *function = load_acquire(&wanted->function); /* pairs with keep */
  return LIKELY(function != NULL) ? definition_of(wanted, function) : look_up(wanted, caller);
}

static void keep(struct variant *variant, void *found, const void *allocators_module) {
  if (!found) return;
  variant->is_allocators = module_handle(found) == allocators_module;
  caller_set_runtime(found);
  store_release(&variant->function, found); /* pairs with operators_definition */
}

void operators_find(void) {
  struct record *record = thread_go_inside();
  const void *allocators_module = module_handle(next_find("malloc"));
  for (size_t i = 0; i < OPERATOR_COUNT; i++)
    if (!load_acquire(&variants[i].function)) /* pairs with keep */
      keep(&variants[i], next_find(variants[i].name), allocators_module);
  next_forget_error();
  thread_come_out(record);
}

/* What is known of the caller's own module. */
static void *known_in_module(const struct variant *variant, const void *module) {
  const void *known = load_acquire(&variant->module); /* pairs with find_in_module */
  void *found = load_acquire(&variant->of_module);    /* likewise; true to `module` if that has not changed */
  return known && known == module && load_relaxed(&variant->module) == known ? found : NULL;
}

static void *find_in_module(struct variant *variant, uintptr_t caller) {
  void *found = next_find_in_module((const void *)caller, variant->name);
  if (!found) return NULL;
  store_release(&variant->module, NULL); /* pairs with known_in_module: no module with another's function */
  store_release(&variant->of_module, found);                            /* likewise */
  store_release(&variant->module, module_handle((const void *)caller)); /* likewise */
  return found;
}

static SLOW_PATH struct operator_definition look_up(struct variant *variant, uintptr_t caller) {
  void *found = known_in_module(variant, module_handle((const void *)caller));
  if (found) return definition_of(variant, found);
  struct record *record = thread_go_inside();
  found = next_find(variant->name);
  if (!found) found = next_find_in_runtime(variant->name);
  keep(variant, found, module_handle(next_find("malloc")));
  if (!found) found = find_in_module(variant, caller);
  thread_come_out(record);
  return definition_of(variant, found);
}

void operators_forget_modules(void) {
  for (size_t i = 0; i < OPERATOR_COUNT; i++)
    store_release(&variants[i].module, NULL); /* pairs with known_in_module */
}
