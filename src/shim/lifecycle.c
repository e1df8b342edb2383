/*
 * lifecycle.c: the shim's first and last moments, where the loader calls it.
 *
 * As a rule the first allocation has started everything before; the constructor does so for a program that
 * never allocates. Nothing is torn down at the end: the program's last destructors still allocate and free.
 */
#include "shim/limits.h"
#include "shim/malloc_figures.h"
#include "shim/operators.h"
#include "track/holdings.h"
#include "track/process.h"
#include "track/report.h"
#include "track/segment_home.h"

__attribute__((constructor)) static void begin(void) {
  process_ready();
  operators_find();
  malloc_figures_find();
  limits_find();
  process_learn_callers();
  report_watch();
}

__attribute__((destructor)) static void end(void) {
  if (process_state_now() == PROCESS_NEW || !process_has_segment()) return;
  holdings_note();
  segment_home_close(&segment);
  report_at_exit();
}
