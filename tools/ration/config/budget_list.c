/*
 * budget_list.c: gathering, finding parents, working out.
 */
#include "config/budget_list.h"

#include <errno.h>
#include <stdlib.h>

static int add_setting(struct budget_list *list, const struct setting *setting, size_t at);
static struct budget_entry *take_entry(struct budget_list *list, struct stretch path);
static bool next_above(struct stretch *path);

int budget_list_read(const char *string, struct budget_list *ret_list, struct fault *ret_fault) {
  struct budget_list list = {NULL, 0};
  struct stretch rest = stretch_of(string);
  int error = 0;
  for (struct stretch text; !error && (text = setting_next(&rest)).bytes;) {
    struct setting setting;
    error = setting_cut(text, &setting, ret_fault);
    bool is_budget = !error && setting.category.bytes && setting.option != &properties_table[PROPERTY_MATCH];
    if (!is_budget) continue;
    error = add_setting(&list, &setting, (size_t)(text.bytes - string));
    if (error) fault_set(ret_fault, error, "not enough memory");
  }
  if (error) {
    budget_list_free(&list);
    return error;
  }
  for (size_t i = 0; i < list.count; i++) {
    struct budget_entry *entry = &list.entries[i];
    for (struct stretch path = entry->path; !entry->parent && next_above(&path);) {
      const struct budget_entry *above = budget_list_find(&list, path);
      if (above && budget_entry_has_limit(above)) entry->parent = above;
    }
  }
  *ret_list = list;
  return 0;
}

void budget_list_free(struct budget_list *list) {
  free(list->entries);
  *list = (struct budget_list){NULL, 0};
}

static int add_setting(struct budget_list *list, const struct setting *setting, size_t at) {
  struct budget_entry *entry = take_entry(list, setting->category);
  if (!entry) return -ENOMEM;
  size_t property = (size_t)(setting->option - properties_table);
  entry->text[property] = setting->value;
  entry->at[property] = at;
  if (property == PROPERTY_BUDGET) entry->limit = budget_value_limit(setting->value);
  if (property == PROPERTY_RESERVE) entry->reserve = budget_value_reserve(setting->value);
  if (property == PROPERTY_GRACE) entry->grace = budget_value_grace(setting->value);
  return 0;
}

static struct budget_entry *take_entry(struct budget_list *list, struct stretch path) {
  const struct budget_entry *there = budget_list_find(list, path);
  if (there) return &list->entries[there - list->entries];
  struct budget_entry *entries = reallocarray(list->entries, list->count + 1, sizeof *entries);
  if (!entries) return NULL;
  list->entries = entries;
  entries[list->count] = (struct budget_entry){.path = path};
  return &entries[list->count++];
}

const struct budget_entry *budget_list_find(const struct budget_list *list, struct stretch path) {
  for (size_t i = 0; i < list->count; i++) {
    struct stretch other = list->entries[i].path;
    if (other.count == path.count && memcmp(other.bytes, path.bytes, path.count) == 0)
      return &list->entries[i];
  }
  return NULL;
}

/* From a category to the one above it. Returns whether there is one. */
static bool next_above(struct stretch *path) {
  static const struct stretch total = {"total", 5};
  if (stretch_is(*path, "total")) return false;
  const char *slash = memrchr(path->bytes, '/', path->count);
  *path = slash ? (struct stretch){path->bytes, (size_t)(slash - path->bytes)} : total;
  return true;
}

static uint64_t share_of(uint64_t whole, uint64_t share) {
  return whole / BUDGET_SHARE_ONE * share + whole % BUDGET_SHARE_ONE * share / BUDGET_SHARE_ONE;
}

struct budget_amount budget_entry_amount(const struct budget_entry *entry) {
  struct budget_amount amount = {entry->limit.kind, entry->limit.value};
  if (entry->limit.kind == LIMIT_NONE) amount.of = LIMIT_UNSAID;
  if (entry->limit.kind == LIMIT_RAM || entry->limit.kind == LIMIT_CGROUP) amount.value *= BUDGET_SHARE_ONE;
  if (entry->limit.kind != LIMIT_SHARE) return amount;
  struct budget_amount whole = {LIMIT_UNSAID, 0};
  if (entry->parent) whole = budget_entry_amount(entry->parent); /* at most 9 levels */
  return (struct budget_amount){whole.of, share_of(whole.value, entry->limit.value)};
}

struct stretch budget_list_policy(const struct budget_list *list, struct stretch path) {
  do {
    const struct budget_entry *entry = budget_list_find(list, path);
    if (entry && entry->text[PROPERTY_POLICY].bytes) return entry->text[PROPERTY_POLICY];
  } while (next_above(&path));
  return stretch_of("notify");
}
