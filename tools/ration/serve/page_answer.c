/*
 * page_answer.c: `/`: the page, which fetches what it shows from /api/v1/.
 */
#include <errno.h>
#include <string.h>

#include "serve/answer.h"
#include "serve/serving.h"
#include "view/web_page.h"

static int copy(const char *path, FILE *to, struct fault *ret_fault);

void page_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  char path[PATH_MAX];
  struct answer_body body;
  struct fault fault;
  (void)serving, (void)question;
  int error = answer_begin(&body, &fault);
  if (!error) error = web_page_find(path, &fault);
  if (!error) error = copy(path, body.to, &fault);
  answer_end(&body, error, &fault, ANSWER_HTML, ret_answer);
}

static int copy(const char *path, FILE *to, struct fault *ret_fault) {
  char bytes[16384];
  FILE *from = fopen(path, "re");
  if (!from) return fault_set(ret_fault, -EIO, "the page cannot be read: %s", strerror(errno));
  for (size_t count; (count = fread(bytes, 1, sizeof bytes, from)) > 0;) fwrite(bytes, 1, count, to);
  int error = ferror(from) ? fault_set(ret_fault, -EIO, "the page cannot be read") : 0;
  fclose(from);
  return error;
}
