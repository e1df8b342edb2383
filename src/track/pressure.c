/*
 * pressure.c: see pressure.h.
 */
#include "track/pressure.h"

#include <errno.h>

#include "base/say.h"
#include "base/text.h"
#include "model/budget.h"
#include "model/category.h"
#include "model/event_ring.h"
#include "os/process.h"
#include "track/budgets.h"
#include "track/dump.h"
#include "track/handlers.h"
#include "track/process.h"

static void put_event(uint8_t kind, uint32_t category, uint32_t old_level, uint32_t level);
static void say_breach(uint32_t category);

void pressure_follow(uint32_t category, uint32_t breach) {
  int kept_errno = errno;
  if (breach) {
    put_event(RATION_EVENT_BREACH, breach, pressure_own_level(breach), pressure_own_level(breach));
    if (settings.verbose) say_breach(breach);
    dump_at_breach(breach);
  }
  for (; category; category = segment_category(&segment, category)->parent)
    if (budget_of(&segment, category)) pressure_look(category);
  errno = kept_errno;
}

void pressure_look(uint32_t category) {
  uint32_t old_level, before = pressure_own_level(category);
  int has_grown = budget_has_grown(&segment, category);
  int has_changed = budget_look(&segment, category, process_monotonic_ns(), &old_level);
  uint32_t level = pressure_own_level(category);
  if (has_changed)
    put_event(RATION_EVENT_PRESSURE, category, old_level, load_relaxed(&segment.budgets[category].level));
  if (has_grown) dump_at_growth(category);
  if (level > before)
    handlers_note_due(category, HANDLERS_RISEN);
  else if (has_grown && level != RATION_LEVEL_NONE)
    handlers_note_due(category, HANDLERS_GROWN);
}

static void put_event(uint8_t kind, uint32_t category, uint32_t old_level, uint32_t level) {
  const struct ration_segment_budget *budget = &segment.budgets[category];
  event_ring_put(&segment, &(struct event){.at = process_monotonic_ns(),
                                           .kind = kind,
                                           .level = (uint8_t)level,
                                           .old_level = (uint8_t)old_level,
                                           .category = (uint8_t)category,
                                           .budget = (uint8_t)category,
                                           .thread = process_thread_id(),
                                           .bytes = budget_used(&segment, category),
                                           .limit = load_relaxed(&budget->limit_bytes)});
}

static void say_breach(uint32_t category) {
  char words[320];
  struct text text = text_in(words, sizeof words);
  text_add(&text, segment_category_name(&segment, category));
  text_add(&text, ": uses ");
  text_add_decimal(&text, budget_used(&segment, category));
  text_add(&text, " bytes, over its budget of ");
  text_add_decimal(&text, load_relaxed(&segment.budgets[category].limit_bytes));
  say(words);
}

/* ---- levels --------------------------------------------------------------------------------------------- */

uint32_t pressure_own_level(uint32_t category) {
  const struct ration_segment_budget *budget = budget_of(&segment, category);
  uint32_t level = budget ? budget_level(budget) : RATION_LEVEL_NONE;
  int may_be_outside = category == RATION_CATEGORY_TOTAL && load_relaxed(&segment.has_budgets);
  uint64_t outside = may_be_outside ? load_relaxed(&segment.budgets[category].outside_level) : 0;
  return level > outside ? level : (uint32_t)outside; /* one word each, of which any is right */
}

uint32_t pressure_level(uint32_t category) {
  uint32_t highest = RATION_LEVEL_NONE;
  for (; category; category = segment_category(&segment, category)->parent) {
    uint32_t level = pressure_own_level(category);
    if (level > highest) highest = level;
  }
  return highest;
}

int pressure_simulate(uint32_t category, int level) {
  struct ration_segment_budget *budget = budget_of(&segment, category);
  if (!budget) return -ENOENT;
  uint32_t before = pressure_own_level(category);
  store_relaxed(&budget->simulated, (uint32_t)(level + 1)); /* readers expect no order */
  uint32_t after = pressure_own_level(category);
  if (after == before) return 0;
  put_event(RATION_EVENT_PRESSURE, category, before, after);
  if (after > before) handlers_note_due(category, HANDLERS_RISEN);
  return 0;
}

void pressure_set_outside(uint32_t level) {
  if (!load_relaxed(&segment.has_budgets)) return;
  uint64_t before = exchange_relaxed(&segment.budgets[RATION_CATEGORY_TOTAL].outside_level, level);
  if (level == before) return;
  put_event(RATION_EVENT_PRESSURE, RATION_CATEGORY_TOTAL, (uint32_t)before, level);
  if (level > before) handlers_note_due(RATION_CATEGORY_TOTAL, HANDLERS_RISEN);
}
