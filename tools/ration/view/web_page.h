/*
 * web_page.h: the web page: the file that `make web` builds, and a copy of it with data inside.
 */
#ifndef RATION_TOOL_VIEW_WEB_PAGE_H
#define RATION_TOOL_VIEW_WEB_PAGE_H

#include <limits.h>
#include <stdio.h>

#include "reader/fault.h"

/*
 * The path of page.html: in web/ beside this executable, else in ../share/ration. Returns 0; -ENOENT, with words that say how
 * to get it, or another -errno.
 */
int web_page_find(char ret_path[PATH_MAX], struct fault *ret_fault);

/*
 * Writes the page at `path` to `to`, with `bytes` of JSON inside, which it shows instead of asking a server; what it is opened with
 * is told to let it reach no network. What becomes of `to` is the caller's care. Returns 0, -EBADMSG: it is no such page, or
 * another -errno; with words.
 */
int web_page_fill(const char *path, const char *json, size_t bytes, FILE *to, struct fault *ret_fault);

#endif
