/*
 * library.c: cc into a scratch file, a memfd for the copy that the tests read, a heap block for what is loaded: exactly
 * as large, so that a sanitizer sees every byte that is read beyond.
 */
#include "os/library.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void read_file(const char *path, struct library *library);
static void find_layout(struct library *library);

void library_make(const char *source, const char *arguments, struct library *library) {
  char scratch[] = "/tmp/ration-library-XXXXXX", command[512];
  *library = (struct library){0};
  close(mkstemp(scratch));
  snprintf(command, sizeof command, "cc -shared -fPIC -x c - -o %s %s", scratch, arguments);
  FILE *compiler = popen(command, "w");
  cr_assert_not_null(compiler);
  fputs(source, compiler);
  int status = pclose(compiler);
  if (status == 0) read_file(scratch, library);
  unlink(scratch);
  cr_assert_eq(status, 0, "%s", command);
  library->descriptor = memfd_create("library", MFD_CLOEXEC);
  snprintf(library->path, sizeof library->path, "/proc/self/fd/%d", library->descriptor);
  library_write(library, library->bytes, library->size);
  find_layout(library);
  library_load(library);
}

static void read_file(const char *path, struct library *library) {
  FILE *file = fopen(path, "r");
  cr_assert_not_null(file);
  fseek(file, 0, SEEK_END);
  library->size = (size_t)ftell(file);
  library->bytes = malloc(library->size);
  rewind(file);
  cr_assert_eq(fread(library->bytes, 1, library->size, file), library->size);
  fclose(file);
}

static void find_layout(struct library *library) {
  ElfW(Ehdr) header;
  memcpy(&header, library->bytes, sizeof header);
  size_t bytes = header.e_phnum * sizeof *library->layout;
  library->layout_count = header.e_phnum;
  library->layout = malloc(bytes);
  library->headers = malloc(bytes);
  memcpy(library->layout, library->bytes + header.e_phoff, bytes);
  for (size_t i = 0; i < library->layout_count; i++) {
    size_t end = library->layout[i].p_vaddr + library->layout[i].p_memsz;
    if (library->layout[i].p_type == PT_LOAD && end > library->memory_bytes) library->memory_bytes = end;
  }
  library->memory = malloc(library->memory_bytes);
}

void library_load(struct library *library) {
  size_t headers_at = ((const ElfW(Ehdr) *)(const void *)library->bytes)->e_phoff;
  size_t headers_bytes = library->layout_count * sizeof *library->headers;
  if (headers_at > library->size || headers_bytes > library->size - headers_at)
    headers_at = sizeof(ElfW(Ehdr));
  memcpy(library->headers, library->bytes + headers_at, headers_bytes);
  memset(library->memory, 0, library->memory_bytes);
  struct module module = {
      .path = library->path,
      .start = (uintptr_t)library->memory,
      .bytes = library->memory_bytes,
      .bias = (uintptr_t)library->memory,
      .headers = library->headers,
      .header_count = library->layout_count,
  };
  for (size_t i = 0; i < library->layout_count; i++) {
    const ElfW(Phdr) *part = &library->layout[i];
    if (part->p_type == PT_LOAD)
      memcpy(library->memory + part->p_vaddr, library->bytes + part->p_offset, part->p_filesz);
    if (part->p_type == PT_DYNAMIC) module.dynamic = (const void *)(library->memory + part->p_vaddr);
  }
  library->module = module;
}

void library_write(const struct library *library, const unsigned char *bytes, size_t size) {
  cr_assert_eq(ftruncate(library->descriptor, (off_t)size), 0);
  cr_assert_eq(pwrite(library->descriptor, bytes, size, 0), (ssize_t)size);
}

void library_free(struct library *library) {
  close(library->descriptor);
  free(library->bytes);
  free(library->layout);
  free(library->headers);
  free(library->memory);
}
