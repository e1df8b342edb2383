/*
 * Recordings that are bent behind right checksums: every byte of what is in their packets may be another. They are
 * refused, or have other figures, and that is all.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "reader/sample_list.h"
#include "reader/site_list.h"
#include "recording/made.h"
#include "recording/unpacker.h"
#include "subject/largest.h"
#include "subject/subject.h"

#define ROUNDS     600
#define PLAIN_MOST (UINT32_C(1) << 20)

static struct fake_segment segment;
static unsigned char *plain, *bent;
static size_t plain_bytes;

/* Of two processes, one with symbols. */
static void set_up(void) {
  struct symbol_frame step = {.function = "allocate", .file = "a.c", .line = 7};
  made_set_up();
  struct recording_writer *writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  made_add(writer, &segment);
  made_fill(&segment, 200, 1, 1);
  made_add(writer, &segment);
  recording_symbols(writer, 0, UINT64_C(3) << 48 | 0x1111, &(struct symbol_chain){&step, 1});
  recording_resident(writer, 0, &(struct resident){.rss_bytes = 1});
  recording_largest(writer, 0, &(struct recording_block){.bytes = 120, .category = 4, .site = 1}, 1);
  recording_moment(writer, FAKE_STARTED_AT + FAKE_SECOND);
  cr_assert_eq(recording_close(writer), 0);
  plain = malloc(PLAIN_MOST);
  bent = malloc(PLAIN_MOST);
}

static void tear_down(void) {
  free(plain);
  free(bent);
  made_tear_down();
}

static void unpack(void) {
  struct unpacker *unpacker;
  struct varint_source source;
  struct fault fault;
  cr_assert_eq(unpacker_open(made_path, &unpacker, &fault), 0);
  while (unpacker_next(unpacker, &source, &fault) == 1) {
    size_t count = (size_t)(source.end - source.at);
    cr_assert_lt(plain_bytes + count, PLAIN_MOST);
    memcpy(plain + plain_bytes, source.at, count);
    plain_bytes += count;
  }
  unpacker_close(unpacker);
}

/* A few bytes are others, or missing, or twice there. */
static size_t bend(struct random *random) {
  size_t count = plain_bytes;
  memcpy(bent, plain, count);
  for (uint64_t i = random_below(random, 6) + 1; i > 0; i--) {
    size_t at = random_below(random, count - 16), span = random_below(random, 8);
    switch (random_below(random, 4)) {
    case 0:
      bent[at] = (unsigned char)random_next(random);
      break;
    case 1:
      bent[random_below(random, 64)] ^= (unsigned char)(1u << random_below(random, 8));
      break;
    case 2:
      memmove(bent + at, bent + at + span, count - at - span);
      count -= span;
      break;
    default:
      memmove(bent + at + span, bent + at, count - at);
      count += span;
      break;
    }
  }
  return count;
}

/* All that a report may ask of it. */
static void look_at(const struct process *process) {
  struct fault fault;
  struct event_list events;
  struct site_list sites;
  struct sample_list samples;
  struct largest_list largest;
  struct symbol_places places = {.sysroot = "/nowhere"};
  if (subject_events(process, &events, &fault) == 0) event_list_free(&events);
  if (site_list_read_path(process->path, true, process->snapshot.category_count, &sites, &fault) == 0)
    site_list_free(&sites);
  if (sample_list_read_path(process->path, true, &samples, &fault) == 0) sample_list_free(&samples);
  if (largest_list_read(process, &largest, &fault) == 0) largest_list_free(&largest);
  symbols_close(subject_symbols(process, &places));
}

Test(hostile, a_bent_recording_does_no_harm, .init = set_up, .fini = tear_down) {
  struct random random = {.seed = 7};
  size_t opened = 0, refused = 0;
  unpack();
  for (int round = 0; round < ROUNDS; round++) {
    struct subject subject;
    struct fault fault = {""};
    made_packet(bent, bend(&random), false);
    int error = subject_open(made_path, &subject, &fault);
    if (error) {
      cr_assert_neq(fault.words[0], 0, "%d", error);
      cr_assert_null(strchr(fault.words, '\n'));
      refused++;
      continue;
    }
    opened++;
    for (size_t i = 0; i < subject.count; i++) look_at(subject.processes[i]);
    subject_close(&subject);
  }
  cr_expect_gt(opened, ROUNDS / 100);
  cr_expect_gt(refused, ROUNDS / 100);
}
