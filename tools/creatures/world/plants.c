/*
 * plants.c: plants as entities of a world of the toolkit. Each has two components, where it is rooted and how fast it
 * grows, and a tag that says in which of 16 frames: so a frame's query yields dense arrays of those that are due.
 *
 * Nearest: of each cell c, nearest[c] is the plant p with food[p] >= PLANT_LEAST in the 5 x 5 cells round c for which
 * (distance from the middle of c, p) is least. It is a pure function of the food, in whichever order it changed.
 */
#include "world/plants.h"

#include <errno.h>
#include <string.h>

#include "creature/chance.h"

#define REACH 2 /* cells, in which a plant may be nearest */

enum { ASK_IS_THERE, ASK_X, ASK_Y, ASK_FOOD, ASK_RATE }; /* of chance */

struct rooted {
  uint32_t plant, cell;
};

struct growth {
  float rate; /* food in PLANT_FRAMES frames */
};

static const struct ration_component rooted_type = {
    "plant.rooted", sizeof(struct rooted), 4, NULL, NULL, NULL};
static const struct ration_component growth_type = {
    "plant.growth", sizeof(struct growth), 4, NULL, NULL, NULL};
static const struct ration_component phases[PLANT_FRAMES] = {
#define PHASE(NUMBER)                                                                                        \
  { "plant.phase" #NUMBER, 0, 1, NULL, NULL, NULL }
    PHASE(0), PHASE(1), PHASE(2),  PHASE(3),  PHASE(4),  PHASE(5),  PHASE(6),  PHASE(7),
    PHASE(8), PHASE(9), PHASE(10), PHASE(11), PHASE(12), PHASE(13), PHASE(14), PHASE(15)};

static size_t choose_cells(struct plants *plants, uint64_t seed);
static int make_world(struct plants *plants);
static int plant_all(struct plants *plants, uint64_t seed, size_t creatures);
static int grow(struct ration_world *world, double seconds, void *context);
static void ripen(struct plants *plants, uint32_t plant);
static void wilt(struct plants *plants, uint32_t plant);

int plants_init(struct plants *plants, struct memory_root *memory, const struct terrain *terrain,
                uint64_t seed, size_t creatures) {
  size_t cells = terrain_cells(terrain);
  *plants = (struct plants){
      .terrain = terrain, .cells = cells, .memory = memory_of(memory, RATION_ALLOCATOR_WORLD)};
  plants->at = (uint32_t *)ration_memory_allocate_array(plants->memory, cells, sizeof *plants->at, 64);
  plants->nearest =
      (uint32_t *)ration_memory_allocate_array(plants->memory, cells, sizeof *plants->nearest, 64);
  if (plants->at && plants->nearest) {
    plants->count = choose_cells(plants, seed);
    plants->places = (struct plant_place *)ration_memory_allocate_array(plants->memory, plants->count,
                                                                        sizeof *plants->places, 64);
  }
  int error = plants->places ? make_world(plants) : -ENOMEM;
  if (!error) error = plant_all(plants, seed, creatures);
  if (error) plants_done(plants);
  return error;
}

void plants_done(struct plants *plants) {
  ration_world_done(&plants->world);
  ration_memory_release(plants->memory, plants->places, plants->count * sizeof *plants->places, 64);
  ration_memory_release(plants->memory, plants->nearest, plants->cells * sizeof *plants->nearest, 64);
  ration_memory_release(plants->memory, plants->at, plants->cells * sizeof *plants->at, 64);
  *plants = (struct plants){.count = 0};
}

void plants_grow(struct plants *plants, uint32_t frame) {
  plants->frame = frame;
  ration_world_run(&plants->world, 0);
}

float plants_bite(struct plants *plants, uint32_t plant, float most) {
  float food = plants->places[plant].food;
  if (food < PLANT_LEAST) return 0;
  float taken = most < food ? most : food;
  plants_set_food(plants, plant, food - taken);
  plants->bites++;
  return taken;
}

void plants_set_food(struct plants *plants, uint32_t plant, float food) {
  int was_ripe = plants->places[plant].food >= PLANT_LEAST, is_ripe = food >= PLANT_LEAST;
  plants->places[plant].food = food;
  if (is_ripe && !was_ripe) ripen(plants, plant);
  if (was_ripe && !is_ripe) wilt(plants, plant);
}

/* ---- planting -------------------------------------------------------------------------------------------- */

/* At least one, however few the cells. */
static size_t choose_cells(struct plants *plants, uint64_t seed) {
  uint32_t cells = terrain_cells(plants->terrain), count = 0;
  for (uint32_t cell = 0; cell < cells; cell++) {
    int is_there = terrain_is_dry(plants->terrain, cell) && chance(seed, cell, 0, ASK_IS_THERE) < PLANT_SHARE;
    plants->at[cell] = is_there || (cell == cells - 1 && !count) ? count++ : NOTHING;
    plants->nearest[cell] = NOTHING;
  }
  return count;
}

/* Room for all components and entities at once: later, a frame asks for no memory. */
static int make_world(struct plants *plants) {
  const struct ration_world_settings settings = {.entities = plants->count,
                                                 .components = 2 + PLANT_FRAMES,
                                                 .archetypes = PLANT_FRAMES,
                                                 .systems = 1,
                                                 .chunk = 64,
                                                 .chunk_most = 4096};
  const struct ration_component_settings listed = {.category = "world"};
  const struct ration_world_system system = {"grow", 0, grow, plants};
  int error = ration_world_init(&plants->world, plants->memory, &settings);
  if (!error) error = ration_world_component_add(&plants->world, &rooted_type, &listed);
  if (!error) error = ration_world_component_add(&plants->world, &growth_type, &listed);
  for (uint32_t i = 0; i < PLANT_FRAMES && !error; i++)
    error = ration_world_component_add(&plants->world, &phases[i], NULL);
  if (!error) error = ration_world_system_add(&plants->world, &system);
  return error;
}

static int spawn(struct plants *plants, uint32_t plant, float rate) {
  struct ration_entity_builder builder;
  const struct rooted rooted = {plant, plants->places[plant].cell};
  const struct growth growth = {rate};
  int error = ration_entity_builder_init(&builder, &plants->world);
  if (error) return error;
  error = ration_entity_builder_add(&builder, &rooted_type, &rooted);
  if (!error) error = ration_entity_builder_add(&builder, &growth_type, &growth);
  if (!error) error = ration_entity_builder_add(&builder, &phases[plant % PLANT_FRAMES], NULL);
  if (!error) error = ration_entity_builder_commit(&builder, &plants->places[plant].entity);
  ration_entity_builder_done(&builder);
  return error;
}

/* How fast this one grows, as a weight: from half as fast as the average to half as fast again. */
static float vigour(uint64_t seed, uint32_t cell) {
  return 0.5f + chance(seed, cell, 0, ASK_RATE);
}

/* The rates of all together are what so many creatures need. */
static int plant_all(struct plants *plants, uint64_t seed, size_t creatures) {
  double vigours = 0;
  int error = 0;
  for (uint32_t cell = 0; cell < terrain_cells(plants->terrain); cell++)
    if (plants->at[cell] != NOTHING) vigours += (double)vigour(seed, cell);
  double rate = (double)PLANTS_GROW_CREATURE * (double)creatures * PLANT_FRAMES / 60 / vigours;
  for (uint32_t cell = 0; cell < terrain_cells(plants->terrain) && !error; cell++) {
    uint32_t plant = plants->at[cell];
    if (plant == NOTHING) continue;
    struct vec3 middle = terrain_middle(plants->terrain, cell);
    float spread = 0.8f * CELL_UNITS;
    plants->places[plant] =
        (struct plant_place){.x = middle.x + (chance(seed, cell, 0, ASK_X) - 0.5f) * spread,
                             .y = middle.y + (chance(seed, cell, 0, ASK_Y) - 0.5f) * spread,
                             .cell = cell};
    plants_set_food(plants, plant, chance(seed, cell, 0, ASK_FOOD));
    error = spawn(plants, plant, (float)(rate * (double)vigour(seed, cell)));
  }
  return error;
}

/* ---- growing --------------------------------------------------------------------------------------------- */

static int grow(struct ration_world *world, double seconds, void *context) {
  (void)seconds; /* a frame each */
  struct plants *plants = (struct plants *)context;
  struct ration_world_query query;
  const struct ration_world_terms due = {
      .required = {&rooted_type, &growth_type, &phases[plants->frame % PLANT_FRAMES]}};
  for (ration_world_query_begin(world, &query, &due); ration_world_query_next(&query) > 0;) {
    const struct rooted *rooted = (const struct rooted *)query.columns[0];
    const struct growth *growth = (const struct growth *)query.columns[1];
    for (size_t i = 0; i < query.count; i++) {
      struct plant_place *place = &plants->places[rooted[i].plant];
      float grown = place->food + growth[i].rate;
      int ripens = place->food < PLANT_LEAST && grown >= PLANT_LEAST;
      place->food = grown < 1 ? grown : 1;
      if (ripens) ripen(plants, rooted[i].plant);
    }
  }
  return 0;
}

/* ---- which is nearest ------------------------------------------------------------------------------------ */

struct square {
  uint32_t left, right, top, bottom; /* cells; right and bottom are among them */
};

static struct square around(const struct terrain *terrain, uint32_t cell) {
  uint32_t x = cell % terrain->side, y = cell / terrain->side, last = terrain->side - 1;
  return (struct square){.left = x > REACH ? x - REACH : 0,
                         .right = x + REACH < last ? x + REACH : last,
                         .top = y > REACH ? y - REACH : 0,
                         .bottom = y + REACH < last ? y + REACH : last};
}

static float distance_squared(const struct plants *plants, uint32_t cell, uint32_t plant) {
  struct vec3 middle = terrain_middle(plants->terrain, cell);
  float x = plants->places[plant].x - middle.x, y = plants->places[plant].y - middle.y;
  return x * x + y * y;
}

/* Of a cell: the nearer of the two, either of which may be NOTHING. */
static uint32_t nearer(const struct plants *plants, uint32_t cell, uint32_t plant, uint32_t other) {
  if (plant == NOTHING || other == NOTHING) return plant == NOTHING ? other : plant;
  float distance = distance_squared(plants, cell, plant), others = distance_squared(plants, cell, other);
  if (distance == others) return plant < other ? plant : other;
  return distance < others ? plant : other;
}

/* There is food from now on: it is the nearest of those cells that have none nearer. */
static void ripen(struct plants *plants, uint32_t plant) {
  uint32_t side = plants->terrain->side;
  struct square square = around(plants->terrain, plants->places[plant].cell);
  for (uint32_t y = square.top; y <= square.bottom; y++)
    for (uint32_t cell = y * side + square.left; cell <= y * side + square.right; cell++)
      plants->nearest[cell] = nearer(plants, cell, plants->nearest[cell], plant);
}

static uint32_t find_nearest(const struct plants *plants, uint32_t cell) {
  uint32_t side = plants->terrain->side, nearest = NOTHING;
  struct square square = around(plants->terrain, cell);
  for (uint32_t y = square.top; y <= square.bottom; y++)
    for (uint32_t beside = y * side + square.left; beside <= y * side + square.right; beside++) {
      uint32_t plant = plants->at[beside];
      if (plant != NOTHING && plants->places[plant].food >= PLANT_LEAST)
        nearest = nearer(plants, cell, nearest, plant);
    }
  return nearest;
}

/* There is none any more: cells of which it was the nearest look for another. */
static void wilt(struct plants *plants, uint32_t plant) {
  uint32_t side = plants->terrain->side;
  struct square square = around(plants->terrain, plants->places[plant].cell);
  for (uint32_t y = square.top; y <= square.bottom; y++)
    for (uint32_t cell = y * side + square.left; cell <= y * side + square.right; cell++)
      if (plants->nearest[cell] == plant) plants->nearest[cell] = find_nearest(plants, cell);
}
