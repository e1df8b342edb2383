/*
 * found.c: what is kept of a visit to all processes.
 */
#include "serve/found.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "serve/host.h"

struct search {
  struct subject subject;
  size_t most; /* 0: any number */
  size_t beyond;
  bool wants_best; /* the first place has the best one so far */
};

static int search_for(const struct host_wishes *wishes, struct search *search, struct fault *ret_fault);
static host_visitor keep;
static void take_memory(struct process *process);
static bool is_better(const struct process *one, const struct process *other);
static int add(struct subject *subject, const struct process *process);
static int compare(const void *a, const void *b);

int found_by_pid(uint32_t pid, struct subject *ret_subject, struct fault *ret_fault) {
  const struct host_wishes wishes = {.pid = pid, .wants_ended = true};
  struct search search = {.wants_best = true};
  int error = search_for(&wishes, &search, ret_fault);
  if (error) return error;
  if (search.subject.count == 0) {
    found_free(&search.subject);
    return fault_set(ret_fault, -ENOENT,
                     "no tracked process of pid %u; /api/v1/processes has those that there are", pid);
  }
  take_memory(search.subject.processes[0]);
  *ret_subject = search.subject;
  return 0;
}

int found_by_program(const char *program, struct subject *ret_subject, struct fault *ret_fault) {
  const struct host_wishes wishes = {.program = program};
  struct search search = {.most = FOUND_MOST};
  int error = search_for(&wishes, &search, ret_fault);
  if (error) return error;
  if (search.subject.count == 0)
    error = fault_set(ret_fault, -ENOENT,
                      "no tracked process of this program; /api/v1/processes has those that there are");
  else if (search.beyond > 0)
    error = fault_set(ret_fault, -ERANGE,
                      "%zu processes have that name, and there is room for %d; name one by pid=",
                      search.subject.count + search.beyond, FOUND_MOST);
  if (error)
    found_free(&search.subject);
  else
    *ret_subject = search.subject;
  return error;
}

int found_all(struct subject *ret_subject, struct fault *ret_fault) {
  const struct host_wishes wishes = {.pid = 0};
  struct search search = {.most = 0};
  int error = search_for(&wishes, &search, ret_fault);
  if (!error) *ret_subject = search.subject;
  return error;
}

void found_free(struct subject *subject) {
  for (size_t i = 0; i < subject->count; i++) free(subject->processes[i]);
  free(subject->processes);
  *subject = (struct subject){0};
}

/* Those found, by when they were started. */
static int search_for(const struct host_wishes *wishes, struct search *search, struct fault *ret_fault) {
  struct host_tally tally;
  struct subject *subject = &search->subject;
  int error = host_visit(wishes, keep, search, &tally);
  if (error) {
    found_free(subject);
    return fault_set(ret_fault, error, "not enough memory for all processes");
  }
  if (subject->count > 0) qsort(subject->processes, subject->count, sizeof *subject->processes, compare);
  return 0;
}

static int keep(struct process *process, uint32_t own_pid, void *context) {
  struct search *search = context;
  struct subject *subject = &search->subject;
  (void)own_pid;
  if (search->wants_best && subject->count > 0) {
    if (is_better(process, subject->processes[0])) *subject->processes[0] = *process;
    return 0;
  }
  if (search->most && subject->count == search->most) {
    search->beyond++;
    return 0;
  }
  if (!search->wants_best) take_memory(process);
  return add(subject, process);
}

/* Of one that runs with `memory=1`, at a cost to it. */
static void take_memory(struct process *process) {
  process_take_resident(process);
  process_count_pages(process);
}

static bool is_better(const struct process *one, const struct process *other) {
  if (process_is_alive(one) != process_is_alive(other)) return process_is_alive(one);
  bool is_elsewhere = one->state == PROCESS_ELSEWHERE;
  if (is_elsewhere != (other->state == PROCESS_ELSEWHERE)) return !is_elsewhere;
  return one->snapshot.started_at_ns > other->snapshot.started_at_ns;
}

static int add(struct subject *subject, const struct process *process) {
  struct process **more = realloc(subject->processes, (subject->count + 1) * sizeof *more);
  if (!more) return -ENOMEM;
  subject->processes = more;
  subject->processes[subject->count] = malloc(sizeof *process);
  if (!subject->processes[subject->count]) return -ENOMEM;
  *subject->processes[subject->count++] = *process;
  return 0;
}

static int compare(const void *a, const void *b) {
  const struct process *left = *(struct process *const *)a, *right = *(struct process *const *)b;
  uint64_t left_at = left->snapshot.started_at_ns, right_at = right->snapshot.started_at_ns;
  return left_at < right_at ? -1 : left_at > right_at;
}
