/*
 * Grows by a known amount, in a known way, at each letter that it reads, and then says what mallinfo2 says that the heap
 * holds of the kernel: t, a block that is written to; u, one that is not; f, many small ones, of which those in the middle
 * are freed; a, a block that is written to, and of whose middle the kernel is told something, which makes three mappings
 * of it; p, blocks that are written to and one between them that is read, and a child that has them, too; m, an anonymous
 * mapping; s, a thread that uses its stack; l, a mapped file, read; z, a mapping that is read and not written.
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static pthread_barrier_t barrier;
static volatile unsigned char sink;

static void *use_stack(void *unused) {
  (void)unused;
  volatile unsigned char used[MIB];
  for (size_t i = 0; i < sizeof used; i += 512) used[i] = 1;
  pthread_barrier_wait(&barrier);
  pause();
  return NULL;
}

static void start_thread(void) {
  pthread_t thread;
  pthread_barrier_init(&barrier, NULL, 2);
  if (pthread_create(&thread, NULL, use_stack, NULL) != 0) abort();
  pthread_barrier_wait(&barrier);
}

static void free_the_middle(void) {
  static char *blocks[1000];
  for (int i = 0; i < 1000; i++) blocks[i] = memset(malloc(10000), 1, 10000);
  for (int i = 100; i < 900; i++) free(blocks[i]);
}

static const volatile unsigned char *map(int flags, int file, size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  if (memory == MAP_FAILED) abort();
  return memory;
}

static void read_all(const volatile unsigned char *memory, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 4096) sink = memory[i];
}

static void map_file(void) {
  int file = open("mapped", O_RDWR | O_CREAT, 0600);
  char block[4096] = "x";
  for (size_t at = 0; at < 4 * MIB; at += sizeof block)
    if (write(file, block, sizeof block) != sizeof block) abort();
  read_all(map(MAP_PRIVATE, file, 4 * MIB), 4 * MIB);
}

static void advise_the_middle(void) {
  char *block = memset(malloc(20 * MIB), 1, 20 * MIB);
  char *middle = block - (uintptr_t)block % 4096 + 5 * MIB;
  if (madvise(middle, 10 * MIB, MADV_DONTDUMP) != 0) abort();
}

static void share_with_child(void) {
  for (int i = 0; i < 40; i++) {
    volatile unsigned char *block = malloc(MIB); /* each is mapped, side by side */
    if (i == 20) read_all(block, MIB);
    if (i != 20) memset((void *)(size_t)block, 1, MIB);
  }
  if (fork() != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) pause();
}

static void grow(char how) {
  if (how == 't') memset(malloc(20 * MIB), 1, 20 * MIB);
  if (how == 'u') sink = malloc(30 * MIB) != NULL;
  if (how == 'f') free_the_middle();
  if (how == 'a') advise_the_middle();
  if (how == 'p') share_with_child();
  if (how == 'm') memset((void *)(size_t)map(MAP_PRIVATE | MAP_ANONYMOUS, -1, 8 * MIB), 1, 8 * MIB);
  if (how == 's') start_thread();
  if (how == 'l') map_file();
  if (how == 'z') read_all(map(MAP_PRIVATE | MAP_ANONYMOUS, -1, 8 * MIB), 8 * MIB);
}

int main(void) {
  static char line[4096];
  setvbuf(stdout, line, _IOFBF, sizeof line);
  free(malloc(100));
  char how;
  while (read(0, &how, 1) == 1) {
    grow(how);
    struct mallinfo2 heap = mallinfo2();
    printf("%zu\n", heap.arena + heap.hblkhd);
    fflush(stdout);
  }
  return 0;
}
