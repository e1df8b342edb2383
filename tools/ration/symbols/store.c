/*
 * store.c: a list of chunks; the first one has what room is left.
 */
#include "symbols/store.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 65536

struct store_chunk {
  struct store_chunk *next;
  size_t room, used;
  max_align_t bytes[];
};

void *store_take(struct store *store, size_t bytes) {
  bytes = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
  struct store_chunk *chunk = store->chunks;
  if (!chunk || bytes > chunk->room - chunk->used) {
    size_t room = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    chunk = malloc(sizeof *chunk + room);
    if (!chunk) return NULL;
    *chunk = (struct store_chunk){.next = store->chunks, .room = room};
    store->chunks = chunk;
  }
  void *taken = (char *)chunk->bytes + chunk->used;
  chunk->used += bytes;
  return taken;
}

const char *store_text(struct store *store, const char *bytes, size_t count) {
  char *text = store_take(store, count + 1);
  if (!text) return NULL;
  memcpy(text, bytes, count);
  text[count] = 0;
  return text;
}

void store_free(struct store *store) {
  while (store->chunks) {
    struct store_chunk *chunk = store->chunks;
    store->chunks = chunk->next;
    free(chunk);
  }
}
