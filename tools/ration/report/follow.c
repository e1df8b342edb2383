/*
 * follow.c: report --events --follow: what happens, as it happens, until the process has ended: samples, too.
 *
 * Both rings are followed, each by a cursor of its own; what they deliver at a time is put in order by its moments. What
 * a cursor has missed stands in a line of its own, where it was: `lost N`.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "reader/event_cursor.h"
#include "report/looks.h"
#include "select.h"
#include "view/event_view.h"

#define POLL_NS 100000000L

/* One ring, and what it has delivered this time. */
struct ring {
  const char *what; /* its events */
  struct event_cursor cursor;
  struct event_batch batch;
  size_t event;
  size_t gap;
};

struct following {
  struct emitter *emitter;
  struct segment_file file;
  struct process *process;
  struct event_list modules;
  struct ring rings[2];
};

static int read_rings(struct following *following, struct fault *ret_fault);
static int show_batches(struct following *following, struct fault *ret_fault);
static struct ring *first_ring(struct following *following);
static bool say_gap(struct emitter *emitter, struct ring *ring);
static int show_event(struct following *following, const struct event_facts *facts, struct fault *ret_fault);
static int look_again(struct following *following, struct fault *ret_fault);

int look_follow(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                int *ret_status, struct fault *ret_fault) {
  (void)wishes;
  (void)ret_status;
  if (emitter_is_json(emitter))
    return fault_set(ret_fault, -ERANGE, "--follow is text, as it comes; leave out --json");
  if (process->recorded)
    return fault_set(ret_fault, -ERANGE, "nothing comes in a recording; --events alone shows what came");
  struct following following = {
      .emitter = emitter,
      .process = process,
      .rings = {{.what = "events", .cursor = event_cursor_at_start(RATION_TABLE_EVENTS)},
                {.what = "samples", .cursor = event_cursor_at_start(RATION_TABLE_STREAM)}}};
  signal(SIGPIPE, SIG_IGN); /* a reader that has gone */
  int error = segment_file_open(process->path, process->is_memfd, &following.file, ret_fault);
  if (error) return error;
  error = look_again(&following, ret_fault);
  if (!error) emitter_pass_on(emitter); /* a file is begun now, though nothing may happen for long */
  for (bool is_last = false; !error && !is_last;) {
    is_last = !process_is_there(process->snapshot.name.pid, process->snapshot.name.start_ticks) ||
              !process_is_alive(process);
    for (size_t i = 0; i < 2 && is_last; i++) following.rings[i].cursor.patience_ns = 0;
    error = read_rings(&following, ret_fault);
    if (!error) error = show_batches(&following, ret_fault);
    if (emitter_pass_on(emitter) != 0) break; /* said at the end, as of all reports */
    if (!error && !is_last) nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
  }
  event_list_free(&following.modules);
  segment_file_close(&following.file);
  return error;
}

static int read_rings(struct following *following, struct fault *ret_fault) {
  for (size_t i = 0; i < 2; i++) {
    struct ring *ring = &following->rings[i];
    int error = event_cursor_read(&ring->cursor, &following->file, &ring->batch, ret_fault);
    if (error) return error;
    ring->event = ring->gap = 0;
  }
  return 0;
}

/* Line by line, passed on together: whoever reads along has all of it by then. */
static int show_batches(struct following *following, struct fault *ret_fault) {
  int error = 0;
  for (struct ring *ring; !error && (ring = first_ring(following));) {
    if (say_gap(following->emitter, ring)) continue;
    error = show_event(following, &ring->batch.event[ring->event++], ret_fault);
  }
  for (size_t i = 0; i < 2; i++) event_batch_free(&following->rings[i].batch);
  return error;
}

static bool has_more(const struct ring *ring) {
  return ring->event < ring->batch.count || ring->gap < ring->batch.gap_count;
}

/* A gap comes before the event behind it, at its moment. */
static uint64_t next_at(const struct ring *ring) {
  return ring->event < ring->batch.count ? ring->batch.event[ring->event].at : UINT64_MAX;
}

static struct ring *first_ring(struct following *following) {
  struct ring *a = &following->rings[0], *b = &following->rings[1];
  if (!has_more(a)) return has_more(b) ? b : NULL;
  return has_more(b) && next_at(b) < next_at(a) ? b : a;
}

static bool say_gap(struct emitter *emitter, struct ring *ring) {
  if (ring->gap == ring->batch.gap_count) return false;
  const struct event_gap *gap = &ring->batch.gap[ring->gap];
  if (ring->event < ring->batch.count && ring->batch.event[ring->event].ticket < gap->first) return false;
  char line[EVENT_LINE_BYTES];
  snprintf(line, sizeof line, "lost %s %s, from number %s on", units_count(gap->last - gap->first + 1).chars,
           ring->what, units_count(gap->first).chars);
  emitter_text_line(emitter, "", line);
  ring->gap++;
  return true;
}

static int show_event(struct following *following, const struct event_facts *facts, struct fault *ret_fault) {
  const struct snapshot *snapshot = &following->process->snapshot;
  bool is_new = facts->category > snapshot->category_count || facts->kind == RATION_EVENT_MODULE ||
                facts->kind == RATION_EVENT_REFUSAL;
  int error = is_new ? look_again(following, ret_fault) : 0;
  uint32_t root = selection_root(&selected, snapshot);
  char line[EVENT_LINE_BYTES];
  if (error || (selected.category && !selection_is_below(snapshot, facts->category, root))) return error;
  event_view_line(following->process, facts, &following->modules, line);
  emitter_text_line(following->emitter, "", line);
  return 0;
}

/* What there is by now: categories, modules, who was refused. From the file that is open: it may have no name any more. */
static int look_again(struct following *following, struct fault *ret_fault) {
  struct event_list fresh;
  int error = snapshot_read(&following->file, &following->process->snapshot, ret_fault);
  if (!error) error = event_list_read(&following->file, &fresh, ret_fault);
  if (error) return error;
  event_list_free(&following->modules);
  following->modules = fresh;
  return 0;
}
