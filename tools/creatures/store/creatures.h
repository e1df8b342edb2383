/*
 * creatures.h: all creatures that live. Of each there is, at the same position: a hot record, its lane of the SIMD
 * positions, its look, and a pointer to its warm record. Positions change with births and deaths alone (the last one
 * fills the gap): an id is for keeping (ration/kit/records.h); 0 is none.
 *
 * One thread adds, removes, demotes, promotes, archives; any may read meanwhile nothing. Between those, each creature's
 * records may be written by one thread.
 */
#ifndef CREATURES_STORE_CREATURES_H
#define CREATURES_STORE_CREATURES_H

#include <ration/kit/compress.h>
#include <ration/kit/lanes.h>
#include <ration/kit/limits.h>
#include <ration/kit/records.h>

#include "creature/access.h"
#include "creature/flags.h"
#include "memory/memory.h"
#include "store/cold_memory.h"

/* Positions and velocities; `wanted`: the velocity that its legs work for; `ease`: the share of the difference that they
   bring in a frame. */
RATION_LANES(positions, float x, float y, float z, float velocity_x, float velocity_y, float velocity_z,
             float wanted_x, float wanted_y, float ground, float ease);

RATION_RECORDS(creature_records, struct hot, struct warm, struct cold);

/* Since a pool could not grow: takes that do not try it, and how many there will be after the next failure. */
struct pool_wait {
  uint32_t left, next;
};

struct creatures {
  struct creature_records records;
  struct positions positions;
  struct ration_vector warm;  /* struct warm *, by position; NULL: demoted or simplified */
  struct ration_vector looks; /* struct look, by position */
  struct ration_pool *warm_pool, *cold_pool, *memory_pages, *relation_pages, *behaviour_pages;
  struct pool_wait waits[3];      /* of the pools of pages */
  struct cold_memory cold_memory; /* of cold records and demoted warm ones */
  struct memory_root *memory;
  struct ration_limits *limits;
  uint32_t memories_most, relations_most, behaviours_most; /* of one: what pages and scratch have room for */
  struct ration_zstd zstd;                                 /* of archives */
  void *scratch; /* two halves: to lay out in what is packed, and to pack it, or unpack, beside it */
  size_t scratch_bytes;
  uint64_t born, died; /* so far: count + died == born, or some are lost */
  uint64_t demotions, promotions, archived, opened, simplified; /* so far */
};

/* As many as the limit RATION_LIMIT_ACTIVE_CREATURES; `expected`: to make room for at once, as far as the budget has it.
   One at a time in a process. -ENOMEM and what else the memory says. */
int creatures_init(struct creatures *creatures, struct memory_root *memory, struct ration_limits *limits,
                   size_t expected);
void creatures_done(struct creatures *creatures);

/* A new creature, all zero but for FLAG_ALIVE; its position is the last. -ENOSPC: the limit is reached, and counted;
   -ENOMEM: the budget is; nothing has changed. */
int creatures_add(struct creatures *creatures, uint64_t *ret_id);

/* With all that it has; counts as died. -ESTALE, -ENOENT. */
int creatures_remove(struct creatures *creatures, uint64_t id);

static inline size_t creatures_count(const struct creatures *creatures) {
  return creature_records_count(&creatures->records);
}

static inline struct hot *creatures_hot(const struct creatures *creatures) {
  return creature_records_hot_data(&creatures->records);
}

static inline struct warm *const *creatures_warm(const struct creatures *creatures) {
  return ration_vector_data(&creatures->warm);
}

static inline struct look *creatures_looks(const struct creatures *creatures) {
  return ration_vector_data(&creatures->looks);
}

/* 0: there is none. */
static inline uint64_t creatures_id_at(const struct creatures *creatures, size_t position) {
  const struct ration_records_slot *slot = ration_records_slot_at(&creatures->records.records, position);
  if (__builtin_expect(!slot, 0)) return 0;
  return (uint64_t)slot->generation << 32 | ration_records_place_at(&creatures->records.records, position);
}

/* Its position; NOTHING: it lives no more. */
uint32_t creatures_find(const struct creatures *creatures, uint64_t id);

/* Its cold record, which each has. What lies in pages may be archived: see archive.h. */
static inline struct cold *creatures_cold(const struct creatures *creatures, size_t position) {
  return creature_records_cold_at(&creatures->records, position);
}

/* Whether it is its turn in this frame; by the place in its id. */
static inline int creatures_is_due(const struct creatures *creatures, size_t position, uint32_t frame) {
  return (ration_records_place_at(&creatures->records.records, position) + frame) % AI_FRAMES == 0;
}

/* ---- under pressure: store/shed.c ---- */

/* The warm record, packed by LZ4, to the cold memory. -EALREADY; -ENOENT: there is none; -ENOMEM: it stays. */
int creatures_demote(struct creatures *creatures, size_t position);

/* ... and back. 0 also where it was not demoted. -ENOMEM, -ENOSPC: it stays; -EBADMSG: it was corrupt, and the creature
   is simplified now. */
int creatures_promote(struct creatures *creatures, size_t position);

/* A copy of its warm record, wherever it is. -ENOENT: it is simplified; -EBADMSG. */
int creatures_read_warm(const struct creatures *creatures, size_t position, struct warm *ret_warm);

/* Drops its warm record, memories, relations, behaviours and archive; FLAG_SIMPLIFIED. Bytes that it had; 0 also where it
   was simplified before. */
size_t creatures_simplify(struct creatures *creatures, size_t position);

/* A warm record for one that is simplified, and then is so no more. -EALREADY: it is not; -ENOMEM, -ENOSPC. */
int creatures_restore(struct creatures *creatures, size_t position, const struct warm *warm);

/* Gives back what the pools have too much of, after moving warm records and pages to the oldest of their blocks. */
void creatures_trim(struct creatures *creatures);

/* Position i, below count, gets whom order[i] is the position of now; order is a permutation, and no more of use then. Warm
   and cold records stay in their blocks' order, as ration_records_swap() says. */
void creatures_arrange(struct creatures *creatures, uint32_t *order, size_t count);

/* ---- for tests: store/check.c ---- */

int creatures_is_valid(const struct creatures *creatures);

#endif
