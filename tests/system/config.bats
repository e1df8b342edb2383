#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031 # words in single quotes are other shells' or ration's; a test is a function
# Rule files: `ration config`, `run --config`, and what is said of a file that is wrong.
# once: rule files are read by the reporter alone, whose parts the unit tests look at in each build

load helpers
bats_require_minimum_version 1.5.0

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")

# rules LINE...: writes the rule file `rules`.
rules() {
  printf '%s\n' "$@" >rules
}

# ---- the string -------------------------------------------------------------------------------------------------

@test "config prints the string on one line, fit for a shell" {
  rules '; for a browser' '[options]' 'keep = 1' 'only = "a b", $(touch made), c|d' '' '[category tls]' \
    'match = lib:libssl.so*, lib:libcrypto.so*' '' '[category parser]' 'match = fn:json_*,' '    fn:yy*' \
    '[category cache]' 'match = fn:app::Cache::*' '[category io]' 'match = thread:io-*' '[category big]' 'match = size:>=1M'
  run -0 "$RATION" config rules
  [ "$output" = 'keep=1,only="a b"|$(touch made)|c\|d,tls.match=lib:libssl.so*|lib:libcrypto.so*,parser.match=fn:json_*|fn:yy*,cache.match=fn:_ZN*3app5Cache*,io.match=thread:io-*,big.match=size:>=1M' ]
  local options
  options=$("$RATION" config rules)
  [ "$(RATION_OPTIONS="$options" sh -c 'echo "$RATION_OPTIONS"')" = "$output" ]
  [ ! -e made ]
  "$RATION" config --output string rules
  [ "$(cat string)" = "$output" ]
}

@test "what config prints is what --set and RATION_OPTIONS take" {
  rules '[options]' 'only = a|b, c\,d, [x\,y]*' '[category a/b]' 'match = lib:a|b, fn:std::*, thread:x\;y, size:<=2G'
  local string
  string=$("$RATION" config rules)
  "$RATION" run -q --set "only=*" --set "$string" -- sh -c 'echo "$RATION_OPTIONS"' >out
  [ "$(cat out)" = "only=*,$string" ]
  RATION_OPTIONS=$string "$RATION" run -q -- sh -c 'echo "$RATION_OPTIONS"' >out
  [ "$(cat out)" = "$string" ]
}

@test "config --json has the string, and each rule with its line" {
  rules '[category tls]' 'match = lib:libssl.so*' '  lib:\\x"é' '[category b]' 'match = size:>1'
  "$RATION" config --json rules >report.json
  jq -e '.options == "tls.match=lib:libssl.so*|lib:\\\\x\"é,b.match=size:>1"' report.json
  jq -e '.rules == [{"category": "tls", "match": "lib:libssl.so*", "line": 2},
    {"category": "tls", "match": "lib:\\\\x\"é", "line": 3}, {"category": "b", "match": "size:>1", "line": 5}]' report.json
  : >rules
  "$RATION" config --json rules | jq -e '.options == "" and .rules == []'
}

@test "an empty file, line ends of DOS, a byte order mark, a pipe, a long file" {
  : >rules
  run -0 "$RATION" config rules
  [ -z "$output" ]
  printf '\xef\xbb\xbf[options]\r\nkeep = 1\r\n' >rules
  [ "$("$RATION" config rules)" = keep=1 ]
  printf '[options]\nkeep = 1' | "$RATION" config /dev/stdin >out
  [ "$(cat out)" = keep=1 ]
  { for ((i = 0; i < 20000; i++)); do echo '# a comment like very many others'; done; echo '[options]'; echo keep=1; } >rules
  [ "$("$RATION" config rules)" = keep=1 ]
}

@test "a rule that one before it hides is named, and is no error" {
  rules '[category a]' 'match = lib:x, fn:*' '[category b]' 'match = lib:x' '[category c]' 'match = fn:y, lib:y'
  run -0 --separate-stderr "$RATION" config rules
  [ "$output" = 'a.match=lib:x|fn:*,b.match=lib:x,c.match=fn:y|lib:y' ]
  # shellcheck disable=SC2154
  [ "${#stderr_lines[@]}" = 2 ]
  [ "${stderr_lines[0]}" = 'ration: rules:4: note: `lib:x` is never reached: `lib:x` in line 2 comes first' ]
  [ "${stderr_lines[1]}" = 'ration: rules:6: note: `fn:y` is never reached: `fn:*` in line 2 comes first' ]
}

@test "a backslash is shown as it was written, by config, by the report and by what is said of an error" {
  rules '[category b]' 'match = lib:\,, fn:a\*b'
  "$RATION" config --json rules >rules.json
  [ "$(jq -c '[.rules[].match]' rules.json)" = '["lib:\\,","fn:a\\*b"]' ]
  "$RATION" run --json --output report.json --config rules -- ls >/dev/null
  [ "$(jq -c '[.processes[0].rules_unmatched[].rule]' report.json)" = '["lib:\\,","fn:a\\*b"]' ]
  "$RATION" run --output report --config rules -- ls >/dev/null
  grep -Fx '  no block matched: b: lib:\,, fn:a\*b' report
  rules '[options]' 'only = a\'
  refuses 2 'ration: rules:2: `a\\` ends in a backslash; *' config rules
}

# ---- run --config -----------------------------------------------------------------------------------------------

@test "run --config: the file, then RATION_OPTIONS, then --set" {
  rules '[options]' 'keep = 0' '[category a]' 'match = fn:app::f'
  RATION_OPTIONS='verbose=0,b.match=fn:::g' "$RATION" run -q --config rules --set 'memory=0' -s 'c.match=lib:c' -- \
    sh -c 'echo "$RATION_OPTIONS"' >out
  [ "$(cat out)" = 'keep=0,a.match=fn:_ZN*3app1f[BEI]*,verbose=0,b.match=fn:_Z1g*,memory=0,c.match=lib:c' ]
  "$RATION" run -q -c rules -- sh -c 'echo "$RATION_OPTIONS"' >out
  [ "$(cat out)" = 'keep=0,a.match=fn:_ZN*3app1f[BEI]*' ]
}

@test "an option of the file is in force, and one of --set above it" {
  rules '[options]' 'keep = 1'
  "$RATION" run -q --config rules -- true
  [ "$(find "$RATION_DIR" -name 'ration.*' | wc -l)" = 1 ]
  "$RATION" clean >/dev/null
  "$RATION" run -q --config rules --set keep=0 -- true
  [ "$(find "$RATION_DIR" -name 'ration.*' | wc -l)" = 0 ]
}

# blocks CATEGORY: how many live blocks the category of that name has in report.json; nothing, where there is none.
blocks() {
  jq -r --arg name "$1" '.processes[0].categories[] | select(.name == $name) | .live_blocks' report.json
}

@test "fn: is compared with the function that asks, not with those further out" {
  cat >program.c <<'C'
#include <stdlib.h>
static void *json_new_node(void) { return malloc(100); }
static void *parse_json(void) { void *node = json_new_node(); return node; }
static void *main_loop(void) { void *node = parse_json(); return node; }
int main(void) { return main_loop() == NULL; }
C
  gcc -O0 -fno-builtin program.c -o program
  rules '[category loop]' 'match = fn:main_loop' '[category parser]' 'match = fn:parse_*' '[category json]' 'match = fn:json_*'
  "$RATION" run --json -o report.json --config rules -- ./program
  [ "$(blocks json)" = 1 ]
  [ -z "$(blocks parser)$(blocks loop)" ] || [ "$(blocks parser) $(blocks loop)" = '0 0' ]
  # But where the one that asks is a wrapper, its caller does.
  "$RATION" run --json -o report.json --config rules --set wrapper=json_new_node -- ./program
  [ "$(blocks parser)" = 1 ]
}

@test "the first rule of the file wins, and a list of --set stands behind it" {
  printf '#include <stdlib.h>\nint main(void) { return !malloc(5000); }\n' >program.c
  gcc -O0 -fno-builtin program.c -o program
  rules '[category big]' 'match = size:>=4K' '[category own]' 'match = lib:program'
  "$RATION" run --json -o report.json --config rules -- ./program
  [ "$(blocks big)" = 1 ]
  "$RATION" run --json -o report.json --config rules --set 'big.match=size:>=4K' -- ./program
  [ "$(blocks own)" = 1 ]
}

@test "C++ names name rules, and wrappers in the standard library" {
  cat >program.cc <<'CC'
#include <vector>
namespace app {
struct Index { std::vector<int> *numbers; void fill(); };
void Index::fill() { static std::vector<int> kept; kept.resize(1000); numbers = &kept; }
}
int main() { app::Index index; index.fill(); return index.numbers->size() != 1000; }
CC
  g++ -O0 program.cc -o program
  rules '[options]' 'wrapper = std::*, __gnu_cxx::*' '[category index]' 'match = fn:app::Index::*'
  "$RATION" run --json -o report.json --config rules -- ./program
  jq -e '.processes[0].categories[] | select(.name == "index") | .allocations == 1 and .requested_bytes == 4000' report.json
  "$RATION" run --json -o report.json --config rules --set wrapper= -- ./program
  jq -e '[.processes[0].categories[] | select(.name == "index") | .allocations] | add // 0 == 0' report.json
}

# ---- bad input ----------------------------------------------------------------------------------------------------

# wrong PLACE WORDS: `config` and `run --config` say so of the file `rules`, with status 2, and nothing runs.
wrong() {
  refuses 2 "ration: rules$1: $2" config rules
  refuses 2 "ration: rules$1: $2" run --config rules -- touch ran
  [ ! -e ran ]
}

@test "what a file holds and must not is named with its line, and nothing runs" {
  rules '' '[colours]'
  wrong :2 '`\[colours]` is no section; expected \[options] or \[category NAME]'
  rules '[options]' 'kep = 1'
  wrong :2 '`kep` is no option; there are keep, *, report-signal, heap, harden, decay'
  rules '[category a]' 'match = lib:a' 'colour = red'
  wrong :3 '`colour` is no property of a category; there are match, budget, *'
  rules 'keep = 1'
  wrong :1 '`keep` stands in no section; expected \[options] or \[category NAME] above it'
  rules '[category a]' 'match = size:>=1X'
  wrong :2 '`size:>=1X`: expected >=, >, <=, < or = and a size: *'
  rules '[category a]' 'match = lib:a,' '  lib:[b'
  wrong :3 '`\[b`: its `\[` is never closed; expected *'
  rules '[category a]' 'match = lib:a\'
  wrong :2 '* ends in a backslash; *'
  rules '[category a]' 'match = lib:a,,lib:b'
  wrong :2 '*: expected globs parted by ,'
  rules '[category a]' 'match = library:a'
  wrong :2 '`library:a`: expected lib:, fn:, thread: or size: before the glob'
  rules '[category a]' '[category b]' '[category a]'
  wrong :3 '`\[category a]` stands in line 1 already; expected one section of each name'
  rules '[category a b]'
  wrong :1 '`a b` is no category; expected letters, digits *'
  rules '[category total]' 'match = lib:a'
  wrong :2 '`total` is the sum of all categories, *'
  rules '[category other]' 'match = lib:a'
  wrong :2 '`other` is where blocks go *'
  rules '[options]' 'keep 1'
  wrong :2 '`keep 1` is no setting; expected NAME = VALUE'
  rules '[options]' 'harden = 2'
  wrong :2 '`harden=2`: expected one of 0, 1'
  rules '[options]' 'heap = nonsense'
  wrong :2 '`heap=nonsense`: expected one of system, page'
  rules '[options]' 'decay = 1s'
  wrong :2 '`decay=1s`: milliseconds, at most 86400000 (a day), or never expected'
  local value
  for value in '' 512 512X 0x10 -1 2T auto auto: auto:0% auto:101% auto:1 of On; do
    rules '[options]' "sample = $value"
    if [ "$value" = 512 ]; then
      [ "$("$RATION" config rules)" = sample=512 ]
    else
      wrong :2 "\`sample=*\`: 0, off, on, a size from 1 to 1T, or a share like auto:1% (over 0, at most 100) expected"
    fi
  done
  rules '[category a]' 'match = fn:app::Box<int>::get'
  wrong :2 '`app::Box<int>::get`: templates cannot be matched by their arguments; expected *'
}

@test "a budget that cannot be is named with its line, and nothing runs" {
  local limit='a size from 1 to 127T, a share like 40% (over 0, at most 100), ram:50%, cgroup:80% or none expected'
  local value
  for value in 101% 0% -1 -40% 0 128T 4X 99999999999999999999 '1M 2M' ram:0% cgroup:4M; do
    rules '[category total]' 'budget = 1G' '[category a]' "budget = $value"
    wrong :4 "\`budget=$value\`: $limit"
  done
  for value in 80/60/90/95 60/80/90 60/80/90/101 60/60/90/95 -60/80/90/95; do
    rules '[category a]' 'budget = 1M' "thresholds = $value"
    wrong :3 "\`thresholds=$value\`: four percentages in ascending order, *"
  done
  rules '[category a]' 'policy = deny'
  wrong :2 '`policy=deny`: expected one of notify, refuse, abort'
  rules '[category a]' 'budget = 1M' 'reserve = cgroup:5%'
  wrong :3 '`reserve=cgroup:5%`: a size, a share of the budget like 5%, or none expected'
  rules '[category a]' 'budget = 1M' 'dump = often'
  wrong :3 '`dump=often`: breach, peak:+SIZE, *'
  rules '[category a]' 'fail = every:0'
  wrong :2 '`fail=every:0`: every:N, share:P% or none expected'
  rules '[category total]' 'budget = 40%'
  wrong :2 '`total` is a part of nothing else, so `40%` is no budget; *'
  rules '[category a]' 'budget = 1M' '[category b/c]' '' 'budget = 40%'
  wrong :5 '`b/c` is `40%` of nothing; expected a budget of a category above it, such as `total`'
  rules '[category a]' 'reserve = 1M' 'budget = 1M'
  wrong :2 'the reserve of `a`, `1M`, takes all of its budget; *'
  rules '[category a]' 'budget = 1M' 'grace = 4K'
  wrong :3 '`a` has a grace and no reserve; *'
  rules '[category a]' 'budget = 1M' 'budget = 2M'
  wrong :3 '`budget` is set in line 2 already; *'
  rules '[category total/a]' 'budget = 1M'
  wrong :1 '`total/a` is no category: all lie below `total`; *'
  rules '[options]' 'outside = host'
  wrong :2 '`outside=host`: expected one of cgroup, psi, off'
}

@test "budgets of a file, RATION_OPTIONS and --set are checked together, and who gave the wrong one is named" {
  rules '[category a]' 'budget = 40%'
  run -0 "$RATION" run -q --config rules --set total=4G -- sh -c 'echo "$RATION_OPTIONS"'
  [ "$output" = a.budget=40%,total=4G ]
  refuses 2 'ration: rules:2: `a` is `40%` of nothing; *' run --config rules --set b=4M -- touch ran
  RATION_OPTIONS=b=30% refuses 2 'ration: RATION_OPTIONS: `b` is `30%` of nothing; *' run --set c=4M -- touch ran
  RATION_OPTIONS=total=4G refuses 2 'ration: --set: `total` is a part of nothing *' run -c rules -s total=40% -- touch ran
  refuses 2 'ration: --set: `rendering=130%`: a size from 1 to 127T, *' run --set total=1G,rendering=130% -- touch ran
  refuses 2 'ration: --set: `rendring=30` is no option; *' run --set rendring=30 -- touch ran
  refuses 2 'ration: --set: `total` has a grace and no reserve; *' run -s total=1G -s total.grace=4K -- touch ran
  [ ! -e ran ]
}

@test "budgets that add up to more than the one above them are noted, and what does nothing" {
  rules '[category total]' 'budget = 1G' '[category a]' 'budget = 60%' '[category b]' 'budget = 512M' 'match = lib:b' \
    '[category c]' 'policy = refuse' 'reserve = 1M'
  run -0 --separate-stderr "$RATION" config rules
  [ "$output" = 'total.budget=1G,a.budget=60%,b.budget=512M,b.match=lib:b,c.policy=refuse,c.reserve=1M' ]
  [ "${#stderr_lines[@]}" = 2 ]
  [ "${stderr_lines[0]}" = 'ration: rules:2: note: the budgets below `total` add up to more than its own 1.0 GiB, by 102.4 MiB' ]
  [ "${stderr_lines[1]}" = 'ration: rules:10: note: `reserve` of `c` does nothing: it has no budget' ]
}

@test "config --json has the budgets, each with its line and, where it is known here, its limit" {
  rules '[category total]' 'budget = 1G' 'reserve = 5%' '[category a]' 'policy = refuse' 'budget = 25%' \
    '[category b]' 'dump = breach, peak:+1M' 'budget = ram:10%'
  "$RATION" config --json rules >report.json
  jq -e '[.budgets[] | [.category, .budget, .policy, .reserve, .grace, .dump, .limit_bytes, .line]] == [
    ["total", "1G", null, "5%", null, null, 1073741824, 2], ["a", "25%", "refuse", null, null, null, 268435456, 5],
    ["b", "ram:10%", null, null, null, "breach|peak:+1M", null, 8]]' report.json
}

@test "budgets of a file are in force" {
  rules '[options]' 'keep = 1' '[category total]' 'budget = 64M' 'policy = refuse' '[category lib/libc.so.6]' 'budget = 50%'
  "$RATION" run -q --config rules -- python3 -c '
try:
    bytearray(80 << 20)
except MemoryError:
    print("refused")' >out
  [ "$(cat out)" = refused ]
}

@test "300 categories, 100 KB in one line, a byte 0, a binary" {
  for ((i = 0; i < 300; i++)); do printf '[category c%d]\nmatch = lib:a\n' "$i"; done >rules
  wrong :501 '`c250` is one category too many; expected at most 250, with those above them'
  printf '[category a]\nmatch = lib:%0100000d\n' 0 >rules
  wrong :2 '100004 bytes of globs in all `match` lists; expected at most 65536'
  printf '[options]\nkeep = %0100000d\n' 0 >rules
  wrong :2 '`keep=000*`: expected one of 0, 1'
  printf '[options]\nkeep = 1\n\0' >rules
  wrong :3 'holds a byte 0; expected a rule file, which is text'
  head -c 100000 "$RATION" >rules
  wrong ':*' 'holds a byte 0; *'
  head -c 2000000 /dev/zero | tr '\0' ';' >rules
  wrong '' 'is longer than 1048576 bytes; expected a rule file'
}

@test "file and --set together must have room, too" {
  for ((i = 0; i < 250; i++)); do printf '[category c%d]\nmatch = lib:a\n' "$i"; done >rules
  run -0 "$RATION" config rules
  refuses 2 'ration: run: `d` is one category too many; *' run --config rules --set d.match=lib:b -- touch ran
  refuses 2 'ration: --set: `app::f()`: argument lists *' run --set 'd.match=fn:app::f()' -- touch ran
  refuses 2 'ration: --config: given twice; *' run --config rules --config rules -- touch ran
  refuses 2 'ration: config: no rule file to check; *' config
  [ ! -e ran ]
}

@test "a file that cannot be read is named: status 3, of run 125" {
  mkdir folder
  refuses 3 'ration: none: cannot be read: No such file or directory; expected a rule file' config none
  refuses 3 'ration: folder: cannot be read: Is a directory; expected a rule file' config folder
  refuses 125 'ration: none: cannot be read: No such file or directory; *' run --config none -- touch ran
  refuses 125 'ration: folder: cannot be read: Is a directory; *' run --config folder -- touch ran
  [ ! -e ran ]
}

@test "random bytes crash nothing" {
  rules '[options]' 'keep = 1' '[category tls]' 'match = lib:libssl.so*, fn:app::Cache::*,' '  size:>=1M, thread:[a-z]*'
  cp rules sound
  for ((i = 0; i < 100; i++)); do
    cp sound rules
    dd if=/dev/urandom of=rules bs=1 count=2 seek=$((RANDOM % 90)) conv=notrunc status=none
    run "$RATION" config rules
    [ "$status" = 0 ] || [ "$status" = 2 ]
  done
}

# ---- C++ names ------------------------------------------------------------------------------------------------------

# build_fitting: builds `fitting GLOBS`, which prints those lines that one of the globs, parted by |, fits, as the shim
# would find: with its matcher.
build_fitting() {
  cat >fitting.c <<'C'
#include <stdio.h>
#include <string.h>
#include "base/glob.h"
int main(int count, char **arguments) {
  char symbol[4096];
  while (count == 2 && fgets(symbol, sizeof symbol, stdin)) {
    symbol[strcspn(symbol, "\n")] = 0;
    for (const char *glob = arguments[1]; *glob; glob += strcspn(glob, "|"), glob += *glob == '|') {
      if (!glob_fits(glob + 3, strcspn(glob, "|") - 3, symbol)) continue; /* behind fn: */
      puts(symbol);
      break;
    }
  }
  return count != 2;
}
C
  gcc -I"$ROOT/src" fitting.c -o fitting
}

# fits NAME DEMANGLED...: these are the functions that the name fits.
fits() {
  rules '[category a]' "match = fn:$1"
  local string
  string=$("$RATION" config rules)
  shift
  ./fitting "${string#a.match=}" <symbols | c++filt | sort -u >got
  printf '%s\n' "$@" | sort -u >wanted
  diff wanted got
}

@test "C++ names fit the symbols that gcc and clang give" {
  build_fitting
  cat >program.cc <<'CC'
#include <list>
#include <string>
#include <vector>
struct Free {};
namespace app {
template <class T> struct Box { T value; __attribute__((noinline)) T get() const { return value; } };
class Cache {
public:
  Cache(); virtual ~Cache();
  int insert(int); int insert(int, long); int insert_all(); int begins();
  int size() const; int take() &; int seen() const volatile;
  std::string name() const;
  template <class T> int put(T) { return 1; }
  struct Entry { int read(); };
  static int ready;
};
Cache::Cache() {} Cache::~Cache() {}
int Cache::insert(int) { return 1; } int Cache::insert(int, long) { return 2; }
int Cache::insert_all() { return 1; } int Cache::begins() { return 1; }
int Cache::size() const { return 1; } int Cache::take() & { return 1; } int Cache::seen() const volatile { return 1; }
std::string Cache::name() const { return "name"; }
int Cache::Entry::read() { return 1; }
struct Cache2 { int insert(int); };
int Cache2::insert(int) { return 1; }
int run(Cache &) { return 1; }
namespace { __attribute__((noinline, used)) int run() { return 1; } }
__attribute__((noinline, used)) static int quiet() { return 1; }
}
namespace util { int show(app::Cache &) { return 1; } }
int parse(const char *) { return 1; }
int parse_json(const char *) { return 1; }
extern "C" int plain(void) { return 1; }
int count(const std::vector<int> &numbers) { return (int)numbers.size(); }
int use(std::list<int> &list) { list.push_back(1); return app::Cache().put(1) + app::Box<int>{1}.get() + (int)list.size(); }
CC
  for compiler in g++ clang++; do
    "$compiler" -std=c++17 -O0 -c program.cc -o program.o
    nm --defined-only program.o | awk '$2 ~ /[tTwW]/ { print $3 }' >symbols
    grep -q _ZN3app5Cache6insertEi symbols
    fits app::Cache::insert 'app::Cache::insert(int)' 'app::Cache::insert(int, long)'
    fits 'app::Cache::ins*' 'app::Cache::insert(int)' 'app::Cache::insert(int, long)' 'app::Cache::insert_all()'
    fits app::Cache::size 'app::Cache::size() const'
    fits app::Cache::seen 'app::Cache::seen() const volatile'
    fits app::Cache::take 'app::Cache::take() &'
    fits app::Cache::name 'app::Cache::name[abi:cxx11]() const'
    fits app::Cache::put 'int app::Cache::put<int>(int)'
    fits app::Cache::Cache 'app::Cache::Cache()'
    fits app::Cache::~Cache 'app::Cache::~Cache()'
    fits 'app::*::read' 'app::Cache::Entry::read()'
    fits 'app::Box*::get' 'app::Box<int>::get() const'
    fits app::run 'app::run(app::Cache&)'
    fits 'app::*run' 'app::run(app::Cache&)' 'app::(anonymous namespace)::run()'
    fits 'app::*quiet' 'app::quiet()'
    fits ::parse 'parse(char const*)'
    fits 'std::vec*::size' 'std::vector<int, std::allocator<int> >::size() const'
    fits 'app::Cache::*' 'app::Cache::Cache()' 'app::Cache::~Cache()' 'app::Cache::insert(int)' \
      'app::Cache::insert(int, long)' 'app::Cache::insert_all()' 'app::Cache::begins()' 'app::Cache::size() const' \
      'app::Cache::take() &' 'app::Cache::seen() const volatile' 'app::Cache::name[abi:cxx11]() const' \
      'int app::Cache::put<int>(int)' 'app::Cache::Entry::read()' \
      'util::show(app::Cache&)' # an argument in another namespace: the one that ration-config(5) tells of
    rules '[category a]' 'match = fn:std::*'
    ./fitting "$("$RATION" config rules | sed 's/^a.match=//')" <symbols | c++filt >got
    grep -q '^std::__cxx11::list<int, .*>::push_back(int&&)$' got
    if grep -v '^\(.* \)\?std::' got; then false; fi
    rules '[category a]' 'match = fn:std::__cxx11::list::*'
    ./fitting "$("$RATION" config rules | sed 's/^a.match=//')" <symbols | c++filt >got
    grep -q '::push_back(int&&)$' got
    if grep -v 'std::__cxx11::list<.*>::' got || grep '^use' got; then false; fi
  done
}

# ---- the man page -----------------------------------------------------------------------------------------------------

@test "ration-config(5) has the limit of categories" {
  MANWIDTH=80 man -l "$ROOT/docs/man/ration-config.5" >shown
  grep -q '^ *250 *categories' shown
}

@test "the rule files of ration-config(5) are right" {
  # Each example between .EX and .EE that begins with a section.
  awk '/^\.EX/ { file = ""; next } /^\.EE/ { file = "" ; next }
    file == "" && /^\[/ { file = "example" ++count } file == "" { file = "other" } { print > file }' \
    <(sed 's/\\-/-/g' "$ROOT/docs/man/ration-config.5")
  [ "$(ls example* | wc -l)" = 4 ]
  local example
  for example in example*; do
    run -0 "$RATION" config "$example"
    [ -n "$output" ]
  done
}
