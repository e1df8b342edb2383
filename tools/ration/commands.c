/*
 * commands.c: the one table of subcommands. A command is a file of its own; its entry points stand here.
 */
#include "commands.h"

#include <string.h>

extern const struct argp run_argp, record_argp, check_argp, list_argp, top_argp, report_argp, diff_argp,
    whose_argp, set_argp, watch_argp, plan_argp, export_argp, serve_argp, clean_argp, config_argp,
    doctor_argp, completion_argp, help_argp;
int run_command(struct emitter *emitter);
int record_command(struct emitter *emitter);
int check_command(struct emitter *emitter);
int diff_command(struct emitter *emitter);
int record_command(struct emitter *emitter);
int list_command(struct emitter *emitter);
int top_command(struct emitter *emitter);
int report_command(struct emitter *emitter);
int diff_command(struct emitter *emitter);
int whose_command(struct emitter *emitter);
int set_command(struct emitter *emitter);
int watch_command(struct emitter *emitter);
int plan_command(struct emitter *emitter);
int export_command(struct emitter *emitter);
int serve_command(struct emitter *emitter);
int clean_command(struct emitter *emitter);
int config_command(struct emitter *emitter);
int doctor_command(struct emitter *emitter);
int completion_command(struct emitter *emitter);
int help_command(struct emitter *emitter);

const struct command commands[] = {
    {"run", run_command, COMMAND_EMITS | COMMAND_STARTS, &run_argp,
     "run a program and show who had its memory"},
    {"record", record_command, 0, &record_argp, "record what a program does with its memory, in a file"},
    {"check", check_command, COMMAND_EMITS | COMMAND_STARTS, &check_argp,
     "run a program and hold its memory to conditions"},
    {"list", list_command, COMMAND_EMITS, &list_argp, "show the tracked processes"},
    {"top", top_command, COMMAND_EMITS, &top_argp, "show what running processes have, as it changes"},
    {"report", report_command, COMMAND_EMITS, &report_argp, "show the table of one process"},
    {"diff", diff_command, COMMAND_EMITS, &diff_argp, "compare two processes, or one with itself before"},
    {"whose", whose_command, COMMAND_EMITS, &whose_argp, "say which category a block belongs to"},
    {"set", set_command, COMMAND_EMITS, &set_argp, "change settings and budgets of a running process"},
    {"watch", watch_command, 0, &watch_argp, "act on a program that comes under pressure"},
    {"plan", plan_command, COMMAND_EMITS, &plan_argp, "propose budgets, or try some on what was used"},
    {"export", export_command, 0, &export_argp, "write what a process has for other programs to read"},
    {"serve", serve_command, 0, &serve_argp, "serve metrics, profiles and a page of all tracked processes"},
    {"clean", clean_command, COMMAND_EMITS, &clean_argp, "remove what dead processes left"},
    {"config", config_command, COMMAND_EMITS, &config_argp,
     "check a rule file and print it as RATION_OPTIONS"},
    {"doctor", doctor_command, COMMAND_EMITS, &doctor_argp,
     "say what will not work, and why, before the run"},
    {"completion", completion_command, 0, &completion_argp, "print what a shell reads to complete all this"},
    {"help", help_command, 0, &help_argp, "explain a command"},
    {0},
};

const struct command *command_find(const char *name) {
  for (const struct command *command = commands; command->name; command++) {
    if (strcmp(command->name, name) == 0) return command;
  }
  return NULL;
}
