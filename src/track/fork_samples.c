/*
 * fork_samples.c: see fork_samples.h. One forking thread at a time notes them: the one that sums the books.
 */
#include "track/fork_samples.h"

#include "heap/heap.h"
#include "model/samples.h"
#include "model/sites.h"
#include "model/sizes.h"
#include "os/clock.h"
#include "os/memory.h"
#include "track/modules.h"
#include "track/process.h"

static struct ration_segment_sample *noted; /* NULL: none */
static size_t noted_bytes;                  /* of the mapping */
static uint64_t noted_count;

static void note(void *unused, const struct ration_segment_sample *sample) {
  (void)unused;
  if ((noted_count + 1) * sizeof *noted <= noted_bytes) noted[noted_count++] = *sample;
}

void fork_samples_prepare(void) {
  size_t page = memory_page_bytes();
  size_t bytes = load_relaxed(&segment.process->sample_count) * sizeof *noted; /* see samples_visit */
  noted_bytes = (bytes + page - 1) / page * page;
  noted_count = 0;
  noted = bytes ? memory_map(noted_bytes) : NULL;
  if (noted) samples_visit(&segment, note, NULL);
}

void fork_samples_parent(void) {
  if (noted) memory_unmap(noted, noted_bytes);
  noted = NULL;
}

/*
 * What its table says by now may be of a site that the parent has met since the fork; in pages that were not opened when
 * the child was made, and cannot be read there.
 */
static int is_known(const struct segment *parents, uint32_t site) {
  const struct ration_segment_site *row = sites_row(parents, site);
  if (!segment_is_present(parents, row, sizeof *row)) return 0;
  uint64_t key = load_acquire(&row->key); /* pairs with make_row */
  const uint64_t *frames = &parents->frames[RATION_SITE_FRAMES_AT(key)];
  return key && segment_is_present(parents, frames, RATION_SITE_FRAME_COUNT(key) * sizeof *frames + 1);
}

/* The parent's site of this sample, in the child's table. Returns 0: there is no room. */
static uint32_t adopt_site(struct segment *child, const struct segment *parents, uint32_t site) {
  uint64_t key = load_acquire(&parents->sites[site].key); /* pairs with make_row */
  struct stack_key stack = {.frames = &parents->frames[RATION_SITE_FRAMES_AT(key)],
                            .count = RATION_SITE_FRAME_COUNT(key),
                            .flags = RATION_SITE_FLAGS(key),
                            .category = RATION_SITE_CATEGORY(key)};
  uint32_t own;
  return sites_intern(child, stack, (struct site_birth){.now = clock_coarse_ns()}, &own) == 0 ? own : 0;
}

/* A block that was a sample becomes one of the child's, or a plain one of its category. */
static void adopt(struct segment *child, const struct segment *parents, struct ration_segment_sample sample) {
  void *block = (void *)(uintptr_t)sample.address;
  if (heap_whose(block) != RATION_TAG_SAMPLED) return; /* freed, before the fork */
  uint32_t category = sites_category(parents, sample.site), reason = RATION_SAMPLE_NO_SITE;
  sample.site = adopt_site(child, parents, sample.site);
  if (sample.site)
    reason =
        samples_put(child, &child->shared_shelf, &sample) == 0 ? RATION_SAMPLE_LOSSES : RATION_SAMPLE_NO_ROOM;
  if (reason != RATION_SAMPLE_LOSSES) {
    heap_set_whose(block, category);
    add_relaxed(&child->process->samples_lost[reason], 1);
    return;
  }
  sites_count_sample(child, &sample, 0, 0);
  sizes_count(child, category, sample.usable, sample.weight, 0);
}

struct family {
  struct segment *child;
  const struct segment *parents;
};

static void adopt_tagged(void *context, void *address, unsigned char tag) {
  const struct family *family = context;
  struct ration_segment_sample sample;
  uint64_t key = (uint64_t)(uintptr_t)address;
  if (tag != RATION_TAG_SAMPLED || samples_find(family->child, key, &sample) == 0) return;
  int is_found = samples_find(family->parents, key, &sample) == 0 && sample.usable;
  if (is_found && is_known(family->parents, sample.site))
    adopt(family->child, family->parents, sample);
  else
    heap_set_whose(address, RATION_CATEGORY_OTHER);
}

void fork_samples_open(struct segment *child, const struct segment *parents, int is_exact) {
  struct family family = {child, parents};
  modules_inherit(child, parents);
  for (uint64_t i = 0; noted && i < noted_count; i++) adopt(child, parents, noted[i]);
  int may_lack_some = !is_exact || !noted;
  if (may_lack_some && load_relaxed(&parents->process->sample_count) > 1)
    tag_map_visit(adopt_tagged, &family); /* it has had a sample */
  fork_samples_parent();
}
