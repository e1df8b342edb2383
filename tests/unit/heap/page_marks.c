/*
 * page_marks.c: tests of marks on blocks of the page heap (src/heap/heap.h): which blocks are samples.
 */
#include <criterion/criterion.h>
#include <ration/segment.h>

#include "heap/heap.h"

#define BLOCKS 300

/* Blocks of one page, which it returns. */
static struct heap_page *take(struct stock **ret_stock, void *blocks[BLOCKS]) {
  cr_assert_eq(page_heap_prepare((size_t)1 << 34, 0), 0);
  cr_assert_eq(tag_map_prepare(HEAP_LIBC_SHIFT), 0);
  *ret_stock = stock_begin();
  for (int i = 0; i < BLOCKS; i++) blocks[i] = page_heap_take(*ret_stock, 7, 200, 0, 0);
  struct heap_page *page = page_heap_find(blocks[0]);
  cr_assert_eq(page_heap_find(blocks[BLOCKS - 1]), page);
  return page;
}

/* Each is what it was said to be, and in the end no block need be asked for. */
Test(page_marks, are_those_of_their_blocks) {
  void *blocks[BLOCKS];
  struct stock *stock;
  struct heap_page *page = take(&stock, blocks);
  for (int step = 1; step < 50; step += 3) {
    for (int i = 0; i < BLOCKS; i += step) cr_assert(heap_set_whose(blocks[i], RATION_TAG_SAMPLED));
    for (int i = 0; i < BLOCKS; i++)
      cr_assert_eq(heap_is_marked(page, blocks[i]), i % step == 0, "block %d", i);
    for (int i = 0; i < BLOCKS; i++) cr_assert(heap_set_whose(blocks[i], 7));
    cr_assert_not(heap_page_has_marks(page));
    for (int i = 0; i < BLOCKS; i++) cr_assert_not(heap_page_may_be_marked(page, blocks[i]));
  }
  cr_assert_eq(heap_page_owner(page), stock);
  for (int i = 0; i < BLOCKS; i++) page_heap_give(stock, page, blocks[i]);
  cr_assert(page_heap_is_valid());
}

Test(page_marks, are_seldom_asked_for_beside_a_marked_block) {
  void *blocks[BLOCKS];
  struct stock *stock;
  const struct heap_page *page = take(&stock, blocks);
  cr_assert(heap_set_whose(blocks[100], RATION_TAG_SAMPLED));
  int asked = 0;
  for (int i = 0; i < BLOCKS; i++) asked += heap_page_may_be_marked(page, blocks[i]);
  cr_assert(asked >= 1 && asked < BLOCKS / 10, "%d of %d", asked, BLOCKS);
}
