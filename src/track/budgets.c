/*
 * budgets.c: see budgets.h.
 *
 * Changes are made one at a time, in a turn; one whose turn does not come is refused.
 */
#include "track/budgets.h"

#include "base/text.h"
#include "model/category.h"
#include "os/limits.h"
#include "os/memory.h"
#include "os/process.h"
#include "os/turn.h"
#include "track/accounts.h"
#include "track/caller.h"
#include "track/pressure.h"

/* What was asked for, and room for the next change of it; what `ration set` asks for; what the program does. */
enum { SETTINGS, CHANGED, ASKED, CALLED, TABLES };
static struct budget_specs tables[TABLES];
static uint32_t current;                            /* SETTINGS or CHANGED */
static uint32_t has_sources;                        /* a limit is a share of the cgroup's */
static struct dump_when dumps[RATION_CATEGORY_IDS]; /* for who looks outside the turn */
static uint32_t has_changed;                        /* a budget, or `fail`, since look_at_all was called */

static struct turn turn;
const char budgets_full[] = "at most 250 categories can have budgets";
const char budgets_busy[] = "budgets are being changed by another thread; ask again";

static void note_accounts(struct segment *target);
static const char *apply(struct segment *target, const struct budget_specs *specs, int may_refuse,
                         uint32_t *ret_category);

/* ---- at the start --------------------------------------------------------------------------------------- */

/* Mapped when they are first needed, since pages that may be written count against RLIMIT_DATA. */
static struct budget_specs *table_of(uint32_t number) {
  size_t page = memory_page_bytes(), bytes = BUDGET_SPECS_MOST * sizeof(struct budget_spec);
  struct budget_specs *specs = &tables[number];
  if (!specs->spec) specs->spec = memory_map((bytes + page - 1) / page * page);
  specs->room = specs->spec ? BUDGET_SPECS_MOST : 0;
  return specs;
}

struct budget_specs *budgets_of_settings(void) {
  return table_of(SETTINGS);
}

struct budget_specs *budgets_of_change(void) {
  return table_of(ASKED);
}

static struct budget_specs *specs_now(void) {
  return &tables[load_acquire(&current)]; /* pairs with change */
}

static int needs(const struct budget_specs *specs, enum limit_kind kind) {
  for (uint32_t i = 0; i < specs->count; i++)
    if (specs->spec[i].limit.kind == kind) return 1;
  return 0;
}

static struct budget_sources sources_of(const struct budget_specs *specs) {
  return (struct budget_sources){.ram_bytes = needs(specs, LIMIT_RAM) ? limits_ram() : 0,
                                 .cgroup_bytes = needs(specs, LIMIT_CGROUP) ? limits_cgroup() : 0};
}

/* The categories of specs that are known by path alone. Ids are the same in a child. Returns how many there is no room for. */
static uint32_t find_categories(struct segment *target, struct budget_specs *specs) {
  uint32_t lost = 0;
  for (uint32_t i = 0; i < specs->count; i++) {
    struct budget_spec *spec = &specs->spec[i];
    if (!spec->category && category_add(target, spec->path, RATION_KIND_PROGRAM, &spec->category) < 0)
      spec->category = RATION_CATEGORY_LAST + 1; /* none has it */
    lost += spec->category > RATION_CATEGORY_LAST;
  }
  return lost;
}

static void note_ignored(struct segment *target, uint32_t category, const char *why) {
  char name[RATION_CATEGORY_NAME_BYTES + 16];
  struct text text = text_in(name, sizeof name);
  text_add(&text, segment_category_name(target, category));
  text_add(&text, ".budget");
  settings_ignore(&settings, name, why);
  text = text_in(target->header->ignored, sizeof target->header->ignored);
  text_add(&text, settings.ignored_text);
  target->header->settings_ignored = settings.ignored;
}

/* One that cannot be takes those with it that are shares of it, and nothing else. */
void budgets_open(struct segment *target) {
  struct budget_specs *specs = specs_now();
  int is_told =
      settings.accounts || settings.outside != OUTSIDE_OFF; /* total may get a level without a budget */
  if (is_told && budget_prepare(target) == 0 && settings.accounts) note_accounts(target);
  if (!specs->count) return;
  find_categories(target, specs);
  for (uint32_t tries = 0; tries < BUDGET_SPECS_MOST; tries++) {
    uint32_t category = 0;
    const char *why = apply(target, specs, 0, &category);
    struct budget_spec *spec = budget_specs_of(specs, category);
    if (!why || !spec) return;
    note_ignored(target, category, why);
    spec->limit.kind = LIMIT_NONE;
  }
}

/* ---- working out ---------------------------------------------------------------------------------------- */

static void set_fail(struct segment *target, const struct budget_spec *spec) {
  const struct ration_segment_budget *budget = &target->budgets[spec->category];
  uint64_t fail = spec->fail.share ? (UINT64_C(1) << 63) + spec->fail.share : spec->fail.every;
  if (load_relaxed(&budget->fail) == fail) return; /* its count goes on */
  budget_set_fail(target, spec->category, spec->fail.every, spec->fail.share);
  store_relaxed(&has_changed, 1);
}

static void set_dump(uint32_t category, const struct budget_spec *spec) {
  struct dump_when when = spec ? spec->dump : (struct dump_when){0, 0, 0, 0};
  store_relaxed(&dumps[category].at_breach, when.at_breach);
  store_relaxed(&dumps[category].peak_bytes, when.peak_bytes);
  store_relaxed(&dumps[category].grow_bytes, when.grow_bytes);
}

static int is_same(const struct ration_segment_budget *budget, struct budget_terms terms) {
  return load_relaxed(&budget->limit_bytes) == terms.limit &&
         load_relaxed(&budget->reserve_bytes) == terms.reserve &&
         load_relaxed(&budget->grace_bytes) == terms.grace && load_relaxed(&budget->policy) == terms.policy &&
         load_relaxed(&budget->thresholds) == terms.thresholds &&
         (!terms.growth || load_relaxed(&budget->growth_bytes) == terms.growth);
}

/* What a child has inherited. */
static void note_accounts(struct segment *target) {
  for (uint32_t id = 1; id <= category_count(target); id++)
    store_relaxed(&target->budgets[id].accounted_bytes, account_sum_subtree(target, id));
}

/* A budget below what is used already is taken, but not where it would end the process at once. */
static int would_end(const struct segment *target, uint32_t category, struct budget_terms terms) {
  return terms.limit && terms.policy == RATION_POLICY_ABORT && budget_used(target, category) > terms.limit;
}

/* In the order of ids: a parent's comes before those of its children. */
static const char *apply(struct segment *target, const struct budget_specs *specs, int may_refuse,
                         uint32_t *ret_category) {
  struct budget_sources sources = sources_of(specs);
  uint32_t last = category_count(target), is_strict = 0, has_faults = 0;
  for (uint32_t id = 1; id <= last; id++) {
    const struct budget_spec *spec = budget_specs_of(specs, id);
    struct budget_terms terms;
    const char *why = budget_specs_work_out(specs, target, id, sources, &terms);
    *ret_category = id;
    if (why) return why;
    set_dump(id, spec);
    int had_budgets = load_relaxed(&target->has_budgets);
    if (!spec && !had_budgets) continue;
    if (spec && !had_budgets && budget_prepare(target) < 0) return "no memory for the table of budgets";
    if (!is_same(&target->budgets[id], terms)) {
      if (may_refuse && would_end(target, id, terms))
        return "more than this is used already, and its policy is abort";
      budget_set(target, id, terms, process_monotonic_ns());
      store_relaxed(&has_changed, 1); /* in a turn, or at the start */
    }
    if (spec) set_fail(target, spec);
    has_faults |= spec && (spec->fail.every || spec->fail.share);
    is_strict |= terms.limit && terms.policy != RATION_POLICY_NOTIFY;
  }
  store_relaxed(&has_sources, needs(specs, LIMIT_CGROUP));
  store_relaxed(&target->has_faults, has_faults); /* whoever comes before the change was before it */
  store_relaxed(&target->is_strict, is_strict | has_faults);
  return NULL;
}

/* ---- while the program runs ----------------------------------------------------------------------------- */

static const char *change(struct budget_specs *changes, const char **ret_path) {
  uint32_t category = 0, now = current; /* changed in the turn alone */
  struct budget_specs *before = table_of(now), *changed = table_of(now == SETTINGS ? CHANGED : SETTINGS);
  if (!before->room || !changed->room) return "no memory for budgets";
  const char *why = find_categories(&segment, changes) ? "there is no room for another category" : NULL;
  if (why) return why;
  budget_specs_copy(changed, before);
  if (budget_specs_merge(changed, changes) < 0) why = budgets_full;
  if (!why) why = apply(&segment, changed, 1, &category);
  if (!why) {
    store_release(&current, now == SETTINGS ? CHANGED : SETTINGS); /* pairs with specs_now */
    return NULL;
  }
  const struct ration_segment_category *row = segment_category(&segment, category);
  *ret_path = row ? row->name : "budget";
  apply(&segment, before, 0, &category); /* as it was */
  return why;
}

/*
 * What is above its budget from now on is told so at once. Credit from before would be granted over a budget, and past
 * `fail`: each thread gives its own back when it next comes by, as after a dlclose.
 */
static void look_at_all(void) {
  if (exchange_relaxed(&has_changed, 0)) caller_forget_modules();
  uint32_t last = category_count(&segment);
  for (uint32_t id = 1; id <= last; id++)
    if (budget_of(&segment, id)) pressure_look(id);
}

const char *budgets_change(struct budget_specs *changes, const char **ret_path) {
  uint64_t signals;
  *ret_path = "budget";
  if (turn_begin(&turn, &signals) < 0) return budgets_busy;
  const char *why = change(changes, ret_path);
  turn_end(&turn, signals);
  if (!why) look_at_all();
  return why;
}

const char *budgets_change_one(const struct budget_spec *spec) {
  const char *path, *why = "no memory for budgets";
  uint64_t signals;
  if (turn_begin(&turn, &signals) < 0) return budgets_busy;
  struct budget_specs *called = table_of(CALLED);
  called->count = called->room ? 1 : 0;
  if (called->room) called->spec[0] = *spec;
  if (called->room) why = change(called, &path);
  turn_end(&turn, signals);
  if (!why) look_at_all();
  return why;
}

int budgets_have_sources(void) {
  return (int)load_relaxed(&has_sources); /* a word by itself */
}

/* A cgroup that has lost its limit keeps the last one in force. */
void budgets_follow_sources(void) {
  uint64_t signals;
  uint32_t category;
  if (turn_begin(&turn, &signals) < 0) return;
  const char *why = apply(&segment, specs_now(), 0, &category);
  turn_end(&turn, signals);
  if (!why) look_at_all();
}

struct dump_when budgets_dump(uint32_t category) {
  const struct dump_when *when = &dumps[category]; /* words that are each right by themselves */
  return (struct dump_when){.at_breach = load_relaxed(&when->at_breach),
                            .peak_bytes = load_relaxed(&when->peak_bytes),
                            .grow_bytes = load_relaxed(&when->grow_bytes)};
}

SLOW_PATH int budgets_inject_fault_slow(uint32_t category) {
  if (!budget_inject_fault(&segment, category)) return 0;
  add_relaxed(&segment.process->faults_injected, 1); /* a sum */
  return 1;
}

/* A child finds the current table whole, since changes are made in the other. */
void budgets_forget_turn(void) {
  turn_forget(&turn);
}
