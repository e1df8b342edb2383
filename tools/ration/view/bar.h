/*
 * bar.h: a bar in eighth blocks.
 */
#ifndef RATION_TOOL_VIEW_BAR_H
#define RATION_TOOL_VIEW_BAR_H

#include <stdint.h>

#define BAR_CELLS 17
#define BAR_BYTES (BAR_CELLS * 3 + 1)

/* `value` as a share of `whole`, which fills the bar; anything above nothing shows. No trailing blanks. */
void bar_draw(uint64_t value, uint64_t whole, char ret_bar[BAR_BYTES]);

#endif
