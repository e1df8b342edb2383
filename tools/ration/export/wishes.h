/*
 * wishes.h: what the options of `ration export` say.
 */
#ifndef RATION_TOOL_EXPORT_WISHES_H
#define RATION_TOOL_EXPORT_WISHES_H

#include "sites/frame_filter.h"
#include "sites/site_table.h"
#include "sites/suppressions.h"

enum export_rows { EXPORT_CATEGORIES, EXPORT_SITES, EXPORT_TIMELINE };

struct export_wishes {
  enum site_order order; /* by what stacks are weighed */
  enum export_rows rows; /* of a table */
  bool is_raw;           /* estimates are not scaled */
  struct frame_filter filter;
  const char *sysroot;
  const char *debug_dir;
  uint32_t most_largest;            /* blocks; 0: all */
  struct suppressions suppressions; /* of leaks */
};

#endif
