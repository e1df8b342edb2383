/*
 * pool_list.h: the object pools of a program, as it told of them.
 *
 * Rows that are free, that another pool takes just now, or that no shim writes are passed over.
 */
#ifndef RATION_TOOL_READER_POOL_LIST_H
#define RATION_TOOL_READER_POOL_LIST_H

#include <stdbool.h>

#include "reader/layout.h"

#define POOL_LIST_MOST 256 /* whatever a segment says: more rows are not looked at */

struct pool_facts {
  char name[RATION_POOL_NAME_BYTES];
  uint32_t category;  /* id; 0: none */
  bool is_registered; /* else it was */
  uint64_t object_bytes;
  uint64_t used; /* objects, as all below; used <= peak, reserved; hits <= takes */
  uint64_t reserved;
  uint64_t peak;
  uint64_t takes;
  uint64_t hits;
};

struct pool_list {
  uint32_t count;
  struct pool_facts pool[POOL_LIST_MOST]; /* in the order of the rows */
};

/* Reads those of categories 1 .. `categories`, and of none. Returns 0 or -errno. */
int pool_list_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                   struct pool_list *ret_list);

/* The share of takes that were hits, over all of them; below 0: nothing was taken. */
double pool_list_hit_rate(const struct pool_list *list);

/* The same of one. */
double pool_facts_hit_rate(const struct pool_facts *facts);

#endif
