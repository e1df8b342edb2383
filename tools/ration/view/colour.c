/*
 * colour.c: the eight colours that every terminal has, so that the user's palette says how they look.
 */
#include "view/colour.h"

#include <stddef.h>
#include <string.h>

#define RED      "\033[31m"
#define BOLD_RED "\033[1;31m"
#define GREEN    "\033[32m"
#define YELLOW   "\033[33m"
#define CYAN     "\033[36m"

/* The gravest first. */
static const struct {
  const char *word;
  const char *colour;
} words[] = {
    {"critical", BOLD_RED}, {"abort", BOLD_RED}, {"high", RED},       {"refusal", RED},
    {"killed", RED},        {"gone", RED},       {"medium", YELLOW},  {"breach", YELLOW},
    {"perhaps", YELLOW},    {"low", YELLOW},     {"stopped", YELLOW}, {"running", GREEN},
};

const char *colour_of(enum tint tint, const char *text) {
  if (tint == TINT_BAR) return CYAN;
  for (size_t i = 0; tint == TINT_WORD && i < sizeof words / sizeof *words; i++)
    if (strstr(text, words[i].word)) return words[i].colour;
  return NULL;
}
