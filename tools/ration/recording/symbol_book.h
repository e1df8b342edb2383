/*
 * symbol_book.h: what the frames of a recording's images stand for, as it was written down when it was known.
 */
#ifndef RATION_TOOL_RECORDING_SYMBOL_BOOK_H
#define RATION_TOOL_RECORDING_SYMBOL_BOOK_H

#include "recording/image.h"
#include "recording/varint.h"
#include "symbols/store.h"
#include "symbols/symbol_frame.h"

struct symbol_entry {
  uint64_t frame; /* as in ration/segment.h */
  uint32_t image;
  uint32_t order; /* of those of an image the later one holds */
  struct symbol_chain chain;
};

struct symbol_text;

/* All zero: an empty one. */
struct symbol_book {
  struct symbol_entry *entries; /* once it is settled, image by image */
  size_t count;
  size_t room;
  struct store store;        /* chains, and texts: each once */
  struct symbol_text *texts; /* hash */
};

void symbol_book_free(struct symbol_book *book);

/*
 * Takes the payload of a RECORDING_SYMBOLS; what it costs is taken of `pages`. Returns 0; -EBADMSG; -E2BIG: it costs too
 * much; or -ENOMEM.
 */
int symbol_book_take(struct symbol_book *book, struct varint_source *payload, uint32_t images,
                     struct image_pages *pages);

/* Behind the last; then those of an image can be had, as they came. NULL: it has none. */
void symbol_book_settle(struct symbol_book *book);
const struct symbol_entry *symbol_book_of(const struct symbol_book *book, uint32_t image, size_t *ret_count);

#endif
