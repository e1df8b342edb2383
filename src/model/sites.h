/*
 * sites.h: the table of sites, and what samples add to their figures (ration/segment.h has both).
 *
 * Insert-only: a row's key never changes once it is there, and its number is good for as long as the segment is. Whoever
 * looks for a site takes no lock and waits for nobody. Two threads that meet a new one at the same moment may leave a row
 * behind that never gets a sample.
 */
#ifndef RATION_MODEL_SITES_H
#define RATION_MODEL_SITES_H

#include "model/segment.h"

/* A call stack, as the frames table has it, and what its blocks are for. */
struct stack_key {
  const uint64_t *frames; /* RATION_FRAME_..., the innermost first */
  uint32_t count;         /* at most RATION_SITE_FRAMES_MOST */
  uint32_t flags;         /* RATION_SITE_TRUNCATED, ... */
  uint32_t category;
};

struct site_birth {
  uint64_t now;
  uint32_t slab; /* of the thread that meets it; 0: none */
};

/* The row of this site, which is made if there is none. Returns 0 or -ENOSPC. In-malloc. */
int sites_intern(struct segment *segment, struct stack_key stack, struct site_birth birth,
                 uint32_t *ret_site);

static inline struct ration_segment_site *sites_row(const struct segment *of, uint32_t site) {
  return &of->sites[site];
}

static inline uint32_t sites_category(const struct segment *of, uint32_t site) {
  return RATION_SITE_CATEGORY(load_relaxed(&of->sites[site].key)); /* whoever has the number has seen it */
}

/* A sample has come, after its block was charged; is_resized: by realloc. `slab` is the calling thread's; 0: none. */
void sites_count_sample(struct segment *segment, const struct ration_segment_sample *sample, int is_resized,
                        uint32_t slab);

/* A sample has ended, before its block's charge goes. */
struct sample_end {
  uint64_t lived_ns;
  int is_temporary;
};
void sites_count_end(struct segment *segment, const struct ration_segment_sample *sample,
                     struct sample_end end, uint32_t slab);

#endif
