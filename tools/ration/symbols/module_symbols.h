/*
 * module_symbols.h: what is known of the functions of one module: its debug information where there is any, else its
 * symbol tables; of its own file, or of the separate ones.
 */
#ifndef RATION_TOOL_SYMBOLS_MODULE_SYMBOLS_H
#define RATION_TOOL_SYMBOLS_MODULE_SYMBOLS_H

#include "symbols/debug_files.h"
#include "symbols/store.h"
#include "symbols/symbol_frame.h"

struct module_symbols;

/*
 * The module that was loaded from this path, and had this build-id (none: not known, and whatever file is there is
 * taken). One of which nothing can be found is no error. Frames come from the store. Returns 0 or -ENOMEM.
 */
int module_symbols_open(const struct debug_places *places, const char *path, struct build_id build_id,
                        struct store *store, struct module_symbols **ret_symbols);

/* NULL is nothing to close. */
void module_symbols_close(struct module_symbols *symbols);

/* Of the code at this very address, as the file counts. Nothing known: no frames. Returns 0 or -ENOMEM. */
int module_symbols_find(struct module_symbols *symbols, uint64_t address, struct symbol_chain *ret_chain);

#endif
