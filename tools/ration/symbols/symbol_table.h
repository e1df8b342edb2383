/*
 * symbol_table.h: the functions of a module by its ELF symbols: names and extents, no files and no lines.
 *
 * Of several symbols of one function the global one is taken before the weak before the local one. A symbol without a
 * size, as hand-written assembly has, reaches to the next symbol, and has only what no other one has.
 */
#ifndef RATION_TOOL_SYMBOLS_SYMBOL_TABLE_H
#define RATION_TOOL_SYMBOLS_SYMBOL_TABLE_H

#include "symbols/object_file.h"
#include "symbols/range_map.h"

struct symbol_table_name;

/* All zero: an empty one. Names are in the files, which must outlive it. */
struct symbol_table {
  struct range_map map;
  struct symbol_table_name *names; /* by the map's values */
  size_t count, room;
};

enum symbol_table_kind { SYMBOL_TABLE_FULL, SYMBOL_TABLE_DYNAMIC }; /* .symtab, .dynsym */

/* Takes up a file's symbols, if it has that table. Returns 0 or -ENOMEM. */
int symbol_table_add(struct symbol_table *table, const struct object_file *file, enum symbol_table_kind kind);

/* When all are taken up. Returns 0 or -ENOMEM. */
int symbol_table_settle(struct symbol_table *table);

/* The name as it stands in the file; NULL: none. */
const char *symbol_table_find(const struct symbol_table *table, uint64_t address);

void symbol_table_free(struct symbol_table *table);

#endif
