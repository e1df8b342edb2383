/*
 * listener.h: the socket at which requests come: opened here, or given by whoever started us.
 */
#ifndef RATION_TOOL_SERVE_LISTENER_H
#define RATION_TOOL_SERVE_LISTENER_H

#include <stdbool.h>

#include "reader/fault.h"

#define LISTENER_NAME_BYTES 128

struct listener {
  int fd;
  bool is_local;                  /* nobody but this machine reaches it */
  char name[LISTENER_NAME_BYTES]; /* 127.0.0.1:9470, as it stands in a URL */
};

/* ADDRESS:PORT; port 0: any that is free. Returns 0; -ERANGE: that is none; or another -errno; with words. */
int listener_open(const char *text, struct listener *ret_listener, struct fault *ret_fault);

/* The one that systemd gave (sd_listen_fds(3)). Returns 0, -ENOENT: it gave none; -EINVAL: others than one; with words. */
int listener_inherit(struct listener *ret_listener, struct fault *ret_fault);

/* Whether a Host header names an address and no host, or this machine: NULL does not. A page from elsewhere that lets its
 * own name lead here has that name there. */
bool listener_is_literal(const char *host);

#endif
