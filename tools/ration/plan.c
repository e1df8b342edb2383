/*
 * plan.c: `ration plan`: budgets proposed from what a program has used, and budgets of a file tried on it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "config/category_set.h"
#include "opening.h"
#include "plan/dry_run.h"
#include "plan/observed.h"
#include "plan/proposal.h"
#include "subject/subject.h"

/* The head of both, flat, for the fields below. */
struct plan_record {
  const char *program;
  const char *basis;
  uint64_t headroom_percent;
  double uptime_seconds;
  uint32_t pid;
};

#define PLAN(member) .offset = offsetof(struct plan_record, member)

static const struct field head_fields[] = {
    {.name = "program", .kind = FIELD_NAME, PLAN(program), .phrase = "; %s"},
    {.name = "pid", .kind = FIELD_ID, PLAN(pid), .phrase = " (pid %s)"},
    {.name = "uptime_seconds", .kind = FIELD_SECONDS, PLAN(uptime_seconds), .phrase = " in %s"},
};
static const struct field headroom_fields[] = {
    {.name = "basis", .kind = FIELD_NAME, PLAN(basis), .phrase = ": its %s"},
    {.name = "headroom_percent", .kind = FIELD_COUNT, PLAN(headroom_percent), .phrase = " and %s % headroom"},
};
static const struct field trial_fields[] = {
    {.name = "basis", .kind = FIELD_NAME, PLAN(basis), .phrase = ": each budget by itself, by its %s"},
};

struct proposal {
  const char *category;
  const char *budget;
  uint64_t limit_bytes, peak_bytes;
};

#define PROPOSAL(member) .offset = offsetof(struct proposal, member)

static const struct field category_fields[] = {
    {.name = "category", .kind = FIELD_NAME, PROPOSAL(category), .phrase = "[category %s]"},
};
static const struct field budget_fields[] = {
    {.name = "budget", .kind = FIELD_NAME, PROPOSAL(budget), .phrase = "budget = %s"},
    {.name = "limit_bytes", .kind = FIELD_COUNT, PROPOSAL(limit_bytes)},
    {.name = "peak_bytes", .kind = FIELD_BYTES, PROPOSAL(peak_bytes), .phrase = " ; peak %s"},
};

extern const struct argp plan_argp;
int plan_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t take_headroom(const char *text);
static int look_up(struct subject *ret_subject);
static void show_head(struct emitter *emitter, const struct process *process);
static void propose(struct emitter *emitter, const struct process *process);
static void propose_one(struct emitter *emitter, const char *category, uint64_t peak);
static int by_peak(const void *one, const void *other);

#define HEADROOM_KEY 1001
#define DRY_RUN_KEY  1002

static const struct argp_option options[] = {
    {"headroom", HEADROOM_KEY, "P%", 0, "so much above the peak (25%)", 2},
    {"dry-run", DRY_RUN_KEY, "CONFIG", 0,
     "propose nothing: say which budgets of a rule file would have been met", 2},
    {0},
};
const struct argp plan_argp = {
    .options = options,
    .parser = parse,
    .args_doc = "PID|FILE|FILE:PID",
    .doc = "Proposes budgets from the peaks of a process, as part of a rule file (see ration-config(5))."};

static const char *wanted;
static const char *config; /* of --dry-run; NULL: none */
static uint64_t headroom = PROPOSAL_HEADROOM;
static bool has_headroom;
static struct observed observed;

int plan_command(struct emitter *emitter) {
  struct checked_file file = {.budgets = {NULL, 0}};
  struct subject subject = {.count = 0};
  int status = config ? checked_file_read(config, &file) : STATUS_DONE;
  if (!status) status = look_up(&subject);
  if (!status) {
    const struct process *process = subject.processes[0];
    show_head(emitter, process);
    if (config) {
      dry_run_show(emitter, &file, process, &observed);
    } else {
      propose(emitter, process);
    }
  }
  observed_free(&observed);
  checked_file_free(&file);
  subject_close(&subject);
  return status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key == HEADROOM_KEY) return take_headroom(argument);
  if (key == DRY_RUN_KEY && !config) {
    config = argument;
  } else if (key == ARGP_KEY_ARG && !wanted) {
    wanted = argument;
  } else if (key == ARGP_KEY_END && !wanted) {
    complain("plan", "takes a pid, a segment's file or a recording; see `ration help plan`");
    return COMMAND_COMPLAINED;
  } else if (key == ARGP_KEY_END && config && has_headroom) {
    complain("plan", "--dry-run takes the budgets as they are; expected it without --headroom");
    return COMMAND_COMPLAINED;
  } else {
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static error_t take_headroom(const char *text) {
  uint64_t percent;
  size_t digits = text_read_decimal(text, &percent);
  const char *unit = text + digits;
  if (digits == 0 || percent > PROPOSAL_HEADROOM_MOST || (*unit && strcmp(unit, "%") != 0)) {
    complain("--headroom", "`%s`: expected 0%% to %d%%", text, PROPOSAL_HEADROOM_MOST);
    return COMMAND_COMPLAINED;
  }
  headroom = percent;
  has_headroom = true;
  return 0;
}

/* Returns the exit status. */
static int look_up(struct subject *ret_subject) {
  struct fault fault;
  int error = opening_subject(wanted, ret_subject, &fault);
  if (!error) opening_remark(wanted, ret_subject);
  if (!error) error = observed_read(ret_subject->processes[0], &observed, &fault);
  if (!error) return STATUS_DONE;
  complain(wanted, "%s", fault.words);
  return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
}

static void show_head(struct emitter *emitter, const struct process *process) {
  struct plan_record record = {
      .program = process->snapshot.program,
      .pid = process->snapshot.name.pid,
      .uptime_seconds = process->uptime_seconds,
      .basis = config ? "timeline and peaks" : "peaks",
      .headroom_percent = headroom,
  };
  emitter_part(emitter, FIELDS(head_fields), &record);
  if (config) {
    emitter_part(emitter, FIELDS(trial_fields), &record);
  } else {
    emitter_part(emitter, FIELDS(headroom_fields), &record);
  }
  emitter_end_line(emitter);
  emitter_end_line(emitter);
}

/* total first, since shares are of it; then the largest. Names that no file could have are left out. */
static void propose(struct emitter *emitter, const struct process *process) {
  uint32_t ids[RATION_CATEGORY_IDS];
  size_t count = 0;
  struct fault fault;
  for (uint32_t id = 1; id <= process->snapshot.category_count; id++) {
    struct stretch name = stretch_of(process->snapshot.categories[id].name);
    if (observed.peak_bytes[id] && category_check(name, &fault) == 0) ids[count++] = id;
  }
  qsort(ids, count, sizeof *ids, by_peak);
  emitter_begin_list(emitter, "budgets");
  for (size_t i = 0; i < count; i++)
    propose_one(emitter, process->snapshot.categories[ids[i]].name, observed.peak_bytes[ids[i]]);
  emitter_end(emitter);
}

static int by_peak(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  bool is_total = a == RATION_CATEGORY_TOTAL || b == RATION_CATEGORY_TOTAL;
  if (!is_total && observed.peak_bytes[a] != observed.peak_bytes[b])
    return observed.peak_bytes[a] > observed.peak_bytes[b] ? -1 : 1;
  return a < b ? -1 : a > b; /* total is the first */
}

static void propose_one(struct emitter *emitter, const char *category, uint64_t peak) {
  char size[PROPOSAL_SIZE_BYTES];
  uint64_t bytes = proposal_bytes(peak, headroom);
  proposal_write_size(bytes, size);
  struct proposal proposal = {.category = category, .budget = size, .limit_bytes = bytes, .peak_bytes = peak};
  emitter_begin_object(emitter, NULL);
  emitter_part(emitter, FIELDS(category_fields), &proposal);
  emitter_end_line(emitter);
  emitter_part(emitter, FIELDS(budget_fields), &proposal);
  emitter_end_line(emitter);
  emitter_end_line(emitter);
  emitter_end(emitter);
}
