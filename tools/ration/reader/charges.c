/*
 * charges.c: see charges.h.
 */
#include "reader/charges.h"

uint64_t charges_moved(const struct ration_segment_category *before,
                       const struct ration_segment_category *after, uint64_t count) {
  uint64_t moved = 0;
  for (uint64_t i = 0; i < count; i++) {
    moved += before[i].own_charged != after[i].own_charged ||
             before[i].subtree_charged != after[i].subtree_charged ||
             before[i].set_aside != after[i].set_aside;
  }
  return moved;
}
