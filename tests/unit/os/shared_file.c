/*
 * shared_file.c: tests of src/os/shared_file.h: what is opened again is a file of one's own, and nothing else.
 */
#include "os/shared_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/memory.h"

static char folder[64], path[512], other[512];

static void begin(void) {
  snprintf(folder, sizeof folder, "/tmp/ration-unit-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/it", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  alarm(60); /* who opens a pipe may wait for ever */
}

static void end(void) {
  char command[128];
  alarm(0);
  snprintf(command, sizeof command, "rm -r %s", folder);
  cr_assert_eq(system(command), 0);
}

static void put(const char *at, const char *words) {
  FILE *file = fopen(at, "w");
  cr_assert_not_null(file);
  fputs(words, file);
  fclose(file);
}

TestSuite(shared_file, .init = begin, .fini = end);

Test(shared_file, a_file_of_ones_own_is_read_and_patched) {
  char bytes[8];
  int64_t modified;
  struct stat status;
  put(path, "12345678");
  int descriptor = shared_file_reopen(path, 1, &modified);
  cr_assert_geq(descriptor, 0);
  cr_assert_eq(stat(path, &status), 0);
  cr_assert_eq(modified, status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec);
  cr_assert_eq(shared_file_patch(descriptor, 4, 0x41414141), 0);
  cr_assert_eq(shared_file_peek(descriptor, bytes, 8), 0);
  cr_assert_eq(memcmp(bytes, "1234AAAA", 8), 0);
  cr_assert_eq(shared_file_peek(descriptor, bytes, 4), 0);
  shared_file_close(descriptor);
  descriptor = shared_file_reopen(path, 0, &modified);
  cr_assert_geq(descriptor, 0);
  cr_assert_eq(shared_file_patch(descriptor, 0, 0), -EBADF);
  put(path, "123");
  cr_assert_eq(shared_file_peek(descriptor, bytes, 8), -EIO);
  shared_file_close(descriptor);
}

Test(shared_file, what_stands_in_its_place_is_not_opened) {
  int64_t modified;
  cr_assert_eq(shared_file_reopen(path, 0, &modified), -ENOENT);
  put(other, "12345678");
  cr_assert_eq(symlink(other, path), 0);
  cr_assert_eq(shared_file_reopen(path, 0, &modified), -ELOOP);
  cr_assert(shared_file_is_barred(path));
  cr_assert_not(shared_file_is_barred(other));
  cr_assert_eq(unlink(path), 0);
  cr_assert_not(shared_file_is_barred(path));
  cr_assert_eq(mkfifo(path, 0600), 0);
  cr_assert_eq(shared_file_reopen(path, 0, &modified), -EPERM);
  cr_assert_eq(shared_file_reopen(path, 1, &modified), -EPERM);
  cr_assert_eq(unlink(path), 0);
  cr_assert_eq(mkdir(path, 0700), 0);
  cr_assert_eq(shared_file_reopen(path, 0, &modified), -EPERM);
  cr_assert_eq(shared_file_reopen("/dev/null", 0, &modified), -EPERM);
}

Test(shared_file, a_file_of_another_user_is_not_opened) {
  int64_t modified;
  put(path, "12345678");
  if (geteuid() != 0 || chown(path, 65534, 65534) != 0) return; /* nobody else can be had */
  cr_assert_eq(shared_file_reopen(path, 0, &modified), -EPERM);
  cr_assert_eq(seteuid(65534), 0);
  cr_assert_eq(chmod(folder, 0755), -1);
  int descriptor = shared_file_reopen(path, 0, &modified);
  cr_assert_eq(seteuid(0), 0);
  cr_assert_eq(descriptor, -EACCES); /* its folder is not theirs */
  cr_assert_eq(chmod(folder, 0755), 0);
  cr_assert_eq(seteuid(65534), 0);
  descriptor = shared_file_reopen(path, 0, &modified);
  cr_assert_eq(seteuid(0), 0);
  cr_assert_geq(descriptor, 0);
  shared_file_close(descriptor);
}

/* The file that it leaves as a child may have been changed for something else meanwhile. */
Test(shared_file, a_child_does_not_wait_at_what_took_the_place_of_its_file) {
  struct shared_file file;
  cr_assert_eq(shared_file_create(folder, "it", 65536, 4096, &file), 0);
  strcpy(file.memory, "its words");
  cr_assert_eq(shared_file_part(&file, 4096), 0);
  cr_assert_str_eq(file.memory, "its words");
  cr_assert_eq(unlink(path), 0);
  cr_assert_eq(mkfifo(path, 0600), 0);
  cr_assert_eq(shared_file_part(&file, 4096), -EPERM);
  cr_assert_str_eq(file.memory, "its words");
  memory_unmap(file.memory, 65536);
}

Test(shared_file, it_is_made_for_its_user_alone_and_never_over_something) {
  struct shared_file file;
  struct stat status;
  mode_t mask = umask(0);
  cr_assert_eq(shared_file_create(folder, "it", 65536, 4096, &file), 0);
  umask(mask);
  cr_assert_eq(stat(path, &status), 0);
  cr_assert_eq(status.st_mode & 07777, 0600);
  memory_unmap(file.memory, 65536);
  cr_assert_eq(shared_file_create(folder, "it", 65536, 4096, &file), -EEXIST);
  cr_assert_eq(unlink(path), 0);
  cr_assert_eq(symlink("nowhere", path), 0);
  cr_assert_eq(shared_file_create(folder, "it", 65536, 4096, &file), -EEXIST);
  snprintf(other, sizeof other, "%s/nowhere", folder);
  cr_assert_eq(access(other, F_OK), -1);
}
