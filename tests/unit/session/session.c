/*
 * Tests of session/session.c and session/tree.c: sums over processes and images, and who stands below whom.
 */
#include "session/session.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 5000

static struct member members[MANY];
static struct member_list list;
static struct session session;

/* An image of session 7.70, with so many bytes; returns it, to be bent. */
static struct member *add(uint32_t pid, uint32_t parent, uint64_t ticks, const char *program,
                          uint64_t bytes) {
  struct member *member = &members[list.count];
  *member =
      (struct member){.name = {.pid_namespace = 1, .pid = pid, .start_ticks = ticks},
                      .parent = parent,
                      .session_pid = 7,
                      .session_start = 70,
                      .started_at_ns = ticks * 10000000,
                      .state = PROCESS_EXITED,
                      .figures = {.live_bytes = bytes, .peak_bytes = 2 * bytes, .allocations = bytes / 10},
                      .number = list.count};
  strcpy(member->program, program);
  list.count++;
  return member;
}

/* The next image of the process that was added last. */
static struct member *add_exec(const char *program, uint64_t bytes) {
  const struct member *before = &members[list.count - 1];
  struct member *member = add(before->name.pid, before->parent, before->name.start_ticks, program, bytes);
  member->name.image = before->name.image + 1;
  member->started_at_ns = before->started_at_ns + 5000000;
  return member;
}

static void set_up(void) {
  list = (struct member_list){.members = members};
}

static void tear_down(void) {
  session_free(&session);
}

static void make(void) {
  cr_assert_eq(session_make(&list, 7, 70, &session), 0);
}

/* "PID:DEPTH PID:DEPTH ...", as they stand. */
static void stand_as(const char *expected) {
  char text[512] = "";
  for (size_t i = 0; i < session.process_count; i++) {
    const struct session_process *process = &session.processes[i];
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s%u:%zu", i ? " " : "", process->images[0].name.pid,
             process->depth);
    bool has_parent = process->parent != SESSION_NOBODY;
    cr_expect_eq(has_parent, process->depth > 0);
    if (has_parent) {
      cr_assert_lt(process->parent, i, "behind its parent");
      cr_expect_eq(session.processes[process->parent].depth, process->depth - 1);
      cr_expect_eq(session.processes[process->parent].images[0].name.pid, process->images[0].parent);
    }
  }
  cr_expect_str_eq(text, expected);
}

Test(session, puts_children_below_their_parents, .init = set_up, .fini = tear_down) {
  add(12, 11, 104, "leaf", 1);
  add(11, 10, 102, "branch", 1);
  add(10, 7, 100, "root", 1);
  add(13, 10, 101, "older branch", 1);
  add(14, 99, 103, "of somebody unknown", 1);
  make();
  stand_as("10:0 13:1 11:1 12:2 14:0");
}

Test(session, orders_siblings_of_one_tick_by_pid, .init = set_up, .fini = tear_down) {
  add(12, 10, 100, "second", 1)->started_at_ns -= 5; /* its shim came first */
  add(11, 10, 100, "first", 1);
  add(10, 7, 100, "parent", 1);
  make();
  stand_as("10:0 11:1 12:1");
}

Test(session, finds_the_parent_that_had_the_pid_then, .init = set_up, .fini = tear_down) {
  add(10, 7, 100, "first", 1);
  add(20, 10, 150, "of the first", 1);
  add(10, 7, 200, "second", 1);
  add(21, 10, 250, "of the second", 1);
  make();
  stand_as("10:0 20:1 10:0 21:1");
  cr_assert_str_eq(session.processes[0].images[0].program, "first");
}

Test(session, keeps_apart_what_lies_in_other_namespaces, .init = set_up, .fini = tear_down) {
  add(10, 7, 100, "outside", 1);
  add(2, 10, 150, "inside", 1)->name.pid_namespace = 2;
  make();
  stand_as("10:0 2:0");
}

Test(session, cuts_circles, .init = set_up, .fini = tear_down) {
  add(10, 12, 100, "a", 1);
  add(11, 10, 100, "b", 1);
  add(12, 11, 100, "c", 1);
  add(13, 13, 100, "its own parent", 1);
  add(14, 12, 100, "beside the circle", 1);
  make();
  cr_assert_eq(session.process_count, 5);
  size_t roots = 0;
  for (size_t i = 0; i < session.process_count; i++) roots += session.processes[i].parent == SESSION_NOBODY;
  cr_assert_eq(roots, 2);
}

Test(session, holds_a_chain_as_deep_as_it_comes, .init = set_up, .fini = tear_down) {
  for (uint32_t i = 0; i < MANY; i++) add(10 + i, 9 + i, 100, "link", 10);
  make();
  cr_assert_eq(session.process_count, MANY);
  for (size_t i = 0; i < MANY; i++) cr_assert_eq(session.processes[i].depth, i);
  cr_assert_eq(session.total.processes, MANY);
  cr_assert_eq(session.total.live_bytes, MANY * UINT64_C(10));
  cr_assert_eq(session.total.allocations, MANY);
}

Test(session, takes_images_of_a_process_together, .init = set_up, .fini = tear_down) {
  add(10, 7, 100, "sh", 1000);
  add_exec("make", 5000);
  add_exec("sh", 30);
  make();
  cr_assert_eq(session.process_count, 1);
  cr_assert_eq(session.processes[0].image_count, 3);
  cr_assert_str_eq(session_process_last(&session.processes[0])->program, "sh");
  cr_assert_eq(session.total.processes, 1);
  cr_assert_eq(session.total.live_bytes, 30, "what earlier images held is gone");
  cr_assert_eq(session.total.peak_bytes, 10000, "they came one after another");
  cr_assert_eq(session.total.allocations, 100 + 500 + 3);
}

Test(session, sums_by_program, .init = set_up, .fini = tear_down) {
  add(10, 7, 100, "sh", 1000);
  add_exec("make", 5000)->is_alive = true;
  add(11, 10, 110, "sh", 200)->is_alive = true;
  make();
  cr_assert_eq(session.program_count, 2);
  const struct session_program *make_row = &session.programs[0], *sh = &session.programs[1];
  cr_assert_str_eq(make_row->program, "make");
  cr_assert_eq(make_row->figures.running, 1);
  cr_assert_str_eq(sh->program, "sh");
  cr_assert_eq(sh->figures.processes, 2);
  cr_assert_eq(sh->figures.running, 1);
  cr_assert_eq(sh->figures.live_bytes, 200, "the other has become make");
  cr_assert_eq(sh->figures.peak_bytes, 2400);
  cr_assert_eq(sh->figures.allocations, 120);
  cr_assert_eq(session.total.running, 2);
  cr_assert_eq(session.total.live_bytes, 5200);
}

Test(session, counts_what_is_there_twice_once, .init = set_up, .fini = tear_down) {
  add(10, 7, 100, "earlier", 10)->until_at = 5;
  add(10, 7, 100, "later", 20)->until_at = 6;
  make();
  cr_assert_eq(session.member_count, 1);
  cr_assert_eq(session.total.live_bytes, 20);
}

Test(session, leaves_out_others, .init = set_up, .fini = tear_down) {
  add(10, 7, 100, "mine", 10);
  add(11, 7, 100, "another's", 20)->session_start = 71;
  add(12, 7, 100, "nobody's", 20)->session_start = 0;
  make();
  cr_assert_eq(session.member_count, 1);
  struct session none;
  cr_assert_eq(session_make(&list, 8, 70, &none), -ENOENT);
}

Test(session, finds_the_last, .init = set_up) {
  uint32_t pid;
  uint64_t start;
  cr_assert_eq(session_find_last(&list, &pid, &start), -ENOENT);
  add(10, 7, 900, "nobody's", 1)->session_start = 0;
  cr_assert_eq(session_find_last(&list, &pid, &start), -ENOENT);
  add(11, 7, 200, "of the older", 1);
  struct member *of_younger = add(12, 7, 300, "of the younger", 1);
  of_younger->session_pid = 8;
  of_younger->session_start = 60; /* as after another boot */
  add(13, 7, 400, "a late one of the older", 1);
  cr_assert_eq(session_find_last(&list, &pid, &start), 0);
  cr_assert_eq(pid, 8);
  cr_assert_eq(start, 60);
}

Test(session, reads_its_name) {
  uint32_t pid = 0;
  uint64_t start = 0;
  char text[MEMBER_SESSION_BYTES];
  cr_assert_eq(member_session_read("4711.815", &pid, &start), 0);
  member_session_write(pid, start, text);
  cr_assert_str_eq(text, "4711.815");
  const char *const wrong[] = {"",
                               ".",
                               "1",
                               "1.",
                               ".1",
                               "0.1",
                               "1.0",
                               "1.2x",
                               " 1.2",
                               "-1.2",
                               "99999999999.1",
                               "1.99999999999999999999999"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(member_session_read(wrong[i], &pid, &start), -EINVAL, "%s", wrong[i]);
}
