# words.pl: strings that grow, in a hash: many small blocks, many of them resized.
my %seen;
for my $i (1 .. 120_000) {
  my $key = "key" . ($i * 7919 % 50_021);
  $seen{$key} .= join(",", map { $_ * $i } 1 .. 3);
}
my $length = 0;
$length += length $seen{$_} for sort keys %seen;
print "$length\n";
