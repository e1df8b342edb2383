/*
 * page_answer.c: `/`: the page, which fetches what it shows from /api/v1/.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "serve/answer.h"
#include "serve/serving.h"

#define PAGE_NAME "page.html"

static int find(char ret_path[PATH_MAX], struct fault *ret_fault);
static int copy(const char *path, FILE *to, struct fault *ret_fault);

void page_answer(struct serving *serving, const struct question *question, struct answer *ret_answer) {
  char path[PATH_MAX];
  struct answer_body body;
  struct fault fault;
  (void)serving, (void)question;
  int error = answer_begin(&body, &fault);
  if (!error) error = find(path, &fault);
  if (!error) error = copy(path, body.to, &fault);
  answer_end(&body, error, &fault, ANSWER_HTML, ret_answer);
}

/* Beside the command, as it is built; else where it is installed. */
static int find(char ret_path[PATH_MAX], struct fault *ret_fault) {
  static const char *const places[] = {"/web/" PAGE_NAME, "/../share/ration/" PAGE_NAME};
  char folder[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
  if (length < 0) return fault_set(ret_fault, -errno, "cannot tell where it lies: %s", strerror(errno));
  folder[length] = 0;
  *strrchr(folder, '/') = 0;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    int bytes = snprintf(ret_path, PATH_MAX, "%s%s", folder, places[i]);
    if (bytes > 0 && bytes < PATH_MAX && access(ret_path, R_OK) == 0) return 0;
  }
  return fault_set(ret_fault, -ENOENT,
                   "the page is not built here: `make web` builds it. There are also /metrics, /debug/pprof/ "
                   "and /api/v1/processes");
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
