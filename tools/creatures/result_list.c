/*
 * result_list.c: where each count is.
 */
#include "result_list.h"

#include <string.h>

#include "media/media.h"
#include "pressure/relief.h"

size_t result_counters(const struct simulation *simulation, struct named_count ret_counts[RESULT_COUNTERS]) {
  const struct counters *done = &simulation->counters;
  struct media_figures media;
  media_stats(simulation, &media);
  const struct named_count counts[] = {
      {"moved", done->moved},
      {"sensed", done->sensed},
      {"sensed_others", done->sensed_others},
      {"decided", done->decided},
      {"recalls", done->recalls},
      {"recalled_memories", done->recalled_memories},
      {"eaten", done->eaten},
      {"fights", done->fights},
      {"flights", done->flights},
      {"meetings", done->meetings},
      {"courtships", done->courtships},
      {"births", done->births},
      {"births_refused", done->births_refused},
      {"deaths", done->deaths},
      {"starved", done->starved},
      {"remembered", done->remembered},
      {"learned", done->learned},
      {"opens_put_off", done->opens_put_off},
      {"paths_found", simulation->paths.found},
      {"paths_reused", simulation->paths.reused},
      {"paths_hopeless", simulation->paths.hopeless},
      {"bites", simulation->plants.bites},
      {"render_commands", media.commands},
      {"render_commands_refused", media.commands_refused},
      {"sounds", media.sounds},
      {"bytes_touched", done->bytes_touched},
  };
  _Static_assert(sizeof counts / sizeof *counts <= RESULT_COUNTERS, "room for all");
  memcpy(ret_counts, counts, sizeof counts);
  return sizeof counts / sizeof *counts;
}

size_t result_pressure(const struct simulation *simulation, struct named_count ret_counts[RESULT_PRESSURE]) {
  const struct creatures *creatures = &simulation->creatures;
  struct media_figures media;
  struct relief_figures relief;
  media_stats(simulation, &media);
  relief_stats(simulation, &relief);
  const struct named_count counts[] = {
      {"level", simulation->level},
      {"calls", relief.calls},
      {"freed_bytes", relief.freed_bytes},
      {"archived", creatures->archived},
      {"opened", creatures->opened},
      {"demoted", creatures->demotions},
      {"promoted", creatures->promotions},
      {"simplified", creatures->simplified},
      {"textures_loaded", media.textures_loaded},
      {"textures_evicted", media.textures_evicted},
      {"textures_halved", media.textures_halved},
      {"textures_missed", media.textures_missed},
      {"textures_held", media.textures_held},
      {"texture_bytes", media.texture_bytes},
  };
  _Static_assert(sizeof counts / sizeof *counts <= RESULT_PRESSURE, "room for all");
  memcpy(ret_counts, counts, sizeof counts);
  return sizeof counts / sizeof *counts;
}

const char *result_policy(uint32_t policy) {
  return policy == RATION_LIMIT_DROP_OLDEST ? "drop_oldest"
         : policy == RATION_LIMIT_REFUSE    ? "refuse"
                                            : "report";
}
