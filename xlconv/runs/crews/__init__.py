"""Who checks the files of a run: this process, processes of this machine, or a cluster.

Each is told the standards once and then takes one file at a time; none knows of caches,
baselines or the order of files.
"""
