/*
 * scrape.c: process by process, each forgotten but for its samples, and a little that is kept, before the next is read.
 */
#include "serve/scrape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "export/openmetrics.h"
#include "reader/monotonic.h"
#include "serve/cgroup.h"
#include "serve/host.h"

struct scraper {
  pthread_mutex_t mutex; /* held for a whole scrape */
  struct host_kept kept;
  struct openmetrics metrics;
};

struct scrape {
  struct scraper *scraper;
  uint32_t most_processes;
  uint64_t left_out;  /* beyond those */
  uint64_t went_away; /* while they were read */
  struct host_tally tally;
  uint64_t began_at_ns;
};

static const struct metric processes = {"ration_serve_processes", "gauge", NULL,
                                        "Tracked processes that live and could be read."};
static const struct metric unreadable = {"ration_serve_unreadable", "gauge", NULL,
                                         "Segments that could not be read."};
static const struct metric left_out = {"ration_serve_left_out", "gauge", NULL,
                                       "Processes beyond --processes, which these metrics do not have."};
static const struct metric duration = {"ration_serve_scrape_seconds", "gauge", "seconds",
                                       "How long it took to read all this."};
static const struct metric requests = {"ration_serve_requests", "counter", NULL,
                                       "Requests answered, by status."};
static const struct metric counters[SERVING_COUNTERS] = {
    [SERVING_CUT_OFF] = {"ration_serve_cut_off", "counter", NULL,
                         "Connections ended since a request or its answer took too long."},
    [SERVING_PUSHED] = {"ration_serve_pushed", "counter", NULL, "Profiles that have arrived at --push."},
    [SERVING_PUSH_FAILED] = {"ration_serve_push_failed", "counter", NULL, "Tries to push that have failed."},
    [SERVING_PUSH_DROPPED] = {"ration_serve_push_dropped", "counter", NULL,
                              "Profiles that were given up, or found no room to wait."}};

static host_visitor add_process;
static void add_own(struct metric_text *to, const struct scrape *scrape, struct serving *serving,
                    enum metric_dialect dialect);
static void add_one(struct metric_text *to, const struct metric *metric, enum metric_dialect dialect,
                    uint64_t value);

struct scraper *scraper_new(void) {
  struct scraper *scraper = calloc(1, sizeof *scraper);
  if (scraper) pthread_mutex_init(&scraper->mutex, NULL);
  return scraper;
}

void scraper_free(struct scraper *scraper) {
  if (!scraper) return;
  host_kept_free(&scraper->kept);
  openmetrics_free(&scraper->metrics);
  pthread_mutex_destroy(&scraper->mutex);
  free(scraper);
}

int scrape_write(struct serving *serving, enum metric_dialect dialect, struct metric_text *to,
                 struct fault *ret_fault) {
  struct scraper *scraper = serving->scraper;
  const struct host_wishes wishes = {.kept = &scraper->kept};
  struct scrape scrape = {
      .scraper = scraper, .most_processes = serving->most_processes, .began_at_ns = monotonic_ns()};
  pthread_mutex_lock(&scraper->mutex);
  scraper->metrics.most_rows = serving->most_rows;
  int error = host_visit(&wishes, add_process, &scrape, &scrape.tally);
  if (!error) {
    openmetrics_part_twins(&scraper->metrics, NULL);
    openmetrics_write(&scraper->metrics, dialect, to);
    add_own(to, &scrape, serving, dialect);
    metric_end(to, dialect);
    if (to->is_lossy) error = -ENOMEM;
  }
  openmetrics_clear(&scraper->metrics);
  kept_drop_unfound(&scraper->kept.book);
  pthread_mutex_unlock(&scraper->mutex);
  return error ? fault_set(ret_fault, error, "not enough memory for all processes") : 0;
}

static int add_process(struct process *process, uint32_t own_pid, void *context) {
  struct scrape *scrape = context;
  struct openmetrics *metrics = &scrape->scraper->metrics;
  struct metric_place place;
  struct fault fault;
  if (scrape->most_processes && metrics->count >= scrape->most_processes) {
    scrape->left_out++;
    return 0;
  }
  struct kept *kept = kept_find(&scrape->scraper->kept.book, &process->snapshot.name);
  if (!kept) return -ENOMEM;
  process_take_resident(process);
  process_count_pages(process);
  cgroup_read(own_pid, &place);
  int error = kept_put_growth(kept, process, &fault);
  if (!error) error = openmetrics_add(metrics, process, &place, &fault);
  if (error == -ENOMEM) return error;
  scrape->went_away += error != 0;
  return 0;
}

static void add_own(struct metric_text *to, const struct scrape *scrape, struct serving *serving,
                    enum metric_dialect dialect) {
  struct serving_counts counts = serving_counts(serving);
  add_one(to, &processes, dialect, scrape->tally.read - scrape->went_away);
  add_one(to, &unreadable, dialect, scrape->tally.unreadable);
  add_one(to, &left_out, dialect, scrape->left_out);
  metric_begin(to, &requests, dialect);
  for (size_t i = 0; i < SERVING_STATUSES; i++) {
    char label[32];
    snprintf(label, sizeof label, "status=\"%u\"", serving_statuses[i]);
    metric_sample(to, &requests, NULL, label, counts.answers[i]);
  }
  for (size_t i = 0; i < SERVING_COUNTERS; i++) add_one(to, &counters[i], dialect, counts.counted[i]);
  metric_begin(to, &duration, dialect);
  metric_sample_real(to, &duration, NULL, NULL, (double)(monotonic_ns() - scrape->began_at_ns) / 1e9);
}

static void add_one(struct metric_text *to, const struct metric *metric, enum metric_dialect dialect,
                    uint64_t value) {
  metric_begin(to, metric, dialect);
  metric_sample(to, metric, NULL, NULL, value);
}
