/*
 * lanes.c: entries in blocks, of which those that hold no entry are cut off, and what lies behind the last is zero.
 */
#include <ration/kit/lanes.h>

#include <string.h>

#define WIDTH RATION_LANES_WIDTH
#define FIELD 4 /* bytes */

static void write_lane(struct ration_lanes *lanes, size_t index, const unsigned char *values);
static void read_lane(const struct ration_lanes *lanes, size_t index, unsigned char *values);
static void clear_lane(struct ration_lanes *lanes, size_t index);

static size_t blocks_for(size_t entries) {
  return entries / WIDTH + (entries % WIDTH != 0);
}

/* Of any lane of a block that is there, also behind the last entry. */
static unsigned char *lane(const struct ration_lanes *lanes, size_t index, size_t field) {
  return lanes->blocks.data + index / WIDTH * lanes->blocks.element_bytes +
         (field * WIDTH + index % WIDTH) * FIELD;
}

static int is_in_use(const struct ration_lanes *lanes) {
  return lanes && lanes->fields;
}

int ration_lanes_init(struct ration_lanes *lanes, struct ration_memory *memory, size_t fields,
                      const struct ration_lanes_settings *settings) {
  if (!lanes || !fields || fields > RATION_LANES_FIELDS_MOST) return -EINVAL;
  size_t bytes = fields * WIDTH * FIELD, most = RATION_BYTES_MOST / bytes * WIDTH;
  size_t capacity = settings ? settings->capacity : 0;
  size_t maximum = settings && settings->maximum ? settings->maximum : most;
  if (maximum > most || capacity > most) return -EOVERFLOW;
  if (capacity > maximum) return -EINVAL;
  struct ration_vector_settings of_blocks = {.capacity = blocks_for(capacity),
                                             .maximum = blocks_for(maximum)};
  struct ration_lanes made = {.maximum = maximum, .fields = fields};
  int error = ration_vector_init(&made.blocks, memory, bytes, RATION_LANES_ALIGNMENT, &of_blocks);
  if (!error) *lanes = made;
  return error;
}

void ration_lanes_done(struct ration_lanes *lanes) {
  if (!is_in_use(lanes)) return;
  ration_vector_done(&lanes->blocks);
  *lanes = (struct ration_lanes){.count = 0};
}

int ration_lanes_add(struct ration_lanes *lanes, const void *values, size_t *ret_index) {
  if (!is_in_use(lanes)) return -EINVAL;
  if (lanes->count == lanes->maximum) return -ENOSPC;
  size_t index = lanes->count, blocks = lanes->blocks.count;
  size_t place =
      (uintptr_t)values - (uintptr_t)lanes->blocks.data; /* of values, where they lie in the blocks */
  int is_inside = place < blocks * lanes->blocks.element_bytes;
  if (index == blocks * WIDTH) {
    int error = ration_vector_resize(&lanes->blocks, blocks + 1);
    if (error) return error;
  }
  lanes->count++;
  if (values)
    write_lane(lanes, index, is_inside ? lanes->blocks.data + place : values);
  else
    clear_lane(lanes, index);
  if (ret_index) *ret_index = index;
  return 0;
}

int ration_lanes_remove(struct ration_lanes *lanes, size_t index) {
  if (!is_in_use(lanes)) return -EINVAL;
  if (index >= lanes->count) return -ENOENT;
  size_t last = lanes->count - 1;
  int is_moved = index != last;
  for (size_t field = 0; field < lanes->fields && is_moved; field++)
    memcpy(lane(lanes, index, field), lane(lanes, last, field), FIELD);
  clear_lane(lanes, last);
  lanes->count = last;
  return is_moved +
         ration_vector_resize(&lanes->blocks, blocks_for(last)); /* which cannot fail: none are new */
}

int ration_lanes_get(const struct ration_lanes *lanes, size_t index, void *ret_values) {
  if (!is_in_use(lanes) || !ret_values) return -EINVAL;
  if (index >= lanes->count) return -ENOENT;
  read_lane(lanes, index, ret_values);
  return 0;
}

int ration_lanes_set(struct ration_lanes *lanes, size_t index, const void *values) {
  if (!is_in_use(lanes) || !values) return -EINVAL;
  if (index >= lanes->count) return -ENOENT;
  write_lane(lanes, index, values);
  return 0;
}

int ration_lanes_reserve(struct ration_lanes *lanes, size_t capacity) {
  if (!is_in_use(lanes)) return -EINVAL;
  if (capacity > lanes->maximum && capacity <= RATION_BYTES_MOST / lanes->blocks.element_bytes * WIDTH)
    return -ENOSPC;
  return ration_vector_reserve(&lanes->blocks, blocks_for(capacity));
}

int ration_lanes_shrink_to_fit(struct ration_lanes *lanes) {
  return is_in_use(lanes) ? ration_vector_shrink_to_fit(&lanes->blocks) : -EINVAL;
}

void ration_lanes_clear(struct ration_lanes *lanes) {
  if (!is_in_use(lanes)) return;
  lanes->count = 0;
  ration_vector_clear(&lanes->blocks);
}

void ration_lanes_clear_tail(struct ration_lanes *lanes) {
  if (!is_in_use(lanes)) return;
  for (size_t index = lanes->count; index < lanes->blocks.count * WIDTH; index++) clear_lane(lanes, index);
}

int ration_lanes_is_valid(const struct ration_lanes *lanes) {
  if (!is_in_use(lanes) || !ration_vector_is_valid(&lanes->blocks)) return 0;
  if (lanes->count > lanes->maximum || lanes->blocks.count != blocks_for(lanes->count)) return 0;
  for (size_t index = lanes->count; index < lanes->blocks.count * WIDTH; index++)
    for (size_t field = 0; field < lanes->fields; field++)
      for (size_t byte = 0; byte < FIELD; byte++)
        if (lane(lanes, index, field)[byte]) return 0;
  return 1;
}

/* Values that lie in the blocks are taken as they were: the lane that is written may be among them. */
static void write_lane(struct ration_lanes *lanes, size_t index, const unsigned char *values) {
  unsigned char kept[RATION_LANES_FIELDS_MOST * FIELD];
  size_t place = (uintptr_t)values - (uintptr_t)lanes->blocks.data;
  if (place < lanes->blocks.count * lanes->blocks.element_bytes)
    values = memcpy(kept, values, lanes->fields * FIELD);
  for (size_t field = 0; field < lanes->fields; field++)
    memcpy(lane(lanes, index, field), values + field * FIELD, FIELD);
}

static void read_lane(const struct ration_lanes *lanes, size_t index, unsigned char *values) {
  for (size_t field = 0; field < lanes->fields; field++)
    memmove(values + field * FIELD, lane(lanes, index, field), FIELD);
}

static void clear_lane(struct ration_lanes *lanes, size_t index) {
  for (size_t field = 0; field < lanes->fields; field++) memset(lane(lanes, index, field), 0, FIELD);
}

/* ---- positions ------------------------------------------------------------------------------------------------- */

/* What every processor of today adds in one instruction. */
typedef float four __attribute__((vector_size(16), may_alias));

int ration_positions_advance(struct ration_positions *positions, const struct ration_positions *velocities,
                             float seconds) {
  if (!positions || !velocities || ration_positions_count(positions) != ration_positions_count(velocities))
    return -EINVAL;
  if (!__builtin_isfinite(seconds)) return -EINVAL; /* or the lanes behind the last would be none */
  four *to = ration_lanes_data(&positions->lanes);
  const four *by = ration_lanes_data(&velocities->lanes);
  size_t count = ration_positions_blocks(positions) * sizeof(struct ration_positions_block) / sizeof(four);
  for (size_t i = 0; i < count; i++) to[i] += by[i] * seconds;
  return 0;
}
