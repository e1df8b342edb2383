/*
 * once.c: see once.h.
 */
#include "top/once.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/whole.h"
#include "reader/monotonic.h"
#include "session/member.h"
#include "view/pressure_words.h"
#include "view/process_words.h"

#define NOTE_INDENT 4
#define NAME_BYTES  (2 * ROW_DEPTH_MOST + 3 * BOARD_NAME_BYTES)

/* A row, flat, for the fields below. */
struct record {
  const char *row_name; /* as text has it: set in */
  const char *name;
  const char *level; /* NULL: no budget */
  struct node node;
  int64_t nothing;               /* FIELD_UNKNOWN: a blank cell */
  int64_t change;                /* bytes a second; FIELD_UNKNOWN */
  double allocations_per_second; /* below 0: not known, as the next two */
  double frees_per_second;
  double allocated_bytes_per_second;
  uint64_t allocation_count; /* the same, rounded */
  uint64_t free_count;
};

struct process_record {
  const char *program, *state, *session, *passive;
  uint32_t pid, threads;
  double uptime_seconds;
};

#define ROW(member)     .offset = offsetof(struct record, member)
#define PROCESS(member) .offset = offsetof(struct process_record, member), .name = #member

static const struct field process_fields[] = {
    {PROCESS(pid), .kind = FIELD_ID},       {PROCESS(program), .kind = FIELD_NAME},
    {PROCESS(state), .kind = FIELD_NAME},   {PROCESS(session), .kind = FIELD_NAME},
    {PROCESS(passive), .kind = FIELD_NAME}, {PROCESS(uptime_seconds), .kind = FIELD_SECONDS},
    {PROCESS(threads), .kind = FIELD_ID},
};

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_NAME, ROW(name)},
    {.name = "subtree_live_bytes", .kind = FIELD_BYTES, ROW(node.live_bytes)},
    {.name = "subtree_live_blocks", .kind = FIELD_COUNT, ROW(node.live_blocks)},
    {.name = "subtree_peak_bytes", .kind = FIELD_BYTES, ROW(node.peak_bytes)},
    {.name = "subtree_allocations_per_second", .kind = FIELD_REAL, ROW(allocations_per_second)},
    {.name = "subtree_frees_per_second", .kind = FIELD_REAL, ROW(frees_per_second)},
    {.name = "subtree_allocated_bytes_per_second", .kind = FIELD_REAL, ROW(allocated_bytes_per_second)},
    {.name = "subtree_change_bytes_per_second", .kind = FIELD_RATE, ROW(change)},
    {.name = "subtree_growth_5m_bytes_per_hour", .kind = FIELD_RATE, ROW(node.growth[0])},
    {.name = "subtree_growth_6h_bytes_per_hour", .kind = FIELD_RATE, ROW(node.growth[1])},
    {.name = "level", .kind = FIELD_NAME, ROW(level)},
};
static const struct field budget_fields[] = {
    {.name = "limit_bytes", .kind = FIELD_BYTES, ROW(node.limit_bytes)},
    {.name = "used_bytes", .kind = FIELD_BYTES, ROW(node.used_bytes)},
};
static const struct field no_budget_fields[] = {
    {.name = "limit_bytes", .kind = FIELD_RATE, ROW(nothing)},
    {.name = "used_bytes", .kind = FIELD_RATE, ROW(nothing)},
};

static const struct field limit = {.kind = FIELD_BYTES, ROW(node.limit_bytes), .heading = "LIMIT"};
static const struct field level = {.kind = FIELD_NAME, ROW(level), .heading = "LEVEL", .tint = TINT_WORD};
static const struct field first_cells[] = {
    {.kind = FIELD_NAME, ROW(row_name), .heading = "NAME"},
    {.kind = FIELD_BYTES, ROW(node.live_bytes), .heading = "LIVE"},
    {.kind = FIELD_BYTES, ROW(node.peak_bytes), .heading = "PEAK"},
};
static const struct field used_cell = {
    .kind = FIELD_BYTES, ROW(node.used_bytes), .heading = "USED", .of = &limit};
static const struct field no_budget_cells[] = {
    {.kind = FIELD_RATE, ROW(nothing), .heading = "USED"},
    {.kind = FIELD_RATE, ROW(nothing), .heading = "LIMIT"},
};
static const struct field rate_cells[] = {
    {.kind = FIELD_COUNT, ROW(allocation_count), .heading = "ALLOCS/s"},
    {.kind = FIELD_COUNT, ROW(free_count), .heading = "FREES/s"},
    {.kind = FIELD_GROWTH, ROW(change), .heading = "CHANGE/s"},
};
static const struct field no_rate_cells[] = {
    {.kind = FIELD_RATE, ROW(nothing), .heading = "ALLOCS/s"},
    {.kind = FIELD_RATE, ROW(nothing), .heading = "FREES/s"},
    {.kind = FIELD_RATE, ROW(nothing), .heading = "CHANGE/s"},
};
/* By windows of time; those that are known of some row. */
static const struct field growth_cells[GROWTH_WINDOWS] = {
    {.kind = FIELD_RATE, ROW(node.growth[0]), .heading = "GROWTH 5m"},
    {.kind = FIELD_RATE, ROW(node.growth[1]), .heading = "GROWTH 6h"},
};

/* Columns that not every table has. */
struct extent {
  bool has_budgets;
  bool has_growth[GROWTH_WINDOWS];
};

static void show_table(const struct board *board, struct emitter *emitter);
static struct extent extent_of(const struct rows *rows);
static void show_cells(struct emitter *emitter, const struct record *record, struct extent extent);
static void show_objects(const struct board *board, struct emitter *emitter);
static void show_process(const struct tracked *tracked, struct emitter *emitter);
static void show_rows_of(const struct board *board, const struct tracked *tracked, struct emitter *emitter);
static void name_row(const struct board *board, const struct row *row, char ret_name[NAME_BYTES]);
static void show_budget(struct emitter *emitter, const struct record *record);
static struct record record_of(const struct row *row);

int once_show(struct board *board, struct emitter *emitter) {
  int error = scene_look(&board->scene, monotonic_ns());
  const struct timespec second = {.tv_sec = 1};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
  if (!error) error = scene_look(&board->scene, monotonic_ns());
  if (!error) error = board_update(board);
  if (!error) error = board->is_folded ? board_fold_all(board) : 0; /* there is room for all */
  if (error) return error;
  show_table(board, emitter);
  show_objects(board, emitter);
  if (board->rows.count == 0) {
    char words[BOARD_MESSAGE_BYTES];
    board_nothing(board, words);
    emitter_remark(emitter, "remark", "", words);
  }
  return 0;
}

/* ---- text ------------------------------------------------------------------------------------------------ */

static void show_table(const struct board *board, struct emitter *emitter) {
  struct extent extent = extent_of(&board->rows);
  emitter_begin_table(emitter);
  for (size_t i = 0; i < board->rows.count; i++) {
    char name[NAME_BYTES];
    struct record record = record_of(&board->rows.row[i]);
    name_row(board, &board->rows.row[i], name);
    record.row_name = name;
    show_cells(emitter, &record, extent);
    const struct tracked *tracked = board->rows.row[i].tracked;
    if (tracked->passive)
      emitter_row_note(emitter, NOTE_INDENT, process_words_passive_reason(tracked->passive));
  }
  emitter_end_table(emitter);
}

static struct extent extent_of(const struct rows *rows) {
  struct extent extent = {.has_budgets = false};
  for (size_t i = 0; i < rows->count; i++) {
    const struct node *node = row_node(&rows->row[i]);
    if (!node) continue;
    extent.has_budgets |= node->limit_bytes > 0 || node->level > 0;
    for (size_t window = 0; window < GROWTH_WINDOWS; window++)
      extent.has_growth[window] |= node->growth[window] != FIELD_UNKNOWN;
  }
  return extent;
}

static void show_cells(struct emitter *emitter, const struct record *record, struct extent extent) {
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(first_cells), record);
  if (extent.has_budgets) show_budget(emitter, record);
  if (record->node.has_rates) {
    emitter_cells(emitter, ROW_PLAIN, FIELDS(rate_cells), record);
  } else {
    emitter_cells(emitter, ROW_PLAIN, FIELDS(no_rate_cells), record);
  }
  for (size_t i = 0; i < GROWTH_WINDOWS; i++)
    if (extent.has_growth[i]) emitter_cells(emitter, ROW_PLAIN, &growth_cells[i], 1, record);
}

/* Set in as deep as it lies; of a process also who it is, and how it has ended. */
static void name_row(const struct board *board, const struct row *row, char ret_name[NAME_BYTES]) {
  char name[BOARD_NAME_BYTES], state[BOARD_NAME_BYTES] = "", end[BOARD_NAME_BYTES] = "";
  int indent = 2 * (int)(row->depth < ROW_DEPTH_MOST ? row->depth : ROW_DEPTH_MOST);
  board_name(row, name);
  if (row->depth == 0) board_state(row, state);
  if (row->depth == 0) board_end(row, board->scene.looked_ns, end);
  snprintf(ret_name, NAME_BYTES, "%*s%s%s%s%s%s", indent, "", name, *state ? " " : "", state, *end ? " " : "",
           end);
}

static void show_budget(struct emitter *emitter, const struct record *record) {
  if (record->node.limit_bytes) {
    emitter_cells(emitter, ROW_PLAIN, &used_cell, 1, record);
    emitter_cells(emitter, ROW_PLAIN, &limit, 1, record);
  } else {
    emitter_cells(emitter, ROW_PLAIN, FIELDS(no_budget_cells), record);
  }
  emitter_cells(emitter, ROW_PLAIN, &level, 1, record);
}

static struct record record_of(const struct row *row) {
  const struct node *node = row_node(row);
  struct record record = {.allocations_per_second = -1,
                          .frees_per_second = -1,
                          .allocated_bytes_per_second = -1,
                          .change = FIELD_UNKNOWN,
                          .nothing = FIELD_UNKNOWN,
                          .node.growth = {FIELD_UNKNOWN, FIELD_UNKNOWN}};
  if (!node) return record;
  record.node = *node;
  record.name = node->name;
  if (node->limit_bytes || node->level) record.level = pressure_words_level(node->level);
  if (!node->has_rates) return record;
  record.allocations_per_second = node->allocations_per_second;
  record.frees_per_second = node->frees_per_second;
  record.allocated_bytes_per_second = node->allocated_bytes_per_second;
  record.change = whole_signed_of(node->change_bytes_per_second);
  record.allocation_count = whole_of(node->allocations_per_second);
  record.free_count = whole_of(node->frees_per_second);
  return record;
}

/* ---- JSON ------------------------------------------------------------------------------------------------ */

static void show_objects(const struct board *board, struct emitter *emitter) {
  emitter_hide_text(emitter);
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; i < board->rows.count; i++) {
    const struct row *row = &board->rows.row[i];
    if (row->depth > 0) continue;
    emitter_begin_object(emitter, NULL);
    show_process(row->tracked, emitter);
    show_rows_of(board, row->tracked, emitter);
    emitter_end(emitter);
  }
  emitter_end(emitter);
  emitter_show_text(emitter);
}

static void show_process(const struct tracked *tracked, struct emitter *emitter) {
  char session[MEMBER_SESSION_BYTES];
  bool has_gone =
      !tracked->is_alive && (tracked->state == PROCESS_RUNNING || tracked->state == PROCESS_STOPPED);
  struct process_record record = {
      .program = tracked->program,
      .state = process_words_state(has_gone ? PROCESS_GONE : tracked->state),
      .passive = process_words_passive(tracked->passive),
      .pid = tracked->name.pid,
      .threads = tracked->threads,
      .uptime_seconds = tracked->uptime_seconds,
  };
  member_session_write(tracked->session_pid, tracked->session_start, session);
  if (tracked->session_start) record.session = session;
  emitter_fields(emitter, FIELDS(process_fields), &record);
}

static void show_rows_of(const struct board *board, const struct tracked *tracked, struct emitter *emitter) {
  emitter_begin_list(emitter, "categories");
  for (size_t i = 0; i < board->rows.count; i++) {
    const struct row *row = &board->rows.row[i];
    struct record record = record_of(row);
    if (row->tracked != tracked || !record.name) continue;
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(fields), &record);
    if (record.node.limit_bytes) {
      emitter_fields(emitter, FIELDS(budget_fields), &record);
    } else {
      emitter_fields(emitter, FIELDS(no_budget_fields), &record);
    }
    emitter_end(emitter);
  }
  emitter_end(emitter);
}
