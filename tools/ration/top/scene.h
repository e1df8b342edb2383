/*
 * scene.h: the processes that are shown, and which others are to be: found by looking through the folders of segments,
 * read again at each look.
 */
#ifndef RATION_TOOL_TOP_SCENE_H
#define RATION_TOOL_TOP_SCENE_H

#include "top/tracked.h"

#define SCENE_ENDED_NS UINT64_C(10000000000) /* one that has ended stays so long, unless it was named */

/* Which processes: those that were named, or else those of a session, or all. */
struct scene_wishes {
  size_t named_count;
  struct place_name *named; /* with all their images; allocated */
  uint64_t session_start;   /* 0: not by session */
  uint32_t session_pid;
};

struct scene {
  struct scene_wishes wishes;
  struct tracked *
      *tracked; /* in the order in which they were met; each stays where it is; allocated, as they are */
  size_t count;
  uint64_t looked_ns; /* CLOCK_MONOTONIC: the last look; 0: none yet */
  uint64_t looks;
  struct process *process;   /* room for one */
  struct place_name *passed; /* segments that are not to be read again: dead, or of another session */
  size_t passed_count;
  size_t passed_room;
  size_t unreadable; /* of these: of other users */
  int error;         /* of this look: -ENOMEM */
};

/* Returns 0 or -ENOMEM. */
int scene_begin(struct scene *scene);
void scene_end(struct scene *scene);

/* A process that the user has named, and has been read. Returns 0 or -ENOMEM. */
int scene_name(struct scene *scene, const struct process *process, uint64_t now_ns);

/* Finds and reads them: what has ended is noticed, and goes after a while. Returns 0, or -ENOMEM: figures are missing. */
int scene_look(struct scene *scene, uint64_t now_ns);

/* Their courses are to be taken from the timelines at the next look: nobody has looked for a while. */
void scene_forget_courses(struct scene *scene);

#endif
