/*
 * What the C++ runtime asks for on behalf of a program: containers, streams, exceptions. Namespaces stand for parts of the
 * program.
 */
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "places.h"

namespace app {
namespace net {

static std::vector<std::string> names;

__attribute__((noinline)) uint64_t place_string(size_t bytes) {
  names.reserve(100);
  names.push_back(std::string(bytes, 'a'));
  names.back() += "and more";
  return NOT_KNOWN;
}

__attribute__((noinline)) uint64_t place_new(size_t bytes) {
  return kept(::operator new(bytes));
}

__attribute__((noinline)) uint64_t place_thread(size_t) {
  std::thread([] {}).join();
  return NOT_KNOWN;
}

} // namespace net

namespace store {

static std::map<int, std::string> map;
static std::unordered_map<int, int> table;
static std::vector<std::shared_ptr<int>> pointers;

__attribute__((noinline)) uint64_t place_map(size_t bytes) {
  for (int i = 0; i < 50; i++)
    map[static_cast<int>(bytes) + i] = "a text that is too long to lie in the string itself";
  return NOT_KNOWN;
}

__attribute__((noinline)) uint64_t place_table(size_t bytes) {
  for (int i = 0; i < 50; i++) table[static_cast<int>(bytes) + i] = i;
  return NOT_KNOWN;
}

__attribute__((noinline)) uint64_t place_shared(size_t) {
  pointers.push_back(std::make_shared<int>(3));
  return NOT_KNOWN;
}

__attribute__((noinline)) uint64_t place_stream(size_t bytes) {
  std::ostringstream text;
  for (size_t i = 0; i < bytes; i++) text << i << ' ';
  CHECK(!text.str().empty());
  std::cout << "printed " << bytes << std::endl;
  return NOT_KNOWN;
}

__attribute__((noinline)) uint64_t place_exception(size_t bytes) {
  try {
    if (bytes) throw std::runtime_error("a text that is too long to lie in the string itself");
  } catch (const std::exception &error) {
    CHECK(error.what() != nullptr);
  }
  try {
    std::vector<int>().at(bytes);
  } catch (const std::out_of_range &) {
  }
  return NOT_KNOWN;
}

} // namespace store
} // namespace app

static const struct place places[] = {{"string", app::net::place_string},
                                      {"new", app::net::place_new},
                                      {"thread", app::net::place_thread},
                                      {"map", app::store::place_map},
                                      {"table", app::store::place_table},
                                      {"shared", app::store::place_shared},
                                      {"stream", app::store::place_stream},
                                      {"exception", app::store::place_exception},
                                      {nullptr, nullptr}};

int main(int argc, char **argv) {
  return go_through(places, argc, argv);
}
