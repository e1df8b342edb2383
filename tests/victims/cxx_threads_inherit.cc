/*
 * Threads of C++ inside a scope, and exceptions in them. Expected: std::thread and std::async start in the creator's
 * category; what is thrown in a thread is caught there, passes through std::async, and pthread_exit unwinds.
 *
 * The argument "throw" ends the process by an exception that nobody catches.
 */
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "victim.h"

static void check_in(const char *category) {
  void *volatile block = malloc(10);
  if (is_tracked()) CHECK_EQUAL(strcmp(category_of(block), category), 0);
  free(block);
}

static void use_threads() {
  std::vector<std::thread> threads;
  enter("threads");
  for (int i = 0; i < 20; i++)
    threads.emplace_back([] {
      check_in("threads");
      try {
        std::vector<int>().at(3);
      } catch (const std::out_of_range &) {
        check_in("threads");
      }
    });
  leave();
  for (auto &thread : threads) thread.join();
}

static void use_futures() {
  enter("futures");
  auto value = std::async(std::launch::async, [] {
    check_in("futures");
    return std::string(1000, 'x');
  });
  auto failure = std::async(std::launch::async, []() -> int { throw std::runtime_error("in a thread"); });
  leave();
  CHECK_EQUAL(value.get().size(), 1000);
  try {
    failure.get();
    CHECK(false);
  } catch (const std::runtime_error &error) {
    CHECK_EQUAL(strcmp(error.what(), "in a thread"), 0);
  }
}

static int unwound;

struct unwinds {
  ~unwinds() {
    unwound++;
  }
};

static void *exit_early(void *) {
  unwinds object;
  pthread_exit(&unwound);
}

static void unwind_by_exit() {
  enter("exits");
  for (int i = 1; i <= 10; i++) {
    join_thread(start_thread(exit_early, nullptr));
    CHECK_EQUAL(unwound, i);
  }
  leave();
}

static void *throw_for_nobody(void *) {
  throw std::runtime_error("for nobody");
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "throw")) {
    enter("thrown");
    join_thread(start_thread(throw_for_nobody, nullptr));
  }
  use_threads();
  use_futures();
  unwind_by_exit();
  check_in("bin/cxx_threads_inherit");
  puts("done");
}
