/*
 * slack_sums.h: of live blocks, usable bytes beyond those asked for: estimates from samples, by category.
 */
#ifndef RATION_TOOL_READER_SLACK_SUMS_H
#define RATION_TOOL_READER_SLACK_SUMS_H

#include "reader/layout.h"

struct slack_sums {
  double bytes[RATION_CATEGORY_IDS]; /* by id */
};

/*
 * Of the segment at `path`, which has so many categories. Returns 0; what segment_file_open() and layout_read() return; -ENOMEM; or
 * another -errno; with words.
 */
int slack_sums_read(const char *path, bool is_memfd, uint32_t categories, struct slack_sums *ret_sums,
                    struct fault *ret_fault);

#endif
