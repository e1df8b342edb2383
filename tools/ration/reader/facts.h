/*
 * facts.h: what a segment says of its process besides its books: its one row of that table.
 */
#ifndef RATION_TOOL_READER_FACTS_H
#define RATION_TOOL_READER_FACTS_H

#include <stdbool.h>

#include "reader/layout.h"

struct facts {
  bool is_memory_on;     /* the setting `memory` */
  uint32_t unwind;       /* RATION_UNWIND_*, as it came out; 0: not said */
  uint32_t unwind_asked; /* as it was asked for; 0: not said */
  uint32_t range_count;
  uint64_t rules_count;
  uint64_t late_modules;
  uint64_t unread_modules;
  uint64_t callers_lost;
  uint64_t accounts_lost;
  uint64_t ranges_lost;
  uint64_t started_at; /* CLOCK_MONOTONIC, as all moments of a segment; 0: not said */
  uint64_t events_next;
  uint64_t events_lost;
  uint64_t faults_injected;
  uint64_t copied_at; /* of a copy: when it was made; else 0 */
  uint64_t stream_next;
  uint64_t stream_lost;
  uint64_t sample_mean;  /* 0: none are taken */
  uint64_t sample_share; /* of 10,000 parts of CPU time; 0: the mean is fixed */
  uint64_t site_count;   /* rows of the tables that are taken, row 0 among them */
  uint64_t frame_count;
  uint64_t module_count;
  uint64_t sample_count;
  uint64_t samples_lost[RATION_SAMPLE_LOSSES];
  uint64_t modules_lost;
  uint64_t stacks_truncated;
  uint64_t stacks_ended[RATION_STACK_ENDS];
  uint64_t sizes_lost;
  uint64_t start_ns;       /* CPU time of the shim's start */
  uint64_t measured_calls; /* 0: none was measured */
  int64_t measured_ns;     /* for these; noise may take it below 0 */
  uint64_t lists_lost;     /* of the page heap, as the next two: what the program has done wrong */
  uint64_t double_frees;
  uint64_t wild_frees;
  uint64_t late_writes;
  uint64_t overruns;
  uint64_t page_region; /* addresses in the process: see page_rows.h; 0: no page heap */
  uint64_t page_region_bytes;
  uint64_t page_rows;
};

/* All zero where the segment has no such row. Returns 0 or -errno. */
int facts_read(const struct segment_file *file, const struct layout *layout, struct facts *ret_facts);

#endif
