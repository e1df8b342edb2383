/*
 * runtimes.h: runtimes of languages that keep objects in memory of their own, which malloc does not see.
 */
#ifndef RATION_TOOL_DOCTOR_RUNTIMES_H
#define RATION_TOOL_DOCTOR_RUNTIMES_H

struct runtime {
  const char *called;
  const char *symbol;  /* that a program with it exports; NULL: none */
  const char *library; /* what the name of its library begins with; NULL: none */
  const char *words;   /* what is not seen */
  const char *advice;
};

/* Each NULL: none of them. */
const struct runtime *runtime_of_symbol(const char *name);
const struct runtime *runtime_of_library(const char *soname);

#endif
