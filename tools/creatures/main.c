/*
 * main.c: runs the frames that were asked for, and says what came of it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "media/view.h"
#include "options.h"
#include "result.h"
#include "save/save.h"

static int run(const struct options *options, struct simulation *simulation);
static int start(const struct options *options, struct simulation *simulation, struct run *run,
                 struct view *view);
static void take_frames(const struct options *options, struct simulation *simulation, struct run *run,
                        struct view *view);
static int finish(const struct options *options, struct simulation *simulation, struct run *run);
static void catch_signals(void);
static void note_signal(int signal);
static void read_counts(struct simulation *simulation, uint64_t *ret_allocations, uint64_t *ret_frees);
static uint64_t now(void);

static volatile sig_atomic_t is_over; /* a signal has come */

int main(int argc, char **argv) {
  static struct simulation simulation;
  static char buffer[BUFSIZ];
  struct options options;
  const char *wrong = NULL;
  (void)setvbuf(stdout, buffer, _IOFBF, sizeof buffer); /* none of the heap's: in the end no block is left */
  int status = options_parse(&options, argc, argv);
  if (status) return status;
  if (options.save && save_check(options.save, &wrong)) return options_complain(STATUS_UNABLE, "%s", wrong);
  if (simulation_init(&simulation, &options.settings, &wrong))
    return options_complain(STATUS_UNABLE, "%s", wrong);
  catch_signals(); /* until now they end it at once: there is no frame to wait for */
  status = run(&options, &simulation);
  simulation_done(&simulation);
  return status;
}

static int run(const struct options *options, struct simulation *simulation) {
  struct run run = {.frames = 0};
  struct view view = {.written = NULL};
  int status = start(options, simulation, &run, &view);
  if (!status) {
    take_frames(options, simulation, &run, &view);
    view_stop(&view);
    status = finish(options, simulation, &run);
  }
  frame_times_done(&run.times);
  return status;
}

/* All memory that the loop needs for itself. */
static int start(const struct options *options, struct simulation *simulation, struct run *run,
                 struct view *view) {
  struct ration_memory *ui = memory_of(&simulation->memory, RATION_ALLOCATOR_UI);
  size_t kept = options->frames < RUN_TIMES_MOST ? (size_t)options->frames : RUN_TIMES_MOST;
  int error = frame_times_init(&run->times, ui, kept ? kept : 1);
  while (error == -ENOMEM && kept > 1) error = frame_times_init(&run->times, ui, kept /= 2);
  if (!error && options->is_view) error = view_start(view, ui, STDOUT_FILENO);
  return error ? options_complain(STATUS_UNABLE, "--budget: too few bytes to show it: give more") : 0;
}

/* The first half warms up: what is asked for in the second counts. */
static void take_frames(const struct options *options, struct simulation *simulation, struct run *run,
                        struct view *view) {
  uint64_t first = 0, first_freed = 0, warm = 0, freed = 0, warm_frames = options->frames / 2;
  read_counts(simulation, &first, &first_freed);
  uint64_t before = now();
  for (; run->frames < options->frames && !is_over; run->frames++) {
    if (run->frames == warm_frames) {
      read_counts(simulation, &warm, &freed);
      before = now();
    }
    simulation_step(simulation);
    uint64_t after = now(), took = after - before;
    (void)frame_times_push(&run->times, took < UINT32_MAX ? (uint32_t)took : UINT32_MAX, NULL);
    run->seconds += (double)took * 1e-9;
    before = after;
    if (options->is_view) {
      view_show(view, simulation);
      before = now();
    }
  }
  read_counts(simulation, &run->allocations, &run->frees);
  if (run->frames > warm_frames) {
    run->counted_frames = run->frames - warm_frames;
    run->counted = run->allocations - warm;
  }
  run->allocations -= first;
  run->frees -= first_freed;
}

/* What the result needs comes out of the reserve where the budget is used up. */
static int finish(const struct options *options, struct simulation *simulation, struct run *run) {
  struct result result;
  const char *wrong = NULL;
  int error = 0;
  RATION_CRITICAL {
    result_make(&result, simulation, run);
    error = result_print(&result, simulation, stdout, options->is_json);
  }
  if (error) options_complain(0, "stdout: the result did not arrive: %s", strerror(-error));
  if (options->save && save_write(simulation, options->save, &wrong))
    return options_complain(STATUS_UNABLE, "%s", wrong);
  return error ? STATUS_UNABLE : 0;
}

/* They end the run after the frame: with its result, and saved. A reader that has gone is an error to tell, and so is a
   world that is larger than a file may be. */
static void catch_signals(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note_signal;
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  action.sa_handler = SIG_IGN;
  (void)sigaction(SIGPIPE, &action, NULL);
  (void)sigaction(SIGXFSZ, &action, NULL);
}

static void note_signal(int signal) {
  (void)signal;
  is_over = 1;
}

/* Of the process, by the shim; where that is passive, what the allocator was asked for. */
static void read_counts(struct simulation *simulation, uint64_t *ret_allocations, uint64_t *ret_frees) {
  struct ration_figures tracked = {.size = sizeof tracked};
  struct ration_allocator_figures asked = {.used = 0};
  if (ration_is_tracking()) {
    (void)ration_stats(RATION_TOTAL, &tracked);
    *ret_allocations = tracked.subtree_allocations;
    *ret_frees = tracked.subtree_frees;
  } else {
    (void)ration_allocator_stats(&simulation->memory.allocator, RATION_ALLOCATOR_TOTAL, &asked);
    *ret_allocations = asked.requests;
    *ret_frees = asked.requests - asked.blocks;
  }
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
