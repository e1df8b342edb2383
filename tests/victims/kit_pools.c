/*
 * Pools of librationkit: does what the arguments say, in order, and prints what the pools say of themselves.
 *   take:N, give:N    of bolts, a plain pool in world/bolts; the newest are given first
 *   swing:N           takes a bolt and gives it, N times
 *   clear             all pools
 *   threads:N         N threads take and give messages, of a shared pool in net/messages, and keep 100 each
 *   swings:N          eight threads take a message and give it, N times each
 *   fork              goes on in a child; its parent waits for it
 *   publish           so that what is shown is exact
 *   print             a line of JSON: [[name, used, reserved, peak, takes, hits], ...]
 *   wait              for a line of input
 *   end               is done with all pools
 *   cycles:N          makes pools of both kinds and is done with them, N times
 *   crowd             200 pools, and 200 of another manager; then the first are done with, and the others published;
 *                     prints how many of the latter are shown before and after
 *
 * link: -l:librationkit.a
 */
#include <ration/kit/pools.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (condition) break;                                                                                    \
    fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                          \
    exit(1);                                                                                                 \
  } while (0)

struct bolt {
  double place[3];
};
struct message {
  char text[100];
};

static const struct ration_pool_type bolt_type = RATION_POOL_TYPE(struct bolt);
static const struct ration_pool_type message_type = RATION_POOL_TYPE(struct message);
static struct ration_pools pools;
static struct bolt *bolts[100000];
static size_t bolt_count, times;

static void begin(void) {
  const struct ration_pools_choice shared = {.category = "net/messages", .is_shared = 1};
  CHECK(!ration_pools_init(&pools, &(struct ration_pools_settings){.category = "world/bolts"}));
  CHECK(!ration_pools_set(&pools, &message_type, &shared));
}

static void take(size_t count) {
  while (count--) {
    CHECK(bolt_count < sizeof bolts / sizeof *bolts);
    CHECK((bolts[bolt_count++] = ration_pools_take(&pools, &bolt_type)));
  }
}

static void give(size_t count) {
  while (count--) CHECK(bolt_count && !ration_pools_give(&pools, &bolt_type, bolts[--bolt_count]));
}

static void swing(size_t count) {
  for (; count; count--) {
    take(1);
    give(1);
  }
}

static void *trade(void *seed) {
  struct message *mine[300] = {0};
  unsigned random = (unsigned)(uintptr_t)seed;
  size_t count = 0;
  for (int i = 0; i < 20000; i++) {
    if (count < 300 && rand_r(&random) % 2)
      CHECK((mine[count++] = ration_pools_take(&pools, &message_type)));
    else if (count)
      CHECK(!ration_pools_give(&pools, &message_type, mine[--count]));
  }
  while (count > 100) CHECK(!ration_pools_give(&pools, &message_type, mine[--count]));
  while (count < 100) CHECK((mine[count++] = ration_pools_take(&pools, &message_type)));
  return NULL;
}

static void *swing_message(void *unused) {
  for (size_t i = 0; i < times; i++) {
    struct message *message = ration_pools_take(&pools, &message_type);
    CHECK(message && !ration_pools_give(&pools, &message_type, message));
  }
  return unused;
}

static void run_threads(size_t count, void *(*start)(void *)) {
  pthread_t threads[64];
  CHECK(count <= 64);
  for (uintptr_t i = 0; i < count; i++) CHECK(!pthread_create(&threads[i], NULL, start, (void *)(i + 1)));
  for (size_t i = 0; i < count; i++) CHECK(!pthread_join(threads[i], NULL));
}

static void swing_messages(size_t count) {
  times = count;
  run_threads(8, swing_message);
}

static void go_on_in_child(void) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    free(malloc(100));
    return;
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  exit(0);
}

static void print(void) {
  struct ration_pools_report report;
  printf("[");
  for (size_t i = 0; !ration_pools_at(&pools, i, &report); i++)
    printf("%s[\"%s\",%zu,%zu,%zu,%llu,%llu]", i ? "," : "", report.type->name, report.counts.used,
           report.counts.capacity, report.counts.peak, (unsigned long long)report.counts.takes,
           (unsigned long long)report.counts.hits);
  printf("]\n");
  fflush(stdout);
}

static void cycle(size_t count) {
  for (; count; count--) {
    ration_pools_done(&pools);
    begin();
    CHECK(ration_pools_take(&pools, &bolt_type) && ration_pools_take(&pools, &message_type));
  }
}

static size_t shown_of(struct ration_pools *some) {
  struct ration_pools_report report;
  size_t shown = 0;
  for (size_t i = 0; !ration_pools_at(some, i, &report); i++) shown += report.is_shown != 0;
  return shown;
}

static void crowd(void) {
  static struct ration_pool_type types[200];
  struct ration_pools first, second;
  CHECK(!ration_pools_init(&first, NULL) && !ration_pools_init(&second, NULL));
  for (int i = 0; i < 200; i++) types[i] = (struct ration_pool_type){"one of many", 16, 8, NULL, NULL};
  for (int i = 0; i < 200; i++) CHECK(ration_pools_take(&first, &types[i]));
  for (int i = 0; i < 200; i++) CHECK(ration_pools_take(&second, &types[i]));
  printf("%zu %zu", shown_of(&first), shown_of(&second));
  ration_pools_done(&first);
  CHECK(!ration_pools_publish(&second));
  printf(" %zu\n", shown_of(&second));
  fflush(stdout);
}

static void do_step(const char *step) {
  const char *colon = strchr(step, ':');
  size_t length = colon ? (size_t)(colon - step) : strlen(step),
         number = colon ? strtoul(colon + 1, NULL, 10) : 0;
#define IS(NAME) (length == strlen(NAME) && !strncmp(step, NAME, length))
  if (IS("take"))
    take(number);
  else if (IS("give"))
    give(number);
  else if (IS("swing"))
    swing(number);
  else if (IS("clear"))
    CHECK(!ration_pools_clear(&pools));
  else if (IS("threads"))
    run_threads(number, trade);
  else if (IS("swings"))
    swing_messages(number);
  else if (IS("fork"))
    go_on_in_child();
  else if (IS("publish"))
    CHECK(!ration_pools_publish(&pools));
  else if (IS("print"))
    print();
  else if (IS("wait"))
    CHECK(getchar() != EOF);
  else if (IS("end"))
    ration_pools_done(&pools);
  else if (IS("crowd"))
    crowd();
  else if (IS("cycles"))
    cycle(number);
  else
    CHECK(!"a step");
}

int main(int argc, char **argv) {
  begin();
  for (int i = 1; i < argc; i++) do_step(argv[i]);
  return 0;
}
