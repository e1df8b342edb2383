/*
 * fish.c: completion for fish: a `complete` for each option and argument, out of the outlines.
 */
#include "completion/outline.h"

#include <string.h>

static const char head[] =
    "# fish completion for ration, made by `ration completion fish`.\n"
    "\n"
    "function __ration_pids\n"
    "    command ration list 2>/dev/null | string replace -rf '^ *(\\d+)  (\\S+).*' '$1\\t$2' | sort -u\n"
    "end\n"
    "\n"
    "function __ration_sessions\n"
    "    command ration list 2>/dev/null | string replace -rf '.* (\\d+\\.\\d+)$' '$1' | sort -u\n"
    "end\n"
    "\n"
    "# Whether the command is this one; without a name, whether there is none yet.\n"
    "function __ration_is\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    for word in $words\n"
    "        string match -q -- '-*' $word; and continue\n"
    "        test \"$word\" = \"$argv[1]\"\n"
    "        return\n"
    "    end\n"
    "    test -z \"$argv[1]\"\n"
    "end\n"
    "\n"
    "# Whether the argument that is due is the Nth of this command, or one from there to the Mth.\n"
    "function __ration_at\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    set -l due 1\n"
    "    set -l is_value 0\n"
    "    set -l name ''\n"
    "    for word in $words\n"
    "        if test $is_value = 1\n"
    "            set is_value 0\n"
    "        else if string match -q -- '-*' $word\n"
    "            contains -- \"$name $word\" $__ration_values; and set is_value 1\n"
    "        else if test -z \"$name\"\n"
    "            set name $word\n"
    "        else\n"
    "            set due (math $due + 1)\n"
    "        end\n"
    "    end\n"
    "    test \"$name\" = \"$argv[1]\" -a $due -ge $argv[2] -a $due -le $argv[-1]\n"
    "end\n"
    "\n"
    "complete -c ration -f\n";

#define EVERY_MORE 999 /* arguments that follow are the program's own, or of the same kind */

static void write_commands(const struct outline *outlines, size_t count, FILE *to);
static void write_values(const struct outline *outline, FILE *to);
static void write_start(const struct outline *outline, FILE *to);
static void write_option(const struct outline *outline, const struct outline_option *option, FILE *to);
static void write_arguments(const struct outline *outline, FILE *to);
static void write_argument(const struct outline *outline, const struct choice *choice, size_t from,
                           size_t until, FILE *to);
static void write_choice(const struct choice *choice, const struct outline *outlines, FILE *to);
static void write_quoted(const char *text, FILE *to);

void completion_fish(const struct outline *outlines, size_t count, FILE *to) {
  fputs(head, to);
  write_commands(outlines, count, to);
  for (size_t i = 0; i < count; i++) {
    fputc('\n', to);
    for (size_t j = 0; j < outlines[i].option_count; j++)
      write_option(&outlines[i], &outlines[i].options[j], to);
    write_arguments(&outlines[i], to);
  }
}

static void write_commands(const struct outline *outlines, size_t count, FILE *to) {
  fputs("set -g __ration_commands", to);
  for (size_t i = 0; i < count; i++)
    if (outlines[i].name) fprintf(to, " %s", outlines[i].name);
  fputs("\n# COMMAND OPTION: the word behind it is its value.\nset -g __ration_values", to);
  for (size_t i = 0; i < count; i++) write_values(&outlines[i], to);
  fputc('\n', to);
  for (size_t i = 0; i < count; i++) {
    if (!outlines[i].name) continue;
    fprintf(to, "complete -c ration -n __ration_is -a %s -d ", outlines[i].name);
    write_quoted(outlines[i].summary, to);
    fputc('\n', to);
  }
}

static void write_values(const struct outline *outline, FILE *to) {
  for (size_t i = 0; outline->name && i < outline->option_count; i++) {
    const struct outline_option *option = &outline->options[i];
    if (!option->argument || option->is_argument_optional) continue;
    if (option->letter) fprintf(to, " '%s -%c'", outline->name, option->letter);
    if (option->name) fprintf(to, " '%s --%s'", outline->name, option->name);
  }
}

static void write_start(const struct outline *outline, FILE *to) {
  fprintf(to, "complete -c ration -n '__ration_is%s%s'", outline->name ? " " : "",
          outline->name ? outline->name : "");
}

/* A value that may be left out stands behind `=`: fish has no word for that, and offers none. */
static void write_option(const struct outline *outline, const struct outline_option *option, FILE *to) {
  write_start(outline, to);
  if (option->letter) fprintf(to, " -s %c", option->letter);
  if (option->name) fprintf(to, " -l %s", option->name);
  if (option->argument && !option->is_argument_optional) {
    fputs(option->choice.has_files ? " -r -F" : " -x", to);
    write_choice(&option->choice, NULL, to);
  }
  fputs(" -d ", to);
  write_quoted(option->words, to);
  fputc('\n', to);
}

/* The last stands for all behind it, too, where it may be given again, or is a program, whose own they are. */
static void write_arguments(const struct outline *outline, FILE *to) {
  for (size_t i = 0; outline->name && i < outline->position_count; i++) {
    struct choice choice = outline->positions[i],
                  program = {.has_programs = choice.has_programs, .words = ""};
    bool goes_on = i + 1 == outline->position_count && outline->repeats && !choice.has_programs;
    choice.has_programs = false;
    write_argument(outline, &choice, i + 1, goes_on ? EVERY_MORE : i + 1, to);
    write_argument(outline, &program, i + 1, EVERY_MORE, to);
  }
}

static void write_argument(const struct outline *outline, const struct choice *choice, size_t from,
                           size_t until, FILE *to) {
  if (choice_is_empty(choice)) return;
  fprintf(to, "complete -c ration -n '__ration_at %s %zu", outline->name, from);
  if (until > from) fprintf(to, " %zu", until);
  fputc('\'', to);
  if (choice->has_files) fputs(" -F", to);
  write_choice(choice, outline, to);
  fputc('\n', to);
}

static void write_choice(const struct choice *choice, const struct outline *outline, FILE *to) {
  bool has_functions = choice->has_pids || choice->has_sessions || choice->has_folders ||
                       choice->has_commands || choice->has_programs;
  if (!has_functions && !choice->words[0]) return;
  fputs(" -a '", to);
  if (choice->has_pids) fputs("(__ration_pids) ", to);
  if (choice->has_sessions) fputs("(__ration_sessions) ", to);
  if (choice->has_folders) fputs("(__fish_complete_directories (commandline -ct)) ", to);
  if (choice->has_commands) fputs("$__ration_commands ", to);
  if (choice->has_programs && outline) fputs("(__fish_complete_subcommand --fcs-skip=2) ", to);
  fprintf(to, "%s'", choice->words);
}

static void write_quoted(const char *text, FILE *to) {
  fputc('\'', to);
  for (; *text; text++) {
    if (*text == '\'' || *text == '\\') fputc('\\', to);
    fputc(*text, to);
  }
  fputc('\'', to);
}
