/*
 * everything.c: reads what all looks are made from, and has them shown in one object.
 */
#include "export/everything.h"

#include <errno.h>

#include "export/stacks.h"
#include "reader/timeline.h"
#include "view/event_view.h"
#include "view/pool_view.h"
#include "view/process_view.h"
#include "view/site_view.h"
#include "view/size_view.h"
#include "view/thread_view.h"
#include "view/timeline_view.h"

/* Of one process. */
struct everything {
  struct thread_list threads;
  struct timeline timeline;
  struct size_table sizes;
  struct event_list events;
  struct stacks stacks;
  struct site_report report;
};

static int emit_process(struct emitter *emitter, struct process *process, const struct export_wishes *wishes,
                        struct fault *ret_fault);
static int read_all(struct process *process, const struct export_wishes *wishes, struct everything *all,
                    struct fault *ret_fault);
static process_shower show;
static void free_all(struct everything *all);

int everything_emit(struct emitter *emitter, const struct subject *subject,
                    const struct export_wishes *wishes, struct fault *ret_fault) {
  int error = 0;
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; !error && i < subject->count; i++)
    error = emit_process(emitter, subject->processes[i], wishes, ret_fault);
  emitter_end(emitter);
  return error;
}

static int emit_process(struct emitter *emitter, struct process *process, const struct export_wishes *wishes,
                        struct fault *ret_fault) {
  struct everything all = {.threads = {0}};
  int error = read_all(process, wishes, &all, ret_fault);
  if (!error) process_view_instead(emitter, process, &selection_all, show, &all);
  free_all(&all);
  return error;
}

/* Events are read after what they speak of. */
static int read_all(struct process *process, const struct export_wishes *wishes, struct everything *all,
                    struct fault *ret_fault) {
  const char *path = process->path;
  bool is_memfd = process->is_memfd;
  uint32_t categories = process->snapshot.category_count;
  int error = thread_list_read_path(path, is_memfd, &all->threads, ret_fault);
  if (!error && process_is_alive(process))
    thread_list_follow_names(&all->threads, process->snapshot.name.pid);
  if (!error) error = timeline_read_path(path, is_memfd, categories, &all->timeline, ret_fault);
  if (!error) error = size_table_read_path(path, is_memfd, categories, &all->sizes, ret_fault);
  if (!error) error = stacks_open(process, wishes, &all->stacks, ret_fault);
  if (!error) error = event_list_read_path(path, is_memfd, &all->events, ret_fault);
  all->report = (struct site_report){.sites = &all->stacks.sites,
                                     .table = &all->stacks.table,
                                     .symbols = all->stacks.symbols,
                                     .filter = &wishes->filter,
                                     .is_raw = wishes->is_raw};
  return error;
}

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct everything *all = context;
  event_view_table(emitter, process, &all->events, selection);
  thread_view_table(emitter, process, selection, &all->threads);
  site_view_table(emitter, process, &all->report);
  timeline_view(emitter, process, &all->timeline, (struct timeline_extent){.columns = 80}, selection);
  size_view_tables(emitter, process, &all->sizes, selection);
  pool_view_table(emitter, process, selection, NULL);
}

static void free_all(struct everything *all) {
  stacks_close(&all->stacks);
  event_list_free(&all->events);
  size_table_free(&all->sizes);
  timeline_free(&all->timeline);
  thread_list_free(&all->threads);
}
