/*
 * microhttpd.h: libmicrohttpd, loaded when it is needed: it brings the whole of GnuTLS, for which no other command has to
 * wait. Functions are named as in its header, without MHD_.
 */
#ifndef RATION_TOOL_SERVE_MICROHTTPD_H
#define RATION_TOOL_SERVE_MICROHTTPD_H

#include <microhttpd.h>

#include "reader/fault.h"

#define MICROHTTPD_FUNCTIONS(of)                                                                             \
  of(start_daemon) of(stop_daemon) of(quiesce_daemon) of(suspend_connection) of(resume_connection)           \
      of(get_connection_info) of(get_connection_values) of(lookup_connection_value)                          \
          of(basic_auth_get_username_password) of(free) of(create_response_from_buffer)                      \
              of(add_response_header) of(queue_response) of(destroy_response)

struct microhttpd {
#define MEMBER(name) __typeof__(MHD_##name) *name;
  MICROHTTPD_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* It stays. Returns 0, or -ENOENT: it is not there, with words that say how to get it. */
int microhttpd_load(struct microhttpd *ret_library, struct fault *ret_fault);

#endif
