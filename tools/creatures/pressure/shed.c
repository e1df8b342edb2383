/*
 * shed.c: what goes at each level, of textures and of creatures.
 */
#include "media/media.h"
#include "media/textures.h"
#include "pressure/relief.h"
#include "store/archive.h"
#include "store/memories.h"

#define IDLE_SECONDS  10u
#define LONG_SECONDS  60u
#define SHORT_SECONDS 10u

static size_t used_bytes(struct simulation *simulation);
static int is_beyond(const struct simulation *simulation, size_t position, float distance);
static void archive_idle(struct simulation *simulation, size_t position);
static void demote_distant(struct simulation *simulation, size_t position);
static void archive_all(struct simulation *simulation, size_t position);
static void simplify_distant(struct simulation *simulation, size_t position);

/* What each level adds to those below it. */
static void (*const sheds[])(struct simulation *simulation,
                             size_t position) = {[RATION_LEVEL_LOW] = archive_idle,
                                                 [RATION_LEVEL_MEDIUM] = demote_distant,
                                                 [RATION_LEVEL_HIGH] = archive_all,
                                                 [RATION_LEVEL_CRITICAL] = simplify_distant};

uint64_t relief_shed_creatures(struct simulation *simulation, int level, uint64_t wanted) {
  size_t before = used_bytes(simulation), after = before;
  for (int is = RATION_LEVEL_LOW; is <= level && is <= RATION_LEVEL_CRITICAL; is++) {
    for (size_t i = 0; i < creatures_count(&simulation->creatures); i++) sheds[is](simulation, i);
    creatures_trim(&simulation->creatures);
    after = used_bytes(simulation);
    if (before > after && before - after >= wanted) break;
  }
  return before > after ? before - after : 0;
}

uint64_t relief_shed_textures(struct simulation *simulation, int level) {
  static const uint32_t frames[] = {[RATION_LEVEL_LOW] = LONG_SECONDS * FRAMES_A_SECOND,
                                    [RATION_LEVEL_MEDIUM] = SHORT_SECONDS * FRAMES_A_SECOND,
                                    [RATION_LEVEL_HIGH] = 1,
                                    [RATION_LEVEL_CRITICAL] = 1};
  struct textures *textures = media_textures(simulation);
  if (level < RATION_LEVEL_LOW || level > RATION_LEVEL_CRITICAL) return 0;
  size_t freed = textures_evict(textures, simulation->frame, frames[level]);
  if (level == RATION_LEVEL_CRITICAL) freed += textures_halve(textures);
  return freed;
}

/* Of creatures and all that is below: as the allocator has it, also where the shim is passive. */
static size_t used_bytes(struct simulation *simulation) {
  struct ration_allocator_figures figures;
  int error = ration_allocator_stats(&simulation->memory.allocator, RATION_ALLOCATOR_CREATURES, &figures);
  return error ? 0 : figures.used;
}

static int is_beyond(const struct simulation *simulation, size_t position, float distance) {
  const struct hot *hot = &creatures_hot(&simulation->creatures)[position];
  float x = hot->position.x - simulation->camera.x, y = hot->position.y - simulation->camera.y;
  return x * x + y * y > distance * distance;
}

static void archive_idle(struct simulation *simulation, size_t position) {
  struct cold *cold = creatures_cold(&simulation->creatures, position);
  if (simulation->frame - cold->used_at >= IDLE_SECONDS * FRAMES_A_SECOND)
    (void)archive_pack(&simulation->creatures, cold);
}

static void demote_distant(struct simulation *simulation, size_t position) {
  if (creatures_warm(&simulation->creatures)[position] && is_beyond(simulation, position, DEMOTE_BEYOND))
    (void)creatures_demote(&simulation->creatures, position);
}

/* What was packed with more memories is opened first: where there is no room for that, it stays. */
static void archive_all(struct simulation *simulation, size_t position) {
  struct creatures *creatures = &simulation->creatures;
  struct cold *cold = creatures_cold(creatures, position);
  uint32_t memories = cold->memories.count + (cold->archive ? cold->archive->memories : 0);
  if (memories > KEEP_MEMORIES && !archive_open(creatures, cold))
    (void)memories_keep(creatures, cold, KEEP_MEMORIES);
  (void)archive_pack(creatures, cold);
}

static void simplify_distant(struct simulation *simulation, size_t position) {
  int is_simple = (creatures_hot(&simulation->creatures)[position].flags & FLAG_SIMPLIFIED) != 0;
  if (!is_simple && is_beyond(simulation, position, SIMPLIFY_BEYOND))
    (void)creatures_simplify(&simulation->creatures, position);
}
