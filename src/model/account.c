/*
 * account.c: adding, removing, replacing; the table's first use.
 */
#include "model/account.h"

#include <errno.h>

#include "base/atomics.h"
#include "base/test_point.h"
#include "model/category.h"

static void raise_peak(uint64_t *peak, uint64_t bytes);

/* Several threads may make the same pages present at once: that does no harm. */
int account_row(struct segment *segment, uint32_t category, struct ration_segment_account **ret_account) {
  if (!segment_category(segment, category)) return -EINVAL;
  if (!load_relaxed(&segment->has_accounts)) { /* the pages are the kernel's affair: nothing to order */
    if (segment_make_present(segment, segment->accounts, RATION_CATEGORY_IDS * sizeof *segment->accounts) < 0)
      return -ENOMEM;
    store_relaxed(&segment->has_accounts, 1);
  }
  *ret_account = &segment->accounts[category];
  return 0;
}

int account_add(struct ration_segment_account *account, uint64_t bytes) {
  int64_t change;
  return account_replace(account, 0, bytes, &change);
}

int account_remove(struct ration_segment_account *account, uint64_t bytes) {
  uint64_t live = load_relaxed(&account->live_bytes); /* one word, compared again by the swap */
  do {
    if (bytes > live) return -EINVAL;
  } while (!cas_relaxed(&account->live_bytes, &live, live - bytes));
  return 0;
}

int account_replace(struct ration_segment_account *account, uint64_t replaced, uint64_t bytes,
                    int64_t *ret_change) {
  uint64_t live = load_relaxed(&account->live_bytes); /* one word, compared again by the swap */
  uint64_t left;
  do {
    left = live > replaced ? live - replaced : 0;
    if (bytes > ACCOUNT_BYTES_MOST || left > ACCOUNT_BYTES_MOST - bytes) return -EOVERFLOW;
  } while (!cas_relaxed(&account->live_bytes, &live, left + bytes));
  TEST_POINT("account:changed");
  raise_peak(&account->peak_bytes, left + bytes);
  *ret_change = (int64_t)(left + bytes - live);
  return 0;
}

static void raise_peak(uint64_t *peak, uint64_t bytes) {
  uint64_t highest = load_relaxed(peak); /* one word, compared again by the swap */
  while (bytes > highest)
    if (cas_relaxed(peak, &highest, bytes)) break;
}

void account_note_all(const struct segment *segment,
                      struct account_figures ret_figures[RATION_CATEGORY_IDS]) {
  int is_used = segment->accounts && load_relaxed(&segment->has_accounts) != 0; /* else nothing is there */
  for (uint32_t id = 0; id < RATION_CATEGORY_IDS; id++) {
    struct account_figures none = {0};
    ret_figures[id] = none;
    if (!is_used) continue;
    ret_figures[id].live_bytes = load_relaxed(&segment->accounts[id].live_bytes); /* words, exact each */
    ret_figures[id].peak_bytes = load_relaxed(&segment->accounts[id].peak_bytes);
  }
}

int account_open_all(struct segment *segment, const struct account_figures figures[RATION_CATEGORY_IDS]) {
  uint32_t last = category_count(segment);
  for (uint32_t id = 1; id <= last; id++) {
    struct ration_segment_account *account;
    if (!figures[id].live_bytes && !figures[id].peak_bytes) continue;
    if (account_row(segment, id, &account) < 0) return -ENOMEM;
    account->live_bytes = figures[id].live_bytes; /* not published yet: nobody else sees it */
    account->peak_bytes = figures[id].peak_bytes;
    raise_peak(&account->peak_bytes, account->live_bytes);
  }
  return 0;
}

int account_is_valid(const struct ration_segment_account *account) {
  return account->live_bytes <= account->peak_bytes && account->peak_bytes <= ACCOUNT_BYTES_MOST;
}

uint64_t account_sum_subtree(const struct segment *segment, uint32_t category) {
  uint64_t sum = 0;
  uint32_t last = category_count(segment);
  if (!load_relaxed(&segment->has_accounts)) return 0;
  for (uint32_t id = category; id <= last; id++) /* children have higher ids than their parents */
    if (category_is_below(segment, id, category)) sum += load_relaxed(&segment->accounts[id].live_bytes);
  return sum;
}
