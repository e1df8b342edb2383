/*
 * entity.h: the id of an entity, of sparse_set.h and world.h: an index, which is used again after the entity's end,
 * and a generation, which then is another. Whoever kept an id of an ended entity is told so (ESTALE), and does not
 * meet its successor.
 *
 *     struct ration_entity target = ration_entity_none();
 *     ...
 *     if (!ration_entity_is_none(target)) chase(target);
 *
 * Generations start at 1, so an id that is all zero is none. Plain values, from any thread. Nothing here fails; O(1).
 */
#ifndef RATION_KIT_ENTITY_H
#define RATION_KIT_ENTITY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ration_entity {
  uint32_t index;
  uint32_t generation; /* 0: no entity's */
};

static inline struct ration_entity ration_entity_none(void) {
  struct ration_entity none = {0, 0};
  return none;
}

static inline int ration_entity_is_none(struct ration_entity entity) {
  return !entity.generation;
}

static inline int ration_entity_is_same(struct ration_entity entity, struct ration_entity other) {
  return entity.index == other.index && entity.generation == other.generation;
}

/* As one word, for keys, sorting and files, and back. A word that is 0 is none. */
static inline uint64_t ration_entity_word(struct ration_entity entity) {
  return (uint64_t)entity.generation << 32 | entity.index;
}

static inline struct ration_entity ration_entity_of_word(uint64_t word) {
  struct ration_entity entity = {(uint32_t)word, (uint32_t)(word >> 32)};
  return entity;
}

#ifdef __cplusplus
}
#endif
#endif
