"""How Mainstay starts: its home folder, its embedded servers, its processes.

Nothing here imports Django: settings import `home` and `urls`, and the supervisor has to be able to
speak when Django cannot start.

    home.py      where everything lies, and as whom the servers run
    binaries.py  the servers' programs inside the wheels
    kernel.py    spawning, process groups, leftovers of a killed run
    postgres.py redis_server.py servers.py   the embedded servers
    state.py     the lock and the file that tells other commands where the servers are
    urls.py      DATABASE_URL and REDIS_URL, given or embedded
    specs.py     the table of what runs
    processes.py children: start, restart with back-off, stop
    run.py       `make run` from first line to last
"""
