/*
 * checksum.h: tells whether stored bytes are as they were. None against forgers.
 */
#ifndef RATION_SRC_KIT_CHECKSUM_H
#define RATION_SRC_KIT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"

/*
 * hash_word is a bijection: two texts that differ in one word alone cannot have the same sum. Four sums side by side, as
 * one would wait for each multiplication.
 */
static inline uint64_t checksum_of(const unsigned char *bytes, size_t count) {
  uint64_t sums[4] = {count, 1, 2, 3}, words[4], sum = 0;
  for (; count >= sizeof words; bytes += sizeof words, count -= sizeof words) {
    memcpy(words, bytes, sizeof words);
    sums[0] = hash_word(sums[0] ^ words[0]) + 1;
    sums[1] = hash_word(sums[1] ^ words[1]) + 1;
    sums[2] = hash_word(sums[2] ^ words[2]) + 1;
    sums[3] = hash_word(sums[3] ^ words[3]) + 1;
  }
  memset(words, 0, sizeof words);
  memcpy(words, bytes, count);
  for (int i = 0; i < 4; i++) sum = hash_word(sum ^ hash_word(sums[i] ^ words[i]));
  return sum;
}

#endif
