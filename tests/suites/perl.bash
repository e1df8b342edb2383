# shellcheck shell=bash disable=SC2034,SC2154 # what tests/suites/run sets, and reads
# perl.bash: perl's core tests, of its source, run by the perl that is installed, for tests/suites/run.

perl_program=perl

perl_parts() {
  echo base io op re uni
}

perl_prepare() {
  [ -d "$fetched/perl/t" ] || { echo 'not fetched; tests/suites/fetch perl' && return 1; }
}

# perl_files PART: its test files. Without some of regular expressions: for minutes they do nothing else, or never end,
# without the shim, too.
perl_files() {
  case $1 in
  base) ls {base,cmd,comp,opbasic,lib}/*.t ;;
  re) find re -name '*.t' | grep -Ev '_thr|anyof|fold_grind|uniprops|psycho|speed|trie|bigfuzzy' | sort ;;
  uni) ls {uni,mro}/*.t ;;
  *) ls "$1"/*.t ;;
  esac
}

perl_part() {
  cd "$fetched/perl/t" || return
  # shellcheck disable=SC2046 # a word a file
  as_told timeout 1800 ./perl TEST $(perl_files "$1") | tee /dev/stderr |
    sed -nE 's|^t/(\S+) \.+ ?(ok)$|\2 \1|p; s|^t/(\S+) \.+ ?(skipped).*|\2 \1|p; s|^t/(\S+) \.+ ?FAILED.*|failed \1|p'
}
