/*
 * sampling_rate.c: see sampling_rate.h.
 *
 * A window lasts 100 ms at least. What samples cost in it is known by every 61st of them, so that it is a rough figure
 * where there are few: the mean follows it by its square root, and never by more than a factor of two.
 */
#include "track/sampling_rate.h"

#include "base/budget_text.h"
#include "os/clock.h"

#define WINDOW_NS  UINT64_C(100000000)
#define MEAN_LEAST UINT64_C(1024)
#define MEAN_MOST  (UINT64_C(1) << 30)

enum { AS_SET, SWITCHED_OFF, SWITCHED_ON };

static uint32_t switched; /* what was said last, by the program or by `ration set`; AS_SET: nothing yet */

/* The last window's end: written by who has moved `due`. */
static uint64_t due;
static uint64_t last_cpu_ns;
static uint64_t last_sampling_ns;

static int is_on(uint32_t how) {
  return how == AS_SET ? settings.sample_is_on : how == SWITCHED_ON;
}

int sampling_is_on(void) {
  return is_on(load_relaxed(&switched)); /* by itself */
}

/*
 * Several threads may say different things at once, or `ration set` a mean: whoever publishes last looks again at what
 * was said before the others published, so that in the end the words agree.
 */
void sampling_follow(void) {
  uint64_t mean, seen = load_relaxed(&segment.process->sample_mean); /* only a guess: the swap checks it */
  do {
    mean = sampling_is_on() ? load_relaxed(&settings.sample_mean) : 0; /* see above */
    store_relaxed(&segment.process->sample_share, mean ? load_relaxed(&settings.sample_share) : 0);
    while (!cas_acq_rel(&segment.process->sample_mean, &seen, mean)) { /* pairs with sampling_follow */
    }
    seen = mean;
  } while (mean != (sampling_is_on() ? load_relaxed(&settings.sample_mean) : 0));
}

int sampling_switch(int to_on) {
  int was_on = is_on(exchange_relaxed(&switched, to_on ? SWITCHED_ON : SWITCHED_OFF)); /* published below */
  if (!was_on != !to_on) sampling_follow();
  return was_on;
}

/* ---- what they cost ------------------------------------------------------------------------------------- */

static uint64_t spent_ns(void) {
  uint64_t sum = 0;
  uint32_t slabs = load_acquire(&segment.header->slab_count); /* pairs with take_fresh: its page is open */
  for (uint32_t slab = 1; slab < slabs; slab++)
    sum += load_relaxed(&segment.slabs[slab].u.head.sampling_ns); /* a sum */
  return sum;
}

/* The square root, from above (Newton); of parts of 65536. Of 0 it is no limit: the guess would become 0, too. */
static uint64_t root(uint64_t value) {
  if (value == 0) return 0;
  uint64_t guess = UINT64_C(1) << 32;
  for (int i = 0; i < 40; i++) guess = (guess + value / guess) / 2;
  return guess;
}

/* What the mean is multiplied by, in parts of 65536. */
static uint64_t factor(uint64_t spent, uint64_t cpu, uint64_t share) {
  uint64_t wanted = cpu / BUDGET_SHARE_ONE * share;
  if (spent > UINT32_MAX) spent = UINT32_MAX; /* of a window's worth */
  uint64_t ratio = wanted ? (spent << 32) / wanted : UINT64_C(4) << 32;
  uint64_t by = root(ratio);
  return by < 32768 ? 32768 : by > 131072 ? 131072 : by;
}

void sampling_adapt_slow(void) {
  uint64_t now = clock_coarse_ns(), then = load_relaxed(&due);          /* only a guess: the swap checks it */
  if (now < then || !cas_acq_rel(&due, &then, now + WINDOW_NS)) return; /* pairs with sampling_adapt_slow */
  uint64_t cpu = clock_cpu_ns(), spent = spent_ns();
  uint64_t cpu_spent = cpu - last_cpu_ns, sampling_spent = spent - last_sampling_ns;
  int is_first = then == 0;
  last_cpu_ns = cpu;
  last_sampling_ns = spent;
  uint64_t mean = sampling_mean(),
           share = load_relaxed(&segment.process->sample_share); /* see sampling_mean */
  if (is_first || !mean || cpu_spent < WINDOW_NS / 10) return;
  uint64_t before = mean;
  mean = (uint64_t)((unsigned __int128)mean * factor(sampling_spent, cpu_spent, share) / 65536);
  mean = mean < MEAN_LEAST ? MEAN_LEAST : mean > MEAN_MOST ? MEAN_MOST : mean;
  cas_relaxed(&segment.process->sample_mean, &before, mean); /* what was said meanwhile holds */
}
