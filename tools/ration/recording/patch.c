/*
 * patch.c: see patch.h.
 */
#include "recording/patch.h"

#include <errno.h>
#include <string.h>

/* Bytes that are new, as text and rows are, do not get smaller by differences, and pack better as they are. */
#define RAW_WORDS 8

static size_t find_run(const uint64_t *before, const uint64_t *now, size_t words, size_t from,
                       size_t *ret_count);
static bool is_new(const uint64_t *before, size_t count);
static void put_run(struct bytes *patch, uint64_t gap, const uint64_t *before, const uint64_t *now,
                    size_t count);
static bool apply_differences(struct varint_source *patch, uint64_t *words, uint64_t count);

bool patch_put(struct bytes *patch, uint64_t first, const uint64_t *before, const uint64_t *now,
               size_t words) {
  bool has_any = false;
  uint64_t gap = first;
  for (size_t at = 0, count; at < words; at += count) {
    size_t from = find_run(before, now, words, at, &count);
    gap += from - at;
    at = from;
    if (count == 0) break;
    put_run(patch, gap, before ? before + at : NULL, now + at, count);
    has_any = true;
    gap = 0;
  }
  return has_any;
}

int patch_apply(struct varint_source *patch, const struct patch_target *target) {
  for (uint64_t at = 0, gap, head; patch->at < patch->end;) {
    if (!varint_take(patch, &gap) || !varint_take(patch, &head) || gap > target->count - at) return -EBADMSG;
    at += gap;
    uint64_t count = head >> 1;
    if (count == 0 || count > target->count - at) return -EBADMSG;
    if (!target->may_write(target->context, at, count)) return -E2BIG;
    if (head & 1) {
      if (count > (size_t)(patch->end - patch->at) / sizeof(uint64_t)) return -EBADMSG;
      memcpy(target->words + at, patch->at, count * sizeof(uint64_t));
      patch->at += count * sizeof(uint64_t);
    } else if (!apply_differences(patch, target->words + at, count)) {
      return -EBADMSG;
    }
    at += count;
  }
  return 0;
}

static inline bool differs(const uint64_t *before, const uint64_t *now, size_t at) {
  return now[at] != (before ? before[at] : 0);
}

/* A single word that is the same in between is cheaper as no difference than as another run. */
static size_t find_run(const uint64_t *before, const uint64_t *now, size_t words, size_t from,
                       size_t *ret_count) {
  while (from < words && !differs(before, now, from)) from++;
  size_t end = from;
  while (end < words &&
         (differs(before, now, end) || (end > from && end + 1 < words && differs(before, now, end + 1))))
    end++;
  *ret_count = end - from;
  return from;
}

static bool is_new(const uint64_t *before, size_t count) {
  if (!before) return true;
  for (size_t i = 0; i < count; i++)
    if (before[i]) return false;
  return true;
}

static void put_run(struct bytes *patch, uint64_t gap, const uint64_t *before, const uint64_t *now,
                    size_t count) {
  bool is_raw = count >= RAW_WORDS && is_new(before, count);
  bytes_put_varint(patch, gap);
  bytes_put_varint(patch, (uint64_t)count << 1 | is_raw);
  if (is_raw) {
    bytes_put(patch, now, count * sizeof *now);
    return;
  }
  unsigned char *to = bytes_reserve(patch, count * VARINT_BYTES_MOST); /* at once: there are a great many */
  if (!to) return;
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++)
    bytes += varint_put(to + bytes, varint_zigzag(now[i] - (before ? before[i] : 0)));
  patch->count += bytes;
}

static bool apply_differences(struct varint_source *patch, uint64_t *words, uint64_t count) {
  for (uint64_t i = 0, value; i < count; i++) {
    if (!varint_take(patch, &value)) return false;
    words[i] += varint_unzigzag(value);
  }
  return true;
}
