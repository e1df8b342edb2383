/*
 * panel.c: names, the choice, and the text.
 */
#include "media/panel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "creature/chance.h"

#define SYLLABLES 16u

static int name_all(struct panel *panel);
static uint32_t find_nearest(const struct creatures *creatures, const struct camera *camera);
static void write_text(struct panel *panel, const struct simulation *simulation);
static size_t write_selected(const struct panel *panel, const struct simulation *simulation, char *text);
static size_t write_event(const struct panel *panel, const struct event *event, char *text, size_t used);
static size_t append(char *text, size_t used, const char *format, ...) __attribute__((format(printf, 3, 4)));

static const char syllables[SYLLABLES][4] = {"ba", "de", "fi", "go", "ha", "ju", "ka", "lo",
                                             "mi", "nu", "ra", "se", "ti", "vo", "wa", "zu"};

static const char *const state_words[STATES] = {"wanders", "looks for food", "eats",          "flees",
                                                "fights",  "courts",         "is in company", "sleeps"};

/* NULL: not worth a line. */
static const char *const event_words[EVENT_KINDS] = {[EVENT_BORN] = "is born",
                                                     [EVENT_DIED] = "dies",
                                                     [EVENT_STARVED] = "starves",
                                                     [EVENT_FOUGHT] = "beats",
                                                     [EVENT_COURTED] = "pairs with"};

int panel_init(struct panel *panel, struct ration_memory *memory) {
  *panel = (struct panel){.selected = 0};
  int error = ration_interner_init(&panel->names, memory, NULL);
  if (!error) error = name_all(panel);
  if (!error) error = panel_log_init(&panel->log, memory, PANEL_LOG);
  if (error) panel_done(panel);
  return error;
}

void panel_done(struct panel *panel) {
  ration_interner_done(&panel->names);
  panel_log_done(&panel->log);
  *panel = (struct panel){.selected = 0};
}

const char *panel_name(const struct panel *panel, uint64_t id) {
  const char *name = ration_interner_text(&panel->names, (uint32_t)(chance_mix(id) % PANEL_NAMES) + 1);
  return id && name ? name : "nobody";
}

void panel_hear(struct panel *panel, const struct event *event) {
  if (event_words[event->kind]) (void)panel_log_push(&panel->log, *event, NULL);
}

void panel_update(struct panel *panel, struct simulation *simulation) {
  if (simulation->frame % PANEL_SELECTS == 0) panel_select(panel, simulation);
  if (simulation->frame % PANEL_WRITES == 0) write_text(panel, simulation);
}

void panel_select(struct panel *panel, struct simulation *simulation) {
  struct creatures *creatures = &simulation->creatures;
  struct hot *hot = creatures_hot(creatures);
  uint32_t before = panel->selected ? creatures_find(creatures, panel->selected) : NOTHING;
  if (before != NOTHING) hot[before].flags &= ~(uint32_t)FLAG_SELECTED;
  /* The first time there may be one that was chosen before the world was saved. */
  if (!panel->selected)
    for (size_t i = 0; i < creatures_count(creatures); i++) hot[i].flags &= ~(uint32_t)FLAG_SELECTED;
  uint32_t nearest = find_nearest(creatures, &simulation->camera);
  panel->selected = 0;
  if (nearest == NOTHING) return;
  hot[nearest].flags |= FLAG_SELECTED;
  panel->selected = creatures_id_at(creatures, nearest);
}

/* All at once, at the start: a frame asks for no memory. */
static int name_all(struct panel *panel) {
  for (uint32_t i = 0; i < PANEL_NAMES; i++) {
    char name[16];
    const char *first = syllables[i % SYLLABLES], *second = syllables[i / SYLLABLES % SYLLABLES];
    snprintf(name, sizeof name, "%c%c%s%s", first[0] - 'a' + 'A', first[1], second,
             syllables[i / (SYLLABLES * SYLLABLES) * 4]);
    if (!ration_interner_add(&panel->names, name)) return -errno;
  }
  return 0;
}

/* Of two at one distance the first in the store. */
static uint32_t find_nearest(const struct creatures *creatures, const struct camera *camera) {
  const struct positions_block *blocks = positions_data(&creatures->positions);
  size_t count = creatures_count(creatures);
  uint32_t nearest = NOTHING;
  float least = 0;
  for (size_t i = 0; i < count; i++) {
    float x = blocks[i / RATION_LANES_WIDTH].x[i % RATION_LANES_WIDTH] - camera->x;
    float y = blocks[i / RATION_LANES_WIDTH].y[i % RATION_LANES_WIDTH] - camera->y;
    float distance = x * x + y * y;
    if (nearest != NOTHING && distance >= least) continue;
    nearest = (uint32_t)i;
    least = distance;
  }
  return nearest;
}

static void write_text(struct panel *panel, const struct simulation *simulation) {
  size_t used = write_selected(panel, simulation, panel->text);
  for (size_t age = 0; age < PANEL_LINES; age++) {
    const struct event *event = panel_log_at(&panel->log, age);
    if (!event) break;
    used = write_event(panel, event, panel->text, used);
  }
  panel->written_at = simulation->frame;
}

static size_t write_selected(const struct panel *panel, const struct simulation *simulation, char *text) {
  const struct creatures *creatures = &simulation->creatures;
  uint32_t position = panel->selected ? creatures_find(creatures, panel->selected) : NOTHING;
  if (position == NOTHING) return append(text, 0, "no creature\n");
  const struct hot *hot = &creatures_hot(creatures)[position];
  const struct warm *warm = creatures_warm(creatures)[position];
  size_t used =
      append(text, 0, "%s %s: health %.0f %%, energy %.0f %%\n", panel_name(panel, panel->selected),
             state_words[hot->state % STATES], (double)hot->health * 100, (double)hot->energy * 100);
  if (!warm) return append(text, used, "too far off to say more\n");
  const struct emotional *feels = &warm->emotional;
  return append(text, used, "fear %.2f, anger %.2f, joy %.2f; likes %s, walked %.0f\n", (double)feels->fear,
                (double)feels->anger, (double)feels->joy, panel_name(panel, warm->social.friend_id),
                (double)warm->movement.walked);
}

static size_t write_event(const struct panel *panel, const struct event *event, char *text, size_t used) {
  used = append(text, used, "%7.1f s  %s %s", (double)event->frame / FRAMES_A_SECOND,
                panel_name(panel, event->subject), event_words[event->kind]);
  int has_other = event->object && (event->kind == EVENT_FOUGHT || event->kind == EVENT_COURTED);
  return append(text, used, "%s%s\n", has_other ? " " : "",
                has_other ? panel_name(panel, event->object) : "");
}

/* Behind what is used; how much is used then. What does not fit is cut. */
static size_t append(char *text, size_t used, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text + used, PANEL_BYTES - used, format, arguments);
  va_end(arguments);
  if (length < 0) return used;
  size_t after = used + (size_t)length;
  return after < PANEL_BYTES ? after : PANEL_BYTES - 1;
}
