/*
 * Tests of reader/place_name.c, places.c, procfs.c and segment_file.c: names, folders, files, /proc.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader/fake_segment.h"
#include "reader/places.h"
#include "reader/procfs.h"

Test(place_name, is_read_and_written) {
  struct place_name name;
  char text[PLACE_NAME_BYTES];
  cr_assert_eq(place_name_parse("ration.4026531836.4711.123456789.2", &name), 0);
  cr_assert_eq(name.pid_namespace, 4026531836u);
  cr_assert_eq(name.pid, 4711);
  cr_assert_eq(name.start_ticks, 123456789u);
  cr_assert_eq(name.image, 2);
  place_name_write(&name, text);
  cr_assert_str_eq(text, "ration.4026531836.4711.123456789.2");
}

Test(place_name, refuses_what_is_none) {
  static const char *const texts[] = {"",
                                      "ration",
                                      "ration.1.2.3",
                                      "ration.1.2.3.",
                                      "ration.1.2.3.4.5",
                                      "ration.1.2.3.4 ",
                                      "ration.1.-2.3.4",
                                      "ration.1.+2.3.4",
                                      "ration.1.0.3.4",
                                      "ration.1.02.3.4",
                                      "ration.1.99999999999.3.4",
                                      "ration.1.2.99999999999999999999.4",
                                      "ration.1.2.3.4294967296",
                                      "xration.1.2.3.4",
                                      "ration1.2.3.4"};
  struct place_name name;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    cr_assert_eq(place_name_parse(texts[i], &name), -EINVAL, "%s", texts[i]);
  }
}

Test(place_name, of_a_copy_is_another) {
  struct place_name name;
  uint32_t number;
  cr_assert_eq(place_name_parse_copy("ration.1.4711.3.2.dump.17", &name, &number), 0);
  cr_assert_eq(name.pid, 4711);
  cr_assert_eq(name.image, 2);
  cr_assert_eq(number, 17);
  static const char *const texts[] = {"",
                                      "ration.1.2.3.4",
                                      "ration.1.2.3.4.dump",
                                      "ration.1.2.3.4.dump.",
                                      "ration.1.2.3.4.dump.0",
                                      "ration.1.2.3.4.dump.01",
                                      "ration.1.2.3.4.dump.1x",
                                      "ration.1.2.3.4.dump.4294967296",
                                      "ration.1.2.3.4.dumps.1",
                                      "ration.1.0.3.4.dump.1"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    cr_assert_eq(place_name_parse_copy(texts[i], &name, &number), -EINVAL, "%s", texts[i]);
  }
  cr_assert_eq(place_name_parse("ration.1.2.3.4.dump.1", &name), -EINVAL, "no segment is one");
}

Test(procfs, reads_past_the_last_parenthesis) {
  struct proc_stat stat;
  const char *text = "12 (a) R 1 (x) T 77 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 42 21 123456 23 24\n";
  cr_assert_eq(procfs_parse_stat(text, &stat), 0);
  cr_assert_eq(stat.state, 'T');
  cr_assert_eq(stat.parent, 77);
  cr_assert_eq(stat.threads, 42);
  cr_assert_eq(stat.start_ticks, 123456);
  cr_assert_eq(stat.image.stack, 0, "a kernel that does not say");
  text = "12 (a) S 1 12 12 -1 -1 6 7 8 9 10 11 12 13 14 15 16 1 0 123456 23 24 25 26 27 28 29 30 31 32 33 34 "
         "35 36 37 38 39 "
         "40 41 42 43 44 45 46 47 48 49 50 51 52\n";
  cr_assert_eq(procfs_parse_stat(text, &stat), 0);
  cr_assert_eq(stat.threads, 1);
  cr_assert_eq(stat.image.code, 26);
  cr_assert_eq(stat.image.stack, 28);
  cr_assert_eq(stat.image.arguments, 48);
  cr_assert_eq(stat.image.environment, 50);
  cr_assert_eq(stat.image.environment_end, 51);
  cr_assert_eq(procfs_parse_stat("12 (a) S 1 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 42 21 x", &stat),
               -EBADMSG);
  cr_assert_eq(procfs_parse_stat("12 a R", &stat), -EBADMSG);
  cr_assert_eq(procfs_parse_stat("12 (a) R 1 2", &stat), -EBADMSG);
}

Test(procfs, knows_whose_a_thread_is) {
  uint32_t pid = 0;
  cr_assert_eq(procfs_parse_leader("Name:\tTgid: 1\nTgid:\t77\nPid:\t78\n", &pid), 0);
  cr_assert_eq(pid, 77);
  cr_assert_eq(procfs_parse_leader("Name:\tTgid: 1\nPid:\t78\n", &pid), -EBADMSG);
  cr_assert_eq(procfs_leader((uint32_t)getpid(), &pid), 0);
  cr_assert_eq(pid, (uint32_t)getpid());
  cr_assert_eq(procfs_leader(INT32_MAX, &pid), -ESRCH);
}

Test(procfs, knows_whose_a_process_is) {
  const char *status = "Name:\tUid: 9\nUid:\t1\t2\t3\t4\nGid:\t5\t5\t5\t5\n";
  for (uint32_t user = 0; user < 10; user++)
    cr_assert_eq(procfs_parse_user(status, user), user >= 1 && user <= 4);
  cr_assert_not(procfs_parse_user("Name:\tx\n", 0));
  cr_assert(procfs_has_user((uint32_t)getpid(), geteuid()));
  cr_assert_not(procfs_has_user((uint32_t)getpid(), 4000000000u));
  cr_assert_not(procfs_has_user(INT32_MAX, 0));
}

Test(procfs, knows_this_process) {
  struct proc_stat stat;
  bool is_mapped;
  cr_assert_eq(procfs_stat((uint32_t)getpid(), &stat), 0);
  cr_assert_eq(stat.parent, (uint32_t)getppid());
  cr_assert_eq(stat.state, 'R');
  cr_assert_eq(procfs_stat(INT32_MAX, &stat), -ESRCH);
  cr_assert_eq(procfs_maps_file((uint32_t)getpid(), "libc.so.6", &is_mapped), 0);
  cr_assert(is_mapped);
  cr_assert_eq(procfs_maps_file((uint32_t)getpid(), "ration.1.2.3.4", &is_mapped), 0);
  cr_assert_not(is_mapped);
}

Test(segment_file, copies_within_bounds_only) {
  char bytes[8];
  struct segment_file file = fake_segment_file("0123456789", 10);
  cr_assert_eq(segment_file_copy(&file, 2, bytes, 8), 0);
  cr_assert_arr_eq(bytes, "23456789", 8);
  cr_assert_eq(segment_file_copy(&file, 3, bytes, 8), -ERANGE);
  cr_assert_eq(segment_file_copy(&file, 11, bytes, 0), -ERANGE);
  cr_assert_eq(segment_file_copy(&file, UINT64_MAX, bytes, 8), -ERANGE);
  cr_assert_eq(segment_file_copy(&file, 10, bytes, 0), 0);
  segment_file_close(&file);
}

Test(segment_file, opens_regular_files_only) {
  char folder[PATH_MAX], path[PATH_MAX], link[PATH_MAX + 8], fifo[PATH_MAX + 8];
  struct segment_file file;
  struct fault fault;
  fake_folder_make(folder);
  fake_segment_save("x", 1, folder, "file", path);
  snprintf(link, sizeof link, "%s/link", folder);
  snprintf(fifo, sizeof fifo, "%s/fifo", folder);
  cr_assert_eq(symlink(path, link), 0);
  cr_assert_eq(mkfifo(fifo, 0600), 0);
  cr_assert_eq(segment_file_open(path, false, &file, &fault), 0);
  segment_file_close(&file);
  cr_assert_eq(segment_file_open(link, false, &file, &fault), -EINVAL);
  cr_assert(strstr(fault.words, "symbolic link"), "%s", fault.words);
  cr_assert_eq(segment_file_open(fifo, false, &file, &fault), -EINVAL); /* and does not wait for a writer */
  cr_assert_eq(segment_file_open(folder, false, &file, &fault), -EINVAL);
  unlink(path);
  cr_assert_eq(segment_file_open(path, false, &file, &fault), -ENOENT);
  fake_folder_remove(folder);
}

struct visits {
  size_t count;
  struct place last;
};

static void visit(const struct place *place, void *context) {
  struct visits *visits = context;
  visits->count++;
  visits->last = *place;
}

Test(places, are_files_with_the_name_of_a_segment) {
  char folder[PATH_MAX], path[PATH_MAX];
  struct folders folders;
  struct visits visits = {0};
  fake_folder_make(folder);
  fake_segment_save("", 0, folder, "ration.1.2.3.x", path);
  fake_segment_save("", 0, folder, "ration.1.2.3.4", path);
  setenv("RATION_DIR", folder, 1);
  setenv("XDG_RUNTIME_DIR", folder, 1);
  setenv("TMPDIR", "relative", 1);
  folders_find(&folders);
  cr_assert_geq(folders.count, 1);
  cr_assert_str_eq(folders.paths[0], folder);
  for (size_t i = 1; i < folders.count; i++) cr_assert_str_neq(folders.paths[i], folder, "one folder, once");
  folders.count = 1;
  places_visit_files(&folders, visit, &visits);
  cr_assert_eq(visits.count, 1);
  cr_assert_str_eq(visits.last.path, path);
  cr_assert_eq(visits.last.name.image, 4);
  cr_assert_not(visits.last.is_memfd);
  fake_segment_save("", 0, folder, "ration.1.2.3.4.dump.5", path);
  places_visit_files(&folders, visit, &visits);
  cr_assert_eq(visits.count, 2, "copies are seen by who asks for them");
  cr_assert_eq(visits.last.copy, 0);
  places_visit_copies(&folders, visit, &visits);
  cr_assert_eq(visits.count, 3);
  cr_assert_str_eq(visits.last.path, path);
  cr_assert_eq(visits.last.copy, 5);
  fake_folder_remove(folder);
}

static void visit_own(const struct place *place, void *context) {
  if (place->name.pid == (uint32_t)getpid()) visit(place, context);
}

Test(places, are_memfds_that_bear_their_process_pid) {
  struct visits visits = {0};
  struct place_name name = {.pid_namespace = 1, .pid = (uint32_t)getpid(), .start_ticks = 3, .image = 4};
  char text[PLACE_NAME_BYTES];
  place_name_write(&name, text);
  int low = memfd_create(text, MFD_CLOEXEC);
  int parents = fcntl(memfd_create("ration.1.1.3.4", MFD_CLOEXEC), F_DUPFD_CLOEXEC, 64);
  cr_assert(low >= 0 && low < 64 && parents >= 64);
  places_visit_memfds(visit_own, &visits);
  cr_expect_eq(visits.count, 0, "the shim has none so low");
  int high = fcntl(low, F_DUPFD_CLOEXEC, 64);
  cr_assert_geq(high, 64);
  places_visit_memfds(visit_own, &visits);
  cr_assert_eq(visits.count, 1);
  cr_assert_eq(visits.last.name.image, 4);
  cr_assert(visits.last.is_memfd);
  cr_expect(places_has_memfd(&visits.last));
  dup2(parents, high);
  cr_expect_not(places_has_memfd(&visits.last), "the descriptor is of something else by now");
  close(high);
  cr_expect_not(places_has_memfd(&visits.last));
}
