/*
 * handler_view.c: the fields of a handler, in the order in which they are called.
 */
#include "view/handler_view.h"

#include <stdio.h>

#include "view/moment.h"
#include "view/pressure_words.h"

struct handler_record {
  const char *category;
  const char *lowest_level;
  const char *dispatch;
  const char *state;
  uint64_t running_ns;
  struct handler_facts facts;
};

#define HANDLER(member) .offset = offsetof(struct handler_record, member)
#define FACTS(member)   .name = #member, HANDLER(facts.member)

static const struct field handler_fields[] = {
    {.name = "category", .kind = FIELD_NAME, HANDLER(category), .heading = "HANDLER"},
    {FACTS(priority), .kind = FIELD_RANK, .heading = "PRIORITY"},
    {.name = "lowest_level", .kind = FIELD_NAME, HANDLER(lowest_level), .heading = "FROM"},
    {.name = "dispatch", .kind = FIELD_NAME, HANDLER(dispatch), .heading = "DISPATCH"},
    {.name = "state", .kind = FIELD_NAME, HANDLER(state)},
    {FACTS(calls), .kind = FIELD_COUNT, .heading = "CALLS"},
    {FACTS(wanted_bytes), .kind = FIELD_BYTES, .heading = "WANTED"},
    {FACTS(claimed_bytes), .kind = FIELD_BYTES, .heading = "CLAIMED"},
    {FACTS(freed_bytes), .kind = FIELD_BYTES, .heading = "FREED"},
    {FACTS(category_change_bytes), .kind = FIELD_BALANCE, .heading = "CHANGE"},
    {.name = "seconds", .kind = FIELD_LENGTH, HANDLER(facts.took_ns), .heading = "TIME"},
    {.name = "longest_seconds", .kind = FIELD_LENGTH, HANDLER(facts.longest_ns), .heading = "LONGEST"},
};
static const struct field running = {.name = "running_seconds",
                                     .kind = FIELD_LENGTH,
                                     HANDLER(running_ns),
                                     .phrase = "was called %s ago, and has not returned"};
static const struct field running_at_end = {.kind = FIELD_LENGTH,
                                            HANDLER(running_ns),
                                            .phrase = "was called %s before the end, and had not returned"};

static struct handler_record record_of(const struct process *process, const struct handler_facts *facts);
static void emit_note(struct emitter *emitter, const struct process *process,
                      const struct handler_record *record);

void handler_view_table(struct emitter *emitter, const struct process *process,
                        const struct selection *selection) {
  const struct snapshot *snapshot = &process->snapshot;
  struct handler_record records[HANDLER_LIST_MOST];
  size_t count = 0;
  uint32_t root = selection_root(selection, snapshot);
  for (uint32_t i = 0; i < snapshot->handlers.count; i++) {
    const struct handler_facts *facts = &snapshot->handlers.handler[i];
    if (selection_is_below(snapshot, facts->category, root)) records[count++] = record_of(process, facts);
  }
  if (count > 0) emitter_end_line(emitter);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "handlers");
  for (size_t i = 0; i < count; i++) {
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(handler_fields), &records[i]);
    emitter_fields(emitter, &running, 1, &records[i]);
    emitter_end(emitter);
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(handler_fields), &records[i]);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  for (size_t i = 0; i < count; i++) emit_note(emitter, process, &records[i]);
}

static struct handler_record record_of(const struct process *process, const struct handler_facts *facts) {
  return (struct handler_record){.category = process->snapshot.categories[facts->category].name,
                                 .lowest_level = pressure_words_level(facts->lowest_level),
                                 .dispatch = pressure_words_dispatch(facts->dispatch),
                                 .state = facts->is_registered ? "registered" : "gone",
                                 .running_ns = facts->running_since_at
                                                   ? moment_until_end(process, facts->running_since_at)
                                                   : FIELD_NEVER,
                                 .facts = *facts};
}

static void emit_note(struct emitter *emitter, const struct process *process,
                      const struct handler_record *record) {
  char words[FIELD_TEXT_BYTES], line[RATION_CATEGORY_NAME_BYTES + FIELD_TEXT_BYTES + 32];
  if (record->running_ns == FIELD_NEVER) return;
  field_phrase(process_is_alive(process) ? &running : &running_at_end, record, words);
  snprintf(line, sizeof line, "a handler of %s %s", record->category, words);
  emitter_text_line(emitter, "  ", line);
}
