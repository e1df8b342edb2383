/*
 * help_drawing.c: all keys, and what the columns say that is not plain from their headings.
 */
#include "top/drawing.h"
#include "top/keys.h"
#include "top/screen.h"

#define KEYS_WIDTH 16

void help_drawing(const struct board *board) {
  static const char *const words[] = {
      "A figure is of a category with all below it; rates are since the last look.",
      "BUDGET is how full it is, by level; without one, a part of the process, faint.",
      "MINUTE: what lived in the last one, by the row's own scale.",
      "A budget: 200M, 40%, none; also policy=refuse and the like, parted by blanks.",
  };
  unsigned line = 2, columns = screen_columns();
  (void)board;
  for (const struct key_words *key = key_words; key->keys; key++, line++) {
    screen_put((struct screen_place){line, 2, KEYS_WIDTH}, key->keys, INK_KEY, false);
    screen_put((struct screen_place){line, KEYS_WIDTH + 2, columns}, key->does, INK_PLAIN, false);
  }
  line++;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++, line++)
    screen_put((struct screen_place){line, 2, columns}, words[i], INK_PLAIN, false);
}
