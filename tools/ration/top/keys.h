/*
 * keys.h: what each key does: one table, by which keys are taken, and which help and the last line show.
 */
#ifndef RATION_TOOL_TOP_KEYS_H
#define RATION_TOOL_TOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum action {
  ACTION_NONE,
  ACTION_UP,
  ACTION_DOWN,
  ACTION_PAGE_UP,
  ACTION_PAGE_DOWN,
  ACTION_FIRST,
  ACTION_LAST,
  ACTION_TOGGLE,
  ACTION_FOLD,
  ACTION_UNFOLD,
  ACTION_FOLD_ALL,
  ACTION_ORDER_BEFORE,
  ACTION_ORDER_NEXT,
  ACTION_REVERSE,
  ACTION_FILTER,
  ACTION_BUDGET,
  ACTION_SITES,
  ACTION_FREEZE,
  ACTION_REDRAW,
  ACTION_HELP,
  ACTION_QUIT,
  ACTION_ESCAPE,
  ACTION_RESIZE,
};

struct key_words {
  const char *keys;  /* as they are called */
  const char *does;  /* in help */
  const char *brief; /* in the last line; NULL: not there */
};

/* In the order of help; the one after the last has no keys. */
extern const struct key_words key_words[];

enum action keys_action(unsigned key, bool is_key);

/* While something is typed: takes the last character back. */
bool keys_is_backspace(unsigned key, bool is_key);

#endif
