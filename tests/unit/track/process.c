/*
 * process.c: tests of src/track/process.c, and of where the segment lives.
 */
#include "track/process.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>

#include "track/tracked.h"

static struct ration_segment_header read_header(void) {
  struct ration_segment_header header;
  int descriptor = open(segment_home_path(), O_RDONLY);
  cr_assert_geq(descriptor, 0, "%s", segment_home_path());
  cr_assert_eq(read(descriptor, &header, sizeof header), (ssize_t)sizeof header);
  close(descriptor);
  return header;
}

Test(process, tracks_itself_and_says_so_in_its_segment) {
  char folder[64];
  tracked_enter_folder(folder);
  cr_assert_eq(process_state_now(), PROCESS_NEW);
  cr_assert_eq(process_ready(), PROCESS_TRACKING);
  cr_assert_eq(process_ready(), PROCESS_TRACKING);
  cr_assert_eq(strncmp(segment_home_path(), folder, strlen(folder)), 0);
  struct ration_segment_header header = read_header();
  cr_expect_eq(header.magic, RATION_SEGMENT_MAGIC);
  cr_expect_eq(header.pid, (uint32_t)getpid());
  cr_expect_eq(header.parent, (uint32_t)getppid());
  cr_expect_eq(header.user, getuid());
  cr_expect_eq(header.state, RATION_STATE_RUNNING);
  cr_expect_eq(header.passive, 0);
  cr_expect_eq(header.image, 0);
  cr_expect_eq(header.tag_directory, (uint64_t)(uintptr_t)tag_map.leaves);
  cr_expect_eq(header.granule_shift, next.is_libc ? 4 : 3);
  cr_expect_str_eq(header.program, identity.program);
  cr_expect_str_eq(header.allocator, next.library);
  cr_expect(segment_is_valid(&segment));
  tracked_leave_folder(folder);
}

Test(process, whose_calls_do_not_reach_the_shim_is_passive) {
  char folder[64];
  tracked_enter_folder(folder);
  process_needs_interposition = 1;
  cr_assert_eq(process_ready(), PROCESS_PASSIVE);
  uint32_t why = read_header().passive;
  cr_expect(why == RATION_PASSIVE_OWN_MALLOC || why == RATION_PASSIVE_SANITIZER, "%u", why);
  void *block = tracked_malloc(100);
  cr_assert_not_null(block, "calls are passed on");
  tracked_free(block);
  cr_assert_eq(books_sum_subtree(&segment, RATION_CATEGORY_TOTAL).allocations, 0);
  tracked_leave_folder(folder);
}

Test(process, that_is_not_to_be_tracked_gets_no_segment) {
  char folder[64];
  tracked_enter_folder(folder);
  setenv("RATION_OPTIONS", "only=some_other_program", 1);
  cr_assert_eq(process_ready(), PROCESS_PASSIVE);
  cr_assert_not(process_has_segment());
  cr_assert_str_empty(segment_home_path());
  void *block = tracked_malloc(100);
  cr_assert_not_null(block);
  tracked_free(tracked_realloc(block, 200));
  tracked_leave_folder(folder);
}

Test(process, removes_its_segment_at_a_normal_exit) {
  char folder[64];
  tracked_enter_folder(folder);
  process_ready();
  segment_home_close(&segment);
  cr_assert_neq(access(segment_home_path(), F_OK), 0);
  tracked_leave_folder(folder);
}

Test(process, leaves_its_segment_where_it_is_to_be_kept) {
  char folder[64];
  tracked_enter_folder(folder);
  setenv("RATION_OPTIONS", "keep=1,nonsense=2", 1);
  process_ready();
  segment_home_close(&segment);
  struct ration_segment_header header = read_header();
  cr_expect_eq(header.state, RATION_STATE_EXITED);
  cr_expect_geq(header.ended_at_ns, header.started_at_ns);
  cr_expect_eq(header.keep, 1);
  cr_expect_eq(header.settings_ignored, 1);
  cr_expect_str_eq(header.ignored, "nonsense=2: no such option");
  tracked_leave_folder(folder);
}
