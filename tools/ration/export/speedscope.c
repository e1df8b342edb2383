/*
 * speedscope.c: a file for speedscope: frames, and profiles that point to them, one for each figure of each process.
 *
 * Stacks begin at the root, which is the category.
 */
#include <errno.h>
#include <jansson.h>
#include <ration/ration.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "export/format.h"
#include "export/stacks.h"
#include "symbols/store.h"
#include "view/escape.h"

#define SCHEMA "https://www.speedscope.app/file-format-schema.json"

static const struct {
  enum site_order order;
  const char *name;
  const char *unit;
} figures[] = {
    {SITES_BY_LIVE, "live bytes", "bytes"},           {SITES_BY_PEAK, "bytes at the peak", "bytes"},
    {SITES_BY_TOTAL, "allocated bytes", "bytes"},     {SITES_BY_COUNT, "allocated blocks", "none"},
    {SITES_BY_TEMPORARY, "temporary blocks", "none"},
};
#define FIGURES (sizeof figures / sizeof *figures)

/* A frame that stands in the list. The key is its name, file and line, one behind the other. */
struct known_frame {
  json_int_t number;
  UT_hash_handle hh;
};

struct scope_file {
  json_t *frames, *profiles;
  struct known_frame *known;
  struct store store;
  json_t *samples[FIGURES], *weights[FIGURES]; /* of the process at hand; owned by its profiles */
  double sums[FIGURES];
};

static int add_process(struct scope_file *file, const struct subject *subject, size_t number,
                       const struct export_wishes *wishes, struct fault *ret_fault);
static int begin_profiles(struct scope_file *file, const struct process *process);
static int end_profiles(struct scope_file *file);
static int add_stack(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                     void *context);
static int add_frame(struct scope_file *file, json_t *to, const char *name, const char *path, uint32_t line);
static int number_of(struct scope_file *file, json_t *frame, json_int_t *ret_number);
static json_t *text_of(const char *bytes);
static int write_file(FILE *to, struct scope_file *file, const struct subject *subject);

int export_speedscope(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                      struct fault *ret_fault) {
  struct scope_file file = {.frames = json_array(), .profiles = json_array()};
  int error = file.frames && file.profiles ? 0 : fault_set(ret_fault, -ENOMEM, "not enough memory");
  for (size_t i = 0; !error && i < subject->count; i++)
    error = add_process(&file, subject, i, wishes, ret_fault);
  if (!error && write_file(to, &file, subject) != 0)
    error = fault_set(ret_fault, -ENOMEM, "not enough memory for its profiles");
  HASH_CLEAR(hh, file.known);
  store_free(&file.store);
  json_decref(file.frames);
  json_decref(file.profiles);
  return error;
}

static int add_process(struct scope_file *file, const struct subject *subject, size_t number,
                       const struct export_wishes *wishes, struct fault *ret_fault) {
  struct stacks stacks;
  int error = stacks_open_beside(subject, number, wishes, &stacks, ret_fault);
  if (error) return error;
  error = begin_profiles(file, stacks.process);
  if (!error) error = stacks_visit(&stacks, add_stack, file);
  if (!error) error = end_profiles(file);
  stacks_close(&stacks);
  return error ? fault_set(ret_fault, -ENOMEM, "not enough memory for its stacks") : 0;
}

static int begin_profiles(struct scope_file *file, const struct process *process) {
  char program[4 * RATION_PROGRAM_BYTES + 1];
  escape(process->snapshot.program, program, sizeof program);
  for (size_t i = 0; i < FIGURES; i++) {
    file->sums[i] = 0;
    file->samples[i] = json_array();
    file->weights[i] = json_array();
    json_t *name = json_sprintf("%s of %s (pid %u)", figures[i].name, program, process->snapshot.name.pid);
    json_t *profile =
        json_pack("{s:s, s:o, s:s, s:i, s:o, s:o}", "type", "sampled", "name", name, "unit", figures[i].unit,
                  "startValue", 0, "samples", file->samples[i], "weights", file->weights[i]);
    if (!profile || json_array_append_new(file->profiles, profile) != 0) return -ENOMEM;
  }
  return 0;
}

static int end_profiles(struct scope_file *file) {
  size_t first = json_array_size(file->profiles) - FIGURES;
  for (size_t i = 0; i < FIGURES; i++) {
    json_t *end = json_integer((json_int_t)stacks_rounded(file->sums[i]));
    if (json_object_set_new(json_array_get(file->profiles, first + i), "endValue", end) != 0) return -ENOMEM;
  }
  return 0;
}

static int add_stack(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                     void *context) {
  struct scope_file *file = context;
  json_t *numbers = json_array();
  int error = numbers ? add_frame(file, numbers, stacks_category(stacks, row), NULL, 0) : -ENOMEM;
  for (size_t i = stack->count; !error && i-- > 0;) {
    const struct stack_frame *frame = &stack->frame[i];
    char place[STACK_PLACE_BYTES];
    error = add_frame(file, numbers, stack_frame_name(frame, place), frame->file, frame->line);
  }
  for (size_t i = 0; !error && i < FIGURES; i++) {
    uint64_t weight = stacks_weight(row, figures[i].order);
    if (weight == 0) continue;
    file->sums[i] += (double)weight;
    if (json_array_append(file->samples[i], numbers) != 0 ||
        json_array_append_new(file->weights[i], json_integer((json_int_t)weight)) != 0)
      error = -ENOMEM;
  }
  json_decref(numbers);
  return error;
}

static int add_frame(struct scope_file *file, json_t *to, const char *name, const char *path, uint32_t line) {
  json_int_t number;
  json_t *frame = json_pack("{s:o}", "name", text_of(name));
  int error = frame ? 0 : -ENOMEM;
  if (!error && path && json_object_set_new(frame, "file", text_of(path)) != 0) error = -ENOMEM;
  if (!error && line && json_object_set_new(frame, "line", json_integer(line)) != 0) error = -ENOMEM;
  if (!error) error = number_of(file, frame, &number);
  if (!error && json_array_append_new(to, json_integer(number)) != 0) error = -ENOMEM;
  json_decref(frame);
  return error;
}

static int number_of(struct scope_file *file, json_t *frame, json_int_t *ret_number) {
  char *key = json_dumps(frame, JSON_COMPACT);
  if (!key) return -ENOMEM;
  struct known_frame *known;
  size_t bytes = strlen(key);
  HASH_FIND(hh, file->known, key, bytes, known);
  if (!known) {
    known = store_take(&file->store, sizeof *known);
    const char *kept = store_text(&file->store, key, bytes);
    if (known && kept) {
      *known = (struct known_frame){.number = (json_int_t)json_array_size(file->frames)};
      HASH_ADD_KEYPTR(hh, file->known, kept, bytes, known);
      if (!known->hh.tbl || json_array_append(file->frames, frame) != 0) known = NULL;
    } else {
      known = NULL;
    }
  }
  free(key);
  if (!known) return -ENOMEM;
  *ret_number = known->number;
  return 0;
}

/* Names may be of any length, and of any bytes. */
static json_t *text_of(const char *bytes) {
  size_t room = 4 * strlen(bytes) + 1;
  char *safe = malloc(room);
  if (!safe) return NULL;
  escape(bytes, safe, room);
  json_t *text = json_string(safe);
  free(safe);
  return text;
}

static int write_file(FILE *to, struct scope_file *file, const struct subject *subject) {
  json_t *root =
      json_pack("{s:s, s:o, s:s, s:i, s:{s:O}, s:O}", "$schema", SCHEMA, "name",
                text_of(subject->processes[0]->snapshot.program), "exporter", "ration@" RATION_VERSION,
                "activeProfileIndex", 0, "shared", "frames", file->frames, "profiles", file->profiles);
  int failed = !root || json_dumpf(root, to, JSON_COMPACT) != 0 || fputc('\n', to) == EOF;
  json_decref(root);
  return failed ? -ENOMEM : 0;
}
