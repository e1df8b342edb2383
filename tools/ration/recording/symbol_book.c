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
                      struct image_pages *pages, struct symbol_chain *ret_chain);
static int intern(struct symbol_book *book, const char *chars, size_t count, struct image_pages *pages,
                  const char **ret_text);
static int make_room(struct symbol_book *book, struct image_pages *pages);
static int by_image(const void *a, const void *b);
static size_t first_from(const struct symbol_book *book, uint64_t image);

void symbol_book_free(struct symbol_book *book) {
  HASH_CLEAR(hh, book->texts);
  store_free(&book->store);
  free(book->entries);
  *book = (struct symbol_book){0};
}

int symbol_book_take(struct symbol_book *book, struct varint_source *payload, uint32_t images,
                     struct image_pages *pages) {
  struct symbol_record record;
  if (!symbol_record_take(payload, &record) || record.image >= images) return -EBADMSG;
  struct symbol_chain chain = {0};
  int error = take_steps(book, payload, record.steps, pages, &chain);
  if (!error) error = make_room(book, pages);
  if (error) return error;
  book->entries[book->count] = (struct symbol_entry){
      .frame = record.frame, .image = record.image, .order = (uint32_t)book->count, .chain = chain};
  book->count++;
  return 0;
}

/* Mostly they are in order by then. */
void symbol_book_settle(struct symbol_book *book) {
  bool is_settled = true;
  for (size_t i = 1; i < book->count && is_settled; i++)
    is_settled = book->entries[i - 1].image <= book->entries[i].image;
  if (!is_settled) qsort(book->entries, book->count, sizeof *book->entries, by_image);
}

const struct symbol_entry *symbol_book_of(const struct symbol_book *book, uint32_t image, size_t *ret_count) {
  size_t first = first_from(book, image);
  *ret_count = first_from(book, image + UINT64_C(1)) - first;
  return *ret_count ? book->entries + first : NULL;
}

/* A step has two bytes at least, and becomes some more, of which packets that pack well may have a great many. */
static int take_steps(struct symbol_book *book, struct varint_source *payload, uint32_t count,
                      struct image_pages *pages, struct symbol_chain *ret_chain) {
  if (count > (size_t)(payload->end - payload->at) / 2) return -EBADMSG;
  if (image_pages_take(pages, count * sizeof(struct symbol_frame)) != 0) return -E2BIG;
  struct symbol_frame *frames = store_take(&book->store, count * sizeof *frames);
  if (!frames) return -ENOMEM;
  for (uint32_t i = 0; i < count; i++) {
    struct symbol_step step;
    if (!symbol_step_take(payload, &step)) return -EBADMSG;
    frames[i] = (struct symbol_frame){.line = step.line, .is_inlined = step.is_inlined};
    int error =
        step.function ? intern(book, step.function, step.function_bytes, pages, &frames[i].function) : 0;
    if (!error && step.file) error = intern(book, step.file, step.file_bytes, pages, &frames[i].file);
    if (error) return error;
  }
  *ret_chain = (struct symbol_chain){frames, count};
  return 0;
}

static int intern(struct symbol_book *book, const char *chars, size_t count, struct image_pages *pages,
                  const char **ret_text) {
  struct symbol_text *text;
  HASH_FIND(hh, book->texts, chars, count, text);
  if (text) {
    *ret_text = text->chars;
    return 0;
  }
  if (image_pages_take(pages, sizeof *text + count + 1) != 0) return -E2BIG;
  text = store_take(&book->store, sizeof *text);
  const char *copy = store_text(&book->store, chars, count);
  if (!text || !copy) return -ENOMEM;
  *text = (struct symbol_text){.chars = copy};
  HASH_ADD_KEYPTR(hh, book->texts, copy, count, text);
  *ret_text = copy;
  return text->hh.tbl ? 0 : -ENOMEM;
}

static int make_room(struct symbol_book *book, struct image_pages *pages) {
  if (book->count < book->room) return 0;
  size_t room = book->room ? 2 * book->room : 256;
  if (image_pages_take(pages, (room - book->room) * sizeof *book->entries) != 0) return -E2BIG;
  struct symbol_entry *entries = realloc(book->entries, room * sizeof *entries);
  if (!entries) return -ENOMEM;
  book->entries = entries;
  book->room = room;
  return 0;
}

static int by_image(const void *a, const void *b) {
  const struct symbol_entry *left = a, *right = b;
  if (left->image != right->image) return left->image < right->image ? -1 : 1;
  return left->order < right->order ? -1 : left->order > right->order;
}

/* The first that is of that image or of a later one. */
static size_t first_from(const struct symbol_book *book, uint64_t image) {
  size_t low = 0, high = book->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (book->entries[middle].image < image) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
