/*
 * memory_resource.cc: std::pmr containers with a category, one alone and many in a pool. Needs C++17.
 *
 *     c++ -std=c++17 memory_resource.cc $(pkg-config --cflags --libs ration) -o memory_resource && ./memory_resource
 */
#include <cstdio>
#include <memory_resource>
#include <ration/ration.hpp>
#include <string>
#include <unordered_map>
#include <vector>

int main() {
  const ration::category parser("parser"), cache("cache");

  ration::memory_resource for_parser(parser);
  std::pmr::vector<std::pmr::string> tokens(&for_parser); // the strings take the vector's resource
  tokens.reserve(10);
  for (int i = 0; i < 10; i++) tokens.emplace_back("a token that is too long for the string itself");

  ration::memory_resource for_cache(cache);
  std::pmr::monotonic_buffer_resource buffer(4096, &for_cache); // its buffers are the blocks of `cache`
  std::pmr::unordered_map<int, int> values(&buffer);
  for (int i = 0; i < 20; i++) values[i] = i;

  for (const ration::category &category : {parser, cache})
    std::printf("%s: %llu bytes in %llu blocks\n", category.path(),
                (unsigned long long)category.stats().live_bytes,
                (unsigned long long)category.stats().live_blocks);
}
