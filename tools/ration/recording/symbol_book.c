/*
 * symbol_book.c: see symbol_book.h.
 */
#include "recording/symbol_book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "recording/record.h"

struct symbol_text {
  const char *chars;
  UT_hash_handle hh;
};

static int take_steps(struct symbol_book *book, struct varint_source *payload, uint32_t count,
                      struct symbol_chain *ret_chain);
static const char *intern(struct symbol_book *book, const char *chars, size_t count);
static bool make_room(struct symbol_book *book);

void symbol_book_free(struct symbol_book *book) {
  HASH_CLEAR(hh, book->texts);
  store_free(&book->store);
  free(book->entries);
  *book = (struct symbol_book){0};
}

int symbol_book_take(struct symbol_book *book, struct varint_source *payload, uint32_t images) {
  struct symbol_record record;
  if (!symbol_record_take(payload, &record) || record.image >= images) return -EBADMSG;
  struct symbol_chain chain = {0};
  int error = take_steps(book, payload, record.steps, &chain);
  if (error) return error;
  if (!make_room(book)) return -ENOMEM;
  book->entries[book->count++] =
      (struct symbol_entry){.frame = record.frame, .image = record.image, .chain = chain};
  return 0;
}

/* A step has two bytes at least, so that a payload cannot ask for much more memory than it has. */
static int take_steps(struct symbol_book *book, struct varint_source *payload, uint32_t count,
                      struct symbol_chain *ret_chain) {
  if (count > (size_t)(payload->end - payload->at) / 2) return -EBADMSG;
  struct symbol_frame *frames = store_take(&book->store, count * sizeof *frames);
  if (!frames) return -ENOMEM;
  for (uint32_t i = 0; i < count; i++) {
    struct symbol_step step;
    if (!symbol_step_take(payload, &step)) return -EBADMSG;
    frames[i] = (struct symbol_frame){.line = step.line, .is_inlined = step.is_inlined};
    if (step.function) frames[i].function = intern(book, step.function, step.function_bytes);
    if (step.file) frames[i].file = intern(book, step.file, step.file_bytes);
    if ((step.function && !frames[i].function) || (step.file && !frames[i].file)) return -ENOMEM;
  }
  *ret_chain = (struct symbol_chain){frames, count};
  return 0;
}

static const char *intern(struct symbol_book *book, const char *chars, size_t count) {
  struct symbol_text *text;
  HASH_FIND(hh, book->texts, chars, count, text);
  if (text) return text->chars;
  text = store_take(&book->store, sizeof *text);
  const char *copy = store_text(&book->store, chars, count);
  if (!text || !copy) return NULL;
  *text = (struct symbol_text){.chars = copy};
  HASH_ADD_KEYPTR(hh, book->texts, copy, count, text);
  return text->hh.tbl ? copy : NULL;
}

static bool make_room(struct symbol_book *book) {
  if (book->count < book->room) return true;
  size_t room = book->room ? 2 * book->room : 256;
  struct symbol_entry *entries = realloc(book->entries, room * sizeof *entries);
  if (!entries) return false;
  book->entries = entries;
  book->room = room;
  return true;
}
