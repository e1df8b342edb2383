/*
 * size_table.h: how large the blocks of each category were, and are: all that have come, and those that live, as far as
 * samples tell (ration/segment.h says what may be concluded from them).
 */
#ifndef RATION_TOOL_READER_SIZE_TABLE_H
#define RATION_TOOL_READER_SIZE_TABLE_H

#include "reader/facts.h"

/* Estimates. None is below 0, and none of what lives is more than what has come. */
struct size_figures {
  double blocks;
  double bytes;
  double live_blocks;
  double live_bytes;
};

struct size_classes {
  struct size_figures of[RATION_SIZE_CLASSES];
};

struct size_table {
  struct size_classes
      *category;      /* by id, from 0 to the number of categories; the caller's, by size_table_free */
  bool is_kept;       /* the segment has a table of sizes: a small one has none */
  struct facts facts; /* from after it was read */
};

/* The most usable bytes of a block of this class; UINT64_MAX: of the last one. */
uint64_t size_table_up_to(uint32_t size_class);

/*
 * Reads the sizes in the segment at `path`, whose ids are 1 to `categories`. Returns 0, with a table that is to be freed;
 * what segment_file_open() and layout_read() return; -ENOMEM; -EBADMSG; with words.
 */
int size_table_read_path(const char *path, bool is_memfd, uint32_t categories, struct size_table *ret_table,
                         struct fault *ret_fault);
int size_table_read(const struct segment_file *file, uint32_t categories, struct size_table *ret_table,
                    struct fault *ret_fault);
void size_table_free(struct size_table *table);

#endif
