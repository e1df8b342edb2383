/*
 * rules.h: which category a block gets where no scope says so: globs on the module, the function and the thread
 * that ask, and bounds on the bytes asked for. docs/names.md, property `match`.
 *
 * Rules are tried in the order in which they were given, and the first that fits wins. So the answer to each of the
 * four questions is the lowest number of a rule that fits, and the block's rule is the lowest of the four:
 *   rule = min(of module, of function, of thread, of size)
 * What is asked once for a call site (module, function) and once for a thread can therefore be remembered as a
 * number; only the size is looked at for each block, and only at rules below that number.
 *
 * Read at start, then constant, but for the note that a rule has matched: no order is needed. The texts that rules
 * point into live as long as they do.
 */
#ifndef RATION_MODEL_RULES_H
#define RATION_MODEL_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "base/glob_filter.h"

#include "model/segment.h"

#define RULES_MOST SEGMENT_RULES_MOST
#define RULES_NONE UINT16_MAX /* no rule fits; more than any number of one */

struct rule {
  const char *path; /* of its category */
  const char *text; /* as it was given, "lib:libssl.so*" */
  const char *glob; /* the part behind the kind */
  uint32_t text_bytes;
  uint32_t glob_bytes;
  uint64_t low; /* RATION_RULE_SIZE: fits low .. low + span */
  uint64_t span;
  struct glob_filter filter; /* the others */
  uint16_t category;
  uint16_t kind; /* RATION_RULE_* */
};

/* A rule on the size once more, with all that has to be looked at for a block. */
struct size_rule {
  uint64_t low;
  uint64_t span;
  uint16_t number; /* RULES_NONE: the end of the list */
  uint16_t category;
  uint32_t is_noted; /* that it has matched */
};

struct rules {
  uint32_t count;
  uint32_t kinds; /* bit RATION_RULE_*: there is one of this kind */
  struct rule rule[RULES_MOST];
  struct size_rule sizes[RULES_MOST + 1]; /* by number */
  uint32_t is_noted[RULES_MOST];          /* by number, of the other kinds: that it has matched */
};

/* No rules. To be called before all else. */
void rules_clear(struct rules *rules);

static inline int rules_have(const struct rules *rules, uint32_t kind) {
  return (rules->kinds >> kind & 1) != 0;
}

/*
 * Adds the globs, parted by '|', for the category of this path, behind all others; what it had before goes. Returns
 * NULL, or what was expected: then nothing has changed.
 */
const char *rules_add(struct rules *rules, const char *path, const char *globs);

/* The number of the first rule that fits; RULES_NONE: none does. */
uint16_t rules_of_module(const struct rules *rules, const char *name, const char *path);
uint16_t rules_of_function(const struct rules *rules, const char *name);
uint16_t rules_of_thread(const struct rules *rules, const char *name);

/* The same among the rules below number `before`; NULL: none does. */
ALWAYS_INLINE struct size_rule *rules_of_size(struct rules *rules, uint64_t bytes, uint16_t before) {
  for (struct size_rule *at = rules->sizes; at->number < before; at++)
    if (bytes - at->low <= at->span) return at;
  return NULL;
}

/* May two sizes up to `most` have different rules below number `before`? */
int rules_tell_sizes(const struct rules *rules, uint64_t most, uint16_t before);

/*
 * In a fresh segment: adds the categories, with those above them, and lists the rules for readers. In a child's, the
 * categories are there already, and get the ids that they have. Returns how many rules found no room for category or
 * text; those give `other`.
 */
uint32_t rules_open(struct rules *rules, struct segment *segment);

/* In a forked child's segment: what matched in its parent has matched, and what it could not read has not been read. */
void rules_inherit(const struct segment *child, const struct segment *parents);

/* A block got its category by this rule. */
void rules_note_match(const struct segment *segment, uint16_t number);
static inline void rules_note_size_match(const struct segment *segment, struct size_rule *rule) {
  if (load_relaxed(&rule->is_noted)) return; /* whoever notes it, notes the same */
  store_relaxed(&rule->is_noted, 1);
  rules_note_match(segment, rule->number);
}

/* The same of a rule of another kind, by its number; RULES_NONE: of none. */
static inline void rules_note_first_match(const struct segment *segment, struct rules *rules,
                                          uint16_t number) {
  if (number >= RULES_MOST || load_relaxed(&rules->is_noted[number])) return; /* as above */
  store_relaxed(&rules->is_noted[number], 1);
  rules_note_match(segment, number);
}

/* Is there nothing more to note of it? */
static inline int rules_is_noted(const struct rules *rules, uint16_t number) {
  return number >= RULES_MOST || load_relaxed(&rules->is_noted[number]); /* as above */
}

#endif
