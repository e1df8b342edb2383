/*
 * Tests of session/session_view.c: a session on the screen, to the letter, and in JSON.
 */
#include "session/session_view.h"

#include <criterion/criterion.h>
#include <string.h>

#include "view/shown.h"

static struct member members[3];
static struct member_list list;
static struct session session;

static void set_up(void) {
  members[0] =
      (struct member){.name = {.pid = 100, .start_ticks = 5},
                      .parent = 99,
                      .started_at_ns = UINT64_C(1770091506789000000),
                      .program = "sh",
                      .state = PROCESS_REPLACED,
                      .uptime_seconds = -1,
                      .exit_status = -1,
                      .signal = -1,
                      .did_something = true,
                      .figures = {.live_bytes = 77, .peak_bytes = 3 << 20, .allocations = 50, .frees = 10}};
  members[1] = members[0];
  members[1].name.image = 1;
  members[1].state = PROCESS_RUNNING;
  members[1].is_alive = true;
  members[1].uptime_seconds = 1.5;
  members[1].threads = 2;
  members[1].figures =
      (struct member_figures){.live_bytes = 1 << 20, .peak_bytes = 2 << 20, .allocations = 1000, .frees = 4};
  strcpy(members[1].program, "make");
  members[2] = members[0];
  members[2].name = (struct place_name){.pid = 101, .start_ticks = 6};
  members[2].parent = 100;
  members[2].state = PROCESS_EXITED;
  members[2].figures =
      (struct member_figures){.live_bytes = 100, .peak_bytes = 1 << 20, .allocations = 7, .frees = 6};
  strcpy(members[2].program, "c\x1b"
                             "c");
  for (size_t i = 0; i < 3; i++) {
    members[i].session_pid = 99;
    members[i].session_start = 4;
  }
  list = (struct member_list){.members = members, .count = 3};
  cr_assert_eq(session_make(&list, 99, 4, &session), 0);
}

static void tear_down(void) {
  session_free(&session);
}

static char *show(bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  emitter_begin_list(emitter, "sessions");
  session_view(emitter, &session);
  emitter_end(emitter);
  return shown_end(&shown);
}

Test(session_view, is_a_page, .init = set_up, .fini = tear_down) {
  shown_is(show(false),
           "session 99.4  since 2026-02-03T04:05:06.789Z\n"
           "\n"
           "  PROGRAM  PROCESSES     LIVE     PEAK                     ALLOCATIONS  FREES\n"
           "  sh               1      0 B  3.0 MiB  █████████████████           50     10\n"
           "  make             1  1.0 MiB  2.0 MiB  ███████████▍             1,000      4\n"
           "  c\\x1bc           1    100 B  1.0 MiB  █████▋                       7      6\n"
           "  total            2  1.0 MiB  4.0 MiB                           1,057     20\n"
           "\n"
           "  PROCESS   PID     LIVE     PEAK                     ALLOCATIONS  FREES  STATE\n"
           "  make      100  1.0 MiB  3.0 MiB  █████████████████        1,050     14  running\n"
           "  was sh    100           3.0 MiB  █████████████████           50     10  replaced\n"
           "    c\\x1bc  101    100 B  1.0 MiB  █████▋                       7      6  exited\n"
           "\n"
           "  processes: 2 (1 running); programs that they ran: 3\n"
           "  peaks are each process's own: they need not have come at the same time\n"
           "  what a process inherited over fork is live in it, too, and allocated by its parent alone\n");
}

Test(session_view, is_an_object_of_json, .init = set_up, .fini = tear_down) {
  json_t *root = shown_root(show(true));
  const json_t *object = json_array_get(json_object_get(root, "sessions"), 0);
  cr_assert_str_eq(json_string_value(json_object_get(object, "session")), "99.4");
  const json_t *total = json_object_get(object, "total");
  shown_number_is(total, "processes", 2);
  shown_number_is(total, "running", 1);
  shown_number_is(total, "allocations", 1057);
  cr_assert_eq(json_array_size(json_object_get(object, "programs")), 3);
  const json_t *processes = json_object_get(object, "processes");
  const json_t *first = json_array_get(processes, 0), *child = json_array_get(processes, 1);
  shown_number_is(first, "pid", 100);
  shown_number_is(first, "depth", 0);
  shown_number_is(first, "threads", 2);
  cr_assert_eq(json_array_size(json_object_get(first, "images")), 2);
  shown_number_is(json_array_get(json_object_get(first, "images"), 0), "live_bytes", 77);
  shown_number_is(child, "parent", 100);
  shown_number_is(child, "depth", 1);
  cr_assert(json_is_null(json_object_get(child, "uptime_seconds")));
  json_decref(root);
}

static char *show_list(bool has_sessions) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, false);
  emitter_begin_table(emitter);
  session_view_listed(emitter, &members[1], has_sessions);
  members[2].session_start = 0;
  session_view_listed(emitter, &members[2], has_sessions);
  emitter_end_table(emitter);
  return shown_end(&shown);
}

Test(session_view, has_rows_of_a_list, .init = set_up, .fini = tear_down) {
  shown_is(show_list(false), "  PID  PROGRAM  UPTIME     LIVE     PEAK  THREADS  STATE\n"
                             "  100  make     1.50 s  1.0 MiB  2.0 MiB        2  running\n"
                             "  101  c\\x1bc             100 B  1.0 MiB        0  exited\n");
  shown_is(show_list(true), "  PID  PROGRAM  UPTIME     LIVE     PEAK  THREADS  STATE    SESSION\n"
                            "  100  make     1.50 s  1.0 MiB  2.0 MiB        2  running  99.4\n"
                            "  101  c\\x1bc             100 B  1.0 MiB        0  exited\n");
}
