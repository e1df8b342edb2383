/*
 * allocator.cc: containers that have a category of their own, wherever and by whomever they are filled.
 *
 *     c++ allocator.cc $(pkg-config --cflags --libs ration) -o allocator && ./allocator
 */
#include <cstdio>
#include <functional>
#include <map>
#include <ration/ration.hpp>
#include <string>
#include <vector>

template <class T> using vector = std::vector<T, ration::allocator<T>>;
template <class K, class V>
using map = std::map<K, V, std::less<K>, ration::allocator<std::pair<const K, V>>>;
using string = std::basic_string<char, std::char_traits<char>, ration::allocator<char>>;

struct alignas(64) particle {
  float place[3], speed[3];
};

int main() {
  const ration::category rendering("rendering"), world("world"), names("world/names"), physics("physics");

  vector<int> indices(rendering); // a category is all that a container needs to be told
  indices.reserve(1000);
  map<int, double> depths(world);
  for (int i = 0; i < 100; i++) depths[i] = i;
  string name("a name that is too long for the string itself", names);
  vector<particle> particles(10, physics);

  string copy(name);                     // of the same category
  vector<int> moved(std::move(indices)); // the block goes along, and the category
  depths.erase(0);

  for (const ration::category &category : {rendering, world, names, physics})
    std::printf("%s: %llu bytes in %llu blocks\n", category.path(),
                (unsigned long long)category.stats().live_bytes,
                (unsigned long long)category.stats().live_blocks);
}
