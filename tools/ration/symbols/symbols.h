/*
 * symbols.h: the functions, files and lines that return addresses stand for.
 *
 * A module is asked by its path and its build-id, and found even if its file has been replaced or is gone: by the
 * build-id, among separate debug files (see debug_files.h) and on the servers of DEBUGINFOD_URLS. What has another
 * build-id than the one recorded is never used: no symbols are better than false ones.
 *
 * Of a module known are, best first: debug information (functions, inlined ones, files, lines); .symtab; .dynsym with
 * .gnu_debugdata. Code in no module is looked for in the map of a runtime that compiles (see perf_map.h).
 *
 * Files may be broken, and made so on purpose; they then have fewer symbols. Each is read when it is first needed, and
 * once. An answer is kept, and asked again it is the same one.
 */
#ifndef RATION_TOOL_SYMBOLS_SYMBOLS_H
#define RATION_TOOL_SYMBOLS_SYMBOLS_H

#include "symbols/symbol_frame.h"

struct symbols;
struct symbol_modules;

/* Where symbols are looked for. The texts must live as long as what is opened. */
struct symbol_places {
  const char *sysroot;   /* put before the paths of modules, debug files and the map; NULL: nothing */
  const char *debug_dir; /* a folder of debug files, beside /usr/lib/debug; NULL: none */
  uint32_t pid;          /* whose map to read; 0: none */
  struct symbol_modules
      *shared; /* with other symbols of the same places, and outlives them; NULL: nothing is */
};

struct symbol_module {
  const char *path;              /* as the process saw it */
  const unsigned char *build_id; /* as it was loaded */
  size_t build_id_bytes;         /* 0: not known; any file at the path is taken */
};

/* NULL: no memory. */
struct symbols *symbols_open(const struct symbol_places *places);

/* NULL is nothing to close. */
void symbols_close(struct symbols *symbols);

/*
 * What a return address stands for: as the module's file counts, that is without the place where it was loaded. NULL
 * for the module: code in none, and the address as it is in the process. Looked up is the call, one byte before: behind
 * a call that never returns another function may begin.
 *
 * Nothing known: no frames. The frames, and their texts, live as long as `symbols` (and what it shares); a text may
 * hold any byte but its end. Returns 0 or -ENOMEM.
 */
int symbols_find(struct symbols *symbols, const struct symbol_module *module, uint64_t return_address,
                 struct symbol_chain *ret_chain);

/*
 * What is known of an address from elsewhere, a recording: that is then the answer. The module, the address and the
 * answer as in symbols_find; the texts must live as long as `symbols`. Returns 0 or -ENOMEM.
 */
int symbols_tell(struct symbols *symbols, const struct symbol_module *module, uint64_t return_address,
                 const struct symbol_chain *chain);

#endif
