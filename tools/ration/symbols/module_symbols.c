/*
 * module_symbols.c: the files are found once, when the module is opened; each gives what the ones before lack.
 */
#include "symbols/module_symbols.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "symbols/demangle.h"
#include "symbols/inline_chain.h"
#include "symbols/mini_debug.h"
#include "symbols/symbol_table.h"

struct module_symbols {
  struct object_file *file;  /* its own; NULL: gone, or another by now */
  struct object_file *debug; /* NULL: none, or not needed */
  struct object_file *mini;  /* NULL: none, or not needed */
  struct debug_info *info;   /* NULL: none */
  struct function_names names;
  struct symbol_table table;
  struct store *store;
};

static int open_files(const struct debug_places *places, const char *path, struct build_id build_id,
                      struct module_symbols *symbols);
static struct object_file *open_own(const struct debug_places *places, const char *path,
                                    struct build_id build_id);
static int open_info(const struct debug_places *places, const struct object_file *file,
                     struct module_symbols *symbols);
static int fill_table(struct module_symbols *symbols);
static const char *symbol_at(const struct module_symbols *symbols, uint64_t address);

int module_symbols_open(const struct debug_places *places, const char *path, struct build_id build_id,
                        struct store *store, struct module_symbols **ret_symbols) {
  struct module_symbols *symbols = calloc(1, sizeof *symbols);
  if (!symbols) return -ENOMEM;
  symbols->store = symbols->names.store = store;
  int error = open_files(places, path, build_id, symbols);
  if (!error) error = fill_table(symbols);
  object_file_release(symbols->file);
  object_file_release(symbols->debug);
  if (error) {
    module_symbols_close(symbols);
    return error;
  }
  *ret_symbols = symbols;
  return 0;
}

void module_symbols_close(struct module_symbols *symbols) {
  if (!symbols) return;
  function_names_free(&symbols->names);
  symbol_table_free(&symbols->table);
  debug_info_close(symbols->info);
  object_file_close(symbols->mini);
  object_file_close(symbols->debug);
  object_file_close(symbols->file);
  free(symbols);
}

/* The outermost function has a symbol, even if nothing else is known of it. */
int module_symbols_find(struct module_symbols *symbols, uint64_t address, struct symbol_chain *ret_chain) {
  struct symbol_frame *frames = NULL;
  size_t count = 0;
  int error = -ENOENT;
  if (symbols->info) {
    error = inline_chain_find(symbols->info, &symbols->names, address, symbols->store, &frames, &count);
  }
  if (error && error != -ENOENT) return error;
  if (count == 0 || !frames[count - 1].function) {
    const char *name = symbol_at(symbols, address);
    if (name && count == 0) {
      frames = store_take(symbols->store, sizeof *frames);
      if (!frames) return -ENOMEM;
      frames[0] = (struct symbol_frame){0};
      count = 1;
    }
    if (name) frames[count - 1].function = name;
  }
  *ret_chain = (struct symbol_chain){frames, count};
  return 0;
}

static int open_files(const struct debug_places *places, const char *path, struct build_id build_id,
                      struct module_symbols *symbols) {
  symbols->file = open_own(places, path, build_id);
  if (build_id.count == 0 && symbols->file) build_id = symbols->file->build_id;
  int error = open_info(places, symbols->file, symbols);
  if (error || symbols->info) return error;
  if (debug_files_find(places, symbols->file, build_id, &symbols->debug) == 0) {
    return open_info(places, symbols->debug, symbols);
  }
  if (!symbols->file && debug_files_find_module(places, build_id, &symbols->file) == 0) {
    return open_info(places, symbols->file, symbols);
  }
  return 0;
}

/* What has another build-id has come in the place of the module: a newer version of a library. */
static struct object_file *open_own(const struct debug_places *places, const char *path,
                                    struct build_id build_id) {
  char whole[PATH_MAX];
  struct object_file *file;
  int length = snprintf(whole, sizeof whole, "%s%s", places->sysroot ? places->sysroot : "", path);
  if (path[0] != '/' || length >= (int)sizeof whole || object_file_open(whole, &file) != 0) return NULL;
  if (!file->is_linked || (build_id.count > 0 && !build_id_is(file->build_id, build_id))) {
    object_file_close(file);
    return NULL;
  }
  return file;
}

/* If the file has any that can be used. */
static int open_info(const struct debug_places *places, const struct object_file *file,
                     struct module_symbols *symbols) {
  if (!file || !file->is_linked || !object_file_has_debug(file)) return 0;
  int error = debug_info_open(places, file, &symbols->info);
  return error == -ENOMEM ? error : 0;
}

/* A full table has what the loader's has. */
static int fill_table(struct module_symbols *symbols) {
  struct symbol_table *table = &symbols->table;
  const struct object_file *full = NULL;
  if (symbols->file && object_file_has_symbols(symbols->file)) full = symbols->file;
  if (!full && symbols->debug && object_file_has_symbols(symbols->debug)) full = symbols->debug;
  int error = 0;
  if (full) {
    error = symbol_table_add(table, full, SYMBOL_TABLE_FULL);
  } else if (symbols->file) {
    error = symbol_table_add(table, symbols->file, SYMBOL_TABLE_DYNAMIC);
    if (!error && mini_debug_open(symbols->file, &symbols->mini) == 0) {
      error = symbol_table_add(table, symbols->mini, SYMBOL_TABLE_FULL);
    }
  }
  return error ? error : symbol_table_settle(table);
}

static const char *symbol_at(const struct module_symbols *symbols, uint64_t address) {
  const char *name = symbol_table_find(&symbols->table, address);
  const char *demangled = name ? demangle(name, symbols->store) : NULL;
  return demangled ? demangled : name;
}
