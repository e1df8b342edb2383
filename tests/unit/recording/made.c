/*
 * made.c: see made.h.
 */
#include "recording/made.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

char made_path[PATH_MAX];
static char folder[PATH_MAX];

void made_set_up(void) {
  fake_folder_make(folder);
  cr_assert_lt(snprintf(made_path, sizeof made_path, "%.4000s/made.ration", folder), (int)sizeof made_path);
}

void made_tear_down(void) {
  fake_folder_remove(folder);
}

void made_fill(struct fake_segment *ret_segment, uint32_t pid, uint32_t image, uint64_t seconds) {
  fake_segment_fill(ret_segment);
  fake_segment_add_tables(ret_segment);
  fake_segment_add_budgets(ret_segment);
  fake_segment_add_sites(ret_segment);
  ret_segment->samples[0].slack = 0;
  ret_segment->header.pid = pid;
  ret_segment->header.image = image;
  ret_segment->header.started_at_ns = MADE_STARTED_NS + seconds * FAKE_SECOND;
}

uint32_t made_add(struct recording_writer *writer, const struct fake_segment *segment) {
  const struct ration_segment_header *header = &segment->header;
  struct place_name name = {.pid_namespace = header->pid_namespace,
                            .start_ticks = header->start_ticks,
                            .pid = header->pid,
                            .image = header->image};
  uint32_t image;
  cr_assert_eq(recording_add_image(writer, &name, sizeof *segment, &image), 0);
  cr_assert_eq(recording_patch(writer, image, 0, NULL, segment, sizeof *segment), 0);
  return image;
}

struct recording_writer *made_begin(void) {
  struct recording_writer *writer;
  struct fault fault;
  cr_assert_eq(recording_create(made_path, &writer, &fault), 0, "%s", fault.words);
  return writer;
}

size_t made_read(unsigned char *ret_bytes, size_t room) {
  FILE *file = fopen(made_path, "rb");
  cr_assert_not_null(file);
  size_t count = fread(ret_bytes, 1, room, file);
  cr_assert(count < room, "more room is needed");
  fclose(file);
  return count;
}

void made_write(const void *bytes, size_t count) {
  FILE *file = fopen(made_path, "wb");
  cr_assert_not_null(file);
  cr_assert_eq(fwrite(bytes, 1, count, file), count);
  cr_assert_eq(fclose(file), 0);
}

void made_packet(const void *plain, size_t count, bool is_more) {
  size_t room = ZSTD_compressBound(count);
  unsigned char *packed = malloc(room);
  struct recording_header header = {
      .magic = RECORDING_MAGIC, .version_major = RECORDING_MAJOR, .header_bytes = sizeof header};
  struct recording_packet head = {.magic = RECORDING_PACKET_MAGIC,
                                  .flags = RECORDING_FRAME_BEGINS,
                                  .packed_bytes = (uint32_t)ZSTD_compress(packed, room, plain, count, 1),
                                  .plain_bytes = (uint32_t)count};
  head.packed_crc = (uint32_t)crc32(0, packed, head.packed_bytes);
  made_head(&head);
  FILE *file = fopen(made_path, is_more ? "ab" : "wb");
  cr_assert_not_null(file);
  if (!is_more) cr_assert_eq(fwrite(&header, sizeof header, 1, file), 1);
  cr_assert_eq(fwrite(&head, sizeof head, 1, file), 1);
  cr_assert_eq(fwrite(packed, 1, head.packed_bytes, file), head.packed_bytes);
  cr_assert_eq(fclose(file), 0);
  free(packed);
}

void made_head(struct recording_packet *head) {
  size_t checked = offsetof(struct recording_packet, head_crc);
  head->head_crc = (uint32_t)crc32(0, (const unsigned char *)head, (uInt)checked);
}

int made_replay(struct fault *ret_fault) {
  struct replay *replay;
  *ret_fault = (struct fault){""};
  int error = replay_read(made_path, REPLAY_ALL, NULL, &replay, ret_fault);
  if (!error) replay_close(replay);
  return error;
}
