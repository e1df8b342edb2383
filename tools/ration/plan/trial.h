/*
 * trial.h: one budget, tried on what was used: which level it would have reached, and whether it would have been met.
 *
 * Pure. It is shown what was used, moment by moment: today that is one moment, the peak, of which no time is known; a
 * timeline or a recording shows it more of them.
 */
#ifndef RATION_TOOL_PLAN_TRIAL_H
#define RATION_TOOL_PLAN_TRIAL_H

#include <ration/segment.h>

#include "config/budget_list.h"

#define TRIAL_TIME_UNKNOWN (-1.0)
#define TRIAL_THRESHOLDS   UINT32_C(0x5f5a503c) /* 60, 80, 90, 95 */

enum trial_outcome {
  TRIAL_FITS,
  TRIAL_DOUBTFUL, /* what was used is known within an error, and the limit lies in it */
  TRIAL_MET,
};

struct trial {
  uint64_t limit_bytes;
  uint64_t reserve_bytes; /* less than that */
  uint32_t thresholds;    /* percent, a byte each, low first */
  uint32_t policy;        /* RATION_POLICY_* */

  /* What has come out so far. */
  enum trial_outcome outcome;
  uint32_t level;          /* the highest */
  uint64_t used_bytes;     /* the most */
  uint64_t error_bytes;    /* of that */
  uint64_t over_bytes;     /* the most above the bound */
  double first_at_seconds; /* when it was met first; < 0: not known, or never */
};

/*
 * The budget of one entry, which has one. `ram_bytes` is the machine's memory. Returns whether it is known what it comes
 * to: not where it is a share of a cgroup's limit, or its reserve takes all of it.
 */
bool trial_begin(const struct budget_list *list, const struct budget_entry *entry, uint64_t ram_bytes,
                 struct trial *ret_trial);

/* How far ordinary requests may go: under `notify` a breach is told at the limit itself. */
uint64_t trial_bound(const struct trial *trial);

/* So much was used at this time; in truth up to `error` less. Times rise, if they are known. */
void trial_see(struct trial *trial, double seconds, uint64_t used, uint64_t error);

/* "fits"; "perhaps"; "breach", "refusal" or "abort", by the policy. */
const char *trial_outcome_word(const struct trial *trial);

#endif
