/*
 * largest.c: a recording is replayed without its patches, and what was the largest at each moment is put together.
 */
#include "subject/largest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "recording/replay.h"
#include "subject/recorded.h"
#include "symbols/store.h"

/* Two blocks of one moment, size and site are as one. */
struct key {
  uint64_t bytes;
  uint64_t at;
  uint64_t site;
};

struct found {
  struct key key;
  struct largest_block block;
  UT_hash_handle hh;
};

struct collecting {
  uint32_t image;
  bool has_pending; /* its moment is yet to come */
  struct largest_record pending;
  struct found *found; /* in the store */
  struct store store;
};

static int take_largest(void *context, const struct replay *replay, const struct largest_record *largest,
                        struct fault *ret_fault);
static int take_moment(void *context, const struct replay *replay, struct fault *ret_fault);
static struct found *find(struct collecting *collecting, const struct recording_block *block);
static int list_found(const struct collecting *collecting, struct largest_list *ret_list);
static int by_size(const void *a, const void *b);

int largest_list_read(const struct process *process, struct largest_list *ret_list, struct fault *ret_fault) {
  const struct recorded *recorded = process->recorded;
  *ret_list = (struct largest_list){0};
  if (!recorded || !recorded->replay->images[recorded->image].has_largest) return 0;
  struct collecting collecting = {.image = recorded->image};
  struct replay_visitor visitor = {.moment = take_moment, .largest = take_largest, .context = &collecting};
  struct replay *replay;
  int error = replay_read(recorded->path, REPLAY_NONE, &visitor, &replay, ret_fault);
  if (!error) {
    error = take_moment(&collecting, replay, ret_fault);
    replay_close(replay);
  }
  if (!error && list_found(&collecting, ret_list) != 0)
    error = fault_set(ret_fault, -ENOMEM, "not enough memory to read its largest blocks");
  HASH_CLEAR(hh, collecting.found);
  store_free(&collecting.store);
  return error;
}

void largest_list_free(struct largest_list *list) {
  free(list->block);
  *list = (struct largest_list){0};
}

static int take_largest(void *context, const struct replay *replay, const struct largest_record *largest,
                        struct fault *ret_fault) {
  struct collecting *collecting = context;
  (void)replay;
  (void)ret_fault;
  if (largest->image != collecting->image) return 0;
  collecting->pending = *largest;
  collecting->has_pending = true;
  return 0;
}

static int take_moment(void *context, const struct replay *replay, struct fault *ret_fault) {
  struct collecting *collecting = context;
  if (!collecting->has_pending) return 0;
  collecting->has_pending = false;
  for (uint32_t i = 0; i < collecting->pending.count; i++) {
    struct found *found = find(collecting, &collecting->pending.blocks[i]);
    if (!found) return fault_set(ret_fault, -ENOMEM, "not enough memory to read its largest blocks");
    if (found->block.moments++ == 0) found->block.first_at = replay->last.at;
    found->block.last_at = replay->last.at;
  }
  return 0;
}

static struct found *find(struct collecting *collecting, const struct recording_block *block) {
  struct key key = {.bytes = block->bytes, .at = block->at, .site = block->site};
  struct found *found;
  HASH_FIND(hh, collecting->found, &key, sizeof key, found);
  if (found) return found;
  found = store_take(&collecting->store, sizeof *found);
  if (!found) return NULL;
  *found = (struct found){
      .key = key,
      .block = {.bytes = block->bytes, .at = block->at, .category = block->category, .site = block->site}};
  HASH_ADD(hh, collecting->found, key, sizeof found->key, found);
  return found->hh.tbl ? found : NULL;
}

static int list_found(const struct collecting *collecting, struct largest_list *ret_list) {
  size_t count = HASH_COUNT(collecting->found);
  struct largest_list list = {.block = calloc(count + 1, sizeof *list.block)};
  if (!list.block) return -ENOMEM;
  for (const struct found *found = collecting->found; found; found = found->hh.next)
    list.block[list.count++] = found->block;
  qsort(list.block, list.count, sizeof *list.block, by_size);
  *ret_list = list;
  return 0;
}

static int by_size(const void *a, const void *b) {
  const struct largest_block *left = a, *right = b;
  if (left->bytes != right->bytes) return left->bytes > right->bytes ? -1 : 1;
  return left->at < right->at ? -1 : left->at > right->at;
}
