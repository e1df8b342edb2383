/*
 * session_view.c: the fields of a session, of its programs and of its processes.
 */
#include "session/session_view.h"

#include <stdio.h>

#include "base/text.h"
#include "view/process_words.h"

#define INDENTED_AT_MOST 16 /* a chain of processes may be as deep as it likes */
#define ROW_NAME_BYTES   (2 * INDENTED_AT_MOST + RATION_PROGRAM_BYTES + 8)

/* An image, flat, for the fields below; or a process, as its last image has it. */
struct row {
  const char *row_name; /* the program's, indented */
  const char *program;
  const char *state;
  const char *session;
  const char *passive;
  const char *nothing; /* NULL: a blank cell */
  uint64_t started_at_ns;
  double uptime_seconds;
  uint64_t depth;
  uint32_t pid;
  uint32_t parent;
  uint32_t image;
  uint32_t threads;
  int exit_status;
  int signal;
};

#define ROW(member)   .offset = offsetof(struct row, member)
#define NAMED(member) ROW(member), .name = #member

static const struct field listed_first[] = {
    {ROW(pid), .kind = FIELD_ID, .heading = "PID"},
    {ROW(program), .kind = FIELD_NAME, .heading = "PROGRAM"},
    {ROW(uptime_seconds), .kind = FIELD_SECONDS, .heading = "UPTIME"},
};
static const struct field listed_last[] = {
    {ROW(threads), .kind = FIELD_ID, .heading = "THREADS"},
    {ROW(state), .kind = FIELD_NAME, .heading = "STATE", .tint = TINT_WORD},
};
static const struct field listed_session = {ROW(session), .kind = FIELD_NAME, .heading = "SESSION"};

static const struct field process_fields[] = {
    {NAMED(pid), .kind = FIELD_ID},
    {NAMED(parent), .kind = FIELD_ID},
    {NAMED(depth), .kind = FIELD_COUNT},
    {NAMED(program), .kind = FIELD_NAME},
    {NAMED(state), .kind = FIELD_NAME},
    {NAMED(exit_status), .kind = FIELD_STATUS},
    {NAMED(signal), .kind = FIELD_SIGNAL},
    {ROW(started_at_ns), .name = "started_at", .kind = FIELD_MOMENT},
    {NAMED(uptime_seconds), .kind = FIELD_SECONDS},
    {NAMED(threads), .kind = FIELD_ID},
    {NAMED(passive), .kind = FIELD_NAME},
};
static const struct field image_fields[] = {
    {NAMED(image), .kind = FIELD_ID},
    {NAMED(program), .kind = FIELD_NAME},
    {NAMED(state), .kind = FIELD_NAME},
    {ROW(started_at_ns), .name = "started_at", .kind = FIELD_MOMENT},
};
static const struct field process_first[] = {
    {ROW(row_name), .kind = FIELD_NAME, .heading = "PROCESS"},
    {ROW(pid), .kind = FIELD_ID, .heading = "PID"},
};
static const struct field process_last[] = {
    {ROW(state), .kind = FIELD_NAME, .heading = "STATE", .tint = TINT_WORD},
};
static const struct field no_live[] = {
    {ROW(nothing), .kind = FIELD_NAME, .heading = "LIVE"},
};

#define FIGURE(member) .offset = offsetof(struct member_figures, member), .name = #member

static const struct field counts[] = {
    {FIGURE(processes), .kind = FIELD_COUNT},
    {FIGURE(running), .kind = FIELD_COUNT},
};
static const struct field figures[] = {
    {FIGURE(live_bytes), .kind = FIELD_BYTES},
    {FIGURE(live_blocks), .kind = FIELD_COUNT},
    {FIGURE(peak_bytes), .kind = FIELD_BYTES},
    {FIGURE(allocations), .kind = FIELD_COUNT},
    {FIGURE(frees), .kind = FIELD_COUNT},
    {FIGURE(allocated_bytes), .kind = FIELD_BYTES},
    {FIGURE(error_bound_bytes), .kind = FIELD_BYTES},
};
static const struct field cell_processes = {FIGURE(processes), .kind = FIELD_COUNT, .heading = "PROCESSES"};
static const struct field cell_live = {FIGURE(live_bytes), .kind = FIELD_BYTES, .heading = "LIVE"};
static const struct field cells_rest[] = {
    {FIGURE(peak_bytes), .kind = FIELD_BYTES, .heading = "PEAK", .has_bar = true},
    {FIGURE(allocations), .kind = FIELD_COUNT, .heading = "ALLOCATIONS"},
    {FIGURE(frees), .kind = FIELD_COUNT, .heading = "FREES"},
};
static const struct field cells_listed[] = {
    {FIGURE(live_bytes), .kind = FIELD_BYTES, .heading = "LIVE"},
    {FIGURE(peak_bytes), .kind = FIELD_BYTES, .heading = "PEAK"},
};

static const struct field program_name[] = {
    {.name = "program",
     .kind = FIELD_NAME,
     .offset = offsetof(struct session_program, program),
     .heading = "PROGRAM"},
};

struct head {
  const char *session;
  uint64_t started_at_ns;
  uint64_t images;
  struct member_figures total;
};

#define HEAD(member) .offset = offsetof(struct head, member)

static const struct field head_fields[] = {
    {HEAD(session), .name = "session", .kind = FIELD_NAME, .phrase = "session %s"},
    {HEAD(started_at_ns), .name = "started_at", .kind = FIELD_MOMENT, .phrase = "  since %s"},
};
static const struct field head_phrases[] = {
    {HEAD(total.processes), .kind = FIELD_COUNT, .phrase = "processes: %s"},
    {HEAD(total.running), .kind = FIELD_COUNT, .phrase = " (%s running)", .zero_phrase = ""},
    {HEAD(images), .kind = FIELD_COUNT, .phrase = "; programs that they ran: %s"},
};

static struct row row_of(const struct member *member);
static void show_head(struct emitter *emitter, const struct session *session);
static void show_programs(struct emitter *emitter, const struct session *session);
static void show_processes(struct emitter *emitter, const struct session *session);
static void show_process(struct emitter *emitter, const struct session_process *process);
static void show_process_row(struct emitter *emitter, const struct session_process *process);
static void show_earlier(struct emitter *emitter, const struct session_process *process);
static void name_row(size_t depth, const char *lead, const char *program, char ret_name[ROW_NAME_BYTES]);
static void show_notes(struct emitter *emitter, const struct session *session);

void session_view(struct emitter *emitter, const struct session *session) {
  emitter_begin_object(emitter, NULL);
  show_head(emitter, session);
  show_programs(emitter, session);
  emitter_end_line(emitter);
  show_processes(emitter, session);
  emitter_end_line(emitter);
  show_notes(emitter, session);
  emitter_end(emitter);
}

void session_view_listed(struct emitter *emitter, const struct member *member, bool has_sessions) {
  char session[MEMBER_SESSION_BYTES];
  struct row row = row_of(member);
  member_session_write(member->session_pid, member->session_start, session);
  if (member->session_start) row.session = session;
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(listed_first), &row);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(cells_listed), &member->figures);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(listed_last), &row);
  if (has_sessions) emitter_cells(emitter, ROW_PLAIN, &listed_session, 1, &row);
}

static struct row row_of(const struct member *member) {
  return (struct row){
      .program = member->program,
      .state = process_words_state(member->state),
      .passive = process_words_passive(member->passive),
      .started_at_ns = member->started_at_ns,
      .uptime_seconds = member->uptime_seconds,
      .pid = member->name.pid,
      .parent = member->parent,
      .image = member->name.image,
      .threads = member->threads,
      .exit_status = member->exit_status,
      .signal = member->signal,
  };
}

static void show_head(struct emitter *emitter, const struct session *session) {
  char text[MEMBER_SESSION_BYTES];
  member_session_write(session->pid, session->start, text);
  struct head head = {.session = text,
                      .started_at_ns = session->started_at_ns,
                      .images = session->member_count,
                      .total = session->total};
  emitter_part(emitter, FIELDS(head_fields), &head);
  emitter_end_line(emitter);
  emitter_end_line(emitter);
}

static void show_programs(struct emitter *emitter, const struct session *session) {
  struct session_program total = {.program = "total", .figures = session->total};
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "programs");
  for (size_t i = 0; i <= session->program_count; i++) {
    bool is_sum = i == session->program_count;
    const struct session_program *program = is_sum ? &total : &session->programs[i];
    enum row_kind kind = is_sum ? ROW_SUM : ROW_PLAIN;
    emitter_row(emitter);
    emitter_cells(emitter, kind, FIELDS(program_name), program);
    emitter_cells(emitter, kind, &cell_processes, 1, &program->figures);
    emitter_cells(emitter, kind, &cell_live, 1, &program->figures);
    emitter_cells(emitter, kind, FIELDS(cells_rest), &program->figures);
    if (is_sum) continue;
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(program_name), program);
    emitter_fields(emitter, FIELDS(counts), &program->figures);
    emitter_fields(emitter, FIELDS(figures), &program->figures);
    emitter_end(emitter);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  emitter_begin_object(emitter, "total");
  emitter_fields(emitter, FIELDS(counts), &session->total);
  emitter_fields(emitter, FIELDS(figures), &session->total);
  emitter_end(emitter);
}

static void show_processes(struct emitter *emitter, const struct session *session) {
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; i < session->process_count; i++) show_process(emitter, &session->processes[i]);
  emitter_end(emitter);
  emitter_end_table(emitter);
}

static void show_process(struct emitter *emitter, const struct session_process *process) {
  struct row row = row_of(session_process_last(process));
  row.depth = process->depth;
  row.parent = process->images[0].parent; /* later ones may have been inherited by init */
  row.started_at_ns = process->images[0].started_at_ns;
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(process_fields), &row);
  emitter_fields(emitter, FIELDS(figures), &process->figures);
  emitter_begin_list(emitter, "images");
  for (size_t i = 0; i < process->image_count; i++) {
    struct row image = row_of(&process->images[i]);
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(image_fields), &image);
    emitter_fields(emitter, FIELDS(figures), &process->images[i].figures);
    emitter_end(emitter);
  }
  emitter_end(emitter);
  emitter_end(emitter);
  show_process_row(emitter, process);
}

static void show_process_row(struct emitter *emitter, const struct session_process *process) {
  char name[ROW_NAME_BYTES];
  struct row row = row_of(session_process_last(process));
  name_row(process->depth, "", row.program, name);
  row.row_name = name;
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(process_first), &row);
  emitter_cells(emitter, ROW_PLAIN, &cell_live, 1, &process->figures);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(cells_rest), &process->figures);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(process_last), &row);
  show_earlier(emitter, process);
}

/* What it was before exec, where that did something: a shell on the way to its command is in the process's figures. */
static void show_earlier(struct emitter *emitter, const struct session_process *process) {
  for (size_t i = 0; i + 1 < process->image_count; i++) {
    const struct member *image = &process->images[i];
    char name[ROW_NAME_BYTES];
    if (!image->did_something) continue;
    struct row row = row_of(image);
    name_row(process->depth, "was ", image->program, name);
    row.row_name = name;
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(process_first), &row);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(no_live), &row);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(cells_rest), &image->figures);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(process_last), &row);
  }
}

static void name_row(size_t depth, const char *lead, const char *program, char ret_name[ROW_NAME_BYTES]) {
  int indent = 2 * (int)(depth < INDENTED_AT_MOST ? depth : INDENTED_AT_MOST);
  snprintf(ret_name, ROW_NAME_BYTES, "%*s%s%.*s", indent, "", lead, RATION_PROGRAM_BYTES, program);
}

static void show_notes(struct emitter *emitter, const struct session *session) {
  struct head head = {.images = session->member_count, .total = session->total};
  char line[3 * FIELD_TEXT_BYTES], phrase[FIELD_TEXT_BYTES];
  struct text text = text_in(line, sizeof line);
  for (size_t i = 0; i < sizeof head_phrases / sizeof *head_phrases; i++) {
    field_phrase(&head_phrases[i], &head, phrase);
    text_add(&text, phrase);
  }
  emitter_text_line(emitter, "  ", line);
  emitter_text_line(emitter, "  ", "peaks are each process's own: they need not have come at the same time");
  emitter_text_line(
      emitter, "  ",
      "what a process inherited over fork is live in it, too, and allocated by its parent alone");
}
