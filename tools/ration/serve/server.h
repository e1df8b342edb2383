/*
 * server.h: HTTP: takes requests, has their answers made, sends these. It only reads.
 *
 * One thread waits for all connections, and never for anything else: answers are made in lanes.
 */
#ifndef RATION_TOOL_SERVE_SERVER_H
#define RATION_TOOL_SERVE_SERVER_H

#include "serve/endpoint.h"
#include "serve/lane.h"
#include "serve/listener.h"
#include "serve/serving.h"
#include "serve/token.h"

struct server_wishes {
  struct listener listener;  /* is the server's, once it has started */
  const struct token *token; /* NULL: none is needed */
  const char *certificate;   /* PEM; NULL: no TLS */
  const char *key;
};

struct server;

/* Returns 0; -EINVAL: certificate and key are none, or do not fit; or another -errno; with words. `serving` must stay. */
int server_start(const struct server_wishes *wishes, struct serving *serving, struct server **ret_server,
                 struct fault *ret_fault);

/* Where more may be done by the way. */
struct lane *server_lane(struct server *server, enum endpoint_lane lane);

/* What is due now and then: ends connections that take too long. */
void server_tend(struct server *server);

/* Whoever waits for an answer gets one, if it is only that there is none any more. NULL: there is none. */
void server_stop(struct server *server);

#endif
