/*
 * request.c: what can be told at once is; else the connection rests until a lane has made its answer.
 */
#include "serve/request.h"

#include <stdlib.h>
#include <string.h>

struct request {
  struct server *server;
  struct MHD_Connection *connection;
  struct connection *place; /* NULL: it is watched by nobody */
  const struct endpoint *endpoint;
  struct question question;
  struct answer answer;
  bool is_asked;
  bool is_answered;
};

static struct request *begin(struct server *server, struct MHD_Connection *connection, const char *method);
static void ask(struct request *request, const char *url);
static bool check(struct request *request);
static bool is_let_in(const struct request *request);
static enum MHD_Result take_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value);
static lane_work work;
static void refuse(struct request *request, unsigned status, const char *words);
static enum MHD_Result send_answer(struct request *request);
static void add_headers(const struct request *request, struct MHD_Response *response);
static const char *header(const struct request *request, const char *name);

enum MHD_Result request_handle(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_bytes, void **ret_request) {
  struct request *request = *ret_request;
  (void)version, (void)upload;
  if (!request) {
    *ret_request = request = begin(context, connection, method);
    if (!request) return MHD_NO;
    return request->is_answered ? send_answer(request) : MHD_YES;
  }
  if (*upload_bytes > 0) {
    *upload_bytes = 0;
    return MHD_YES;
  }
  if (!request->is_asked) {
    request->is_asked = true;
    ask(request, url);
  }
  return request->is_answered ? send_answer(request) : MHD_YES;
}

void request_complete(void *context, struct MHD_Connection *connection, void **ret_request,
                      enum MHD_RequestTerminationCode code) {
  struct request *request = *ret_request;
  (void)context, (void)connection, (void)code;
  if (!request) return;
  connections_give(&request->server->connections, request->place);
  free(request->answer.bytes);
  free(request);
  *ret_request = NULL;
}

/* What is wrong with its head is said before its body is waited for. */
static struct request *begin(struct server *server, struct MHD_Connection *connection, const char *method) {
  struct request *request = calloc(1, sizeof *request);
  if (!request) return NULL;
  const union MHD_ConnectionInfo *info =
      server->http.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  request->server = server;
  request->connection = connection;
  request->place = info ? info->socket_context : NULL;
  const char *length = header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
  bool has_body = (length && strcmp(length, "0") != 0) || header(request, MHD_HTTP_HEADER_TRANSFER_ENCODING);
  if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
    refuse(request, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD: here all is for reading");
  else if (has_body)
    refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "a request has no body here");
  return request;
}

static void ask(struct request *request, const char *url) {
  uint32_t pid;
  request->endpoint = endpoint_find(url, &pid);
  if (!check(request)) return;
  request->question.dialect = endpoint_dialect(header(request, MHD_HTTP_HEADER_ACCEPT));
  request->server->http.get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, take_argument,
                                              request);
  if (request->is_answered) return;
  if (pid) request->question.pid = pid;
  connections_take(&request->server->connections, request->place);
  request->server->http.suspend_connection(request->connection);
  if (lane_put(request->server->lanes[request->endpoint->lane], work, request) == 0) return;
  refuse(request, MHD_HTTP_SERVICE_UNAVAILABLE, "too many requests wait; ask again in a second");
  request->server->http.resume_connection(request->connection);
}

/* In this order, so that who may not come in learns nothing of what there is. */
static bool check(struct request *request) {
  const struct server *server = request->server;
  bool is_open = request->endpoint && request->endpoint->is_open;
  if (server->checks_host && !listener_is_literal(header(request, MHD_HTTP_HEADER_HOST)))
    refuse(request, MHD_HTTP_FORBIDDEN,
           "name this machine by its address, or localhost; for other names give --token-file");
  else if (server->token && !is_open && !is_let_in(request))
    refuse(request, MHD_HTTP_UNAUTHORIZED, "the token is missing, or another one");
  else if (!request->endpoint)
    refuse(request, MHD_HTTP_NOT_FOUND,
           "nothing here; there are /, /metrics, /debug/pprof/ and /api/v1/processes");
  return !request->is_answered;
}

/* As Bearer, or as the password of anybody. */
static bool is_let_in(const struct request *request) {
  char *password = NULL;
  bool is_right = token_is_borne(request->server->token, header(request, MHD_HTTP_HEADER_AUTHORIZATION));
  char *name = request->server->http.basic_auth_get_username_password(request->connection, &password);
  is_right = (name && token_is(request->server->token, password)) || is_right;
  request->server->http.free(name);
  request->server->http.free(password);
  return is_right;
}

static enum MHD_Result take_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value) {
  struct request *request = context;
  struct fault fault;
  (void)kind;
  if (endpoint_take(&request->question, name, value, &fault) == 0) return MHD_YES;
  refuse(request, MHD_HTTP_BAD_REQUEST, fault.words);
  return MHD_NO;
}

/* In a lane's thread: what is written here the server's sees, since it is told through a lock. */
static void work(void *context, bool is_refused) {
  struct request *request = context;
  if (is_refused) {
    refuse(request, MHD_HTTP_SERVICE_UNAVAILABLE, "it is about to end");
  } else {
    request->endpoint->make(request->server->serving, &request->question, &request->answer);
    request->is_answered = true;
  }
  request->server->http.resume_connection(request->connection);
}

static void refuse(struct request *request, unsigned status, const char *words) {
  if (request->is_answered) return;
  if (request->endpoint && request->endpoint->is_of_api)
    answer_error(&request->answer, status, words);
  else
    answer_words(&request->answer, status, words);
  request->is_answered = true;
}

static enum MHD_Result send_answer(struct request *request) {
  struct answer *answer = &request->answer;
  if (!answer->bytes) return MHD_NO;
  struct MHD_Response *response =
      request->server->http.create_response_from_buffer(answer->size, answer->bytes, MHD_RESPMEM_MUST_FREE);
  if (!response) return MHD_NO;
  answer->bytes = NULL;
  add_headers(request, response);
  connections_give(&request->server->connections, request->place);
  enum MHD_Result result =
      request->server->http.queue_response(request->connection, answer->status, response);
  request->server->http.destroy_response(response);
  serving_count_answer(request->server->serving, answer->status);
  return result;
}

static void add_headers(const struct request *request, struct MHD_Response *response) {
  request->server->http.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, request->answer.type);
  request->server->http.add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  request->server->http.add_response_header(response, "X-Content-Type-Options", "nosniff");
  request->server->http.add_response_header(response, "X-Frame-Options", "DENY");
  request->server->http.add_response_header(response, "Referrer-Policy", "no-referrer");
  switch (request->answer.status) {
  case MHD_HTTP_UNAUTHORIZED:
    request->server->http.add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                              "Bearer realm=\"ration\"");
    request->server->http.add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                              "Basic realm=\"ration\"");
    break;
  case MHD_HTTP_METHOD_NOT_ALLOWED:
    request->server->http.add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    break;
  case MHD_HTTP_SERVICE_UNAVAILABLE:
    request->server->http.add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    break;
  }
}

static const char *header(const struct request *request, const char *name) {
  return request->server->http.lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}
