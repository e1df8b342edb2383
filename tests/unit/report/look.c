/*
 * Tests of report/look.c and of the looks: which one options choose, and what each has of a segment made by hand.
 */
#include "report/look.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "complain.h"
#include "reader/fake_segment.h"
#include "select.h"

static char folder[PATH_MAX];
static struct process process;
static struct process *processes[] = {&process};
static const struct subject subject = {.processes = processes, .count = 1};

/* The process of a fake segment with sites, ended. */
static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  fake_segment_add_sites(&segment);
  segment.samples[0].slack = 0;
  fake_folder_make(folder);
  fake_segment_save(&segment, sizeof segment, folder, "fake", process.path);
  cr_assert_eq(snapshot_read_path(process.path, false, &process.snapshot, &fault), 0, "%s", fault.words);
  process_set_ended(&process, 0, process.snapshot.started_at_ns + 2 * FAKE_SECOND);
}

static void tear_down(void) {
  fake_folder_remove(folder);
}

/* As `ration report ARGUMENTS`: 0, or what the parser says. Words in quotes are none. */
static error_t choose(const char *arguments) {
  static char copy[300];
  static char *words[20];
  int count = 0;
  snprintf(copy, sizeof copy, "report %s", arguments);
  for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) words[count++] = word;
  words[count] = NULL;
  return argp_parse(&look_argp, count, words, ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_NO_ERRS, NULL, NULL);
}

/* The first process of the report. */
static json_t *show(int *ret_status) {
  struct fault fault = {""};
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  struct emitter *emitter = emitter_new(true);
  *ret_status = STATUS_DONE;
  cr_assert_eq(look_show(emitter, &subject, ret_status, &fault), 0, "%s", fault.words);
  cr_assert_eq(emitter_finish(emitter, to), 0);
  emitter_free(emitter);
  fclose(to);
  json_t *root = json_loads(text, 0, NULL), *shown = json_array_get(json_object_get(root, "processes"), 0);
  cr_assert_not_null(shown, "%s", text);
  json_incref(shown);
  json_decref(root);
  free(text);
  return shown;
}

static uint64_t number(const json_t *object, const char *key) {
  cr_assert(json_is_integer(json_object_get(object, key)), "%s", key);
  return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* What is complained of goes to stderr; not to that of the tests. */
static void be_quiet(void) {
  set_up();
  cr_assert_not_null(freopen("/dev/null", "w", stderr));
}

Test(look, without_options_is_the_page, .init = set_up, .fini = tear_down) {
  int status;
  cr_assert_eq(choose(""), 0);
  json_t *shown = show(&status);
  cr_expect_not_null(json_object_get(shown, "categories"));
  cr_expect_null(json_object_get(shown, "sites"));
  json_decref(shown);
}

static void has_list(const char *arguments, const char *key, size_t least) {
  int status;
  cr_assert_eq(choose(arguments), 0, "%s", arguments);
  json_t *shown = show(&status), *list = json_object_get(shown, key);
  cr_assert(json_is_array(list), "%s: no %s", arguments, key);
  cr_expect_geq(json_array_size(list), least, "%s", arguments);
  cr_expect_not_null(json_object_get(shown, "losses"), "%s", arguments);
  cr_expect_eq(status, STATUS_DONE);
  json_decref(shown);
}

#define HAS_LIST(name, arguments, key, least)                                                                \
  Test(look, name, .init = set_up, .fini = tear_down) {                                                      \
    has_list(arguments, key, least);                                                                         \
  }

HAS_LIST(events_have_a_list, "--events", "events", 1)
HAS_LIST(threads_have_a_list, "--threads", "by_thread", 1)
HAS_LIST(sites_have_a_list, "--sites", "sites", 3)
HAS_LIST(a_call_tree_is_of_sites, "--calltree", "sites", 3)
HAS_LIST(callers_are_of_sites, "--callers --by=total", "sites", 3)
HAS_LIST(largest_has_a_list, "--largest", "largest", 2)
HAS_LIST(leaks_have_a_list, "--leaks", "leaks", 1)
HAS_LIST(a_timeline_has_a_list, "--timeline", "timeline", 0)
HAS_LIST(last_is_of_the_timeline, "--last=1s", "timeline", 0)
HAS_LIST(sizes_have_a_list, "--sizes", "size_histogram", 0)

Test(look, the_heap_is_null_over_the_system_heap, .init = set_up, .fini = tear_down) {
  int status;
  cr_assert_eq(choose("--heap"), 0);
  json_t *shown = show(&status);
  cr_expect(json_is_null(json_object_get(shown, "page_heap")));
  cr_expect_null(json_object_get(shown, "pools"));
  json_decref(shown);
}

Test(look, largest_are_the_largest_first_and_as_many_as_asked, .init = set_up, .fini = tear_down) {
  int status;
  cr_assert_eq(choose("--largest=1"), 0);
  json_t *shown = show(&status), *list = json_object_get(shown, "largest");
  cr_assert_eq(json_array_size(list), 1);
  cr_expect_eq(number(json_array_get(list, 0), "bytes"), 120);
  cr_expect_str_eq(json_string_value(json_object_get(json_array_get(list, 0), "address")), "0x10010");
  cr_expect_not_null(json_object_get(json_array_get(list, 0), "age_seconds"));
  cr_expect_gt(json_array_size(json_object_get(json_array_get(list, 0), "frames")), 0);
  json_decref(shown);
}

Test(look, a_number_behind_largest_is_its_own_where_asked, .init = set_up, .fini = tear_down) {
  static char name[] = "report", option[] = "--largest", one[] = "1", pid[] = "4711";
  char *words[] = {name, option, one, pid, NULL};
  cr_assert_eq(argp_parse(&look_argp, 2, words, ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_NO_ERRS, NULL, NULL), 0);
  cr_expect_not(look_takes_number(words[3]), "another word");
  cr_expect_not(look_takes_number(NULL));
  cr_expect(look_takes_number(words[2]));
  int status;
  json_t *shown = show(&status);
  cr_expect_eq(json_array_size(json_object_get(shown, "largest")), 1);
  json_decref(shown);
}

Test(look, leaks_add_up, .init = set_up, .fini = tear_down) {
  int status;
  cr_assert_eq(choose("--exit-code"), 0);
  json_t *shown = show(&status), *list = json_object_get(shown, "leaks");
  uint64_t bytes = 0, blocks = 0, requested = 0;
  for (size_t i = 0; i < json_array_size(list); i++) {
    bytes += number(json_array_get(list, i), "bytes");
    blocks += number(json_array_get(list, i), "blocks");
    requested += number(json_array_get(list, i), "requested_bytes");
  }
  cr_expect_eq(number(shown, "leaked_bytes"), bytes);
  cr_expect_eq(number(shown, "leaked_blocks"), blocks);
  cr_expect_eq(number(shown, "leaked_requested_bytes"), requested);
  cr_expect_gt(blocks, 0);
  cr_expect_eq(number(shown, "suppressed_blocks"), 0);
  cr_expect_eq(status, STATUS_BROKEN);
  json_decref(shown);
}

static void sum_leaks(const char *arguments, uint64_t *ret_leaked, uint64_t *ret_suppressed) {
  int status;
  cr_assert_eq(choose(arguments), 0);
  json_t *shown = show(&status);
  *ret_leaked = number(shown, "leaked_blocks");
  *ret_suppressed = number(shown, "suppressed_blocks");
  cr_expect_eq(status, *ret_leaked ? STATUS_BROKEN : STATUS_DONE);
  json_decref(shown);
}

/* One without a stack fits nothing. */
Test(look, leaks_that_are_suppressed_are_told_apart, .init = set_up, .fini = tear_down) {
  char path[PATH_MAX], arguments[PATH_MAX + 100];
  static const char known[] = "# all with a stack\nleak:*\n";
  fake_segment_save(known, sizeof known - 1, folder, "known", path);
  snprintf(arguments, sizeof arguments, "--exit-code --suppressions=%s", path);
  uint64_t all, leaked, suppressed, none;
  sum_leaks("--exit-code", &all, &none);
  sum_leaks(arguments, &leaked, &suppressed);
  cr_expect_eq(none, 0);
  cr_expect_gt(suppressed, 0);
  cr_expect_eq(leaked + suppressed, all);
}

Test(look, one_at_a_time, .init = be_quiet, .fini = tear_down) {
  cr_expect_eq(choose("--sites --calltree"), 0, "one look");
  cr_expect_eq(choose("--leaks"), COMMAND_COMPLAINED);
  cr_expect_eq(choose("--timeline"), COMMAND_COMPLAINED);
}

Test(look, complains_of_what_it_does_not_know, .init = be_quiet, .fini = tear_down) {
  static const char *const wrong[] = {"--by=size",   "--by=",          "--most=x", "--most=-1",
                                      "--frames=1x", "--largest=many", "--last=1", "--last=1d",
                                      "--focus=(",   "--ignore=[",     "--most=",  "--frames=5000000000"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(choose(wrong[i]), COMMAND_COMPLAINED, "%s", wrong[i]);
}

/* A segment that is gone by then is said to be, and no report is left half. */
Test(look, a_segment_that_has_gone_is_an_error, .init = set_up) {
  struct fault fault = {""};
  int status = STATUS_DONE;
  cr_assert_eq(choose("--sites"), 0);
  fake_folder_remove(folder);
  struct emitter *emitter = emitter_new(true);
  cr_expect_eq(look_show(emitter, &subject, &status, &fault), -ENOENT);
  cr_expect_neq(fault.words[0], '\0');
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  cr_expect_eq(emitter_finish(emitter, to), 0);
  fclose(to);
  cr_expect_str_eq(text, "");
  free(text);
  emitter_free(emitter);
}

/* No sample at all. */
Test(look, of_nothing_there_is_an_empty_list, .init = set_up, .fini = tear_down) {
  int status;
  FILE *file = fopen(process.path, "r+");
  cr_assert_not_null(file);
  struct ration_segment_sample none[FAKE_SAMPLES] = {0};
  cr_assert_eq(fseek(file, offsetof(struct fake_segment, samples), SEEK_SET), 0);
  cr_assert_eq(fwrite(none, sizeof none, 1, file), 1);
  cr_assert_eq(fclose(file), 0);
  cr_assert_eq(choose("--largest"), 0);
  json_t *shown = show(&status);
  cr_expect_eq(json_array_size(json_object_get(shown, "largest")), 0);
  json_decref(shown);
}
