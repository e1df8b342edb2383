/*
 * page_rows.c: rows as segment.h has them. Those beyond what the heap has opened cannot be read, and are those of no page.
 */
#include "reader/page_rows.h"

#include <errno.h>

#include "reader/remote.h"
#include "reader/tags.h"

#define SLOT_BITS       16
#define SLOT_BYTES      (UINT64_C(1) << SLOT_BITS)
#define REGION_MOST     (UINT64_C(1) << 38) /* whatever a segment says: a larger one is not looked at */
#define ADDRESS_MOST    (UINT64_C(1) << 56)
#define PAGE_ORDER_MOST 3 /* 8 slots */
#define ORDER_MOST      31
#define ROWS_AT_ONCE    32 /* one page of memory: all of them can be read, or none */

static uint64_t row_address(const struct snapshot *snapshot, uint64_t slot);
static int read_row(const struct snapshot *snapshot, uint64_t slot, struct ration_page_row *ret_row);
static int find_page(const struct snapshot *snapshot, uint64_t *slot, struct ration_page_row *row);
static int look_in_page(const struct snapshot *snapshot, const struct ration_page_row *row, uint64_t start,
                        uint64_t address, struct block_facts *facts);
typedef int visitor(void *context, uint64_t start, const struct ration_page_row *row);

static int walk(const struct snapshot *snapshot, visitor *visit, void *context);
static visitor add_span, count_span;
static uint64_t blocks_of(const struct ration_page_row *row);
static bool can_be_given_out(const struct ration_page_row *row, uint64_t offset);
static uint64_t slots_of(const struct ration_page_row *row);
static uint64_t bytes_of(const struct ration_page_row *row);

bool page_rows_cover(const struct snapshot *snapshot, uint64_t start, uint64_t end) {
  const struct facts *facts = &snapshot->facts;
  if (snapshot->heap != RATION_HEAP_PAGE || !facts->page_region || !facts->page_rows) return false;
  if (facts->page_region_bytes > REGION_MOST || facts->page_region > ADDRESS_MOST ||
      facts->page_rows > ADDRESS_MOST)
    return false;
  return start >= facts->page_region && end <= facts->page_region + facts->page_region_bytes;
}

int page_rows_look_up(const struct snapshot *snapshot, uint64_t address, struct block_facts *ret_facts) {
  struct block_facts facts = {0};
  struct ration_page_row row;
  uint64_t region = snapshot->facts.page_region, slot = (address - region) >> SLOT_BITS;
  int error = find_page(snapshot, &slot, &row);
  uint64_t start = region + (slot << SLOT_BITS);
  if (!error && row.kind == RATION_SLOT_PAGE) {
    error = look_in_page(snapshot, &row, start, address, &facts);
  } else if (!error && row.kind == RATION_SLOT_LARGE && address == start) {
    facts = (struct block_facts){.category = row.category, .has_size = true, .usable_bytes = row.large_bytes};
  }
  if (error && error != -EFAULT) return error;
  *ret_facts = error ? (struct block_facts){0} : facts;
  return 0;
}

int page_rows_add_extents(const struct snapshot *snapshot, struct extents *extents) {
  return walk(snapshot, add_span, extents);
}

int page_rows_count(const struct snapshot *snapshot, struct holding_table *ret_table) {
  struct holding_table table = {.returned_bytes = snapshot->holdings.returned_bytes};
  int error = walk(snapshot, count_span, &table);
  if (error) return error;
  for (uint32_t id = 0; id < RATION_CATEGORY_IDS; id++) holding_facts_add(&table.total, &table.category[id]);
  *ret_table = table;
  return 0;
}

/*
 * Spans follow one another from slot 1 on, each as many slots as its order says; where no row is in memory, none begins any
 * more.
 */
static int walk(const struct snapshot *snapshot, visitor *visit, void *context) {
  struct ration_page_row rows[ROWS_AT_ONCE];
  uint64_t region = snapshot->facts.page_region, slot = 1;
  if (!page_rows_cover(snapshot, region, region)) return 0;
  uint64_t end = snapshot->facts.page_region_bytes >> SLOT_BITS;
  int error = 0;
  while (slot < end && !error) {
    uint64_t first = slot - slot % ROWS_AT_ONCE, behind = first + ROWS_AT_ONCE;
    if (!remote_has(snapshot->name.pid, row_address(snapshot, first))) break;
    error = remote_read(snapshot->name.pid, row_address(snapshot, first), rows, sizeof rows);
    for (; !error && slot < behind; slot += slots_of(&rows[slot - first]))
      error = visit(context, region + (slot << SLOT_BITS), &rows[slot - first]);
  }
  return error == -EFAULT ? 0 : error;
}

/* Those that touch one another are one. */
static int add_span(void *context, uint64_t start, const struct ration_page_row *row) {
  struct extents *extents = context;
  uint64_t end = start + bytes_of(row);
  struct extent *last = extents->count ? &extents->extents[extents->count - 1] : NULL;
  if (end == start) return 0;
  if (!last || last->end != start) return extents_put(extents, (struct extent){start, end});
  last->end = end;
  return 0;
}

static int count_span(void *context, uint64_t start, const struct ration_page_row *row) {
  (void)start;
  struct holding_table *table = context;
  uint64_t span = slots_of(row) << SLOT_BITS, dirty = (uint64_t)row->dirty << SLOT_BITS;
  bool is_page = row->kind == RATION_SLOT_PAGE;
  if (row->kind == RATION_SLOT_FREE) {
    table->free_bytes += span;
    table->dirty_bytes += dirty < span ? dirty : span;
  }
  if (!is_page && row->kind != RATION_SLOT_LARGE) return 0;
  uint64_t blocks = is_page ? blocks_of(row) : 1, used = is_page ? blocks * row->usable : bytes_of(row);
  struct holding_facts one = {blocks, used < span ? used : span, span};
  holding_facts_add(&table->category[row->category], &one);
  holding_facts_add(&table->classes[is_page ? row->size_class % RATION_PAGE_CLASSES : 0], &one);
  return 0;
}

/* Given out; read while they come and go. */
static uint64_t blocks_of(const struct ration_page_row *row) {
  uint64_t freed = (row->remote >> 32 & 0xffff) + row->delayed, used = (uint16_t)(row->left + row->tells_at);
  if (used > row->capacity) used = row->capacity;
  return used > freed ? used - freed : 0;
}

static uint64_t row_address(const struct snapshot *snapshot, uint64_t slot) {
  return snapshot->facts.page_rows + slot * sizeof(struct ration_page_row);
}

static int read_row(const struct snapshot *snapshot, uint64_t slot, struct ration_page_row *ret_row) {
  return remote_read(snapshot->name.pid, row_address(snapshot, slot), ret_row, sizeof *ret_row);
}

/* The row of the slot, or of the page that it is a part of. */
static int find_page(const struct snapshot *snapshot, uint64_t *slot, struct ration_page_row *row) {
  int error = read_row(snapshot, *slot, row);
  if (error || row->kind != RATION_SLOT_PART) return error;
  if (row->first >= *slot || *slot - row->first >= UINT64_C(1) << PAGE_ORDER_MOST) return -EFAULT;
  *slot = row->first;
  return read_row(snapshot, *slot, row);
}

/* A block on a free list has its mark in its second word. */
static int look_in_page(const struct snapshot *snapshot, const struct ration_page_row *row, uint64_t start,
                        uint64_t address, struct block_facts *facts) {
  uint64_t words[2], offset = address - start;
  bool is_start = row->bytes >= sizeof words && offset % row->bytes == 0;
  if (!is_start || !can_be_given_out(row, offset)) return 0;
  int error = remote_read(snapshot->name.pid, address, words, sizeof words);
  if (error || words[1] == (address ^ row->mask)) return error;
  *facts = (struct block_facts){.category = row->category, .has_size = true, .usable_bytes = row->usable};
  return 0;
}

static bool can_be_given_out(const struct ration_page_row *row, uint64_t offset) {
  bool is_in_page = offset < (uint64_t)row->capacity * row->bytes;
  return is_in_page && offset >= row->first && offset - row->first < row->carved_bytes;
}

/* Never beyond what a span can be, and never none. One that is just taken, or given back, has its order, too. */
static uint64_t slots_of(const struct ration_page_row *row) {
  bool is_span = row->kind != RATION_SLOT_PART && row->order <= ORDER_MOST;
  return is_span ? UINT64_C(1) << row->order : 1;
}

static uint64_t bytes_of(const struct ration_page_row *row) {
  uint64_t span = slots_of(row) << SLOT_BITS;
  if (row->kind == RATION_SLOT_PAGE) return span;
  if (row->kind != RATION_SLOT_LARGE) return 0;
  return row->large_bytes < span ? row->large_bytes : span;
}
