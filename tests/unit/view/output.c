/*
 * Tests of view/output.c: a file is whole, or as it was, and stays whose it was.
 */
#include "view/output.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
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

static void make(const char *bytes) {
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  cr_assert_geq(fputs(bytes, file), 0);
  cr_assert_eq(fclose(file), 0);
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
  for (const struct dirent *entry; (entry = readdir(listed));)
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
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

Test(output, makes_the_file_that_a_link_promises, .init = set_up, .fini = tear_down) {
  char link[PATH_MAX + 16];
  struct stat there;
  snprintf(link, sizeof link, "%s/link", folder);
  cr_assert_eq(symlink("out", link), 0);
  cr_expect_eq(output_probe(link), 0);
  cr_assert_eq(output_write(link, "new", 3), 0);
  holds("new");
  cr_assert_eq(lstat(link, &there), 0);
  cr_expect(S_ISLNK(there.st_mode));
  cr_assert_eq(unlink(link), 0);
  cr_assert_eq(symlink("none/out", link), 0);
  cr_expect_eq(output_probe(link), -ENOENT);
  cr_expect_eq(output_write(link, "new", 3), -ENOENT);
  cr_assert_eq(unlink(link), 0);
  cr_assert_eq(symlink("link", link), 0);
  cr_expect_eq(output_write(link, "new", 3), -ELOOP);
}

Test(output, takes_a_name_of_any_length_there_is, .init = set_up, .fini = tear_down) {
  char name[NAME_MAX + 1];
  memset(name, 'x', NAME_MAX);
  name[NAME_MAX] = 0;
  int length = snprintf(path, sizeof path, "%.*s/%s", (int)(sizeof path - sizeof name - 1), folder, name);
  cr_assert_lt(length, (int)sizeof path);
  cr_expect_eq(output_probe(path), 0);
  cr_assert_eq(output_write(path, "new", 3), 0);
  cr_assert_eq(output_write(path, "newer", 5), 0);
  holds("newer");
  cr_expect_eq(files(), 1);
}

Test(output, leaves_a_file_to_its_owner_and_its_other_names, .init = set_up, .fini = tear_down) {
  char other[PATH_MAX + 16];
  struct stat before, after;
  make("old");
  if (geteuid() == 0) cr_assert_eq(chown(path, 4711, 4712), 0);
  cr_assert_eq(stat(path, &before), 0);
  cr_assert_eq(output_write(path, "new", 3), 0);
  cr_assert_eq(stat(path, &after), 0);
  cr_expect_eq(after.st_uid, before.st_uid);
  cr_expect_eq(after.st_gid, before.st_gid);
  cr_expect_neq(after.st_ino, before.st_ino);
  snprintf(other, sizeof other, "%s/other", folder);
  cr_assert_eq(link(path, other), 0);
  cr_assert_eq(output_write(other, "of both", 7), 0);
  holds("of both");
}

Test(output, writes_into_a_file_where_none_can_be_put_beside, .init = set_up, .fini = tear_down) {
  make("longer than before");
  bool is_root = geteuid() == 0;
  if (is_root) {
    cr_assert_eq(chown(path, 4711, 4711), 0);
    cr_assert_eq(chmod(folder, 0755), 0);
    cr_assert_eq(seteuid(4711), 0);
  } else {
    cr_assert_eq(chmod(folder, 0500), 0);
  }
  char new[PATH_MAX + 16];
  snprintf(new, sizeof new, "%s/new", folder);
  cr_expect_eq(output_probe(path), 0);
  cr_expect_eq(output_write(path, "new", 3), 0);
  cr_expect_eq(output_probe(new), -EACCES);
  cr_expect_eq(output_write(new, "new", 3), -EACCES);
  cr_assert_eq(chmod(path, 0400), 0);
  cr_expect_eq(output_probe(path), -EACCES);
  cr_expect_eq(output_write(path, "newer", 5), -EACCES);
  holds("new");
  cr_assert_eq(is_root ? seteuid(0) : chmod(folder, 0700), 0);
  cr_expect_eq(files(), 1);
}

Test(output, writes_into_what_is_open, .init = set_up, .fini = tear_down) {
  char name[32];
  make("");
  int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  cr_assert_geq(fd, 0);
  snprintf(name, sizeof name, "/dev/fd/%d", fd);
  cr_assert_eq(output_write(name, "one, ", 5), 0);
  cr_assert_eq(write(fd, "two, ", 5), 5);
  int kept = dup(STDOUT_FILENO);
  cr_assert_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
  int of_name = output_write("/dev/stdout", "three, ", 7), of_file = output_write(path, "four", 4);
  cr_assert_eq(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
  cr_expect_eq(of_name, 0);
  cr_expect_eq(of_file, 0);
  holds("one, two, three, four");
  close(kept);
  close(fd);
}

Test(output, changes_nothing_to_find_out, .init = set_up, .fini = tear_down) {
  make("old");
  cr_expect_eq(output_probe(path), 0);
  holds("old");
  cr_assert_eq(unlink(path), 0);
  cr_expect_eq(output_probe(path), 0);
  cr_expect_eq(files(), 0);
  cr_expect_eq(output_probe(folder), -EISDIR);
  cr_expect_eq(output_probe(""), -ENOENT);
  cr_expect_eq(output_probe("/dev/full"), 0);
  cr_assert_eq(mkfifo(path, 0600), 0);
  cr_expect_eq(output_probe(path), 0);
}

Test(output, writes_to_a_socket_that_stdout_is) {
  int ends[2];
  char bytes[8] = "";
  cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  int kept = dup(STDOUT_FILENO);
  cr_assert_eq(dup2(ends[0], STDOUT_FILENO), STDOUT_FILENO);
  int probed = output_probe("/dev/stdout"), written = output_write("/dev/stdout", "abc", 3);
  cr_assert_eq(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
  cr_expect_eq(probed, 0);
  cr_expect_eq(written, 0);
  cr_expect_eq(read(ends[1], bytes, sizeof bytes), 3);
  cr_expect_str_eq(bytes, "abc");
}

Test(output, is_written_when_all_of_it_is_made, .init = set_up, .fini = tear_down) {
  struct output output;
  make("old");
  cr_assert_eq(output_begin(&output), 0);
  fputs("new", output.to);
  cr_assert_eq(fflush(output.to), 0);
  holds("old");
  cr_expect_eq(output_end(&output, path, true), 0);
  holds("new");
  cr_assert_eq(output_begin(&output), 0);
  fputs("not wanted", output.to);
  cr_expect_eq(output_end(&output, path, false), 0);
  holds("new");
  cr_assert_eq(output_begin(&output), 0);
  fclose(output.to);
  output.to = fopen("/dev/full", "w"); /* as memory is when there is no more of it */
  fputs("part of it", output.to);
  cr_expect_eq(output_end(&output, path, true), -ENOMEM);
  holds("new");
  cr_assert_eq(output_begin(&output), 0);
  cr_expect_eq(output_end(&output, folder, true), -EISDIR);
}
