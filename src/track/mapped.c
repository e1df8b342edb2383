/*
 * mapped.c: mmap, munmap and mremap, as the program calls them, and what becomes of the table.
 */
#include "track/mapped.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/atomics.h"
#include "model/mappings.h"
#include "os/mapping_calls.h"
#include "os/memory.h"
#include "os/module.h"
#include "os/next.h"
#include "os/turn.h"
#include "track/accounts.h"
#include "track/caller.h"
#include "track/process.h"

#define CALLER      ((uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0)))
#define PIECES_MOST 16
#define FIRST_BYTES 65536 /* of the table */

/* What was taken out of the table, should it have to be put back. */
struct taken {
  struct mapping pieces[PIECES_MOST];
  size_t count;
  int is_cut; /* there were more */
};

/* Where mremap moves what. */
struct move {
  uint64_t from, from_end;
  uint64_t to, to_end;
  int stays; /* the old stretch is still there, emptied */
};

static struct mappings mappings;
static size_t table_bytes;
static struct turn turn;
static int is_counting;
static struct caller_range allocator; /* the module of the next malloc */
static uintptr_t forker;              /* the thread that has the turn over a fork */
static uint64_t forkers_signals;

static mapping_map map_counted, map64_counted;
static mapping_unmap unmap_counted;
static mapping_remap remap_counted;

static int may_count(uintptr_t caller);
static void note_mapped(const void *address, size_t bytes, int flags, struct asker asker);
static void take_out(uint64_t start, uint64_t end, struct taken *ret_taken);
static void put_back(const struct taken *taken);
static void note_moved(const struct taken *taken, struct move move);
static void note_copied(uint64_t from, uint64_t to, uint64_t to_end);
static int has_turn_over_fork(void);
static int begin_turn(uint64_t *ret_signals);
static void end_turn(uint64_t signals);
static void take(uint64_t start, uint64_t end, struct taken *ret_taken);
static void put(uint64_t start, uint64_t end, uint32_t category);
static void put_pieces(const struct taken *taken);

void mapped_start(int is_counted) {
  static const struct mapping_functions counted = {
      .map = map_counted, .map64 = map64_counted, .unmap = unmap_counted, .remap = remap_counted};
  struct module module;
  if (is_counted && module_find((const void *)(uintptr_t)next.malloc, &module) == 0) {
    allocator = (struct caller_range){.start = module.start, .bytes = module.bytes};
    is_counting = 1;
  } else if (is_counted) {
    accounts_count_lost(); /* a C library that does not say which module an address is in */
  }
  mapping_calls_open(is_counting ? &counted : NULL);
}

/* ---- the program's calls: errno is what the call itself leaves --------------------------------------------- */

static void *map_counted(void *address, size_t bytes, int protection, int flags, int descriptor,
                         long offset) {
  void *mapped = mapping_calls.next.map(address, bytes, protection, flags, descriptor, offset);
  int kept_errno = errno;
  if (mapped != MAP_FAILED && may_count(CALLER)) note_mapped(mapped, bytes, flags, ASKER_BY_JUMP(CALLER));
  errno = kept_errno;
  return mapped;
}

static void *map64_counted(void *address, size_t bytes, int protection, int flags, int descriptor,
                           long offset) {
  void *mapped = mapping_calls.next.map64(address, bytes, protection, flags, descriptor, offset);
  int kept_errno = errno;
  if (mapped != MAP_FAILED && may_count(CALLER)) note_mapped(mapped, bytes, flags, ASKER_BY_JUMP(CALLER));
  errno = kept_errno;
  return mapped;
}

static int unmap_counted(void *address, size_t bytes) {
  struct taken taken = {.count = 0};
  uint64_t start = (uintptr_t)address;
  int kept_errno = errno;
  if (may_count(CALLER)) take_out(start, start + mapping_round(bytes, 0), &taken);
  errno = kept_errno;
  int result = mapping_calls.next.unmap(address, bytes);
  kept_errno = errno;
  if (result < 0 && taken.count) put_back(&taken);
  errno = kept_errno;
  return result;
}

static void *remap_counted(void *address, size_t bytes, size_t new_bytes, int flags, void *new_address) {
  struct taken taken = {.count = 0};
  struct move move = {.from = (uintptr_t)address, .stays = (flags & MREMAP_DONTUNMAP) != 0};
  move.from_end = move.from + mapping_round(bytes, 0);
  int kept_errno = errno;
  int is_counted = may_count(CALLER);
  if (is_counted) take_out(move.from, move.from_end, &taken);
  errno = kept_errno;
  void *moved = mapping_calls.next.remap(address, bytes, new_bytes, flags, new_address);
  kept_errno = errno;
  move.to = (uintptr_t)moved;
  move.to_end = move.to + mapping_round(new_bytes, 0);
  if (moved == MAP_FAILED && taken.count) put_back(&taken);
  if (moved != MAP_FAILED && is_counted && bytes) note_moved(&taken, move);
  if (moved != MAP_FAILED && is_counted && !bytes) note_copied(move.from, move.to, move.to_end);
  errno = kept_errno;
  return moved;
}

/* Not for the next allocator, which may hold its locks, and maps what is counted as blocks. */
static int may_count(uintptr_t caller) {
  if (thread.inside || caller_is_in(caller, &allocator) || caller_is_in(caller, &caller_shim)) return 0;
  return process_ready() == PROCESS_TRACKING;
}

/* ---- what they change: one turn each -------------------------------------------------------------------- */

/* Whatever was there is no more, also where it went unseen. Who asked is found out before the turn: it may take long. */
static void note_mapped(const void *address, size_t bytes, int flags, struct asker asker) {
  uint64_t start = (uintptr_t)address, end = start + mapping_round(bytes, flags), signals;
  uint32_t category = flags & MAP_ANONYMOUS ? caller_category(asker, bytes, thread.record) : 0;
  struct taken replaced;
  if (!begin_turn(&signals)) return;
  take(start, end, &replaced);
  if (category) put(start, end, category);
  end_turn(signals);
}

static void take_out(uint64_t start, uint64_t end, struct taken *ret_taken) {
  uint64_t signals;
  if (start >= end || !begin_turn(&signals)) return;
  take(start, end, ret_taken);
  end_turn(signals);
}

static void put_back(const struct taken *taken) {
  uint64_t signals;
  if (!begin_turn(&signals)) return;
  put_pieces(taken);
  end_turn(signals);
}

/* Where it has grown, the new part belongs to whom its last page belonged. */
static void note_moved(const struct taken *taken, struct move move) {
  struct taken replaced;
  uint64_t signals;
  if (!begin_turn(&signals)) return;
  if (move.stays) put_pieces(taken);
  take(move.to, move.to_end, &replaced);
  for (size_t i = 0; i < taken->count; i++) {
    const struct mapping *piece = &taken->pieces[i];
    int is_last = piece->end == move.from_end;
    uint64_t start = piece->start - move.from + move.to, end = piece->end - move.from + move.to;
    if (is_last || end > move.to_end) end = move.to_end;
    if (start < end) put(start, end, piece->category);
  }
  if (taken->is_cut) accounts_count_lost();
  end_turn(signals);
}

/* mremap of 0 bytes of a shared mapping: its pages once more. */
static void note_copied(uint64_t from, uint64_t to, uint64_t to_end) {
  struct taken replaced;
  uint64_t signals;
  if (!begin_turn(&signals)) return;
  uint32_t category = mappings_category(&mappings, from);
  take(to, to_end, &replaced);
  if (category) put(to, to_end, category);
  end_turn(signals);
}

/* Between the handlers of fork the forking thread has it already: those of others may map and unmap. */
static int has_turn_over_fork(void) {
  return load_relaxed(&forker) == (uintptr_t)&thread; /* other threads only see that it is not theirs */
}

static int begin_turn(uint64_t *ret_signals) {
  if (has_turn_over_fork() || turn_begin(&turn, ret_signals) == 0) return 1;
  accounts_count_lost();
  return 0;
}

static void end_turn(uint64_t signals) {
  if (!has_turn_over_fork()) turn_end(&turn, signals);
}

/* ---- in a turn ---------------------------------------------------------------------------------------- */

static int make_room(void) {
  if (mappings_have_room(&mappings)) return 1;
  size_t bytes = table_bytes ? 2 * table_bytes : FIRST_BYTES;
  void *rows = table_bytes ? memory_grow(mappings.rows, table_bytes, bytes) : memory_map(bytes);
  if (!rows) return 0;
  mappings.rows = rows;
  mappings.room = bytes / sizeof *mappings.rows;
  table_bytes = bytes;
  return 1;
}

static void take_off(const struct mapping *piece) {
  accounts_replace(piece->category, piece->end - piece->start, 0);
}

static void take(uint64_t start, uint64_t end, struct taken *ret_taken) {
  struct mapping more[PIECES_MOST];
  struct mapping *pieces = ret_taken->pieces;
  ret_taken->count = 0;
  ret_taken->is_cut = 0;
  if (!make_room()) {
    accounts_count_lost();
    return;
  }
  for (size_t count = PIECES_MOST; count == PIECES_MOST; pieces = more) {
    count = mappings_take(&mappings, start, end, PIECES_MOST, pieces);
    for (size_t i = 0; i < count; i++) take_off(&pieces[i]);
    if (pieces == more && count) ret_taken->is_cut = 1;
    if (pieces != more) ret_taken->count = count;
  }
  EDGE(mappings_is_valid(&mappings));
}

static void put(uint64_t start, uint64_t end, uint32_t category) {
  if (!make_room() || accounts_replace(category, 0, end - start) < 0) {
    accounts_count_lost();
    return;
  }
  mappings_put(&mappings, (struct mapping){.start = start, .end = end, .category = category});
  EDGE(mappings_is_valid(&mappings));
}

static void put_pieces(const struct taken *taken) {
  for (size_t i = 0; i < taken->count; i++)
    put(taken->pieces[i].start, taken->pieces[i].end, taken->pieces[i].category);
  if (taken->is_cut) accounts_count_lost();
}

/* ---- fork ---------------------------------------------------------------------------------------------- */

void mapped_before_fork(void) {
  uint64_t signals;
  if (!is_counting || turn_begin(&turn, &signals) < 0) return;
  forkers_signals = signals;
  store_relaxed(&forker, (uintptr_t)&thread); /* see has_turn_over_fork */
}

void mapped_after_fork(void) {
  if (!has_turn_over_fork()) return;
  uint64_t signals = forkers_signals;
  store_relaxed(&forker, 0); /* see has_turn_over_fork */
  turn_end(&turn, signals);
}

/* The handler of a child may come after those of others, which have allocated. */
void mapped_adopt_child(void) {
  mapped_after_fork();
  if (!turn_is_taken(&turn)) return;
  mappings.count = 0;
  store_relaxed(&forker, 0); /* one thread runs: nothing to order */
  turn_forget(&turn);
  accounts_count_lost();
}
