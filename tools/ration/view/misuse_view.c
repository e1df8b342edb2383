/*
 * misuse_view.c: a row for each misuse, category and call stack.
 */
#include "view/misuse_view.h"

#include <inttypes.h>
#include <stdio.h>

#include "sites/misuse_table.h"
#include "sites/stack.h"
#include "view/moment.h"
#include "view/pressure_words.h"
#include "view/progress.h"
#include "view/units.h"

struct misuse_record {
  const char *misuse; /* NULL: a newer version's */
  const char *said;
  const char *category; /* NULL: it came into being after the categories were read */
  uint64_t times;
  uint64_t bytes; /* of the last one, as the rest; 0: there is no block */
  const char *block;
  const char *address;
  uint64_t at_ns;
};

#define MISUSE(member) .offset = offsetof(struct misuse_record, member)

static const struct field misuse_fields[] = {
    {.name = "misuse", .kind = FIELD_NAME, MISUSE(misuse)},
    {.name = "times", .kind = FIELD_COUNT, MISUSE(times)},
    {.name = "category", .kind = FIELD_NAME, MISUSE(category)},
    {.name = "bytes", .kind = FIELD_BYTES, MISUSE(bytes)},
    {.name = "address", .kind = FIELD_NAME, MISUSE(address)},
    {.name = "at_seconds", .kind = FIELD_SINCE, MISUSE(at_ns)},
};
static const struct field misuse_cells[] = {
    {.kind = FIELD_NAME, MISUSE(said), .heading = "MISUSE"},
    {.kind = FIELD_COUNT, MISUSE(times), .heading = "TIMES"},
    {.kind = FIELD_NAME, MISUSE(category), .heading = "CATEGORY"},
    {.kind = FIELD_SINCE, MISUSE(at_ns), .heading = "LAST AFTER"},
    {.kind = FIELD_NAME, MISUSE(block), .heading = "BLOCK"},
    {.kind = FIELD_NAME, MISUSE(address), .heading = "ADDRESS"},
};

/* What there is in text. */
struct shown {
  uint32_t rows;
  bool has_writes;
};

static struct shown emit_rows(struct emitter *emitter, const struct process *process,
                              const struct selection *selection, const struct site_report *sites,
                              const struct misuse_table *table);
static bool is_selected(const struct snapshot *snapshot, const struct selection *selection,
                        uint32_t category);
static bool emit_misuse(struct emitter *emitter, const struct process *process,
                        const struct site_report *sites, const struct misuse_row *row, bool is_in_text);
static struct misuse_record record_of(const struct process *process, const struct misuse_row *row);
static const char *said_of(uint64_t misuse);
static void emit_rest(struct emitter *emitter, const struct losses *losses, uint64_t events);

void misuse_view_table(struct emitter *emitter, const struct process *process,
                       const struct selection *selection, const struct misuse_report *report) {
  struct misuse_table table = {.count = 0};
  const struct site_report *sites = report ? report->sites : NULL;
  bool is_there = !sites || misuse_table_make(report->events, sites->sites, &table) == 0;
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "misuses");
  struct shown shown = {.rows = 0};
  if (sites) shown = emit_rows(emitter, process, selection, sites, &table);
  emitter_end(emitter);
  if (shown.rows > 0) emitter_end_line(emitter); /* it stands before the table, which comes with its end */
  emitter_end_table(emitter);
  if (shown.rows > 0) emitter_end_line(emitter);
  if (shown.has_writes) {
    emitter_text_line(emitter, "  ",
                      "writes are noticed when the block is given back, or is to be used again: the calls "
                      "need not be those "
                      "of who wrote");
  }
  if (is_there)
    emit_rest(emitter, &process->snapshot.losses, table.events);
  else
    emitter_text_line(emitter, "  ", "not enough memory to show where blocks were misused");
  misuse_table_free(&table);
}

static struct shown emit_rows(struct emitter *emitter, const struct process *process,
                              const struct selection *selection, const struct site_report *sites,
                              const struct misuse_table *table) {
  struct shown shown = {.rows = 0};
  struct progress progress;
  progress_begin(&progress, SITE_VIEW_PROGRESS, table->count);
  for (size_t i = 0; i < table->count; i++) {
    const struct misuse_row *row = &table->row[i];
    bool is_in_text = sites->most == 0 || shown.rows < sites->most;
    if (!is_in_text && !emitter_is_json(emitter)) break;
    if (!is_selected(&process->snapshot, selection, row->category)) continue;
    if (emit_misuse(emitter, process, sites, row, is_in_text)) {
      shown.rows++;
      if (row->misuse == RATION_MISUSE_LATE_WRITE || row->misuse == RATION_MISUSE_OVERRUN)
        shown.has_writes = true;
    }
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  return shown;
}

static bool is_selected(const struct snapshot *snapshot, const struct selection *selection,
                        uint32_t category) {
  if (!selection->category) return true;
  return selection_is_below(snapshot, category, selection_root(selection, snapshot));
}

/* Whether it was shown; what memory does not reach for is left out. */
static bool emit_misuse(struct emitter *emitter, const struct process *process,
                        const struct site_report *sites, const struct misuse_row *row, bool is_in_text) {
  struct stack stack = {0};
  char address[24];
  struct words block = units_bytes(row->last->bytes);
  if (row->site && stack_of(sites->symbols, sites->sites, row->site, &stack) < 0) return false;
  snprintf(address, sizeof address, "0x%" PRIx64, row->last->freed);
  struct misuse_record record = record_of(process, row);
  record.block = row->last->bytes ? block.chars : NULL;
  record.address = address;
  bool passes = frame_filter_passes(sites->filter, &stack);
  if (passes) {
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(misuse_fields), &record);
    site_view_frames(emitter, &stack);
    emitter_end(emitter);
  }
  if (passes && is_in_text) {
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(misuse_cells), &record);
    site_view_stack(emitter, &stack, sites->most_frames);
  }
  stack_free(&stack);
  return passes;
}

static struct misuse_record record_of(const struct process *process, const struct misuse_row *row) {
  const struct snapshot *snapshot = &process->snapshot;
  bool has_category = row->category > 0 && row->category <= snapshot->category_count;
  return (struct misuse_record){.misuse = pressure_words_misuse(row->misuse),
                                .said = said_of(row->misuse),
                                .category = has_category ? snapshot->categories[row->category].name : NULL,
                                .times = row->times,
                                .bytes = row->last->bytes,
                                .at_ns = moment_since_start(process, row->last->at)};
}

static const char *said_of(uint64_t misuse) {
  static const char *const words[] = {[RATION_MISUSE_DOUBLE_FREE] = "double free",
                                      [RATION_MISUSE_WILD_FREE] = "free of no block",
                                      [RATION_MISUSE_LATE_WRITE] = "written to after it was given back",
                                      [RATION_MISUSE_OVERRUN] = "written to behind its end"};
  const char *said = misuse < sizeof words / sizeof *words ? words[misuse] : NULL;
  return said ? said : "one that a newer ration knows";
}

/* Only the newest events are kept; in JSON it is the difference to the losses. */
static void emit_rest(struct emitter *emitter, const struct losses *losses, uint64_t events) {
  char line[256];
  uint64_t noticed = losses->double_frees + losses->wild_frees + losses->late_writes + losses->overruns;
  if (noticed <= events) return;
  snprintf(line, sizeof line,
           "%s more misuse%s noticed, of which no event is there: only the newest are kept",
           units_count(noticed - events).chars, noticed - events == 1 ? " was" : "s were");
  emitter_text_line(emitter, "  ", line);
}
