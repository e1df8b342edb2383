/*
 * packets.c: a Zstandard stream that is flushed at each packet, and begun anew now and then.
 *
 * A new frame knows nothing of what was before: damage in the middle of a file then costs a frame, and not all that
 * follows.
 */
#include "recording/packets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "recording/format.h"

#define FRAME_PACKETS 64
#define LEVEL         3
#define LEVEL_OF_MUCH (-3)   /* a third more bytes, for half of the time that all of recording takes */
#define MUCH          131072 /* plain bytes of a packet: half a megabyte a second, or more */
#define LITTLE        65536
#define WINDOW_LOG    20 /* 1 MiB: what rows have in common lies close together */

struct packets {
  int fd;
  ZSTD_CCtx *stream;
  uint32_t of_frame; /* packets since its start; 0: the next one begins it */
  int level;
  struct bytes plain;
  struct bytes packed; /* with its head */
};

static int choose_level(const struct packets *packets);
static int pack(struct packets *packets, bool ends_frame);
static void put_head(struct packets *packets);

int packets_new(int fd, struct packets **ret_packets) {
  struct packets *packets = calloc(1, sizeof *packets);
  ZSTD_CCtx *stream = ZSTD_createCCtx();
  if (!packets || !stream) {
    free(packets);
    ZSTD_freeCCtx(stream);
    return -ENOMEM;
  }
  ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, LEVEL);
  ZSTD_CCtx_setParameter(stream, ZSTD_c_windowLog, WINDOW_LOG);
  *packets = (struct packets){.fd = fd, .stream = stream, .level = LEVEL};
  *ret_packets = packets;
  return 0;
}

int packets_free(struct packets *packets) {
  if (!packets) return 0;
  int error = close(packets->fd) == 0 ? 0 : -errno;
  ZSTD_freeCCtx(packets->stream);
  bytes_free(&packets->plain);
  bytes_free(&packets->packed);
  free(packets);
  return error;
}

struct bytes *packets_open(struct packets *packets) {
  return &packets->plain;
}

int packets_flush(struct packets *packets) {
  if (packets->plain.is_out_of_memory) return -ENOMEM;
  if (packets->plain.count == 0) return 0;
  int level = choose_level(packets);
  bool ends_frame = packets->of_frame + 1 == FRAME_PACKETS || level != packets->level;
  int error = pack(packets, ends_frame);
  if (error) return error;
  put_head(packets);
  packets->of_frame = ends_frame ? 0 : packets->of_frame + 1;
  packets->plain.count = 0;
  if (level != packets->level) ZSTD_CCtx_setParameter(packets->stream, ZSTD_c_compressionLevel, level);
  packets->level = level;
  return bytes_write(packets->packed.first, packets->packed.count, packets->fd);
}

/* Of the next packets, after this one. */
static int choose_level(const struct packets *packets) {
  if (packets->plain.count >= MUCH) return LEVEL_OF_MUCH;
  return packets->plain.count < LITTLE ? LEVEL : packets->level;
}

static int pack(struct packets *packets, bool ends_frame) {
  struct bytes *packed = &packets->packed;
  packed->count = sizeof(struct recording_packet);
  ZSTD_inBuffer in = {packets->plain.first, packets->plain.count, 0};
  ZSTD_EndDirective way = ends_frame ? ZSTD_e_end : ZSTD_e_flush;
  for (size_t left = 1; left > 0;) {
    unsigned char *to = bytes_reserve(packed, ZSTD_CStreamOutSize());
    if (!to) return -ENOMEM;
    ZSTD_outBuffer out = {to, packed->room - packed->count, 0};
    left = ZSTD_compressStream2(packets->stream, &out, &in, way);
    if (ZSTD_isError(left)) return -ENOMEM; /* nothing else can go wrong */
    packed->count += out.pos;
  }
  return 0;
}

static void put_head(struct packets *packets) {
  const struct bytes *packed = &packets->packed;
  struct recording_packet head = {
      .magic = RECORDING_PACKET_MAGIC,
      .flags = packets->of_frame == 0 ? RECORDING_FRAME_BEGINS : 0,
      .packed_bytes = (uint32_t)(packed->count - sizeof head),
      .plain_bytes = (uint32_t)packets->plain.count,
  };
  head.packed_crc = (uint32_t)crc32(0, packed->first + sizeof head, head.packed_bytes);
  head.head_crc =
      (uint32_t)crc32(0, (const unsigned char *)&head, offsetof(struct recording_packet, head_crc));
  memcpy(packed->first, &head, sizeof head);
}
