/*
 * system.h: the process's heap as a ration_memory, in a category. What is allocated through it belongs to that category
 * (tag.h), whatever scopes the calling thread has open; without the shim it is malloc and free, and costs one branch
 * more.
 *
 *     struct ration_system heap;
 *     ration_system_init(&heap, "creatures/components");
 *     ration_vector_init(&positions, &heap.memory, ...);
 *
 * Thread-safe, O(1) above malloc and free. Holds nothing: there is no done. May be moved while no thing uses it.
 */
#ifndef RATION_KIT_SYSTEM_H
#define RATION_KIT_SYSTEM_H

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ration_system {
  struct ration_memory memory;
  uint32_t category; /* private: its id, or 0 */
};

/* category: a path as for ration_category(), copied by the shim; NULL: the category that is in force where a block is
   asked for. -EINVAL: system is NULL. A path that the shim refuses, and any path where there is no shim, is as NULL. */
int ration_system_init(struct ration_system *system, const char *category);

#ifdef __cplusplus
}
#endif
#endif
