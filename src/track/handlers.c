/*
 * handlers.c: see handlers.h.
 *
 * A slot is free, registered or leaving; who runs it holds `runner`. A handler that is taken out of the table by
 * another thread is waited for; by itself, it leaves when it returns.
 */
#include "track/handlers.h"

#include <errno.h>

#include "model/category.h"
#include "model/event_ring.h"
#include "os/futex.h"
#include "os/process.h"
#include "os/turn.h"
#include "track/budgets.h"
#include "track/caller.h"
#include "track/pressure.h"
#include "track/worker.h"

#define GROWN_NS   UINT64_C(100000000)
#define SLOTS      SEGMENT_HANDLERS_MOST
#define DISPATCHES 3 /* polled and deferred, by RATION_DISPATCH_* */

enum slot_state { FREE, REGISTERED, LEAVING };

struct slot {
  uint32_t state;     /* enum slot_state */
  uint32_t runner;    /* thread that runs it; 0: nobody */
  uint32_t number;    /* order of registration, from 1 */
  uint32_t looked_at; /* the number of the one that somebody has looked at: does its level stand already? */
  struct ration_handler what;
};

static struct slot slots[SLOTS];
static struct turn turn;                    /* of who registers or unregisters */
static uint32_t numbers;                    /* given to those that are in the table */
static uint32_t registered[DISPATCHES + 1]; /* how many, by dispatch */
static uint32_t is_suppressed;
static uint32_t fresh[DISPATCHES]; /* how many are, by dispatch */

/* Budgets that are due, a bit each, by dispatch and reason; and when the handlers of one were last run. */
static uint64_t due[DISPATCHES][2][RATION_CATEGORY_IDS / 64];
static uint64_t last_run[RATION_CATEGORY_IDS];

/* What handlers are called for. */
struct call {
  uint32_t dispatch;
  const uint64_t *budgets;     /* bits of those that are due */
  const struct demand *demand; /* that would be refused; else NULL */
  uint64_t missing;            /* bytes of it; else 0 */
};

/* A handler that is called for, as it was when it was looked at. Its slot may have another's since: see run. */
struct choice {
  uint32_t slot;
  uint32_t number; /* 0: none */
  int32_t priority;
  uint32_t budget; /* that calls for it */
};

static int run_in_order(struct call call);
static int run(struct choice choice, struct call call);

/*
 * A handler may fork. Until the child has started anew, `segment` is its parent's, of which it writes nothing; and where
 * it has, what was noted before belongs to the parent.
 */
static int is_ours(void) {
  return process_state_now() == PROCESS_TRACKING;
}

/* ---- registering ---------------------------------------------------------------------------------------- */

static int check(const struct ration_handler *handler) {
  int is_known = handler->size >= sizeof *handler && handler->function;
  if (!is_known || !segment_category(&segment, handler->category)) return -EINVAL;
  if (handler->lowest_level < RATION_LEVEL_LOW || handler->lowest_level > RATION_LEVEL_CRITICAL)
    return -EINVAL;
  return handler->dispatch < RATION_DISPATCH_DEFERRED || handler->dispatch > RATION_DISPATCH_SYNCHRONOUS
             ? -EINVAL
             : 0;
}

static int handle_of(uint32_t slot, uint32_t number) {
  return (int)((number & 0xffffff) << 6 | slot);
}

/* For readers; what a former handler of the slot did goes. */
static void fill_row(uint32_t slot, const struct ration_handler *handler, uint32_t number) {
  struct ration_segment_handler *row = &segment.handlers[slot];
  store_relaxed(&row->state, RATION_HANDLER_FREE); /* readers expect no order */
  *row = (struct ration_segment_handler){.category = (uint16_t)handler->category,
                                         .lowest_level = (uint8_t)handler->lowest_level,
                                         .dispatch = (uint8_t)handler->dispatch,
                                         .priority = handler->priority,
                                         .number = number,
                                         .address = (uint64_t)(uintptr_t)handler->function};
  store_release(&row->state, RATION_HANDLER_REGISTERED); /* pairs with segment_file_copy, the reader's */
}

/* Others may just be looking at the handler that was there before. */
static void fill_slot(struct slot *slot, const struct ration_handler *handler, uint32_t number) {
  slot->what.size = handler->size;
  slot->what.function = handler->function;
  slot->what.context = handler->context;
  store_relaxed(&slot->what.category, handler->category);
  store_relaxed(&slot->what.priority, handler->priority);
  store_relaxed(&slot->what.lowest_level, handler->lowest_level);
  store_relaxed(&slot->what.dispatch, handler->dispatch);
  store_release(&slot->number, number); /* pairs with next_in_order */
}

static int take_slot(const struct ration_handler *handler, uint32_t *ret_slot) {
  uint32_t slot = 0;
  while (slot < SLOTS && load_acquire(&slots[slot].state) != FREE) slot++; /* pairs with leave */
  if (slot == SLOTS) return -ENOSPC;
  if (segment_make_present(&segment, segment.handlers, SLOTS * sizeof *segment.handlers) < 0) return -ENOMEM;
  store_relaxed(&segment.has_handlers, 1); /* the pages are the kernel's affair: nothing to order */
  uint32_t number = numbers + 1;           /* in the turn alone */
  fill_slot(&slots[slot], handler, number);
  fill_row(slot, handler, number);
  add_relaxed(&registered[handler->dispatch], 1); /* a sum */
  store_release(&slots[slot].state, REGISTERED);  /* pairs with next_in_order */
  store_release(&numbers, number);                /* pairs with handlers_run_due */
  *ret_slot = slot;
  return handle_of(slot, number);
}

/* A level that stands already is told at once. */
static void catch_up(uint32_t dispatch) {
  add_relaxed(&fresh[dispatch], 1); /* a sum; the slot itself is published */
  if (dispatch == RATION_DISPATCH_DEFERRED) worker_wake();
}

int handlers_register(const struct ration_handler *handler) {
  uint64_t signals;
  uint32_t slot;
  int result = check(handler);
  if (result == 0 && handler->dispatch == RATION_DISPATCH_DEFERRED) result = worker_start();
  if (result == 0) result = turn_begin(&turn, &signals);
  if (result < 0) return result;
  int handle = take_slot(handler, &slot);
  turn_end(&turn, signals);
  if (handle > 0 && handler->dispatch != RATION_DISPATCH_SYNCHRONOUS) catch_up((uint32_t)handler->dispatch);
  return handle;
}

/* ---- unregistering -------------------------------------------------------------------------------------- */

static void leave(uint32_t slot) {
  store_relaxed(&segment.handlers[slot].state, RATION_HANDLER_GONE); /* readers expect no order */
  store_release(&slots[slot].state, FREE);                           /* pairs with take_slot */
}

static int mark_leaving(int handle) {
  uint32_t slot = (uint32_t)handle & (SLOTS - 1), expected = REGISTERED;
  if (handle <= 0 || handle_of(slot, slots[slot].number) != handle) return -ENOENT;
  if (!cas_acq_rel(&slots[slot].state, &expected, LEAVING)) return -ENOENT; /* pairs with next_in_order */
  add_relaxed(&registered[slots[slot].what.dispatch], -UINT32_C(1));        /* a sum */
  return 0;
}

int handlers_unregister(int handle) {
  uint64_t signals;
  uint32_t slot = (uint32_t)handle & (SLOTS - 1);
  int result = turn_begin(&turn, &signals);
  if (result < 0) return result;
  result = mark_leaving(handle);
  turn_end(&turn, signals);
  if (result < 0) return result;
  if (thread.handling && thread.handling->slot == slot) {
    thread.handling->has_left = 1;
    return 0;
  }
  fence_full(); /* pairs with run: either it sees LEAVING, or its runner is seen here */
  for (uint32_t runner; (runner = load_acquire(&slots[slot].runner));) /* pairs with run */
    futex_wait(&slots[slot].runner, runner, 100);
  leave(slot);
  return 0;
}

/* ---- who is due ----------------------------------------------------------------------------------------- */

static void set_bit(uint64_t bits[], uint32_t category, int *ret_is_new) {
  uint64_t *word = &bits[category / 64], bit = UINT64_C(1) << category % 64;
  uint64_t found = load_relaxed(word); /* compared again by the swap */
  while (!(found & bit))
    if (cas_acq_rel(word, &found, found | bit)) { /* pairs with take_bits */
      *ret_is_new = 1;
      return;
    }
}

void handlers_note_due(uint32_t category, enum handlers_reason reason) {
  int is_new = 0, is_polled_new = 0;
  if (load_relaxed(&registered[RATION_DISPATCH_POLLED])) /* sums; who registers looks at levels afterwards */
    set_bit(due[RATION_DISPATCH_POLLED][reason], category, &is_polled_new);
  if (!load_relaxed(&registered[RATION_DISPATCH_DEFERRED])) return;
  set_bit(due[RATION_DISPATCH_DEFERRED][reason], category, &is_new);
  if (is_new) worker_wake();
}

static int take_bits(uint64_t bits[], uint64_t ret_taken[]) {
  int is_any = 0;
  for (size_t i = 0; i < RATION_CATEGORY_IDS / 64; i++) {
    uint64_t found = load_acquire(&bits[i]);             /* pairs with set_bit */
    while (found && !cas_acq_rel(&bits[i], &found, 0)) { /* pairs with set_bit */
    }
    ret_taken[i] |= found;
    is_any |= found != 0;
  }
  return is_any;
}

static int has_bit(const uint64_t bits[], uint32_t category) {
  return (load_relaxed(&bits[category / 64]) >> category % 64 & 1) != 0; /* a hint, or a copy of one's own */
}

/* Those that have grown, and whose handlers were not run a moment ago; the others stay due. */
static void take_grown(uint32_t dispatch, uint64_t now, uint64_t ret_taken[]) {
  uint64_t grown[RATION_CATEGORY_IDS / 64] = {0};
  int is_new;
  if (!take_bits(due[dispatch][HANDLERS_GROWN], grown)) return;
  for (uint32_t id = 1; id <= RATION_CATEGORY_LAST; id++) {
    if (!has_bit(grown, id)) continue;
    if (now - load_relaxed(&last_run[id]) >= GROWN_NS)
      ret_taken[id / 64] |= UINT64_C(1) << id % 64;
    else
      set_bit(due[dispatch][HANDLERS_GROWN], id, &is_new);
  }
}

/* The next 1 % counts from here. */
static void note_run(const uint64_t budgets[], uint64_t now) {
  for (uint32_t id = 1; id <= RATION_CATEGORY_LAST; id++) {
    if (!has_bit(budgets, id) || !budget_of(&segment, id)) continue;
    store_relaxed(&last_run[id], now); /* a time; whoever stores last is right enough */
    budget_note_growth(&segment, id);
  }
}

/* Nobody has looked yet whether its level stands. */
static int is_fresh(const struct slot *slot) {
  return load_relaxed(&slot->looked_at) != load_relaxed(&slot->number); /* published by the state */
}

/* They have been looked at. One that came since has a higher number, also where it took the slot of such a one. */
static void forget_fresh(uint32_t dispatch, uint32_t newest) {
  for (uint32_t i = 0; i < SLOTS; i++) {
    uint32_t number = load_relaxed(&slots[i].number); /* its dispatch may be another's: that one is gone */
    if ((uint32_t)load_relaxed(&slots[i].what.dispatch) == dispatch && number <= newest)
      store_relaxed(&slots[i].looked_at, number);
  }
}

int handlers_run_due(uint32_t dispatch) {
  uint64_t taken[RATION_CATEGORY_IDS / 64] = {0};
  if (load_relaxed(&is_suppressed) || thread.handling) return 0; /* a word by itself */
  uint64_t now = process_monotonic_ns();
  uint32_t newest = load_acquire(&numbers); /* pairs with take_slot: those up to it are in the table */
  int is_any = exchange_relaxed(&fresh[dispatch], 0) != 0; /* a hint: slots are published */
  take_bits(due[dispatch][HANDLERS_RISEN], taken);
  take_grown(dispatch, now, taken);
  for (size_t i = 0; i < RATION_CATEGORY_IDS / 64; i++) is_any |= taken[i] != 0;
  if (!is_any) return 0;
  int count = run_in_order((struct call){.dispatch = dispatch, .budgets = taken});
  if (!is_ours()) return count;
  forget_fresh(dispatch, newest);
  note_run(taken, process_monotonic_ns());
  return count;
}

int handlers_wait_ms(uint32_t dispatch) {
  int is_grown = 0;
  if (load_relaxed(&fresh[dispatch]) && !load_relaxed(&is_suppressed)) return 0; /* hints, all of these */
  for (size_t i = 0; i < RATION_CATEGORY_IDS / 64; i++) {
    if (load_relaxed(&due[dispatch][HANDLERS_RISEN][i]) && !load_relaxed(&is_suppressed)) return 0;
    is_grown |= load_relaxed(&due[dispatch][HANDLERS_GROWN][i]) != 0;
  }
  return is_grown ? (int)(GROWN_NS / 1000000) : -1;
}

int handlers_run_before_refusal(uint32_t budget, struct demand demand) {
  uint64_t budgets[RATION_CATEGORY_IDS / 64] = {0};
  if (!load_relaxed(&registered[RATION_DISPATCH_SYNCHRONOUS]) || load_relaxed(&is_suppressed))
    return 0; /* a sum */
  if (thread.handling || thread.inside || !thread.record->tallies) return 0;
  uint64_t available =
      budget_available(&segment, budget, (struct charge_right){.requested = demand.requested});
  budgets[budget / 64] = UINT64_C(1) << budget % 64;
  uint64_t missing = demand.bytes > available ? demand.bytes - available : 1;
  return run_in_order((struct call){
      .dispatch = RATION_DISPATCH_SYNCHRONOUS, .budgets = budgets, .demand = &demand, .missing = missing});
}

void handlers_suppress(int is_wanted) {
  store_relaxed(&is_suppressed, (uint32_t)is_wanted); /* a word by itself */
  if (!is_wanted) worker_wake();
}

/* ---- running -------------------------------------------------------------------------------------------- */

/* The budget that calls for this handler just now: the one due at the highest level; 0: none. */
static uint32_t wanted_by(const struct slot *slot, struct call call) {
  uint32_t best = 0, best_level = 0;
  uint32_t lowest_level = (uint32_t)load_relaxed(&slot->what.lowest_level); /* it may be another's: see run */
  for (uint32_t at = load_relaxed(&slot->what.category); at; at = segment_category(&segment, at)->parent) {
    uint32_t level = call.demand ? RATION_LEVEL_CRITICAL : pressure_own_level(at);
    int is_due = has_bit(call.budgets, at) || (is_fresh(slot) && !call.demand);
    if (!is_due || level < lowest_level || level <= best_level) continue;
    best = at;
    best_level = level;
  }
  return best;
}

static int comes_before(const struct choice *a, const struct choice *b) {
  return a->priority < b->priority || (a->priority == b->priority && a->number < b->number);
}

/* The first one behind `last` in order that is called for. Returns whether there is one. */
static int next_in_order(struct choice last, struct call call, struct choice *ret_next) {
  struct choice next = {.number = 0};
  for (uint32_t i = 0; i < SLOTS; i++) {
    const struct slot *slot = &slots[i];
    if (load_acquire(&slot->state) != REGISTERED) continue;                    /* pairs with take_slot */
    struct choice choice = {.slot = i, .number = load_acquire(&slot->number)}; /* pairs with fill_slot */
    if ((uint32_t)load_relaxed(&slot->what.dispatch) != call.dispatch)
      continue; /* what the number published */
    choice.priority = load_relaxed(&slot->what.priority);
    if (last.number && !comes_before(&last, &choice)) continue;
    if (next.number && !comes_before(&choice, &next)) continue;
    choice.budget = wanted_by(slot, call);
    if (choice.budget) next = choice;
  }
  *ret_next = next;
  return next.number != 0;
}

/* A synchronous one that has freed enough is the last. */
static int is_enough(struct call call) {
  if (!call.demand) return 0;
  struct charge_right right = {.requested = call.demand->requested};
  for (uint32_t id = 1; id <= RATION_CATEGORY_LAST; id++)
    if (has_bit(call.budgets, id)) return budget_available(&segment, id, right) >= call.demand->bytes;
  return 0;
}

static int run_in_order(struct call call) {
  struct choice choice = {.number = 0};
  int count = 0;
  while (next_in_order(choice, call, &choice)) {
    count += run(choice, call);
    if (!is_ours() || is_enough(call)) break;
  }
  return count;
}

/* What would let the level end: used less than its lower edge, where it falls. */
static uint64_t wanted_bytes(uint32_t budget, uint32_t level, uint64_t used, struct call call) {
  const struct ration_segment_budget *row = budget_of(&segment, budget);
  if (call.missing) return call.missing;
  if (!row || level == RATION_LEVEL_NONE) return 0;
  uint64_t fall = load_relaxed(&row->fall_bytes);
  uint64_t begins = load_relaxed(&row->level_bytes[level - 1]);
  uint64_t edge = begins > fall ? begins - fall : 0;
  return used >= edge ? used - edge + 1
                      : 1; /* at least one byte: it may be simulated, or come from outside */
}

static void put_event(const struct slot *slot, const struct ration_pressure *pressure, uint64_t claimed,
                      uint64_t freed, uint64_t took) {
  event_ring_put(&segment, &(struct event){.at = process_monotonic_ns(),
                                           .kind = RATION_EVENT_HANDLER,
                                           .level = (uint8_t)pressure->level,
                                           .category = (uint8_t)slot->what.category,
                                           .budget = (uint8_t)pressure->budget,
                                           .thread = process_thread_id(),
                                           .priority = slot->what.priority,
                                           .bytes = claimed,
                                           .limit = pressure->wanted_bytes,
                                           .freed = freed,
                                           .detail = took});
}

static void count_call(struct ration_segment_handler *row, const struct ration_pressure *pressure,
                       uint64_t claimed, uint64_t freed, int64_t change, uint64_t took) {
  store_relaxed(&row->running_since_at,
                0); /* a handler's one runner writes its row; readers expect no order */
  store_relaxed(&row->wanted_bytes, row->wanted_bytes + pressure->wanted_bytes);
  store_relaxed(&row->claimed_bytes, row->claimed_bytes + claimed);
  store_relaxed(&row->freed_bytes, row->freed_bytes + freed);
  store_relaxed(&row->category_change_bytes, row->category_change_bytes + change);
  store_relaxed(&row->took_ns, row->took_ns + took);
  if (took > row->longest_ns) store_relaxed(&row->longest_ns, took);
  store_relaxed(&row->calls, row->calls + 1);
}

/* Its thread, off the fast path, and with a right to reserves. What is no longer ours is a child's: see is_ours. */
static uint64_t call_function(uint32_t slot, const struct ration_pressure *pressure,
                              struct handling *handling) {
  const struct ration_handler *what = &slots[slot].what;
  thread.handling = handling;
  thread.critical++;
  caller_keep_slow(thread.record);
  uint64_t claimed = what->function(pressure, what->context);
  thread.critical--;
  handling->is_child = thread.handling != handling || !is_ours();
  thread.handling = NULL;
  if (!handling->is_child)
    charging_return_credit(what->category); /* what it freed is to be seen in the level */
  return claimed;
}

/* Returns whether it has taken itself out of the table. */
static int call_and_count(uint32_t slot, const struct ration_pressure *pressure) {
  struct ration_segment_handler *row = &segment.handlers[slot];
  struct handling handling = {.slot = slot, .category = slots[slot].what.category};
  uint64_t before = budget_used(&segment, handling.category), started = process_monotonic_ns();
  store_relaxed(&row->running_since_at, started);
  uint64_t claimed = call_function(slot, pressure, &handling);
  if (handling.is_child) return 0;
  uint64_t took = process_monotonic_ns() - started;
  int64_t change = (int64_t)(budget_used(&segment, handling.category) - before);
  count_call(row, pressure, claimed, handling.freed, change, took);
  put_event(&slots[slot], pressure, claimed, handling.freed, took);
  return (int)handling.has_left;
}

static int call_for(struct choice choice, struct call call) {
  uint32_t level = call.demand ? RATION_LEVEL_CRITICAL : pressure_own_level(choice.budget);
  uint64_t used = budget_used(&segment, choice.budget); /* one look: the handler is told what fits together */
  const struct ration_segment_budget *row = budget_of(&segment, choice.budget);
  struct ration_pressure pressure = {.size = sizeof pressure,
                                     .category = slots[choice.slot].what.category,
                                     .budget = choice.budget,
                                     .level = (int)level,
                                     .used_bytes = used,
                                     .limit_bytes = row ? load_relaxed(&row->limit_bytes) : 0,
                                     .wanted_bytes = wanted_bytes(choice.budget, level, used, call)};
  return call_and_count(choice.slot, &pressure);
}

/* Never twice at a time; and one that has taken the place of the one that was chosen is not called for. */
static int run(struct choice choice, struct call call) {
  struct slot *slot = &slots[choice.slot];
  uint32_t nobody = 0;
  if (!cas_acq_rel(&slot->runner, &nobody, process_thread_id())) return 0;
  fence_full();                                              /* pairs with handlers_unregister */
  int is_there = load_acquire(&slot->state) == REGISTERED && /* pairs with mark_leaving, take_slot */
                 load_relaxed(&slot->number) == choice.number;
  int has_left = is_there && call_for(choice, call);
  int is_awaited = !has_left && load_acquire(&slot->state) == LEAVING; /* pairs with mark_leaving */
  store_release(&slot->runner, 0);                                     /* pairs with handlers_unregister */
  if (has_left) leave(choice.slot);
  if (is_awaited) futex_wake(&slot->runner);
  return is_there;
}

void handlers_note_freed(uint32_t category, uint64_t bytes) {
  struct handling *handling = thread.handling;
  if (category_is_below(&segment, category, handling->category)) handling->freed += bytes;
}

void handlers_forget(void) {
  for (uint32_t i = 0; i < SLOTS; i++) slots[i] = (struct slot){.state = FREE};
  for (uint32_t i = 0; i <= DISPATCHES; i++) registered[i] = 0;
  for (uint32_t i = 0; i < DISPATCHES; i++)
    for (uint32_t j = 0; j < RATION_CATEGORY_IDS / 64; j++) due[i][0][j] = due[i][1][j] = 0;
  turn_forget(&turn);
  thread.handling = NULL;
}
