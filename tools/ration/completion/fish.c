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
    "complete -c ration -f\n";

static void write_commands(const struct outline *outlines, size_t count, FILE *to);
static void write_start(const struct outline *outline, FILE *to);
static void write_option(const struct outline *outline, const struct outline_option *option, FILE *to);
static void write_arguments(const struct outline *outline, FILE *to);
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
  fputc('\n', to);
  for (size_t i = 0; i < count; i++) {
    if (!outlines[i].name) continue;
    fprintf(to, "complete -c ration -n __ration_is -a %s -d ", outlines[i].name);
    write_quoted(outlines[i].summary, to);
    fputc('\n', to);
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

/* At whatever place: fish does not count them. */
static void write_arguments(const struct outline *outline, FILE *to) {
  struct choice all = {.words = ""};
  if (!outline->name) return;
  for (size_t i = 0; i < outline->position_count; i++) choice_add(&all, &outline->positions[i]);
  if (choice_is_empty(&all)) return;
  write_start(outline, to);
  if (all.has_files) fputs(" -F", to);
  write_choice(&all, outline, to);
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
