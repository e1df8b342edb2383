/*
 * connections.h: who is connected, and since when they keep us waiting: for a request, or while they take its answer.
 */
#ifndef RATION_TOOL_SERVE_CONNECTIONS_H
#define RATION_TOOL_SERVE_CONNECTIONS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
  struct connection *next, **link;
  int fd;
  uint64_t since_ns; /* CLOCK_MONOTONIC */
  bool is_ours;      /* its answer is being made: it does not keep us waiting */
  bool is_cut;
};

struct connections {
  pthread_mutex_t mutex;
  struct connection *first;
  size_t count;
};

/* Beyond these, whoever has waited longest is cut off for whoever comes. */
#define CONNECTIONS_MOST 128

/* NULL: no memory; all below take that. */
struct connection *connections_add(struct connections *connections, int fd, uint64_t *ret_cut);
void connections_remove(struct connections *connections, struct connection *connection);

/* Its request is there; and then, its answer. */
void connections_take(struct connections *connections, struct connection *connection);
void connections_give(struct connections *connections, struct connection *connection);

/* Ends those that have kept us waiting so long. Returns how many. */
uint64_t connections_cut(struct connections *connections, uint64_t longest_ns);

#endif
