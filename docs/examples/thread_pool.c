/*
 * thread_pool.c: jobs that are charged to whoever submitted them, in whatever thread they run.
 *
 *     cc thread_pool.c $(pkg-config --cflags --libs ration) -pthread -o thread_pool && ./thread_pool
 */
#include <pthread.h>
#include <ration/ration.h>
#include <stdio.h>
#include <stdlib.h>

#define WORKERS 4
#define JOBS    1000

struct job {
  struct ration_scopes scopes; /* those of the submitter */
  void *(*run)(size_t bytes);
  size_t bytes;
  void *result;
};

static struct job jobs[JOBS];
static int submitted, taken;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void submit(void *(*run)(size_t bytes), size_t bytes) {
  pthread_mutex_lock(&lock);
  struct job *job = &jobs[submitted++];
  job->run = run;
  job->bytes = bytes;
  ration_scope_capture(&job->scopes);
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

static struct job *take(void) {
  pthread_mutex_lock(&lock);
  while (taken == submitted && submitted < JOBS) pthread_cond_wait(&changed, &lock);
  struct job *job = taken < JOBS ? &jobs[taken++] : NULL;
  pthread_mutex_unlock(&lock);
  return job;
}

static void *work(void *unused) {
  struct ration_scopes own;
  struct job *job;
  ration_scope_capture(&own);
  while ((job = take()) != NULL) {
    ration_scope_resume(&job->scopes);
    job->result = job->run(job->bytes);
    ration_scope_resume(&own);
  }
  return unused;
}

static void *load(size_t bytes) {
  return malloc(bytes);
}

struct texture {
  void *decoded;
};

static void *decode(size_t bytes) {
  struct texture *texture = malloc(sizeof *texture); /* in the submitter's scope */
  if (texture) RATION_SCOPE("textures/decoded") texture->decoded = malloc(bytes);
  return texture;
}

static void print(const char *path) {
  struct ration_figures figures = {.size = sizeof figures};
  ration_stats(ration_category(path), &figures);
  printf("%s: %llu bytes in %llu blocks\n", path, (unsigned long long)figures.live_bytes,
         (unsigned long long)figures.live_blocks);
}

int main(void) {
  pthread_t workers[WORKERS];
  for (int i = 0; i < WORKERS; i++) pthread_create(&workers[i], NULL, work, NULL);
  for (int i = 0; i < JOBS / 2; i++) {
    RATION_SCOPE("sounds") submit(load, 1000);
    RATION_SCOPE("textures") submit(decode, 3000);
  }
  pthread_mutex_lock(&lock);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < WORKERS; i++) pthread_join(workers[i], NULL);
  print("sounds");
  print("textures");
  print("textures/decoded");
  return 0;
}
