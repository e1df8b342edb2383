/*
 * sight.c: the looks of `report`, the formats of `export`, the figures of `check`, `diff`, `plan`, `whose`, `record` and `top`.
 */
#include "common/sight.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fit.h"
#include "common/sight_again.h"
#include "conditions/figure.h"
#include "diff/comparison.h"
#include "diff/pairing.h"
#include "export/format.h"
#include "plan/observed.h"
#include "reader/event_cursor.h"
#include "reader/slack_sums.h"
#include "reader/tags.h"
#include "report/looks.h"
#include "report/processes.h"
#include "select.h"
#include "subject/subject.h"

#define NOWHERE "/nowhere"

const char *sight_suppressions;

static int show_page(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);
static int show_look(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);
static int write_export(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);
static int reckon(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);
static int compare(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);
static int follow(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);
static int ask(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);
static int look_again(struct subject *subject, bool is_json, uint8_t number, struct fault *fault);

static int (*const sights[])(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) = {
    show_page, show_look, show_look, write_export, write_export, reckon, compare, follow, ask, look_again};

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

void sight_take(const char *path, uint8_t number) {
  struct subject subject;
  struct fault fault = {""};
  bool is_json = number & 1;
  uint8_t kind = (uint8_t)(number >> 1) % COUNT_OF(sights),
          which = (uint8_t)((number >> 1) / COUNT_OF(sights));
  int error = subject_open(path, &subject, &fault);
  if (error) {
    fit_fault(&fault);
    return;
  }
  process_take_resident(subject.processes[0]);
  process_count_pages(subject.processes[0]);
  for (size_t i = 0; i < subject.count && !error; i++)
    error = subject_take_growth(subject.processes[i], &fault);
  if (!error) error = sights[kind](&subject, is_json, which, &fault);
  if (error) fit_fault(&fault);
  subject_close(&subject);
}

/* Emits by `show` into memory, and holds that to what it must be. */
static int emit(struct subject *subject, bool is_json, look *show, struct wishes *wishes,
                struct fault *fault) {
  char *bytes = NULL;
  size_t size = 0;
  int error = 0, status = 0;
  struct emitter *emitter = emitter_new(is_json);
  FILE *to = open_memstream(&bytes, &size);
  if (!emitter || !to) abort();
  if (show) {
    emitter_begin_list(emitter, "processes");
    size_t count = is_json ? subject->count : 1;
    for (size_t i = 0; i < count && !error; i++)
      error = show(emitter, subject->processes[i], wishes, &status, fault);
    emitter_end(emitter);
  } else {
    error = processes_show(emitter, subject, fault);
  }
  if (error) emitter_discard(emitter);
  if (emitter_finish(emitter, to) != 0 || fclose(to) != 0) abort();
  emitter_free(emitter);
  if (is_json && !error)
    fit_json(bytes, size);
  else
    fit_text(bytes, size);
  free(bytes);
  return error;
}

static int show_page(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  static const struct selection selections[] = {{.depth = UINT32_MAX},
                                                {.depth = UINT32_MAX, .is_tree = true},
                                                {.depth = 1},
                                                {.depth = UINT32_MAX, .category = "other"}};
  const struct snapshot *snapshot = &subject->processes[0]->snapshot;
  selected = selections[number % COUNT_OF(selections)];
  if (selected.category && !snapshot->passive && selection_root(&selected, snapshot) == 0)
    selected = selections[0];
  int error = emit(subject, is_json, NULL, NULL, fault);
  selected = selections[0];
  return error;
}

static int show_look(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  static look *const looks[] = {look_events,   look_threads, look_sites, look_largest, look_leaks,
                                look_timeline, look_sizes,   look_pools, look_heap};
  struct wishes wishes = {.most = 20,
                          .most_frames = 12,
                          .sysroot = NOWHERE,
                          .suppressions = sight_suppressions,
                          .order = number / COUNT_OF(looks) % 5,
                          .shape = number % 3};
  return emit(subject, is_json, looks[number % COUNT_OF(looks)], &wishes, fault);
}

static int write_export(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  char *bytes = NULL;
  size_t size = 0, count = 0;
  FILE *to = open_memstream(&bytes, &size);
  while (export_formats[count].name) count++;
  const struct export_format *format = &export_formats[number % count];
  struct export_wishes wishes = {
      .order = number % 5, .rows = number / 2 % 3, .is_raw = is_json, .sysroot = NOWHERE, .most_largest = 20};
  if (!to) abort();
  int error = format->write(to, subject, &wishes, fault);
  if (fclose(to) != 0) abort();
  bool has_json = strcmp(format->name, "json") == 0 || strcmp(format->name, "speedscope") == 0;
  if (!error && has_json) fit_json(bytes, size);
  if (!error && !has_json && !format->is_binary) fit_text(bytes, size);
  free(bytes);
  return error;
}

/* Each figure of each category. */
static int reckon(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  (void)is_json;
  (void)number;
  struct leak_count leaks;
  struct suppressions none = {0};
  struct process *process = subject->processes[0];
  int error = leak_count_read(process, &none, &leaks, fault);
  if (error) return error;
  struct observation observation = {.process = process, .leaks = &leaks};
  struct figure figure;
  for (size_t i = 0; figure_at(i, &figure); i++) {
    for (uint32_t id = 1; id <= process->snapshot.category_count; id++) {
      uint64_t value;
      if (figure_value(&figure, &observation, process->snapshot.categories[id].name, &value) == 0) {
        figure_words(figure.kind, value);
        figure_words_exact(figure.kind, value);
      }
    }
  }
  return 0;
}

static int compare(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  struct diff_wishes wishes = {.measure = number % 3,
                               .selection = &selected,
                               .places = {.sysroot = NOWHERE},
                               .since_ns = number / 3 % 2 ? 1000000000 : 0,
                               .most = 20,
                               .most_frames = 12};
  struct change_list conditions = {.count = 0};
  struct comparison comparison = {
      .emitter = emitter_new(is_json), .wishes = &wishes, .judgement = {.conditions = &conditions}};
  if (change_add(&conditions, number & 1 ? "total.live>+1%" : "other.subtree_leaks>1", fault) != 0) abort();
  struct pairing pairing;
  char *bytes = NULL;
  size_t size = 0;
  if (!comparison.emitter || pairing_make(subject, subject, &pairing) != 0) abort();
  emitter_begin_list(comparison.emitter, "processes");
  for (size_t i = 0; i < pairing.count; i++) {
    if (wishes.since_ns)
      comparison_take_since(&comparison, pairing.pair[i].after, "before");
    else
      comparison_take(&comparison, &pairing.pair[i], "before", "after");
  }
  emitter_end(comparison.emitter);
  comparison_finish(&comparison);
  FILE *to = open_memstream(&bytes, &size);
  if (!to || emitter_finish(comparison.emitter, to) != 0 || fclose(to) != 0) abort();
  comparison_free(&comparison);
  change_list_free(&conditions);
  emitter_free(comparison.emitter);
  pairing_free(&pairing);
  if (is_json)
    fit_json(bytes, size);
  else
    fit_text(bytes, size);
  free(bytes);
  return 0;
}

/* Both rings, from the start and once more. */
static int follow(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  (void)is_json;
  const struct process *process = subject->processes[0];
  struct event_cursor cursor = event_cursor_at_start(number & 1 ? RATION_TABLE_STREAM : RATION_TABLE_EVENTS);
  struct segment_file file;
  if (number & 2) cursor.patience_ns = 0;
  int error = segment_file_open(process->path, process->is_memfd, &file, fault);
  if (error) return error;
  for (int i = 0; i < 3 && !error; i++) {
    struct event_batch batch;
    error = event_cursor_read(&cursor, &file, &batch, fault);
    if (!event_cursor_is_valid(&cursor)) abort();
    if (!error) event_batch_free(&batch);
  }
  segment_file_close(&file);
  return error;
}

/* Whose blocks are where, and what was used. */
static int ask(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  const struct process *process = subject->processes[0];
  struct observed observed;
  struct slack_sums sums;
  struct block_facts facts;
  struct fault ignored;
  uint64_t address = is_json ? (uintptr_t)process : (uint64_t)number << 40;
  if (process_is_alive(process)) {
    tags_look_up(&process->snapshot, address, &facts, &ignored);
    tags_find_next(&process->snapshot, address, address + 4096, &address);
  }
  if (slack_sums_read(process->path, process->is_memfd, process->snapshot.category_count, &sums, fault) != 0)
    return -1;
  int error = observed_read(process, &observed, fault);
  if (!error) observed_free(&observed);
  return error;
}

/* Of what is no recording. */
static int look_again(struct subject *subject, bool is_json, uint8_t number, struct fault *fault) {
  (void)number;
  const struct process *process = subject->processes[0];
  if (is_json) return sight_track(process, fault);
  return process->recorded ? 0 : sight_record(process, fault);
}
