/*
 * counts.c: one pass over the slabs, since reading them is what a look costs. Of a block that one thread allocates and another
 * frees meanwhile the free alone may be seen: what was freed has been allocated, and counts as that, so that no number of
 * live blocks comes out negative. The rest is the sum over all slabs, less what those that are recorded have in the
 * recording by then: of what only rises that is never less than nothing.
 */
#include "record/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/tally.h"

#define SECOND_NS UINT64_C(1000000000)

/* Of so many cells a second whose they are is recorded: of 100 threads with 100 categories, say, all. */
#define CELLS_A_SECOND 16384
#define CELLS_ALL      256 /* seconds, in which these are all that there may be */

static void choose_due(struct counting *counting, const struct counts_look *look);
static uint64_t cells_allowed(uint64_t passed);
static struct ration_segment_tally *kept_of(const struct counting *counting, uint32_t slab);
static void put_kept(struct counting *counting, uint32_t slab);
static void move_rest(struct counts *counts, struct mirror *mirror, uint32_t slabs);
static void put_rest(struct counting *counting);
static uint64_t rows_of(const struct mirror *mirror);
static uint64_t slab_offset(const struct mirror *mirror, uint32_t slab);

int counting_begin(struct counts *counts, struct mirror *mirror, uint32_t slabs, uint32_t categories,
                   const struct counts_look *look, struct counting *ret_counting) {
  struct counting *counting = ret_counting;
  *counting = (struct counting){
      .counts = counts, .mirror = mirror, .slabs = slabs, .recorded = slabs, .cells = categories + 1};
  choose_due(counting, look);
  counting->kept = malloc(((size_t)counting->due * counting->cells + 1) * sizeof *counting->kept);
  return counting->kept ? 0 : -ENOMEM;
}

void counting_end(struct counting *counting) {
  free(counting->kept);
  counting->kept = NULL;
}

int counting_read(struct counting *counting) {
  struct ration_segment_tally *sums = counting->sums, *kept;
  memset(sums, 0, counting->cells * sizeof *sums);
  for (uint32_t slab = 0; slab < counting->slabs; slab++) {
    struct ration_segment_tally read[RATION_CATEGORY_IDS];
    int error = mirror_copy(counting->mirror, slab_offset(counting->mirror, slab), read,
                            counting->cells * sizeof *read);
    if (error) return error;
    if (slab == 0) memcpy(counting->shared, read, counting->cells * sizeof *read);
    for (uint32_t id = 1; id < counting->cells; id++) tally_add(&sums[id], &read[id]);
    if ((kept = kept_of(counting, slab))) memcpy(kept, read, counting->cells * sizeof *kept);
  }
  for (uint32_t id = 1; id < counting->cells; id++)
    if (sums[id].frees > sums[id].allocations) sums[id].allocations = sums[id].frees;
  return 0;
}

void counting_put(struct counting *counting) {
  move_rest(counting->counts, counting->mirror, counting->slabs);
  for (uint32_t slab = 1; slab < counting->slabs && counting->due > 0; slab++) put_kept(counting, slab);
  if (counting->slabs > 0) put_rest(counting);
}

int counts_take_at_rest(struct counts *counts, struct mirror *mirror, uint32_t slabs, uint32_t categories) {
  size_t bytes = (categories + 1) * sizeof(struct ration_segment_tally);
  int error = 0;
  move_rest(counts, mirror, counts->rest ? counts->rest + 1 : 0);
  for (uint32_t slab = 0; slab < slabs && !error; slab++)
    error = mirror_take(mirror, slab_offset(mirror, slab), bytes);
  return error;
}

/* Round and round. */
static void choose_due(struct counting *counting, const struct counts_look *look) {
  struct counts *counts = counting->counts;
  uint32_t threads = counting->slabs > 0 ? counting->slabs - 1 : 0;
  uint64_t most = look->wants_all ? threads : cells_allowed(look->passed_ns) / counting->cells;
  if (counts->next == 0 || counts->next > threads || look->wants_all) counts->next = 1;
  counting->first = counts->next;
  counting->due = most < threads ? (uint32_t)most : threads;
  if (threads) counts->next = 1 + (counts->next - 1 + counting->due) % threads;
}

static uint64_t cells_allowed(uint64_t passed_ns) {
  uint64_t seconds = passed_ns / SECOND_NS;
  if (seconds >= CELLS_ALL) return CELLS_ALL * CELLS_A_SECOND;
  return seconds * CELLS_A_SECOND + passed_ns % SECOND_NS * CELLS_A_SECOND / SECOND_NS;
}

/* NULL: it is not due. */
static struct ration_segment_tally *kept_of(const struct counting *counting, uint32_t slab) {
  uint32_t threads = counting->slabs - 1;
  if (slab == 0 || counting->due == 0) return NULL;
  uint32_t place = (slab - counting->first + threads) % threads;
  return place < counting->due ? counting->kept + (size_t)place * counting->cells : NULL;
}

static void put_kept(struct counting *counting, uint32_t slab) {
  const struct ration_segment_tally *kept = kept_of(counting, slab), *before;
  if (!kept) return;
  struct mirror *mirror = counting->mirror;
  struct ration_segment_tally *held = counting->counts->held;
  before = mirror_row(mirror, mirror_table(mirror, RATION_TABLE_SLABS), slab);
  for (uint32_t id = 1; id < counting->cells && before; id++) {
    tally_subtract(&held[id], &before[id]);
    tally_add(&held[id], &kept[id]);
  }
  mirror_put(mirror, slab_offset(mirror, slab), kept, counting->cells * sizeof *kept);
}

/* It is behind the last slab that there has ever been; what stood where a thread's is now goes before that is recorded. */
static void move_rest(struct counts *counts, struct mirror *mirror, uint32_t slabs) {
  static const struct ration_segment_slab nothing;
  if (slabs <= counts->rest) return;
  if (counts->rest && counts->rest < rows_of(mirror))
    mirror_put(mirror, slab_offset(mirror, counts->rest), &nothing, sizeof nothing);
  counts->rest = slabs;
}

/* Credit may be less than nothing there: sums are modulo 2^64, as they are for readers. */
static void put_rest(struct counting *counting) {
  static const struct ration_segment_slab nothing;
  struct ration_segment_tally *rest = counting->sums, *shared = counting->shared;
  struct mirror *mirror = counting->mirror;
  uint32_t slab = counting->counts->rest;
  bool has_row = slab < rows_of(mirror);
  size_t bytes = counting->cells * sizeof *rest;
  for (uint32_t id = 1; id < counting->cells; id++) {
    tally_subtract(&rest[id], &counting->counts->held[id]);
    tally_subtract(&rest[id], &shared[id]);
    if (!has_row) tally_add(&shared[id], &rest[id]);
  }
  mirror_put(mirror, slab_offset(mirror, 0), shared, bytes);
  if (!has_row) return;
  mirror_put(mirror, slab_offset(mirror, slab), rest, bytes);
  if (memcmp(rest, &nothing, bytes) != 0) counting->recorded = slab + 1;
}

/* That readers take. */
static uint64_t rows_of(const struct mirror *mirror) {
  uint64_t rows = mirror_table(mirror, RATION_TABLE_SLABS)->rows;
  return rows < RATION_SLABS_MOST ? rows : RATION_SLABS_MOST;
}

static uint64_t slab_offset(const struct mirror *mirror, uint32_t slab) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SLABS);
  return table->offset + (uint64_t)slab * table->stride;
}
