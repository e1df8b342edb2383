/*
 * symbol_table.c: symbols in the order of their starts, then of their worth; so the place in that order is the rank.
 */
#include "symbols/symbol_table.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

struct symbol_table_name {
  const char *text;
  uint64_t start, end; /* the end of what has no size: the section's */
  bool has_size;
  int worth;
};

static bool is_function(const GElf_Sym *symbol, const char *name);
static int add_symbol(struct symbol_table *table, const GElf_Sym *symbol, const char *name, uint64_t end);
static int worth_of(const GElf_Sym *symbol);
static int compare_names(const void *one, const void *other);

int symbol_table_add(struct symbol_table *table, const struct object_file *file,
                     enum symbol_table_kind kind) {
  GElf_Word type = kind == SYMBOL_TABLE_FULL ? SHT_SYMTAB : SHT_DYNSYM;
  GElf_Shdr header = {0};
  Elf_Scn *section = NULL;
  while ((section = elf_nextscn(file->elf, section)) != NULL) {
    if (gelf_getshdr(section, &header) && header.sh_type == type) break;
  }
  Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
  size_t entry = gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT);
  size_t count = data && entry ? data->d_size / entry : 0;
  for (size_t i = 0; i < count && i < INT32_MAX; i++) {
    GElf_Sym symbol;
    GElf_Shdr home;
    if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF) continue;
    const char *name = elf_strptr(file->elf, header.sh_link, symbol.st_name);
    if (!name || !is_function(&symbol, name)) continue;
    Elf_Scn *at = symbol.st_shndx < SHN_LORESERVE ? elf_getscn(file->elf, symbol.st_shndx) : NULL;
    bool is_code = at && gelf_getshdr(at, &home) && (home.sh_flags & SHF_EXECINSTR);
    if (!is_code) continue;
    int error = add_symbol(table, &symbol, name, home.sh_addr + home.sh_size);
    if (error) return error;
  }
  return 0;
}

int symbol_table_settle(struct symbol_table *table) {
  if (table->count == 0) return 0;
  qsort(table->names, table->count, sizeof *table->names, compare_names);
  uint64_t next_start = UINT64_MAX;
  for (size_t i = table->count; i-- > 0;) {
    struct symbol_table_name *name = &table->names[i];
    if (i + 1 < table->count && table->names[i + 1].start > name->start)
      next_start = table->names[i + 1].start;
    if (!name->has_size && next_start < name->end) name->end = next_start;
  }
  for (size_t i = 0; i < table->count; i++) {
    const struct symbol_table_name *name = &table->names[i];
    uint64_t rank = name->has_size ? UINT32_MAX + (uint64_t)i : i;
    int error = range_map_add(&table->map, name->start, name->end, rank, (uint32_t)i);
    if (error) return error;
  }
  return range_map_settle(&table->map);
}

const char *symbol_table_find(const struct symbol_table *table, uint64_t address) {
  uint32_t index;
  return range_map_find(&table->map, address, &index) ? table->names[index].text : NULL;
}

void symbol_table_free(struct symbol_table *table) {
  range_map_free(&table->map);
  free(table->names);
  *table = (struct symbol_table){0};
}

/* Mapping symbols, $x and the like, say where instructions begin, and .L is what assemblers call their own. */
static bool is_function(const GElf_Sym *symbol, const char *name) {
  int type = GELF_ST_TYPE(symbol->st_info);
  if (!*name || *name == '$' || strncmp(name, ".L", 2) == 0) return false;
  return type == STT_FUNC || type == STT_GNU_IFUNC || (type == STT_NOTYPE && symbol->st_size == 0);
}

static int add_symbol(struct symbol_table *table, const GElf_Sym *symbol, const char *name, uint64_t end) {
  if (table->count == table->room) {
    size_t room = table->room ? table->room * 2 : 256;
    struct symbol_table_name *names = reallocarray(table->names, room, sizeof *names);
    if (!names) return -ENOMEM;
    table->names = names;
    table->room = room;
  }
  uint64_t start = symbol->st_value;
  bool has_size = symbol->st_size > 0 && symbol->st_size <= UINT64_MAX - start;
  table->names[table->count++] = (struct symbol_table_name){.text = name,
                                                            .start = start,
                                                            .end = has_size ? start + symbol->st_size : end,
                                                            .has_size = has_size,
                                                            .worth = worth_of(symbol)};
  return 0;
}

static int worth_of(const GElf_Sym *symbol) {
  switch (GELF_ST_BIND(symbol->st_info)) {
  case STB_GLOBAL:
    return 3;
  case STB_WEAK:
    return 2;
  case STB_LOCAL:
    return 1;
  default:
    return 0;
  }
}

/* Of aliases alike the shorter name comes last, and of those as long the first in the alphabet: it wins. */
static int compare_names(const void *one, const void *other) {
  const struct symbol_table_name *a = one, *b = other;
  if (a->start != b->start) return a->start < b->start ? -1 : 1;
  if (a->worth != b->worth) return a->worth < b->worth ? -1 : 1;
  size_t a_length = strlen(a->text), b_length = strlen(b->text);
  if (a_length != b_length) return a_length > b_length ? -1 : 1;
  return -strcmp(a->text, b->text);
}
