/*
 * records_warm.c: the blocks of warm and of cold records, and what demoting does with the former.
 *
 * A demoted record that is packed has in its block a checksum of its plain bytes, and behind it what was compressed.
 */
#include "kit/records.h"

#include <ration/kit/sparse_array.h>

#include <string.h>

#include "kit/checksum.h"
#include "kit/fail.h"

#define PACKED_HEAD sizeof(uint64_t)
#define PACKED_MOST ((ptrdiff_t)UINT32_MAX - (ptrdiff_t)PACKED_HEAD)

static int promote(struct ration_records *records, struct ration_records_slot *slot);
static uint32_t pack(const struct ration_records *records, const void *warm);
static int unpack(const struct ration_records *records, const struct ration_records_slot *slot, void *to);
static int release_warm(struct ration_records *records, const struct ration_records_slot *slot);
static void forget_warm(struct ration_records *records, struct ration_records_slot *slot);

void *ration_records_warm(struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  if (!error && !records->warm.size) error = -ENOENT;
  if (!error && slot->is_demoted) error = promote(records, slot);
  if (error) return fail(error);
  if (slot->warm) return slot->warm;
  slot->warm = records_make(&records->warm);
  records->warm_count += slot->warm != NULL;
  return slot->warm;
}

int ration_records_read_warm(const struct ration_records *records, uint64_t id, void *ret_warm) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  if (!error && !ret_warm) error = -EINVAL;
  if (!error && !slot->warm) error = -ENOENT;
  return error ? error : unpack(records, slot, ret_warm);
}

/* Where either memory refuses, or the bytes are corrupt, it stays. */
static int promote(struct ration_records *records, struct ration_records_slot *slot) {
  struct ration_records_part *warm = &records->warm;
  void *plain = ration_memory_allocate(warm->memory, warm->size, warm->alignment);
  if (!plain) return -errno;
  int error = unpack(records, slot, plain);
  if (!error) error = release_warm(records, slot);
  if (error) {
    ration_memory_release(warm->memory, plain, warm->size, warm->alignment);
    return error;
  }
  forget_warm(records, slot);
  slot->warm = plain;
  records->warm_count++;
  records->promotions++;
  return 0;
}

int ration_records_demote(struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  if (error) return error;
  if (!slot->warm) return -ENOENT;
  if (slot->is_demoted) return -EALREADY;
  struct ration_records_slot demoted = {.is_demoted = 1, .packed_bytes = pack(records, slot->warm)};
  size_t bytes = demoted.packed_bytes ? demoted.packed_bytes : records->warm.size;
  size_t alignment = demoted.packed_bytes ? _Alignof(uint64_t) : records->warm.alignment;
  demoted.warm = ration_memory_allocate(records->cold.memory, bytes, alignment);
  if (!demoted.warm) return -errno;
  memcpy(demoted.warm, demoted.packed_bytes ? records->scratch : slot->warm, bytes);
  error = release_warm(records, slot);
  if (error) {
    release_warm(records, &demoted);
    return error;
  }
  slot->warm = demoted.warm;
  slot->is_demoted = 1;
  slot->packed_bytes = demoted.packed_bytes;
  records->warm_count--;
  records->demoted_count++;
  records->demoted_bytes += bytes;
  records->demotions++;
  return 0;
}

/* Into scratch, with its checksum: bytes; 0: that makes it no smaller, or there is no compression. */
static uint32_t pack(const struct ration_records *records, const void *warm) {
  const struct ration_compression *compression = records->compression;
  size_t size = records->warm.size;
  if (!compression || size <= PACKED_HEAD) return 0;
  uint64_t checksum = checksum_of(warm, size);
  ptrdiff_t bytes = compression->compress(warm, size, records->scratch + PACKED_HEAD, size - PACKED_HEAD,
                                          compression->context);
  if (bytes <= 0 || bytes > PACKED_MOST || (size_t)bytes >= size - PACKED_HEAD) return 0;
  memcpy(records->scratch, &checksum, PACKED_HEAD);
  return (uint32_t)bytes + (uint32_t)PACKED_HEAD;
}

/* The plain bytes, of a record wherever it is. */
static int unpack(const struct ration_records *records, const struct ration_records_slot *slot, void *to) {
  const struct ration_compression *compression = records->compression;
  size_t size = records->warm.size;
  uint64_t checksum;
  if (!slot->packed_bytes) {
    memcpy(to, slot->warm, size);
    return 0;
  }
  memcpy(&checksum, slot->warm, PACKED_HEAD);
  ptrdiff_t bytes = compression->decompress((const unsigned char *)slot->warm + PACKED_HEAD,
                                            slot->packed_bytes - PACKED_HEAD, to, size, compression->context);
  if (bytes < 0 && bytes != -EBADMSG) return (int)bytes;
  return bytes == (ptrdiff_t)size && checksum_of(to, size) == checksum ? 0 : -EBADMSG;
}

size_t ration_records_demote_where(struct ration_records *records,
                                   int (*is_distant)(void *context, uint64_t id, const void *hot),
                                   void *context) {
  size_t bytes = 0;
  if (!is_in_use(records) || !is_distant) return 0;
  for (size_t i = 0; i < records->hot.count; i++) {
    uint64_t id = ration_records_id_at(records, i);
    if (is_distant(context, id, ration_records_hot(records, id)) && !ration_records_demote(records, id))
      bytes += records->warm.size;
  }
  return bytes;
}

void *ration_records_cold(struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  if (!error && !records->cold.size) error = -ENOENT;
  if (error) return fail(error);
  if (slot->cold) return slot->cold;
  slot->cold = records_make(&records->cold);
  if (slot->cold) records->cold_count++;
  return slot->cold;
}

int ration_records_drop_warm(struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  if (!error && !slot->warm) error = -ENOENT;
  if (!error) error = release_warm(records, slot);
  if (!error) forget_warm(records, slot);
  return error;
}

int ration_records_drop_cold(struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  if (error) return error;
  if (!slot->cold) return -ENOENT;
  error =
      ration_memory_release(records->cold.memory, slot->cold, records->cold.size, records->cold.alignment);
  if (error) return error;
  slot->cold = NULL;
  records->cold_count--;
  return 0;
}

size_t ration_records_move_warm(struct ration_records *records, void *(*move)(void *context, void *warm),
                                void *context) {
  size_t moved = 0;
  if (!is_in_use(records) || !move) return 0;
  for (size_t i = 0; i < records->hot.count; i++) {
    struct ration_records_slot *slot = &slots_of(records)[owners_of(records)[i]];
    void *place = slot->warm && !slot->is_demoted ? move(context, slot->warm) : NULL;
    if (!place || place == slot->warm) continue;
    slot->warm = place;
    moved++;
  }
  return moved;
}

int ration_records_is_demoted(const struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  return error ? error : slot->is_demoted != 0;
}

int ration_records_has_cold(const struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  return error ? error : slot->cold != NULL;
}

void *records_make(const struct ration_records_part *part) {
  void *block = ration_memory_allocate(part->memory, part->size, part->alignment);
  return block ? memset(block, 0, part->size) : NULL;
}

/* Back to the memory where it is. */
static int release_warm(struct ration_records *records, const struct ration_records_slot *slot) {
  const struct ration_records_part *warm = &records->warm;
  if (!slot->is_demoted) return ration_memory_release(warm->memory, slot->warm, warm->size, warm->alignment);
  if (!slot->packed_bytes)
    return ration_memory_release(records->cold.memory, slot->warm, warm->size, warm->alignment);
  return ration_memory_release(records->cold.memory, slot->warm, slot->packed_bytes, _Alignof(uint64_t));
}

/* The slot has none now, and the counts know it. */
static void forget_warm(struct ration_records *records, struct ration_records_slot *slot) {
  if (slot->is_demoted) {
    records->demoted_count--;
    records->demoted_bytes -= slot->packed_bytes ? slot->packed_bytes : records->warm.size;
  } else {
    records->warm_count--;
  }
  slot->warm = NULL;
  slot->is_demoted = slot->packed_bytes = 0;
}

void records_release(struct ration_records *records, struct ration_records_slot *slot) {
  if (slot->warm) {
    release_warm(records, slot);
    forget_warm(records, slot);
  }
  if (!slot->cold) return;
  ration_memory_release(records->cold.memory, slot->cold, records->cold.size, records->cold.alignment);
  slot->cold = NULL;
  records->cold_count--;
}
