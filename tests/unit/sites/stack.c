/*
 * Tests of sites/stack.c, frame_filter.c, call_tree.c and suppressions.c: what is done with the frames of a stack.
 */
#include "sites/stack.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sites/call_tree.h"
#include "sites/frame_filter.h"
#include "sites/suppressions.h"

static struct stack_frame parse_frames[] = {
    {.function = "grow",
     .file = "/src/buffer.c",
     .line = 12,
     .is_inlined = true,
     .module = "app",
     .offset = 0x10},
    {.function = "parse", .file = "/src/parse.c", .line = 120, .module = "app", .offset = 0x10},
    {.function = "main", .module = "app", .offset = 0x20},
    {.module = "libc.so.6", .offset = 0x2724a},
    {.offset = 0x7f0000001234},
};
static struct stack parse_stack = {.count = 5, .frame = parse_frames};
static struct stack_frame draw_frames[] = {{.function = "draw", .module = "app"},
                                           {.function = "main", .module = "app"}};
static struct stack draw_stack = {.count = 2, .frame = draw_frames};

Test(stack, frames_are_put_into_words) {
  static const char *const expected[] = {"grow at buffer.c:12 (inlined)", "parse at parse.c:120",
                                         "main in app", "libc.so.6+0x2724a", "0x7f0000001234"};
  for (size_t i = 0; i < 5; i++) {
    char words[STACK_FRAME_BYTES];
    stack_frame_words(&parse_frames[i], words);
    cr_expect_str_eq(words, expected[i]);
  }
}

/* Names of C++ may be longer than there is room. */
Test(stack, long_names_are_cut) {
  char name[5000], words[STACK_FRAME_BYTES];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  struct stack_frame frame = {.function = name, .file = name, .line = 7, .module = name};
  stack_frame_words(&frame, words);
  cr_expect_lt(strlen(words), sizeof words);
  char place[STACK_PLACE_BYTES];
  struct stack_frame nameless = {.module = name};
  cr_expect_eq(stack_frame_name(&frame, place), name, "all of it");
  cr_expect_lt(strlen(stack_frame_name(&nameless, place)), sizeof place);
}

Test(frame_filter, focuses_and_ignores) {
  struct frame_filter filter = {0};
  struct fault fault;
  cr_expect(frame_filter_passes(&filter, &parse_stack));
  cr_assert_eq(frame_filter_focus(&filter, "^pa.*e$", &fault), 0);
  cr_expect(frame_filter_passes(&filter, &parse_stack));
  cr_expect_not(frame_filter_passes(&filter, &draw_stack));
  cr_assert_eq(frame_filter_focus(&filter, "^(draw|libc)", &fault), 0, "the last one counts");
  cr_expect(frame_filter_passes(&filter, &draw_stack));
  cr_expect(frame_filter_passes(&filter, &parse_stack), "by its module");
  cr_assert_eq(frame_filter_ignore(&filter, "buffer\\.c", &fault), 0);
  cr_expect_not(frame_filter_passes(&filter, &parse_stack), "by its file");
  cr_expect_eq(frame_filter_ignore(&filter, "a(b", &fault), -EINVAL);
  cr_expect_not_null(strstr(fault.words, "`a(b` is no regular expression: "));
  frame_filter_free(&filter);
}

static const struct call_node *child(const struct call_node *parent, const char *name) {
  for (const struct call_node *node = parent->child; node; node = node->next)
    if (strcmp(node->name, name) == 0) return node;
  return NULL;
}

Test(call_tree, joins_what_stacks_have_in_common) {
  struct call_node root = {0};
  parse_stack.count = 3;
  cr_assert_eq(call_tree_add(&root, &parse_stack, false, 10), 0);
  cr_assert_eq(call_tree_add(&root, &draw_stack, false, 30), 0);
  call_tree_sort(&root);
  const struct call_node *main_node = child(&root, "main");
  cr_assert_not_null(main_node);
  cr_expect_eq(root.weight, 40);
  cr_expect_eq(main_node->weight, 40);
  cr_expect_str_eq(main_node->child->name, "draw", "the heaviest first");
  cr_expect_eq(main_node->child->own, 30);
  cr_expect_eq(child(child(main_node, "parse"), "grow")->own, 10);
  call_tree_free(&root);
  cr_expect_null(root.child);
}

/* Names of templates may differ far behind. */
Test(call_tree, long_names_that_begin_alike_are_two) {
  struct call_node root = {0};
  char names[2][3000];
  for (int i = 0; i < 2; i++) {
    memset(names[i], 'n', sizeof names[i]);
    names[i][sizeof names[i] - 2] = (char)('1' + i);
    names[i][sizeof names[i] - 1] = '\0';
    struct stack_frame frame = {.function = names[i]};
    cr_assert_eq(call_tree_add(&root, &(struct stack){.count = 1, .frame = &frame}, false, 10), 0);
  }
  cr_expect_not_null(root.child->next);
  cr_expect_eq(root.child->weight, 10);
  call_tree_free(&root);
}

Test(call_tree, goes_outward_where_that_is_wished) {
  struct call_node root = {0};
  parse_stack.count = 3;
  cr_assert_eq(call_tree_add(&root, &parse_stack, true, 10), 0);
  cr_assert_eq(call_tree_add(&root, &draw_stack, true, 30), 0);
  cr_expect_eq(child(&root, "grow")->weight, 10);
  cr_expect_eq(child(child(&root, "draw"), "main")->own, 30);
  call_tree_free(&root);
}

/* ---- suppressions -------------------------------------------------------------------------------------- */

static struct suppressions suppressions;
static struct fault fault;

static int read_text(const char *text) {
  char path[] = "/tmp/ration-unit-XXXXXX";
  int fd = mkstemp(path);
  cr_assert_geq(fd, 0);
  cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
  int error = suppressions_read(path, &suppressions, &fault);
  unlink(path);
  return error;
}

Test(suppressions, fit_as_those_of_leak_sanitizer) {
  static const struct {
    const char *pattern;
    int fits;
  } cases[] = {
      {"parse", 1},   {"ars", 1},       {"^parse", 1},   {"^arse", 0},       {"parse$", 1},
      {"pars$", 0},   {"^parse$", 1},   {"^p*e$", 1},    {"p*x", 0},         {"buffer.c", 1},
      {"libc.so", 1}, {"^libc.so$", 0}, {"^libc*6$", 1}, {"draw", 0},        {"*", 1},
      {"^*$", 1},     {"s*q*s", 0},     {"/src/*.c", 1}, {"^/src/*r.c$", 1},
  };
  parse_stack.count = 5;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[64];
    snprintf(text, sizeof text, "# known\n\n leak:%s \n", cases[i].pattern);
    cr_assert_eq(read_text(text), 0, "%s", fault.words);
    cr_assert_eq(suppressions.count, 1);
    cr_expect_eq(suppressions_fit(&suppressions, &parse_stack), cases[i].fits, "%s", cases[i].pattern);
    suppressions_free(&suppressions);
  }
}

Test(suppressions, name_the_line_that_is_wrong) {
  cr_expect_eq(read_text("leak:a\nrace:b\n"), -EINVAL);
  cr_expect_not_null(strstr(fault.words, ":2: `race:b`: expected leak:PATTERN"), "%s", fault.words);
  cr_expect_eq(read_text("leak:\n"), -EINVAL);
  cr_expect_eq(suppressions_read("/nonexistent", &suppressions, &fault), -ENOENT);
  cr_expect_eq(read_text(""), 0);
  cr_expect_not(suppressions_fit(&suppressions, &parse_stack));
}

/* Whatever a segment and the debug information say: trees of stacks are gone through by recursion. */
Test(stack, has_an_end) {
  const size_t count = 3 * STACK_FRAMES_MOST;
  uint64_t *frames = calloc(count, sizeof *frames);
  for (size_t i = 0; i < count; i++) frames[i] = i;
  struct site_facts site = {.frame_count = (uint32_t)count, .frames = frames};
  struct site_list sites = {.count = 1, .site = &site};
  struct symbols *symbols = symbols_open(&(struct symbol_places){0});
  struct stack stack;
  cr_assert_eq(stack_of(symbols, &sites, &site, &stack), 0);
  cr_expect_eq(stack.count, STACK_FRAMES_MOST);
  cr_expect_eq(stack.frame[0].offset, 0, "the innermost ones are kept");
  cr_expect_eq(stack.frame[STACK_FRAMES_MOST - 1].offset, STACK_FRAMES_MOST - 1);
  stack_free(&stack);
  symbols_close(symbols);
  free(frames);
}
