/*
 * frame_filter.c: see frame_filter.h.
 */
#include "sites/frame_filter.h"

#include <errno.h>

static int compile(regex_t *to, bool *has, const char *expression, struct fault *ret_fault) {
  char words[128];
  if (*has) regfree(to);
  *has = false;
  int error = regcomp(to, expression, REG_EXTENDED | REG_NOSUB);
  if (!error) {
    *has = true;
    return 0;
  }
  regerror(error, to, words, sizeof words);
  return fault_set(ret_fault, -EINVAL, "`%.128s` is no regular expression: %s", expression, words);
}

int frame_filter_focus(struct frame_filter *filter, const char *expression, struct fault *ret_fault) {
  return compile(&filter->focus, &filter->has_focus, expression, ret_fault);
}

int frame_filter_ignore(struct frame_filter *filter, const char *expression, struct fault *ret_fault) {
  return compile(&filter->ignore, &filter->has_ignore, expression, ret_fault);
}

void frame_filter_free(struct frame_filter *filter) {
  if (filter->has_focus) regfree(&filter->focus);
  if (filter->has_ignore) regfree(&filter->ignore);
  *filter = (struct frame_filter){0};
}

static bool fits(const regex_t *expression, const struct stack *stack) {
  for (size_t i = 0; i < stack->count; i++) {
    const struct stack_frame *frame = &stack->frame[i];
    const char *const texts[] = {frame->function, frame->file, frame->module};
    for (size_t j = 0; j < sizeof texts / sizeof *texts; j++)
      if (texts[j] && regexec(expression, texts[j], 0, NULL, 0) == 0) return true;
  }
  return false;
}

bool frame_filter_passes(const struct frame_filter *filter, const struct stack *stack) {
  if (filter->has_focus && !fits(&filter->focus, stack)) return false;
  return !filter->has_ignore || !fits(&filter->ignore, stack);
}
