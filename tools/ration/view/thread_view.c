/*
 * thread_view.c: the fields of a thread. Text has the first 20, then what the others come to; JSON has them all.
 */
#include "view/thread_view.h"

#include <stdio.h>

#include "view/units.h"

#define SHOWN_MOST 20 /* in text */

struct thread_record {
  const char *name; /* NULL: not known */
  const char *no_tid;
  struct thread_facts facts;
};

#define THREAD(member) .offset = offsetof(struct thread_record, member)
#define FACTS(member)  .name = #member, THREAD(facts.member)

static const struct field field_tid = {FACTS(tid), .kind = FIELD_ID, .heading = "THREAD"};
static const struct field field_no_tid = {
    .name = "tid", .kind = FIELD_NAME, THREAD(no_tid), .heading = "THREAD"};
static const struct field field_name = {.name = "name", .kind = FIELD_NAME, THREAD(name), .heading = "NAME"};
static const struct field figures[] = {
    {FACTS(allocated_bytes), .kind = FIELD_BYTES, .heading = "ALLOCATED", .has_bar = true},
    {FACTS(allocations), .kind = FIELD_COUNT, .heading = "ALLOCATIONS"},
    {FACTS(frees), .kind = FIELD_COUNT, .heading = "FREES"},
};

static void emit_thread(struct emitter *emitter, const struct thread_facts *facts, bool is_shown);
static void emit_sum(struct emitter *emitter, const char *name, const struct thread_facts *facts);
static void add(struct thread_facts *sum, const struct thread_facts *facts);
static void emit_coverage(struct emitter *emitter, const struct thread_list *threads);

void thread_view_table(struct emitter *emitter, const struct process *process,
                       const struct selection *selection, const void *context) {
  const struct thread_list *threads = context;
  (void)process;
  (void)selection;
  struct thread_facts more = {0}, total = threads->rest;
  char words[64];
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "by_thread");
  for (size_t i = 0; i < threads->count; i++) {
    emit_thread(emitter, &threads->thread[i], i < SHOWN_MOST);
    add(&total, &threads->thread[i]);
    if (i >= SHOWN_MOST) add(&more, &threads->thread[i]);
  }
  emit_thread(emitter, &threads->rest, false);
  emitter_end(emitter);
  size_t others = threads->count > SHOWN_MOST ? threads->count - SHOWN_MOST : 0;
  snprintf(words, sizeof words, "%s more", units_count(others).chars);
  if (others > 0) emit_sum(emitter, words, &more);
  emit_sum(emitter, "all others", &threads->rest);
  emit_sum(emitter, "total", &total);
  emitter_end_table(emitter);
  emitter_end_line(emitter);
  emit_coverage(emitter, threads);
}

static void emit_thread(struct emitter *emitter, const struct thread_facts *facts, bool is_shown) {
  struct thread_record record = {.name = facts->name[0] ? facts->name : NULL, .facts = *facts};
  const struct field *tid = facts->tid ? &field_tid : &field_no_tid;
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, tid, 1, &record);
  emitter_fields(emitter, &field_name, 1, &record);
  emitter_fields(emitter, FIELDS(figures), &record);
  emitter_end(emitter);
  if (!is_shown) return;
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, tid, 1, &record);
  emitter_cells(emitter, ROW_PLAIN, &field_name, 1, &record);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(figures), &record);
}

static void emit_sum(struct emitter *emitter, const char *name, const struct thread_facts *facts) {
  struct thread_record record = {.name = name, .facts = *facts};
  emitter_row(emitter);
  emitter_cells(emitter, ROW_SUM, &field_no_tid, 1, &record);
  emitter_cells(emitter, ROW_SUM, &field_name, 1, &record);
  emitter_cells(emitter, ROW_SUM, FIELDS(figures), &record);
}

static void add(struct thread_facts *sum, const struct thread_facts *facts) {
  sum->allocations += facts->allocations;
  sum->frees += facts->frees;
  sum->allocated_bytes += facts->allocated_bytes;
}

static void emit_coverage(struct emitter *emitter, const struct thread_list *threads) {
  char line[192];
  snprintf(
      line, sizeof line,
      "%s thread%s; all others: threads that have ended or share one tally, and what was inherited over fork",
      units_count(threads->count).chars, threads->count == 1 ? "" : "s");
  emitter_text_line(emitter, "  ", line);
}
