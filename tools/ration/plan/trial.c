/*
 * trial.c: levels and bounds as the shim has them: shares of limit - reserve.
 */
#include "plan/trial.h"

static uint32_t policy_of(const struct budget_list *list, struct stretch path) {
  struct stretch word = budget_list_policy(list, path);
  if (stretch_is(word, "refuse")) return RATION_POLICY_REFUSE;
  return stretch_is(word, "abort") ? RATION_POLICY_ABORT : RATION_POLICY_NOTIFY;
}

/* Without overflow, to the byte that the shim would come to or the one beside it. */
static uint64_t share_of(uint64_t whole, uint64_t share, uint64_t one) {
  return whole / one * share + whole % one * share / one;
}

bool trial_begin(const struct budget_list *list, const struct budget_entry *entry, uint64_t ram_bytes,
                 struct trial *ret_trial) {
  struct budget_amount amount = budget_entry_amount(entry);
  struct stretch thresholds = entry->text[PROPERTY_THRESHOLDS];
  struct trial trial = {
      .thresholds = thresholds.bytes ? budget_value_thresholds(thresholds) : TRIAL_THRESHOLDS,
      .policy = policy_of(list, entry->path),
      .first_at_seconds = TRIAL_TIME_UNKNOWN,
  };
  if (amount.of == LIMIT_BYTES) trial.limit_bytes = amount.value;
  if (amount.of == LIMIT_RAM) trial.limit_bytes = share_of(ram_bytes, amount.value, AMOUNT_ONE);
  if (entry->reserve.kind == LIMIT_BYTES) trial.reserve_bytes = entry->reserve.value;
  if (entry->reserve.kind == LIMIT_SHARE) {
    trial.reserve_bytes = share_of(trial.limit_bytes, entry->reserve.value, BUDGET_SHARE_ONE);
  }
  if (trial.reserve_bytes >= trial.limit_bytes) return false;
  *ret_trial = trial;
  return true;
}

static uint32_t level_of(const struct trial *trial, uint64_t used) {
  uint64_t ordinary = trial->limit_bytes - trial->reserve_bytes;
  uint32_t level = RATION_LEVEL_NONE;
  for (uint32_t i = 0; i + 1 < RATION_LEVELS; i++) {
    uint64_t percent = trial->thresholds >> 8 * i & 0xff;
    uint64_t begin = ordinary / 100 * percent + (ordinary % 100 * percent + 99) / 100;
    if (used >= (begin ? begin : 1)) level = i + 1;
  }
  return level;
}

uint64_t trial_bound(const struct trial *trial) {
  if (trial->policy == RATION_POLICY_NOTIFY) return trial->limit_bytes;
  return trial->limit_bytes - trial->reserve_bytes;
}

void trial_see(struct trial *trial, double seconds, uint64_t used, uint64_t error) {
  uint64_t bound = trial_bound(trial);
  uint32_t level = level_of(trial, used);
  if (level > trial->level) trial->level = level;
  if (used > trial->used_bytes) {
    trial->used_bytes = used;
    trial->error_bytes = error;
  }
  if (used <= bound) return;
  if (used - bound > trial->over_bytes) trial->over_bytes = used - bound;
  enum trial_outcome outcome = used - bound > error ? TRIAL_MET : TRIAL_DOUBTFUL;
  if (outcome > trial->outcome) trial->outcome = outcome;
  if (outcome == TRIAL_MET && trial->first_at_seconds < 0) trial->first_at_seconds = seconds;
}

const char *trial_outcome_word(const struct trial *trial) {
  if (trial->outcome == TRIAL_FITS) return "fits";
  if (trial->outcome == TRIAL_DOUBTFUL) return "perhaps";
  if (trial->policy == RATION_POLICY_NOTIFY) return "breach";
  return trial->policy == RATION_POLICY_REFUSE ? "refusal" : "abort";
}
