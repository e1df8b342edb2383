/*
 * caller.c: from an address to a module to a category.
 */
#include "track/caller.h"

#include "base/hash.h"
#include "base/text.h"
#include "model/category.h"
#include "os/module.h"
#include "track/process.h"

#define MODULES_BITS 8

struct callers callers;

/*
 * Modules seen, one word each, so that no reader sees half of one: a tag of handle and generation above the
 * category's byte. Relaxed: the word is all there is.
 */
static uint64_t modules[1 << MODULES_BITS];
static uint64_t generation;

static uint64_t module_tag(const void *handle) {
  return hash_word((uint64_t)(uintptr_t)handle ^ load_relaxed(&callers.salt)) & ~UINT64_C(0xff);
}

static uint32_t module_category(const struct module *module);

SLOW_PATH uint32_t caller_look_up(uintptr_t address, struct record *record) {
  uint64_t key = caller_key(address);
  const void *handle = module_handle((const void *)address);
  uint64_t tag = module_tag(handle);
  uint64_t *place = &modules[tag >> (64 - MODULES_BITS)];
  uint64_t word = load_relaxed(place);
  uint32_t category = (uint32_t)(word & 0xff);
  if (!category || (word & ~UINT64_C(0xff)) != tag) {
    struct module module = {0};
    category = module_category(module_find((const void *)address, &module) == 0 ? &module : NULL);
    store_relaxed(place, tag | category);
  }
  if (record && record->tallies)
    *caller_entry(record, key) = (struct caller){.key = key, .category = category};
  return category;
}

/* Where there is no room for a further category: `other`, and counted. */
static uint32_t module_category(const struct module *module) {
  uint32_t id;
  int result;
  if (!module) {
    result = category_add(&segment, "anonymous", RATION_KIND_AUTOMATIC, &id);
  } else if (module->is_executable) {
    result = category_add_module(&segment, "bin", identity.program, 1, &id);
  } else {
    const char *name = module->soname ? module->soname : text_file_name(module->path);
    result =
        category_add_module(&segment, "lib", name, hash_bytes(module->path, text_length(module->path)), &id);
  }
  if (result == 0) return id;
  add_relaxed(&segment.header->categories_lost, 1); /* a sum */
  return RATION_CATEGORY_OTHER;
}

void caller_forget_modules(void) {
  uint64_t next = add_relaxed(&generation, 1) + 1; /* any value not used before will do */
  store_relaxed(&callers.salt, next * GOLDEN_RATIO);
}

void caller_set_runtime(const void *operator_new) {
  struct module module;
  if (module_find(operator_new, &module) < 0) return;
  store_relaxed(&callers.runtime_start, module.start); /* see caller_is_runtime */
  store_relaxed(&callers.runtime_bytes, module.bytes);
}
