/*
 * budget_list.h: what one option string says of budgets, by category: the later setting of a name wins.
 */
#ifndef RATION_TOOL_CONFIG_BUDGET_LIST_H
#define RATION_TOOL_CONFIG_BUDGET_LIST_H

#include "config/budget_value.h"
#include "config/setting.h"

#define BUDGET_LIST_MOST 250 /* categories whose budgets the shim keeps */

/* Points into the string. */
struct budget_entry {
  struct stretch path;
  struct stretch text[PROPERTY_COUNT]; /* the values; no bytes: not said */
  size_t at[PROPERTY_COUNT];           /* where their settings begin in the string */
  struct limit limit;                  /* LIMIT_UNSAID, LIMIT_NONE: it has no budget */
  struct limit reserve;
  uint64_t grace;
  const struct budget_entry *parent; /* of the nearest category above it that has a budget; NULL: none has */
};

struct budget_list {
  struct budget_entry *entries; /* in the order in which categories were named first */
  size_t count;
};

/*
 * Reads a string that was translated (option_string.h), which stays where it is. The caller calls budget_list_free().
 * Returns 0 or -ENOMEM, with words.
 */
int budget_list_read(const char *string, struct budget_list *ret_list, struct fault *ret_fault);
void budget_list_free(struct budget_list *list);

static inline bool budget_entry_has_limit(const struct budget_entry *entry) {
  return entry->limit.kind != LIMIT_UNSAID && entry->limit.kind != LIMIT_NONE;
}

/* NULL: nothing is said of it. */
const struct budget_entry *budget_list_find(const struct budget_list *list, struct stretch path);

/*
 * What a budget comes to, as far as the string tells: bytes, or a share (1 is AMOUNT_ONE) of what only the machine
 * knows.
 */
#define AMOUNT_ONE ((uint64_t)BUDGET_SHARE_ONE * BUDGET_SHARE_ONE)
struct budget_amount {
  uint32_t
      of; /* LIMIT_BYTES, LIMIT_RAM, LIMIT_CGROUP; LIMIT_UNSAID: there is none, or it is a share of none */
  uint64_t value;
};
struct budget_amount budget_entry_amount(const struct budget_entry *entry);

/* The policy that holds for a category: its own, else the nearest ancestor's, else notify. */
struct stretch budget_list_policy(const struct budget_list *list, struct stretch path);

#endif
