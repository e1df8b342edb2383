/*
 * commands.c: one pass over hot records and looks.
 */
#include "media/commands.h"

#include "creature/fetch.h"

#define AHEAD 16u /* creatures */

static size_t refuse(struct ration_limits *limits, size_t count);
static struct render_command *take(struct commands *commands, struct ration_frame_arena *frames,
                                   const struct ration_limits *limits, size_t count);
static size_t room_for(const struct ration_limits *limits, size_t count);
static void make(struct render_command *commands, struct textures *textures, const struct hot *hot,
                 struct look *looks, size_t count);
static inline uint32_t pack(const float colour[4]);

uint64_t commands_make(struct commands *commands, struct ration_frame_arena *frames,
                       struct ration_limits *limits, struct textures *textures, const struct hot *hot,
                       struct look *looks, size_t count) {
  size_t allowed = refuse(limits, count);
  struct render_command *made = allowed ? take(commands, frames, limits, allowed) : NULL;
  if (!made) allowed = 0;
  if (made) make(made, textures, hot, looks, allowed);
  commands->commands = made;
  commands->count = allowed;
  commands->made += allowed;
  commands->refused += count - allowed;
  return allowed * (sizeof *hot + sizeof *looks + sizeof *made);
}

/* How many of them the limit lets through; it is asked for the others alone. */
static size_t refuse(struct ration_limits *limits, size_t count) {
  struct ration_limit_figures figures;
  if (ration_limits_stats(limits, RATION_LIMIT_RENDER_COMMANDS, &figures)) return 0;
  size_t most = figures.limit.maximum;
  for (size_t held = most; held < count; held++)
    (void)ration_limits_add(limits, RATION_LIMIT_RENDER_COMMANDS, most);
  return count < most ? count : most;
}

/* Where there is no room for as many as there may be, for those that there are, from then on: to be refused costs time. */
static struct render_command *take(struct commands *commands, struct ration_frame_arena *frames,
                                   const struct ration_limits *limits, size_t count) {
  struct render_command *made = NULL;
  if (!commands->is_tight)
    made = RATION_FRAME_ARENA_ARRAY(frames, struct render_command, room_for(limits, count));
  commands->is_tight = !made;
  return made ? made : RATION_FRAME_ARENA_ARRAY(frames, struct render_command, count);
}

/* For as many as there may ever be: of a size that grew with the births, the arena would have no block. */
static size_t room_for(const struct ration_limits *limits, size_t count) {
  struct ration_limit_figures creatures, commands;
  if (ration_limits_stats(limits, RATION_LIMIT_ACTIVE_CREATURES, &creatures) ||
      ration_limits_stats(limits, RATION_LIMIT_RENDER_COMMANDS, &commands))
    return count;
  size_t most =
      creatures.limit.maximum < commands.limit.maximum ? creatures.limit.maximum : commands.limit.maximum;
  return most > count ? most : count;
}

static void make(struct render_command *commands, struct textures *textures, const struct hot *hot,
                 struct look *looks, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct look *look = &looks[i];
    fetch(&hot[i + AHEAD]);
    fetch(&looks[i + AHEAD]);
    uint16_t texture = textures_use(textures, look->kind, hot[i].state);
    /* Seldom another: a line that is not written need not be written back. */
    if (look->texture != texture) look->texture = texture;
    commands[i] = (struct render_command){.x = hot[i].position.x,
                                          .y = hot[i].position.y,
                                          .z = hot[i].position.z,
                                          .size = look->size,
                                          .colour = pack(look->colour),
                                          .heading_x = (int16_t)(int)(hot[i].velocity.x * COMMAND_HEADING),
                                          .heading_y = (int16_t)(int)(hot[i].velocity.y * COMMAND_HEADING),
                                          .texture = texture,
                                          .kind = (uint8_t)look->kind,
                                          .state = (uint8_t)hot[i].state,
                                          .who = (uint32_t)i};
  }
}

static inline uint32_t pack(const float colour[4]) {
  uint32_t packed = 0;
  for (unsigned i = 0; i < 4; i++) packed |= (uint32_t)(int)(colour[i] * 255.0f) << 8 * i;
  return packed;
}
