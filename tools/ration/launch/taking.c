/*
 * taking.c: who is looked at, and what is kept of it.
 */
#include "launch/taking.h"

#include "reader/growth.h"
#include "reader/procfs.h"

/* Where it cannot be read (any more), what was taken last stands. */
void taking_take(struct taking *taking, const struct place *place, struct process *room) {
  struct fault fault;
  if (process_read(place->path, place->is_memfd, room, &fault) != 0) return;
  process_take_resident(room);
  if (!room->has_resident) return;
  taking->has_resident = true;
  taking->image = room->snapshot.name.image;
  taking->resident = room->resident;
}

void taking_hand_over(const struct taking *taking, struct process *process) {
  growth_take(process);
  process_take_resident(process);
  if (process->has_resident || !taking->has_resident) return;
  if (taking->image == process->snapshot.name.image) process_set_resident(process, &taking->resident);
}

void taking_offer(struct taking_choice *choice, uint32_t pid, void *offered) {
  uint64_t pages = 0;
  if (procfs_resident_pages(pid, &pages) != 0) return;
  size_t at = choice->count;
  while (at > 0 && choice->largest[at - 1].pages < pages) at--;
  if (at == TAKING_AT_ONCE) return;
  if (choice->count < TAKING_AT_ONCE) choice->count++;
  for (size_t i = choice->count - 1; i > at; i--) choice->largest[i] = choice->largest[i - 1];
  choice->largest[at].offered = offered;
  choice->largest[at].pages = pages;
}
