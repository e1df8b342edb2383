/*
 * ration.hpp's allocator, memory resource and captured scopes, in containers of all kinds. Expected: each block is in
 * its container's category whatever scope is open, also where the container was copied, moved, swapped or spliced; what
 * an allocation throws closes the scope that was open for it.
 */
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <ration/ration.hpp>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "victim.h"

/* Not linked with the library, which is preloaded: this program is position-independent, so weak references do. */
#pragma weak ration_category
#pragma weak ration_category_path
#pragma weak ration_enter_at
#pragma weak ration_leave_at
#pragma weak ration_stats
#pragma weak ration_scope_capture
#pragma weak ration_scope_resume

static uint64_t blocks_of(const ration::category &category) {
  return category.stats().live_blocks;
}

static void check_in(const char *category) {
  void *volatile block = malloc(10);
  CHECK_EQUAL(strcmp(category_of(block), category), 0);
  free(block);
}

template <class T> using vector = std::vector<T, ration::allocator<T>>;
template <class T> using list = std::list<T, ration::allocator<T>>;

static void use_traits() {
  using allocator = ration::allocator<int>;
  using traits = std::allocator_traits<allocator>;
  static_assert(std::is_same<traits::rebind_alloc<std::string>, ration::allocator<std::string>>::value, "");
  static_assert(traits::is_always_equal::value, "");
  static_assert(std::is_nothrow_copy_constructible<allocator>::value, "");
  const ration::category a("traits/a"), b("traits/b");
  allocator first(a), second(b);
  ration::allocator<double> other(first);
  CHECK(first == second && !(first != second) && other == first);
  CHECK_EQUAL(other.in().id(), a.id());
  CHECK_EQUAL(traits::select_on_container_copy_construction(second).in().id(), b.id());
  int *block = first.allocate(100);
  CHECK_EQUAL(strcmp(category_of(block), "traits/a"), 0);
  second.deallocate(block, 100);
  CHECK_EQUAL(blocks_of(a), 0);
}

/* A container may be declared of a type that is not complete yet, and an allocator be kept as one of void. */
struct tree {
  vector<tree> branches{ration::category("tree")};
};

static void use_incomplete() {
  ration::allocator<void> of_nothing(ration::category("tree"));
  {
    tree root;
    root.branches.emplace_back();
    root.branches[0].branches.emplace_back();
    vector<char> leaves(100, 'x', of_nothing);
    CHECK_EQUAL(blocks_of(of_nothing.in()), 3);
  }
  CHECK_EQUAL(blocks_of(of_nothing.in()), 0);
}

/* Each node and table of it, inside another scope. */
static void use_containers() {
  const ration::category in("containers");
  ration::scope elsewhere(ration::category("elsewhere"));
  uint64_t outside = blocks_of(ration::category("elsewhere"));
  {
    vector<int> numbers({1, 2, 3}, in);
    list<int> nodes(10, 7, in);
    std::deque<int, ration::allocator<int>> queue(100, 7, in);
    std::set<int, std::less<int>, ration::allocator<int>> ordered{in};
    std::unordered_map<int, int, std::hash<int>, std::equal_to<int>,
                       ration::allocator<std::pair<const int, int>>>
        table{in};
    for (int i = 0; i < 100; i++) {
      ordered.insert(i);
      table[i] = i;
    }
    auto shared = std::allocate_shared<int>(ration::allocator<int>(in), 7);
    CHECK(blocks_of(in) > 1 + 10 + 2 + 100 + 101);
    CHECK_EQUAL(blocks_of(ration::category("elsewhere")), outside);
    CHECK_EQUAL(strcmp(category_of(numbers.data()), "containers"), 0);
    CHECK_EQUAL(strcmp(category_of(&*nodes.begin()), ""), 0); /* inside its node */
    check_in("elsewhere");
  }
  CHECK_EQUAL(blocks_of(in), 0);
}

static void pass_about() {
  const ration::category a("passed/a"), b("passed/b");
  vector<int> first(100, 1, a), second(100, 2, b);
  vector<int> copy(first), moved(std::move(second));
  CHECK_EQUAL(copy.get_allocator().in().id(), a.id());
  CHECK_EQUAL(moved.get_allocator().in().id(), b.id());
  CHECK_EQUAL(blocks_of(a), 2);
  CHECK_EQUAL(blocks_of(b), 1);
  copy = moved; /* its own category stays */
  copy.resize(1000);
  CHECK_EQUAL(strcmp(category_of(copy.data()), "passed/a"), 0);
  std::swap(copy, moved);
  CHECK_EQUAL(strcmp(category_of(copy.data()), "passed/b"), 0);
  copy.resize(5000);
  CHECK_EQUAL(strcmp(category_of(copy.data()), "passed/b"), 0);
  first = std::move(copy);
  first.resize(10000);
  CHECK_EQUAL(strcmp(category_of(first.data()), "passed/b"), 0);

  list<int> in_a(5, 1, a), in_b(5, 2, b);
  uint64_t before = blocks_of(b);
  in_a.splice(in_a.end(), in_b);
  CHECK_EQUAL(in_a.size(), 10);
  CHECK_EQUAL(blocks_of(b), before);
  in_a.clear();
  CHECK_EQUAL(blocks_of(b), before - 5);
}

struct alignas(256) wide {
  char bytes[300];
};

static void align() {
  const ration::category in("aligned");
  for (int i = 0; i < 20; i++) {
    vector<wide> blocks(3, in);
    CHECK_EQUAL((uintptr_t)blocks.data() % 256, 0);
    CHECK_EQUAL(blocks_of(in), 1);
  }
  CHECK_EQUAL(blocks_of(in), 0);
}

static void fail() {
  const ration::category in("failed");
  ration::allocator<int> allocator(in);
  for (size_t count : {(size_t)1 << 60, (size_t)1 << 62, SIZE_MAX, SIZE_MAX / sizeof(int)}) {
    try {
      allocator.deallocate(allocator.allocate(count), count);
      CHECK(false);
    } catch (const std::bad_alloc &) {
      check_in("bin/cxx_allocators");
    }
  }
  ration::allocator<int> none, invalid(ration::category("no//such"));
  ration::scope open(in);
  for (auto &other : {none, invalid}) {
    int *block = ration::allocator<int>(other).allocate(10);
    CHECK_EQUAL(strcmp(category_of(block), "failed"), 0);
    ration::allocator<int>(other).deallocate(block, 10);
  }
}

static void use_resources() {
  const ration::category in("resource"), pool_in("resource/pool");
  ration::memory_resource resource(in), same(in);
  CHECK(resource == resource && resource != same && resource.upstream() == std::pmr::new_delete_resource());
  {
    std::pmr::vector<std::pmr::string> strings(&resource);
    for (int i = 0; i < 10; i++) strings.emplace_back(1000, 'x');
    CHECK_EQUAL(blocks_of(in), 11);
    void *block = resource.allocate(100, 128);
    CHECK_EQUAL((uintptr_t)block % 128, 0);
    CHECK_EQUAL(strcmp(category_of(block), "resource"), 0);
    resource.deallocate(block, 100, 128);
    try {
      resource.deallocate(resource.allocate((size_t)1 << 60), (size_t)1 << 60);
      CHECK(false);
    } catch (const std::bad_alloc &) {
      check_in("bin/cxx_allocators");
    }
    ration::memory_resource for_pool(pool_in);
    std::pmr::unsynchronized_pool_resource pool(&for_pool);
    std::pmr::list<int> numbers(100, 7, &pool);
    CHECK(blocks_of(pool_in) > 0);
    CHECK_EQUAL(blocks_of(in), 11);
  }
  CHECK_EQUAL(blocks_of(in) + blocks_of(pool_in), 0);
}

static void carry_scopes() {
  const ration::category outer("carried"), inner("carried/inner"), own("carriers");
  std::thread thread;
  {
    ration::scope first(outer), second(inner);
    ration::captured scopes;
    ration::scope third(own); /* the thread starts in it */
    thread = std::thread([scopes] {
      check_in("carriers");
      ration::scope mine(ration::category("mine"));
      for (int i = 0; i < 10; i++) {
        ration::resume in(scopes);
        check_in("carried/inner");
        ration::scope deeper(ration::category("deeper"));
        check_in("deeper");
      }
      check_in("mine");
      try {
        ration::resume in(scopes);
        throw 7;
      } catch (int) {
        check_in("mine");
      }
    });
  }
  thread.join();
  check_in("bin/cxx_allocators");
}

int main() {
  if (!is_tracked()) return puts("done") < 0;
  use_traits();
  use_incomplete();
  use_containers();
  pass_about();
  align();
  fail();
  use_resources();
  carry_scopes();
  puts("done");
}
