/*
 * limits.c: tests of ration/kit/limits.h.
 */
#include <ration/kit/limits.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

static const struct ration_limit table[] = {{"refused", 3, RATION_LIMIT_REFUSE},
                                            {"dropped", 3, RATION_LIMIT_DROP_OLDEST},
                                            {"reported", 3, RATION_LIMIT_REPORT},
                                            {"drop", 1, RATION_LIMIT_DROP_OLDEST}};
enum { REFUSED, DROPPED, REPORTED, DROP, COUNT };

static void begin(struct ration_limits *limits) {
  cr_assert_eq(ration_limits_init(limits, NULL, table, COUNT), 0);
  cr_assert(ration_limits_is_valid(limits));
}

static struct ration_limit_figures figures_of(const struct ration_limits *limits, size_t index) {
  struct ration_limit_figures figures;
  cr_assert_eq(ration_limits_stats(limits, index, &figures), 0);
  return figures;
}

static void expect_maximum(const struct ration_limits *limits, size_t index, size_t maximum) {
  size_t found = figures_of(limits, index).limit.maximum;
  cr_expect_eq(found, maximum, "%zu, not %zu", found, maximum);
}

struct report {
  struct ration_limits *limits;
  size_t index, held;
  int calls;
};

static void note(void *context, struct ration_limits *limits, size_t index, size_t held) {
  struct report *report = context;
  *report = (struct report){limits, index, held, report->calls + 1};
}

Test(kit_limits, each_policy_has_its_answer_and_its_counter) {
  struct ration_limits limits;
  struct report report = {.calls = 0};
  begin(&limits);
  cr_expect_eq(ration_limits_on_report(&limits, note, &report), 0);
  for (size_t held = 0; held < 3; held++)
    for (size_t i = 0; i < DROP; i++) cr_expect_eq(ration_limits_add(&limits, i, held), 0);
  cr_expect_eq(report.calls, 0);
  cr_expect_eq(ration_limits_add(&limits, REFUSED, 3), -ENOSPC);
  cr_expect_eq(ration_limits_add(&limits, REFUSED, SIZE_MAX), -ENOSPC);
  cr_expect_eq(ration_limits_add(&limits, DROPPED, 3), 1);
  cr_expect_eq(ration_limits_add(&limits, DROPPED, 5), 3, "down to the maximum, with the new one");
  cr_expect_eq(ration_limits_add(&limits, DROPPED, SIZE_MAX), INT_MAX);
  cr_expect_eq(ration_limits_add(&limits, REPORTED, 3), 0);
  cr_expect_eq(ration_limits_add(&limits, REPORTED, 4), 0);
  cr_expect(report.calls == 2 && report.limits == &limits && report.index == REPORTED && report.held == 4);
  struct ration_limit_figures refused = figures_of(&limits, REFUSED), dropped = figures_of(&limits, DROPPED),
                              reported = figures_of(&limits, REPORTED);
  cr_expect(refused.allowed == 3 && refused.refused == 2 && !refused.dropped && !refused.reported);
  cr_expect(dropped.allowed == 3 && dropped.dropped == 4 + (uint64_t)INT_MAX && !dropped.refused);
  cr_expect(reported.allowed == 3 && reported.reported == 2 && !reported.refused && !reported.dropped);
  cr_expect_str_eq(refused.limit.name, "refused");
  cr_expect_eq(refused.limit.policy, RATION_LIMIT_REFUSE);
  cr_expect_eq(ration_limits_on_report(&limits, NULL, NULL), 0);
  cr_expect_eq(ration_limits_add(&limits, REPORTED, 9), 0);
  cr_expect_eq(report.calls, 2);
  cr_expect(ration_limits_is_valid(&limits));
  ration_limits_done(&limits);
  ration_limits_done(&limits);
}

Test(kit_limits, refuses_wrong_tables) {
  static const struct ration_limit wrong[][2] = {
      {{"a", 1, RATION_LIMIT_REFUSE}, {"b", 0, RATION_LIMIT_REFUSE}},
      {{"a", 1, RATION_LIMIT_REFUSE}, {"a", 1, RATION_LIMIT_REFUSE}},
      {{"a", 1, RATION_LIMIT_REFUSE}, {NULL, 1, RATION_LIMIT_REFUSE}},
      {{"a", 1, RATION_LIMIT_REFUSE}, {"", 1, RATION_LIMIT_REFUSE}},
      {{"a", 1, RATION_LIMIT_REFUSE}, {"b=c", 1, RATION_LIMIT_REFUSE}},
      {{"a", 1, RATION_LIMIT_REFUSE}, {"b,c", 1, RATION_LIMIT_REFUSE}},
      {{"a", 1, RATION_LIMIT_REFUSE}, {"b", 1, 0}},
      {{"a", 1, RATION_LIMIT_REFUSE}, {"b", 1, 4}}};
  struct ration_limits limits;
  struct failing_memory failing;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(ration_limits_init(&limits, NULL, wrong[i], 2), -EINVAL, "%zu", i);
  cr_expect_eq(ration_limits_init(&limits, NULL, table, 0), -EINVAL);
  cr_expect_eq(ration_limits_init(&limits, NULL, NULL, 1), -EINVAL);
  cr_expect_eq(ration_limits_init(NULL, NULL, table, 1), -EINVAL);
  cr_expect_eq(ration_limits_init(&limits, NULL, table, SIZE_MAX), -EOVERFLOW);
  failing_memory_init(&failing, 0);
  cr_expect_eq(ration_limits_init(&limits, &failing.memory, table, 1), -ENOMEM);
  failing.left = 1;
  cr_expect_eq(ration_limits_init(&limits, &failing.memory, table, 1), 0);
  cr_expect_eq(failing.blocks, 1);
  ration_limits_done(&limits);
  cr_expect_eq(failing.blocks, 0);
}

Test(kit_limits, is_refused_when_null_or_done) {
  struct ration_limits done = {.rows = NULL}, *none[] = {NULL, &done};
  struct ration_limit_figures figures;
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(ration_limits_add(none[i], 0, 0), i ? -ENOENT : -EINVAL);
    cr_expect_eq(ration_limits_set(none[i], 0, 1), i ? -ENOENT : -EINVAL);
    cr_expect_eq(ration_limits_set_text(none[i], "", NULL), -EINVAL);
    cr_expect_eq(ration_limits_find(none[i], "a"), i ? -ENOENT : -EINVAL);
    cr_expect_eq(ration_limits_stats(none[i], 0, &figures), i ? -ENOENT : -EINVAL);
    cr_expect_eq(ration_limits_on_report(none[i], note, NULL), -EINVAL);
    ration_limits_done(none[i]);
    cr_expect_not(ration_limits_is_valid(none[i]));
  }
  struct ration_limits limits;
  begin(&limits);
  cr_expect_eq(ration_limits_add(&limits, COUNT, 0), -ENOENT);
  cr_expect_eq(ration_limits_set(&limits, COUNT, 1), -ENOENT);
  cr_expect_eq(ration_limits_set(&limits, 0, 0), -EINVAL);
  cr_expect_eq(ration_limits_stats(&limits, COUNT, &figures), -ENOENT);
  cr_expect_eq(ration_limits_stats(&limits, 0, NULL), -EINVAL);
  cr_expect_eq(ration_limits_find(&limits, NULL), -EINVAL);
  cr_expect_eq(ration_limits_set_text(&limits, NULL, NULL), -EINVAL);
  ration_limits_done(&limits);
}

Test(kit_limits, are_found_by_name_and_raised) {
  struct ration_limits limits;
  size_t position = 99;
  begin(&limits);
  cr_expect_eq(ration_limits_find(&limits, "dropped"), DROPPED);
  cr_expect_eq(ration_limits_find(&limits, "drop"), DROP);
  cr_expect_eq(ration_limits_find(&limits, "dro"), -ENOENT);
  cr_expect_eq(ration_limits_find(&limits, ""), -ENOENT);
  cr_expect_eq(ration_limits_set(&limits, REFUSED, 4), 0);
  cr_expect_eq(ration_limits_add(&limits, REFUSED, 3), 0);
  cr_expect_eq(ration_limits_set_text(&limits, "drop=007,dropped=18446744073709551615", &position), 0);
  expect_maximum(&limits, DROP, 7);
  expect_maximum(&limits, DROPPED, SIZE_MAX);
  cr_expect_eq(ration_limits_set_text(&limits, "", &position), 0);
  cr_expect_eq(ration_limits_set_text(&limits, "reported=1", NULL), 0);
  expect_maximum(&limits, REPORTED, 1);
  cr_expect_eq(position, 99, "untouched");
  ration_limits_done(&limits);
}

Test(kit_limits, wrong_texts_are_refused_whole_and_where_they_are_wrong) {
  static const struct {
    const char *text;
    int error;
    size_t position;
  } wrong[] = {{"drop=5,other=6", -ENOENT, 7},
               {"other", -ENOENT, 0},
               {"drop=5,dro=6", -ENOENT, 7},
               {"drop=5,dropped", -EINVAL, 14},
               {"drop", -EINVAL, 4},
               {"drop,dropped=1", -EINVAL, 4},
               {"drop=", -EINVAL, 5},
               {"drop=,dropped=1", -EINVAL, 5},
               {"drop=0", -EINVAL, 5},
               {"drop=00,dropped=1", -EINVAL, 5},
               {"drop=-1", -EINVAL, 5},
               {"drop= 1", -EINVAL, 5},
               {"drop=1 ", -EINVAL, 6},
               {"drop=1x,dropped=2", -EINVAL, 6},
               {"drop=1=2", -EINVAL, 6},
               {"drop=1,", -EINVAL, 6},
               {"drop=1,,dropped=1", -EINVAL, 7},
               {",drop=1", -EINVAL, 0},
               {"=1", -EINVAL, 0},
               {" drop=1", -ENOENT, 0},
               {"drop=1,dropped=2,drop=3", -EINVAL, 17},
               {"drop=18446744073709551616", -EOVERFLOW, 5},
               {"drop=5,dropped=99999999999999999999999", -EOVERFLOW, 15}};
  struct ration_limits limits;
  begin(&limits);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    size_t position = 99;
    cr_expect_eq(ration_limits_set_text(&limits, wrong[i].text, &position), wrong[i].error, "%s",
                 wrong[i].text);
    cr_expect_eq(position, wrong[i].position, "%s: %zu", wrong[i].text, position);
    expect_maximum(&limits, DROP, 1);
    expect_maximum(&limits, DROPPED, 3);
  }
  cr_expect_eq(ration_limits_set_text(&limits, "drop=", NULL), -EINVAL);
  ration_limits_done(&limits);
}

/* Texts of random pieces: what is taken sets what it says, what is not sets nothing, and the place lies within. */
Test(kit_limits, any_text_is_taken_whole_or_refused) {
  static const char *const pieces[] = {"drop=", "dropped=2", "refused=20", "drop=7", ",",
                                       ",",     ",",         "0",          "5",      "x"};
  struct random random = {.seed = 1};
  int taken = 0;
  for (int i = 0; i < 30000; i++) {
    struct ration_limits limits;
    char text[80] = "";
    for (size_t j = 1 + random_below(&random, 8); j; j--)
      strcat(text, pieces[random_below(&random, sizeof pieces / sizeof *pieces)]);
    begin(&limits);
    size_t position = SIZE_MAX;
    int error = ration_limits_set_text(&limits, text, &position);
    int is_set = figures_of(&limits, DROP).limit.maximum != 1 ||
                 figures_of(&limits, DROPPED).limit.maximum != 3 ||
                 figures_of(&limits, REFUSED).limit.maximum != 3;
    cr_expect(error ? !is_set && position <= strlen(text) : position == SIZE_MAX, "%s", text);
    cr_expect(ration_limits_is_valid(&limits));
    taken += !error && is_set;
    ration_limits_done(&limits);
  }
  cr_expect_gt(taken, 100);
}

Test(kit_limits, has_a_table_for_simulations) {
  struct ration_limits limits;
  cr_assert_eq(ration_limits_init(&limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS), 0);
  cr_expect_eq(ration_limits_find(&limits, "memories"), RATION_LIMIT_MEMORIES);
  cr_expect_eq(ration_limits_find(&limits, "render_commands"), RATION_LIMIT_RENDER_COMMANDS);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_MEMORIES, 99), 0);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_MEMORIES, 100), 1);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_RELATIONSHIPS, 50), -ENOSPC);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_LEARNED_BEHAVIOURS, 20), -ENOSPC);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_ACTIVE_CREATURES, 1999), 0);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_ACTIVE_CREATURES, 2000), -ENOSPC);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_CACHED_PATHS, 1000), 1);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_POOLED_OBJECTS, 10000), -ENOSPC);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_SPATIAL_HASH_ENTRIES, 100000), -ENOSPC);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_EVENTS, 10000), 1);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_RENDER_COMMANDS, 49999), 0);
  cr_expect_eq(ration_limits_add(&limits, RATION_LIMIT_RENDER_COMMANDS, 50000), -ENOSPC);
  ration_limits_done(&limits);
}

enum { THREADS = 8, ROUNDS = 5000 };

static struct ration_limits shared;

static void *ask(void *argument) {
  size_t number = *(size_t *)argument;
  for (size_t i = 0; i < ROUNDS; i++) {
    size_t held = i % 2 ? 2 : 5; /* below all maxima that are set, or above */
    ration_limits_add(&shared, i % 4 / 2 ? DROPPED : REFUSED, held);
    if (i % 64 == 0) ration_limits_set_text(&shared, number % 2 ? "dropped=3" : "dropped=5,refused=4", NULL);
    if (i % 32 == 0) ration_limits_add(&shared, REPORTED, 9);
  }
  return NULL;
}

static void count_report(void *context, struct ration_limits *limits, size_t index, size_t held) {
  (void)limits, (void)index, (void)held;
  __atomic_fetch_add((int *)context, 1, __ATOMIC_RELAXED);
}

Test(kit_limits, lose_no_count_of_any_thread) {
  pthread_t threads[THREADS];
  size_t numbers[THREADS];
  int reports = 0;
  begin(&shared);
  cr_assert_eq(ration_limits_on_report(&shared, count_report, &reports), 0);
  for (size_t i = 0; i < THREADS; i++) {
    numbers[i] = i;
    cr_assert_eq(pthread_create(&threads[i], NULL, ask, &numbers[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  struct ration_limit_figures refused = figures_of(&shared, REFUSED), dropped = figures_of(&shared, DROPPED);
  cr_expect_eq(refused.allowed, THREADS * ROUNDS / 4);
  cr_expect_eq(refused.refused, THREADS * ROUNDS / 4);
  cr_expect_eq(dropped.allowed, THREADS * ROUNDS / 4);
  cr_expect_geq(dropped.dropped, THREADS * ROUNDS / 4);
  cr_expect_leq(dropped.dropped, 3 * THREADS * ROUNDS / 4);
  cr_expect_eq((uint64_t)reports, figures_of(&shared, REPORTED).reported);
  cr_expect_eq(reports, THREADS * ((ROUNDS + 31) / 32));
  cr_expect(ration_limits_is_valid(&shared));
  ration_limits_done(&shared);
}
