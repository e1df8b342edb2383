/*
 * web_page.c: the data goes in the place of a comment of the page.
 */
#include "view/web_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/procfs.h"

#define PLACE_OF_DATA "<!-- data -->"
/* Beside the page's own policy, which lets it ask the server that it comes from; of two, both hold. */
#define NO_NETWORK "<meta http-equiv=\"Content-Security-Policy\" content=\"connect-src 'none'\">\n"
#define DATA_BEGIN "<script type=\"application/json\" id=\"data\">"
#define DATA_END   "</script>"

static int read_page(const char *path, char **ret_page, struct fault *ret_fault);
static void write_json(const char *json, size_t bytes, FILE *to);

int web_page_find(char ret_path[PATH_MAX], struct fault *ret_fault) {
  static const char *const places[] = {"/web/page.html", "/../share/ration/page.html"};
  char folder[PATH_MAX], path[PATH_MAX + 64];
  int error = procfs_own_folder(folder);
  if (error) return fault_set(ret_fault, error, "cannot tell where ration lies: %s", strerror(-error));
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    snprintf(path, sizeof path, "%s%s", folder, places[i]);
    if (access(path, R_OK) == 0 && realpath(path, ret_path)) return 0;
  }
  return fault_set(
      ret_fault, -ENOENT,
      "page.html is neither in %s/web nor in ../share/ration; `make web` builds it, with Node.js", folder);
}

int web_page_fill(const char *path, const char *json, size_t bytes, FILE *to, struct fault *ret_fault) {
  char *page = NULL;
  int error = read_page(path, &page, ret_fault);
  if (!page) return error;
  const char *place = strstr(page, PLACE_OF_DATA);
  if (place) {
    fwrite(page, 1, (size_t)(place - page), to);
    fputs(NO_NETWORK DATA_BEGIN, to);
    write_json(json, bytes, to);
    fputs(DATA_END, to);
    fputs(place + strlen(PLACE_OF_DATA), to);
  }
  free(page);
  return place ? 0
               : fault_set(ret_fault, -EBADMSG, "%s has no place for data; `make web` builds it anew", path);
}

/* Text, so up to a byte that no text has. */
static int read_page(const char *path, char **ret_page, struct fault *ret_fault) {
  char *page = NULL;
  size_t room = 0;
  FILE *file = fopen(path, "re");
  if (!file) return fault_set(ret_fault, -errno, "%s: %s", path, strerror(errno));
  errno = 0;
  ssize_t length = getdelim(&page, &room, 0, file);
  int error = errno ? -errno : -EBADMSG;
  fclose(file);
  if (length >= 0 && page) {
    *ret_page = page;
    return 0;
  }
  free(page);
  return fault_set(ret_fault, error, "%s cannot be read: %s", path, strerror(-error));
}

/*
 * A script ends where its text says so, and is read on as something else behind a comment's begin, whatever JSON means by
 * that: both begin with `<`, which in JSON stands in strings alone.
 */
static void write_json(const char *json, size_t bytes, FILE *to) {
  const char *end = json + bytes;
  while (json < end) {
    const char *angle = memchr(json, '<', (size_t)(end - json));
    size_t plain = (size_t)((angle ? angle : end) - json);
    fwrite(json, 1, plain, to);
    json += plain;
    if (!angle) continue;
    fputs("\\u003c", to);
    json++;
  }
}
