/*
 * samples.c: rows that are found by an index, in levels of growing size, each with a window of entries for an address.
 *
 * The index is apart, since its places are as good as random: four bytes of it are more often in a processor's cache than
 * a whole row would be, and rows are taken where they were given back last. An entry has the row's number below, and above
 * some bits of the address's hash, so that seldom another row is looked at. A further level is begun when the windows of an
 * address are full in all before, so the index is as large as the samples that live need it to be.
 */
#include "model/samples.h"

#include <errno.h>

#include "base/hash.h"
#include "base/test_point.h"
#include "model/sample_rows.h"

#define WINDOW      16
#define LAST_WINDOW 256
#define ROW_BITS    21
#define ROW_MASK    ((1u << ROW_BITS) - 1)
_Static_assert(SEGMENT_SAMPLES_MOST <= ROW_MASK, "a row's number fits its entry");

/* The entries of one level that an address may have. */
struct window {
  uint32_t *level;
  uint32_t mask; /* entries of the level - 1 */
  uint32_t place;
  uint32_t count;
};

static inline uint32_t mark_of(uint64_t hash) {
  return (uint32_t)hash & ~ROW_MASK;
}

static inline struct window window_of(const struct segment *segment, uint32_t level, uint64_t hash) {
  static const uint32_t starts[SEGMENT_LEVELS_FULL] = {SEGMENT_ENTRIES(0), SEGMENT_ENTRIES(1),
                                                       SEGMENT_ENTRIES(2), SEGMENT_ENTRIES(3),
                                                       SEGMENT_ENTRIES(4), SEGMENT_ENTRIES(5)};
  uint32_t entries = (uint32_t)SEGMENT_LEVEL_FIRST << 2 * level;
  return (struct window){.level = segment->sample_index + starts[level],
                         .mask = entries - 1,
                         .place = (uint32_t)((hash >> 32) * entries >> 32),
                         .count = level + 1 == segment->sample_levels_most ? LAST_WINDOW : WINDOW};
}

static inline uint32_t *entry_of(struct window window, uint32_t number) {
  return &window.level[(window.place + number) & window.mask];
}

/* Sets an entry that is free. 0: there is none. */
static inline int enter(struct segment *segment, struct window window, uint32_t value) {
  for (uint32_t i = 0; i < window.count; i++) {
    uint32_t *entry = entry_of(window, i), nothing = 0;
    if (segment_make_row_present(segment, entry, sizeof *entry) < 0) return 0;
    if (load_relaxed(entry) != 0) continue;            /* only a guess: the swap checks it */
    if (cas_acq_rel(entry, &nothing, value)) return 1; /* pairs with samples_take */
  }
  return 0;
}

/* In the newest level first, where most samples are. */
static int enter_somewhere(struct segment *segment, uint64_t hash, uint32_t row) {
  uint32_t value = mark_of(hash) | row;
  uint32_t used = load_relaxed(&segment->sample_levels); /* who takes it too low begins one more: no harm */
  for (uint32_t level = used; level-- > 0;)
    if (enter(segment, window_of(segment, level, hash), value)) return 1;
  if (used == segment->sample_levels_most) return 0;
  if (!enter(segment, window_of(segment, used, hash), value)) return 0;
  cas_relaxed(&segment->sample_levels, &used, used + 1); /* whoever frees the block learns it from us */
  return 1;
}

int samples_put(struct segment *segment, struct sample_shelf *shelf,
                const struct ration_segment_sample *sample) {
  uint32_t number = sample_rows_take(segment, shelf);
  if (!number) return -ENOSPC;
  struct ration_segment_sample *row = &segment->samples[number];
  if (UNLIKELY(!enter_somewhere(segment, hash_word(sample->address), number))) {
    sample_rows_give(segment, shelf, number);
    return -ENOSPC;
  }
  TEST_POINT("samples:entered");
  store_relaxed(&row->address, sample->address);
  TEST_POINT("samples:addressed");
  store_relaxed(&row->at, sample->at);
  store_relaxed(&row->weight, sample->weight);
  store_relaxed(&row->position, sample->position);
  store_relaxed(&row->slack, sample->slack);
  store_relaxed(&row->site, sample->site);
  store_relaxed(&row->thread, sample->thread);
  store_release(&row->usable, sample->usable); /* pairs with segment_file_copy, the reader's pread */
  return 0;
}

/* The entry of a block that its holder asks for. Pages that were never made present have none; they may be closed. */
static inline uint32_t *find(const struct segment *segment, uint64_t address) {
  uint64_t hash = hash_word(address);
  for (uint32_t level = load_relaxed(&segment->sample_levels); level-- > 0;) { /* see enter_somewhere */
    struct window window = window_of(segment, level, hash);
    for (uint32_t i = 0; i < window.count; i++) {
      uint32_t *entry = entry_of(window, i);
      if (!segment_has_page(segment, entry)) continue;
      uint32_t value = load_relaxed(entry); /* set by the block's holder, or another's: its row says so */
      if ((value & ~ROW_MASK) != mark_of(hash) || value == 0) continue;
      if (load_relaxed(&segment->samples[value & ROW_MASK].address) == address) return entry;
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
  const uint32_t *entry = find(segment, address);
  if (!entry) return -ENOENT;
  copy(&segment->samples[load_relaxed(entry) & ROW_MASK], ret_sample); /* its holder's, as above */
  return 0;
}

int samples_take(struct segment *segment, struct sample_shelf *shelf, uint64_t address,
                 struct ration_segment_sample *ret_sample) {
  uint32_t *entry = find(segment, address);
  if (!entry) return -ENOENT;
  uint32_t number = load_relaxed(entry) & ROW_MASK; /* its holder's, as above */
  struct ration_segment_sample *row = &segment->samples[number];
  copy(row, ret_sample);
  store_relaxed(&row->usable, 0);
  TEST_POINT("samples:emptied");
  store_relaxed(&row->address, 0);
  store_release(entry, 0); /* pairs with enter */
  TEST_POINT("samples:left");
  sample_rows_give(segment, shelf, number);
  return 0;
}

void samples_visit(const struct segment *segment,
                   void (*visit)(void *context, const struct ration_segment_sample *sample), void *context) {
  uint64_t end = load_relaxed(&segment->process->sample_count); /* newer ones are not seen */
  for (uint64_t i = 1; i < end; i++) {
    const struct ration_segment_sample *row = &segment->samples[i];
    if (!segment_is_present(segment, row, sizeof *row)) continue;
    struct ration_segment_sample sample;
    copy(row, &sample);
    if (sample.address && sample.usable) visit(context, &sample);
  }
}
