/*
 * curl.h: libcurl, loaded when it is needed, as microhttpd.h has it. Functions are named as in its header, without curl_.
 */
#ifndef RATION_TOOL_SERVE_CURL_H
#define RATION_TOOL_SERVE_CURL_H

#include <curl/curl.h>

#include "reader/fault.h"

#define CURL_FUNCTIONS(of)                                                                                   \
  of(global_init) of(easy_init) of(easy_cleanup) of(easy_reset) of(easy_setopt) of(easy_perform)             \
      of(easy_getinfo) of(easy_strerror) of(mime_init) of(mime_free) of(mime_addpart) of(mime_name)          \
          of(mime_data) of(mime_filename) of(url) of(url_cleanup) of(url_dup) of(url_set) of(url_get)        \
              of(free)

struct curl {
#define MEMBER(name) __typeof__(curl_##name) *name;
  CURL_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* It stays. Returns 0, or -ENOENT: it is not there, with words that say how to get it; -ENOMEM. */
int curl_load(struct curl *ret_library, struct fault *ret_fault);

#endif
