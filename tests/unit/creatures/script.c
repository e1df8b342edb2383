/*
 * script.c: tests of pressure/script.h.
 */
#include "pressure/script.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <ration/ration.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char file[64];

static void write_script(const char *text) {
  snprintf(file, sizeof file, "/tmp/creatures-script-%ld", (long)getpid());
  FILE *stream = fopen(file, "w");
  cr_assert_not_null(stream);
  cr_assert_geq(fputs(text, stream), 0);
  cr_assert_eq(fclose(stream), 0);
}

static int read_script(struct script *script, const char *text, const char **ret_wrong) {
  write_script(text);
  int error = script_read(script, NULL, file, ret_wrong);
  unlink(file);
  return error;
}

Test(script, says_the_level_from_each_frame_on) {
  struct script script;
  const char *wrong = NULL;
  uint32_t level = 99;
  cr_assert_eq(read_script(&script, "# first\n\n 10 low\n20\tcritical # no more\r\n30 none", &wrong), 0);
  cr_expect_eq(script_take(&script, 9, &level), 0);
  cr_expect_eq(level, 99);
  cr_expect_eq(script_take(&script, 10, &level), 1);
  cr_expect_eq(level, RATION_LEVEL_LOW);
  cr_expect_eq(script_take(&script, 11, &level), 0);
  cr_expect_eq(script_take(&script, 20, &level), 1);
  cr_expect_eq(level, RATION_LEVEL_CRITICAL);
  cr_expect_eq(script_take(&script, 31, &level), 1);
  cr_expect_eq(level, RATION_LEVEL_NONE);
  cr_expect_eq(script_take(&script, 1000, &level), 0);
  script_done(&script);
}

Test(script, passes_over_lines_whose_frames_are_gone) {
  struct script script;
  const char *wrong = NULL;
  uint32_t level = 99;
  cr_assert_eq(read_script(&script, "1 low\n2 high\n3 medium\n", &wrong), 0);
  cr_expect_eq(script_take(&script, 2, &level), 1);
  cr_expect_eq(level, RATION_LEVEL_HIGH);
  script_done(&script);
}

Test(script, may_be_empty) {
  struct script script;
  const char *wrong = NULL;
  uint32_t level;
  cr_assert_eq(read_script(&script, "# nothing\n", &wrong), 0);
  cr_expect_eq(script_take(&script, 5, &level), 0);
  script_done(&script);
}

Test(script, that_is_wrong_is_told_by_file_and_line) {
  static const struct {
    const char *text, *at, *says;
  } scripts[] = {{"1 low\nx high\n", ":2: ", "no frame"}, {"-1 low\n", ":1: ", "no frame"},
                 {"1 hot\n", ":1: ", "no level"},         {"\n\n5\n", ":3: ", "no level"},
                 {"5 low high\n", ":1: ", "too much"},    {"5 low\n5 high\n", ":2: ", "order"},
                 {"9 low\n8 high\n", ":2: ", "order"},    {"99999999999999999999 low\n", ":1: ", "no frame"},
                 {"4294967295 low\n", ":1: ", "no frame"}};
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
    struct script script;
    const char *wrong = NULL;
    cr_expect_eq(read_script(&script, scripts[i].text, &wrong), -EINVAL, "%s", scripts[i].text);
    cr_assert_not_null(wrong);
    cr_expect_eq(strncmp(wrong, file, strlen(file)), 0, "%s", wrong);
    cr_expect_eq(strncmp(wrong + strlen(file), scripts[i].at, strlen(scripts[i].at)), 0, "%s", wrong);
    cr_expect_not_null(strstr(wrong, scripts[i].says), "%s", wrong);
    cr_expect_null(strchr(wrong, '\n'));
  }
}

/* A stream of them has no end. */
Test(script, with_a_byte_of_zero_is_refused) {
  struct script script;
  const char *wrong = NULL;
  cr_expect_eq(script_read(&script, NULL, "/dev/zero", &wrong), -EINVAL);
  cr_expect_not_null(strstr(wrong, "/dev/zero:1: a byte of zero"), "%s", wrong);
}

Test(script, with_too_long_a_line_or_none_at_all_is_refused) {
  struct script script;
  const char *wrong = NULL;
  char text[400];
  memset(text, ' ', sizeof text);
  memcpy(text, "1 low", 5);
  text[sizeof text - 1] = '\0';
  cr_expect_eq(read_script(&script, text, &wrong), -EINVAL);
  cr_expect_not_null(strstr(wrong, ":1: longer"), "%s", wrong);
  cr_expect_eq(script_read(&script, NULL, "/nowhere/at/all", &wrong), -ENOENT);
  cr_expect_not_null(strstr(wrong, "/nowhere/at/all: cannot be read"), "%s", wrong);
}
