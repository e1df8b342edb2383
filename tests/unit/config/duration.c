/*
 * Tests of config/duration.c.
 */
#include "config/duration.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(duration, is_a_number_and_its_unit) {
  static const struct {
    const char *text;
    uint64_t ns; /* 0: none */
  } cases[] = {{"1ms", 1000000},
               {"10s", 10000000000},
               {"2m", 120000000000},
               {"1000h", 3600000000000000},
               {"1001h", 0},
               {"0s", 0},
               {"10", 0},
               {"s", 0},
               {"-1s", 0},
               {"1.5s", 0},
               {"10 s", 0},
               {"10sec", 0},
               {"99999999999999999999s", 0},
               {"", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t ns = 0;
    struct fault fault;
    int error = duration_read(cases[i].text, &ns, &fault);
    cr_expect_eq(error, cases[i].ns ? 0 : -EINVAL, "%s", cases[i].text);
    cr_expect_eq(ns, cases[i].ns, "%s", cases[i].text);
  }
}
