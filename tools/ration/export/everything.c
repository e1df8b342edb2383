/*
 * everything.c: reads what all looks are made from, and has them shown in one object.
 */
#include "export/everything.h"

#include <errno.h>
#include <stdlib.h>

#include "export/stacks.h"
#include "reader/growth.h"
#include "subject/largest.h"
#include "view/emitter.h"
#include "view/event_view.h"
#include "view/largest_past_view.h"
#include "view/largest_view.h"
#include "view/leak_view.h"
#include "view/page_heap_view.h"
#include "view/pool_view.h"
#include "view/process_view.h"
#include "view/site_view.h"
#include "view/size_view.h"
#include "view/thread_view.h"
#include "view/timeline_view.h"

/* Of one process. */
struct everything {
  unsigned looks;
  struct thread_list threads;
  struct timeline timeline;
  struct size_table sizes;
  struct event_list events;
  struct sample_list samples; /* before sites: the site of each is there by then */
  struct stacks stacks;
  struct site_report report;
  struct site_report largest; /* the same, but for how many */
  struct largest_list past;
  struct leak_report leaks;
  double *requested; /* of leaks */
  struct misuse_report misuses;
};

static int emit_all(struct emitter *emitter, const struct subject *subject,
                    const struct export_wishes *wishes, unsigned looks, struct fault *ret_fault);
static int emit_process(struct emitter *emitter, struct process *process, const struct export_wishes *wishes,
                        unsigned looks, struct fault *ret_fault);
static int read_looks(struct process *process, const struct export_wishes *wishes, struct everything *all,
                      struct fault *ret_fault);
static int read_timeline(struct process *process, struct everything *all, struct fault *ret_fault);
static int read_rest(struct process *process, struct everything *all, struct fault *ret_fault);
static int read_blocks(struct process *process, const struct export_wishes *wishes, struct everything *all,
                       struct fault *ret_fault);
static process_shower show;
static void show_blocks(struct emitter *emitter, const struct process *process,
                        const struct selection *selection, const struct everything *all);
static void free_all(struct everything *all);

int everything_write(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                     unsigned looks, struct fault *ret_fault) {
  struct emitter *emitter = emitter_new(true);
  if (!emitter) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = emit_all(emitter, subject, wishes, looks, ret_fault);
  if (!error && emitter_finish(emitter, to) != 0)
    error = fault_set(ret_fault, -ENOMEM, "not enough memory for all that it has");
  emitter_free(emitter);
  return error;
}

static int emit_all(struct emitter *emitter, const struct subject *subject,
                    const struct export_wishes *wishes, unsigned looks, struct fault *ret_fault) {
  int error = 0;
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; !error && i < subject->count; i++)
    error = emit_process(emitter, subject->processes[i], wishes, looks, ret_fault);
  emitter_end(emitter);
  return error;
}

static int emit_process(struct emitter *emitter, struct process *process, const struct export_wishes *wishes,
                        unsigned looks, struct fault *ret_fault) {
  struct everything all = {.looks = looks};
  int error = read_looks(process, wishes, &all, ret_fault);
  if (!error) process_view_instead(emitter, process, &selection_all, show, &all);
  free_all(&all);
  return error;
}

/* Events are read after what they speak of, and samples before their sites. */
static int read_looks(struct process *process, const struct export_wishes *wishes, struct everything *all,
                      struct fault *ret_fault) {
  bool is_all = all->looks == EVERYTHING;
  int error;
  if (all->looks & EVERYTHING_TIMELINE)
    error = read_timeline(process, all, ret_fault);
  else
    error = subject_take_growth(process, ret_fault);
  if (!error && is_all)
    error = sample_list_read_path(process->path, process->is_memfd, &all->samples, ret_fault);
  if (!error && (all->looks & EVERYTHING_SITES))
    error = stacks_open(process, wishes, &all->stacks, ret_fault);
  if (!error && is_all) error = read_rest(process, all, ret_fault);
  all->report = (struct site_report){.sites = &all->stacks.sites,
                                     .table = &all->stacks.table,
                                     .symbols = all->stacks.symbols,
                                     .filter = &wishes->filter,
                                     .is_raw = wishes->is_raw};
  if (!error && is_all) error = read_blocks(process, wishes, all, ret_fault);
  return error;
}

/* Growth is by the same timeline, and of a recording that is read from its begin to its end. */
static int read_timeline(struct process *process, struct everything *all, struct fault *ret_fault) {
  int error = subject_timeline(process, &all->timeline, ret_fault);
  if (!error) growth_put(&all->timeline, growth_end(process), &process->snapshot);
  return error;
}

static int read_blocks(struct process *process, const struct export_wishes *wishes, struct everything *all,
                       struct fault *ret_fault) {
  int error = largest_list_read(process, &all->past, ret_fault);
  if (error) return error;
  largest_view_prepare(process, &all->samples, &all->stacks.sites);
  all->largest = all->report;
  all->largest.most = wishes->most_largest;
  error = leak_view_requests(&all->samples, &all->stacks.sites, &all->requested);
  all->leaks = (struct leak_report){&all->report, &wishes->suppressions, all->requested};
  all->misuses = (struct misuse_report){.events = &all->events, .sites = &all->report};
  return error ? fault_set(ret_fault, error, "not enough memory to read its samples") : 0;
}

static int read_rest(struct process *process, struct everything *all, struct fault *ret_fault) {
  const char *path = process->path;
  bool is_memfd = process->is_memfd;
  int error = thread_list_read_path(path, is_memfd, &all->threads, ret_fault);
  if (!error && process_is_alive(process))
    thread_list_follow_names(&all->threads, process->snapshot.name.pid);
  if (!error)
    error = size_table_read_path(path, is_memfd, process->snapshot.category_count, &all->sizes, ret_fault);
  if (!error) error = subject_events(process, &all->events, ret_fault);
  return error;
}

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct everything *all = context;
  bool is_all = all->looks == EVERYTHING;
  if (is_all) event_view_table(emitter, process, &all->events, selection);
  if (is_all) thread_view_table(emitter, process, selection, &all->threads);
  if (is_all) show_blocks(emitter, process, selection, all);
  if (all->looks & EVERYTHING_SITES) site_view_table(emitter, process, &all->report);
  if (all->looks & EVERYTHING_TIMELINE)
    timeline_view(emitter, process, &all->timeline, (struct timeline_extent){.columns = 80}, selection);
  if (is_all) size_view_tables(emitter, process, &all->sizes, selection);
  if (is_all) pool_view_table(emitter, process, selection, NULL);
  if (is_all) page_heap_view_tables(emitter, process, selection, &all->misuses);
}

static void show_blocks(struct emitter *emitter, const struct process *process,
                        const struct selection *selection, const struct everything *all) {
  struct leak_sums sums;
  largest_view_table(emitter, process, selection, &all->largest, &all->samples);
  largest_past_view_table(emitter, process, selection, &all->largest, &all->past);
  leak_view_table(emitter, process, &all->leaks, &sums);
}

static void free_all(struct everything *all) {
  free(all->requested);
  largest_list_free(&all->past);
  sample_list_free(&all->samples);
  stacks_close(&all->stacks);
  event_list_free(&all->events);
  size_table_free(&all->sizes);
  timeline_free(&all->timeline);
  thread_list_free(&all->threads);
}
