/*
 * html.c: each process's object of JSON, with its timeline, the events of that and its sites, into the page.
 */
#include "report/html.h"

#include <errno.h>
#include <string.h>

#include "report/reading.h"
#include "view/event_view.h"
#include "view/output.h"
#include "view/process_view.h"
#include "view/progress.h"
#include "view/web_page.h"
#include "view/web_view.h"

/* Of one process. */
struct shown {
  struct timeline timeline;
  struct event_list events;
  struct reading reading;
  int *ret_error; /* of showing it */
};

static int make(const char *page, const struct subject *subject, const struct wishes *wishes, FILE *to,
                struct fault *ret_fault);
static int emit_all(struct emitter *emitter, const struct subject *subject, const struct wishes *wishes,
                    struct fault *ret_fault);
static int emit_process(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                        struct fault *ret_fault);
static int fill(const char *page, struct emitter *emitter, FILE *to, struct fault *ret_fault);
static int read_rest(struct process *process, struct shown *shown, struct fault *ret_fault);
static process_shower show;
static int refuse(const struct wishes *wishes, int error, struct fault *ret_fault);

/* That the page is not there, or the file cannot be written, is said before anything is read. */
int html_write(const struct subject *subject, const struct wishes *wishes, struct fault *ret_fault) {
  char page[PATH_MAX];
  struct output output;
  int error = web_page_find(page, ret_fault);
  if (error) return error;
  error = output_probe(wishes->html);
  if (error) return refuse(wishes, error, ret_fault);
  error = output_begin(&output);
  if (error) return fault_set(ret_fault, error, "not enough memory");
  error = make(page, subject, wishes, output.to, ret_fault);
  int of_output = output_end(&output, wishes->html, !error);
  return error || !of_output ? error : refuse(wishes, of_output, ret_fault);
}

static int make(const char *page, const struct subject *subject, const struct wishes *wishes, FILE *to,
                struct fault *ret_fault) {
  struct emitter *emitter = emitter_new(true);
  if (!emitter) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  emitter_compact(emitter);
  int error = emit_all(emitter, subject, wishes, ret_fault);
  if (!error) error = fill(page, emitter, to, ret_fault);
  emitter_free(emitter);
  return error;
}

static int emit_all(struct emitter *emitter, const struct subject *subject, const struct wishes *wishes,
                    struct fault *ret_fault) {
  int error = 0;
  struct progress progress = {.is_on = false};
  if (subject->count > 1) progress_begin(&progress, "reading its processes", subject->count);
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; !error && i < subject->count; i++) {
    error = emit_process(emitter, subject->processes[i], wishes, ret_fault);
    progress_step(&progress, i + 1);
  }
  emitter_end(emitter);
  progress_end(&progress);
  return error;
}

static int fill(const char *page, struct emitter *emitter, FILE *to, struct fault *ret_fault) {
  struct output json;
  int error = output_begin(&json);
  if (!error) {
    error = emitter_finish(emitter, json.to);
    if (!error) error = web_page_fill(page, json.bytes, json.size, to, ret_fault);
    output_end(&json, NULL, false);
    if (error != -ENOMEM) return error;
  }
  return fault_set(ret_fault, -ENOMEM, "not enough memory for all that it has");
}

static int emit_process(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                        struct fault *ret_fault) {
  int of_showing = 0;
  struct shown shown = {.ret_error = &of_showing};
  int error = subject_take_growth(process, ret_fault);
  if (!error) error = reading_open(process, wishes, &shown.reading, ret_fault);
  if (error) return error;
  error = read_rest(process, &shown, ret_fault);
  if (!error) process_view_instead(emitter, process, &selection_all, show, &shown);
  if (!error && of_showing) error = fault_set(ret_fault, of_showing, "not enough memory to show its sites");
  event_list_free(&shown.events);
  timeline_free(&shown.timeline);
  reading_close(&shown.reading);
  return error;
}

/* Events are read after what they speak of. */
static int read_rest(struct process *process, struct shown *shown, struct fault *ret_fault) {
  int error = subject_course(process, &shown->timeline, ret_fault);
  return error ? error : subject_events(process, &shown->events, ret_fault);
}

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct shown *shown = context;
  (void)selection; /* all there is */
  web_view_timeline(emitter, process, &shown->timeline);
  event_view_course(emitter, process, &shown->events);
  *shown->ret_error = web_view_sites(emitter, process, &shown->reading.report);
}

static int refuse(const struct wishes *wishes, int error, struct fault *ret_fault) {
  return fault_set(ret_fault, error, "%s cannot be written: %s; name another file with --html", wishes->html,
                   strerror(-error));
}
