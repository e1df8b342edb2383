/*
 * wishes.h: what the options of `ration report` say of a look.
 */
#ifndef RATION_TOOL_REPORT_WISHES_H
#define RATION_TOOL_REPORT_WISHES_H

#include "reader/process.h"
#include "sites/frame_filter.h"
#include "sites/site_table.h"
#include "view/emitter.h"
#include "view/site_view.h"

#define WISHES_SITES  20
#define WISHES_FRAMES 12

struct wishes {
  enum site_order order;
  enum site_shape shape;
  bool is_raw;
  uint32_t most;        /* rows in text; 0: all */
  uint32_t most_frames; /* of each site in text; 0: all */
  struct frame_filter filter;
  const char *sysroot;
  const char *debug_dir;
  const char *suppressions; /* a file; NULL: none */
  bool tells_leaks_by_status;
  const char *html; /* the file of the web page; NULL: none */
  uint64_t last_ns; /* of a timeline; 0: the whole life */
};

#endif
