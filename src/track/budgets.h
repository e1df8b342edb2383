/*
 * budgets.h: the budgets of this process: from settings, `ration set` and the program to rows of the segment.
 *
 * What was asked for is kept (model/budget_spec.h), and worked out anew whenever something that it depends on changes.
 * One thread at a time is at it: the starting one, then whoever has the turn.
 */
#ifndef RATION_TRACK_BUDGETS_H
#define RATION_TRACK_BUDGETS_H

#include "base/compiler.h"
#include "model/budget_spec.h"
#include "track/process.h"

/* Where the settings' are read to, before budgets_open; and those of a `ration set`, by one thread at a time. */
struct budget_specs *budgets_of_settings(void);
struct budget_specs *budgets_of_change(void);

/*
 * In a fresh segment, before it is published: the settings' budgets. What cannot be is noted as a setting ignored. In a
 * forked child: those that its parent had at that moment.
 */
void budgets_open(struct segment *segment);

/*
 * While the program runs: takes up changes by path (`ration set`) or by category. All of them or none: returns NULL, or
 * why not, with the category in question in *ret_path. In-malloc; outside every lock.
 */
const char *budgets_change(struct budget_specs *changes, const char **ret_path);

/* The same of one category, which is known. */
const char *budgets_change_one(const struct budget_spec *change);
extern const char budgets_busy[]; /* the answer where another thread is at it */
extern const char budgets_full[]; /* and where there are as many as there can be */

/* Limits that are shares of the cgroup's follow it. */
void budgets_follow_sources(void);
int budgets_have_sources(void);

/* What is to be dumped when, of a category; all zero: nothing. */
struct dump_when budgets_dump(uint32_t category);

/* Is it this request's turn to be refused by `fail`? */
SLOW_PATH int budgets_inject_fault_slow(uint32_t category);
static inline int budgets_inject_fault(uint32_t category) {
  return load_relaxed(&segment.has_faults) && budgets_inject_fault_slow(category);
}

/* In a forked child: nobody is changing them. */
void budgets_forget_turn(void);

#endif
