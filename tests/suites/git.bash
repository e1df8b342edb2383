# shellcheck shell=bash disable=SC2034,SC2154 # what tests/suites/run sets, and reads
# git.bash: tests of git, of its source, of the git that is installed, for tests/suites/run.

git_program=bash # which starts git again and again, each for a moment

git_parts() {
  echo t00 t10 t13 t53 t55
}

git_prepare() {
  [ -x "$fetched/git/t/helper/test-tool" ] || { echo 'not fetched; tests/suites/fetch git' && return 1; }
}

# git_part PREFIX: the files of that name. Without git's own preload, which would take the shim's place.
git_part() {
  local file
  export GIT_TEST_INSTALLED=/usr/bin TEST_NO_MALLOC_CHECK=1
  cd "$fetched/git/t" || return
  for file in "$1"*.sh; do
    as_told timeout 600 bash "./$file" --root="$scratch/work" | tee /dev/stderr |
      sed -nE "s/^(ok [0-9]+ # skip .*)/skipped $file \1/p; t; s/^(ok [0-9]+.*)/ok $file \1/p; s/^not (ok [0-9]+.*)/failed $file \1/p"
  done
}
