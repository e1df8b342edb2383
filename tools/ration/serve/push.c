/*
 * push.c: of each process the profile of the round before is kept, since what was allocated is told by the difference.
 */
#include "serve/push.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "export/format.h"
#include "serve/cgroup.h"
#include "serve/host.h"

#define NAME_BYTES 2048

/* A process that was there in the last round. */
struct known {
  struct known *next;
  struct place_name name;
  char *profile;
  size_t profile_bytes;
  int64_t at; /* seconds since the epoch */
  uint64_t round;
};

struct push {
  struct outbox *outbox;
  pthread_mutex_t mutex;
  bool is_under_way;
  struct known *known; /* the lane's, as what follows */
  uint64_t round;
};

static lane_work make_round;
static host_visitor add_process;
static struct known *find(struct push *push, const struct process *process);
static bool is_same(const struct place_name *one, const struct place_name *other);
static int make_profile(struct process *process, char **ret_bytes, size_t *ret_size);
static char *name_of(const struct process *process, uint32_t own_pid);
static void add_label(struct text *text, const char *name, const char *value);
static void forget(struct push *push, uint64_t before);

int push_open(const char *url, struct serving *serving, struct push **ret_push, struct fault *ret_fault) {
  struct push *push = calloc(1, sizeof *push);
  if (!push) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = outbox_open(url, serving, &push->outbox, ret_fault);
  if (error) {
    free(push);
    return error;
  }
  pthread_mutex_init(&push->mutex, NULL);
  *ret_push = push;
  return 0;
}

void push_round(struct push *push, struct lane *lane) {
  pthread_mutex_lock(&push->mutex);
  bool begins = !push->is_under_way && lane_put(lane, make_round, push) == 0;
  push->is_under_way |= begins;
  pthread_mutex_unlock(&push->mutex);
}

size_t push_close(struct push *push) {
  if (!push) return 0;
  size_t left = outbox_close(push->outbox);
  forget(push, UINT64_MAX);
  pthread_mutex_destroy(&push->mutex);
  free(push);
  return left;
}

static void make_round(void *context, bool is_refused) {
  const struct host_wishes wishes = {.pid = 0};
  struct push *push = context;
  struct host_tally tally;
  if (!is_refused) {
    push->round++;
    host_visit(&wishes, add_process, push, &tally);
    forget(push, push->round);
  }
  pthread_mutex_lock(&push->mutex);
  push->is_under_way = false;
  pthread_mutex_unlock(&push->mutex);
}

/* What cannot be made now is made in the next round. */
static int add_process(struct process *process, uint32_t own_pid, void *context) {
  struct push *push = context;
  struct known *known = process->snapshot.facts.site_count > 1 ? find(push, process) : NULL;
  struct parcel parcel = {.until = (int64_t)time(NULL)};
  if (!known) return 0;
  known->round = push->round;
  parcel.name = name_of(process, own_pid);
  if (!parcel.name || make_profile(process, &parcel.profile, &parcel.profile_bytes) != 0) {
    parcel_free(&parcel);
    return 0;
  }
  parcel.before = known->profile;
  parcel.before_bytes = known->profile_bytes;
  parcel.from = known->at;
  known->profile = malloc(parcel.profile_bytes);
  known->profile_bytes = known->profile ? parcel.profile_bytes : 0;
  if (known->profile) memcpy(known->profile, parcel.profile, parcel.profile_bytes);
  known->at = parcel.until;
  outbox_put(push->outbox, &parcel);
  return 0;
}

/* A new one is known since it was started. NULL: no memory. */
static struct known *find(struct push *push, const struct process *process) {
  const struct place_name *name = &process->snapshot.name;
  struct known *known;
  for (known = push->known; known; known = known->next)
    if (is_same(&known->name, name)) return known;
  known = calloc(1, sizeof *known);
  if (!known) return NULL;
  known->name = *name;
  known->at = (int64_t)(process->snapshot.started_at_ns / 1000000000u);
  known->next = push->known;
  push->known = known;
  return known;
}

static bool is_same(const struct place_name *one, const struct place_name *other) {
  return one->pid == other->pid && one->start_ticks == other->start_ticks && one->image == other->image &&
         one->pid_namespace == other->pid_namespace;
}

static int make_profile(struct process *process, char **ret_bytes, size_t *ret_size) {
  const struct export_wishes wishes = {.order = SITES_BY_LIVE};
  struct process *processes[] = {process};
  const struct subject subject = {.processes = processes, .count = 1};
  struct fault fault;
  char *bytes = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&bytes, &size);
  if (!to) return -ENOMEM;
  int error = export_pprof(to, &subject, &wishes, &fault);
  bool is_whole = !ferror(to);
  is_whole = fclose(to) == 0 && is_whole;
  if (!error && is_whole) {
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
  }
  free(bytes);
  return error ? error : -ENOMEM;
}

/* Allocated; NULL: no memory. */
static char *name_of(const struct process *process, uint32_t own_pid) {
  const struct snapshot *snapshot = &process->snapshot;
  char bytes[NAME_BYTES], number[48];
  struct text text = text_in(bytes, sizeof bytes);
  struct metric_place place;
  cgroup_read(own_pid, &place);
  bytes[0] = 0;
  add_label(&text, NULL, snapshot->program[0] ? snapshot->program : "unknown");
  text_add(&text, "{");
  snprintf(number, sizeof number, "%" PRIu32, snapshot->name.pid);
  add_label(&text, "pid", number);
  snprintf(number, sizeof number, "%" PRIu32 ".%" PRIu64, snapshot->session_pid, snapshot->session_start);
  if (snapshot->session_start) add_label(&text, "session", number);
  if (place.cgroup[0]) add_label(&text, "cgroup", place.cgroup);
  if (place.pod[0]) add_label(&text, "pod", place.pod);
  text_add(&text, "}");
  return strdup(bytes);
}

/* Signs that part labels from one another have no escape. Without a name: what stands before all of them. */
static void add_label(struct text *text, const char *name, const char *value) {
  char safe[METRIC_CGROUP_BYTES];
  snprintf(safe, sizeof safe, "%s", value);
  for (unsigned char *at = (unsigned char *)safe; *at; at++)
    if (*at >= 0x80 || (!isalnum(*at) && !strchr("._:/+-", *at))) *at = '_';
  if (name) {
    if (strcmp(name, "pid") != 0) text_add(text, ",");
    text_add(text, name);
    text_add(text, "=");
  }
  text_add(text, safe);
}

/* Those that were not there in this round. */
static void forget(struct push *push, uint64_t before) {
  for (struct known **link = &push->known; *link;) {
    struct known *known = *link;
    if (known->round >= before) {
      link = &known->next;
      continue;
    }
    *link = known->next;
    free(known->profile);
    free(known);
  }
}
