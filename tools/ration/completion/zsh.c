/*
 * zsh.c: completion for zsh: what _arguments takes, out of the outlines.
 */
#include "completion/outline.h"

#include <string.h>

static const char head[] = "#compdef ration\n"
                           "# zsh completion for ration, made by `ration completion zsh`.\n"
                           "\n"
                           "_ration_pids() {\n"
                           "  local -a pids\n"
                           "  pids=(${(f)\"$(command ration list 2>/dev/null | sed -nE 's/^ *([0-9]+)  ([^ "
                           ":]+).*/\\1:\\2/p' | sort -u)\"})\n"
                           "  _describe -t pids 'tracked process' pids\n"
                           "}\n"
                           "\n"
                           "_ration_sessions() {\n"
                           "  local -a sessions\n"
                           "  sessions=(${(f)\"$(command ration list 2>/dev/null | sed -nE 's/.* "
                           "([0-9]+\\.[0-9]+)$/\\1/p' | sort -u)\"})\n"
                           "  compadd -X session -a sessions\n"
                           "}\n"
                           "\n"
                           "_ration_commands() {\n"
                           "  local -a commands\n"
                           "  commands=(\n";

static const char middle[] = "  )\n"
                             "  _describe -t commands command commands\n"
                             "}\n"
                             "\n"
                             "_ration() {\n"
                             "  local curcontext=$curcontext state line\n"
                             "  typeset -A opt_args\n"
                             "  _arguments -C";

static const char rest[] = " '1:command:_ration_commands' '*::argument:->argument'\n"
                           "  [[ $state == argument ]] || return\n"
                           "  case $words[1] in\n";

static const char tail[] =
    "  esac\n"
    "}\n"
    "\n"
    "# Read from a file in $fpath, or by `source <(ration completion zsh)`.\n"
    "if [[ $funcstack[1] == _ration ]]; then _ration \"$@\"; else compdef _ration ration; fi\n";

static void write_option(const struct outline_option *option, FILE *to);
static void write_names(const struct outline_option *option, FILE *to);
static void write_positions(const struct outline *outline, FILE *to);
static void write_action(const struct choice *choice, bool is_of_option, FILE *to);
static void write_quoted(const char *text, const char *escaped, FILE *to);

void completion_zsh(const struct outline *outlines, size_t count, FILE *to) {
  fputs(head, to);
  for (size_t i = 0; i < count; i++) {
    if (!outlines[i].name) continue;
    fprintf(to, "    '%s:", outlines[i].name);
    write_quoted(outlines[i].summary, "", to);
    fputs("'\n", to);
  }
  fputs(middle, to);
  for (size_t i = 0; i < count; i++) {
    if (outlines[i].name) continue;
    for (size_t j = 0; j < outlines[i].option_count; j++) write_option(&outlines[i].options[j], to);
  }
  fputs(rest, to);
  for (size_t i = 0; i < count; i++) {
    if (!outlines[i].name) continue;
    fprintf(to, "  %s)\n    _arguments -s -S", outlines[i].name);
    for (size_t j = 0; j < outlines[i].option_count; j++) write_option(&outlines[i].options[j], to);
    write_positions(&outlines[i], to);
    fputs("\n    ;;\n", to);
  }
  fputs(tail, to);
}

/* '(-o --output)'{-o+,--output=}'[write to FILE]:FILE:_files'; one with a value may be given again. */
static void write_option(const struct outline_option *option, FILE *to) {
  fputs(" \\\n      ", to);
  write_names(option, to);
  fputs("'[", to);
  write_quoted(option->words, "[]\\", to);
  fputc(']', to);
  if (option->argument) {
    fputs(option->is_argument_optional ? "::" : ":", to);
    write_quoted(option->argument, ":\\", to);
    fputc(':', to);
    write_action(&option->choice, true, to);
  }
  fputc('\'', to);
}

static void write_names(const struct outline_option *option, FILE *to) {
  bool has_both = option->letter && option->name;
  const char *behind_name = option->is_argument_optional ? "=-" : option->argument ? "=" : "";
  const char *behind_letter = option->is_argument_optional ? "-" : option->argument ? "+" : "";
  if (option->argument) {
    fputs("'*'", to);
  } else if (has_both) {
    fprintf(to, "'(-%c --%s)'", option->letter, option->name);
  }
  if (has_both) fputc('{', to);
  if (option->letter) fprintf(to, "-%c%s", option->letter, behind_letter);
  if (has_both) fputc(',', to);
  if (option->name) fprintf(to, "--%s%s", option->name, behind_name);
  if (has_both) fputc('}', to);
}

static void write_positions(const struct outline *outline, FILE *to) {
  for (size_t i = 0; i < outline->position_count; i++) {
    const struct choice *choice = &outline->positions[i];
    if (choice->has_programs) {
      fprintf(to, " \\\n      '(-)%zu:program:_command_names -e' '*::argument:_normal'", i + 1);
      return;
    }
    if (i + 1 == outline->position_count && outline->repeats) {
      fputs(" \\\n      '*:argument:", to);
    } else {
      fprintf(to, " \\\n      '%zu:argument:", i + 1);
    }
    write_action(choice, false, to);
    fputc('\'', to);
  }
}

/* What there is to choose from: what it is called, and what completes it. */
struct part {
  bool is_there;
  const char *tag;
  const char *action;
};

/* Between single quotes: one thing as it is, several as alternatives, whose colons an option has to hide. */
static void write_action(const struct choice *choice, bool is_of_option, FILE *to) {
  char words[CHOICE_WORDS_BYTES + 2];
  snprintf(words, sizeof words, "(%s)", choice->words);
  const struct part parts[] = {
      {choice->has_pids, "process", "_ration_pids"},
      {choice->has_sessions, "session", "_ration_sessions"},
      {choice->has_files, "file", "_files"},
      {choice->has_folders, "folder", "_files -/"},
      {choice->has_commands, "command", "_ration_commands"},
      {choice->words[0] != 0, "word", words},
  };
  size_t count = 0;
  const char *colon = is_of_option ? "\\:" : ":", *only = " ";
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (!parts[i].is_there) continue;
    only = parts[i].action;
    count++;
  }
  if (count <= 1) {
    fputs(only, to);
    return;
  }
  fputs("{_alternative", to);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (!parts[i].is_there) continue;
    fprintf(to, " \"%ss%s%s%s%s\"", parts[i].tag, colon, parts[i].tag, colon, parts[i].action);
  }
  fputc('}', to);
}

/* For the inside of single quotes; what is in `escaped` gets a backslash. */
static void write_quoted(const char *text, const char *escaped, FILE *to) {
  for (; *text; text++) {
    if (*text == '\'') {
      fputs("'\\''", to);
      continue;
    }
    if (strchr(escaped, *text)) fputc('\\', to);
    fputc(*text, to);
  }
}
