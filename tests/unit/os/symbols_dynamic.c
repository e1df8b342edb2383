/*
 * symbols_dynamic.c: tests of src/os/symbols.c with tables in memory that make no sense.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "os/library.h"
#include "os/symbols.h"

#define SMALL "-O1 -nostdlib -s -Wl,--hash-style=both"

static struct library library;

static void make(void) {
  library_make("int one(int a) { return a + 1; }\nint two(int a) { return a + 2; }\n", SMALL, &library);
}

static void end(void) {
  library_free(&library);
}

static void count(void *context, const struct symbol *symbol) {
  cr_assert(module_holds(&library.module, symbol->start, symbol->bytes));
  cr_assert(strcmp(symbol->name, "one") == 0 || strcmp(symbol->name, "two") == 0);
  ++*(size_t *)context;
}

static void expect(int result, size_t symbols) {
  size_t counted = 0;
  int got = symbols_visit_dynamic(&library.module, count, &counted);
  cr_expect_eq(got, result, "%d, not %d", got, result);
  cr_expect_eq(counted, symbols, "%zu, not %zu", counted, symbols);
}

/* The entry of the dynamic section, which a test may change. */
static ElfW(Dyn) * entry_of(ElfW(Sxword) tag) {
  ElfW(Dyn) *entry = (void *)(library.memory + ((uintptr_t)library.module.dynamic - library.module.start));
  while (entry->d_tag != tag) {
    cr_assert_neq(entry->d_tag, DT_NULL);
    entry++;
  }
  return entry;
}

static void expect_with(ElfW(Sxword) tag, ElfW(Xword) value, int result, size_t symbols) {
  ElfW(Dyn) *entry = entry_of(tag);
  ElfW(Dyn) good = *entry;
  entry->d_un.d_val = value;
  expect(result, symbols);
  *entry = good;
}

static void expect_without(ElfW(Sxword) tag, int result, size_t symbols) {
  ElfW(Dyn) *entry = entry_of(tag);
  entry->d_tag = DT_DEBUG;
  expect(result, symbols);
  entry->d_tag = tag;
}

static uint32_t *words_at(ElfW(Sxword) tag) {
  return (void *)(library.memory + entry_of(tag)->d_un.d_ptr);
}

Test(symbols_dynamic, are_counted_by_the_hash_table_that_is_there, .init = make, .fini = end) {
  expect(0, 2);
  expect_without(DT_HASH, 0, 2);
  expect_without(DT_GNU_HASH, 0, 2);
  entry_of(DT_HASH)->d_tag = DT_DEBUG;
  expect_without(DT_GNU_HASH, -ENOENT, 0);
}

Test(symbols_dynamic, need_all_their_tables, .init = make, .fini = end) {
  expect_without(DT_SYMTAB, -ENOENT, 0);
  expect_without(DT_STRSZ, -ENOENT, 0);
  expect_without(DT_STRTAB, -ENOEXEC, 0);
  library.module.dynamic = NULL;
  expect(-ENOENT, 0);
}

Test(symbols_dynamic, lie_in_what_is_mapped, .init = make, .fini = end) {
  size_t beyond = library.memory_bytes;
  expect_with(DT_SYMTAB, beyond + 8, -ENOEXEC, 0);
  expect_with(DT_SYMTAB, entry_of(DT_SYMTAB)->d_un.d_ptr + 4, -ENOEXEC, 0);
  expect_with(DT_STRTAB, beyond, -ENOEXEC, 0);
  expect_with(DT_STRSZ, beyond, -ENOEXEC, 0);
  expect_with(DT_STRSZ, UINT64_MAX, -ENOEXEC, 0);
  expect_with(DT_SYMENT, 16, -ENOEXEC, 0);
  expect_with(DT_SYMTAB, beyond, -ENOEXEC, 0);
  library.module.bytes = (uintptr_t)library.module.dynamic - library.module.start + 3 * sizeof(ElfW(Dyn));
  expect(-ENOEXEC, 0);
}

Test(symbols_dynamic, have_names_that_end, .init = make, .fini = end) {
  ElfW(Xword) bytes = entry_of(DT_STRSZ)->d_un.d_val;
  expect_with(DT_STRSZ, bytes - 2, -ENOEXEC, 0);
  expect_with(DT_STRSZ, 1, 0, 0);
}

/* Where GNU's makes no sense, the other one is asked. */
Test(symbols_dynamic, are_not_counted_by_a_wrong_hash_table, .init = make, .fini = end) {
  size_t beyond = library.memory_bytes;
  uint32_t *head = words_at(DT_GNU_HASH), *buckets = head + 4 + 2 * head[2];
  uint32_t good[4];
  memcpy(good, head, sizeof good);
  expect_with(DT_GNU_HASH, beyond - 4, 0, 2);
  expect_with(DT_GNU_HASH, entry_of(DT_GNU_HASH)->d_un.d_ptr + 4, 0, 2);
  expect_with(DT_HASH, beyond - 4, 0, 2);
  for (int i = 0; i < 3; i += 2) {
    head[i] = UINT32_MAX;
    expect(0, 2);
    expect_without(DT_HASH, -ENOEXEC, 0);
    memcpy(head, good, sizeof good);
  }
  uint32_t bucket = buckets[0];
  buckets[0] = UINT32_MAX;
  expect_without(DT_HASH, -ENOEXEC, 0);
  buckets[0] = bucket;
  words_at(DT_HASH)[1] = 0;
  expect_without(DT_GNU_HASH, -ENOEXEC, 0);
}
