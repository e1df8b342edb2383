/*
 * function_name.c: an instance of a function refers to its abstract origin, and that to its declaration; what one lacks
 * the next one has. Instances of one origin share a name.
 */
#include "symbols/function_name.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/demangle.h"

#define REFERENCES_MOST 16
#define QUALIFIED_MOST  4096
#define NESTED_MOST     8 /* functions with classes with functions */

struct known_name {
  void *entry; /* the key: where the origin stands */
  const char *text;
  UT_hash_handle hh;
};

/* What stands before a name. */
struct qualifiers {
  struct function_names *names;
  struct debug_info *info;
  const struct unit *unit;
  const char *unnamed; /* what classes without a name are called */
  char *text;
  size_t count;
};

static const char *make_name(struct function_names *names, struct debug_info *info, Dwarf_Die *entry);
static const char *qualify(struct function_names *names, struct debug_info *info, Dwarf_Die *entry,
                           const char *name);
static void write_spaces(struct qualifiers *to, uint32_t scope);

const char *function_names_find(struct function_names *names, struct debug_info *info, Dwarf_Die *entry) {
  Dwarf_Attribute attribute;
  Dwarf_Die origin;
  if (!dwarf_formref_die(dwarf_attr(entry, DW_AT_abstract_origin, &attribute), &origin)) origin = *entry;
  struct known_name *known;
  HASH_FIND_PTR(names->known, &origin.addr, known);
  if (known) return known->text;

  names->depth++;
  const char *text = make_name(names, info, &origin);
  names->depth--;
  known = store_take(names->store, sizeof *known);
  if (!known) return text;
  *known = (struct known_name){.entry = origin.addr, .text = text};
  HASH_ADD_PTR(names->known, entry, known);
  return text;
}

void function_names_free(struct function_names *names) {
  HASH_CLEAR(hh, names->known);
}

static const char *text_of(Dwarf_Die *entry, unsigned name) {
  Dwarf_Attribute attribute;
  return dwarf_formstring(dwarf_attr_integrate(entry, name, &attribute));
}

/* C functions may have a linkage name, too: the one that their author gave them for the assembler. */
static const char *make_name(struct function_names *names, struct debug_info *info, Dwarf_Die *entry) {
  const char *linkage = text_of(entry, DW_AT_linkage_name), *name = text_of(entry, DW_AT_name);
  if (!linkage) linkage = text_of(entry, DW_AT_MIPS_linkage_name);
  const char *demangled = linkage ? demangle(linkage, names->store) : NULL;
  if (demangled) return demangled;
  return name && *name ? qualify(names, info, entry, name) : linkage;
}

/* The entry that stands where the function was declared. */
static Dwarf_Die declaration_of(const Dwarf_Die *entry) {
  Dwarf_Die die = *entry;
  for (int i = 0; i < REFERENCES_MOST; i++) {
    Dwarf_Attribute attribute;
    Dwarf_Die next;
    bool has_next = dwarf_formref_die(dwarf_attr(&die, DW_AT_abstract_origin, &attribute), &next) ||
                    dwarf_formref_die(dwarf_attr(&die, DW_AT_specification, &attribute), &next);
    if (!has_next) break;
    die = next;
  }
  return die;
}

/* A function directly in another one, as GNU C has them, keeps its own name. */
static const char *qualify(struct function_names *names, struct debug_info *info, Dwarf_Die *entry,
                           const char *name) {
  Dwarf_Die declaration = declaration_of(entry);
  struct unit *unit;
  if (debug_info_unit_of(info, &declaration, &unit) != 0) return name;
  uint32_t scope = unit_scope_around(unit, dwarf_dieoffset(&declaration));
  if (scope == SCOPE_NONE || unit->scopes[scope].kind != SCOPE_SPACE) return name;

  char text[QUALIFIED_MOST];
  const char *unnamed = strcmp(name, "operator()") == 0 ? "{lambda}" : "{unnamed}";
  struct qualifiers qualifiers = {
      .names = names, .info = info, .unit = unit, .unnamed = unnamed, .text = text};
  write_spaces(&qualifiers, scope);
  size_t length = strnlen(name, sizeof text);
  if (qualifiers.count == 0 || length > sizeof text - qualifiers.count) return name;
  memcpy(text + qualifiers.count, name, length);
  return store_text(names->store, text, qualifiers.count + length);
}

/* The names of the scope and of those around it, each with its colons; up to a function, whose name is whole. */
static void write_spaces(struct qualifiers *to, uint32_t scope) {
  const struct scope *own = &to->unit->scopes[scope];
  Dwarf_Die die = own->die;
  const char *name;
  if (own->kind == SCOPE_SPACE) {
    if (own->parent != SCOPE_NONE) write_spaces(to, own->parent);
    name = text_of(&die, DW_AT_name);
    if (!name) name = dwarf_tag(&die) == DW_TAG_namespace ? "(anonymous namespace)" : to->unnamed;
  } else {
    name = to->names->depth < NESTED_MOST ? function_names_find(to->names, to->info, &die) : NULL;
    if (!name) name = "{unnamed}";
  }
  size_t length = strnlen(name, QUALIFIED_MOST), left = QUALIFIED_MOST - to->count;
  if (length + 2 > left) return;
  memcpy(to->text + to->count, name, length);
  memcpy(to->text + to->count + length, "::", 2);
  to->count += length + 2;
}
