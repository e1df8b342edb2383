/*
 * segment.c: where the tables of a segment lie, and whether they hold together.
 *
 * Header, the process's row and control come first, in two pages that are present from the start, as the first
 * categories are. Of all others a page becomes present when it is first used; so a process that does little has
 * little. What grows with the number of slabs, or is large, comes last. A small segment, where memory is scarce, has a
 * few slabs, little room for samples, and neither sizes nor timeline.
 */
#include "model/segment.h"

#include <string.h>

#include "base/test_point.h"
#include "model/category.h"
#include "model/charge.h"
#include "model/tally.h"

#define PROCESS_AT ((size_t)3072)
#define TEXT_ROW   64

/* Strides are multiples of 8. */
#define INDEX_ROW     8
#define INDEX_ENTRIES (INDEX_ROW / sizeof(uint32_t))

_Static_assert(sizeof(struct ration_segment_header) <= PROCESS_AT,
               "the process's row lies behind the header");
_Static_assert(PROCESS_AT + sizeof(struct ration_segment_process) <= SEGMENT_PAGE, "and both in one page");

/* A table, in the order of the file; each starts on a page, but for the process's row. */
struct plan {
  uint32_t kind;
  uint32_t stride;
  uint32_t rows;       /* of a full segment */
  uint32_t small_rows; /* of a small one */
  size_t member;       /* where struct segment has the pointer to it */
};

#define STRIDE(of) sizeof *((struct segment *)0)->of
#define PLAN(kind, of, rows, small_rows)                                                                     \
  { kind, STRIDE(of), rows, small_rows, offsetof(struct segment, of) }
#define SAME(kind, of, rows) PLAN(kind, of, rows, rows)

static const struct plan plans[] = {
    SAME(RATION_TABLE_CONTROL, control, 1),
    SAME(RATION_TABLE_CATEGORIES, categories, SEGMENT_CATEGORY_ROWS),
    SAME(RATION_TABLE_ACCOUNTS, accounts, RATION_CATEGORY_IDS),
    SAME(RATION_TABLE_RANGES, ranges, SEGMENT_RANGES_MOST),
    SAME(RATION_TABLE_RULES, rules, SEGMENT_RULES_MOST),
    {RATION_TABLE_TEXT, TEXT_ROW, SEGMENT_TEXT_BYTES / TEXT_ROW, SEGMENT_TEXT_BYTES / TEXT_ROW,
     offsetof(struct segment, text)},
    SAME(RATION_TABLE_BUDGETS, budgets, RATION_CATEGORY_IDS),
    SAME(RATION_TABLE_REFUSALS, refusals, SEGMENT_REFUSALS_MOST),
    SAME(RATION_TABLE_HANDLERS, handlers, SEGMENT_HANDLERS_MOST),
    SAME(RATION_TABLE_EVENTS, events, SEGMENT_EVENTS),
    PLAN(RATION_TABLE_POOLS, pools, SEGMENT_POOLS_MOST, SEGMENT_POOLS_MOST / 8),
    SAME(RATION_TABLE_HOLDINGS, holdings, RATION_CATEGORY_IDS),
    SAME(RATION_TABLE_CLASSES, classes, RATION_PAGE_CLASSES),
    PLAN(RATION_TABLE_MODULES, modules, SEGMENT_MODULES_MOST, SEGMENT_MODULES_MOST / 8),
    PLAN(RATION_TABLE_SITES, sites, SEGMENT_SITES_MOST + 1, SEGMENT_SITES_MOST / 32), /* row 0 is none */
    PLAN(RATION_TABLE_SITE_INDEX, site_index, SEGMENT_SITES_MOST * 2, SEGMENT_SITES_MOST / 16),
    PLAN(RATION_TABLE_FRAMES, frames, SEGMENT_FRAMES_MOST, SEGMENT_FRAMES_MOST / 128),
    PLAN(RATION_TABLE_STREAM, stream, SEGMENT_STREAM, SEGMENT_STREAM / 4),
    PLAN(RATION_TABLE_SIZES, sizes, RATION_CATEGORY_IDS, 0),
    {RATION_TABLE_SAMPLE_INDEX, INDEX_ROW, SEGMENT_ENTRIES(SEGMENT_LEVELS_FULL) / INDEX_ENTRIES,
     SEGMENT_ENTRIES(SEGMENT_LEVELS_SMALL) / INDEX_ENTRIES, offsetof(struct segment, sample_index)},
    PLAN(RATION_TABLE_SAMPLES, samples, SEGMENT_SAMPLES_MOST, SEGMENT_ENTRIES(SEGMENT_LEVELS_SMALL)),
    PLAN(RATION_TABLE_TIMELINE, timeline, SEGMENT_STRIPS, 0),
};
#define PLANS (sizeof plans / sizeof *plans)
_Static_assert(PLANS + 2 <= RATION_SEGMENT_TABLES, "the directory has a place for each, and two more");

static uint64_t plan_rows(const struct plan *plan, int is_full) {
  return is_full ? plan->rows : plan->small_rows;
}

static size_t plan_bytes(const struct plan *plan, int is_full) {
  return (plan_rows(plan, is_full) * plan->stride + SEGMENT_PAGE - 1) / SEGMENT_PAGE * SEGMENT_PAGE;
}

/* Where the slabs start: behind all the rest. */
static size_t slabs_at(int is_full) {
  size_t at = SEGMENT_PAGE;
  for (size_t i = 0; i < PLANS; i++) at += plan_bytes(&plans[i], is_full);
  return at;
}

static int is_full(uint32_t slabs) {
  return slabs == SEGMENT_SLABS_MOST;
}

size_t segment_bytes(uint32_t slabs) {
  return slabs_at(is_full(slabs)) + slabs * sizeof(struct ration_segment_slab);
}

uint32_t segment_slabs_within(uint64_t bytes) {
  size_t least = slabs_at(0);
  if (bytes < least) return 0;
  if (bytes >= segment_bytes(SEGMENT_SLABS_MOST)) return SEGMENT_SLABS_MOST;
  uint64_t slabs = (bytes - least) / sizeof(struct ration_segment_slab);
  return slabs >= SEGMENT_SLABS_MOST ? SEGMENT_SLABS_MOST - 1 : (uint32_t)slabs;
}

size_t segment_first_bytes(void) {
  return 3 * SEGMENT_PAGE;
}

/* A table's place in the directory is given by its kind: see segment_rows. */
static void lay_out_tables(struct segment *segment, uint32_t slabs) {
  unsigned char *start = (unsigned char *)segment->header;
  struct ration_segment_table *tables = segment->header->tables - 1;
  size_t at = SEGMENT_PAGE;
  for (size_t i = 0; i < PLANS; i++) {
    const struct plan *plan = &plans[i];
    uint64_t rows = plan_rows(plan, is_full(slabs));
    void *place = rows ? start + at : NULL;
    memcpy((char *)segment + plan->member, &place, sizeof place);
    tables[plan->kind] = (struct ration_segment_table){plan->kind, plan->stride, at, rows};
    at += plan_bytes(plan, is_full(slabs));
  }
  segment->process = (void *)(start + PROCESS_AT);
  segment->slabs = (void *)(start + at);
  tables[RATION_TABLE_PROCESS] = (struct ration_segment_table){
      RATION_TABLE_PROCESS, sizeof(struct ration_segment_process), PROCESS_AT, 1};
  tables[RATION_TABLE_SLABS] =
      (struct ration_segment_table){RATION_TABLE_SLABS, sizeof(struct ration_segment_slab), at, slabs};
}

static void note_all_present(struct segment *segment, const void *memory, size_t bytes);

int segment_lay_out(void *memory, uint32_t slabs, int (*make_present)(void *memory, size_t bytes),
                    struct segment *ret_segment) {
  unsigned char *slab = (unsigned char *)memory + slabs_at(is_full(slabs));
  int result = make_present ? make_present(memory, segment_first_bytes()) : 0;
  if (result == 0 && make_present) result = make_present(slab, sizeof(struct ration_segment_slab));
  if (result < 0) return result;
  *ret_segment = (struct segment){
      .header = memory,
      .slab_limit = slabs,
      .make_present = make_present,
      .rows_used = 1, /* row 0 means "none" */
  };
  struct ration_segment_header *header = memory;
  lay_out_tables(ret_segment, slabs);
  TEST_POINT("segment:tables");
  note_all_present(ret_segment, memory, segment_first_bytes());
  note_all_present(ret_segment, slab, sizeof(struct ration_segment_slab));
  header->version_major = RATION_SEGMENT_MAJOR;
  header->version_minor = RATION_SEGMENT_MINOR;
  header->header_bytes = sizeof *header;
  header->segment_bytes = segment_bytes(slabs);
  header->slab_count = 1;
  ret_segment->process->site_count = 1; /* row 0 is none's, here as there */
  ret_segment->process->module_count = 1;
  ret_segment->process->sample_count = 1;
  ret_segment->stream_mask = segment_rows(ret_segment, RATION_TABLE_STREAM) - 1;
  ret_segment->sample_levels_most = is_full(slabs) ? SEGMENT_LEVELS_FULL : SEGMENT_LEVELS_SMALL;
  category_add_fixed(ret_segment);
  TEST_POINT("segment:laid_out");
  return 0;
}

static int is_present(const struct segment *segment, size_t page) {
  return (load_acquire(&segment->pages[page / 64]) >> page % 64 & 1) != 0; /* pairs with note_present */
}

static void note_present(struct segment *segment, size_t page) {
  uint64_t *word = &segment->pages[page / 64],
           pages = load_relaxed(word); /* only a guess: the swap checks it */
  while (!cas_acq_rel(word, &pages,
                      pages | UINT64_C(1) << page % 64)) { /* pairs with is_present, segment_has_page */
  }
}

static size_t page_of(const struct segment *segment, const void *memory) {
  return (size_t)((const unsigned char *)memory - (const unsigned char *)segment->header) / SEGMENT_PAGE;
}

int segment_is_present(const struct segment *segment, const void *memory, size_t bytes) {
  size_t page = page_of(segment, memory), last = page_of(segment, (const unsigned char *)memory + bytes - 1);
  while (page <= last && is_present(segment, page)) page++;
  return page > last;
}

static void note_all_present(struct segment *segment, const void *memory, size_t bytes) {
  size_t first = page_of(segment, memory), end = first + (bytes + SEGMENT_PAGE - 1) / SEGMENT_PAGE;
  for (; first < end; first++) note_present(segment, first);
}

/* Two threads may make the same page present: it is the same to the kernel. */
int segment_make_present(struct segment *segment, const void *memory, size_t bytes) {
  unsigned char *start = (unsigned char *)segment->header;
  size_t page = page_of(segment, memory),
         end = page_of(segment, (const unsigned char *)memory + bytes - 1) + 1;
  if (LIKELY(page + 1 == end) && LIKELY(is_present(segment, page))) return 0; /* nearly always */
  for (size_t first; page < end;) {
    for (first = page; page < end && !is_present(segment, page);) page++;
    size_t missing = (page - first) * SEGMENT_PAGE;
    int result =
        missing && segment->make_present ? segment->make_present(start + first * SEGMENT_PAGE, missing) : 0;
    if (result < 0) return result;
    for (; first < page; first++) note_present(segment, first);
    while (page < end && is_present(segment, page)) page++;
  }
  return 0;
}

void segment_publish(struct segment *segment) {
  store_release(&segment->header->magic,
                RATION_SEGMENT_MAGIC); /* pairs with segment_file_copy, the reader's pread */
}

/*
 * For each category c, over all slabs s:
 *   0 <= credit[s][c] <= allowance[s][c],  allowance[s][c] = 0 (mod RATION_CHARGE_UNIT),  credit[0][c] = 0
 *   sum of allowances = the allowance in own_charged
 *   sum of credits + set_aside <= the bytes in own_charged
 *   subtree_charged   = own_charged + the subtree_charged of its children
 *   peaks            >= charges
 * Holds at rest only: between two steps of another thread, sums may differ.
 */
int segment_is_valid(const struct segment *segment) {
  uint64_t below[RATION_CATEGORY_IDS] = {0};
  uint32_t last = category_count(segment) + 1;
  for (uint32_t id = last - 1; id > 0; id--) { /* children have higher ids than their parents */
    const struct ration_segment_category *category = segment_category(segment, id);
    uint64_t credit = 0, allowance = 0;
    for (uint32_t slab = 0; slab < load_relaxed(&segment->header->slab_count); slab++) {
      const struct ration_segment_tally *tally = segment_tally(segment, slab, id);
      if (!tally_is_valid(tally) || (slab == 0 && tally->credit)) return 0;
      credit += tally->credit;
      allowance += tally->allowance;
    }
    if (allowance != RATION_CHARGE_ALLOWANCE(category->own_charged)) return 0;
    if (credit + category->set_aside > RATION_CHARGE_BYTES(category->own_charged)) return 0;
    if (category->subtree_charged != category->own_charged + below[id]) return 0;
    if (!charge_is_valid(category->own_charged, category->own_peak)) return 0;
    if (!charge_is_valid(category->subtree_charged, category->subtree_peak)) return 0;
    below[category->parent] += category->subtree_charged;
  }
  return 1;
}
