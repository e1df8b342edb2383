/*
 * Tests of record/kin.h: the processes of /proc that they need are this one, and those that it comes from.
 */
#include "record/kin.h"

#include <criterion/criterion.h>
#include <unistd.h>

#include "reader/procfs.h"

static struct kin kin;

static void tear_down(void) {
  kin_free(&kin);
}

static struct ration_segment_header header_of(uint32_t pid, uint32_t parent, uint64_t start_ticks) {
  return (struct ration_segment_header){.pid = pid, .parent = parent, .start_ticks = start_ticks};
}

/* The root is the process above this one. */
static void root_above(void) {
  struct proc_stat stat;
  cr_assert_eq(procfs_stat((uint32_t)getppid(), &stat), 0);
  kin.root_pid = (uint32_t)getppid();
  kin.root_start = stat.start_ticks;
}

Test(kin, of_a_session_the_session_counts_alone, .fini = tear_down) {
  kin = (struct kin){.session_pid = 7, .session_start = 100, .root_pid = 50, .root_start = 110};
  struct ration_segment_header header = header_of(60, 1, 120);
  header.session_pid = 7;
  header.session_start = 100;
  cr_expect(kin_has(&kin, &header));
  header.session_start = 101;
  cr_expect_not(kin_has(&kin, &header));
  header = header_of(50, 1, 110);
  cr_expect_not(kin_has(&kin, &header));
}

Test(kin, without_one_the_root_and_what_comes_from_it, .fini = tear_down) {
  root_above();
  struct ration_segment_header header = header_of(kin.root_pid, 1, kin.root_start);
  cr_expect(kin_has(&kin, &header));
  header.start_ticks++;
  cr_expect_not(kin_has(&kin, &header), "another process of that pid");
  header = header_of(1999999, (uint32_t)getpid(), kin.root_start + 1);
  cr_expect(kin_has(&kin, &header), "its parent, which is not tracked, comes from the root");
  header = header_of(1999999, (uint32_t)getpid(), kin.root_start - 1);
  cr_expect_not(kin_has(&kin, &header), "it was there before the root");
}

Test(kin, children_of_those_that_are_gone_are_known_by_them, .fini = tear_down) {
  root_above();
  struct ration_segment_header child = header_of(1999998, kin.root_pid, kin.root_start + 1);
  struct ration_segment_header grandchild = header_of(1999997, 1999998, kin.root_start + 2);
  cr_expect_not(kin_has(&kin, &grandchild));
  cr_expect(kin_has(&kin, &child));
  cr_expect(kin_has(&kin, &grandchild));
}

Test(kin, a_name_alone_is_looked_up, .fini = tear_down) {
  struct proc_stat stat;
  struct place_name name = {.pid = (uint32_t)getpid()};
  cr_assert_eq(procfs_stat(name.pid, &stat), 0);
  name.start_ticks = stat.start_ticks;
  kin.session_start = name.start_ticks;
  cr_expect(kin_may_have(&kin, &name), "no root: nobody can tell");
  kin.session_start++;
  cr_expect_not(kin_may_have(&kin, &name), "it was there before the session");
  kin.session_start = 0;
  root_above();
  cr_expect(kin_may_have(&kin, &name));
  name.start_ticks++;
  cr_expect_not(kin_may_have(&kin, &name), "another process of that pid");
  name = (struct place_name){.pid = kin.root_pid, .start_ticks = kin.root_start};
  cr_expect(kin_may_have(&kin, &name));
  name.start_ticks++;
  cr_expect_not(kin_may_have(&kin, &name));
  name = (struct place_name){.pid = 1999999, .start_ticks = kin.root_start + 1};
  cr_expect_not(kin_may_have(&kin, &name), "it has ended");
  kin.root_pid = (uint32_t)getpid();
  kin.root_start = stat.start_ticks;
  cr_assert_eq(procfs_stat((uint32_t)getppid(), &stat), 0);
  name = (struct place_name){.pid = (uint32_t)getppid(), .start_ticks = stat.start_ticks};
  cr_expect_not(kin_may_have(&kin, &name), "it is the root that comes from that one");
}
