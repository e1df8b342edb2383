/*
 * bash.c: completion for bash: tables out of the outlines, and a function that goes by them.
 *
 * What a place takes is a word or more: pids, sessions, files, folders, commands, programs; `=WORD` is WORD itself, and
 * `nothing` is what nobody can tell.
 */
#include "completion/outline.h"

#include <string.h>

static const char head[] =
    "# bash completion for ration, made by `ration completion bash`. bash 4.4 or later.\n"
    "\n"
    "# Columns of the list of tracked processes.\n"
    "_ration_listed() {\n"
    "  local pid program rest\n"
    "  command ration list 2>/dev/null | while read -r pid program rest; do\n"
    "    [[ $pid == +([0-9]) ]] || continue\n"
    "    case $1 in\n"
    "    pids) echo \"$pid\" ;;\n"
    "    sessions) if [[ ${rest##* } == +([0-9]).+([0-9]) ]]; then echo \"${rest##* }\"; fi ;;\n"
    "    esac\n"
    "  done | sort -u\n"
    "}\n"
    "\n";

static const char rest[] =
    "# _ration_reply CURRENT WHAT...: adds to COMPREPLY what may stand there.\n"
    "_ration_reply() {\n"
    "  local current=$1 what found\n"
    "  shift\n"
    "  for what; do\n"
    "    case $what in\n"
    "    pids | sessions) mapfile -t found < <(compgen -W \"$(_ration_listed \"$what\")\" -- \"$current\") "
    ";;\n"
    "    commands) mapfile -t found < <(compgen -W \"$_ration_commands\" -- \"$current\") ;;\n"
    "    programs) mapfile -t found < <(compgen -c -- \"$current\") ;;\n"
    "    files | folders)\n"
    "      compopt -o filenames 2>/dev/null\n"
    "      if [[ $what == files ]]; then what=-f; else what=-d; fi\n"
    "      mapfile -t found < <(compgen \"$what\" -- \"$current\")\n"
    "      ;;\n"
    "    =*) mapfile -t found < <(compgen -W \"${what#=}\" -- \"$current\") ;;\n"
    "    *) found=() ;;\n"
    "    esac\n"
    "    COMPREPLY+=(\"${found[@]}\")\n"
    "  done\n"
    "}\n"
    "\n"
    "# Of the words before the current one: the command, the option whose value is due, and how many "
    "arguments there are.\n"
    "_ration_read() {\n"
    "  local at word\n"
    "  command='' option='' position=0 start=0\n"
    "  for ((at = 1; at < COMP_CWORD; at++)); do\n"
    "    word=${COMP_WORDS[at]}\n"
    "    if [[ $word == = ]]; then # a word of its own for bash, and so is the value behind it\n"
    "      [[ -n $option ]] || option=${COMP_WORDS[at - 1]}\n"
    "    elif [[ -n $option ]]; then\n"
    "      option=''\n"
    "    elif [[ $word == -- ]]; then\n"
    "      continue\n"
    "    elif [[ $word == -* ]]; then\n"
    "      if [[ -n $(_ration_value \"$command $word\") && ${COMP_WORDS[at + 1]} != = ]]; then option=$word; "
    "fi\n"
    "    elif [[ -z $command ]]; then\n"
    "      command=$word\n"
    "    else\n"
    "      position=$((position + 1))\n"
    "      [[ $(_ration_argument \"$command $position\") == programs ]] && start=$at && return\n"
    "    fi\n"
    "  done\n"
    "}\n"
    "\n"
    "_ration() {\n"
    "  local current=${COMP_WORDS[COMP_CWORD]} command option position start\n"
    "  COMPREPLY=()\n"
    "  _ration_read\n"
    "  if ((start > 0)); then # a program's own arguments\n"
    "    if declare -F _command_offset >/dev/null; then _command_offset \"$start\"; else _ration_reply "
    "\"$current\" files; fi\n"
    "  elif [[ $current == = ]]; then\n"
    "    _ration_reply '' $(_ration_value \"$command ${COMP_WORDS[COMP_CWORD - 1]}\")\n"
    "  elif [[ -n $option ]]; then\n"
    "    _ration_reply \"$current\" $(_ration_value \"$command $option\")\n"
    "  elif [[ $current == -* ]]; then\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$(_ration_options \"$command\")\" -- \"$current\")\n"
    "  elif [[ -z $command ]]; then\n"
    "    _ration_reply \"$current\" commands\n"
    "  else\n"
    "    _ration_reply \"$current\" $(_ration_argument \"$command $((position + 1))\")\n"
    "  fi\n"
    "}\n"
    "\n"
    "complete -F _ration ration\n";

static void write_options(const struct outline *outline, FILE *to);
static void write_values(const struct outline *outline, FILE *to);
static void write_positions(const struct outline *outline, FILE *to);
static void write_choice(const struct choice *choice, FILE *to);
static const char *name_of(const struct outline *outline);

void completion_bash(const struct outline *outlines, size_t count, FILE *to) {
  fputs(head, to);
  fputs("_ration_commands='", to);
  for (size_t i = 0; i < count; i++)
    if (outlines[i].name) fprintf(to, "%s%s", i > 1 ? " " : "", outlines[i].name);
  fputs("'\n\n# COMMAND: its options.\n_ration_options() {\n  case $1 in\n", to);
  for (size_t i = 0; i < count; i++) write_options(&outlines[i], to);
  fputs("  esac\n}\n\n# 'COMMAND OPTION': what may be its value; nothing at all where it takes none.\n"
        "_ration_value() {\n  case $1 in\n",
        to);
  for (size_t i = 0; i < count; i++) write_values(&outlines[i], to);
  fputs("  esac\n}\n\n# 'COMMAND N': what may be the Nth argument.\n_ration_argument() {\n  case $1 in\n",
        to);
  for (size_t i = 0; i < count; i++) write_positions(&outlines[i], to);
  fputs("  esac\n}\n\n", to);
  fputs(rest, to);
}

static const char *name_of(const struct outline *outline) {
  return outline->name ? outline->name : "";
}

static void write_options(const struct outline *outline, FILE *to) {
  fprintf(to, "  '%s') echo '", name_of(outline));
  for (size_t i = 0; i < outline->option_count; i++) {
    const struct outline_option *option = &outline->options[i];
    if (option->letter) fprintf(to, "%s-%c", i ? " " : "", option->letter);
    if (option->name) fprintf(to, "%s--%s", i || option->letter ? " " : "", option->name);
  }
  fputs("' ;;\n", to);
}

/* A value that may be left out stands behind `=`, or nowhere. */
static void write_values(const struct outline *outline, FILE *to) {
  for (size_t i = 0; i < outline->option_count; i++) {
    const struct outline_option *option = &outline->options[i];
    if (!option->argument || option->is_argument_optional) continue;
    fputs("  ", to);
    if (option->letter)
      fprintf(to, "'%s -%c'%s", name_of(outline), option->letter, option->name ? " | " : "");
    if (option->name) fprintf(to, "'%s --%s'", name_of(outline), option->name);
    fputs(") echo '", to);
    write_choice(&option->choice, to);
    fputs("' ;;\n", to);
  }
}

/* The last stands for all behind it, too, where it may be given again. */
static void write_positions(const struct outline *outline, FILE *to) {
  for (size_t i = 0; i < outline->position_count; i++) {
    bool goes_on = i + 1 == outline->position_count && outline->repeats;
    if (goes_on) {
      fprintf(to, "  '%s '*) echo '", name_of(outline));
    } else {
      fprintf(to, "  '%s %zu') echo '", name_of(outline), i + 1);
    }
    write_choice(&outline->positions[i], to);
    fputs("' ;;\n", to);
  }
}

static void write_choice(const struct choice *choice, FILE *to) {
  if (choice_is_empty(choice)) fputs("nothing", to);
  if (choice->has_pids) fputs("pids ", to);
  if (choice->has_sessions) fputs("sessions ", to);
  if (choice->has_files) fputs("files ", to);
  if (choice->has_folders) fputs("folders ", to);
  if (choice->has_commands) fputs("commands ", to);
  if (choice->has_programs) fputs("programs", to);
  for (const char *word = choice->words; *word;) {
    size_t count = strcspn(word, " ");
    fprintf(to, "=%.*s ", (int)count, word);
    word += count + (word[count] == ' ');
  }
}
