/*
 * judgement.c: see judgement.h.
 */
#include "diff/judgement.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "complain.h"

struct judged_record {
  const char *condition;
  const char *category;
  const char *figure;
  const char *program;
  uint64_t before;
  uint64_t after;
  uint32_t pid;
};

#define JUDGED(member) .offset = offsetof(struct judged_record, member)

static const struct field judged_fields[] = {
    {.name = "condition", .kind = FIELD_NAME, JUDGED(condition)},
    {.name = "category", .kind = FIELD_NAME, JUDGED(category)},
    {.name = "figure", .kind = FIELD_NAME, JUDGED(figure)},
    {.name = "pid", .kind = FIELD_ID, JUDGED(pid)},
    {.name = "program", .kind = FIELD_NAME, JUDGED(program)},
};

static bool fails(const struct judged *judged, uint64_t doubt_bytes);
static int value_of(const struct change_condition *condition, const struct observation *observation,
                    uint64_t *ret_value);
static int add(struct judgement *judgement, const struct judged *judged);
static void emit_judged(struct emitter *emitter, const struct judged *judged);
static void complain_of(const struct judged *judged);
static void say_share(const struct judged *judged, char *ret_words, size_t room);
static void complain_of_unknown(const struct change_condition *condition, bool was_null);
static bool is_judged(const struct judgement *judgement, const struct change_condition *condition);

int judgement_take(struct judgement *judgement, const struct observation *before,
                   const struct observation *after, uint64_t doubt_bytes) {
  const struct snapshot *snapshot = &(after->process ? after : before)->process->snapshot;
  if (!judgement->was_null) judgement->was_null = calloc(judgement->conditions->count + 1, sizeof(bool));
  if (!judgement->was_null) return -ENOMEM;
  for (size_t i = 0; i < judgement->conditions->count; i++) {
    const struct change_condition *condition = &judgement->conditions->change[i];
    struct judged judged = {.condition = condition, .pid = snapshot->name.pid};
    memcpy(judged.program, snapshot->program, sizeof judged.program);
    int of_before = value_of(condition, before, &judged.before);
    int of_after = value_of(condition, after, &judged.after);
    bool needs_samples = figure_needs_leaks(&condition->figure);
    if (of_before == -EDOM || of_after == -EDOM) {
      judgement->was_null[i] = true;
      continue;
    }
    if (of_before && of_after) continue;
    if (figure_needs_growth(&condition->figure) && (of_before || of_after)) continue;
    if (needs_samples && (of_before == -ENODATA || of_after == -ENODATA)) continue;
    judged.has_failed = fails(&judged, doubt_bytes);
    if (add(judgement, &judged) != 0) return -ENOMEM;
  }
  return 0;
}

int judgement_tell(const struct judgement *judgement, struct emitter *emitter) {
  int status = STATUS_DONE;
  emitter_begin_list(emitter, "conditions");
  for (size_t i = 0; i < judgement->count; i++) {
    const struct judged *judged = &judgement->judged[i];
    emit_judged(emitter, judged);
    if (!judged->has_failed) continue;
    complain_of(judged);
    status = STATUS_BROKEN;
  }
  emitter_end(emitter);
  for (size_t i = 0; i < judgement->conditions->count; i++) {
    const struct change_condition *condition = &judgement->conditions->change[i];
    if (is_judged(judgement, condition)) continue;
    complain_of_unknown(condition, judgement->was_null && judgement->was_null[i]);
    status = STATUS_USAGE;
  }
  return status;
}

void judgement_free(struct judgement *judgement) {
  free(judgement->judged);
  free(judgement->was_null);
  *judgement = (struct judgement){0};
}

/* Wherever the earlier figure has been. */
static bool fails(const struct judged *judged, uint64_t doubt_bytes) {
  uint64_t before = judged->before;
  uint64_t least = before > doubt_bytes ? before - doubt_bytes : 0;
  uint64_t most = before < UINT64_MAX - doubt_bytes ? before + doubt_bytes : UINT64_MAX;
  return change_is_met(judged->condition, least, judged->after) &&
         change_is_met(judged->condition, most, judged->after);
}

/* What is not there is 0. */
static int value_of(const struct change_condition *condition, const struct observation *observation,
                    uint64_t *ret_value) {
  *ret_value = 0;
  if (!observation->process) return -ENOENT;
  return figure_value(&condition->figure, observation, condition->category, ret_value);
}

static int add(struct judgement *judgement, const struct judged *judged) {
  struct judged *grown = realloc(judgement->judged, (judgement->count + 1) * sizeof *grown);
  if (!grown) return -ENOMEM;
  judgement->judged = grown;
  judgement->judged[judgement->count++] = *judged;
  return 0;
}

static void emit_judged(struct emitter *emitter, const struct judged *judged) {
  const struct figure *figure = &judged->condition->figure;
  struct stretch name = figure_name(figure);
  char its[64];
  snprintf(its, sizeof its, "%.*s", (int)name.count, name.bytes);
  struct judged_record record = {.condition = judged->condition->text,
                                 .category = judged->condition->category,
                                 .figure = its,
                                 .program = judged->program,
                                 .before = judged->before,
                                 .after = judged->after,
                                 .pid = judged->pid};
  const struct field values[] = {
      {.name = "value_before", .kind = figure->kind, JUDGED(before)},
      {.name = "value", .kind = figure->kind, JUDGED(after)},
  };
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(judged_fields), &record);
  emitter_fields(emitter, FIELDS(values), &record);
  emitter_truth(emitter, "is_met", !judged->has_failed);
  emitter_end(emitter);
}

static void complain_of(const struct judged *judged) {
  enum field_kind kind = judged->condition->figure.kind;
  struct words before = figure_words(kind, judged->before), after = figure_words(kind, judged->after);
  char share[64];
  if (judged->before != judged->after && strcmp(before.chars, after.chars) == 0) {
    before = figure_words_exact(kind, judged->before);
    after = figure_words_exact(kind, judged->after);
  }
  say_share(judged, share, sizeof share);
  complain("diff", "%.200s: %s before, %s after%s in %.63s (pid %" PRIu32 ")", judged->condition->text,
           before.chars, after.chars, share, judged->program, judged->pid);
}

static void say_share(const struct judged *judged, char *ret_words, size_t room) {
  double before = (double)judged->before, after = (double)judged->after;
  ret_words[0] = 0;
  if (judged->condition->figure.kind == FIELD_RATE) return;
  if (judged->before > 0) snprintf(ret_words, room, " (%+.1f %%)", (after - before) / before * 100);
}

static void complain_of_unknown(const struct change_condition *condition, bool was_null) {
  switch (condition->figure.source) {
  case FIGURE_OF_SAMPLES:
    complain("diff", "%.200s: leaks are not known: no samples were taken, or no process has `%.192s`",
             condition->text, condition->category);
    return;
  case FIGURE_OF_BUDGET:
    if (was_null)
      complain("diff", "%.200s: not known: of no pair both have charged anything to the budget of `%.192s`",
               condition->text, condition->category);
    else
      complain("diff", "%.200s: `%.192s` has no budget in any process that was compared", condition->text,
               condition->category);
    return;
  case FIGURE_OF_PAGES:
    if (was_null) {
      complain("diff", "%.200s: not known: of no pair have both their blocks from the page heap (heap=page)",
               condition->text);
      return;
    }
    __attribute__((fallthrough));
  case FIGURE_OF_ACCOUNTS:
  case FIGURE_OF_CATEGORY:
    if (figure_needs_growth(&condition->figure)) {
      complain(
          "diff",
          "%.200s: not known: of no pair both have `%.192s` and have lived for half of that, with a timeline",
          condition->text, condition->category);
      return;
    }
    complain(
        "diff",
        "%.200s: no process that was compared has a category `%.192s`; `ration report` shows which there are",
        condition->text, condition->category);
  }
}

static bool is_judged(const struct judgement *judgement, const struct change_condition *condition) {
  for (size_t i = 0; i < judgement->count; i++)
    if (judgement->judged[i].condition == condition) return true;
  return false;
}
