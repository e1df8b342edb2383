/*
 * inline_chain.c: from the innermost scope outwards. The line of the innermost frame is that of the address; that of
 * each further one is where the one before was called.
 */
#include "symbols/inline_chain.h"

#include <dwarf.h>
#include <errno.h>

static uint32_t caller_of(const struct unit *unit, uint32_t scope);
static void find_call(struct unit *unit, Dwarf_Die *inlined, struct symbol_frame *frame);

int inline_chain_find(struct debug_info *info, struct function_names *names, uint64_t address,
                      struct store *store, struct symbol_frame **ret_frames, size_t *ret_count) {
  struct unit *unit;
  int error = debug_info_unit_at(info, address, &unit);
  if (error) return error;

  size_t count = 1;
  uint32_t innermost = unit_scope_at(unit, address);
  for (uint32_t scope = caller_of(unit, innermost); scope != SCOPE_NONE; scope = caller_of(unit, scope))
    count++;
  struct symbol_frame *frames = store_take(store, count * sizeof *frames);
  if (!frames) return -ENOMEM;

  frames[0] = (struct symbol_frame){0};
  unit_lines_find(unit_lines_of(unit), address, &frames[0].file, &frames[0].line);
  if (innermost == SCOPE_NONE && !frames[0].file) return -ENOENT;
  uint32_t scope = innermost;
  for (size_t i = 0; scope != SCOPE_NONE; i++) {
    Dwarf_Die die = unit->scopes[scope].die;
    frames[i].function = function_names_find(names, info, &die);
    scope = caller_of(unit, scope);
    frames[i].is_inlined = scope != SCOPE_NONE;
    if (!frames[i].is_inlined) break;
    frames[i + 1] = (struct symbol_frame){0};
    find_call(unit, &die, &frames[i + 1]);
  }
  *ret_frames = frames;
  *ret_count = count;
  return 0;
}

/* What an inlined function is in; SCOPE_NONE: it is not inlined, or nobody knows. */
static uint32_t caller_of(const struct unit *unit, uint32_t scope) {
  if (scope == SCOPE_NONE || unit->scopes[scope].kind != SCOPE_INLINED) return SCOPE_NONE;
  uint32_t around = unit->scopes[scope].parent;
  return around != SCOPE_NONE && unit->scopes[around].kind != SCOPE_SPACE ? around : SCOPE_NONE;
}

static void find_call(struct unit *unit, Dwarf_Die *inlined, struct symbol_frame *frame) {
  Dwarf_Attribute attribute;
  Dwarf_Word number;
  if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &number) == 0) {
    frame->file = unit_lines_file(unit_lines_of(unit), number);
  }
  if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number) == 0 &&
      number <= UINT32_MAX) {
    frame->line = (uint32_t)number;
  }
}
