/*
 * prompt.c: see prompt.h.
 */
#include "top/prompt.h"

#include <stdio.h>
#include <string.h>

#define CONTROL(letter) ((letter)&0x1f)

static void add(struct prompt *prompt, unsigned character);
static size_t encode(unsigned character, char ret_bytes[4]);
static void take_back(char *text);
static void take_back_word(char *text);

void prompt_open(struct prompt *prompt, enum prompt_for what, const char *text) {
  prompt->what = what;
  snprintf(prompt->text, sizeof prompt->text, "%s", text);
}

enum prompt_end prompt_take(struct prompt *prompt, enum prompt_key key, unsigned character) {
  if (key == PROMPT_ENTER) return PROMPT_TAKEN;
  if (key == PROMPT_ESCAPE) return PROMPT_GIVEN_UP;
  if (key == PROMPT_BACKSPACE) {
    take_back(prompt->text);
  } else if (character == CONTROL('U')) {
    prompt->text[0] = 0;
  } else if (character == CONTROL('W')) {
    take_back_word(prompt->text);
  } else {
    add(prompt, character);
  }
  return PROMPT_GOES_ON;
}

/* What is too much is left away. */
static void add(struct prompt *prompt, unsigned character) {
  char bytes[4];
  size_t used = strlen(prompt->text), length = encode(character, bytes);
  if (character < 0x20 || character == 0x7f || used + length >= sizeof prompt->text) return;
  memcpy(prompt->text + used, bytes, length);
  prompt->text[used + length] = 0;
}

static size_t encode(unsigned character, char ret_bytes[4]) {
  size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = length; i-- > 1; character >>= 6) ret_bytes[i] = (char)(0x80 | (character & 0x3f));
  ret_bytes[0] = (char)(leads[length] | character);
  return length;
}

static void take_back(char *text) {
  size_t length = strlen(text);
  while (length > 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80) length--;
  if (length > 0) length--;
  text[length] = 0;
}

static void take_back_word(char *text) {
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == ' ') length--;
  while (length > 0 && text[length - 1] != ' ') length--;
  text[length] = 0;
}
