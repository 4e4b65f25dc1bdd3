"""How good the alerts are: months of simulated traffic with incidents, judged in a real Prometheus.

    python tests/suite.py env simulate        # numpy; prints the interpreter for
    python -m bench.alerts                    # all seeds: bench/results/alerts.json and the table of docs/alerts.md

`world` is who calls what, `incidents` what goes wrong and which alert must say so, `traffic` turns both into the counters
and histograms that our Collector derives, under the names and labels of `tellmetry.names`. `walk` writes them into
Prometheus, half a day at a time, and evaluates the shipped rules as Prometheus does: each record and each alert's
expression is a range query at the interval of its group, records are written back (with the marker that ends a series),
`lifecycle` adds `for`, `keep_firing_for` and the shipped inhibition. A rule manager cannot be asked to evaluate the past,
and promtool back-fills records only; that the life of an alert is the same is checked against promtool, in
tests/bench/test_lifecycle.py. Alerts are evaluated half a minute after the records, as groups may be.
"""
