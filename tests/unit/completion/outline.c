/*
 * Tests of completion/choice.c and outline.c: what help says of arguments, as completion takes it.
 */
#include "completion/outline.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct choice choice(const char *text) {
  return choice_of(text, strlen(text));
}

Test(choice, knows_the_words_of_help) {
  cr_expect(choice("PID").has_pids);
  cr_expect(choice("FILE").has_files);
  cr_expect(choice("CONFIG").has_files);
  cr_expect(choice("DIR").has_folders);
  cr_expect(choice("COMMAND").has_commands);
  cr_expect(choice("CMD").has_programs);
  struct choice two = choice("PID|FILE");
  cr_expect(two.has_pids && two.has_files && !two.has_folders);
}

Test(choice, takes_small_letters_for_words) {
  cr_expect_str_eq(choice("live|at-peak|2").words, "live at-peak 2");
  struct choice mixed = choice("ID|last");
  cr_expect(mixed.has_sessions);
  cr_expect_str_eq(mixed.words, "last");
}

Test(choice, has_nothing_for_what_says_nothing) {
  const char *const texts[] = {"", "|", "TIME", "N", "P%", "NAME=VALUE", "CATEGORY:LEVEL", "Pid", "PIDS"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct choice none = choice(texts[i]);
    cr_expect(choice_is_empty(&none), "%s", texts[i]);
  }
}

Test(choice, leaves_out_words_for_which_there_is_no_room) {
  char text[2 * CHOICE_WORDS_BYTES];
  memset(text, 'a', sizeof text);
  struct choice full = choice_of(text, sizeof text);
  cr_expect(choice_is_empty(&full));
  for (size_t i = 3; i < sizeof text; i += 4) text[i] = '|';
  full = choice_of(text, sizeof text);
  cr_expect_eq(strlen(full.words) % 4, 3, "each is whole: %s", full.words);
  cr_expect_lt(strlen(full.words), CHOICE_WORDS_BYTES);
}

static struct outline outline;

static void make(const struct argp *argp) {
  cr_assert_eq(outline_make("name", "summary", argp, &outline), 0);
}

static const struct argp_option of_child[] = {{"deep", 1000, "DIR", 0, "below", 0}, {0}};
static const struct argp child = {.options = of_child};
static const struct argp_option of_parent[] = {{"file", 'f', "FILE", 0, "a file", 0},
                                               {"other", 'o', NULL, OPTION_ALIAS, NULL, 0},
                                               {"hidden", 'h', NULL, OPTION_HIDDEN, "not told of", 0},
                                               {"maybe", 1001, "N", OPTION_ARG_OPTIONAL, "perhaps", 0},
                                               {NULL, 0, NULL, 0, "a heading", 3},
                                               {NULL, 'l', NULL, 0, "a letter alone", 0},
                                               {0}};
static const struct argp_child children[] = {{.argp = &child}, {0}};

Test(outline, has_the_options_of_an_argp_and_its_children) {
  make(&(struct argp){.options = of_parent, .children = children});
  const struct outline_option *options = outline.options;
  cr_assert_geq(outline.option_count, 3);
  cr_expect_eq(options[0].letter, 'f');
  cr_expect_str_eq(options[0].name, "file");
  cr_expect(options[0].choice.has_files);
  cr_expect_eq(options[1].letter, 'o', "another name of the one before");
  cr_expect_str_eq(options[1].name, "other");
  cr_expect(options[1].choice.has_files);
  cr_expect_str_eq(options[2].name, "maybe");
  cr_expect_eq(options[2].letter, 0);
  cr_expect(options[2].is_argument_optional);
  const struct outline_option *last = &options[outline.option_count - 1];
  cr_expect_str_eq(last->name, "deep");
  cr_expect(last->choice.has_folders);
}

static void has_positions(const char *usage, size_t count, bool repeats) {
  make(&(struct argp){.args_doc = usage});
  cr_expect_eq(outline.position_count, count, "%s", usage);
  cr_expect_eq(outline.repeats, repeats, "%s", usage);
}

Test(outline, reads_usage) {
  has_positions("PID|FILE", 1, false);
  cr_expect(outline.positions[0].has_pids && outline.positions[0].has_files);
  has_positions("[PID|FILE...]", 1, true);
  cr_expect(outline.positions[0].has_files);
  has_positions("PID ADDR", 2, false);
  cr_expect(choice_is_empty(&outline.positions[1]));
  has_positions("PID NAME=VALUE...", 2, true);
  has_positions("[--] CMD [ARG...]", 1, false);
  cr_expect(outline.positions[0].has_programs);
  has_positions("PID --on CATEGORY:LEVEL", 1, false);
  has_positions("-- CMD\nPID", 1, false);
  cr_expect(outline.positions[0].has_programs && outline.positions[0].has_pids);
  has_positions(NULL, 0, false);
  has_positions("", 0, false);
}

Test(outline, says_when_there_is_no_room) {
  struct argp_option many[OUTLINE_OPTIONS + 2] = {{0}};
  for (size_t i = 0; i <= OUTLINE_OPTIONS; i++) many[i] = (struct argp_option){.name = "name", .key = 2000};
  const struct argp too_many = {.options = many};
  cr_expect_eq(outline_make("name", "", &too_many, &outline), -E2BIG);
  const struct argp too_long = {.args_doc = "A B C D E F G H I J"};
  cr_expect_eq(outline_make("name", "", &too_long, &outline), -E2BIG);
}
