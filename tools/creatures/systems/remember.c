/*
 * remember.c: what an event leaves in those whom it is about: a memory, a liking, something learned, a feeling, a line of the
 * biography. In order, until no event is left.
 */
#include <errno.h>

#include "creature/fetch.h"
#include "media/media.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/relations.h"
#include "systems/ecology.h"
#include "systems/reckon.h"
#include "systems/systems.h"

#define EVENTS_AT_ONCE    16u
#define RELATIONS_FETCHED 256u /* bytes of a page */
#define ABSENT_FRIEND     0.3f /* of the liking for the friend, against whom it meets now */
#define FORGETS_EVERY     8u   /* relations refused: then those of the dead make room */

/* One that an event is about, and that lives. */
struct mind {
  struct simulation *simulation;
  uint64_t id;
  const struct event *event;
  struct cold *cold;
  struct warm *warm; /* NULL: packed away */
};

static void fetch_minds(const struct creatures *creatures, const struct event *events, size_t count);
static void fetch_mind(const struct cold *cold, const struct warm *warm);
static void ate(struct mind *eater);
static void fought(const struct event *event, struct mind *winner, struct mind *loser);
static void fled(struct mind *mind);
static void courted(struct mind *mind, uint64_t other_id);
static void met(struct mind *mind, uint64_t other_id);
static void born(struct mind *child, struct mind *mother);
static int find_mind(struct simulation *simulation, const struct event *event, uint64_t id,
                     struct mind *ret_mind);
static void note(struct mind *mind, enum memory_kind kind, uint64_t other_id, float value, float weight);
static void relate(struct mind *mind, uint64_t other_id, float more);
static float change_relation(struct mind *mind, uint64_t other_id, float more);
static void keep_in_mind(struct social *social, uint64_t other_id, float liking);
static void learn(struct mind *mind, enum stimulus stimulus, enum creature_action action, enum learned kind,
                  float more);
static void remember(struct simulation *simulation, const struct event *event);

void systems_remember(struct simulation *simulation) {
  struct event events[EVENTS_AT_ONCE];
  for (;;) {
    size_t count = 0;
    while (count < EVENTS_AT_ONCE && !events_take(&simulation->events, &events[count])) count++;
    if (!count) return;
    fetch_minds(&simulation->creatures, events, count);
    for (size_t i = 0; i < count; i++) {
      remember(simulation, &events[i]);
      if (simulation->media) media_hear(simulation, &events[i]);
    }
  }
}

/* Each stage for all of them, as what it fetches leads to what the next one does. */
static void fetch_minds(const struct creatures *creatures, const struct event *events, size_t count) {
  const struct ration_records_slot *slots = ration_vector_data(&creatures->records.records.slots);
  size_t places = creatures->records.records.slots.count, lives = 0;
  uint32_t positions[2 * EVENTS_AT_ONCE];
  const struct cold *colds[2 * EVENTS_AT_ONCE];
  for (size_t i = 0; i < count; i++) {
    if ((uint32_t)events[i].subject < places) fetch(&slots[(uint32_t)events[i].subject]);
    if ((uint32_t)events[i].object < places) fetch(&slots[(uint32_t)events[i].object]);
  }
  for (size_t i = 0; i < 2 * count; i++) {
    uint64_t id = i % 2 ? events[i / 2].object : events[i / 2].subject;
    positions[lives] = id ? creatures_find(creatures, id) : NOTHING;
    if (positions[lives] == NOTHING) continue;
    colds[lives] = creatures_cold(creatures, positions[lives]);
    fetch_object(colds[lives], sizeof(struct cold));
    fetch(&creatures_hot(creatures)[positions[lives]]);
    fetch(&creatures_warm(creatures)[positions[lives++]]);
  }
  for (size_t i = 0; i < lives; i++) fetch_mind(colds[i], creatures_warm(creatures)[positions[i]]);
}

static void fetch_mind(const struct cold *cold, const struct warm *warm) {
  if (warm) {
    fetch(&warm->social);
    fetch(&warm->emotional);
  }
  if (cold->memories.newest) fetch(&cold->memories.newest->count);
  if (cold->behaviours) fetch(cold->behaviours);
  fetch_object(cold->relations, RELATIONS_FETCHED);
}

static void remember(struct simulation *simulation, const struct event *event) {
  struct mind subject, object;
  int is_subject = find_mind(simulation, event, event->subject, &subject);
  int is_object = find_mind(simulation, event, event->object, &object);
  switch (event->kind) {
  case EVENT_ATE:
    if (is_subject) ate(&subject);
    break;
  case EVENT_FOUGHT:
    fought(event, is_subject ? &subject : NULL, is_object ? &object : NULL);
    break;
  case EVENT_FLED:
    if (is_subject) fled(&subject);
    break;
  case EVENT_COURTED:
    if (is_subject) courted(&subject, event->object);
    if (is_object) courted(&object, event->subject);
    break;
  case EVENT_MET:
    if (is_subject) met(&subject, event->object);
    if (is_object) met(&object, event->subject);
    break;
  case EVENT_BORN:
    born(is_subject ? &subject : NULL, is_object ? &object : NULL);
    break;
  default:
    break; /* the dead remember nothing, and what was learned is */
  }
}

static void ate(struct mind *eater) {
  float value = reckon_share(eater->event->value);
  eater->cold->biography.meals++;
  note(eater, MEMORY_FOOD, 0, value, 0.3f + 0.7f * value);
  learn(eater, STIMULUS_HUNGER, ACTION_SEEK_FOOD, LEARNED_SEEK_FOOD, 0.2f * LEARNT_A_LESSON);
  if (eater->warm) eater->warm->emotional.joy = reckon_share(eater->warm->emotional.joy + 0.15f * value);
}

static void fought(const struct event *event, struct mind *winner, struct mind *loser) {
  float harm = event->value;
  if (loser) {
    loser->cold->biography.fights++;
    note(loser, MEMORY_FIGHT, event->subject, -reckon_share(0.3f + 5 * harm), 0.9f);
    relate(loser, event->subject, FIGHT_DISLIKE);
    learn(loser, STIMULUS_FOE_NEAR, ACTION_FLEE, LEARNED_FLEE_FOE, LEARNT_A_LESSON);
  }
  if (loser && loser->warm) {
    struct emotional *emotional = &loser->warm->emotional;
    emotional->fear = reckon_share(emotional->fear + 0.25f + 3 * harm * (1.5f - emotional->courage));
    emotional->stress = reckon_share(emotional->stress + 0.1f);
  }
  if (!winner) return;
  winner->cold->biography.fights++;
  winner->cold->biography.fights_won++;
  note(winner, MEMORY_FIGHT, event->object, reckon_share(2 * harm), 0.6f);
  relate(winner, event->object, 0.5f * FIGHT_DISLIKE);
  learn(winner, STIMULUS_FOE_NEAR, ACTION_FIGHT, LEARNED_FIGHT_FOE, 0.5f * LEARNT_A_LESSON);
  if (winner->warm) winner->warm->emotional.anger *= 0.4f;
}

static void fled(struct mind *mind) {
  mind->cold->biography.flights++;
  note(mind, MEMORY_FLIGHT, mind->event->object, -0.3f, 0.5f);
}

static void courted(struct mind *mind, uint64_t other_id) {
  relate(mind, other_id, 0.2f);
  if (!mind->warm) return;
  mind->warm->emotional.joy = 1;
  mind->warm->social.loneliness = 0;
}

static void met(struct mind *mind, uint64_t other_id) {
  float liking = mind->event->value;
  note(mind, MEMORY_MEETING, other_id, reckon_between(-1, liking, 1), 0.3f);
  if (mind->warm && mind->warm->social.friend_id != other_id)
    mind->warm->social.friend_liking *= ABSENT_FRIEND;
  relate(mind, other_id, liking);
  learn(mind, STIMULUS_STRANGER_NEAR, ACTION_SOCIALISE, LEARNED_MEET_STRANGER, 0.2f * liking);
  if (liking > FRIEND_FROM) mind->cold->biography.friends++;
  if (mind->warm) mind->warm->social.loneliness = reckon_share(mind->warm->social.loneliness - 0.3f);
}

/* They like each other, but have not each other in mind: it is not with its mother that it is to court. */
static void born(struct mind *child, struct mind *mother) {
  struct mind father;
  if (child && mother) change_relation(child, mother->id, 0.4f);
  if (child && find_mind(child->simulation, child->event, child->cold->biography.father, &father))
    father.cold->biography.children++;
  if (!mother) return;
  mother->cold->biography.children++;
  note(mother, MEMORY_BIRTH, mother->event->subject, 0.8f, 1);
  change_relation(mother, mother->event->subject, 0.4f);
  if (mother->warm) mother->warm->emotional.joy = 1;
}

static int find_mind(struct simulation *simulation, const struct event *event, uint64_t id,
                     struct mind *ret_mind) {
  struct creatures *creatures = &simulation->creatures;
  uint32_t position = id ? creatures_find(creatures, id) : NOTHING;
  if (position == NOTHING) return 0;
  struct cold *cold = creatures_cold(creatures, position);
  if (!cold) return 0;
  *ret_mind = (struct mind){simulation, id, event, cold, creatures_warm(creatures)[position]};
  simulation->counters.bytes_touched +=
      sizeof(struct cold) + sizeof(struct social) + sizeof(struct emotional);
  return !ration_flags32_is_set(creatures_hot(creatures)[position].flags, FLAG_SIMPLIFIED);
}

static void note(struct mind *mind, enum memory_kind kind, uint64_t other_id, float value, float weight) {
  struct simulation *simulation = mind->simulation;
  struct memory memory = {.other_id = other_id,
                          .x = mind->event->x,
                          .y = mind->event->y,
                          .frame = simulation->frame,
                          .kind = (uint16_t)kind,
                          .value = value,
                          .weight = weight};
  if (memories_add(&simulation->creatures, mind->cold, &memory) >= 0) simulation->counters.remembered++;
  mind->cold->used_at = simulation->frame;
  simulation->counters.bytes_touched += sizeof(memory);
}

static void relate(struct mind *mind, uint64_t other_id, float more) {
  float liking = change_relation(mind, other_id, more);
  if (!mind->warm) return;
  if (mind->cold->relations) mind->warm->social.relations = mind->cold->relations->count;
  keep_in_mind(&mind->warm->social, other_id, liking);
}

/* How much it likes the other then. What is archived stays as it is: only what it has in mind changes. */
static float change_relation(struct mind *mind, uint64_t other_id, float more) {
  struct simulation *simulation = mind->simulation;
  struct social *social = mind->warm ? &mind->warm->social : NULL;
  if (mind->cold->archive) {
    simulation->counters.opens_put_off++;
    float before = !social                         ? 0
                   : social->friend_id == other_id ? social->friend_liking
                   : social->foe_id == other_id    ? social->foe_liking
                                                   : 0;
    return reckon_between(-1, before + more, 1);
  }
  int error = relations_change(&simulation->creatures, mind->cold, other_id, more, simulation->frame);
  if (error && social && social->refused++ % FORGETS_EVERY == 0) {
    relations_forget(&simulation->creatures, mind->cold);
    relations_change(&simulation->creatures, mind->cold, other_id, more, simulation->frame);
  }
  const struct relation *relation = relations_find(mind->cold, other_id);
  return relation ? relation->liking : more;
}

static void keep_in_mind(struct social *social, uint64_t other_id, float liking) {
  if (other_id == social->friend_id || (liking > FRIEND_FROM && liking > social->friend_liking)) {
    social->friend_id = liking > FRIEND_FROM ? other_id : 0;
    social->friend_liking = liking > FRIEND_FROM ? liking : 0;
  }
  if (other_id == social->foe_id || (liking < FOE_FROM && liking < social->foe_liking)) {
    social->foe_id = liking < FOE_FROM ? other_id : 0;
    social->foe_liking = liking < FOE_FROM ? liking : 0;
  }
}

/* The weight that it has then is in mind, too. EVENT_LEARNED only where it is the first lesson: not one for each. */
static void learn(struct mind *mind, enum stimulus stimulus, enum creature_action action, enum learned kind,
                  float more) {
  struct simulation *simulation = mind->simulation;
  int8_t *learned = mind->warm ? &mind->warm->social.learned[kind] : NULL;
  float before = learned ? (float)*learned * (1.0f / INT8_MAX) : 0, weight = before + more;
  if (mind->cold->archive) {
    simulation->counters.opens_put_off++;
  } else {
    if (behaviours_learn(&simulation->creatures, mind->cold, stimulus, action, more, simulation->frame))
      return;
    weight = behaviours_weight(mind->cold, stimulus, action);
  }
  simulation->counters.learned++;
  if (!learned) return;
  int is_first = *learned == 0;
  *learned = (int8_t)(reckon_between(-1, weight, 1) * INT8_MAX);
  if (!is_first || !*learned) return;
  struct event event = {.subject = mind->id,
                        .x = mind->event->x,
                        .y = mind->event->y,
                        .value = weight,
                        .kind = EVENT_LEARNED,
                        .frame = simulation->frame};
  events_push(&simulation->events, &event);
}
