/*
 * symbol_frame.h: one step of a call stack in the words of the source.
 */
#ifndef RATION_TOOL_SYMBOLS_SYMBOL_FRAME_H
#define RATION_TOOL_SYMBOLS_SYMBOL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_frame {
  const char *function; /* demangled; NULL: not known */
  const char *file;     /* as the compiler was told, with its folder; NULL: not known */
  uint32_t line;        /* 0: not known */
  bool is_inlined;      /* into the function of the next frame */
};

/* What one address stands for: innermost first; the last one is not inlined. */
struct symbol_chain {
  const struct symbol_frame *frames;
  size_t count; /* 0: nothing is known */
};

#endif
