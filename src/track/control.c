/*
 * control.c: copying a request, following it, answering it.
 *
 * The thread that holds the claim owns the static buffers, since stacks may be small. The claim is the process's id,
 * so that a child forked meanwhile does not inherit it.
 *
 * A request is whole if `asked` is even and the same after the copy as before:
 *   ration set (its function ask)         here
 *     asked = odd                           (A) load asked
 *     fence                                 copy text
 *     text                                  fence
 *     (B) asked = even                      load asked again
 * Where A sees B, the text is the request's; where the text was another's by then, the second load sees that `asked`
 * has moved on.
 */
#include "track/control.h"

#include "base/test_point.h"
#include "base/text.h"
#include "heap/heap.h"
#include "os/next.h"
#include "track/budgets.h"
#include "track/sampling.h"

#define TEXT_BYTES sizeof((struct ration_segment_control *)0)->text
#define WHY_BYTES  sizeof((struct ration_segment_control *)0)->why

static uint32_t claimed_by;
static char request[TEXT_BYTES + 1];
static char reason[WHY_BYTES];

static int copy_request(const struct ration_segment_control *control, uint64_t asked);
static uint32_t follow(void);
static void follow_sampling(const struct settings *changed, int was_on);
static void answer(struct ration_segment_control *control, uint64_t asked, uint32_t result);

SLOW_PATH void control_take_up_slow(void) {
  struct ration_segment_control *control = segment.control;
  uint32_t holder = load_relaxed(&claimed_by); /* only a guess: the swap checks it */
  if (holder == identity.pid || !cas_acq_rel(&claimed_by, &holder, identity.pid))
    return;                                       /* pairs with control_take_up_slow */
  uint64_t asked = load_acquire(&control->asked); /* A, pairs with ask */
  if (asked % 2 == 0 && asked != load_relaxed(&control->answered) && copy_request(control, asked))
    answer(control, asked, follow());
  store_release(&claimed_by, 0); /* pairs with control_take_up_slow */
}

/* Returns whether it is whole; else there is a newer one, or will be. */
static int copy_request(const struct ration_segment_control *control, uint64_t asked) {
  for (size_t i = 0; i < TEXT_BYTES; i++) request[i] = load_relaxed(&control->text[i]); /* see the fence */
  request[TEXT_BYTES] = '\0';
  fence_full(); /* pairs with ask */
  TEST_POINT("control:copied");
  return load_relaxed(&control->asked) == asked;
}

/* At a heartbeat, where no lock of the heap is held. */
static void trim(void) {
  heap_trim(thread.stock);
  if (next.trim) next.trim(0);
}

/* All of it or nothing. What other threads read of the settings while they run is one word. */
static uint32_t follow(void) {
  static struct settings changed;
  const char *setting = "";
  changed = settings;
  changed.trim = 0;
  int was_on = changed.sample_is_on = sampling_is_on();
  struct budget_specs *budgets = budgets_of_change();
  const char *why = settings_change(&changed, request, budgets, &setting);
  if (!why && changed.trim && !next.trim && !heap_is_paged()) why = "the allocator below has no malloc_trim";
  if (!why && budgets->count) why = budgets_change(budgets, &setting);
  struct text words = text_in(reason, sizeof reason);
  if (why) {
    text_add(&words, setting);
    text_add(&words, ": ");
    text_add(&words, why);
    return RATION_ANSWER_REFUSED;
  }
  store_relaxed(&settings.memory, changed.memory); /* by itself: nothing depends on it */
  store_relaxed(&segment.process->memory, (uint32_t)changed.memory);
  follow_sampling(&changed, was_on);
  if (changed.trim) trim();
  return RATION_ANSWER_TAKEN;
}

/* A request that says nothing of it leaves alone what the program may be switching just now. */
static void follow_sampling(const struct settings *changed, int was_on) {
  if (changed->sample_is_on == was_on && changed->sample_mean == settings.sample_mean &&
      changed->sample_share == settings.sample_share)
    return;
  store_relaxed(&settings.sample_mean, changed->sample_mean); /* see sampling_follow */
  store_relaxed(&settings.sample_share, changed->sample_share);
  sampling_switch(changed->sample_is_on);
  sampling_follow();
}

static void answer(struct ration_segment_control *control, uint64_t asked, uint32_t result) {
  for (size_t i = 0; i < WHY_BYTES; i++) store_relaxed(&control->why[i], reason[i]);
  TEST_POINT("control:explained");
  store_relaxed(&control->result, result);
  TEST_POINT("control:decided");
  store_release(&control->answered, asked); /* pairs with wait_for_answer */
}
