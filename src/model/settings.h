/*
 * settings.h: what RATION_OPTIONS says. One table of options; the grammar of docs/names.md ("Settings").
 *
 * A setting that is not understood keeps its default and is noted, never fatal: the string may have been
 * meant for another version, and a shim does not harm its host.
 */
#ifndef RATION_MODEL_SETTINGS_H
#define RATION_MODEL_SETTINGS_H

#include <ration/segment.h>
#include <stdint.h>

#include "model/budget_spec.h"
#include "model/rules.h"

/* The loader asks for a thread's storage and a module's names, for those who start and load them. */
#define SETTINGS_SAMPLE_MEAN (UINT64_C(512) << 10)
#define SETTINGS_TRANSPARENT                                                                                 \
  "libc.so.*|ld-linux*.so.*|libstdc++.so.*|libc++.so.*|libc++abi.so.*|libglib-2.0.so.*"

enum outside { OUTSIDE_OFF, OUTSIDE_CGROUP, OUTSIDE_PSI };
enum follow { FOLLOW_ALL, FOLLOW_EXEC, FOLLOW_NONE };

struct settings {
  int keep;
  int verbose;
  enum follow follow;
  int fits_only;           /* `only` has this program, or is not set */
  int fits_not;            /* `not` has it */
  const char *transparent; /* globs of libraries that are looked through to the asker, parted by '|' */
  const char *wrapper;     /* the same of functions */
  int inherit_creator;     /* a new thread starts in its creator's category */
  int mmap;                /* anonymous mappings are accounted for */
  int memory;              /* what the kernel says is to be explained */
  int has_memory;          /* the user has said whether */
  uint32_t unwind;         /* RATION_UNWIND_*: how frames are to be found */
  int accounts;            /* accounts count against budgets */
  uint32_t outside;        /* where pressure from outside the process is read: OUTSIDE_* */
  int trim;                /* the heap is to give back what it can, once */
  const char *report;      /* a file that a copy of the segment goes to at exit; NULL: none */
  int report_signal;       /* at which it goes there, too; 0: none */
  int sample_is_on;
  uint64_t sample_mean;  /* bytes between samples, on average, while it is on; see model/sampler.h */
  uint32_t sample_share; /* of 10,000 parts of the CPU time that samples may cost; 0: the mean is fixed */
  uint32_t heap;         /* RATION_HEAP_*: where blocks are to come from */
  uint64_t decay_ms;     /* after which the page heap's empty pages go back to the system; DECAY_NEVER */
  int harden;            /* the page heap checks more */
  struct rules *rules;
  struct budget_specs *budgets;
  uint64_t ignored;                        /* settings not understood */
  char ignored_text[RATION_IGNORED_BYTES]; /* each on a line: "NAME=VALUE: why" */
};

/* The program is one to track. */
static inline int settings_may_track(const struct settings *settings) {
  return settings->fits_only && !settings->fits_not;
}

/*
 * Reads `options` (NULL: none) for a program of this file name; `rules` and `budgets` are where those go. The settings
 * point into all three: `options` is changed, and must stay.
 */
void settings_read(char *options, const char *program, struct rules *rules, struct budget_specs *budgets,
                   struct settings *ret_settings);

/* The setting was not understood, or could not be followed: notes it with the reason. */
void settings_ignore(struct settings *settings, const char *setting, const char *why);

/*
 * A change while the program runs, by `ration set`: `options` may hold those options that can change, and budgets, which
 * go to *ret_budgets, by path. Returns NULL: all are understood; else why not, and nothing has changed, with the setting
 * in question in *ret_setting.
 */
const char *settings_change(struct settings *settings, char *options, struct budget_specs *ret_budgets,
                            const char **ret_setting);

#endif
