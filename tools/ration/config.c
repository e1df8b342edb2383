/*
 * config.c: `ration config FILE`: checks a rule file, and prints it as the option string that the shim reads:
 *
 *     RATION_OPTIONS=$(ration config FILE) LD_PRELOAD=libration.so CMD
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "config/budget_check.h"
#include "config/checked_file.h"
#include "config/option.h"
#include "view/emitter.h"

extern const struct argp config_argp;
int config_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static char *list_options(int key, const char *text, void *input);
static void list_table(FILE *stream, const char *heading, const struct option_spec table[]);
static void note_budget(size_t at, const char *words, void *context);
static void show(struct emitter *emitter, const struct rule_file *file, const struct budget_list *budgets);
static void show_rule(struct emitter *emitter, const struct file_rule *rule);
static void show_budget(struct emitter *emitter, const struct rule_file *file,
                        const struct budget_entry *entry);
static void note_unreached(const struct rule_file *file);

const struct argp config_argp = {
    .parser = parse,
    .args_doc = "FILE",
    .doc = "Checks a rule file, and prints it as a RATION_OPTIONS string."
           "\vA rule file holds sections of lines NAME = VALUE, rules and budgets among them; see "
           "ration-config(5).\n",
    .help_filter = list_options};

static const char *path;

int config_command(struct emitter *emitter) {
  struct checked_file checked;
  int status = checked_file_read(path, &checked);
  if (status) return status;
  note_unreached(&checked.file);
  budget_check_note(&checked.budgets, note_budget, &checked.file);
  show(emitter, &checked.file, &checked.budgets);
  checked_file_free(&checked);
  return STATUS_DONE;
}

static void note_budget(size_t at, const char *words, void *context) {
  char note[600];
  snprintf(note, sizeof note, "note: %s", words);
  complain_at(path, rule_file_line(context, at), note);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key == ARGP_KEY_ARG && !path) {
    path = argument;
  } else if (key == ARGP_KEY_END && !path) {
    complain("config", "no rule file to check; see `ration help config`");
    return COMMAND_COMPLAINED;
  } else {
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static char *list_options(int key, const char *text, void *input) {
  (void)input;
  if (key != ARGP_KEY_HELP_POST_DOC) return (char *)(uintptr_t)text; /* argp frees only what differs */
  char *list = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&list, &size);
  if (!stream) return NULL;
  fputs(text, stream);
  list_table(stream, "[options]", options_table);
  list_table(stream, "[category NAME]", properties_table);
  return fclose(stream) == 0 ? list : NULL;
}

static void list_table(FILE *stream, const char *heading, const struct option_spec table[]) {
  fprintf(stream, "\n%s\n", heading);
  for (const struct option_spec *option = table; option->name; option++) {
    fprintf(stream, "  %-12s %s", option->name, option->summary);
    for (size_t i = 0; i < 4 && option->words[i]; i++)
      fprintf(stream, "%s%s", i ? ", " : ": ", option->words[i]);
    fputc('\n', stream);
  }
}

/* In text the string alone, so that a shell can take it. */
static void show(struct emitter *emitter, const struct rule_file *file, const struct budget_list *budgets) {
  emitter_verbatim(emitter, "options", file->string, strlen(file->string));
  emitter_hide_text(emitter);
  emitter_begin_list(emitter, "rules");
  for (size_t i = 0; i < file->rule_count; i++) show_rule(emitter, &file->rules[i]);
  emitter_end(emitter);
  emitter_begin_list(emitter, "budgets");
  for (size_t i = 0; i < budgets->count; i++) show_budget(emitter, file, &budgets->entries[i]);
  emitter_end(emitter);
  emitter_show_text(emitter);
}

static void show_rule(struct emitter *emitter, const struct file_rule *rule) {
  static const struct field line_fields[] = {
      {.name = "line", .kind = FIELD_ID, .offset = offsetof(struct file_rule, line)}};
  emitter_begin_object(emitter, NULL);
  emitter_verbatim(emitter, "category", rule->category.bytes, rule->category.count);
  emitter_verbatim(emitter, "match", rule->glob.bytes, rule->glob.count);
  emitter_fields(emitter, FIELDS(line_fields), rule);
  emitter_end(emitter);
}

/* What a budget's row has beside its properties, which are emitted as they stand in the string. */
struct budget_line {
  const char *none;
  uint64_t limit_bytes;
  uint32_t line; /* the first of its lines */
};

static const struct field budget_known[] = {
    {.name = "limit_bytes", .kind = FIELD_COUNT, .offset = offsetof(struct budget_line, limit_bytes)}};
static const struct field budget_unknown[] = {/* without asking the machine that it is meant for */
                                              {.name = "limit_bytes",
                                               .kind = FIELD_NAME,
                                               .offset = offsetof(struct budget_line, none)}};
static const struct field budget_place[] = {
    {.name = "line", .kind = FIELD_ID, .offset = offsetof(struct budget_line, line)}};

static void show_budget(struct emitter *emitter, const struct rule_file *file,
                        const struct budget_entry *entry) {
  struct budget_amount amount = budget_entry_amount(entry);
  struct budget_line record = {.limit_bytes = amount.value, .line = UINT32_MAX};
  emitter_begin_object(emitter, NULL);
  emitter_verbatim(emitter, "category", entry->path.bytes, entry->path.count);
  for (size_t i = PROPERTY_BUDGET; i < PROPERTY_COUNT; i++) {
    const struct field absent = {.name = properties_table[i].name, .kind = FIELD_NAME};
    struct stretch text = entry->text[i];
    if (!text.bytes) {
      emitter_fields(emitter, &absent, 1, &record);
      continue;
    }
    emitter_verbatim(emitter, absent.name, text.bytes, text.count);
    uint32_t line = rule_file_line(file, entry->at[i]);
    if (line < record.line) record.line = line;
  }
  emitter_fields(emitter, amount.of == LIMIT_BYTES ? budget_known : budget_unknown, 1, &record);
  emitter_fields(emitter, FIELDS(budget_place), &record);
  emitter_end(emitter);
}

/* Not wrong, since the order of rules may be meant for other files; but hardly wanted. */
static void note_unreached(const struct rule_file *file) {
  for (size_t i = 0; i < file->rule_count; i++) {
    const struct file_rule *rule = &file->rules[i], *first = rule_file_covering(file, rule);
    if (!first) continue;
    char note[512];
    snprintf(note, sizeof note, "note: `%.*s` is never reached: `%.*s` in line %u comes first",
             STRETCH_SHOWN(rule->glob), STRETCH_SHOWN(first->glob), first->line);
    complain_at(path, rule->line, note);
  }
}
