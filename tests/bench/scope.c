/*
 * scope: RATION_SCOPE opened and closed, around nothing. Prints ns a scope. The shim must be preloaded: the
 * references to it stay open at link time and go through the PLT, as in a program linked with -lration.
 *
 * link: -Wl,--unresolved-symbols=ignore-all -Wl,--export-dynamic
 */
#include "bench.h"
#include "ration/ration.h"

static void scopes(uint64_t count) {
  for (uint64_t i = 0; i < count; i++) RATION_SCOPE("bench/scope") __asm__ volatile("");
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  scopes(1000);

  double begun = bench_cpu_ns();
  scopes(count);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
