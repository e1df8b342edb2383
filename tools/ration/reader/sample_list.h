/*
 * sample_list.h: the samples of a process that live: blocks that were chosen, with their sites.
 */
#ifndef RATION_TOOL_READER_SAMPLE_LIST_H
#define RATION_TOOL_READER_SAMPLE_LIST_H

#include "reader/layout.h"

#define SAMPLE_LIST_MOST (UINT64_C(1) << 22) /* rows that a reader takes, whatever is said */

struct sample_facts {
  uint64_t address;
  uint64_t usable_bytes;
  uint64_t requested_bytes;
  uint64_t at;   /* CLOCK_MONOTONIC */
  double blocks; /* for which it stands */
  uint32_t site; /* row in the segment */
  uint32_t thread;
};

struct sample_list {
  size_t count;
  struct sample_facts *sample; /* allocated */
};

/* All of them, in no order. Returns 0, with a list that is to be freed; -ENOMEM, or another -errno. */
int sample_list_read(const struct segment_file *file, const struct layout *layout,
                     struct sample_list *ret_list);

/* The same of the segment at `path`; or what segment_file_open() and layout_read() return; with words. */
int sample_list_read_path(const char *path, bool is_memfd, struct sample_list *ret_list,
                          struct fault *ret_fault);
void sample_list_free(struct sample_list *list);

/*
 * The category of the block at `address`, whose tag is RATION_TAG_SAMPLED, in the segment at `path`. Returns 0;
 * -ENOENT: it is no sample (any more); what segment_file_open() and layout_read() return; or another -errno; with words.
 */
int sample_list_category(const char *path, bool is_memfd, uint64_t address, uint32_t *ret_category,
                         struct fault *ret_fault);

#endif
