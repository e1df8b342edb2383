/*
 * code.c: from an address to its module and function, and on to rules and categories.
 *
 * Addresses are used again after dlclose, which raises a generation. libc closes its own plugins (iconv, NSS) without a
 * dlclose that we could see: so a tag is also of the module's handle, place and size (os/module.h: module_mark).
 */
#include "track/code.h"

#include "base/atomics.h"
#include "base/glob_list.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/category.h"
#include "os/module.h"
#include "os/unwind.h"
#include "track/caller.h"
#include "track/functions.h"
#include "track/happening.h"
#include "track/process.h"

#define GOLDEN_RATIO UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / phi: spreads numbers that differ little */

/* A word: tag | what is known. The tag's top bits are its place in the table. */
#define MODULES_BITS 8
#define CODES_BITS   12
static uint64_t modules[1 << MODULES_BITS]; /* tag | category */
static uint64_t codes[1 << CODES_BITS];     /* tag | known | wrapper | rule */
#define MODULE_MASK  UINT64_C(0xff)
#define CODE_RULE    UINT64_C(0xffff)
#define CODE_WRAPPER (UINT64_C(1) << 16)
#define CODE_KNOWN   (UINT64_C(1) << 17)
#define CODE_MASK    (CODE_RULE | CODE_WRAPPER | CODE_KNOWN)

static char executable_path[4096]; /* for globs with a '/' */

static uint64_t look_at(uintptr_t address, uint64_t mark);
static uint32_t module_category(const struct module *module);

void code_prepare(void) {
  if (rules_have(&rules, RATION_RULE_LIB)) process_executable(executable_path, sizeof executable_path);
  functions_prepare();
}

static uint64_t tag_of(uint64_t mark, uint64_t generation) {
  return hash_word(mark ^ generation * GOLDEN_RATIO);
}

struct code code_at(uintptr_t address, uint64_t generation) {
  uint64_t mark = module_mark((const void *)address);
  uint64_t tag = tag_of(hash_word(mark ^ address), generation) & ~CODE_MASK;
  uint64_t *place = &codes[tag >> (64 - CODES_BITS)];
  uint64_t word = load_relaxed(place);
  if (!(word & CODE_KNOWN) || (word & ~CODE_MASK) != tag) {
    word = tag | look_at(address, mark);
    store_relaxed(place, word);
  }
  return (struct code){.rule = (uint16_t)(word & CODE_RULE), .is_wrapper = (word & CODE_WRAPPER) != 0};
}

/* What `lib:` globs are compared with. */
static const char *name_of(const struct module *module) {
  if (module->is_executable) return identity.program;
  return module->soname ? module->soname : text_file_name(module->path);
}

static const char *path_of(const struct module *module) {
  return module->is_executable ? executable_path : module->path;
}

static uint64_t look_at(uintptr_t address, uint64_t mark) {
  struct module module;
  if (module_find((const void *)address, &module) < 0) return CODE_KNOWN | RULES_NONE;
  struct function_match function = functions_at(address, &module, mark);
  uint16_t rule = rules_of_module(&rules, name_of(&module), path_of(&module));
  if (function.rule < rule) rule = function.rule;
  int is_wrapper = function.is_wrapper || caller_is_in(address, &caller_shim) ||
                   glob_list_fits(settings.transparent, name_of(&module));
  if (unwind_way_now() == UNWIND_OFF) is_wrapper = 0; /* nobody can be found behind it */
  return CODE_KNOWN | (is_wrapper ? CODE_WRAPPER : 0) | rule;
}

uint32_t code_category(uintptr_t address, uint64_t generation) {
  uint64_t tag = tag_of(module_mark((const void *)address), generation) & ~MODULE_MASK;
  uint64_t *place = &modules[tag >> (64 - MODULES_BITS)];
  uint64_t word = load_relaxed(place);
  uint32_t category = (uint32_t)(word & MODULE_MASK);
  if (category && (word & ~MODULE_MASK) == tag) return category;
  struct module module;
  category = module_category(module_find((const void *)address, &module) == 0 ? &module : NULL);
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
    uint64_t origin = hash_bytes(module->path, text_length(module->path));
    result = category_add_module(&segment, "lib", name_of(module), origin, &id);
  }
  happening_note_categories();
  if (result == 0) return id;
  add_relaxed(&segment.header->categories_lost, 1); /* a sum */
  return RATION_CATEGORY_OTHER;
}
