/*
 * symbols.c: what was told, else what modules say, or the map of a runtime.
 */
#include "symbols/symbols.h"

#include <errno.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "symbols/perf_map.h"
#include "symbols/store.h"
#include "symbols/symbol_modules.h"

struct address_key {
  struct known_module *module; /* NULL: none */
  uint64_t address;
};

/* What was told, or found in the map. */
struct known_address {
  struct address_key key;
  struct symbol_chain chain;
  UT_hash_handle hh;
};

struct symbols {
  struct debug_places places;
  uint32_t pid;
  bool has_map; /* it was looked for */
  bool has_own_modules;
  struct perf_map map;
  struct symbol_modules *modules;
  struct known_address *addresses;
  struct store store;
};

static int add_address(struct symbols *symbols, const struct address_key *key,
                       const struct symbol_chain *chain);
static int look_into_map(struct symbols *symbols, const struct address_key *key,
                         struct symbol_chain *ret_chain);

struct symbols *symbols_open(const struct symbol_places *places) {
  struct symbols *symbols = calloc(1, sizeof *symbols);
  if (!symbols) return NULL;
  symbols->pid = places->pid;
  symbols->places = (struct debug_places){.sysroot = places->sysroot, .debug_dir = places->debug_dir};
  symbols->has_own_modules = !places->shared;
  symbols->modules = places->shared ? places->shared : symbol_modules_new();
  if (symbols->modules) return symbols;
  symbols_close(symbols);
  return NULL;
}

void symbols_close(struct symbols *symbols) {
  if (!symbols) return;
  HASH_CLEAR(hh, symbols->addresses);
  if (symbols->has_own_modules) symbol_modules_free(symbols->modules);
  perf_map_free(&symbols->map);
  store_free(&symbols->store);
  free(symbols);
}

int symbols_find(struct symbols *symbols, const struct symbol_module *module, uint64_t return_address,
                 struct symbol_chain *ret_chain) {
  struct address_key key = {.address = return_address - 1};
  int error = module ? symbol_modules_find(symbols->modules, module, &key.module) : 0;
  if (error) return error;
  struct known_address *known;
  HASH_FIND(hh, symbols->addresses, &key, sizeof key, known);
  if (known) {
    *ret_chain = known->chain;
    return 0;
  }
  if (!key.module) return look_into_map(symbols, &key, ret_chain);
  return symbol_modules_look_up(symbols->modules, &symbols->places, key.module, key.address, ret_chain);
}

int symbols_tell(struct symbols *symbols, const struct symbol_module *module, uint64_t return_address,
                 const struct symbol_chain *chain) {
  struct address_key key = {.address = return_address - 1};
  int error = module ? symbol_modules_find(symbols->modules, module, &key.module) : 0;
  if (error) return error;
  struct known_address *known;
  HASH_FIND(hh, symbols->addresses, &key, sizeof key, known);
  if (!known) return add_address(symbols, &key, chain);
  known->chain = *chain;
  return 0;
}

static int add_address(struct symbols *symbols, const struct address_key *key,
                       const struct symbol_chain *chain) {
  struct known_address *known = store_take(&symbols->store, sizeof *known);
  if (!known) return -ENOMEM;
  *known = (struct known_address){.key = *key, .chain = *chain};
  HASH_ADD(hh, symbols->addresses, key, sizeof known->key, known);
  return known->hh.tbl ? 0 : -ENOMEM;
}

/* One that is not there, or that is not to be trusted, has no names. */
static int look_into_map(struct symbols *symbols, const struct address_key *key,
                         struct symbol_chain *ret_chain) {
  if (!symbols->has_map && symbols->pid > 0) {
    perf_map_read(symbols->places.sysroot, symbols->pid, &symbols->map);
  }
  symbols->has_map = true;
  const char *name = perf_map_find(&symbols->map, key->address);
  struct symbol_chain chain = {0};
  if (name) {
    struct symbol_frame *frame = store_take(&symbols->store, sizeof *frame);
    if (!frame) return -ENOMEM;
    *frame = (struct symbol_frame){.function = name};
    chain = (struct symbol_chain){frame, 1};
  }
  *ret_chain = chain;
  return add_address(symbols, key, &chain);
}
