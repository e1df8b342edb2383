/*
 * system.c: malloc and free, in a category. A new block is the category's since its scope is open round the call; a
 * moved one keeps the category that it has, and a freed one is credited to it: those calls need no scope.
 */
#include <ration/kit/system.h>

#include <ration/tag.h>

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

static const struct ration_memory_type type;

static struct ration_system *system_of(struct ration_memory *memory) {
  return (struct ration_system *)(void *)memory;
}

int ration_system_init(struct ration_system *system, const char *category) {
  if (!system) return -EINVAL;
  system->memory.type = &type;
  system->category = category ? ration_tag_category(category) : 0;
  return 0;
}

struct ration_memory *ration_memory_system(void) {
  static struct ration_system untagged = {.memory = {&type}};
  return &untagged.memory;
}

/* Whether malloc's own alignment will do: of a block that is smaller than it, several give less. */
static int is_plain(size_t size, size_t alignment) {
  return alignment <= alignof(max_align_t) && alignment <= size;
}

static void *take(size_t size, size_t alignment) {
  if (is_plain(size, alignment)) return malloc(size);
  void *block = NULL;
  int error = posix_memalign(&block, alignment > sizeof(void *) ? alignment : sizeof(void *), size);
  if (!error) return block;
  errno = error;
  return NULL;
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  uint32_t category = system_of(memory)->category;
  if (!category) return take(size, alignment);
  char anchor;
  ration_tag_enter_at(category, &anchor);
  void *block = take(size, alignment);
  ration_tag_leave_at(&anchor);
  return block;
}

static void *reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                        size_t alignment) {
  if (is_plain(new_size, alignment)) return realloc(block, new_size);
  void *moved = allocate(memory, new_size, alignment);
  if (!moved) return NULL;
  memcpy(moved, block, size < new_size ? size : new_size);
  free(block);
  return moved;
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)memory, (void)size, (void)alignment;
  free(block);
  return 0;
}

static const struct ration_memory_type type = {
    .name = "system", .allocate = allocate, .reallocate = reallocate, .release = release};
