/*
 * asker.h: who asked for a block: the place in the code that the exported function returns to, and where its frame is
 * on the stack, from which the callers further out can be found.
 */
#ifndef RATION_TRACK_ASKER_H
#define RATION_TRACK_ASKER_H

#include <stdint.h>

struct asker {
  uintptr_t address; /* the return address */
  /* __builtin_frame_address(0) of the function that returns there; NULL: not known. frame[1] is `address`, or nobody is
     found by way of it: where a compiler made a call of what should be a jump. */
  const void *frame;
};

/* In a function that another one ends in a jump to, whose caller `address` is: the frame is where that one's was. */
#define ASKER_BY_JUMP(address) ((struct asker){(address), __builtin_frame_address(0)})

/* In a function whose frame an asker holds: the call comes back to it. Ended by a jump, it would leave no frame. */
#define RETURN_ON_FRAME(call)                                                                                \
  do {                                                                                                       \
    __typeof__(call) result_of_call = (call);                                                                \
    __asm__ volatile("" ::: "memory");                                                                       \
    return result_of_call;                                                                                   \
  } while (0)

#endif
