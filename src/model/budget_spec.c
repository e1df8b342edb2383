/*
 * budget_spec.c: reading properties, and working budgets out.
 */
#include "model/budget_spec.h"

#include <errno.h>
#include <stddef.h>

#include "model/category.h"

/* Each returns NULL, or what was expected. */
typedef const char *reader(struct budget_spec *spec, const char *value);
static reader read_budget, read_policy, read_thresholds, read_reserve, read_grace, read_fail, read_dump;

static const struct property {
  const char *name;
  reader *read;
} properties[] = {
    {"budget", read_budget},   {"policy", read_policy}, {"thresholds", read_thresholds},
    {"reserve", read_reserve}, {"grace", read_grace},   {"fail", read_fail},
    {"dump", read_dump},
};

/* ---- reading -------------------------------------------------------------------------------------------- */

static const struct property *find(const char *name) {
  for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
    if (text_is_equal(name, properties[i].name)) return &properties[i];
  return NULL;
}

int budget_specs_has(const char *property) {
  return find(property) != NULL;
}

static struct budget_spec *spec_of_path(struct budget_specs *specs, const char *path) {
  for (uint32_t i = 0; i < specs->count; i++)
    if (specs->spec[i].path && text_is_equal(specs->spec[i].path, path)) return &specs->spec[i];
  return NULL;
}

const char *budget_specs_say(struct budget_specs *specs, const char *path, const char *property,
                             const char *value) {
  if (!text_is_equal(path, "total") && !text_is_equal(path, "other") && !category_is_named(path))
    return "a category expected, a/b of letters, digits and _ . + - ~";
  struct budget_spec *spec = spec_of_path(specs, path);
  if (!spec && specs->count == specs->room)
    return specs->room ? "at most 250 categories can have budgets" : "no memory for budgets";
  struct budget_spec fresh = spec ? *spec : (struct budget_spec){.path = path};
  const char *why = find(property)->read(&fresh, value);
  if (why) return why;
  if (fresh.limit.kind == LIMIT_SHARE && text_is_equal(path, "total"))
    return "no share: total lies in nothing else";
  if (!spec) spec = &specs->spec[specs->count++];
  *spec = fresh;
  return NULL;
}

static const char *read_budget(struct budget_spec *spec, const char *value) {
  return budget_read_limit(value, &spec->limit) == 0 ? NULL : BUDGET_LIMIT_EXPECTED;
}

static const char *read_policy(struct budget_spec *spec, const char *value) {
  static const char *const words[] = {
      [RATION_POLICY_NOTIFY] = "notify", [RATION_POLICY_REFUSE] = "refuse", [RATION_POLICY_ABORT] = "abort"};
  for (uint32_t i = RATION_POLICY_NOTIFY; i <= RATION_POLICY_ABORT; i++) {
    if (!text_is_equal(value, words[i])) continue;
    spec->policy = i;
    return NULL;
  }
  return BUDGET_POLICY_EXPECTED;
}

static const char *read_thresholds(struct budget_spec *spec, const char *value) {
  return budget_read_thresholds(value, &spec->thresholds) == 0 ? NULL : BUDGET_THRESHOLDS_EXPECTED;
}

static const char *read_reserve(struct budget_spec *spec, const char *value) {
  return budget_read_reserve(value, &spec->reserve) == 0 ? NULL : BUDGET_RESERVE_EXPECTED;
}

static const char *read_grace(struct budget_spec *spec, const char *value) {
  if (budget_read_grace(value, &spec->grace) < 0) return BUDGET_GRACE_EXPECTED;
  spec->said |= BUDGET_SAID_GRACE;
  return NULL;
}

static const char *read_fail(struct budget_spec *spec, const char *value) {
  if (budget_read_fail(value, &spec->fail) < 0) return BUDGET_FAIL_EXPECTED;
  spec->said |= BUDGET_SAID_FAIL;
  return NULL;
}

static const char *read_dump(struct budget_spec *spec, const char *value) {
  if (budget_read_dump(value, &spec->dump) < 0) return BUDGET_DUMP_EXPECTED;
  spec->said |= BUDGET_SAID_DUMP;
  return NULL;
}

/* ---- putting together ----------------------------------------------------------------------------------- */

struct budget_spec *budget_specs_of(const struct budget_specs *specs, uint32_t category) {
  for (uint32_t i = 0; i < specs->count; i++)
    if (specs->spec[i].category == category) return &specs->spec[i];
  return NULL;
}

void budget_specs_copy(struct budget_specs *specs, const struct budget_specs *from) {
  specs->count = from->count;
  for (uint32_t i = 0; i < from->count; i++) specs->spec[i] = from->spec[i];
}

static void add_said(struct budget_spec *spec, const struct budget_spec *more) {
  if (more->limit.kind) spec->limit = more->limit;
  if (more->reserve.kind) spec->reserve = more->reserve;
  if (more->policy) spec->policy = more->policy;
  if (more->thresholds) spec->thresholds = more->thresholds;
  if (more->said & BUDGET_SAID_GRACE) spec->grace = more->grace;
  if (more->said & BUDGET_SAID_FAIL) spec->fail = more->fail;
  if (more->said & BUDGET_SAID_DUMP) spec->dump = more->dump;
  spec->said |= more->said;
}

int budget_specs_merge(struct budget_specs *specs, const struct budget_specs *more) {
  for (uint32_t i = 0; i < more->count; i++) {
    struct budget_spec *spec =
        (struct budget_spec *)(uintptr_t)budget_specs_of(specs, more->spec[i].category);
    if (!spec && specs->count == specs->room) return -ENOSPC;
    if (!spec) {
      spec = &specs->spec[specs->count++];
      *spec = (struct budget_spec){.category = more->spec[i].category};
    }
    add_said(spec, &more->spec[i]);
  }
  return 0;
}

/* ---- working out ---------------------------------------------------------------------------------------- */

static uint64_t share_of(uint64_t whole, uint64_t share) {
  return whole / BUDGET_SHARE_ONE * share + whole % BUDGET_SHARE_ONE * share / BUDGET_SHARE_ONE;
}

static uint64_t ancestors_limit(const struct segment *segment, uint32_t category) {
  const struct ration_segment_budget *budget = NULL;
  while (!budget && (category = segment_category(segment, category)->parent))
    budget = budget_of(segment, category);
  return budget ? load_relaxed(&budget->limit_bytes) : 0;
}

static uint32_t inherited_policy(const struct budget_specs *specs, const struct segment *segment,
                                 uint32_t category) {
  for (; category; category = segment_category(segment, category)->parent) {
    const struct budget_spec *spec = budget_specs_of(specs, category);
    if (spec && spec->policy) return spec->policy;
  }
  return RATION_POLICY_NOTIFY;
}

static const char *limit_bytes(const struct segment *segment, const struct budget_spec *spec,
                               struct budget_sources sources, uint64_t *ret_bytes) {
  uint64_t whole = 0;
  const char *why = NULL;
  switch (spec->limit.kind) {
  case LIMIT_BYTES:
    *ret_bytes = spec->limit.value;
    return NULL;
  case LIMIT_SHARE:
    whole = ancestors_limit(segment, spec->category);
    why = "a share of nothing: no category above it has a budget";
    break;
  case LIMIT_RAM:
    whole = sources.ram_bytes;
    why = "the machine's memory is not to be known";
    break;
  case LIMIT_CGROUP:
    whole = sources.cgroup_bytes;
    why = "the process's cgroup has no memory limit";
    break;
  default:
    *ret_bytes = 0;
    return NULL;
  }
  uint64_t bytes = share_of(whole, spec->limit.value);
  if (!bytes) return why;
  *ret_bytes = bytes > BUDGET_LIMIT_MOST ? BUDGET_LIMIT_MOST : bytes;
  return NULL;
}

const char *budget_specs_work_out(const struct budget_specs *specs, const struct segment *segment,
                                  uint32_t category, struct budget_sources sources,
                                  struct budget_terms *ret_terms) {
  const struct budget_spec *spec = budget_specs_of(specs, category);
  struct budget_terms terms = {.policy = inherited_policy(specs, segment, category)};
  *ret_terms = (struct budget_terms){0};
  if (!spec) return NULL;
  const char *why = limit_bytes(segment, spec, sources, &terms.limit);
  uint64_t grow = spec->dump.grow_bytes, peak = spec->dump.peak_bytes;
  if (!why && !terms.limit && (grow || peak)) terms.limit = BUDGET_LIMIT_MOST; /* so that somebody looks */
  terms.growth = grow && (!peak || grow < peak) ? grow : peak;
  if (terms.growth > terms.limit / BUDGET_GROWTH_STEPS) terms.growth = 0;
  if (why || !terms.limit) return why;
  if (spec->reserve.kind == LIMIT_BYTES) terms.reserve = spec->reserve.value;
  if (spec->reserve.kind == LIMIT_SHARE) terms.reserve = share_of(terms.limit, spec->reserve.value);
  if (terms.reserve >= terms.limit) return "its reserve takes all of the budget";
  if (spec->grace && !terms.reserve) return "a grace needs a reserve to be taken from";
  terms.grace = spec->grace;
  terms.thresholds = spec->thresholds ? spec->thresholds : BUDGET_THRESHOLDS;
  *ret_terms = terms;
  return NULL;
}
