/*
 * budget_check.h: what cannot be right of budgets that are right one by one.
 */
#ifndef RATION_TOOL_CONFIG_BUDGET_CHECK_H
#define RATION_TOOL_CONFIG_BUDGET_CHECK_H

#include "config/budget_list.h"

/*
 * Can the shim work these budgets out? `is_whole`: there are no others than these (else a share may be one of another's).
 * Returns 0, or -EINVAL with words, and in *ret_at where in the string the setting stands that they are about.
 */
int budget_check(const struct budget_list *list, bool is_whole, size_t *ret_at, struct fault *ret_fault);

/* Told of what is right, but hardly meant, and where in the string it is said. */
typedef void budget_noter(size_t at, const char *words, void *context);

/* Children's budgets that add up to more than their parent's; what is said of a category without a budget. */
void budget_check_note(const struct budget_list *list, budget_noter *note, void *context);

#endif
