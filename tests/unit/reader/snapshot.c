/*
 * Tests of reader/snapshot.c and reader/layout.c: what a good segment says, and that no bad one does harm.
 */
#include "reader/snapshot.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reader/fake_segment.h"

static struct fake_segment segment;
static struct snapshot snapshot;
static struct fault fault;

static int read_bytes(const void *bytes, size_t size) {
  struct segment_file file = fake_segment_file(bytes, size);
  int error = snapshot_read(&file, &snapshot, &fault);
  segment_file_close(&file);
  return error;
}

static int read_segment(void) {
  return read_bytes(&segment, sizeof segment);
}

/* What a snapshot promises, whatever it was read from. */
static void check_promises(void) {
  cr_assert_leq(snapshot.budgets.count, snapshot.category_count);
  for (uint32_t i = 0; i < snapshot.budgets.count; i++) {
    const struct budget_facts *budget = &snapshot.budgets.budget[i];
    cr_assert(budget->category > 0 && budget->category <= snapshot.category_count);
    cr_assert(budget->limit_bytes > 0 && budget->level < RATION_LEVELS && budget->taken_for < RATION_LEVELS);
    cr_assert(budget->policy >= RATION_POLICY_NOTIFY && budget->policy <= RATION_POLICY_ABORT);
    cr_assert_leq(budget->used_bytes, budget->worst_bytes);
  }
  cr_assert_leq(snapshot.handlers.count, HANDLER_LIST_MOST);
  for (uint32_t i = 0; i < snapshot.handlers.count; i++) {
    const struct handler_facts *handler = &snapshot.handlers.handler[i];
    cr_assert(handler->category > 0 && handler->category <= snapshot.category_count);
    cr_assert(handler->lowest_level > 0 && handler->lowest_level < RATION_LEVELS);
    cr_assert(handler->dispatch > 0 && handler->dispatch <= RATION_DISPATCH_SYNCHRONOUS);
  }
  cr_assert_leq(snapshot.refusals.count, REFUSAL_LIST_MOST);
  for (uint32_t i = 0; i < snapshot.refusals.count; i++) {
    const struct refusal_facts *refusal = &snapshot.refusals.refusal[i];
    cr_assert(refusal->category <= snapshot.category_count && refusal->budget <= snapshot.category_count);
    cr_assert(memchr(refusal->module, 0, sizeof refusal->module));
  }
  cr_assert_lt(snapshot.category_count, RATION_CATEGORY_IDS);
  cr_assert(memchr(snapshot.program, 0, sizeof snapshot.program));
  cr_assert(memchr(snapshot.ignored, 0, sizeof snapshot.ignored));
  for (uint32_t id = 1; id <= snapshot.category_count; id++) {
    const struct category_figures *category = &snapshot.categories[id];
    cr_assert(memchr(category->name, 0, sizeof category->name));
    cr_assert_leq(category->parent, snapshot.category_count);
    cr_assert_leq(category->own.live_bytes, category->own.peak_bytes);
    cr_assert_leq(snapshot.accounts[id].live_bytes, snapshot.accounts[id].peak_bytes);
  }
  cr_assert_leq(snapshot.rules.count, RULE_LIST_MOST);
  for (uint32_t i = 0; i < snapshot.rules.count; i++) {
    const struct rule_facts *rule = &snapshot.rules.rule[i];
    cr_assert(rule->category > 0 && rule->category <= snapshot.category_count);
    cr_assert_lt(rule->text_at, sizeof snapshot.rules.text);
    cr_assert(memchr(rule_list_text(&snapshot.rules, i), 0, sizeof snapshot.rules.text - rule->text_at));
  }
  cr_assert_leq(snapshot.ranges.count, RANGES_MOST);
  for (uint32_t i = 0; i < snapshot.ranges.count; i++)
    cr_assert_lt(snapshot.ranges.range[i].start, snapshot.ranges.range[i].end);
}

Test(snapshot, says_what_the_segment_says) {
  fake_segment_fill(&segment);
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  check_promises();
  cr_assert_str_eq(snapshot.program, "victim");
  cr_assert_eq(snapshot.name.pid, (uint32_t)getpid());
  cr_assert_eq(snapshot.category_count, 4);
  const struct figures *own = &snapshot.categories[4].own;
  cr_assert_str_eq(snapshot.categories[4].name, "lib/a.so");
  cr_assert_eq(own->live_bytes, FAKE_A_LIVE);
  cr_assert_eq(own->live_blocks, FAKE_A_ALLOCATIONS - FAKE_A_FREES);
  cr_assert_eq(own->peak_bytes, FAKE_A_PEAK);
  cr_assert_eq(own->peak_error_bytes, RATION_CHARGE_UNIT);
  cr_assert_eq(own->reallocations, 7);
  cr_assert_eq(own->allocated_bytes, 100000);
  cr_assert_eq(own->requested_bytes, 95000);
  cr_assert_eq(snapshot.slabs_owned, 1);
  cr_assert_eq(snapshot.allowance_bytes, RATION_CHARGE_UNIT);
  cr_assert_eq(snapshot.own_allocated_bytes, 100000, "slab 0 holds what was inherited");
}

Test(snapshot, sums_subtrees_and_total) {
  fake_segment_fill(&segment);
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.categories[3].own.allocations, 0);
  cr_assert_eq(snapshot.categories[3].subtree.allocations, FAKE_A_ALLOCATIONS);
  cr_assert_eq(snapshot.categories[3].subtree.live_bytes, FAKE_A_LIVE);
  cr_assert_eq(snapshot.categories[1].subtree.live_bytes, FAKE_A_LIVE + FAKE_OTHER_LIVE);
  cr_assert_eq(snapshot.categories[1].subtree.live_blocks,
               FAKE_A_ALLOCATIONS - FAKE_A_FREES + FAKE_OTHER_BLOCKS);
  cr_assert_eq(snapshot.total.live_bytes, FAKE_A_LIVE + FAKE_OTHER_LIVE);
  cr_assert_eq(snapshot.total.peak_bytes, FAKE_A_PEAK + FAKE_OTHER_LIVE);
  cr_assert_eq(snapshot.doubt_bytes, 0);
}

Test(snapshot, reads_what_stands_beside_the_books) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  check_promises();
  cr_assert_eq(snapshot.rules.count, 2);
  cr_assert_str_eq(rule_list_text(&snapshot.rules, 0), FAKE_RULE_MATCHED);
  cr_assert_str_eq(rule_list_text(&snapshot.rules, 1), FAKE_RULE);
  cr_assert(snapshot.rules.rule[0].is_matched && !snapshot.rules.rule[1].is_matched);
  cr_assert_eq(snapshot.rules.rule[0].category, 4);
  cr_assert_eq(snapshot.rules.rule[1].kind, RATION_RULE_FN);
  cr_assert_eq(snapshot.accounts[4].live_bytes, FAKE_ACCOUNT_LIVE);
  cr_assert_eq(snapshot.accounts[4].peak_bytes, FAKE_ACCOUNT_PEAK);
  cr_assert_eq(snapshot.accounts[3].peak_bytes, 0, "no account");
  cr_assert_eq(snapshot.total.live_bytes, FAKE_A_LIVE + FAKE_OTHER_LIVE, "accounts are no part of it");
  cr_assert_eq(snapshot.ranges.count, 2, "the row between them is free");
  cr_assert_eq(snapshot.ranges.range[0].end, 0x12000);
  cr_assert_eq(snapshot.ranges.range[1].kind, RATION_RANGE_STACK);
  cr_assert_eq(snapshot.ranges.range[1].owner, (uint32_t)getpid());
  cr_assert(snapshot.facts.is_memory_on);
}

/* What is looked at over and over: the same figures, and nothing of what was read before. */
Test(snapshot, of_the_books_alone_has_no_lists) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  struct snapshot whole = snapshot;
  cr_assert(whole.rules.count && whole.handlers.count && whole.refusals.count);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read_books(&file, &snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  cr_expect_eq(memcmp(snapshot.categories, whole.categories, sizeof whole.categories), 0);
  cr_expect_eq(memcmp(&snapshot.losses, &whole.losses, sizeof whole.losses), 0);
  cr_expect_eq(snapshot.budgets.count, whole.budgets.count);
  cr_expect_eq(snapshot.rules.count + snapshot.handlers.count + snapshot.refusals.count, 0);
  cr_expect_eq(snapshot.accounts[4].live_bytes, 0);
  cr_expect_eq(snapshot.ranges.count, whole.ranges.count, "memory figures need them");
}

/* What is lost of samples is a sum in the losses, whatever was the reason. */
Test(snapshot, sums_what_was_lost_of_samples) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  for (uint64_t i = 0; i < RATION_SAMPLE_LOSSES; i++) segment.process.samples_lost[i] = 10 + i;
  for (uint64_t i = 0; i < RATION_STACK_ENDS; i++) segment.process.stacks_ended[i] = 100 + i;
  segment.process.stacks_truncated = 7;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_expect_eq(snapshot.losses.samples_lost, 33);
  cr_expect_eq(snapshot.losses.sites_lost, 11);
  cr_expect_eq(snapshot.losses.stacks_truncated, 7);
  cr_expect_eq(snapshot.losses.stacks_failed, 303);
}

/* Bytes that are set aside are charged, and no block's. */
Test(snapshot, takes_what_is_set_aside_off_what_is_live) {
  fake_segment_fill(&segment);
  segment.rows[4].set_aside = 1000;
  segment.rows[2].set_aside = FAKE_OTHER_LIVE + 1;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(snapshot.categories[4].own.live_bytes, FAKE_A_LIVE - 1000);
  cr_assert_eq(snapshot.categories[3].subtree.live_bytes, FAKE_A_LIVE - 1000);
  cr_assert_eq(snapshot.categories[2].own.live_bytes, 0, "no figure is negative");
  cr_assert_eq(snapshot.total.live_bytes, FAKE_A_LIVE - 1000);
}

Test(snapshot, sums_what_was_refused) {
  fake_segment_fill(&segment);
  segment.slabs[0].u.tally[4].refused = 2;
  segment.slabs[1].u.tally[4].refused = 3;
  segment.slabs[1].u.tally[2].refused = 10;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(snapshot.categories[4].own.refused, 5);
  cr_assert_eq(snapshot.categories[3].own.refused, 0);
  cr_assert_eq(snapshot.categories[3].subtree.refused, 5);
  cr_assert_eq(snapshot.categories[1].subtree.refused, 15);
  cr_assert_eq(snapshot.total.refused, 15);
}

/* Read after one of 1.1, so that what is left there would show. */
Test(snapshot, of_version_1_0_has_nothing_beside_the_books) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  fake_segment_fill(&segment);
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  check_promises();
  static const struct facts none;
  cr_assert_eq(snapshot.rules.count, 0);
  cr_assert_eq(snapshot.ranges.count, 0);
  cr_assert_eq(snapshot.accounts[4].live_bytes, 0);
  cr_assert_eq(memcmp(&snapshot.facts, &none, sizeof none), 0);
  cr_assert_eq(snapshot.budgets.count + snapshot.handlers.count + snapshot.refusals.count, 0);
}

/* An account's live bytes are stored before its peak; ranges come and go. */
Test(snapshot, reads_what_is_half_written) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  segment.accounts[4].live_bytes = FAKE_ACCOUNT_PEAK + 1;
  segment.ranges[0].bytes = UINT64_MAX;
  segment.ranges[2].kind = 9;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(snapshot.accounts[4].peak_bytes, FAKE_ACCOUNT_PEAK + 1);
  cr_assert_eq(snapshot.ranges.count, 0);
}

Test(snapshot, refuses_rules_that_make_no_sense) {
  static const struct ration_segment_rule broken[] = {
      {.category = 0, .kind = RATION_RULE_FN, .text_bytes = 4},
      {.category = 5, .kind = RATION_RULE_FN, .text_bytes = 4},
      {.category = 4, .kind = RATION_RULE_FN, .text_bytes = FAKE_TEXT_BYTES + 1},
      {.category = 4, .kind = RATION_RULE_FN, .text_at = FAKE_TEXT_BYTES - 3, .text_bytes = 4},
      {.category = 4, .kind = RATION_RULE_FN, .text_at = UINT32_MAX, .text_bytes = UINT32_MAX},
  };
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    fake_segment_fill(&segment);
    fake_segment_add_tables(&segment);
    segment.rules[1] = broken[i];
    cr_assert_eq(read_segment(), -EBADMSG, "rule %zu", i);
    cr_assert_str_eq(fault.words, "corrupted: rule 1 makes no sense; nothing can be read");
  }
  segment.process.rules_count = FAKE_RULES + 1;
  cr_assert_eq(read_segment(), -EBADMSG);
  segment.process.rules_count = UINT64_MAX;
  cr_assert_eq(read_segment(), -EBADMSG);
}

/* A thousand rules that all have the same text, which is as long as the table. */
Test(snapshot, does_not_multiply_the_text_of_rules) {
  struct large {
    struct fake_segment segment;
    struct ration_segment_rule rules[RULE_LIST_MOST];
    char text[1 << 16];
  } *large = calloc(1, sizeof *large);
  fake_segment_fill(&large->segment);
  fake_segment_add_tables(&large->segment);
  struct ration_segment_header *header = &large->segment.header;
  header->segment_bytes = sizeof *large;
  header->tables[6].offset = offsetof(struct large, rules);
  header->tables[6].rows = RULE_LIST_MOST;
  header->tables[7].offset = offsetof(struct large, text);
  header->tables[7].rows = sizeof large->text / 64;
  large->segment.process.rules_count = RULE_LIST_MOST;
  memset(large->text, 'x', sizeof large->text);
  for (size_t i = 0; i < RULE_LIST_MOST; i++)
    large->rules[i] = (struct ration_segment_rule){.category = 4, .kind = RATION_RULE_FN, .text_bytes = 64};
  cr_assert_eq(read_bytes(large, sizeof *large), 0, "%s", fault.words);
  check_promises();
  cr_assert_eq(snapshot.rules.count, RULE_LIST_MOST);
  large->rules[9].text_bytes = sizeof large->text;
  cr_assert_eq(read_bytes(large, sizeof *large), -EBADMSG);
  free(large);
}

Test(snapshot, sees_books_that_do_not_close) {
  fake_segment_fill(&segment);
  segment.rows[1].subtree_charged += 48;
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.doubt_bytes, 48);
}

/* Of a process that died on the way up: what it charged has come to its category, and not to total. */
Test(snapshot, has_no_peak_below_the_sum) {
  fake_segment_fill(&segment);
  segment.rows[1].subtree_charged -= 48;
  segment.rows[1].subtree_peak = 0;
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.doubt_bytes, 48);
  cr_assert_eq(snapshot.total.peak_bytes, snapshot.total.live_bytes);
}

/* What a thread was changing when it died; the link of a slab that nobody owns says nothing. */
Test(snapshot, adds_up_what_is_unsettled) {
  fake_segment_fill(&segment);
  segment.slabs[1].u.head.next = RATION_SLAB_UNSETTLED_BIT | 3;
  segment.slabs[2].u.head.next = 1;
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.doubt_bytes, 3 * RATION_SLAB_UNSETTLED_UNIT);
}

Test(snapshot, shows_no_negative_figure) {
  fake_segment_fill(&segment);
  segment.slabs[1].u.tally[4].frees = FAKE_A_ALLOCATIONS + 1;
  segment.slabs[1].u.tally[4].credit = FAKE_A_LIVE + FAKE_A_CREDIT + 1;
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.categories[4].own.live_blocks, 0);
  cr_assert_eq(snapshot.categories[4].own.live_bytes, 0);
}

Test(snapshot, reads_published_categories_only) {
  fake_segment_fill(&segment);
  segment.header.category_row[3] = 0; /* 4 stands behind the gap */
  segment.rows[1].subtree_charged = FAKE_OTHER_LIVE;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(snapshot.category_count, 2);
  cr_assert_eq(snapshot.total.live_bytes, FAKE_OTHER_LIVE);
}

Test(snapshot, honours_a_wider_stride) {
  struct wide {
    struct fake_segment segment;
    unsigned char more[FAKE_ROWS * 512];
  } *wide = calloc(1, sizeof *wide);
  fake_segment_fill(&segment);
  wide->segment = segment;
  wide->segment.header.segment_bytes = sizeof *wide;
  wide->segment.header.tables[0].stride = 512;
  wide->segment.header.tables[0].offset = offsetof(struct wide, more);
  for (size_t row = 0; row < FAKE_ROWS; row++) {
    memcpy(wide->more + row * 512, &segment.rows[row], sizeof segment.rows[row]);
  }
  cr_assert_eq(read_bytes(wide, sizeof *wide), 0, "%s", fault.words);
  cr_assert_eq(snapshot.categories[4].own.live_bytes, FAKE_A_LIVE);
  free(wide);
}

Test(snapshot, passes_over_tables_of_a_later_minor) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  segment.header.version_minor = 9;
  segment.header.tables[FAKE_TABLES] =
      (struct ration_segment_table){.kind = 77, .stride = 8, .offset = sizeof segment.header, .rows = 2};
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
}

Test(snapshot, names_a_foreign_version) {
  fake_segment_fill(&segment);
  segment.header.version_major = 1;
  cr_assert_eq(read_segment(), -EPROTO);
  cr_assert(strstr(fault.words, "version 1.0"), "%s", fault.words);
}

Test(snapshot, tells_one_in_the_making) {
  fake_segment_fill(&segment);
  segment.header.magic = 0;
  cr_assert_eq(read_segment(), -EAGAIN);
}

Test(snapshot, a_passive_process_needs_no_categories) {
  fake_segment_fill(&segment);
  memset(segment.header.category_row, 0, sizeof segment.header.category_row);
  cr_assert_eq(read_segment(), -EBADMSG);
  segment.header.passive = RATION_PASSIVE_OWN_MALLOC;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(snapshot.category_count, 0);
}

Test(snapshot, refuses_an_empty_file) {
  cr_assert_eq(read_bytes("", 0), -EBADMSG);
}

Test(snapshot, refuses_truncation_at_every_offset) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  for (size_t size = 0; size < sizeof segment; size += size < 4200 ? 1 : 509) {
    cr_assert_eq(read_bytes(&segment, size), -EBADMSG, "%zu bytes", size);
  }
}

Test(snapshot, notices_a_file_that_shrinks) {
  fake_segment_fill(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(ftruncate(file.fd, 4096), 0);
  cr_assert_eq(snapshot_read(&file, &snapshot, &fault), -EBADMSG);
  segment_file_close(&file);
}

Test(snapshot, survives_every_flipped_bit_of_the_header) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  size_t refused = 0;
  for (size_t at = 0; at < sizeof segment.header; at++) {
    for (unsigned bit = 0; bit < 8; bit++) {
      unsigned char byte = ((unsigned char *)&segment)[at];
      unsigned char flipped = (unsigned char)(byte ^ 1u << bit);
      cr_assert_eq(pwrite(file.fd, &flipped, 1, (off_t)at), 1);
      int error = snapshot_read(&file, &snapshot, &fault);
      if (error) {
        refused++;
        cr_assert(error == -EBADMSG || error == -EPROTO || error == -EAGAIN, "%d at %zu", error, at);
        cr_assert_gt(strlen(fault.words), 0);
      } else {
        check_promises();
      }
      cr_assert_eq(pwrite(file.fd, &byte, 1, (off_t)at), 1);
    }
  }
  cr_assert_gt(refused, 64, "magic and version alone are 80 bits");
  segment_file_close(&file);
}

Test(snapshot, survives_random_tables) {
  srand(1);
  for (int round = 0; round < 500; round++) {
    fake_segment_fill(&segment);
    fake_segment_add_tables(&segment);
    fake_segment_add_budgets(&segment);
    unsigned char *bytes = (unsigned char *)&segment;
    for (int i = 0; i < 64; i++) {
      bytes[8 + (size_t)rand() % (sizeof segment - 8)] = (unsigned char)rand();
    }
    if (read_segment() == 0) check_promises();
  }
}

/* Every byte of what 1.1 has added but the accounts, which are plain numbers, with each bit flipped. */
Test(snapshot, survives_every_flipped_bit_beside_the_books) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  size_t refused = 0, first = offsetof(struct fake_segment, process);
  for (size_t at = first; at < offsetof(struct fake_segment, text); at++) {
    if (at == offsetof(struct fake_segment, accounts)) at = offsetof(struct fake_segment, ranges);
    for (unsigned bit = 0; bit < 8; bit++) {
      unsigned char byte = ((unsigned char *)&segment)[at];
      unsigned char flipped = (unsigned char)(byte ^ 1u << bit);
      cr_assert_eq(pwrite(file.fd, &flipped, 1, (off_t)at), 1);
      int error = snapshot_read(&file, &snapshot, &fault);
      cr_assert(error == 0 || error == -EBADMSG, "%d at %zu", error, at);
      if (error == 0) check_promises();
      refused += error != 0;
      cr_assert_eq(pwrite(file.fd, &byte, 1, (off_t)at), 1);
    }
  }
  cr_assert_gt(refused, 64, "how many rules there are alone is 64 bits");
  segment_file_close(&file);
}

Test(snapshot, refuses_random_bytes) {
  srand(2);
  for (int round = 0; round < 200; round++) {
    unsigned char *bytes = (unsigned char *)&segment;
    for (size_t i = 0; i < sizeof segment; i++) bytes[i] = (unsigned char)rand();
    cr_assert_eq(read_segment(), -EBADMSG);
    segment.header.magic = RATION_SEGMENT_MAGIC;
    segment.header.version_major = RATION_SEGMENT_MAJOR;
    cr_assert_neq(read_segment(), 0);
  }
}

/* What 1.2 has added: no bit of it makes the rest unreadable. */
Test(snapshot, survives_every_flipped_bit_of_budgets) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  for (size_t at = offsetof(struct fake_segment, budgets[1]); at < offsetof(struct fake_segment, events);
       at++) {
    unsigned char byte = ((unsigned char *)&segment)[at];
    for (unsigned bit = 0; bit < 8; bit++) {
      unsigned char flipped = (unsigned char)(byte ^ 1u << bit);
      cr_assert_eq(pwrite(file.fd, &flipped, 1, (off_t)at), 1);
      cr_assert_eq(snapshot_read(&file, &snapshot, &fault), 0, "%s at %zu", fault.words, at);
      check_promises();
    }
    cr_assert_eq(pwrite(file.fd, &byte, 1, (off_t)at), 1);
  }
  segment_file_close(&file);
}

/* The parents of hostile rows may form rings. */
Test(snapshot, refuses_rings_of_categories) {
  fake_segment_fill(&segment);
  segment.rows[3].parent = 4;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.rows[4].parent = 4;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.rows[1].parent = 4;
  cr_assert_eq(read_segment(), -EBADMSG);
}

Test(snapshot, refuses_absurd_counts) {
  fake_segment_fill(&segment);
  segment.header.slab_count = FAKE_SLABS + 1;
  cr_assert_eq(read_segment(), -EBADMSG);
  segment.header.slab_count = UINT32_MAX;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.header.category_row[4] = FAKE_ROWS;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.header.tables[0].rows = UINT64_MAX;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.header.tables[1].offset = UINT64_MAX - 7;
  cr_assert_eq(read_segment(), -EBADMSG);
}

/* A sparse file of a terabyte, all of it slabs, costs neither its size in memory nor its length in time. */
Test(snapshot, is_not_impressed_by_a_terabyte) {
  fake_segment_fill(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  file.bytes = UINT64_C(1) << 40;
  cr_assert_eq(ftruncate(file.fd, (off_t)file.bytes), 0);
  segment.header.segment_bytes = file.bytes;
  segment.header.tables[1].rows = (file.bytes - segment.header.tables[1].offset) / sizeof segment.slabs[0];
  segment.header.slab_count = (uint32_t)segment.header.tables[1].rows;
  cr_assert_eq(pwrite(file.fd, &segment.header, sizeof segment.header, 0), (ssize_t)sizeof segment.header);
  cr_assert_eq(snapshot_read(&file, &snapshot, &fault), -EBADMSG);
  segment_file_close(&file);
}
