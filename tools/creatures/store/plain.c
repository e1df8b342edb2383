/*
 * plain.c: into the first half of scratch; what is packed is unpacked into the second one before.
 */
#include "store/plain.h"

#include <errno.h>
#include <string.h>

#include "store/archive.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/relations.h"

_Static_assert(sizeof(struct plain_head) % _Alignof(struct memory) == 0, "memories lie behind the head");
_Static_assert(sizeof(struct memory) % _Alignof(struct relation) == 0, "relations lie behind memories");
_Static_assert(sizeof(struct relation) % _Alignof(struct behaviour) == 0, "behaviours lie behind relations");

static size_t bytes_of(size_t memories, size_t relations, size_t behaviours);
static struct plain lay_out(unsigned char *bytes, const struct plain_head *head);
static int unpack(struct creatures *creatures, const struct archive *archive, struct plain *ret_plain);
static void copy_memories(const struct cold *cold, const struct plain *packed, uint32_t skip,
                          struct memory *to);

size_t plain_bytes_most(const struct creatures *creatures) {
  return bytes_of(creatures->memories_most, creatures->relations_most, creatures->behaviours_most);
}

size_t plain_bytes(const struct plain *plain) {
  return bytes_of(plain->memory_count, plain->relation_count, plain->behaviour_count);
}

static size_t bytes_of(size_t memories, size_t relations, size_t behaviours) {
  return sizeof(struct plain_head) + memories * sizeof(struct memory) + relations * sizeof(struct relation) +
         behaviours * sizeof(struct behaviour);
}

int plain_read(struct creatures *creatures, const struct cold *cold, struct plain *ret_plain) {
  struct plain packed = {.memory_count = 0};
  int error = cold->archive ? unpack(creatures, cold->archive, &packed) : 0;
  uint32_t all = packed.memory_count + cold->memories.count, most = creatures->memories_most;
  uint32_t dropped = all > most ? all - most : 0;
  int has_relations = relations_count(cold) != 0, has_behaviours = behaviours_count(cold) != 0;
  struct plain_head *head = creatures->scratch;
  *head = (struct plain_head){.memories = all - dropped,
                              .relations = has_relations ? relations_count(cold) : packed.relation_count,
                              .behaviours = has_behaviours ? behaviours_count(cold) : packed.behaviour_count};
  struct plain plain = lay_out(creatures->scratch, head);
  unsigned char *to = (unsigned char *)(head + 1);
  copy_memories(cold, &packed, dropped, (struct memory *)(void *)to);
  to += plain.memory_count * sizeof(struct memory);
  if (plain.relation_count)
    memcpy(to, has_relations ? cold->relations->relations : packed.relations,
           plain.relation_count * sizeof(struct relation));
  to += plain.relation_count * sizeof(struct relation);
  if (plain.behaviour_count)
    memcpy(to, has_behaviours ? cold->behaviours->behaviours : packed.behaviours,
           plain.behaviour_count * sizeof(struct behaviour));
  plain.dropped = dropped;
  *ret_plain = plain;
  return error;
}

/* The bytes behind a head, as what it says. */
static struct plain lay_out(unsigned char *bytes, const struct plain_head *head) {
  struct plain plain = {
      .memory_count = head->memories, .relation_count = head->relations, .behaviour_count = head->behaviours};
  plain.memories = (const struct memory *)(void *)(bytes + sizeof *head);
  plain.relations = (const struct relation *)(const void *)(plain.memories + plain.memory_count);
  plain.behaviours = (const struct behaviour *)(const void *)(plain.relations + plain.relation_count);
  return plain;
}

/* Into the second half; as much as its head says, and no more than a creature may have. */
static int unpack(struct creatures *creatures, const struct archive *archive, struct plain *ret_plain) {
  const struct ration_compression *compression = &creatures->zstd.compression;
  size_t room = creatures->scratch_bytes / 2;
  unsigned char *bytes = (unsigned char *)creatures->scratch + room;
  ptrdiff_t unpacked =
      compression->decompress(archive->packed, archive->bytes, bytes, room, compression->context);
  if (unpacked == -ENOMEM) return -ENOMEM;
  if (unpacked != (ptrdiff_t)archive->plain_bytes || unpacked < (ptrdiff_t)sizeof(struct plain_head))
    return -EBADMSG;
  const struct plain_head *head = (const struct plain_head *)(void *)bytes;
  int is_sound = archive_checksum(bytes, archive->plain_bytes) == archive->checksum &&
                 head->memories == archive->memories && head->memories <= creatures->memories_most &&
                 head->relations == archive->relations && head->relations <= creatures->relations_most &&
                 head->behaviours == archive->behaviours && head->behaviours <= creatures->behaviours_most;
  if (!is_sound || bytes_of(head->memories, head->relations, head->behaviours) != archive->plain_bytes)
    return -EBADMSG;
  *ret_plain = lay_out(bytes, head);
  return 0;
}

/* What was packed, then what lies in pages, but for the first `skip` of them together. */
static void copy_memories(const struct cold *cold, const struct plain *packed, uint32_t skip,
                          struct memory *to) {
  const struct memory *some = packed->memories;
  const struct memory_page *page = NULL;
  uint32_t count = packed->memory_count;
  if (!some) some = memories_next(cold, &page, &count);
  for (; some; some = memories_next(cold, &page, &count)) {
    uint32_t left_out = skip < count ? skip : count;
    memcpy(to, some + left_out, (count - left_out) * sizeof *to);
    to += count - left_out;
    skip -= left_out;
  }
}

int plain_write(struct creatures *creatures, struct cold *cold, const struct plain *plain) {
  struct cold made = {.used_at = 0};
  int error = relations_set(creatures, &made, plain->relations, plain->relation_count);
  if (!error) error = behaviours_set(creatures, &made, plain->behaviours, plain->behaviour_count);
  if (!error) error = memories_set(creatures, cold, plain->memories, plain->memory_count);
  struct cold *gone =
      error ? &made : cold; /* of relations and behaviours those that are not wanted any more */
  relations_set(creatures, gone, NULL, 0);
  behaviours_set(creatures, gone, NULL, 0);
  if (error) return error;
  cold->relations = made.relations;
  cold->behaviours = made.behaviours;
  return 0;
}
