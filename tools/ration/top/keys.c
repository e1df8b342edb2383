/*
 * keys.c: see keys.h.
 */
#include "top/keys.h"

#include <curses.h>

#define CONTROL(letter) ((letter)&0x1f)
#define ESCAPE          0x1b
#define KEYS_EACH       5

const struct key_words key_words[] = {
    {"Up Down, k j", "the row above, below", NULL},
    {"PgUp PgDn", "a screen up, down", NULL},
    {"Home End, g G", "the first row, the last", NULL},
    {"Enter, Space", "fold or unfold what lies below the row", "fold"},
    {"Left Right", "fold, or go to the row above; unfold", NULL},
    {"x", "fold or unfold all processes", NULL},
    {"< >", "sort by the column before, by the next", "sort"},
    {"r", "sort the other way round", NULL},
    {"/", "show only names with some text in them; Esc: all", "filter"},
    {"b", "set the budget of the row's category", "budget"},
    {"s", "show the sites of the row's category, or not", "sites"},
    {"f", "freeze the screen, or go on", "freeze"},
    {"Ctrl-L", "draw the screen anew", NULL},
    {"?, h", "this help", "help"},
    {"q", "leave", "quit"},
    {NULL, NULL, NULL},
};

/* Characters are below, keys by curses' numbers beside them. */
static const struct {
  enum action action;
  char characters[KEYS_EACH];
  int keys[KEYS_EACH];
} bindings[] = {
    {ACTION_UP, "k", {KEY_UP}},
    {ACTION_DOWN, "j", {KEY_DOWN}},
    {ACTION_PAGE_UP, {CONTROL('B')}, {KEY_PPAGE}},
    {ACTION_PAGE_DOWN, {CONTROL('F')}, {KEY_NPAGE}},
    {ACTION_FIRST, "g", {KEY_HOME}},
    {ACTION_LAST, "G", {KEY_END}},
    {ACTION_TOGGLE, " \r\n", {KEY_ENTER}},
    {ACTION_FOLD, "", {KEY_LEFT}},
    {ACTION_UNFOLD, "", {KEY_RIGHT}},
    {ACTION_FOLD_ALL, "x", {0}},
    {ACTION_ORDER_BEFORE, "<,", {0}},
    {ACTION_ORDER_NEXT, ">.", {0}},
    {ACTION_REVERSE, "r", {0}},
    {ACTION_FILTER, "/", {0}},
    {ACTION_BUDGET, "b", {0}},
    {ACTION_SITES, "s", {0}},
    {ACTION_FREEZE, "f", {0}},
    {ACTION_REDRAW, {CONTROL('L')}, {0}},
    {ACTION_HELP, "?h", {KEY_F(1)}},
    {ACTION_QUIT, "q", {KEY_F(10)}},
    {ACTION_ESCAPE, {ESCAPE}, {0}},
    {ACTION_RESIZE, "", {KEY_RESIZE}},
};

enum action keys_action(unsigned key, bool is_key) {
  if (key == 0) return ACTION_NONE;
  for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++) {
    for (size_t j = 0; j < KEYS_EACH; j++) {
      bool is_it = is_key ? (unsigned)bindings[i].keys[j] == key : (unsigned)bindings[i].characters[j] == key;
      if (is_it) return bindings[i].action;
    }
  }
  return ACTION_NONE;
}

bool keys_is_backspace(unsigned key, bool is_key) {
  return is_key ? key == KEY_BACKSPACE : key == 0x7f || key == CONTROL('H');
}
