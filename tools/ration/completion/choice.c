/*
 * choice.c: see choice.h.
 */
#include "completion/choice.h"

#include <string.h>

#include "base/text.h"

#define SMALL "abcdefghijklmnopqrstuvwxyz0123456789-"

static void take(struct choice *choice, const char *part, size_t count);
static bool is(const char *part, size_t count, const char *word);
static void add_words(struct choice *choice, const char *words, size_t count);

struct choice choice_of(const char *text, size_t count) {
  struct choice choice = {.words = ""};
  for (size_t at = 0; at < count;) {
    size_t end = at;
    while (end < count && text[end] != '|') end++;
    take(&choice, text + at, end - at);
    at = end + 1;
  }
  return choice;
}

void choice_add(struct choice *choice, const struct choice *other) {
  choice->has_pids |= other->has_pids;
  choice->has_sessions |= other->has_sessions;
  choice->has_files |= other->has_files;
  choice->has_folders |= other->has_folders;
  choice->has_commands |= other->has_commands;
  choice->has_programs |= other->has_programs;
  add_words(choice, other->words, strlen(other->words));
}

bool choice_is_empty(const struct choice *choice) {
  return !(choice->has_pids || choice->has_sessions || choice->has_files || choice->has_folders ||
           choice->has_commands || choice->has_programs || choice->words[0]);
}

static void take(struct choice *choice, const char *part, size_t count) {
  bool is_word = count > 0;
  for (size_t i = 0; i < count; i++) is_word = is_word && strchr(SMALL, part[i]);
  if (is_word) add_words(choice, part, count);
  choice->has_pids |= is(part, count, "PID");
  choice->has_sessions |= is(part, count, "ID");
  choice->has_files |= is(part, count, "FILE") || is(part, count, "CONFIG") || is(part, count, "BINARY");
  choice->has_folders |= is(part, count, "DIR");
  choice->has_commands |= is(part, count, "COMMAND");
  choice->has_programs |= is(part, count, "CMD");
}

static bool is(const char *part, size_t count, const char *word) {
  return count == strlen(word) && memcmp(part, word, count) == 0;
}

/* There is room for those of any option; what has none is left out whole. */
static void add_words(struct choice *choice, const char *words, size_t count) {
  size_t used = strlen(choice->words);
  if (count == 0 || used + 1 + count >= sizeof choice->words) return;
  struct text text = text_in(choice->words + used, sizeof choice->words - used);
  if (used) text_add(&text, " ");
  text_add_bytes(&text, words, count);
}
