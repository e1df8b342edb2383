/*
 * event_view.c: each kind of event has fields of its own in JSON; in text, a sentence of them.
 *
 * A program that is refused asks again, and again: refusals that follow one another and differ in nothing but their
 * bytes are one line of text. JSON has them all.
 */
#include "view/event_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/escape.h"
#include "view/moment.h"
#include "view/pressure_words.h"
#include "view/refusal_view.h"
#include "view/units.h"

struct event_record {
  uint64_t at_ns;
  const char *kind;
  const char *category; /* NULL: it came into being after the categories were read */
  const char *budget;   /* NULL: likewise, or there was none */
  const char *level;
  const char *old_level;
  const char *module; /* of the asker, or that was met; NULL: not known */
  uint64_t offset;
  const char *name;   /* of the thread or the mark; NULL: not known */
  const char *misuse; /* NULL: a newer version's */
  const char *none;   /* NULL */
  char name_words[RATION_EVENT_MARK_BYTES + 1];
  struct event_facts facts;
  uint64_t requests; /* of a line: how many events it stands for, bytes in all, and the last one's moment */
  uint64_t bytes;
  uint64_t last_at_ns;
  uint64_t last_number; /* of marks */
  const char *level_cell;
  const char *what_cell;
  char level_words[32];
  char what[FIELD_TEXT_BYTES];
};

#define EVENT(member) .offset = offsetof(struct event_record, member)

static const struct field fields_first[] = {
    {.name = "at_seconds", .kind = FIELD_SINCE, EVENT(at_ns), .heading = "AFTER"},
    {.name = "kind", .kind = FIELD_NAME, EVENT(kind), .heading = "EVENT"},
    {.name = "category", .kind = FIELD_NAME, EVENT(category), .heading = "CATEGORY"},
};
static const struct field fields_all[] = {
    {.name = "budget", .kind = FIELD_NAME, EVENT(budget)},
    {.name = "level", .kind = FIELD_NAME, EVENT(level)},
};
static const struct field text_cells[] = {
    {.kind = FIELD_NAME, EVENT(level_cell), .heading = "LEVEL", .tint = TINT_WORD},
    {.kind = FIELD_NAME, EVENT(what_cell), .heading = "WHAT"},
};
static const struct field field_thread = {
    .name = "tid", .kind = FIELD_ID, EVENT(facts.thread), .heading = "THREAD"};
static const struct field field_old_level = {.name = "old_level", .kind = FIELD_NAME, EVENT(old_level)};
static const struct field fields_used[] = {
    {.name = "used_bytes", .kind = FIELD_BYTES, EVENT(facts.bytes)},
    {.name = "limit_bytes", .kind = FIELD_BYTES, EVENT(facts.limit)},
};
static const struct field fields_refusal[] = {
    {.name = "bytes", .kind = FIELD_BYTES, EVENT(facts.bytes)},
    {.name = "limit_bytes", .kind = FIELD_BYTES, EVENT(facts.limit)},
    {.name = "module", .kind = FIELD_NAME, EVENT(module)},
    {.name = "offset", .kind = FIELD_COUNT, EVENT(offset)},
};
static const struct field fields_handler[] = {
    {.name = "priority", .kind = FIELD_RANK, EVENT(facts.priority)},
    {.name = "wanted_bytes", .kind = FIELD_BYTES, EVENT(facts.limit)},
    {.name = "claimed_bytes", .kind = FIELD_BYTES, EVENT(facts.bytes)},
    {.name = "freed_bytes", .kind = FIELD_BYTES, EVENT(facts.freed)},
    {.name = "seconds", .kind = FIELD_LENGTH, EVENT(facts.detail)},
};
static const struct field fields_misuse[] = {
    {.name = "misuse", .kind = FIELD_NAME, EVENT(misuse)},
    {.name = "bytes", .kind = FIELD_BYTES, EVENT(facts.bytes)},
    {.name = "address", .kind = FIELD_COUNT, EVENT(facts.freed)},
    {.name = "site", .kind = FIELD_COUNT, EVENT(facts.detail)},
};
static const struct field field_module = {.name = "module", .kind = FIELD_NAME, EVENT(module)};
static const struct field field_name = {.name = "name", .kind = FIELD_NAME, EVENT(name)};
static const struct field field_mark = {.name = "number", .kind = FIELD_COUNT, EVENT(facts.bytes)};
static const struct field field_parent = {.name = "parent", .kind = FIELD_COUNT, EVENT(facts.detail)};
static const struct field field_no_parent = {.name = "parent", .kind = FIELD_NAME, EVENT(none)};
static const struct field field_image = {.name = "image", .kind = FIELD_COUNT, EVENT(facts.detail)};
static const struct field field_times = {.name = "times", .kind = FIELD_COUNT, EVENT(requests)};
static const struct field field_overwritten = {.name = "events_overwritten",
                                               .kind = FIELD_COUNT,
                                               .offset = offsetof(struct event_list, overwritten),
                                               .phrase = "%s overwritten by later ones"};
static const struct field field_lost = {
    .kind = FIELD_COUNT, .offset = offsetof(struct event_list, lost), .phrase = "%s lost"};

/* Events that are one line of text. */
struct run {
  const struct event_facts *first;
  size_t count;
};

static size_t run_length(const struct event_list *events, size_t first);
static void emit_run(struct emitter *emitter, const struct process *process, const struct event_list *events,
                     struct run run);
static struct event_record record_of(const struct process *process, const struct event_facts *facts);
static void name_record(const struct process *process, const struct event_list *events,
                        struct event_record *record);
static bool is_of_course(const struct event_facts *facts);
static bool is_of_budget(const struct event_facts *facts);
static bool has_name(const struct event_facts *facts);
static const char *name_of(const struct snapshot *snapshot, uint32_t category);
static void emit_object(struct emitter *emitter, const struct event_record *record);
static void emit_fields(struct emitter *emitter, const struct event_record *record);
static void emit_row(struct emitter *emitter, struct event_record *record);
static void say_what(struct event_record *record);
static void say_other(struct event_record *record);
static void say_refusal(struct event_record *record);
static void say_handler(struct event_record *record);
static void emit_coverage(struct emitter *emitter, const struct event_list *events, size_t shown);

void event_view_table(struct emitter *emitter, const struct process *process, const struct event_list *events,
                      const struct selection *selection) {
  const struct snapshot *snapshot = &process->snapshot;
  uint32_t root = selection_root(selection, snapshot);
  size_t shown = 0;
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "events");
  for (size_t i = 0, length; i < events->count; i += length) {
    const struct event_facts *run = &events->event[i];
    length = run_length(events, i);
    if (selection->category && !selection_is_below(snapshot, run->category, root)) continue;
    emit_run(emitter, process, events, (struct run){run, length});
    shown += length;
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (shown > 0) emitter_end_line(emitter);
  emit_coverage(emitter, events, shown);
}

void event_view_course(struct emitter *emitter, const struct process *process,
                       const struct event_list *events) {
  emitter_begin_list(emitter, "events");
  for (size_t i = 0, length; i < events->count; i += length) {
    length = run_length(events, i);
    if (!is_of_course(&events->event[i])) continue;
    struct event_record record = record_of(process, &events->event[i]);
    record.requests = length;
    name_record(process, events, &record);
    emitter_begin_object(emitter, NULL);
    emit_fields(emitter, &record);
    emitter_fields(emitter, &field_times, 1, &record);
    emitter_end(emitter);
  }
  emitter_end(emitter);
  emitter_fields(emitter, &field_overwritten, 1, events);
}

void event_view_line(const struct process *process, const struct event_facts *facts,
                     const struct event_list *modules, char ret_line[EVENT_LINE_BYTES]) {
  struct event_record record = record_of(process, facts);
  char words[EVENT_LINE_BYTES];
  record.requests = 1;
  record.bytes = facts->bytes;
  name_record(process, modules, &record);
  say_what(&record);
  snprintf(words, sizeof words, "%16s  %-12s  %-24s  %-15s  %7u  %s", units_since(record.at_ns).chars,
           record.kind, record.category ? record.category : "", record.level_words, facts->thread,
           record.what);
  escape_words(words, ret_line, EVENT_LINE_BYTES);
  for (size_t used = strlen(ret_line); used > 0 && ret_line[used - 1] == ' ';) ret_line[--used] = '\0';
}

/* How many events are one line of text. */
static size_t run_length(const struct event_list *events, size_t first) {
  const struct event_facts *run = &events->event[first], *next = run + 1;
  const struct event_facts *end = &events->event[events->count];
  if (run->kind != RATION_EVENT_REFUSAL && run->kind != RATION_EVENT_MARK) return 1;
  while (next < end && next->kind == run->kind && next->category == run->category &&
         next->budget == run->budget && next->level == run->level && next->limit == run->limit &&
         next->freed == run->freed && next->detail == run->detail && next->thread == run->thread)
    next++;
  return (size_t)(next - run);
}

static void emit_run(struct emitter *emitter, const struct process *process, const struct event_list *events,
                     struct run run) {
  struct event_record line = record_of(process, run.first);
  line.requests = run.count;
  for (size_t i = 0; i < run.count; i++) {
    struct event_record record = record_of(process, &run.first[i]);
    name_record(process, events, &record);
    emit_object(emitter, &record);
    line.bytes += record.facts.bytes;
    line.last_at_ns = record.at_ns;
    line.last_number = record.facts.bytes;
  }
  name_record(process, events, &line);
  emit_row(emitter, &line);
}

static struct event_record record_of(const struct process *process, const struct event_facts *facts) {
  const struct snapshot *snapshot = &process->snapshot;
  return (struct event_record){.at_ns = moment_since_start(process, facts->at),
                               .kind = pressure_words_event(facts->kind),
                               .category = name_of(snapshot, facts->category),
                               .budget = name_of(snapshot, facts->budget),
                               .level = is_of_budget(facts) ? pressure_words_level(facts->level) : NULL,
                               .old_level = pressure_words_level(facts->old_level),
                               .misuse = pressure_words_misuse(facts->limit),
                               .facts = *facts};
}

static bool is_of_course(const struct event_facts *facts) {
  return facts->kind == RATION_EVENT_PRESSURE || facts->kind == RATION_EVENT_BREACH ||
         facts->kind == RATION_EVENT_REFUSAL || facts->kind == RATION_EVENT_MARK;
}

static bool is_of_budget(const struct event_facts *facts) {
  return facts->kind <= RATION_EVENT_HANDLER;
}

/* Names that the record holds itself, or finds elsewhere: it must not move any more. */
static void name_record(const struct process *process, const struct event_list *events,
                        struct event_record *record) {
  const struct event_facts *facts = &record->facts;
  if (facts->kind == RATION_EVENT_REFUSAL) {
    const struct refusal_facts *asker = refusal_list_find(&process->snapshot.refusals, facts->detail);
    record->module = asker ? asker->module : NULL;
    record->offset = asker ? asker->offset : 0;
  } else if (facts->kind == RATION_EVENT_MODULE) {
    uint64_t row = facts->detail;
    bool is_known = row > 0 && row < events->modules.count && events->modules.module[row].path[0];
    record->module = is_known ? module_list_name(&events->modules, (uint32_t)row) : NULL;
  } else if (has_name(facts)) {
    event_list_name(facts, record->name_words);
    record->name = record->name_words[0] ? record->name_words : NULL;
  }
}

static bool has_name(const struct event_facts *facts) {
  return facts->kind == RATION_EVENT_THREAD_START || facts->kind == RATION_EVENT_THREAD_END ||
         facts->kind == RATION_EVENT_MARK;
}

static const char *name_of(const struct snapshot *snapshot, uint32_t category) {
  return category > 0 && category <= snapshot->category_count ? snapshot->categories[category].name : NULL;
}

static void emit_object(struct emitter *emitter, const struct event_record *record) {
  emitter_begin_object(emitter, NULL);
  emit_fields(emitter, record);
  emitter_end(emitter);
}

static void emit_fields(struct emitter *emitter, const struct event_record *record) {
  uint8_t kind = record->facts.kind;
  bool is_of_use = kind == RATION_EVENT_PRESSURE || kind == RATION_EVENT_BREACH;
  emitter_fields(emitter, FIELDS(fields_first), record);
  emitter_fields(emitter, FIELDS(fields_all), record);
  if (kind == RATION_EVENT_PRESSURE) emitter_fields(emitter, &field_old_level, 1, record);
  if (is_of_use) emitter_fields(emitter, FIELDS(fields_used), record);
  if (kind == RATION_EVENT_REFUSAL) emitter_fields(emitter, FIELDS(fields_refusal), record);
  if (kind == RATION_EVENT_HANDLER) emitter_fields(emitter, FIELDS(fields_handler), record);
  if (kind == RATION_EVENT_MODULE) emitter_fields(emitter, &field_module, 1, record);
  if (has_name(&record->facts)) emitter_fields(emitter, &field_name, 1, record);
  if (kind == RATION_EVENT_MARK) emitter_fields(emitter, &field_mark, 1, record);
  if (kind == RATION_EVENT_MISUSE) emitter_fields(emitter, FIELDS(fields_misuse), record);
  if (kind == RATION_EVENT_FORK)
    emitter_fields(emitter, record->facts.detail ? &field_parent : &field_no_parent, 1, record);
  if (kind == RATION_EVENT_EXEC) emitter_fields(emitter, &field_image, 1, record);
  emitter_fields(emitter, &field_thread, 1, record);
}

static void emit_row(struct emitter *emitter, struct event_record *record) {
  say_what(record);
  record->level_cell = record->level_words;
  record->what_cell = record->what;
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(fields_first), record);
  emitter_cells(emitter, ROW_PLAIN, &text_cells[0], 1, record);
  emitter_cells(emitter, ROW_PLAIN, &field_thread, 1, record);
  emitter_cells(emitter, ROW_PLAIN, &text_cells[1], 1, record);
}

static void say_what(struct event_record *record) {
  const struct event_facts *facts = &record->facts;
  bool has_changed = facts->kind == RATION_EVENT_PRESSURE;
  snprintf(record->level_words, sizeof record->level_words, "%s%s%s", has_changed ? record->old_level : "",
           has_changed ? " → " : "", record->level ? record->level : "");
  if (!is_of_budget(facts)) {
    say_other(record);
  } else if (facts->kind == RATION_EVENT_REFUSAL) {
    say_refusal(record);
  } else if (facts->kind == RATION_EVENT_HANDLER) {
    say_handler(record);
  } else {
    snprintf(record->what, sizeof record->what, "uses %s of %s", units_bytes(facts->bytes).chars,
             units_bytes(facts->limit).chars);
  }
}

static void say_mark(struct event_record *record) {
  const char *name = record->name ? record->name : "";
  snprintf(record->what, sizeof record->what, "%s %" PRIu64, name, record->facts.bytes);
  if (record->requests == 1) return;
  snprintf(record->what, sizeof record->what, "%s %" PRIu64 " to %" PRIu64 ", %s marks until %s", name,
           record->facts.bytes, record->last_number, units_count(record->requests).chars,
           units_since(record->last_at_ns).chars);
}

/* Its calls are shown by report --heap: a site's number says nothing to people. */
static void say_misuse(struct event_record *record) {
  static const char *const words[] = {[RATION_MISUSE_DOUBLE_FREE] = "given back before: block of ",
                                      [RATION_MISUSE_WILD_FREE] = "given back, but no block begins there",
                                      [RATION_MISUSE_LATE_WRITE] =
                                          "written to after it was given back: block of ",
                                      [RATION_MISUSE_OVERRUN] = "written to behind its end: block of "};
  const struct event_facts *facts = &record->facts;
  const char *how = facts->limit < sizeof words / sizeof *words ? words[facts->limit] : NULL;
  snprintf(record->what, sizeof record->what, "%s%s at 0x%" PRIx64,
           how ? how : "misused: ", facts->bytes ? units_bytes(facts->bytes).chars : "", facts->freed);
}

/* A new category, a thread and its end say it all by their kind. */
static void say_other(struct event_record *record) {
  uint64_t detail = record->facts.detail;
  size_t room = sizeof record->what;
  if (record->facts.kind == RATION_EVENT_MARK)
    say_mark(record);
  else if (record->facts.kind == RATION_EVENT_MISUSE)
    say_misuse(record);
  else if (record->facts.kind == RATION_EVENT_SAMPLE)
    snprintf(record->what, room, "%s at 0x%" PRIx64 ", site %" PRIu64, units_bytes(record->facts.bytes).chars,
             record->facts.freed, detail);
  else if (record->facts.kind == RATION_EVENT_SAMPLE_FREED)
    snprintf(record->what, room, "%s at 0x%" PRIx64 ", site %" PRIu64 ", after %s",
             units_bytes(record->facts.bytes).chars, record->facts.freed, detail,
             units_length(record->facts.limit).chars);
  else if (record->facts.kind == RATION_EVENT_MODULE)
    snprintf(record->what, room, "met %s", record->module ? record->module : "one whose file is not known");
  else if (record->facts.kind == RATION_EVENT_EXEC)
    snprintf(record->what, room, "took the place of image %" PRIu64, detail);
  else if (record->facts.kind == RATION_EVENT_FORK && detail)
    snprintf(record->what, room, "forked from %" PRIu64, detail);
  else if (record->facts.kind == RATION_EVENT_FORK)
    snprintf(record->what, room, "made a child");
  else
    snprintf(record->what, room, "%s", record->name ? record->name : "");
}

static void say_refusal(struct event_record *record) {
  char asker[REFUSAL_ASKER_BYTES + 32] = "", until[128] = "",
                                   why[RATION_CATEGORY_NAME_BYTES + 64] = "by `fail`";
  if (record->module) snprintf(asker, sizeof asker, " to %s+0x%" PRIx64, record->module, record->offset);
  if (record->facts.budget) {
    snprintf(why, sizeof why, "%s is limited to %s", record->budget ? record->budget : "?",
             units_bytes(record->facts.limit).chars);
  }
  if (record->requests > 1) {
    snprintf(until, sizeof until, " in %s requests until %s", units_count(record->requests).chars,
             units_since(record->last_at_ns).chars);
  }
  snprintf(record->what, sizeof record->what, "%s%s%s: %s", units_bytes(record->bytes).chars, asker, until,
           why);
}

static void say_handler(struct event_record *record) {
  const struct event_facts *facts = &record->facts;
  bool is_of_other = facts->budget != facts->category && record->budget;
  snprintf(record->what, sizeof record->what, "priority %d%s%s: claimed %s, freed %s of %s wanted, in %s",
           facts->priority, is_of_other ? " for " : "", is_of_other ? record->budget : "",
           units_bytes(facts->bytes).chars, units_bytes(facts->freed).chars, units_bytes(facts->limit).chars,
           units_length(facts->detail).chars);
}

/* What was lost stands in JSON among the losses. */
static void emit_coverage(struct emitter *emitter, const struct event_list *events, size_t shown) {
  char overwritten[FIELD_TEXT_BYTES], lost[FIELD_TEXT_BYTES], line[2 * FIELD_TEXT_BYTES + 64];
  emitter_fields(emitter, &field_overwritten, 1, events);
  field_phrase(&field_overwritten, events, overwritten);
  field_phrase(&field_lost, events, lost);
  snprintf(line, sizeof line, "%s event%s; %s; %s", units_count(shown).chars, shown == 1 ? "" : "s",
           overwritten, lost);
  emitter_text_line(emitter, "  ", line);
}
