/*
 * judgement.h: what has become of the conditions of `diff --fail-if`, pair by pair.
 */
#ifndef RATION_TOOL_DIFF_JUDGEMENT_H
#define RATION_TOOL_DIFF_JUDGEMENT_H

#include "conditions/change.h"
#include "view/emitter.h"

/* One condition of one pair of processes. */
struct judged {
  const struct change_condition *condition;
  uint64_t before;
  uint64_t after;
  bool has_failed;
  uint32_t pid; /* of the later process, or the only one; as the next */
  char program[RATION_PROGRAM_BYTES];
};

struct judgement {
  const struct change_list *conditions;
  size_t count;
  struct judged *judged; /* allocated, as the next */
  bool *was_null; /* by condition: of a pair that has the figure it was null; NULL: no pair was taken */
};

/*
 * Takes those that one of the two has the figure of; what the other lacks is 0, but for growth, for leaks where no samples
 * were taken, and for what is null in JSON, which are then not known. One of the two may be no process at all (NULL): then
 * all of it but growth is 0. `doubt_bytes`: so much above or below what is said
 * the earlier figure may have been; what that leaves open does not fail. Returns 0 or -ENOMEM.
 */
int judgement_take(struct judgement *judgement, const struct observation *before,
                   const struct observation *after, uint64_t doubt_bytes);

/* The list `conditions`, and a line on stderr for each that is broken or that no pair had. Returns the exit status. */
int judgement_tell(const struct judgement *judgement, struct emitter *emitter);
void judgement_free(struct judgement *judgement);

#endif
