/*
 * pprof.c: a profile that `go tool pprof` reads: each site a sample with its estimates, labelled with its category; where
 * there are several processes also with theirs.
 */
#include <errno.h>
#include <inttypes.h>
#include <ration/ration.h>
#include <stdlib.h>

#include "export/format.h"
#include "export/profile.h"
#include "export/stacks.h"

struct profiling {
  struct profile *profile;
  bool has_several; /* processes */
};

static int add_process(struct profiling *profiling, const struct subject *subject, size_t number,
                       const struct export_wishes *wishes, struct fault *ret_fault);
static int add_site(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                    void *context);
static size_t find_locations(struct profile *profile, const struct site_facts *site,
                             const struct stack *stack, uint64_t locations[]);
static void comment(struct profile *profile, const struct stacks *stacks);
static struct profile_times times_of(const struct subject *subject);

int export_pprof(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                 struct fault *ret_fault) {
  struct profiling profiling = {.profile = profile_new(), .has_several = subject->count > 1};
  int error = profiling.profile ? 0 : fault_set(ret_fault, -ENOMEM, "not enough memory");
  if (!error) profile_comment(profiling.profile, "ration " RATION_VERSION);
  for (size_t i = 0; !error && i < subject->count; i++)
    error = add_process(&profiling, subject, i, wishes, ret_fault);
  if (!error) {
    struct profile_times times = times_of(subject);
    if (profile_write(profiling.profile, &times, to) != 0)
      error = fault_set(ret_fault, -ENOMEM, "not enough memory for its profile");
  }
  profile_free(profiling.profile);
  return error;
}

static int add_process(struct profiling *profiling, const struct subject *subject, size_t number,
                       const struct export_wishes *wishes, struct fault *ret_fault) {
  struct stacks stacks;
  int error = stacks_open_beside(subject, number, wishes, &stacks, ret_fault);
  if (error) return error;
  profile_begin_process(profiling->profile, &stacks.sites.modules);
  comment(profiling->profile, &stacks);
  error = stacks_visit(&stacks, add_site, profiling);
  stacks_close(&stacks);
  return error ? fault_set(ret_fault, error, "not enough memory for its stacks") : 0;
}

static int add_site(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                    void *context) {
  struct profiling *profiling = context;
  const struct snapshot *snapshot = &stacks->process->snapshot;
  uint64_t *locations = malloc((row->facts->frame_count + 1) * sizeof *locations);
  if (!locations) return -ENOMEM;
  struct profile_sample sample = {
      .locations = locations,
      .count = find_locations(profiling->profile, row->facts, stack, locations),
      .values = {(int64_t)stacks_rounded(row->total_blocks), (int64_t)stacks_rounded(row->total_bytes),
                 (int64_t)stacks_rounded(row->live_blocks), (int64_t)stacks_rounded(row->live_bytes)},
      .category = stacks_category(stacks, row),
      .program = profiling->has_several ? snapshot->program : NULL,
      .pid = snapshot->name.pid,
  };
  profile_sample(profiling->profile, &sample);
  free(locations);
  return 0;
}

/* The frames of a stack are those of the segment, each with what is inlined there, and that before it. */
static size_t find_locations(struct profile *profile, const struct site_facts *site,
                             const struct stack *stack, uint64_t locations[]) {
  size_t count = 0;
  for (size_t at = 0; count < site->frame_count && at < stack->count;) {
    size_t end = at;
    while (end + 1 < stack->count && stack->frame[end].is_inlined) end++;
    locations[count] = profile_location(profile, site->frames[count], &stack->frame[at], end + 1 - at);
    count++;
    at = end + 1;
  }
  return count;
}

/* What a reader of the profile should know, and the format has no field for. */
static void comment(struct profile *profile, const struct stacks *stacks) {
  const struct snapshot *snapshot = &stacks->process->snapshot;
  char words[256];
  snprintf(words, sizeof words, "%s, pid %" PRIu32 ": %" PRIu64 " samples, %" PRIu64 " lost",
           snapshot->program, snapshot->name.pid, stacks->table.samples, snapshot->losses.samples_lost);
  profile_comment(profile, words);
  uint64_t unattributed = stacks_rounded(stacks->table.unattributed_bytes);
  if (unattributed == 0) return;
  snprintf(words, sizeof words,
           "%" PRIu64 " live bytes unattributed: their categories have too few samples to tell by whom",
           unattributed);
  profile_comment(profile, words);
}

/* From the first start to the last moment that is known of. */
static struct profile_times times_of(const struct subject *subject) {
  struct profile_times times = {0};
  double end = 0;
  for (size_t i = 0; i < subject->count; i++) {
    const struct process *process = subject->processes[i];
    int64_t started = (int64_t)process->snapshot.started_at_ns;
    int64_t mean = (int64_t)process->snapshot.facts.sample_mean;
    if (times.started_at_ns == 0 || started < times.started_at_ns) times.started_at_ns = started;
    if (mean > 0 && (times.period == 0 || mean < times.period)) times.period = mean;
    double its_end = (double)started + (process->uptime_seconds > 0 ? process->uptime_seconds * 1e9 : 0);
    if (its_end > end) end = its_end;
  }
  double duration = end - (double)times.started_at_ns;
  times.duration_ns = duration > 0 && duration < 9e18 ? (int64_t)duration : 0;
  return times;
}
