/*
 * category_rows.h: rows of categories by id: the header's index says where each lies. What lies one behind the other, as
 * most do, is copied at once.
 */
#ifndef RATION_TOOL_READER_CATEGORY_ROWS_H
#define RATION_TOOL_READER_CATEGORY_ROWS_H

#include "reader/layout.h"

/* Of ids 1 to the first that there is none of, so many to *ret_count. `ret_rows` by id. Returns 0 or -errno. */
int category_rows_read(const struct segment_file *file, const struct layout *layout,
                       struct ration_segment_category ret_rows[RATION_CATEGORY_IDS], uint32_t *ret_count);

#endif
