/*
 * records.c: creatures whose bodies are looped over each frame, whose minds are put away where they are far off, and of
 * whom few have a biography.
 *
 *     cc records.c $(pkg-config --cflags --libs rationkit) -o records && ./records
 */
#include <ration/kit/records.h>
#include <ration/kit/system.h>
#include <stdio.h>

struct body {
  float x, y, z, speed;
};
struct mind {
  unsigned fear, thoughts[63];
};
struct biography {
  char text[1000];
};

RATION_RECORDS(creatures, struct body, struct mind, struct biography);

static int is_distant(void *context, uint64_t id, const void *hot) {
  (void)id;
  return ((const struct body *)hot)->x > *(const float *)context;
}

static void show(const char *when, const struct creatures *creatures) {
  struct ration_records_figures figures;
  if (ration_records_stats(&creatures->records, &figures)) return;
  printf("%s: %zu hot (%zu bytes), %zu warm (%zu), %zu demoted, %zu cold\n", when, figures.hot_count,
         figures.hot_bytes, figures.warm_count, figures.warm_bytes, figures.demoted_count,
         figures.cold_count);
}

int main(void) {
  struct ration_system minds, archive;
  ration_system_init(&minds, "creatures/minds");
  ration_system_init(&archive, "creatures/archive");
  struct creatures creatures;
  uint64_t ids[100];
  if (creatures_init(&creatures, NULL, &minds.memory, &archive.memory, NULL)) return 1;
  for (unsigned i = 0; i < 100; i++) {
    if (creatures_add(&creatures, &ids[i])) return 1;
    creatures_hot(&creatures, ids[i])->speed = (float)i;
    creatures_warm(&creatures, ids[i])->fear = i;
  }
  if (!creatures_cold(&creatures, ids[7])) return 1;
  show("at first", &creatures);
  for (size_t i = 0; i < creatures_count(&creatures); i++)
    creatures_hot_data(&creatures)[i].x += creatures_hot_data(&creatures)[i].speed;
  float distance = 40;
  printf("%zu bytes of minds put away\n", creatures_demote_where(&creatures, is_distant, &distance));

  printf("fear of one far off: %u\n", creatures_warm(&creatures, ids[90])->fear);
  if (creatures_remove(&creatures, ids[7]) || creatures_hot(&creatures, ids[7])) return 1;
  show("without the seventh", &creatures);
  creatures_done(&creatures);
  return 0;
}
