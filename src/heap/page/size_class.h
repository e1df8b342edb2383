/*
 * size_class.h: which sizes of blocks there are.
 *
 * Class c has blocks of  16 * c  bytes up to 1 KiB, and from there on four classes a doubling, up to 64 KiB:
 *   1 .. 64: 16, 32 .. 1024;   65 .. 88: 1280, 1536, 1792, 2048, 2560 .. 65536
 * So a block of n bytes gets fewer than 16 bytes, or a fifth, more than it asked for. All sizes are multiples of 16,
 * and each power of two from 16 on is one of them. What is larger gets a span of its own (large.h).
 */
#ifndef RATION_HEAP_PAGE_SIZE_CLASS_H
#define RATION_HEAP_PAGE_SIZE_CLASS_H

#include <stddef.h>
#include <stdint.h>

#define SIZE_CLASS_STEP   16
#define SIZE_CLASS_FINE   64 /* the last one of the fine ones */
#define SIZE_CLASSES      89 /* 0 is none */
#define SIZE_CLASSED_MOST ((size_t)64 << 10)

/* The least class that holds so many bytes, at most SIZE_CLASSED_MOST. Of no bytes, too: a block is one. */
static inline uint32_t size_class_of(size_t bytes) {
  if (bytes <= SIZE_CLASS_FINE * SIZE_CLASS_STEP)
    return (uint32_t)((bytes + !bytes + SIZE_CLASS_STEP - 1) / SIZE_CLASS_STEP);
  uint32_t bit = 63 - (uint32_t)__builtin_clzl(bytes - 1);
  uint32_t quarter = (uint32_t)((bytes - 1) >> (bit - 2)) & 3;
  return SIZE_CLASS_FINE + 1 + (bit - 10) * 4 + quarter;
}

static inline uint32_t size_class_bytes(uint32_t class) {
  if (class <= SIZE_CLASS_FINE) return class * SIZE_CLASS_STEP;
  uint32_t step = class - SIZE_CLASS_FINE - 1;
  return (5 + step % 4) << (8 + step / 4);
}

/* The least class whose blocks lie at multiples of `alignment`, a power of two up to SIZE_CLASSED_MOST, in a page that
   does. */
static inline uint32_t size_class_of_aligned(size_t bytes, size_t alignment) {
  uint32_t class = size_class_of(bytes < alignment ? alignment : bytes);
  while (size_class_bytes(class) & (alignment - 1)) class ++; /* up to the next power of two */
  return class;
}

#endif
