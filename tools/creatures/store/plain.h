/*
 * plain.h: all memories, relations and behaviours of a creature laid out flat, wherever they are: for archives and saves.
 * As bytes they are a head, and the three one after another.
 */
#ifndef CREATURES_STORE_PLAIN_H
#define CREATURES_STORE_PLAIN_H

#include "store/creatures.h"

struct plain {
  const struct memory *memories; /* from the oldest on */
  const struct relation *relations;
  const struct behaviour *behaviours;
  uint32_t memory_count, relation_count, behaviour_count;
  uint32_t dropped; /* memories that were more than the limit */
};

struct plain_head {
  uint32_t memories, relations, behaviours, spare;
};

/* Bytes of as many as a creature may have. */
size_t plain_bytes_most(const struct creatures *creatures);

/* Bytes of these. */
size_t plain_bytes(const struct plain *plain);

/* Of a creature, which is not changed; what is archived is unpacked. It lies in scratch, until the next call of the store
   that packs or unpacks, and begins there with its head. -EBADMSG: what was packed is corrupt, -ENOMEM: there is no memory to unpack it; *ret_plain is
   then what there is besides. */
int plain_read(struct creatures *creatures, const struct cold *cold, struct plain *ret_plain);

/* In place of what the creature has in pages. It may lie in scratch. -ENOMEM, -ENOSPC: all is as before. */
int plain_write(struct creatures *creatures, struct cold *cold, const struct plain *plain);

#endif
