/*
 * module.c: tests of src/os/module.c.
 */
#include "os/module.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct list {
  size_t all, executables, of_libc, with_headers;
};

static void list(void *context, const struct module *module) {
  struct list *list = context;
  list->all++;
  list->executables += module->is_executable != 0;
  list->of_libc += module->soname && strcmp(module->soname, "libc.so.6") == 0;
  list->with_headers += module->headers && module->header_count > 0;
  cr_expect_eq(module_handle((const void *)module->start), module->handle, "%s", module->path);
  cr_expect(module_holds(module, (uintptr_t)module->dynamic, sizeof *module->dynamic), "%s", module->path);
}

Test(module, list_of_all_has_each_once) {
  struct list modules = {0};
  errno = 77;
  cr_assert_eq(modules_visit(list, &modules), 0);
  cr_expect_eq(errno, 77);
  cr_expect_eq(modules.executables, 1);
  cr_expect_eq(modules.of_libc, 1);
  cr_expect_eq(modules.with_headers, modules.all);
}

/* In its callback the loader's lock is held, and is not waited for. */
static void list_again(void *context, const struct module *module) {
  struct list inner = {0};
  (void)module;
  cr_assert_eq(modules_visit(list, &inner), 0);
  ((struct list *)context)->all += inner.all;
}

Test(module, list_of_all_may_be_asked_for_within) {
  struct list outer = {0}, modules = {0};
  cr_assert_eq(modules_visit(list, &modules), 0);
  cr_assert_eq(modules_visit(list_again, &outer), 0);
  cr_expect_eq(outer.all, modules.all * modules.all);
}

Test(module, is_found_by_any_address) {
  struct module module;
  cr_assert_eq(module_find((const void *)(uintptr_t)strlen, &module), 0);
  cr_expect_not_null(module.dynamic);
  cr_expect_not(module.is_executable && module.path[0]);
  cr_assert_eq(module_find((const void *)(uintptr_t)list, &module), 0);
  cr_expect(module.is_executable);
  cr_expect_str_eq(module.path, "");
  cr_expect_null(module.headers, "they are modules_visit's alone");
  int local = 0;
  cr_expect_eq(module_find(&local, &module), -ENOENT);
}

static int initialised = 1;

Test(module, knows_its_code) {
  int local = 0;
  cr_expect(module_is_code((uintptr_t)strlen));
  cr_expect(module_is_code((uintptr_t)list));
  cr_expect_not(module_is_code((uintptr_t)&initialised), "data of a module");
#if defined(__x86_64__) /* elsewhere they may lie in one segment with it */
  cr_expect_not(module_is_code((uintptr_t) "a constant"));
#endif
  cr_expect_not(module_is_code((uintptr_t)&local), "in no module");
  cr_expect_not(module_is_code(0));
}

Test(module, holds_what_lies_within) {
  struct module module = {.start = 0x1000, .bytes = 0x100};
  cr_expect(module_holds(&module, 0x1000, 0x100));
  cr_expect(module_holds(&module, 0x1100, 0));
  cr_expect_not(module_holds(&module, 0x1100, 1));
  cr_expect_not(module_holds(&module, 0x1000, 0x101));
  cr_expect_not(module_holds(&module, 0xfff, 1));
  cr_expect_not(module_holds(&module, 0x1010, UINTPTR_MAX));
  cr_expect_not(module_holds(&module, UINTPTR_MAX, 2));
}

Test(module, resolves_pointers_and_offsets) {
  struct module module = {.bias = 0x7f0000000000};
  cr_expect_eq(module_resolve(&module, 0x7f0000000123), 0x7f0000000123);
  cr_expect_eq(module_resolve(&module, 0x123), 0x7f0000000123);
}

/* A file that somebody made so: the loader takes it where the processor does. */
static _Alignas(8) unsigned char image[4096];

static struct module made_module(uint64_t headers_at, uint64_t note_at) {
  ElfW(Ehdr) header = {.e_phentsize = sizeof(ElfW(Phdr)), .e_phnum = 2, .e_phoff = headers_at};
  ElfW(Phdr) headers[] = {{.p_type = PT_LOAD, .p_filesz = sizeof image},
                          {.p_type = PT_NOTE, .p_vaddr = note_at, .p_memsz = 20}};
  ElfW(Nhdr) note = {.n_namesz = 4, .n_descsz = 4, .n_type = NT_GNU_BUILD_ID};
  memset(image, 0, sizeof image);
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  memcpy(image, &header, sizeof header);
  memcpy(image + headers_at, headers, sizeof headers);
  memcpy(image + note_at, &note, sizeof note);
  memcpy(image + note_at + sizeof note, "GNU\0abcd", 8);
  return (struct module){.start = (uintptr_t)image, .bytes = sizeof image, .bias = (uintptr_t)image};
}

Test(module, headers_and_notes_that_are_not_aligned_are_not_read) {
  struct module_area area;
  unsigned char build_id[8];
  struct module module = made_module(64, 1024);
  cr_expect_eq(module_area(&module, 0, &area), 0);
  cr_expect_eq(module_build_id(&module, build_id, sizeof build_id), 4);
  module = made_module(64, 1026);
  cr_expect_eq(module_build_id(&module, build_id, sizeof build_id), 0);
  module = made_module(68, 1024);
  cr_expect_eq(module_area(&module, 0, &area), -ENOENT);
  cr_expect_eq(module_build_id(&module, build_id, sizeof build_id), 0);
}
