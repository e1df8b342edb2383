/*
 * report_text.h: how the options `report` and `report-signal` are written (docs/names.md, "Settings"): for the shim,
 * which follows them, and for the command-line tool, which checks them first.
 */
#ifndef RATION_BASE_REPORT_TEXT_H
#define RATION_BASE_REPORT_TEXT_H

#include <signal.h>

#include "base/text.h"

#define REPORT_EXPECTED "the path of a file expected; %p in it stands for the pid"
#define REPORT_SIGNAL_EXPECTED                                                                               \
  "one of USR1, USR2, HUP, INT, QUIT, TERM, ALRM, VTALRM, PROF, URG, WINCH, IO, PWR expected"

/* With or without SIG before it. 0: it is none of them. */
static inline int report_signal_number(const char *name) {
  static const struct {
    const char *name;
    int number;
  } signals[] = {{"USR1", SIGUSR1}, {"USR2", SIGUSR2},   {"HUP", SIGHUP},   {"INT", SIGINT},
                 {"QUIT", SIGQUIT}, {"TERM", SIGTERM},   {"ALRM", SIGALRM}, {"PROF", SIGPROF},
                 {"URG", SIGURG},   {"WINCH", SIGWINCH}, {"IO", SIGIO},     {"VTALRM", SIGVTALRM},
                 {"PWR", SIGPWR}};
  if (name[0] == 'S' && name[1] == 'I' && name[2] == 'G') name += 3;
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
    if (text_is_equal(name, signals[i].name)) return signals[i].number;
  return 0;
}

#endif
