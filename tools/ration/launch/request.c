/*
 * request.c: --config, --set and CMD, parsed; and what they come to as RATION_OPTIONS.
 */
#include "launch/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "config/budget_check.h"
#include "config/option_string.h"

static error_t parse(int key, char *argument, struct argp_state *state);
static error_t take_config(const char *path);
static error_t add_settings(const char *more);
static error_t take_inherited(void);
static int read_config(const char *path, struct rule_file *ret_file);
static int join_options(const struct request *request, const char *who, const struct rule_file *file,
                        char **ret_options);
static int check_budgets(const struct request *request, const char *who, const struct rule_file *file,
                         const char *all);

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "take options, rules and budgets from a rule file (see `ration help config`)",
     1},
    {"set", 's', "NAME=VALUE", 0,
     "set an option, a rule or a budget, above those of the file; may be given again", 1},
    {0},
};
const struct argp request_argp = {.options = options, .parser = parse};

struct request requested;

int request_options(const struct request *request, const char *who, char **ret_options) {
  struct rule_file file = {0};
  char *all = NULL;
  int status = request->config ? read_config(request->config, &file) : STATUS_DONE;
  if (!status) status = join_options(request, who, &file, &all);
  if (!status) status = check_budgets(request, who, &file, all);
  rule_file_free(&file);
  if (status) {
    free(all);
  } else {
    *ret_options = all;
  }
  return status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  switch (key) {
  case 'c':
    return take_config(argument);
  case 's':
    return add_settings(argument);
  case ARGP_KEY_ARG:
    requested.arguments = state->argv + state->next - 1;
    state->next = state->argc; /* the rest is CMD's */
    return 0;
  case ARGP_KEY_END:
    return take_inherited();
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t take_config(const char *path) {
  if (requested.config) {
    complain("--config", "given twice; expected one rule file");
    return COMMAND_COMPLAINED;
  }
  requested.config = path;
  return 0;
}

static error_t add_settings(const char *more) {
  struct fault fault;
  char *string;
  if (option_string_translate(more, &string, &fault) != 0) {
    complain("--set", "%s", fault.words);
    return COMMAND_COMPLAINED;
  }
  char *joined = option_string_join(requested.settings, string);
  free(string);
  if (!joined) return ENOMEM;
  free(requested.settings);
  requested.settings = joined;
  return 0;
}

static error_t take_inherited(void) {
  struct fault fault;
  const char *text = getenv("RATION_OPTIONS");
  if (!text || option_string_translate(text, &requested.inherited, &fault) == 0) return 0;
  complain("RATION_OPTIONS", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static int read_config(const char *path, struct rule_file *ret_file) {
  struct rule_fault fault;
  int error = rule_file_read(path, ret_file, &fault);
  if (!error) return STATUS_DONE;
  complain(fault.place, "%s", fault.fault.words);
  return error == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
}

static int join_options(const struct request *request, const char *who, const struct rule_file *file,
                        char **ret_options) {
  struct fault fault;
  char *all = NULL;
  char *both = option_string_join(file->string, request->inherited ? request->inherited : "");
  if (both) all = option_string_join(both, request->settings ? request->settings : "");
  free(both);
  if (!all) {
    complain(who, "not enough memory");
    return STATUS_FAILED;
  }
  *ret_options = all;
  if (option_string_check_room(all, &fault) == 0) return STATUS_DONE;
  complain(who, "%s", fault.words);
  return STATUS_USAGE;
}

/* Only all of them together tell what a budget is a share of; where one is wrong, who gave it is told. */
static int check_budgets(const struct request *request, const char *who, const struct rule_file *file,
                         const char *all) {
  struct budget_list budgets;
  struct fault fault;
  size_t at, of_file = file->string ? strlen(file->string) : 0;
  if (budget_list_read(all, &budgets, &fault) != 0) {
    complain(who, "%s", fault.words);
    return STATUS_FAILED;
  }
  int error = budget_check(&budgets, true, &at, &fault);
  budget_list_free(&budgets);
  if (!error) return STATUS_DONE;
  size_t of_settings = request->settings ? strlen(request->settings) : 0;
  if (at < of_file) {
    complain_at(request->config, rule_file_line(file, at), fault.words);
  } else {
    complain(at + of_settings >= strlen(all) ? "--set" : "RATION_OPTIONS", "%s", fault.words);
  }
  return STATUS_USAGE;
}
