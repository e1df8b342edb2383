/*
 * openmetrics.c: the books as metrics. Of a category its own bytes alone, so that sums over categories are right; what
 * concerns the whole process is `ration_process_*`.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "export/format.h"
#include "export/metric.h"
#include "export/stacks.h"
#include "reader/growth.h"
#include "reader/sample_list.h"

#define LABEL_BYTES 48

/* One process: its labels, and what lies in no snapshot. */
struct source {
  const struct process *process;
  char pid[LABEL_BYTES], session[LABEL_BYTES];
  double *slack; /* by category: of live blocks; NULL: no samples are taken, so nobody knows */
};

#define FIGURE(member) offsetof(struct category_figures, own.member)
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
static const struct metric growth = {"ration_growth_bytes_per_hour", "gauge", NULL,
                                     "What was gained within a window of time, as a rate."};
static const struct metric lost = {"ration_lost", "counter", NULL, "What the books had to leave out."};

static const struct {
  const char *what;
  size_t offset;
} losses[] = {LOST(foreign_frees), LOST(double_frees),    LOST(wild_frees),       LOST(lists_lost),
              LOST(late_writes),   LOST(overruns),        LOST(untracked_blocks), LOST(categories_lost),
              LOST(scopes_lost),   LOST(callers_lost),    LOST(accounts_lost),    LOST(ranges_lost),
              LOST(events_lost),   LOST(samples_lost),    LOST(sites_lost),       LOST(stacks_truncated),
              LOST(stacks_failed), LOST(settings_ignored)};

static bool has_labels_of(const struct snapshot *one, const struct snapshot *other);
static bool is_left_out(const struct subject *subject, size_t number);
static int open_source(struct process *process, struct source *ret_source, struct fault *ret_fault);
static int sum_slack(struct source *source, struct fault *ret_fault);
static void close_sources(struct source *sources, size_t count);
static void write_categories(FILE *to, const struct source *sources, size_t count);
static void write_budgets(FILE *to, const struct source *sources, size_t count);
static void write_slack(FILE *to, const struct source *sources, size_t count);
static void write_held(FILE *to, const struct source *sources, size_t count);
static void write_growth(FILE *to, const struct source *sources, size_t count);
static void write_losses(FILE *to, const struct source *sources, size_t count);
static void write_processes(FILE *to, const struct source *sources, size_t count);

int export_openmetrics(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                       struct fault *ret_fault) {
  (void)wishes;
  struct source *sources = calloc(subject->count, sizeof *sources);
  if (!sources) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = 0;
  size_t count = 0;
  for (size_t i = 0; !error && i < subject->count; i++) {
    if (is_left_out(subject, i)) continue;
    error = open_source(subject->processes[i], &sources[count], ret_fault);
    if (!error) count++;
  }
  if (!error) {
    write_categories(to, sources, count);
    write_budgets(to, sources, count);
    write_slack(to, sources, count);
    write_held(to, sources, count);
    write_growth(to, sources, count);
    write_losses(to, sources, count);
    write_processes(to, sources, count);
    fputs("# EOF\n", to);
  }
  close_sources(sources, count);
  return error;
}

/* What exec has replaced has nothing any more; and of two with the same labels, as a pid may come again, or be that of two in
 * different pid namespaces, there is room for the last. One that is all there is stands in any case. */
static bool is_left_out(const struct subject *subject, size_t number) {
  const struct process *process = subject->processes[number];
  const struct snapshot *snapshot = &process->snapshot;
  if (subject->count > 1 && process->state == PROCESS_REPLACED) return true;
  for (size_t i = number + 1; i < subject->count; i++) {
    const struct snapshot *later = &subject->processes[i]->snapshot;
    if (subject->processes[i]->state == PROCESS_REPLACED || !has_labels_of(later, snapshot)) continue;
    complain(snapshot->program, "note: left out: a later process%s has its pid, %" PRIu32 ", and its name",
             later->name.pid_namespace == snapshot->name.pid_namespace ? "" : " in another pid namespace",
             snapshot->name.pid);
    return true;
  }
  return false;
}

static bool has_labels_of(const struct snapshot *one, const struct snapshot *other) {
  if (one->name.pid != other->name.pid || strcmp(one->program, other->program) != 0) return false;
  if (one->session_start != other->session_start) return false;
  return one->session_start == 0 || one->session_pid == other->session_pid;
}

static int open_source(struct process *process, struct source *ret_source, struct fault *ret_fault) {
  const struct snapshot *snapshot = &process->snapshot;
  struct source *source = ret_source;
  *source = (struct source){.process = process};
  snprintf(source->pid, LABEL_BYTES, "%" PRIu32, snapshot->name.pid);
  if (snapshot->session_start)
    snprintf(source->session, LABEL_BYTES, "%" PRIu32 ".%" PRIu64, snapshot->session_pid,
             snapshot->session_start);
  int error = subject_take_growth(process, ret_fault);
  return error || snapshot->facts.site_count <= 1 ? error : sum_slack(source, ret_fault);
}

/* Samples before sites: the site of each is there by then. */
static int sum_slack(struct source *source, struct fault *ret_fault) {
  const struct process *process = source->process;
  struct sample_list samples;
  struct site_list sites;
  int error = sample_list_read_path(process->path, process->is_memfd, &samples, ret_fault);
  if (error) return error;
  error = site_list_read_path(process->path, process->is_memfd, process->snapshot.category_count, &sites,
                              ret_fault);
  if (!error) {
    source->slack = calloc(RATION_CATEGORY_IDS, sizeof *source->slack);
    if (!source->slack) error = fault_set(ret_fault, -ENOMEM, "not enough memory");
    for (size_t i = 0; source->slack && i < samples.count; i++) {
      const struct sample_facts *sample = &samples.sample[i];
      const struct site_facts *site = site_list_of_row(&sites, sample->site);
      if (site && sample->usable_bytes > sample->requested_bytes)
        source->slack[site->category] +=
            sample->blocks * (double)(sample->usable_bytes - sample->requested_bytes);
    }
    site_list_free(&sites);
  }
  sample_list_free(&samples);
  return error;
}

static void close_sources(struct source *sources, size_t count) {
  for (size_t i = 0; i < count; i++) free(sources[i].slack);
  free(sources);
}

/* The labels that all have, and room for one or two more. */
#define LABELS      3
#define LABELS_MOST 5
static void label(const struct source *source, struct label ret_labels[LABELS_MOST]) {
  ret_labels[0] = (struct label){"pid", source->pid};
  ret_labels[1] = (struct label){"program", source->process->snapshot.program};
  ret_labels[2] = (struct label){"session", source->session};
}

/* The root has a row of its own where it has blocks of its own, as everywhere. */
static bool has_row(const struct snapshot *snapshot, uint32_t id) {
  const struct figures *own = &snapshot->categories[id].own;
  return id != RATION_CATEGORY_TOTAL || own->allocations > 0 || own->live_bytes > 0 || own->refused > 0;
}

static void write_categories(FILE *to, const struct source *sources, size_t count) {
  struct label labels[LABELS_MOST];
  for (size_t i = 0; i < sizeof category_metrics / sizeof *category_metrics; i++) {
    metric_begin(to, &category_metrics[i].metric);
    for (const struct source *source = sources; source < sources + count; source++) {
      const struct snapshot *snapshot = &source->process->snapshot;
      label(source, labels);
      for (uint32_t id = 1; id <= snapshot->category_count; id++) {
        uint64_t value;
        if (!has_row(snapshot, id)) continue;
        labels[LABELS] = (struct label){"category", snapshot->categories[id].name};
        memcpy(&value, (const char *)&snapshot->categories[id] + category_metrics[i].offset, sizeof value);
        metric_sample(to, &category_metrics[i].metric, labels, LABELS + 1, value);
      }
    }
  }
}

static void write_budget(FILE *to, const struct metric *metric, const struct source *sources, size_t count) {
  struct label labels[LABELS_MOST];
  metric_begin(to, metric);
  for (const struct source *source = sources; source < sources + count; source++) {
    const struct snapshot *snapshot = &source->process->snapshot;
    label(source, labels);
    for (uint32_t i = 0; i < snapshot->budgets.count; i++) {
      const struct budget_facts *budget = &snapshot->budgets.budget[i];
      labels[LABELS] = (struct label){"category", snapshot->categories[budget->category].name};
      metric_sample(to, metric, labels, LABELS + 1,
                    metric == &budget_limit ? budget->limit_bytes : budget->level);
    }
  }
}

static void write_budgets(FILE *to, const struct source *sources, size_t count) {
  write_budget(to, &budget_limit, sources, count);
  write_budget(to, &budget_level, sources, count);
}

static void write_slack(FILE *to, const struct source *sources, size_t count) {
  struct label labels[LABELS_MOST];
  metric_begin(to, &slack);
  for (const struct source *source = sources; source < sources + count; source++) {
    const struct snapshot *snapshot = &source->process->snapshot;
    label(source, labels);
    for (uint32_t id = 1; source->slack && id <= snapshot->category_count; id++) {
      if (!has_row(snapshot, id)) continue;
      labels[LABELS] = (struct label){"category", snapshot->categories[id].name};
      metric_sample(to, &slack, labels, LABELS + 1, stacks_rounded(source->slack[id]));
    }
  }
}

/* Over the system heap there are none. */
static void write_held(FILE *to, const struct source *sources, size_t count) {
  struct label labels[LABELS_MOST];
  metric_begin(to, &held);
  for (const struct source *source = sources; source < sources + count; source++) {
    const struct snapshot *snapshot = &source->process->snapshot;
    label(source, labels);
    for (uint32_t id = 1; snapshot->holdings.counted_at && id <= snapshot->category_count; id++) {
      if (!has_row(snapshot, id)) continue;
      labels[LABELS] = (struct label){"category", snapshot->categories[id].name};
      metric_sample(to, &held, labels, LABELS + 1, snapshot->holdings.category[id].held_bytes);
    }
  }
}

/* A process that is younger than the window has none. */
static void write_growth(FILE *to, const struct source *sources, size_t count) {
  struct label labels[LABELS_MOST];
  metric_begin(to, &growth);
  for (const struct source *source = sources; source < sources + count; source++) {
    const struct snapshot *snapshot = &source->process->snapshot;
    label(source, labels);
    for (uint32_t id = 1; id <= snapshot->category_count; id++) {
      labels[LABELS] = (struct label){"category", snapshot->categories[id].name};
      for (size_t i = 0; has_row(snapshot, id) && i < GROWTH_WINDOWS; i++) {
        if (!snapshot->growth.is_known[i]) continue;
        labels[LABELS + 1] = (struct label){"window", growth_windows[i].word};
        metric_sample_real(to, &growth, labels, LABELS + 2, (double)snapshot->growth.of[i][id].own);
      }
    }
  }
}

static void write_losses(FILE *to, const struct source *sources, size_t count) {
  struct label labels[LABELS_MOST];
  metric_begin(to, &lost);
  for (const struct source *source = sources; source < sources + count; source++) {
    label(source, labels);
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
      uint64_t value;
      labels[LABELS] = (struct label){"what", losses[i].what};
      memcpy(&value, (const char *)&source->process->snapshot.losses + losses[i].offset, sizeof value);
      metric_sample(to, &lost, labels, LABELS + 1, value);
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

static void write_process(FILE *to, const struct metric *metric, const struct source *sources, size_t count) {
  struct label labels[LABELS_MOST];
  metric_begin(to, metric);
  for (const struct source *source = sources; source < sources + count; source++) {
    const struct process *process = source->process;
    const struct resident *resident = process->has_resident ? &process->resident : NULL;
    label(source, labels);
    if (metric == &process_peak)
      metric_sample(to, metric, labels, LABELS, process->snapshot.total.peak_bytes);
    else if (metric == &process_error)
      metric_sample(to, metric, labels, LABELS, process->error_bound_bytes);
    else if (metric == &process_threads)
      metric_sample(to, metric, labels, LABELS, process->threads);
    else if (metric == &process_uptime && process->uptime_seconds >= 0)
      metric_sample_real(to, metric, labels, LABELS, process->uptime_seconds);
    else if (metric == &process_rss && resident)
      metric_sample(to, metric, labels, LABELS, resident->rss_bytes);
    else if (metric == &process_untouched && resident)
      metric_sample(to, metric, labels, LABELS, resident->untouched_bytes);
    else if (metric == &process_slack && resident && !resident->is_joined)
      metric_sample(to, metric, labels, LABELS, resident->slack_bytes);
  }
}

static void write_processes(FILE *to, const struct source *sources, size_t count) {
  const struct metric *const all[] = {&process_peak, &process_error,     &process_threads, &process_uptime,
                                      &process_rss,  &process_untouched, &process_slack};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) write_process(to, all[i], sources, count);
}
