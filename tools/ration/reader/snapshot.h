/*
 * snapshot.h: a private, checked copy of what one segment says, in plain figures.
 *
 * Nothing in a snapshot points into the segment, no number in it is an offset, and its texts may hold any
 * byte but end: whoever prints them escapes them.
 */
#ifndef RATION_TOOL_READER_SNAPSHOT_H
#define RATION_TOOL_READER_SNAPSHOT_H

#include <ration/segment.h>
#include <stdbool.h>

#include "reader/budget_table.h"
#include "reader/facts.h"
#include "reader/handler_list.h"
#include "reader/holding_table.h"
#include "reader/misuse_count.h"
#include "reader/place_name.h"
#include "reader/pool_list.h"
#include "reader/ranges.h"
#include "reader/refusal_list.h"
#include "reader/rule_list.h"

struct figures {
  uint64_t live_bytes;
  uint64_t live_blocks;
  uint64_t peak_bytes;
  uint64_t peak_error_bytes;
  uint64_t allocations;
  uint64_t frees;
  uint64_t reallocations;
  uint64_t allocated_bytes;
  uint64_t requested_bytes;
  uint64_t refused;
};

struct category_figures {
  char name[RATION_CATEGORY_NAME_BYTES];
  uint16_t parent; /* id; 0 for total alone */
  uint8_t depth;
  struct figures own;
  struct figures subtree;
};

/* Memory that malloc never sees, of one category. */
struct account_figures {
  uint64_t live_bytes;
  uint64_t peak_bytes;
};

#define GROWTH_WINDOWS 2 /* growth_windows */

/* Bytes an hour. */
struct category_growth {
  int64_t own;
  int64_t subtree;
};

/* Who wants it has it filled, by growth_put(). */
struct growth_table {
  bool is_known[GROWTH_WINDOWS];
  struct category_growth of[GROWTH_WINDOWS]
                           [RATION_CATEGORY_IDS]; /* by id; [0]: the sum over all categories */
};

struct losses {
  uint64_t foreign_frees;
  uint64_t double_frees; /* blocks of the page heap; as the next two */
  uint64_t wild_frees;
  uint64_t late_writes;
  uint64_t overruns;
  uint64_t lists_lost;
  uint64_t untracked_blocks;
  uint64_t categories_lost;
  uint64_t scopes_lost;
  uint64_t callers_lost;
  uint64_t accounts_lost;
  uint64_t ranges_lost;
  uint64_t events_lost;
  uint64_t samples_lost; /* for whatever reason */
  uint64_t sites_lost;   /* those of them for whose site there was no room */
  uint64_t stacks_truncated;
  uint64_t stacks_failed; /* whose way outward was lost */
  uint64_t settings_ignored;
};

/* Where the tags of the process are: see segment.h. */
struct tag_places {
  uint64_t directory; /* 0: none */
  uint64_t directory_entries;
  uint32_t granule_shift;
  uint32_t leaf_bits;
  bool has_chunk_sizes;
};

struct snapshot {
  struct place_name name; /* as the header has it */
  uint32_t user;          /* whose file it is, which the kernel says */
  uint32_t parent;
  uint32_t session_pid;
  uint64_t session_start;
  uint64_t started_at_ns;
  uint64_t ended_at_ns;
  char program[RATION_PROGRAM_BYTES];
  char allocator[RATION_TEXT_BYTES];
  uint32_t heap;         /* RATION_HEAP_* */
  uint32_t heap_refusal; /* why it is not the page heap, though that was asked for; 0: it was not, or is */
  uint32_t state;        /* RATION_STATE_* */
  uint32_t passive;      /* RATION_PASSIVE_* */
  bool is_kept;
  uint32_t slabs_owned;     /* threads that own a slab */
  uint64_t allowance_bytes; /* the most that threads hold as credit */
  uint64_t
      doubt_bytes; /* of live bytes where nothing moves: the sum of all categories against total's subtree, and what slabs
                           say is unsettled, for threads that died in the midst of a charge */
  uint64_t own_allocated_bytes; /* without what was inherited over a fork, as the next three */
  uint64_t own_allocations;
  uint64_t own_frees;
  uint64_t aside_ns; /* that the shim has spent on samples, first blocks and heartbeats */
  uint64_t inherited_error_bytes;
  struct losses losses;
  char ignored[RATION_IGNORED_BYTES];
  struct tag_places tags;
  struct figures total;    /* the sum over all categories; peaks: total's subtree */
  uint32_t category_count; /* ids 1 .. category_count are there */
  struct category_figures categories[RATION_CATEGORY_IDS]; /* by id */
  struct account_figures accounts[RATION_CATEGORY_IDS];    /* by id */
  struct facts facts;
  struct holding_table holdings;
  struct misuse_count misuses; /* all zero where `losses` have none */
  struct growth_table growth;
  uint64_t last_at; /* the latest moment that any of these tells of, else the start */
  /* Lists; behind its count the rows of each are as they were. */
  struct rule_list rules;
  struct ranges ranges;
  struct budget_table budgets;
  struct handler_list handlers;
  struct refusal_list refusals;
  struct pool_list pools;
};

/*
 * Reads a segment. Returns 0; -EAGAIN: it is just being made; -EPROTO: another version; -EBADMSG: no segment,
 * truncated or corrupted; with words. Then nothing is known of what *ret_snapshot holds.
 */
int snapshot_read(const struct segment_file *file, struct snapshot *ret_snapshot, struct fault *ret_fault);

/*
 * The same of what is looked at over and over: all but accounts, rules, handlers, refusals, pools, misuses, and, unless
 * the setting `memory` is on, ranges; of these there is nothing.
 */
int snapshot_read_books(const struct segment_file *file, struct snapshot *ret_snapshot,
                        struct fault *ret_fault);

/* All of it, by path: also what segment_file_open() returns. */
int snapshot_read_path(const char *path, bool is_memfd, struct snapshot *ret_snapshot,
                       struct fault *ret_fault);

#endif
