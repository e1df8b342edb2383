/*
 * What libc asks for on behalf of its caller, at once or later: a stream's buffer comes with the first read.
 */
#include <dirent.h>
#include <locale.h>
#include <netdb.h>
#include <regex.h>
#include <search.h>
#include <sys/socket.h>

#include "places.h"

static uint64_t place_strdup(size_t bytes) {
  (void)bytes;
  return kept(strdup("a text"));
}

static uint64_t place_strndup(size_t bytes) {
  (void)bytes;
  return kept(strndup("a text", 3));
}

static uint64_t place_asprintf(size_t bytes) {
  char *text = NULL;
  CHECK(asprintf(&text, "%0*d", (int)bytes, 5) == (int)bytes);
  return kept(text);
}

static uint64_t place_getline(size_t bytes) {
  static FILE *file;
  static char buffer[4096];
  char *line = NULL;
  size_t room = 0;
  (void)bytes;
  if (!file)
    file = fmemopen(buffer, sizeof buffer, "w+"), fputs("first\nsecond\nthird\n", file), rewind(file);
  CHECK(getline(&line, &room, file) > 0);
  return NOT_KNOWN;
}

static uint64_t place_fopen(size_t bytes) {
  char line[256];
  (void)bytes;
  FILE *file = fopen("/proc/self/maps", "r");
  CHECK(file != NULL);
  CHECK(fgets(line, sizeof line, file) != NULL);
  fclose(file);
  return NOT_KNOWN;
}

static uint64_t place_open_memstream(size_t bytes) {
  char *text = NULL;
  size_t length = 0;
  FILE *file = open_memstream(&text, &length);
  CHECK(file != NULL);
  for (size_t i = 0; i < bytes; i++) fputc('a', file);
  fclose(file);
  return kept(text);
}

static uint64_t place_opendir(size_t bytes) {
  (void)bytes;
  DIR *folder = opendir("/");
  CHECK(folder != NULL && readdir(folder) != NULL);
  closedir(folder);
  return NOT_KNOWN;
}

static uint64_t place_regcomp(size_t bytes) {
  regex_t expression;
  (void)bytes;
  CHECK_EQUAL(regcomp(&expression, "^(a|b)*c[[:digit:]]+(x(y(z)))$", REG_EXTENDED), 0);
  CHECK_EQUAL(regexec(&expression, "abac123xyz", 0, NULL, 0), 0);
  regfree(&expression);
  return NOT_KNOWN;
}

static uint64_t place_setlocale(size_t bytes) {
  (void)bytes;
  CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
  CHECK(setlocale(LC_ALL, "C") != NULL);
  return NOT_KNOWN;
}

static uint64_t place_getaddrinfo(size_t bytes) {
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *list;
  (void)bytes;
  CHECK_EQUAL(getaddrinfo("127.0.0.1", "80", &hints, &list), 0);
  freeaddrinfo(list);
  return NOT_KNOWN;
}

static int compare_ints(const void *a, const void *b) {
  return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static uint64_t place_qsort(size_t bytes) {
  static int numbers[100000];
  (void)bytes;
  for (int i = 0; i < 100000; i++) numbers[i] = i * 7919 % 100003;
  qsort(numbers, 100000, sizeof *numbers, compare_ints);
  CHECK(numbers[0] <= numbers[1]);
  return NOT_KNOWN;
}

static uint64_t place_printf(size_t bytes) {
  (void)bytes;
  printf("%s\n", "printed");
  fflush(stdout);
  return NOT_KNOWN;
}

static void nothing(void) {}

static uint64_t place_atexit(size_t bytes) {
  (void)bytes;
  for (int i = 0; i < 40; i++) CHECK_EQUAL(atexit(nothing), 0);
  return NOT_KNOWN;
}

static uint64_t place_setenv(size_t bytes) {
  char name[32];
  snprintf(name, sizeof name, "PLACE_%zu", bytes);
  CHECK_EQUAL(setenv(name, "value", 1), 0);
  return NOT_KNOWN;
}

static uint64_t place_tsearch(size_t bytes) {
  static void *root;
  static int keys[300];
  static int count;
  (void)bytes;
  for (int i = 0; i < 100; i++, count++) CHECK(tsearch(&keys[count], &root, compare_ints) != NULL);
  return NOT_KNOWN;
}

static void *run(void *unused) {
  return unused;
}

static uint64_t place_pthread_create(size_t bytes) {
  pthread_t thread;
  (void)bytes;
  CHECK_EQUAL(pthread_create(&thread, NULL, run, NULL), 0);
  CHECK_EQUAL(pthread_join(thread, NULL), 0);
  return NOT_KNOWN;
}

#define PLACE(name)                                                                                          \
  { #name, place_##name }
static const struct place places[] = {
    PLACE(strdup),         PLACE(strndup), PLACE(asprintf), PLACE(getline),   PLACE(fopen),
    PLACE(open_memstream), PLACE(opendir), PLACE(regcomp),  PLACE(setlocale), PLACE(getaddrinfo),
    PLACE(qsort),          PLACE(printf),  PLACE(atexit),   PLACE(setenv),    PLACE(tsearch),
    PLACE(pthread_create), {NULL, NULL}};

int main(int argc, char **argv) {
  return go_through(places, argc, argv);
}
