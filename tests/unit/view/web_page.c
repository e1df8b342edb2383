/*
 * web_page.c: data goes into a page, and can end nothing of it.
 */
#include "view/web_page.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Returns what web_page_fill() does; its words are in `ret_filled`, which is freed by the caller. */
static int fill(const char *page, const char *json, char **ret_filled, struct fault *ret_fault) {
  char path[] = "/tmp/web_page.XXXXXX";
  size_t size = 0;
  int fd = mkstemp(path);
  cr_assert(fd >= 0);
  cr_assert_eq(write(fd, page, strlen(page)), (ssize_t)strlen(page));
  close(fd);
  FILE *to = open_memstream(ret_filled, &size);
  int error = web_page_fill(path, json, strlen(json), to, ret_fault);
  fclose(to);
  unlink(path);
  return error;
}

Test(web_page, data_stands_in_its_place_behind_what_forbids_the_network) {
  struct fault fault;
  char *filled = NULL;
  cr_expect_eq(fill("<head>\n<!-- data -->\n</head>", "{\"a\":1}", &filled, &fault), 0);
  cr_expect_str_eq(filled,
                   "<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"connect-src 'none'\">\n"
                   "<script type=\"application/json\" id=\"data\">{\"a\":1}</script>\n</head>");
  free(filled);
}

Test(web_page, no_name_ends_the_script_or_begins_a_comment) {
  struct fault fault;
  char *filled = NULL;
  cr_expect_eq(fill("<!-- data -->", "[\"</script><!--<\",\"<\"]", &filled, &fault), 0);
  cr_expect_not_null(strstr(filled, ">[\"\\u003c/script>\\u003c!--\\u003c\",\"\\u003c\"]</script>"), "%s",
                     filled);
  free(filled);
}

Test(web_page, what_has_no_place_for_data_is_no_page) {
  struct fault fault;
  char *filled = NULL;
  cr_expect_eq(fill("something else", "{}", &filled, &fault), -EBADMSG);
  cr_expect_str_empty(filled);
  free(filled);
  cr_expect_eq(web_page_fill("/no/such/page.html", "{}", 2, stderr, &fault), -ENOENT);
  cr_expect_not_null(strstr(fault.words, "/no/such/page.html"));
}
