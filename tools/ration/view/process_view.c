/*
 * process_view.c: the tables of all fields of a process, and in which order they are shown.
 */
#include "view/process_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "view/process_words.h"

/* A process, flat, for the fields below. */
struct process_record {
  const char *program;
  const char *session;
  const char *state;
  const char *heap;
  const char *allocator;
  const char *passive;
  uint64_t started_at_ns;
  uint64_t error_bound_bytes;
  uint64_t inherited_error_bytes;
  double uptime_seconds;
  uint32_t pid;
  uint32_t parent;
  uint32_t image;
  uint32_t threads;
  int exit_status;
  int signal;
};

#define SESSION_BYTES 48

struct category_record {
  const char *name;
  const char *row_name; /* blocks of the root itself must not be taken for the sum */
  struct figures own;
  struct figures subtree;
};

#define PROCESS(member)  offsetof(struct process_record, member)
#define CATEGORY(member) offsetof(struct category_record, member)

static const struct field page_head[] = {
    {.name = "program", .kind = FIELD_NAME, .offset = PROCESS(program), .phrase = "%s"},
    {.name = "pid", .kind = FIELD_ID, .offset = PROCESS(pid), .phrase = "  pid %s"},
    {.name = "state", .kind = FIELD_NAME, .offset = PROCESS(state), .phrase = "  %s"},
    {.name = "exit_status", .kind = FIELD_STATUS, .offset = PROCESS(exit_status), .phrase = " %s"},
    {.name = "signal", .kind = FIELD_SIGNAL, .offset = PROCESS(signal), .phrase = " by signal %s"},
};
static const struct field page_uptime_running[] = {
    {.name = "uptime_seconds", .kind = FIELD_SECONDS, .offset = PROCESS(uptime_seconds), .phrase = " for %s"},
};
static const struct field page_uptime_ended[] = {
    {.name = "uptime_seconds",
     .kind = FIELD_SECONDS,
     .offset = PROCESS(uptime_seconds),
     .phrase = " after %s"},
};
static const struct field page_heap[] = {
    {.name = "heap", .kind = FIELD_NAME, .offset = PROCESS(heap), .phrase = "  %s heap"},
    {.name = "allocator", .kind = FIELD_NAME, .offset = PROCESS(allocator), .phrase = " over %s"},
};
static const struct field page_error[] = {
    {.name = "error_bound_bytes",
     .kind = FIELD_BYTES,
     .offset = PROCESS(error_bound_bytes),
     .phrase = ", error %s"},
    {.name = "inherited_error_bytes",
     .kind = FIELD_BYTES,
     .offset = PROCESS(inherited_error_bytes),
     .phrase = "; inherited over fork with an error of up to %s",
     .zero_phrase = ""},
};

/* What no page shows. */
static const struct field identity[] = {
    {.name = "parent", .kind = FIELD_ID, .offset = PROCESS(parent)},
    {.name = "image", .kind = FIELD_ID, .offset = PROCESS(image)},
    {.name = "session", .kind = FIELD_NAME, .offset = PROCESS(session)},
    {.name = "started_at", .kind = FIELD_MOMENT, .offset = PROCESS(started_at_ns)},
    {.name = "threads", .kind = FIELD_ID, .offset = PROCESS(threads)},
    {.name = "passive", .kind = FIELD_NAME, .offset = PROCESS(passive)},
};

static const struct field listed_first[] = {
    {.name = "pid", .kind = FIELD_ID, .offset = PROCESS(pid), .heading = "PID"},
    {.name = "program", .kind = FIELD_NAME, .offset = PROCESS(program), .heading = "PROGRAM"},
    {.name = "uptime_seconds", .kind = FIELD_SECONDS, .offset = PROCESS(uptime_seconds), .heading = "UPTIME"},
};
static const struct field listed_total[] = {
    {.name = "live_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.live_bytes), .heading = "LIVE"},
    {.name = "peak_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.peak_bytes), .heading = "PEAK"},
};
static const struct field listed_last[] = {
    {.name = "threads", .kind = FIELD_ID, .offset = PROCESS(threads), .heading = "THREADS"},
    {.name = "state", .kind = FIELD_NAME, .offset = PROCESS(state), .heading = "STATE"},
};
static const struct field child_first[] = {
    {.name = "program", .kind = FIELD_NAME, .offset = PROCESS(program), .heading = "CHILD"},
};
static const struct field child_last[] = {
    {.name = "pid", .kind = FIELD_ID, .offset = PROCESS(pid), .heading = "PID"},
    {.name = "state", .kind = FIELD_NAME, .offset = PROCESS(state), .heading = "STATE"},
};

static const struct field category_name[] = {
    {.name = "name", .kind = FIELD_NAME, .offset = CATEGORY(name)},
};
static const struct field category_row_name[] = {
    {.kind = FIELD_NAME, .offset = CATEGORY(row_name), .heading = "CATEGORY"},
};
static const struct field own_allocations = {
    .name = "allocations", .kind = FIELD_COUNT, .offset = CATEGORY(own.allocations)};
static const struct field own_figures[] = {
    {.name = "live_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.live_bytes), .heading = "LIVE"},
    {.name = "live_blocks", .kind = FIELD_COUNT, .offset = CATEGORY(own.live_blocks)},
    {.name = "peak_bytes",
     .kind = FIELD_BYTES,
     .offset = CATEGORY(own.peak_bytes),
     .heading = "PEAK",
     .has_bar = true},
    {.name = "peak_error_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.peak_error_bytes)},
    {.name = "allocations",
     .kind = FIELD_COUNT,
     .offset = CATEGORY(own.allocations),
     .heading = "ALLOCATIONS"},
    {.name = "frees",
     .kind = FIELD_COUNT,
     .offset = CATEGORY(own.frees),
     .heading = "FREED",
     .of = &own_allocations},
    {.name = "reallocations", .kind = FIELD_COUNT, .offset = CATEGORY(own.reallocations)},
    {.name = "allocated_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.allocated_bytes)},
    {.name = "requested_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.requested_bytes)},
};
static const struct field subtree_figures[] = {
    {.name = "subtree_live_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.live_bytes)},
    {.name = "subtree_live_blocks", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.live_blocks)},
    {.name = "subtree_peak_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.peak_bytes)},
    {.name = "subtree_peak_error_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.peak_error_bytes)},
    {.name = "subtree_allocations", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.allocations)},
    {.name = "subtree_frees", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.frees)},
    {.name = "subtree_reallocations", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.reallocations)},
    {.name = "subtree_allocated_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.allocated_bytes)},
    {.name = "subtree_requested_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.requested_bytes)},
};

#define LOSS(member) .kind = FIELD_COUNT, .offset = offsetof(struct losses, member), .name = #member

static const struct field ignored_unnamed = {LOSS(settings_ignored),
                                             .phrase = "and %s more, for which there was no room"};

#define REST(member) .offset = offsetof(struct process_rest, member), .name = #member

static const struct field rest_allocations = {REST(allocations), .kind = FIELD_COUNT};
static const struct field rest_fields[] = {
    {REST(processes), .kind = FIELD_COUNT, .heading = "CHILD", .phrase = "%s more"},
    {REST(live_bytes), .kind = FIELD_BYTES, .heading = "LIVE"},
    {REST(peak_bytes), .kind = FIELD_BYTES, .heading = "PEAK", .has_bar = true},
    {REST(allocations), .kind = FIELD_COUNT, .heading = "ALLOCATIONS"},
    {REST(frees), .kind = FIELD_COUNT, .heading = "FREED", .of = &rest_allocations},
};

/* How far the figures can be trusted: what was not counted stands before the error, the rest behind it. */
static const struct field losses_counted[] = {
    {LOSS(untracked_blocks), .phrase = "  %s block{s} not counted", .zero_phrase = "  every block counted"},
};
static const struct field losses_other[] = {
    {LOSS(foreign_frees), .phrase = "; %s foreign free{s}", .zero_phrase = ""},
    {LOSS(categories_lost), .phrase = "; %s look-up{s} of a category ended at `other`", .zero_phrase = ""},
    {LOSS(scopes_lost), .phrase = "; %s scope{s} not opened", .zero_phrase = ""},
};

static struct process_record record_of(const struct process *process, char session[SESSION_BYTES]);
static struct category_record record_of_category(const struct category_figures *category);
static struct category_record record_of_total(const struct snapshot *snapshot);
static void emit_hidden_page(struct emitter *emitter, const struct process *process);
static void emit_page(struct emitter *emitter, const struct process *process);
static void emit_head(struct emitter *emitter, const struct process *process,
                      const struct process_record *record);
static void emit_categories(struct emitter *emitter, const struct snapshot *snapshot);
static void emit_category(struct emitter *emitter, enum row_kind kind, const struct category_record *record,
                          bool is_shown);
static bool is_worth_a_row(const struct category_figures *category);
static void sort_by_peak(const struct snapshot *snapshot, const struct category_figures *ret_order[]);
static int compare_peaks(const void *a, const void *b);
static void emit_closing(struct emitter *emitter, const struct process *process,
                         const struct process_record *record);
static void emit_ignored(struct emitter *emitter, const struct snapshot *snapshot);
static const char *remark_on(const struct process *process);

void process_view_page(struct emitter *emitter, const struct process *process) {
  emitter_begin_object(emitter, NULL);
  emit_page(emitter, process);
  emitter_end(emitter);
}

void process_view_listed(struct emitter *emitter, const struct process *process) {
  char session[SESSION_BYTES];
  struct process_record record = record_of(process, session);
  struct category_record total = record_of_total(&process->snapshot);
  emit_hidden_page(emitter, process);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(listed_first), &record);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(listed_total), &total);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(listed_last), &record);
}

void process_view_child(struct emitter *emitter, const struct process *process) {
  char session[SESSION_BYTES];
  struct process_record record = record_of(process, session);
  struct category_record total = record_of_total(&process->snapshot);
  emit_hidden_page(emitter, process);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(child_first), &record);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(own_figures), &total);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(child_last), &record);
}

void process_rest_add(struct process_rest *rest, const struct snapshot *snapshot) {
  rest->processes++;
  rest->live_bytes += snapshot->total.live_bytes;
  rest->peak_bytes += snapshot->total.peak_bytes;
  rest->allocations += snapshot->total.allocations;
  rest->frees += snapshot->total.frees;
}

void process_view_rest(struct emitter *emitter, const struct process_rest *rest) {
  emitter_begin_object(emitter, "rest");
  emitter_fields(emitter, FIELDS(rest_fields), rest);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_SUM, FIELDS(rest_fields), rest);
  emitter_end(emitter);
}

static void emit_hidden_page(struct emitter *emitter, const struct process *process) {
  emitter_hide_text(emitter);
  process_view_page(emitter, process);
  emitter_show_text(emitter);
}

static void emit_page(struct emitter *emitter, const struct process *process) {
  char session[SESSION_BYTES];
  struct process_record record = record_of(process, session);
  const char *remark = remark_on(process);
  emit_head(emitter, process, &record);
  if (process->snapshot.passive) emitter_hide_text(emitter);
  emit_categories(emitter, &process->snapshot);
  emitter_end_line(emitter);
  emit_closing(emitter, process, &record);
  if (process->snapshot.passive) emitter_show_text(emitter);
  if (remark) emitter_remark(emitter, "remark", "  ", remark);
}

static struct process_record record_of(const struct process *process, char session[SESSION_BYTES]) {
  const struct snapshot *snapshot = &process->snapshot;
  snprintf(session, SESSION_BYTES, "%" PRIu32 ".%" PRIu64, snapshot->session_pid, snapshot->session_start);
  return (struct process_record){
      .program = snapshot->program,
      .session = snapshot->session_start ? session : NULL,
      .state = process_words_state(process->state),
      .heap = process_words_heap(snapshot->heap),
      .allocator = snapshot->allocator[0] ? snapshot->allocator : NULL,
      .passive = process_words_passive(snapshot->passive),
      .started_at_ns = snapshot->started_at_ns,
      .error_bound_bytes = process->error_bound_bytes,
      .inherited_error_bytes = snapshot->inherited_error_bytes,
      .uptime_seconds = process->uptime_seconds,
      .pid = snapshot->name.pid,
      .parent = snapshot->parent,
      .image = snapshot->name.image,
      .threads = process->threads,
      .exit_status = process->exit_status,
      .signal = process->signal,
  };
}

static struct category_record record_of_category(const struct category_figures *category) {
  return (struct category_record){
      .name = category->name, .row_name = category->name, .own = category->own, .subtree = category->subtree};
}

/* The sum over all categories, beside what total's own books say of its subtree. */
static struct category_record record_of_total(const struct snapshot *snapshot) {
  return (struct category_record){.name = "total",
                                  .row_name = "total",
                                  .own = snapshot->total,
                                  .subtree = snapshot->categories[RATION_CATEGORY_TOTAL].subtree};
}

static void emit_head(struct emitter *emitter, const struct process *process,
                      const struct process_record *record) {
  emitter_part(emitter, FIELDS(page_head), record);
  if (process->state == PROCESS_RUNNING) {
    emitter_part(emitter, FIELDS(page_uptime_running), record);
  } else {
    emitter_part(emitter, FIELDS(page_uptime_ended), record);
  }
  emitter_part(emitter, FIELDS(page_heap), record);
  emitter_fields(emitter, FIELDS(identity), record);
  emitter_end_line(emitter);
  emitter_end_line(emitter);
}

static void emit_categories(struct emitter *emitter, const struct snapshot *snapshot) {
  const struct category_figures *order[RATION_CATEGORY_IDS];
  sort_by_peak(snapshot, order);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "categories");
  for (uint32_t i = 0; i < snapshot->category_count; i++) {
    struct category_record record = record_of_category(order[i]);
    bool is_root = order[i] == &snapshot->categories[RATION_CATEGORY_TOTAL];
    if (is_root && !is_worth_a_row(order[i])) continue; /* no blocks of its own: its object says it all */
    if (is_root) record.row_name = "total itself";
    emitter_begin_object(emitter, NULL);
    emit_category(emitter, ROW_PLAIN, &record, is_worth_a_row(order[i]));
    emitter_end(emitter);
  }
  emitter_end(emitter);
  struct category_record total = record_of_total(snapshot);
  emitter_begin_object(emitter, "total");
  emit_category(emitter, ROW_SUM, &total, true);
  emitter_end(emitter);
  emitter_end_table(emitter);
}

static void emit_category(struct emitter *emitter, enum row_kind kind, const struct category_record *record,
                          bool is_shown) {
  emitter_fields(emitter, FIELDS(category_name), record);
  emitter_fields(emitter, FIELDS(own_figures), record);
  emitter_fields(emitter, FIELDS(subtree_figures), record);
  if (!is_shown) return;
  emitter_row(emitter);
  emitter_cells(emitter, kind, FIELDS(category_row_name), record);
  emitter_cells(emitter, kind, FIELDS(own_figures), record);
}

static bool is_worth_a_row(const struct category_figures *category) {
  return category->own.allocations > 0 || category->own.live_bytes > 0;
}

static void sort_by_peak(const struct snapshot *snapshot, const struct category_figures *ret_order[]) {
  for (uint32_t id = 1; id <= snapshot->category_count; id++) ret_order[id - 1] = &snapshot->categories[id];
  qsort(ret_order, snapshot->category_count, sizeof *ret_order, compare_peaks);
}

/* The largest first; equal ones as they came into being. */
static int compare_peaks(const void *a, const void *b) {
  const struct category_figures *left, *right;
  memcpy(&left, a, sizeof left);
  memcpy(&right, b, sizeof right);
  if (left->own.peak_bytes != right->own.peak_bytes) {
    return left->own.peak_bytes < right->own.peak_bytes ? 1 : -1;
  }
  return left < right ? -1 : left > right;
}

static void emit_closing(struct emitter *emitter, const struct process *process,
                         const struct process_record *record) {
  emitter_begin_object(emitter, "losses");
  emitter_part(emitter, FIELDS(losses_counted), &process->snapshot.losses);
  emitter_end(emitter);
  emitter_part(emitter, FIELDS(page_error), record);
  emitter_begin_object(emitter, "losses");
  emitter_part(emitter, FIELDS(losses_other), &process->snapshot.losses);
  emitter_end_line(emitter);
  emit_ignored(emitter, &process->snapshot);
  emitter_end(emitter);
}

/* One a line of the segment; where it had no room for all, how many are not named. */
static void emit_ignored(struct emitter *emitter, const struct snapshot *snapshot) {
  char lines[RATION_IGNORED_BYTES];
  memcpy(lines, snapshot->ignored, sizeof lines);
  uint64_t named = 0;
  emitter_begin_list(emitter, "settings_ignored");
  char *rest = lines;
  for (char *line; (line = strtok_r(rest, "\n", &rest)); named++) {
    emitter_remark(emitter, NULL, "  setting ignored: ", line);
  }
  if (snapshot->losses.settings_ignored > named) {
    struct losses unnamed = {.settings_ignored = snapshot->losses.settings_ignored - named};
    char text[FIELD_TEXT_BYTES];
    field_phrase(&ignored_unnamed, &unnamed, text);
    emitter_remark(emitter, NULL, "  settings ignored: ", text);
  }
  emitter_end(emitter);
}

static const char *remark_on(const struct process *process) {
  if (process->snapshot.passive) return process_words_passive_reason(process->snapshot.passive);
  if (process->state == PROCESS_REPLACED) {
    return "replaced by exec: what the process did since then is not in these figures";
  }
  if (process->is_memfd) {
    return "these figures end with the process: it found no folder that it could write a segment to";
  }
  return NULL;
}
