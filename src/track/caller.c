/*
 * caller.c: from an address to a module to a category.
 */
#include "track/caller.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "heap/heap.h"
#include "model/category.h"
#include "os/module.h"
#include "track/process.h"

#define MODULES_BITS 8
#define GOLDEN_RATIO UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / phi: spreads numbers that differ little */

/*
 * Modules seen, one word each, so that no reader sees half of one: a tag of module and generation above the
 * category's byte. (libc closes its own plugins, of iconv and NSS, without a dlclose that we could see: so the tag
 * is of more than the loader's handle, which is used again.) Relaxed: the word is all there is.
 */
static uint64_t modules[1 << MODULES_BITS];
static uint64_t generation;

struct caller_range caller_runtime, caller_shim;

static uint32_t category_of(const void *address, uint64_t now);
static uint32_t module_category(const struct module *module);
static void make_slow(struct record *record);

uint32_t caller_category(uintptr_t caller, struct record *record) {
  if (thread.scope) return thread.scope;
  uintptr_t asker = caller_asked(caller);
  struct caller *entry = &record->callers[asker / 16 % CALLERS]; /* see caller_entry */
  if (LIKELY(entry->address == asker && entry->category)) return (uint32_t)entry->category;
  uint64_t now = load_relaxed(&generation); /* a record of another generation does not keep the entry */
  uint32_t category = category_of((const void *)asker, now);
  if (record->tallies && record->generation == now)
    *entry = (struct caller){.address = asker,
                             .category = category,
                             .tally_at = category * (uint32_t)sizeof(struct ration_segment_tally)};
  return category;
}

static uint64_t module_tag(const void *address, uint64_t now) {
  return hash_word(module_mark(address) ^ now * GOLDEN_RATIO) & ~UINT64_C(0xff);
}

static uint32_t category_of(const void *address, uint64_t now) {
  uint64_t tag = module_tag(address, now);
  uint64_t *place = &modules[tag >> (64 - MODULES_BITS)];
  uint64_t word = load_relaxed(place);
  uint32_t category = (uint32_t)(word & 0xff);
  if (category && (word & ~UINT64_C(0xff)) == tag) return category;
  struct module module = {0};
  category = module_category(module_find(address, &module) == 0 ? &module : NULL);
  store_relaxed(place, tag | category);
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
  add_relaxed(&generation, 1);
  fence_full(); /* pairs with caller_bring_up_to_date */
  process_visit_records(make_slow);
}

static void make_slow(struct record *record) {
  store_relaxed(&record->fast_tallies, NULL); /* the fence orders it after the generation */
}

int caller_is_up_to_date(const struct record *record) {
  int has_fast_path = load_relaxed(&record->fast_tallies) != NULL || !heap_is_libc(); /* its owner asks */
  return has_fast_path && record->generation == load_relaxed(&generation);
}

/*
 *   dlclose:  generation + 1;  fence (A);  fast_tallies = NULL
 *   here:     fast_tallies = tallies;  fence (B);  generation?
 * A pairs with B: if dlclose's NULL comes before our store, its generation is seen by our last look.
 */
void caller_bring_up_to_date(struct record *record) {
  uint64_t now;
  do {
    now = load_relaxed(&generation);
    if (record->generation != now) memset(record->callers, 0, sizeof record->callers);
    record->generation = now;
    store_relaxed(&record->fast_tallies, heap_is_libc() ? record->tallies : NULL); /* see above */
    fence_full(); /* pairs with caller_forget_modules */
  } while (load_relaxed(&generation) != now);
}

void caller_set_shim(void) {
  struct module module;
  if (module_find(&caller_shim, &module) < 0) return;
  store_relaxed(&caller_shim.start, module.start);
  store_relaxed(&caller_shim.bytes, module.bytes);
}

void caller_add_to_runtime(const void *operator_new, size_t bytes) {
  uintptr_t start = (uintptr_t)operator_new, end = start + bytes;
  uintptr_t known = caller_runtime.start, known_end = known + caller_runtime.bytes; /* ours alone to write */
  if (caller_runtime.bytes && known < start) start = known;
  if (caller_runtime.bytes && known_end > end) end = known_end;
  store_relaxed(&caller_runtime.start, start);
  store_relaxed(&caller_runtime.bytes, end - start);
}
