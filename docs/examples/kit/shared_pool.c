/* shared_pool.c: one thread makes messages, another ends them, by one pool; mostly they meet no lock. */
#include <ration/kit/shared_pool.h>

#include <pthread.h>
#include <stdio.h>

#define MESSAGES 100000
#define WAITING  64

struct message {
  unsigned number;
  char text[60];
};

RATION_SHARED_POOL(messages, struct message);

static struct messages pool;
static struct message *queue[WAITING]; /* a slot is NULL, or has a message for the consumer */

static void *consume(void *sum) {
  for (unsigned i = 0; i < MESSAGES; i++) {
    struct message *message;
    while (!(message = __atomic_exchange_n(&queue[i % WAITING], NULL, __ATOMIC_ACQUIRE))) sched_yield();
    *(unsigned long *)sum += message->number;
    messages_give(&pool, message);
  }
  return NULL;
}

int main(void) {
  pthread_t consumer;
  unsigned long sum = 0;
  if (messages_init(&pool, NULL) || pthread_create(&consumer, NULL, consume, &sum)) return 1;
  for (unsigned i = 0; i < MESSAGES; i++) {
    struct message *message = messages_take(&pool);
    if (!message) return 1;
    message->number = i;
    while (__atomic_load_n(&queue[i % WAITING], __ATOMIC_RELAXED)) sched_yield();
    __atomic_store_n(&queue[i % WAITING], message, __ATOMIC_RELEASE);
  }
  pthread_join(consumer, NULL);

  struct ration_pool_counts counts;
  ration_shared_pool_stats(messages_pool(&pool), &counts);
  printf("%lu, by %llu takes; %zu used\n", sum, (unsigned long long)counts.takes, counts.used);
  printf("the pool has grown to %zu objects\n", counts.capacity);
  messages_done(&pool);
  return 0;
}
