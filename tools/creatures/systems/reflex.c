/*
 * reflex.c: what a creature does by its hot record alone, while its warm one is packed away or was given up: it eats what is
 * in reach, goes to what it senses, keeps away from fights, and else walks on.
 */
#include <math.h>

#include "creature/chance.h"
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

#define REFLEX_SPEED 3.0f /* units a second: its genes are cold */

static void go_towards(struct turn *turn, float x, float y, float speed);
static void go_on(struct turn *turn);
static void go(struct turn *turn, float wanted_x, float wanted_y);

void reflex(struct turn *turn) {
  struct hot *hot = turn->hot;
  const struct simulation *simulation = turn->simulation;
  const struct percept *percept = &hot->percept;
  const struct plants *plants = &simulation->plants;
  int is_hungry = hot->energy < (hot->state == STATE_EAT ? EAT_UNTIL : EAT_BELOW);
  int is_food = percept->plant < plants->count;
  ration_flags32_clear(&hot->flags, FLAG_SLEEPING | FLAG_IN_COMBAT);
  if (percept->fighters && percept->neighbour < creatures_count(&simulation->creatures)) {
    const struct vec3 *other = &creatures_hot(&simulation->creatures)[percept->neighbour].position;
    hot->state = STATE_FLEE;
    go_towards(turn, other->x, other->y, -FLEE_PACE * REFLEX_SPEED);
  } else if (is_hungry && is_food && percept->plant_distance <= EAT_REACH) {
    hot->state = STATE_EAT;
    go(turn, 0, 0);
  } else if (is_hungry && is_food) {
    hot->state = STATE_SEEK;
    go_towards(turn, plants->places[percept->plant].x, plants->places[percept->plant].y, REFLEX_SPEED);
  } else {
    go_on(turn);
  }
}

static void go_towards(struct turn *turn, float x, float y, float speed) {
  float dx = x - turn->hot->position.x, dy = y - turn->hot->position.y;
  float scale = speed / sqrtf(dx * dx + dy * dy + 1e-4f);
  go(turn, dx * scale, dy * scale);
}

/* As it went; another way now and then, and where it stood. */
static void go_on(struct turn *turn) {
  const struct simulation *simulation = turn->simulation;
  uint32_t frame = simulation->frame;
  int is_new = turn->hot->state != STATE_WANDER;
  turn->hot->state = STATE_WANDER;
  if (!is_new && chance(simulation->seed, turn->place, frame, QUESTION_WANDER_ANEW) >= WANDER_ANEW) return;
  float x = chance(simulation->seed, turn->place, frame, QUESTION_WANDER_X) - 0.5f;
  float y = chance(simulation->seed, turn->place, frame, QUESTION_WANDER_Y) - 0.4999f;
  float scale = REFLEX_SPEED / sqrtf(x * x + y * y);
  go(turn, x * scale, y * scale);
}

static void go(struct turn *turn, float wanted_x, float wanted_y) {
  struct positions_block *block =
      positions_data(&turn->simulation->creatures.positions) + turn->position / RATION_LANES_WIDTH;
  block->wanted_x[turn->position % RATION_LANES_WIDTH] = wanted_x;
  block->wanted_y[turn->position % RATION_LANES_WIDTH] = wanted_y;
}
