/*
 * say.c: tests of src/base/say.c.
 */
#include "base/say.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What say() writes to descriptor 2. */
static ssize_t said(const char *words, char *ret_bytes, size_t room) {
  int ends[2], kept = dup(STDERR_FILENO);
  cr_assert_eq(pipe(ends), 0);
  dup2(ends[1], STDERR_FILENO);
  errno = 77;
  say(words);
  int error = errno;
  dup2(kept, STDERR_FILENO);
  close(ends[1]);
  ssize_t bytes = read(ends[0], ret_bytes, room);
  close(ends[0]);
  cr_assert_eq(error, 77);
  return bytes;
}

Test(say, writes_one_line) {
  char line[1024];
  cr_assert_eq(said("segment in memory only", line, sizeof line), 31);
  cr_assert_arr_eq(line, "ration: segment in memory only\n", 31);
}

Test(say, cuts_a_line_at_512_bytes) {
  char words[1000], line[1024];
  memset(words, 'w', sizeof words - 1);
  words[sizeof words - 1] = '\0';
  ssize_t bytes = said(words, line, sizeof line);
  cr_assert_leq(bytes, 512);
  cr_assert_gt(bytes, 500);
  cr_assert_eq(line[bytes - 1], '\n');
}
