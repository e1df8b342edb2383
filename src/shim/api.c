/*
 * api.c: the functions of ration/ration.h.
 */
#include <errno.h>
#include <ration/ration.h>
#include <string.h>

#include "heap/heap.h"
#include "model/books.h"
#include "model/category.h"
#include "shim/surface.h"
#include "track/happening.h"
#include "track/process.h"
#include "track/sampling.h"

_Static_assert(RATION_TOTAL == RATION_CATEGORY_TOTAL && RATION_OTHER == RATION_CATEGORY_OTHER,
               "the public ids are the segment's");

EXPORT const char *ration_version(void) {
  return RATION_VERSION;
}

EXPORT int ration_is_tracking(void) {
  int kept_errno = errno;
  int is_tracking = process_ready() == PROCESS_TRACKING;
  errno = kept_errno;
  return is_tracking;
}

EXPORT ration_category_id ration_category(const char *path) {
  int kept_errno = errno;
  uint32_t id = RATION_OTHER;
  enum process_state state = process_ready();
  int result = state == PROCESS_NEW || state == PROCESS_STARTING ? -EAGAIN : 0;
  if (process_has_segment()) {
    result = category_add(&segment, path, RATION_KIND_PROGRAM, &id);
    happening_note_categories();
  }
  if (result == -ENOSPC || result == -ENOMEM) add_relaxed(&segment.header->categories_lost, 1); /* a sum */
  errno = kept_errno;
  return result == -EINVAL || result == -EAGAIN ? 0 : id;
}

EXPORT const char *ration_category_path(ration_category_id category) {
  const struct ration_segment_category *row = segment_category(&segment, category);
  return row ? row->name : NULL;
}

/* A peak is raised a moment after its charge; and no more was ever live than was allocated. */
static uint64_t peak_bytes(uint64_t peak, uint64_t charged, uint64_t allocated) {
  uint64_t highest = RATION_CHARGE_BYTES(peak) > RATION_CHARGE_BYTES(charged) ? RATION_CHARGE_BYTES(peak)
                                                                              : RATION_CHARGE_BYTES(charged);
  return highest < allocated ? highest : allocated;
}

/* One half of struct ration_figures: a category's own, or with its subtree. */
struct half {
  uint64_t live_bytes, live_blocks, peak_bytes, peak_error_bytes, allocations, frees, reallocations,
      allocated_bytes, requested_bytes, error_bound_bytes;
};

_Static_assert(offsetof(struct ration_figures, subtree_live_bytes) -
                           offsetof(struct ration_figures, live_bytes) ==
                       sizeof(struct half) &&
                   offsetof(struct ration_figures, subtree_live_bytes) + sizeof(struct half) ==
                       sizeof(struct ration_figures),
               "the figures are two halves of the same fields in the same order");

static struct half half_of(uint64_t charged, uint64_t peak, struct books books) {
  return (struct half){.live_bytes = books.live_bytes,
                       .live_blocks = books.live_blocks,
                       .peak_bytes = peak_bytes(peak, charged, books.allocated_bytes),
                       .peak_error_bytes = RATION_CHARGE_ALLOWANCE(peak),
                       .allocations = books.allocations,
                       .frees = books.frees,
                       .reallocations = books.reallocations,
                       .allocated_bytes = books.allocated_bytes,
                       .requested_bytes = books.requested_bytes,
                       .error_bound_bytes = RATION_CHARGE_ALLOWANCE(charged)};
}

/* A peak is read before what was allocated, so that it is never cut below the true one. Relaxed: sums. */
static struct half own_half(const struct ration_segment_category *category, uint32_t id) {
  uint64_t charged = load_relaxed(&category->own_charged), peak = load_relaxed(&category->own_peak);
  return half_of(charged, peak, books_sum(&segment, id));
}

static struct half subtree_half(const struct ration_segment_category *category, uint32_t id) {
  uint64_t charged = load_relaxed(&category->subtree_charged), peak = load_relaxed(&category->subtree_peak);
  return half_of(charged, peak, books_sum_subtree(&segment, id));
}

/* Copies as much as the caller's header knows of, and zeros what only the caller's knows. */
static void hand_over(void *ret_struct, size_t size, void *filled, size_t filled_size) {
  size_t known = size < filled_size ? size : filled_size;
  memcpy(ret_struct, filled, known);
  memset((char *)ret_struct + known, 0, size - known);
  memcpy(ret_struct, &size, size < sizeof size ? size : sizeof size);
}

EXPORT int ration_stats(ration_category_id category, struct ration_figures *ret_figures) {
  struct ration_figures figures = {.size = ret_figures->size};
  ration_is_tracking();
  if (!ret_figures->size || !segment_category(&segment, category)) return -EINVAL;
  struct half own = own_half(segment_category(&segment, category), category);
  struct half subtree = subtree_half(segment_category(&segment, category), category);
  memcpy(&figures.live_bytes, &own, sizeof own);
  memcpy(&figures.subtree_live_bytes, &subtree, sizeof subtree);
  hand_over(ret_figures, ret_figures->size, &figures, sizeof figures);
  return 0;
}

EXPORT int ration_block_info(const void *address, struct ration_block *ret_block) {
  if (!ret_block->size) return -EINVAL;
  struct ration_block block = {.size = ret_block->size};
  uint32_t whose = ration_is_tracking() ? heap_whose(address) : 0;
  block.category = sampling_category(address, whose);
  if (block.category) block.usable_bytes = heap_usable((void *)(uintptr_t)address);
  hand_over(ret_block, ret_block->size, &block, sizeof block);
  return block.category ? 0 : -ENOENT;
}
