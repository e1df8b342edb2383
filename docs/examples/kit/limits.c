/*
 * limits.c: a creature that remembers 4 things, a pack of 3, a soft limit, and other maxima from a setting.
 *
 *     cc limits.c $(pkg-config --cflags --libs rationkit) -o limits && ./limits
 */
#include <ration/kit/limits.h>
#include <ration/kit/ring_buffer.h>
#include <stdio.h>

enum { MEMORIES, PACK, TRACKS };

static const struct ration_limit table[] = {
    [MEMORIES] = {"memories", 4, RATION_LIMIT_DROP_OLDEST},
    [PACK] = {"pack", 3, RATION_LIMIT_REFUSE},
    [TRACKS] = {"tracks", 2, RATION_LIMIT_REPORT},
};

RATION_RING_BUFFER(memories, int);

static void report(void *context, struct ration_limits *limits, size_t index, size_t held) {
  (void)context, (void)limits;
  printf("limit %zu is passed: %zu are held\n", index, held);
}

int main(void) {
  struct ration_limits limits;
  struct memories memories;
  if (ration_limits_init(&limits, NULL, table, 3) || memories_init(&memories, NULL, 100)) return 1;
  ration_limits_on_report(&limits, report, NULL);

  for (int i = 0; i < 6; i++) {
    int drop = ration_limits_add(&limits, MEMORIES, memories_count(&memories));
    while (drop-- > 0) memories_pop_oldest(&memories, NULL);
    memories_push(&memories, i, NULL);
  }
  printf("%zu memories, the oldest is %d\n", memories_count(&memories), *memories_oldest(&memories));

  size_t pack = 0, tracks = 0, wrong = 0;
  while (!ration_limits_add(&limits, PACK, pack)) pack++;
  printf("a pack of %zu\n", pack);
  for (int i = 0; i < 3; i++) tracks += !ration_limits_add(&limits, TRACKS, tracks);

  if (ration_limits_set_text(&limits, "pack=5,den=2", &wrong)) printf("wrong at character %zu\n", wrong);
  if (ration_limits_set_text(&limits, "pack=5,memories=8", NULL)) return 1;
  while (!ration_limits_add(&limits, PACK, pack)) pack++;

  struct ration_limit_figures figures;
  if (ration_limits_stats(&limits, PACK, &figures)) return 1;
  printf("a pack of %zu: %llu allowed, %llu refused\n", pack, (unsigned long long)figures.allowed,
         (unsigned long long)figures.refused);
  memories_done(&memories);
  ration_limits_done(&limits);
  return 0;
}
