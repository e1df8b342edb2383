/*
 * budget_check.c: shares, reserves, and sums.
 */
#include "config/budget_check.h"

#include <errno.h>
#include <inttypes.h>

#include "view/units.h"

#define NOTE_BYTES 512

static int check_entry(const struct budget_entry *entry, bool is_whole, enum property *ret_property,
                       struct fault *ret_fault);
static int check_share(const struct budget_entry *entry, bool is_whole, struct fault *ret_fault);
static int check_reserve(const struct budget_entry *entry, struct fault *ret_fault);
static void note_sum(const struct budget_list *list, const struct budget_entry *parent, budget_noter *note,
                     void *context);
static void note_idle(const struct budget_entry *entry, budget_noter *note, void *context);

int budget_check(const struct budget_list *list, bool is_whole, size_t *ret_at, struct fault *ret_fault) {
  for (size_t i = 0; i < list->count; i++) {
    const struct budget_entry *entry = &list->entries[i];
    enum property property;
    int error = check_entry(entry, is_whole, &property, ret_fault);
    if (error) *ret_at = entry->at[property];
    if (error) return error;
  }
  if (list->count <= BUDGET_LIST_MOST) return 0;
  const struct budget_entry *first = &list->entries[BUDGET_LIST_MOST];
  for (size_t i = 0; i < PROPERTY_COUNT; i++) {
    if (first->text[i].bytes) *ret_at = first->at[i];
  }
  return fault_set(ret_fault, -EINVAL, "`%.*s`: one budget too many; expected at most %d",
                   STRETCH_SHOWN(first->path), BUDGET_LIST_MOST);
}

static int check_entry(const struct budget_entry *entry, bool is_whole, enum property *ret_property,
                       struct fault *ret_fault) {
  *ret_property = PROPERTY_BUDGET;
  int error = check_share(entry, is_whole, ret_fault);
  if (error) return error;
  *ret_property = PROPERTY_RESERVE;
  error = check_reserve(entry, ret_fault);
  if (error) return error;
  *ret_property = PROPERTY_GRACE;
  bool has_reserve = entry->reserve.kind != LIMIT_UNSAID && entry->reserve.kind != LIMIT_NONE;
  bool may_have_one = !is_whole && entry->reserve.kind == LIMIT_UNSAID;
  if (!entry->grace || has_reserve || may_have_one) return 0;
  return fault_set(ret_fault, -EINVAL,
                   "`%.*s` has a grace and no reserve; expected a reserve to take it from",
                   STRETCH_SHOWN(entry->path));
}

static int check_share(const struct budget_entry *entry, bool is_whole, struct fault *ret_fault) {
  if (entry->limit.kind != LIMIT_SHARE) return 0;
  struct stretch share = entry->text[PROPERTY_BUDGET];
  int error = budget_value_check_of(entry->path, share, ret_fault);
  if (error) return error;
  if (!entry->parent && is_whole) {
    return fault_set(ret_fault, -EINVAL,
                     "`%.*s` is `%.*s` of nothing; expected a budget of a category above it, such as `total`",
                     STRETCH_SHOWN(entry->path), STRETCH_SHOWN(share));
  }
  struct budget_amount amount = budget_entry_amount(entry);
  if (amount.of == LIMIT_UNSAID || amount.value) return 0;
  return fault_set(ret_fault, -EINVAL, "`%.*s`: `%.*s` of the budget above it comes to no byte",
                   STRETCH_SHOWN(entry->path), STRETCH_SHOWN(share));
}

static int check_reserve(const struct budget_entry *entry, struct fault *ret_fault) {
  struct budget_amount amount = budget_entry_amount(entry);
  bool is_all = entry->reserve.kind == LIMIT_SHARE && entry->reserve.value == BUDGET_SHARE_ONE;
  if (entry->reserve.kind == LIMIT_BYTES && amount.of == LIMIT_BYTES) {
    is_all = entry->reserve.value >= amount.value;
  }
  if (!is_all) return 0;
  return fault_set(ret_fault, -EINVAL,
                   "the reserve of `%.*s`, `%.*s`, takes all of its budget; expected less than that",
                   STRETCH_SHOWN(entry->path), STRETCH_SHOWN(entry->text[PROPERTY_RESERVE]));
}

/* ---- notes ----------------------------------------------------------------------------------------------- */

void budget_check_note(const struct budget_list *list, budget_noter *note, void *context) {
  for (size_t i = 0; i < list->count; i++) {
    const struct budget_entry *entry = &list->entries[i];
    if (budget_entry_has_limit(entry)) {
      note_sum(list, entry, note, context);
    } else {
      note_idle(entry, note, context);
    }
  }
}

/* "1.5 GiB"; "62.5 % of the machine's memory". */
static void write_amount(struct budget_amount amount, char *ret_text, size_t size) {
  if (amount.of == LIMIT_BYTES) {
    snprintf(ret_text, size, "%s", units_bytes(amount.value).chars);
    return;
  }
  snprintf(ret_text, size, "%.4g %% of the %s", (double)amount.value * 100 / (double)AMOUNT_ONE,
           amount.of == LIMIT_RAM ? "machine's memory" : "cgroup's limit");
}

/* Those whose budgets are nearest below this one, as far as they are told in the same terms. */
static void note_sum(const struct budget_list *list, const struct budget_entry *parent, budget_noter *note,
                     void *context) {
  struct budget_amount whole = budget_entry_amount(parent), sum = {whole.of, 0};
  for (size_t i = 0; i < list->count; i++) {
    const struct budget_entry *entry = &list->entries[i];
    if (entry->parent != parent || !budget_entry_has_limit(entry)) continue;
    struct budget_amount amount = budget_entry_amount(entry);
    if (amount.of == whole.of) sum.value += amount.value;
  }
  if (sum.value <= whole.value) return;
  struct budget_amount over = {whole.of, sum.value - whole.value};
  char words[NOTE_BYTES], over_text[80], whole_text[80];
  write_amount(over, over_text, sizeof over_text);
  write_amount(whole, whole_text, sizeof whole_text);
  snprintf(words, sizeof words, "the budgets below `%.*s` add up to more than its own %s, by %s",
           STRETCH_SHOWN(parent->path), whole_text, over_text);
  note(parent->at[PROPERTY_BUDGET], words, context);
}

/* A policy is inherited, and `fail` needs no budget. */
static void note_idle(const struct budget_entry *entry, budget_noter *note, void *context) {
  static const enum property idle[] = {PROPERTY_THRESHOLDS, PROPERTY_RESERVE, PROPERTY_GRACE, PROPERTY_DUMP};
  for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
    if (!entry->text[idle[i]].bytes) continue;
    char words[NOTE_BYTES];
    snprintf(words, sizeof words, "`%s` of `%.*s` does nothing: it has no budget",
             properties_table[idle[i]].name, STRETCH_SHOWN(entry->path));
    note(entry->at[idle[i]], words, context);
  }
}
