/*
 * hash.h: 64-bit hashes of bytes and words. Not for adversaries: for tables and for names that were cut.
 */
#ifndef RATION_BASE_HASH_H
#define RATION_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
 */
static inline uint64_t hash_word(uint64_t word) {
  word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
  return word ^ (word >> 31);
}

/* FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv), then mixed; never 0, so that 0 can mean "none". */
static inline uint64_t hash_bytes(const char *bytes, size_t count) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < count; i++) hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
  hash = hash_word(hash);
  return hash ? hash : 1;
}

#endif
