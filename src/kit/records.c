/*
 * records.c: places of entities and their generations, and the array of hot records; the others are in records_warm.c.
 */
#include "kit/records.h"

#include <string.h>

#include <ration/kit/sparse_array.h>

#include "kit/fail.h"

#define HOT_ALIGNMENT     64
#define DEFAULT_ALIGNMENT 16
#define PLACES_MOST       ((size_t)UINT32_MAX - 1) /* a place plus 1 is a uint32_t, and 0 is none */
#define LAST_GENERATION   (UINT32_MAX - 1)         /* even: of a place that is not used again */

static int check_part(const struct ration_records_part *part, struct ration_records_part *ret_part);
static int add_hot(struct ration_records *records, uint32_t place);
static int take_place(struct ration_records *records, uint32_t *ret_place);
static void free_place(struct ration_records *records, uint32_t place);
static int make_scratch(struct ration_records *records, const struct ration_compression *compression);

int records_find(const struct ration_records *records, uint64_t id, struct ration_records_slot **ret_slot) {
  uint32_t place = (uint32_t)id, generation = (uint32_t)(id >> 32);
  if (!is_in_use(records)) return -EINVAL;
  *ret_slot = ration_records_slot_of(records, id);
  if (*ret_slot) return 0;
  int is_stale =
      place < records->slots.count && generation % 2 && generation < slots_of(records)[place].generation;
  return is_stale ? -ESTALE : -ENOENT;
}

void *ration_records_miss(const struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  return fail(records_find(records, id, &slot));
}

int ration_records_init(struct ration_records *records, const struct ration_records_part *hot,
                        const struct ration_records_part *warm, const struct ration_records_part *cold,
                        const struct ration_records_settings *settings) {
  struct ration_records_settings given =
      settings ? *settings : (struct ration_records_settings){.capacity = 0};
  struct ration_records made = {.maximum = given.maximum ? given.maximum : (uint32_t)PLACES_MOST};
  struct ration_records_part part;
  if (!records || !hot || !hot->size) return -EINVAL;
  int error = check_part(hot, &part);
  if (!error) error = check_part(warm, &made.warm);
  if (!error) error = check_part(cold, &made.cold);
  if (error) return error;
  if (made.maximum > PLACES_MOST || given.capacity > made.maximum) return -EINVAL;
  size_t alignment = part.alignment > HOT_ALIGNMENT ? part.alignment : HOT_ALIGNMENT;
  struct ration_vector_settings room = {.capacity = given.capacity};
  error = ration_vector_init(&made.hot, part.memory, part.size, alignment, &room);
  if (!error)
    error = ration_vector_init(&made.owners, part.memory, sizeof(uint32_t), _Alignof(uint32_t), &room);
  room.maximum = PLACES_MOST;
  if (!error)
    error = ration_vector_init(&made.slots, part.memory, sizeof(struct ration_records_slot),
                               _Alignof(struct ration_records_slot), &room);
  made.memory = part.memory;
  if (!error) error = make_scratch(&made, given.compression);
  if (!error)
    *records = made;
  else
    ration_records_done(&made);
  return error;
}

/* As large as a warm record: what does not fit in there is not worth it. */
static int make_scratch(struct ration_records *records, const struct ration_compression *compression) {
  if (!compression || !records->warm.size) return 0;
  if (!compression->compress || !compression->decompress) return -EINVAL;
  records->scratch = ration_memory_allocate(records->memory, records->warm.size, DEFAULT_ALIGNMENT);
  if (!records->scratch) return -errno;
  records->compression = compression;
  return 0;
}

/* The part with its default alignment; what is NULL has size 0. */
static int check_part(const struct ration_records_part *part, struct ration_records_part *ret_part) {
  struct ration_records_part checked = {.size = 0};
  if (part) checked = *part;
  if (!checked.alignment) checked.alignment = DEFAULT_ALIGNMENT;
  int error = ration_memory_check(checked.size ? checked.size : 1, checked.alignment);
  if (!error) *ret_part = checked;
  return error;
}

void ration_records_done(struct ration_records *records) {
  if (!is_in_use(records)) return;
  for (size_t i = 0; i < records->hot.count; i++)
    records_release(records, &slots_of(records)[owners_of(records)[i]]);
  ration_vector_done(&records->hot);
  ration_vector_done(&records->owners);
  ration_vector_done(&records->slots);
  ration_memory_release(records->memory, records->scratch, records->warm.size, DEFAULT_ALIGNMENT);
  *records = (struct ration_records){.free = 0};
}

/* ---- entities -------------------------------------------------------------------------------------------------- */

int ration_records_add(struct ration_records *records, uint64_t *ret_id) {
  if (!is_in_use(records) || !ret_id) return -EINVAL;
  if (records->hot.count == records->maximum) return -ENOSPC;
  void *warm = records->warm.size ? records_make(&records->warm) : NULL;
  if (records->warm.size && !warm) return -errno;
  uint32_t place = 0;
  int error = take_place(records, &place);
  if (!error) error = add_hot(records, place);
  if (error) {
    if (warm) ration_memory_release(records->warm.memory, warm, records->warm.size, records->warm.alignment);
    return error;
  }
  struct ration_records_slot *slot = &slots_of(records)[place];
  *slot = (struct ration_records_slot){
      .generation = slot->generation + 1, .position = (uint32_t)(records->hot.count - 1), .warm = warm};
  records->warm_count += warm != NULL;
  *ret_id = (uint64_t)slot->generation << 32 | place;
  return 0;
}

/* Of the place, which is free; it is so again where there is no room. */
static int add_hot(struct ration_records *records, uint32_t place) {
  size_t count = records->hot.count;
  int error = ration_vector_push(&records->owners, &place);
  if (!error) error = ration_vector_resize(&records->hot, count + 1);
  if (!error) return 0;
  ration_vector_resize(&records->owners, count);
  free_place(records, place);
  return error;
}

int ration_records_remove(struct ration_records *records, uint64_t id) {
  struct ration_records_slot *slot;
  int error = records_find(records, id, &slot);
  if (error) return error;
  uint32_t position = slot->position;
  records_release(records, slot);
  ration_vector_remove_swap(&records->hot, position, NULL);
  ration_vector_remove_swap(&records->owners, position, NULL);
  if (position < records->hot.count) slots_of(records)[owners_of(records)[position]].position = position;
  *slot = (struct ration_records_slot){.generation = slot->generation + 1};
  if (slot->generation != LAST_GENERATION) free_place(records, (uint32_t)id);
  return 0;
}

static int take_place(struct ration_records *records, uint32_t *ret_place) {
  if (!records->free) {
    size_t count = records->slots.count;
    int error = ration_vector_resize(&records->slots, count + 1);
    if (error) return error;
    *ret_place = (uint32_t)count;
    return 0;
  }
  *ret_place = records->free - 1;
  records->free = slots_of(records)[*ret_place].position;
  return 0;
}

static void free_place(struct ration_records *records, uint32_t place) {
  slots_of(records)[place].position = records->free;
  records->free = place + 1;
}

uint64_t ration_records_id_at(const struct ration_records *records, size_t position) {
  if (!records || position >= records->hot.count) {
    errno = records ? ENOENT : EINVAL;
    return 0;
  }
  uint32_t place = owners_of(records)[position];
  return (uint64_t)slots_of(records)[place].generation << 32 | place;
}

static void swap_pointers(void **one, void **other) {
  void *kept = *one;
  *one = *other;
  *other = kept;
}

/* Whole lines at once: sizes are mostly multiples of them, and a copy of a known size needs no call. */
static void swap_bytes(void *one, void *other, size_t size) {
  unsigned char *a = one, *b = other, kept[64];
  for (; size >= sizeof kept; size -= sizeof kept, a += sizeof kept, b += sizeof kept) {
    memcpy(kept, a, sizeof kept);
    memcpy(a, b, sizeof kept);
    memcpy(b, kept, sizeof kept);
  }
  memcpy(kept, a, size);
  memcpy(a, b, size);
  memcpy(b, kept, size);
}

int ration_records_swap(struct ration_records *records, size_t position, size_t other) {
  if (!is_in_use(records)) return -EINVAL;
  if (position >= records->hot.count || other >= records->hot.count) return -ENOENT;
  if (position == other) return 0;
  uint32_t *owners = owners_of(records), owner = owners[position];
  struct ration_records_slot *one = &slots_of(records)[owner], *two = &slots_of(records)[owners[other]];
  swap_bytes(ration_vector_at(&records->hot, position), ration_vector_at(&records->hot, other),
             records->hot.element_bytes);
  owners[position] = owners[other];
  owners[other] = owner;
  one->position = (uint32_t)other;
  two->position = (uint32_t)position;
  if (one->warm && two->warm && !one->is_demoted && !two->is_demoted) {
    swap_bytes(one->warm, two->warm, records->warm.size);
    swap_pointers(&one->warm, &two->warm);
  }
  if (one->cold && two->cold) {
    swap_bytes(one->cold, two->cold, records->cold.size);
    swap_pointers(&one->cold, &two->cold);
  }
  return 0;
}

/* ---- room and figures ------------------------------------------------------------------------------------------ */

int ration_records_reserve(struct ration_records *records, size_t capacity) {
  if (!is_in_use(records)) return -EINVAL;
  if (capacity > records->maximum) return capacity > RATION_BYTES_MOST ? -EOVERFLOW : -ENOSPC;
  int error = ration_vector_reserve(&records->hot, capacity);
  if (!error) error = ration_vector_reserve(&records->owners, capacity);
  return error ? error : ration_vector_reserve(&records->slots, capacity);
}

int ration_records_shrink_to_fit(struct ration_records *records) {
  if (!is_in_use(records)) return -EINVAL;
  int error = ration_vector_shrink_to_fit(&records->hot);
  if (!error) error = ration_vector_shrink_to_fit(&records->owners);
  return error ? error : ration_vector_shrink_to_fit(&records->slots);
}

int ration_records_stats(const struct ration_records *records, struct ration_records_figures *ret_figures) {
  if (!is_in_use(records) || !ret_figures) return -EINVAL;
  size_t hot = records->hot.count;
  *ret_figures = (struct ration_records_figures){
      .hot_count = hot,
      .warm_count = records->warm_count,
      .demoted_count = records->demoted_count,
      .cold_count = records->cold_count,
      .hot_bytes = hot * records->hot.element_bytes,
      .warm_bytes = records->warm_count * records->warm.size,
      .demoted_bytes = records->demoted_bytes,
      .cold_bytes = records->cold_count * records->cold.size,
      .array_bytes = records->hot.capacity * records->hot.element_bytes +
                     records->owners.capacity * records->owners.element_bytes +
                     records->slots.capacity * records->slots.element_bytes,
      .demotions = records->demotions,
      .promotions = records->promotions};
  return 0;
}

static int is_slot_valid(const struct ration_records *records, size_t place, size_t *live) {
  const struct ration_records_slot *slot = &slots_of(records)[place];
  if (slot->is_demoted > 1 || (slot->is_demoted && !slot->warm) || (slot->packed_bytes && !slot->is_demoted))
    return 0;
  if (slot->packed_bytes && (!records->compression || slot->packed_bytes >= records->warm.size)) return 0;
  if (slot->generation % 2 == 0) return !slot->warm && !slot->cold;
  ++*live;
  return slot->position < records->hot.count && owners_of(records)[slot->position] == place &&
         (records->warm.size || !slot->warm) && (records->cold.size || !slot->cold);
}

/* The counts of records against those that there are. */
static int are_counts_valid(const struct ration_records *records) {
  size_t warm = 0, demoted = 0, bytes = 0, cold = 0;
  for (size_t place = 0; place < records->slots.count; place++) {
    const struct ration_records_slot *slot = &slots_of(records)[place];
    warm += slot->warm && !slot->is_demoted;
    demoted += slot->is_demoted;
    cold += slot->cold != NULL;
    if (slot->is_demoted) bytes += slot->packed_bytes ? slot->packed_bytes : records->warm.size;
  }
  return warm == records->warm_count && demoted == records->demoted_count &&
         bytes == records->demoted_bytes && cold == records->cold_count;
}

int ration_records_is_valid(const struct ration_records *records) {
  size_t live = 0, free = 0, retired = 0;
  if (!is_in_use(records) || !ration_vector_is_valid(&records->hot) ||
      !ration_vector_is_valid(&records->owners) || !ration_vector_is_valid(&records->slots) ||
      records->hot.count != records->owners.count || !records->scratch != !records->compression)
    return 0;
  for (size_t place = 0; place < records->slots.count; place++) {
    if (!is_slot_valid(records, place, &live)) return 0;
    retired += slots_of(records)[place].generation == LAST_GENERATION;
  }
  for (uint32_t next = records->free; next && free <= records->slots.count; free++) {
    if (next > records->slots.count || slots_of(records)[next - 1].generation % 2) return 0;
    next = slots_of(records)[next - 1].position;
  }
  return live == records->hot.count && live + free + retired == records->slots.count &&
         are_counts_valid(records);
}

/* ---- ids that last --------------------------------------------------------------------------------------------- */

static int enter_place(struct ration_records_slot *slots, const struct ration_records_place *places,
                       size_t count, size_t index);
static void thread_places(struct ration_records *records, const struct ration_records_place *places,
                          size_t count);

size_t ration_records_places(const struct ration_records *records) {
  return is_in_use(records) ? records->slots.count : 0;
}

int ration_records_get_places(const struct ration_records *records, struct ration_records_place *ret_places) {
  if (!is_in_use(records) || !ret_places) return -EINVAL;
  const struct ration_records_slot *slots = slots_of(records);
  size_t count = 0;
  for (size_t i = 0; i < records->owners.count; i++) {
    uint32_t place = owners_of(records)[i];
    ret_places[count++] = (struct ration_records_place){place, slots[place].generation};
  }
  for (uint32_t next = records->free; next; next = slots[next - 1].position)
    ret_places[count++] = (struct ration_records_place){next - 1, slots[next - 1].generation};
  for (size_t i = 0; i < records->slots.count; i++)
    if (slots[i].generation == LAST_GENERATION)
      ret_places[count++] = (struct ration_records_place){(uint32_t)i, LAST_GENERATION};
  return 0;
}

int ration_records_set_places(struct ration_records *records, const struct ration_records_place *places,
                              size_t count) {
  if (!is_in_use(records) || (!places && count) || count > PLACES_MOST) return -EINVAL;
  if (records->slots.count) return -EBUSY;
  int error = ration_vector_resize(&records->slots, count);
  for (size_t i = 0; i < count && !error; i++) {
    error = enter_place(slots_of(records), places, count, i);
    if (!error && places[i].generation % 2 && i >= records->maximum) error = -ENOSPC;
  }
  if (error)
    ration_vector_resize(&records->slots, 0);
  else
    thread_places(records, places, count);
  return error;
}

/* Until all places are entered, those that are have a position other than 0. */
static int enter_place(struct ration_records_slot *slots, const struct ration_records_place *places,
                       size_t count, size_t index) {
  uint32_t place = places[index].place, generation = places[index].generation;
  int is_live = generation % 2 != 0, is_used_up = generation == LAST_GENERATION;
  if (place >= count || slots[place].position || generation > LAST_GENERATION) return -EINVAL;
  if (index) {
    uint32_t before = places[index - 1].generation;
    if ((is_live && before % 2 == 0) || (!is_used_up && before == LAST_GENERATION)) return -EINVAL;
  }
  slots[place] =
      (struct ration_records_slot){.generation = is_live ? generation - 1 : generation, .position = 1};
  return 0;
}

static void thread_places(struct ration_records *records, const struct ration_records_place *places,
                          size_t count) {
  records->free = 0;
  for (size_t i = count; i--;) {
    struct ration_records_slot *slot = &slots_of(records)[places[i].place];
    slot->position = 0;
    if (places[i].generation != LAST_GENERATION) free_place(records, places[i].place);
  }
}
