/*
 * export.c: `ration export --format FORMAT [PID|FILE|FILE:PID]`: what a process has, for other programs to read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "argument.h"
#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "export/format.h"
#include "opening.h"
#include "view/output.h"
#include "view/process_words.h"
#include "view/progress.h"

/* Why a process has no samples. */
enum lack { LACKS_NOTHING, LACKS_BLOCKS, LACKS_SAMPLING, LACKS_SAMPLES, LACK_COUNT };

extern const struct argp export_argp;
int export_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t finish_parsing(void);
static char *list_formats(int key, const char *text, void *input);
static int export_wanted(struct fault *ret_fault);
static int export_subject(const struct subject *subject, struct fault *ret_fault);
static int write_format(FILE *to, const struct subject *subject, struct fault *ret_fault);
static void remark_on_samples(const struct subject *subject);
static enum lack lack_of(const struct process *process);
static void remark_on_process(const struct process *process);
static void list_reasons(const size_t count_of[LACK_COUNT], char *ret_reasons, size_t size);

/* Keys of options without a letter. */
enum {
  BY_KEY = 0x300,
  ROWS_KEY,
  LARGEST_KEY,
  SUPPRESSIONS_KEY,
  RAW_KEY,
  FOCUS_KEY,
  IGNORE_KEY,
  SYSROOT_KEY,
  DEBUG_DIR_KEY
};

static const struct argp_option options[] = {
    {"format", 'f', EXPORT_FORMAT_NAMES, 0, "what to write; see below", 1},
    {"json", 'j', NULL, 0, "as --format json", 1},
    {"output", 'o', "FILE", 0, "write to FILE, which is whole or not there", 1},
    {"by", BY_KEY, "live|total|peak|temporary|count", 0,
     "folded: what a line weighs: bytes, or, of the last two, blocks (live)", 2},
    {"rows", ROWS_KEY, "categories|sites|timeline", 0, "csv: what has a row each (categories)", 2},
    {"largest", LARGEST_KEY, "N", 0, "json: so many of the largest live blocks (0: all; 20)", 2},
    {"suppressions", SUPPRESSIONS_KEY, "FILE", 0,
     "json: leaks: not those of FILE, which is as LeakSanitizer's", 2},
    {"raw", RAW_KEY, NULL, 0, "estimates as they are, not scaled to exact totals", 2},
    {"focus", FOCUS_KEY, "REGEX", 0, "stacks with a function, file or module of this kind", 2},
    {"ignore", IGNORE_KEY, "REGEX", 0, "stacks that have none", 2},
    {"sysroot", SYSROOT_KEY, "DIR", 0, "where the process's files lie", 2},
    {"debug-dir", DEBUG_DIR_KEY, "DIR", 0, "where debug files lie, beside /usr/lib/debug", 2},
    {0},
};
const struct argp export_argp = {.options = options,
                                 .parser = parse,
                                 .args_doc = "[PID|FILE|FILE:PID]",
                                 .doc = "Writes what a process has, for other programs to read."
                                        "\vFormats:\n",
                                 .help_filter = list_formats};

static const char *wanted; /* NULL: the user's newest segment */
static const char *file;   /* --output; NULL: stdout */
static const struct export_format *format;
static const char *suppressions; /* a file; NULL: none */
static struct export_wishes wishes = {.order = SITES_BY_LIVE, .most_largest = 20};

/* Options of some formats alone, as given. */
static struct {
  const char *option;
  unsigned of;
  bool is_given;
} fittings[] = {{"--by", EXPORT_TAKES_ORDER, false},        {"--rows", EXPORT_TAKES_ROWS, false},
                {"--largest", EXPORT_TAKES_BLOCKS, false},  {"--suppressions", EXPORT_TAKES_BLOCKS, false},
                {"--raw", EXPORT_TAKES_STACKS, false},      {"--focus", EXPORT_TAKES_STACKS, false},
                {"--ignore", EXPORT_TAKES_STACKS, false},   {"--sysroot", EXPORT_TAKES_STACKS, false},
                {"--debug-dir", EXPORT_TAKES_STACKS, false}};

int export_command(struct emitter *emitter) {
  (void)emitter;
  struct fault fault;
  const char *name = "--suppressions";
  int error = suppressions ? suppressions_read(suppressions, &wishes.suppressions, &fault) : 0;
  if (error == -EINVAL) error = -ERANGE; /* wrong input, and no segment that is none */
  if (!error) {
    name = wanted ? wanted : "export";
    error = export_wanted(&fault);
  }
  suppressions_free(&wishes.suppressions);
  frame_filter_free(&wishes.filter);
  if (!error) return STATUS_DONE;
  if (fault.words[0]) complain(name, "%s", fault.words);
  return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
}

static int export_wanted(struct fault *ret_fault) {
  struct subject subject;
  int error = opening_subject(wanted, &subject, ret_fault);
  if (error) return error;
  error = export_subject(&subject, ret_fault);
  subject_close(&subject);
  return error;
}

/* All of it is made before any of it is written, so that what fails on its way leaves nothing. */
static int export_subject(const struct subject *subject, struct fault *ret_fault) {
  struct output output;
  if (output_begin(&output) != 0) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = write_format(output.to, subject, ret_fault);
  if (!error) {
    opening_remark(wanted, subject);
    if (format->is_of_samples) remark_on_samples(subject);
  }
  int of_output = output_end(&output, file, !error);
  if (error || !of_output) return error;
  complain(file ? file : "stdout", "cannot be written: %s; name another file with --output",
           strerror(-of_output));
  ret_fault->words[0] = 0;
  return -EIO;
}

static int write_format(FILE *to, const struct subject *subject, struct fault *ret_fault) {
  struct progress progress = {.is_on = false};
  for (size_t i = 0; i < subject->count; i++) {
    process_take_resident(subject->processes[i]);
    process_count_pages(subject->processes[i]);
  }
  if (subject->count > 1) progress_begin(&progress, "reading its processes", 0);
  int error = format->write(to, subject, &wishes, ret_fault);
  progress_end(&progress);
  if (!error && (fflush(to) != 0 || ferror(to)))
    error = fault_set(ret_fault, -ENOMEM, "not enough memory for %s", format->name);
  return error;
}

/* A profile without stacks is a right one; whoever looks at it wants to know why. Of many processes in one line. */
static void remark_on_samples(const struct subject *subject) {
  size_t count_of[LACK_COUNT] = {0};
  for (size_t i = 0; i < subject->count; i++) count_of[lack_of(subject->processes[i])]++;
  size_t lacking = subject->count - count_of[LACKS_NOTHING];
  if (lacking == 0) return;
  if (subject->count == 1) {
    remark_on_process(subject->processes[0]);
    return;
  }
  char reasons[128];
  const char *name = wanted ? wanted : "export";
  list_reasons(count_of, reasons, sizeof reasons);
  if (lacking == subject->count)
    complain(name, "note: the profile is empty: none of %zu processes has samples (%s)%s", lacking, reasons,
             count_of[LACKS_BLOCKS] == lacking ? "" : "; record with --set sample=16K to have some");
  else
    complain(name, "note: without samples, and so not in the profile: %zu of %zu processes (%s)", lacking,
             subject->count, reasons);
}

static enum lack lack_of(const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  if (snapshot->passive) return LACKS_BLOCKS;
  if (snapshot->facts.site_count > 1) return LACKS_NOTHING;
  return snapshot->facts.sample_mean ? LACKS_SAMPLES : LACKS_SAMPLING;
}

static void remark_on_process(const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  enum lack lack = lack_of(process);
  char name[RATION_PROGRAM_BYTES + 32];
  snprintf(name, sizeof name, "%s (pid %u)", snapshot->program, snapshot->name.pid);
  if (lack == LACKS_BLOCKS)
    complain(name, "note: its profile is empty: %s", process_words_passive_reason(snapshot->passive));
  else
    complain(name, "note: its profile is empty: it has no samples%s",
             lack == LACKS_SAMPLES ? " yet" : " (sample=off); `ration set PID sample=on`");
}

static void list_reasons(const size_t count_of[LACK_COUNT], char *ret_reasons, size_t size) {
  static const char *const words[LACK_COUNT] = {
      [LACKS_BLOCKS] = "passive", [LACKS_SAMPLING] = "sample=off", [LACKS_SAMPLES] = "none taken"};
  struct text text = text_in(ret_reasons, size);
  for (size_t i = 0; i < LACK_COUNT; i++) {
    if (!words[i] || count_of[i] == 0) continue;
    char part[48];
    snprintf(part, sizeof part, "%s%s: %zu", text.used > 0 ? ", " : "", words[i], count_of[i]);
    text_add(&text, part);
  }
}

static error_t note(const char *option) {
  for (size_t i = 0; i < sizeof fittings / sizeof *fittings; i++)
    if (strcmp(fittings[i].option, option) == 0) fittings[i].is_given = true;
  return 0;
}

static error_t take_format(const char *name) {
  char list[EXPORT_FORMAT_LIST_BYTES];
  const struct export_format *named = export_format_find(name);
  export_format_list(0, list);
  if (!named)
    complain("--format", "`%s`: no such format; there is %s", name, list);
  else if (format && format != named)
    complain("export", "writes one format at a time; give one of --format %s and --format %s", format->name,
             name);
  else
    format = named;
  return format && format == named ? 0 : COMMAND_COMPLAINED;
}

static error_t take_order(const char *argument) {
  if (site_order_of(argument, &wishes.order) == 0 && wishes.order != SITES_BY_LIFETIME) return note("--by");
  complain("--by", "`%s`: expected live, total, peak, temporary or count", argument);
  return COMMAND_COMPLAINED;
}

static error_t take_rows(const char *argument) {
  static const char *const words[] = {
      [EXPORT_CATEGORIES] = "categories", [EXPORT_SITES] = "sites", [EXPORT_TIMELINE] = "timeline"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(argument, words[i]) != 0) continue;
    wishes.rows = (enum export_rows)i;
    return note("--rows");
  }
  complain("--rows", "`%s`: expected categories, sites or timeline", argument);
  return COMMAND_COMPLAINED;
}

static error_t take_filter(const char *option, int error, const struct fault *fault) {
  if (!error) return note(option);
  complain(option, "%s", fault->words);
  return COMMAND_COMPLAINED;
}

static error_t take_folder(const char *option, const char *argument, const char **ret_folder) {
  error_t error = argument_folder(option, argument, ret_folder);
  return error ? error : note(option);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  struct fault fault;
  switch (key) {
  case 'f':
    return take_format(argument);
  case 'j':
    return take_format("json");
  case 'o':
    file = argument;
    return 0;
  case BY_KEY:
    return take_order(argument);
  case ROWS_KEY:
    return take_rows(argument);
  case LARGEST_KEY:
    return argument_number("--largest", argument, &wishes.most_largest) ? COMMAND_COMPLAINED
                                                                        : note("--largest");
  case SUPPRESSIONS_KEY:
    suppressions = argument;
    return note("--suppressions");
  case RAW_KEY:
    wishes.is_raw = true;
    return note("--raw");
  case FOCUS_KEY:
    return take_filter("--focus", frame_filter_focus(&wishes.filter, argument, &fault), &fault);
  case IGNORE_KEY:
    return take_filter("--ignore", frame_filter_ignore(&wishes.filter, argument, &fault), &fault);
  case SYSROOT_KEY:
    return take_folder("--sysroot", argument, &wishes.sysroot);
  case DEBUG_DIR_KEY:
    return take_folder("--debug-dir", argument, &wishes.debug_dir);
  case ARGP_KEY_ARG:
    if (state->arg_num > 0) return ARGP_ERR_UNKNOWN;
    wanted = argument;
    return 0;
  case ARGP_KEY_END:
    return finish_parsing();
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* When all options are there. */
static error_t finish_parsing(void) {
  char list[EXPORT_FORMAT_LIST_BYTES];
  export_format_list(0, list);
  if (!format) {
    complain("export", "no format; give --format with one of %s", list);
    return COMMAND_COMPLAINED;
  }
  for (size_t i = 0; i < sizeof fittings / sizeof *fittings; i++) {
    if (!fittings[i].is_given || (format->takes & fittings[i].of)) continue;
    export_format_list(fittings[i].of, list);
    complain("export", "%s is of --format %s; leave it out", fittings[i].option, list);
    return COMMAND_COMPLAINED;
  }
  if (format->is_binary && !file && isatty(STDOUT_FILENO)) {
    complain("export", "%s is nothing for a terminal; name a file with --output", format->name);
    return COMMAND_COMPLAINED;
  }
  return 0;
}

static char *list_formats(int key, const char *text, void *input) {
  (void)input;
  if (key != ARGP_KEY_HELP_POST_DOC) return (char *)(uintptr_t)text; /* argp frees only what differs */
  char *list = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&list, &size);
  if (!stream) return NULL;
  fputs(text, stream);
  for (const struct export_format *one = export_formats; one->name; one++)
    fprintf(stream, "  %-11s %s\n", one->name, one->summary);
  fclose(stream);
  return list;
}
