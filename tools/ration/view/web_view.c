/*
 * web_view.c: see web_view.h.
 */
#include "view/web_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "view/escape.h"
#include "view/progress.h"

/* A frame that has its number. Its texts are the symbols' own, of which there is one each: they tell frames apart. */
struct numbered {
  struct stack_frame frame; /* the key: no byte of it is left as it was */
  uint32_t number;
  UT_hash_handle hh;
};

struct frame_book {
  struct numbered *frames; /* in the order of their numbers */
  uint32_t count;
};

static int emit_sites(struct emitter *emitter, const struct process *process,
                      const struct site_report *report, struct frame_book *book);
static int emit_site(struct emitter *emitter, const struct process *process, const struct site_report *report,
                     const struct site_row *row, struct frame_book *book);
static int emit_numbers(struct emitter *emitter, const struct stack *stack, struct frame_book *book);
static int number_of(struct frame_book *book, const struct stack_frame *frame, uint32_t *ret_number);
static void emit_book(struct emitter *emitter, const struct frame_book *book);
static void free_book(struct frame_book *book);
static bool had_something(const struct timeline *timeline, uint32_t id);

int web_view_sites(struct emitter *emitter, const struct process *process, const struct site_report *report) {
  struct frame_book book = {.frames = NULL};
  int error = emit_sites(emitter, process, report, &book);
  if (!error) emit_book(emitter, &book);
  if (!error) site_view_coverage(emitter, report);
  free_book(&book);
  return error;
}

static int emit_sites(struct emitter *emitter, const struct process *process,
                      const struct site_report *report, struct frame_book *book) {
  const struct site_table *table = report->table;
  struct progress progress;
  int error = 0;
  progress_begin(&progress, SITE_VIEW_PROGRESS, table->count);
  emitter_begin_list(emitter, "sites");
  for (size_t i = 0; !error && i < table->count; i++) {
    error = emit_site(emitter, process, report, &table->row[i], book);
    progress_step(&progress, i + 1);
  }
  emitter_end(emitter);
  progress_end(&progress);
  return error;
}

static int emit_site(struct emitter *emitter, const struct process *process, const struct site_report *report,
                     const struct site_row *row, struct frame_book *book) {
  struct stack stack;
  int error = stack_of(report->symbols, report->sites, row->facts, &stack);
  if (error) return error;
  if (frame_filter_passes(report->filter, &stack)) {
    emitter_begin_object(emitter, NULL);
    site_view_figures(emitter, process, report, row);
    error = emit_numbers(emitter, &stack, book);
    emitter_end(emitter);
  }
  stack_free(&stack);
  return error;
}

static int emit_numbers(struct emitter *emitter, const struct stack *stack, struct frame_book *book) {
  static const struct field number_field = {.kind = FIELD_ID};
  int error = 0;
  emitter_begin_list(emitter, "frames");
  for (size_t i = 0; !error && i < stack->count; i++) {
    uint32_t number = 0;
    error = number_of(book, &stack->frame[i], &number);
    emitter_fields(emitter, &number_field, 1, &number);
  }
  emitter_end(emitter);
  return error;
}

static int number_of(struct frame_book *book, const struct stack_frame *frame, uint32_t *ret_number) {
  struct numbered *known;
  struct stack_frame key;
  memset(&key, 0, sizeof key); /* also between its members */
  key.function = frame->function;
  key.file = frame->file;
  key.line = frame->line;
  key.is_inlined = frame->is_inlined;
  key.module = frame->module;
  key.offset = frame->offset;
  HASH_FIND(hh, book->frames, &key, sizeof key, known);
  if (!known) {
    known = calloc(1, sizeof *known);
    if (!known) return -ENOMEM;
    memcpy(&known->frame, &key, sizeof key);
    known->number = book->count;
    HASH_ADD(hh, book->frames, frame, sizeof known->frame, known);
    if (!known->hh.tbl) { /* so uthash says that it has no memory */
      free(known);
      return -ENOMEM;
    }
    book->count++;
  }
  *ret_number = known->number;
  return 0;
}

static void emit_book(struct emitter *emitter, const struct frame_book *book) {
  emitter_begin_list(emitter, "frames");
  for (const struct numbered *at = book->frames; at; at = at->hh.next) site_view_frame(emitter, &at->frame);
  emitter_end(emitter);
}

static void free_book(struct frame_book *book) {
  struct numbered *at = book->frames;
  HASH_CLEAR(hh, book->frames);
  while (at) {
    struct numbered *next = at->hh.next;
    free(at);
    at = next;
  }
}

/* ---- the timeline ----------------------------------------------------------------------------------------- */

void web_view_timeline(struct emitter *emitter, const struct process *process,
                       const struct timeline *timeline) {
  static const struct field seconds = {.kind = FIELD_SINCE}, bytes = {.kind = FIELD_BYTES};
  const struct snapshot *snapshot = &process->snapshot;
  emitter_begin_object(emitter, "timeline");
  emitter_begin_list(emitter, "seconds");
  for (size_t i = 0; i < timeline->count; i++)
    emitter_fields(emitter, &seconds, 1, &timeline->points[i].at_ns);
  emitter_end(emitter);
  emitter_begin_object(emitter, "categories");
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    char name[4 * RATION_CATEGORY_NAME_BYTES];
    if (!had_something(timeline, id)) continue;
    escape(snapshot->categories[id].name, name, sizeof name);
    emitter_begin_list(emitter, name);
    for (size_t i = 0; i < timeline->count; i++)
      emitter_fields(emitter, &bytes, 1, &timeline->points[i].charged[id]);
    emitter_end(emitter);
  }
  emitter_end(emitter);
  emitter_end(emitter);
}

static bool had_something(const struct timeline *timeline, uint32_t id) {
  for (size_t i = 0; i < timeline->count; i++)
    if (timeline->points[i].charged[id] > 0) return true;
  return false;
}
