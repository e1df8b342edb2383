/*
 * function_name.h: what the functions of debug information are called: the linkage name, demangled, if it has one that
 * can be; else its name behind those of the namespaces and classes around it; of C just its name.
 */
#ifndef RATION_TOOL_SYMBOLS_FUNCTION_NAME_H
#define RATION_TOOL_SYMBOLS_FUNCTION_NAME_H

#include "symbols/debug_info.h"
#include "symbols/store.h"

struct known_name;

/* Those that were asked for. All zero, but for the store that names come from: none yet. */
struct function_names {
  struct known_name *known;
  struct store *store;
  unsigned depth; /* of names that are needed for the name that is asked for */
};

/* Of a function's entry, or that of one that was inlined. NULL: not known, or no memory. */
const char *function_names_find(struct function_names *names, struct debug_info *info, Dwarf_Die *entry);

void function_names_free(struct function_names *names);

#endif
