/*
 * caller.c: the thread's cache of callers, the choice among rules, and the way outward through wrappers.
 */
#include "track/caller.h"

#include <errno.h>

#include "heap/heap.h"
#include "model/tally.h"
#include "os/module.h"
#include "os/stack.h"
#include "track/code.h"
#include "track/process.h"
#include "track/walk.h"

#define WRAPPERS_MOST 64 /* frames of wrappers that are looked through */

static uint64_t generation;

struct caller_range caller_runtime, caller_second_runtime, caller_shim;

static struct caller outside(struct asker asker, struct record *record);
static uint32_t note_match(const struct caller *entry, uint64_t requested);
static uint32_t keep_scoped(uintptr_t address, struct record *record);
static struct caller known(uintptr_t address, struct record *record);
static struct caller look_up(uintptr_t address, struct record *record);
static int may_be_kept(const struct caller *found);
static struct caller chosen(uintptr_t address, uint16_t rule, uint64_t now);
static struct caller look_through(struct asker asker, struct record *record);
static uint16_t thread_rule(void);
static void empty_cache(struct record *record);
static void make_slow(struct record *record);

uint32_t caller_category(struct asker asker, uint64_t requested, struct record *record) {
  if (thread.scope) return keep_scoped(asker.address, record);
  struct caller entry = outside(asker, record);
  uint32_t category = caller_category_of_size(&entry, requested);
  return LIKELY(category) ? category : note_match(&entry, requested);
}

static struct caller entry_of(uintptr_t address, uint32_t category, uint16_t rule) {
  return (struct caller){.address = address,
                         .category = (uint8_t)category,
                         .rule = rule,
                         .tally_at = category * (uint32_t)sizeof(struct ration_segment_tally)};
}

/* Of a handler's entry that comes between two of our stores one half would be left. */
static void caller_put(struct caller *place, const struct caller *entry) {
  *(volatile caller_words *)(void *)place = *(const caller_words *)(const void *)entry;
}

static struct caller caller_get(const struct caller *place) {
  struct caller entry;
  *(caller_words *)(void *)&entry = *(const volatile caller_words *)(const void *)place;
  return entry;
}

static int may_keep(const struct record *record, uint64_t now) {
  return record->tallies && record->generation == now; /* else it is another generation's */
}

/* So that the next call from there, in the same scope, takes the fast path. What is known of calls from there outside of any
   scope stays: they are more, as a rule. */
static uint32_t keep_scoped(uintptr_t address, struct record *record) {
  uint32_t category = thread.scope;
  struct caller *entry = &record->callers[address / 16 % CALLERS];
  int is_free = (entry->address & ~CALLER_FLAGS) != address;
  if (is_free &&
      may_keep(record, load_relaxed(&generation)) && /* one that has just passed is noticed later */
      record->exception == (uint64_t)category << THREAD_SCOPE_SHIFT) {
    struct caller scoped = entry_of(address + record->exception, category, RULES_NONE);
    caller_put(entry, &scoped);
  }
  return category;
}

/* What has matched has given a block its category: being looked up is no match, since the size may have its say. */
static uint32_t note_match(const struct caller *entry, uint64_t requested) {
  struct size_rule *sized = rules_of_size(&rules, requested, entry->rule);
  if (sized) {
    rules_note_size_match(&segment, sized);
    return sized->category;
  }
  rules_note_first_match(&segment, &rules, entry->rule);
  return entry->category;
}

uintptr_t caller_outside(struct asker asker, struct record *record) {
  return outside(asker, record).address & ~CALLER_FLAGS;
}

static struct caller outside(struct asker asker, struct record *record) {
  if (caller_has_asker() && caller_is_in_runtime(asker.address)) asker = caller_open_asker();
  struct caller entry = known(asker.address, record);
  return UNLIKELY(entry.address & CALLER_WRAPPER) ? look_through(asker, record) : entry;
}

static struct caller known(uintptr_t address, struct record *record) {
  struct caller entry = caller_get(caller_entry(address, record));
  return LIKELY((entry.address & ~CALLER_FLAGS) == address) && LIKELY(address) ? entry
                                                                               : look_up(address, record);
}

static struct caller look_up(uintptr_t address, struct record *record) {
  uint64_t now = load_relaxed(&generation); /* a record of another generation does not keep the entry */
  struct code code = code_at(address, now);
  struct caller found = {.address = address | CALLER_WRAPPER};
  if (!code.is_wrapper) found = chosen(address, code.rule, now);
  if (may_keep(record, now) && may_be_kept(&found))
    caller_put(&record->callers[address / 16 % CALLERS], &found);
  return found;
}

/* The fast path notes nothing: an entry that it finds is one whose rule has matched. */
static int may_be_kept(const struct caller *found) {
  return (found->address & CALLER_FLAGS) != 0 || rules_is_noted(&rules, found->rule);
}

/* By the first rule that the code or the thread fits; else by the module. */
static struct caller chosen(uintptr_t address, uint16_t rule, uint64_t now) {
  uint16_t of_thread = thread_rule();
  if (of_thread < rule) rule = of_thread;
  uint32_t category = rule == RULES_NONE ? code_category(address, now) : rules.rule[rule].category;
  int is_sized = rules_tell_sizes(&rules, TALLY_ALLOWANCE_MOST, rule);
  return entry_of(address | (is_sized ? CALLER_SIZED : 0), category, rule);
}

static uint16_t thread_rule_now(void) {
  char name[PROCESS_THREAD_NAME_BYTES];
  if (!rules_have(&rules, RATION_RULE_THREAD)) return RULES_NONE;
  process_thread_name(name);
  return rules_of_thread(&rules, name);
}

static uint16_t thread_rule(void) {
  if (!thread.has_rule) thread.rule = thread_rule_now();
  thread.has_rule = 1;
  return thread.rule;
}

struct asker caller_open_asker(void) {
  struct asker asker = thread.asker;
  if (asker.frame && !stack_reaches(asker.frame, 2 * sizeof(uintptr_t))) asker.frame = NULL;
  return asker;
}

/* ---- through wrappers ---------------------------------------------------------------------------------- */

/* The first caller that is no wrapper. Where there is none, or it cannot be found: the wrapper itself. */
static struct caller look_through(struct asker asker, struct record *record) {
  int result = -ENOTSUP;
  if (asker.frame && ((const uintptr_t *)asker.frame)[1] == asker.address) {
    struct unwind_frame frame = unwind_from(asker.frame);
    for (unsigned frames = 0; frames < WRAPPERS_MOST; frames++) {
      result = walk_step(&frame);
      if (result < 0) break;
      struct caller entry = known(frame.pc, record);
      if (!(entry.address & CALLER_WRAPPER)) return entry;
    }
  }
  if (result != -ENOENT) add_relaxed(&segment.process->callers_lost, 1); /* a sum */
  uint64_t now = load_relaxed(&generation);                              /* nothing is kept of it */
  return chosen(asker.address, code_at(asker.address, now).rule, now);
}

/* ---- what changes -------------------------------------------------------------------------------------- */

/* A word at a time: a signal handler may find an entry, or put one there, at any moment between. */
static void empty_cache(struct record *record) {
  for (unsigned i = 0; i < CALLERS; i++) store_relaxed(&record->callers[i].address, 0); /* its owner's */
}

int caller_has_new_rule(void) {
  return thread.has_rule && thread.rule != thread_rule_now();
}

void caller_forget_thread(struct record *record) {
  thread.has_rule = 0;
  empty_cache(record);
}

void caller_forget_modules(void) {
  add_relaxed(&generation, 1);
  unwind_forget();
  fence_full(); /* pairs with caller_bring_up_to_date */
  process_visit_records(make_slow);
}

uint64_t caller_generation(void) {
  return load_relaxed(&generation);
}

static void make_slow(struct record *record) {
  store_relaxed(&record->fast_tallies, NULL); /* the fence orders both after the generation */
  store_relaxed(&record->paged_tallies, NULL);
}

void caller_keep_slow(struct record *record) {
  if (record->tallies) make_slow(record);
}

/* Not in a handler, whose frees are counted one by one. */
static int may_be_fast(void) {
  int has_fast_path = heap_serves(thread.stock) ? !heap_is_hardened() : heap_is_libc();
  return has_fast_path && !thread.handling;
}

static void make_fast(struct record *record) {
  struct ration_segment_tally *tallies = record->tallies;
  int is_paged = heap_serves(thread.stock);
  store_relaxed(&record->fast_tallies, is_paged ? NULL : tallies); /* see caller_bring_up_to_date */
  record->stock = thread.stock;
  store_relaxed(&record->paged_tallies, is_paged ? tallies : NULL);
}

int caller_is_fast(const struct record *record) {
  return load_relaxed(&record->fast_tallies) || load_relaxed(&record->paged_tallies); /* its owner asks */
}

int caller_is_up_to_date(const struct record *record) {
  int has_fast_path = caller_is_fast(record) || !may_be_fast();
  return has_fast_path && record->generation == load_relaxed(&generation);
}

/*
 *   dlclose:  generation + 1;  fence (A);  fast_tallies = paged_tallies = NULL
 *   here:     one of these = tallies;  fence (B);  generation?
 * A pairs with B: if dlclose's NULL comes before our store, its generation is seen by our last look.
 */
void caller_bring_up_to_date(struct record *record) {
  uint64_t now;
  do {
    now = load_relaxed(&generation);
    if (record->generation != now) empty_cache(record);
    record->generation = now;
    if (may_be_fast())
      make_fast(record);
    else
      make_slow(record);
    fence_full(); /* pairs with caller_forget_modules */
  } while (load_relaxed(&generation) != now);
}

void caller_suspend(struct record *record) {
  make_slow(record); /* one's own: a dlclose may store the same */
}

/* As above; but what was cached is not to go, and a change of budgets not to be missed. */
int caller_may_resume(struct record *record) {
  if (!may_be_fast() || !record->tallies) return 0;
  make_fast(record);
  fence_full(); /* pairs with caller_forget_modules */
  if (load_relaxed(&generation) == record->generation) return 1;
  make_slow(record);
  return 0;
}

void caller_set_shim(void) {
  struct module module;
  if (module_find(&caller_shim, &module) < 0) return;
  store_relaxed(&caller_shim.start, module.start);
  store_relaxed(&caller_shim.bytes, module.bytes);
}

void caller_add_to_runtime(struct caller_range *runtime, const void *operator_new, size_t bytes) {
  uintptr_t start = (uintptr_t)operator_new, end = start + bytes;
  uintptr_t known = runtime->start, known_end = known + runtime->bytes; /* ours alone to write */
  if (runtime->bytes && known < start) start = known;
  if (runtime->bytes && known_end > end) end = known_end;
  store_relaxed(&runtime->start, start);
  store_relaxed(&runtime->bytes, end - start);
}
