/*
 * session.c: images to processes, and their sums; tree.h puts the processes in order.
 */
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/tree.h"

static int compare(uint64_t one, uint64_t other);
static bool is_same_session(const struct member *one, const struct member *other);
static int by_session(const void *one, const void *other);
static int collect(const struct member_list *list, struct session *session);
static int by_image(const void *one, const void *other);
static void drop_doubles(struct session *session);
static bool is_same_process(const struct member *one, const struct member *other);
static int group_images(struct session *session);
static void add_image(struct session_process *process, const struct member *image);
static void add_up(struct session *session);
static int sum_programs(struct session *session);
static int by_program(const void *one, const void *other);
static void add_to_program(struct session_program *program, const struct member *const *images, size_t count,
                           const struct session *session);
static int by_peak(const void *one, const void *other);

int session_find_last(const struct member_list *list, uint32_t *ret_pid, uint64_t *ret_start) {
  const struct member **all = malloc((list->count + 1) * sizeof *all), *last = NULL;
  if (!all) return -ENOMEM;
  size_t count = 0;
  for (size_t i = 0; i < list->count; i++)
    if (list->members[i].session_start) all[count++] = &list->members[i];
  if (count) qsort(all, count, sizeof *all, by_session);
  for (size_t i = 0; i < count; i++) {
    if (i > 0 && is_same_session(all[i], all[i - 1])) continue; /* the first of each is its oldest */
    if (!last || all[i]->started_at_ns > last->started_at_ns) last = all[i];
  }
  free(all);
  if (!last) return -ENOENT;
  *ret_pid = last->session_pid;
  *ret_start = last->session_start;
  return 0;
}

int session_make(const struct member_list *list, uint32_t pid, uint64_t start, struct session *ret_session) {
  struct session session = {.pid = pid, .start = start};
  int error = collect(list, &session);
  if (!error) drop_doubles(&session);
  if (!error) error = group_images(&session);
  if (!error) error = tree_arrange(&session);
  if (!error) error = sum_programs(&session);
  if (error) {
    session_free(&session);
    return error;
  }
  add_up(&session);
  *ret_session = session;
  return 0;
}

void session_free(struct session *session) {
  free(session->members);
  free(session->processes);
  free(session->programs);
  *session = (struct session){.pid = 0};
}

const struct member *session_process_last(const struct session_process *process) {
  return &process->images[process->image_count - 1];
}

static int compare(uint64_t one, uint64_t other) {
  return one < other ? -1 : one > other;
}

static bool is_same_session(const struct member *one, const struct member *other) {
  return one->session_pid == other->session_pid && one->session_start == other->session_start;
}

static int by_session(const void *one, const void *other) {
  const struct member *a = *(const struct member *const *)one, *b = *(const struct member *const *)other;
  int order = compare(a->session_pid, b->session_pid);
  if (!order) order = compare(a->session_start, b->session_start);
  return order ? order : compare(a->started_at_ns, b->started_at_ns);
}

static int collect(const struct member_list *list, struct session *session) {
  session->members = calloc(list->count + 1, sizeof *session->members);
  if (!session->members) return -ENOMEM;
  for (size_t i = 0; i < list->count; i++) {
    const struct member *member = &list->members[i];
    if (member->session_pid != session->pid || member->session_start != session->start) continue;
    session->members[session->member_count++] = *member;
  }
  if (session->member_count == 0) return -ENOENT;
  qsort(session->members, session->member_count, sizeof *session->members, by_image);
  return 0;
}

/* The images of a process stand together, in their order; of one that is there twice, what is known of it last. */
static int by_image(const void *one, const void *other) {
  const struct member *a = one, *b = other;
  int order = compare(a->name.pid_namespace, b->name.pid_namespace);
  if (!order) order = compare(a->name.pid, b->name.pid);
  if (!order) order = compare(a->name.start_ticks, b->name.start_ticks);
  if (!order) order = compare(a->name.image, b->name.image);
  if (!order) order = compare(b->until_at, a->until_at);
  return order ? order : compare(a->number, b->number);
}

static bool is_same_process(const struct member *one, const struct member *other) {
  return one->name.pid_namespace == other->name.pid_namespace && one->name.pid == other->name.pid &&
         one->name.start_ticks == other->name.start_ticks;
}

/* A recording and a segment of the same image, say. */
static void drop_doubles(struct session *session) {
  size_t kept = 1;
  for (size_t i = 1; i < session->member_count; i++) {
    const struct member *member = &session->members[i], *last = &session->members[kept - 1];
    if (is_same_process(member, last) && member->name.image == last->name.image) continue;
    session->members[kept++] = *member;
  }
  session->member_count = kept;
}

static int group_images(struct session *session) {
  session->processes = calloc(session->member_count, sizeof *session->processes);
  if (!session->processes) return -ENOMEM;
  session->started_at_ns = UINT64_MAX;
  for (size_t i = 0; i < session->member_count; i++) {
    const struct member *image = &session->members[i];
    bool is_next = i > 0 && is_same_process(image, image - 1);
    if (!is_next) session->processes[session->process_count++] = (struct session_process){.images = image};
    add_image(&session->processes[session->process_count - 1], image);
    if (image->started_at_ns < session->started_at_ns) session->started_at_ns = image->started_at_ns;
  }
  return 0;
}

/* What an earlier image held ended with it. */
static void add_image(struct session_process *process, const struct member *image) {
  struct member_figures before = process->figures;
  process->image_count++;
  process->figures = image->figures;
  process->figures.processes = 1;
  process->figures.running = image->is_alive;
  if (before.peak_bytes > process->figures.peak_bytes) process->figures.peak_bytes = before.peak_bytes;
  process->figures.allocations += before.allocations;
  process->figures.frees += before.frees;
  process->figures.allocated_bytes += before.allocated_bytes;
}

static void add_up(struct session *session) {
  for (size_t i = 0; i < session->process_count; i++)
    member_figures_add(&session->total, &session->processes[i].figures);
}

static int sum_programs(struct session *session) {
  size_t count = session->member_count;
  const struct member **images = malloc(count * sizeof *images);
  session->programs = calloc(count, sizeof *session->programs);
  if (!images || !session->programs) {
    free(images);
    return -ENOMEM;
  }
  for (size_t i = 0; i < count; i++) images[i] = &session->members[i];
  qsort(images, count, sizeof *images, by_program);
  for (size_t from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count && is_same_process(images[to], images[from]) &&
                        strcmp(images[to]->program, images[from]->program) == 0;)
      to++;
    bool is_new = from == 0 || strcmp(images[from]->program, images[from - 1]->program) != 0;
    if (is_new) session->programs[session->program_count++].program = images[from]->program;
    add_to_program(&session->programs[session->program_count - 1], images + from, to - from, session);
  }
  free(images);
  qsort(session->programs, session->program_count, sizeof *session->programs, by_peak);
  return 0;
}

/* Members stand in the order of processes and images, so their addresses are that order. */
static int by_program(const void *one, const void *other) {
  const struct member *a = *(const struct member *const *)one, *b = *(const struct member *const *)other;
  int order = strcmp(a->program, b->program);
  return order ? order : compare((uintptr_t)a, (uintptr_t)b);
}

/* Images of one process: their peaks did not come together, and only the last of the process holds anything. */
static void add_to_program(struct session_program *program, const struct member *const *images, size_t count,
                           const struct session *session) {
  struct session_process as_one = {.image_count = 0};
  for (size_t i = 0; i < count; i++) add_image(&as_one, images[i]);
  const struct member *last = images[count - 1], *end = session->members + session->member_count;
  if (last + 1 < end && is_same_process(last, last + 1)) { /* it has become another program */
    as_one.figures.live_bytes = as_one.figures.live_blocks = as_one.figures.error_bound_bytes = 0;
    as_one.figures.running = 0;
  }
  member_figures_add(&program->figures, &as_one.figures);
}

static int by_peak(const void *one, const void *other) {
  const struct session_program *a = one, *b = other;
  int order = compare(b->figures.peak_bytes, a->figures.peak_bytes);
  return order ? order : strcmp(a->program, b->program);
}
