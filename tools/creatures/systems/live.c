/*
 * live.c: what a frame does to each creature by itself: its place comes from its lane, and is put back where it would stand in
 * water; it follows its way; it spends energy, starves, heals. Lanes are its own, too, as ranges begin at whole blocks.
 *
 * With a goal it wants to walk to the waypoint; without one it goes on as it did; where its pace is 0 it wants to stand.
 */
#include "systems/systems.h"

#include <math.h>

#include "creature/fetch.h"

#define NEAR       0.5f  /* units: it is there */
#define MOVES      0.05f /* units a second, from which on it counts as moving */
#define STANDS     0.4f  /* share of its metabolism that it needs at any pace */
#define ASLEEP     0.5f  /* of what it would need awake */
#define METABOLISM 0.02f /* energy a second, of those without a warm record */
#define STARVES    0.05f /* health a second, without energy */
#define HEALS      0.02f /* with more energy than HEALTHY */
#define AILS       0.01f /* diseased */
#define HEALTHY    0.5f
#define AHEAD      32u /* creatures */
#define WIDTH      RATION_LANES_WIDTH

#define BYTES_PLAIN                                                                                          \
  (2 * sizeof(struct hot) + 8 * sizeof(float) + 5 +                                                          \
   sizeof(struct spatial_note)) /* hot, the lane, the ground */
#define BYTES_WARM (2 * sizeof(struct movement))

static inline void fetch_ahead(const struct simulation *simulation, size_t position);
static void place(const struct terrain *terrain, struct hot *hot, struct movement *movement,
                  struct positions_block *block, unsigned lane);
static void walk(const struct simulation *simulation, const struct hot *hot, struct movement *movement,
                 struct positions_block *block, unsigned lane);
static void measure(const struct hot *hot, struct movement *movement);
static void spend(struct hot *hot, const struct movement *movement);

void live_range(struct simulation *simulation, size_t first, size_t last, unsigned worker) {
  struct positions_block *blocks = positions_data(&simulation->creatures.positions);
  struct hot *hots = creatures_hot(&simulation->creatures);
  struct warm *const *warms = creatures_warm(&simulation->creatures);
  size_t count = creatures_count(&simulation->creatures), with_warm = 0;
  struct spatial *spatial = &simulation->spatial;
  for (size_t i = first; i < last; i++) {
    if (i + AHEAD < count) fetch_ahead(simulation, i + AHEAD);
    struct movement *movement = warms[i] ? &warms[i]->movement : NULL;
    struct positions_block *block = &blocks[i / WIDTH];
    place(&simulation->terrain, &hots[i], movement, block, i % WIDTH);
    if (movement) walk(simulation, &hots[i], movement, block, i % WIDTH);
    if (movement && (i / WIDTH + simulation->frame) % AI_FRAMES == 0) measure(&hots[i], movement);
    spend(&hots[i], movement);
    spatial_note(spatial, i, &hots[i], movement);
    with_warm += movement != NULL;
  }
  struct counters *share = &simulation->shares[worker];
  share->moved += last - first;
  share->bytes_touched += (last - first) * BYTES_PLAIN + with_warm * BYTES_WARM;
}

/* And of the lanes those of the next stretch, which systems/move.c begins with. */
static inline void fetch_ahead(const struct simulation *simulation, size_t position) {
  const struct creatures *creatures = &simulation->creatures;
  fetch(creatures_warm(creatures)[position]);
  fetch_to_write(&creatures_hot(creatures)[position]);
  if (position % WIDTH) return;
  const char *block = (const char *)&positions_data(&creatures->positions)[position / WIDTH];
  fetch_object(block + (WALK_STRETCH - AHEAD) / WIDTH * sizeof(struct positions_block),
               sizeof(struct positions_block));
}

/* Where it is by its lane. In water it is put back, turns round, and gives up its goal: its way there was wrong. */
static void place(const struct terrain *terrain, struct hot *hot, struct movement *movement,
                  struct positions_block *block, unsigned lane) {
  uint32_t cell = terrain_cell(terrain, block->x[lane], block->y[lane]);
  if (__builtin_expect(terrain->is_water[cell], 0)) {
    block->x[lane] = hot->position.x;
    block->y[lane] = hot->position.y;
    block->velocity_x[lane] = -block->velocity_x[lane];
    block->velocity_y[lane] = -block->velocity_y[lane];
    block->wanted_x[lane] = -block->wanted_x[lane];
    block->wanted_y[lane] = -block->wanted_y[lane];
    if (movement) movement->has_goal = 0;
    cell = terrain_cell(terrain, hot->position.x, hot->position.y);
  }
  block->ground[lane] = terrain->heights[cell];
  hot->position = (struct vec3){block->x[lane], block->y[lane], block->z[lane]};
  hot->velocity = (struct vec3){block->velocity_x[lane], block->velocity_y[lane], block->velocity_z[lane]};
  hot->spatial_hash = cell;
}

/* It is at its waypoint. The last step's is the goal itself; so is that of one whose path has been dropped. */
static void step(const struct simulation *simulation, struct movement *movement) {
  if (!movement->path) {
    movement->has_goal = 0;
    return;
  }
  const struct path *path = paths_get(&simulation->paths, movement->path, movement->path_serial);
  uint32_t next = movement->step + 1u;
  if (path && next < path->count && path->steps[next] != path->to) {
    movement->step = (uint16_t)next;
    movement->waypoint = terrain_middle(&simulation->terrain, path->steps[next]);
  } else {
    movement->path = 0;
    movement->waypoint = movement->goal;
  }
}

static void walk(const struct simulation *simulation, const struct hot *hot, struct movement *movement,
                 struct positions_block *block, unsigned lane) {
  float x = movement->waypoint.x - hot->position.x, y = movement->waypoint.y - hot->position.y;
  if (movement->has_goal && x * x + y * y < NEAR * NEAR) {
    step(simulation, movement);
    x = movement->waypoint.x - hot->position.x;
    y = movement->waypoint.y - hot->position.y;
    if (!movement->has_goal) block->wanted_x[lane] = block->wanted_y[lane] = 0;
  }
  float distance = sqrtf(x * x + y * y), speed = movement->speed * movement->pace;
  float share = distance > NEAR * 0.1f ? speed / distance : 0;
  int is_sent = movement->has_goal || movement->pace == 0;
  block->wanted_x[lane] = is_sent ? x * share : block->wanted_x[lane];
  block->wanted_y[lane] = is_sent ? y * share : block->wanted_y[lane];
}

/* By what it does every 8th frame: in the others its movement is only read, and no line need be written back. */
static void measure(const struct hot *hot, struct movement *movement) {
  float fast = sqrtf(hot->velocity.x * hot->velocity.x + hot->velocity.y * hot->velocity.y);
  movement->walked += fast * (AI_FRAMES * FRAME_SECONDS);
}

static float within_1(float value) {
  value = value > 0 ? value : 0;
  return value < 1 ? value : 1;
}

static void spend(struct hot *hot, const struct movement *movement) {
  float metabolism = movement ? movement->metabolism : METABOLISM, pace = movement ? movement->pace : 1;
  float awake = hot->flags & FLAG_SLEEPING ? ASLEEP : 1;
  float change = hot->energy <= 0 ? -STARVES : hot->energy > HEALTHY ? HEALS : 0;
  change -= hot->flags & FLAG_DISEASED ? AILS : 0;
  hot->health = within_1(hot->health + change * FRAME_SECONDS);
  hot->energy = within_1(hot->energy - metabolism * (STANDS + (1 - STANDS) * pace) * awake * FRAME_SECONDS);
  float fast = hot->velocity.x * hot->velocity.x + hot->velocity.y * hot->velocity.y;
  uint32_t moving = fast > MOVES * MOVES ? FLAG_MOVING : 0;
  hot->flags = (hot->flags & ~(uint32_t)FLAG_MOVING) | moving;
}
