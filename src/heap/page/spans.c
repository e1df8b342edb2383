/*
 * spans.c: see spans.h.
 */
#include "heap/page/spans.h"

#include <errno.h>

#include "heap/page/openings.h"
#include "os/clock.h"
#include "os/memory.h"
#include "os/spin.h"

#define FIRST_ORDER 5                 /* what is managed at first: 2 MiB */
#define RUNS_MOST   4096              /* then spans are opened in whole: a process may have 65,530 mappings */
#define CLOSE_LEAST ((size_t)1 << 20) /* less only goes back, and stays open: it would take many mappings */

/* Links are slots, 0 is none. */
struct list {
  uint32_t first, last;
};

static struct {
  struct spin lock;
  uint32_t managed;                       /* slots: 0, or a power of two */
  struct list free[SPANS_ORDER_MOST + 1]; /* by order; `last` is not kept */
  struct list dirty;                      /* the oldest first */
  uint64_t free_slots, dirty_slots, purged, refused;
  uint64_t decay_ms;
  uint32_t waiting; /* first of the spans that nobody could give back: linked by `next` */
  int is_held;      /* over a fork, by the thread that forks */
  int is_torn;      /* in a forked child */
} spans = {.decay_ms = 1000};

static struct heap_page *take(uint32_t order, uint32_t slots, uint64_t *ret_dirty);
static int open_span(uint32_t slot, uint32_t slots, uint32_t order, uint32_t from);
static int close_free(void);
static int manage_more(void);
static void give(uint32_t slot, uint32_t dirty, uint32_t now_ms);
static uint64_t purge_older(uint32_t now_ms, uint64_t age_ms, uint32_t most);
static void give_waiting(void);
static uint32_t now(void);

static struct heap_page *row(uint32_t slot) {
  return &region.rows[slot];
}

static int lock(void) {
  return !load_relaxed(&spans.is_torn) && spin_try_long(&spans.lock); /* see spans_after_fork */
}

static void unlock(void) {
  give_waiting();
  spin_end(&spans.lock);
}

/* ---- lists --------------------------------------------------------------------------------------------- */

static void list_free(uint32_t slot) {
  struct heap_page *span = row(slot);
  struct list *list = &spans.free[span->order];
  span->previous = 0, span->next = list->first;
  if (list->first) row(list->first)->previous = slot;
  list->first = slot;
  spans.free_slots += UINT64_C(1) << span->order;
}

static void unlist_free(uint32_t slot) {
  struct heap_page *span = row(slot);
  if (span->next) row(span->next)->previous = span->previous;
  if (span->previous)
    row(span->previous)->next = span->next;
  else
    spans.free[span->order].first = span->next;
  spans.free_slots -= UINT64_C(1) << span->order;
}

static void list_dirty(uint32_t slot) {
  struct heap_page *span = row(slot);
  span->dirty_next = 0, span->dirty_previous = spans.dirty.last;
  if (spans.dirty.last)
    row(spans.dirty.last)->dirty_next = slot;
  else
    spans.dirty.first = slot;
  spans.dirty.last = slot;
  spans.dirty_slots += span->dirty;
}

static void unlist_dirty(uint32_t slot) {
  struct heap_page *span = row(slot);
  if (span->dirty_next)
    row(span->dirty_next)->dirty_previous = span->dirty_previous;
  else
    spans.dirty.last = span->dirty_previous;
  if (span->dirty_previous)
    row(span->dirty_previous)->dirty_next = span->dirty_next;
  else
    spans.dirty.first = span->dirty_next;
  spans.dirty_slots -= span->dirty;
}

/* ---- to take --------------------------------------------------------------------------------------------- */

void spans_prepare(void) {
  manage_more();
}

void spans_set_decay(uint64_t ms) {
  store_relaxed(&spans.decay_ms, ms);
}

uint64_t spans_decay_ms(void) {
  return load_relaxed(&spans.decay_ms); /* a setting */
}

struct heap_page *spans_take(uint32_t order, uint64_t *ret_dirty) {
  return spans_take_part(order, order <= SPANS_ORDER_MOST ? 1u << order : 0, ret_dirty);
}

struct heap_page *spans_take_part(uint32_t order, uint32_t slots, uint64_t *ret_dirty) {
  struct heap_page *span = NULL;
  if (order <= SPANS_ORDER_MOST && lock()) {
    span = take(order, slots, ret_dirty);
    unlock();
  }
  if (!span) add_relaxed(&spans.refused, 1); /* a count */
  return span;
}

int spans_open(const struct heap_page *span, uint32_t slots) {
  if (!lock()) return -EAGAIN;
  int result = open_span(region_slot(span), slots, span->order, span->order);
  unlock();
  return result;
}

/* It is the lower half of each larger one on the way, and the upper halves are free. */
static int may_extend(uint32_t slot, uint32_t order) {
  for (uint32_t from = row(slot)->order; from < order; from++) {
    uint32_t upper = slot + (1u << from);
    if (slot >> from & 1 || upper >= spans.managed) return 0;
    if (heap_page_kind(row(upper)) != SLOT_FREE || row(upper)->order != from) return 0;
  }
  return 1;
}

/* Yields the slots from its start that may not be zero. */
static uint32_t extend(uint32_t slot, uint32_t order) {
  uint32_t dirty = 0;
  for (; row(slot)->order < order; row(slot)->order++) {
    uint32_t half = 1u << row(slot)->order, upper = slot + half;
    unlist_free(upper);
    if (row(upper)->dirty) {
      unlist_dirty(upper);
      dirty = half + row(upper)->dirty;
      row(upper)->dirty = 0;
    }
    heap_page_set_kind(row(upper), SLOT_NONE);
  }
  return dirty;
}

int spans_may_extend(struct heap_page *span, uint32_t order, uint64_t *ret_dirty) {
  uint32_t slot = region_slot(span);
  if (order > SPANS_ORDER_MOST || !lock()) return 0;
  int is_free = may_extend(slot, order);
  if (is_free) *ret_dirty = (uint64_t)extend(slot, order) << SLOT_BITS;
  unlock();
  return is_free;
}

/* At first 2 MiB, of which slot 0 is left out; then as much again as there is. */
static int manage_more(void) {
  uint32_t more = spans.managed ? spans.managed : 1u << FIRST_ORDER;
  if (((uint64_t)spans.managed + more) << SLOT_BITS > region.bytes) return 0;
  if (region_open_rows(spans.managed + more) < 0) return 0;
  if (spans.managed) {
    row(spans.managed)->order = (uint8_t)__builtin_ctz(more);
    heap_page_set_kind(row(spans.managed), SLOT_FREE);
    list_free(spans.managed);
  }
  for (uint32_t order = 0; !spans.managed && order < FIRST_ORDER; order++) {
    row(1u << order)->order = (uint8_t)order;
    heap_page_set_kind(row(1u << order), SLOT_FREE);
    list_free(1u << order);
  }
  spans.managed += more;
  return 1;
}

/* The upper half of a free span that is in no list becomes one of its own; the lower one keeps what is dirty of it. */
static void split(uint32_t slot) {
  struct heap_page *span = row(slot);
  uint32_t half = 1u << --span->order, dirty = span->dirty;
  struct heap_page *upper = row(slot + half);
  heap_page_set_kind(upper, SLOT_FREE);
  upper->order = span->order;
  upper->dirty = dirty > half ? dirty - half : 0;
  upper->freed_at = span->freed_at;
  if (dirty > half) span->dirty = half;
  list_free(slot + half);
  if (upper->dirty) list_dirty(slot + half);
}

/* The least order of a free span that is large enough; 0 and nothing, where none is to be had. */
static int find_order(uint32_t order, uint32_t *ret_order) {
  do
    for (uint32_t from = order; from <= SPANS_ORDER_MOST; from++)
      if (spans.free[from].first) {
        *ret_order = from;
        return 1;
      }
  while (manage_more());
  return 0;
}

static struct heap_page *take(uint32_t order, uint32_t slots, uint64_t *ret_dirty) {
  uint32_t from;
  if (!find_order(order, &from)) return NULL;
  uint32_t slot = spans.free[from].first;
  if (open_span(slot, slots, order, from) < 0) return NULL;
  struct heap_page *span = row(slot);
  unlist_free(slot);
  if (span->dirty) unlist_dirty(slot);
  while (span->order > order) split(slot);
  *ret_dirty = (uint64_t)span->dirty << SLOT_BITS;
  span->dirty = 0;
  heap_page_set_kind(span, SLOT_NONE);
  return span;
}

/* The first slots of a span, of which the rest, and of what it is split from, is nobody's. What the system will not give
   more of may be had for what is free. */
static int open_span(uint32_t slot, uint32_t slots, uint32_t order, uint32_t from) {
  uint32_t whole = 1u << order;
  if (slots < whole && openings_figures().runs >= RUNS_MOST) slots = whole;
  int result = slots == whole ? region_open_ahead(slot, slots, 1u << from) : region_open(slot, slots);
  if (result < 0 && close_free()) result = region_open(slot, slots);
  return result;
}

/* ---- to give --------------------------------------------------------------------------------------------- */

void spans_give(struct heap_page *span, uint64_t dirty_bytes) {
  uint32_t slot = region_slot(span);
  heap_page_set_kind(span, SLOT_NONE);
  span->dirty = (uint32_t)((dirty_bytes + SLOT_BYTES - 1) >> SLOT_BITS);
  uint32_t at = now();
  if (lock()) {
    give(slot, span->dirty, at);
    purge_older(at, spans_decay_ms(), 1);
    unlock();
    return;
  }
  uint32_t first = load_relaxed(&spans.waiting); /* only a guess: cas_acq_rel checks it */
  do span->next = first;
  while (!cas_acq_rel(&spans.waiting, &first, slot)); /* pairs with give_waiting */
}

/* Under the lock. */
static void give_waiting(void) {
  if (!load_relaxed(&spans.waiting)) return;
  uint32_t slot = exchange_acquire(&spans.waiting, 0); /* pairs with spans_give */
  while (slot) {
    uint32_t next = row(slot)->next;
    give(slot, row(slot)->dirty, now());
    slot = next;
  }
}

/* Two free halves of what was split are one again; what is dirty of the upper one makes the lower one so. */
static uint32_t join(uint32_t slot, uint32_t buddy) {
  struct heap_page *freed = row(slot), *other = row(buddy);
  unlist_free(buddy);
  if (other->dirty) unlist_dirty(buddy);
  uint32_t half = 1u << freed->order, lower = slot & ~half;
  struct heap_page *upper = row(lower + half);
  if (upper->dirty) row(lower)->dirty = half + upper->dirty;
  row(lower)->order = (uint8_t)(freed->order + 1);
  heap_page_set_kind(upper, SLOT_NONE);
  upper->dirty = 0;
  return lower;
}

static void give(uint32_t slot, uint32_t dirty, uint32_t now_ms) {
  row(slot)->dirty = dirty;
  for (;;) {
    uint32_t order = row(slot)->order, buddy = slot ^ (1u << order);
    if (buddy >= spans.managed || buddy == 0 || order >= SPANS_ORDER_MOST) break;
    if (heap_page_kind(row(buddy)) != SLOT_FREE || row(buddy)->order != order) break;
    slot = join(slot, buddy);
  }
  heap_page_set_kind(row(slot), SLOT_FREE);
  list_free(slot);
  if (!row(slot)->dirty) return;
  row(slot)->freed_at = now_ms;
  list_dirty(slot);
}

/* ---- back to the system ---------------------------------------------------------------------------------- */

/* The slots of a span from one on; `bytes` of them may not be zero. */
static int empty(uint32_t slot, uint32_t count, uint64_t bytes) {
  if (count >= CLOSE_LEAST >> SLOT_BITS && openings_remove(slot, count) == 0) return 0;
  return memory_empty(region_memory(slot), bytes);
}

static void count_purged(uint32_t slot) {
  spans.purged += (uint64_t)row(slot)->dirty << SLOT_BITS;
  unlist_dirty(slot);
  row(slot)->dirty = 0;
}

static uint64_t purge(uint32_t slot) {
  struct heap_page *span = row(slot);
  uint64_t bytes = (uint64_t)span->dirty << SLOT_BITS;
  if (empty(slot, 1u << span->order, bytes) < 0) return 0;
  count_purged(slot);
  return bytes;
}

/* Whatever is open of free spans. Yields whether there was such. */
static int close_free(void) {
  uint32_t open = openings_figures().open;
  for (uint32_t order = 0; order <= SPANS_ORDER_MOST; order++)
    for (uint32_t slot = spans.free[order].first; slot; slot = row(slot)->next)
      if (openings_remove(slot, 1u << order) == 0 && row(slot)->dirty) count_purged(slot);
  return openings_figures().open < open;
}

int spans_empty(const struct heap_page *span, uint64_t from, uint64_t to) {
  uint64_t whole = (from + SLOT_BYTES - 1) / SLOT_BYTES * SLOT_BYTES;
  if (to <= whole || !lock()) return memory_empty(region_memory_of(span) + from, to - from);
  int result = whole > from ? memory_empty(region_memory_of(span) + from, whole - from) : 0;
  uint32_t kept = (uint32_t)(whole >> SLOT_BITS);
  if (result == 0) result = empty(region_slot(span) + kept, (1u << span->order) - kept, to - whole);
  unlock();
  return result;
}

static uint32_t now(void) {
  return (uint32_t)(clock_coarse_ns() / 1000000);
}

/* Under the lock, at most so many spans. The first has been dirty for the longest, but for what was split off one. */
static uint64_t purge_older(uint32_t now_ms, uint64_t age_ms, uint32_t most) {
  uint64_t bytes = 0;
  while (most-- > 0 && spans.dirty.first && is_older(row(spans.dirty.first)->freed_at, now_ms, age_ms)) {
    uint32_t slot = spans.dirty.first;
    uint64_t purged = purge(slot);
    bytes += purged;
    if (purged) continue;
    unlist_dirty(slot); /* locked in memory, perhaps: it is not to stand before the others */
    list_dirty(slot);
    break;
  }
  return bytes;
}

static uint64_t purge_now(uint32_t now_ms, uint64_t age_ms) {
  if (!lock()) return 0;
  uint64_t bytes = purge_older(now_ms, age_ms, UINT32_MAX);
  unlock();
  return bytes;
}

uint64_t spans_tend(uint64_t now_ms) {
  return purge_now((uint32_t)now_ms, spans_decay_ms());
}

uint64_t spans_purge(void) {
  return purge_now(now(), AGE_ANY);
}

void spans_shrink(void) {
  if (!lock()) return;
  region_shrink();
  unlock();
}

struct span_figures spans_figures(void) {
  return (struct span_figures){.managed = (uint64_t)load_relaxed(&spans.managed)
                                          << SLOT_BITS, /* all: figures */
                               .free = load_relaxed(&spans.free_slots) << SLOT_BITS,
                               .dirty = load_relaxed(&spans.dirty_slots) << SLOT_BITS,
                               .purged = load_relaxed(&spans.purged),
                               .refused = load_relaxed(&spans.refused)};
}

uint32_t spans_managed(void) {
  return load_relaxed(&spans.managed); /* at rest */
}

/* ---- fork -------------------------------------------------------------------------------------------------- */

void spans_before_fork(void) {
  if (lock()) spans.is_held = 1;
}

void spans_after_fork(int is_child) {
  int is_held = spans.is_held && spin_is_own(&spans.lock);
  if (is_held) spans.is_held = 0;
  if (is_held)
    unlock();
  else if (is_child && load_relaxed(&spans.lock.holder) && !spin_is_own(&spans.lock))
    store_relaxed(&spans.is_torn, 1); /* the child has one thread */
}

/* ---- checks ------------------------------------------------------------------------------------------------ */

static int is_valid(uint32_t slot, uint32_t order) {
  const struct heap_page *span = row(slot);
  uint32_t size = 1u << order, buddy = slot ^ size;
  if (span->kind != SLOT_FREE || span->order != order || slot % size || span->dirty > size) return 0;
  if (slot + size > spans.managed) return 0;
  return buddy == 0 || buddy >= spans.managed || heap_page_kind(row(buddy)) != SLOT_FREE ||
         row(buddy)->order != order;
}

int spans_are_valid(void) {
  uint64_t free_slots = 0, dirty_slots = 0, in_list = 0;
  for (uint32_t order = 0; order <= SPANS_ORDER_MOST; order++)
    for (uint32_t slot = spans.free[order].first, before = 0; slot; before = slot, slot = row(slot)->next) {
      if (!is_valid(slot, order) || row(slot)->previous != before) return 0;
      free_slots += UINT64_C(1) << order, dirty_slots += row(slot)->dirty;
    }
  for (uint32_t slot = spans.dirty.first; slot; slot = row(slot)->dirty_next) in_list += row(slot)->dirty;
  return free_slots == spans.free_slots && dirty_slots == spans.dirty_slots && in_list == dirty_slots;
}
