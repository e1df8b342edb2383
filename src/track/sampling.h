/*
 * sampling.h: blocks that are samples: their stacks, their sites, and their end.
 *
 * A sample's tag is RATION_TAG_SAMPLED; its category is that of its site. The fast path misses it at its end, since the
 * tally of that number has no allowance and a credit of 1, with which no multiple of 8 makes 0. (Once the page heap is
 * left, what the fast path takes for the size of one of its samples is what the program wrote in front of it; 0, too.) Who
 * takes a tag from the tag map and finds that one, asks here.
 *
 * In-malloc. errno may change.
 */
#ifndef RATION_TRACK_SAMPLING_H
#define RATION_TRACK_SAMPLING_H

#include "model/samples.h"
#include "track/asker.h"
#include "track/sampling_rate.h"

/* A block that has come into being, and been counted. */
struct birth {
  uint64_t requested;
  struct asker asker;
  int is_resized; /* by realloc */
};

/* In a forked child: another thread of its parent's may have been taking a sample. */
void sampling_forget(void);

/* A block that was chosen, with this mean, becomes a sample: if there is room. Its tag is its category before. */
void sampling_take(void *block, const struct birth *birth, uint64_t mean);

/* The same for a thread without a slab, whose blocks are chosen here. */
void sampling_take_shared(void *block, const struct birth *birth);

/* The site of the calling thread's stack, for that category, without a sample; 0: it is not to be had. */
uint32_t sampling_site(uint32_t category);

/*
 * A block whose tag this is is about to end: the sample goes from the table, and *ret_sample is it, or has no site where
 * the block is none. Returns the category. The block's tag is the caller's to clear.
 */
uint32_t sampling_lift_slow(const void *block, struct ration_segment_sample *ret_sample);
static inline uint32_t sampling_lift(const void *block, uint32_t tag,
                                     struct ration_segment_sample *ret_sample) {
  ret_sample->site = 0;
  return LIKELY(tag != RATION_TAG_SAMPLED) ? tag : sampling_lift_slow(block, ret_sample);
}

/* It has ended: before its charge goes. */
void sampling_end_slow(const struct ration_segment_sample *sample);
static inline void sampling_end(const struct ration_segment_sample *sample) {
  if (UNLIKELY(sample->site != 0)) sampling_end_slow(sample);
}

/* It has not ended after all. Returns the tag that is to be its block's again: without room it is no sample any more. */
uint32_t sampling_put_back(const struct ration_segment_sample *sample, uint32_t category);

/* The category of a block with this tag. */
uint32_t sampling_category_slow(const void *block);
static inline uint32_t sampling_category(const void *block, uint32_t tag) {
  return LIKELY(tag != RATION_TAG_SAMPLED) ? tag : sampling_category_slow(block);
}

#endif
