/*
 * cxx_name.h: globs of C++ functions, written with `::`, as globs of the names that their symbols have.
 *
 * Symbols are mangled (Itanium C++ ABI, gcc and clang): app::Cache::insert(int) is _ZN3app5Cache6insertEi, each part of
 * its name behind its length, a const member has a K behind the N. What is written here for what:
 *
 *   app::Cache::*          _ZN*3app5Cache*            members, also of nested and templated classes
 *   app::Cache::insert     _ZN*3app5Cache6insert[BEI]* overloads, template instances, tagged with [abi:...]
 *   app::Cache::ins*       _ZN*3app5Cache*[0-9]ins*   a part that is a glob: its length is not known
 *   app::*::insert         _ZN*3app*6insert[BEI]*     `*` alone: any parts, also an unnamed namespace
 *   app::Cache::Cache      _ZN*3app5CacheC[0-9I]*     constructors; ~Cache: _ZN*3app5CacheD[0-9]Ev*
 *   ::parse                _Z5parse*                  a function outside every namespace
 *   std::move              _ZSt4move*
 *   std::list::*           _ZNSt4list*, _ZNKSt4list*  nested in std, whose abbreviation arguments have as well
 *   std::*                 _ZSt*, _ZNS[a-z]*, _ZNKS[a-z]*
 *
 * Since the first star stands for qualifiers, and arguments are part of the name, a glob may fit a function of
 * another namespace that takes such a class: util::show(app::Cache&) fits app::Cache::*. ration-config(5) says so.
 */
#ifndef RATION_TOOL_CONFIG_CXX_NAME_H
#define RATION_TOOL_CONFIG_CXX_NAME_H

#include <stdbool.h>
#include <stdio.h>

#include "config/stretch.h"
#include "reader/fault.h"

/* Is it one of those? */
bool cxx_name_is(struct stretch glob);

/*
 * Writes the globs, each behind `prefix` ("fn:"; ""), parted by '|'. Returns 0, or -EINVAL with words: templates,
 * operators, argument lists and what else has no such name. The glob itself must be well-formed.
 */
int cxx_name_write(struct stretch glob, const char *prefix, FILE *to, struct fault *ret_fault);

#endif
