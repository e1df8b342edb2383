/*
 * refusals.c: see refusals.h. A row is taken by one compare-and-swap of its key; who takes it names its caller's module.
 */
#include "track/refusals.h"

#include "base/hash.h"
#include "base/text.h"
#include "model/budget.h"
#include "model/event_ring.h"
#include "os/module.h"
#include "os/process.h"
#include "track/caller.h"
#include "track/handlers.h"
#include "track/pressure.h"

#define TRIES 16

static struct ration_segment_refusal *row_for(uint64_t key, uintptr_t address);

static void put_event(struct demand demand, uint32_t budget, uintptr_t address, uint64_t now) {
  const struct ration_segment_budget *row = budget ? &segment.budgets[budget] : NULL;
  event_ring_put(&segment, &(struct event){.at = now,
                                           .kind = RATION_EVENT_REFUSAL,
                                           .level = (uint8_t)(budget ? pressure_own_level(budget) : 0),
                                           .category = (uint8_t)demand.category,
                                           .budget = (uint8_t)budget,
                                           .thread = process_thread_id(),
                                           .bytes = demand.requested,
                                           .limit = row ? load_relaxed(&row->limit_bytes) : 0,
                                           .detail = address});
}

void refusals_count(struct demand demand, uint32_t budget) {
  uintptr_t address = caller_outside(demand.asker, thread.record);
  uint64_t now = process_monotonic_ns();
  uint64_t key =
      (address & ((UINT64_C(1) << 47) - 1)) | (uint64_t)demand.category << 48 | (uint64_t)budget << 56;
  struct ration_segment_refusal *row = row_for(key, address);
  if (budget) add_relaxed(&segment.budgets[budget].refused, 1); /* sums, all of them */
  if (row) {
    add_relaxed(&row->requests, 1);
    add_relaxed(&row->bytes, demand.requested);
    store_relaxed(&row->last_at, now);
  }
  put_event(demand, budget, address, now);
}

static void name_caller(struct ration_segment_refusal *row, uintptr_t address) {
  struct module module;
  if (module_find((const void *)address, &module) < 0) return;
  const char *name = module.is_executable ? identity.program : text_file_name(module.path);
  store_relaxed(&row->offset, address - module.bias);
  for (size_t i = 0; i + 1 < sizeof row->module && name[i]; i++) store_relaxed(&row->module[i], name[i]);
}

/* Row 0 is for those that find no room. NULL: there is no table. */
static struct ration_segment_refusal *row_for(uint64_t key, uintptr_t address) {
  size_t bytes = SEGMENT_REFUSALS_MOST * sizeof *segment.refusals;
  if (!load_relaxed(&segment.has_refusals)) { /* the pages are the kernel's affair: nothing to order */
    if (segment_make_present(&segment, segment.refusals, bytes) < 0) return NULL;
    store_relaxed(&segment.has_refusals, 1);
  }
  uint64_t at = hash_word(key);
  for (unsigned i = 0; i < TRIES; i++) {
    struct ration_segment_refusal *row = &segment.refusals[1 + (at + i) % (SEGMENT_REFUSALS_MOST - 1)];
    uint64_t found = load_relaxed(&row->key); /* compared again by the swap */
    if (!found && cas_relaxed(&row->key, &found, key)) {
      name_caller(row, address);
      return row;
    }
    if (found == key) return row;
  }
  return &segment.refusals[0];
}
