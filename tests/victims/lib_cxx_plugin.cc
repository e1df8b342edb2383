/*
 * A C++ plugin of a C program: new, delete, exceptions.
 *
 * link: -shared -fPIC
 */
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" int plugin_run(void);
extern "C" void *plugin_make(void);

extern "C" int plugin_run(void) {
  int caught = 0;
  for (int i = 0; i < 100; i++) {
    std::vector<std::string> names;
    for (int k = 0; k < 50; k++) names.push_back("a name that is too long to lie in the string itself");
    try {
      if (i % 2) throw std::runtime_error(names[static_cast<size_t>(i % 50)]);
      names.at(1000);
    } catch (const std::exception &) {
      caught++;
    }
    try {
      volatile size_t huge = static_cast<size_t>(-1) / 4;
      char *volatile block = new char[huge]; /* volatile: or the compiler leaves both out */
      delete[] block;
    } catch (const std::bad_alloc &) {
      caught++;
    }
  }
  return caught;
}

extern "C" void *plugin_make(void) {
  return new char[1000];
}
