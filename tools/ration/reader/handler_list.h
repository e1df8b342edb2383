/*
 * handler_list.h: the functions of a program that free memory under pressure, and what came of them.
 *
 * Rows that are free, or that no shim writes (no such category, level or dispatch), are passed over.
 */
#ifndef RATION_TOOL_READER_HANDLER_LIST_H
#define RATION_TOOL_READER_HANDLER_LIST_H

#include <stdbool.h>

#include "reader/layout.h"

#define HANDLER_LIST_MOST 256 /* whatever a segment says: more rows are not looked at */

struct handler_facts {
  uint32_t category; /* id; there is one */
  uint32_t lowest_level;
  uint32_t dispatch; /* RATION_DISPATCH_* */
  uint32_t number;   /* order of registration */
  int32_t priority;
  bool is_registered; /* else it was */
  uint64_t calls;
  uint64_t wanted_bytes;
  uint64_t claimed_bytes;
  uint64_t freed_bytes;
  int64_t category_change_bytes;
  uint64_t took_ns;
  uint64_t longest_ns;
  uint64_t running_since_at; /* 0: not just now */
};

struct handler_list {
  uint32_t count;
  struct handler_facts handler[HANDLER_LIST_MOST]; /* in the order in which they are called */
};

/* Reads those of categories 1 .. `categories`. Returns 0 or -errno. */
int handler_list_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                      struct handler_list *ret_list);

#endif
