/*
 * fresh_segment.h: an empty segment in private memory, for the tests of the model.
 */
#ifndef RATION_TESTS_MODEL_FRESH_SEGMENT_H
#define RATION_TESTS_MODEL_FRESH_SEGMENT_H

#include <criterion/criterion.h>
#include <sys/mman.h>

#include "model/category.h"
#include "model/segment.h"
#include "model/tally.h"

static inline struct segment fresh_segment(uint32_t slabs) {
  struct segment segment = {0};
  void *memory = mmap(NULL, segment_bytes(slabs), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_assert(memory != MAP_FAILED);
  cr_assert_eq(segment_lay_out(memory, slabs, NULL, &segment), 0);
  return segment;
}

/* Marks slabs 0 .. count-1 as used. */
static inline void fresh_segment_use_slabs(struct segment *segment, uint32_t count) {
  segment->header->slab_count = count;
}

static inline uint32_t fresh_segment_add(struct segment *segment, const char *path) {
  uint32_t id = 0;
  cr_assert_eq(category_add(segment, path, RATION_KIND_PROGRAM, &id), 0, "%s", path);
  return id;
}

/* Changes that nothing but the size of a word can refuse. */
static inline int plain_take(struct segment *segment, uint32_t id, struct ration_segment_tally *tally,
                             uint64_t bytes) {
  struct charge_outcome outcome = {0};
  return tally_take(segment, id, tally, bytes, (struct charge_right){0}, &outcome);
}

static inline void plain_give(struct segment *segment, uint32_t id, struct ration_segment_tally *tally,
                              uint64_t bytes) {
  struct charge_outcome outcome = {0};
  tally_give(segment, id, tally, bytes, &outcome);
}

static inline void plain_close(struct segment *segment, uint32_t id, struct ration_segment_tally *tally) {
  struct charge_outcome outcome = {0};
  tally_close(segment, id, tally, &outcome);
}

static inline int plain_shared(struct segment *segment, uint32_t id, struct tally_shared_change change) {
  struct charge_outcome outcome = {0};
  return tally_shared(segment, id, change, (struct charge_right){0}, &outcome);
}

static inline int plain_charge(struct segment *segment, uint32_t id, struct charge_change change) {
  struct charge_outcome outcome = {0};
  return category_charge(segment, id, change, (struct charge_right){0}, &outcome);
}

#endif
