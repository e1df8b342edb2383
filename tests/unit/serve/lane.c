/*
 * Tests of serve/lane.c and connections.c: what waits, and for whom.
 */
#include "serve/lane.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/connections.h"

static sem_t begun, go;
static int done, refused;

static void count(void *context, bool is_refused) {
  int *order = context;
  if (order) *order = done;
  done += !is_refused;
  refused += is_refused;
}

static void hold(void *context, bool is_refused) {
  sem_post(&begun);
  sem_wait(&go);
  count(context, is_refused);
}

Test(lane, does_one_thing_after_the_other, .timeout = 60) {
  int order[20];
  struct lane *lane = lane_start();
  sem_init(&begun, 0, 0);
  sem_init(&go, 0, 0);
  cr_assert_eq(lane_put(lane, hold, &order[0]), 0);
  for (int i = 1; i < 20; i++) cr_assert_eq(lane_put(lane, i == 19 ? hold : count, &order[i]), 0);
  sem_post(&go);
  sem_wait(&begun);
  sem_wait(&begun); /* the last has begun */
  sem_post(&go);
  lane_stop(lane);
  lane_free(lane);
  for (int i = 0; i < 20; i++) cr_expect_eq(order[i], i);
  cr_expect_eq(refused, 0);
}

Test(lane, so_many_may_wait_and_are_refused_when_it_ends, .timeout = 60) {
  struct lane *lane = lane_start();
  sem_init(&begun, 0, 0);
  sem_init(&go, 0, 0);
  cr_assert_eq(lane_put(lane, hold, NULL), 0);
  sem_wait(&begun);
  for (int i = 0; i < LANE_MOST; i++) cr_assert_eq(lane_put(lane, count, NULL), 0);
  cr_expect_eq(lane_put(lane, count, NULL), -EBUSY);
  sem_post(&go);
  lane_stop(lane);
  cr_expect_eq(done + refused, LANE_MOST + 1);
  cr_expect_eq(lane_put(lane, count, NULL), -EBUSY);
  lane_stop(lane);
  lane_free(lane);
}

static bool is_shut(int fd) {
  char byte;
  return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

Test(connections, those_that_keep_us_waiting_are_cut) {
  struct connections connections = {.mutex = PTHREAD_MUTEX_INITIALIZER};
  struct connection *connection[3];
  int fd[3][2];
  uint64_t cut;
  for (size_t i = 0; i < 3; i++) {
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd[i]), 0);
    connection[i] = connections_add(&connections, fd[i][0], &cut);
    cr_expect_eq(cut, 0u);
  }
  connections_take(&connections, connection[1]);
  cr_expect_eq(connections_cut(&connections, UINT64_MAX), 0u);
  cr_expect_eq(connections_cut(&connections, 0), 2u, "not the one whose answer is being made");
  cr_expect_eq(connections_cut(&connections, 0), 0u, "once");
  cr_expect(is_shut(fd[0][1]) && !is_shut(fd[1][1]) && is_shut(fd[2][1]));
  connections_give(&connections, connection[1]);
  cr_expect_eq(connections_cut(&connections, 0), 1u);
  for (size_t i = 0; i < 3; i++) connections_remove(&connections, connection[i]);
  cr_expect_null(connections.first);
  cr_expect_eq(connections.count, 0u);
  connections_remove(&connections, NULL);
  connections_take(&connections, NULL);
}

Test(connections, of_too_many_the_one_that_has_waited_longest_goes) {
  struct connections connections = {.mutex = PTHREAD_MUTEX_INITIALIZER};
  struct connection *connection[CONNECTIONS_MOST + 2];
  int fd[2], other[2];
  uint64_t cut;
  cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
  cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
  connection[0] = connections_add(&connections, other[0], &cut);
  connections_take(&connections, connection[0]);
  connection[1] = connections_add(&connections, fd[0], &cut);
  for (size_t i = 2; i <= CONNECTIONS_MOST; i++) {
    connection[i] = connections_add(&connections, -1, &cut);
    cr_expect_eq(cut, i >= CONNECTIONS_MOST);
  }
  cr_expect(is_shut(fd[1]));
  cr_expect_not(is_shut(other[1]));
  for (size_t i = 0; i <= CONNECTIONS_MOST; i++) connections_remove(&connections, connection[i]);
}
