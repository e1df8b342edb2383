/*
 * debug.c: tests of ration/kit/debug.h.
 */
#include <ration/kit/debug.h>

#include <ration/kit/allocator.h>
#include <ration/kit/arena.h>
#include <ration/kit/heap.h>
#include <ration/kit/manager.h>
#include <ration/kit/pool.h>
#include <ration/kit/shared_pool.h>
#include <ration/kit/stack.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

static void expect_null(const void *block, int error) {
  cr_expect_null(block);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

/* The faults that were reported, the last of them whole. */
struct log {
  int count;
  struct ration_debug_fault last;
};

static void note(const struct ration_debug_fault *fault, void *context) {
  struct log *log = context;
  log->count++;
  log->last = *fault;
}

struct subject {
  struct failing_memory below;
  struct ration_debug debug;
  struct ration_memory *memory;
  struct log log;
};

static void begin(struct subject *subject, struct ration_debug_settings settings) {
  failing_memory_init(&subject->below, SIZE_MAX);
  settings.report = note;
  settings.context = &subject->log;
  memset(&subject->log, 0, sizeof subject->log);
  cr_assert_eq(ration_debug_init(&subject->debug, &subject->below.memory, &settings), 0);
  subject->memory = &subject->debug.memory;
}

static void end(struct subject *subject) {
  cr_expect(ration_debug_is_valid(&subject->debug));
  ration_debug_done(&subject->debug);
  ration_debug_done(&subject->debug);
  cr_expect_eq(subject->below.blocks, 0);
  cr_expect_eq(subject->below.bytes, 0);
}

static struct ration_debug_figures figures_of(struct subject *subject) {
  struct ration_debug_figures found;
  cr_assert_eq(ration_debug_stats(&subject->debug, &found), 0);
  cr_expect(ration_debug_is_valid(&subject->debug));
  return found;
}

/* The last fault was the n-th, and this. */
static void expect_fault(struct subject *subject, int n, int error, const char *text, void *block) {
  cr_expect_eq(subject->log.count, n);
  cr_expect_eq(subject->log.last.error, error);
  cr_expect_str_eq(subject->log.last.text ? subject->log.last.text : "", text);
  cr_expect_eq(subject->log.last.block, block);
}

Test(kit_debug, gives_blocks_that_are_filled_and_aligned) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){.quarantine = 4});
  for (size_t alignment = 1; alignment <= 4096; alignment *= 2)
    for (size_t size = 1; size < 200; size += 33) {
      unsigned char *block = ration_memory_allocate(subject.memory, size, alignment);
      cr_assert_not_null(block);
      cr_expect_eq((uintptr_t)block % alignment, 0);
      for (size_t i = 0; i < size; i++) cr_assert_eq(block[i], RATION_DEBUG_NEW);
      cr_expect_geq(ration_debug_bytes(size, alignment), size + 2 * RATION_DEBUG_GUARD);
      memset(block, 0, size);
      cr_expect_eq(ration_memory_release(subject.memory, block, size, alignment), 0);
      for (size_t i = 0; i < size; i++) cr_assert_eq(block[i], RATION_DEBUG_RELEASED, "it is quarantined");
    }
  struct ration_debug_figures found = figures_of(&subject);
  cr_expect_eq(found.live_blocks, 0);
  cr_expect_eq(found.live_bytes, 0);
  cr_expect_eq(found.quarantined, 4);
  cr_expect_eq(found.allocations, 13 * 7);
  cr_expect_eq(found.faults, 0);
  cr_expect_eq(subject.below.blocks, 4);
  cr_expect_eq(ration_debug_check(&subject.debug, NULL), 0);
  end(&subject);
}

Test(kit_debug, tells_wrong_releases) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){0});
  char *block = ration_memory_allocate(subject.memory, 100, 8),
       *other = ration_memory_allocate(subject.memory, 8, 8);
  cr_expect_eq(ration_memory_release(subject.memory, block, 99, 8), -EINVAL);
  expect_fault(&subject, 1, -EINVAL, "another size", block);
  cr_expect_eq(subject.log.last.size, 100);
  cr_expect_eq(subject.log.last.given_size, 99);
  cr_expect_eq(subject.log.last.serial, 1);
  cr_expect_gt(subject.log.last.allocated.count, 0);
  cr_expect_eq(subject.log.last.released.count, 0);
  cr_expect_neq(subject.log.last.here.frames[0], subject.log.last.allocated.frames[0]);
  cr_expect_eq(ration_memory_release(subject.memory, block, 100, 16), -EINVAL);
  expect_fault(&subject, 2, -EINVAL, "another alignment", block);
  cr_expect_eq(ration_memory_release(subject.memory, block + 8, 92, 8), -EFAULT);
  expect_fault(&subject, 3, -EFAULT, "within a block", block + 8);
  cr_expect_eq(subject.log.last.serial, 1);
  cr_expect_eq(ration_memory_release(subject.memory, &subject, 100, 8), -EFAULT);
  expect_fault(&subject, 4, -EFAULT, "never given out", &subject);
  cr_expect_eq(subject.log.last.size, 0);
  expect_null(ration_memory_reallocate(subject.memory, &subject, 100, 200, 8), EFAULT);
  expect_null(ration_memory_reallocate(subject.memory, block, 50, 200, 8), EINVAL);
  cr_expect_eq(figures_of(&subject).live_blocks, 2);
  cr_expect_eq(ration_memory_release(subject.memory, block, 100, 8), 0);
  cr_expect_eq(ration_memory_release(subject.memory, block, 100, 8), -EALREADY);
  expect_fault(&subject, 7, -EALREADY, "released already", block);
  cr_expect_gt(subject.log.last.released.count, 0);
  cr_expect_gt(subject.log.last.allocated.count, 0);
  cr_expect_eq(ration_memory_release(subject.memory, other, 8, 8), 0);
  cr_expect_eq(figures_of(&subject).faults, 7);
  end(&subject);
}

Test(kit_debug, tells_what_was_written_round_a_block) {
  static const ptrdiff_t offsets[] = {-1, -16, 40, 55};
  struct subject subject;
  for (int i = 0; i < 4; i++) {
    begin(&subject, (struct ration_debug_settings){0});
    char *block = ration_memory_allocate(subject.memory, 40, 8);
    const char *text = offsets[i] < 0 ? "written before its start" : "written behind its end";
    block[offsets[i]] ^= 1;
    struct ration_debug_fault fault;
    cr_expect_eq(ration_debug_check(&subject.debug, &fault), -EBADMSG);
    expect_fault(&subject, 1, -EBADMSG, text, block);
    cr_expect_eq(fault.block, block);
    cr_expect_eq(fault.offset, offsets[i]);
    cr_expect_eq(ration_memory_release(subject.memory, block, 40, 8), -EBADMSG);
    expect_fault(&subject, 2, -EBADMSG, text, block);
    expect_null(ration_memory_reallocate(subject.memory, block, 40, 80, 8), EBADMSG);
    cr_expect_eq(figures_of(&subject).live_blocks, 1, "it stays");
    block[offsets[i]] ^= 1;
    cr_expect_eq(ration_debug_check(&subject.debug, NULL), 0);
    cr_expect_eq(ration_memory_release(subject.memory, block, 40, 8), 0);
    end(&subject);
  }
}

/* A string that is one too long, its end, a flag of all ones: whatever the block's guard is. */
Test(kit_debug, one_byte_of_text_too_many_is_always_noticed) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){.frames = RATION_DEBUG_NO_FRAMES});
  for (int i = 0; i < 200; i++) {
    unsigned char *block = ration_memory_allocate(subject.memory, 40, 8), kept = block[40];
    for (int byte = 0; byte <= 0x80; byte++) {
      block[40] = byte < 0x80 ? (unsigned char)byte : 0xff;
      cr_assert_eq(ration_memory_release(subject.memory, block, 40, 8), -EBADMSG, "%#x over %#x", block[40],
                   kept);
    }
    block[40] = kept;
    cr_assert_eq(ration_memory_release(subject.memory, block, 40, 8), 0);
  }
  end(&subject);
}

Test(kit_debug, guards_of_another_block_do_not_pass) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){0});
  char *block = ration_memory_allocate(subject.memory, 40, 8),
       *other = ration_memory_allocate(subject.memory, 40, 8);
  char kept[40 + 2 * RATION_DEBUG_GUARD];
  memcpy(kept, block - RATION_DEBUG_GUARD, sizeof kept);
  memcpy(block - RATION_DEBUG_GUARD, other - RATION_DEBUG_GUARD, sizeof kept);
  cr_expect_eq(ration_memory_release(subject.memory, block, 40, 8), -EBADMSG);
  memcpy(block - RATION_DEBUG_GUARD, kept, sizeof kept);
  cr_expect_eq(ration_memory_release(subject.memory, block, 40, 8), 0);
  cr_expect_eq(ration_memory_release(subject.memory, other, 40, 8), 0);
  end(&subject);
}

Test(kit_debug, tells_what_was_written_after_a_release) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){.quarantine = 2});
  char *blocks[4];
  for (int i = 0; i < 4; i++) blocks[i] = ration_memory_allocate(subject.memory, 40, 8);
  cr_expect_eq(ration_memory_release(subject.memory, blocks[0], 40, 8), 0);
  blocks[0][39] = 'x';
  struct ration_debug_fault fault;
  cr_expect_eq(ration_debug_check(&subject.debug, &fault), -EBADMSG);
  expect_fault(&subject, 1, -EBADMSG, "written after its release", blocks[0]);
  cr_expect_eq(fault.offset, 39);
  cr_expect_gt(fault.released.count, 0);
  for (int i = 1; i < 3; i++) cr_expect_eq(ration_memory_release(subject.memory, blocks[i], 40, 8), 0);
  expect_fault(&subject, 2, -EBADMSG, "written after its release", blocks[0]);
  cr_expect_eq(figures_of(&subject).quarantined, 2);
  cr_expect_eq(ration_debug_check(&subject.debug, NULL), 0, "it has left the quarantine");
  cr_expect_eq(ration_memory_release(subject.memory, blocks[0], 40, 8), -EFAULT, "nobody knows it any more");
  cr_expect_eq(ration_memory_release(subject.memory, blocks[3], 40, 8), 0);
  end(&subject);
}

Test(kit_debug, keeps_back_no_more_bytes_than_it_may) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){.quarantine_bytes = 1000});
  for (size_t size = 100; size <= 2000; size += 100) {
    void *block = ration_memory_allocate(subject.memory, size, 8);
    cr_expect_eq(ration_memory_release(subject.memory, block, size, 8), 0);
    cr_expect_leq(subject.below.bytes, 1000 + 10 * 2 * RATION_DEBUG_GUARD);
    cr_expect_eq(figures_of(&subject).quarantined > 0, size <= 1000);
  }
  end(&subject);
}

Test(kit_debug, done_looks_once_more) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){0});
  char *live = ration_memory_allocate(subject.memory, 10, 1),
       *gone = ration_memory_allocate(subject.memory, 10, 1);
  cr_expect_eq(ration_memory_release(subject.memory, gone, 10, 1), 0);
  live[10] ^= 1;
  gone[5] ^= 1;
  end(&subject);
  cr_expect_eq(subject.log.count, 2);
}

Test(kit_debug, moves_what_is_reallocated) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){0});
  char *block = ration_memory_allocate(subject.memory, 8, 8);
  memcpy(block, "abcdefg", 8);
  char *grown = ration_memory_reallocate(subject.memory, block, 8, 100, 8);
  cr_assert_not_null(grown);
  cr_expect_neq(grown, block);
  cr_expect_str_eq(grown, "abcdefg");
  for (int i = 8; i < 100; i++) cr_expect_eq((unsigned char)grown[i], RATION_DEBUG_NEW);
  char *shrunk = ration_memory_reallocate(subject.memory, grown, 100, 4, 8);
  cr_assert_not_null(shrunk);
  cr_expect_eq(memcmp(shrunk, "abcd", 4), 0);
  struct ration_debug_fault first = {.error = 0};
  block[0] = 'x';
  grown[1] = 'x';
  cr_expect_eq(ration_debug_check(&subject.debug, &first), -EBADMSG, "by the old addresses");
  cr_expect_eq(first.block, block);
  cr_expect_gt(first.allocated.count, 0);
  cr_expect_gt(first.released.count, 0);
  cr_expect_eq(subject.log.count, 2);
  block[0] = grown[1] = RATION_DEBUG_RELEASED;
  subject.below.left = 0;
  expect_null(ration_memory_reallocate(subject.memory, shrunk, 4, 100, 8), ENOMEM);
  cr_expect_eq(ration_memory_release(subject.memory, shrunk, 4, 8), 0);
  end(&subject);
}

/* Whatever is below: the same faults, and all comes back. */
static void hold_to_account(struct ration_memory *below) {
  struct log log = {.count = 0};
  struct ration_debug debug;
  struct ration_debug_figures found;
  struct ration_debug_settings settings = {.report = note, .context = &log, .quarantine = 8, .frames = 2};
  char *blocks[30], own[64];
  cr_assert_eq(ration_debug_init(&debug, below, &settings), 0);
  for (int i = 0; i < 30; i++) {
    blocks[i] = ration_memory_allocate(&debug.memory, 64, 16);
    cr_assert_not_null(blocks[i]);
    memset(blocks[i], i, 64);
  }
  cr_expect_eq(ration_memory_release(&debug.memory, blocks[0], 63, 16), -EINVAL);
  for (int i = 0; i < 29; i++) cr_expect_eq(ration_memory_release(&debug.memory, blocks[i], 64, 16), 0);
  cr_expect_eq(ration_memory_release(&debug.memory, blocks[28], 64, 16), -EALREADY);
  cr_expect_eq(ration_memory_release(&debug.memory, own, 64, 16), -EFAULT);
  blocks[29][64] ^= 1;
  cr_expect_eq(ration_debug_check(&debug, NULL), -EBADMSG);
  blocks[29][64] ^= 1;
  cr_expect_eq(log.count, 4);
  cr_assert_eq(ration_debug_stats(&debug, &found), 0);
  cr_expect_eq(found.live_blocks, 1, "it leaks");
  cr_expect(ration_debug_is_valid(&debug));
  ration_debug_done(&debug);
}

Test(kit_debug, wraps_any_memory) {
  struct ration_pool_type objects = {"objects", ration_debug_bytes(64, 16), 16, NULL, NULL};
  struct failing_memory below;
  struct ration_manager manager;
  struct ration_allocator allocator;
  struct ration_pool pool;
  struct ration_shared_pool shared;
  struct ration_debug debug;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_manager_init(&manager, &below.memory, NULL), 0);
  cr_assert_eq(ration_allocator_init(&allocator, NULL), 0);
  cr_assert_eq(ration_pool_init(&pool, &objects, &(struct ration_pool_settings){.maximum_capacity = 64}), 0);
  cr_assert_eq(ration_shared_pool_init(&shared, &objects, NULL), 0);
  cr_assert_eq(ration_debug_init(&debug, NULL, NULL), 0);
  struct ration_memory *all[] = {ration_manager_global(&manager),
                                 ration_manager_thread(&manager),
                                 ration_manager_frame(&manager),
                                 ration_manager_arena(&manager, "a"),
                                 ration_allocator_category(&allocator, RATION_ALLOCATOR_WORLD),
                                 ration_pool_memory(&pool),
                                 ration_shared_pool_memory(&shared),
                                 &debug.memory,
                                 NULL};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) hold_to_account(all[i]);
  for (int i = 0; i < 64; i++) cr_expect_not_null(ration_pool_take(&pool), "all came back");
  struct ration_debug_figures found;
  cr_assert_eq(ration_debug_stats(&debug, &found), 0);
  cr_expect_eq(found.live_blocks, 0);
  ration_debug_done(&debug);
  ration_shared_pool_done(&shared);
  ration_pool_done(&pool);
  ration_allocator_done(&allocator);
  ration_manager_done(&manager);
  cr_expect_eq(below.bytes, 0);
}

static int list(const struct ration_debug_block *block, void *context) {
  uint64_t *serials = context;
  if (!block->block || !block->size || !block->allocated.count) return -1;
  serials[++serials[0]] = block->serial;
  return serials[0] == 3 ? 3 : 0;
}

Test(kit_debug, lists_what_was_not_given_back) {
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){.frames = 4});
  void *blocks[5];
  for (int i = 0; i < 5; i++) blocks[i] = ration_memory_allocate(subject.memory, 10, 1);
  for (int i = 0; i < 5; i += 2) ration_memory_release(subject.memory, blocks[i], 10, 1);
  uint64_t serials[5] = {0};
  cr_expect_eq(ration_debug_visit(&subject.debug, list, serials), 0);
  cr_expect_eq(serials[0], 2);
  cr_expect_eq(serials[1], 2);
  cr_expect_eq(serials[2], 4);
  ration_memory_allocate(subject.memory, 10, 1);
  ration_memory_allocate(subject.memory, 10, 1);
  serials[0] = 0;
  cr_expect_eq(ration_debug_visit(&subject.debug, list, serials), 3, "it was ended");
  end(&subject);
}

__attribute__((noinline)) static void *allocate_here(struct ration_memory *memory) {
  void *block = ration_memory_allocate(memory, 10, 1);
  __asm__ volatile("" : : "r"(block) : "memory"); /* no tail call: the frame is to be there */
  return block;
}

static int keep_site(const struct ration_debug_block *block, void *context) {
  *(struct ration_debug_site *)context = block->allocated;
  return 0;
}

Test(kit_debug, a_site_is_the_call_stack_of_the_caller) {
  struct subject subject;
  struct ration_debug_site site = {.count = 0};
  begin(&subject, (struct ration_debug_settings){0});
  allocate_here(subject.memory);
  ration_debug_visit(&subject.debug, keep_site, &site);
  cr_assert_geq(site.count, 2);
  cr_expect_leq(site.count, RATION_DEBUG_FRAMES);
  int is_there = 0; /* the library's own frame may stand before it, where its compiler made no tail call */
  for (uint32_t i = 0; i < 2; i++)
    if ((uintptr_t)site.frames[i] - (uintptr_t)allocate_here < 200) is_there = 1;
  cr_expect(is_there);
  end(&subject);

  begin(&subject, (struct ration_debug_settings){.frames = RATION_DEBUG_NO_FRAMES});
  allocate_here(subject.memory);
  ration_debug_visit(&subject.debug, keep_site, &site);
  cr_expect_eq(site.count, 0);
  end(&subject);
}

/* What a stack refuses because of its order is a fault; what it has no room for is none. */
Test(kit_debug, tells_what_a_stack_refuses) {
  struct log log = {.count = 0};
  struct ration_stack stack;
  struct ration_debug debug;
  struct ration_debug_figures found;
  struct ration_debug_settings settings = {.report = note, .context = &log};
  struct ration_stack_settings fixed = {.block_bytes = 1024, .is_fixed = 1};
  cr_assert_eq(ration_stack_init(&stack, NULL, &fixed), 0);
  cr_assert_eq(ration_debug_init(&debug, &stack.memory, &settings), 0);
  char *first = ration_memory_allocate(&debug.memory, 100, 8),
       *second = ration_memory_allocate(&debug.memory, 100, 8);
  cr_expect_eq(ration_memory_release(&debug.memory, first, 100, 8), -EBUSY);
  cr_expect_eq(log.count, 1);
  cr_expect_eq(ration_memory_release(&debug.memory, first, 99, 8), -EINVAL);
  cr_expect_eq(log.last.released.count, 0, "it is not released");
  expect_null(ration_memory_reallocate(&debug.memory, second, 100, 2000, 8), ENOSPC);
  cr_expect_eq(log.count, 2);
  cr_assert_eq(ration_debug_stats(&debug, &found), 0);
  cr_expect_eq(ration_memory_reallocate(&debug.memory, second, 100, 200, 8), second);
  cr_expect_eq(ration_debug_forget(&debug, found.allocations), 0);
  cr_assert_eq(ration_debug_stats(&debug, &found), 0);
  cr_expect_eq(found.live_blocks, 1, "what was allocated anew is forgotten");
  ration_debug_done(&debug);
  ration_stack_done(&stack);
}

Test(kit_debug, a_wrapper_round_another_keeps_its_order) {
  struct ration_stack stack;
  struct ration_debug inner, outer;
  struct log log = {.count = 0};
  struct ration_debug_settings settings = {.report = note, .context = &log};
  cr_assert_eq(ration_stack_init(&stack, NULL, NULL), 0);
  cr_assert_eq(ration_debug_init(&inner, &stack.memory, &settings), 0);
  cr_assert_eq(ration_debug_init(&outer, &inner.memory, &settings), 0);
  void *first = ration_memory_allocate(&outer.memory, 10, 8),
       *second = ration_memory_allocate(&outer.memory, 10, 8);
  cr_expect_eq(ration_memory_release(&outer.memory, second, 10, 8), 0);
  cr_expect_eq(ration_memory_release(&outer.memory, first, 10, 8), 0);
  ration_debug_done(&outer);
  ration_debug_done(&inner);
  cr_expect_eq(log.count, 0);
  ration_stack_done(&stack);
}

static int refuse(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)memory, (void)block, (void)size, (void)alignment;
  return -EFAULT;
}

Test(kit_debug, tells_what_is_refused_below_after_the_quarantine) {
  static const struct ration_memory_type type = {
      .name = "refusing", .allocate = failing_memory_allocate, .release = refuse};
  struct subject subject;
  begin(&subject, (struct ration_debug_settings){.quarantine = 1});
  void *blocks[2];
  for (int i = 0; i < 2; i++) blocks[i] = ration_memory_allocate(subject.memory, 10, 1);
  const struct ration_memory_type *type_before = subject.below.memory.type;
  subject.below.memory.type = &type;
  for (int i = 0; i < 2; i++) cr_expect_eq(ration_memory_release(subject.memory, blocks[i], 10, 1), 0);
  expect_fault(&subject, 1, -EFAULT, "refused by the memory below", blocks[0]);
  subject.below.memory.type = type_before;
  char *outer = (char *)blocks[0] - RATION_DEBUG_GUARD;
  ration_memory_release(&subject.below.memory, outer, ration_debug_bytes(10, 1), 1);
  end(&subject);
}

Test(kit_debug, keeps_the_order_of_a_stack) {
  struct log log = {.count = 0};
  struct ration_stack stack;
  struct ration_debug debug;
  cr_assert_eq(ration_stack_init(&stack, NULL, &(struct ration_stack_settings){.block_bytes = 1024}), 0);
  cr_assert_eq(ration_debug_init(&debug, &stack.memory,
                                 &(struct ration_debug_settings){.report = note, .context = &log}),
               0);
  char *first = ration_memory_allocate(&debug.memory, 100, 8),
       *second = ration_memory_allocate(&debug.memory, 100, 8);
  memset(first, 1, 100);
  cr_expect_eq(ration_memory_release(&debug.memory, first, 100, 8), -EBUSY);
  cr_expect_eq(log.count, 1);
  cr_expect_eq(first[99], 1, "as it was");
  expect_null(ration_memory_reallocate(&debug.memory, first, 100, 200, 8), EBUSY);
  cr_expect_eq(ration_memory_reallocate(&debug.memory, second, 100, 200, 8), second, "in place");
  cr_expect_eq((unsigned char)second[199], RATION_DEBUG_NEW);
  char *far = ration_memory_reallocate(&debug.memory, second, 200, 2000, 8);
  cr_assert_not_null(far);
  cr_expect_eq(ration_debug_check(&debug, NULL), 0);
  cr_expect_eq(ration_memory_release(&debug.memory, far, 2000, 8), 0);
  cr_expect_eq(ration_memory_release(&debug.memory, far, 2000, 8), -EALREADY);
  cr_expect_eq(ration_memory_release(&debug.memory, first, 100, 8), 0);
  cr_expect_eq((unsigned char)first[99], RATION_DEBUG_RELEASED);
  cr_expect_eq(ration_memory_release(&debug.memory, first, 100, 8), -EALREADY);
  cr_expect_eq(ration_memory_allocate(&debug.memory, 50, 8), first, "its place is taken again");
  cr_expect_eq(ration_memory_release(&debug.memory, first, 50, 8), 0);
  cr_expect(ration_debug_is_valid(&debug));
  struct ration_stack_figures found;
  ration_stack_stats(&stack, &found);
  cr_expect_eq(found.used, 0);
  ration_debug_done(&debug);
  ration_stack_done(&stack);
}

Test(kit_debug, forgets_what_is_taken_back_at_once) {
  struct log log = {.count = 0};
  struct ration_arena arena;
  struct ration_debug debug;
  struct ration_debug_figures before, after;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  cr_assert_eq(ration_debug_init(&debug, &arena.memory,
                                 &(struct ration_debug_settings){.report = note, .context = &log}),
               0);
  for (int round = 0; round < 3; round++) {
    char *kept = NULL;
    ration_debug_stats(&debug, &before);
    for (int i = 0; i < 20; i++) kept = ration_memory_allocate(&debug.memory, 100, 8);
    cr_expect_eq(ration_memory_release(&debug.memory, kept, 100, 8), 0);
    if (round == 2) kept[0] = 1;
    cr_expect_eq(ration_debug_forget(&debug, before.allocations), round == 2 ? -EBADMSG : 0);
    ration_debug_stats(&debug, &after);
    cr_expect_eq(after.live_blocks, 0);
    cr_expect_eq(after.quarantined, 0);
    ration_arena_reset(&arena);
    cr_expect(ration_debug_is_valid(&debug));
  }
  void *stays = ration_memory_allocate(&debug.memory, 8, 8);
  ration_debug_stats(&debug, &before);
  ration_memory_allocate(&debug.memory, 8, 8);
  cr_expect_eq(ration_debug_forget(&debug, before.allocations), 0);
  cr_expect_eq(ration_memory_release(&debug.memory, stays, 8, 8), 0);
  cr_expect_eq(log.count, 1);
  ration_debug_done(&debug);
  ration_arena_done(&arena);
}

Test(kit_debug, wraps_only_when_it_is_on) {
  struct ration_debug debug = {.serial = 0};
  struct ration_memory *memory = ration_memory_system();
  cr_expect_eq(RATION_DEBUG_WRAP(&debug, memory), memory, "not made");
  cr_assert_eq(ration_debug_init(&debug, memory, NULL), 0);
  cr_expect_eq(RATION_DEBUG_WRAP(&debug, memory), memory);
  cr_expect_eq(ration_debug_wrap(&debug, memory, 1), &debug.memory, "compiled with -DRATION_KIT_DEBUG");
  cr_expect_eq(ration_debug_wrap(NULL, memory, 1), memory);
  ration_debug_done(&debug);
  cr_assert_eq(ration_debug_init(&debug, memory, &(struct ration_debug_settings){.is_on = 1}), 0);
  cr_expect_eq(RATION_DEBUG_WRAP(&debug, memory), &debug.memory);
  cr_expect_eq(ration_debug_of(&debug.memory), &debug);
  cr_expect_null(ration_debug_of(memory));
  cr_expect_null(ration_debug_of(NULL));
  ration_debug_done(&debug);
}

/* From a callback: the lock is held. */
struct again {
  struct ration_debug debug;
  int error;
};

static void call_again(const struct ration_debug_fault *fault, void *context) {
  struct again *again = context;
  struct ration_debug_figures found;
  (void)fault;
  if (ration_memory_allocate(&again->debug.memory, 8, 8) || errno != EBUSY) again->error = 1;
  if (ration_memory_release(&again->debug.memory, again, 8, 8) != -EBUSY) again->error = 2;
  if (ration_debug_check(&again->debug, NULL) != -EBUSY) again->error = 3;
  if (ration_debug_stats(&again->debug, &found) != -EBUSY) again->error = 4;
  if (ration_debug_forget(&again->debug, 0) != -EBUSY) again->error = 5;
  if (ration_debug_visit(&again->debug, list, NULL) != -EBUSY) again->error = 6;
  ration_debug_done(&again->debug);
  if (!again->debug.memory.type) again->error = 8;
  if (ration_memory_reallocate(&again->debug.memory, again, 8, 16, 8) || errno != EBUSY) again->error = 7;
}

Test(kit_debug, refuses_what_cannot_be) {
  struct again again = {.error = 0};
  struct ration_debug debug = {.serial = 0};
  struct ration_debug_figures found;
  ration_debug_done(&debug);
  ration_debug_done(NULL);
  cr_expect_eq(ration_debug_check(&debug, NULL), -EINVAL);
  cr_expect_eq(ration_debug_visit(NULL, list, NULL), -EINVAL);
  cr_expect_eq(ration_debug_forget(&debug, 0), -EINVAL);
  cr_expect_eq(ration_debug_stats(&debug, &found), -EINVAL);
  cr_expect_not(ration_debug_is_valid(&debug));
  cr_expect_eq(ration_debug_init(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_debug_init(&debug, NULL, &(struct ration_debug_settings){.frames = 17}), -EINVAL);
  cr_assert_eq(ration_debug_init(&debug, NULL, NULL), 0);
  cr_expect_eq(ration_debug_visit(&debug, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_debug_stats(&debug, NULL), -EINVAL);
  cr_expect_eq(ration_debug_bytes(0, 8), 0);
  cr_expect_eq(ration_debug_bytes(8, 3), 0);
  cr_expect_eq(ration_debug_bytes(RATION_BYTES_MOST, 1), 0);
  cr_expect_eq(ration_debug_bytes(8, 8), 40);
  cr_expect_eq(ration_debug_bytes(8, 64), 88);
  expect_null(ration_memory_allocate(&debug.memory, RATION_BYTES_MOST, 1), ENOMEM);
  cr_expect_eq(ration_memory_release(&debug.memory, &debug, 8, 8), -EFAULT, "without a callback, too");
  ration_debug_done(&debug);
  struct ration_debug_settings settings = {.report = call_again, .context = &again};
  cr_assert_eq(ration_debug_init(&again.debug, NULL, &settings), 0);
  cr_expect_eq(ration_memory_release(&again.debug.memory, &again, 8, 8), -EFAULT);
  cr_expect_eq(again.error, 0);
  ration_debug_done(&again.debug);
}

/* Both the memory below and that of the records fail in turn. */
static int run_short(size_t left, int of_books) {
  struct failing_memory below, books;
  struct ration_debug debug;
  int refused = 0;
  failing_memory_init(&below, of_books ? SIZE_MAX : left);
  failing_memory_init(&books, of_books ? left : SIZE_MAX);
  struct ration_debug_settings settings = {.books = &books.memory, .quarantine = 3, .frames = 1};
  cr_assert_eq(ration_debug_init(&debug, &below.memory, &settings), 0);
  for (int i = 0; i < 150; i++) {
    void *block = ration_memory_allocate(&debug.memory, 10, 8), *grown;
    if (!block) {
      refused = errno;
      continue;
    }
    grown = ration_memory_reallocate(&debug.memory, block, 10, 20, 8);
    if (!grown) refused = errno;
    if (i % 2)
      cr_expect_eq(ration_memory_release(&debug.memory, grown ? grown : block, grown ? 20 : 10, 8), 0);
  }
  cr_expect(ration_debug_is_valid(&debug));
  cr_expect_eq(ration_debug_check(&debug, NULL), 0);
  ration_debug_done(&debug);
  cr_expect_eq(below.bytes, 0);
  cr_expect_eq(books.bytes, 0);
  cr_expect(refused == 0 || refused == ENOMEM);
  return refused;
}

Test(kit_debug, survives_each_request_that_fails) {
  for (int of_books = 0; of_books < 2; of_books++) {
    size_t left = 0;
    while (run_short(left, of_books)) left++;
    cr_expect_geq(left, 300);
  }
}

/* The plain truth: what is out, and how often the wrapper was to complain. */
struct truth {
  struct ration_memory *memory;
  struct random random;
  struct {
    unsigned char *bytes;
    size_t size;
  } blocks[200];
  size_t live, bytes, faults;
};

static void release_one(struct truth *truth, size_t i, int is_twice) {
  unsigned char *block = truth->blocks[i].bytes;
  size_t size = truth->blocks[i].size;
  for (size_t j = 0; j < size; j++) cr_assert_eq(block[j], (unsigned char)i);
  cr_assert_eq(ration_memory_release(truth->memory, block, size + 1, 8), -EINVAL);
  cr_assert_eq(ration_memory_release(truth->memory, block, size, 8), 0);
  if (is_twice) cr_assert_eq(ration_memory_release(truth->memory, block, size, 8), -EALREADY);
  truth->faults += is_twice ? 2 : 1;
  truth->live--, truth->bytes -= size;
  truth->blocks[i].bytes = NULL;
}

static void step(struct truth *truth) {
  size_t i = random_below(&truth->random, 200), size = 1 + random_size(&truth->random, 600);
  uint64_t dice = random_below(&truth->random, 10);
  unsigned char *block = truth->blocks[i].bytes;
  if (block && dice > 3) {
    release_one(truth, i, dice == 4);
    return;
  }
  if (block)
    block = ration_memory_reallocate(truth->memory, block, truth->blocks[i].size, size, 8);
  else
    block = ration_memory_allocate(truth->memory, size, 8);
  cr_assert_not_null(block);
  if (truth->blocks[i].bytes)
    truth->bytes -= truth->blocks[i].size;
  else
    truth->live++;
  truth->bytes += size;
  truth->blocks[i].bytes = memset(block, (int)i, size);
  truth->blocks[i].size = size;
}

/* Over the heap of the kit, so that addresses come again. */
Test(kit_debug, knows_each_block_at_random) {
  struct ration_heap heap;
  struct ration_heap_figures of_heap;
  struct log log;
  struct ration_debug_settings settings = {.quarantine = 10, .frames = 1, .report = note, .context = &log};
  static struct truth truth;
  cr_assert_eq(ration_heap_init(&heap, NULL, NULL), 0);
  for (settings.is_ordered = 0; settings.is_ordered < 2; settings.is_ordered++) {
    struct ration_debug debug;
    cr_assert_eq(ration_debug_init(&debug, &heap.memory, &settings), 0);
    log.count = 0;
    truth = (struct truth){.memory = &debug.memory, .random = {.seed = 23}};
    for (int i = 0; i < 6000; i++) {
      step(&truth);
      if (i % 50) continue;
      struct ration_debug_figures found;
      ration_debug_stats(&debug, &found);
      cr_assert_eq(found.live_blocks, truth.live);
      cr_assert_eq(found.live_bytes, truth.bytes);
      cr_assert_eq(found.faults, truth.faults);
      cr_assert(ration_debug_is_valid(&debug));
      cr_assert_eq(ration_debug_check(&debug, NULL), 0);
    }
    cr_expect_eq((size_t)log.count, truth.faults);
    ration_debug_done(&debug);
    cr_expect(ration_heap_is_valid(&heap));
  }
  ration_heap_stats(&heap, &of_heap);
  cr_expect_eq(of_heap.used_bytes, 0);
  ration_heap_done(&heap);
}

#define THREADS 8
static struct ration_debug shared;

static void *use(void *argument) {
  uintptr_t self = (uintptr_t)argument, failed = 0;
  for (int i = 0; i < 300; i++) {
    unsigned char *block = ration_memory_allocate(&shared.memory, 50, 8);
    if (!block) return (void *)1;
    memset(block, (int)self, 50);
    block = ration_memory_reallocate(&shared.memory, block, 50, 80, 8);
    if (!block) return (void *)1;
    for (int j = 0; j < 50; j++) failed += block[j] != self;
    failed += ration_memory_release(&shared.memory, block, 80, 8) != 0;
  }
  return (void *)failed;
}

Test(kit_debug, eight_threads_share_it) {
  pthread_t threads[THREADS];
  struct failing_memory below;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_debug_init(&shared, &below.memory, NULL), 0);
  for (uintptr_t i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, use, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    cr_expect_null(failed);
  }
  struct ration_debug_figures found;
  cr_expect_eq(ration_debug_stats(&shared, &found), 0);
  cr_expect_eq(found.live_blocks, 0);
  cr_expect_eq(found.faults, 0);
  cr_expect_eq(found.allocations, THREADS * 300 * 2);
  cr_expect_eq(found.quarantined, RATION_DEBUG_QUARANTINE);
  cr_expect(ration_debug_is_valid(&shared));
  ration_debug_done(&shared);
  cr_expect_eq(below.bytes, 0);
}
