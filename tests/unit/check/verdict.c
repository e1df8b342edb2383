/*
 * Tests of check/verdict.c and check/outcome_file.c: the worst process of each condition, in words and in files.
 */
#include "check/verdict.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "check/outcome_file.h"

static struct condition_list conditions;
static struct suppressions none;
static struct verdict_list verdicts;
static struct process *process;
static struct fault fault;

static void set_up(void) {
  process = calloc(1, sizeof *process);
  process->snapshot.category_count = 2;
  strcpy(process->snapshot.categories[1].name, "total");
  strcpy(process->snapshot.categories[2].name, "cache");
}

static void tear_down(void) {
  verdict_end(&verdicts);
  condition_list_free(&conditions);
  free(process);
}

static void condition(bool is_least, const char *text) {
  cr_assert_eq(condition_add(&conditions, is_least, text, &fault), 0, "%s", fault.words);
}

static void begin(void) {
  cr_assert_eq(verdict_begin(&conditions, &none, &verdicts), 0);
}

static void process_ends(uint32_t pid, const char *program, uint64_t live, bool is_last_image) {
  process->snapshot.name.pid = pid;
  strcpy(process->snapshot.program, program);
  process->snapshot.total.live_bytes = live;
  verdict_take(&verdicts, process, is_last_image);
}

static void says(size_t number, const char *expected) {
  char words[VERDICT_BYTES];
  verdict_words(&verdicts.verdict[number], words);
  cr_expect_str_eq(words, expected, "%s", words);
}

Test(verdict, the_worst_process_is_told, .init = set_up, .fini = tear_down) {
  condition(false, "total.live=1K");
  condition(true, "total.live=2K");
  begin();
  process_ends(7, "small", 900, true);
  process_ends(8, "large", 4096, true);
  process_ends(9, "middle", 2048, true);
  cr_expect_eq(verdict_state(&verdicts.verdict[0]), VERDICT_BROKEN);
  says(0, "total.live is 4.0 KiB of at most 1.0 KiB in large (pid 8), and broken in 1 more process");
  says(1, "total.live is 900 B of at least 2.0 KiB in small (pid 7)");
  cr_expect_eq(verdicts.verdict[0].processes, 3);
}

Test(verdict, a_byte_too_much_is_told_to_the_byte, .init = set_up, .fini = tear_down) {
  condition(false, "total.live=512M");
  begin();
  process_ends(7, "x", (UINT64_C(512) << 20) + 1, true);
  says(0, "total.live is 536,870,913 bytes of at most 536,870,912 bytes in x (pid 7)");
}

Test(verdict, of_a_category_that_nobody_has, .init = set_up, .fini = tear_down) {
  condition(false, "parser.live=1K");
  condition(false, "cache.breaches=0");
  begin();
  process_ends(7, "x", 1, true);
  cr_expect_eq(verdict_state(&verdicts.verdict[0]), VERDICT_UNKNOWN);
  says(0, "parser.live=1K: no process has a category `parser`; `ration run` shows which there are");
  says(1, "cache.breaches=0: `cache` has no budget in any process; set one with --set or --config");
}

/* One that shrinks is no worse than one that grows, whatever their bits are. */
Test(verdict, growth_has_a_sign, .init = set_up, .fini = tear_down) {
  condition(false, "total.growth_5m_per_hour=1K");
  condition(true, "total.growth_5m_per_hour=-1K");
  condition(false, "total.growth_6h_per_hour=1K");
  begin();
  process->snapshot.growth.is_known[0] = true;
  process->snapshot.growth.of[0][0] = (struct category_growth){.own = -4096};
  process_ends(7, "shrinks", 1, true);
  process->snapshot.growth.of[0][0] = (struct category_growth){.own = 2048};
  process_ends(8, "grows", 1, true);
  process->snapshot.growth.is_known[0] = false;
  process_ends(9, "young", 1, true);
  says(0, "total.growth_5m_per_hour is +2.0 KiB/h of at most +1.0 KiB/h in grows (pid 8)");
  says(1, "total.growth_5m_per_hour is -4.0 KiB/h of at least -1.0 KiB/h in shrinks (pid 7)");
  says(2, "total.growth_6h_per_hour=1K: not known of any process: none has lived for half of that, with a "
          "timeline");
  cr_expect_eq(verdicts.verdict[0].processes, 2);
}

Test(verdict, an_image_replaced_is_held_to_the_most_alone, .init = set_up, .fini = tear_down) {
  condition(false, "total.live=1K");
  condition(true, "total.live=2K");
  begin();
  process_ends(7, "sh", 1500, false);
  process_ends(7, "ls", 3000, true);
  cr_expect_eq(verdicts.verdict[0].broken, 2);
  cr_expect_eq(verdict_state(&verdicts.verdict[1]), VERDICT_MET);
}

Test(verdict, a_process_without_books_is_none, .init = set_up, .fini = tear_down) {
  condition(true, "total.live=2K");
  begin();
  process->snapshot.passive = RATION_PASSIVE_OWN_MALLOC;
  process_ends(7, "x", 1, true);
  cr_expect_eq(verdicts.tracked, 0);
  cr_expect_eq(verdict_state(&verdicts.verdict[0]), VERDICT_UNKNOWN);
}

static char *written(void (*write)(FILE *to)) {
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  write(to);
  fclose(to);
  return text;
}

static void write_tap(FILE *to) {
  outcome_file_tap(to, &verdicts);
}

static void write_junit(FILE *to) {
  struct check_facts facts = {.command = "a\"b<c>\x01", .started_ns = UINT64_C(1700000000) * 1000000000};
  outcome_file_junit(to, &verdicts, &facts);
}

Test(verdict, as_tap, .init = set_up, .fini = tear_down) {
  condition(false, "total.live=1K");
  condition(false, "it's #1.live=1K");
  begin();
  process_ends(7, "x", 1, true);
  char *text = written(write_tap);
  cr_expect_str_eq(text,
                   "TAP version 13\n1..2\n"
                   "ok 1 - --max total.live=1K\n"
                   "  ---\n  message: 'total.live is 1 B of at most 1.0 KiB in x (pid 7)'\n  ...\n"
                   "not ok 2 - --max it's \\#1.live=1K\n"
                   "  ---\n  message: 'it''s #1.live=1K: no process has a category `it''s #1`; `ration run` "
                   "shows which there are'\n  ...\n");
  free(text);
}

Test(verdict, as_junit, .init = set_up, .fini = tear_down) {
  condition(false, "total.live=1K");
  condition(false, "<&>.live=1K");
  begin();
  process_ends(7, "x", 2000, true);
  char *text = written(write_junit);
  cr_expect(strstr(text, " tests=\"2\" failures=\"1\" errors=\"1\" "), "%s", text);
  cr_expect(strstr(text, "name=\"ration check a&#34;b&#60;c&#62;\\x01\""), "%s", text);
  cr_expect(strstr(text, "timestamp=\"2023-11-14T22:13:20\""), "%s", text);
  cr_expect(
      strstr(text,
             "<failure type=\"broken\" message=\"total.live is 2.0 KiB of at most 1.0 KiB in x (pid 7)\">"),
      "%s", text);
  cr_expect(strstr(text, "name=\"--max &#60;&#38;&#62;.live=1K\""), "%s", text);
  free(text);
}
