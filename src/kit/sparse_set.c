/*
 * sparse_set.c: the sparse set's slow half: what adds, removes, moves and grows. Look-ups are inline in the header.
 *
 * An entry with a place is proof of nothing but itself here: {place, generation} of entity e equals {i + 1,
 * e.generation} exactly where entities[i] is e. Each function below that moves an entity writes both sides.
 */
#include <ration/kit/sparse_set.h>

#include <errno.h>
#include <string.h>

#include "kit/fail.h"

#define SMALLEST 16 /* elements that the first growth makes room for */

static unsigned char tag; /* where the elements of size 0 are */

static int is_in_use(const struct ration_sparse_set *set);
static int grow(struct ration_sparse_set *set, size_t count);
static int reach(struct ration_sparse_set *set, uint32_t index);
static int check_new(const struct ration_sparse_set *set, struct ration_entity entity);
static int why_not(const struct ration_sparse_set *set, struct ration_entity entity);
static struct ration_sparse_entry *entry_of(const struct ration_sparse_set *set, uint32_t index);
static int resize(struct ration_sparse_set *set, void *block, size_t *capacity, size_t count, size_t size,
                  size_t alignment);
static void merge_sort(const struct ration_sparse_set *set, uint32_t *order, uint32_t *spare,
                       int (*compare)(const void *, const void *, void *), void *context);
static void arrange(struct ration_sparse_set *set, uint32_t *order);

int ration_sparse_set_init(struct ration_sparse_set *set, struct ration_memory *memory, size_t size,
                           size_t alignment, const struct ration_sparse_set_settings *settings) {
  static const struct ration_sparse_set_settings defaults;
  if (!settings) settings = &defaults;
  size_t maximum = settings->maximum ? settings->maximum : RATION_SPARSE_SET_MOST;
  if (!set || ration_memory_check(1, alignment) || size % alignment || size > RATION_BYTES_MOST ||
      maximum > RATION_SPARSE_SET_MOST || settings->capacity > maximum)
    return -EINVAL;
  struct ration_sparse_set made = {.memory = memory,
                                   .size = size,
                                   .alignment = alignment,
                                   .maximum = maximum,
                                   .elements = size ? NULL : &tag};
  int error = settings->capacity ? grow(&made, settings->capacity) : 0;
  if (error)
    ration_sparse_set_done(&made);
  else
    *set = made;
  return error;
}

void ration_sparse_set_done(struct ration_sparse_set *set) {
  if (!set) return;
  for (size_t i = 0; i < set->page_count; i++)
    ration_memory_release(set->memory, set->pages[i], RATION_SPARSE_PAGE * sizeof **set->pages,
                          sizeof **set->pages);
  if (set->page_count)
    ration_memory_release(set->memory, set->pages, set->page_count * sizeof(void *), sizeof(void *));
  if (set->entities)
    ration_memory_release(set->memory, set->entities, set->entities_capacity * sizeof *set->entities,
                          sizeof *set->entities);
  if (set->size && set->elements)
    ration_memory_release(set->memory, set->elements, set->elements_capacity * set->size, set->alignment);
  memset(set, 0, sizeof *set);
}

void *ration_sparse_set_add(struct ration_sparse_set *set, struct ration_entity entity) {
  int error = check_new(set, entity);
  if (!error && set->count == set->maximum) error = -ENOSPC;
  if (!error) error = grow(set, set->count + 1);
  if (!error) error = reach(set, entity.index);
  if (error) return fail(error);
  size_t place = set->count++;
  if (set->peak < set->count) set->peak = set->count;
  set->entities[place] = entity;
  *entry_of(set, entity.index) = (struct ration_sparse_entry){(uint32_t)place + 1, entity.generation};
  return memset(set->elements + place * set->size, 0, set->size);
}

int ration_sparse_set_remove(struct ration_sparse_set *set, struct ration_entity entity,
                             struct ration_entity *ret_moved) {
  uint32_t found = ration_sparse_set_find(set, entity);
  if (!found) return why_not(set, entity);
  size_t place = found - 1, last = --set->count;
  struct ration_entity moved = ration_entity_none();
  entry_of(set, entity.index)->place = 0;
  if (place != last) {
    moved = set->entities[last];
    set->entities[place] = moved;
    entry_of(set, moved.index)->place = found;
    memcpy(set->elements + place * set->size, set->elements + last * set->size, set->size);
  }
  if (ret_moved) *ret_moved = moved;
  return 0;
}

int ration_sparse_set_place(const struct ration_sparse_set *set, struct ration_entity entity,
                            size_t *ret_place) {
  uint32_t found = ration_sparse_set_find(set, entity);
  if (!found) return why_not(set, entity);
  if (!ret_place) return -EINVAL;
  *ret_place = found - 1;
  return 0;
}

int ration_sparse_set_owner(const struct ration_sparse_set *set, uint32_t index,
                            struct ration_entity *ret_entity) {
  if (!is_in_use(set) || !ret_entity) return -EINVAL;
  const struct ration_sparse_entry *entry = entry_of(set, index);
  if (!entry || !entry->place) return -ENOENT;
  *ret_entity = set->entities[entry->place - 1];
  return 0;
}

int ration_sparse_set_reserve(struct ration_sparse_set *set, size_t count) {
  if (!is_in_use(set)) return -EINVAL;
  return count > set->maximum ? -ENOSPC : grow(set, count);
}

int ration_sparse_set_swap(struct ration_sparse_set *set, size_t place, size_t other) {
  if (!set || place >= set->count || other >= set->count) return -EINVAL;
  if (place == other) return 0;
  struct ration_entity entity = set->entities[place];
  set->entities[place] = set->entities[other];
  set->entities[other] = entity;
  entry_of(set, set->entities[place].index)->place = (uint32_t)place + 1;
  entry_of(set, entity.index)->place = (uint32_t)other + 1;
  unsigned char *a = set->elements + place * set->size, *b = set->elements + other * set->size, kept[64];
  for (size_t left = set->size, part; left; left -= part, a += part, b += part) {
    part = left < sizeof kept ? left : sizeof kept;
    memcpy(kept, a, part);
    memcpy(a, b, part);
    memcpy(b, kept, part);
  }
  return 0;
}

int ration_sparse_set_sort(struct ration_sparse_set *set,
                           int (*compare)(const void *element, const void *other, void *context),
                           void *context) {
  if (!is_in_use(set)) return -EINVAL;
  if (set->count < 2) return 0;
  uint32_t *order =
      (uint32_t *)ration_memory_allocate_array(set->memory, set->count, 2 * sizeof *order, sizeof *order);
  if (!order) return -errno;
  merge_sort(set, order, order + set->count, compare, context);
  arrange(set, order);
  ration_memory_release(set->memory, order, set->count * 2 * sizeof *order, sizeof *order);
  return 0;
}

int ration_sparse_set_clear(struct ration_sparse_set *set) {
  if (!is_in_use(set)) return -EINVAL;
  for (size_t i = 0; i < set->count; i++) entry_of(set, set->entities[i].index)->place = 0;
  set->count = 0;
  return 0;
}

static int is_empty(const struct ration_sparse_entry *page) {
  for (size_t i = 0; i < RATION_SPARSE_PAGE; i++)
    if (page[i].place) return 0;
  return 1;
}

/* Shrinks an array to count objects; where the memory refuses, it stays. */
static void *shrink(const struct ration_sparse_set *set, void *block, size_t *capacity, size_t size,
                    size_t alignment) {
  int saved = errno;
  void *shrunk = NULL;
  if (!set->count) {
    if (ration_memory_release(set->memory, block, *capacity * size, alignment)) return block;
  } else {
    shrunk = ration_memory_reallocate(set->memory, block, *capacity * size, set->count * size, alignment);
    errno = saved;
    if (!shrunk) return block;
  }
  *capacity = set->count;
  return shrunk;
}

int ration_sparse_set_shrink_to_fit(struct ration_sparse_set *set) {
  if (!is_in_use(set)) return -EINVAL;
  for (size_t i = 0; i < set->page_count; i++) {
    if (!set->pages[i] || !is_empty(set->pages[i])) continue;
    if (!ration_memory_release(set->memory, set->pages[i], RATION_SPARSE_PAGE * sizeof **set->pages,
                               sizeof **set->pages))
      set->pages[i] = NULL;
  }
  if (set->entities_capacity > set->count)
    set->entities = (struct ration_entity *)shrink(set, set->entities, &set->entities_capacity,
                                                   sizeof *set->entities, sizeof *set->entities);
  if (set->size && set->elements_capacity > set->count)
    set->elements =
        (unsigned char *)shrink(set, set->elements, &set->elements_capacity, set->size, set->alignment);
  return 0;
}

void *ration_sparse_set_miss(const struct ration_sparse_set *set, struct ration_entity entity) {
  return fail(why_not(set, entity));
}

int ration_sparse_set_is_valid(const struct ration_sparse_set *set) {
  if (!is_in_use(set)) return 0;
  if (set->count > set->maximum || set->count > set->entities_capacity || set->peak < set->count) return 0;
  if (set->size && set->count > set->elements_capacity) return 0;
  size_t placed = 0;
  for (size_t i = 0; i < set->page_count; i++)
    for (size_t j = 0; set->pages[i] && j < RATION_SPARSE_PAGE; j++) placed += set->pages[i][j].place != 0;
  for (size_t i = 0; i < set->count; i++) {
    const struct ration_sparse_entry *entry = entry_of(set, set->entities[i].index);
    if (!entry || entry->place != i + 1 || entry->generation != set->entities[i].generation) return 0;
    if (!entry->generation) return 0;
  }
  return placed == set->count;
}

/* ---- growth ---------------------------------------------------------------------------------------------- */

/* Room for count elements. Doubles, so that n adds move O(n) elements in all; where the memory has not as much, a quarter
   more, and then just what is needed. errno is as before where one of these goes. */
static int grow(struct ration_sparse_set *set, size_t count) {
  size_t least = set->entities_capacity;
  if (set->size && set->elements_capacity < least) least = set->elements_capacity;
  if (count <= least) return 0;
  size_t spare[] = {least > SMALLEST ? least : SMALLEST, least / 4, 0};
  int saved = errno, error = 0;
  for (size_t i = 0; i < sizeof spare / sizeof *spare; i++) {
    size_t wanted = least + spare[i];
    if (wanted > set->maximum) wanted = set->maximum;
    if (wanted < count) wanted = count;
    error = resize(set, &set->entities, &set->entities_capacity, wanted, sizeof *set->entities,
                   sizeof *set->entities);
    if (!error && set->size)
      error = resize(set, &set->elements, &set->elements_capacity, wanted, set->size, set->alignment);
    if (!error) errno = saved;
    if (!error || wanted == count) break;
  }
  return error;
}

/* block: the address of a pointer to objects of any kind. */
static int resize(struct ration_sparse_set *set, void *block, size_t *capacity, size_t count, size_t size,
                  size_t alignment) {
  size_t bytes;
  if (count <= *capacity) return 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return -EOVERFLOW;
  void *old, *made;
  memcpy(&old, block, sizeof old);
  made = ration_memory_reallocate(set->memory, old, *capacity * size, bytes, alignment);
  if (!made) return -errno;
  memcpy(block, &made, sizeof made);
  *capacity = count;
  return 0;
}

/* An entry for that index. */
static int reach(struct ration_sparse_set *set, uint32_t index) {
  size_t page = index / RATION_SPARSE_PAGE;
  if (page >= set->page_count) {
    size_t most = UINT32_MAX / RATION_SPARSE_PAGE + 1, count = 2 * set->page_count;
    if (count > most) count = most;
    if (count <= page) count = page + 1;
    size_t before = set->page_count;
    int error = resize(set, &set->pages, &set->page_count, count, sizeof *set->pages, sizeof *set->pages);
    if (error) return error;
    memset(set->pages + before, 0, (count - before) * sizeof *set->pages);
  }
  if (set->pages[page]) return 0;
  struct ration_sparse_entry *made = (struct ration_sparse_entry *)ration_memory_allocate_array(
      set->memory, RATION_SPARSE_PAGE, sizeof *made, sizeof *made);
  if (!made) return -errno;
  memset(made, 0, RATION_SPARSE_PAGE * sizeof *made);
  set->pages[page] = made;
  return 0;
}

/* ---- what is there --------------------------------------------------------------------------------------- */

static int is_in_use(const struct ration_sparse_set *set) {
  return set && set->alignment;
}

static struct ration_sparse_entry *entry_of(const struct ration_sparse_set *set, uint32_t index) {
  size_t page = index / RATION_SPARSE_PAGE;
  if (page >= set->page_count || !set->pages[page]) return NULL;
  return &set->pages[page][index % RATION_SPARSE_PAGE];
}

static int check_new(const struct ration_sparse_set *set, struct ration_entity entity) {
  if (!is_in_use(set) || !entity.generation) return -EINVAL;
  const struct ration_sparse_entry *entry = entry_of(set, entity.index);
  if (!entry) return 0;
  if (entity.generation < entry->generation) return -ESTALE;
  if (!entry->place) return 0;
  return entity.generation == entry->generation ? -EEXIST : -EBUSY;
}

static int why_not(const struct ration_sparse_set *set, struct ration_entity entity) {
  if (!is_in_use(set) || !entity.generation) return -EINVAL;
  const struct ration_sparse_entry *entry = entry_of(set, entity.index);
  return entry && entity.generation < entry->generation ? -ESTALE : -ENOENT;
}

/* ---- sorting --------------------------------------------------------------------------------------------- */

static int is_after(const struct ration_sparse_set *set, uint32_t place, uint32_t other,
                    int (*compare)(const void *, const void *, void *), void *context) {
  if (!compare) return set->entities[place].index > set->entities[other].index;
  return compare(set->elements + place * set->size, set->elements + other * set->size, context) > 0;
}

/* Bottom-up; order[i] becomes the place of what belongs at i. Only places move, so each element moves once, later. */
static void merge_sort(const struct ration_sparse_set *set, uint32_t *order, uint32_t *spare,
                       int (*compare)(const void *, const void *, void *), void *context) {
  size_t count = set->count;
  for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t start = 0; start + width < count; start += 2 * width) {
      size_t middle = start + width, end = middle + width < count ? middle + width : count;
      if (!is_after(set, order[middle - 1], order[middle], compare, context)) continue;
      memcpy(spare, order + start, width * sizeof *spare);
      size_t left = 0, right = middle, to = start;
      while (left < width && right < end)
        order[to++] =
            is_after(set, spare[left], order[right], compare, context) ? order[right++] : spare[left++];
      while (left < width) order[to++] = spare[left++];
    }
  }
}

/* Follows each cycle of the permutation once. */
static void arrange(struct ration_sparse_set *set, uint32_t *order) {
  for (size_t start = 0; start < set->count; start++) {
    size_t place = start;
    while (order[place] != start) {
      size_t next = order[place];
      ration_sparse_set_swap(set, place, next);
      order[place] = (uint32_t)place;
      place = next;
    }
    order[place] = (uint32_t)place;
  }
}
