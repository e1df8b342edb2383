/*
 * functions.c: a sorted table of address ranges, made at start, and a search through dynamic symbols later.
 */
#include "track/functions.h"

#include <stddef.h>

#include "base/atomics.h"
#include "base/glob_list.h"
#include "os/memory.h"
#include "os/symbols.h"
#include "track/caller.h"
#include "track/process.h"

#define FIRST_BYTES 65536 /* of a list: whole pages, doubled when full */
#define LATE_MOST   64    /* late modules that are told apart */
#define LOOK_BACK   16    /* ranges may overlap: aliases, and code that the compiler split off */

struct function {
  uintptr_t start;
  uintptr_t end;
  struct function_match match;
};

/* In pages of its own, that only grow. */
struct list {
  void *items;
  size_t bytes;
  size_t used;
};

static struct list functions; /* struct function, by start */
static int is_prepared;
static struct list early_marks; /* uint64_t: modules whose functions are in there */
static uint64_t late_marks[LATE_MOST];

static void *add_item(struct list *list, size_t item_bytes);
static void read_module(void *context, const struct module *module);
static void note_symbol(void *context, const struct symbol *symbol);
static void sort_functions(void);
static void drop_twins(void);
static struct function_match both(struct function_match a, struct function_match b);
static int is_early(uint64_t mark);
static void count_late(uint64_t mark);
static void find_symbol(void *context, const struct symbol *symbol);

static int are_wanted(void) {
  return rules_have(&rules, RATION_RULE_FN) || settings.wrapper[0];
}

static struct function_match match_of(const char *name) {
  return (struct function_match){.rule = rules_of_function(&rules, name),
                                 .is_wrapper = glob_list_fits(settings.wrapper, name)};
}

/* ---- at start ------------------------------------------------------------------------------------------ */

void functions_prepare(void) {
  if (!are_wanted()) return;
  modules_visit(read_module, NULL);
  sort_functions();
  drop_twins();
  is_prepared = 1; /* nothing has been asked yet: see learn_early of process.c */
}

static void read_module(void *context, const struct module *module) {
  (void)context;
  uint64_t *mark = add_item(&early_marks, sizeof *mark);
  if (!mark) return;
  *mark = module_mark((const void *)module->start);
  if (caller_is_in(module->start, &caller_shim)) return; /* a wrapper as a whole */
  int is_short = 0;
  int result = symbols_visit_file(module, note_symbol, &is_short);
  /* A file that cannot be read, or is another build: its dynamic symbols have been visited all the same. */
  if (is_short || (result < 0 && module_has_file(module)))
    add_relaxed(&segment.process->unread_modules, 1); /* a sum */
}

static void note_symbol(void *context, const struct symbol *symbol) {
  int *is_short = context;
  struct function_match match = match_of(symbol->name);
  if (match.rule == RULES_NONE && !match.is_wrapper) return;
  struct function *function = add_item(&functions, sizeof *function);
  uintptr_t bytes = symbol->bytes ? symbol->bytes : 1;
  if (function)
    *function = (struct function){symbol->start, symbol->start + bytes, match};
  else
    *is_short = 1;
}

static void *add_item(struct list *list, size_t item_bytes) {
  if (list->used + item_bytes > list->bytes) {
    size_t bytes = list->bytes ? 2 * list->bytes : FIRST_BYTES;
    void *items = list->items ? memory_grow(list->items, list->bytes, bytes) : memory_map(bytes);
    if (!items) return NULL;
    list->items = items;
    list->bytes = bytes;
  }
  list->used += item_bytes;
  return (char *)list->items + list->used - item_bytes;
}

/* Heapsort (Williams 1964): in place, and never slow; libc's qsort allocates. */
static void sift_down(struct function *items, size_t at, size_t count) {
  for (size_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && items[child + 1].start > items[child].start) child++;
    if (items[at].start >= items[child].start) return;
    struct function kept = items[at];
    items[at] = items[child];
    items[child] = kept;
  }
}

static void sort_functions(void) {
  struct function *items = functions.items;
  size_t count = functions.used / sizeof *items;
  for (size_t i = count / 2; i > 0; i--) sift_down(items, i - 1, count);
  for (size_t last = count; last > 1; last--) {
    struct function highest = items[0];
    items[0] = items[last - 1];
    items[last - 1] = highest;
    sift_down(items, 0, last - 1);
  }
}

/* A symbol that stands in both tables is visited twice, and aliases share an address. */
static void drop_twins(void) {
  struct function *items = functions.items;
  size_t count = functions.used / sizeof *items, kept = 0;
  for (size_t i = 0; i < count; i++) {
    struct function *last = kept ? &items[kept - 1] : NULL;
    if (last && last->start == items[i].start && last->end == items[i].end)
      last->match = both(last->match, items[i].match);
    else
      items[kept++] = items[i];
  }
  functions.used = kept * sizeof *items;
}

/* ---- later --------------------------------------------------------------------------------------------- */

static struct function_match both(struct function_match a, struct function_match b) {
  return (struct function_match){.rule = a.rule < b.rule ? a.rule : b.rule,
                                 .is_wrapper = a.is_wrapper || b.is_wrapper};
}

/* All that reach over the address have a say. */
static struct function_match find_early(uintptr_t address) {
  const struct function *items = functions.items;
  size_t low = 0, high = functions.used / sizeof *items; /* items below `low` start at or below the address */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (items[middle].start <= address)
      low = middle + 1;
    else
      high = middle;
  }
  struct function_match match = {.rule = RULES_NONE};
  for (size_t back = 0; back < LOOK_BACK && back < low; back++)
    if (address < items[low - 1 - back].end) match = both(match, items[low - 1 - back].match);
  return match;
}

struct search {
  uintptr_t address;
  struct function_match match;
};

struct function_match functions_at(uintptr_t address, const struct module *module, uint64_t mark) {
  struct search search = {.address = address - 1,
                          .match = {.rule = RULES_NONE}}; /* in the call, not behind it */
  if (!is_prepared) return search.match;
  if (is_early(mark)) return find_early(search.address);
  count_late(mark);
  symbols_visit_dynamic(module, find_symbol, &search);
  return search.match;
}

static void find_symbol(void *context, const struct symbol *symbol) {
  struct search *search = context;
  if (search->address - symbol->start < symbol->bytes)
    search->match = both(search->match, match_of(symbol->name));
}

static int is_early(uint64_t mark) {
  const uint64_t *marks = early_marks.items;
  for (size_t i = 0; i < early_marks.used / sizeof *marks; i++)
    if (marks[i] == mark) return 1;
  return 0;
}

/* The first 64 once each; behind these, none. */
static void count_late(uint64_t mark) {
  for (size_t i = 0; i < LATE_MOST; i++) {
    uint64_t there = load_relaxed(&late_marks[i]); /* only a guess: the swap checks it */
    if (there == mark) return;
    if (there == 0 && cas_relaxed(&late_marks[i], &there, mark)) { /* a number alone: no data behind it */
      add_relaxed(&segment.process->late_modules, 1);              /* a sum */
      return;
    }
    if (there == mark) return;
  }
}
