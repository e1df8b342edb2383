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
 * Read at start, then constant: no order is needed. The texts that rules point into live as long as they do.
 */
#ifndef RATION_MODEL_RULES_H
#define RATION_MODEL_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "model/segment.h"

#define RULES_MOST SEGMENT_RULES_MOST
#define RULES_NONE UINT16_MAX /* no rule fits; more than any number of one */

enum rule_comparison { RULE_AT_LEAST, RULE_ABOVE, RULE_AT_MOST, RULE_BELOW, RULE_EXACTLY };

struct rule {
  const char *path; /* of its category */
  const char *text; /* as it was given, "lib:libssl.so*" */
  const char *glob; /* the part behind the kind */
  uint32_t text_bytes;
  uint32_t glob_bytes;
  uint64_t size; /* RATION_RULE_SIZE */
  uint16_t category;
  uint8_t kind;       /* RATION_RULE_* */
  uint8_t comparison; /* enum rule_comparison */
};

struct rules {
  uint32_t count;
  uint32_t kinds; /* bit RATION_RULE_*: there is one of this kind */
  uint32_t size_count;
  uint16_t sizes[RULES_MOST]; /* numbers of those on the size, ascending */
  struct rule rule[RULES_MOST];
};

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

/* The same among the rules below number `before`. */
uint16_t rules_of_size_among(const struct rules *rules, uint64_t bytes, uint16_t before);
static inline uint16_t rules_of_size(const struct rules *rules, uint64_t bytes, uint16_t before) {
  return rules->size_count ? rules_of_size_among(rules, bytes, before) : RULES_NONE;
}

/* May two sizes up to `most` have different rules below number `before`? */
int rules_tell_sizes(const struct rules *rules, uint64_t most, uint16_t before);

/*
 * In a fresh segment: adds the categories, with those above them, and lists the rules for readers. In a child's, the
 * categories are there already, and get the ids that they have. Returns how many rules found no room for category or
 * text; those give `other`.
 */
uint32_t rules_open(struct rules *rules, struct segment *segment);

/* A block got its category by this rule. */
void rules_note_match(const struct segment *segment, uint16_t number);

#endif
