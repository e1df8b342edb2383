/*
 * segment.h: a segment as its own process sees it, and how a fresh one is laid out. Pure: the memory is
 * given.
 *
 * The layout itself is the public header ration/segment.h; here is where its tables lie in this build.
 */
#ifndef RATION_MODEL_SEGMENT_H
#define RATION_MODEL_SEGMENT_H

#include <ration/segment.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"

/* 252 ids, and spare rows for threads that add the same category at the same moment. */
#define SEGMENT_CATEGORY_ROWS 320
#define SEGMENT_SLABS_MOST    1025 /* slab 0 is shared */
#define SEGMENT_RANGES_MOST   2048
#define SEGMENT_RULES_MOST    1024
#define SEGMENT_TEXT_BYTES    65536
#define SEGMENT_REFUSALS_MOST 256
#define SEGMENT_HANDLERS_MOST 64
#define SEGMENT_POOLS_MOST    256
#define SEGMENT_EVENTS        4096
#define SEGMENT_STRIPS        (RATION_TIMELINE_TIERS * RATION_TIMELINE_GROUPS * RATION_TIMELINE_POINTS)
#define SEGMENT_SITES_MOST    (1 << 15)
#define SEGMENT_FRAMES_MOST   (SEGMENT_SITES_MOST * RATION_SITE_FRAMES_MOST)
#define SEGMENT_MODULES_MOST  1024
#define SEGMENT_STREAM        4096
#define SEGMENT_PAGE          4096

/* Entries of so many levels of the index of samples: 1,024, and each further level has four times as many. */
#define SEGMENT_LEVEL_FIRST     1024
#define SEGMENT_LEVELS_FULL     6
#define SEGMENT_LEVELS_SMALL    2
#define SEGMENT_ENTRIES(levels) (SEGMENT_LEVEL_FIRST * ((1 << 2 * (levels)) - 1) / 3)

/* Rows of samples: 1 Mi, and those that threads keep for their next ones. */
#define SEGMENT_SAMPLES_MOST (18 << 16)

/* The largest file that there is, in pages: see segment_bytes(). */
#define SEGMENT_PAGES_MOST 36864

/* Free rows of samples: see model/sample_rows.h. All zero: none. */
struct sample_shelf {
  uint64_t open; /* the next one to be taken first */
  uint64_t full; /* as many again, or none */
};

struct segment {
  struct ration_segment_header *header;
  struct ration_segment_category *categories;
  struct ration_segment_slab *slabs;
  struct ration_segment_process *process;
  struct ration_segment_control *control;
  struct ration_segment_account *accounts; /* not to be touched before segment_make_present */
  struct ration_segment_range *ranges;     /* likewise */
  struct ration_segment_rule *rules;       /* likewise */
  char *text;                              /* likewise */
  struct ration_segment_budget *budgets;   /* likewise; not while has_budgets is 0 */
  struct ration_segment_refusal *refusals; /* likewise */
  struct ration_segment_handler *handlers; /* likewise */
  struct ration_segment_event *events;     /* likewise */
  struct ration_segment_pool *pools;       /* likewise */
  uint32_t pools_used;                     /* rows from the first on that have been taken: they are present */
  uint32_t has_accounts;                   /* the table of accounts is present */
  uint32_t has_budgets;                    /* the table of budgets is present: a category has or had one */
  uint32_t has_refusals;                   /* the table of refusals is present */
  uint32_t has_handlers;                   /* the table of handlers is present */
  uint32_t has_faults;                     /* a category has `fail` */
  uint32_t is_strict;                      /* a budget, or `fail`, may refuse requests */
  struct ration_segment_strip *timeline;   /* likewise; NULL: there is none, in a small segment */
  struct ration_segment_module *modules;   /* likewise, as all below */
  struct ration_segment_site *sites;
  uint64_t *site_index; /* see model/sites.c */
  uint64_t *frames;
  struct ration_segment_event *stream;
  struct ration_segment_sizes *sizes; /* NULL: there is none, in a small segment */
  struct ration_segment_sample *samples;
  uint32_t *sample_index; /* see model/samples.c */
  struct ration_segment_holding *holdings;
  struct ration_segment_holding *classes;
  struct sample_shelf shared_shelf; /* see model/sample_rows.h */
  uint64_t shelved;                 /* likewise */
  uint64_t stream_mask;             /* slots of the stream - 1: there are 2^n */
  uint32_t sample_levels;           /* levels of the index of samples that have been begun */
  uint32_t sample_levels_most;      /* and that there are */
  uint32_t timeline_turn;           /* somebody begins a point */
  uint64_t timeline_due_at;         /* when the next one is due */
  uint32_t slab_limit; /* slabs that may be taken: falls to 0 where memory for another one is not to be had */
  /* Makes part of the memory present before it is written; returns 0 or -errno. NULL: all of it is. */
  int (*make_present)(void *memory, size_t bytes);
  /* Rows of the category table: handed out so far, and a bit for each that was handed out in vain. */
  uint32_t rows_used;
  uint64_t spare_rows[SEGMENT_CATEGORY_ROWS / 64];
  uint64_t pages[SEGMENT_PAGES_MOST / 64]; /* a bit for each page of the file that is present */
};

/* Bytes of a segment with so many slabs: a full one with the most of them, else a small one. */
size_t segment_bytes(uint32_t slabs);

/* The most slabs that a segment of at most `bytes` bytes can have, SEGMENT_SLABS_MOST at most. */
uint32_t segment_slabs_within(uint64_t bytes);

/* How many rows a table was laid out with. */
static inline uint64_t segment_rows(const struct segment *segment, uint32_t kind) {
  return segment->header->tables[kind - 1].rows;
}

static inline uint32_t segment_slabs(const struct segment *segment) {
  return (uint32_t)segment_rows(segment, RATION_TABLE_SLABS);
}

/* The stretch of the file that only those touch who have made it present, and that may be closed until then. */
static inline void *segment_closed(const struct segment *segment, size_t *ret_bytes) {
  *ret_bytes = (size_t)((unsigned char *)segment->slabs - (unsigned char *)segment->modules);
  return segment->modules;
}

/*
 * Makes the pages of part of a table present, if they are not: before its first use. Returns 0 or -errno: then it must
 * not be touched.
 */
int segment_make_present(struct segment *segment, const void *memory, size_t bytes);

/* All of it is present. */
int segment_is_present(const struct segment *segment, const void *memory, size_t bytes);

/* The page of this byte is. */
static inline int segment_has_page(const struct segment *of, const void *byte) {
  size_t page = (size_t)((const unsigned char *)byte - (const unsigned char *)of->header) / SEGMENT_PAGE;
  return (load_acquire(&of->pages[page / 64]) >> page % 64 & 1) != 0; /* pairs with note_present */
}

/* As segment_make_present, for a row: as a rule it is there. One of 2^n bytes lies in one page, as its table begins one. */
static inline int segment_make_row_present(struct segment *of, const void *row, size_t bytes) {
  int is_there = segment_has_page(of, row) &&
                 ((bytes & (bytes - 1)) == 0 || segment_has_page(of, (const unsigned char *)row + bytes - 1));
  return __builtin_expect(is_there, 1) ? 0 : segment_make_present(of, row, bytes);
}

/* How much of its start must be present before segment_lay_out: the header and the first categories. */
size_t segment_first_bytes(void);

/*
 * Lays out an empty segment in zeroed memory: sizes, table directory, the categories `total` and `other`, and
 * slab 0. The header's identity is the caller's to fill; then segment_publish() makes it readable.
 * Returns 0, or what make_present returned for its start or slab 0.
 */
int segment_lay_out(void *memory, uint32_t slabs, int (*make_present)(void *memory, size_t bytes),
                    struct segment *ret_segment);
void segment_publish(struct segment *segment);

/* The invariants of tables and tree (see the .c): for tests, and DEBUG=full at every start. */
int segment_is_valid(const struct segment *segment);

/* The row of a published category; NULL: no such id. */
static inline struct ration_segment_category *segment_category(const struct segment *segment, uint32_t id) {
  if (id == 0 || id > RATION_CATEGORY_LAST) return NULL;
  uint16_t row = load_acquire(&segment->header->category_row[id]); /* pairs with category_publish */
  return row ? &segment->categories[row] : NULL;
}

/* Its path; "" where there is no such category. */
static inline const char *segment_category_name(const struct segment *segment, uint32_t id) {
  const struct ration_segment_category *category = segment_category(segment, id);
  return category ? category->name : "";
}

static inline struct ration_segment_tally *segment_tally(const struct segment *segment, uint32_t slab,
                                                         uint32_t id) {
  return &segment->slabs[slab].u.tally[id];
}

#endif
