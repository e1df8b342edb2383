/*
 * Tests of recordings that are cut, damaged, or made to harm: at every offset, in every byte of a packet, and by hand.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/random.h"
#include "recording/made.h"
#include "recording/patch.h"
#include "recording/record.h"
#include "recording/unpacker.h"

#define FILE_ROOM (UINT32_C(1) << 20)

static struct fake_segment segment, written;
static unsigned char *file, *cut;
static size_t file_bytes;
static struct bytes plain;
static struct fault fault;

/* Four packets: of the segment, of two moments with what changed, and of the end. */
static void set_up(void) {
  made_set_up();
  struct recording_writer *writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  cr_assert_eq(recording_moment(writer, FAKE_SECOND), 0);
  struct random random = {.seed = 1};
  for (uint64_t i = 2; i < 4; i++) {
    written = segment;
    for (size_t k = 0; k < 300; k++) segment.frames[0] = random_next(&random);
    for (size_t k = 0; k < FAKE_SAMPLES; k++) segment.samples[k].at = random_next(&random);
    cr_assert_eq(recording_patch(writer, 0, 0, &written, &segment, sizeof segment), 0);
    cr_assert_eq(recording_moment(writer, i * FAKE_SECOND), 0);
  }
  cr_assert_eq(
      recording_symbols(writer, 0, 7, &(struct symbol_chain){&(struct symbol_frame){.function = "f"}, 1}), 0);
  cr_assert_eq(recording_close(writer), 0);
  file = malloc(FILE_ROOM);
  cut = malloc(FILE_ROOM);
  file_bytes = made_read(file, FILE_ROOM);
}

static void tear_down(void) {
  free(file);
  free(cut);
  bytes_free(&plain);
  made_tear_down();
}

/* Where each packet begins, and where the file ends. */
static size_t find_packets(size_t ret_starts[], size_t most) {
  size_t at = sizeof(struct recording_header), count = 0;
  while (at < file_bytes) {
    struct recording_packet head;
    memcpy(&head, file + at, sizeof head);
    cr_assert_lt(count, most);
    ret_starts[count++] = at;
    at += sizeof head + head.packed_bytes;
  }
  cr_assert_eq(at, file_bytes);
  return count;
}

/* As of the last whole packet, with what is left out counted; or the header is said to be cut. */
static void check_cut(size_t length, size_t whole, uint64_t moments) {
  struct replay *replay;
  cr_assert_eq(truncate(made_path, (off_t)length), 0);
  int error = replay_read(made_path, REPLAY_ALL, NULL, &replay, &fault);
  if (length < sizeof(struct recording_header)) {
    cr_assert_eq(error, -EBADMSG, "%zu", length);
    cr_assert_not_null(strstr(fault.words, "truncated"), "%zu: %s", length, fault.words);
    return;
  }
  cr_assert_eq(error, 0, "%zu: %s", length, fault.words);
  cr_assert_eq(replay->moments, moments, "%zu", length);
  cr_assert_eq(replay->cut_bytes, length - whole, "%zu", length);
  cr_assert_eq(replay->has_finished, length == file_bytes);
  cr_assert_eq(replay->count, moments > 0);
  replay_close(replay);
}

Test(damage, a_recording_that_is_cut_anywhere_opens, .init = set_up, .fini = tear_down) {
  size_t starts[8], count = find_packets(starts, 8), whole = file_bytes, checked = 0;
  cr_assert_geq(count, 4);
  cr_assert_gt(file_bytes, 8000, "%zu: many offsets", file_bytes);
  for (size_t length = file_bytes + 1; length-- > 0; checked++) {
    while (whole > length && count > 0) whole = starts[--count];
    check_cut(length, whole, count > 3 ? 3 : count);
  }
  cr_expect_eq(checked, file_bytes + 1);
}

/* It is read up to the packet that begins there. */
static void check_tail(size_t start, size_t bytes) {
  struct replay *replay;
  cr_assert_eq(replay_read(made_path, REPLAY_ALL, NULL, &replay, &fault), 0, "%s", fault.words);
  cr_expect_eq(replay->damaged_at, start);
  cr_expect_eq(replay->cut_bytes, bytes - start);
  cr_expect_not(replay->has_finished);
  replay_close(replay);
}

/* In each byte of a packet a checksum shows it; the header has no more than what is believed of it. The last is cut. */
Test(damage, a_flipped_bit_is_noticed, .init = set_up, .fini = tear_down) {
  struct random random = {.seed = 2};
  size_t refused = 0, starts[8], count = find_packets(starts, 8);
  for (size_t at = 0; at < file_bytes; at += 1 + random_below(&random, 7)) {
    memcpy(cut, file, file_bytes);
    cut[at] ^= (unsigned char)(1u << random_below(&random, 8));
    made_write(cut, file_bytes);
    int error = made_replay(&fault);
    bool is_last = at >= starts[count - 1];
    if (is_last) check_tail(starts[count - 1], file_bytes);
    if (at >= sizeof(struct recording_header))
      cr_assert_eq(error, is_last ? 0 : -EBADMSG, "%zu: %d", at, error);
    if (error == -EBADMSG) refused++;
    if (error == 0) continue;
    cr_assert(error == -EBADMSG || error == -EPROTO, "%zu: %d", at, error);
    cr_assert_null(strchr(fault.words, '\n'));
    cr_assert_neq(fault.words[0], 0);
  }
  cr_expect_gt(refused, 1000);
}

/* As files are of which not all was on the disk when the machine went down; and a packet that was whole already. */
Test(damage, a_tail_of_zeroes_is_cut, .init = set_up, .fini = tear_down) {
  size_t starts[8], count = find_packets(starts, 8);
  for (size_t i = 1; i < count; i++) {
    memcpy(cut, file, starts[i]);
    memset(cut + starts[i], 0, 200000);
    made_write(cut, starts[i] + 200000);
    check_tail(starts[i], starts[i] + 200000);
    memcpy(cut, file, starts[i] + sizeof(struct recording_packet) + 2);
    made_write(cut, starts[i] + 200000);
    check_tail(starts[i], starts[i] + 200000);
    memcpy(cut + starts[i] + 150000, file + starts[i], file_bytes - starts[i]);
    made_write(cut, starts[i] + 200000);
    cr_expect_eq(made_replay(&fault), -EBADMSG, "a whole one is behind it");
    cr_expect_not_null(strstr(fault.words, "damaged at byte "), "%s", fault.words);
  }
}

Test(damage, says_where, .init = set_up, .fini = tear_down) {
  size_t starts[8];
  char words[64];
  find_packets(starts, 8);
  file[starts[1] + sizeof(struct recording_packet) + 5] ^= 1;
  made_write(file, file_bytes);
  cr_expect_eq(made_replay(&fault), -EBADMSG);
  snprintf(words, sizeof words, "damaged at byte %zu ", starts[1]);
  cr_expect_eq(strncmp(fault.words, words, strlen(words)), 0, "%s", fault.words);
}

static void bend_header(size_t offset, const void *value, size_t bytes) {
  memcpy(cut, file, file_bytes);
  memcpy(cut + offset, value, bytes);
  made_write(cut, file_bytes);
}

#define BEND(member, ...)                                                                                    \
  bend_header(offsetof(struct recording_header, member), (__VA_ARGS__),                                      \
              sizeof((struct recording_header *)0)->member)

Test(damage, headers_of_others_are_told_apart, .init = set_up, .fini = tear_down) {
  BEND(version_major, &(uint16_t){2});
  cr_expect_eq(made_replay(&fault), -EPROTO);
  cr_expect_not_null(strstr(fault.words, "version 2.0"), "%s", fault.words);
  BEND(version_minor, &(uint16_t){7});
  cr_expect_eq(made_replay(&fault), 0, "a later minor: %s", fault.words);
  BEND(boot, &(uint64_t){1});
  cr_expect_eq(made_replay(&fault), 0, "another machine: %s", fault.words);
  BEND(magic, &(uint64_t){1});
  cr_expect_eq(made_replay(&fault), -EBADMSG);
  cr_expect_not(unpacker_is_recording(made_path));
  BEND(header_bytes, &(uint32_t){127});
  cr_expect_eq(made_replay(&fault), -EBADMSG);
  BEND(header_bytes, &(uint32_t){UINT32_MAX});
  cr_expect_eq(made_replay(&fault), -EBADMSG);
  char host[RECORDING_HOST_BYTES];
  memset(host, 'a', sizeof host);
  BEND(host, host);
  cr_expect_eq(made_replay(&fault), -EBADMSG);
}

/* A later minor may have a longer header, more behind a payload, and records of types that are not known. */
Test(damage, what_a_later_minor_adds_is_passed_over, .init = set_up, .fini = tear_down) {
  struct replay *replay;
  bytes_put_varint(&plain, 99);
  bytes_put_varint(&plain, 3);
  bytes_put(&plain, "abc", 3);
  bytes_put_varint(&plain, RECORDING_MOMENT);
  bytes_put_varint(&plain, 5);
  bytes_put(&plain, "\1\2xyz", 5);
  made_packet(plain.first, plain.count, false);
  cr_assert_eq(replay_read(made_path, REPLAY_ALL, NULL, &replay, &fault), 0, "%s", fault.words);
  cr_expect_eq(replay->moments, 1);
  cr_expect_eq(replay->last.epoch_ns, 2);
  replay_close(replay);
}

/* A packet of one record, of these numbers, behind an image of 4096 bytes. */
static int replay_record(uint64_t type, const uint64_t numbers[], size_t count) {
  struct bytes payload = {0};
  struct image_record image = {.name.pid = 1, .bytes = 4096};
  plain.count = 0;
  image_record_put(&payload, &image);
  for (size_t i = 0; i < 2; i++) {
    bytes_put_varint(&plain, i ? type : RECORDING_IMAGE);
    bytes_put_varint(&plain, payload.count);
    bytes_put(&plain, payload.first, payload.count);
    payload.count = 0;
    for (size_t k = 0; k < count; k++) bytes_put_varint(&payload, numbers[k]);
  }
  bytes_free(&payload);
  made_packet(plain.first, plain.count, false);
  return made_replay(&fault);
}

#define REPLAY(type, ...)                                                                                    \
  replay_record(type, (const uint64_t[]){__VA_ARGS__},                                                       \
                sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

Test(damage, records_that_make_no_sense_are_refused, .init = set_up, .fini = tear_down) {
  cr_expect_eq(REPLAY(RECORDING_PATCH, 0, 0, 1 << 1, 9), 0, "this one makes some: %s", fault.words);
  cr_expect_eq(REPLAY(RECORDING_PATCH, 1, 0, 1 << 1, 9), -EBADMSG, "no such image");
  cr_expect_eq(REPLAY(RECORDING_PATCH, 0, 512, 1 << 1, 9), -EBADMSG, "behind its end");
  cr_expect_eq(REPLAY(RECORDING_PATCH, 0, UINT64_MAX, 1 << 1, 9), -EBADMSG);
  cr_expect_eq(REPLAY(RECORDING_IMAGE, 1, UINT64_MAX, 1, 0, 4096), -EBADMSG, "no pid");
  cr_expect_eq(REPLAY(RECORDING_IMAGE, 1, 1), -EBADMSG, "cut");
  cr_expect_eq(REPLAY(RECORDING_MOMENT, 1), -EBADMSG, "cut");
  cr_expect_eq(REPLAY(RECORDING_END, 0, 99, 0, 0), -EBADMSG, "no such state");
  cr_expect_eq(REPLAY(RECORDING_END, 7, 1, 0, 0), -EBADMSG, "no such image");
  cr_expect_eq(REPLAY(RECORDING_RESIDENT, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), -EBADMSG, "no such image");
  cr_expect_eq(REPLAY(RECORDING_RESIDENT, 0, 1, 1, 1), -EBADMSG, "cut");
  cr_expect_eq(REPLAY(RECORDING_SYMBOLS, 9, 1, 0), -EBADMSG, "no such image");
  cr_expect_eq(REPLAY(RECORDING_SYMBOLS, 0, 1, UINT32_MAX), -EBADMSG, "steps without end");
  cr_expect_eq(REPLAY(RECORDING_SYMBOLS, 0, 1, 1, SYMBOL_RECORD_FUNCTION, 5, UINT64_MAX), -EBADMSG,
               "a long text");
  cr_expect_eq(REPLAY(RECORDING_SYMBOLS, 0, 1, 1, 64, 5), -EBADMSG, "no such flag");
  cr_expect_eq(REPLAY(RECORDING_LARGEST, 0, 6, 1, 1, 1, 1), -EBADMSG, "too many");
  cr_expect_eq(REPLAY(RECORDING_LARGEST, 3, 0), -EBADMSG, "no such image");
  cr_expect_not_null(strstr(fault.words, "makes no sense"), "%s", fault.words);
}

Test(damage, a_record_does_not_reach_over_its_packet, .init = set_up, .fini = tear_down) {
  bytes_put_varint(&plain, RECORDING_MOMENT);
  bytes_put_varint(&plain, 1000);
  made_packet(plain.first, plain.count, false);
  cr_expect_eq(made_replay(&fault), -EBADMSG);
  bytes_put_varint(&plain, UINT64_MAX);
  made_packet(plain.first, 2, false);
  cr_expect_eq(made_replay(&fault), -EBADMSG);
}

Test(damage, nothing_follows_the_end, .init = set_up, .fini = tear_down) {
  made_packet("\10\0", 2, false);
  cr_expect_eq(made_replay(&fault), 0, "%s", fault.words);
  made_packet("\10\0", 2, true);
  cr_expect_eq(made_replay(&fault), -EBADMSG);
}

/* Each touches a page of its own of an image of 4 GiB, which is more than half the machine's memory, or not: then the
   test would take it. So the limit is put where it is reached. */
Test(damage, an_image_takes_no_more_pages_than_there_are, .init = set_up, .fini = tear_down) {
  struct image_pages pages = image_pages_of_machine();
  struct image image;
  cr_expect_gt(pages.most, 1000);
  pages.most = 100;
  image_open(&image, IMAGE_BYTES_MOST, &pages);
  for (int i = 0; i < 101; i++) {
    bytes_put_varint(&plain, 511);
    bytes_put_varint(&plain, 1 << 1);
    bytes_put_varint(&plain, 2);
  }
  struct varint_source patch = {plain.first, plain.first + plain.count};
  cr_expect_eq(image_patch(&image, &patch), -E2BIG);
  cr_expect_eq(pages.used, 100);
  patch.at = plain.first;
  cr_expect_eq(image_patch(&image, &patch), -E2BIG, "those that it has are its own; no other");
  image_leave_out(&image);
  cr_expect_eq(pages.used, 0);
  cr_expect_eq(pages.loose_bytes, 0);
  cr_expect_null(image.pages);
  image_pages_close(&pages);
}

/* What it takes to write is a byte for each eight pages of it, in use or not. */
Test(damage, one_that_has_ended_takes_its_pages_alone, .init = set_up, .fini = tear_down) {
  const uint64_t sizes[] = {4096, (IMAGE_BYTES_MOST / 2) + 4096 * 8 * 77, IMAGE_BYTES_MOST};
  struct image_pages pages = image_pages_of_machine();
  struct image images[3];
  uint64_t word;
  for (uint64_t round = 0; round < 2; round++) {
    for (size_t i = 0; i < 3; i++) {
      if (round == 0) image_open(&images[i], sizes[i], &pages);
      plain.count = 0;
      patch_put(&plain, round, NULL, &(uint64_t){i + 5}, 1);
      struct varint_source patch = {plain.first, plain.first + plain.count};
      cr_assert_eq(image_patch(&images[i], &patch), 0);
    }
    cr_expect_gt(pages.used, 3 * (round + 1) + 32);
    for (size_t i = 0; i < 3; i++) image_close(&images[i]);
    cr_expect_eq(pages.used, 3 * (round + 1), "a page each, once more if it is written once more");
    cr_expect_eq(pages.loose_bytes, 0);
  }
  for (size_t i = 0; i < 3; i++) {
    struct segment_file window = image_file(&images[i]);
    for (uint64_t at = 0; at < 2 * sizeof word; at += sizeof word) {
      cr_assert_eq(segment_file_copy(&window, at, &word, sizeof word), 0);
      cr_expect_eq(word, i + 5);
    }
  }
  image_pages_close(&pages);
}

static void put_record(enum recording_type type, struct bytes *payload) {
  bytes_put_varint(&plain, type);
  bytes_put_varint(&plain, payload->count);
  bytes_put(&plain, payload->first, payload->count);
  payload->count = 0;
}

/* More images than files may be open, and than mappings there may be, each with a word in it. */
Test(damage, images_are_more_than_files_may_be_open, .init = set_up, .fini = tear_down) {
  const uint64_t count = 70000;
  struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
  struct bytes payload = {0};
  struct image_record image = {.name.pid = 1, .bytes = 4096};
  struct replay *replay;
  uint64_t word;
  for (uint64_t i = 0; i < count; i++) {
    image_record_put(&payload, &image);
    put_record(RECORDING_IMAGE, &payload);
    bytes_put_varint(&payload, i);
    patch_put(&payload, 511, NULL, &(uint64_t){i + 1}, 1);
    put_record(RECORDING_PATCH, &payload);
  }
  made_packet(plain.first, plain.count, false);
  cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
  cr_assert_eq(replay_read(made_path, REPLAY_ALL, NULL, &replay, &fault), 0, "%s", fault.words);
  cr_assert_eq(replay->count, count);
  for (uint32_t i = 0; i < count; i += 999) {
    char path[SEGMENT_WINDOW_PATH_BYTES];
    struct segment_file window;
    image_path(&replay->images[i].image, path);
    cr_assert_eq(segment_file_open(path, true, &window, &fault), 0, "%s: %s", path, fault.words);
    cr_expect_eq(window.bytes, 4096);
    cr_assert_eq(segment_file_copy(&window, 511 * sizeof word, &word, sizeof word), 0);
    cr_expect_eq(word, i + 1);
    cr_expect_eq(segment_file_copy(&window, 4096, &word, sizeof word), -ERANGE, "the next one's");
    segment_file_close(&window);
  }
  replay_close(replay);
  bytes_free(&payload);
}

static int count_moment(void *context, const struct replay *so_far, struct fault *ret_fault) {
  (void)so_far;
  (void)ret_fault;
  ++*(uint64_t *)context;
  return 0;
}

/* Their product, of which a few thousand bytes of file are enough, would take minutes; so they are not multiplied. */
Test(damage, many_images_have_many_moments, .init = set_up, .fini = tear_down, .timeout = 60) {
  const uint64_t images = 200000, moments = 500000;
  struct bytes payload = {0};
  struct image_record image = {.name.pid = 1, .bytes = 4096};
  uint64_t seen = 0;
  struct replay_visitor visitor = {.moment = count_moment, .context = &seen};
  struct replay *replay;
  for (uint64_t i = 0; i < images; i++) {
    image_record_put(&payload, &image);
    put_record(RECORDING_IMAGE, &payload);
  }
  for (uint64_t i = 0; i < moments; i++) {
    moment_record_put(&payload, &(struct moment_record){.at = i});
    put_record(RECORDING_MOMENT, &payload);
  }
  made_packet(plain.first, plain.count, false);
  cr_assert_eq(replay_read(made_path, REPLAY_NONE, &visitor, &replay, &fault), 0, "%s", fault.words);
  cr_expect_eq(replay->count, images);
  cr_expect_eq(seen, moments);
  replay_close(replay);
  bytes_free(&payload);
}

/* Of 24 bytes each, which a file may have in two, and packed in next to nothing. */
Test(damage, symbols_take_no_more_memory_than_there_is, .init = set_up, .fini = tear_down) {
  struct image_pages pages = {.most = 100, .fd = -1};
  struct symbol_book book = {0};
  struct bytes payload = {0};
  int error = 0, taken = 0;
  bytes_put_varint(&payload, 0);
  bytes_put_varint(&payload, 1);
  bytes_put_varint(&payload, SYMBOL_RECORD_STEPS);
  for (int i = 0; i < SYMBOL_RECORD_STEPS; i++) bytes_put(&payload, "\0\0", 2);
  for (; !error && taken < 1000; taken++) {
    struct varint_source source = {payload.first, payload.first + payload.count};
    error = symbol_book_take(&book, &source, 1, &pages);
  }
  cr_expect_eq(error, -E2BIG);
  cr_expect_lt(taken, 20, "%d", taken);
  symbol_book_free(&book);
  pages.used = pages.loose_bytes = 0;
  payload.count = 0;
  symbol_record_put(&payload, 0, 1, &(struct symbol_chain){0});
  for (error = taken = 0; !error && taken < 100000; taken++) {
    struct varint_source source = {payload.first, payload.first + payload.count};
    error = symbol_book_take(&book, &source, 1, &pages);
  }
  cr_expect_eq(error, -E2BIG, "%d entries", taken);
  symbol_book_free(&book);
  bytes_free(&payload);
}

Test(damage, symbols_are_found_by_image, .init = set_up, .fini = tear_down) {
  struct image_pages pages = image_pages_of_machine();
  struct symbol_book book = {0};
  struct bytes payload = {0};
  size_t count;
  for (uint32_t i = 0; i < 3000; i++) {
    payload.count = 0;
    symbol_record_put(&payload, 2 * (i % 3), i, &(struct symbol_chain){0});
    struct varint_source source = {payload.first, payload.first + payload.count};
    cr_assert_eq(symbol_book_take(&book, &source, 5, &pages), 0);
  }
  symbol_book_settle(&book);
  for (uint32_t image = 0; image < 7; image++) {
    const struct symbol_entry *entries = symbol_book_of(&book, image, &count);
    cr_assert_eq(count, image % 2 == 0 && image < 6 ? 1000 : 0, "%u: %zu", image, count);
    cr_assert_eq(entries == NULL, count == 0, "%u", image);
    for (size_t i = 0; i < count; i++) cr_assert_eq(entries[i].frame, 3 * i + image / 2);
  }
  symbol_book_free(&book);
  bytes_free(&payload);
}

/* A gigabyte of zeroes, of which the head says that it is a few bytes. */
Test(damage, a_packet_that_is_more_than_it_says_is_refused, .init = set_up, .fini = tear_down) {
  size_t starts[8];
  unsigned char *zeroes = calloc(1, RECORDING_PACKET_MOST);
  made_packet(zeroes, RECORDING_PACKET_MOST, false);
  file_bytes = made_read(file, FILE_ROOM);
  cr_assert_eq(find_packets(starts, 8), 1);
  struct recording_packet head;
  memcpy(&head, file + starts[0], sizeof head);
  for (uint32_t said = 0; said <= RECORDING_PACKET_MOST + 1;
       said += said < 3 ? 1 : RECORDING_PACKET_MOST / 2) {
    head.plain_bytes = said;
    made_head(&head);
    memcpy(file + starts[0], &head, sizeof head);
    made_write(file, file_bytes);
    cr_expect_eq(made_replay(&fault), -EBADMSG, "%u", said);
  }
  free(zeroes);
}
