/*
 * symbols.c: the dynamic symbols, from memory. The dynamic section does not say how many there are: the hash tables do.
 */
#include "os/symbols.h"

#include <errno.h>
#include <stddef.h>

/* What the dynamic section leads to; 0: not there. */
struct dynamic_tables {
  uintptr_t symbols;
  uintptr_t strings;
  uintptr_t string_bytes;
  uintptr_t hash;
  uintptr_t gnu_hash;
};

static int find_tables(const struct module *module, struct dynamic_tables *ret_tables);
static size_t count_symbols(const struct module *module, const struct dynamic_tables *tables);
static size_t count_by_hash(const struct module *module, uintptr_t hash);
static size_t count_by_gnu_hash(const struct module *module, uintptr_t hash);

int symbols_visit_dynamic(const struct module *module, symbol_visitor visit, void *context) {
  struct dynamic_tables tables;
  int result = find_tables(module, &tables);
  if (result < 0) return result;
  const ElfW(Sym) *entries = (const void *)tables.symbols;
  const char *strings = (const char *)tables.strings;
  size_t count = count_symbols(module, &tables);
  if (!count) return -ENOEXEC; /* there is always the null symbol */
  for (size_t i = 0; i < count; i++) {
    struct symbol symbol;
    if (i + SYMBOL_PREFETCH < count) __builtin_prefetch(strings + entries[i + SYMBOL_PREFETCH].st_name);
    if (entries[i].st_name >= tables.string_bytes) continue;
    if (symbol_from_entry(module, &entries[i], strings + entries[i].st_name, &symbol))
      visit(context, &symbol);
  }
  return 0;
}

uintptr_t symbol_start(const struct module *module, const ElfW(Sym) * entry) {
  unsigned type = ELF64_ST_TYPE(entry->st_info); /* the same in ELF32 */
  if (type != STT_FUNC && type != STT_GNU_IFUNC) return 0;
  unsigned section = entry->st_shndx;
  if (section == SHN_UNDEF || section == SHN_ABS || section == SHN_COMMON) return 0;
  uintptr_t start = module->bias + entry->st_value;
  return module_holds(module, start, 1) ? start : 0;
}

int symbol_from_entry(const struct module *module, const ElfW(Sym) * entry, const char *name,
                      struct symbol *ret_symbol) {
  uintptr_t start = symbol_start(module, entry);
  if (!start || !name[0]) return 0;
  uintptr_t room = module->start + module->bytes - start;
  *ret_symbol = (struct symbol){
      .name = name,
      .start = start,
      .bytes = entry->st_size < room ? entry->st_size : room,
  };
  return 1;
}

static int find_tables(const struct module *module, struct dynamic_tables *ret_tables) {
  struct dynamic_tables tables = {0};
  const ElfW(Dyn) *entry = module->dynamic;
  if (!entry) return -ENOENT;
  for (;; entry++) {
    if (!module_holds(module, (uintptr_t)entry, sizeof *entry)) return -ENOEXEC;
    if (entry->d_tag == DT_NULL) break;
    if (entry->d_tag == DT_SYMTAB) tables.symbols = module_resolve(module, entry->d_un.d_ptr);
    if (entry->d_tag == DT_STRTAB) tables.strings = module_resolve(module, entry->d_un.d_ptr);
    if (entry->d_tag == DT_STRSZ) tables.string_bytes = entry->d_un.d_val;
    if (entry->d_tag == DT_HASH) tables.hash = module_resolve(module, entry->d_un.d_ptr);
    if (entry->d_tag == DT_GNU_HASH) tables.gnu_hash = module_resolve(module, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMENT && entry->d_un.d_val != sizeof(ElfW(Sym))) return -ENOEXEC;
  }
  if (!tables.symbols || !tables.string_bytes || (!tables.hash && !tables.gnu_hash)) return -ENOENT;
  if (tables.symbols % _Alignof(ElfW(Sym)) || !module_holds(module, tables.symbols, 0)) return -ENOEXEC;
  if (!module_holds(module, tables.strings, tables.string_bytes)) return -ENOEXEC;
  if (((const char *)tables.strings)[tables.string_bytes - 1]) return -ENOEXEC; /* so every name ends */
  *ret_tables = tables;
  return 0;
}

static size_t count_symbols(const struct module *module, const struct dynamic_tables *tables) {
  size_t count = tables->gnu_hash ? count_by_gnu_hash(module, tables->gnu_hash) : 0;
  if (!count && tables->hash) count = count_by_hash(module, tables->hash);
  size_t room = (module->start + module->bytes - tables->symbols) / sizeof(ElfW(Sym));
  return count < room ? count : room;
}

/* System V ABI: [0] is the number of buckets, [1] that of chain entries, one for each symbol. */
static size_t count_by_hash(const struct module *module, uintptr_t hash) {
  if (hash % _Alignof(uint32_t) || !module_holds(module, hash, 2 * sizeof(uint32_t))) return 0;
  return ((const uint32_t *)hash)[1];
}

/*
 * GNU's: a head of four words, a Bloom filter, then for each bucket the first of its symbols (0: none), then for each
 * symbol from `first` on a hash whose lowest bit marks the last one of a bucket. The symbols are in order of their
 * buckets, so the last of all ends the chain that starts highest. 0: the table makes no sense.
 */
static size_t count_by_gnu_hash(const struct module *module, uintptr_t hash) {
  if (hash % _Alignof(ElfW(Addr)) || !module_holds(module, hash, 4 * sizeof(uint32_t))) return 0;
  const uint32_t *head = (const void *)hash;
  uintptr_t bucket_count = head[0], first = head[1];
  uintptr_t buckets_at = hash + 4 * sizeof(uint32_t) + (uintptr_t)head[2] * sizeof(ElfW(Addr));
  if (!module_holds(module, buckets_at, bucket_count * sizeof(uint32_t))) return 0;
  const uint32_t *buckets = (const void *)buckets_at;
  size_t last = 0;
  for (size_t i = 0; i < bucket_count; i++)
    if (buckets[i] > last) last = buckets[i];
  if (last < first) return first; /* nothing is exported */
  for (const uint32_t *chain = buckets + bucket_count + (last - first);; chain++, last++) {
    if (!module_holds(module, (uintptr_t)chain, sizeof *chain)) return 0;
    if (*chain & 1) return last + 1;
  }
}
