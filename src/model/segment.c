/*
 * segment.c: where the tables of a segment lie, and whether they hold together.
 *
 *   0        header, and the process's row behind it       one page, present from the start
 *   4 KiB    control                                       one page, present from the start
 *   8 KiB    categories  320 rows of 256 bytes             made present page by page
 *   88 KiB   accounts    one row a category                as these all, down to the events: when first used
 *   104 KiB  ranges
 *   168 KiB  rules
 *   184 KiB  text
 *   248 KiB  budgets     one row a category
 *   312 KiB  refusals
 *   344 KiB  handlers
 *   352 KiB  events      4096 of 64 bytes
 *   608 KiB  slabs       16 KiB each                       as threads take them; slab 0 from the start
 *   behind   timeline    8 MiB                             page by page; only behind all the slabs that there can be
 */
#include "model/segment.h"

#include "model/category.h"
#include "model/charge.h"
#include "model/tally.h"

#define PROCESS_AT    ((size_t)2048)
#define CONTROL_AT    ((size_t)SEGMENT_PAGE)
#define CATEGORIES_AT (CONTROL_AT + SEGMENT_PAGE)
#define ACCOUNTS_AT   (CATEGORIES_AT + SEGMENT_CATEGORY_ROWS * sizeof(struct ration_segment_category))
#define RANGES_AT     (ACCOUNTS_AT + RATION_CATEGORY_IDS * sizeof(struct ration_segment_account))
#define RULES_AT      (RANGES_AT + SEGMENT_RANGES_MOST * sizeof(struct ration_segment_range))
#define TEXT_AT       (RULES_AT + SEGMENT_RULES_MOST * sizeof(struct ration_segment_rule))
#define TEXT_ROW      64
#define BUDGETS_AT    (TEXT_AT + SEGMENT_TEXT_BYTES)
#define REFUSALS_AT   (BUDGETS_AT + RATION_CATEGORY_IDS * sizeof(struct ration_segment_budget))
#define HANDLERS_AT   (REFUSALS_AT + SEGMENT_REFUSALS_MOST * sizeof(struct ration_segment_refusal))
#define EVENTS_AT     (HANDLERS_AT + SEGMENT_HANDLERS_MOST * sizeof(struct ration_segment_handler))
#define SLABS_AT      (EVENTS_AT + SEGMENT_EVENTS * sizeof(struct ration_segment_event))

_Static_assert(sizeof(struct ration_segment_header) <= PROCESS_AT,
               "the process's row lies behind the header");
_Static_assert(PROCESS_AT + sizeof(struct ration_segment_process) <= SEGMENT_PAGE, "and both in one page");
_Static_assert(ACCOUNTS_AT % SEGMENT_PAGE == 0 && RANGES_AT % SEGMENT_PAGE == 0 &&
                   RULES_AT % SEGMENT_PAGE == 0 && TEXT_AT % SEGMENT_PAGE == 0 &&
                   BUDGETS_AT % SEGMENT_PAGE == 0 && REFUSALS_AT % SEGMENT_PAGE == 0 &&
                   HANDLERS_AT % SEGMENT_PAGE == 0 && EVENTS_AT % SEGMENT_PAGE == 0,
               "what is made present by itself starts on a page");
_Static_assert(SLABS_AT % SEGMENT_PAGE == 0, "slabs start on a page");

static size_t slabs_end(uint32_t slabs) {
  return SLABS_AT + slabs * sizeof(struct ration_segment_slab);
}

static size_t timeline_rows(uint32_t slabs) {
  return slabs == SEGMENT_SLABS_MOST ? SEGMENT_STRIPS : 0;
}

size_t segment_bytes(uint32_t slabs) {
  return slabs_end(slabs) + timeline_rows(slabs) * sizeof(struct ration_segment_strip);
}

uint32_t segment_slabs_within(uint64_t bytes) {
  if (bytes < SLABS_AT) return 0;
  if (bytes >= segment_bytes(SEGMENT_SLABS_MOST)) return SEGMENT_SLABS_MOST;
  uint64_t slabs = (bytes - SLABS_AT) / sizeof(struct ration_segment_slab);
  return slabs >= SEGMENT_SLABS_MOST ? SEGMENT_SLABS_MOST - 1 : (uint32_t)slabs;
}

size_t segment_first_bytes(void) {
  return CATEGORIES_AT + SEGMENT_PAGE;
}

static void lay_out_directory(struct ration_segment_header *header, uint32_t slabs) {
  const struct ration_segment_table tables[] = {
      {RATION_TABLE_CATEGORIES, sizeof(struct ration_segment_category), CATEGORIES_AT, SEGMENT_CATEGORY_ROWS},
      {RATION_TABLE_SLABS, sizeof(struct ration_segment_slab), SLABS_AT, slabs},
      {RATION_TABLE_PROCESS, sizeof(struct ration_segment_process), PROCESS_AT, 1},
      {RATION_TABLE_CONTROL, sizeof(struct ration_segment_control), CONTROL_AT, 1},
      {RATION_TABLE_ACCOUNTS, sizeof(struct ration_segment_account), ACCOUNTS_AT, RATION_CATEGORY_IDS},
      {RATION_TABLE_RANGES, sizeof(struct ration_segment_range), RANGES_AT, SEGMENT_RANGES_MOST},
      {RATION_TABLE_RULES, sizeof(struct ration_segment_rule), RULES_AT, SEGMENT_RULES_MOST},
      {RATION_TABLE_TEXT, TEXT_ROW, TEXT_AT, SEGMENT_TEXT_BYTES / TEXT_ROW},
      {RATION_TABLE_BUDGETS, sizeof(struct ration_segment_budget), BUDGETS_AT, RATION_CATEGORY_IDS},
      {RATION_TABLE_REFUSALS, sizeof(struct ration_segment_refusal), REFUSALS_AT, SEGMENT_REFUSALS_MOST},
      {RATION_TABLE_HANDLERS, sizeof(struct ration_segment_handler), HANDLERS_AT, SEGMENT_HANDLERS_MOST},
      {RATION_TABLE_EVENTS, sizeof(struct ration_segment_event), EVENTS_AT, SEGMENT_EVENTS},
      {RATION_TABLE_TIMELINE, sizeof(struct ration_segment_strip), slabs_end(slabs), timeline_rows(slabs)},
  };
  _Static_assert(sizeof tables <= sizeof header->tables, "the directory has a place for each");
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) header->tables[i] = tables[i];
}

int segment_lay_out(void *memory, uint32_t slabs, int (*make_present)(void *memory, size_t bytes),
                    struct segment *ret_segment) {
  unsigned char *start = memory;
  struct segment segment = {
      .header = memory,
      .categories = (void *)(start + CATEGORIES_AT),
      .slabs = (void *)(start + SLABS_AT),
      .process = (void *)(start + PROCESS_AT),
      .control = (void *)(start + CONTROL_AT),
      .accounts = (void *)(start + ACCOUNTS_AT),
      .ranges = (void *)(start + RANGES_AT),
      .rules = (void *)(start + RULES_AT),
      .text = (char *)start + TEXT_AT,
      .budgets = (void *)(start + BUDGETS_AT),
      .refusals = (void *)(start + REFUSALS_AT),
      .handlers = (void *)(start + HANDLERS_AT),
      .events = (void *)(start + EVENTS_AT),
      .timeline = timeline_rows(slabs) ? (void *)(start + slabs_end(slabs)) : NULL,
      .slab_limit = slabs,
      .make_present = make_present,
      .rows_used = 1, /* row 0 means "none" */
  };
  int result = make_present ? make_present(segment.slabs, sizeof *segment.slabs) : 0;
  if (result < 0) return result;
  struct ration_segment_header *header = segment.header;
  header->version_major = RATION_SEGMENT_MAJOR;
  header->version_minor = RATION_SEGMENT_MINOR;
  header->header_bytes = sizeof *header;
  header->segment_bytes = segment_bytes(slabs);
  lay_out_directory(header, slabs);

  header->slab_count = 1;
  category_add_fixed(&segment);
  *ret_segment = segment;
  return 0;
}

int segment_make_present(const struct segment *segment, void *memory, size_t bytes) {
  uintptr_t page = (uintptr_t)memory & ~(uintptr_t)(SEGMENT_PAGE - 1);
  uintptr_t end = ((uintptr_t)memory + bytes + SEGMENT_PAGE - 1) & ~(uintptr_t)(SEGMENT_PAGE - 1);
  return segment->make_present ? segment->make_present((void *)page, end - page) : 0;
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
