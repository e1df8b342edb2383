/*
 * Who asked for a block of operator new: the caller of the operator, in whatever variant; not the C++ runtime, in
 * which malloc is called, nor the shim, where one variant ends in a jump to another. Expected: each block is the
 * program's own.
 */
#include <new>

#include "victim.h"

static const std::align_val_t page = std::align_val_t(4096);

static void is_of_program(void *block) {
  struct ration_block info;
  info.size = sizeof info;
  if (!is_tracked()) return;
  CHECK_EQUAL(SHIM(ration_block_info)(block, &info), 0);
  const char *path = SHIM(ration_category_path)(info.category);
  if (strcmp(path, "bin/asker_of_new") != 0) dprintf(1, "charged to %s\n", path);
}

int main() {
  for (int pass = 0; pass < 2; pass++) {
    void *blocks[] = {::operator new(10),
                      ::operator new[](10),
                      ::operator new(10, std::nothrow),
                      ::operator new[](10, std::nothrow),
                      ::operator new(10, page),
                      ::operator new[](10, page),
                      ::operator new(10, page, std::nothrow),
                      ::operator new[](10, page, std::nothrow)};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) is_of_program(blocks[i]);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
      if (i < 4)
        ::operator delete(blocks[i]);
      else
        ::operator delete(blocks[i], page);
    }
  }
  printf("8 variants\n");
  return 0;
}
