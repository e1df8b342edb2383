/*
 * limits.h: how many of each kind there may be, in one table, and what happens at the maximum.
 *
 *     struct ration_limits limits;
 *     ration_limits_init(&limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS);
 *     int drop = ration_limits_add(&limits, RATION_LIMIT_EVENTS, queue.count);
 *     if (drop < 0) return drop;               // refused, and counted
 *     while (drop--) pop_oldest(&queue);
 *     push(&queue, event);
 *
 * A limit is a row of a table of the program's: a name, a maximum, a policy; it is meant by its index. The table knows
 * no collection: whoever adds says how many are held, and does what the answer says. Limits are of counts; those of
 * bytes are budgets.
 *
 * All functions but init, done and on_report: from any thread at any time. Several threads that add to one collection
 * hold its lock over the question and the adding, or all of them may find room for the last one. Counters are exact,
 * each by itself; no order between them is to be relied on. add: O(1), an atomic addition on a cache line of the
 * limit's own.
 */
#ifndef RATION_KIT_LIMITS_H
#define RATION_KIT_LIMITS_H

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Policies: what happens to one more than the maximum. 0 is none, so that a row without one is found. */
#define RATION_LIMIT_REFUSE      1u /* it is not added */
#define RATION_LIMIT_DROP_OLDEST 2u /* it takes the place of the oldest */
#define RATION_LIMIT_REPORT      3u /* it is added, counted, and told to who asked to be told (on_report) */

struct ration_limit {
  const char
      *name; /* what set_text calls it: not empty, without ',' and '='. Not copied: as long as the limits */
  size_t maximum; /* from 1 on */
  uint32_t policy;
};

struct ration_limits;

/* Called in the thread that adds; `held` is without the one that is added. It may call all of these functions. */
typedef void (*ration_limits_report)(void *context, struct ration_limits *limits, size_t index, size_t held);

struct ration_limits_row;

struct ration_limits {
  struct ration_limits_row *rows; /* all private */
  size_t count;
  ration_limits_report on_report;
  void *context;
  struct ration_memory *memory;
};

/* The rows are copied. -EINVAL: count is 0; a row has a maximum of 0, no name or a wrong one, the name of another, or
   an unknown policy; -EOVERFLOW; -ENOMEM and what else the memory says. O(count squared). */
int ration_limits_init(struct ration_limits *limits, struct ration_memory *memory,
                       const struct ration_limit *table, size_t count);
void ration_limits_done(struct ration_limits *limits);

/* Who is told of what goes over a limit with the policy to report; NULL: no one. Before other threads use the limits.
   -EINVAL: limits is NULL or done. */
int ration_limits_on_report(struct ration_limits *limits, ration_limits_report on_report, void *context);

/*
 * May one more be added to the `held` that there are? 0: yes. Positive: so many of the oldest go first; that is 1, and
 * more only where the maximum has been lowered below what is held (at most INT_MAX). -ENOSPC: no. -ENOENT: no such
 * limit; -EINVAL: limits is NULL.
 */
int ration_limits_add(struct ration_limits *limits, size_t index, size_t held);

/* Another maximum, from the next question on. -EINVAL: 0; -ENOENT: no such limit. */
int ration_limits_set(struct ration_limits *limits, size_t index, size_t maximum);

/*
 * Other maxima by name: "memories=200,events=5000": decimal, no spaces; all of them, or where there is an error none.
 * -ENOENT: no such name; -EINVAL: not such a text, a maximum of 0, a name a second time; -EOVERFLOW: a number too
 * large. *ret_position, which may be NULL, is then the place in text where the name or the number begins that is wrong,
 * or of the character that must not be there; else, and where limits or text is NULL (-EINVAL), it is untouched. An
 * empty text sets nothing.
 */
int ration_limits_set_text(struct ration_limits *limits, const char *text, size_t *ret_position);

/* The index of a name, from 0 on; -ENOENT. O(count). */
int ration_limits_find(const struct ration_limits *limits, const char *name);

struct ration_limit_figures {
  struct ration_limit limit; /* with the maximum as it is now */
  uint64_t allowed;          /* questions answered by 0 below the maximum */
  uint64_t refused;          /* by -ENOSPC */
  uint64_t dropped;          /* elements that were told to go */
  uint64_t reported;         /* by 0 at the maximum, or above it */
};
int ration_limits_stats(const struct ration_limits *limits, size_t index,
                        struct ration_limit_figures *ret_figures);

/* 1 if what must hold of its members does; for tests. */
int ration_limits_is_valid(const struct ration_limits *limits);

/* ---- a table for simulations of many creatures ----------------------------------------------------------------- */

enum {
  /* of one creature */
  RATION_LIMIT_MEMORIES,
  RATION_LIMIT_RELATIONSHIPS,
  RATION_LIMIT_LEARNED_BEHAVIOURS,
  /* of a system */
  RATION_LIMIT_ACTIVE_CREATURES,
  RATION_LIMIT_CACHED_PATHS,
  RATION_LIMIT_POOLED_OBJECTS,
  /* of a collection */
  RATION_LIMIT_SPATIAL_HASH_ENTRIES,
  RATION_LIMIT_EVENTS,
  RATION_LIMIT_RENDER_COMMANDS,
  RATION_LIMITS_DEFAULTS /* how many these are */
};

/*
 * memories 100, relationships 50, learned_behaviours 20; active_creatures 2000, cached_paths 1000, pooled_objects
 * 10000; spatial_hash_entries 100000, events 10000, render_commands 50000. Of memories, paths and events the oldest go;
 * of the others one more is refused. What holds for each creature is one row, whose counters are of all creatures.
 */
extern const struct ration_limit ration_limits_defaults[RATION_LIMITS_DEFAULTS];

#ifdef __cplusplus
}
#endif
#endif
