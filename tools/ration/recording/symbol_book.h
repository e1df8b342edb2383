/*
 * symbol_book.h: what the frames of a recording's images stand for, as it was written down when it was known.
 */
#ifndef RATION_TOOL_RECORDING_SYMBOL_BOOK_H
#define RATION_TOOL_RECORDING_SYMBOL_BOOK_H

#include "recording/varint.h"
#include "symbols/store.h"
#include "symbols/symbol_frame.h"

struct symbol_entry {
  uint64_t frame; /* as in ration/segment.h */
  uint32_t image;
  struct symbol_chain chain;
};

struct symbol_text;

/* All zero: an empty one. */
struct symbol_book {
  struct symbol_entry *entries;
  size_t count;
  size_t room;
  struct store store;        /* chains, and texts: each once */
  struct symbol_text *texts; /* hash */
};

void symbol_book_free(struct symbol_book *book);

/* Takes the payload of a RECORDING_SYMBOLS. Returns 0, -EBADMSG or -ENOMEM. */
int symbol_book_take(struct symbol_book *book, struct varint_source *payload, uint32_t images);

#endif
