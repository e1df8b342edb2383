/*
 * patch.h: what has changed in a stretch of memory, in words of 8 bytes.
 *
 * Runs of words, by their places in the image. Of each: varint, words since the end of the run before (of the first:
 * since the image's start); varint, number of words << 1 | is_raw, not 0 words. Raw: the words as they are now. Else each
 * by its difference, now - before, as a signed varint: a counter costs a byte or two.
 */
#ifndef RATION_TOOL_RECORDING_PATCH_H
#define RATION_TOOL_RECORDING_PATCH_H

#include "recording/bytes.h"
#include "recording/varint.h"

/*
 * Appends the runs in which `now` is another than `before` (NULL: zeroes) to `patch`, as of the word `first` on. Returns
 * whether there is any.
 */
bool patch_put(struct bytes *patch, uint64_t first, const uint64_t *before, const uint64_t *now,
               size_t words);

/* A stretch that a patch may change. */
struct patch_target {
  uint64_t *words;
  uint64_t count;
  /* Asked before each run is written. */
  bool (*may_write)(void *context, uint64_t first, uint64_t words);
  void *context;
};

/* Returns 0, -EBADMSG where it makes no sense, or -E2BIG where it may not be written; the runs before are applied. */
int patch_apply(struct varint_source *patch, const struct patch_target *target);

#endif
