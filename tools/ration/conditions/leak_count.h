/*
 * leak_count.h: how many blocks live, by category: those that `report --leaks` lists.
 */
#ifndef RATION_TOOL_CONDITIONS_LEAK_COUNT_H
#define RATION_TOOL_CONDITIONS_LEAK_COUNT_H

#include "reader/process.h"
#include "sites/suppressions.h"

struct leak_count {
  bool is_known;       /* it has taken samples, or nothing lives */
  uint64_t mean_bytes; /* between samples; above 1 a leak may have been missed */
  uint64_t own[RATION_CATEGORY_IDS];
  uint64_t subtree[RATION_CATEGORY_IDS];
};

/*
 * Without those that the suppressions fit. Returns 0; what site_list_read_path() returns; -ENOMEM; with words.
 */
int leak_count_read(const struct process *process, const struct suppressions *suppressions,
                    struct leak_count *ret_count, struct fault *ret_fault);

#endif
