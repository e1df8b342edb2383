/*
 * format.c: the header.
 */
#include "save/format.h"

#include "save/stream.h"

#include <string.h>

void save_header_init(struct save_header *header) {
  const uint32_t sizes[SAVE_SIZES] = {sizeof(struct hot),       sizeof(struct warm),
                                      sizeof(struct look),      sizeof(struct positions_entry),
                                      sizeof(struct memory),    sizeof(struct relation),
                                      sizeof(struct behaviour), sizeof(struct genetics),
                                      sizeof(struct event),     sizeof(struct biography),
                                      sizeof(struct path),      RATION_LIMITS_DEFAULTS};
  *header = (struct save_header){.version = SAVE_VERSION, .order = SAVE_ORDER};
  memcpy(header->magic, SAVE_MAGIC, sizeof SAVE_MAGIC);
  memcpy(header->sizes, sizes, sizeof sizes);
}

uint64_t save_header_sum(const struct save_header *header) {
  return stream_hash(STREAM_SEED, header, offsetof(struct save_header, header_checksum));
}
