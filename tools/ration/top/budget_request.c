/*
 * budget_request.c: see budget_request.h.
 */
#include "top/budget_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/live_settings.h"
#include "writer/control.h"

static int read_settings(const char *category, const char *typed, struct live_settings *settings,
                         struct fault *ret_fault);
static int add_word(const char *category, struct stretch word, struct live_settings *settings,
                    struct fault *ret_fault);
static int ask(const struct process *process, const struct live_settings *settings,
               char ret_words[BUDGET_REQUEST_BYTES], struct fault *ret_fault);

int budget_request(const struct budget_target *target, const char *typed,
                   char ret_words[BUDGET_REQUEST_BYTES], struct fault *ret_fault) {
  const struct place_name *name = &target->name;
  struct live_settings settings = {.string = NULL};
  struct process *process = malloc(sizeof *process);
  if (!process) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = read_settings(target->category, typed, &settings, ret_fault);
  if (!error) error = process_read(target->path, target->is_memfd, process, ret_fault);
  if (!error &&
      (process->snapshot.name.start_ticks != name->start_ticks || process->snapshot.name.pid != name->pid))
    error = fault_set(ret_fault, -ESRCH, "has ended");
  if (!error) error = live_settings_find(&settings, &process->snapshot, ret_fault);
  if (!error) error = ask(process, &settings, ret_words, ret_fault);
  live_settings_free(&settings);
  free(process);
  return error;
}

static int read_settings(const char *category, const char *typed, struct live_settings *settings,
                         struct fault *ret_fault) {
  struct stretch rest = stretch_of(typed);
  int error = 0;
  while (!error && rest.bytes) {
    struct stretch word = stretch_next(&rest, ' ');
    if (word.count > 0) error = add_word(category, word, settings, ret_fault);
  }
  if (error) return error;
  if (!settings->string) return fault_set(ret_fault, -EINVAL, "no budget was given; nothing has changed");
  return live_settings_check(settings, ret_fault);
}

/* `total` is a category like any other here. */
static int add_word(const char *category, struct stretch word, struct live_settings *settings,
                    struct fault *ret_fault) {
  char *setting;
  const char *what = stretch_has(word, '=') ? "" : "budget=";
  int length = asprintf(&setting, "%s.%s%.*s", category, what, (int)word.count, word.bytes);
  if (length < 0) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = live_settings_add(settings, setting, ret_fault);
  free(setting);
  return error;
}

static int ask(const struct process *process, const struct live_settings *settings,
               char ret_words[BUDGET_REQUEST_BYTES], struct fault *ret_fault) {
  struct control_answer answer;
  int error = control_ask(process, settings->string, &answer, ret_fault);
  if (error) return error;
  if (answer.result == CONTROL_REFUSED) return fault_set(ret_fault, -EPERM, "refused: %.200s", answer.why);
  bool is_taken = answer.result == CONTROL_TAKEN;
  snprintf(ret_words, BUDGET_REQUEST_BYTES, "%.300s: %s", settings->string,
           is_taken ? "taken" : "pending: it is taken up by the next thread with 1,000 blocks or 1 MiB");
  return 0;
}
