"""What tellmetry costs, measured: instructions by callgrind, times only as ratios inside one run."""
