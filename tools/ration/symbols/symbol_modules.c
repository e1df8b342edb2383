/*
 * symbol_modules.c: a module by its path and build-id, an answer by module and address.
 */
#include "symbols/symbol_modules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "symbols/module_symbols.h"

struct known_module {
  const char *path;
  struct build_id build_id;
  struct module_symbols *symbols; /* NULL: nothing had to be looked up in it yet */
  UT_hash_handle hh;
};

struct answer_key {
  struct known_module *module;
  uint64_t address;
};

struct answer {
  struct answer_key key;
  struct symbol_chain chain;
  UT_hash_handle hh;
};

struct symbol_modules {
  struct debuginfod *servers;
  struct known_module *known;
  unsigned char *key; /* of the module that is being looked for */
  size_t key_room;
  struct answer *answers;
  struct store store;
};

static int write_key(struct symbol_modules *modules, const struct symbol_module *module, size_t *ret_bytes);
static int add_module(struct symbol_modules *modules, size_t path_bytes, size_t key_bytes,
                      struct known_module **ret_known);
static int ask(struct symbol_modules *modules, const struct debug_places *places,
               const struct answer_key *key, struct symbol_chain *ret_chain);
static int keep(struct symbol_modules *modules, const struct answer_key *key,
                const struct symbol_chain *chain);

struct symbol_modules *symbol_modules_new(void) {
  struct symbol_modules *modules = calloc(1, sizeof *modules);
  if (modules) modules->servers = debuginfod_open();
  return modules;
}

void symbol_modules_free(struct symbol_modules *modules) {
  if (!modules) return;
  HASH_CLEAR(hh, modules->answers);
  for (struct known_module *module = modules->known; module; module = module->hh.next)
    module_symbols_close(module->symbols);
  HASH_CLEAR(hh, modules->known);
  debuginfod_close(modules->servers);
  free(modules->key);
  store_free(&modules->store);
  free(modules);
}

int symbol_modules_find(struct symbol_modules *modules, const struct symbol_module *module,
                        struct known_module **ret_known) {
  size_t bytes;
  int error = write_key(modules, module, &bytes);
  if (error) return error;
  struct known_module *known;
  HASH_FIND(hh, modules->known, modules->key, bytes, known);
  if (!known) error = add_module(modules, strlen(module->path) + 1, bytes, &known);
  if (error) return error;
  *ret_known = known;
  return 0;
}

int symbol_modules_look_up(struct symbol_modules *modules, const struct debug_places *places,
                           struct known_module *module, uint64_t address, struct symbol_chain *ret_chain) {
  struct answer_key key = {.module = module, .address = address};
  struct answer *answer;
  HASH_FIND(hh, modules->answers, &key, sizeof key, answer);
  if (answer) {
    *ret_chain = answer->chain;
    return 0;
  }
  struct symbol_chain chain = {0};
  int error = ask(modules, places, &key, &chain);
  if (!error) error = keep(modules, &key, &chain);
  if (error) return error;
  *ret_chain = chain;
  return 0;
}

/* The path with its end, then the build-id. */
static int write_key(struct symbol_modules *modules, const struct symbol_module *module, size_t *ret_bytes) {
  size_t path_bytes = strlen(module->path) + 1, bytes = path_bytes + module->build_id_bytes;
  if (bytes > modules->key_room) {
    unsigned char *key = realloc(modules->key, bytes);
    if (!key) return -ENOMEM;
    modules->key = key;
    modules->key_room = bytes;
  }
  memcpy(modules->key, module->path, path_bytes);
  if (module->build_id_bytes) memcpy(modules->key + path_bytes, module->build_id, module->build_id_bytes);
  *ret_bytes = bytes;
  return 0;
}

static int add_module(struct symbol_modules *modules, size_t path_bytes, size_t key_bytes,
                      struct known_module **ret_known) {
  struct known_module *known = store_take(&modules->store, sizeof *known);
  const char *key = store_text(&modules->store, (const char *)modules->key, key_bytes);
  if (!known || !key) return -ENOMEM;
  *known = (struct known_module){
      .path = key, .build_id = {(const unsigned char *)key + path_bytes, key_bytes - path_bytes}};
  HASH_ADD_KEYPTR(hh, modules->known, key, key_bytes, known);
  if (!known->hh.tbl) return -ENOMEM;
  *ret_known = known;
  return 0;
}

/* A module's files are opened when they are needed: a recording may know all that is asked. */
static int ask(struct symbol_modules *modules, const struct debug_places *places,
               const struct answer_key *key, struct symbol_chain *ret_chain) {
  struct known_module *module = key->module;
  struct debug_places all = *places;
  all.servers = modules->servers;
  int error = module->symbols ? 0
                              : module_symbols_open(&all, module->path, module->build_id, &modules->store,
                                                    &module->symbols);
  return error ? error : module_symbols_find(module->symbols, key->address, ret_chain);
}

static int keep(struct symbol_modules *modules, const struct answer_key *key,
                const struct symbol_chain *chain) {
  struct answer *answer = store_take(&modules->store, sizeof *answer);
  if (!answer) return -ENOMEM;
  *answer = (struct answer){.key = *key, .chain = *chain};
  HASH_ADD(hh, modules->answers, key, sizeof answer->key, answer);
  return answer->hh.tbl ? 0 : -ENOMEM;
}
