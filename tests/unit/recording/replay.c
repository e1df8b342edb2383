/*
 * Tests of recording/writer.c and replay.c together: what is written is what is replayed, moment by moment.
 */
#include "recording/replay.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording/made.h"

static struct fake_segment segment, written;
static struct replay *replay;

static void tear_down(void) {
  replay_close(replay);
  made_tear_down();
}

static void read_it(const struct replay_visitor *visitor) {
  struct fault fault;
  cr_assert_eq(replay_read(made_path, REPLAY_ALL, visitor, &replay, &fault), 0, "%s", fault.words);
}

static void check_image(uint32_t number, const struct fake_segment *expected) {
  static struct fake_segment copy;
  struct segment_file file = image_file(&replay->images[number].image);
  cr_assert_eq(segment_file_copy(&file, 0, &copy, sizeof copy), 0);
  cr_assert_eq(memcmp(&copy, expected, sizeof copy), 0, "image %u", number);
}

Test(replay, of_what_was_written_is_the_same, .init = made_set_up, .fini = tear_down) {
  struct recording_writer *writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  cr_assert_eq(made_add(writer, &segment), 0);
  made_fill(&segment, 101, 2, 1);
  cr_assert_eq(made_add(writer, &segment), 1);
  cr_assert_eq(recording_moment(writer, 5 * FAKE_SECOND), 0);
  cr_assert_eq(recording_close(writer), 0);
  read_it(NULL);
  cr_assert_eq(replay->count, 2);
  cr_expect_eq(replay->moments, 1);
  cr_expect_eq(replay->last.at, 5 * FAKE_SECOND);
  cr_expect(replay->has_finished);
  cr_expect_eq(replay->cut_bytes, 0);
  cr_expect_eq(replay->images[1].is.name.pid, 101);
  cr_expect_eq(replay->images[1].is.name.image, 2);
  check_image(1, &segment);
  made_fill(&segment, 100, 0, 0);
  check_image(0, &segment);
}

Test(replay, a_recording_is_its_owners_alone, .init = made_set_up, .fini = tear_down) {
  struct stat stat_buffer;
  cr_assert_eq(recording_close(made_begin()), 0);
  cr_assert_eq(stat(made_path, &stat_buffer), 0);
  cr_expect_eq(stat_buffer.st_mode & 07777, 0600);
  read_it(NULL);
  cr_expect_eq(replay->count, 0);
  cr_expect(replay->has_finished);
}

/* Of moments that are `apart`, how many brought a packet. */
static unsigned packets_of(uint64_t moments, uint64_t apart) {
  struct recording_writer *writer = made_begin();
  struct stat before, after;
  unsigned packets = 0;
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT), 0);
  for (uint64_t i = 1; i <= moments; i++) {
    cr_assert_eq(stat(made_path, &before), 0);
    cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT + i * apart), 0);
    cr_assert_eq(stat(made_path, &after), 0);
    packets += after.st_size > before.st_size;
  }
  cr_assert_eq(recording_close(writer), 0);
  return packets;
}

Test(replay, nothing_is_in_memory_alone_for_more_than_a_second, .init = made_set_up, .fini = tear_down) {
  cr_expect_eq(packets_of(30, FAKE_SECOND / 10), 3);
  cr_expect_eq(packets_of(30, FAKE_SECOND * 4 / 10), 15);
  cr_expect_eq(packets_of(30, FAKE_SECOND * 6 / 10), 30);
  cr_expect_eq(packets_of(30, FAKE_SECOND * 10), 30);
}

/* The program may end, and the machine go down, before a second has passed. */
Test(replay, the_first_image_is_in_the_file_at_its_first_moment, .init = made_set_up, .fini = tear_down) {
  struct recording_writer *writer = made_begin();
  cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT), 0);
  cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT + 1), 0);
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  cr_expect(recording_is_due(writer, FAKE_STARTED_AT + 2));
  cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT + 2), 0);
  read_it(NULL);
  cr_assert_eq(replay->count, 1);
  check_image(0, &segment);
  cr_expect_not(recording_is_due(writer, FAKE_STARTED_AT + 3), "the others may wait");
  cr_assert_eq(recording_close(writer), 0);
}

/* Every other moment is of no change. */
static uint64_t counter_at(uint64_t moment) {
  return 100 + moment - moment % 2;
}

static int check_moment(void *context, const struct replay *so_far, struct fault *ret_fault) {
  uint64_t *moments = context, counted;
  (void)ret_fault;
  struct segment_file file = image_file(&so_far->images[0].image);
  cr_assert_eq(
      segment_file_copy(&file, offsetof(struct fake_segment, process.events_next), &counted, sizeof counted),
      0);
  cr_assert_eq(counted, counter_at(*moments), "moment %lu", (unsigned long)*moments);
  cr_assert_eq(so_far->moments, *moments + 1);
  cr_assert_eq(so_far->last.at, *moments * FAKE_SECOND / 10);
  cr_assert_eq(so_far->images[0].has_changed, *moments % 2 == 0);
  ++*moments;
  return 0;
}

static void write_moments(uint64_t count) {
  struct recording_writer *writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  segment.process.events_next = counter_at(0);
  made_add(writer, &segment);
  for (uint64_t i = 0; i < count; i++) {
    written = segment;
    segment.process.events_next = counter_at(i);
    cr_assert_eq(recording_patch(writer, 0, 0, &written, &segment, sizeof segment), 0);
    cr_assert_eq(recording_moment(writer, i * FAKE_SECOND / 10), 0);
  }
  cr_assert_eq(recording_close(writer), 0);
}

/* In more packets than a Zstandard frame has. */
Test(replay, shows_each_moment, .init = made_set_up, .fini = tear_down) {
  uint64_t moments = 0;
  struct replay_visitor visitor = {.moment = check_moment, .context = &moments};
  write_moments(3000);
  read_it(&visitor);
  cr_expect_eq(moments, 3000);
  cr_expect_eq(replay->moments, 3000);
  cr_expect_eq(replay->first.at, 0);
  check_image(0, &segment);
}

#define CHANGING 5

/* In moment N those whose bit is set in it, each of them twice. */
static int check_changed(void *context, const struct replay *so_far, struct fault *ret_fault) {
  uint64_t *moments = context;
  (void)ret_fault;
  for (uint32_t i = 0; i < CHANGING; i++)
    cr_assert_eq(so_far->images[i].has_changed, (*moments >> i & 1) != 0, "moment %lu, image %u",
                 (unsigned long)*moments, i);
  ++*moments;
  return 0;
}

Test(replay, tells_which_images_have_changed, .init = made_set_up, .fini = tear_down) {
  uint64_t moments = 0, before, now = 0;
  struct replay_visitor visitor = {.moment = check_changed, .context = &moments};
  struct recording_writer *writer = made_begin();
  struct place_name name = {.pid = 1};
  uint32_t image = 0;
  for (uint32_t i = 0; i < CHANGING; i++) cr_assert_eq(recording_add_image(writer, &name, 4096, &image), 0);
  for (uint64_t moment = 0; moment < 1 << CHANGING; moment++) {
    for (uint32_t i = 0; i < 2 * CHANGING; i++) {
      if (!(moment >> i % CHANGING & 1)) continue;
      before = now++;
      recording_patch(writer, i % CHANGING, 8 * moment, &before, &now, sizeof now);
    }
    cr_assert_eq(recording_moment(writer, moment * FAKE_SECOND), 0);
  }
  cr_assert_eq(recording_close(writer), 0);
  read_it(&visitor);
  cr_expect_eq(moments, 1 << CHANGING);
}

static int refuse(void *context, const struct replay *so_far, struct fault *ret_fault) {
  (void)context;
  return so_far->moments < 3 ? 0 : fault_set(ret_fault, -ENOTSUP, "enough");
}

Test(replay, a_visitor_ends_it, .init = made_set_up, .fini = made_tear_down) {
  struct replay_visitor visitor = {.moment = refuse};
  struct fault fault;
  write_moments(10);
  cr_expect_eq(replay_read(made_path, REPLAY_ALL, &visitor, &replay, &fault), -ENOTSUP);
  cr_expect_str_eq(fault.words, "enough");
}

Test(replay, of_one_image_leaves_the_others_out, .init = made_set_up, .fini = tear_down) {
  struct recording_writer *writer = made_begin();
  struct fault fault;
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  made_add(writer, &segment);
  recording_moment(writer, FAKE_SECOND);
  cr_assert_eq(recording_close(writer), 0);
  cr_assert_eq(replay_read(made_path, 1, NULL, &replay, &fault), 0, "%s", fault.words);
  check_image(1, &segment);
  cr_expect_null(replay->images[0].image.pages);
  cr_expect_eq(replay->count, 2);
}

/* What is written between moments and what a packet has room for are no matter of the reader. */
Test(replay, of_more_than_a_packet_holds, .init = made_set_up, .fini = tear_down) {
  const uint64_t words = UINT64_C(6) << 20;
  uint64_t *large = malloc(words * sizeof *large);
  struct recording_writer *writer = made_begin();
  struct place_name name = {.pid = 1};
  uint32_t image;
  for (uint64_t i = 0; i < words; i++) large[i] = i * UINT64_C(0x9e3779b97f4a7c15) + 1;
  cr_assert_eq(recording_add_image(writer, &name, words * sizeof *large, &image), 0);
  cr_assert_eq(recording_patch(writer, image, 0, NULL, large, words * sizeof *large), 0);
  cr_assert_eq(recording_moment(writer, 1), 0);
  cr_assert_eq(recording_close(writer), 0);
  read_it(NULL);
  uint64_t *back = malloc(words * sizeof *back);
  struct segment_file file = image_file(&replay->images[0].image);
  cr_assert_eq(segment_file_copy(&file, 0, back, words * sizeof *back), 0);
  cr_expect_eq(memcmp(back, large, words * sizeof *back), 0);
  cr_expect_eq(replay->pages.used, words / 512);
  free(back);
  free(large);
}

Test(replay, knows_how_images_ended_and_what_was_resident, .init = made_set_up, .fini = tear_down) {
  static struct process process;
  struct resident resident = {.rss_bytes = 10, .unexplained_bytes = -3, .is_joined = true, .at_ns = 77};
  struct recording_writer *writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  recording_moment(writer, FAKE_SECOND);
  process.snapshot.started_at_ns = MADE_STARTED_NS;
  process_set_ended(&process, 3 << 8, MADE_STARTED_NS + 1234567891);
  cr_assert_eq(recording_resident(writer, 0, &resident), 0);
  cr_assert_eq(recording_end_image(writer, 0, &process), 0);
  recording_moment(writer, 9 * FAKE_SECOND);
  cr_assert_eq(recording_close(writer), 0);
  read_it(NULL);
  const struct replay_image *image = &replay->images[0];
  cr_expect(image->has_ended);
  cr_expect_eq(image->end.state, PROCESS_EXITED);
  cr_expect_eq(image->end.wait_status, 1 + (3 << 8));
  cr_expect_eq(image->end.ended_at_ns, MADE_STARTED_NS + 1234567891);
  cr_expect_eq(image->last.at, FAKE_SECOND);
  cr_expect(image->has_resident);
  cr_expect_eq(image->resident.unexplained_bytes, -3);
  cr_expect_eq(image->resident.rss_bytes, 10);
  cr_expect_eq(image->resident.at_ns, 77);
  cr_expect(image->resident.is_joined);
}

static int count_largest(void *context, const struct replay *so_far, const struct largest_record *largest,
                         struct fault *ret_fault) {
  (void)ret_fault;
  cr_assert_eq(so_far->last.at, FAKE_SECOND, "the moment that follows is yet to come");
  cr_assert_eq(largest->image, 0);
  cr_assert_eq(largest->count, 2);
  cr_assert_eq(largest->blocks[0].bytes, 1 << 20);
  cr_assert_eq(largest->blocks[1].site, 4);
  cr_assert_eq(largest->blocks[1].category, 3);
  cr_assert_eq(largest->blocks[1].at, 99);
  ++*(int *)context;
  return 0;
}

Test(replay, tells_of_the_largest_blocks, .init = made_set_up, .fini = tear_down) {
  const struct recording_block blocks[] = {{.bytes = 1 << 20},
                                           {.bytes = 5, .at = 99, .category = 3, .site = 4}};
  int told = 0;
  struct replay_visitor visitor = {.largest = count_largest, .context = &told};
  struct recording_writer *writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  recording_moment(writer, FAKE_SECOND);
  cr_assert_eq(recording_largest(writer, 0, blocks, 2), 0);
  cr_assert_eq(recording_close(writer), 0);
  read_it(&visitor);
  cr_expect_eq(told, 1);
}

Test(replay, keeps_symbols_each_text_once, .init = made_set_up, .fini = tear_down) {
  const struct symbol_frame frames[] = {
      {.function = "inner", .file = "/src/a.c", .line = 7, .is_inlined = true},
      {.function = "outer", .file = "/src/a.c", .line = 70}};
  struct recording_writer *writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  cr_assert_eq(recording_symbols(writer, 0, 5, &(struct symbol_chain){frames, 2}), 0);
  cr_assert_eq(recording_symbols(writer, 0, 6, &(struct symbol_chain){frames + 1, 1}), 0);
  cr_assert_eq(recording_symbols(writer, 0, 7, &(struct symbol_chain){0}), 0);
  cr_assert_eq(recording_close(writer), 0);
  read_it(NULL);
  const struct symbol_book *book = &replay->symbols;
  cr_assert_eq(book->count, 3);
  cr_expect_eq(book->entries[0].frame, 5);
  cr_expect_eq(book->entries[0].chain.count, 2);
  const struct symbol_frame *inner = &book->entries[0].chain.frames[0];
  cr_expect_str_eq(inner->function, "inner");
  cr_expect_eq(inner->line, 7);
  cr_expect(inner->is_inlined);
  cr_expect_str_eq(book->entries[1].chain.frames[0].function, "outer");
  cr_expect_eq(book->entries[1].chain.frames[0].file, inner->file);
  cr_expect_eq(book->entries[2].chain.count, 0);
}

/* Of two recordings one has the file; where it has ended the other may, and a new file takes no name that is there. */
Test(replay, a_file_has_one_recording, .init = made_set_up, .fini = made_tear_down) {
  struct recording_writer *second, *writer = made_begin();
  struct fault fault;
  cr_expect_eq(recording_create(made_path, &second, &fault), -EBUSY);
  cr_expect_neq(fault.words[0], 0);
  cr_expect_eq(recording_create_new(made_path, &second, &fault), -EEXIST);
  cr_assert_eq(recording_close(writer), 0);
  cr_assert_eq(recording_close(made_begin()), 0);
}

/* A limit of file sizes that is ours to raise is no limit; one that is not is said, and ends nobody. */
Test(replay, files_in_memory_may_be_limited, .init = made_set_up, .fini = made_tear_down) {
  struct recording_writer *writer = made_begin();
  struct fault fault;
  struct rlimit limit, after;
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  cr_assert_eq(recording_moment(writer, FAKE_SECOND), 0);
  cr_assert_eq(recording_close(writer), 0);
  cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = 4096;
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  cr_expect_eq(made_replay(&fault), 0, "%s", fault.words);
  cr_assert_eq(getrlimit(RLIMIT_FSIZE, &after), 0);
  cr_expect_eq(after.rlim_cur, 4096);
  limit.rlim_max = 4096;
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  cr_expect_eq(made_replay(&fault), -EFBIG);
  cr_expect_not_null(strstr(fault.words, "ulimit -f"), "%s", fault.words);
}

/* A file that takes part of a header is none: the error is that of the rest. */
Test(replay, where_no_header_fits_no_file_is_left, .init = made_set_up, .fini = made_tear_down) {
  const struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
  struct recording_writer *writer;
  struct fault fault;
  struct stat stat;
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  cr_expect_eq(recording_create_new(made_path, &writer, &fault), -EFBIG);
  cr_expect_neq(lstat(made_path, &stat), 0);
  cr_expect_eq(recording_create(made_path, &writer, &fault), -EFBIG);
  cr_expect_neq(lstat(made_path, &stat), 0);
  made_write("before", 6);
  cr_expect_eq(recording_create(made_path, &writer, &fault), -EFBIG);
  cr_expect_not_null(strstr(fault.words, "too large"), "%s", fault.words);
  cr_assert_eq(lstat(made_path, &stat), 0);
  cr_expect_eq(stat.st_size, 0);
}

/* What is not there cannot be made; a full disk is said, and again at each call, and at the end. */
Test(replay, errors_of_the_file_are_kept, .init = made_set_up, .fini = made_tear_down) {
  struct recording_writer *writer;
  struct fault fault;
  cr_expect_eq(recording_create("/nowhere/at/all", &writer, &fault), -ENOENT);
  cr_expect_neq(fault.words[0], 0);
  cr_assert_eq(recording_create("/dev/full", &writer, &fault), -ENOSPC, "%s", fault.words);
  writer = made_begin();
  struct rlimit limit = {.rlim_cur = 200, .rlim_max = 200};
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  cr_expect_eq(recording_moment(writer, FAKE_SECOND), -EFBIG);
  cr_expect_eq(recording_moment(writer, FAKE_SECOND), -EFBIG);
  cr_expect_eq(recording_patch(writer, 0, 0, NULL, &segment, 8), -EFBIG);
  cr_expect_eq(recording_close(writer), -EFBIG);
  cr_expect_eq(made_replay(&fault), 0, "what stands there is read: %s", fault.words);
}
