/*
 * sites.c: an open-addressed index of hash to row, and sums.
 *
 * A word of the index: the upper half of the stack's hash, and below it the row; 0: free. A row is complete before its
 * word is there.
 */
#include "model/sites.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "base/hash.h"
#include "base/test_point.h"
#include "model/sampler.h"

#define PROBES 256 /* the index has twice as many words as there are rows */

static uint64_t hash_of(struct stack_key stack) {
  uint64_t hash = stack.category | (uint64_t)stack.flags << 8 | (uint64_t)stack.count << 16;
  for (uint32_t i = 0; i < stack.count; i++) hash = hash_word(hash ^ stack.frames[i]);
  return hash_word(hash);
}

static uint64_t key_of(struct stack_key stack, uint64_t frames_at) {
  return frames_at | (uint64_t)stack.count << 32 | (uint64_t)stack.category << 40 |
         (uint64_t)stack.flags << 48;
}

static int is_of(const struct segment *segment, uint32_t site, struct stack_key stack) {
  uint64_t key = load_relaxed(&segment->sites[site].key); /* its word was seen: it is there */
  if ((key & ~UINT64_C(0xffffffff)) != key_of(stack, 0)) return 0;
  return memcmp(&segment->frames[RATION_SITE_FRAMES_AT(key)], stack.frames, stack.count * 8) == 0;
}

/* Takes so many of a table, of which `taken` are. Returns the first, or `most`: there are no more. */
static uint64_t take_rows(uint64_t *taken, uint64_t count, uint64_t most) {
  uint64_t first = load_relaxed(taken); /* only a guess: the swap checks it */
  do {
    if (count > most - first) return most;
  } while (!cas_relaxed(taken, &first, first + count));
  return first;
}

/* A row of its own, complete; 0: there is no room. */
static uint32_t make_row(struct segment *segment, struct stack_key stack, struct site_birth birth) {
  uint64_t rows = segment_rows(segment, RATION_TABLE_SITES),
           words = segment_rows(segment, RATION_TABLE_FRAMES);
  uint64_t site = take_rows(&segment->process->site_count, 1, rows);
  uint64_t at = site < rows ? take_rows(&segment->process->frame_count, stack.count, words) : words;
  struct ration_segment_site *row = &segment->sites[site];
  if (at >= words || segment_make_present(segment, row, sizeof *row) < 0 ||
      segment_make_present(segment, &segment->frames[at], stack.count * sizeof *stack.frames + 1) < 0)
    return 0;
  TEST_POINT("sites:taken");
  for (uint32_t i = 0; i < stack.count; i++) store_relaxed(&segment->frames[at + i], stack.frames[i]);
  TEST_POINT("sites:framed");
  store_relaxed(&row->first_at, birth.now);
  store_relaxed(&row->owner, birth.slab);
  store_release(
      &row->key,
      key_of(stack, at)); /* pairs with segment_file_copy, the reader's pread; with is_known, adopt_site */
  TEST_POINT("sites:complete");
  return (uint32_t)site;
}

/* The first word from *at on that is free, or that has this site: then *ret_site is its row, else 0. */
static int find(struct segment *segment, struct stack_key stack, uint64_t hash, uint64_t *at,
                uint32_t *ret_site) {
  uint64_t words = segment_rows(segment, RATION_TABLE_SITE_INDEX);
  for (uint64_t end = (hash & UINT32_MAX) + PROBES; *at < end; ++*at) {
    uint64_t *place = &segment->site_index[*at % words];
    if (segment_make_present(segment, place, sizeof *place) < 0) return -ENOSPC;
    uint64_t word = load_acquire(place); /* pairs with sites_intern */
    *ret_site = (uint32_t)word;
    if (!word) return 0;
    if (word >> 32 == hash >> 32 && is_of(segment, *ret_site, stack)) return 0;
  }
  return -ENOSPC;
}

/* The word of a row that is made in vain, since another thread was first, is looked at once more. */
int sites_intern(struct segment *segment, struct stack_key stack, struct site_birth birth,
                 uint32_t *ret_site) {
  uint64_t hash = hash_of(stack), at = hash & UINT32_MAX;
  uint64_t words = segment_rows(segment, RATION_TABLE_SITE_INDEX);
  uint32_t site, made = 0;
  while (find(segment, stack, hash, &at, &site) == 0) {
    if (!site && !made) made = make_row(segment, stack, birth);
    if (!site && !made) return -ENOSPC;
    uint64_t nothing = 0;
    if (!site && cas_acq_rel(&segment->site_index[at % words], &nothing,
                             hash >> 32 << 32 | made)) /* pairs with find */
      site = made;
    if (!site) continue;
    TEST_POINT("sites:found");
    *ret_site = site;
    return 0;
  }
  return -ENOSPC;
}

/* ---- figures ------------------------------------------------------------------------------------------- */

/* One's own if the calling thread is the site's owner: a constant, wherever this is inlined. */
ALWAYS_INLINE void add(int is_own, uint64_t *place, uint64_t value) {
  if (is_own)
    add_owned(place, value);
  else
    add_relaxed(place, value); /* a sum */
}

static inline int is_own_of(const struct ration_segment_site *row, uint32_t slab) {
  return slab && load_relaxed(&row->owner) == slab; /* never changes, once the row is there */
}

/* A double in a word. */
static void add_double(uint64_t *place, double value) {
  uint64_t word = load_relaxed(place), sum_word; /* a sum */
  do {
    double sum;
    memcpy(&sum, &word, sizeof sum);
    sum += value;
    memcpy(&sum_word, &sum, sizeof sum_word);
  } while (!cas_relaxed(place, &word, sum_word));
}

static inline uint64_t live_bytes(const struct ration_segment_site *row) {
  uint64_t freed = load_relaxed(&row->own.freed_bytes) + load_relaxed(&row->others.freed_bytes);
  return load_relaxed(&row->own.bytes) + load_relaxed(&row->others.bytes) - freed;
}

static inline void raise(uint64_t *place, uint64_t value) {
  uint64_t seen = load_relaxed(place); /* only a guess: the swap checks it */
  while (UNLIKELY(seen < value) && !cas_relaxed(place, &seen, value)) {
  }
}

/* Of one sample: (s/p)^2 (1 - p), as ration/segment.h has it. */
static double variance(uint64_t bytes, uint64_t weight) {
  return (double)bytes * (double)bytes * (1 - (double)RATION_WEIGHT_ONE / (double)weight);
}

/* A peak, where a site keeps what it held then, and where which peak that was. */
struct peak {
  const uint64_t *charged;
  const uint64_t *highest;
  uint64_t *bytes;
  uint64_t *seen;
};

static inline struct peak process_peak(struct segment *segment, struct ration_segment_site *row) {
  const struct ration_segment_category *total = segment_category(segment, RATION_CATEGORY_TOTAL);
  return (struct peak){&total->subtree_charged, &total->subtree_peak, &row->at_process_peak_bytes,
                       &row->process_peak};
}

/* The category is there: the site has it, and it is never withdrawn. */
static inline struct peak category_peak(struct segment *segment, struct ration_segment_site *row) {
  uint32_t id = RATION_SITE_CATEGORY(load_relaxed(&row->key)); /* see sites_category */
  const struct ration_segment_category *own = segment_category(segment, id);
  return (struct peak){&own->own_charged, &own->own_peak, &row->at_category_peak_bytes, &row->category_peak};
}

/* It has moved since this site last changed: so at its last move the site held what it did before now. */
static inline int has_moved(struct peak peak, uint64_t *ret_highest) {
  *ret_highest = RATION_CHARGE_BYTES(load_relaxed(peak.highest)); /* as below: who comes at the same moment is
                                                                     part of the same peak */
  return UNLIKELY(load_relaxed(peak.seen) != *ret_highest);
}

/* A block that comes while the charge is at the peak belongs to it, since it was charged before. */
static inline void keep_peak(struct peak peak, uint64_t before, uint64_t after) {
  uint64_t highest;
  int is_newer = has_moved(peak, &highest);
  int is_part = UNLIKELY(RATION_CHARGE_BYTES(load_relaxed(peak.charged)) >= highest);
  if (is_part && !is_newer)
    raise(peak.bytes, after);
  else if (is_newer)
    store_relaxed(peak.bytes, is_part ? after : before);
  if (is_newer) store_relaxed(peak.seen, highest);
}

static inline void keep_peak_at_end(struct peak peak, const struct ration_segment_site *row) {
  uint64_t highest;
  if (!has_moved(peak, &highest)) return;
  store_relaxed(peak.bytes, live_bytes(row));
  store_relaxed(peak.seen, highest);
}

ALWAYS_INLINE void sum_sample(struct ration_segment_site_sums *sums,
                              const struct ration_segment_sample *sample, uint64_t bytes, int is_resized,
                              int is_own) {
  add(is_own, &sums->samples, 1);
  add(is_own, &sums->blocks, sample->weight);
  add(is_own, &sums->slack_bytes,
      sampler_estimate_of_few(sample->slack, sample->weight, hash_word(sample->at)));
  if (is_resized) add(is_own, &sums->reallocations, sample->weight);
  if (sample->weight > RATION_WEIGHT_ONE) add_double(&sums->variance, variance(bytes, sample->weight));
  add(is_own, &sums->bytes, bytes);
}

/* Sums, all of them, which no reader expects to agree with one another at every moment. */
void sites_count_sample(struct segment *segment, const struct ration_segment_sample *sample, int is_resized,
                        uint32_t slab) {
  struct ration_segment_site *row = &segment->sites[sample->site];
  uint64_t bytes = sampler_estimate(sample->usable, sample->weight);
  if (LIKELY(is_own_of(row, slab)))
    sum_sample(&row->own, sample, bytes, is_resized, 1);
  else
    sum_sample(&row->others, sample, bytes, is_resized, 0);
  uint64_t live = live_bytes(row);
  raise(&row->peak_bytes, live);
  raise(&row->largest_bytes, sample->usable);
  store_relaxed(&row->last_at, sample->at);
  keep_peak(process_peak(segment, row), live - bytes, live);
  keep_peak(category_peak(segment, row), live - bytes, live);
}

static inline unsigned lifetime_class(uint64_t lived_ns) {
  unsigned number = 0;
  for (uint64_t edge = RATION_LIFETIME_FIRST; number < RATION_LIFETIMES - 1 && lived_ns >= edge; number++)
    edge *= RATION_LIFETIME_FACTOR;
  return number;
}

ALWAYS_INLINE void sum_end(struct ration_segment_site_sums *sums, const struct ration_segment_sample *sample,
                           struct sample_end end, int is_own) {
  uint64_t bytes = sampler_estimate(sample->usable, sample->weight);
  add(is_own, &sums->freed_samples, 1);
  if (sample->weight > RATION_WEIGHT_ONE) add_double(&sums->freed_variance, variance(bytes, sample->weight));
  if (end.is_temporary) add(is_own, &sums->temporary_blocks, sample->weight);
  add(is_own, &sums->lifetimes[lifetime_class(end.lived_ns)], sample->weight);
  add(is_own, &sums->freed_bytes, bytes);
}

void sites_count_end(struct segment *segment, const struct ration_segment_sample *sample,
                     struct sample_end end, uint32_t slab) {
  struct ration_segment_site *row = &segment->sites[sample->site];
  keep_peak_at_end(process_peak(segment, row), row);
  keep_peak_at_end(category_peak(segment, row), row);
  if (LIKELY(is_own_of(row, slab)))
    sum_end(&row->own, sample, end, 1);
  else
    sum_end(&row->others, sample, end, 0);
}
