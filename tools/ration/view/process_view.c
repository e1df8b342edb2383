/*
 * process_view.c: the tables of all fields of a process, and in which order they are shown.
 */
#include "view/process_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "view/account_view.h"
#include "view/budget_view.h"
#include "view/category_view.h"
#include "view/event_view.h"
#include "view/handler_view.h"
#include "view/memory_view.h"
#include "view/page_heap_view.h"
#include "view/performance_view.h"
#include "view/process_words.h"
#include "view/refusal_view.h"
#include "view/rule_view.h"

/* A process, flat, for the fields below. */
struct process_record {
  const char *program;
  const char *session;
  const char *state;
  const char *heap;
  const char *heap_refusal;
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
  const char *unwind;
  const char *unwind_asked;
  uint64_t late_modules;
  uint64_t unread_modules;
  uint64_t faults_injected;
  const char *no_copy;
  uint32_t copy;
  bool is_copy;
};

#define SESSION_BYTES 48

#define PROCESS(member) offsetof(struct process_record, member)

static const struct field page_head[] = {
    {.name = "program", .kind = FIELD_NAME, .offset = PROCESS(program), .phrase = "%s"},
    {.name = "pid", .kind = FIELD_ID, .offset = PROCESS(pid), .phrase = "  pid %s"},
    {.name = "state", .kind = FIELD_NAME, .offset = PROCESS(state), .phrase = "  %s", .tint = TINT_WORD},
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
static const struct field heap_refusal = {
    .name = "heap_refusal", .kind = FIELD_NAME, .offset = PROCESS(heap_refusal)};
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
    {.name = "unwind", .kind = FIELD_NAME, .offset = PROCESS(unwind)},
    {.name = "unwind_asked", .kind = FIELD_NAME, .offset = PROCESS(unwind_asked)},
};
static const struct field copy_number = {.name = "copy", .kind = FIELD_ID, .offset = PROCESS(copy)};
static const struct field no_copy = {.name = "copy", .kind = FIELD_NAME, .offset = PROCESS(no_copy)};
static const struct field faults_injected = {.name = "faults_injected",
                                             .kind = FIELD_COUNT,
                                             .offset = PROCESS(faults_injected),
                                             .phrase = "%s request{s} refused by `fail`"};

#define HALF_SEEN(member) .name = #member, .kind = FIELD_COUNT, .offset = PROCESS(member)

static const struct field half_seen_by_rules[] = {
    {HALF_SEEN(late_modules),
     .phrase = "fn: rules saw only the dynamic symbols of %s module{s} loaded later"},
    {HALF_SEEN(unread_modules),
     .phrase = "fn: rules saw only the dynamic symbols of %s module{s} whose file could not be read"},
};
/* Where there are no such rules it is the names of wrappers that were looked for. */
static const struct field half_seen_for_wrappers[] = {
    {HALF_SEEN(late_modules),
     .phrase = "wrappers were found only by the dynamic symbols of %s module{s} loaded later"},
    {HALF_SEEN(unread_modules),
     .phrase =
         "wrappers were found only by the dynamic symbols of %s module{s} whose file could not be read"},
};

static const struct field child_first[] = {
    {.name = "program", .kind = FIELD_NAME, .offset = PROCESS(program), .heading = "CHILD"},
};
static const struct field child_last[] = {
    {.name = "pid", .kind = FIELD_ID, .offset = PROCESS(pid), .heading = "PID"},
    {.name = "state", .kind = FIELD_NAME, .offset = PROCESS(state), .heading = "STATE", .tint = TINT_WORD},
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
    {LOSS(double_frees)}, /* these five have lines of their own */
    {LOSS(wild_frees)},
    {LOSS(late_writes)},
    {LOSS(overruns)},
    {LOSS(lists_lost)},
    {LOSS(categories_lost), .phrase = "; %s look-up{s} of a category ended at `other`", .zero_phrase = ""},
    {LOSS(scopes_lost), .phrase = "; %s scope{s} not opened", .zero_phrase = ""},
    {LOSS(callers_lost), .phrase = "; %s block{s} of wrappers whose caller was not found", .zero_phrase = ""},
    {LOSS(accounts_lost), .phrase = "; %s accounted block{s} not kept", .zero_phrase = ""},
    {LOSS(ranges_lost), .phrase = "; %s range{s} of memory not named", .zero_phrase = ""},
    {LOSS(events_lost), .phrase = "; %s event{s} lost", .zero_phrase = ""},
    {LOSS(samples_lost), .phrase = "; %s sample{s} lost", .zero_phrase = ""},
    {LOSS(sites_lost), .phrase = ", %s of them for want of room for a site", .zero_phrase = ""},
};
/* Looks at samples show these. */
static const struct field losses_of_stacks[] = {
    {LOSS(stacks_truncated)},
    {LOSS(stacks_failed)},
};

static struct process_record record_of(const struct process *process, char session[SESSION_BYTES]);
static void emit_hidden_page(struct emitter *emitter, const struct process *process,
                             const struct selection *selection);
static void emit_page(struct emitter *emitter, const struct process *process,
                      const struct selection *selection);
static void emit_tables(struct emitter *emitter, const struct process *process,
                        const struct selection *selection);
static void emit_remark(struct emitter *emitter, const struct process *process);
static void emit_head(struct emitter *emitter, const struct process *process,
                      const struct process_record *record);
static void emit_notes(struct emitter *emitter, const struct process *process,
                       const struct process_record *record);
static void emit_half_seen(struct emitter *emitter, const struct snapshot *snapshot,
                           const struct process_record *record);
static void emit_note(struct emitter *emitter, const struct field *field,
                      const struct process_record *record);
static void emit_unwinding(struct emitter *emitter, const struct facts *facts);
static const char *note_on_unwinding(const struct facts *facts);
static void emit_closing(struct emitter *emitter, const struct process *process,
                         const struct process_record *record);
static void emit_ignored(struct emitter *emitter, const struct snapshot *snapshot);
static const char *remark_on(const struct process *process);

void process_view_page(struct emitter *emitter, const struct process *process,
                       const struct selection *selection) {
  emitter_begin_object(emitter, NULL);
  emit_page(emitter, process, selection);
  emitter_end(emitter);
}

void process_view_identity(struct emitter *emitter, const struct process *process, const char *phrase) {
  char session[SESSION_BYTES];
  struct process_record record = record_of(process, session);
  struct field program = page_head[0];
  bool is_running = process_is_alive(process);
  program.phrase = phrase;
  emitter_part(emitter, &program, 1, &record);
  emitter_part(emitter, page_head + 1, sizeof page_head / sizeof *page_head - 1, &record);
  emitter_part(emitter, is_running ? page_uptime_running : page_uptime_ended, 1, &record);
  emitter_end_line(emitter);
}

/* The head stands in JSON with the page. */
void process_view_instead(struct emitter *emitter, const struct process *process,
                          const struct selection *selection, process_shower *show, const void *context) {
  char session[SESSION_BYTES];
  struct process_record record = record_of(process, session);
  emitter_begin_object(emitter, NULL);
  emit_head(emitter, process, &record);
  emitter_hide_text(emitter);
  emit_tables(emitter, process, selection);
  emit_notes(emitter, process, &record);
  emit_closing(emitter, process, &record);
  emitter_show_text(emitter);
  if (!process->snapshot.passive) {
    show(emitter, process, selection, context);
    emit_unwinding(emitter, &process->snapshot.facts);
  }
  emit_remark(emitter, process);
  emitter_end(emitter);
}

static void show_events(struct emitter *emitter, const struct process *process,
                        const struct selection *selection, const void *context) {
  event_view_table(emitter, process, context, selection);
}

void process_view_events(struct emitter *emitter, const struct process *process,
                         const struct event_list *events, const struct selection *selection) {
  process_view_instead(emitter, process, selection, show_events, events);
}

void process_view_child(struct emitter *emitter, const struct process *process,
                        const struct selection *selection) {
  char session[SESSION_BYTES];
  struct process_record record = record_of(process, session);
  emit_hidden_page(emitter, process, selection);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(child_first), &record);
  category_view_total(emitter, &process->snapshot);
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

static void emit_hidden_page(struct emitter *emitter, const struct process *process,
                             const struct selection *selection) {
  emitter_hide_text(emitter);
  process_view_page(emitter, process, selection);
  emitter_show_text(emitter);
}

static void emit_page(struct emitter *emitter, const struct process *process,
                      const struct selection *selection) {
  char session[SESSION_BYTES];
  struct process_record record = record_of(process, session);
  emit_head(emitter, process, &record);
  if (process->snapshot.passive) emitter_hide_text(emitter);
  emit_tables(emitter, process, selection);
  emitter_end_line(emitter);
  emit_notes(emitter, process, &record);
  emit_closing(emitter, process, &record);
  if (process->snapshot.passive) emitter_show_text(emitter);
  emit_remark(emitter, process);
}

static void emit_tables(struct emitter *emitter, const struct process *process,
                        const struct selection *selection) {
  category_view_table(emitter, &process->snapshot, selection);
  account_view_table(emitter, &process->snapshot, selection);
  budget_view_tables(emitter, process, selection);
  handler_view_table(emitter, process, selection);
  refusal_view_table(emitter, process, selection);
}

static void emit_remark(struct emitter *emitter, const struct process *process) {
  const char *remark = remark_on(process);
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
      .heap_refusal = process_words_heap_refusal(snapshot->heap_refusal),
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
      .unwind = process_words_unwind(snapshot->facts.unwind),
      .unwind_asked = process_words_unwind(snapshot->facts.unwind_asked),
      .late_modules = snapshot->facts.late_modules,
      .unread_modules = snapshot->facts.unread_modules,
      .faults_injected = snapshot->facts.faults_injected,
      .copy = process->copy,
      .is_copy = process->is_copy,
  };
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
  emitter_fields(emitter, &heap_refusal, 1, record);
  emitter_fields(emitter, FIELDS(identity), record);
  emitter_fields(emitter, record->is_copy ? &copy_number : &no_copy, 1, record);
  emitter_end_line(emitter);
  emitter_end_line(emitter);
}

/* What the reader of the table had better know. */
static void emit_notes(struct emitter *emitter, const struct process *process,
                       const struct process_record *record) {
  const struct snapshot *snapshot = &process->snapshot;
  rule_view_unmatched(emitter, snapshot);
  emit_half_seen(emitter, snapshot, record);
  emit_note(emitter, &faults_injected, record);
  page_heap_view_notes(emitter, snapshot);
  emit_unwinding(emitter, &snapshot->facts);
  performance_view_line(emitter, process);
  memory_view_line(emitter, process);
}

static void emit_half_seen(struct emitter *emitter, const struct snapshot *snapshot,
                           const struct process_record *record) {
  const struct field *fields =
      rule_view_has_functions(snapshot) ? half_seen_by_rules : half_seen_for_wrappers;
  for (size_t i = 0; i < sizeof half_seen_by_rules / sizeof *half_seen_by_rules; i++)
    emit_note(emitter, &fields[i], record);
}

/* In text a line where there is something to say. */
static void emit_note(struct emitter *emitter, const struct field *field,
                      const struct process_record *record) {
  char text[FIELD_TEXT_BYTES];
  emitter_fields(emitter, field, 1, record);
  if (field_number(field, record) == 0) return;
  field_phrase(field, record, text);
  emitter_text_line(emitter, "  ", text);
}

/* Every look depends on it, too. */
static void emit_unwinding(struct emitter *emitter, const struct facts *facts) {
  const char *note = note_on_unwinding(facts);
  if (note) emitter_text_line(emitter, "  ", note);
}

/* NULL: it is as it was asked for, or neither is said. */
static const char *note_on_unwinding(const struct facts *facts) {
  if (facts->unwind == facts->unwind_asked || facts->unwind == 0) return NULL;
  if (facts->unwind == RATION_UNWIND_TABLES) {
    return "callers were found without libunwind, which knows some functions more; install libunwind8";
  }
  return "callers were not looked for: the program ended before it was ready for that";
}

static void emit_closing(struct emitter *emitter, const struct process *process,
                         const struct process_record *record) {
  emitter_begin_object(emitter, "losses");
  emitter_part(emitter, FIELDS(losses_counted), &process->snapshot.losses);
  emitter_end(emitter);
  emitter_part(emitter, FIELDS(page_error), record);
  emitter_begin_object(emitter, "losses");
  emitter_part(emitter, FIELDS(losses_other), &process->snapshot.losses);
  emitter_fields(emitter, FIELDS(losses_of_stacks), &process->snapshot.losses);
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
  if (process->recording_remark.words[0]) return process->recording_remark.words;
  if (process->is_copy && process->state == PROCESS_RUNNING) {
    return "a copy that the process made of its books: this is how they stood then; what has become of the "
           "process since is not in it";
  }
  if (process->state == PROCESS_REPLACED) {
    return "replaced by exec: what the process did since then is not in these figures";
  }
  if (process->is_memfd && !process->recorded) {
    return "these figures end with the process: it found no folder that it could write a segment to";
  }
  return NULL;
}
