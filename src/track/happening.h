/*
 * happening.h: what happens to a process besides its budgets, as events: threads, categories, forks, exec.
 *
 * Off the fast path; no allocation; errno is kept.
 */
#ifndef RATION_TRACK_HAPPENING_H
#define RATION_TRACK_HAPPENING_H

#include "model/event_ring.h"

/* Puts the event into the ring, with this moment and the calling thread where they are not said. */
void happening_note(struct event event);

/* A thread has taken the slab, or is about to give it back (RATION_EVENT_THREAD_*): its head says which. */
void happening_note_thread(uint8_t kind, uint32_t slab);

/*
 * Categories that came since the last call, whoever added them: to be called after one may have been added. Each is an
 * event once. A fresh segment begins with those up to `last`, which are none.
 */
void happening_begin_categories(uint32_t last);
void happening_note_categories(void);

#endif
