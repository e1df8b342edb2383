/*
 * sound.c: tests of save/sound.h, and of loading files that add up, but are none that creatures wrote.
 */
#include "save/sound.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "creatures/world.h"
#include "save/format.h"
#include "save/save.h"
#include "save/stream.h"

#define NO_NUMBER  UINT32_C(0x7fc00000)
#define ALL_BITS   UINT32_C(0xffffffff)
#define MANY_UNITS UINT32_C(0x7f000000) /* 1.7e38 */

static struct simulation world;
static char file[64];
static unsigned char *whole; /* a saved world */
static size_t whole_size, living;

static void read_whole(void) {
  struct stat status;
  int descriptor = open(file, O_RDONLY);
  cr_assert(descriptor >= 0 && !fstat(descriptor, &status));
  whole_size = (size_t)status.st_size;
  whole = malloc(whole_size);
  cr_assert_eq(read(descriptor, whole, whole_size), status.st_size);
  (void)close(descriptor);
}

/* With an event, a few paths, and creatures of each sort. */
static void save_some(void) {
  const char *wrong = "";
  struct event event = {.subject = 1, .kind = EVENT_DIED};
  world_file(file, "sound");
  world_begin(&world, 20, NULL, NULL);
  world_run(&world, 300);
  cr_assert_gt(world.paths.count, 0);
  cr_assert_eq(creatures_demote(&world.creatures, 3), 0);
  cr_assert_gt(creatures_simplify(&world.creatures, 4), 0);
  while (event_ring_count(&world.events.ring)) (void)events_take(&world.events, &event);
  events_push(&world.events, &event);
  living = creatures_count(&world.creatures);
  cr_assert_eq(save_write(&world, file, &wrong), 0, "%s", wrong);
  simulation_done(&world);
  read_whole();
}

static void forget_some(void) {
  free(whole);
  unlink(file);
}

/* As it is, but for so many words at that place, and with checksums that say that it is right. */
static int load_changed(size_t at, uint32_t word, size_t words, const char **ret_wrong) {
  struct simulation_settings settings = {
      .creatures = 1, .seed = 1, .budget = UINT64_C(256) << 20, .threads = 1, .load = file};
  static struct stream stream;
  struct save_header header;
  int descriptor = open(file, O_RDWR | O_TRUNC);
  cr_assert(descriptor >= 0 && at + words * sizeof word <= whole_size);
  cr_assert_eq(write(descriptor, whole, whole_size), (ssize_t)whole_size);
  for (size_t i = 0; i < words; i++)
    cr_assert_eq(pwrite(descriptor, &word, sizeof word, (off_t)(at + i * sizeof word)), sizeof word);
  memcpy(&header, whole, sizeof header);
  cr_assert_eq(lseek(descriptor, sizeof header, SEEK_SET), sizeof header);
  cr_assert_eq(stream_sum(&stream, descriptor, header.length, &header.checksum), 0);
  header.header_checksum = save_header_sum(&header);
  cr_assert_eq(pwrite(descriptor, &header, sizeof header, 0), sizeof header);
  (void)close(descriptor);
  return simulation_init(&world, &settings, ret_wrong);
}

/* Where a section's contents begin. */
static size_t find(enum save_section section) {
  uint32_t tag = (uint32_t)section;
  unsigned char *found = memmem(whole, whole_size, &tag, sizeof tag);
  cr_assert_not_null(found);
  return (size_t)(found - whole) + sizeof tag;
}

static void expect_refused(const char *what, size_t at, uint32_t word, size_t words) {
  const char *wrong = "";
  int error = load_changed(at, word, words, &wrong);
  cr_expect_eq(error, -EBADMSG, "%s: %d", what, error);
  cr_expect_not_null(strstr(wrong, "do not fit together"), "%s: %s", what, wrong);
  if (!error) simulation_done(&world);
}

Test(sound, a_world_as_it_was_is_loaded, .init = save_some, .fini = forget_some) {
  const char *wrong = "";
  cr_assert_eq(load_changed(find(SECTION_END) - 4, SECTION_END, 1, &wrong), 0, "%s", wrong);
  cr_expect_eq(creatures_count(&world.creatures), living);
  cr_expect_eq(world.creatures.simplified, 1);
  world_run(&world, 20);
  simulation_done(&world);
}

Test(sound, settings_that_no_run_has_are_refused, .init = save_some, .fini = forget_some) {
  size_t at = find(SECTION_SETTINGS);
  expect_refused("no creatures", at + 8, 0, 1);
  expect_refused("too many creatures", at + 12, 1, 1);
  for (size_t i = 0; i < RATION_LIMITS_DEFAULTS; i++) {
    expect_refused("no limit", at + 16 + 8 * i, 0, 2);
    expect_refused("too high a limit", at + 16 + 8 * i, ALL_BITS, 2);
  }
}

Test(sound, plants_with_no_share_of_food_are_refused, .init = save_some, .fini = forget_some) {
  expect_refused("no number", find(SECTION_PLANTS) + 16, NO_NUMBER, 1);
  expect_refused("much", find(SECTION_PLANTS) + 16, MANY_UNITS, 1);
}

Test(sound, paths_that_lead_out_of_their_arrays_are_refused, .init = save_some, .fini = forget_some) {
  size_t at = find(SECTION_PATHS), slots = at + 4 * 4 + 8 + 4 * 8;
  uint32_t capacity;
  memcpy(&capacity, whole + at, sizeof capacity);
  size_t table = slots + capacity * sizeof(struct path);
  expect_refused("more than there is room for", at + 4, ALL_BITS, 1);
  expect_refused("fewer than the table has", at + 4, 0, 1);
  expect_refused("the next one", at + 8, capacity, 1);
  expect_refused("from", slots + offsetof(struct path, from), ALL_BITS, 1);
  expect_refused("to", slots + offsetof(struct path, to), ALL_BITS, 1);
  expect_refused("count", slots + offsetof(struct path, count), PATH_STEPS + 1, 1);
  expect_refused("steps", slots + offsetof(struct path, steps), ALL_BITS, 1);
  expect_refused("a table without an end", table, 1, 2 * (size_t)capacity);
  expect_refused("a table of slots that there are not", table, capacity + 1, 2 * (size_t)capacity);
}

Test(sound, events_of_no_kind_are_refused, .init = save_some, .fini = forget_some) {
  size_t at = find(SECTION_EVENTS) + EVENT_KINDS * 8;
  expect_refused("kind", at + 8 + offsetof(struct event, kind), EVENT_KINDS, 1);
  expect_refused("place", at + 8 + offsetof(struct event, x), NO_NUMBER, 1);
  expect_refused("more than are there", at, 1000000, 1);
}

Test(sound, more_creatures_than_bytes_are_refused, .init = save_some, .fini = forget_some) {
  size_t at = find(SECTION_CREATURES);
  expect_refused("count", at, 2001, 1);
  expect_refused("places", at + 8, ALL_BITS, 1);
  expect_refused("places", at + 8, 1u << 24, 1);
  expect_refused("none", at, 0, 1);
}

Test(sound, creatures_of_numbers_that_are_none_are_refused, .init = save_some, .fini = forget_some) {
  size_t at = find(SECTION_CREATURES);
  uint64_t places;
  memcpy(&places, whole + at + 8, sizeof places);
  size_t hot = at + 16 + places * sizeof(struct ration_records_place);
  size_t lane = hot + sizeof(struct hot), look = lane + sizeof(struct positions_entry);
  size_t was = look + sizeof(struct look), warm = was + 4, genes = warm + sizeof(struct warm);
  for (size_t i = 0; i < 8; i++) expect_refused("hot", hot + 4 * i, NO_NUMBER, 1);
  for (size_t i = 0; i < 8; i++) expect_refused("hot", hot + 4 * i, MANY_UNITS, 1);
  expect_refused("dead", hot + offsetof(struct hot, flags), 0, 1);
  expect_refused("not simplified", hot + offsetof(struct hot, flags), FLAG_ALIVE | FLAG_SIMPLIFIED, 1);
  expect_refused("of no state", hot + offsetof(struct hot, state), STATES, 1);
  for (size_t i = 0; i < 10; i++) expect_refused("lane", lane + 4 * i, NO_NUMBER, 1);
  for (size_t i = 0; i < 7; i++) expect_refused("look", look + 4 * i, NO_NUMBER, 1);
  expect_refused("simplified", was, WARM_SIMPLIFIED, 1);
  expect_refused("of no such warm record", was, 3, 1);
  expect_refused("goal", warm + offsetof(struct warm, movement.goal), NO_NUMBER, 1);
  expect_refused("fear", warm + offsetof(struct warm, emotional.fear), NO_NUMBER, 1);
  expect_refused("action", warm + offsetof(struct warm, decision.action), ACTIONS, 1);
  for (size_t i = 0; i < GENES; i++) expect_refused("genes", genes + 4 * i, MANY_UNITS, 1);
  expect_refused("memories", genes + sizeof(struct genetics) + sizeof(struct biography) + 4, ALL_BITS, 1);
}

Test(sound, what_is_remembered_is_looked_at_too, .init = save_some, .fini = forget_some) {
  struct memory memory = {.value = 0.5f, .weight = 1};
  struct relation relation = {.liking = -1};
  struct behaviour behaviour = {.weight = 1};
  cr_expect(sound_memories(&memory, 1) && sound_relations(&relation, 1) && sound_behaviours(&behaviour, 1));
  memory.x = NAN;
  relation.liking = INFINITY;
  behaviour.weight = -2;
  cr_expect(!sound_memories(&memory, 1));
  cr_expect(!sound_relations(&relation, 1));
  cr_expect(!sound_behaviours(&behaviour, 1));
}
