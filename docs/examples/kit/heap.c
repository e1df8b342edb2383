/*
 * A queue between threads whose entries one allocates and another releases: both through their own caches of one heap,
 * without a lock for each entry.
 */
#include <ration/kit/heap.h>

#include <pthread.h>
#include <stdio.h>

#define ENTRIES 10000

struct entry {
  struct entry *next;
  int number;
};

static struct ration_heap heap;
static struct entry *queue, **queue_end = &queue;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;

static void *produce(void *unused) {
  for (int i = 1; i <= ENTRIES; i++) {
    struct entry *entry = ration_heap_allocate(&heap, sizeof *entry, _Alignof(struct entry));
    if (!entry) return NULL;
    *entry = (struct entry){NULL, i};
    pthread_mutex_lock(&lock);
    *queue_end = entry;
    queue_end = &entry->next;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&lock);
  }
  return unused;
}

int main(void) {
  pthread_t producer;
  long sum = 0;
  if (ration_heap_init(&heap, NULL, NULL) || pthread_create(&producer, NULL, produce, NULL)) return 1;
  for (int i = 0; i < ENTRIES; i++) {
    pthread_mutex_lock(&lock);
    while (!queue) pthread_cond_wait(&filled, &lock);
    struct entry *entry = queue;
    queue = entry->next;
    if (!queue) queue_end = &queue;
    pthread_mutex_unlock(&lock);
    sum += entry->number;
    if (ration_heap_release(&heap, entry, sizeof *entry, _Alignof(struct entry))) return 2;
  }
  pthread_join(producer, NULL);
  struct ration_heap_figures found;
  ration_heap_stats(&heap, &found);
  printf("sum %ld; %d allocated, %d released, %zu in use\n", sum, (int)found.allocations, (int)found.releases,
         found.used_blocks);
  printf("an entry of %zu bytes takes %zu\n", sizeof(struct entry),
         ration_heap_block_bytes(sizeof(struct entry), _Alignof(struct entry)));
  ration_heap_done(&heap);
  return 0;
}
