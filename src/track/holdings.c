/*
 * holdings.c: see holdings.h.
 */
#include "track/holdings.h"

#include "heap/heap.h"
#include "heap/page/census.h"
#include "heap/page/spans.h"
#include "os/clock.h"
#include "track/process.h"

#define PAUSE_LEAST_NS UINT64_C(1000000000)
#define SHARE          100 /* a census takes at most one part of so many of the time */

_Static_assert(SIZE_CLASSES == RATION_PAGE_CLASSES, "a row for each class");
_Static_assert(STOCK_CATEGORIES == RATION_CATEGORY_IDS, "and for each category");

static uint32_t is_taken;
static uint64_t due_at;

static void note(void);
static void write_rows(struct ration_segment_holding *rows, const struct holding *holdings, uint32_t count);
static void write_spans(struct ration_segment_process *process);

void holdings_open(struct segment *to) {
  store_relaxed(&is_taken, 0); /* in a forked child, another thread may have been at it */
  store_relaxed(&due_at, 0);
  if (!heap_is_paged()) return;
  to->process->page_region = (uint64_t)(uintptr_t)region.start;
  to->process->page_region_bytes = region.bytes;
  to->process->page_rows = (uint64_t)(uintptr_t)region.rows;
}

void holdings_note(void) {
  uint32_t nobody = 0;
  if (!heap_is_paged() || process_has_forked() || !process_has_segment()) return;
  if (!cas_acq_rel(&is_taken, &nobody, 1)) return; /* pairs with holdings_note */
  note();
  store_release(&is_taken, 0); /* pairs with holdings_note */
}

void holdings_note_in_time(void) {
  if (heap_is_paged() && clock_coarse_ns() >= load_relaxed(&due_at)) holdings_note(); /* only a hint */
}

static void note(void) {
  static struct census census;
  uint64_t began = clock_ns();
  if (segment_make_present(&segment, segment.holdings, RATION_CATEGORY_IDS * sizeof *segment.holdings) < 0 ||
      segment_make_present(&segment, segment.classes, RATION_PAGE_CLASSES * sizeof *segment.classes) < 0)
    return;
  census_take(&census);
  write_rows(segment.holdings, census.by_category, STOCK_CATEGORIES);
  write_rows(segment.classes, census.by_class, SIZE_CLASSES);
  write_spans(segment.process);
  store_relaxed(&segment.process->holdings_at,
                began); /* readers expect no order: figures are of about then */
  uint64_t pause = (clock_ns() - began) * SHARE;
  store_relaxed(&due_at, clock_coarse_ns() + (pause < PAUSE_LEAST_NS ? PAUSE_LEAST_NS : pause)); /* a hint */
}

static void write_rows(struct ration_segment_holding *rows, const struct holding *holdings, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    store_relaxed(&rows[i].blocks, holdings[i].blocks); /* figures, as all here */
    store_relaxed(&rows[i].used_bytes, holdings[i].used);
    store_relaxed(&rows[i].held_bytes, holdings[i].held);
  }
}

static void write_spans(struct ration_segment_process *process) {
  struct span_figures spans = spans_figures();
  store_relaxed(&process->spans_free_bytes, spans.free);
  store_relaxed(&process->spans_dirty_bytes, spans.dirty);
  store_relaxed(&process->spans_returned_bytes, spans.purged);
  store_relaxed(&process->lists_lost, load_relaxed(&heap_page_lists_lost));
}
