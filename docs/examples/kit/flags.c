/*
 * flags.c: the state of a creature in one word, and a job that of all who notice it only the first begins.
 *
 *     cc flags.c $(pkg-config --cflags rationkit) -o flags && ./flags
 */
#include <ration/kit/flags.h>
#include <stdio.h>

enum {
  ALIVE = 1 << 0,
  MOVING = 1 << 1,
  EATING = 1 << 2,
  SLEEPING = 1 << 3,
  IN_COMBAT = 1 << 4,
};

enum { IS_REQUESTED = 1 << 0 };

int main(void) {
  uint32_t flags = 0;
  ration_flags32_set(&flags, ALIVE | MOVING | EATING);
  printf("busy: %d\n", ration_flags32_is_any(flags, MOVING | EATING | IN_COMBAT));
  printf("moving and in combat: %d\n", ration_flags32_is_all(flags, MOVING | IN_COMBAT));

  ration_flags32_clear(&flags, MOVING | EATING);
  ration_flags32_assign(&flags, SLEEPING, 3 > 2);
  printf("%u flags: alive %d, sleeping %d\n", ration_flags32_count(flags),
         ration_flags32_is_set(flags, ALIVE), ration_flags32_is_set(flags, SLEEPING));
  ration_flags32_toggle(&flags, SLEEPING | MOVING);
  printf("awake and moving: %d\n",
         ration_flags32_is_none(flags, SLEEPING) && ration_flags32_is_set(flags, MOVING));

  /* Several threads may do this at once; exactly one finds that it was not requested before. */
  uint32_t autosave = 0;
  for (int i = 0; i < 3; i++)
    if (!ration_flags32_is_set(ration_flags32_set_shared(&autosave, IS_REQUESTED), IS_REQUESTED))
      printf("request %d begins the save\n", i);
  ration_flags32_clear_shared(&autosave, IS_REQUESTED);
  printf("requested still: %d\n", ration_flags32_is_set(ration_flags32_get_shared(&autosave), IS_REQUESTED));
  return 0;
}
