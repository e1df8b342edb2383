/*
 * pool_view.c: the fields of a pool; those with the most reserved bytes first.
 */
#include "view/pool_view.h"

#include <stdio.h>
#include <stdlib.h>

struct pool_record {
  const char *name;
  const char *category; /* NULL: none */
  const char *state;
  double hit_rate;
  struct pool_facts facts;
};

#define POOL(member)  .offset = offsetof(struct pool_record, member)
#define FACTS(member) .name = #member, POOL(facts.member)

static const struct field reserved = {.kind = FIELD_COUNT, POOL(facts.reserved)};
static const struct field fields[] = {
    {.name = "name", .kind = FIELD_NAME, POOL(name), .heading = "POOL"},
    {.name = "category", .kind = FIELD_NAME, POOL(category), .heading = "CATEGORY"},
    {.name = "state", .kind = FIELD_NAME, POOL(state)},
    {FACTS(object_bytes), .kind = FIELD_BYTES, .heading = "OBJECT"},
    {FACTS(used), .kind = FIELD_COUNT, .heading = "USED", .has_bar = true, .bar_of = &reserved},
    {FACTS(reserved), .kind = FIELD_COUNT, .heading = "RESERVED"},
    {FACTS(peak), .kind = FIELD_COUNT, .heading = "PEAK"},
    {FACTS(takes), .kind = FIELD_COUNT, .heading = "TAKES"},
    {.name = "hit_rate", .kind = FIELD_SHARE, POOL(hit_rate), .heading = "HITS"},
};

static size_t select_pools(const struct snapshot *snapshot, const struct selection *selection,
                           const struct pool_facts *ret_pools[POOL_LIST_MOST]);
static bool is_selected(const struct snapshot *snapshot, const struct selection *selection,
                        uint32_t category);
static struct pool_record record_of(const struct snapshot *snapshot, const struct pool_facts *facts);
static int compare_bytes(const void *a, const void *b);
static void emit_coverage(struct emitter *emitter, size_t count, size_t gone);

void pool_view_table(struct emitter *emitter, const struct process *process,
                     const struct selection *selection, const void *context) {
  (void)context;
  const struct snapshot *snapshot = &process->snapshot;
  const struct pool_facts *pools[POOL_LIST_MOST];
  size_t count = select_pools(snapshot, selection, pools), gone = 0;
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "pools");
  for (size_t i = 0; i < count; i++) {
    struct pool_record record = record_of(snapshot, pools[i]);
    gone += !pools[i]->is_registered;
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(fields), &record);
    emitter_end(emitter);
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(fields), &record);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (count > 0) emitter_end_line(emitter);
  emit_coverage(emitter, count, gone);
}

static size_t select_pools(const struct snapshot *snapshot, const struct selection *selection,
                           const struct pool_facts *ret_pools[POOL_LIST_MOST]) {
  size_t count = 0;
  for (uint32_t i = 0; i < snapshot->pools.count; i++) {
    const struct pool_facts *facts = &snapshot->pools.pool[i];
    if (is_selected(snapshot, selection, facts->category)) ret_pools[count++] = facts;
  }
  qsort(ret_pools, count, sizeof(const struct pool_facts *), compare_bytes);
  return count;
}

/* One without a category is `total`'s. */
static bool is_selected(const struct snapshot *snapshot, const struct selection *selection,
                        uint32_t category) {
  uint32_t root = selection_root(selection, snapshot);
  return selection_is_below(snapshot, category ? category : RATION_CATEGORY_TOTAL, root);
}

static struct pool_record record_of(const struct snapshot *snapshot, const struct pool_facts *facts) {
  return (struct pool_record){.name = facts->name,
                              .category = facts->category ? snapshot->categories[facts->category].name : NULL,
                              .state = facts->is_registered ? "registered" : "gone",
                              .hit_rate = pool_facts_hit_rate(facts),
                              .facts = *facts};
}

/* Equal ones in the order in which they came into being. */
static int compare_bytes(const void *a, const void *b) {
  const struct pool_facts *left = *(const struct pool_facts *const *)a;
  const struct pool_facts *right = *(const struct pool_facts *const *)b;
  double left_bytes = (double)left->reserved * (double)left->object_bytes;
  double right_bytes = (double)right->reserved * (double)right->object_bytes;
  if (left_bytes != right_bytes) return left_bytes < right_bytes ? 1 : -1;
  return left < right ? -1 : left > right;
}

static void emit_coverage(struct emitter *emitter, size_t count, size_t gone) {
  char line[192];
  if (count == 0) {
    emitter_text_line(emitter, "  ", "no pools: the program has registered none (ration_pool_register)");
    return;
  }
  snprintf(line, sizeof line,
           "objects, as the program tells of them; hits: taken without asking for more memory");
  emitter_text_line(emitter, "  ", line);
  if (gone == 0) return;
  snprintf(line, sizeof line, "%zu of them %s no more: as %s last", gone, gone == 1 ? "is" : "are",
           gone == 1 ? "it was" : "they were");
  emitter_text_line(emitter, "  ", line);
}
