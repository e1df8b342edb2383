/*
 * range.c: rows, found by walking the table: it is short, and stretches come and go seldom.
 */
#include "os/range.h"

#include "base/atomics.h"

static struct range ranges[RANGES_MOST];
static uint32_t used; /* rows from here on have never been claimed */
static uint64_t lost;
static void (*watcher)(uint32_t number);

static uint32_t find(uint64_t start);
static uint32_t claim(uint32_t kind);
static void raise_used(uint32_t count);
static void tell(uint32_t number);

void range_add(const void *start, size_t bytes, enum range_kind kind, uint32_t owner) {
  uint32_t number = find((uintptr_t)start);
  if (number == RANGES_MOST) number = claim((uint32_t)kind);
  if (number == RANGES_MOST) {
    add_relaxed(&lost, 1); /* a sum */
    tell(RANGES_MOST);
    return;
  }
  struct range *range = &ranges[number];
  store_relaxed(&range->start, (uintptr_t)start);
  store_relaxed(&range->owner, owner);
  store_release(&range->bytes, bytes); /* pairs with range_at */
  tell(number);
}

/* What starts there is the caller's alone, so the row is too. */
void range_remove(const void *start) {
  uint32_t number = find((uintptr_t)start);
  if (number == RANGES_MOST) return;
  struct range *range = &ranges[number];
  store_relaxed(&range->start, 0);
  store_relaxed(&range->bytes, 0);
  tell(number);
  store_release(&range->kind, RANGE_FREE); /* pairs with claim */
}

uint32_t range_count(void) {
  return load_relaxed(&used); /* a number that only rises */
}

struct range range_at(uint32_t number) {
  const struct range *range = &ranges[number];
  struct range copy = {.bytes = load_acquire(&range->bytes)}; /* pairs with range_add */
  copy.start = load_relaxed(&range->start);
  copy.kind = load_relaxed(&range->kind);
  copy.owner = load_relaxed(&range->owner);
  return copy;
}

uint64_t ranges_lost(void) {
  return load_relaxed(&lost); /* a sum */
}

void range_watch(void (*changed)(uint32_t number)) {
  store_relaxed(&watcher, changed); /* a function that is always there */
}

/* RANGES_MOST: none. Relaxed, since only the row of the caller's own stretch can have this start. */
static uint32_t find(uint64_t start) {
  uint32_t count = range_count();
  for (uint32_t i = 0; i < count; i++)
    if (load_relaxed(&ranges[i].start) == start) return i;
  return RANGES_MOST;
}

static uint32_t claim(uint32_t kind) {
  for (uint32_t i = 0; i < RANGES_MOST; i++) {
    uint32_t nobody = RANGE_FREE;
    if (load_relaxed(&ranges[i].kind) != RANGE_FREE) continue;  /* only a guess: the swap checks it */
    if (!cas_acq_rel(&ranges[i].kind, &nobody, kind)) continue; /* pairs with range_remove */
    raise_used(i + 1);
    return i;
  }
  return RANGES_MOST;
}

static void raise_used(uint32_t count) {
  uint32_t before = load_relaxed(&used); /* only a guess: the swap checks it */
  while (before < count && !cas_relaxed(&used, &before, count)) continue;
}

static void tell(uint32_t number) {
  void (*changed)(uint32_t) = load_relaxed(&watcher); /* see range_watch */
  if (changed) changed(number);
}
