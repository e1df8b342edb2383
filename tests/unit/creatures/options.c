/*
 * options.c: tests of options.h.
 */
#include "options.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char said[512]; /* on stderr, by the last parse */

/* words: parted by spaces. */
static int parse(const char *words, struct options *ret_options) {
  static char text[256];
  char *argv[32] = {text}, *rest = NULL;
  int argc = 1;
  snprintf(text, sizeof text, "creatures %s", words);
  argv[0] = strtok_r(text, " ", &rest);
  while ((argv[argc] = strtok_r(NULL, " ", &rest))) argc++;
  int kept = dup(STDERR_FILENO);
  FILE *stream = tmpfile();
  cr_assert(kept >= 0 && stream);
  cr_assert_geq(dup2(fileno(stream), STDERR_FILENO), 0);
  int status = options_parse(ret_options, argc, argv);
  (void)dup2(kept, STDERR_FILENO);
  (void)close(kept);
  rewind(stream);
  said[fread(said, 1, sizeof said - 1, stream)] = '\0';
  (void)fclose(stream);
  return status;
}

Test(options, have_defaults) {
  struct options options;
  cr_assert_eq(parse("", &options), 0, "%s", said);
  cr_expect_eq(options.settings.creatures, 1000);
  cr_expect_eq(options.settings.threads, 1);
  cr_expect_eq(options.settings.budget, UINT64_C(4) << 30);
  cr_expect_eq(options.frames, 600);
  cr_expect_null(options.settings.load);
  cr_expect_null(options.save);
  cr_expect(!options.is_json && !options.is_view);
  cr_expect_str_empty(said);
}

Test(options, are_what_is_said) {
  struct options options;
  cr_assert_eq(parse("--creatures 7 --seconds=0.5 --seed 9 --threads 2 --budget 64M --limits memories=5 "
                     "--pressure-script a --save b --json",
                     &options),
               0, "%s", said);
  cr_expect_eq(options.settings.creatures, 7);
  cr_expect_eq(options.frames, 30);
  cr_expect_eq(options.settings.seed, 9);
  cr_expect_eq(options.settings.threads, 2);
  cr_expect_eq(options.settings.budget, 64u << 20);
  cr_expect_str_eq(options.settings.limits, "memories=5");
  cr_expect_str_eq(options.settings.script, "a");
  cr_expect_str_eq(options.save, "b");
  cr_expect(options.is_json);
  cr_assert_eq(parse("--load c --threads 2 --budget 64M --seconds 5 --save b", &options), 0, "%s", said);
  cr_expect_str_eq(options.settings.load, "c");
}

Test(options, count_seconds_in_frames) {
  struct options options;
  cr_assert_eq(parse("--seconds 0", &options), 0);
  cr_expect_eq(options.frames, 0);
  cr_assert_eq(parse("--seconds .01", &options), 0);
  cr_expect_eq(options.frames, 1);
  cr_assert_eq(parse("--seconds 0.1", &options), 0);
  cr_expect_eq(options.frames, 6);
}

Test(options, that_are_wrong_are_named_in_one_line) {
  static const struct {
    const char *words, *says;
  } wrong[] = {{"--creatures 0", "--creatures: `0`"},
               {"--creatures -5", "`-5`"},
               {"--creatures 1e3", "`1e3`"},
               {"--creatures 99999999999", "--creatures"},
               {"--seconds x", "--seconds: `x`"},
               {"--seconds -1", "`-1`"},
               {"--seconds nan", "`nan`"},
               {"--seconds 1e99", "`1e99`"},
               {"--seconds 0x10", "`0x10`"},
               {"--creatures 5\n6", "--creatures: `5?6`"},
               {"--no\nsense", "--no?sense"},
               {"--load a --creatures 5", "--creatures: the world of --load has its own"},
               {"--seed 5 --load a", "--seed: the world of --load"},
               {"--load a --limits memories=5", "--limits: the world of --load"},
               {"--seed 99999999999999999999", "--seed"},
               {"--threads 65", "--threads: `65` is no number from 1 to 64"},
               {"--budget 4X", "--budget: `4X`"},
               {"--budget 0", "--budget: `0`"},
               {"--budget 99999999T", "--budget"},
               {"--limits nonsense=5", "nonsense"},
               {"--limits memories=0", "memories=0"},
               {"--nonsense", "--nonsense"},
               {"--seed", "--seed"},
               {"-x", "-x"},
               {"word", "word: takes no arguments"},
               {"--json --view", "--json and --view"}};
  struct options options = {.frames = 1};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    cr_expect_eq(parse(wrong[i].words, &options), STATUS_WRONG, "%s", wrong[i].words);
    cr_expect_eq(strncmp(said, "creatures: ", 11), 0, "%s: %s", wrong[i].words, said);
    cr_expect_not_null(strstr(said, wrong[i].says), "%s: %s", wrong[i].words, said);
    const char *end = strchr(said, '\n');
    cr_expect(end && !end[1], "%s: one line: %s", wrong[i].words, said);
  }
  cr_expect_eq(options.frames, 1, "untouched");
}

Test(options, read_sizes) {
  static const struct {
    const char *text;
    int error;
    uint64_t bytes;
  } sizes[] = {{"0", 0, 0},
               {"17", 0, 17},
               {"3K", 0, 3072},
               {"2M", 0, 2u << 20},
               {"4G", 0, UINT64_C(4) << 30},
               {"1T", 0, UINT64_C(1) << 40},
               {"16777216T", -ERANGE, 0},
               {"18446744073709551616", -ERANGE, 0},
               {"", -EINVAL, 0},
               {"K", -EINVAL, 0},
               {"-1", -EINVAL, 0},
               {"1KB", -EINVAL, 0},
               {"1k", -EINVAL, 0}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    uint64_t bytes = 0;
    cr_expect_eq(options_read_size(sizes[i].text, &bytes), sizes[i].error, "%s", sizes[i].text);
    cr_expect_eq(bytes, sizes[i].bytes, "%s", sizes[i].text);
  }
}
