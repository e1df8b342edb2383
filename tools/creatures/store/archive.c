/*
 * archive.c: packs and opens what plain.h lays out.
 */
#include "store/archive.h"

#include <errno.h>
#include <string.h>

#include "creature/chance.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/plain.h"
#include "store/relations.h"

#define PACKED_AT_BEST 8u /* times smaller */

static struct archive *make(struct creatures *creatures, const struct plain *plain);
static int has_room(struct ration_memory *heap, size_t bytes);
static void empty_pages(struct creatures *creatures, struct cold *cold);

ptrdiff_t archive_pack(struct creatures *creatures, struct cold *cold) {
  size_t before = archive_page_bytes(creatures, cold) + archive_bytes(cold->archive);
  struct plain plain;
  if (!archive_page_bytes(creatures, cold)) return 0;
  int error = plain_read(creatures, cold, &plain);
  if (error == -EBADMSG) archive_drop(creatures, cold);
  if (error) return error;
  struct archive *archive = make(creatures, &plain);
  if (!archive) return -ENOMEM;
  if (plain.dropped) /* counts them */
    ration_limits_add(creatures->limits, RATION_LIMIT_MEMORIES, plain.memory_count + plain.dropped - 1);
  empty_pages(creatures, cold);
  archive_drop(creatures, cold);
  cold->archive = archive;
  creatures->archived++;
  return (ptrdiff_t)before - (ptrdiff_t)archive_bytes(archive);
}

/* plain lies in the first half of scratch, with its head. */
static struct archive *make(struct creatures *creatures, const struct plain *plain) {
  const struct ration_compression *compression = &creatures->zstd.compression;
  struct ration_memory *heap = memory_of(creatures->memory, RATION_ALLOCATOR_CREATURES);
  size_t room = creatures->scratch_bytes / 2, bytes = plain_bytes(plain);
  void *packed = (unsigned char *)creatures->scratch + room;
  if (!has_room(heap, bytes / PACKED_AT_BEST)) return NULL;
  ptrdiff_t count = compression->compress(creatures->scratch, bytes, packed, room, compression->context);
  if (count < 0) return NULL;
  struct archive *archive =
      ration_memory_allocate(heap, sizeof *archive + (size_t)count, _Alignof(struct archive));
  if (!archive) return NULL;
  *archive = (struct archive){.bytes = (uint32_t)count,
                              .plain_bytes = (uint32_t)bytes,
                              .checksum = archive_checksum(creatures->scratch, bytes),
                              .memories = plain->memory_count,
                              .relations = plain->relation_count,
                              .behaviours = plain->behaviour_count};
  memcpy(archive->packed, packed, (size_t)count);
  return archive;
}

/* Asked before the work is done: where a budget is overrun, it would be for nothing with each of very many creatures. */
static int has_room(struct ration_memory *heap, size_t bytes) {
  size_t size = sizeof(struct archive) + bytes;
  void *block = ration_memory_allocate(heap, size, _Alignof(struct archive));
  ration_memory_release(heap, block, size, _Alignof(struct archive));
  return block != NULL;
}

int archive_open(struct creatures *creatures, struct cold *cold) {
  struct plain plain;
  if (!cold->archive) return 0;
  int error = plain_read(creatures, cold, &plain);
  if (!error) error = plain_write(creatures, cold, &plain);
  if (error && error != -EBADMSG) return error;
  if (!error && plain.dropped)
    ration_limits_add(creatures->limits, RATION_LIMIT_MEMORIES, plain.memory_count + plain.dropped - 1);
  archive_drop(creatures, cold);
  creatures->opened += !error;
  return error;
}

void archive_drop(struct creatures *creatures, struct cold *cold) {
  if (!cold->archive) return;
  ration_memory_release(memory_of(creatures->memory, RATION_ALLOCATOR_CREATURES), cold->archive,
                        archive_bytes(cold->archive), _Alignof(struct archive));
  cold->archive = NULL;
}

uint64_t archive_checksum(const void *bytes, size_t count) {
  const unsigned char *from = bytes;
  uint64_t sum = count, word = 0;
  for (; count >= sizeof word; from += sizeof word, count -= sizeof word) {
    memcpy(&word, from, sizeof word);
    sum = chance_mix(sum ^ word);
  }
  word = 0;
  memcpy(&word, from, count);
  return chance_mix(sum ^ word);
}

size_t archive_page_bytes(const struct creatures *creatures, const struct cold *cold) {
  size_t bytes = 0;
  for (const struct memory_page *page = cold->memories.oldest; page; page = page->newer)
    bytes += sizeof *page;
  if (cold->relations) bytes += relations_page_bytes(creatures);
  if (cold->behaviours) bytes += behaviours_page_bytes(creatures);
  return bytes;
}

static void empty_pages(struct creatures *creatures, struct cold *cold) {
  memories_set(creatures, cold, NULL, 0);
  relations_set(creatures, cold, NULL, 0);
  behaviours_set(creatures, cold, NULL, 0);
}
