/*
 * vector.c: a list of events that is filled, ordered and thinned out, and a path that may have no more than 4 steps.
 *
 *     cc vector.c $(pkg-config --cflags --libs rationkit) -o vector && ./vector
 */
#include <errno.h>
#include <ration/kit/system.h>
#include <ration/kit/vector.h>
#include <stdio.h>

struct event {
  unsigned at, kind;
};

RATION_VECTOR(events, struct event);
RATION_VECTOR(steps, int);

/* Keeps the events in the order of their time. */
static int schedule(struct events *events, struct event event) {
  size_t place = events_count(events);
  while (place > 0 && events_at(events, place - 1)->at > event.at) place--;
  return events_insert(events, place, event);
}

int main(void) {
  struct ration_system heap;
  ration_system_init(&heap, "events");

  struct events events;
  if (events_init(&events, &heap.memory, NULL)) return 1;
  for (unsigned i = 0; i < 8; i++)
    if (schedule(&events, (struct event){.at = i * 5 % 8, .kind = i % 3})) return 1;
  for (size_t i = 0; i < events_count(&events);)
    if (events_data(&events)[i].kind == 1)
      events_remove(&events, i, NULL); /* the order stays */
    else
      i++;
  for (size_t i = 0; i < events_count(&events); i++)
    printf("event at %u of kind %u\n", events_data(&events)[i].at, events_data(&events)[i].kind);
  events_done(&events);

  struct steps steps;
  struct ration_vector_settings settings = {.maximum = 4};
  if (steps_init(&steps, &heap.memory, &settings)) return 1;
  int taken = 0, error;
  while (!(error = steps_push(&steps, taken))) taken++;
  printf("%d steps, then %s; step 9 %s\n", taken, error == -ENOSPC ? "no space" : "another error",
         steps_at(&steps, 9) ? "is there" : "is none");
  steps_done(&steps);
  return 0;
}
