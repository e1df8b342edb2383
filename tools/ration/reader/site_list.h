/*
 * site_list.h: where the blocks of a process are allocated: its sites, each a call stack for a category, with what its
 * samples add up to (ration/segment.h says what may be concluded from that).
 *
 * Two rows of one site are added up. Figures of a process that runs are sums that need not agree with one another to the
 * last sample; none of them is below 0.
 */
#ifndef RATION_TOOL_READER_SITE_LIST_H
#define RATION_TOOL_READER_SITE_LIST_H

#include "reader/facts.h"
#include "reader/module_list.h"

#define SITE_LIST_MOST        (UINT64_C(1) << 20) /* rows and words that a reader takes, whatever is said */
#define SITE_LIST_FRAMES_MOST (UINT64_C(1) << 24)

/* An estimate, and its variance. */
struct estimate {
  uint64_t samples;
  double blocks;
  double bytes;
  double variance; /* of bytes */
};

struct site_facts {
  uint32_t category; /* id; there is one */
  uint32_t flags;    /* RATION_SITE_* */
  uint32_t frame_count;
  const uint64_t *frames; /* RATION_FRAME_*; module numbers below the list's count, the first of equal ones */
  struct estimate live;
  struct estimate total;
  double peak_bytes;
  double at_process_peak_bytes;
  double at_category_peak_bytes;
  double slack_bytes;
  double temporary_blocks;
  double reallocations;
  double lifetimes[RATION_LIFETIMES]; /* blocks */
  uint64_t largest_bytes;
  uint64_t first_at;
  uint64_t last_at;
  uint32_t row; /* the first of it in the segment */
};

struct site_list {
  size_t count;
  struct site_facts *site; /* allocated, as the next */
  uint64_t *frames;
  uint32_t *number_of_row; /* for site_list_of_row(): 1 + its place here; 0: none; row_count of them */
  size_t row_count;
  struct module_list modules;
  struct facts facts; /* from after the sites were read */
};

/* What the charges of a process and of its categories were at their peaks, by which sites know whether theirs is over. */
struct peak_marks {
  uint64_t process;
  uint64_t category[RATION_CATEGORY_IDS];
};

/*
 * Reads the sites of the segment at `path`; one without samples has none. Returns 0, with a list that is to be freed;
 * what segment_file_open() and layout_read() return; -ENOMEM; -EBADMSG; with words.
 */
int site_list_read_path(const char *path, bool is_memfd, uint32_t categories, struct site_list *ret_list,
                        struct fault *ret_fault);
int site_list_read(const struct segment_file *file, uint32_t categories, struct site_list *ret_list,
                   struct fault *ret_fault);
void site_list_free(struct site_list *list);

/* The site that this row of the segment belongs to; NULL: there is none, as of a sample from after the sites were read. */
const struct site_facts *site_list_of_row(const struct site_list *list, uint32_t row);

#endif
