/*
 * openmetrics.c: the books as metrics. Of a category its own bytes alone, so that sums over categories are right; what
 * concerns the whole process is `ration_process_*`.
 */
#include "export/openmetrics.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "complain.h"
#include "export/format.h"
#include "export/stacks.h"
#include "reader/growth.h"

/* Where it goes, and in which words. */
struct writing {
  FILE *to;
  enum metric_dialect dialect;
  const struct metric_source *source, *end; /* all of them */
};

#define FIGURE(member) offsetof(struct figures, member)
#define LOST(member)                                                                                         \
  { #member, offsetof(struct losses, member) }

/* Of each category. */
static const struct {
  struct metric metric;
  size_t offset;
} category_metrics[] = {
    {{"ration_live_bytes", "gauge", "bytes", "Usable bytes of live blocks."}, FIGURE(live_bytes)},
    {{"ration_live_blocks", "gauge", "blocks", "Live blocks."}, FIGURE(live_blocks)},
    {{"ration_peak_bytes", "gauge", "bytes", "The most that was live at once."}, FIGURE(peak_bytes)},
    {{"ration_allocations", "counter", NULL,
      "Blocks allocated; of a forked child also those of its parent until then."},
     FIGURE(allocations)},
    {{"ration_frees", "counter", NULL,
      "Blocks freed; of a forked child also those of its parent until then."},
     FIGURE(frees)},
    {{"ration_refused", "counter", NULL,
      "Requests refused; of a forked child also those of its parent until then."},
     FIGURE(refused)},
};

static const struct metric budget_limit = {"ration_budget_bytes", "gauge", "bytes",
                                           "The limit of the category and those below it."};
static const struct metric budget_level = {
    "ration_pressure_level", "gauge", NULL,
    "How full a budget is: 0 none, 1 low, 2 medium, 3 high, 4 critical."};
static const struct metric slack = {
    "ration_slack_bytes", "gauge", "bytes",
    "Of live blocks, usable bytes beyond those asked for; an estimate from samples."};
static const struct metric held = {"ration_held_bytes", "gauge", "bytes",
                                   "What the pages of the page heap take up."};
static const struct metric growth = {
    "ration_growth_bytes_per_hour", "gauge", NULL,
    "How fast it has grown in a window of time: the median slope (Theil-Sen)."};
static const struct metric lost = {"ration_lost", "counter", NULL, "What the books had to leave out."};

static const struct {
  const char *what;
  size_t offset;
} losses[] = {LOST(foreign_frees), LOST(double_frees),    LOST(wild_frees),       LOST(lists_lost),
              LOST(late_writes),   LOST(overruns),        LOST(untracked_blocks), LOST(categories_lost),
              LOST(scopes_lost),   LOST(callers_lost),    LOST(accounts_lost),    LOST(ranges_lost),
              LOST(events_lost),   LOST(samples_lost),    LOST(sites_lost),       LOST(stacks_truncated),
              LOST(stacks_failed), LOST(settings_ignored)};

static metric_twin_teller tell_twin;
static void write_categories(const struct writing *writing);
static void write_budgets(const struct writing *writing);
static void write_slack(const struct writing *writing);
static void write_held(const struct writing *writing);
static void write_growth(const struct writing *writing);
static void write_losses(const struct writing *writing);
static void write_processes(const struct writing *writing);

/* What exec has replaced has nothing any more. One that is all there is stands in any case. */
int export_openmetrics(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                       struct fault *ret_fault) {
  (void)wishes;
  struct metric_sources sources = {0};
  int error = 0;
  for (size_t i = 0; !error && i < subject->count; i++) {
    if (subject->count > 1 && subject->processes[i]->state == PROCESS_REPLACED) continue;
    error = metric_sources_add(&sources, subject->processes[i], NULL, ret_fault);
  }
  if (!error) {
    metric_sources_part_twins(&sources, tell_twin);
    openmetrics_write(to, &sources, METRIC_OPEN);
    metric_end(to, METRIC_OPEN);
  }
  metric_sources_free(&sources);
  return error;
}

void openmetrics_write(FILE *to, const struct metric_sources *sources, enum metric_dialect dialect) {
  const struct writing writing = {
      .to = to, .dialect = dialect, .source = sources->source, .end = sources->source + sources->count};
  write_categories(&writing);
  write_budgets(&writing);
  write_slack(&writing);
  write_held(&writing);
  write_growth(&writing);
  write_losses(&writing);
  write_processes(&writing);
}

static void tell_twin(const struct metric_source *left_out, const struct metric_source *later) {
  complain(left_out->program, "note: left out: a later process%s has its pid, %" PRIu32 ", and its name",
           left_out->pid_namespace == later->pid_namespace ? "" : " in another pid namespace", left_out->pid);
}

#define EACH_SOURCE(source, writing)                                                                         \
  const struct metric_source *source = (writing)->source;                                                    \
  source < (writing)->end;                                                                                   \
  source++
#define EACH_ROW(row, source)                                                                                \
  const struct metric_row *row = (source)->rows;                                                             \
  row < (source)->rows + (source)->row_count;                                                                \
  row++

static void write_categories(const struct writing *writing) {
  for (size_t i = 0; i < sizeof category_metrics / sizeof *category_metrics; i++) {
    const struct metric *metric = &category_metrics[i].metric;
    metric_begin(writing->to, metric, writing->dialect);
    for (EACH_SOURCE(source, writing)) {
      for (EACH_ROW(row, source)) {
        uint64_t value;
        memcpy(&value, (const char *)&row->own + category_metrics[i].offset, sizeof value);
        metric_sample(writing->to, metric, source->labels, row->label, value);
      }
    }
  }
}

static void write_budget(const struct writing *writing, const struct metric *metric) {
  metric_begin(writing->to, metric, writing->dialect);
  for (EACH_SOURCE(source, writing)) {
    for (size_t i = 0; i < source->budget_count; i++) {
      const struct metric_budget *budget = &source->budgets[i];
      metric_sample(writing->to, metric, source->labels, budget->label,
                    metric == &budget_limit ? budget->limit_bytes : budget->level);
    }
  }
}

static void write_budgets(const struct writing *writing) {
  write_budget(writing, &budget_limit);
  write_budget(writing, &budget_level);
}

static void write_slack(const struct writing *writing) {
  metric_begin(writing->to, &slack, writing->dialect);
  for (EACH_SOURCE(source, writing)) {
    if (!source->has_slack) continue;
    for (EACH_ROW(row, source))
      metric_sample(writing->to, &slack, source->labels, row->label, stacks_rounded(row->slack_bytes));
  }
}

/* Over the system heap there are none. */
static void write_held(const struct writing *writing) {
  metric_begin(writing->to, &held, writing->dialect);
  for (EACH_SOURCE(source, writing)) {
    if (!source->has_held) continue;
    for (EACH_ROW(row, source))
      metric_sample(writing->to, &held, source->labels, row->label, row->held_bytes);
  }
}

/* A process that is younger than the window has none. */
static void write_growth(const struct writing *writing) {
  metric_begin(writing->to, &growth, writing->dialect);
  for (EACH_SOURCE(source, writing)) {
    for (EACH_ROW(row, source)) {
      for (size_t i = 0; i < GROWTH_WINDOWS; i++) {
        char labels[METRIC_LABEL_BYTES + 32];
        if (!source->has_growth[i]) continue;
        snprintf(labels, sizeof labels, "%s,window=\"%s\"", row->label, growth_windows[i].word);
        metric_sample_real(writing->to, &growth, source->labels, labels, row->growth[i]);
      }
    }
  }
}

static void write_losses(const struct writing *writing) {
  metric_begin(writing->to, &lost, writing->dialect);
  for (EACH_SOURCE(source, writing)) {
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
      uint64_t value;
      char what[64];
      snprintf(what, sizeof what, "what=\"%s\"", losses[i].what);
      memcpy(&value, (const char *)&source->losses + losses[i].offset, sizeof value);
      metric_sample(writing->to, &lost, source->labels, what, value);
    }
  }
}

/* ---- of the whole process ------------------------------------------------------------------------------ */

#define PROCESS_GAUGE(noun, unit, help)                                                                      \
  { "ration_process_" noun, "gauge", unit, help }

static const struct metric process_peak =
    PROCESS_GAUGE("peak_bytes", "bytes", "The most that was live at once.");
static const struct metric process_error =
    PROCESS_GAUGE("error_bound_bytes", "bytes", "By how much live bytes may be off.");
static const struct metric process_threads = PROCESS_GAUGE("threads", NULL, "Threads; 0 after its end.");
static const struct metric process_uptime =
    PROCESS_GAUGE("uptime_seconds", "seconds", "How long it lives, or has lived.");
static const struct metric process_rss =
    PROCESS_GAUGE("rss_bytes", "bytes", "Resident memory, with all that is no heap.");
static const struct metric process_untouched =
    PROCESS_GAUGE("untouched_bytes", "bytes", "Of live bytes and slack, what is not resident.");
static const struct metric process_slack =
    PROCESS_GAUGE("slack_bytes", "bytes", "What the heap has taken beyond live blocks.");

static void write_process(const struct writing *writing, const struct metric *metric) {
  FILE *to = writing->to;
  metric_begin(to, metric, writing->dialect);
  for (EACH_SOURCE(source, writing)) {
    const struct resident *resident = source->has_resident ? &source->resident : NULL;
    if (metric == &process_peak)
      metric_sample(to, metric, source->labels, NULL, source->peak_bytes);
    else if (metric == &process_error)
      metric_sample(to, metric, source->labels, NULL, source->error_bound_bytes);
    else if (metric == &process_threads)
      metric_sample(to, metric, source->labels, NULL, source->threads);
    else if (metric == &process_uptime && source->uptime_seconds >= 0)
      metric_sample_real(to, metric, source->labels, NULL, source->uptime_seconds);
    else if (metric == &process_rss && resident)
      metric_sample(to, metric, source->labels, NULL, resident->rss_bytes);
    else if (metric == &process_untouched && resident)
      metric_sample(to, metric, source->labels, NULL, resident->untouched_bytes);
    else if (metric == &process_slack && resident && !resident->is_joined)
      metric_sample(to, metric, source->labels, NULL, resident->slack_bytes);
  }
}

static void write_processes(const struct writing *writing) {
  const struct metric *const all[] = {&process_peak, &process_error,     &process_threads, &process_uptime,
                                      &process_rss,  &process_untouched, &process_slack};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) write_process(writing, all[i]);
}
