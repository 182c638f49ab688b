"""Years of invented history, fast: for benchmarks and trials of how Mainstay behaves at size.

`world` reads what is there (services, people, agreements), `calendar` says when things happened, `past`, `present`
and `long` make the rows of ended, open and very long incidents, `tables` says how a row looks in a COPY, and `load`
writes batch by batch. No engine runs: nothing is due because of it, unless armed clocks are asked for.
"""
