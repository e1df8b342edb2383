/*
 * sparse_array.c: tests of ration/kit/sparse_array.h, with a compression of the test's own, which can be told to fail.
 */
#include <ration/kit/sparse_array.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "base/random.h"
#include "kit/failing_memory.h"
#include "kit/sparse_chunk.h"

/* ---- runs of equal bytes: {length, byte} ----------------------------------------------------------------- */

struct runs {
  int compressed, decompressed;
  ptrdiff_t answer; /* not 0: what both functions return */
};

static size_t runs_bound(size_t bytes, void *context) {
  (void)context;
  return 2 * bytes;
}

static ptrdiff_t runs_compress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  struct runs *runs = context;
  const unsigned char *in = from;
  unsigned char *out = to;
  size_t written = 0;
  runs->compressed++;
  if (runs->answer) return runs->answer;
  for (size_t i = 0, length; i < bytes; i += length, written += 2) {
    for (length = 1; length < 255 && i + length < bytes && in[i + length] == in[i];) length++;
    if (written + 2 > room) return -ENOSPC;
    out[written] = (unsigned char)length;
    out[written + 1] = in[i];
  }
  return (ptrdiff_t)written;
}

static ptrdiff_t runs_decompress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  struct runs *runs = context;
  const unsigned char *in = from;
  size_t written = 0;
  runs->decompressed++;
  if (runs->answer) return runs->answer;
  for (size_t i = 0; i + 1 < bytes; i += 2) {
    if (in[i] > room - written) return -EBADMSG;
    memset((unsigned char *)to + written, in[i + 1], in[i]);
    written += in[i];
  }
  return (ptrdiff_t)written;
}

static struct runs runs;
static const struct ration_compression by_runs = {"runs", runs_bound, runs_compress, runs_decompress, &runs};

struct element {
  uint64_t words[4];
};

static struct element element(uint64_t value) {
  return (struct element){{value, 0, 0, ~value}};
}

static void set(struct ration_sparse_array *array, uint64_t index, uint64_t value) {
  struct element made = element(value);
  cr_assert_eq(ration_sparse_array_set(array, index, &made), 0);
}

static void expect(struct ration_sparse_array *array, uint64_t index, uint64_t value) {
  struct element got, expected = element(value);
  cr_assert_eq(ration_sparse_array_get(array, index, &got), 0);
  cr_expect_eq(memcmp(&got, &expected, sizeof got), 0);
}

static void expect_null(const void *found, int error) {
  cr_expect_null(found);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static void make(struct ration_sparse_array *array, struct ration_memory *memory,
                 const struct ration_sparse_array_settings *settings) {
  cr_assert_eq(ration_sparse_array_init(array, memory, sizeof(struct element), 8, settings), 0);
}

static struct ration_sparse_array_figures figures_of(const struct ration_sparse_array *array) {
  struct ration_sparse_array_figures figures;
  cr_assert_eq(ration_sparse_array_stats(array, &figures), 0);
  return figures;
}

/* ---- what it is for -------------------------------------------------------------------------------------- */

Test(kit_sparse_array, keeps_what_is_set) {
  static const uint64_t indices[] = {0, 1, 63, 64, 1023, 1024, 1u << 31, UINT64_MAX / 2, UINT64_MAX - 1};
  const size_t count = sizeof indices / sizeof *indices;
  struct ration_sparse_array array;
  make(&array, NULL, NULL);
  for (size_t i = count; i-- > 0;) set(&array, indices[i], i);
  cr_expect_eq(ration_sparse_array_count(&array), count);
  for (size_t i = 0; i < count; i++) {
    expect(&array, indices[i], i);
    cr_expect(ration_sparse_array_has(&array, indices[i]));
    cr_expect_eq(((const struct element *)ration_sparse_array_find(&array, indices[i]))->words[0], i);
  }
  cr_expect_not(ration_sparse_array_has(&array, 2));
  cr_expect_not(ration_sparse_array_has(&array, 1u << 30));
  expect_null(ration_sparse_array_find(&array, 2), ENOENT);
  set(&array, 63, 77);
  expect(&array, 63, 77);
  cr_expect_eq(ration_sparse_array_count(&array), count);

  size_t walked = 0;
  for (uint64_t i = 0; !ration_sparse_array_next(&array, &i); i++) cr_assert_eq(i, indices[walked++]);
  cr_expect_eq(walked, count);
  cr_expect(ration_sparse_array_is_valid(&array));

  cr_expect_eq(ration_sparse_array_remove(&array, 63), 0);
  cr_expect_eq(ration_sparse_array_remove(&array, 63), -ENOENT);
  cr_expect_eq(ration_sparse_array_remove(&array, 1u << 31), 0);
  cr_expect_eq(ration_sparse_array_remove(&array, 1u << 31), -ENOENT);
  uint64_t index = 2;
  cr_expect_eq(ration_sparse_array_next(&array, &index), 0);
  cr_expect_eq(index, 64);
  index = 1025;
  cr_expect_eq(ration_sparse_array_next(&array, &index), 0);
  cr_expect_eq(index, UINT64_MAX / 2);
  index = UINT64_MAX;
  cr_expect_eq(ration_sparse_array_next(&array, &index), -ENOENT);
  cr_expect_eq(index, UINT64_MAX);
  cr_expect_eq(ration_sparse_array_clear(&array), 0);
  cr_expect_eq(ration_sparse_array_count(&array), 0);
  index = 0;
  cr_expect_eq(ration_sparse_array_next(&array, &index), -ENOENT);
  cr_expect(ration_sparse_array_is_valid(&array));
  ration_sparse_array_done(&array);
  ration_sparse_array_done(&array);
}

Test(kit_sparse_array, compresses_what_is_idle) {
  struct failing_memory memory;
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {
      .chunk = 64, .idle = 10, .tick_most = 3, .compression = &by_runs};
  failing_memory_init(&memory, SIZE_MAX);
  make(&array, &memory.memory, &settings);
  cr_expect_eq(ration_sparse_array_tick(&array, 100), 0);
  for (uint64_t i = 0; i < 10; i++)
    for (uint64_t j = 0; j < 64; j += 2) set(&array, i * 64 + j, 5);
  size_t before = memory.bytes;
  cr_expect_eq(ration_sparse_array_tick(&array, 110), 0);
  expect(&array, 0, 5);
  cr_expect_eq(ration_sparse_array_tick(&array, 111), 3, "not more in one");
  cr_expect_eq(ration_sparse_array_tick(&array, 111), 3);
  cr_expect_eq(ration_sparse_array_tick(&array, 111), 3);
  cr_expect_eq(ration_sparse_array_tick(&array, 111), 0, "the first was read at 110");
  struct ration_sparse_array_figures figures = figures_of(&array);
  cr_expect_eq(figures.elements, 320);
  cr_expect_eq(figures.plain_bytes, 320 * 32);
  cr_expect_eq(figures.chunks, 10);
  cr_expect_eq(figures.open, 1);
  cr_expect_eq(figures.compressed, 9);
  cr_expect_eq(figures.open_bytes, 64 * 32);
  cr_expect_lt(figures.stored_bytes, 9 * 32 * 32 / 2);
  cr_expect_lt(memory.bytes, before);
  cr_expect_eq(ration_sparse_array_tick(&array, 110), -EINVAL, "time does not fall");
  cr_expect(ration_sparse_array_is_valid(&array));

  uint64_t misses = figures.misses, hits = figures.hits;
  for (uint64_t i = 0; i < 10; i++) expect(&array, i * 64 + 62, 5);
  figures = figures_of(&array);
  cr_expect_eq(figures.misses, misses + 9);
  cr_expect_eq(figures.hits, hits + 1);
  cr_expect_eq(figures.open, 10);
  cr_expect_eq(figures.compressed, 9, "kept while nothing changes");
  int compressed = runs.compressed;
  cr_expect_eq(ration_sparse_array_tick(&array, 200), 3);
  cr_expect_eq(runs.compressed, compressed + 1, "the first; the others are closed for nothing");
  ((struct element *)ration_sparse_array_change(&array, 62))->words[0] = 6;
  cr_expect_eq(figures_of(&array).compressed, 9);
  cr_expect_eq(ration_sparse_array_close(&array), 0);
  cr_expect_eq(figures_of(&array).open, 0);
  cr_expect_eq(figures_of(&array).compressed, 10);
  cr_expect_eq(((const struct element *)ration_sparse_array_find(&array, 62))->words[0], 6);
  cr_expect(ration_sparse_array_is_valid(&array));
  ration_sparse_array_done(&array);
  cr_expect_eq(memory.bytes, 0);
}

Test(kit_sparse_array, a_change_spoils_the_closed_form) {
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {.chunk = 64, .compression = &by_runs};
  make(&array, NULL, &settings);
  set(&array, 1, 1);
  set(&array, 2, 2);
  for (int way = 0; way < 3; way++) {
    cr_expect_eq(ration_sparse_array_close(&array), 0);
    cr_expect_gt(figures_of(&array).stored_bytes, 0);
    if (way == 0) set(&array, 2, 3);
    if (way == 1) ((struct element *)ration_sparse_array_change(&array, 2))->words[3] = 9;
    if (way == 2) cr_expect_eq(ration_sparse_array_remove(&array, 1), 0);
    cr_expect_eq(figures_of(&array).stored_bytes, 0, "way %d", way);
    cr_expect(ration_sparse_array_is_valid(&array));
  }
  ration_sparse_array_done(&array);
}

Test(kit_sparse_array, bounds_the_open_chunks) {
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {.chunk = 64, .open_most = 2, .compression = &by_runs};
  make(&array, NULL, &settings);
  for (uint64_t i = 0; i < 10; i++) set(&array, i * 64, i);
  cr_expect_eq(figures_of(&array).open, 2);
  expect(&array, 8 * 64, 8);
  expect(&array, 0, 0);
  uint64_t misses = figures_of(&array).misses;
  expect(&array, 8 * 64, 8);
  cr_expect_eq(figures_of(&array).misses, misses, "the least recently used one was closed");
  expect(&array, 9 * 64, 9);
  cr_expect_eq(figures_of(&array).misses, misses + 1);
  for (uint64_t i = 0; i < 10; i++) expect(&array, i * 64, i);
  cr_expect(ration_sparse_array_is_valid(&array));
  ration_sparse_array_done(&array);
}

Test(kit_sparse_array, what_gets_no_smaller_is_packed) {
  struct random random = {.seed = 3};
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {.chunk = 64, .compression = &by_runs};
  static const ptrdiff_t answers[] = {0, -EIO, 1 << 20, 65};
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    make(&array, NULL, &settings);
    runs.answer = answers[i];
    uint64_t words[2][4];
    for (int j = 0; j < 8; j++) words[j / 4][j % 4] = random_next(&random);
    cr_assert_eq(ration_sparse_array_set(&array, 3, words[0]), 0);
    cr_assert_eq(ration_sparse_array_set(&array, 40, words[1]), 0);
    cr_expect_eq(ration_sparse_array_close(&array), 0);
    cr_expect_eq(figures_of(&array).compressed, 0);
    cr_expect_eq(figures_of(&array).stored_bytes, 64);
    cr_expect_eq(memcmp(ration_sparse_array_find(&array, 3), words[0], 32), 0);
    cr_expect_eq(memcmp(ration_sparse_array_find(&array, 40), words[1], 32), 0);
    ration_sparse_array_done(&array);
  }
}

Test(kit_sparse_array, packs_without_compression) {
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {.chunk = 128, .open_most = 1};
  make(&array, NULL, &settings);
  for (uint64_t i = 0; i < 128; i++) set(&array, i, i); /* full */
  for (uint64_t i = 128; i < 256; i += 1 + i % 5) set(&array, i, i);
  for (uint64_t i = 256 + 60; i < 256 + 70; i++) set(&array, i, i); /* over the edge of a word */
  cr_expect_eq(ration_sparse_array_close(&array), 0);
  struct ration_sparse_array_figures figures = figures_of(&array);
  cr_expect_eq(figures.stored_bytes, figures.plain_bytes);
  cr_expect_eq(figures.compressed, 0);
  for (uint64_t i = 0; !ration_sparse_array_next(&array, &i); i++) expect(&array, i, i);
  ration_sparse_array_done(&array);
}

Test(kit_sparse_array, gives_back_what_it_needs_no_more) {
  struct failing_memory below;
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {.compression = &by_runs};
  struct element made = element(3);
  failing_memory_init(&below, SIZE_MAX);
  make(&array, &below.memory, &settings);
  for (uint64_t i = 0; i < 1024; i++) cr_assert_eq(ration_sparse_array_set(&array, i, &made), 0);
  cr_assert_eq(ration_sparse_array_close(&array), 0);
  cr_expect_lt(below.bytes, 16384, "no chunk is open, and no scratch is kept");
  for (uint64_t i = 1; i < 5000; i++) { /* chunks that come and go */
    cr_assert_eq(ration_sparse_array_set(&array, i * 1024, &made), 0);
    cr_assert_eq(ration_sparse_array_drop(&array, i * 1024, NULL), 0);
  }
  cr_expect_lt(below.bytes, 16384);
  cr_expect(ration_sparse_array_is_valid(&array));
  ration_sparse_array_done(&array);
  cr_expect_eq(below.bytes, 0);
}

static size_t room_given;

static ptrdiff_t note_room(const void *from, size_t bytes, void *to, size_t room, void *context) {
  (void)from, (void)to, (void)bytes, (void)context;
  room_given = room;
  return -ENOSPC;
}

static ptrdiff_t never(const void *from, size_t bytes, void *to, size_t room, void *context) {
  (void)from, (void)to, (void)bytes, (void)room, (void)context;
  return -EBADMSG;
}

Test(kit_sparse_array, compress_has_the_room_that_it_asks_for) {
  for (int has_bound = 0; has_bound < 2; has_bound++) {
    const struct ration_compression noting = {"noting", has_bound ? runs_bound : NULL, note_room, never,
                                              NULL};
    struct ration_sparse_array array;
    make(&array, NULL, &(struct ration_sparse_array_settings){.chunk = 64, .compression = &noting});
    set(&array, 5, 5);
    cr_assert_eq(ration_sparse_array_close(&array), 0);
    cr_expect_eq(room_given, 64 * sizeof(struct element) * (has_bound ? 2 : 1));
    expect(&array, 5, 5);
    ration_sparse_array_done(&array);
  }
}

/* ---- what can go wrong ----------------------------------------------------------------------------------- */

/* The checksum takes 32 bytes at once: those that are left over count as well. */
Test(kit_sparse_array, corrupt_bytes_at_the_end_are_told) {
  for (uint64_t count = 1; count < 64; count++) {
    struct ration_sparse_array array;
    struct ration_sparse_array_settings settings = {.chunk = 64};
    unsigned char byte = 7;
    cr_assert_eq(ration_sparse_array_init(&array, NULL, 1, 1, &settings), 0);
    for (uint64_t i = 0; i < count; i++) cr_assert_eq(ration_sparse_array_set(&array, i, &byte), 0);
    cr_assert_eq(ration_sparse_array_close(&array), 0);
    array.order[0].chunk->stored[count - 1] ^= 0x80;
    cr_expect_eq(ration_sparse_array_get(&array, 0, &byte), -EBADMSG);
    array.order[0].chunk->stored[count - 1] ^= 0x80;
    cr_expect_eq(ration_sparse_array_get(&array, count - 1, &byte), 0);
    cr_expect_eq(byte, 7);
    ration_sparse_array_done(&array);
  }
}

Test(kit_sparse_array, corrupt_bytes_are_told) {
  for (int is_compressed = 0; is_compressed < 2; is_compressed++) {
    struct ration_sparse_array array;
    struct ration_sparse_array_settings settings = {.chunk = 64,
                                                    .compression = is_compressed ? &by_runs : NULL};
    struct element got = element(1);
    size_t count = 0;
    make(&array, NULL, &settings);
    for (uint64_t i = 0; i < 20; i++) set(&array, i, 7);
    for (uint64_t i = 64; i < 70; i++) set(&array, i, 8);
    cr_expect_eq(ration_sparse_array_close(&array), 0);
    struct ration_sparse_chunk *chunk = array.order[0].chunk;
    size_t bytes = chunk->stored_bytes;
    for (size_t i = 0; i < 8 * bytes; i++) {
      chunk->stored[i / 8] ^= (unsigned char)(1 << i % 8);
      cr_assert_eq(ration_sparse_array_get(&array, 3, &got), -EBADMSG, "bit %zu", i);
      chunk->stored[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    expect_null((chunk->stored[0] ^= 1, ration_sparse_array_find(&array, 3)), EBADMSG);
    expect_null(ration_sparse_array_change(&array, 3), EBADMSG);
    cr_expect_eq(ration_sparse_array_set(&array, 3, &got), -EBADMSG);
    cr_expect_eq(ration_sparse_array_set(&array, 50, &got), -EBADMSG);
    cr_expect_eq(ration_sparse_array_remove(&array, 3), -EBADMSG);
    cr_expect_eq(got.words[0], 1);
    cr_expect_eq(figures_of(&array).corrupt, 8 * bytes + 5);
    cr_expect(ration_sparse_array_has(&array, 3));
    cr_expect_eq(ration_sparse_array_count(&array), 26);
    cr_expect(ration_sparse_array_is_valid(&array));
    expect(&array, 65, 8);

    cr_expect_eq(ration_sparse_array_drop(&array, 60, &count), 0);
    cr_expect_eq(count, 20);
    cr_expect_eq(ration_sparse_array_drop(&array, 60, &count), -ENOENT);
    cr_expect_eq(ration_sparse_array_get(&array, 3, &got), -ENOENT);
    set(&array, 3, 9);
    expect(&array, 3, 9);
    cr_expect(ration_sparse_array_is_valid(&array));
    ration_sparse_array_done(&array);
  }
}

Test(kit_sparse_array, a_decompressor_may_say_anything) {
  static const ptrdiff_t answers[] = {-EIO, 1, 31, 33, PTRDIFF_MAX, PTRDIFF_MIN};
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {.chunk = 64, .compression = &by_runs};
  struct element got;
  make(&array, NULL, &settings);
  set(&array, 3, 0);
  cr_expect_eq(ration_sparse_array_close(&array), 0);
  cr_assert_eq(figures_of(&array).compressed, 1);
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    runs.answer = answers[i];
    cr_expect_eq(ration_sparse_array_get(&array, 3, &got), -EBADMSG);
  }
  runs.answer = -ENOMEM;
  cr_expect_eq(ration_sparse_array_get(&array, 3, &got), -ENOMEM);
  runs.answer = 0;
  expect(&array, 3, 0);
  ration_sparse_array_done(&array);
}

Test(kit_sparse_array, refuses_what_cannot_be) {
  static const struct ration_compression half = {"half", NULL, runs_compress, NULL, &runs};
  static const struct ration_sparse_array_settings wrong[] = {
      {.chunk = 32}, {.chunk = 100}, {.chunk = 131072}, {.compression = &half}, {.tick_most = SIZE_MAX}};
  struct ration_sparse_array array;
  struct ration_sparse_array_figures figures;
  struct element got = element(1);
  uint64_t index = 0;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(ration_sparse_array_init(&array, NULL, 8, 8, &wrong[i]), -EINVAL);
  cr_expect_eq(ration_sparse_array_init(&array, NULL, 0, 8, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_array_init(&array, NULL, 12, 8, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_array_init(&array, NULL, 12, 3, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_array_init(NULL, NULL, 8, 8, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_array_init(&array, NULL, SIZE_MAX / 64, 1, NULL), -EOVERFLOW);
  cr_expect_eq(ration_sparse_array_init(&array, NULL, (size_t)1 << 53, 8, NULL), -EOVERFLOW);

  struct ration_sparse_array_settings settings = {.maximum = 1};
  make(&array, NULL, &settings);
  cr_expect_eq(ration_sparse_array_set(&array, UINT64_MAX, &got), -EINVAL);
  cr_expect_eq(ration_sparse_array_set(&array, 0, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_array_get(&array, 0, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_array_get(&array, UINT64_MAX, &got), -EINVAL);
  cr_expect_eq(ration_sparse_array_remove(&array, UINT64_MAX), -EINVAL);
  cr_expect_eq(ration_sparse_array_drop(&array, UINT64_MAX, NULL), -EINVAL);
  cr_expect_eq(ration_sparse_array_next(&array, NULL), -EINVAL);
  cr_expect_not(ration_sparse_array_has(&array, UINT64_MAX));
  cr_expect_eq(ration_sparse_array_set(&array, 5, &got), 0);
  cr_expect_eq(ration_sparse_array_set(&array, 5, &got), 0);
  cr_expect_eq(ration_sparse_array_set(&array, 6, &got), -ENOSPC);
  cr_expect_eq(ration_sparse_array_set(&array, 6000, &got), -ENOSPC);
  cr_expect_eq(ration_sparse_array_stats(&array, NULL), -EINVAL);
  ration_sparse_array_done(&array);

  for (int i = 0; i < 2; i++) { /* NULL, and one that is all zero */
    struct ration_sparse_array *none = i ? &array : NULL;
    cr_expect_eq(ration_sparse_array_set(none, 0, &got), -EINVAL);
    cr_expect_eq(ration_sparse_array_get(none, 0, &got), -EINVAL);
    expect_null(ration_sparse_array_find(none, 0), EINVAL);
    expect_null(ration_sparse_array_change(none, 0), EINVAL);
    cr_expect_eq(ration_sparse_array_remove(none, 0), -EINVAL);
    cr_expect_eq(ration_sparse_array_drop(none, 0, NULL), -EINVAL);
    cr_expect_eq(ration_sparse_array_next(none, &index), -EINVAL);
    cr_expect_eq(ration_sparse_array_tick(none, 0), -EINVAL);
    cr_expect_eq(ration_sparse_array_close(none), -EINVAL);
    cr_expect_eq(ration_sparse_array_clear(none), -EINVAL);
    cr_expect_not(ration_sparse_array_has(none, 0));
    cr_expect_eq(ration_sparse_array_count(none), 0);
    cr_expect_eq(ration_sparse_array_stats(none, &figures), -EINVAL);
    cr_expect_not(ration_sparse_array_is_valid(none));
    ration_sparse_array_done(none);
  }
}

/* What was dropped is passed over once: then a search for what is behind it finds that at once. */
Test(kit_sparse_array, walks_past_what_was_dropped) {
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {.chunk = 64, .open_most = 1};
  make(&array, NULL, &settings);
  for (uint64_t i = 0; i < 1000; i++) set(&array, i * 64 + i % 64, i);
  for (uint64_t i = 600; i > 500; i--) cr_assert_eq(ration_sparse_array_drop(&array, i * 64, NULL), 0);
  for (uint64_t i = 0; i < 300; i++) {
    uint64_t oldest = 0;
    cr_assert_eq(ration_sparse_array_next(&array, &oldest), 0);
    cr_assert_eq(oldest, i * 64 + i % 64);
    cr_assert_eq(ration_sparse_array_remove(&array, oldest), 0);
    cr_assert(ration_sparse_array_is_valid(&array));
  }
  cr_expect_eq(array.order_begin, 300, "the front is behind us");
  uint64_t index = 501 * 64;
  cr_assert_eq(ration_sparse_array_next(&array, &index), 0);
  cr_expect_eq(index, 601 * 64 + 601 % 64);
  for (size_t i = 501; i <= 600; i++) cr_expect_eq(array.order[i].number, 500);
  cr_expect(ration_sparse_array_is_valid(&array));
  size_t walked = 0;
  for (uint64_t i = 0; !ration_sparse_array_next(&array, &i); i++) walked++;
  cr_expect_eq(walked, 600);
  for (uint64_t i = 550; i < 560; i++) set(&array, i * 64, i);
  for (uint64_t i = 550; i < 560; i++) {
    index = i * 64;
    cr_assert_eq(ration_sparse_array_next(&array, &index), 0);
    cr_expect_eq(index, i * 64);
  }
  cr_expect(ration_sparse_array_is_valid(&array));
  ration_sparse_array_done(&array);
}

/* The n-th request fails, for every n: what was set is there, what was not is not. */
Test(kit_sparse_array, survives_every_lack_of_memory) {
  struct ration_sparse_array_settings settings = {.chunk = 64, .open_most = 2, .compression = &by_runs};
  for (size_t n = 0, is_through = 0; !is_through; n++) {
    cr_assert_lt(n, 200);
    struct failing_memory memory;
    struct ration_sparse_array array;
    bool was_set[20];
    size_t failures = 0;
    failing_memory_init(&memory, SIZE_MAX);
    make(&array, &memory.memory, &settings);
    memory.left = n;
    for (uint64_t i = 0; i < 20; i++) {
      struct element made = element(i);
      int error = ration_sparse_array_set(&array, i * 100, &made);
      cr_assert(error == 0 || error == -ENOMEM);
      was_set[i] = !error;
      failures += error != 0;
      cr_assert(ration_sparse_array_is_valid(&array));
    }
    int closed = ration_sparse_array_tick(&array, 5);
    cr_expect(closed >= 0 || closed == -ENOMEM);
    struct element got;
    int error = ration_sparse_array_get(&array, 0, &got);
    cr_expect_eq(error, !was_set[0] ? -ENOENT : error ? -ENOMEM : 0);
    is_through = !failures && closed >= 0 && !error;
    memory.left = SIZE_MAX;
    for (uint64_t i = 0; i < 20; i++) {
      if (was_set[i]) expect(&array, i * 100, i);
      cr_expect_eq(ration_sparse_array_has(&array, i * 100), was_set[i]);
    }
    cr_assert(ration_sparse_array_is_valid(&array));
    ration_sparse_array_done(&array);
    cr_expect_eq(memory.blocks, 0);
    cr_expect_eq(memory.bytes, 0);
  }
}

/* ---- against a plain reference --------------------------------------------------------------------------- */

#define INDICES 6000

struct reference {
  bool is_set[INDICES];
  uint64_t values[INDICES];
  size_t count;
};

/* Spread out, and in no order. */
static uint64_t index_of(uint64_t i) {
  return i / 40 * 0x9e3779b97f4a7c15u % (UINT64_MAX / 2) + i % 40;
}

static void change_one(struct ration_sparse_array *array, struct reference *reference,
                       struct random *random) {
  uint64_t i = random_below(random, INDICES), what = random_below(random, 100);
  bool was_set = reference->is_set[i];
  if (what < 35) {
    uint64_t value = random_size(random, UINT64_MAX);
    set(array, index_of(i), value);
    reference->values[i] = value;
    reference->is_set[i] = true;
    reference->count += !was_set;
  } else if (what < 70) {
    cr_assert_eq(ration_sparse_array_remove(array, index_of(i)), was_set ? 0 : -ENOENT);
    reference->is_set[i] = false;
    reference->count -= was_set;
  } else if (what < 90) {
    struct element got;
    cr_assert_eq(ration_sparse_array_get(array, index_of(i), &got), was_set ? 0 : -ENOENT);
    if (was_set) cr_assert_eq(got.words[0], reference->values[i]);
  } else {
    struct element *found = ration_sparse_array_change(array, index_of(i));
    cr_assert_eq(found != NULL, was_set);
    if (found) *found = element(reference->values[i] = random_below(random, 256));
  }
}

static void compare(struct ration_sparse_array *array, const struct reference *reference) {
  uint64_t before = 0;
  size_t walked = 0;
  cr_assert(ration_sparse_array_is_valid(array));
  cr_assert_eq(ration_sparse_array_count(array), reference->count);
  for (uint64_t i = 0; !ration_sparse_array_next(array, &i); i++, walked++) {
    cr_assert(!walked || i > before);
    before = i;
  }
  cr_assert_eq(walked, reference->count);
  for (uint64_t i = 0; i < INDICES; i++) {
    cr_assert_eq(ration_sparse_array_has(array, index_of(i)), reference->is_set[i]);
    if (reference->is_set[i]) expect(array, index_of(i), reference->values[i]);
  }
}

Test(kit_sparse_array, does_as_a_plain_array_does) {
  static struct reference reference;
  struct random random = {.seed = 1789};
  struct ration_sparse_array array;
  struct ration_sparse_array_settings settings = {
      .chunk = 64, .open_most = 20, .idle = 1, .compression = &by_runs};
  make(&array, NULL, &settings);
  for (uint64_t step = 0; step < 60000; step++) {
    change_one(&array, &reference, &random);
    if (step % 50 == 0) cr_assert_geq(ration_sparse_array_tick(&array, step / 50), 0);
    if (step % 97 == 0) {
      uint64_t index = random_next(&random);
      ration_sparse_array_next(&array, &index);
      cr_assert(ration_sparse_array_is_valid(&array));
    }
    if (step % 10000 == 0) compare(&array, &reference);
    if (step % 25000 == 24999) cr_assert_eq(ration_sparse_array_close(&array), 0);
  }
  compare(&array, &reference);
  cr_expect_gt(figures_of(&array).compressed, 0);
  ration_sparse_array_done(&array);
}
