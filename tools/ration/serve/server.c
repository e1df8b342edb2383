/*
 * server.c: a daemon of libmicrohttpd and two lanes.
 */
#include "serve/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/connections.h"
#include "serve/request.h"

#define REQUEST_BYTES    ((size_t)32 << 10) /* with all its headers */
#define CONNECTIONS_HARD (2 * CONNECTIONS_MOST)

static int start_lanes(struct server *server);
static int start_daemon(struct server *server, const struct server_wishes *wishes, struct fault *ret_fault);
static size_t unescape(void *context, struct MHD_Connection *connection, char *text);
static void note_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code);
static void free_server(struct server *server);

int server_start(const struct server_wishes *wishes, struct serving *serving, struct server **ret_server,
                 struct fault *ret_fault) {
  struct server *server = calloc(1, sizeof *server);
  if (!server) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  server->serving = serving;
  server->token = wishes->token;
  server->checks_host = wishes->listener.is_local && !wishes->token;
  pthread_mutex_init(&server->connections.mutex, NULL);
  int error = microhttpd_load(&server->http, ret_fault);
  if (!error && start_lanes(server) != 0)
    error = fault_set(ret_fault, -ENOMEM, "not enough memory for its threads");
  if (!error) error = start_daemon(server, wishes, ret_fault);
  if (error)
    free_server(server);
  else
    *ret_server = server;
  return error;
}

struct lane *server_lane(struct server *server, enum endpoint_lane lane) {
  return server->lanes[lane];
}

void server_tend(struct server *server) {
  uint64_t cut = connections_cut(&server->connections, server->serving->timeout_ns);
  if (cut > 0) serving_count(server->serving, SERVING_CUT_OFF, cut);
}

/* No connection may wait for its answer when the daemon is stopped. */
void server_stop(struct server *server) {
  if (!server) return;
  MHD_socket listener = server->http.quiesce_daemon(server->daemon);
  for (size_t i = 0; i < LANE_COUNT; i++) lane_stop(server->lanes[i]);
  server->http.stop_daemon(server->daemon);
  if (listener != MHD_INVALID_SOCKET) close(listener);
  server->daemon = NULL;
  free_server(server);
}

static int start_lanes(struct server *server) {
  for (size_t i = 0; i < LANE_COUNT; i++) {
    server->lanes[i] = lane_start();
    if (!server->lanes[i]) return -ENOMEM;
  }
  return 0;
}

static int start_daemon(struct server *server, const struct server_wishes *wishes, struct fault *ret_fault) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  unsigned seconds = (unsigned)((server->serving->timeout_ns + 999999999u) / 1000000000u);
  const struct MHD_OptionItem of_tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)wishes->certificate},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)wishes->key},
      {MHD_OPTION_END, 0, NULL}};
  const struct MHD_OptionItem of_none[] = {{MHD_OPTION_END, 0, NULL}};
  if (wishes->certificate) flags |= MHD_USE_TLS;
  server->daemon = server->http.start_daemon(
      flags, 0, NULL, NULL, request_handle, server, MHD_OPTION_LISTEN_SOCKET, wishes->listener.fd,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_HARD, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      REQUEST_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, seconds, MHD_OPTION_NOTIFY_COMPLETED, request_complete,
      server, MHD_OPTION_NOTIFY_CONNECTION, note_connection, server, MHD_OPTION_UNESCAPE_CALLBACK, unescape,
      NULL, MHD_OPTION_ARRAY, wishes->certificate ? of_tls : of_none, MHD_OPTION_END);
  if (server->daemon) return 0;
  if (wishes->certificate)
    return fault_set(ret_fault, -EINVAL,
                     "certificate and key cannot be used: a PEM file each, that belong "
                     "together, are expected");
  return fault_set(ret_fault, -ENOMEM, "the server cannot be started: %s", strerror(errno));
}

static size_t unescape(void *context, struct MHD_Connection *connection, char *text) {
  (void)context, (void)connection;
  return endpoint_unescape(text);
}

static void note_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code) {
  struct server *server = context;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    uint64_t cut;
    const union MHD_ConnectionInfo *info =
        server->http.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *socket_context = info ? connections_add(&server->connections, info->connect_fd, &cut) : NULL;
    if (*socket_context && cut > 0) serving_count(server->serving, SERVING_CUT_OFF, cut);
  } else {
    connections_remove(&server->connections, *socket_context);
    *socket_context = NULL;
  }
}

static void free_server(struct server *server) {
  for (size_t i = 0; i < LANE_COUNT; i++) {
    lane_stop(server->lanes[i]);
    lane_free(server->lanes[i]);
  }
  pthread_mutex_destroy(&server->connections.mutex);
  free(server);
}
