/*
 * panel.h: what is read beside the picture: the creature nearest to the camera, which is chosen once a second, and the
 * last things that happened. The text is made twice a second; what has happened since is kept as it is till then.
 */
#ifndef CREATURES_MEDIA_PANEL_H
#define CREATURES_MEDIA_PANEL_H

#include <ration/kit/interner.h>
#include <ration/kit/ring_buffer.h>

#include "simulation.h"

#define PANEL_SELECTS 60u /* frames from choice to choice */
#define PANEL_WRITES  30u /* frames from text to text */
#define PANEL_NAMES   1024u
#define PANEL_LINES   8u /* of the log, in the text */
#define PANEL_LOG     64u
#define PANEL_BYTES   2048u

RATION_RING_BUFFER(panel_log, struct event);

struct panel {
  struct ration_interner names; /* of ids 1 to PANEL_NAMES */
  struct panel_log log;
  uint64_t selected; /* id; 0: none */
  uint32_t written_at;
  char text[PANEL_BYTES]; /* lines */
};

/* -ENOMEM. */
int panel_init(struct panel *panel, struct ration_memory *memory);
void panel_done(struct panel *panel);

/* What a creature is called: syllables, always the same for an id. */
const char *panel_name(const struct panel *panel, uint64_t id);

/* Keeps an event that is worth a line. */
void panel_hear(struct panel *panel, const struct event *event);

/* What is due in this frame: the choice, the text. */
void panel_update(struct panel *panel, struct simulation *simulation);

/* Chooses the creature nearest to the camera: it alone has FLAG_SELECTED. */
void panel_select(struct panel *panel, struct simulation *simulation);

#endif
