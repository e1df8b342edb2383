/*
 * connections.c: a connection is cut by shutting its socket down, of which its owner, the server, is then told.
 */
#include "serve/connections.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "reader/monotonic.h"

static void cut(struct connection *connection);
static struct connection *longest_waiting(const struct connections *connections);
static void set(struct connections *connections, struct connection *connection, bool is_ours);

struct connection *connections_add(struct connections *connections, int fd, uint64_t *ret_cut) {
  struct connection *connection = malloc(sizeof *connection);
  *ret_cut = 0;
  if (!connection) return NULL;
  *connection = (struct connection){.fd = fd, .since_ns = monotonic_ns()};
  pthread_mutex_lock(&connections->mutex);
  struct connection *longest = connections->count >= CONNECTIONS_MOST ? longest_waiting(connections) : NULL;
  if (longest) cut(longest);
  *ret_cut = longest != NULL;
  connection->next = connections->first;
  connection->link = &connections->first;
  if (connection->next) connection->next->link = &connection->next;
  connections->first = connection;
  connections->count++;
  pthread_mutex_unlock(&connections->mutex);
  return connection;
}

void connections_remove(struct connections *connections, struct connection *connection) {
  if (!connection) return;
  pthread_mutex_lock(&connections->mutex);
  *connection->link = connection->next;
  if (connection->next) connection->next->link = connection->link;
  connections->count--;
  pthread_mutex_unlock(&connections->mutex);
  free(connection);
}

void connections_take(struct connections *connections, struct connection *connection) {
  set(connections, connection, true);
}

void connections_give(struct connections *connections, struct connection *connection) {
  set(connections, connection, false);
}

uint64_t connections_cut(struct connections *connections, uint64_t longest_ns) {
  uint64_t now = monotonic_ns(), count = 0;
  pthread_mutex_lock(&connections->mutex);
  for (struct connection *one = connections->first; one; one = one->next) {
    if (one->is_ours || one->is_cut || now - one->since_ns < longest_ns) continue;
    cut(one);
    count++;
  }
  pthread_mutex_unlock(&connections->mutex);
  return count;
}

static void cut(struct connection *connection) {
  connection->is_cut = true;
  shutdown(connection->fd, SHUT_RDWR);
}

/* NULL: none waits. */
static struct connection *longest_waiting(const struct connections *connections) {
  struct connection *longest = NULL;
  for (struct connection *one = connections->first; one; one = one->next)
    if (!one->is_ours && !one->is_cut && (!longest || one->since_ns < longest->since_ns)) longest = one;
  return longest;
}

static void set(struct connections *connections, struct connection *connection, bool is_ours) {
  if (!connection) return;
  pthread_mutex_lock(&connections->mutex);
  connection->is_ours = is_ours;
  connection->since_ns = monotonic_ns();
  pthread_mutex_unlock(&connections->mutex);
}
