/*
 * accounts.c: from a report to the rows of the segment, and the table of blocks.
 */
#include "track/accounts.h"

#include <errno.h>

#include "base/atomics.h"
#include "model/account_blocks.h"
#include "os/memory.h"
#include "track/pressure.h"
#include "track/process.h"

static struct account_blocks *blocks; /* once mapped, for ever; a forked child has a copy */

static int may_note(int *ret_result);
static int count_if_lost(int result);
static int set_block(uint32_t category, uint64_t address, uint64_t bytes);
static int forget_block(uint64_t address);
static int replace(uint64_t old_block, uint64_t block);
static void drop_doubles(struct account_blocks *table, uint64_t address);
static struct account_blocks *blocks_made(void);

/* Where accounts count against budgets, so do these; they are there already, so none is refused. */
static void count_in_budgets(uint32_t category, int64_t change) {
  struct charge_outcome outcome = {0};
  if (!settings.accounts || !change) return;
  budget_account(&segment, category, change, &outcome);
  if (outcome.is_due) pressure_follow(category, outcome.breach);
}

int accounts_replace(uint32_t category, uint64_t replaced, uint64_t bytes) {
  struct ration_segment_account *account;
  int64_t change;
  int result = account_row(&segment, category, &account);
  if (result == 0) result = account_replace(account, replaced, bytes, &change);
  if (result == 0) count_in_budgets(category, change);
  return result;
}

int accounts_add(uint32_t category, uint64_t bytes) {
  int result;
  if (!may_note(&result)) return result;
  return count_if_lost(accounts_replace(category, 0, bytes));
}

int accounts_remove(uint32_t category, uint64_t bytes) {
  struct ration_segment_account *account;
  int result;
  if (!may_note(&result)) return result;
  result = account_row(&segment, category, &account);
  if (result == 0) result = account_remove(account, bytes);
  if (result == 0) count_in_budgets(category, -(int64_t)bytes);
  return result;
}

int accounts_block(uint32_t category, uint64_t address, uint64_t bytes) {
  int result;
  if (address == ACCOUNT_SLOT_EMPTY || address == ACCOUNT_SLOT_HELD) return -EINVAL;
  if (!may_note(&result)) return result;
  return bytes ? count_if_lost(set_block(category, address, bytes)) : forget_block(address);
}

/* 0: nothing is noted just now, and *ret_result is what the program is told. */
static int may_note(int *ret_result) {
  enum process_state state = process_ready();
  *ret_result = state == PROCESS_NEW || state == PROCESS_STARTING ? -EAGAIN : 0;
  return state == PROCESS_TRACKING;
}

static int count_if_lost(int result) {
  if (result == -ENOSPC || result == -ENOMEM) accounts_count_lost();
  return result;
}

void accounts_count_lost(void) {
  if (segment.process) add_relaxed(&segment.process->accounts_lost, 1); /* a sum */
}

static int set_block(uint32_t category, uint64_t address, uint64_t bytes) {
  struct ration_segment_account *account;
  if (bytes > ACCOUNT_BLOCK_BYTES_MOST) return -EOVERFLOW;
  int result = account_row(&segment, category, &account);
  if (result < 0) return result;
  struct account_blocks *table = blocks_made();
  if (!table) return -ENOMEM;
  struct account_slot *slot = account_blocks_take(table, address);
  if (!slot) slot = account_blocks_take_new(table, address);
  if (!slot) return -ENOSPC;
  drop_doubles(table, address);
  uint64_t old_block = slot->block, block = ACCOUNT_BLOCK(category, bytes);
  result = replace(old_block, block);
  account_blocks_give(table, slot, address, result == 0 ? block : old_block);
  return result;
}

static int forget_block(uint64_t address) {
  struct account_blocks *table = load_acquire(&blocks); /* pairs with blocks_made */
  struct account_slot *slot = table ? account_blocks_take(table, address) : NULL;
  if (!slot) return -ENOENT;
  drop_doubles(table, address);
  replace(slot->block, 0); /* taking away cannot fail */
  account_blocks_give(table, slot, address, 0);
  return 0;
}

/* The new block is charged first: that alone can be refused. */
static int replace(uint64_t old_block, uint64_t block) {
  uint32_t old_category = ACCOUNT_BLOCK_CATEGORY(old_block), category = ACCOUNT_BLOCK_CATEGORY(block);
  uint64_t old_bytes = ACCOUNT_BLOCK_BYTES(old_block), bytes = ACCOUNT_BLOCK_BYTES(block);
  int result = block ? accounts_replace(category, old_category == category ? old_bytes : 0, bytes) : 0;
  if (result == 0 && old_category != category && old_block) accounts_replace(old_category, old_bytes, 0);
  return result;
}

/* Other slots of an address that is held: two calls at the same moment have made them. */
static void drop_doubles(struct account_blocks *table, uint64_t address) {
  struct account_slot *slot;
  while ((slot = account_blocks_take(table, address))) {
    replace(slot->block, 0);
    account_blocks_give(table, slot, address, 0);
  }
}

static struct account_blocks *blocks_made(void) {
  struct account_blocks *table = load_acquire(&blocks); /* pairs with blocks_made */
  if (table) return table;
  size_t page = memory_page_bytes(), bytes = (sizeof *table + page - 1) / page * page;
  struct account_blocks *made = memory_map(bytes);
  if (!made) return NULL;
  if (cas_acq_rel(&blocks, &table, made)) return made; /* pairs with blocks_made */
  memory_unmap(made, bytes);
  return table;
}

void accounts_open_child(struct segment *child, const struct account_figures parents[RATION_CATEGORY_IDS]) {
  if (account_open_all(child, parents) < 0) add_relaxed(&child->process->accounts_lost, 1); /* a sum */
}
