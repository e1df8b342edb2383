/*
 * recording.c: a recording, seen in every way that ration has.
 *
 * An input is a form, a look (sight.h), and then, by the form, a file as it is, or what its packets hold when they are
 * unpacked, which is packed here and given its checksums: behind those nobody would get by chance.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "common/scratch_file.h"
#include "common/sight.h"
#include "recording/bytes.h"
#include "recording/format.h"
#include "recording/unpacker.h"

#define FORM_PLAIN   0
#define FORM_FILE    1
#define HEAD_BYTES   2
#define RECORDS_MOST 4096

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t most);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t size, size_t most, unsigned seed);

/* One record of the plain bytes. */
struct record {
  uint64_t type;
  const uint8_t *payload;
  size_t count;
};

static char path[PATH_MAX];
static uint64_t state;

static void write_plain(const uint8_t *plain, size_t count);
static size_t unpack(uint8_t *input, size_t size, size_t most);
static size_t bend(uint8_t *input, size_t size, size_t most);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (size < HEAD_BYTES) return 0;
  if (!path[0]) scratch_file_name("fuzzed.ration", path);
  if (bytes[0] == FORM_FILE)
    scratch_file_write(path, bytes + HEAD_BYTES, size - HEAD_BYTES);
  else
    write_plain(bytes + HEAD_BYTES, size - HEAD_BYTES);
  sight_take(path, bytes[1]);
  return 0;
}

/* A file is bent as it is now and then, else what is in it. */
size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t size, size_t most, unsigned seed) {
  state = seed;
  if (size < HEAD_BYTES) return LLVMFuzzerMutate(input, size, most);
  if (seed % 16 == 0) input[1] = (uint8_t)(seed >> 8);
  if (input[0] == FORM_FILE && seed % 4) return unpack(input, size, most);
  if (input[0] == FORM_FILE || seed % 8 == 1)
    return HEAD_BYTES + LLVMFuzzerMutate(input + HEAD_BYTES, size - HEAD_BYTES, most - HEAD_BYTES);
  return bend(input, size, most);
}

static void write_plain(const uint8_t *plain, size_t count) {
  size_t room = ZSTD_compressBound(count) + sizeof(struct recording_header) + sizeof(struct recording_packet);
  uint8_t *file = malloc(room);
  struct recording_header header = {
      .magic = RECORDING_MAGIC, .version_major = RECORDING_MAJOR, .header_bytes = sizeof header};
  struct recording_packet head = {
      .magic = RECORDING_PACKET_MAGIC, .flags = RECORDING_FRAME_BEGINS, .plain_bytes = (uint32_t)count};
  if (!file) abort();
  uint8_t *packed = file + sizeof header + sizeof head;
  head.packed_bytes = (uint32_t)ZSTD_compress(packed, room - sizeof header - sizeof head, plain, count, 1);
  head.packed_crc = (uint32_t)crc32(0, packed, head.packed_bytes);
  head.head_crc = (uint32_t)crc32(0, (const uint8_t *)&head, offsetof(struct recording_packet, head_crc));
  memcpy(file, &header, sizeof header);
  memcpy(file + sizeof header, &head, sizeof head);
  scratch_file_write(path, file, sizeof header + sizeof head + head.packed_bytes);
  free(file);
}

/* The plain bytes of all packets, as far as there is room. */
static size_t unpack(uint8_t *input, size_t size, size_t most) {
  struct unpacker *unpacker;
  struct varint_source source;
  struct fault fault;
  size_t used = HEAD_BYTES;
  if (!path[0]) scratch_file_name("fuzzed.ration", path);
  scratch_file_write(path, input + HEAD_BYTES, size - HEAD_BYTES);
  if (unpacker_open(path, &unpacker, &fault) != 0) return size;
  while (unpacker_next(unpacker, &source, &fault) == 1) {
    size_t count = (size_t)(source.end - source.at);
    if (count > most - used) break;
    memcpy(input + used, source.at, count);
    used += count;
  }
  unpacker_close(unpacker);
  input[0] = FORM_PLAIN;
  return used;
}

static size_t below(size_t count) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)((state >> 33) % count);
}

static size_t split(const uint8_t *plain, size_t size, struct record records[RECORDS_MOST]) {
  struct varint_source source = {plain, plain + size};
  size_t count = 0;
  uint64_t type, bytes;
  while (count < RECORDS_MOST && varint_take(&source, &type) && varint_take(&source, &bytes)) {
    if (bytes > (size_t)(source.end - source.at)) break;
    records[count++] = (struct record){type, source.at, bytes};
    source.at += bytes;
  }
  return count;
}

/* Whole records come and go, and change places; of one the payload changes, and its length is told right. */
static size_t bend(uint8_t *input, size_t size, size_t most) {
  static struct record records[RECORDS_MOST];
  uint8_t *plain = (uint8_t *)scratch_text(input + HEAD_BYTES, size - HEAD_BYTES), *payload = NULL;
  size_t count = split(plain, size - HEAD_BYTES, records), one = count ? below(count) : 0,
         other = count ? below(count) : 0;
  size_t way = count ? below(8) : 9;
  struct record kept = records[one];
  if (way == 0) memmove(&records[one], &records[one + 1], (--count - one) * sizeof *records);
  if (way == 1) records[one] = records[other], records[other] = kept;
  if (way == 2) records[one] = records[other];
  if (way == 3) records[one].type = below(10);
  if (way > 3 && way < 9) {
    size_t room = kept.count + 64;
    payload = malloc(room);
    if (!payload) abort();
    memcpy(payload, kept.payload, kept.count);
    records[one] = (struct record){kept.type, payload, LLVMFuzzerMutate(payload, kept.count, room)};
  }
  size_t used = HEAD_BYTES;
  for (size_t i = 0; i < count && used + records[i].count + 20 < most; i++) {
    used += varint_put(input + used, records[i].type);
    used += varint_put(input + used, records[i].count);
    memcpy(input + used, records[i].payload, records[i].count);
    used += records[i].count;
  }
  free(payload);
  free(plain);
  return used;
}
