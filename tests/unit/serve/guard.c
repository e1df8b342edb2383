/*
 * Tests of serve/token.c, listener.c, pid_map.c and html.c: what comes from outside, and is not to be trusted.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/html.h"
#include "serve/listener.h"
#include "serve/pid_map.h"
#include "serve/token.h"

static int read_token(const char *bytes, struct token *ret_token) {
  char path[] = "/tmp/ration-token-XXXXXX";
  int fd = mkstemp(path);
  cr_assert_geq(fd, 0);
  cr_assert_eq(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
  close(fd);
  struct fault fault;
  int error = token_read(path, ret_token, &fault);
  unlink(path);
  return error;
}

Test(token, is_the_line_of_its_file) {
  struct token token;
  cr_assert_eq(read_token("s3cret\n", &token), 0);
  cr_expect(token_is(&token, "s3cret"));
  cr_assert_eq(read_token("s3cret", &token), 0);
  cr_expect(token_is(&token, "s3cret"));
}

Test(token, is_no_other) {
  struct token token;
  char text[3000];
  cr_assert_eq(read_token("s3cret\n", &token), 0);
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  const char *const others[] = {"", "s3cre", "s3crets", "S3CRET", "x", text, NULL};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    cr_expect_not(token_is(&token, others[i]), "%zu", i);
}

Test(token, stands_in_a_header) {
  struct token token;
  cr_assert_eq(read_token("s3cret\n", &token), 0);
  cr_expect(token_is_borne(&token, "Bearer s3cret"));
  cr_expect(token_is_borne(&token, "bearer s3cret"));
  const char *const others[] = {NULL, "", "Bearer", "Bearer ", "Bearer  s3cret", "s3cret", "Basic s3cret"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    cr_expect_not(token_is_borne(&token, others[i]), "%zu", i);
}

Test(token, files_that_hold_none) {
  struct token token = {"kept"};
  char text[1200];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  const char *const files[] = {"", "\n", "two words", "two\nlines\n", "\x80\n", text};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    cr_expect_eq(read_token(files[i], &token), -ERANGE, "%zu", i);
  cr_expect_str_eq(token.text, "kept");
  text[1024] = 0;
  cr_expect_eq(read_token(text, &token), 0, "as long as one may be");
}

Test(listener, hosts_that_are_addresses) {
  const char *const hosts[] = {"localhost", "LocalHost:80", "127.0.0.1", "10.0.0.1:9470",
                               "[::1]",     "[::1]:9470",   "::1"};
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
    cr_expect(listener_is_literal(hosts[i]), "%s", hosts[i]);
  const char *const others[] = {
      NULL,  "",         "evil.example", "evil.example:9470", "127.0.0.1.evil.example", "localhost.evil",
      ":80", "[evil]:80"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    cr_expect_not(listener_is_literal(others[i]), "%zu", i);
}

Test(pid_map, a_status_has_the_pid_of_the_innermost_namespace_last) {
  cr_expect_eq(pid_map_parse("Name:\tx\nNSpid:\t4711\t17\t1\nNSsid:\t1\n"), 1u);
  cr_expect_eq(pid_map_parse("Name:\tx\nNSpid:\t4711\n"), 4711u);
  cr_expect_eq(pid_map_parse("Name:\tNSpid:\t1\n"), 0u);
  cr_expect_eq(pid_map_parse("Name:\tx\nNSpid:\t99999999999\n"), 0u);
  cr_expect_eq(pid_map_parse(""), 0u);
}

static void writes(void write_as(FILE *, const char *), const char *bytes, const char *expected) {
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  write_as(to, bytes);
  fclose(to);
  cr_expect_str_eq(text, expected);
  free(text);
}

Test(html, text_is_text) {
  writes(html_text, "<a href='x'>\"&\x1b[1m\xff", "&#60;a href=&#39;x&#39;&#62;&#34;&#38;\\x1b[1m\\xff");
  writes(html_query, "a b/\"<&%\xff-._~", "a%20b%2F%22%3C%26%25%FF-._~");
}
