/*
 * symbols_file.c: .symtab of a module's file. Its entries are read in pieces that stay in the processor's cache; its
 * names, which they point into anywhere, as a whole. Where there are symbols of size 0 the entries are read twice.
 *
 * The file may change between two reads: what one read has shown is never taken for granted in the next.
 */
#include <errno.h>

#include "os/memory.h"
#include "os/module_file.h"
#include "os/symbols.h"
#include "os/unsized.h"

#define PIECE_ENTRIES 2048 /* 48 KiB */
#define MOST_BYTES    ((uint64_t)1 << 30)

struct table {
  const struct module *module;
  const struct module_file *file;
  struct module_part sections;
  struct module_part names;
  struct module_part piece;
  uint64_t offset; /* of the entries in the file */
  uint64_t count;
  struct unsized unsized;
  symbol_visitor visit;
  void *context;
};

static int visit_sections(struct table *table, const ElfW(Ehdr) * header);
static int find_entries(struct table *table);
static int visit_entries(struct table *table);
static int pass(struct table *table,
                void (*take)(struct table *table, const ElfW(Sym) * entries, size_t count));
static void take_first(struct table *table, const ElfW(Sym) * entries, size_t count);
static void take_second(struct table *table, const ElfW(Sym) * entries, size_t count);
static void visit_unsized(struct table *table);
static uintptr_t section_end(const struct table *table, const ElfW(Sym) * entry, uintptr_t start);

int symbols_visit_file(const struct module *module, symbol_visitor visit, void *context) {
  int saved = errno;
  struct module_file file;
  ElfW(Ehdr) header;
  int result = module_file_open(module, &file);
  if (result == 0) {
    struct table table = {.module = module, .file = &file, .visit = visit, .context = context};
    result = module_file_read(&file, 0, &header, sizeof header);
    if (result == 0) result = visit_sections(&table, &header);
    module_file_close(&file);
  }
  int dynamic_result = symbols_visit_dynamic(module, visit, context);
  errno = saved;
  return result < 0 || dynamic_result == -ENOENT ? result : dynamic_result;
}

static int visit_sections(struct table *table, const ElfW(Ehdr) * header) {
  if (!header->e_shoff) return 0;
  if (!header->e_shnum) return -ENOTSUP;
  if (header->e_shentsize != sizeof(ElfW(Shdr))) return -ENOEXEC;
  size_t bytes = header->e_shnum * sizeof(ElfW(Shdr));
  int result = module_file_load(table->file, header->e_shoff, bytes, &table->sections);
  if (result == 0) result = find_entries(table);
  if (result == 0 && table->count) result = visit_entries(table);
  module_part_free(&table->names);
  module_part_free(&table->sections);
  return result;
}

/* Finds .symtab and loads its names. No .symtab: no entries. */
static int find_entries(struct table *table) {
  const ElfW(Shdr) *sections = table->sections.memory, *entries = NULL;
  size_t section_count = table->sections.bytes / sizeof *sections;
  for (size_t i = 0; i < section_count && !entries; i++)
    if (sections[i].sh_type == SHT_SYMTAB) entries = &sections[i];
  if (!entries) return 0;
  if (entries->sh_entsize != sizeof(ElfW(Sym)) || entries->sh_link >= section_count) return -ENOEXEC;
  const ElfW(Shdr) *names = &sections[entries->sh_link];
  if (names->sh_type != SHT_STRTAB) return -ENOEXEC;
  if ((entries->sh_flags | names->sh_flags) & SHF_COMPRESSED) return -ENOTSUP;
  if (entries->sh_size > MOST_BYTES || names->sh_size > MOST_BYTES) return -EFBIG;
  table->offset = entries->sh_offset;
  table->count = entries->sh_size / sizeof(ElfW(Sym));
  return module_file_load(table->file, names->sh_offset, names->sh_size, &table->names);
}

static int visit_entries(struct table *table) {
  size_t page = memory_page_bytes();
  table->piece.bytes = PIECE_ENTRIES * sizeof(ElfW(Sym));
  table->piece.mapped_bytes = (table->piece.bytes + page - 1) / page * page;
  table->piece.memory = memory_map(table->piece.mapped_bytes);
  if (!table->piece.memory) return -ENOMEM;
  int result = pass(table, take_first);
  if (result == 0 && table->unsized.count) {
    unsized_sort(&table->unsized);
    result = pass(table, take_second);
    if (result == 0) visit_unsized(table);
  }
  unsized_free(&table->unsized);
  module_part_free(&table->piece);
  return result;
}

/* Goes through all entries once. */
static int pass(struct table *table,
                void (*take)(struct table *table, const ElfW(Sym) * entries, size_t count)) {
  for (uint64_t at = 0, step; at < table->count; at += step) {
    step = table->count - at < PIECE_ENTRIES ? table->count - at : PIECE_ENTRIES;
    uint64_t offset = table->offset + at * sizeof(ElfW(Sym)); /* beyond the file long before it overflows */
    int result = module_file_read(table->file, offset, table->piece.memory, step * sizeof(ElfW(Sym)));
    if (result < 0) return result;
    take(table, table->piece.memory, step);
  }
  return 0;
}

/* Visits what has a size, and keeps the rest for later. Without memory for that its size is not known. */
static void take_first(struct table *table, const ElfW(Sym) * entries, size_t count) {
  const char *names = table->names.memory;
  for (size_t i = 0; i < count; i++) {
    struct symbol symbol;
    if (i + SYMBOL_PREFETCH < count) __builtin_prefetch(names + entries[i + SYMBOL_PREFETCH].st_name);
    if (entries[i].st_name >= table->names.bytes) continue;
    if (!symbol_from_entry(table->module, &entries[i], names + entries[i].st_name, &symbol)) continue;
    if (!symbol.bytes) {
      uintptr_t end = section_end(table, &entries[i], symbol.start);
      if (unsized_add(&table->unsized, symbol.start, end, entries[i].st_name) == 0) continue;
    }
    table->visit(table->context, &symbol);
  }
}

static void take_second(struct table *table, const ElfW(Sym) * entries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uintptr_t start = symbol_start(table->module, &entries[i]);
    if (start) unsized_meet(&table->unsized, start);
  }
}

static void visit_unsized(struct table *table) {
  unsized_settle(&table->unsized);
  for (size_t i = 0; i < table->unsized.count; i++) {
    const struct unsized_symbol *unsized = &table->unsized.symbols[i];
    struct symbol symbol = {
        .name = (const char *)table->names.memory + unsized->name,
        .start = unsized->start,
        .bytes = unsized->end - unsized->start,
    };
    table->visit(table->context, &symbol);
  }
}

/* Where the section of a symbol ends in memory, if the symbol lies in it; else where the module does. */
static uintptr_t section_end(const struct table *table, const ElfW(Sym) * entry, uintptr_t start) {
  const ElfW(Shdr) *sections = table->sections.memory;
  uintptr_t module_end = table->module->start + table->module->bytes;
  if (entry->st_shndx >= table->sections.bytes / sizeof *sections) return module_end;
  const ElfW(Shdr) *section = &sections[entry->st_shndx];
  uintptr_t section_start = table->module->bias + section->sh_addr;
  if (start < section_start || start - section_start >= section->sh_size) return module_end;
  uintptr_t room = module_end - section_start;
  return section_start + (section->sh_size < room ? section->sh_size : room);
}
