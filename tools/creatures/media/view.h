/*
 * view.h: the world round the camera in a terminal, paced to real time: water, plants, creatures by what they do, a line
 * of figures and the panel. It draws what the render commands say, every other frame, with one write.
 */
#ifndef CREATURES_MEDIA_VIEW_H
#define CREATURES_MEDIA_VIEW_H

#include "simulation.h"

#define VIEW_COLUMNS_MOST 240u
#define VIEW_ROWS_MOST    80u

struct view {
  int descriptor;
  char *cells;   /* what is to be seen, row by row: an index of glyphs */
  char *written; /* what is sent to the terminal */
  size_t cell_bytes, written_bytes;
  unsigned columns, rows; /* of the picture */
  int64_t due;            /* when the next frame may begin, in nanoseconds of the monotonic clock */
  int64_t drawn;          /* when the last picture was */
  double frames_per_second;
  struct ration_memory *memory;
};

/* -ENOTTY: the descriptor is no terminal; -ENOMEM. */
int view_start(struct view *view, struct ration_memory *memory, int descriptor);

/* The terminal is as it was before. */
void view_stop(struct view *view);

/* Waits until this frame is over in real time, and draws it if it is its turn. */
void view_show(struct view *view, const struct simulation *simulation);

#endif
