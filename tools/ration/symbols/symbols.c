/*
 * symbols.c: the modules that were asked of, and the answers.
 */
#include "symbols/symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "symbols/module_symbols.h"
#include "symbols/perf_map.h"

struct known_module {
  const char *path;
  struct build_id build_id;
  struct module_symbols *symbols; /* NULL: nothing had to be looked up in it yet */
  UT_hash_handle hh;
};

struct address_key {
  struct known_module *module; /* NULL: none */
  uint64_t address;
};

struct known_address {
  struct address_key key;
  struct symbol_chain chain;
  UT_hash_handle hh;
};

struct symbols {
  struct debug_places places;
  uint32_t pid;
  bool has_map; /* it was looked for */
  struct perf_map map;
  struct known_module *modules;
  unsigned char *key; /* of the module that is being looked for */
  size_t key_room;
  struct known_address *addresses;
  struct store store;
};

static int find_module(struct symbols *symbols, const struct symbol_module *module,
                       struct known_module **ret_known);
static int write_key(struct symbols *symbols, const struct symbol_module *module, size_t *ret_bytes);
static int add_module(struct symbols *symbols, size_t path_bytes, size_t key_bytes,
                      struct known_module **ret_known);
static int add_address(struct symbols *symbols, const struct address_key *key,
                       const struct symbol_chain *chain);
static int look_up(struct symbols *symbols, const struct address_key *key, struct symbol_chain *ret_chain);
static int look_into_map(struct symbols *symbols, uint64_t address, struct symbol_chain *ret_chain);

struct symbols *symbols_open(const struct symbol_places *places) {
  struct symbols *symbols = calloc(1, sizeof *symbols);
  if (!symbols) return NULL;
  symbols->pid = places->pid;
  symbols->places = (struct debug_places){
      .sysroot = places->sysroot, .debug_dir = places->debug_dir, .servers = debuginfod_open()};
  return symbols;
}

void symbols_close(struct symbols *symbols) {
  if (!symbols) return;
  HASH_CLEAR(hh, symbols->addresses);
  for (struct known_module *module = symbols->modules; module; module = module->hh.next) {
    module_symbols_close(module->symbols);
  }
  HASH_CLEAR(hh, symbols->modules);
  debuginfod_close(symbols->places.servers);
  perf_map_free(&symbols->map);
  free(symbols->key);
  store_free(&symbols->store);
  free(symbols);
}

int symbols_find(struct symbols *symbols, const struct symbol_module *module, uint64_t return_address,
                 struct symbol_chain *ret_chain) {
  struct address_key key = {.address = return_address - 1};
  int error = module ? find_module(symbols, module, &key.module) : 0;
  if (error) return error;
  struct known_address *known;
  HASH_FIND(hh, symbols->addresses, &key, sizeof key, known);
  if (known) {
    *ret_chain = known->chain;
    return 0;
  }
  struct symbol_chain chain = {0};
  error = look_up(symbols, &key, &chain);
  if (error) return error;
  *ret_chain = chain;
  return add_address(symbols, &key, &chain);
}

int symbols_tell(struct symbols *symbols, const struct symbol_module *module, uint64_t return_address,
                 const struct symbol_chain *chain) {
  struct address_key key = {.address = return_address - 1};
  int error = module ? find_module(symbols, module, &key.module) : 0;
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
  return 0;
}

static int find_module(struct symbols *symbols, const struct symbol_module *module,
                       struct known_module **ret_known) {
  size_t bytes;
  int error = write_key(symbols, module, &bytes);
  if (error) return error;
  struct known_module *known;
  HASH_FIND(hh, symbols->modules, symbols->key, bytes, known);
  if (!known) error = add_module(symbols, strlen(module->path) + 1, bytes, &known);
  if (error) return error;
  *ret_known = known;
  return 0;
}

/* The path with its end, then the build-id. */
static int write_key(struct symbols *symbols, const struct symbol_module *module, size_t *ret_bytes) {
  size_t path_bytes = strlen(module->path) + 1, bytes = path_bytes + module->build_id_bytes;
  if (bytes > symbols->key_room) {
    unsigned char *key = realloc(symbols->key, bytes);
    if (!key) return -ENOMEM;
    symbols->key = key;
    symbols->key_room = bytes;
  }
  memcpy(symbols->key, module->path, path_bytes);
  if (module->build_id_bytes) memcpy(symbols->key + path_bytes, module->build_id, module->build_id_bytes);
  *ret_bytes = bytes;
  return 0;
}

static int add_module(struct symbols *symbols, size_t path_bytes, size_t key_bytes,
                      struct known_module **ret_known) {
  struct known_module *known = store_take(&symbols->store, sizeof *known);
  const char *key = store_text(&symbols->store, (const char *)symbols->key, key_bytes);
  if (!known || !key) return -ENOMEM;
  *known = (struct known_module){
      .path = key, .build_id = {(const unsigned char *)key + path_bytes, key_bytes - path_bytes}};
  HASH_ADD_KEYPTR(hh, symbols->modules, key, key_bytes, known);
  if (!known->hh.tbl) return -ENOMEM;
  *ret_known = known;
  return 0;
}

/* A module's files are opened when they are needed: a recording may know all that is asked. */
static int look_up(struct symbols *symbols, const struct address_key *key, struct symbol_chain *ret_chain) {
  struct known_module *module = key->module;
  if (!module) return look_into_map(symbols, key->address, ret_chain);
  int error = module->symbols ? 0
                              : module_symbols_open(&symbols->places, module->path, module->build_id,
                                                    &symbols->store, &module->symbols);
  return error ? error : module_symbols_find(module->symbols, key->address, ret_chain);
}

/* One that is not there, or that is not to be trusted, has no names. */
static int look_into_map(struct symbols *symbols, uint64_t address, struct symbol_chain *ret_chain) {
  if (!symbols->has_map && symbols->pid > 0) {
    perf_map_read(symbols->places.sysroot, symbols->pid, &symbols->map);
  }
  symbols->has_map = true;
  const char *name = perf_map_find(&symbols->map, address);
  if (!name) return 0;
  struct symbol_frame *frame = store_take(&symbols->store, sizeof *frame);
  if (!frame) return -ENOMEM;
  *frame = (struct symbol_frame){.function = name};
  *ret_chain = (struct symbol_chain){frame, 1};
  return 0;
}
