/*
 * loader.h: the loader that a program asks for: whether it is glibc's, which alone the shim runs with, and new enough.
 */
#ifndef RATION_TOOL_DOCTOR_LOADER_H
#define RATION_TOOL_DOCTOR_LOADER_H

enum loader {
  LOADER_GLIBC,
  LOADER_OLD_GLIBC, /* before 2.35 */
  LOADER_OTHER,     /* of another libc */
  LOADER_MISSING,
  LOADER_UNKNOWN, /* it cannot be read */
};

/* Only reads the file. */
enum loader loader_look(const char *path);

#endif
