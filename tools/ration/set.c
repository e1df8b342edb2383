/*
 * set.c: `ration set PID|FILE NAME=VALUE...`: other settings, and budgets, for a running process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "config/live_settings.h"
#include "reader/budget_rows.h"
#include "reader/category_named.h"
#include "reader/wanted.h"
#include "subject/subject.h"
#include "writer/control.h"

/* The answer, flat, for the fields below. */
struct set_record {
  const char *program;
  const char *settings;
  const char *answer; /* "taken", "pending" */
  const char *note;
  uint32_t pid;
};

#define SET(member) .offset = offsetof(struct set_record, member)

static const struct field set_fields[] = {
    {.name = "program", .kind = FIELD_NAME, SET(program), .phrase = "%s"},
    {.name = "pid", .kind = FIELD_ID, SET(pid), .phrase = " (pid %s)"},
    {.name = "settings", .kind = FIELD_NAME, SET(settings), .phrase = ": %s"},
    {.name = "answer", .kind = FIELD_NAME, SET(answer), .phrase = ": %s"},
    {.name = "note", .kind = FIELD_NAME, SET(note), .phrase = ": %s"},
};

/* A budget that was set, and what is used of it already. */
struct budget_record {
  const char *category;
  const char *note; /* what over_bytes lead to */
  uint64_t limit_bytes, used_bytes, over_bytes;
};

#define BUDGET(member) .offset = offsetof(struct budget_record, member)

static const struct field budget_fields[] = {
    {.name = "category", .kind = FIELD_NAME, BUDGET(category), .phrase = "  %s"},
    {.name = "used_bytes", .kind = FIELD_BYTES, BUDGET(used_bytes), .phrase = " uses %s"},
    {.name = "over_bytes", .kind = FIELD_BYTES, BUDGET(over_bytes), .phrase = ", %s more"},
    {.name = "limit_bytes", .kind = FIELD_BYTES, BUDGET(limit_bytes), .phrase = " than its budget of %s"},
    {.name = "note", .kind = FIELD_NAME, BUDGET(note), .phrase = ": %s"},
};

extern const struct argp set_argp;
int set_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t add_setting(const char *setting);
static error_t check_budgets(void);
static error_t complain_of(int error, const struct fault *fault);
static int check_categories(const struct process *process, struct fault *ret_fault);
static int read_wanted(struct process *process, struct fault *ret_fault);
static int ask(const struct process *process, struct emitter *emitter, struct fault *ret_fault);
static void show_budgets(struct emitter *emitter, const struct process *process, bool is_taken);
static bool fill_budget(const struct budget_entry *entry, const struct budget_row *row, bool is_taken,
                        struct budget_record *ret_record);

const struct argp set_argp = {
    .parser = parse,
    .args_doc = "PID|FILE NAME=VALUE...",
    .doc = "Changes settings of a running process."
           "\vWhat may be changed: `memory`, `sample`, and budgets: CATEGORY=BUDGET, and "
           "CATEGORY.PROPERTY=VALUE with the "
           "properties budget, policy, thresholds, reserve, grace, dump and fail; see ration-config(5)."};

static const char *wanted;
static struct live_settings settings;

int set_command(struct emitter *emitter) {
  struct process *process = malloc(sizeof *process);
  struct fault fault = {"not enough memory"};
  int error = process ? read_wanted(process, &fault) : -ENOMEM;
  if (!error) error = check_categories(process, &fault);
  if (!error) error = ask(process, emitter, &fault);
  if (error) complain(wanted, "%s", fault.words);
  free(process);
  live_settings_free(&settings);
  if (!error) return STATUS_DONE;
  return error == -ERANGE || error == -E2BIG ? STATUS_USAGE : STATUS_MISSING;
}

static int read_wanted(struct process *process, struct fault *ret_fault) {
  if (subject_is_recording(wanted))
    return fault_set(ret_fault, -EINVAL,
                     "a recording; settings are those of a running process, name its pid");
  return wanted_read(wanted, process, ret_fault);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  if (key == ARGP_KEY_ARG && state->arg_num == 0) {
    wanted = argument;
    return 0;
  }
  if (key == ARGP_KEY_ARG) return add_setting(argument);
  if (key == ARGP_KEY_END && state->arg_num < 2) {
    complain("set", "takes a pid or a segment's file, and settings NAME=VALUE; see `ration help set`");
    return COMMAND_COMPLAINED;
  }
  return key == ARGP_KEY_END ? check_budgets() : ARGP_ERR_UNKNOWN;
}

static error_t add_setting(const char *setting) {
  struct fault fault;
  return complain_of(live_settings_add(&settings, setting, &fault), &fault);
}

static error_t check_budgets(void) {
  struct fault fault;
  return complain_of(live_settings_check(&settings, &fault), &fault);
}

static error_t complain_of(int error, const struct fault *fault) {
  if (error == -ENOMEM) return ENOMEM;
  if (error) complain("set", "%s", fault->words);
  return error ? COMMAND_COMPLAINED : 0;
}

static int check_categories(const struct process *process, struct fault *ret_fault) {
  bool may_answer = process_is_alive(process) || process->state == PROCESS_ELSEWHERE;
  if (process->snapshot.passive || !may_answer) return 0; /* control_ask says so */
  return live_settings_find(&settings, &process->snapshot, ret_fault);
}

static int ask(const struct process *process, struct emitter *emitter, struct fault *ret_fault) {
  struct control_answer answer;
  int error = control_ask(process, settings.string, &answer, ret_fault);
  if (error) return error;
  if (answer.result == CONTROL_REFUSED) {
    return fault_set(ret_fault, -EPERM, "refused: %.200s", answer.why);
  }
  bool is_taken = answer.result == CONTROL_TAKEN;
  struct set_record record = {
      .program = process->snapshot.program,
      .pid = process->snapshot.name.pid,
      .settings = settings.string,
      .answer = is_taken ? "taken" : "pending",
      .note = is_taken ? NULL
                       : "it has allocated too little since; it is taken up by the next thread with 1,000 "
                         "blocks or 1 MiB",
  };
  emitter_part(emitter, FIELDS(set_fields), &record);
  emitter_end_line(emitter);
  show_budgets(emitter, process, is_taken);
  return 0;
}

/* Those that were set, each with what is used of it; in text only those that are too low for that. */
static void show_budgets(struct emitter *emitter, const struct process *process, bool is_taken) {
  struct budget_rows rows;
  struct fault fault;
  emitter_begin_list(emitter, "budgets");
  bool is_there = budget_rows_open(process->path, process->is_memfd, &rows, &fault) == 0;
  for (size_t i = 0; is_there && i < settings.budgets.count; i++) {
    const struct budget_entry *entry = &settings.budgets.entries[i];
    uint32_t category = category_named(&process->snapshot, entry->path.bytes, entry->path.count);
    struct budget_row row;
    struct budget_record record = {.category = process->snapshot.categories[category].name};
    bool is_known = budget_rows_read(&rows, category, &row) == 0;
    if (!is_known || !fill_budget(entry, &row, is_taken, &record)) continue;
    emitter_begin_object(emitter, NULL);
    if (record.over_bytes) {
      emitter_part(emitter, FIELDS(budget_fields), &record);
      emitter_end_line(emitter);
    } else {
      emitter_fields(emitter, FIELDS(budget_fields), &record);
    }
    emitter_end(emitter);
  }
  if (is_there) budget_rows_close(&rows);
  emitter_end(emitter);
}

/* Until it is taken, what it comes to is known of a number of bytes alone. Returns whether there is something to say. */
static bool fill_budget(const struct budget_entry *entry, const struct budget_row *row, bool is_taken,
                        struct budget_record *ret_record) {
  bool has_bytes = entry->limit.kind == LIMIT_BYTES;
  uint64_t limit = is_taken ? row->limit_bytes : has_bytes ? entry->limit.value : 0;
  if (limit == 0) return false;
  const char *note = "its level will be critical";
  if (is_taken) {
    note = row->policy == RATION_POLICY_NOTIFY
               ? "its level is critical"
               : "its level is critical, and nothing is granted until that is freed";
  }
  ret_record->limit_bytes = limit;
  ret_record->used_bytes = row->used_bytes;
  ret_record->over_bytes = row->used_bytes > limit ? row->used_bytes - limit : 0;
  ret_record->note = ret_record->over_bytes ? note : NULL;
  return true;
}
