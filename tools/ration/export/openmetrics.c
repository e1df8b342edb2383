/*
 * openmetrics.c: the books as metrics. Of a category its own bytes alone, so that sums over categories are right; what
 * concerns the whole process is `ration_process_*`.
 */
#include "export/openmetrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "export/format.h"
#include "export/stacks.h"
#include "reader/growth.h"

struct family;

/* Writes the samples of one process. */
typedef void writer(const struct metric_source *source, const struct family *family, struct metric_text *to);

struct family {
  struct metric metric;
  writer *write;
  size_t member; /* where the figure lies, for those who write several */
};

static writer write_category, write_limit, write_level, write_slack, write_held, write_growth, write_losses,
    write_process, write_threads, write_uptime, write_resident;

#define HEADS_BYTES       8192 /* that those of all families take, at most */
#define FIGURE(member)    offsetof(struct figures, member)
#define OF_SOURCE(member) offsetof(struct metric_source, member)
#define LOST(member)                                                                                         \
  { "what=\"" #member "\"", offsetof(struct losses, member) }
#define PROCESS_GAUGE(noun, unit, help)                                                                      \
  { "ration_process_" noun, "gauge", unit, help }

static const struct family families[OPENMETRICS_FAMILIES] = {
    {{"ration_live_bytes", "gauge", "bytes", "Usable bytes of live blocks."},
     write_category,
     FIGURE(live_bytes)},
    {{"ration_live_blocks", "gauge", "blocks", "Live blocks."}, write_category, FIGURE(live_blocks)},
    {{"ration_peak_bytes", "gauge", "bytes", "The most that was live at once."},
     write_category,
     FIGURE(peak_bytes)},
    {{"ration_allocations", "counter", NULL,
      "Blocks allocated; of a forked child also those of its parent until then."},
     write_category,
     FIGURE(allocations)},
    {{"ration_frees", "counter", NULL,
      "Blocks freed; of a forked child also those of its parent until then."},
     write_category,
     FIGURE(frees)},
    {{"ration_refused", "counter", NULL,
      "Requests refused; of a forked child also those of its parent until then."},
     write_category,
     FIGURE(refused)},
    {{"ration_budget_bytes", "gauge", "bytes", "The limit of the category and those below it."},
     write_limit,
     0},
    {{"ration_pressure_level", "gauge", NULL,
      "How full a budget is: 0 none, 1 low, 2 medium, 3 high, 4 critical."},
     write_level,
     0},
    {{"ration_slack_bytes", "gauge", "bytes",
      "Of live blocks, usable bytes beyond those asked for; an estimate from samples."},
     write_slack,
     0},
    {{"ration_held_bytes", "gauge", "bytes", "What the pages of the page heap take up."}, write_held, 0},
    {{"ration_growth_bytes_per_hour", "gauge", NULL,
      "How fast it has grown in a window of time: the median slope (Theil-Sen)."},
     write_growth,
     0},
    {{"ration_lost", "counter", NULL, "What the books had to leave out."}, write_losses, 0},
    {PROCESS_GAUGE("peak_bytes", "bytes", "The most that was live at once."), write_process,
     OF_SOURCE(peak_bytes)},
    {PROCESS_GAUGE("error_bound_bytes", "bytes", "By how much live bytes may be off."), write_process,
     OF_SOURCE(error_bound_bytes)},
    {PROCESS_GAUGE("threads", NULL, "Threads; 0 after its end."), write_threads, 0},
    {PROCESS_GAUGE("uptime_seconds", "seconds", "How long it lives, or has lived."), write_uptime, 0},
    {PROCESS_GAUGE("rss_bytes", "bytes", "Resident memory, with all that is no heap."), write_resident,
     offsetof(struct resident, rss_bytes)},
    {PROCESS_GAUGE("untouched_bytes", "bytes", "Of live bytes and slack, what is not resident."),
     write_resident, offsetof(struct resident, untouched_bytes)},
    {PROCESS_GAUGE("slack_bytes", "bytes", "What the heap has taken beyond live blocks."), write_resident,
     offsetof(struct resident, slack_bytes)},
};

static const struct {
  const char *label;
  size_t offset;
} losses[] = {LOST(foreign_frees), LOST(double_frees),    LOST(wild_frees),       LOST(lists_lost),
              LOST(late_writes),   LOST(overruns),        LOST(untracked_blocks), LOST(categories_lost),
              LOST(scopes_lost),   LOST(callers_lost),    LOST(accounts_lost),    LOST(ranges_lost),
              LOST(events_lost),   LOST(samples_lost),    LOST(sites_lost),       LOST(stacks_truncated),
              LOST(stacks_failed), LOST(settings_ignored)};

static int add_all(struct openmetrics *metrics, const struct subject *subject, struct fault *ret_fault);
static int make_room(struct openmetrics *metrics);
static size_t add_word(struct metric_text *text, const char *word);
static int compare(const void *a, const void *b, void *context);
static openmetrics_twin_teller tell_twin;
static uint64_t figure(const void *of, size_t member);

int export_openmetrics(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                       struct fault *ret_fault) {
  struct openmetrics *metrics = calloc(1, sizeof *metrics);
  struct metric_text text = {.bytes = NULL};
  (void)wishes;
  if (!metrics) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = add_all(metrics, subject, ret_fault);
  if (!error) {
    openmetrics_part_twins(metrics, tell_twin);
    openmetrics_write(metrics, METRIC_OPEN, &text);
    metric_end(&text, METRIC_OPEN);
    if (text.is_lossy) error = fault_set(ret_fault, -ENOMEM, "not enough memory");
  }
  if (!error) fwrite(text.bytes, 1, text.used, to);
  metric_text_free(&text);
  openmetrics_free(metrics);
  free(metrics);
  return error;
}

/* What exec has replaced has nothing any more. One that is all there is stands in any case. */
static int add_all(struct openmetrics *metrics, const struct subject *subject, struct fault *ret_fault) {
  int error = 0;
  for (size_t i = 0; !error && i < subject->count; i++) {
    struct process *process = subject->processes[i];
    if (subject->count > 1 && process->state == PROCESS_REPLACED) continue;
    error = subject_take_growth(process, ret_fault);
    if (!error) error = openmetrics_add(metrics, process, NULL, ret_fault);
  }
  return error;
}

static void tell_twin(const char *program, const struct openmetrics_part *left_out,
                      const struct openmetrics_part *later) {
  complain(program, "note: left out: a later process%s has its pid, %" PRIu32 ", and its name",
           left_out->pid_namespace == later->pid_namespace ? "" : " in another pid namespace", left_out->pid);
}

/* ---- all of them ----------------------------------------------------------------------------------------- */

int openmetrics_add(struct openmetrics *metrics, const struct process *process,
                    const struct metric_place *place, struct fault *ret_fault) {
  const struct snapshot *snapshot = &process->snapshot;
  struct metric_text *text = &metrics->text;
  size_t used = text->used;
  int error = metric_source_fill(&metrics->source, process, metrics->most_rows, place, ret_fault);
  if (error) return error;
  if (make_room(metrics) != 0) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  struct openmetrics_part *part = &metrics->part[metrics->count];
  part->pid = snapshot->name.pid;
  part->pid_namespace = snapshot->name.pid_namespace;
  part->started_at_ns = snapshot->started_at_ns;
  part->program_at = add_word(text, snapshot->program);
  part->labels_at = add_word(text, metric_source_labels(&metrics->source));
  for (size_t i = 0; i < OPENMETRICS_FAMILIES; i++) {
    part->samples_at[i] = text->used;
    families[i].write(&metrics->source, &families[i], text);
  }
  part->samples_at[OPENMETRICS_FAMILIES] = text->used;
  if (text->is_lossy) {
    text->is_lossy = false;
    text->used = used;
    return fault_set(ret_fault, -ENOMEM, "not enough memory");
  }
  metrics->count++;
  return 0;
}

static int make_room(struct openmetrics *metrics) {
  if (metrics->count < metrics->room) return 0;
  size_t room = metrics->room ? 2 * metrics->room : 16;
  struct openmetrics_part *more = realloc(metrics->part, room * sizeof *more);
  if (!more) return -ENOMEM;
  metrics->part = more;
  metrics->room = room;
  return 0;
}

static size_t add_word(struct metric_text *text, const char *word) {
  size_t at = text->used;
  metric_text_add(text, word, strlen(word) + 1);
  return at;
}

void openmetrics_part_twins(struct openmetrics *metrics, openmetrics_twin_teller *tell) {
  struct openmetrics_part *parts = metrics->part;
  char *text = metrics->text.bytes;
  size_t kept = 0, count = parts ? metrics->count : 0;
  if (count > 0) qsort_r(parts, count, sizeof *parts, compare, text);
  for (size_t i = 0; i < count; i++) {
    const struct openmetrics_part *next = i + 1 < count ? &parts[i + 1] : NULL;
    bool is_twin = next && strcmp(text + parts[i].labels_at, text + next->labels_at) == 0;
    if (is_twin && tell) tell(text + parts[i].program_at, &parts[i], next);
    if (!is_twin) parts[kept++] = parts[i];
  }
  metrics->count = kept;
}

/* Twins beside one another, the later behind. */
static int compare(const void *a, const void *b, void *context) {
  const struct openmetrics_part *left = a, *right = b;
  const char *text = context;
  int by_labels = strcmp(text + left->labels_at, text + right->labels_at);
  if (by_labels) return by_labels;
  return left->started_at_ns < right->started_at_ns ? -1 : left->started_at_ns > right->started_at_ns;
}

void openmetrics_write(const struct openmetrics *metrics, enum metric_dialect dialect,
                       struct metric_text *to) {
  const struct openmetrics_part *parts = metrics->part;
  size_t count = parts ? metrics->count : 0;
  metric_text_reserve(to, to->used + metrics->text.used + HEADS_BYTES);
  for (size_t i = 0; i < OPENMETRICS_FAMILIES; i++) {
    metric_begin(to, &families[i].metric, dialect);
    for (size_t k = 0; k < count; k++) {
      const size_t *samples_at = parts[k].samples_at;
      metric_text_add(to, metrics->text.bytes + samples_at[i], samples_at[i + 1] - samples_at[i]);
    }
  }
}

void openmetrics_clear(struct openmetrics *metrics) {
  metrics->text.used = 0;
  metrics->count = 0;
}

void openmetrics_free(struct openmetrics *metrics) {
  metric_text_free(&metrics->text);
  metric_text_free(&metrics->source.words);
  free(metrics->part);
  metrics->part = NULL;
  metrics->count = metrics->room = 0;
}

/* ---- of each category ------------------------------------------------------------------------------------- */

#define EACH_ROW(row, source)                                                                                \
  const struct metric_row *row = (source)->rows;                                                             \
  row < (source)->rows + (source)->row_count;                                                                \
  row++

static uint64_t figure(const void *of, size_t member) {
  uint64_t value;
  memcpy(&value, (const char *)of + member, sizeof value);
  return value;
}

static void write_category(const struct metric_source *source, const struct family *family,
                           struct metric_text *to) {
  for (EACH_ROW(row, source))
    metric_sample(to, &family->metric, metric_source_labels(source),
                  metric_source_label(source, row->label_at), figure(&row->own, family->member));
}

static void write_limit(const struct metric_source *source, const struct family *family,
                        struct metric_text *to) {
  for (size_t i = 0; i < source->budget_count; i++)
    metric_sample(to, &family->metric, metric_source_labels(source),
                  metric_source_label(source, source->budgets[i].label_at), source->budgets[i].limit_bytes);
}

static void write_level(const struct metric_source *source, const struct family *family,
                        struct metric_text *to) {
  for (size_t i = 0; i < source->budget_count; i++)
    metric_sample(to, &family->metric, metric_source_labels(source),
                  metric_source_label(source, source->budgets[i].label_at), source->budgets[i].level);
}

static void write_slack(const struct metric_source *source, const struct family *family,
                        struct metric_text *to) {
  if (!source->has_slack) return;
  for (EACH_ROW(row, source))
    metric_sample(to, &family->metric, metric_source_labels(source),
                  metric_source_label(source, row->label_at), stacks_rounded(row->slack_bytes));
}

/* Over the system heap there are none. */
static void write_held(const struct metric_source *source, const struct family *family,
                       struct metric_text *to) {
  if (!source->has_held) return;
  for (EACH_ROW(row, source))
    metric_sample(to, &family->metric, metric_source_labels(source),
                  metric_source_label(source, row->label_at), row->held_bytes);
}

/* A process that is younger than the window has none. */
static void write_growth(const struct metric_source *source, const struct family *family,
                         struct metric_text *to) {
  for (EACH_ROW(row, source)) {
    for (size_t i = 0; i < GROWTH_WINDOWS; i++) {
      char labels[2 * METRIC_LABEL_BYTES + 32];
      if (!source->has_growth[i]) continue;
      char *end = stpcpy(stpcpy(labels, metric_source_label(source, row->label_at)), ",window=\"");
      stpcpy(stpcpy(end, growth_windows[i].word), "\"");
      metric_sample_real(to, &family->metric, metric_source_labels(source), labels, row->growth[i]);
    }
  }
}

/* ---- of the whole process --------------------------------------------------------------------------------- */

static void write_losses(const struct metric_source *source, const struct family *family,
                         struct metric_text *to) {
  for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
    metric_sample(to, &family->metric, metric_source_labels(source), losses[i].label,
                  figure(&source->losses, losses[i].offset));
}

static void write_process(const struct metric_source *source, const struct family *family,
                          struct metric_text *to) {
  metric_sample(to, &family->metric, metric_source_labels(source), NULL, figure(source, family->member));
}

static void write_threads(const struct metric_source *source, const struct family *family,
                          struct metric_text *to) {
  metric_sample(to, &family->metric, metric_source_labels(source), NULL, source->threads);
}

static void write_uptime(const struct metric_source *source, const struct family *family,
                         struct metric_text *to) {
  if (source->uptime_seconds >= 0)
    metric_sample_real(to, &family->metric, metric_source_labels(source), NULL, source->uptime_seconds);
}

/* Where heap and mappings cannot be told apart nobody knows what the heap has taken. */
static void write_resident(const struct metric_source *source, const struct family *family,
                           struct metric_text *to) {
  bool is_slack = family->member == offsetof(struct resident, slack_bytes);
  if (!source->has_resident || (is_slack && source->resident.is_joined)) return;
  metric_sample(to, &family->metric, metric_source_labels(source), NULL,
                figure(&source->resident, family->member));
}
