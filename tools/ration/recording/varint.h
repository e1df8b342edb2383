/*
 * varint.h: numbers of a recording: 7 bits a byte, the low ones first, bit 7 where more follow; signed ones by zigzag.
 */
#ifndef RATION_TOOL_RECORDING_VARINT_H
#define RATION_TOOL_RECORDING_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VARINT_BYTES_MOST 10

static inline size_t varint_put(unsigned char *to, uint64_t value) {
  size_t bytes = 0;
  for (; value >= 0x80; value >>= 7) to[bytes++] = (unsigned char)(value | 0x80);
  to[bytes++] = (unsigned char)value;
  return bytes;
}

/* What is left to be read of a payload. */
struct varint_source {
  const unsigned char *at;
  const unsigned char *end;
};

/* False: it is cut, or has more than 64 bits. */
static inline bool varint_take(struct varint_source *source, uint64_t *ret_value) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && source->at < source->end; shift += 7) {
    unsigned char byte = *source->at++;
    if (shift == 63 && byte > 1) return false;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    *ret_value = value;
    return true;
  }
  return false;
}

/* False, too, where it is more than 32 bits. */
static inline bool varint_take_32(struct varint_source *source, uint32_t *ret_value) {
  uint64_t value;
  if (!varint_take(source, &value) || value > UINT32_MAX) return false;
  *ret_value = (uint32_t)value;
  return true;
}

static inline uint64_t varint_zigzag(uint64_t difference) {
  return (difference << 1) ^ (difference >> 63 ? UINT64_MAX : 0);
}

static inline uint64_t varint_unzigzag(uint64_t value) {
  return (value >> 1) ^ (value & 1 ? UINT64_MAX : 0);
}

#endif
