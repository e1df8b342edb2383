/*
 * samples.c: levels of growing size, each with a window of rows for an address.
 *
 * A further level is begun when the windows of an address are full in all before, so the table is as large as the
 * samples that live need it to be, and its rows lie close together.
 */
#include "model/samples.h"

#include <errno.h>

#include "base/hash.h"

#define WINDOW      16
#define LAST_WINDOW 256

/* The rows of one level that an address may have. */
struct window {
  struct ration_segment_sample *level;
  uint32_t mask; /* rows of the level - 1 */
  uint32_t place;
  uint32_t count;
};

static inline uint64_t place_hash(uint64_t address) {
  return hash_word(address) >> 32;
}

static inline struct window window_of(const struct segment *segment, uint32_t level, uint64_t hash) {
  static const uint32_t starts[SEGMENT_LEVELS_FULL] = {SEGMENT_SAMPLES(0), SEGMENT_SAMPLES(1),
                                                       SEGMENT_SAMPLES(2), SEGMENT_SAMPLES(3),
                                                       SEGMENT_SAMPLES(4), SEGMENT_SAMPLES(5)};
  uint32_t rows = (uint32_t)SEGMENT_SAMPLES_FIRST << 2 * level;
  return (struct window){.level = segment->samples + starts[level],
                         .mask = rows - 1,
                         .place = (uint32_t)(hash * rows >> 32),
                         .count = level + 1 == segment->sample_levels_most ? LAST_WINDOW : WINDOW};
}

static inline struct ration_segment_sample *row_of(struct window window, uint32_t number) {
  return &window.level[(window.place + number) & window.mask];
}

/* Claims a row: its address is there, the rest is the caller's to write. NULL: none is free. */
static inline struct ration_segment_sample *claim(struct segment *segment, struct window window,
                                                  uint64_t address) {
  for (uint32_t i = 0; i < window.count; i++) {
    struct ration_segment_sample *row = row_of(window, i);
    uint64_t nothing = 0;
    if (segment_make_row_present(segment, row, sizeof *row) < 0) return NULL;
    if (load_relaxed(&row->address) != 0) continue;                /* only a guess: the swap checks it */
    if (cas_acq_rel(&row->address, &nothing, address)) return row; /* pairs with samples_take */
  }
  return NULL;
}

/* The newest level first, where most samples are. */
static struct ration_segment_sample *claim_somewhere(struct segment *segment, uint64_t address) {
  uint64_t hash = place_hash(address);
  uint32_t used = load_relaxed(&segment->sample_levels); /* who takes it too low begins one more: no harm */
  for (uint32_t level = used; level-- > 0;) {
    struct ration_segment_sample *row = claim(segment, window_of(segment, level, hash), address);
    if (row) return row;
  }
  if (used == segment->sample_levels_most) return NULL;
  struct ration_segment_sample *row = claim(segment, window_of(segment, used, hash), address);
  if (row)
    cas_relaxed(&segment->sample_levels, &used, used + 1); /* whoever frees the block learns it from us */
  return row;
}

int samples_put(struct segment *segment, const struct ration_segment_sample *sample) {
  struct ration_segment_sample *row = claim_somewhere(segment, sample->address);
  if (!row) return -ENOSPC;
  store_relaxed(&row->at, sample->at);
  store_relaxed(&row->weight, sample->weight);
  store_relaxed(&row->position, sample->position);
  store_relaxed(&row->slack, sample->slack);
  store_relaxed(&row->site, sample->site);
  store_relaxed(&row->thread, sample->thread);
  store_release(&row->usable, sample->usable); /* pairs with segment_file_copy, the reader's pread */
  return 0;
}

/* Rows of pages that were never made present are free; they may be closed. */
static struct ration_segment_sample *find(const struct segment *segment, uint64_t address) {
  uint64_t hash = place_hash(address);
  for (uint32_t level = load_relaxed(&segment->sample_levels); level-- > 0;) { /* see claim_somewhere */
    struct window window = window_of(segment, level, hash);
    for (uint32_t i = 0; i < window.count; i++) {
      struct ration_segment_sample *row = row_of(window, i);
      if (segment_has_page(segment, row) && load_relaxed(&row->address) == address)
        return row; /* its own holder asks */
    }
  }
  return NULL;
}

/* As anybody may read it at any time. */
static inline void copy(const struct ration_segment_sample *row, struct ration_segment_sample *ret_sample) {
  ret_sample->address = load_relaxed(&row->address);
  ret_sample->usable = load_relaxed(&row->usable);
  ret_sample->at = load_relaxed(&row->at);
  ret_sample->weight = load_relaxed(&row->weight);
  ret_sample->position = load_relaxed(&row->position);
  ret_sample->slack = load_relaxed(&row->slack);
  ret_sample->site = load_relaxed(&row->site);
  ret_sample->thread = load_relaxed(&row->thread);
}

int samples_find(const struct segment *segment, uint64_t address, struct ration_segment_sample *ret_sample) {
  const struct ration_segment_sample *row = find(segment, address);
  if (!row) return -ENOENT;
  copy(row, ret_sample);
  return 0;
}

int samples_take(struct segment *segment, uint64_t address, struct ration_segment_sample *ret_sample) {
  struct ration_segment_sample *row = find(segment, address);
  if (!row) return -ENOENT;
  copy(row, ret_sample);
  store_relaxed(&row->usable, 0);
  store_release(&row->address, 0); /* pairs with claim */
  return 0;
}

void samples_visit(const struct segment *segment,
                   void (*visit)(void *context, const struct ration_segment_sample *sample), void *context) {
  uint64_t end = SEGMENT_SAMPLES(load_relaxed(&segment->sample_levels)); /* see claim_somewhere */
  for (uint64_t i = 0; i < end; i++) {
    const struct ration_segment_sample *row = &segment->samples[i];
    if (!segment_is_present(segment, row, sizeof *row)) continue;
    struct ration_segment_sample sample;
    copy(row, &sample);
    if (sample.address && sample.usable) visit(context, &sample);
  }
}
