/*
 * Tests of view/call_tree_view.c: which line belongs below which can be told from the lines alone.
 */
#include "view/call_tree_view.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct call_node root;

/* A stack in words, the outermost first. */
static void add(double weight, const char *words) {
  char copy[200];
  struct stack_frame frames[20];
  struct stack stack = {.count = 0, .frame = frames};
  strcpy(copy, words);
  char *rest = copy;
  for (char *word; (word = strtok_r(rest, " ", &rest)); stack.count++)
    frames[stack.count] = (struct stack_frame){.function = word};
  cr_assert_eq(call_tree_add(&root, &stack, true, weight), 0);
}

static char *show(enum site_order order, bool is_json) {
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  struct emitter *emitter = emitter_new(is_json);
  call_tree_view(emitter, &root, order);
  cr_assert_eq(emitter_finish(emitter, to), 0);
  emitter_free(emitter);
  fclose(to);
  call_tree_free(&root);
  return text;
}

static void check(enum site_order order, const char *expected) {
  char *text = show(order, false);
  cr_expect_str_eq(text, expected);
  free(text);
}

Test(call_tree_view, a_single_way_is_not_indented_and_each_of_several_has_a_dash) {
  add(4096, "main run parse grow");
  add(2048, "main run parse copy");
  add(1024, "main run draw");
  add(1024, "main");
  check(SITES_BY_LIVE, " 100.0 %     8.0 KiB  main\n"
                       "  87.5 %     7.0 KiB  run\n"
                       "  75.0 %     6.0 KiB  - parse\n"
                       "  50.0 %     4.0 KiB    - grow\n"
                       "  25.0 %     2.0 KiB    - copy\n"
                       "  12.5 %     1.0 KiB  - draw\n");
}

Test(call_tree_view, a_way_below_one_of_several_is_further_in) {
  add(2000, "a b c");
  add(1000, "d e");
  check(SITES_BY_COUNT, "  66.7 %       2,000  - a\n"
                        "  66.7 %       2,000    b\n"
                        "  66.7 %       2,000    c\n"
                        "  33.3 %       1,000  - d\n"
                        "  33.3 %       1,000    e\n");
}

Test(call_tree_view, what_is_next_to_nothing_is_left_out) {
  add(1000, "main work");
  add(4, "main idle");
  check(SITES_BY_TEMPORARY, " 100.0 %       1,004  main\n"
                            "  99.6 %       1,000  work\n");
}

Test(call_tree_view, shows_nothing_of_nothing_and_in_json) {
  check(SITES_BY_LIVE, "");
  add(5, "main");
  char *text = show(SITES_BY_LIVE, true);
  cr_expect_null(strstr(text, "main"));
  free(text);
}

/* A name may hold anything: it cannot leave its line, nor reach the terminal. */
Test(call_tree_view, names_are_made_harmless) {
  add(5, "\033[2Jma\nin");
  check(SITES_BY_COUNT, " 100.0 %           5  \\x1b[2Jma\\x0ain\n");
}

/* Not every frame of a hostile stack can be a level of the tree on the screen. */
Test(call_tree_view, deep_stacks_stay_within_bounds) {
  struct stack_frame *frames = calloc(STACK_FRAMES_MOST, sizeof *frames);
  char(*names)[16] = calloc(STACK_FRAMES_MOST, sizeof *names);
  for (unsigned twice = 0; twice < 2; twice++) {
    for (unsigned i = 0; i < STACK_FRAMES_MOST; i++) {
      snprintf(names[i], sizeof names[i], "f%u", i + twice * (i % 2));
      frames[i].function = names[i];
    }
    struct stack stack = {.count = STACK_FRAMES_MOST, .frame = frames};
    cr_assert_eq(call_tree_add(&root, &stack, true, 1), 0);
  }
  size_t longest = 0;
  char *text = show(SITES_BY_COUNT, false);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
    if (strlen(line) > longest) longest = strlen(line);
  cr_expect_leq(longest, 100);
  free(text);
  free(names);
  free(frames);
}
