/*
 * format.h: the layout of a recording: `ration record` writes it, a file for a whole process tree.
 *
 * File       header, then packets, one behind the other; nothing is ever written to what stands there already. It is
 *            readable as far as whole packets go: up to the last second before whoever wrote it was killed.
 * Integers   little-endian; varint: 7 bits a byte, the low ones first, bit 7 where more follow; signed ones by zigzag
 *            (0, -1, 1, -2 ... are 0, 1, 2, 3 ...).
 * Packet     struct recording_packet, then packed_bytes of one Zstandard stream: each packet ends at a flush, so that
 *            it can be unpacked as soon as it is there. RECORDING_FRAME_BEGINS: another Zstandard frame begins with
 *            this packet.
 * Records    in what is unpacked, one behind the other, none across two packets: varint type, varint bytes, payload.
 *            A reader passes over types that it does not know, which a later minor version may add, and over what
 *            stands behind the payload that it knows.
 *
 * A segment (ration/segment.h) is an *image* here: RECORDING_IMAGE introduces it, RECORDING_PATCH says which of its
 * bytes have become what since; until then all are zero. What a segment is at a moment is what its image has become at
 * that RECORDING_MOMENT: whoever can read a segment can read an image. What threads have counted is right in sum; what
 * each of them has counted since its slab was recorded, up to a second ago and of many threads longer, is in a slab
 * without an owner behind the last one, which slab_count includes while something is in it; in slab 0 where the table
 * has no row left. Left out are the tables that are private to the shim, the control table and the ring of samples.
 */
#ifndef RATION_TOOL_RECORDING_FORMAT_H
#define RATION_TOOL_RECORDING_FORMAT_H

#include <stdint.h>

#define RECORDING_MAGIC                                                                                      \
  UINT64_C(0x0a1a43524e544152) /* "RATNRC\x1a\n" in the file: text tools stop, a changed line end shows */
#define RECORDING_SUFFIX ".ration"

#define RECORDING_MAJOR 1
#define RECORDING_MINOR 0

#define RECORDING_VERSION_BYTES 32
#define RECORDING_HOST_BYTES    64

struct recording_header {
  uint64_t magic;
  uint16_t version_major;
  uint16_t version_minor;
  uint32_t header_bytes; /* the first packet begins there */
  uint64_t made_at_ns;   /* since the epoch */
  uint64_t boot; /* hash of /proc/sys/kernel/random/boot_id: another one, another machine or another boot */
  char ration_version[RECORDING_VERSION_BYTES]; /* these NUL-terminated */
  char host[RECORDING_HOST_BYTES];              /* uname(2): nodename */
};

#define RECORDING_PACKET_MAGIC UINT32_C(0x544b4352) /* "RCKT" in the file */
#define RECORDING_PACKET_MOST  (UINT32_C(1) << 24)  /* plain bytes of one */
#define RECORDING_FRAME_BEGINS 1                    /* flag */

struct recording_packet {
  uint32_t magic;
  uint32_t flags;
  uint32_t packed_bytes;
  uint32_t plain_bytes;
  uint32_t packed_crc; /* crc32 (zlib) of the packed bytes */
  uint32_t head_crc;   /* of this struct, up to here */
};

/* Types of record; payloads in record.h. Images count from 0, in the order of their records. */
enum recording_type {
  RECORDING_IMAGE = 1, /* another image: whose, and its size */
  RECORDING_PATCH,     /* varint image; then what has changed in it, until the end: see patch.h */
  RECORDING_MOMENT,    /* all images are as they were then */
  RECORDING_END,       /* how the process of an image ended */
  RECORDING_RESIDENT,  /* what the resident memory of an image's process consists of */
  RECORDING_SYMBOLS,   /* what a frame of an image stands for */
  RECORDING_LARGEST,   /* of the moment that follows: the largest live blocks of an image */
  RECORDING_FINISH,    /* whoever recorded has ended in order: nothing follows */
};

_Static_assert(sizeof(struct recording_header) == 128, "the header is 128 bytes");
_Static_assert(sizeof(struct recording_packet) == 24, "a packet's head is 24 bytes");

#endif
