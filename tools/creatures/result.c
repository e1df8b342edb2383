/*
 * result.c: makes the figures, and prints them.
 */
#include "result.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "result_list.h"

#define MILLISECOND 1e6 /* nanoseconds */

static void measure_times(struct result *result, struct run *run);
static int compare_times(const void *one, const void *other);
static void measure_memory(struct result *result, struct simulation *simulation);
static double share(double part, double whole);
static void print_text(const struct result *result, struct simulation *simulation, FILE *stream);
static void print_figures(const struct result *result, FILE *stream);
static void print_counts(const char *title, const struct named_count *counts, size_t count, FILE *stream);
static void print_limits(const struct simulation *simulation, FILE *stream);
static void print_pools(struct simulation *simulation, FILE *stream);
static int print_json(const struct result *result, const struct simulation *simulation, FILE *stream);
static json_t *pack_figures(const struct result *result);
static json_t *pack_counts(const struct named_count *counts, size_t count);
static json_t *pack_limits(const struct simulation *simulation);

void result_make(struct result *ret_result, struct simulation *simulation, struct run *run) {
  struct books books;
  books_read(&simulation->memory, &books);
  const struct creatures *creatures = &simulation->creatures;
  struct result result = {.creatures = creatures_count(creatures),
                          .frames = run->frames,
                          .checksum = simulation_checksum(simulation),
                          .lost_creatures = creatures->born - creatures->died - creatures_count(creatures),
                          .budget_bytes = simulation->memory.budget,
                          .fragmentation = books.fragmentation,
                          .pool_hit_rate = books.pool_hit_rate,
                          .management_seconds = simulation->management_seconds,
                          .is_tracked = ration_is_tracking()};
  measure_times(&result, run);
  measure_memory(&result, simulation);
  result.peak_bytes = result.is_tracked ? books.peak_bytes : result.peak_bytes;
  result.frames_per_second = share((double)run->frames, run->seconds);
  result.allocations_per_frame = share((double)run->counted, (double)run->counted_frames);
  result.allocations_per_second = share((double)run->allocations, run->seconds);
  result.frees_per_second = share((double)run->frees, run->seconds);
  result.memory_gigabytes_per_second = share((double)simulation->counters.bytes_touched * 1e-9, run->seconds);
  *ret_result = result;
}

int result_print(const struct result *result, struct simulation *simulation, FILE *stream, int is_json) {
  int error = 0;
  RATION_SCOPE("temporary") {
    if (is_json)
      error = print_json(result, simulation, stream);
    else
      print_text(result, simulation, stream);
    errno = 0;
    if (!error && (fflush(stream) || ferror(stream))) error = errno ? -errno : -EIO;
  }
  return error;
}

/* ---- figures --------------------------------------------------------------------------------------------------- */

/* The ring is in use from its first place on, and all of it once it is full: in whichever order, it holds the times. */
static void measure_times(struct result *result, struct run *run) {
  size_t count = frame_times_count(&run->times);
  if (!count) return;
  uint32_t *times = (uint32_t *)(void *)run->times.ring.data;
  RATION_SCOPE("temporary") {
    qsort(times, count, sizeof *times, compare_times);
  }
  size_t last = count - 1, half = last / 2, hundredth = last / 100;
  result->frame_ms_p50 = times[half] / MILLISECOND;
  result->frame_ms_p99 = times[last - hundredth] / MILLISECOND;
  result->frame_ms_max = times[last] / MILLISECOND;
}

static int compare_times(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return (a > b) - (a < b);
}

/* Of the category with those below it, by the shim; where that is passive, by the allocator. */
static void measure_memory(struct result *result, struct simulation *simulation) {
  struct ration_allocator *allocator = &simulation->memory.allocator;
  struct ration_allocator_figures total, creatures;
  struct ration_figures tracked = {.size = sizeof tracked};
  if (ration_allocator_stats(allocator, RATION_ALLOCATOR_TOTAL, &total) ||
      ration_allocator_stats(allocator, RATION_ALLOCATOR_CREATURES, &creatures))
    return;
  uint64_t live = creatures.used;
  if (result->is_tracked && !ration_stats(simulation->memory.ids[RATION_ALLOCATOR_CREATURES], &tracked))
    live = tracked.subtree_live_bytes;
  result->peak_bytes = total.peak;
  result->bytes_per_creature = share((double)live, (double)result->creatures);
}

/* 0 of nothing. */
static double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static void print_text(const struct result *result, struct simulation *simulation, FILE *stream) {
  struct named_count counts[RESULT_COUNTERS], pressure[RESULT_PRESSURE];
  print_figures(result, stream);
  print_counts("work done", counts, result_counters(simulation, counts), stream);
  print_limits(simulation, stream);
  print_pools(simulation, stream);
  print_counts("pressure", pressure, result_pressure(simulation, pressure), stream);
}

static void print_figures(const struct result *result, FILE *stream) {
  double mebi = 1.0 / (1 << 20);
  fprintf(stream, "%" PRIu64 " creatures, checksum %016" PRIx64 ", %" PRIu64 " lost\n", result->creatures,
          result->checksum, result->lost_creatures);
  fprintf(stream, "  %" PRIu64 " frames, %.1f a second: %.3f ms each, %.3f for 1 of 100, %.3f at most\n",
          result->frames, result->frames_per_second, result->frame_ms_p50, result->frame_ms_p99,
          result->frame_ms_max);
  fprintf(stream,
          "  %.1f MiB at most of %.1f MiB; %.0f bytes a creature; fragmentation %.1f %%, pool hits %.2f %%\n",
          (double)result->peak_bytes * mebi, (double)result->budget_bytes * mebi, result->bytes_per_creature,
          result->fragmentation * 100, result->pool_hit_rate * 100);
  if (result->is_tracked)
    fprintf(stream, "  %.3f allocations a frame after the warm-up; %.0f a second and %.0f frees in all\n",
            result->allocations_per_frame, result->allocations_per_second, result->frees_per_second);
  fprintf(stream, "  %.3f s spent on memory; the systems read and wrote %.2f GB/s\n",
          result->management_seconds, result->memory_gigabytes_per_second);
}

static void print_counts(const char *title, const struct named_count *counts, size_t count, FILE *stream) {
  fprintf(stream, "\n%s\n", title);
  for (size_t i = 0; i < count; i++)
    fprintf(stream, "  %-24s %14" PRIu64 "%s", counts[i].name, counts[i].count,
            i % 2 && i + 1 < count ? "\n"
            : i + 1 < count        ? ""
                                   : "\n");
}

static void print_limits(const struct simulation *simulation, FILE *stream) {
  struct ration_limit_figures figures;
  fprintf(stream, "\n%-22s %12s  %-12s %12s %12s\n", "limit", "maximum", "then", "refused", "dropped");
  for (size_t i = 0; !ration_limits_stats(&simulation->limits, i, &figures); i++)
    fprintf(stream, "  %-20s %12zu  %-12s %12" PRIu64 " %12" PRIu64 "\n", figures.limit.name,
            figures.limit.maximum, result_policy(figures.limit.policy), figures.refused, figures.dropped);
}

static void print_pools(struct simulation *simulation, FILE *stream) {
  struct ration_pools *pools = ration_allocator_pools(&simulation->memory.allocator);
  struct ration_pools_report report;
  fprintf(stream, "\n%-24s %10s %10s %10s %10s\n", "pool", "bytes", "used", "reserved", "peak");
  for (size_t i = 0; !ration_pools_at(pools, i, &report); i++)
    fprintf(stream, "  %-22s %10zu %10zu %10zu %10zu\n", report.type->name, report.type->size,
            (size_t)report.counts.used, (size_t)report.counts.capacity, (size_t)report.counts.peak);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static int print_json(const struct result *result, const struct simulation *simulation, FILE *stream) {
  struct named_count counts[RESULT_COUNTERS], pressure[RESULT_PRESSURE];
  json_t *root = pack_figures(result);
  size_t count = result_counters(simulation, counts), pressed = result_pressure(simulation, pressure);
  int failed = json_object_set_new(root, "counters", pack_counts(counts, count));
  failed |= json_object_set_new(root, "limits", pack_limits(simulation));
  failed |= json_object_set_new(root, "pressure", pack_counts(pressure, pressed));
  if (!failed) failed = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  if (!failed) failed = fputc('\n', stream) == EOF;
  json_decref(root);
  return failed ? -EIO : 0;
}

static json_t *pack_figures(const struct result *result) {
  char checksum[17];
  snprintf(checksum, sizeof checksum, "%016" PRIx64, result->checksum);
  json_t *allocations = result->is_tracked ? json_real(result->allocations_per_frame) : json_null();
  return json_pack(
      "{s:I, s:I, s:f, s:f, s:f, s:f, s:o, s:f, s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f}",
      "creatures", (json_int_t)result->creatures, "frames", (json_int_t)result->frames, "frames_per_second",
      result->frames_per_second, "frame_ms_p50", result->frame_ms_p50, "frame_ms_p99", result->frame_ms_p99,
      "frame_ms_max", result->frame_ms_max, "allocations_per_frame", allocations, "bytes_per_creature",
      result->bytes_per_creature, "checksum", checksum, "lost_creatures", (json_int_t)result->lost_creatures,
      "budget_bytes", (json_int_t)result->budget_bytes, "peak_bytes", (json_int_t)result->peak_bytes,
      "allocations_per_second", result->allocations_per_second, "frees_per_second", result->frees_per_second,
      "fragmentation", result->fragmentation, "pool_hit_rate", result->pool_hit_rate, "management_seconds",
      result->management_seconds, "memory_gigabytes_per_second", result->memory_gigabytes_per_second);
}

static json_t *pack_counts(const struct named_count *counts, size_t count) {
  json_t *object = json_object();
  for (size_t i = 0; i < count; i++)
    json_object_set_new(object, counts[i].name, json_integer((json_int_t)counts[i].count));
  return object;
}

static json_t *pack_limits(const struct simulation *simulation) {
  struct ration_limit_figures figures;
  json_t *list = json_array();
  for (size_t i = 0; !ration_limits_stats(&simulation->limits, i, &figures); i++)
    json_array_append_new(
        list, json_pack("{s:s, s:I, s:s, s:I, s:I}", "name", figures.limit.name, "maximum",
                        (json_int_t)figures.limit.maximum, "policy", result_policy(figures.limit.policy),
                        "refused", (json_int_t)figures.refused, "dropped", (json_int_t)figures.dropped));
  return list;
}
