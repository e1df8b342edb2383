/*
 * check.c: `ration check --max total.peak=512M -- CMD ARGS`: starts a program under the shim, and says whether it kept to
 * what was asked of its memory; or, with --of, whether one that is there already does. For tests and CI.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "check/check_view.h"
#include "check/outcome_file.h"
#include "commands.h"
#include "complain.h"
#include "launch/request.h"
#include "launch/start.h"
#include "opening.h"
#include "view/output.h"

/* One check, from the command line to its outcome. */
struct check {
  struct start start;
  struct condition_list conditions;
  struct suppressions suppressions;
  struct verdict_list verdicts;
  const char *named;   /* CMD, or the first of --of */
  uint64_t started_ns; /* since the epoch */
};

enum { MAX_KEY = 0x100, MIN_KEY, CONDITIONS_KEY, JUNIT_KEY, TAP_KEY, SUPPRESSIONS_KEY, OF_KEY };

extern const struct argp check_argp;
int check_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t add_condition(bool is_least, const char *text);
static error_t check_request(void);
static error_t check_of(void);
static int run(struct check *check, struct emitter *emitter);
static int look(struct check *check, struct emitter *emitter);
static int look_at(struct check *check, const char *wanted);
static int prepare(struct check *check);
static int prepare_suppressions(struct check *check);
static int probe_file(const char *path);
static void take(const struct process *process, bool is_last_image, void *context);
static int finish(struct check *check, struct emitter *emitter, int status);
static int explain_absence(const struct check *check);
static int tell(const struct check *check, struct emitter *emitter);
static void remark_samples(const struct check *check, struct emitter *emitter);
static int write_files(const struct check *check);
static int write_file(const struct check *check, const char *path, bool is_junit);
static int fail_file(const char *path, int error);
static void forget(struct check *check);

static const struct argp_option options[] = {
    {"of", OF_KEY, "PID|FILE|FILE:PID", 0,
     "no CMD: hold a process that is there, one that was kept, or those of a recording to them; may be given "
     "again",
     1},
    {"max", MAX_KEY, "CATEGORY.FIGURE=VALUE", 0,
     "the most that may be, like total.peak=512M; may be given again, as the next", 1},
    {"min", MIN_KEY, "CATEGORY.FIGURE=VALUE", 0, "the least that must be", 1},
    {"conditions", CONDITIONS_KEY, "FILE", 0,
     "take conditions from a file, lines like --max total.leaks=0; # begins a comment", 1},
    {"suppressions", SUPPRESSIONS_KEY, "FILE", 0, "leaks: not those of FILE, which is as LeakSanitizer's", 1},
    {"junit", JUNIT_KEY, "FILE", 0, "write the outcome to FILE as JUnit's XML", 1},
    {"tap", TAP_KEY, "FILE", OPTION_ARG_OPTIONAL, "write it as TAP to --tap=FILE, else to stdout", 1},
    {"quiet", 'q', NULL, 0, "show what is broken alone", 1},
    {0},
};
static const struct argp_child children[] = {{.argp = &request_argp}, {0}};
const struct argp check_argp = {.options = options,
                                .parser = parse,
                                .args_doc = "[--] CMD [ARG...]\n--of PID|FILE|FILE:PID",
                                .children = children};

static struct condition_list given;            /* by options, in their order */
static struct argument_list files;             /* of conditions */
static struct argument_list subjects;          /* of --of */
static const char *suppressions, *junit, *tap; /* NULL: none */
static bool is_tap_wanted, is_quiet;

int check_command(struct emitter *emitter) {
  struct check check = {.start.who = "check", .conditions = given};
  int status = prepare(&check);
  if (!status) status = subjects.count > 0 ? look(&check, emitter) : run(&check, emitter);
  forget(&check);
  return status;
}

static int run(struct check *check, struct emitter *emitter) {
  int status = start_prepare(&check->start, take, check);
  check->named = requested.arguments[0];
  check->started_ns = process_clock_ns();
  if (!status) status = start_begin(&check->start);
  if (!status) status = start_wait(&check->start);
  return check->start.child.has_ended ? finish(check, emitter, status) : status;
}

/* Whatever cannot be read is told before anything is judged. */
static int look(struct check *check, struct emitter *emitter) {
  check->named = subjects.text[0];
  check->started_ns = process_clock_ns();
  for (size_t i = 0; i < subjects.count; i++) {
    int status = look_at(check, subjects.text[i]);
    if (status) return status;
  }
  return finish(check, emitter, STATUS_DONE);
}

static int look_at(struct check *check, const char *wanted) {
  struct subject subject;
  struct fault fault;
  int error = opening_subject(wanted, &subject, &fault);
  if (error) {
    complain(wanted, "%s", fault.words);
    return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
  }
  opening_remark(wanted, &subject);
  for (size_t i = 0; !error && i < subject.count; i++) {
    process_count_pages(subject.processes[i]);
    error = subject_take_growth(subject.processes[i], &fault);
    if (!error)
      verdict_take(&check->verdicts, subject.processes[i], subject.processes[i]->state != PROCESS_REPLACED);
  }
  if (error) complain(wanted, "%s", fault.words);
  subject_close(&subject);
  return error ? STATUS_MISSING : STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  switch (key) {
  case MAX_KEY:
  case MIN_KEY:
    return add_condition(key == MIN_KEY, argument);
  case CONDITIONS_KEY:
    return argument_add(argument, &files);
  case OF_KEY:
    return argument_add(argument, &subjects);
  case JUNIT_KEY:
    junit = argument;
    return 0;
  case TAP_KEY:
    is_tap_wanted = true;
    tap = argument;
    return 0;
  case SUPPRESSIONS_KEY:
    suppressions = argument;
    return 0;
  case 'q':
    is_quiet = true;
    return 0;
  case ARGP_KEY_END:
    return check_request();
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t add_condition(bool is_least, const char *text) {
  struct fault fault;
  if (condition_add(&given, is_least, text, &fault) == 0) return 0;
  complain(is_least ? "--min" : "--max", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static error_t check_request(void) {
  if (given.count == 0 && files.count == 0) {
    complain("check", "no condition; give one with --max, --min or --conditions, like --max total.peak=512M");
    return COMMAND_COMPLAINED;
  }
  if (subjects.count > 0) return check_of();
  if (requested.arguments) return 0;
  complain("check", "no command to run; see `ration help check`");
  return COMMAND_COMPLAINED;
}

/* What is of a program that is started says nothing of one that is there. */
static error_t check_of(void) {
  if (requested.arguments) {
    complain("check", "--of is of what is there already; leave out `%s`, or --of", requested.arguments[0]);
    return COMMAND_COMPLAINED;
  }
  if (!requested.config && !requested.settings) return 0;
  complain("check", "%s is of a program that is started; leave it out with --of",
           requested.config ? "--config" : "--set");
  return COMMAND_COMPLAINED;
}

/* Whatever can be wrong with what was asked is said before anything runs. Returns the exit status, as all below do. */
static int prepare(struct check *check) {
  int status = STATUS_DONE;
  for (size_t i = 0; i < files.count && !status; i++)
    status = condition_add_file(&check->conditions, files.text[i]);
  if (!status) status = prepare_suppressions(check);
  if (!status && verdict_begin(&check->conditions, &check->suppressions, &check->verdicts) != 0) {
    complain("check", "not enough memory");
    status = STATUS_FAILED;
  }
  if (!status) status = probe_file(junit);
  return status ? status : probe_file(tap);
}

static int prepare_suppressions(struct check *check) {
  struct fault fault;
  int error = suppressions ? suppressions_read(suppressions, &check->suppressions, &fault) : 0;
  if (!error) return STATUS_DONE;
  complain("--suppressions", "%s", fault.words);
  return error == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
}

static int probe_file(const char *path) {
  int error = path ? output_probe(path) : 0;
  return error ? fail_file(path, error) : STATUS_DONE;
}

static void take(const struct process *process, bool is_last_image, void *context) {
  struct check *check = context;
  verdict_take(&check->verdicts, process, is_last_image);
}

/* CMD's own status counts first: where it failed, that is what went wrong. */
static int finish(struct check *check, struct emitter *emitter, int status) {
  int own = check->verdicts.tracked == 0 ? explain_absence(check) : tell(check, emitter);
  if (!is_quiet || emitter_is_json(emitter)) check_view(emitter, &check->verdicts);
  int written = write_files(check);
  if (own == STATUS_DONE || own == STATUS_BROKEN) own = written ? written : own;
  return status ? status : own;
}

static int explain_absence(const struct check *check) {
  char remark[START_REMARK_BYTES];
  if (subjects.count > 0) {
    complain(check->named, "nothing is known of its memory: none of its processes was counted; "
                           "`ration report` says why");
    return STATUS_MISSING;
  }
  start_explain_absence(&check->start, remark);
  complain("check", "nothing is known of its memory: %s", remark);
  return STATUS_FAILED;
}

/* A line for each that is not met. */
static int tell(const struct check *check, struct emitter *emitter) {
  int status = STATUS_DONE;
  for (size_t i = 0; i < check->conditions.count; i++) {
    char words[VERDICT_BYTES];
    enum verdict_state state = verdict_state(&check->verdicts.verdict[i]);
    if (state == VERDICT_MET) continue;
    verdict_words(&check->verdicts.verdict[i], words);
    complain("check", "%s", words);
    if (state == VERDICT_UNKNOWN || status == STATUS_DONE)
      status = state == VERDICT_UNKNOWN ? STATUS_USAGE : STATUS_BROKEN;
  }
  if (check->verdicts.fault.words[0]) {
    complain("check", "%s", check->verdicts.fault.words);
    if (status == STATUS_DONE) status = STATUS_FAILED;
  }
  remark_samples(check, emitter);
  return status;
}

static void remark_samples(const struct check *check, struct emitter *emitter) {
  char remark[256];
  if (check->verdicts.leak_mean_bytes <= 1) return;
  snprintf(
      remark, sizeof remark,
      "leaks are counted from samples, %s apart on average, so that small ones may be missed; --set sample=1 "
      "misses none",
      units_bytes(check->verdicts.leak_mean_bytes).chars);
  emitter_remark(emitter, "remark", "ration: check: ", remark);
}

/* Of TAP on stdout the dispatcher sees whether it arrives. */
static int write_files(const struct check *check) {
  output_ignore_signals();
  int of_junit = junit ? write_file(check, junit, true) : STATUS_DONE;
  int of_tap = tap ? write_file(check, tap, false) : STATUS_DONE;
  if (is_tap_wanted && !tap) outcome_file_tap(stdout, &check->verdicts);
  return of_junit ? of_junit : of_tap;
}

/* Made whole before the file is touched. */
static int write_file(const struct check *check, const char *path, bool is_junit) {
  struct check_facts facts = {.command = check->named,
                              .started_ns = check->started_ns,
                              .seconds = (double)(process_clock_ns() - check->started_ns) / 1e9};
  struct output output;
  int error = output_begin(&output);
  if (error) return fail_file(path, error);
  if (is_junit)
    outcome_file_junit(output.to, &check->verdicts, &facts);
  else
    outcome_file_tap(output.to, &check->verdicts);
  error = output_end(&output, path, true);
  return error ? fail_file(path, error) : STATUS_DONE;
}

static int fail_file(const char *path, int error) {
  complain(path, "cannot be written: %s; name another file", strerror(-error));
  return STATUS_FAILED;
}

static void forget(struct check *check) {
  start_free(&check->start);
  verdict_end(&check->verdicts);
  suppressions_free(&check->suppressions);
  condition_list_free(&check->conditions);
  free(files.text);
  free(subjects.text);
}
