/*
 * census.c: see census.h.
 */
#include "heap/page/census.h"

static void add(struct holding *sum, struct holding more) {
  sum->blocks += more.blocks;
  sum->used += more.used;
  sum->held += more.held;
}

static void count(void *context, const struct heap_page *page, uint64_t blocks) {
  struct census *census = context;
  uint32_t class = page->kind == SLOT_PAGE ? page->class % SIZE_CLASSES : 0;
  struct holding one = {blocks, blocks * page_heap_usable(page), SLOT_BYTES << page->order};
  add(&census->by_category[page->category], one);
  add(&census->by_class[class], one);
}

void census_take(struct census *ret_census) {
  *ret_census = (struct census){0};
  page_heap_visit(NULL, count, ret_census);
}

struct holding census_total(const struct census *census) {
  struct holding sum = {0};
  for (uint32_t i = 0; i < STOCK_CATEGORIES; i++) add(&sum, census->by_category[i]);
  return sum;
}
