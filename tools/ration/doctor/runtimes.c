/*
 * runtimes.c: one table of them. Go, of which hardly anything is seen, has a finding of its own.
 */
#include "doctor/runtimes.h"

#include <stddef.h>
#include <string.h>

static const struct runtime runtimes[] = {
    {.called = "Python",
     .symbol = "PyObject_Malloc",
     .library = "libpython3",
     .words = "objects up to 512 bytes lie in arenas that it maps, and are not seen one by one",
     .advice = "run it with PYTHONMALLOC=malloc to see each, or with --set mmap=1 to count the arenas"},
    {.called = "PHP",
     .symbol = "_emalloc",
     .library = "libphp",
     .words = "what a request allocates lies in chunks that it maps, and is not seen one by one",
     .advice = "run it with USE_ZEND_ALLOC=0 to see each, or with --set mmap=1 to count the chunks"},
    {.called = "V8",
     .symbol = "_ZN2v87Isolate3NewERKNS0_12CreateParamsE",
     .library = "libnode.so",
     .words = "objects of JavaScript lie in a heap that it maps, and are not seen",
     .advice = "run it with --set mmap=1 to count that heap; its own profiler knows what is in it"},
    {.called = "a Java virtual machine",
     .library = "libjli.so", /* which finds libjvm.so */
     .words = "objects of Java lie in a heap that it maps, and are not seen, but what it needs besides",
     .advice = "run it with --set mmap=1 to count that heap; its own tools know what is in it"},
};
#define COUNT (sizeof runtimes / sizeof *runtimes)

const struct runtime *runtime_of_symbol(const char *name) {
  for (size_t i = 0; i < COUNT; i++) {
    if (runtimes[i].symbol && strcmp(runtimes[i].symbol, name) == 0) return &runtimes[i];
  }
  return NULL;
}

const struct runtime *runtime_of_library(const char *soname) {
  for (size_t i = 0; i < COUNT; i++) {
    const char *library = runtimes[i].library;
    if (library && strncmp(soname, library, strlen(library)) == 0) return &runtimes[i];
  }
  return NULL;
}
