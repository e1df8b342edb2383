/*
 * Tests of launch/target.c and elf.c: real executables, and files that are none.
 */
#include "launch/target.h"

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

static char folder[PATH_MAX];
static char path[PATH_MAX];
static struct target target;
static struct elf_facts facts;

static void set_up(void) {
  fake_folder_make(folder);
}

static void tear_down(void) {
  fake_folder_remove(folder);
}

static void make_file(const char *name, const void *bytes, size_t size, mode_t mode) {
  fake_segment_save(bytes, size, folder, name, path);
  cr_assert_eq(chmod(path, mode), 0);
}

static void make_script(const char *name, const char *text) {
  make_file(name, text, strlen(text), 0755);
}

/* A copy of /bin/true's head, large enough for all that is looked at. */
static size_t read_true(unsigned char *bytes, size_t room) {
  int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
  ssize_t size = read(fd, bytes, room);
  cr_assert_gt(size, 4096);
  close(fd);
  return (size_t)size;
}

Test(elf, knows_a_dynamic_program) {
  cr_assert_eq(elf_read("/bin/true", &facts), 0);
  cr_assert(facts.is_native);
  cr_assert(facts.is_dynamic);
  cr_assert(strstr(facts.loader, "ld-linux"), "%s", facts.loader);
}

Test(elf, knows_what_has_no_loader) {
  cr_assert_eq(elf_read("/lib/x86_64-linux-gnu/libm.so.6", &facts), 0);
  cr_assert_not(facts.is_dynamic);
}

Test(elf, knows_what_is_none, .init = set_up, .fini = tear_down) {
  make_script("script", "#!/bin/sh\n");
  cr_assert_eq(elf_read(path, &facts), -ENOEXEC);
  make_file("empty", "", 0, 0755);
  cr_assert_eq(elf_read(path, &facts), -ENOEXEC);
  cr_assert_eq(elf_read("/nonexistent", &facts), -ENOENT);
}

Test(elf, survives_truncation_and_flipped_bytes, .init = set_up, .fini = tear_down) {
  static unsigned char bytes[1 << 16];
  size_t size = read_true(bytes, sizeof bytes);
  for (size_t cut = 0; cut < 2048; cut += 7) {
    make_file("cut", bytes, cut, 0755);
    elf_read(path, &facts);
    cr_assert(cut >= sizeof(Elf64_Ehdr) || elf_read(path, &facts) == -ENOEXEC);
  }
  make_file("bent", bytes, size, 0755);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  for (size_t at = 0; at < 1024; at++) {
    unsigned char bent = bytes[at] ^ 0xff;
    cr_assert_eq(pwrite(fd, &bent, 1, (off_t)at), 1);
    int error = elf_read(path, &facts);
    cr_assert(error == 0 || error == -ENOEXEC || error == -EINVAL, "%d at %zu", error, at);
    cr_assert_eq(pwrite(fd, &bytes[at], 1, (off_t)at), 1);
  }
  close(fd);
}

Test(target, is_searched_for_as_the_shell_does, .init = set_up, .fini = tear_down) {
  char folders[PATH_MAX + 64];
  make_file("true", "", 0, 0644);
  snprintf(folders, sizeof folders, "/nonexistent:%s:/bin", folder);
  cr_assert_eq(target_find("true", folders, &target), 0);
  cr_assert_str_eq(target.path, "/bin/true", "what may not be executed is passed over");
  cr_assert_eq(target_find("true", folder, &target), -EACCES);
  cr_assert_eq(target_find("no-such-program", folders, &target), -ENOENT);
  cr_assert_eq(target_find("", folders, &target), -ENOENT);
  cr_assert_eq(target_find("/bin/true", "/nonexistent", &target), 0);
  cr_assert_eq(target_find("true", NULL, &target), 0);
  cr_assert_eq(target_find(folder, folders, &target), -EACCES);
}

Test(target, of_a_script_is_its_interpreter, .init = set_up, .fini = tear_down) {
  make_script("script", "#! /bin/sh -e\nexit 0\n");
  cr_assert_eq(target_find(path, NULL, &target), 0);
  cr_assert_str_eq(target.path, "/bin/sh");
  cr_assert_eq(target.hindrance, HINDRANCE_NONE);
  make_script("broken", "#!/nonexistent\n");
  cr_assert_eq(target_find(path, NULL, &target), -ENOENT);
  char self[PATH_MAX + 8];
  snprintf(self, sizeof self, "#!%s/ring\n", folder);
  make_script("ring", self);
  cr_assert_eq(target_find(path, NULL, &target), -ELOOP);
}

Test(target, is_hindered_by_another_machine, .init = set_up, .fini = tear_down) {
  static unsigned char bytes[1 << 16];
  size_t size = read_true(bytes, sizeof bytes);
  ((Elf64_Ehdr *)bytes)->e_machine = EM_S390;
  make_file("foreign", bytes, size, 0755);
  cr_assert_eq(target_find(path, NULL, &target), 0);
  cr_assert_eq(target.hindrance, HINDRANCE_FOREIGN);
}

Test(target, is_hindered_by_another_libc, .init = set_up, .fini = tear_down) {
  static unsigned char bytes[1 << 16];
  size_t size = read_true(bytes, sizeof bytes);
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
  const Elf64_Phdr *headers = (const Elf64_Phdr *)(bytes + header->e_phoff);
  for (size_t i = 0; i < header->e_phnum; i++) {
    if (headers[i].p_type == PT_INTERP) strcpy((char *)bytes + headers[i].p_offset, "/lib/ld-musl-x.so.1");
  }
  make_file("musl", bytes, size, 0755);
  cr_assert_eq(target_find(path, NULL, &target), 0);
  cr_assert_eq(target.hindrance, HINDRANCE_MUSL);
}

/* Its loader may be called anything: what counts is which libc it needs. */
Test(target, is_hindered_by_another_libc_that_it_needs, .init = set_up, .fini = tear_down) {
  static unsigned char bytes[1 << 16];
  size_t size = read_true(bytes, sizeof bytes);
  unsigned char *name = memmem(bytes, size, "libc.so.6", 10);
  cr_assert(name);
  strcpy((char *)name, "libc.so");
  make_file("moved", bytes, size, 0755);
  cr_assert_eq(target_find(path, NULL, &target), 0);
  cr_assert_eq(target.hindrance, HINDRANCE_MUSL);
  strcpy((char *)name, "libc.sox");
  make_file("other", bytes, size, 0755);
  cr_assert_eq(target_find(path, NULL, &target), 0);
  cr_assert_eq(target.hindrance, HINDRANCE_NONE);
}

/* Whatever its dynamic section says, it is read within the file. */
Test(target, with_a_broken_dynamic_section, .init = set_up, .fini = tear_down) {
  static unsigned char bytes[1 << 16];
  size_t size = read_true(bytes, sizeof bytes);
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
  Elf64_Phdr *headers = (Elf64_Phdr *)(bytes + header->e_phoff);
  static const uint64_t values[] = {0, 1, UINT64_MAX, UINT64_MAX / 2, UINT64_MAX - 15};
  for (size_t i = 0; i < header->e_phnum; i++) {
    if (headers[i].p_type != PT_DYNAMIC && headers[i].p_type != PT_LOAD) continue;
    for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
      Elf64_Phdr kept = headers[i];
      if (k % 2) headers[i].p_offset = values[k];
      headers[i].p_filesz = values[(k + 1) % 5];
      headers[i].p_vaddr = k % 3 ? kept.p_vaddr : values[k];
      make_file("broken", bytes, size, 0755);
      cr_assert_eq(target_find(path, NULL, &target), 0);
      cr_assert_neq(target.hindrance, HINDRANCE_MUSL);
      headers[i] = kept;
    }
  }
}

Test(target, is_hindered_by_set_user_id, .init = set_up, .fini = tear_down) {
  static unsigned char bytes[1 << 16];
  size_t size = read_true(bytes, sizeof bytes);
  make_file("privileged", bytes, size, 04755);
  cr_assert_eq(target_find(path, NULL, &target), 0);
  cr_assert_eq(target.hindrance, HINDRANCE_NONE, "it becomes who we are");
  if (getuid() != 0) return;
  cr_assert_eq(chown(path, 65534, 0), 0);
  cr_assert_eq(chmod(path, 04755), 0);
  cr_assert_eq(target_find(path, NULL, &target), 0);
  cr_assert_eq(target.hindrance, HINDRANCE_PRIVILEGED);
}

Test(target, each_hindrance_has_words) {
  cr_assert_null(target_hindrance_words(HINDRANCE_NONE));
  for (int hindrance = HINDRANCE_STATIC; hindrance <= HINDRANCE_FOREIGN; hindrance++) {
    cr_assert(strchr(target_hindrance_words((enum hindrance)hindrance), ';'), "says what to do");
  }
}
