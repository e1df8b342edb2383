/*
 * proposal.c: rounding.
 */
#include "plan/proposal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/budget_text.h"

/* The power of two of which at least 16 make up the size; so that sizes up to MiB are told in KiB. */
static uint64_t step_of(uint64_t bytes) {
  uint64_t step = 1024;
  while (bytes / step >= 32) step *= 2;
  return step;
}

uint64_t proposal_bytes(uint64_t peak, uint64_t headroom_percent) {
  if (peak > BUDGET_BYTES_MOST) peak = BUDGET_BYTES_MOST;
  uint64_t bytes = peak + peak / 100 * headroom_percent + (peak % 100 * headroom_percent + 99) / 100;
  if (bytes < PROPOSAL_LEAST) return PROPOSAL_LEAST;
  uint64_t step = step_of(bytes);
  bytes = (bytes + step - 1) / step * step;
  uint64_t most = (BUDGET_BYTES_MOST + 1) / 2; /* the largest that is round */
  return bytes > most ? most : bytes;
}

void proposal_write_size(uint64_t bytes, char ret_text[PROPOSAL_SIZE_BYTES]) {
  static const char units[] = "KMGT";
  char unit[2] = "";
  for (size_t i = 0; units[i] && bytes && bytes % 1024 == 0; i++) {
    bytes /= 1024;
    unit[0] = units[i];
  }
  snprintf(ret_text, PROPOSAL_SIZE_BYTES, "%" PRIu64 "%s", bytes, unit);
}
