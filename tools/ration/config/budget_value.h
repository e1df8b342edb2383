/*
 * budget_value.h: the values that the properties of a budget take; read by the header that the shim reads them by.
 */
#ifndef RATION_TOOL_CONFIG_BUDGET_VALUE_H
#define RATION_TOOL_CONFIG_BUDGET_VALUE_H

#include "base/budget_text.h"
#include "config/option.h"

#define BUDGET_VALUE_BYTES 256

option_writer budget_value_write; /* budget, thresholds, reserve, grace, dump, fail */

/* What was expected in the place of the value; NULL: it is right. Parts are parted by `|`. */
const char *budget_value_expected(const struct option_spec *option, struct stretch value);

/* Of a budget that is right: total has no share of anything. Returns 0, or -EINVAL with words. */
int budget_value_check_of(struct stretch category, struct stretch budget, struct fault *ret_fault);

/* Values that are right, as numbers. */
struct limit budget_value_limit(struct stretch value);
struct limit budget_value_reserve(struct stretch value);
uint64_t budget_value_grace(struct stretch value);
uint32_t budget_value_thresholds(struct stretch value);

#endif
