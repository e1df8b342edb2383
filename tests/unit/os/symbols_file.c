/*
 * symbols_file.c: tests of src/os/symbols_file.c and module_file.c with files that are not what they should be.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "os/library.h"
#include "os/symbols.h"

/* Three exported functions, two local ones, one without a size; small enough that most bytes matter. */
static const char source[] =
    "static __attribute__((noinline, used)) int local_one(int a) { return a + 1; }\n"
    "static __attribute__((noinline, used)) int local_two(int a) { return a * 3; }\n"
    "int exported_one(int a) { return local_one(a); }\n"
    "int exported_two(int a) { return local_two(a); }\n"
    "int exported_three(int a) { return a ^ 5; }\n"
    "__asm__(\".pushsection own, \\\"ax\\\", %progbits\\n.type unsized, %function\\n\"\n"
    "        \".type unsized_end, %function\\nunsized: .skip 40\\n\"\n"
    "        \"unsized_end: .skip 8\\n.popsection\\n\");\n";

#define SMALL "-O1 -nostdlib -Wl,-z,noseparate-code -Wl,--hash-style=gnu -Wl,--build-id=0x0102030405060708"

struct seen {
  const struct library *library;
  size_t all, local, exported, unsized, unsized_end;
};

static void see(void *context, const struct symbol *symbol) {
  struct seen *seen = context;
  cr_assert(module_holds(&seen->library->module, symbol->start, symbol->bytes));
  cr_assert_gt(strlen(symbol->name), 0);
  seen->all++;
  seen->local += strncmp(symbol->name, "local_", 6) == 0;
  seen->exported += strncmp(symbol->name, "exported_", 9) == 0;
  seen->unsized += strcmp(symbol->name, "unsized") == 0 && symbol->bytes == 40;
  seen->unsized_end += strcmp(symbol->name, "unsized_end") == 0 && symbol->bytes == 8;
}

static int visit(const struct library *library, struct seen *ret_seen) {
  *ret_seen = (struct seen){.library = library};
  return symbols_visit_file(&library->module, see, ret_seen);
}

/* Whatever is wrong with the file, what is mapped is still visited. */
static void expect_dynamic_only(const struct library *library, int result) {
  struct seen seen;
  int got = visit(library, &seen);
  cr_expect_eq(got, result, "%d, not %d", got, result);
  cr_expect_eq(seen.exported, 3);
  cr_expect_eq(seen.local, 0);
}

Test(symbols_file, is_read) {
  struct library library;
  library_make(source, SMALL, &library);
  struct seen seen;
  cr_expect_eq(visit(&library, &seen), 0);
  cr_expect_eq(seen.local, 2);
  cr_expect_eq(seen.exported, 6, "in .symtab and in .dynsym");
  cr_expect_eq(seen.unsized, 1);
  cr_expect_eq(seen.unsized_end, 1, "it ends with its section");
  library_free(&library);
}

Test(symbols_file, without_symtab_has_the_dynamic_ones) {
  struct library library;
  library_make(source, SMALL " -s", &library);
  expect_dynamic_only(&library, 0);
  library_free(&library);
}

Test(symbols_file, is_counted_by_either_hash) {
  struct library library;
  library_make(source, SMALL " -s -Wl,--hash-style=sysv", &library);
  expect_dynamic_only(&library, 0);
  library_free(&library);
}

Test(symbols_file, of_another_build_is_not_believed) {
  struct library library;
  library_make(source, SMALL, &library);
  struct library by_note;
  library_make(source, SMALL " -Wl,--build-id=0x0102030405060709", &by_note);
  struct library by_size;
  library_make("int other(int a) { return a; }", SMALL, &by_size);
  cr_assert_eq(library.size, by_note.size);
  library_write(&library, by_note.bytes, by_note.size);
  expect_dynamic_only(&library, -ESTALE);
  library_write(&library, by_size.bytes, by_size.size);
  expect_dynamic_only(&library, -ESTALE);
  library_write(&library, library.bytes, library.size);
  struct seen seen;
  cr_expect_eq(visit(&library, &seen), 0);
  library.headers[library.layout_count - 1].p_align ^= 1;
  expect_dynamic_only(&library, -ESTALE);
  library.module.header_count--;
  expect_dynamic_only(&library, -ESTALE);
  library_free(&library), library_free(&by_note), library_free(&by_size);
}

Test(symbols_file, that_is_none_is_refused) {
  struct library library;
  library_make(source, SMALL, &library);
  char folder[] = "/tmp/ration-symbols-XXXXXX", pipe_path[64];
  cr_assert_not_null(mkdtemp(folder));
  snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
  cr_assert_eq(mkfifo(pipe_path, 0600), 0);
  library.module.path = pipe_path;
  expect_dynamic_only(&library, -ENOEXEC);
  unlink(pipe_path);
  expect_dynamic_only(&library, -ENOENT);
  library.module.path = folder;
  expect_dynamic_only(&library, -ENOEXEC);
  rmdir(folder);
  library.module.path = "linux-vdso.so.1";
  expect_dynamic_only(&library, -ENOENT);
  library.module.path = library.path;
  library.module.headers = NULL;
  expect_dynamic_only(&library, -EINVAL);
  library_free(&library);
}

Test(symbols_file, of_any_other_kind_is_refused) {
  static const struct {
    size_t at;
    unsigned char byte;
  } table[] = {
      {0, 0}, {EI_CLASS, ELFCLASS32}, {EI_DATA, ELFDATA2MSB}, {offsetof(ElfW(Ehdr), e_phentsize), 32}};
  struct library library;
  library_make(source, SMALL, &library);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    unsigned char before = library.bytes[table[i].at];
    library.bytes[table[i].at] = table[i].byte;
    library_write(&library, library.bytes, library.size);
    expect_dynamic_only(&library, -ENOEXEC);
    library.bytes[table[i].at] = before;
  }
  library_free(&library);
}

/* Changes a word of the section header of .symtab (`is_names`: of its string table), in the file alone. */
static ElfW(Shdr) * section_of(const struct library *library, int is_names) {
  const ElfW(Ehdr) *header = (const void *)library->bytes;
  ElfW(Shdr) *sections = (void *)(library->bytes + header->e_shoff);
  for (size_t i = 0; i < header->e_shnum; i++)
    if (sections[i].sh_type == SHT_SYMTAB) return &sections[is_names ? sections[i].sh_link : i];
  cr_assert_fail("no .symtab");
  return NULL;
}

Test(symbols_file, with_tables_that_make_no_sense_is_refused) {
  struct library library;
  library_make(source, SMALL, &library);
  ElfW(Shdr) *entries = section_of(&library, 0), *names = section_of(&library, 1);
  ElfW(Shdr) good_entries = *entries, good_names = *names;
  for (int i = 0; i < 9; i++) {
    static const int results[] = {-ENOTSUP, -ENOTSUP, -ENOEXEC, -ENOEXEC, -ENOEXEC,
                                  -ENOEXEC, -ENOEXEC, -EFBIG,   -EFBIG};
    if (i == 0) entries->sh_flags |= SHF_COMPRESSED;
    if (i == 1) names->sh_flags |= SHF_COMPRESSED;
    if (i == 2) entries->sh_entsize = 16;
    if (i == 3) entries->sh_link = 60000;
    if (i == 4) names->sh_type = SHT_PROGBITS;
    if (i == 5) entries->sh_offset = UINT64_MAX - 8;
    if (i == 6) names->sh_offset = library.size - 1;
    if (i == 7) entries->sh_size = UINT64_MAX;
    if (i == 8) names->sh_size = UINT64_MAX;
    library_write(&library, library.bytes, library.size);
    expect_dynamic_only(&library, results[i]);
    *entries = good_entries, *names = good_names;
  }
  library_free(&library);
}

Test(symbols_file, may_be_cut_anywhere, .timeout = 120) {
  struct library library;
  library_make(source, SMALL, &library);
  size_t failed = 0;
  for (size_t size = 0; size < library.size; size += 7) {
    struct seen seen;
    library_write(&library, library.bytes, size);
    failed += visit(&library, &seen) < 0;
    cr_assert_geq(seen.exported, 3);
  }
  cr_expect_geq(failed, library.size / 7, "the section headers come last, so each cut shows");
  library_free(&library);
}

static void cut(void *context, const struct symbol *symbol) {
  (void)symbol;
  const struct library *library = context;
  cr_assert_eq(ftruncate(library->descriptor, 100), 0);
}

Test(symbols_file, may_be_cut_while_it_is_read) {
  struct library library;
  library_make(source, SMALL, &library);
  cr_expect_eq(symbols_visit_file(&library.module, cut, &library), -EIO, "its second reading finds nothing");
  library_free(&library);
}

/*
 * Up to four bytes are wrong. Every other time they are wrong in memory too, so that the file is taken for that of the
 * loaded build and the wrong bytes are used.
 */
Test(symbols_file, may_have_any_wrong_bytes, .timeout = 300) {
  static const unsigned char odd[] = {0, 1, 0x7f, 0x80, 0xff};
  struct library library;
  library_make(source, SMALL, &library);
  unsigned char *good = malloc(library.size);
  memcpy(good, library.bytes, library.size);
  struct random random = {.seed = 3};
  size_t visited = 0, failed = 0;
  for (int round = 0; round < 20000; round++) {
    for (uint64_t flips = 1 + random_below(&random, 4); flips > 0; flips--) {
      uint64_t at = random_below(&random, library.size), kind = random_below(&random, 2 * sizeof odd);
      library.bytes[at] = kind < sizeof odd ? odd[kind] : (unsigned char)random_next(&random);
    }
    library_write(&library, library.bytes, library.size);
    if (round % 2) library_load(&library);
    struct seen seen;
    failed += visit(&library, &seen) < 0;
    visited += seen.all;
    memcpy(library.bytes, good, library.size);
    if (round % 2) library_load(&library);
  }
  cr_expect_gt(failed, 1000);
  cr_expect_gt(visited, 20000);
  free(good);
  library_free(&library);
}

struct watching {
  int lowest, highest, is_low;
};

static void watch(void *context, const struct symbol *symbol) {
  (void)symbol;
  struct watching *watching = context;
  for (int i = 0; i <= 2; i++)
    if (fcntl(i, F_GETFD) >= 0) watching->is_low = 1;
  int next = fcntl(watching->highest, F_DUPFD_CLOEXEC, 3);
  close(next);
  if (next > watching->lowest) watching->lowest = next;
}

/* What was closed stays so, also while the file is open; and nothing is open afterwards. */
Test(symbols_file, takes_no_standard_descriptor) {
  struct library library;
  library_make(source, SMALL, &library);
  int copies[3];
  for (int i = 0; i <= 2; i++) {
    copies[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
    close(i);
  }
  struct watching watching = {.highest = library.descriptor};
  int before = fcntl(library.descriptor, F_DUPFD_CLOEXEC, 3);
  close(before);
  int result = symbols_visit_file(&library.module, watch, &watching);
  int after = fcntl(library.descriptor, F_DUPFD_CLOEXEC, 3);
  close(after);
  for (int i = 0; i <= 2; i++) dup2(copies[i], i);
  cr_expect_eq(result, 0);
  cr_expect_not(watching.is_low);
  cr_expect_gt(watching.lowest, before, "it was open during the visits");
  cr_expect_eq(after, before);
  library_free(&library);
}

static void visit_all(void *context, const struct module *module) {
  struct seen *seen = context;
  struct library library = {.module = *module};
  struct seen one;
  int result = visit(&library, &one);
  if (result == -ENOENT) seen->all += one.all;
}

/* Returns an exit status: 0, 1: not as it should be, 2: this process may not change its root. */
static int visit_in_another_root(void) {
  struct seen seen = {0};
  if (chroot("/etc") < 0 && (unshare(CLONE_NEWUSER) < 0 || chroot("/etc") < 0)) return 2;
  return modules_visit(visit_all, &seen) < 0 || seen.all < 1000; /* libc's alone are more */
}

/* Without the libraries' files and without /proc. Where the test may not change its root, that cannot be tried. */
Test(symbols_file, is_done_without_in_another_root) {
  pid_t child = fork();
  if (child == 0) _exit(visit_in_another_root());
  int status = 0;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFEXITED(status));
  cr_expect_neq(WEXITSTATUS(status), 1);
}
