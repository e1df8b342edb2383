/*
 * records.h: what records.c and records_warm.c share: entities are the former's, blocks the latter's.
 */
#ifndef RATION_SRC_KIT_RECORDS_H
#define RATION_SRC_KIT_RECORDS_H

#include <ration/kit/records.h>

static inline int is_in_use(const struct ration_records *records) {
  return records && records->hot.element_bytes;
}

static inline struct ration_records_slot *slots_of(const struct ration_records *records) {
  return ration_vector_data(&records->slots);
}

static inline uint32_t *owners_of(const struct ration_records *records) {
  return ration_vector_data(&records->owners);
}

/* 0, or why id is no entity's. */
int records_find(const struct ration_records *records, uint64_t id, struct ration_records_slot **ret_slot);

/* A record, all zero; NULL and errno. */
void *records_make(const struct ration_records_part *part);

/* The blocks of an entity; the slot has none then. What a memory does not take back now, as a stack may not, it has back
   with the rest of it. */
void records_release(struct ration_records *records, struct ration_records_slot *slot);

#endif
