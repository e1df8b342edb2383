/*
 * One thread resizes blocks at the limit of its budget, over whatever allocator. Expected: what it holds never exceeds
 * the limit; the books are right all the while, also where a mapped block is resized to its own usable size; a refusal
 * leaves the block as it was; sizes that no heap has are refused and leave no trace.
 */
#include <malloc.h>

#include "victim.h"

#define LIMIT  ((size_t)8 << 20)
#define BLOCKS 64
#define STEPS  100000

static uint64_t seed = 1;

static uint64_t draw(uint64_t below) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed % below;
}

static size_t some_size(void) {
  return 1 + draw((uint64_t)1 << (4 + draw(19)));
}

static unsigned char *blocks[BLOCKS];
static size_t held;
static ration_category_id category;

static void add(int place) {
  size_t size = some_size();
  void *block = NULL;
  ration_tag_enter(category);
  switch (draw(4)) {
  case 0:
    block = calloc(1, size);
    break;
  case 1:
    block = aligned_alloc(64, (size + 63) & ~(size_t)63);
    break;
  case 2:
    if (posix_memalign(&block, 4096, size)) block = NULL;
    break;
  default:
    block = malloc(size);
  }
  ration_tag_leave();
  blocks[place] = block;
  if (!block) return;
  held += malloc_usable_size(block);
  blocks[place][0] = (unsigned char)place;
}

static void resize(int place) {
  size_t usable = malloc_usable_size(blocks[place]);
  size_t wanted = draw(16) == 0 ? usable : draw(4) ? usable + some_size() : some_size();
  errno = 0;
  void *moved = realloc(blocks[place], wanted);
  CHECK(moved || errno == ENOMEM);
  if (moved) {
    blocks[place] = moved;
    held += malloc_usable_size(moved) - usable;
  }
  CHECK(malloc_usable_size(blocks[place]) >= (moved ? wanted : usable));
  CHECK_EQUAL(blocks[place][0], place);
}

static void ask_absurdly(void) {
  void *kept = malloc(100);
  ration_tag_enter(category);
  for (size_t less = 1; less < (size_t)1 << 40; less *= 3) {
    CHECK(malloc(-less) == NULL);
    CHECK(calloc(-less, 3) == NULL);
    CHECK(realloc(kept, -less) == NULL);
    CHECK(aligned_alloc(64, -64 * less) == NULL);
  }
  ration_tag_leave();
  free(kept);
}

int main(void) {
  CHECK(is_tracked());
  category = ration_tag_category("resized");
  struct ration_budget budget = {.size = sizeof budget, .limit_bytes = LIMIT, .policy = RATION_POLICY_REFUSE};
  CHECK_EQUAL(SHIM(ration_budget_set)(category, &budget), 0);
  for (int i = 0; i < STEPS; i++) {
    int place = (int)draw(BLOCKS);
    if (!blocks[place]) {
      add(place);
    } else if (draw(3)) {
      resize(place);
    } else {
      held -= malloc_usable_size(blocks[place]);
      free(blocks[place]);
      blocks[place] = NULL;
    }
    CHECK(held <= LIMIT);
    if (i % 1000 == 0) CHECK_EQUAL(books_by_id(category).live_bytes, held);
  }
  ask_absurdly();
  CHECK_EQUAL(books_by_id(category).live_bytes, held);
  for (int i = 0; i < BLOCKS; i++) free(blocks[i]);
  CHECK_EQUAL(books_by_id(category).live_bytes, 0);
  return 0;
}
