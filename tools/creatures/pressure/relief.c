/*
 * relief.c: when the handlers run, and what comes back. Three ways lead to them: the shim's polled dispatch; where the
 * shim is passive, the level of the allocator's own budgets; and a script's lines. By the last two they run when a level
 * comes, and once a second while it stands.
 */
#include "pressure/relief.h"

#include <errno.h>
#include <time.h>

#include "pressure/script.h"

#define RUNS_EVERY      60u  /* frames */
#define LOOKS_A_FRAME   512u /* creatures that are looked at, whether something of them may come back */
#define RETURNS_A_FRAME 16u
#define TEXTURES_FIRST  1
#define CREATURES_LAST  10

struct relief {
  int handlers[2]; /* of the shim; 0: none */
  int has_script;
  struct script script;
  uint32_t level;  /* of the script, or of the allocator */
  uint32_t ran_at; /* frame */
  size_t next;     /* creature to look at */
  struct relief_figures figures;
};

static int register_handlers(struct simulation *simulation);
static uint64_t relieve_textures(const struct ration_pressure *pressure, void *context);
static uint64_t relieve_creatures(const struct ration_pressure *pressure, void *context);
static uint64_t count_call(struct simulation *simulation, uint64_t freed, double began);
static uint32_t level_of(const struct simulation *simulation, enum ration_allocator_default index);
static uint32_t find_level(struct simulation *simulation, int *ret_is_new);
static void run_handlers(struct simulation *simulation, int level);
static void give_back(struct simulation *simulation);
static int restore(struct simulation *simulation, size_t position);
static double now(void);

int relief_start(struct simulation *simulation, const char *script, const char **ret_wrong) {
  struct ration_memory *memory = memory_of(&simulation->memory, RATION_ALLOCATOR_CREATURES);
  struct relief *relief = ration_memory_allocate(memory, sizeof *relief, alignof(struct relief));
  *ret_wrong = "no memory for the handlers: give a larger --budget";
  if (!relief) return -errno;
  *relief = (struct relief){.has_script = script != NULL};
  simulation->relief = relief;
  int error = script ? script_read(&relief->script, memory, script, ret_wrong) : 0;
  if (!error && script) ration_pressure_suppress(1);
  if (!error && !script) error = register_handlers(simulation);
  if (error) {
    relief->has_script = 0;
    relief_stop(simulation);
  }
  return error;
}

void relief_stop(struct simulation *simulation) {
  struct relief *relief = simulation->relief;
  if (!relief) return;
  for (unsigned i = 0; i < 2; i++)
    if (relief->handlers[i] > 0) (void)ration_pressure_unregister(relief->handlers[i]);
  if (relief->has_script) {
    (void)ration_pressure_simulate(RATION_TOTAL, -1);
    ration_pressure_suppress(0);
    script_done(&relief->script);
  }
  ration_memory_release(memory_of(&simulation->memory, RATION_ALLOCATOR_CREATURES), relief, sizeof *relief,
                        alignof(struct relief));
  simulation->relief = NULL;
}

void relief_poll(struct simulation *simulation) {
  struct relief *relief = simulation->relief;
  if (!relief->has_script && relief->handlers[0]) {
    (void)ration_pressure_poll();
    simulation->level = level_of(simulation, RATION_ALLOCATOR_CREATURES);
    simulation->rendering_level = level_of(simulation, RATION_ALLOCATOR_RENDERING);
  } else {
    int is_new = 0;
    simulation->level = simulation->rendering_level = find_level(simulation, &is_new);
    int is_due = is_new || simulation->frame - relief->ran_at >= RUNS_EVERY;
    if (simulation->level != RATION_LEVEL_NONE && is_due) run_handlers(simulation, (int)simulation->level);
  }
  give_back(simulation);
}

void relief_stats(const struct simulation *simulation, struct relief_figures *ret_figures) {
  *ret_figures = simulation->relief->figures;
}

void relief_get_state(const struct simulation *simulation, struct relief_state *ret_state) {
  const struct relief *relief = simulation->relief;
  *ret_state =
      (struct relief_state){.level = relief->level, .ran_at = relief->ran_at, .next = (uint32_t)relief->next};
}

void relief_set_state(struct simulation *simulation, const struct relief_state *state) {
  struct relief *relief = simulation->relief;
  uint32_t passed;
  relief->level = relief->has_script ? state->level : RATION_LEVEL_NONE;
  simulation->level = simulation->rendering_level = relief->level; /* of the frame before */
  relief->ran_at = state->ran_at;
  relief->next = state->next;
  if (relief->has_script && simulation->frame)
    (void)script_take(&relief->script, simulation->frame - 1, &passed);
}

/* ---- when ------------------------------------------------------------------------------------------------------ */

static int register_handlers(struct simulation *simulation) {
  struct relief *relief = simulation->relief;
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = simulation->memory.ids[RATION_ALLOCATOR_RENDERING],
                                   .priority = TEXTURES_FIRST,
                                   .lowest_level = RATION_LEVEL_LOW,
                                   .dispatch = RATION_DISPATCH_POLLED,
                                   .function = relieve_textures,
                                   .context = simulation};
  relief->handlers[0] = ration_pressure_register(&handler);
  if (relief->handlers[0] > 0) {
    handler.category = simulation->memory.ids[RATION_ALLOCATOR_CREATURES];
    handler.priority = CREATURES_LAST;
    handler.function = relieve_creatures;
    relief->handlers[1] = ration_pressure_register(&handler);
  }
  int error = relief->handlers[0] > 0 ? relief->handlers[1] : relief->handlers[0];
  if (error > 0) return 0;
  if (error != -ENOTSUP) return error ? error : -EINVAL;
  relief->handlers[0] = relief->handlers[1] = 0;
  return 0;
}

static uint64_t relieve_textures(const struct ration_pressure *pressure, void *context) {
  struct simulation *simulation = context;
  double began = now();
  return count_call(simulation, relief_shed_textures(simulation, pressure->level), began);
}

static uint64_t relieve_creatures(const struct ration_pressure *pressure, void *context) {
  struct simulation *simulation = context;
  double began = now();
  return count_call(simulation, relief_shed_creatures(simulation, pressure->level, pressure->wanted_bytes),
                    began);
}

static uint64_t count_call(struct simulation *simulation, uint64_t freed, double began) {
  struct relief_figures *figures = &simulation->relief->figures;
  figures->calls++;
  figures->freed_bytes += freed;
  figures->seconds += now() - began;
  return freed;
}

/* By the shim: the highest of its own budget and of the total. */
static uint32_t level_of(const struct simulation *simulation, enum ration_allocator_default index) {
  int level = ration_pressure_level(simulation->memory.ids[index]);
  return level > 0 ? (uint32_t)level : RATION_LEVEL_NONE;
}

/* What the script says, or the allocator. is_new: it says it anew, or more than before. */
static uint32_t find_level(struct simulation *simulation, int *ret_is_new) {
  struct relief *relief = simulation->relief;
  uint32_t before = relief->level;
  if (relief->has_script) {
    *ret_is_new = script_take(&relief->script, simulation->frame, &relief->level);
    /* So that what reads the books sees it, too. */
    if (*ret_is_new) (void)ration_pressure_simulate(RATION_TOTAL, (int)relief->level);
  } else {
    int level = ration_allocator_pressure(&simulation->memory.allocator);
    relief->level = level > 0 ? (uint32_t)level : RATION_LEVEL_NONE;
    *ret_is_new = relief->level > before;
  }
  return relief->level;
}

static void run_handlers(struct simulation *simulation, int level) {
  const struct ration_pressure pressure = {
      .size = sizeof pressure, .level = level, .wanted_bytes = RELIEF_ALL};
  (void)relieve_textures(&pressure, simulation);
  (void)relieve_creatures(&pressure, simulation);
  simulation->relief->ran_at = simulation->frame;
}

/* ---- what comes back ------------------------------------------------------------------------------------------- */

static void give_back(struct simulation *simulation) {
  struct relief *relief = simulation->relief;
  const struct creatures *creatures = &simulation->creatures;
  const struct hot *hot = creatures_hot(creatures);
  struct warm *const *warm = creatures_warm(creatures);
  size_t count = creatures_count(creatures), looks = count < LOOKS_A_FRAME ? count : LOOKS_A_FRAME;
  unsigned returned = 0;
  for (size_t i = 0; i < looks && returned < RETURNS_A_FRAME; i++) {
    size_t position = relief->next < count ? relief->next : 0;
    relief->next = position + 1;
    if (warm[position]) continue;
    float x = hot[position].position.x - simulation->camera.x;
    float y = hot[position].position.y - simulation->camera.y;
    int is_near = x * x + y * y <= DEMOTE_BEYOND * DEMOTE_BEYOND;
    if (!is_near && simulation->level != RATION_LEVEL_NONE) continue;
    if (restore(simulation, position)) return; /* no memory for more */
    returned++;
  }
}

static int restore(struct simulation *simulation, size_t position) {
  struct creatures *creatures = &simulation->creatures;
  if (!(creatures_hot(creatures)[position].flags & FLAG_SIMPLIFIED))
    return creatures_promote(creatures, position);
  struct warm warm;
  simulation->bear(simulation, creatures_cold(creatures, position), &warm);
  return creatures_restore(creatures, position, &warm);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}
