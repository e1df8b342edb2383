/*
 * interner.c: strings in blocks that do not move, found by a uthash table, and by pages of pointers in the order of
 * their ids.
 *
 * A string is published by the store of `count`, when all else of it is in place: that is what text relies on where it
 * runs beside add.
 */
#include <ration/kit/interner.h>

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "base/atomics.h"
#include "kit/siphash.h"

#define HASH_NONFATAL_OOM          1
#define uthash_malloc(bytes)       take(interner, bytes)
#define uthash_free(block, bytes)  give(interner, block, bytes)
#define uthash_nonfatal_oom(added) ((void)(added)) /* its table is NULL then: that says it */
#include <uthash.h>

#define FIRST_PAGE  UINT64_C(64) /* strings; a power of two */
#define LENGTH_MOST ((size_t)UINT32_MAX - 1)
#define BLOCK_LEAST ((size_t)4 << 10)
#define BLOCK_MOST  ((size_t)256 << 10)
#define KEY_BYTES   16

struct string {
  UT_hash_handle hh; /* key: text; keylen: its length */
  uint32_t id;
  char text[];
};

/* Strings lie behind it, up to `used`. The first of the list is the one that is being filled. */
struct block {
  struct block *next;
  size_t size, used; /* both with this */
};

static struct string *find(const struct ration_interner *interner, const void *bytes, size_t length,
                           unsigned hash);
static uint32_t add_new(struct ration_interner *interner, const void *bytes, size_t length, unsigned hash);
static int make_page(struct ration_interner *interner, uint32_t id);
static struct string *make_string(struct ration_interner *interner, size_t length);
static struct block *make_block(struct ration_interner *interner, size_t needed);
static void unmake_string(struct ration_interner *interner, struct string *string, size_t length);
static int index_text(struct ration_interner *interner, struct string *string, size_t length, unsigned hash);
static void choose_key(uint64_t key[2]);
static void *take(struct ration_interner *interner, size_t bytes);
static void give(struct ration_interner *interner, void *block, size_t bytes);

_Static_assert(FIRST_PAGE *((UINT64_C(1) << RATION_INTERNER_PAGES) - 1) >= RATION_INTERNER_MOST,
               "there is a page for every id");

static uint32_t fail(int error) {
  errno = error;
  return 0;
}

static int is_in_use(const struct ration_interner *interner) {
  return interner && interner->maximum;
}

static unsigned hash_of(const struct ration_interner *interner, const void *bytes, size_t length) {
  return (unsigned)siphash_13(interner->key, bytes, length);
}

int ration_interner_init(struct ration_interner *interner, struct ration_memory *memory,
                         const struct ration_interner_settings *settings) {
  if (!interner) return -EINVAL;
  if (settings && settings->maximum > RATION_INTERNER_MOST) return -EINVAL;
  *interner = (struct ration_interner){.memory = memory, .maximum = RATION_INTERNER_MOST};
  if (settings && settings->maximum) interner->maximum = settings->maximum;
  if (settings) memcpy(interner->key, settings->key, KEY_BYTES);
  if (!interner->key[0] && !interner->key[1]) choose_key(interner->key);
  return 0;
}

void ration_interner_done(struct ration_interner *interner) {
  if (!is_in_use(interner)) return;
  struct string *table = interner->table;
  HASH_CLEAR(hh, table);
  for (unsigned i = 0; i < RATION_INTERNER_PAGES && interner->pages[i]; i++)
    give(interner, interner->pages[i], (FIRST_PAGE << i) * sizeof(void *));
  for (struct block *block = interner->blocks, *next; block; block = next) {
    next = block->next;
    give(interner, block, block->size);
  }
  *interner = (struct ration_interner){.table = NULL};
}

uint32_t ration_interner_add(struct ration_interner *interner, const char *text) {
  return text ? ration_interner_add_bytes(interner, text, strlen(text)) : fail(EINVAL);
}

uint32_t ration_interner_add_bytes(struct ration_interner *interner, const void *bytes, size_t length) {
  if (!is_in_use(interner) || (!bytes && length)) return fail(EINVAL);
  if (length > LENGTH_MOST) return fail(EOVERFLOW);
  if (!bytes) bytes = "";
  unsigned hash = hash_of(interner, bytes, length);
  const struct string *string = find(interner, bytes, length, hash);
  return string ? string->id : add_new(interner, bytes, length, hash);
}

uint32_t ration_interner_find(const struct ration_interner *interner, const char *text) {
  return text ? ration_interner_find_bytes(interner, text, strlen(text)) : fail(EINVAL);
}

uint32_t ration_interner_find_bytes(const struct ration_interner *interner, const void *bytes,
                                    size_t length) {
  if (!is_in_use(interner) || (!bytes && length)) return fail(EINVAL);
  if (length > LENGTH_MOST) return fail(EOVERFLOW);
  if (!bytes) bytes = "";
  const struct string *string = find(interner, bytes, length, hash_of(interner, bytes, length));
  return string ? string->id : fail(ENOENT);
}

/* Page k has the ids from FIRST_PAGE * (2^k - 1) + 1 on, FIRST_PAGE * 2^k of them. */
static unsigned page_of(uint32_t id, uint64_t *ret_place) {
  uint64_t place = id - 1 + FIRST_PAGE;
  unsigned page = (unsigned)(__builtin_clzll(FIRST_PAGE) - __builtin_clzll(place));
  *ret_place = place - (FIRST_PAGE << page);
  return page;
}

const char *ration_interner_bytes(const struct ration_interner *interner, uint32_t id, size_t *ret_length) {
  /* Pairs with add_new(): whoever sees the count sees the strings. */
  if (!interner || id - 1 >= load_acquire(&interner->count)) {
    errno = interner ? ENOENT : EINVAL;
    return NULL;
  }
  uint64_t place;
  unsigned page = page_of(id, &place);
  const struct string *string = interner->pages[page][place];
  if (ret_length) *ret_length = string->hh.keylen;
  return string->text;
}

const char *ration_interner_text(const struct ration_interner *interner, uint32_t id) {
  return ration_interner_bytes(interner, id, NULL);
}

uint32_t ration_interner_count(const struct ration_interner *interner) {
  return interner ? load_relaxed(&interner->count) : 0; /* a number alone: text looks for itself */
}

int ration_interner_stats(const struct ration_interner *interner,
                          struct ration_interner_figures *ret_figures) {
  if (!is_in_use(interner) || !ret_figures) return -EINVAL;
  *ret_figures = (struct ration_interner_figures){
      .strings = interner->count, .text_bytes = interner->text_bytes, .held_bytes = interner->held_bytes};
  return 0;
}

int ration_interner_is_valid(const struct ration_interner *interner) {
  uint64_t bytes = 0;
  if (!is_in_use(interner)) return 0;
  for (uint32_t id = 1; id <= interner->count; id++) {
    size_t length = 0;
    const char *text = ration_interner_bytes(interner, id, &length);
    if (!text || text[length] || ration_interner_find_bytes(interner, text, length) != id) return 0;
    bytes += length;
  }
  const struct string *first = interner->table;
  return bytes == interner->text_bytes && interner->count <= interner->maximum &&
         interner->held_bytes >= bytes && HASH_COUNT(first) == interner->count;
}

/* ---- by text ----------------------------------------------------------------------------------------------- */

static inline struct string *find(const struct ration_interner *interner, const void *bytes, size_t length,
                                  unsigned hash) {
  struct string *found, *table = interner->table;
  HASH_FIND_BYHASHVALUE(hh, table, bytes, (unsigned)length, hash, found);
  return found;
}

static uint32_t add_new(struct ration_interner *interner, const void *bytes, size_t length, unsigned hash) {
  uint32_t id = interner->count + 1;
  if (id > interner->maximum) return fail(ENOSPC);
  if (make_page(interner, id)) return 0;
  struct string *string = make_string(interner, length);
  if (!string) return 0;
  memcpy(string->text, bytes, length);
  string->text[length] = '\0';
  string->id = id;
  if (index_text(interner, string, length, hash)) {
    unmake_string(interner, string, length);
    return 0;
  }
  uint64_t place;
  unsigned page = page_of(id, &place);
  interner->pages[page][place] = string;
  interner->text_bytes += length;
  store_release(&interner->count, id); /* pairs with ration_interner_bytes() */
  return id;
}

/* What uthash does where its table cannot be made, or grow, leaves the table as it was. */
static int index_text(struct ration_interner *interner, struct string *string, size_t length, unsigned hash) {
  struct string *table = interner->table;
  HASH_ADD_KEYPTR_BYHASHVALUE(hh, table, string->text, (unsigned)length, hash, string);
  interner->table = table;
  return string->hh.tbl ? 0 : -errno;
}

/* ---- where strings lie ------------------------------------------------------------------------------------- */

static int make_page(struct ration_interner *interner, uint32_t id) {
  uint64_t place;
  unsigned page = page_of(id, &place);
  if (interner->pages[page]) return 0;
  interner->pages[page] = take(interner, (FIRST_PAGE << page) * sizeof(void *));
  return interner->pages[page] ? 0 : -errno;
}

static size_t string_bytes(size_t length) {
  size_t bytes = offsetof(struct string, text) + length + 1;
  return (bytes + alignof(struct string) - 1) & ~(alignof(struct string) - 1);
}

static struct string *make_string(struct ration_interner *interner, size_t length) {
  size_t bytes = string_bytes(length);
  struct block *block = interner->blocks;
  if (!block || bytes > block->size - block->used) block = make_block(interner, bytes);
  if (!block) return NULL;
  struct string *string = (struct string *)(void *)((char *)block + block->used);
  block->used += bytes;
  return string;
}

/* Blocks grow with what is held. A long string gets its own, behind the one that is being filled; so does every one
   where the memory has no more for a whole block. */
static struct block *make_block(struct ration_interner *interner, size_t needed) {
  size_t size = BLOCK_LEAST;
  while (size < BLOCK_MOST && size < interner->held_bytes / 4) size *= 2;
  int saved = errno;
  struct block *filled = interner->blocks, *block = NULL;
  needed += sizeof *block;
  if (needed <= size / 4) block = take(interner, size);
  int is_own = !block;
  if (is_own) size = needed, block = take(interner, size);
  if (!block) return NULL;
  errno = saved;
  *block = (struct block){.size = size, .used = sizeof *block};
  if (is_own && filled) {
    block->next = filled->next;
    filled->next = block;
  } else {
    block->next = filled;
    interner->blocks = block;
  }
  return block;
}

/* The string is the last one made, and in the block that is being filled or alone in the one behind it. */
static void unmake_string(struct ration_interner *interner, struct string *string, size_t length) {
  struct block *filled = interner->blocks, *own = filled->next;
  size_t bytes = string_bytes(length);
  if ((char *)string == (char *)filled + filled->used - bytes) {
    filled->used -= bytes;
    return;
  }
  filled->next = own->next;
  give(interner, own, own->size);
}

static void *take(struct ration_interner *interner, size_t bytes) {
  void *block = ration_memory_allocate(interner->memory, bytes, alignof(max_align_t));
  if (block) interner->held_bytes += bytes;
  return block;
}

static void give(struct ration_interner *interner, void *block, size_t bytes) {
  ration_memory_release(interner->memory, block, bytes, alignof(max_align_t));
  interner->held_bytes -= bytes;
}

/* ---- the key ----------------------------------------------------------------------------------------------- */

/* Before the kernel has random numbers, early at boot, there are those that it gave the process at its start. */
static void choose_key(uint64_t key[2]) {
  int saved = errno;
  unsigned long given = getauxval(AT_RANDOM);
  if (getrandom(key, KEY_BYTES, GRND_NONBLOCK) != KEY_BYTES && given)
    memcpy(key, (const void *)(uintptr_t)given, KEY_BYTES); // NOLINT(performance-no-int-to-ptr)
  errno = saved;
}
