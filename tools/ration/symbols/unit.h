/*
 * unit.h: one unit of a module's debug information (most often what came of one source file), read when first needed.
 *
 * Its scopes are the functions, what was inlined into them, and the namespaces and classes around them, as a tree: a
 * parent stands before its children. Of code, the innermost function or inlined one is known by address.
 *
 * What is read may be broken in any way. Scopes are taken in the order of the file, so none twice, and only so deep;
 * code outside of `code` is left out: linkers leave at address 0 what they threw away.
 */
#ifndef RATION_TOOL_SYMBOLS_UNIT_H
#define RATION_TOOL_SYMBOLS_UNIT_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "symbols/range_map.h"
#include "symbols/unit_lines.h"

#define SCOPE_NONE UINT32_MAX

enum scope_kind { SCOPE_FUNCTION, SCOPE_INLINED, SCOPE_SPACE };

struct scope {
  Dwarf_Die die;
  Dwarf_Off start, end; /* of its entries; an end of 0: its parent's */
  uint32_t parent;      /* SCOPE_NONE: the unit itself */
  enum scope_kind kind;
};

struct code_span {
  uint64_t low, high;
};

struct unit {
  Dwarf_CU *cu; /* the key: of its entries */
  Dwarf_Die entry;
  Dwarf_Die skeleton; /* has the lines; the same as `entry` but for split units */
  struct scope *scopes;
  uint32_t scope_count, scope_room;
  struct range_map map; /* to scopes */
  struct unit_lines lines;
  bool is_read;
  bool has_lines; /* they were looked for */
  UT_hash_handle hh;
};

/* Reads the scopes, once. Returns 0 or -ENOMEM. */
int unit_read(struct unit *unit, struct code_span code);

/* The innermost function that has the address, inlined or not; SCOPE_NONE: none. */
uint32_t unit_scope_at(const struct unit *unit, uint64_t address);

/* The scope in which the entry at this offset stands, itself not counted; SCOPE_NONE: the unit. */
uint32_t unit_scope_around(const struct unit *unit, Dwarf_Off offset);

/* Its lines, read when first asked for. */
struct unit_lines *unit_lines_of(struct unit *unit);

/*
 * Adds to the map, with this rank and value, the code that an entry says it has: at most *most ranges, which counts
 * down. Returns 0 or -ENOMEM.
 */
int unit_add_ranges(Dwarf_Die *die, struct code_span code, uint64_t rank, uint32_t value, size_t *most,
                    struct range_map *map);

void unit_free(struct unit *unit);

#endif
