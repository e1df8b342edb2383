/*
 * siphash.h: SipHash-1-3, a keyed hash: who does not know the key cannot tell which bytes collide.
 *
 * Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012: one round for each word, three at the end, as hash
 * tables use it. Words are read in the machine's order of bytes, so its values are the paper's on little-endian ones.
 */
#ifndef RATION_SRC_KIT_SIPHASH_H
#define RATION_SRC_KIT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct siphash {
  uint64_t v0, v1, v2, v3;
};

static inline uint64_t siphash_rotate(uint64_t word, unsigned by) {
  return word << by | word >> (64 - by);
}

static inline void siphash_round(struct siphash *state) {
  state->v0 += state->v1;
  state->v2 += state->v3;
  state->v1 = siphash_rotate(state->v1, 13) ^ state->v0;
  state->v3 = siphash_rotate(state->v3, 16) ^ state->v2;
  state->v0 = siphash_rotate(state->v0, 32);
  state->v2 += state->v1;
  state->v0 += state->v3;
  state->v1 = siphash_rotate(state->v1, 17) ^ state->v2;
  state->v3 = siphash_rotate(state->v3, 21) ^ state->v0;
  state->v2 = siphash_rotate(state->v2, 32);
}

static inline void siphash_take(struct siphash *state, uint64_t word) {
  state->v3 ^= word;
  siphash_round(state);
  state->v0 ^= word;
}

/* The last 0 to 7 bytes as a word, the first of them lowest. */
static inline uint64_t siphash_rest(const unsigned char *bytes, size_t count) {
  uint32_t four = 0;
  uint16_t two = 0;
  uint64_t word = 0;
  size_t taken = 0;
  if (count & 4) {
    memcpy(&four, bytes, 4);
    word = four;
    taken = 4;
  }
  if (count & 2) {
    memcpy(&two, bytes + taken, 2);
    word |= (uint64_t)two << 8 * taken;
    taken += 2;
  }
  return count & 1 ? word | (uint64_t)bytes[taken] << 8 * taken : word;
}

static inline uint64_t siphash_13(const uint64_t key[2], const void *bytes, size_t length) {
  const unsigned char *rest = bytes;
  struct siphash state = {.v0 = key[0] ^ UINT64_C(0x736f6d6570736575),
                          .v1 = key[1] ^ UINT64_C(0x646f72616e646f6d),
                          .v2 = key[0] ^ UINT64_C(0x6c7967656e657261),
                          .v3 = key[1] ^ UINT64_C(0x7465646279746573)};
  for (size_t left = length / 8; left; left--, rest += 8) {
    uint64_t word;
    memcpy(&word, rest, 8);
    siphash_take(&state, word);
  }
  siphash_take(&state, (uint64_t)length << 56 | siphash_rest(rest, length & 7));
  state.v2 ^= 0xff;
  siphash_round(&state);
  siphash_round(&state);
  siphash_round(&state);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

#endif
