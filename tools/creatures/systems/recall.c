/*
 * recall.c: what a creature's memories say: all that lie in pages are looked at, so that who remembers more thinks longer.
 * Where the best food was is what it goes by when its senses say nothing; a fight near that place speaks against it.
 */
#include "creature/fetch.h"
#include "store/memories.h"
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

#define NEAR_UNITS   96.0f  /* food so far off is worth nothing */
#define FADES_IN     180.0f /* seconds: so old a memory counts a quarter */
#define DANGER_UNITS 6.0f   /* a bad memory spoils what lies so near */

struct recalled {
  float x, y;
  float score; /* 0: none */
  uint32_t scanned;
};

static struct recalled find_food(const struct turn *turn, float unlike_x, float unlike_y);
static float score_of(const struct memory *memory, const struct hot *hot, float sense2, uint32_t frame);
static int is_bad_place(const struct turn *turn, const struct recalled *best);

void recall(struct turn *turn) {
  struct decision *decision = &turn->warm->decision;
  struct sensory *sensory = &turn->warm->sensory;
  int is_hungry = turn->hot->energy < HUNGRY_BELOW && sensory->food_age > FOOD_IS_OLD_AFTER;
  turn->counters->recalls++;
  decision->wants_opened = is_hungry && turn->cold->archive;
  struct recalled best = find_food(turn, -LONG_AGO, -LONG_AGO);
  if (best.score > 0 && is_bad_place(turn, &best)) {
    struct recalled other = find_food(turn, best.x, best.y);
    if (other.score > 0) best = other;
    best.score *= 0.5f;
  }
  decision->recalled_value = best.score;
  if (!is_hungry || best.score <= 0) return;
  sensory->food = (struct vec3){best.x, best.y, 0};
  sensory->food_age = FOOD_IS_OLD_AFTER;
  turn->cold->used_at = turn->simulation->frame;
}

void recall_fetch(const struct memory_page *page) {
  fetch_object(page, sizeof *page);
}

static struct recalled find_food(const struct turn *turn, float unlike_x, float unlike_y) {
  struct recalled best = {0};
  const struct hot *hot = turn->hot;
  float sense = turn->warm->movement.sense;
  const struct memory_page *page = NULL;
  const struct memory *memories;
  for (uint32_t count; (memories = memories_next(turn->cold, &page, &count));) {
    recall_fetch(page->newer);
    for (uint32_t i = 0; i < count; i++) {
      float score = score_of(&memories[i], hot, sense * sense, turn->simulation->frame);
      if (score <= best.score) continue;
      if (reckon_distance2(memories[i].x, memories[i].y, unlike_x, unlike_y) < DANGER_UNITS * DANGER_UNITS)
        continue;
      best = (struct recalled){memories[i].x, memories[i].y, score, best.scanned};
    }
    best.scanned += count;
  }
  turn->counters->recalled_memories += best.scanned;
  turn->counters->bytes_touched += best.scanned * sizeof(struct memory);
  return best;
}

/* value x weight x nearness x recency. What lies within its senses is not of interest: were there food, it would be
   sensed. Without branches: which kind comes next is anyone's guess. */
static float score_of(const struct memory *memory, const struct hot *hot, float sense2, uint32_t frame) {
  float distance2 = reckon_distance2(memory->x, memory->y, hot->position.x, hot->position.y);
  float age = (float)(int32_t)(frame - memory->frame) * FRAME_SECONDS;
  float nearness = 1 - distance2 * (1 / (NEAR_UNITS * NEAR_UNITS));
  float recency = 1 - age * (0.75f / FADES_IN);
  float score = memory->value * memory->weight * nearness * (recency > 0.25f ? recency : 0.25f);
  return score * (float)((memory->kind == MEMORY_FOOD) & (nearness > 0) & (distance2 > sense2));
}

static int is_bad_place(const struct turn *turn, const struct recalled *best) {
  const struct memory_page *page = NULL;
  const struct memory *memories;
  for (uint32_t count; (memories = memories_next(turn->cold, &page, &count));)
    for (uint32_t i = 0; i < count; i++) {
      if (memories[i].kind != MEMORY_FIGHT || memories[i].value >= 0) continue;
      if (reckon_distance2(memories[i].x, memories[i].y, best->x, best->y) < DANGER_UNITS * DANGER_UNITS)
        return 1;
    }
  return 0;
}
