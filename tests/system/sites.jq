# sites.jq: the sites of a report, a line for each that lies in main or in a thread of the program:
#
#   FUNCTIONS | CATEGORY LIVE TOTAL PEAK AT-PROCESS'S AT-CATEGORY'S LARGEST SLACK TEMPORARY REALLOCATIONS FLAGS
#
# LIVE and TOTAL are bytes/blocks. Functions are the innermost first; `+` says that one is inlined into the next, `*N`
# that it stands there N times. Those of the C++ library are `std`, those of other modules the module; what lies outside
# of main is left out. Of functions of C++ what compilers say less or more of is left out: parameters, types of results.
def plain: sub("::operator\\(\\)(\\(.*)?$"; "") | sub("\\((?!anonymous)[^()]*(\\([^()]*\\)[^()]*)*\\)( const)?$"; "")
  | gsub("\\(\\)::"; "::") | sub("^void "; "") | gsub("::\\$_[0-9]+"; "::{lambda}");
def name: if .module != $program then .module else .function // "?" end
  | if test("^([a-z:_<>&*, A-Z0-9]* )?(std|__gnu_cxx)::") then "std" else plain end;
def word: name as $name | if .inlined and $name != "std" and .module == $program then "+" + $name else $name end;
def runs: reduce .[] as $word ([]; if .[-1].word == $word then .[-1].times += 1 else . + [{$word, times: 1}] end);
def text: if .times == 1 or .word == "std" or (.word | test("\\.so\\.")) then .word else "\(.word)*\(.times)" end;
def from_main: (map(.function == "main") | index(true)) as $main | if $main then .[: $main + 1] else . end;
.processes[0].sites[]
| select(any(.frames[]; .module == $program) and all(.frames[]; .module != "ld-linux-x86-64.so.2"))
| ([.frames | from_main | .[] | word] | runs | map(text) | join(" < ")) as $stack
| "\($stack) | \(.category) \(.live_bytes)/\(.live_blocks) \(.total_bytes)/\(.total_blocks) \(.peak_bytes) \(
  .at_process_peak_bytes) \(.at_category_peak_bytes) \(.largest_bytes) \(.slack_bytes) \(.temporary_blocks) \(
  .reallocations)\(if .truncated then " truncated" else "" end)\(if .incomplete then " incomplete" else "" end)"
