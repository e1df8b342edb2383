/*
 * panel.c: tests of media/panel.h.
 */
#include "media/panel.h"

#include "creatures/world.h"
#include "kit/failing_memory.h"
#include "media/media.h"

static struct simulation world;
static struct panel panel;

static size_t count_selected(uint64_t *ret_id) {
  size_t count = 0;
  for (size_t i = 0; i < creatures_count(&world.creatures); i++)
    if (creatures_hot(&world.creatures)[i].flags & FLAG_SELECTED) {
      *ret_id = creatures_id_at(&world.creatures, i);
      count++;
    }
  return count;
}

Test(panel, has_a_name_for_each_id_that_stays) {
  struct failing_memory memory;
  char name[32];
  failing_memory_init(&memory, SIZE_MAX);
  cr_assert_eq(panel_init(&panel, &memory.memory), 0);
  cr_expect_eq(ration_interner_count(&panel.names), PANEL_NAMES);
  size_t blocks = memory.blocks;
  snprintf(name, sizeof name, "%s", panel_name(&panel, 77));
  cr_expect_geq(strlen(name), 6);
  size_t others = 0;
  for (uint64_t id = 1; id < 100; id++) others += strcmp(panel_name(&panel, id), name) != 0;
  cr_expect_gt(others, 90);
  cr_expect_str_eq(panel_name(&panel, 77), name);
  cr_expect_str_eq(panel_name(&panel, 0), "nobody");
  cr_expect_eq(memory.blocks, blocks, "names are there beforehand");
  panel_done(&panel);
  cr_expect_eq(memory.blocks, 0);
}

Test(panel, gives_back_what_it_has_where_memory_fails) {
  struct failing_memory memory;
  size_t needed = 0;
  for (; needed < 200; needed++) {
    failing_memory_init(&memory, needed);
    int error = panel_init(&panel, &memory.memory);
    if (!error) break;
    cr_assert_eq(error, -ENOMEM);
    cr_assert_eq(memory.blocks, 0);
  }
  cr_expect_gt(needed, 1);
  panel_done(&panel);
}

Test(panel, selects_the_creature_nearest_to_the_camera) {
  uint64_t id = 0, other = 0;
  world_begin(&world, 60, NULL, NULL);
  world_run(&world, 1);
  cr_assert_eq(count_selected(&id), 1);
  const struct hot *hot = creatures_hot(&world.creatures);
  uint32_t chosen = creatures_find(&world.creatures, id);
  float least = 0;
  for (size_t i = 0; i < creatures_count(&world.creatures); i++) {
    float x = hot[i].position.x - world.camera.x, y = hot[i].position.y - world.camera.y;
    if (i == 0 || x * x + y * y < least) least = x * x + y * y;
  }
  float x = hot[chosen].position.x - world.camera.x, y = hot[chosen].position.y - world.camera.y;
  cr_expect_float_eq(x * x + y * y, least, 0.01f);
  world_run(&world, 59);
  if (creatures_find(&world.creatures, id) != NOTHING) {
    cr_expect_eq(count_selected(&other), 1);
    cr_expect_eq(other, id, "until a second is over");
  }
  world_run(&world, 600);
  cr_expect_leq(count_selected(&other), 1);
  simulation_done(&world);
}

Test(panel, writes_of_the_selected_one_and_of_what_happened) {
  world_begin(&world, 60, NULL, NULL);
  cr_assert_eq(panel_init(&panel, NULL), 0);
  panel_hear(&panel, &(struct event){.subject = 9, .kind = EVENT_ATE});
  panel_hear(&panel, &(struct event){.subject = 9, .object = 8, .kind = EVENT_FOUGHT, .frame = 120});
  panel_hear(&panel, &(struct event){.subject = 7, .kind = EVENT_STARVED, .frame = 150});
  panel_update(&panel, &world);
  char line[128];
  snprintf(line, sizeof line, "2.0 s  %s beats %s\n", panel_name(&panel, 9), panel_name(&panel, 8));
  const char *beats = strstr(panel.text, line), *starves = strstr(panel.text, " starves\n");
  cr_expect(beats && starves && starves < beats, "the newest first: %s", panel.text);
  cr_expect_not_null(strstr(panel.text, panel_name(&panel, panel.selected)), "%s", panel.text);
  cr_expect_not_null(strstr(panel.text, "health"), "%s", panel.text);
  cr_expect_null(strstr(panel.text, "eats\n"), "not worth a line");
  panel_done(&panel);
  simulation_done(&world);
}
