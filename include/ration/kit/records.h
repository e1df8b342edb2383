/*
 * records.h: what is kept of each entity, apart by how often it is needed: hot each frame, warm often, cold rarely.
 *
 *     RATION_RECORDS(creatures, struct body, struct mind, struct biography)
 *
 *     struct creatures creatures;
 *     creatures_init(&creatures, NULL, &minds.memory, NULL, NULL); // minds: a pool
 *     uint64_t id;
 *     int error = creatures_add(&creatures, &id);
 *     for (size_t i = 0; i < creatures_count(&creatures); i++) step(&creatures_hot_data(&creatures)[i]);
 *     struct biography *biography = creatures_cold(&creatures, id);  // made at the first ask
 *
 * Hot records are one array, 64-byte aligned, with no gap: a loop over all of them reads nothing else. A warm record is
 * made with its entity, each by itself, of the warm memory; give it a pool and they lie together. A cold record is made
 * when it is first asked for, of the cold memory. All are zero at first; sizes of 0 mean that there are none.
 *
 * Demoting moves an entity's warm record to the cold memory, which may be slower, or has another budget; it comes back
 * when it is asked for. With a compression (ration/kit/compress.h) it is packed there into exactly as many bytes as it
 * then takes, 8 of them a checksum; without one, or where that makes it no smaller, it takes as many as before, and where
 * both memories are the same, nothing is won. Packed bytes that do not come back as they were are EBADMSG; the record
 * stays as it is, and drop_warm or remove takes it away.
 *
 * An id is never given out twice: it holds a place and its generation, as ration_entity_word() of entity.h does; 0 is
 * none. Pointers to hot records hold until the next add, remove, reserve or shrink_to_fit, those to a warm one until its
 * demotion, drop_warm or move_warm, to a cold one until its drop_cold, and all until the entity is removed. A place whose
 * generations are used up, after 2^31 lives, is not used again.
 *
 * hot, cold: O(1), and what a new cold record costs; warm: O(1), or its size where it was demoted; add, remove:
 * O(sizes), amortised. May be moved in memory, between calls.
 */
#ifndef RATION_KIT_RECORDS_H
#define RATION_KIT_RECORDS_H

#include <ration/kit/vector.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One temperature. */
struct ration_records_part {
  size_t size;                  /* of a record; 0: there is none, but of hot ones */
  size_t alignment;             /* 0: 16; of the array of hot records at least 64 */
  struct ration_memory *memory; /* NULL: the system's */
};

struct ration_compression; /* ration/kit/sparse_array.h */

struct ration_records_settings {
  uint32_t capacity; /* entities to make room for at once; 0: none */
  uint32_t maximum;  /* entities; 0: as many as there are places, UINT32_MAX - 1 */
  const struct ration_compression
      *compression; /* of demoted records; must stay; NULL: they are moved as they are */
};

struct ration_records_slot; /* private */

struct ration_records {
  struct ration_vector hot;    /* all private */
  struct ration_vector owners; /* of each hot record its place in slots: uint32_t */
  struct ration_vector slots;
  struct ration_records_part warm, cold;
  const struct ration_compression *compression;
  unsigned char *scratch;       /* to pack a warm record in; NULL: there is no compression */
  struct ration_memory *memory; /* of scratch */
  uint32_t free;                /* a place that is free, plus 1; 0: none */
  uint32_t maximum;
  size_t warm_count, demoted_count, cold_count; /* warm ones that are not demoted */
  size_t demoted_bytes;
  uint64_t demotions, promotions;
};

/*
 * warm, cold and settings may be NULL: none, and the defaults. The memory of hot also has the index, and where there is a
 * compression the room of one warm record to pack in. Demoted records go to the memory of cold, also where its size is 0.
 * -EINVAL: records or hot is NULL, hot's size is 0, an alignment is invalid, capacity > maximum, maximum is UINT32_MAX, a
 * compression without functions; -EOVERFLOW; -ENOMEM and what else the memory says.
 */
int ration_records_init(struct ration_records *records, const struct ration_records_part *hot,
                        const struct ration_records_part *warm, const struct ration_records_part *cold,
                        const struct ration_records_settings *settings);
void ration_records_done(struct ration_records *records);

/* A new entity; its hot record is the last of the array. -ENOSPC: as many as the maximum; -ENOMEM and what else a
   memory says; -EINVAL: NULL or done. */
int ration_records_add(struct ration_records *records, uint64_t *ret_id);

/* With all its records; the last hot record takes the place of its own. -ESTALE: it was removed before; -ENOENT: no
   such id was given out; -EINVAL: NULL or done. */
int ration_records_remove(struct ration_records *records, uint64_t id);

/*
 * A record of an entity; NULL and errno: ESTALE and ENOENT as of remove; ENOENT also: records have no such part. warm
 * brings a demoted record back, and makes one that was dropped, cold makes one that is not there: ENOMEM and what else the
 * memory says, or EBADMSG: what was packed is corrupt; and all is as before.
 */
static inline void *ration_records_hot(const struct ration_records *records, uint64_t id);
void *ration_records_warm(struct ration_records *records, uint64_t id);
void *ration_records_cold(struct ration_records *records, uint64_t id);

/* A copy of the warm record, which stays where it is. -ENOENT: also where it was dropped; -EBADMSG; and as of remove. May
   be called from several threads, while none changes the records, where the compression may. */
int ration_records_read_warm(const struct ration_records *records, uint64_t id, void *ret_warm);

/* 1 or 0: is the warm record demoted, is there a cold one? Or -ESTALE, -ENOENT, -EINVAL, as of remove. */
int ration_records_is_demoted(const struct ration_records *records, uint64_t id);
int ration_records_has_cold(const struct ration_records *records, uint64_t id);

/* Moves the warm record to the cold memory. -EALREADY: it is there; -ENOENT: there is no warm record; -ENOMEM and what
   else a memory says: all is as before; and as of remove. */
int ration_records_demote(struct ration_records *records, uint64_t id);

/*
 * Demotes the warm record of each entity of which is_distant says other than 0, and yields how many bytes the warm
 * memory got back. Where the cold memory has no room for one, it stays. is_distant is not to add or remove entities; if
 * it does, some may be passed over.
 */
size_t ration_records_demote_where(struct ration_records *records,
                                   int (*is_distant)(void *context, uint64_t id, const void *hot),
                                   void *context);

/* Gives the record back, a warm one wherever it is; a later ask makes a new one. -ENOENT: there is none; and as of
   remove. */
int ration_records_drop_warm(struct ration_records *records, uint64_t id);
int ration_records_drop_cold(struct ration_records *records, uint64_t id);

/*
 * For memories that can be put in order: move is called with each warm record that is not demoted, in the order of the
 * hot ones, and returns where it is from now on: the same address, or that of another block of the warm memory, to which
 * it has moved the bytes. NULL: it has not moved. ration_pool_settle() is one. How many have moved.
 */
size_t ration_records_move_warm(struct ration_records *records, void *(*move)(void *context, void *warm),
                                void *context);

/* Room for that many entities in all. -ENOSPC, -EOVERFLOW, -ENOMEM and what else the memory says. */
int ration_records_reserve(struct ration_records *records, size_t capacity);
int ration_records_shrink_to_fit(struct ration_records *records);

/* The hot records, of the size given, one after another: count of them. id_at: whose each is; 0 and ENOENT beyond. */
static inline void *ration_records_hot_data(const struct ration_records *records) {
  return records ? records->hot.data : NULL;
}

static inline size_t ration_records_count(const struct ration_records *records) {
  return records ? records->hot.count : 0;
}

uint64_t ration_records_id_at(const struct ration_records *records, size_t position);

/*
 * The entities at two positions change places: for programs that keep those together in the array that are together in
 * what they do. Of warm and cold records that both have, and that are not demoted, the bytes are exchanged, not the blocks:
 * these stay with their positions, so that what was made one after another, and lies so, is also walked so. Pointers to
 * records of the two point to the other's then. -ENOENT: no such position; -EINVAL: NULL or done. O(sizes).
 */
int ration_records_swap(struct ration_records *records, size_t position, size_t other);

/* The warm and the cold record at a position, and the low half of its id, for loops: they bring nothing back, and make
   nothing. NULL, and UINT32_MAX: there is none, or it is demoted. */
static inline void *ration_records_warm_at(const struct ration_records *records, size_t position);
static inline void *ration_records_cold_at(const struct ration_records *records, size_t position);
static inline uint32_t ration_records_place_at(const struct ration_records *records, size_t position);

struct ration_records_figures {
  size_t hot_count, warm_count, demoted_count,
      cold_count; /* records; of warm ones those that are not demoted */
  size_t hot_bytes, warm_bytes, demoted_bytes,
      cold_bytes;                 /* that these take; demoted ones as they are packed */
  size_t array_bytes;             /* that the array of hot records and the index hold, used or not */
  uint64_t demotions, promotions; /* since init */
};
int ration_records_stats(const struct ration_records *records, struct ration_records_figures *ret_figures);

/* 1 if what must hold of its members does; O(all). For tests. */
int ration_records_is_valid(const struct ration_records *records);

/* ---- ids that last, for programs that save and load ------------------------------------------------------------- */

/* A place: of an entity that lives, with its generation, which is odd; or free, or used up. */
struct ration_records_place {
  uint32_t place, generation;
};

/* How many places there are: all that ever had an entity. 0 for NULL. */
size_t ration_records_places(const struct ration_records *records);

/*
 * Copies all places to ret_places, an array of as many, in the order in which add is to take them: those of the
 * entities, by the positions of their hot records, then those that are free, then those that are used up. -EINVAL: NULL
 * or done.
 */
int ration_records_get_places(const struct ration_records *records, struct ration_records_place *ret_places);

/*
 * The next adds yield the ids that get_places was told of, in that order, and the others after them are those that it
 * would have yielded then. Of records that have had no entity yet. -EINVAL: NULL or done, or the places are not 0 to
 * count - 1, each once, in such an order; -EBUSY: it has had one; -ENOSPC: more entities than the maximum; -ENOMEM and
 * what else the memory says: all is as before.
 */
int ration_records_set_places(struct ration_records *records, const struct ration_records_place *places,
                              size_t count);

/* ---- what these are made of ---------------------------------------------------------------------------------- */

/* Of an id the low half is its place in slots, the high half the generation, which is odd while an entity lives. */
struct ration_records_slot {
  uint32_t generation;
  uint32_t position; /* of its hot record; of a free place: the next one, plus 1 */
  void *warm, *cold;
  uint32_t is_demoted;
  uint32_t
      packed_bytes; /* of a demoted record: its block's, a checksum and what was compressed; 0: it is as it was */
};

/* What is wrong, in errno; always NULL. */
void *ration_records_miss(const struct ration_records *records, uint64_t id);

/* The slot of an entity that lives, or NULL. */
static inline struct ration_records_slot *ration_records_slot_of(const struct ration_records *records,
                                                                 uint64_t id) {
  uint32_t place = (uint32_t)id, generation = (uint32_t)(id >> 32);
  if (__builtin_expect(records && place < records->slots.count, 1)) {
    struct ration_records_slot *slot = (struct ration_records_slot *)(void *)records->slots.data + place;
    if (__builtin_expect(slot->generation == generation && generation % 2, 1)) return slot;
  }
  return NULL;
}

static inline void *ration_records_hot(const struct ration_records *records, uint64_t id) {
  const struct ration_records_slot *slot = ration_records_slot_of(records, id);
  if (__builtin_expect(!slot, 0)) return ration_records_miss(records, id);
  return records->hot.data + slot->position * records->hot.element_bytes;
}

static inline uint32_t ration_records_place_at(const struct ration_records *records, size_t position) {
  if (__builtin_expect(!records || position >= records->owners.count, 0)) return UINT32_MAX;
  return ((const uint32_t *)(const void *)records->owners.data)[position];
}

static inline const struct ration_records_slot *ration_records_slot_at(const struct ration_records *records,
                                                                       size_t position) {
  uint32_t place = ration_records_place_at(records, position);
  if (__builtin_expect(place == UINT32_MAX, 0)) return NULL;
  return (const struct ration_records_slot *)(const void *)records->slots.data + place;
}

static inline void *ration_records_warm_at(const struct ration_records *records, size_t position) {
  const struct ration_records_slot *slot = ration_records_slot_at(records, position);
  return slot && !slot->is_demoted ? slot->warm : NULL;
}

static inline void *ration_records_cold_at(const struct ration_records *records, size_t position) {
  const struct ration_records_slot *slot = ration_records_slot_at(records, position);
  return slot ? slot->cold : NULL;
}

#ifdef __cplusplus
}
#endif

/*
 * RATION_RECORDS(NAME, HOT, WARM, COLD): struct NAME, and the functions above as NAME_init(records, hot memory, warm
 * memory, cold memory, settings), NAME_hot(records, id) -> HOT *, and so on. At file scope.
 */
#define RATION_RECORDS(NAME, HOT, WARM, COLD)                                                                \
  struct NAME {                                                                                              \
    struct ration_records records;                                                                           \
  };                                                                                                         \
  RATION_RECORDS_INLINE int NAME##_init(                                                                     \
      struct NAME *records, struct ration_memory *hot_memory, struct ration_memory *warm_memory,             \
      struct ration_memory *cold_memory, const struct ration_records_settings *settings) {                   \
    struct ration_records_part hot = {sizeof(HOT), __alignof__(HOT), hot_memory};                            \
    struct ration_records_part warm = {sizeof(WARM), __alignof__(WARM), warm_memory};                        \
    struct ration_records_part cold = {sizeof(COLD), __alignof__(COLD), cold_memory};                        \
    return ration_records_init((struct ration_records *)(void *)records, &hot, &warm, &cold, settings);      \
  }                                                                                                          \
  RATION_RECORDS_INLINE void NAME##_done(struct NAME *records) {                                             \
    ration_records_done((struct ration_records *)(void *)records);                                           \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_add(struct NAME *records, uint64_t *ret_id) {                             \
    return ration_records_add((struct ration_records *)(void *)records, ret_id);                             \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_remove(struct NAME *records, uint64_t id) {                               \
    return ration_records_remove((struct ration_records *)(void *)records, id);                              \
  }                                                                                                          \
  RATION_RECORDS_INLINE HOT *NAME##_hot(const struct NAME *records, uint64_t id) {                           \
    return (HOT *)ration_records_hot((const struct ration_records *)(const void *)records, id);              \
  }                                                                                                          \
  RATION_RECORDS_INLINE WARM *NAME##_warm(struct NAME *records, uint64_t id) {                               \
    return (WARM *)ration_records_warm((struct ration_records *)(void *)records, id);                        \
  }                                                                                                          \
  RATION_RECORDS_INLINE COLD *NAME##_cold(struct NAME *records, uint64_t id) {                               \
    return (COLD *)ration_records_cold((struct ration_records *)(void *)records, id);                        \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_is_demoted(const struct NAME *records, uint64_t id) {                     \
    return ration_records_is_demoted((const struct ration_records *)(const void *)records, id);              \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_has_cold(const struct NAME *records, uint64_t id) {                       \
    return ration_records_has_cold((const struct ration_records *)(const void *)records, id);                \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_demote(struct NAME *records, uint64_t id) {                               \
    return ration_records_demote((struct ration_records *)(void *)records, id);                              \
  }                                                                                                          \
  RATION_RECORDS_INLINE size_t NAME##_demote_where(                                                          \
      struct NAME *records, int (*is_distant)(void *context, uint64_t id, const void *hot), void *context) { \
    return ration_records_demote_where((struct ration_records *)(void *)records, is_distant, context);       \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_read_warm(const struct NAME *records, uint64_t id, WARM *ret_warm) {      \
    return ration_records_read_warm((const struct ration_records *)(const void *)records, id, ret_warm);     \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_drop_warm(struct NAME *records, uint64_t id) {                            \
    return ration_records_drop_warm((struct ration_records *)(void *)records, id);                           \
  }                                                                                                          \
  RATION_RECORDS_INLINE size_t NAME##_move_warm(struct NAME *records,                                        \
                                                void *(*move)(void *context, void *warm), void *context) {   \
    return ration_records_move_warm((struct ration_records *)(void *)records, move, context);                \
  }                                                                                                          \
  RATION_RECORDS_INLINE WARM *NAME##_warm_at(const struct NAME *records, size_t position) {                  \
    return (WARM *)ration_records_warm_at((const struct ration_records *)(const void *)records, position);   \
  }                                                                                                          \
  RATION_RECORDS_INLINE COLD *NAME##_cold_at(const struct NAME *records, size_t position) {                  \
    return (COLD *)ration_records_cold_at((const struct ration_records *)(const void *)records, position);   \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_drop_cold(struct NAME *records, uint64_t id) {                            \
    return ration_records_drop_cold((struct ration_records *)(void *)records, id);                           \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_reserve(struct NAME *records, size_t capacity) {                          \
    return ration_records_reserve((struct ration_records *)(void *)records, capacity);                       \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_shrink_to_fit(struct NAME *records) {                                     \
    return ration_records_shrink_to_fit((struct ration_records *)(void *)records);                           \
  }                                                                                                          \
  RATION_RECORDS_INLINE HOT *NAME##_hot_data(const struct NAME *records) {                                   \
    return (HOT *)ration_records_hot_data((const struct ration_records *)(const void *)records);             \
  }                                                                                                          \
  RATION_RECORDS_INLINE size_t NAME##_count(const struct NAME *records) {                                    \
    return ration_records_count((const struct ration_records *)(const void *)records);                       \
  }                                                                                                          \
  RATION_RECORDS_INLINE int NAME##_swap(struct NAME *records, size_t position, size_t other) {               \
    return ration_records_swap((struct ration_records *)(void *)records, position, other);                   \
  }                                                                                                          \
  RATION_RECORDS_INLINE uint64_t NAME##_id_at(const struct NAME *records, size_t position) {                 \
    return ration_records_id_at((const struct ration_records *)(const void *)records, position);             \
  }                                                                                                          \
  struct NAME /* so that a semicolon may follow */

#define RATION_RECORDS_INLINE static inline __attribute__((unused)) /* private */

#endif
