/*
 * symbol_modules.h: the modules that were asked of, each read once, and what they have answered. Symbols of several
 * processes may share them: of a thousand that run one program its debug information is read once then.
 */
#ifndef RATION_TOOL_SYMBOLS_SYMBOL_MODULES_H
#define RATION_TOOL_SYMBOLS_SYMBOL_MODULES_H

#include "symbols/debug_files.h"
#include "symbols/symbols.h"

struct known_module;

/* NULL: no memory. */
struct symbol_modules *symbol_modules_new(void);

/* NULL is nothing to free. */
void symbol_modules_free(struct symbol_modules *modules);

/* By its path and its build-id; two that are equal are one. Returns 0 or -ENOMEM. */
int symbol_modules_find(struct symbol_modules *modules, const struct symbol_module *module,
                        struct known_module **ret_known);

/*
 * What is known of the code at this very address, as the module's file counts. Files are looked for in these places when
 * a module is first asked: they are the same for all who share it. Nothing known: no frames; they live as long as
 * `modules`. Returns 0 or -ENOMEM.
 */
int symbol_modules_look_up(struct symbol_modules *modules, const struct debug_places *places,
                           struct known_module *module, uint64_t address, struct symbol_chain *ret_chain);

#endif
