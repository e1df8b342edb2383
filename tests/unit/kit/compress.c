/*
 * compress.c: tests of ration/kit/compress.h: both libraries, with what they have compressed and with hostile bytes. Bytes
 * lie before pages that cannot be touched, since a sanitizer does not see into the libraries.
 */
#include <ration/kit/compress.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/random.h"

#define MOST 65536 /* bytes of a fenced area */

struct fenced {
  unsigned char *area; /* MOST bytes, then a page that cannot be touched */
};

static void fence(struct fenced *fenced) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  fenced->area = mmap(NULL, MOST + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_assert_neq(fenced->area, MAP_FAILED);
  cr_assert_eq(mprotect(fenced->area + MOST, page, PROT_NONE), 0);
}

/* So many bytes right before the fence. */
static unsigned char *last(const struct fenced *fenced, size_t bytes) {
  return fenced->area + MOST - bytes;
}

static const struct ration_compression *compressions[3];
static struct ration_zstd kept;
static struct fenced in, out;

static void set_up(void) {
  cr_assert_eq(ration_zstd_init(&kept, 9), 0);
  compressions[0] = ration_compression_lz4();
  compressions[1] = ration_compression_zstd();
  compressions[2] = &kept.compression;
  fence(&in);
  fence(&out);
}

static void tear_down(void) {
  ration_zstd_done(&kept);
  ration_zstd_done(&kept);
}

/* Bytes that repeat themselves more or less. */
static void draw(struct random *random, unsigned char *bytes, size_t count) {
  uint64_t variety = 1 + random_size(random, 255);
  for (size_t i = 0; i < count; i++)
    bytes[i] =
        i > 20 && random_below(random, 3) ? bytes[i - 20] : (unsigned char)random_below(random, variety);
}

static ptrdiff_t compress(const struct ration_compression *by, const void *from, size_t bytes, void *to,
                          size_t room) {
  return by->compress(from, bytes, to, room, by->context);
}

static ptrdiff_t decompress(const struct ration_compression *by, const void *from, size_t bytes, void *to,
                            size_t room) {
  return by->decompress(from, bytes, to, room, by->context);
}

Test(kit_compress, brings_back_what_was_compressed, .init = set_up, .fini = tear_down) {
  struct random random = {.seed = 5};
  static unsigned char plain[8192], squeezed[16384];
  for (int i = 0; i < 3; i++)
    for (size_t count = 0; count <= sizeof plain; count = count < 20 ? count + 1 : count * 3 / 2) {
      const struct ration_compression *by = compressions[i];
      draw(&random, plain, count);
      size_t bound = by->bound(count, by->context);
      cr_assert(bound > 0 && bound <= sizeof squeezed);
      ptrdiff_t bytes = compress(by, plain, count, last(&out, bound), bound);
      cr_assert_gt(bytes, 0, "%s of %zu", by->name, count);
      memcpy(last(&in, (size_t)bytes), last(&out, bound), (size_t)bytes);
      cr_assert_eq(decompress(by, last(&in, (size_t)bytes), (size_t)bytes, last(&out, count), count),
                   (ptrdiff_t)count);
      cr_assert_eq(memcmp(last(&out, count), plain, count), 0);
      if (count)
        cr_expect_eq(
            decompress(by, last(&in, (size_t)bytes), (size_t)bytes, last(&out, count - 1), count - 1),
            -EBADMSG);
      if (bytes > 1)
        cr_expect_eq(compress(by, plain, count, last(&out, (size_t)bytes - 2), (size_t)bytes - 2), -ENOSPC);
    }
}

Test(kit_compress, makes_smaller_what_repeats_itself, .init = set_up, .fini = tear_down) {
  static unsigned char plain[4096], squeezed[8192];
  memset(plain, 7, sizeof plain);
  for (int i = 0; i < 3; i++) {
    ptrdiff_t bytes = compress(compressions[i], plain, sizeof plain, squeezed, sizeof squeezed);
    cr_expect(bytes > 0 && bytes < 100, "%s: %td", compressions[i]->name, bytes);
  }
}

/* Whatever they are given, they write no more than they may, and say a number or an error. */
static void expect_sane(const struct ration_compression *by, size_t bytes, size_t room) {
  unsigned char *to = last(&out, room + 64);
  memset(to, 0xa5, room + 64);
  ptrdiff_t written = decompress(by, last(&in, bytes), bytes, to, room);
  cr_assert(written == -EBADMSG || written == -ENOMEM || (written >= 0 && (size_t)written <= room), "%s: %td",
            by->name, written);
  for (size_t i = 0; i < 64; i++) cr_assert_eq(to[room + i], 0xa5, "%s wrote beyond its room", by->name);
  written = decompress(by, last(&in, bytes), bytes, last(&out, room), room);
  cr_assert(written < 0 || (size_t)written <= room);
}

Test(kit_compress, any_bytes_may_be_decompressed, .init = set_up, .fini = tear_down) {
  struct random random = {.seed = 6};
  for (int i = 0; i < 6000; i++) {
    size_t bytes = random_size(&random, 300), room = random_size(&random, 2000);
    unsigned char *from = last(&in, bytes);
    for (size_t j = 0; j < bytes; j++) from[j] = (unsigned char)random_next(&random);
    static const unsigned char magic[] = {0x28, 0xb5, 0x2f, 0xfd}; /* of a frame of Zstandard */
    if (bytes > 4 && i % 2) memcpy(from, magic, 4);
    expect_sane(compressions[i % 3], bytes, room);
  }
}

Test(kit_compress, bytes_may_be_cut_and_flipped, .init = set_up, .fini = tear_down) {
  struct random random = {.seed = 7};
  static unsigned char plain[1500], squeezed[3000];
  for (int i = 0; i < 3; i++) {
    draw(&random, plain, sizeof plain);
    ptrdiff_t bytes = compress(compressions[i], plain, sizeof plain, squeezed, sizeof squeezed);
    cr_assert_gt(bytes, 0);
    for (size_t cut = 0; cut < (size_t)bytes; cut++) {
      memcpy(last(&in, cut), squeezed, cut);
      expect_sane(compressions[i], cut, sizeof plain);
    }
    for (int flips = 0; flips < 3000; flips++) {
      unsigned char *from = last(&in, (size_t)bytes);
      memcpy(from, squeezed, (size_t)bytes);
      for (uint64_t j = 0; j <= random_below(&random, 3); j++)
        from[random_below(&random, (uint64_t)bytes)] ^= (unsigned char)(1 << random_below(&random, 8));
      expect_sane(compressions[i], (size_t)bytes, sizeof plain);
    }
    cr_expect_eq(decompress(compressions[i], squeezed, (size_t)bytes, last(&out, sizeof plain), sizeof plain),
                 sizeof plain, "it is as good as before");
  }
}

Test(kit_compress, refuses_what_cannot_be, .init = set_up, .fini = tear_down) {
  struct ration_zstd zstd;
  char byte = 1;
  cr_expect_eq(ration_zstd_init(NULL, 3), -EINVAL);
  cr_expect_eq(ration_zstd_init(&zstd, 1000), -EINVAL);
  cr_expect_eq(ration_zstd_init(&zstd, INT32_MIN), -EINVAL);
  ration_zstd_done(NULL);
  for (int level = -5; level <= 19; level += 8) {
    cr_assert_eq(ration_zstd_init(&zstd, level), 0);
    char squeezed[64];
    cr_expect_gt(compress(&zstd.compression, &byte, 1, squeezed, sizeof squeezed), 0);
    ration_zstd_done(&zstd);
  }
  for (int i = 0; i < 3; i++) {
    cr_expect_eq(compress(compressions[i], NULL, 1, &byte, 1), -EINVAL);
    cr_expect_eq(compress(compressions[i], &byte, 1, NULL, 1), -EINVAL);
    cr_expect_eq(decompress(compressions[i], NULL, 1, &byte, 1), -EINVAL);
    cr_expect_eq(decompress(compressions[i], &byte, 1, NULL, 1), -EINVAL);
    cr_expect_eq(compress(compressions[i], &byte, SIZE_MAX, &byte, 1), -EOVERFLOW);
    cr_expect_eq(decompress(compressions[i], &byte, SIZE_MAX, &byte, 1), -EOVERFLOW);
    cr_expect_eq(compressions[i]->bound(SIZE_MAX, compressions[i]->context), 0);
    cr_expect_eq(compress(compressions[i], &byte, 1, &byte, 0), -ENOSPC);
    cr_expect_eq(decompress(compressions[i], &byte, 0, &byte, 1), i ? 0 : -EBADMSG);
  }
}

/* Room that the library cannot count is as good as all that it can; a level makes a difference. */
Test(kit_compress, room_and_levels_mean_something) {
  struct random random = {.seed = 11};
  static unsigned char plain[8192], squeezed[16384], back[8192];
  const struct ration_compression *by = ration_compression_lz4();
  draw(&random, plain, sizeof plain);
  ptrdiff_t bytes = compress(by, plain, sizeof plain, squeezed, SIZE_MAX);
  cr_assert_gt(bytes, 0);
  cr_expect_eq(decompress(by, squeezed, (size_t)bytes, back, SIZE_MAX), (ptrdiff_t)sizeof plain);
  cr_expect_eq(memcmp(plain, back, sizeof plain), 0);
  ptrdiff_t fast = 0, small = 0;
  for (int is_small = 0; is_small < 2; is_small++) {
    struct ration_zstd zstd;
    cr_assert_eq(ration_zstd_init(&zstd, is_small ? 19 : -5), 0);
    *(is_small ? &small : &fast) =
        compress(&zstd.compression, plain, sizeof plain, squeezed, sizeof squeezed);
    ration_zstd_done(&zstd);
  }
  cr_expect_gt(small, 0);
  cr_expect_lt(small, fast);
}

static void *work(void *argument) {
  const struct ration_compression *by = argument;
  struct random random = {.seed = 8};
  unsigned char plain[1000], squeezed[2000], back[1000];
  for (int i = 0; i < 50; i++) {
    draw(&random, plain, sizeof plain);
    ptrdiff_t bytes = compress(by, plain, sizeof plain, squeezed, sizeof squeezed);
    if (bytes <= 0 || decompress(by, squeezed, (size_t)bytes, back, sizeof back) != sizeof back)
      return argument;
    if (memcmp(plain, back, sizeof plain) != 0) return argument;
  }
  return NULL;
}

Test(kit_compress, the_static_ones_serve_many_threads) {
  pthread_t threads[8];
  for (int i = 0; i < 8; i++) {
    const struct ration_compression *by = i % 2 ? ration_compression_lz4() : ration_compression_zstd();
    cr_assert_eq(pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)by), 0);
  }
  for (int i = 0; i < 8; i++) {
    void *failed = NULL;
    cr_assert_eq(pthread_join(threads[i], &failed), 0);
    cr_expect_null(failed);
  }
}

/* ---- in a sparse array ----------------------------------------------------------------------------------- */

Test(kit_compress, serves_sparse_arrays, .init = set_up, .fini = tear_down) {
  for (int i = 0; i < 3; i++) {
    struct ration_sparse_array array;
    struct ration_sparse_array_settings settings = {
        .chunk = 256, .open_most = 3, .compression = compressions[i]};
    struct ration_sparse_array_figures figures;
    cr_assert_eq(ration_sparse_array_init(&array, NULL, 4 * sizeof(uint64_t), 8, &settings), 0);
    for (uint64_t j = 0; j < 5000; j++) {
      uint64_t words[4] = {j, j % 7, 0, j * j};
      cr_assert_eq(ration_sparse_array_set(&array, j * 3, words), 0);
    }
    cr_expect_eq(ration_sparse_array_close(&array), 0);
    cr_assert_eq(ration_sparse_array_stats(&array, &figures), 0);
    cr_expect_eq(figures.compressed, figures.chunks);
    cr_expect_lt(figures.stored_bytes, figures.plain_bytes * 2 / 3, "%s: %d of %d", compressions[i]->name,
                 (int)figures.stored_bytes, (int)figures.plain_bytes);
    for (uint64_t j = 0; j < 5000; j++) {
      const uint64_t *words = ration_sparse_array_find(&array, j * 3);
      cr_assert_not_null(words);
      cr_assert(words[0] == j && words[1] == j % 7 && words[3] == j * j);
    }
    cr_expect(ration_sparse_array_is_valid(&array));
    ration_sparse_array_done(&array);
  }
}
