/*
 * request.h: one request, from its head to its answer: what libmicrohttpd calls.
 */
#ifndef RATION_TOOL_SERVE_REQUEST_H
#define RATION_TOOL_SERVE_REQUEST_H

#include "serve/connections.h"
#include "serve/microhttpd.h"
#include "serve/server.h"

/* The server as its own file and requests see it: for others it is opaque. */
struct server {
  struct microhttpd http;
  struct MHD_Daemon *daemon;
  struct serving *serving;
  const struct token *token; /* NULL: none is needed */
  bool checks_host;          /* a request must name an address, or this machine */
  struct lane *lanes[LANE_COUNT];
  struct connections connections;
};

enum MHD_Result request_handle(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_bytes, void **ret_request);

void request_complete(void *context, struct MHD_Connection *connection, void **ret_request,
                      enum MHD_RequestTerminationCode code);

#endif
