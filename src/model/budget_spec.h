/*
 * budget_spec.h: budgets as they were asked for, and as bytes: shares of an ancestor's, of the machine's memory and of
 * the cgroup's limit are worked out here, again whenever one of those changes.
 *
 * Pure. One thread at a time is at a table of them.
 */
#ifndef RATION_MODEL_BUDGET_SPEC_H
#define RATION_MODEL_BUDGET_SPEC_H

#include "base/budget_text.h"
#include "model/budget.h"

#define BUDGET_SPECS_MOST 250

/* What was said of one category; what was not said has its kind, or its bit of `said`, at 0. */
struct budget_spec {
  const char *path;  /* until `category` is known */
  uint32_t category; /* 0: not yet */
  uint32_t policy;   /* RATION_POLICY_*; 0: inherited */
  struct limit limit;
  struct limit reserve;
  uint64_t grace;
  uint32_t thresholds;
  uint32_t said; /* BUDGET_SAID_* */
  struct fault_rate fail;
  struct dump_when dump;
};

#define BUDGET_SAID_GRACE UINT32_C(1)
#define BUDGET_SAID_FAIL  UINT32_C(2)
#define BUDGET_SAID_DUMP  UINT32_C(4)

struct budget_specs {
  uint32_t count;
  uint32_t room; /* BUDGET_SPECS_MOST, or 0: there is no memory for any */
  struct budget_spec *spec;
};

/* What shares are of; 0: not known, or there is none. */
struct budget_sources {
  uint64_t ram_bytes;
  uint64_t cgroup_bytes;
};

/*
 * Notes what is said of the category of this path: "budget", "policy" and so on, without the dot. The path stays
 * where it is. Returns NULL, or what was expected: then nothing has changed.
 */
const char *budget_specs_say(struct budget_specs *specs, const char *path, const char *property,
                             const char *value);

/* Is there such a property? */
int budget_specs_has(const char *property);

/* What `from` says, in place of all that `specs` said. There is room. */
void budget_specs_copy(struct budget_specs *specs, const struct budget_specs *from);

/* Adds what `more` says to what `specs` say of the same categories, all of which are known. Returns 0 or -ENOSPC. */
int budget_specs_merge(struct budget_specs *specs, const struct budget_specs *more);

/* What is said of a category; NULL: nothing. */
struct budget_spec *budget_specs_of(const struct budget_specs *specs, uint32_t category);

/*
 * What a category's budget comes to, given those of its ancestors. Returns NULL, or why it cannot be: then
 * *ret_terms is none.
 */
const char *budget_specs_work_out(const struct budget_specs *specs, const struct segment *segment,
                                  uint32_t category, struct budget_sources sources,
                                  struct budget_terms *ret_terms);

#endif
