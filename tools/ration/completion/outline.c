/*
 * outline.c: options of an argp and its children; and its ARGS_DOC, whose words stand for the arguments.
 */
#include "completion/outline.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static int add_options(struct outline *outline, const struct argp *argp);
static int add_option(struct outline *outline, const struct argp_option *option);
static int add_positions(struct outline *outline, const struct argp *argp);
static int add_usage(struct outline *outline, const char *usage, size_t count);
static bool take_word(const char *word, size_t count, struct choice *ret_choice, bool *ret_repeats);

int outline_make(const char *name, const char *summary, const struct argp *argp,
                 struct outline *ret_outline) {
  struct outline outline = {.name = name, .summary = summary};
  int error = add_options(&outline, argp);
  if (!error) error = add_positions(&outline, argp);
  if (error) return error;
  *ret_outline = outline;
  return 0;
}

static int add_options(struct outline *outline, const struct argp *argp) {
  int error = 0;
  const struct argp_option *option = argp->options;
  for (; option && !error && (option->name || option->key); option++) error = add_option(outline, option);
  const struct argp_child *child = argp->children;
  for (; child && child->argp && !error; child++) error = add_options(outline, child->argp);
  return error;
}

static int add_option(struct outline *outline, const struct argp_option *option) {
  if (option->flags & (OPTION_HIDDEN | OPTION_DOC)) return 0;
  if (outline->option_count == OUTLINE_OPTIONS) return -E2BIG;
  struct outline_option *to = &outline->options[outline->option_count];
  *to = (struct outline_option){
      .name = option->name,
      .argument = option->arg,
      .is_argument_optional = (option->flags & OPTION_ARG_OPTIONAL) != 0,
      .words = option->doc ? option->doc : "",
  };
  if (option->key > 0 && option->key < 128 && isprint(option->key)) to->letter = (char)option->key;
  if (option->flags & OPTION_ALIAS && outline->option_count > 0) { /* another name of the one before */
    struct outline_option before = to[-1];
    before.letter = to->letter;
    before.name = to->name;
    *to = before;
  } else if (to->argument) {
    to->choice = choice_of(to->argument, strlen(to->argument));
  }
  outline->option_count++;
  return 0;
}

/* Each line is another usage. The dispatcher's argp has none of its own, its child has. */
static int add_positions(struct outline *outline, const struct argp *argp) {
  const char *at = argp->args_doc;
  int error = 0;
  while (at && !error) {
    size_t count = strcspn(at, "\n");
    error = add_usage(outline, at, count);
    at = at[count] ? at + count + 1 : NULL;
  }
  const struct argp_child *child = argp->children;
  for (; child && child->argp && !error; child++) error = add_positions(outline, child->argp);
  return error;
}

/* `[--] CMD [ARG...]`, `PID|FILE NAME=VALUE...`; from an option on it is about options. */
static int add_usage(struct outline *outline, const char *usage, size_t count) {
  size_t position = 0;
  for (size_t at = 0; at < count;) {
    size_t end = at;
    while (end < count && usage[end] != ' ') end++;
    struct choice choice;
    bool is_option = end - at > 2 && usage[at] == '-';
    if (is_option) break;
    if (take_word(usage + at, end - at, &choice, &outline->repeats)) {
      if (position == OUTLINE_POSITIONS) return -E2BIG;
      choice_add(&outline->positions[position++], &choice);
      if (position > outline->position_count) outline->position_count = position;
      if (choice.has_programs) break; /* what follows is the program's own */
    }
    at = end + 1;
  }
  return 0;
}

/* Whether it stands for an argument: brackets and dots are about how often. */
static bool take_word(const char *word, size_t count, struct choice *ret_choice, bool *ret_repeats) {
  while (count > 0 && *word == '[') word++, count--;
  while (count > 0 && word[count - 1] == ']') count--;
  bool repeats = count > 3 && memcmp(word + count - 3, "...", 3) == 0;
  if (repeats) count -= 3;
  while (count > 0 && word[count - 1] == ']') count--;
  if (count == 0 || word[0] == '-') return false;
  *ret_choice = choice_of(word, count);
  *ret_repeats |= repeats;
  return true;
}
