/*
 * profile_answer.c: /debug/pprof/: profiles as `go tool pprof` fetches them, and an index to look at.
 */
#include <errno.h>
#include <inttypes.h>

#include "export/format.h"
#include "serve/answer.h"
#include "serve/found.h"
#include "serve/html.h"
#include "serve/serving.h"
#include "view/process_words.h"

#define TYPE_PROFILE "application/octet-stream"

static int find(const struct question *question, struct subject *ret_subject, struct fault *ret_fault);
static void write_index(FILE *to, const struct subject *subject);
static void write_row(FILE *to, const struct process *process);

void profile_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  const struct export_wishes wishes = {.order = SITES_BY_LIVE};
  struct subject subject = {0};
  struct answer_body body;
  struct fault fault;
  (void)serving;
  int error = answer_begin(&body, &fault);
  if (!error) error = find(question, &subject, &fault);
  if (!error) error = export_pprof(body.to, &subject, &wishes, &fault);
  found_free(&subject);
  answer_end(&body, error, &fault, TYPE_PROFILE, ret_answer);
}

static int find(const struct question *question, struct subject *ret_subject, struct fault *ret_fault) {
  if (question->pid) return found_by_pid(question->pid, ret_subject, ret_fault);
  if (question->program[0]) return found_by_program(question->program, ret_subject, ret_fault);
  return fault_set(ret_fault, -ERANGE, "of which process? say heap?pid=PID or heap?program=NAME");
}

void profile_index_answer(struct serving *serving, const struct question *question,
                          struct answer *ret_answer) {
  struct subject subject = {0};
  struct answer_body body;
  struct fault fault;
  (void)serving, (void)question;
  int error = answer_begin(&body, &fault);
  if (!error) error = found_all(&subject, &fault);
  if (!error) write_index(body.to, &subject);
  found_free(&subject);
  answer_end(&body, error, &fault, ANSWER_HTML, ret_answer);
}

static void write_index(FILE *to, const struct subject *subject) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>ration: profiles</title>\n"
        "<h1>Profiles of live and allocated memory</h1>\n"
        "<p>Each is for <code>go tool pprof URL</code>: inuse_space, inuse_objects, alloc_space, "
        "alloc_objects.</p>\n<table>\n",
        to);
  for (size_t i = 0; i < subject->count; i++) write_row(to, subject->processes[i]);
  fputs("</table>\n", to);
  if (subject->count == 0) fputs("<p>No tracked process; start one with <code>ration run</code>.</p>\n", to);
  fputs("</html>\n", to);
}

static void write_row(FILE *to, const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  fprintf(to, "<tr><td><a href=\"heap?pid=%" PRIu32 "\">%" PRIu32 "</a><td><a href=\"heap?program=",
          snapshot->name.pid, snapshot->name.pid);
  html_query(to, snapshot->program);
  fputs("\">", to);
  html_text(to, snapshot->program);
  fprintf(to, "</a><td>%s<td>%" PRIu64 " bytes live</tr>\n", process_words_state(process->state),
          snapshot->total.live_bytes);
}
