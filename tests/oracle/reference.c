/*
 * reference.c: see reference.h.
 */
#include "reference.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "base/atomics.h"
#include "segment_reader.h"

static const char *const paths[CATEGORIES] = {"total", "other", NULL,  "a",           "a/b",         "a/b/c",
                                              "a/d",   "e",     "e/f", "other/below", "g/h/i/j/k/l", "m"};
static const uint32_t parents[CATEGORIES] = {0, 0, 0, 0, 3, 4, 3, 0, 7, 1, 0, 0};

const char *reference_path(uint32_t category) {
  return paths[category];
}

int reference_begin(struct reference *reference, const char *folder) {
  static struct segment_books books;
  char own[128];
  if (!api_is_there() || !ration_is_tracking() || segment_read(folder, getpid(), &books) < 0) return -1;
  reference->untracked_before = books.header.untracked_blocks;
  snprintf(own, sizeof own, "bin/%s", program_invocation_short_name);
  for (int i = 0; i < CATEGORIES; i++) {
    reference->id[i] = ration_category(paths[i] ? paths[i] : own);
    reference->parent[i] = parents[i];
  }
  return 0;
}

/* Relaxed: sums, read at rest. */
static void change_bytes(struct reference *reference, uint32_t category, uint64_t bytes) {
  struct expected *expected = &reference->expected[category];
  uint64_t live = add_relaxed(&expected->live_bytes, bytes) + bytes;
  if (live > load_relaxed(&expected->peak_bytes)) store_relaxed(&expected->peak_bytes, live);
  for (uint32_t at = category;; at = reference->parent[at]) {
    expected = &reference->expected[at];
    live = add_relaxed(&expected->subtree_bytes, bytes) + bytes;
    if (live > load_relaxed(&expected->subtree_peak_bytes))
      store_relaxed(&expected->subtree_peak_bytes, live);
    if (at == 0) break;
  }
}

static void count_got(struct expected *expected, const struct block *block) {
  add_relaxed(&expected->allocations, 1);
  add_relaxed(&expected->allocated_bytes, block->usable);
  add_relaxed(&expected->requested_bytes, block->requested);
}

void reference_note_got(struct reference *reference, const struct block *block) {
  if (!block->address) return;
  count_got(&reference->expected[block->category], block);
  add_relaxed(&reference->expected[block->category].live_blocks, 1);
  change_bytes(reference, block->category, block->usable);
}

void reference_note_resized(struct reference *reference, const struct block *old,
                            const struct block *resized) {
  struct expected *expected = &reference->expected[old->category];
  if (!resized->address) { /* realloc to no bytes has freed it */
    reference_note_given_back(reference, old);
    return;
  }
  count_got(expected, resized);
  add_relaxed(&expected->frees, 1);
  add_relaxed(&expected->reallocations, 1);
  change_bytes(reference, old->category, resized->usable - old->usable);
}

void reference_note_given_back(struct reference *reference, const struct block *block) {
  add_relaxed(&reference->expected[block->category].frees, 1);
  add_relaxed(&reference->expected[block->category].live_blocks, -UINT64_C(1));
  change_bytes(reference, block->category, -(uint64_t)block->usable);
}

static void compare(struct reference *reference, const char *source, uint32_t category, const char *figure,
                    uint64_t found, uint64_t expected) {
  if (found == expected) return;
  reference->wrong++;
  fprintf(stderr, "%s: %s.%s is %lu, expected %lu\n", source, ration_category_path(reference->id[category]),
          figure, found, expected);
}

#define COMPARE(source, figures, expected, figure)                                                           \
  compare(reference, source, category, #figure, (figures).figure, (expected).figure)

#define COMPARE_ALL(source, figures, expected)                                                               \
  do {                                                                                                       \
    COMPARE(source, figures, expected, live_bytes);                                                          \
    COMPARE(source, figures, expected, live_blocks);                                                         \
    COMPARE(source, figures, expected, allocations);                                                         \
    COMPARE(source, figures, expected, frees);                                                               \
    COMPARE(source, figures, expected, reallocations);                                                       \
    COMPARE(source, figures, expected, allocated_bytes);                                                     \
    COMPARE(source, figures, expected, requested_bytes);                                                     \
  } while (0)

static struct ration_figures stats_of(ration_category_id id) {
  struct ration_figures figures = {.size = sizeof figures};
  ration_stats(id, &figures);
  return figures;
}

static void check_stats(struct reference *reference) {
  for (uint32_t category = 0; category < CATEGORIES; category++)
    COMPARE_ALL("ration_stats", stats_of(reference->id[category]), reference->expected[category]);
  uint64_t bytes = 0, blocks = 0;
  for (ration_category_id id = 1; ration_category_path(id); id++) {
    bytes += stats_of(id).live_bytes;
    blocks += stats_of(id).live_blocks;
  }
  struct ration_figures total = stats_of(RATION_TOTAL);
  compare(reference, "sum of categories", 0, "subtree_live_bytes", total.subtree_live_bytes, bytes);
  compare(reference, "sum of categories", 0, "subtree_live_blocks", total.subtree_live_blocks, blocks);
}

static void check_recount(struct reference *reference, const struct block *blocks, size_t count) {
  struct expected recount[CATEGORIES];
  memset(recount, 0, sizeof recount);
  for (size_t i = 0; i < count; i++) {
    if (!blocks[i].address) continue;
    struct ration_block info = {.size = sizeof info};
    uint32_t category = blocks[i].category;
    ration_block_info(blocks[i].address, &info);
    compare(reference, "ration_block_info", category, "category", info.category, reference->id[category]);
    compare(reference, "malloc_usable_size", category, "usable_bytes", info.usable_bytes, blocks[i].usable);
    compare(reference, "contents", category, "is_intact", (uint64_t)block_is_intact(&blocks[i]), 1);
    recount[category].live_bytes += info.usable_bytes;
    recount[category].live_blocks++;
  }
  for (uint32_t category = 0; category < CATEGORIES; category++) {
    COMPARE("recount", recount[category], reference->expected[category], live_bytes);
    COMPARE("recount", recount[category], reference->expected[category], live_blocks);
  }
}

static void check_segment(struct reference *reference, const char *folder) {
  static struct segment_books books;
  int result = segment_read(folder, getpid(), &books);
  if (result < 0) {
    reference->wrong++;
    fprintf(stderr, "segment of %d in %s: %s\n", getpid(), folder, strerror(-result));
    return;
  }
  for (uint32_t category = 0; category < CATEGORIES; category++)
    COMPARE_ALL("segment", books.figures[reference->id[category]], reference->expected[category]);
  uint64_t bytes = 0;
  for (uint32_t id = 1; id <= books.last_id; id++) bytes += books.figures[id].live_bytes;
  compare(reference, "segment", 0, "subtree_live_bytes", books.figures[RATION_TOTAL].subtree_live_bytes,
          bytes);
  compare(reference, "segment", 0, "untracked_blocks", books.header.untracked_blocks,
          reference->untracked_before);
  compare(reference, "segment", 0, "foreign_frees", books.header.foreign_frees, 0);
  compare(reference, "segment", 0, "categories_lost", books.header.categories_lost, 0);
  compare(reference, "segment", 0, "scopes_lost", books.header.scopes_lost, 0);
}

void reference_check(struct reference *reference, const struct block *blocks, size_t count,
                     const char *folder) {
  check_stats(reference);
  check_recount(reference, blocks, count);
  check_segment(reference, folder);
}

/* true peak <= peak <= true peak + error */
static void check_peak(struct reference *reference, uint32_t category, const char *figure, uint64_t found,
                       uint64_t error, uint64_t expected) {
  if (expected <= found && found <= expected + error) return;
  reference->wrong++;
  fprintf(stderr, "ration_stats: %s.%s is %lu with error %lu, expected %lu\n",
          ration_category_path(reference->id[category]), figure, found, error, expected);
}

void reference_check_peaks(struct reference *reference, uint64_t others_bytes) {
  for (uint32_t category = 0; category < CATEGORIES; category++) {
    const struct expected *expected = &reference->expected[category];
    struct ration_figures figures = stats_of(reference->id[category]);
    check_peak(reference, category, "peak_bytes", figures.peak_bytes, figures.peak_error_bytes,
               expected->peak_bytes);
    check_peak(reference, category, "subtree_peak_bytes", figures.subtree_peak_bytes,
               figures.subtree_peak_error_bytes,
               expected->subtree_peak_bytes + (category == 0 ? others_bytes : 0));
  }
}
