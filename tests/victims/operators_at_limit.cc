/*
 * Operator new in all its variants at the limit of a budget, over whatever allocator. Expected: each is refused, by an
 * exception or NULL, where its block does not fit; a new-handler that frees is asked until it does; every variant of
 * operator delete takes back what it was given.
 */
#include <cstddef>
#include <cstdint>
#include <new>

#include "victim.h"

#define LIMIT ((size_t)1 << 20)
#define LARGE ((size_t)2 << 20)

static ration_category_id category;
static void *spare[64];
static int spare_count, asked;

static uint64_t live() {
  return books_by_id(category).live_bytes;
}

template <typename New> static void *attempt(New allocate) {
  void *block = nullptr;
  ration_tag_enter(category);
  try {
    block = allocate();
  } catch (std::bad_alloc &) {
  }
  ration_tag_leave();
  return block;
}

static void *by_variant(int variant, size_t size) {
  std::align_val_t alignment{128};
  switch (variant) {
  case 0:
    return attempt([=] { return ::operator new(size); });
  case 1:
    return attempt([=] { return ::operator new[](size); });
  case 2:
    return attempt([=] { return ::operator new(size, std::nothrow); });
  case 3:
    return attempt([=] { return ::operator new[](size, std::nothrow); });
  case 4:
    return attempt([=] { return ::operator new(size, alignment); });
  case 5:
    return attempt([=] { return ::operator new[](size, alignment); });
  case 6:
    return attempt([=] { return ::operator new(size, alignment, std::nothrow); });
  default:
    return attempt([=] { return ::operator new[](size, alignment, std::nothrow); });
  }
}

static void give_back(int variant, void *block, size_t size) {
  std::align_val_t alignment{128};
  switch (variant) {
  case 0:
    return ::operator delete(block, size);
  case 1:
    return ::operator delete[](block, size);
  case 2:
    return ::operator delete(block, std::nothrow);
  case 3:
    return ::operator delete[](block, std::nothrow);
  case 4:
    return ::operator delete(block, size, alignment);
  case 5:
    return ::operator delete[](block, size, alignment);
  case 6:
    return ::operator delete(block, alignment, std::nothrow);
  default:
    return ::operator delete[](block, alignment);
  }
}

static void free_one() {
  asked++;
  if (!spare_count) throw std::bad_alloc();
  free(spare[--spare_count]);
}

static void fill_spare() {
  ration_tag_enter(category);
  while (spare_count < 64 && (spare[spare_count] = malloc(20000))) spare_count++;
  ration_tag_leave();
  CHECK(spare_count > 10 && spare_count < 64);
}

int main() {
  CHECK(is_tracked());
  category = ration_tag_category("held");
  struct ration_budget budget = {};
  budget.size = sizeof budget;
  budget.limit_bytes = LIMIT;
  budget.policy = RATION_POLICY_REFUSE;
  CHECK_EQUAL(SHIM(ration_budget_set)(category, &budget), 0);
  static const size_t sizes[] = {0, 1, 8, 9, 100, 5000, 300000};
  for (int variant = 0; variant < 8; variant++) {
    CHECK(by_variant(variant, LARGE) == nullptr);
    CHECK(by_variant(variant, SIZE_MAX - 300) == nullptr);
    CHECK_EQUAL(live(), 0);
    for (size_t size : sizes) {
      void *block = by_variant(variant, size);
      CHECK(block != nullptr && live() >= size && live() <= LIMIT);
      CHECK(variant < 4 || (uintptr_t)block % 128 == 0);
      give_back(variant, block, size);
      CHECK_EQUAL(live(), 0);
    }
    fill_spare();
    std::set_new_handler(free_one);
    asked = 0;
    void *block = by_variant(variant, 100000);
    CHECK(block != nullptr && asked >= 1 && asked < 10 && live() <= LIMIT);
    give_back(variant, block, 100000);
    CHECK(by_variant(variant, LARGE) == nullptr);
    CHECK_EQUAL(spare_count, 0);
    CHECK_EQUAL(live(), 0);
    std::set_new_handler(nullptr);
  }
  return 0;
}
