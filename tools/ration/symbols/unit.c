/*
 * unit.c: one walk over the entries of a unit, down from its root.
 */
#include "symbols/unit.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>

#define DEPTH_MOST 512

/* How many ranges a unit's entries may have together: some, and some more for each entry. */
#define RANGES_FIRST 65536
#define RANGES_EACH  64

struct walk {
  struct unit *unit;
  struct code_span code;
  Dwarf_Off last; /* the entry that was last come to: there is no way back */
  size_t ranges_left;
};

static int walk_children(struct walk *walk, Dwarf_Die *parent, uint32_t scope, unsigned depth);
static int visit(struct walk *walk, Dwarf_Die *die, uint32_t scope, unsigned depth);
static int visit_function(struct walk *walk, Dwarf_Die *die, uint32_t scope, unsigned depth);
static int add_scope(struct walk *walk, const Dwarf_Die *die, uint32_t parent, enum scope_kind kind,
                     uint32_t *ret_scope);

int unit_read(struct unit *unit, struct code_span code) {
  if (unit->is_read) return 0;
  unit->is_read = true;
  struct walk walk = {
      .unit = unit, .code = code, .last = dwarf_dieoffset(&unit->entry), .ranges_left = RANGES_FIRST};
  int error = walk_children(&walk, &unit->entry, SCOPE_NONE, 0);
  return error ? error : range_map_settle(&unit->map);
}

uint32_t unit_scope_at(const struct unit *unit, uint64_t address) {
  uint32_t scope;
  return range_map_find(&unit->map, address, &scope) ? scope : SCOPE_NONE;
}

static Dwarf_Off end_of(const struct unit *unit, uint32_t scope) {
  while (scope != SCOPE_NONE && unit->scopes[scope].end == 0) scope = unit->scopes[scope].parent;
  return scope == SCOPE_NONE ? UINT64_MAX : unit->scopes[scope].end;
}

/* Scopes stand in the order of their entries. */
uint32_t unit_scope_around(const struct unit *unit, Dwarf_Off offset) {
  uint32_t from = 0, to = unit->scope_count;
  while (from < to) {
    uint32_t middle = from + (to - from) / 2;
    if (unit->scopes[middle].start < offset) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  uint32_t scope = from > 0 ? from - 1 : SCOPE_NONE;
  while (scope != SCOPE_NONE && end_of(unit, scope) <= offset) scope = unit->scopes[scope].parent;
  return scope;
}

struct unit_lines *unit_lines_of(struct unit *unit) {
  if (!unit->has_lines) unit_lines_read(&unit->entry, &unit->skeleton, &unit->lines);
  unit->has_lines = true;
  return &unit->lines;
}

void unit_free(struct unit *unit) {
  range_map_free(&unit->map);
  unit_lines_free(&unit->lines);
  free(unit->scopes);
  free(unit);
}

/* Where an entry says that its next sibling stands before what it has itself, the rest is left alone. */
static int walk_children(struct walk *walk, Dwarf_Die *parent, uint32_t scope, unsigned depth) {
  Dwarf_Die child;
  if (depth == DEPTH_MOST || dwarf_child(parent, &child) != 0) return 0;
  uint32_t before;
  do {
    Dwarf_Off offset = dwarf_dieoffset(&child);
    if (offset <= walk->last) return 0;
    walk->last = offset;
    walk->ranges_left += RANGES_EACH;
    before = walk->unit->scope_count;
    int error = visit(walk, &child, scope, depth);
    if (error) return error;
    bool is_scope = walk->unit->scope_count > before && walk->unit->scopes[before].start == offset;
    if (dwarf_siblingof(&child, &child) != 0) return 0;
    if (is_scope) walk->unit->scopes[before].end = dwarf_dieoffset(&child);
  } while (true);
}

static int visit(struct walk *walk, Dwarf_Die *die, uint32_t scope, unsigned depth) {
  switch (dwarf_tag(die)) {
  case DW_TAG_subprogram:
  case DW_TAG_inlined_subroutine:
    return visit_function(walk, die, scope, depth);
  case DW_TAG_lexical_block:
  case DW_TAG_try_block:
  case DW_TAG_catch_block:
  case DW_TAG_with_stmt:
    return walk_children(walk, die, scope, depth + 1);
  case DW_TAG_namespace:
  case DW_TAG_module:
  case DW_TAG_class_type:
  case DW_TAG_structure_type:
  case DW_TAG_union_type:
  case DW_TAG_interface_type:
  case DW_TAG_enumeration_type: {
    uint32_t own;
    if (!dwarf_haschildren(die)) return 0;
    int error = add_scope(walk, die, scope, SCOPE_SPACE, &own);
    return error ? error : walk_children(walk, die, own, depth + 1);
  }
  default:
    return 0;
  }
}

static int visit_function(struct walk *walk, Dwarf_Die *die, uint32_t scope, unsigned depth) {
  bool is_inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine;
  if (!is_inlined && dwarf_hasattr(die, DW_AT_declaration)) return 0;
  uint32_t own;
  int error = add_scope(walk, die, scope, is_inlined ? SCOPE_INLINED : SCOPE_FUNCTION, &own);
  if (!error) error = unit_add_ranges(die, walk->code, depth, own, &walk->ranges_left, &walk->unit->map);
  return error ? error : walk_children(walk, die, own, depth + 1);
}

static int add_scope(struct walk *walk, const Dwarf_Die *die, uint32_t parent, enum scope_kind kind,
                     uint32_t *ret_scope) {
  struct unit *unit = walk->unit;
  if (unit->scope_count == unit->scope_room) {
    uint32_t room = unit->scope_room ? unit->scope_room * 2 : 64;
    struct scope *scopes = room > unit->scope_room ? reallocarray(unit->scopes, room, sizeof *scopes) : NULL;
    if (!scopes) return -ENOMEM;
    unit->scopes = scopes;
    unit->scope_room = room;
  }
  unit->scopes[unit->scope_count] =
      (struct scope){.die = *die, .start = walk->last, .parent = parent, .kind = kind};
  *ret_scope = unit->scope_count++;
  return 0;
}

int unit_add_ranges(Dwarf_Die *die, struct code_span code, uint64_t rank, uint32_t value, size_t *most,
                    struct range_map *map) {
  Dwarf_Addr base = 0, low, high;
  for (ptrdiff_t at = 0; *most > 0 && (at = dwarf_ranges(die, at, &base, &low, &high)) > 0; --*most) {
    if (low == 0 || low < code.low || high > code.high) continue;
    int error = range_map_add(map, low, high, rank, value);
    if (error) return error;
  }
  return 0;
}
