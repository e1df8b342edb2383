/*
 * Tests of doctor/program_facts.c, dynamic.c and allocators.c: real files, and files that somebody has broken. What only
 * a compiler makes is tested by tests/system/doctor.bats.
 */
#include "doctor/program_facts.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader/fake_segment.h"

#define LIBRARIES "/usr/lib/x86_64-linux-gnu/"

static char folder[PATH_MAX];
static char path[PATH_MAX];
static struct program_facts facts;
static struct fault fault;

static void set_up(void) {
  fake_folder_make(folder);
}

static void tear_down(void) {
  fake_folder_remove(folder);
}

/* Leaves the bytes in a file at `path`, too. */
static unsigned char *copy_of(const char *original, size_t *ret_size) {
  int fd = open(original, O_RDONLY | O_CLOEXEC);
  struct stat status;
  cr_assert(fd >= 0 && fstat(fd, &status) == 0, "%s", original);
  unsigned char *bytes = malloc((size_t)status.st_size);
  cr_assert_eq(read(fd, bytes, (size_t)status.st_size), status.st_size);
  close(fd);
  *ret_size = (size_t)status.st_size;
  fake_segment_save(bytes, *ret_size, folder, "copy", path);
  return bytes;
}

static bool is_broken_or_read(int error) {
  return error == 0 || error == -EBADMSG;
}

Test(program_facts, of_a_plain_program) {
  cr_assert_eq(program_facts_read("/bin/true", &facts, &fault), 0);
  cr_assert(strstr(facts.loader, "ld-linux"));
  cr_assert_str_eq(facts.own_malloc, "");
  cr_assert_str_eq(facts.sanitizer, "");
  cr_assert_null(facts.allocator);
  cr_assert(facts.has_unwind_tables && !facts.is_library && !facts.is_go);
  cr_assert_eq(strlen(facts.build_id), 40);
}

Test(program_facts, of_libraries) {
  cr_assert_eq(program_facts_read(LIBRARIES "libm.so.6", &facts, &fault), 0);
  cr_assert(facts.is_library);
  cr_assert_str_eq(facts.own_malloc, "");
}

Test(program_facts, know_allocators_by_what_they_export) {
  static const struct {
    const char *file, *name;
  } libraries[] = {{"libjemalloc.so.2", "jemalloc"},
                   {"libtcmalloc_minimal.so.4", "tcmalloc"},
                   {"libmimalloc.so.2", "mimalloc"}};
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    char library[PATH_MAX];
    snprintf(library, sizeof library, LIBRARIES "%s", libraries[i].file);
    cr_assert_eq(program_facts_read(library, &facts, &fault), 0);
    cr_assert(allocator_is_family(facts.own_malloc));
    cr_assert_str_eq(facts.allocator->called, libraries[i].name);
    cr_assert_eq(allocator_of_library(libraries[i].file), facts.allocator);
  }
}

Test(program_facts, know_allocators_by_their_texts) {
  static const char *const files[] = {"libjemalloc.so.2", "libtcmalloc_minimal.so.4", "libmimalloc.so.2"};
  elf_version(EV_CURRENT);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char library[PATH_MAX];
    snprintf(library, sizeof library, LIBRARIES "%s", files[i]);
    int fd = open(library, O_RDONLY | O_CLOEXEC);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    cr_assert_eq(allocator_of_texts(elf, fd), allocator_of_library(files[i]));
    elf_end(elf);
    close(fd);
  }
}

Test(program_facts, know_allocators_by_parts_of_names) {
  cr_assert_str_eq(allocator_of_symbol("_ZN15partition_alloc13PartitionRoot5AllocEm")->called,
                   "PartitionAlloc");
  cr_assert_str_eq(allocator_of_symbol("_rjem_mallctl")->called, "jemalloc");
  cr_assert_null(allocator_of_symbol("malloc"));
  cr_assert_null(allocator_of_symbol("my_mallctl"));
  cr_assert_null(allocator_of_library("libc.so.6"));
}

Test(program_facts, know_sanitizers_by_their_libraries) {
  cr_assert(program_is_sanitizer("libasan.so.8") && program_is_sanitizer("libclang_rt.asan-x86_64.so"));
  cr_assert_not(program_is_sanitizer("libubsan.so.1"));
}

Test(program_facts, of_what_is_no_program, .init = set_up, .fini = tear_down) {
  cr_assert_eq(program_facts_read("/nonexistent", &facts, &fault), -ENOENT);
  cr_assert_eq(program_facts_read(folder, &facts, &fault), -EBADMSG);
  fake_segment_save("text\n", 5, folder, "text", path);
  cr_assert_eq(program_facts_read(path, &facts, &fault), -EBADMSG);
  cr_assert(strstr(fault.words, "; "), "says what to do");
}

Test(program_facts, of_files_that_were_cut, .init = set_up, .fini = tear_down) {
  size_t size;
  unsigned char *bytes = copy_of("/bin/true", &size);
  for (size_t cut = size; cut-- > 0; cut -= cut > 4096 && cut < size - 4096 ? 97 : 7) {
    cr_assert_eq(truncate(path, (off_t)cut), 0);
    int error = program_facts_read(path, &facts, &fault);
    cr_assert(is_broken_or_read(error), "%d at %zu", error, cut);
    cr_assert(cut >= 64 || error == -EBADMSG);
    if (cut < 8) break;
  }
  free(bytes);
}

/* Each byte of headers and dynamic section, to several values: offsets, counts and sizes become small and huge. */
Test(program_facts, of_files_with_bent_bytes, .init = set_up, .fini = tear_down) {
  static const unsigned char values[] = {0x00, 0x01, 0x7f, 0xff};
  size_t size;
  unsigned char *bytes = copy_of("/bin/true", &size);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  for (size_t at = 0; at < size; at += at < 2048 ? 1 : 61) {
    for (size_t i = 0; i < sizeof values; i++) {
      cr_assert_eq(pwrite(fd, &values[i], 1, (off_t)at), 1);
      int error = program_facts_read(path, &facts, &fault);
      cr_assert(is_broken_or_read(error), "%d at %zu", error, at);
    }
    cr_assert_eq(pwrite(fd, &bytes[at], 1, (off_t)at), 1);
  }
  close(fd);
  free(bytes);
}

static size_t find_dynamic(const unsigned char *bytes, size_t *ret_size) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)bytes;
  const Elf64_Phdr *headers = (const Elf64_Phdr *)(const void *)(bytes + header->e_phoff);
  for (size_t i = 0; i < header->e_phnum; i++) {
    if (headers[i].p_type != PT_DYNAMIC) continue;
    *ret_size = headers[i].p_filesz;
    return headers[i].p_offset;
  }
  *ret_size = 0;
  return 0;
}

/* Every value of the dynamic section, each to what points before, at the end of, and far beyond the file. */
Test(program_facts, of_a_crafted_dynamic_section, .init = set_up, .fini = tear_down) {
  static const uint64_t values[] = {0, 1, 0x1000, 0x7fff, UINT32_MAX, INT64_MAX, UINT64_MAX, UINT64_MAX - 7};
  static const char *const files[] = {"/bin/true", LIBRARIES "libjemalloc.so.2"};
  for (size_t file = 0; file < sizeof files / sizeof *files; file++) {
    size_t size, dynamic_size;
    unsigned char *bytes = copy_of(files[file], &size);
    size_t dynamic = find_dynamic(bytes, &dynamic_size);
    cr_assert_gt(dynamic, 0);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    for (size_t at = dynamic + 8; at < dynamic + dynamic_size; at += 16) {
      for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        cr_assert_eq(pwrite(fd, &values[i], 8, (off_t)at), 8);
        int error = program_facts_read(path, &facts, &fault);
        cr_assert(is_broken_or_read(error), "%d at %zu", error, at);
      }
      cr_assert_eq(pwrite(fd, bytes + at, 8, (off_t)at), 8);
    }
    close(fd);
    free(bytes);
  }
}

/* A hash table that says that there are more symbols, buckets or words than anybody has. */
Test(program_facts, of_a_crafted_hash_table, .init = set_up, .fini = tear_down) {
  static const uint32_t values[] = {0, 1, 0xffff, UINT32_MAX};
  size_t size, dynamic_size;
  unsigned char *bytes = copy_of("/bin/true", &size);
  size_t dynamic = find_dynamic(bytes, &dynamic_size), hash = 0;
  for (size_t at = dynamic; at < dynamic + dynamic_size; at += sizeof(Elf64_Dyn)) {
    const Elf64_Dyn *entry = (const Elf64_Dyn *)(const void *)(bytes + at);
    if (entry->d_tag == DT_GNU_HASH) hash = entry->d_un.d_ptr; /* in the first segment: its offset, too */
  }
  cr_assert(hash > 0 && hash < 0x4000);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  for (size_t at = hash; at < hash + 64; at += 4) {
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
      cr_assert_eq(pwrite(fd, &values[i], 4, (off_t)at), 4);
      cr_assert(is_broken_or_read(program_facts_read(path, &facts, &fault)));
    }
    cr_assert_eq(pwrite(fd, bytes + at, 4, (off_t)at), 4);
  }
  close(fd);
  free(bytes);
}
