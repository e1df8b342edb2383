/*
 * fitting.c: see fitting.h. What a look would take no notice of is refused: who gives it expects that it counts.
 */
#include "report/fitting.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

#define LOOKS_ALL  1023u /* that select categories */
#define OF_SAMPLES (LOOK_SITES | LOOK_LARGEST | LOOK_LEAKS)
#define OF_STACKS  (OF_SAMPLES | LOOK_HEAP)
#define OF_FRAMES  (OF_STACKS | LOOK_HTML)

static struct {
  const char *option;
  unsigned looks;
  enum looks chosen; /* by the option itself, where none of them was; 0: none */
  bool is_given;
} fittings[] = {
    {"--by", LOOK_SITES, LOOK_SITES, false},
    {"--calltree", LOOK_SITES, LOOK_SITES, false},
    {"--callers", LOOK_SITES, LOOK_SITES, false},
    {"--suppressions", LOOK_LEAKS, LOOK_LEAKS, false},
    {"--exit-code", LOOK_LEAKS, LOOK_LEAKS, false},
    {"--follow", LOOK_EVENTS, LOOK_EVENTS, false},
    {"--last", LOOK_TIMELINE, LOOK_TIMELINE, false},
    {"--raw", OF_SAMPLES | LOOK_HTML, 0, false},
    {"--focus", OF_FRAMES, 0, false},
    {"--ignore", OF_FRAMES, 0, false},
    {"--most", OF_STACKS, 0, false},
    {"--frames", OF_STACKS, 0, false},
    {"--sysroot", OF_FRAMES, 0, false},
    {"--debug-dir", OF_FRAMES, 0, false},
};

#define COUNT (sizeof fittings / sizeof *fittings)

static const char *const look_words[] = {"the page",  "--events", "--threads",  "--sites",
                                         "--largest", "--leaks",  "--timeline", "--sizes",
                                         "--pools",   "--heap",   "--html"};

static int refuse(const char *option, unsigned looks, enum looks chosen, struct fault *ret_fault);

void fitting_note(const char *option) {
  for (size_t i = 0; i < COUNT; i++)
    if (strcmp(fittings[i].option, option) == 0) fittings[i].is_given = true;
}

int fitting_find(enum looks chosen, enum looks *ret_look, struct fault *ret_fault) {
  for (size_t i = 0; i < COUNT && chosen == LOOK_PAGE; i++)
    if (fittings[i].is_given && fittings[i].chosen) chosen = fittings[i].chosen;
  for (size_t i = 0; i < COUNT; i++) {
    if (fittings[i].is_given && !(fittings[i].looks & chosen))
      return refuse(fittings[i].option, fittings[i].looks, chosen, ret_fault);
  }
  *ret_look = chosen;
  return 0;
}

int fitting_check_selection(enum looks look, const struct selection *selection, struct fault *ret_fault) {
  const struct {
    const char *option;
    bool is_given;
    unsigned looks;
  } selections[] = {
      {"--tree", selection->is_tree, LOOK_PAGE | LOOK_TIMELINE},
      {"--depth", selection->depth != selection_all.depth,
       LOOK_PAGE | LOOK_TIMELINE | LOOK_SIZES | LOOK_HEAP},
      {"--category", selection->category != NULL, LOOKS_ALL & ~(unsigned)LOOK_THREADS},
  };
  for (size_t i = 0; i < sizeof selections / sizeof *selections; i++) {
    if (selections[i].is_given && !(selections[i].looks & look))
      return refuse(selections[i].option, selections[i].looks, look, ret_fault);
  }
  return 0;
}

/* "--raw is of --sites, --largest, --leaks; leave it out" */
static int refuse(const char *option, unsigned looks, enum looks chosen, struct fault *ret_fault) {
  char words[200];
  struct text list = text_in(words, sizeof words);
  for (size_t i = 0; i < sizeof look_words / sizeof *look_words; i++) {
    if (!(looks & 1u << i)) continue;
    if (list.used > 0) text_add(&list, ", ");
    text_add(&list, look_words[i]);
  }
  const char *advice = chosen == LOOK_PAGE ? "give one of them" : "leave it out";
  return fault_set(ret_fault, -ERANGE, "%s is of %s; %s", option, words, advice);
}
