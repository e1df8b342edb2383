/*
 * process_answer.c: /api/v1/...: the objects of `ration list --json` and `ration report --json`, by the same emitter.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/whole.h"
#include "export/everything.h"
#include "export/stacks.h"
#include "reader/growth.h"
#include "serve/answer.h"
#include "serve/found.h"
#include "serve/host.h"
#include "serve/serving.h"
#include "view/event_view.h"
#include "view/process_view.h"
#include "view/timeline_view.h"
#include "view/web_view.h"

/* What there is beside the page of one process. */
typedef int look_writer(FILE *to, const struct subject *subject, const struct question *question,
                        struct fault *ret_fault);

/* Of one process, since a moment: of those that are read, which are shown. */
struct course {
  struct timeline timeline;
  struct timeline_extent extent;
  struct event_list events;
};

struct shown_sites {
  struct site_report report;
  int *ret_error;
};

/* Those that live stand first. */
struct listing {
  struct emitter *emitter;
  bool wants_ended;
};

static void answer_look(const struct question *question, look_writer *write, struct answer *ret_answer);
static look_writer write_page, write_timeline, write_sites;
static int list_all(FILE *to, struct fault *ret_fault);
static host_visitor list_process;
static int emit_timeline(struct emitter *emitter, struct process *process, double since_seconds,
                         struct fault *ret_fault);
static void leave_out_before(struct event_list *events, uint64_t since_ns);
static int emit_sites(struct emitter *emitter, struct process *process, struct fault *ret_fault);
static process_shower show_course, show_sites;
static int finish(struct emitter *emitter, FILE *to, int error, struct fault *ret_fault);

void processes_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  struct answer_body body;
  struct fault fault;
  (void)serving, (void)question;
  int error = answer_begin(&body, &fault);
  if (!error) error = list_all(body.to, &fault);
  answer_end(&body, error, &fault, ANSWER_JSON, ret_answer);
}

void process_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  (void)serving;
  answer_look(question, write_page, ret_answer);
}

void timeline_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  (void)serving;
  answer_look(question, write_timeline, ret_answer);
}

void sites_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  (void)serving;
  answer_look(question, write_sites, ret_answer);
}

static void answer_look(const struct question *question, look_writer *write, struct answer *ret_answer) {
  struct subject subject = {0};
  struct answer_body body;
  struct fault fault;
  int error = answer_begin(&body, &fault);
  if (!error) error = found_by_pid(question->pid, &subject, &fault);
  if (!error) error = write(body.to, &subject, question, &fault);
  found_free(&subject);
  answer_end(&body, error, &fault, ANSWER_JSON, ret_answer);
}

static int write_page(FILE *to, const struct subject *subject, const struct question *question,
                      struct fault *ret_fault) {
  const struct export_wishes wishes = {.order = SITES_BY_LIVE};
  (void)question;
  return everything_write(to, subject, &wishes, 0, ret_fault);
}

static int write_sites(FILE *to, const struct subject *subject, const struct question *question,
                       struct fault *ret_fault) {
  struct emitter *emitter = emitter_new(true);
  (void)question;
  if (!emitter) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  emitter_compact(emitter);
  emitter_begin_list(emitter, "processes");
  int error = emit_sites(emitter, subject->processes[0], ret_fault);
  emitter_end(emitter);
  return finish(emitter, to, error, ret_fault);
}

static int emit_sites(struct emitter *emitter, struct process *process, struct fault *ret_fault) {
  const struct export_wishes wishes = {.order = SITES_BY_LIVE};
  struct stacks stacks;
  int of_showing = 0, error = subject_take_growth(process, ret_fault);
  if (!error) error = stacks_open(process, &wishes, &stacks, ret_fault);
  if (error) return error;
  struct shown_sites shown = {.report = {.sites = &stacks.sites,
                                         .table = &stacks.table,
                                         .symbols = stacks.symbols,
                                         .filter = &wishes.filter},
                              .ret_error = &of_showing};
  process_view_instead(emitter, process, &selection_all, show_sites, &shown);
  stacks_close(&stacks);
  return of_showing ? fault_set(ret_fault, of_showing, "not enough memory to show its sites") : 0;
}

static void show_sites(struct emitter *emitter, const struct process *process,
                       const struct selection *selection, const void *context) {
  const struct shown_sites *shown = context;
  (void)selection;
  *shown->ret_error = web_view_sites(emitter, process, &shown->report);
}

static int write_timeline(FILE *to, const struct subject *subject, const struct question *question,
                          struct fault *ret_fault) {
  struct emitter *emitter = emitter_new(true);
  if (!emitter) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  emitter_begin_list(emitter, "processes");
  int error = emit_timeline(emitter, subject->processes[0], question->since_seconds, ret_fault);
  emitter_end(emitter);
  return finish(emitter, to, error, ret_fault);
}

/* Only what came since a moment is wanted, by whoever has the rest. Events are read after what they speak of. */
static int emit_timeline(struct emitter *emitter, struct process *process, double since_seconds,
                         struct fault *ret_fault) {
  struct course course = {.extent = {.columns = 80}};
  int error = subject_timeline(process, &course.timeline, ret_fault);
  if (error) return error;
  uint64_t end_ns = growth_end(process);
  growth_put(&course.timeline, end_ns, &process->snapshot);
  error = subject_events(process, &course.events, ret_fault);
  double last_ns = (double)end_ns - since_seconds * 1e9;
  if (since_seconds > 0) course.extent.last_ns = last_ns > 1 ? whole_of(last_ns) : 1;
  uint64_t since_ns = process->snapshot.facts.started_at + end_ns - course.extent.last_ns;
  if (since_seconds > 0) leave_out_before(&course.events, since_ns);
  if (!error) process_view_instead(emitter, process, &selection_all, show_course, &course);
  event_list_free(&course.events);
  timeline_free(&course.timeline);
  return error;
}

static void leave_out_before(struct event_list *events, uint64_t since_ns) {
  size_t kept = 0;
  for (size_t i = 0; i < events->count; i++)
    if (events->event[i].at > since_ns) events->event[kept++] = events->event[i];
  events->count = kept;
}

static void show_course(struct emitter *emitter, const struct process *process,
                        const struct selection *selection, const void *context) {
  const struct course *course = context;
  timeline_view(emitter, process, &course->timeline, course->extent, selection);
  event_view_course(emitter, process, &course->events);
}

/* Two visits: of those that have ended none could have come between. */
static int list_all(FILE *to, struct fault *ret_fault) {
  struct listing listing = {.emitter = emitter_new(true)};
  struct host_wishes wishes = {.wants_ended = false};
  struct host_tally tally;
  if (!listing.emitter) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  emitter_begin_list(listing.emitter, "processes");
  int error = host_visit(&wishes, list_process, &listing, &tally);
  wishes.wants_ended = listing.wants_ended = true;
  if (!error) error = host_visit(&wishes, list_process, &listing, &tally);
  emitter_end(listing.emitter);
  if (error) fault_set(ret_fault, error, "not enough memory for all processes");
  return finish(listing.emitter, to, error, ret_fault);
}

/* What is not known of how it grows is null. */
static int list_process(struct process *process, uint32_t own_pid, void *context) {
  const struct listing *listing = context;
  struct fault fault;
  bool is_ended = own_pid == 0 || process->state == PROCESS_REPLACED;
  if (is_ended != listing->wants_ended) return 0;
  if (!is_ended) process_take_resident(process);
  if (subject_take_growth(process, &fault) == -ENOMEM) return -ENOMEM;
  process_view_page(listing->emitter, process, &selection_all);
  return 0;
}

static int finish(struct emitter *emitter, FILE *to, int error, struct fault *ret_fault) {
  if (!error && emitter_finish(emitter, to) != 0)
    error = fault_set(ret_fault, -ENOMEM, "not enough memory for all that it has");
  emitter_free(emitter);
  return error;
}
