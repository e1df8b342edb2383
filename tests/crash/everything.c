/*
 * everything.c: a program that uses all there is and never ends, for a test that kills it: threads that come and go, blocks
 * that pass from one to another, categories, budgets of both policies, reserves, marks, pools, accounts, children.
 *
 * What it holds is written down in LEDGER, which outlives it: by thread, so that nothing is atomic. What a thread does to its
 * blocks lies between a word that says how many bytes that can be and the moment when it is written down.
 *
 *   everything LEDGER SEED
 */
#include <fcntl.h>
#include <pthread.h>
#include <ration/ration.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger.h"

#define BLOCKS 512 /* of one thread */
#define ROUNDS 400 /* of a thread that ends */
#define PASSED 64  /* blocks on their way to other threads */
#define KEPT   3   /* threads that stay */
#define PAGE   4096

static struct ledger *ledger;
static ration_category_id categories[LEDGER_CATEGORIES];
static struct block {
  void *address;
  uint32_t category;
} passed[PASSED];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* A thread, or the one that takes its row after it. */
struct hand {
  struct ledger_row *row;
  struct block blocks[BLOCKS];
  uint64_t random;
};

static uint32_t draw(struct hand *hand, uint32_t below) {
  hand->random = hand->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(hand->random >> 33) % below;
}

/* ---- blocks ----------------------------------------------------------------------------------------------- */

static void begin(struct hand *hand, uint64_t bytes) {
  *(volatile uint64_t *)&hand->row->moving_bytes = bytes;
  *(volatile uint64_t *)&hand->row->moving = 1;
}

static void end(struct hand *hand) {
  *(volatile uint64_t *)&hand->row->moving = 0;
}

static uint64_t usable(void *block) {
  struct ration_block known = {.size = sizeof known};
  return ration_block_info(block, &known) == 0 ? known.usable_bytes : 0;
}

static void note(struct hand *hand, uint32_t category, uint64_t bytes, int sign) {
  hand->row->bytes[category] += sign > 0 ? bytes : -bytes;
  hand->row->blocks[category] += (uint64_t)sign;
}

static uint64_t most_of(uint64_t size) {
  return size + size / 4 + 64;
}

static void allocate(struct hand *hand, struct block *to) {
  uint32_t kind = draw(hand, 20), category = draw(hand, LEDGER_CATEGORIES);
  size_t size = kind == 0 ? 1 + draw(hand, 300000) : kind < 4 ? 1 + draw(hand, 9000) : 1 + draw(hand, 500);
  ration_enter(categories[category]);
  begin(hand, most_of(size));
  void *block = kind % 2 ? malloc(size) : calloc(1, size);
  if (block) note(hand, category, usable(block), 1);
  end(hand);
  ration_leave();
  *to = (struct block){block, category};
}

/* Until it is there, a resized block is charged as if it were mapped (heap/slack.h). */
static void resize(struct hand *hand, struct block *block) {
  size_t size = 1 + draw(hand, 3000);
  uint64_t old = usable(block->address);
  begin(hand, old + most_of(size) + 2 * PAGE);
  void *moved = realloc(block->address, size);
  if (moved) {
    note(hand, block->category, old, -1);
    note(hand, block->category, usable(moved), 1);
    block->address = moved;
  }
  end(hand);
}

static void give_back(struct hand *hand, struct block *block) {
  uint64_t old = usable(block->address);
  begin(hand, old);
  free(block->address);
  note(hand, block->category, old, -1);
  end(hand);
  block->address = NULL;
}

/* One for one, so that others free what this thread has allocated. */
static void pass(struct hand *hand, struct block *block) {
  pthread_mutex_lock(&lock);
  struct block *place = &passed[draw(hand, PASSED)], other = *place;
  *place = *block;
  *block = other;
  pthread_mutex_unlock(&lock);
}

static void use_block(struct hand *hand) {
  struct block *block = &hand->blocks[draw(hand, BLOCKS)];
  if (!block->address)
    allocate(hand, block);
  else if (draw(hand, 4) == 0)
    resize(hand, block);
  else if (hand->row != &ledger->child && draw(hand, 8) == 0)
    pass(hand, block); /* a child has the lock as it was, and blocks that are not in its ledger */
  else
    give_back(hand, block);
}

/* ---- and the rest ----------------------------------------------------------------------------------------- */

static void use_lists(struct hand *hand) {
  ration_category_id category = categories[draw(hand, LEDGER_CATEGORIES)];
  uint64_t bytes = 1 + draw(hand, 100000);
  ration_mark("mark", hand->random);
  if (ration_account_add(category, bytes) == 0) ration_account_remove(category, bytes);
  int pool = ration_pool_register("pool", category, 64);
  struct ration_pool_figures figures = {.size = sizeof figures, .used = 1, .reserved = 2, .peak = 1};
  if (pool > 0) ration_pool_update(pool, &figures);
  if (pool > 0) ration_pool_unregister(pool);
  if (ration_reserve(category, bytes) == 0) ration_unreserve(category, bytes);
}

static void change_budget(struct hand *hand) {
  struct ration_budget budget = {.size = sizeof budget, .policy = RATION_POLICY_NOTIFY};
  budget.limit_bytes = 100000 + draw(hand, 1000000);
  ration_budget_set(categories[LEDGER_NOTIFIES], &budget);
}

static void use_once(struct hand *hand) {
  use_block(hand);
  if (draw(hand, 50) == 0) use_lists(hand);
  if (draw(hand, 500) == 0) change_budget(hand);
}

static void empty(struct hand *hand) {
  for (uint32_t i = 0; i < BLOCKS; i++)
    if (hand->blocks[i].address) give_back(hand, &hand->blocks[i]);
}

static void *end_soon(void *context) {
  struct hand *hand = context;
  for (int i = 0; i < ROUNDS; i++) use_once(hand);
  empty(hand);
  return NULL;
}

/* Starts threads, one after another. */
static void *stay(void *context) {
  struct hand *hand = context;
  static struct hand shorts[KEPT];
  struct hand *other = &shorts[hand->row - ledger->rows];
  other->row = hand->row + KEPT;
  other->random = hand->random;
  for (;;) {
    pthread_t thread;
    for (int i = 0; i < ROUNDS; i++) use_once(hand);
    if (pthread_create(&thread, NULL, end_soon, other) != 0) abort();
    for (int i = 0; i < ROUNDS; i++) use_once(hand);
    pthread_join(thread, NULL);
  }
}

/* What its parent held is in its books, but not in its ledger; its own category is its own. */
_Noreturn static void live_as_child(void) {
  static struct hand hand;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if ((uint64_t)getppid() != ledger->pid) _exit(0); /* it has died before */
  ration_category_id own = ration_category("child");
  hand.row = &ledger->child;
  memset(hand.row, 0, sizeof *hand.row);
  hand.random = ledger->seed;
  hand.row->pid = (uint64_t)getpid();
  for (int i = 0; i < LEDGER_CATEGORIES; i++) categories[i] = own;
  for (;;) use_block(&hand);
}

/* One after another, each killed when the next one comes: they have one row. */
static void start_child(void) {
  pid_t child = fork();
  if (child == 0) live_as_child();
  usleep(5000);
  if (child < 0) return;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

int main(int count, char **arguments) {
  static struct hand hands[KEPT];
  int file = count == 3 ? open(arguments[1], O_RDWR) : -1;
  if (file < 0) return 2;
  ledger = mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (ledger == MAP_FAILED) return 2;
  close(file);
  ledger->seed = strtoull(arguments[2], NULL, 10);
  for (int i = 0; i < LEDGER_CATEGORIES; i++) {
    char path[32];
    snprintf(path, sizeof path, LEDGER_PATH, i / 4, i);
    categories[i] = ration_category(path);
  }
  ledger->pid = (uint64_t)getpid();
  for (uint32_t i = 0; i < KEPT; i++) {
    pthread_t thread;
    hands[i].row = &ledger->rows[i];
    hands[i].random = ledger->seed * KEPT + i;
    if (pthread_create(&thread, NULL, stay, &hands[i]) != 0) return 2;
  }
  for (;;) start_child();
}
