/*
 * category.c: adding to the tree, and charging along it.
 *
 * Adding, in any number of threads at once and in signal handlers: look through the published ids; at the
 * first free one, fill a row that nobody else can see, and swap its number in. Who loses the swap looks on
 * from there, since the winner may have added the very same path.
 */
#include "model/category.h"

#include <errno.h>

#include "base/hash.h"
#include "base/test_point.h"
#include "base/text.h"

#define PATH_BYTES       RATION_CATEGORY_NAME_BYTES
#define MODULE_NAME_MOST 63 /* with its folder */
#define MODULE_NAME_KEPT 54

struct draft {
  const char *path;
  size_t bytes;
  uint64_t hash;
  uint64_t origin;
  uint32_t parent;
  uint8_t depth;
  uint8_t kind;
};

static int parse_path(const char *path, size_t *ret_bytes);
static int add_part(struct segment *segment, struct draft draft, uint32_t *ret_id);
static int find_from(const struct segment *segment, const struct draft *draft, uint32_t *id,
                     uint32_t *automatic_seen);
static int category_publish(struct segment *segment, uint32_t id, uint32_t row);
static int row_claim(struct segment *segment, uint32_t *ret_row);
static uint32_t row_take_spare(struct segment *segment);
static void row_return(struct segment *segment, uint32_t row);
static void row_fill(struct segment *segment, uint32_t row, const struct draft *draft);

static struct draft draft_of(const char *path, size_t bytes, uint8_t kind, uint64_t origin) {
  return (struct draft){
      .path = path, .bytes = bytes, .hash = hash_bytes(path, bytes), .kind = kind, .origin = origin};
}

static int add_path(struct segment *segment, const char *path, uint8_t kind, uint64_t origin,
                    uint32_t *ret_id) {
  size_t bytes;
  int result = parse_path(path, &bytes);
  if (result < 0) return result;
  uint32_t id = RATION_CATEGORY_TOTAL;
  uint8_t depth = 0;
  for (size_t end = 1; end <= bytes && result == 0; end++) {
    if (end < bytes && path[end] != '/') continue;
    struct draft draft = draft_of(path, end, kind, end == bytes ? origin : 0);
    draft.parent = id;
    draft.depth = ++depth;
    result = add_part(segment, draft, &id);
  }
  if (result == 0) *ret_id = id;
  return result;
}

int category_add(struct segment *segment, const char *path, uint8_t kind, uint32_t *ret_id) {
  if (path && text_is_equal(path, "total")) {
    *ret_id = RATION_CATEGORY_TOTAL;
    return 0;
  }
  return path ? add_path(segment, path, kind, 0, ret_id) : -EINVAL;
}

static int is_path_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '_' || byte == '.' || byte == '+' || byte == '-' || byte == '~';
}

/* 1 to 8 parts of 1 to 63 bytes, parted by '/'; nothing can be called total/x, since all lies below total. */
static int parse_path(const char *path, size_t *ret_bytes) {
  static const char root[] = "total/";
  size_t at = 0, part = 0, depth = 1, shared = 0;
  while (root[shared] && path[shared] == root[shared]) shared++;
  if (!root[shared]) return -EINVAL;
  for (; path[at]; at++) {
    if (at + 1 >= PATH_BYTES) return -EINVAL;
    if (path[at] == '/') {
      if (part == 0 || ++depth > CATEGORY_DEPTH_MOST) return -EINVAL;
      part = 0;
    } else if (!is_path_byte(path[at]) || ++part > CATEGORY_PART_BYTES_MOST) {
      return -EINVAL;
    }
  }
  if (part == 0) return -EINVAL;
  *ret_bytes = at;
  return 0;
}

int category_is_named(const char *path) {
  size_t bytes;
  return parse_path(path, &bytes) == 0 && !text_is_equal(path, "total") && !text_is_equal(path, "other");
}

/* One category whose parent exists. */
static int add_part(struct segment *segment, struct draft draft, uint32_t *ret_id) {
  uint32_t id = RATION_CATEGORY_TOTAL, row = 0, automatic = 0;
  int result = 0;
  while (!find_from(segment, &draft, &id, &automatic)) {
    int is_full = id > RATION_CATEGORY_LAST ||
                  (draft.kind == RATION_KIND_AUTOMATIC && automatic >= CATEGORY_AUTOMATIC_MOST);
    result = is_full ? -ENOSPC : row ? 0 : row_claim(segment, &row);
    /* No memory for one more row; but another of those that add it at this moment may have had it. */
    if (result == -ENOMEM && find_from(segment, &draft, &id, &automatic)) result = 0;
    if (result < 0 || !row) break;
    TEST_POINT("category:claimed");
    row_fill(segment, row, &draft);
    TEST_POINT("category:filled");
    if (category_publish(segment, id, row)) {
      TEST_POINT("category:published");
      row = 0;
      break;
    }
  }
  if (row) row_return(segment, row);
  if (result == 0) *ret_id = id;
  return result;
}

/*
 * Looks through the published ids from *id on. 1: *id is the category sought. 0: it is not there, and *id is
 * the first id that was free.
 */
static int find_from(const struct segment *segment, const struct draft *draft, uint32_t *id,
                     uint32_t *automatic_seen) {
  for (;; ++*id) {
    const struct ration_segment_category *category = segment_category(segment, *id);
    if (!category) return 0;
    if (category->kind == RATION_KIND_AUTOMATIC) ++*automatic_seen;
    if (category->name_hash != draft->hash || category->name_bytes != draft->bytes) continue;
    size_t i = 0;
    while (i < draft->bytes && category->name[i] == draft->path[i]) i++;
    if (i == draft->bytes) return 1;
  }
}

static int category_publish(struct segment *segment, uint32_t id, uint32_t row) {
  uint16_t none = 0;
  return cas_acq_rel(&segment->header->category_row[id], &none,
                     (uint16_t)row); /* pairs with segment_category */
}

/* Rows are never given up once published; those that were claimed in vain wait in spare_rows. */
static int row_claim(struct segment *segment, uint32_t *ret_row) {
  uint32_t row = row_take_spare(segment);
  if (!row) {
    if (load_relaxed(&segment->rows_used) >= SEGMENT_CATEGORY_ROWS) return -ENOSPC; /* only rises */
    row = add_relaxed(&segment->rows_used, 1); /* a number is owned by who drew it: no data behind it */
    if (row >= SEGMENT_CATEGORY_ROWS) return -ENOSPC;
  }
  if (segment_make_present(segment, &segment->categories[row], sizeof *segment->categories) < 0) {
    row_return(segment, row);
    return -ENOMEM;
  }
  *ret_row = row;
  return 0;
}

static uint32_t row_take_spare(struct segment *segment) {
  for (uint32_t i = 0; i < SEGMENT_CATEGORY_ROWS / 64; i++) {
    uint64_t rows = load_acquire(&segment->spare_rows[i]); /* pairs with row_return */
    while (rows)
      if (cas_acq_rel(&segment->spare_rows[i], &rows, rows & (rows - 1))) /* pairs with row_return */
        return 64 * i + (uint32_t)__builtin_ctzll(rows);
  }
  return 0;
}

static void row_return(struct segment *segment, uint32_t row) {
  uint64_t *place = &segment->spare_rows[row / 64];
  uint64_t rows = load_relaxed(place);                                 /* only a guess: the swap checks it */
  while (!cas_acq_rel(place, &rows, rows | UINT64_C(1) << row % 64)) { /* pairs with row_take_spare */
  }
}

static void row_fill(struct segment *segment, uint32_t row, const struct draft *draft) {
  struct ration_segment_category *category = &segment->categories[row];
  category->origin = draft->origin;
  category->name_hash = draft->hash;
  category->parent = (uint16_t)draft->parent;
  category->depth = draft->depth;
  category->kind = draft->kind;
  category->name_bytes = (uint32_t)draft->bytes;
  struct text name = text_in(category->name, sizeof category->name);
  text_add_bytes(&name, draft->path, draft->bytes);
}

void category_add_fixed(struct segment *segment) {
  struct draft total = draft_of("total", 5, RATION_KIND_FIXED, 0);
  struct draft other = draft_of("other", 5, RATION_KIND_FIXED, 0);
  other.parent = RATION_CATEGORY_TOTAL;
  other.depth = 1;
  uint32_t id;
  add_part(segment, total, &id);
  add_part(segment, other, &id);
}

/* The path of a module's category, cut to 63 bytes: its first 54, '~', 8 digits of a hash of the whole. */
static void module_path(const char *folder, const char *name, unsigned copy, char path[PATH_BYTES]) {
  struct text text = text_in(path, PATH_BYTES);
  text_add(&text, folder);
  text_add(&text, "/");
  for (const char *at = name; *at && !text.is_cut; at++)
    text_add_bytes(&text, is_path_byte(*at) && *at != '~' ? at : "_", 1);
  if (text.is_cut || text.used > MODULE_NAME_MOST) {
    text.used = MODULE_NAME_KEPT;
    text.is_cut = 0;
    text_add(&text, "~");
    text_add_number(&text, hash_bytes(name, text_length(name)) & UINT32_MAX, 16, 8);
  }
  if (copy > 1) {
    text_add(&text, "~");
    text_add_decimal(&text, copy);
  }
}

/* Two modules of one name differ in origin, which is 0 where the program named the category itself. */
static int has_origin(const struct segment *segment, uint32_t id, uint64_t origin) {
  uint64_t found = segment_category(segment, id)->origin;
  return found == origin || found == 0;
}

int category_add_module(struct segment *segment, const char *folder, const char *name, uint64_t origin,
                        uint32_t *ret_id) {
  char path[PATH_BYTES];
  for (unsigned copy = 1; copy < CATEGORY_AUTOMATIC_MOST; copy++) {
    module_path(folder, *name ? name : "_", copy, path);
    uint32_t id;
    int result = add_path(segment, path, RATION_KIND_AUTOMATIC, origin, &id);
    if (result < 0) return result;
    if (!has_origin(segment, id, origin)) continue;
    *ret_id = id;
    return 0;
  }
  return -ENOSPC;
}

int category_copy(struct segment *segment, const struct ration_segment_category *original) {
  struct draft draft = draft_of(original->name, original->name_bytes, original->kind, original->origin);
  draft.parent = original->parent;
  draft.depth = original->depth;
  uint32_t id;
  return add_part(segment, draft, &id);
}

int category_is_below(const struct segment *segment, uint32_t id, uint32_t ancestor) {
  while (id && id != ancestor) id = segment_category(segment, id)->parent;
  return id == ancestor;
}

uint32_t category_count(const struct segment *segment) {
  uint32_t id = RATION_CATEGORY_TOTAL;
  while (segment_category(segment, id)) id++;
  return id - 1;
}

/* One step of the way up. */
struct charged {
  struct ration_segment_category *category;
  uint32_t id;
  uint64_t charge; /* what it was changed to */
};

/* What was charged before a budget did not fit: off again. */
static void take_off(struct ration_segment_category *own, const struct charged way[], uint32_t count,
                     struct charge_change change) {
  struct charge_change back = {.bytes = -change.bytes, .allowance = -change.allowance};
  uint64_t charge;
  for (uint32_t i = 0; i < count; i++)
    charge_apply(&way[i].category->subtree_charged, back, CHARGE_UNBOUNDED, &charge);
  TEST_POINT("category:taken_off");
  charge_apply(&own->own_charged, back, CHARGE_UNBOUNDED, &charge);
}

/* Peaks last: a charge that was taken off again has never been. */
static void note_charged(struct segment *segment, const struct charged way[], uint32_t count, int64_t bytes,
                         struct charge_outcome *outcome) {
  for (uint32_t i = 0; i < count && bytes > 0; i++)
    charge_raise_peak(&way[i].category->subtree_peak, way[i].charge);
  for (uint32_t i = 0; i < count && load_relaxed(&segment->has_budgets); i++)
    budget_note(segment, way[i].id, bytes, way[i].charge, outcome);
  outcome->has_charged = 1;
}

/* No budget holds it, and no word is near its bounds: whatever others add meanwhile, nothing can fail. */
static int cannot_fail(const struct segment *segment, struct charge_change change) {
  uint64_t all = load_relaxed(&segment_category(segment, RATION_CATEGORY_TOTAL)->subtree_charged);
  return !load_relaxed(&segment->has_budgets) && charge_is_small(change) && charge_has_room(all);
}

static void add_to(uint64_t *charge, uint64_t *peak, uint64_t added, int is_up) {
  uint64_t after = add_relaxed(charge, added) + added; /* one word, exact by itself */
  TEST_POINT("category:added");
  if (is_up) charge_raise_peak(peak, after);
}

static void add_all_the_way(struct segment *segment, uint32_t id, struct charge_change change) {
  struct ration_segment_category *category = segment_category(segment, id);
  uint64_t added = charge_packed(change);
  int is_up = change.bytes > 0;
  add_to(&category->own_charged, &category->own_peak, added, is_up);
  for (; category; category = segment_category(segment, category->parent))
    add_to(&category->subtree_charged, &category->subtree_peak, added, is_up);
}

int category_charge(struct segment *segment, uint32_t id, struct charge_change change,
                    struct charge_right right, struct charge_outcome *outcome) {
  if (LIKELY(cannot_fail(segment, change))) {
    add_all_the_way(segment, id, change);
    outcome->has_charged = 1;
    return 0;
  }
  struct ration_segment_category *own = segment_category(segment, id);
  struct charged way[CATEGORY_DEPTH_MOST + 1];
  uint64_t charge;
  int result = charge_apply(&own->own_charged, change, CHARGE_UNBOUNDED, &charge);
  if (result < 0) return result;
  uint32_t count = 0,
           has_budgets =
               load_relaxed(&segment->has_budgets); /* of a change meanwhile: the one or the other */
  for (uint32_t at = id; at; at = way[count++].category->parent) {
    way[count] = (struct charged){.category = segment_category(segment, at), .id = at};
    struct charge_bounds bounds = has_budgets ? budget_bounds(segment, at, right) : CHARGE_UNBOUNDED;
    TEST_POINT("category:climbing");
    result = charge_apply(&way[count].category->subtree_charged, change, bounds, &way[count].charge);
    if (result == 0) continue;
    TEST_POINT("category:refused");
    take_off(own, way, count, change);
    outcome->budget = at;
    return result;
  }
  TEST_POINT("category:charged");
  if (change.bytes > 0) charge_raise_peak(&own->own_peak, charge);
  note_charged(segment, way, count, change.bytes, outcome);
  return 0;
}

uint64_t category_take_aside(struct segment *segment, uint32_t id, uint64_t bytes) {
  uint64_t *place = &segment_category(segment, id)->set_aside, aside = load_relaxed(place), taken;
  do {
    taken = aside < bytes ? aside : bytes;
  } while (taken && !cas_relaxed(place, &aside, aside - taken)); /* one word, compared again by the swap */
  return taken;
}

void category_put_aside(struct segment *segment, uint32_t id, uint64_t bytes) {
  if (bytes) add_relaxed(&segment_category(segment, id)->set_aside, bytes); /* a sum */
}
