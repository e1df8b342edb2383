/*
 * Tests of export/output.c: a file is whole, or as it was.
 */
#include "export/output.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader/fake_segment.h"

static char folder[PATH_MAX], path[PATH_MAX + 16];

static void set_up(void) {
  fake_folder_make(folder);
  snprintf(path, sizeof path, "%s/out", folder);
}

static void tear_down(void) {
  fake_folder_remove(folder);
}

static void holds(const char *expected) {
  char bytes[64] = "";
  FILE *file = fopen(path, "r");
  cr_assert_not_null(file);
  size_t count = fread(bytes, 1, sizeof bytes - 1, file);
  bytes[count] = 0;
  fclose(file);
  cr_expect_str_eq(bytes, expected, "%s", bytes);
}

static unsigned files(void) {
  unsigned count = 0;
  DIR *listed = opendir(folder);
  for (const struct dirent *entry; (entry = readdir(listed));) count += entry->d_name[0] != '.';
  closedir(listed);
  return count;
}

Test(output, makes_a_file_as_the_mask_says, .init = set_up, .fini = tear_down) {
  struct stat there;
  mode_t mask = umask(027);
  cr_assert_eq(output_write(path, "abc", 3), 0);
  umask(mask);
  holds("abc");
  cr_assert_eq(stat(path, &there), 0);
  cr_expect_eq(there.st_mode & 07777, 0640);
  cr_expect_eq(files(), 1);
}

Test(output, takes_the_place_of_a_file_and_keeps_its_mode, .init = set_up, .fini = tear_down) {
  struct stat there;
  cr_assert_eq(output_write(path, "longer than before", 18), 0);
  cr_assert_eq(chmod(path, 0604), 0);
  cr_assert_eq(output_write(path, "", 0), 0);
  holds("");
  cr_assert_eq(stat(path, &there), 0);
  cr_expect_eq(there.st_mode & 07777, 0604);
  cr_expect_eq(files(), 1);
}

Test(output, writes_through_a_link, .init = set_up, .fini = tear_down) {
  char link[PATH_MAX + 16];
  struct stat there;
  snprintf(link, sizeof link, "%s/link", folder);
  cr_assert_eq(output_write(path, "old", 3), 0);
  cr_assert_eq(symlink("out", link), 0);
  cr_assert_eq(output_write(link, "new", 3), 0);
  holds("new");
  cr_assert_eq(lstat(link, &there), 0);
  cr_expect(S_ISLNK(there.st_mode));
}

Test(output, says_what_is_wrong_and_leaves_nothing, .init = set_up, .fini = tear_down) {
  char none[PATH_MAX + 32], longest[PATH_MAX + 1];
  snprintf(none, sizeof none, "%s/none/out", folder);
  memset(longest, 'x', PATH_MAX);
  longest[PATH_MAX] = 0;
  cr_expect_eq(output_write(none, "abc", 3), -ENOENT);
  cr_expect_eq(output_write(folder, "abc", 3), -EISDIR);
  cr_expect_eq(output_write("/dev/full", "abc", 3), -ENOSPC);
  cr_expect_eq(output_write(longest, "abc", 3), -ENAMETOOLONG);
  cr_expect_eq(output_write("/dev/null", "abc", 3), 0);
  cr_expect_eq(files(), 0);
}
