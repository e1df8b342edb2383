/*
 * scope.cc: scopes as objects, which end with their block, by return and by exception.
 *
 *     c++ scope.cc $(pkg-config --cflags --libs ration) -o scope && ./scope
 */
#include <cstdio>
#include <ration/ration.hpp>
#include <stdexcept>
#include <vector>

static const ration::category terrain("world/terrain"), water("world/water");

static std::vector<char> make_tile(bool fails) {
  ration::scope in(terrain);
  std::vector<char> tile(1000);
  if (fails) throw std::runtime_error("no such tile"); // the tile is freed, and the scope closed
  ration::scope within(water);
  tile.resize(5000); // a new block, in world/water
  return tile;
}

int main() {
  std::vector<char> tile = make_tile(false), spare;
  try {
    make_tile(true);
  } catch (const std::runtime_error &) {
    ration::scope in(terrain);
    spare.reserve(20000);
  }
  for (const ration::category &category : {terrain, water})
    std::printf("%s: %llu bytes in %llu blocks\n", category.path(),
                (unsigned long long)category.stats().live_bytes,
                (unsigned long long)category.stats().live_blocks);
}
