/*
 * verdict.c: the worst process of each condition.
 */
#include "check/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void count_leaks(struct verdict_list *list, const struct process *process);
static bool concerns(const struct condition *condition, bool is_last_image);
static void take_value(struct verdict *verdict, const struct process *process, uint64_t value);
static void say_unknown(const struct verdict *verdict, char ret_words[VERDICT_BYTES]);
static void say_value(const struct verdict *verdict, char ret_words[VERDICT_BYTES]);

int verdict_begin(const struct condition_list *conditions, const struct suppressions *suppressions,
                  struct verdict_list *ret_list) {
  struct verdict_list list = {.conditions = conditions, .suppressions = suppressions};
  bool needs_leaks = condition_list_needs_leaks(conditions);
  list.verdict = calloc(conditions->count + 1, sizeof *list.verdict);
  if (needs_leaks) list.leaks = malloc(sizeof *list.leaks);
  if (!list.verdict || (needs_leaks && !list.leaks)) {
    verdict_end(&list);
    return -ENOMEM;
  }
  for (size_t i = 0; i < conditions->count; i++) {
    list.verdict[i].condition = &conditions->condition[i];
    list.verdict[i].unknown = -ENOENT;
  }
  *ret_list = list;
  return 0;
}

void verdict_end(struct verdict_list *list) {
  free(list->verdict);
  free(list->leaks);
  *list = (struct verdict_list){0};
}

void verdict_take(struct verdict_list *list, const struct process *process, bool is_last_image) {
  if (process->snapshot.passive || process->snapshot.category_count == 0) return;
  list->tracked++;
  if (list->leaks && is_last_image) count_leaks(list, process);
  struct observation observation = {.process = process, .leaks = list->leaks};
  for (size_t i = 0; i < list->conditions->count; i++) {
    struct verdict *verdict = &list->verdict[i];
    const struct condition *condition = verdict->condition;
    if (!concerns(condition, is_last_image)) continue;
    uint64_t value;
    int error = figure_value(&condition->figure, &observation, condition->category, &value);
    if (!error) take_value(verdict, process, value);
    if (error && error != -ENOENT && verdict->unknown != -EDOM) verdict->unknown = error;
  }
}

enum verdict_state verdict_state(const struct verdict *verdict) {
  if (verdict->processes == 0) return VERDICT_UNKNOWN;
  return verdict->broken > 0 ? VERDICT_BROKEN : VERDICT_MET;
}

void verdict_name(const struct verdict *verdict, char ret_name[VERDICT_BYTES]) {
  const struct condition *condition = verdict->condition;
  snprintf(ret_name, VERDICT_BYTES, "%s %.600s", condition->is_least ? "--min" : "--max", condition->text);
}

void verdict_words(const struct verdict *verdict, char ret_words[VERDICT_BYTES]) {
  if (verdict->processes == 0) {
    say_unknown(verdict, ret_words);
  } else {
    say_value(verdict, ret_words);
  }
}

/* Where they cannot be counted they are not known, and a condition on them is then not met. */
static void count_leaks(struct verdict_list *list, const struct process *process) {
  struct fault fault;
  if (leak_count_read(process, list->suppressions, list->leaks, &fault) != 0) {
    *list->leaks = (struct leak_count){.is_known = false};
    if (!list->fault.words[0])
      fault_set(&list->fault, 0, "the leaks of %.63s (pid %" PRIu32 ") are not known: %.256s",
                process->snapshot.program, process->snapshot.name.pid, fault.words);
  }
  if (list->leaks->mean_bytes > list->leak_mean_bytes) list->leak_mean_bytes = list->leaks->mean_bytes;
}

static bool concerns(const struct condition *condition, bool is_last_image) {
  return is_last_image || (!condition->is_least && !figure_needs_leaks(&condition->figure));
}

static void take_value(struct verdict *verdict, const struct process *process, uint64_t value) {
  bool is_least = verdict->condition->is_least;
  int order = figure_compare(verdict->condition->figure.kind, value, verdict->value);
  bool is_worse = verdict->processes == 0 || (is_least ? order < 0 : order > 0);
  verdict->processes++;
  if (!condition_is_met(verdict->condition, value)) verdict->broken++;
  if (!is_worse) return;
  verdict->value = value;
  verdict->pid = process->snapshot.name.pid;
  memcpy(verdict->program, process->snapshot.program, sizeof verdict->program);
}

/* Where the process has the category, and JSON has null. */
static const char *reason_of(const struct figure *figure) {
  if (figure_needs_growth(figure)) return "none has lived for half of that, with a timeline";
  if (figure->source == FIGURE_OF_PAGES) return "none has its blocks from the page heap (heap=page)";
  return "nothing was ever charged to the budget";
}

static void say_unknown(const struct verdict *verdict, char ret_words[VERDICT_BYTES]) {
  const struct condition *condition = verdict->condition;
  const char *category = condition->category;
  if (verdict->unknown == -ENOENT) {
    snprintf(ret_words, VERDICT_BYTES,
             "%.300s: no process has a category `%.192s`; `ration run` shows which there are",
             condition->text, category);
  } else if (verdict->unknown == -EDOM) {
    snprintf(ret_words, VERDICT_BYTES, "%.300s: not known of any process: %s", condition->text,
             reason_of(&condition->figure));
  } else if (condition->figure.source == FIGURE_OF_BUDGET) {
    snprintf(ret_words, VERDICT_BYTES,
             "%.300s: `%.192s` has no budget in any process; set one with --set or --config", condition->text,
             category);
  } else {
    snprintf(ret_words, VERDICT_BYTES,
             "%.300s: no samples were taken, so leaks are not known; leave out sample=0", condition->text);
  }
}

/* Where both look alike, to the byte. */
static void say_value(const struct verdict *verdict, char ret_words[VERDICT_BYTES]) {
  const struct condition *condition = verdict->condition;
  enum field_kind kind = condition->figure.kind;
  struct words value = figure_words(kind, verdict->value), limit = figure_words(kind, condition->limit);
  struct stretch figure = figure_name(&condition->figure);
  char more[64] = "";
  if (verdict->value != condition->limit && strcmp(value.chars, limit.chars) == 0) {
    value = figure_words_exact(kind, verdict->value);
    limit = figure_words_exact(kind, condition->limit);
  }
  if (verdict->broken > 1)
    snprintf(more, sizeof more, ", and broken in %" PRIu64 " more process%s", verdict->broken - 1,
             verdict->broken > 2 ? "es" : "");
  snprintf(ret_words, VERDICT_BYTES, "%.192s.%.*s is %s of at %s %s in %.63s (pid %" PRIu32 ")%s",
           condition->category, (int)figure.count, figure.bytes, value.chars,
           condition->is_least ? "least" : "most", limit.chars, verdict->program, verdict->pid, more);
}
