/*
 * format.h: what a saved world looks like: a header, and behind it sections one after another, each with its tag in
 * front. Numbers are as the machine has them: the header tells whether another machine's are the same.
 *
 *     settings    seed, creatures at the start, each limit's maximum: by these the world is made anew
 *     state       frame, counters, where the handlers are
 *     plants      how much food each has
 *     paths       the cache, as it is
 *     events      those that no one has taken yet, the oldest first
 *     creatures   the places of ids, then each creature in the order of the store: hot, lane, look, warm, cold, and what
 *                 lies in pages; an archive as it is packed; what the store has counted
 */
#ifndef CREATURES_SAVE_FORMAT_H
#define CREATURES_SAVE_FORMAT_H

#include <stddef.h>

#include "simulation.h"

#define SAVE_MAGIC   "creatures"
#define SAVE_VERSION 1u
#define SAVE_ORDER   UINT32_C(0x01020304)
#define SAVE_SIZES   12u

struct save_header {
  char magic[16];
  uint32_t version, order;
  uint32_t sizes[SAVE_SIZES]; /* of the records that are written whole */
  uint64_t length;            /* of what is behind the header */
  uint64_t checksum;          /* of that */
  uint64_t header_checksum;   /* of all before it */
};

_Static_assert(sizeof(struct save_header) == 96, "no padding");

enum save_section {
  SECTION_SETTINGS = 0x5e771465,
  SECTION_STATE = 0x57a7e001,
  SECTION_PLANTS = 0x91a47502,
  SECTION_PATHS = 0x9a785003,
  SECTION_EVENTS = 0x67e47504,
  SECTION_CREATURES = 0x6ea70e05,
  SECTION_END = 0x0e4d0006
};

/* What became of a warm record. */
enum save_warm { WARM_THERE, WARM_DEMOTED, WARM_SIMPLIFIED };

#define SAVE_STORE_COUNTS 7u
#define SAVE_COUNTERS     (offsetof(struct counters, bytes_touched) / sizeof(uint64_t) + 1)

/* With everything but length and checksums. */
void save_header_init(struct save_header *header);

uint64_t save_header_sum(const struct save_header *header);

#endif
