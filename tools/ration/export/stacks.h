/*
 * stacks.h: the sites of one process with their stacks, one after the other: what the formats of profiles are made from.
 */
#ifndef RATION_TOOL_EXPORT_STACKS_H
#define RATION_TOOL_EXPORT_STACKS_H

#include "export/wishes.h"
#include "subject/subject.h"

struct stacks {
  const struct process *process;
  const struct export_wishes *wishes;
  struct site_list sites;
  struct site_table table;
  struct symbols *symbols;
};

/* Returns 0, or what could not be read, with words. *ret_stacks must stay where it is until stacks_close. */
int stacks_open(const struct process *process, const struct export_wishes *wishes, struct stacks *ret_stacks,
                struct fault *ret_fault);

/* One of several: what exec has replaced has no live memory any more, so that sums over all are right. */
int stacks_open_beside(const struct subject *subject, size_t number, const struct export_wishes *wishes,
                       struct stacks *ret_stacks, struct fault *ret_fault);
void stacks_close(struct stacks *stacks);

/* Returns 0, or -errno to end the visit. */
typedef int stack_taker(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                        void *context);

/* Those that pass --focus and --ignore, by their order. Returns 0, what the taker has returned, or -ENOMEM. */
int stacks_visit(const struct stacks *stacks, stack_taker *take, void *context);

/* The name of the row's category. */
const char *stacks_category(const struct stacks *stacks, const struct site_row *row);

/* What a row weighs by the order of its table, rounded: bytes, or by `temporary` and `count` blocks. */
uint64_t stacks_weight(const struct site_row *row, enum site_order order);

/* Half of one is one; nothing is below 0. */
uint64_t stacks_rounded(double value);

#endif
