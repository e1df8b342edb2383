/*
 * bar.c: U+2588 FULL BLOCK down to U+258F LEFT ONE EIGHTH BLOCK.
 */
#include "view/bar.h"

#include <string.h>

static char *add_block(char *to, unsigned eighths);

void bar_draw(uint64_t value, uint64_t whole, char ret_bar[BAR_BYTES]) {
  unsigned eighths = 0;
  if (whole > 0 && value > 0) {
    double share = value >= whole ? 1 : (double)value / (double)whole;
    eighths = (unsigned)(share * BAR_CELLS * 8 + 0.5);
    if (eighths == 0) eighths = 1;
  }
  char *to = ret_bar;
  for (; eighths >= 8; eighths -= 8) to = add_block(to, 8);
  if (eighths > 0) to = add_block(to, eighths);
  *to = 0;
}

/* The blocks follow one another in Unicode, the widest first. */
static char *add_block(char *to, unsigned eighths) {
  const char block[3] = {(char)0xe2, (char)0x96, (char)(0x90 - eighths)};
  memcpy(to, block, sizeof block);
  return to + sizeof block;
}
