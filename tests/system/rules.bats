#!/usr/bin/env bats
# Rules and wrappers: programs whose every block must be charged to the category that the rules say, to the byte
# (tests/victims/rules/places.h), over each allocator.

load helpers
load alike

SOURCES=$BATS_TEST_DIRNAME/../victims/rules
VICTIMS=$BATS_FILE_TMPDIR
FLAGS=(-O2 -g -D_GNU_SOURCE -Wall -Wextra -Werror -fno-builtin "-I$BATS_TEST_DIRNAME/../../include"
  "-I$BATS_TEST_DIRNAME/../victims" "-I$SOURCES" -pthread)

# library NAME SOURCE FLAGS...: libNAME.so. program NAME FLAGS...: built from NAME.c.
library() {
  local name=$1 source=$2
  shift 2
  "${CC:-gcc}" -std=c11 "${FLAGS[@]}" -shared -fPIC "$SOURCES/$source" "$@" -Wl,-soname,"lib$name.so" \
    -L"$VICTIMS" -Wl,-rpath,"$VICTIMS" -o "$VICTIMS/lib$name.so"
}

program() {
  local name=$1 compile=("${CC:-gcc}" -std=c11) source=$SOURCES/$1.c
  shift
  if [ ! -e "$source" ]; then compile=("${CXX:-g++}" -std=c++17) source=${source%.c}.cc; fi
  "${compile[@]}" "${FLAGS[@]}" "$source" "$@" -L"$VICTIMS" -Wl,-rpath,"$VICTIMS" -o "$VICTIMS/$name"
}

setup_file() {
  library wrap lib_wrappers.c '-DPREFIX(name)=x##name'
  library bare lib_wrappers.c '-DPREFIX(name)=bare_x##name' -fno-asynchronous-unwind-tables -fno-unwind-tables \
    -fomit-frame-pointer
  library framed lib_wrappers.c '-DPREFIX(name)=framed_x##name' -fno-asynchronous-unwind-tables -fno-unwind-tables \
    -fno-omit-frame-pointer
  library outer lib_outer.c -lwrap
  library first lib_asks.c -DNAME=first -lwrap
  library second lib_asks.c -DNAME=second -lwrap
  library early lib_early.c -lwrap
  program early -learly
  program charges -fno-inline -lfirst -lsecond -louter -lwrap -lbare -lframed
  program libc_places -fno-inline
  program threads
  program cxx_places
  # shellcheck disable=SC2046 # words
  program glib_places -fno-inline $(pkg-config --cflags --libs glib-2.0)
}

# ruled OPTIONS: what the shim is told, beside keep=1.
ruled() {
  # shellcheck disable=SC2034 # of alike.bash
  options=keep=1,$1
}


# ---- which rule -------------------------------------------------------------------------------------------------------

@test "libraries by name, in the order of the rules" {
  ruled 'a.match=lib:libfirst.so,b.match=lib:lib*.so'
  everywhere charges first=a first_json=a first_hidden=a second=b second_json=b malloc=bin/charges
  ruled 'b.match=lib:lib*.so,a.match=lib:libfirst.so'
  everywhere charges first=b first_json=b second=b malloc=bin/charges
  ruled 'b.match=lib:lib[!f]*.so'
  victim charges first=lib/libfirst.so second=b
}

@test "functions before and behind libraries" {
  ruled 'json.match=fn:*_json_*,a.match=lib:libfirst.so'
  everywhere charges first=a first_json=json second_json=json second=lib/libsecond.so
  ruled 'a.match=lib:libfirst.so,json.match=fn:*_json_*'
  everywhere charges first=a first_json=a second_json=json
  ruled 'x.match=fn:first_make|fn:second_static|fn:place_malloc|fn:no_such'
  everywhere charges first=x second_hidden=x malloc=x second=lib/libsecond.so calloc=bin/charges
}

@test "the program by name and by path" {
  ruled 'p.match=lib:charges'
  victim charges malloc=p first=lib/libfirst.so
  ruled "p.match=lib:$VICTIMS/*"
  victim charges malloc=p first=p
  ruled 'p.match=lib:*/libfirst.so'
  victim charges malloc=bin/charges first=p
}

@test "a library by the path that it was loaded by, which may be relative" {
  cat >plugin.c <<'C'
#include <stdlib.h>
void *plug(void) { void *block = malloc(1000); return block; }
C
  cat >loads.c <<'C'
#include <dlfcn.h>
int main(void) {
  void *library = dlopen("./plugin.so", RTLD_NOW);
  return !library || !((void *(*)(void))dlsym(library, "plug"))();
}
C
  gcc -fno-builtin -shared -fPIC plugin.c -o plugin.so
  gcc loads.c -o loads
  "$RATION" run --json --output report.json --set "far.match=lib:$PWD/plugin.so,near.match=lib:./plugin.so" -- ./loads
  jq -e '.processes[0] | [.categories[] | select(.live_blocks == 1).name] == ["near"]' report.json
  "$RATION" run --json --output report.json --set "any.match=lib:*/plugin.so" -- ./loads
  jq -e '.processes[0] | [.categories[] | select(.name == "any").live_blocks] == [1]' report.json
}

@test "sizes at, below and above the bound" {
  ruled 'big.match=size:>=1000'
  for place in malloc calloc realloc reallocarray aligned first; do
    own=bin/charges
    if [ "$place" = first ]; then own=lib/libfirst.so; fi
    everywhere charges $place:999=$own $place:1000=big $place:1001=big $place:1000000=big
  done
  ruled 'big.match=size:>1000,small.match=size:<64,one.match=size:=100,most.match=size:<=200'
  everywhere charges malloc:1000=bin/charges malloc:1001=big malloc:63=small malloc:64=most malloc:100=one \
    malloc:101=most malloc:200=most malloc:201=bin/charges
}

@test "sizes beyond what the fast path serves, and at its end" {
  ruled 'big.match=size:>=256K'
  everywhere charges malloc:100=bin/charges malloc:262143=bin/charges malloc:262144=big malloc:262145=big
  for bound in 131071 131072 131073; do
    ruled "big.match=size:>=$bound"
    victim charges malloc:100=bin/charges malloc:$((bound - 1))=bin/charges malloc:$bound=big malloc:$((bound + 1))=big
  done
}

@test "sizes before and behind libraries" {
  ruled 'big.match=size:>=1000,a.match=lib:libfirst.so'
  everywhere charges first:999=a first:1000=big malloc:1000=big malloc:999=bin/charges
  ruled 'a.match=lib:libfirst.so,big.match=size:>=1000'
  everywhere charges first:999=a first:1000=a malloc:1000=big second:1000=big
}

@test "a wrapper's caller and the size" {
  ruled 'big.match=size:>=1000,a.match=lib:libfirst.so,transparent=libwrap.so'
  everywhere charges first_wrapped:999=a first_wrapped:1000=big second_wrapped:1000=big lib_wrapped:999=bin/charges
}

# ---- threads ----------------------------------------------------------------------------------------------------------

@test "threads by their names" {
  ruled 'io.match=thread:io-*,cpu.match=thread:cpu-?,main.match=thread:threads'
  for what in at_once one_by_one renamed; do everywhere threads $what; done
}

# ---- wrappers ---------------------------------------------------------------------------------------------------------

# kinds PREFIX CATEGORY: wrappers of each kind.
kinds() {
  local kind
  for kind in wrapped jump nested alloca registers realigned large_frame deep; do echo "$1_$kind=$2"; done
}

@test "the shim itself, by which threads are created, is no module that came late" {
  ruled 'no.match=fn:no_such'
  VICTIMS=$RATION_BUILD/victims victim threads_at_once
  [ "$(figure "$(the_segment)" .late_modules)" = 0 ]
  [ "$(figure "$(the_segment)" .unread_modules)" = 0 ]
}

@test "a file that cannot be read is said: the program's own, without /proc" {
  in_mounts 'mount -t tmpfs none /proc'
  ruled 'own.match=fn:place_malloc,lib.match=fn:first_static'
  victim charges malloc=bin/charges first_hidden=lib
  [ "$(figure "$(the_segment)" .unread_modules)" = 1 ]
  "$RATION" report | grep -Fx '  fn: rules saw only the dynamic symbols of 1 module whose file could not be read'
}

@test "a library of wrappers" {
  ruled 'transparent=libwrap.so'
  # shellcheck disable=SC2046 # words
  everywhere charges $(kinds lib bin/charges) first_wrapped=lib/libfirst.so second_wrapped=lib/libsecond.so
  ruled 'transparent=none'
  # shellcheck disable=SC2046
  victim charges $(kinds lib lib/libwrap.so | grep -v jump) lib_jump=bin/charges first_wrapped=lib/libwrap.so
}

@test "functions of the program that are wrappers" {
  ruled 'wrapper=own_x*'
  # shellcheck disable=SC2046
  everywhere charges $(kinds own bin/charges)
  ruled 'wrapper=own_x*,w.match=fn:own_*,c.match=fn:place_own_*'
  # shellcheck disable=SC2046
  everywhere charges $(kinds own c) malloc=bin/charges
  ruled 'w.match=fn:own_*,c.match=fn:place_own_*'
  victim charges own_wrapped=w own_jump=c own_nested=w own_deep=w
}

@test "a wrapper called by a wrapper of another library" {
  ruled 'transparent=libwrap.so|libouter.so'
  everywhere charges twice_wrapped=bin/charges lib_wrapped=bin/charges
  ruled 'transparent=libwrap.so'
  victim charges twice_wrapped=lib/libouter.so
  ruled 'wrapper=xmalloc|xxmalloc'
  everywhere charges twice_wrapped=bin/charges lib_wrapped=bin/charges
}

@test "wrappers without unwind information are looked through where they have a frame pointer" {
  ruled 'transparent=libbare.so|libframed.so'
  # shellcheck disable=SC2046
  everywhere charges $(kinds framed bin/charges)
  everywhere charges bare_alloca=bin/charges bare_realigned=bin/charges bare_jump=bin/charges
  for kind in wrapped nested registers large_frame deep; do victim charges bare_$kind=lib/libbare.so; done
}

@test "more nested wrappers than are looked through" {
  ruled 'transparent=libwrap.so'
  victim charges lib_too_deep=lib/libwrap.so lib_deep=bin/charges
}

@test "unwind=fp and unwind=off" {
  ruled 'transparent=libwrap.so|libframed.so,unwind=fp'
  # shellcheck disable=SC2046
  everywhere charges $(kinds framed bin/charges) malloc=bin/charges
  ruled 'transparent=libwrap.so|libframed.so,unwind=off,a.match=lib:libfirst.so'
  # shellcheck disable=SC2046
  everywhere charges $(kinds framed lib/libframed.so | grep -v jump) framed_jump=bin/charges \
    lib_wrapped=lib/libwrap.so first_wrapped=lib/libwrap.so first=a
}

@test "unwind=fp: what libc leaves in the frame pointer leads nowhere" {
  cat >framed.c <<'C'
#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char *line = NULL, *text;
  size_t room = 0;
  regex_t expression;
  if (regcomp(&expression, "^(a|b)*c[[:digit:]]+(x(y(z)))$", REG_EXTENDED) != 0 || !opendir("/")) return 1;
  for (int i = 0; i < 100; i++)
    if (asprintf(&text, "%d %s %f", i, "abc", 1.5) < 0) return 1;
  FILE *file = fopen("/etc/passwd", "r");
  return !file || getline(&line, &room, file) < 0;
}
C
  gcc -O2 -D_GNU_SOURCE -fno-omit-frame-pointer framed.c -o framed
  "$RATION" run --set unwind=fp --json --output report.json -- ./framed
  jq -e '[.processes[0].categories[] | select(.allocations > 0).name] - ["bin/framed", "lib/libc.so.6"] == []' report.json
}

@test "no libunwind: ordinary functions are looked through all the same" {
  ruled 'transparent=libwrap.so,a.match=lib:libfirst.so'
  # shellcheck disable=SC2016 # the inner shell's
  in_mounts 'for file in /usr/lib/*/libunwind-x86_64.so.8* /lib/*/libunwind-x86_64.so.8*; do
    mount --bind /dev/null "$file" 2>/dev/null; done; true'
  # shellcheck disable=SC2046
  everywhere charges $(kinds lib bin/charges) first_wrapped=a
}

# ---- what libraries do on behalf of a program --------------------------------------------------------------------------

LIBC=(strdup strndup asprintf getline fopen open_memstream opendir regcomp setlocale getaddrinfo qsort printf atexit
  setenv tsearch)

@test "constructors of the program's libraries, which run before the shim's own" {
  local own=lib/libearly.so but_over=libtcmalloc_minimal.so.4 # it cannot tell sizes yet: not counted
  ruled keep=1
  everywhere early $own $own lib/libwrap.so $own
  ruled 'wrapper=x*,made.match=fn:early_static*,lib.match=lib:libearly.so'
  everywhere early lib lib lib made
  ruled 'wrapper=x*,unwind=off'
  victim early $own lib/libc.so.6 lib/libwrap.so $own
}

@test "libc: the blocks are its caller's" {
  ruled 'c.match=fn:place_*'
  everywhere libc_places "${LIBC[@]/%/=c}" pthread_create=c
  options=keep=1 everywhere libc_places "${LIBC[@]/%/=bin/libc_places}" pthread_create=bin/libc_places
  options=keep=1,transparent=none victim libc_places "${LIBC[@]/%/=lib/libc.so.6}"
}

@test "C++: containers, streams, exceptions and threads are their users', by namespaces" {
  ruled 'net.match=fn:_ZN3app3net*,store.match=fn:_ZN3app5store*,wrapper=_ZNSt*|_ZNKSt*|_ZSt*|_ZN9__gnu_cxx*'
  everywhere cxx_places string=net new=net thread=net map=store table=store shared=store stream=store exception=store
}

@test "glib: the blocks are its caller's" {
  ruled 'c.match=fn:place_*,pushed.match=fn:make_item'
  export G_SLICE=always-malloc
  everywhere glib_places malloc=c strdup=c printf=c string=c list=c table=c array=c
}
